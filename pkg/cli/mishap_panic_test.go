package cli_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// breaking counts the calls of something that the program uses, on whatever
// goroutine, and panics at one of them with a secret on its lips.
type breaking struct {
	at     int64
	secret string
	count  atomic.Int64
}

func (b *breaking) call() {
	if b.count.Add(1) == b.at {
		panic(fmt.Errorf("a request with %s\n::set-output name=allowed::true", b.secret)) //nolint:forbidigo // that is what is tested
	}
}

// part is what the program uses of the world, with a place to break.
type part struct {
	name string
	into func(*cli.System, *breaking)
}

func parts() []part {
	return []part{
		{"a request", func(system *cli.System, b *breaking) {
			carrier := system.Transport
			system.Transport = carry(func(request *http.Request) (*http.Response, error) { b.call(); return carrier.RoundTrip(request) })
		}},
		{"a variable", func(system *cli.System, b *breaking) {
			env := system.Getenv
			system.Getenv = func(name string) string { b.call(); return env(name) }
		}},
		{"the log", func(system *cli.System, b *breaking) { system.Stdout = tapped{system.Stdout, b} }},
		{"randomness", func(system *cli.System, b *breaking) {
			random := system.Random
			system.Random = readBy(func(data []byte) (int, error) { b.call(); return random.Read(data) })
		}},
		{"the clock", func(system *cli.System, b *breaking) { system.Now = func() time.Time { b.call(); return time.Now() } }},
	}
}

type carry func(*http.Request) (*http.Response, error)

func (c carry) RoundTrip(request *http.Request) (*http.Response, error) { return c(request) }

type readBy func([]byte) (int, error)

func (r readBy) Read(data []byte) (int, error) { return r(data) }

type tapped struct {
	out io.Writer
	*breaking
}

func (t tapped) Write(data []byte) (int, error) {
	t.call()
	return t.out.Write(data)
}

// panicking returns what carries the requests of a story: the default, unless the
// variable PANIC_AT_REQUEST says at which of them the program is to break.
func panicking(env actions.Env) http.RoundTripper {
	at, err := strconv.ParseInt(env("PANIC_AT_REQUEST"), 10, 64)
	if err != nil {
		return nil
	}
	breaks := &breaking{at: at, secret: env("INPUT_TOKEN")}
	return carry(func(request *http.Request) (*http.Response, error) {
		breaks.call()
		return http.DefaultTransport.RoundTrip(request)
	})
}

// broken runs the program with a part that breaks, in a run of the sweep.
type broken struct {
	server *githubtest.Server
	args   []string
	inputs map[string]string
	folder string

	code         int
	said, errors bytes.Buffer
	outputs      string
}

func (b *broken) run(t *testing.T, of part, at int64) (calls int64) {
	t.Helper()
	push, err := b.server.Run(githubtest.Event{Ref: "refs/heads/main", Actor: "olga"})
	if err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(push.Env)
	maps.Copy(env, map[string]string{"INPUT_TOKEN": b.server.Token(), "INPUT_POLICY": actions.DefaultPolicy, "GITHUB_TOKEN": b.server.Token()})
	maps.Copy(env, b.inputs)
	for variable, content := range map[string][]byte{"GITHUB_EVENT_PATH": push.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}} {
		env[variable] = filepath.Join(b.folder, variable)
		if err := os.WriteFile(env[variable], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.said.Reset()
	b.errors.Reset()
	breaks := &breaking{at: at, secret: b.server.Token()}
	system := cli.System{
		Getenv: func(name string) string { return env[name] }, Stdout: &b.said, Stderr: &b.errors, Now: time.Now, Random: rand.Reader,
		Transport: &clumsy{server: b.server},
	}
	of.into(&system, breaks)
	b.code = cli.Main(t.Context(), b.args, system)
	text := ""
	for _, variable := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		data, err := os.ReadFile(env[variable])
		if err != nil {
			t.Fatal(err)
		}
		if text += string(data); variable == "GITHUB_OUTPUT" {
			b.outputs = string(data)
		}
	}
	b.judge(t, of, at, breaks.count.Load() >= at, text)
	return breaks.count.Load()
}

