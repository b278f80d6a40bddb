package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

//go:embed world.yml
var world []byte

//go:embed release.yml
var release []byte

// act is a repository with what happens in it.
type act struct {
	title  string
	world  []byte
	scenes []scene
}

// scene is one workflow run.
type scene struct {
	title string
	event githubtest.Event
	exit  int // what the action has to answer
	// inputs are what the workflow says to the action, by the names that a runner
	// gives them.
	inputs map[string]string
}

// acts are the way of one change to production with four short cuts, by a
// preset; then releases where the policy asks for all of the practice, an audit, and
// a release that has to wait.
func acts() []act {
	return []act{
		{"A preset, with two lines of the team's own", world, []scene{
			{"Ben pushes to the dev branch", githubtest.Event{Ref: "refs/heads/dev", Actor: "ben"}, 0, nil},
			{"Olga merges the reviewed change on the website", githubtest.Event{Ref: "refs/heads/main", Actor: "olga"}, 0, nil},
			{"Olga pushes the signed release tag", githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 0, nil},
			{"Max tags a release and does not sign it", githubtest.Event{Ref: "refs/tags/v1.5.0", Actor: "max"}, 1, nil},
			{"Max signs a release of a branch nobody merged", githubtest.Event{Ref: "refs/tags/v1.6.0", Actor: "max"}, 1, nil},
			{"Max runs the workflow on a branch that maps to no stage", githubtest.Event{Name: "workflow_dispatch", Ref: "refs/heads/hotfix", Actor: "max"}, 1, nil},
			{"Somebody signs a release with the key that Pia took off her account", githubtest.Event{Ref: "refs/tags/v1.7.0", Actor: "pia"}, 1, nil},
		}},
		{"All of the practice: quality, people, paper and time", release, []scene{
			{"Olga releases what was tested, planned and approved", githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 0, nil},
			{"Olga releases an older version that nobody prepared", githubtest.Event{Ref: "refs/tags/v1.3.0", Actor: "olga"}, 1, nil},
			{"Olga goes back to the version before that, which was there once", githubtest.Event{Name: "workflow_dispatch", Ref: "refs/tags/v1.2.0", Actor: "olga"}, 0, map[string]string{"INPUT_ROLLBACK": "true"}},
			{"Olga looks at how the repository is set up", githubtest.Event{Name: "workflow_dispatch", Ref: "refs/heads/main", Actor: "olga"}, 1, map[string]string{"INPUT_COMMAND": "audit"}},
		}},
		{"The same release, before somebody has answered for security", earlier(), []scene{
			{"Olga releases, and one approval is not there yet", githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 1, nil},
		}},
	}
}

// earlier is the repository of the releases without what happened last in it: the
// last line says who answered for security.
func earlier() []byte {
	return release[:bytes.LastIndexByte(bytes.TrimSpace(release), '\n')+1]
}

// run plays every scene and prints what a reader would see. It returns an
// error when a scene ends otherwise than it has to.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(out)
	keep := flags.String("keep", "", "folder to keep the job summaries, outputs and facts in")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	scenes, requests := 0, 0
	for _, each := range acts() {
		fmt.Fprintf(out, "\n%s\n%s\n", strings.Repeat("#", 78), each.title)
		asked, err := each.play(ctx, *keep, scenes, out)
		if err != nil {
			return err
		}
		scenes, requests = scenes+len(each.scenes), requests+asked
	}
	fmt.Fprintf(out, "\nAll %d scenes ended as they have to, with %d requests.\n", scenes, requests)
	return nil
}

// play plays the scenes of an act, counting on from those before, and returns
// how many requests they took.
func (a act) play(ctx context.Context, keep string, before int, out io.Writer) (requests int, err error) {
	theatre, err := open(a.world, keep)
	if err != nil {
		return 0, err
	}
	defer theatre.close()
	for i, each := range a.scenes {
		number := before + i + 1
		fmt.Fprintf(out, "\n%s\n%d. %s\n%s\n\n", strings.Repeat("=", 78), number, each.title, strings.Repeat("=", 78))
		code, err := theatre.play(ctx, number, each, out)
		if err != nil {
			return 0, err
		}
		if code != each.exit {
			return 0, fmt.Errorf("scene %d, %q: exit code %d, want %d", number, each.title, code, each.exit)
		}
	}
	if violations := theatre.server.Violations(); len(violations) > 0 {
		return 0, fmt.Errorf("the in-process GitHub was asked what GitHub would refuse: %s", strings.Join(violations, "; "))
	}
	return len(theatre.server.Requests()), nil
}

// theatre is the in-process GitHub and a folder for the runner's files.
type theatre struct {
	server    *githubtest.Server
	listening *githubtest.Listening
	folder    string
	temporary bool
}

func open(world []byte, keep string) (*theatre, error) {
	parsed, err := githubtest.ParseWorld(world)
	if err != nil {
		return nil, err
	}
	server, err := githubtest.New(parsed)
	if err != nil {
		return nil, err
	}
	folder, temporary := keep, keep == ""
	if temporary {
		if folder, err = os.MkdirTemp("", "stageward-demo-"); err != nil {
			return nil, err
		}
	} else if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	listening, err := server.StartTLS()
	if err != nil {
		return nil, err
	}
	return &theatre{server: server, listening: listening, folder: folder, temporary: temporary}, nil
}

func (t *theatre) close() {
	t.listening.Close()
	if t.temporary {
		_ = os.RemoveAll(t.folder) //nolint:errcheck // the system clears its temporary files anyway
	}
}

// play runs the action the way a runner would, prints its log, and returns its
// exit code.
func (t *theatre) play(ctx context.Context, number int, each scene, out io.Writer) (int, error) {
	env, err := t.environment(number, each)
	if err != nil {
		return 0, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.listening.CertPEM)
	var log strings.Builder
	code := cli.Main(ctx, []string{"action"}, cli.System{
		Getenv: func(name string) string { return env[name] },
		Stdout: &log, Stderr: &log, Now: time.Now, Random: rand.Reader,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	})
	printLog(out, log.String())
	fmt.Fprintf(out, "exit code %d\n", code)
	return code, nil
}

// environment returns the variables of the run, with its files in place.
func (t *theatre) environment(number int, each scene) (map[string]string, error) {
	run, err := t.server.Run(each.event)
	if err != nil {
		return nil, err
	}
	env := maps.Clone(run.Env)
	env["INPUT_TOKEN"], env["INPUT_POLICY"] = t.server.Token(), actions.DefaultPolicy
	env["INPUT_SAVE-FACTS"] = fmt.Sprintf("%d-facts.json", number)
	maps.Copy(env, each.inputs)
	env["GITHUB_WORKSPACE"] = t.folder
	for variable, file := range map[string]string{
		"GITHUB_EVENT_PATH": "event.json", "GITHUB_OUTPUT": "outputs.txt", "GITHUB_STEP_SUMMARY": "summary.md",
	} {
		env[variable] = filepath.Join(t.folder, fmt.Sprintf("%d-%s", number, file))
		content := []byte{}
		if variable == "GITHUB_EVENT_PATH" {
			content = run.Payload
		}
		if err := os.WriteFile(env[variable], content, 0o600); err != nil {
			return nil, err
		}
	}
	return env, nil
}

// printLog prints a log as the runner's page shows it: commands to the runner
// are not part of it.
func printLog(out io.Writer, log string) {
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "::") {
			fmt.Fprint(out, line)
		}
	}
}
