package cli_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// sweepWorld has a job without an environment that deploys to staging, and what
// may go to prod after it. Its run has not ended.
const sweepWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {permission: maintain}}
commits:
  - name: start
    by: olga
    files:
      .github/stageward.yml: |
        version: 1
        stages:
          - name: staging
            from: { branches: [main] }
            deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-staging }
            gates: { no-other-deployment: {} }
          - name: prod
            from: { tags: ["v*"] }
            gates: { promoted: { record: stageward } }
tags: [{name: v1.0.0, commit: start}]
checks:
  - {commit: start, name: deploy-staging, workflow: .github/workflows/deploy.yml, run-id: 9001, minutes-ago: 10}
  - {commit: start, name: later, workflow: .github/workflows/deploy.yml, run-id: 9001, status: in_progress, minutes-ago: 1}
token: {permissions: {contents: read, pull-requests: read, checks: read, statuses: read, actions: read, deployments: write}}
`

// mishap is what becomes of one request.
type mishap struct {
	name string
	// done is true when GitHub carries it out all the same, late when it does so only
	// after it has answered the next request.
	done, late bool
	hang, drop bool
	status     int
	body       string
}

func (m mishap) String() string {
	switch {
	case m.late:
		return m.name + ", and done late"
	case m.done:
		return m.name + ", and done"
	}
	return m.name + ", and not done"
}

// mishaps are all that can become of one request: before it is carried out, after
// it, and, where no answer came, later.
func mishaps() []mishap {
	kinds := []mishap{
		{name: "no answer", hang: true},
		{name: "connection closed", drop: true},
		{name: "a page", status: http.StatusOK, body: "<!DOCTYPE html>\n<title>Unicorn!</title>\n"},
		{name: "{}", status: http.StatusCreated, body: "{}"},
		{name: "null", status: http.StatusOK, body: "null"},
		{name: "[]", status: http.StatusOK, body: "[]"},
		{name: "truncated", status: http.StatusCreated, body: `{"id":800001,"state":`},
	}
	for _, status := range []int{202, 401, 403, 404, 409, 422, 429, 500, 502, 503} {
		kinds = append(kinds, mishap{name: strconv.Itoa(status), status: status, body: `{"message":"odd"}`})
	}
	var all []mishap
	for _, kind := range kinds {
		done, late := kind, kind
		done.done, late.late = true, true
		all = append(all, kind, done)
		if kind.hang || kind.drop {
			all = append(all, late)
		}
	}
	return all
}

// clumsy carries requests to the double in the process, with mishaps by their
// numbers, from 1.
type clumsy struct {
	server *githubtest.Server
	plan   map[int]mishap

	mu    sync.Mutex
	count int
	owed  *http.Request // to be carried out late
}

func (c *clumsy) RoundTrip(request *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	mishap, spoiled := c.plan[c.count]
	arriving, err := arrival(request)
	if err != nil {
		return nil, err
	}
	var answer *httptest.ResponseRecorder
	if !spoiled || mishap.done {
		answer = c.serve(arriving)
	}
	if c.owed != nil {
		c.serve(c.owed)
		c.owed = nil
	}
	if mishap.late {
		c.owed = arriving
	}
	switch {
	case mishap.hang:
		<-request.Context().Done()
		return nil, request.Context().Err()
	case mishap.drop:
		return nil, io.ErrUnexpectedEOF
	case mishap.status != 0:
		answer = httptest.NewRecorder()
		answer.Header().Set("Content-Type", "application/json; charset=utf-8")
		if strings.HasPrefix(mishap.body, "<") {
			answer.Header().Set("Content-Type", "text/html")
		}
		answer.Header().Set("Date", "Tue, 17 Nov 2026 10:00:00 GMT")
		answer.WriteHeader(mishap.status)
		_, _ = answer.WriteString(mishap.body)
	}
	result := answer.Result()
	result.Request = request
	return result, nil
}

// arrival is a request as a server gets it, with a context that does not end.
func arrival(request *http.Request) (*http.Request, error) {
	arriving := request.Clone(context.WithoutCancel(request.Context()))
	arriving.Host, arriving.TLS, arriving.Body = request.URL.Host, &tls.ConnectionState{}, http.NoBody
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		arriving.Body = io.NopCloser(bytes.NewReader(body))
	}
	return arriving, nil
}

func (c *clumsy) serve(request *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	c.server.ServeHTTP(answer, request)
	return answer
}

// sweep is a run whose steps are carried out in the process.
type sweep struct {
	server *githubtest.Server
	folder string
	log    bytes.Buffer
}

func newSweep(t *testing.T, folder string) *sweep {
	t.Helper()
	world, err := githubtest.ParseWorld([]byte(sweepWorld))
	if err != nil {
		t.Fatal(err)
	}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	return &sweep{server: server, folder: folder}
}

// step carries out one step, with mishaps, and returns how it ended, what it set
// and how many requests it sent.
func (s *sweep) step(t *testing.T, run, ref string, inputs map[string]string, plan map[int]mishap) (code int, outputs map[string]string, requests int) {
	t.Helper()
	push, err := s.server.Run(githubtest.Event{Ref: ref, Actor: "olga"})
	if err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(push.Env)
	maps.Copy(env, map[string]string{"INPUT_TOKEN": s.server.Token(), "INPUT_POLICY": actions.DefaultPolicy, "GITHUB_RUN_ID": run})
	maps.Copy(env, inputs)
	for variable, content := range map[string][]byte{"GITHUB_EVENT_PATH": push.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}} {
		env[variable] = filepath.Join(s.folder, variable)
		if err := os.WriteFile(env[variable], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	carrier := &clumsy{server: s.server, plan: plan}
	s.log.Reset()
	code = cli.Main(t.Context(), []string{"action"}, cli.System{
		Getenv: func(name string) string { return env[name] }, Stdout: &s.log, Stderr: &s.log, Now: time.Now, Random: rand.Reader, Transport: carrier,
	})
	if carrier.owed != nil {
		carrier.serve(carrier.owed)
	}
	written, err := os.ReadFile(env["GITHUB_OUTPUT"])
	if err != nil {
		t.Fatal(err)
	}
	summary, err := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.TrimPrefix(s.log.String(), "::add-mask::"+s.server.Token()+"\n")
	if strings.Contains(seen+string(written)+string(summary), s.server.Token()) {
		t.Errorf("the token is in what the step wrote:\n%s%s%s", seen, written, summary)
	}
	return code, parseOutputs(string(written)), carrier.count
}

// record is the step with command: record.
func (s *sweep) record(t *testing.T, receipt, state string, plan map[int]mishap) (code, requests int) {
	t.Helper()
	code, outputs, requests := s.step(t, "9001", "refs/heads/main", map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": state, "INPUT_RECEIPT": receipt}, plan)
	if outputs["allowed"] != "" || outputs["decision"] != "" || outputs["receipt"] != "" {
		t.Errorf("a step that records set the outputs %q", outputs)
	}
	if (code == 0) != (outputs["reason-code"] == "recorded") {
		t.Errorf("exit code %d with the code %q", code, outputs["reason-code"])
	}
	return code, requests
}

// held are the states of the records, oldest first.
func (s *sweep) held(t *testing.T) (records [][]string) {
	t.Helper()
	read := func(path string) (all []listed) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.github.test/repos/acme/shop"+path, nil)
		request.Header.Set("Authorization", "Bearer "+s.server.Token())
		answer := httptest.NewRecorder()
		s.server.ServeHTTP(answer, request)
		if err := json.Unmarshal(answer.Body.Bytes(), &all); err != nil {
			t.Fatalf("%v: %s", err, answer.Body)
		}
		slices.Reverse(all)
		return all
	}
	for _, record := range read("/deployments?per_page=100") {
		states := []string{}
		for _, status := range read(fmt.Sprintf("/deployments/%d/statuses?per_page=100", record.ID)) {
			states = append(states, status.State)
		}
		records = append(records, states)
	}
	return records
}

// newest is what is said of the one record that was not put aside.
func newest(records [][]string) (state string, live int) {
	for _, states := range records {
		if len(states) > 0 && states[len(states)-1] == "inactive" && !slices.Contains(states, "success") {
			continue
		}
		live++
		for _, each := range states {
			if each != "inactive" {
				state = each
			}
		}
	}
	return state, live
}

// checkGates asks, as another run, whether it may deploy to the same stage, and
// whether the commit may go to the next one. Nothing that went wrong while a
// record was written may be taken for a yes.
func (s *sweep) checkGates(t *testing.T, whole bool) {
	t.Helper()
	records := s.held(t)
	state, live := newest(records)
	busy := slices.ContainsFunc(records, func(states []string) bool {
		return len(states) == 0 || states[len(states)-1] == "in_progress"
	})
	code, outputs, _ := s.step(t, "9002", "refs/heads/main", nil, nil)
	if allowed := outputs["allowed"] == "true"; allowed == busy || allowed != (code == 0) {
		t.Errorf("with the records %q another run to staging has allowed=%t (%s)", records, allowed, outputs["reason-code"])
	}
	code, outputs, _ = s.step(t, "9002", "refs/tags/v1.0.0", nil, nil)
	allowed := outputs["allowed"] == "true"
	if allowed && (state != "success" || live != 1) || allowed != (code == 0) {
		t.Errorf("with the records %q prod has allowed=%t (%s)", records, allowed, outputs["reason-code"])
	}
	if whole && allowed != (state == "success") {
		t.Errorf("with the records %q prod has allowed=%t (%s)\n%s", records, allowed, outputs["reason-code"], s.log.String())
	}
}

// FLT-08. Whatever becomes of any request of a record, and of two of them: when a
// clean call has followed there is one record, which says what was asked for, and
// no gate has said yes because of it.
func TestARecordSurvivesEveryMishap(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"in_progress", "success"} {
		for _, begun := range []bool{false, true} {
			if state == "in_progress" && begun {
				continue // then nothing is written
			}
			t.Run(fmt.Sprintf("%s, begun: %t", state, begun), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				clean := playMishaps(t, folder, state, begun, nil)
				for first := 1; first <= clean; first++ {
					for _, each := range mishaps() {
						sent := playMishaps(t, folder, state, begun, map[int]mishap{first: each})
						for second := first + 1; second <= min(sent, first+2); second++ {
							for _, other := range []mishap{{name: "no answer", hang: true, done: true}, {name: "null", status: 200, body: "null"}, {name: "connection closed", drop: true, late: true}, {name: "502", status: 502, body: "{}"}} {
								playMishaps(t, folder, state, begun, map[int]mishap{first: each, second: other})
							}
						}
					}
				}
			})
		}
	}
}

// playMishaps records a state with mishaps, then once more without any, and
// returns how many requests the first of the two sent.
func playMishaps(t *testing.T, folder, state string, begun bool, plan map[int]mishap) (sent int) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the mishaps were %v", plan)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		s := newSweep(t, folder)
		_, outputs, _ := s.step(t, "9001", "refs/heads/main", nil, nil)
		receipt := outputs["receipt"]
		if begun {
			s.record(t, receipt, "in_progress", nil)
		}
		code := 0
		code, sent = s.record(t, receipt, state, plan)
		if plan == nil && code != 0 {
			t.Fatalf("without a mishap it ended with %d:\n%s", code, s.log.String())
		}
		log := s.log.String()
		after := s.held(t)
		if now, _ := newest(after); code == 0 && now != state {
			t.Errorf("it said that all is well, and the records are %q:\n%s", after, log)
		}
		s.checkGates(t, false)
		if code, _ := s.record(t, receipt, state, nil); code != 0 {
			t.Errorf("the clean call ended with %d after the records %q:\n%s\n%s", code, after, log, s.log.String())
		}
		records := s.held(t)
		if now, live := newest(records); live != 1 || now != state {
			t.Errorf("after the clean call the records are %q, after the first they were %q:\n%s", records, after, log)
		}
		s.checkGates(t, true)
		if problems := s.server.Violations(); len(problems) > 0 {
			t.Errorf("violations: %q", problems)
		}
	})
	return sent
}
