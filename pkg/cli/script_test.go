package cli_test

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

var update = flag.Bool("update", false, "rewrite the expected files of the stories")

// TestMain lets a story run the real program in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(tidily{m}, map[string]func(){
		"stageward": func() {
			os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System{
				Getenv: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now, Random: rand.Reader, Transport: panicking(os.Getenv),
			}))
		},
	})
}

// TestStories runs the user stories in testdata/script. Beside testscript's
// own commands a story has these:
//
//	github FILE                    an in-process GitHub begins, with the world in FILE
//	event NAME REF ACTOR [KEY=V …] the environment of the run that the event starts;
//	                               KEY is triggering-actor, attempt, commit or an INPUT_ variable
//	act CODE                       "stageward action" ends with this exit code
//	try CODE ARGUMENT…             "stageward ARGUMENT…" ends with this exit code
//	output NAME [VALUE]            the step set this output; sha:NAME, or <sha of NAME> in it, stands for the id of a commit
//	keep VARIABLE NAME             a variable of the story gets the value of an output
//	deployments [RECORD…]          GitHub has just these records, oldest first; each is
//	                               an environment, a colon and its states, oldest first
//	asked REQUESTS                 how many requests act or try sent
//	runner [COMMAND…]              a runner obeys just these commands of act, reads
//	                               just the outputs of action.yml, and sees no token
//	grow WORLD COUNT COMMIT HOW    COUNT checks with long names are added at the
//	                               end of the file WORLD; HOW is their conclusion
func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[storyKey{}] = &story{t: env.T().(testing.TB)}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"github": startGitHub, "event": becomeRun, "act": act, "try": try, "output": checkOutput, "asked": checkAsked,
			"runner": playRunner, "grow": growWorld, "keep": keepOutput, "deployments": checkDeployments,
		},
	})
}

type storyKey struct{}

// story is what the commands of one story share.
type story struct {
	t      testing.TB
	server *githubtest.Server
	before int      // requests before the last act or try
	inputs []string // variables of the last event's inputs
}

func of(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

func startGitHub(ts *testscript.TestScript, _ bool, args []string) {
	world, err := githubtest.ParseWorld([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	server, err := githubtest.New(world)
	ts.Check(err)
	listening, err := server.StartTLS()
	ts.Check(err)
	ts.Defer(func() {
		listening.Close()
		of(ts).closing(server)
	})
	certificate := ts.MkAbs("github.pem")
	ts.Check(os.WriteFile(certificate, listening.CertPEM, 0o600))
	ts.Setenv("SSL_CERT_FILE", certificate)
	ts.Setenv("GITHUB_TOKEN", server.Token())
	ts.Setenv("PEOPLE_TOKEN", server.PeopleToken()) // for a story to pass on
	ts.Setenv("GITHUB_SERVER_URL", listening.URL)
	of(ts).server = server
}

// closing judges what a GitHub saw, at the end of a story. It must not call
// ts.Fatalf: that panics, and nothing catches it once the last line has run. A
// story that failed before the end had no chance to use every fault.
func (s *story) closing(server *githubtest.Server) {
	unused, failed := server.UnusedFaults(), s.t.Failed()
	if violations := server.Violations(); len(violations) > 0 {
		s.t.Errorf("GitHub was asked what it would refuse:\n%s", strings.Join(violations, "\n"))
	}
	if len(unused) > 0 && !failed {
		s.t.Errorf("faults that never happened:\n%s", strings.Join(unused, "\n"))
	}
}

func becomeRun(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: event NAME REF ACTOR [KEY=VALUE …]")
	}
	event := githubtest.Event{Name: args[0], Ref: args[1], Actor: args[2]}
	inputs := map[string]string{"INPUT_TOKEN": of(ts).server.Token(), "INPUT_POLICY": actions.DefaultPolicy}
	for _, pair := range args[3:] {
		key, value, _ := strings.Cut(pair, "=")
		switch key {
		case "triggering-actor":
			event.TriggeringActor = value
		case "commit":
			event.Commit = value
		case "attempt":
			attempt, err := strconv.Atoi(value)
			ts.Check(err)
			event.Attempt = attempt
		default:
			inputs[key] = value
		}
	}
	run, err := of(ts).server.Run(event)
	ts.Check(err)
	for _, name := range of(ts).inputs {
		ts.Setenv(name, "")
	}
	of(ts).inputs = slices.Sorted(maps.Keys(inputs))
	maps.Copy(run.Env, inputs)
	for _, name := range slices.Sorted(maps.Keys(run.Env)) {
		ts.Setenv(name, run.Env[name])
	}
	ts.Setenv("GITHUB_WORKSPACE", ts.MkAbs("."))
	for variable, content := range map[string][]byte{
		"GITHUB_EVENT_PATH": run.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {},
	} {
		file := ts.MkAbs(strings.ToLower(variable))
		ts.Check(os.WriteFile(file, content, 0o600))
		ts.Setenv(variable, file)
	}
}

func act(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: act CODE")
	}
	try(ts, false, append(args, "action"))
}

func try(ts *testscript.TestScript, _ bool, args []string) {
	if of(ts).server != nil {
		of(ts).before = len(of(ts).server.Requests())
	}
	code := 0
	if err := ts.Exec("stageward", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run stageward: %v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	checkSchemas(ts, args[1:])
}

// idsIn finds the ids of commits that a text stands for.
var idsIn = regexp.MustCompile(`<sha of ([^>]+)>`)

func checkOutput(ts *testscript.TestScript, neg bool, args []string) {
	outputs := parseOutputs(ts.ReadFile("github_output"))
	want := ""
	if len(args) > 1 {
		want = args[1]
	}
	if name, ok := strings.CutPrefix(want, "sha:"); ok {
		want = of(ts).server.SHA(name)
	}
	want = idsIn.ReplaceAllStringFunc(want, func(id string) string { return of(ts).server.SHA(idsIn.FindStringSubmatch(id)[1]) })
	got, set := outputs[args[0]]
	if (set && got == want) == neg {
		ts.Fatalf("output %s is %q (set: %t), want %q", args[0], got, set, want)
	}
}

// parseOutputs reads an output file the way the runner does: the name and a
// delimiter, lines of the value, the delimiter alone on a line.
func parseOutputs(text string) map[string]string {
	outputs := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
			if name, value, plain := strings.Cut(lines[i], "="); plain {
				outputs[name] = value
			}
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		outputs[name] = strings.Join(value, "\n")
	}
	return outputs
}

func checkAsked(ts *testscript.TestScript, _ bool, args []string) {
	requests := of(ts).server.Requests()[of(ts).before:]
	if want := args[0]; strconv.Itoa(len(requests)) != want {
		ts.Fatalf("%d requests, want %s: %v", len(requests), want, requests)
	}
}
