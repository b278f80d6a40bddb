//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	signalStory = "the container is interrupted, terminated and killed while GitHub does not answer"

	signalWorld = `
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
	recordsPath = "/repos/acme/shop/deployments"
	// mounted is where the container sees the files of its step.
	mounted = "/github/step/"
	// killed is how a container ends that got SIGKILL.
	killed = 128 + 9
)

// silent is a GitHub that leaves one request without an answer, until whoever
// asked is gone.
type silent struct {
	server  *githubtest.Server
	match   string // "METHOD /path" of the request
	done    bool   // it is carried out all the same
	arrived chan struct{}
	held    atomic.Bool
}

func (s *silent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

// step is one step of a job as its container sees it.
type step struct {
	github *silent
	folder string
	env    map[string]string
	log    bytes.Buffer
}

// newStep returns a step in front of a GitHub that does not answer one request.
func newStep(t *testing.T, inputs map[string]string, match string, done bool) *step {
	t.Helper()
	world, err := githubtest.ParseWorld([]byte(signalWorld))
	if err != nil {
		t.Fatal(err)
	}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	made := &step{github: &silent{server: server, match: match, done: done, arrived: make(chan struct{})}, folder: t.TempDir()}
	listening := httptest.NewTLSServer(made.github)
	t.Cleanup(func() {
		listening.CloseClientConnections()
		listening.Close()
	})
	push, err := server.Run(githubtest.Event{Ref: "refs/heads/dev", Actor: "ben"})
	if err != nil {
		t.Fatal(err)
	}
	made.env = maps.Clone(push.Env)
	maps.Copy(made.env, map[string]string{
		"INPUT_TOKEN": server.Token(), "INPUT_POLICY": ".github/stageward.yml",
		"GITHUB_SERVER_URL": listening.URL, "GITHUB_API_URL": listening.URL + "/api/v3", "GITHUB_GRAPHQL_URL": listening.URL + "/api/graphql",
	})
	maps.Copy(made.env, inputs)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listening.Certificate().Raw})
	for variable, content := range map[string][]byte{"GITHUB_EVENT_PATH": push.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}, "SSL_CERT_FILE": certificate} {
		made.env[variable] = mounted + variable
		writeFile(t, filepath.Join(made.folder, variable), content)
	}
	return made
}

// run runs the container to its end and returns how it ended. Once the request
// that is not answered has arrived, the container gets the signals.
func (s *step) run(t *testing.T, signals ...string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	name := "stageward-signal-" + s.env["GITHUB_SERVER_URL"][strings.LastIndex(s.env["GITHUB_SERVER_URL"], ":")+1:] // a port of its own
	arguments := []string{"run", "--rm", "--name", name, "--network", "host", "--volume", s.folder + ":" + strings.TrimSuffix(mounted, "/")}
	for _, variable := range slices.Sorted(maps.Keys(s.env)) {
		arguments = append(arguments, "--env", variable+"="+s.env[variable])
	}
	s.log.Reset()
	container := exec.CommandContext(ctx, "docker", append(arguments, actionImage, "action")...)
	container.Stdout, container.Stderr = &s.log, &s.log
	if err := container.Start(); err != nil {
		t.Fatal(err)
	}
	if len(signals) > 0 {
		select {
		case <-s.github.arrived:
		case <-ctx.Done():
			t.Error("the request that is not to be answered never came")
		}
	}
	for i, each := range signals {
		said, err := exec.CommandContext(ctx, "docker", "kill", "--signal", each, name).CombinedOutput()
		if err != nil && i == 0 { // after the first it may have ended
			t.Errorf("docker kill --signal %s: %v\n%s", each, err, said)
		}
	}
	err := container.Wait()
	if ctx.Err() != nil {
		_ = exec.CommandContext(context.WithoutCancel(ctx), "docker", "rm", "--force", name).Run() // it is an error already
		t.Fatalf("the container did not end:\n%s", s.log.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return container.ProcessState.ExitCode()
}

// outputs are what the runner reads after all runs of the step so far.
func (s *step) outputs(t *testing.T) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	lines := strings.Split(readIfThere(t, s.folder, "GITHUB_OUTPUT"), "\n")
	for i := 0; i < len(lines); i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
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

// next is the last step of the job, which always runs. After it there is one
// record, and it says how the deployment ended.
func (s *step) next(t *testing.T) {
	t.Helper()
	s.env["INPUT_STATE"] = "cancelled"
	if code := s.run(t); code != 0 {
		t.Errorf("the next step ended with %d:\n%s", code, s.log.String())
	}
	made, said := 0, map[string]int{}
	for _, request := range s.github.server.Requests() {
		switch {
		case request.Method != http.MethodPost:
		case request.Path == recordsPath:
			made++
		case strings.HasPrefix(request.Path, recordsPath):
			said[request.Path]++
		}
	}
	if made != 1 || len(said) != 1 || said[recordsPath+"/800001/statuses"] == 0 {
		t.Errorf("%d records were made, want one; states were said of %v", made, said)
	}
	if state := s.newest(t); state != "error" {
		t.Errorf("the record says %q, want error", state)
	}
	if got := s.outputs(t); got["deployment-id"] != "800001" || got["reason-code"] != "recorded" || got["allowed"] == "true" {
		t.Errorf("the next step set the outputs %q", got)
	}
	if problems := s.github.server.Violations(); len(problems) > 0 {
		t.Errorf("violations: %q", problems)
	}
}

// newest is the state that GitHub has of the record.
func (s *step) newest(t *testing.T) string {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://github.test/api/v3"+recordsPath+"/800001/statuses", nil)
	request.Header.Set("Authorization", "Bearer "+s.github.server.Token())
	answer := httptest.NewRecorder()
	s.github.server.ServeHTTP(answer, request)
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "statuses"), answer.Body.Bytes())
	var statuses []struct{ State string }
	if decode(t, folder, "statuses", &statuses); len(statuses) == 0 {
		return ""
	}
	return statuses[0].State // the newest comes first
}

// testSignals stops the shipped container as a runner and an engine do it: FLT-05
// and FLT-06 with the real thing, whose program is the first process.
func testSignals(t *testing.T) {
	allowed := newStep(t, nil, "", false)
	if code := allowed.run(t); code != 0 || allowed.outputs(t)["allowed"] != "true" {
		t.Fatalf("without a signal it ended with %d:\n%s", code, allowed.log.String())
	}
	receipt := allowed.outputs(t)["receipt"]
	begin := map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "in_progress", "INPUT_RECEIPT": receipt}
	end := map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": "success", "INPUT_RECEIPT": receipt}
	const list, post = "GET /api/v3" + recordsPath, "POST /api/v3" + recordsPath
	for _, row := range []struct {
		name    string
		inputs  map[string]string
		match   string // what is not answered
		done    bool   // but is carried out
		signals []string
	}{
		{"the gate is interrupted", nil, "POST /api/graphql", false, []string{"SIGINT"}},
		{"the gate is terminated", nil, "POST /api/graphql", false, []string{"SIGTERM"}},
		{"the gate is interrupted and terminated, as a runner does it", nil, "POST /api/graphql", true, []string{"SIGINT", "SIGTERM"}},
		{"the gate is killed", nil, "POST /api/graphql", true, []string{"SIGKILL"}},
		{"a record is terminated before it is made", begin, list, false, []string{"SIGTERM"}},
		{"a record is terminated while it is made, and it is not", begin, post, false, []string{"SIGTERM"}},
		{"a record is interrupted while it is made, and it is", begin, post, true, []string{"SIGINT"}},
		{"a record is killed while it is made, and it is not", begin, post, false, []string{"SIGKILL"}},
		{"a record is killed while it is made, and it is", begin, post, true, []string{"SIGKILL"}},
		{"a record is killed while its state is said, and it is", begin, post + "/800001/statuses", true, []string{"SIGKILL"}},
		{"a record is terminated while its end is said, and it is not", end, post + "/800001/statuses", false, []string{"SIGTERM"}},
		{"a record is killed while its end is said, and it is not", end, post + "/800001/statuses", false, []string{"SIGKILL"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			stopped := newStep(t, row.inputs, row.match, row.done)
			code := stopped.run(t, row.signals...)
			stopped.checkStopped(t, code, slices.Contains(row.signals, "SIGKILL"))
			if row.inputs != nil {
				stopped.next(t)
			}
		})
	}
}

// checkStopped holds a step that was stopped to what it may leave behind: nothing
// that opens anything, and nothing at all where it was killed.
func (s *step) checkStopped(t *testing.T, code int, wasKilled bool) {
	t.Helper()
	got := s.outputs(t)
	wantCode, wantReason := 3, "run.cancelled"
	if wasKilled {
		wantCode, wantReason = killed, ""
	}
	if code != wantCode || got["reason-code"] != wantReason {
		t.Errorf("it ended with %d and %q, want %d and %q:\n%s", code, got["reason-code"], wantCode, wantReason, s.log.String())
	}
	if got["allowed"] == "true" || got["decision"] == "allow" || got["receipt"] != "" {
		t.Errorf("the outputs are %q", got)
	}
	if log := s.log.String(); strings.Count(log, s.github.server.Token()) > 1 { // to be masked, it is named once
		t.Errorf("the token is in the log:\n%s", log)
	}
}