// judge looks at what is left after a panic: an error, and nothing that anybody
// could take for a yes, for a command or for a secret.
func (b *broken) judge(t *testing.T, of part, at int64, broke bool, written string) {
	t.Helper()
	outputs := parseOutputs(b.outputs)
	secret := b.server.Token()
	log := strings.ReplaceAll(b.said.String(), "::add-mask::"+secret+"\n", "")
	all := log + b.errors.String() + written
	switch {
	case strings.Contains(all, secret):
		t.Errorf("%s, call %d: it shows the secret:\n%s", of.name, at, all)
	case strings.Contains(all, "goroutine ") || strings.Contains(all, ".go:"):
		t.Errorf("%s, call %d: it shows a stack:\n%s", of.name, at, all)
	case strings.Contains("\n"+log, "\n::set-output"):
		t.Errorf("%s, call %d: it obeys:\n%s", of.name, at, log)
	case !broke && b.code != 0:
		t.Errorf("%s: nothing broke, and it ended with %d:\n%s", of.name, b.code, all)
	case broke && b.code != 3:
		t.Errorf("%s, call %d: exit code %d:\n%s", of.name, at, b.code, all)
	case broke && (outputs["allowed"] == "true" || outputs["decision"] == "allow" || outputs["receipt"] != ""):
		t.Errorf("%s, call %d: the outputs are %q", of.name, at, outputs)
	case broke && !strings.Contains(all, "fault of Stageward"):
		t.Errorf("%s, call %d: it does not say whose fault it is:\n%s", of.name, at, all)
	}
}

// FLT-09. Whatever part of the program panics, at whatever moment and on whatever
// goroutine, it ends with "could not decide". Without a net below every goroutine
// this test does not fail: it ends.
func TestAPanicAnywhereIsAnError(t *testing.T) {
	t.Parallel()
	gate := []string{"gate", "--repo", "acme/shop", "--ref", "refs/heads/main"}
	for _, row := range []struct {
		name   string
		args   []string
		inputs map[string]string
	}{
		{"the action", []string{"action"}, nil},
		{"an audit", []string{"action"}, map[string]string{"INPUT_COMMAND": "audit", "INPUT_AUDIT-SEVERITY": "never"}},
		{"the command line", gate, nil},
	} {
		for _, of := range parts() {
			t.Run(row.name+", "+of.name, func(t *testing.T) {
				t.Parallel()
				play := &broken{server: newServer(t, stopWorld), args: row.args, inputs: row.inputs, folder: t.TempDir()}
				for at := int64(1); !t.Failed(); {
					if play.run(t, of, at) < at {
						break
					}
					if at++; of.name != "a request" {
						at += at / 2 // a log has many lines
					}
				}
			})
		}
	}
}

// A record that panics leaves what was written, and the next one goes on from there.
func TestAPanicWhileADeploymentIsRecorded(t *testing.T) {
	t.Parallel()
	for at := int64(1); ; at++ {
		s := &sweep{server: newServer(t, stopWorld), folder: t.TempDir()}
		receipt := s.begin(t, "9001", "1")
		breaks := &breaking{at: at, secret: s.server.Token()}
		inner := &clumsy{server: s.server}
		carrier := carry(func(request *http.Request) (*http.Response, error) { breaks.call(); return inner.RoundTrip(request) })
		code, outputs := s.stepBy(t.Context(), t, carrier, "9001", "refs/heads/main", map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "in_progress", "INPUT_RECEIPT": receipt})
		if breaks.count.Load() < at {
			return
		}
		if code != 3 || len(outputs) > 0 {
			t.Errorf("request %d: exit code %d, outputs %q: %s", at, code, outputs, s.log.String())
		}
		if code, _ := s.record(t, receipt, "in_progress", nil); code != 0 {
			t.Errorf("request %d: the next record ended with %d: %s", at, code, s.log.String())
		}
		if records := s.held(t); !slices.ContainsFunc(records, func(states []string) bool { return slices.Equal(states, []string{"in_progress"}) }) || len(records) != 1 {
			t.Errorf("request %d: the records are %q", at, records)
		}
		s.begin(t, "9002", "1", "in_progress")
	}
}

// What cannot be recovered, such as a stack that is full, ends the program in the
// middle: the outputs are the last thing that it writes, so there are none.
func TestTheOutputsAreTheLastThing(t *testing.T) {
	t.Parallel()
	s := &sweep{server: newServer(t, stopWorld), folder: t.TempDir()}
	path := filepath.Join(s.folder, "GITHUB_OUTPUT")
	empty := func(when string) {
		if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
			t.Errorf("%s the outputs hold %q", when, data)
		}
	}
	inner := &clumsy{server: s.server}
	carrier := carry(func(request *http.Request) (*http.Response, error) {
		empty("with a request")
		return inner.RoundTrip(request)
	})
	if code, outputs := s.stepBy(t.Context(), t, carrier, "9001", "refs/heads/main", nil); code != 0 || outputs["allowed"] != "true" {
		t.Errorf("exit code %d, outputs %q", code, outputs)
	}
}
