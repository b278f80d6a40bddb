package cli_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/githubtest"
)

// patience bounds a process that does not end by itself. It says nothing of how
// long one may take.
const patience = time.Minute

const signalWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {ben: {permission: write}}
commits:
  - name: start
    by: ben
    files: {.github/stageward.yml: "version: 1\nstages: [{name: dev, from: {branches: [dev]}, unrestricted: true}]\n"}
branches: {dev: start}
token: {permissions: {contents: read, deployments: write}}
`

// slow is a GitHub that does not answer one request, until its client is gone.
type slow struct {
	server *githubtest.Server
	// match is "METHOD /path" of the request; done says that it is carried out.
	match   string
	done    bool
	arrived chan struct{}
	held    atomic.Bool
}

func (s *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method+" "+r.URL.Path != s.match || s.held.Swap(true) {
		s.server.ServeHTTP(w, r)
		return
	}
	if s.done {
		s.server.ServeHTTP(httptest.NewRecorder(), r)
	}
	_, _ = io.Copy(io.Discard, r.Body) // a server notices that the client is gone only when it has read all
	close(s.arrived)
	<-r.Context().Done()
}

// tidily runs the tests, and removes the program that some of them share.
type tidily struct{ tests *testing.M }

var shared struct {
	folder string
	build  sync.Once
	err    error
}

// Run is that of testing.M.
func (t tidily) Run() int {
	folder, err := os.MkdirTemp("", "stageward")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	shared.folder = folder
	return t.tests.Run()
}

// realProgram builds the program as it ships, with its handling of signals.
func realProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(shared.folder, "stageward")
	shared.build.Do(func() {
		said, err := exec.CommandContext(context.WithoutCancel(t.Context()), "go", "build", "-o", path, "../../cmd/stageward").CombinedOutput()
		if err != nil {
			shared.err = fmt.Errorf("%w: %s", err, said)
		}
	})
	if shared.err != nil {
		t.Fatalf("build: %v", shared.err)
	}
	return path
}

// signalled is one process of the program in front of a slow GitHub.
type signalled struct {
	github *slow
	env    map[string]string
	stdout bytes.Buffer
}

// newSignalled returns a process whose request match is not answered, and is
// carried out if done says so.
func newSignalled(t *testing.T, inputs map[string]string, match string, done bool) *signalled {
	t.Helper()
	server := newServer(t, signalWorld)
	made := &signalled{github: &slow{server: server, match: match, done: done, arrived: make(chan struct{})}}
	listening := httptest.NewTLSServer(made.github)
	t.Cleanup(func() {
		listening.CloseClientConnections()
		listening.Close()
	})
	run, err := server.Run(githubtest.Event{Ref: "refs/heads/dev", Actor: "ben"})
	if err != nil {
		t.Fatal(err)
	}
	made.env = maps.Clone(run.Env)
	maps.Copy(made.env, map[string]string{
		"INPUT_TOKEN": server.Token(), "INPUT_POLICY": actions.DefaultPolicy,
		"GITHUB_SERVER_URL": listening.URL, "GITHUB_API_URL": listening.URL + "/api/v3", "GITHUB_GRAPHQL_URL": listening.URL + "/api/graphql",
	})
	maps.Copy(made.env, inputs)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listening.Certificate().Raw})
	folder := t.TempDir()
	for variable, content := range map[string][]byte{"GITHUB_EVENT_PATH": run.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}, "SSL_CERT_FILE": certificate} {
		made.env[variable] = filepath.Join(folder, variable)
		if err := os.WriteFile(made.env[variable], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

func newServer(t *testing.T, text string) *githubtest.Server {
	t.Helper()
	world, err := githubtest.ParseWorld([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// useWorld puts another GitHub in the place of the first.
func (s *signalled) useWorld(t *testing.T, text string) {
	t.Helper()
	s.github.server = newServer(t, text)
	run, err := s.github.server.Run(githubtest.Event{Ref: "refs/heads/dev", Actor: "ben"})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range run.Env {
		if strings.HasSuffix(name, "SHA") {
			s.env[name] = value
		}
	}
	s.env["INPUT_TOKEN"] = s.github.server.Token()
	if err := os.WriteFile(s.env["GITHUB_EVENT_PATH"], run.Payload, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs the program to its end and returns the exit code. Once the request that
// is not answered has arrived, the process gets the signals.
func (s *signalled) run(t *testing.T, program string, signals ...os.Signal) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, program, "action")
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		command.Env = append(command.Env, name+"="+s.env[name])
	}
	s.stdout.Reset()
	command.Stdout = &s.stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if len(signals) > 0 {
		select {
		case <-s.github.arrived:
		case <-ctx.Done():
			t.Error("the request that is not to be answered never came")
		}
		for _, each := range signals {
			if err := command.Process.Signal(each); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Error(err)
			}
		}
	}
	err := command.Wait()
	if ctx.Err() != nil {
		t.Fatalf("the program did not end: %s", s.stdout.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode()
}

// outputs are those of the last run.
func (s *signalled) outputs(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile(s.env["GITHUB_OUTPUT"])
	if err != nil {
		t.Fatal(err)
	}
	return parseOutputs(string(data))
}

// FLT-05, FLT-06. A step that is stopped while GitHub does not answer ends by
// itself, fails, and allows nothing; a record that it had begun is found by the
// next step, and is one.
func TestSignals(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	allowed := newSignalled(t, nil, "", false)
	if code := allowed.run(t, program); code != 0 {
		t.Fatalf("exit code %d: %s", code, allowed.stdout.String())
	}
	receipt := allowed.outputs(t)["receipt"]
	begin := map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "in_progress", "INPUT_RECEIPT": receipt}
	end := map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "success", "INPUT_RECEIPT": receipt}
	const list, post = "GET /api/v3" + recordsPath, "POST /api/v3" + recordsPath
	rows := []struct {
		name    string
		inputs  map[string]string
		match   string // what is not answered
		done    bool   // but is carried out
		signals []os.Signal
	}{
		{"the gate is interrupted", nil, "POST /api/graphql", false, []os.Signal{os.Interrupt}},
		{"the gate is terminated", nil, "POST /api/graphql", false, []os.Signal{syscall.SIGTERM}},
		{"the gate is interrupted and terminated, as a runner does it", nil, "POST /api/graphql", true, []os.Signal{os.Interrupt, syscall.SIGTERM}},
		{"before a record is made", begin, list, false, []os.Signal{syscall.SIGTERM}},
		{"while a record is made, and it is not", begin, post, false, []os.Signal{syscall.SIGTERM}},
		{"while a record is made, and it is", begin, post, true, []os.Signal{syscall.SIGTERM}},
		{"while its state is said", begin, post + "/800001/statuses", false, []os.Signal{os.Interrupt, syscall.SIGTERM}},
		{"while the end is said", end, post + "/800001/statuses", false, []os.Signal{os.Interrupt}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			process := newSignalled(t, row.inputs, row.match, row.done)
			code := process.run(t, program, row.signals...)
			outputs := process.outputs(t)
			if code != 3 || outputs["reason-code"] != "run.cancelled" || outputs["allowed"] == "true" || outputs["decision"] == "allow" || outputs["receipt"] != "" {
				t.Errorf("exit code %d and outputs %q: %s", code, outputs, process.stdout.String())
			}
			if row.inputs["INPUT_COMMAND"] != "" {
				process.next(t, program)
			}
		})
	}
}

// FLT-06. Nobody can do anything about a kill: nothing is in the outputs then, and
// the next step finds the record that was begun.
func TestAKill(t *testing.T) {
	t.Parallel()
	program := realProgram(t)
	allowed := newSignalled(t, nil, "", false)
	if code := allowed.run(t, program); code != 0 {
		t.Fatalf("exit code %d: %s", code, allowed.stdout.String())
	}
	begin := map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "in_progress", "INPUT_RECEIPT": allowed.outputs(t)["receipt"]}
	const post = "POST /api/v3" + recordsPath
	for _, row := range []struct {
		name   string
		inputs map[string]string
		match  string
		done   bool
	}{
		{"of a gate", nil, "POST /api/graphql", true},
		{"of an audit", map[string]string{"INPUT_COMMAND": "audit"}, "POST /api/graphql", true},
		{"after a record was made", begin, post, true},
		{"before a record was made", begin, post, false},
		{"after its state was said", begin, post + "/800001/statuses", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			process := newSignalled(t, row.inputs, row.match, row.done)
			if code := process.run(t, program, syscall.SIGKILL); code == 0 || len(process.outputs(t)) > 0 {
				t.Errorf("exit code %d, outputs %q: %s", code, process.outputs(t), process.stdout.String())
			}
			if row.inputs["INPUT_COMMAND"] == "record" {
				process.next(t, program)
			}
		})
	}
}

const recordsPath = "/repos/acme/shop/deployments"

// next is the last step of the job, which always runs. After it there is one record.
func (s *signalled) next(t *testing.T, program string) {
	t.Helper()
	s.env["INPUT_STATE"] = "cancelled"
	if code := s.run(t, program); code != 0 {
		t.Errorf("exit code %d of the next step: %s", code, s.stdout.String())
	}
	var ids []string
	count := 0
	for _, request := range s.github.server.Requests() {
		if request.Method != http.MethodPost || !strings.HasPrefix(request.Path, recordsPath) {
			continue
		}
		if request.Path == recordsPath {
			count++
		} else {
			ids = append(ids, request.Path)
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("states were said of %q, want one record", ids)
	}
	if count != 1 { // what was not carried out is not among them
		t.Errorf("%d records were made, want one", count)
	}
	if number := s.outputs(t)["deployment-id"]; number != "800001" {
		t.Errorf("the record is %q, want the first", number)
	}
	if problems := s.github.server.Violations(); len(problems) > 0 {
		t.Errorf("violations: %q", problems)
	}
}
