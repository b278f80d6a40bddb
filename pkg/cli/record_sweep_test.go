package cli_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// sweep is a run whose steps are carried out in the process, in a GitHub of its
// own.
type sweep struct {
	server *githubtest.Server
	folder string
	log    bytes.Buffer
}

// sweeper plays one record again and again.
type sweeper struct {
	folder, state string
	begun         bool   // it was said to be in progress before
	receipt       string // the same in every GitHub, whose clocks stand still
	judged        map[string]bool
}

func newSweep(t *testing.T, folder string) *sweep {
	t.Helper()
	return &sweep{server: newServer(t, sweepWorld), folder: folder}
}

// step carries out one step, with mishaps, and returns how it ended, what it set
// and how many requests it sent.
func (s *sweep) step(t *testing.T, run, ref string, inputs map[string]string, plan map[int]mishap) (code int, outputs map[string]string, requests int) {
	t.Helper()
	carrier := &clumsy{server: s.server, plan: plan}
	code, outputs = s.stepBy(t.Context(), t, carrier, run, ref, inputs)
	if carrier.owed != nil {
		carrier.serve(carrier.owed)
	}
	return code, outputs, carrier.count
}

// stepBy is step with requests that go another way, and can be cancelled.
func (s *sweep) stepBy(ctx context.Context, t *testing.T, carrier http.RoundTripper, run, ref string, inputs map[string]string) (code int, outputs map[string]string) {
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
	s.log.Reset()
	code = cli.Main(ctx, []string{"action"}, cli.System{
		Getenv: func(name string) string { return env[name] }, Stdout: &s.log, Stderr: &s.log, Now: time.Now, Random: rand.Reader, Transport: carrier,
	})
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
	return code, parseOutputs(string(written))
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
		for number := 1; ; number++ {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("https://api.github.test/repos/acme/shop%s?page=%d", path, number), nil)
			request.Header.Set("Authorization", "Bearer "+s.server.Token())
			answer := httptest.NewRecorder()
			s.server.ServeHTTP(answer, request)
			var items []listed
			if err := json.Unmarshal(answer.Body.Bytes(), &items); err != nil {
				t.Fatalf("%v: %s", err, answer.Body)
			}
			if len(items) == 0 {
				slices.Reverse(all)
				return all
			}
			all = append(all, items...)
		}
	}
	for _, record := range read("/deployments") {
		states := []string{}
		for _, status := range read(fmt.Sprintf("/deployments/%d/statuses", record.ID)) {
			states = append(states, status.State)
		}
		records = append(records, states)
	}
	return records
}

// newest is what is said of the records that were not put aside, and how many
// those are. Two of them that say different things say nothing.
func newest(records [][]string) (state string, live int) {
	for _, states := range records {
		if len(states) > 0 && states[len(states)-1] == "inactive" {
			continue
		}
		said := ""
		if len(states) > 0 {
			said = states[len(states)-1]
		}
		if live++; live > 1 && said != state {
			said = ""
		}
		state = said
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
	if allowed && (state != "success" || live == 0) || allowed != (code == 0) {
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
				w := &sweeper{folder: t.TempDir(), state: state, begun: begun, judged: map[string]bool{}}
				synctest.Test(t, func(t *testing.T) {
					_, outputs, _ := newSweep(t, w.folder).step(t, "9001", "refs/heads/main", nil, nil)
					w.receipt = outputs["receipt"]
				})
				w.sweep(t)
			})
		}
	}
}

// sweep plays every mishap at every request, and others after those that leave
// open whether the request was carried out.
func (w *sweeper) sweep(t *testing.T) {
	t.Helper()
	clean := w.play(t, nil)
	for first := 1; first <= clean; first++ {
		for _, each := range mishaps() {
			sent := w.play(t, map[int]mishap{first: each})
			if !each.isOpen() {
				continue
			}
			for second := first + 1; second <= min(sent, first+2); second++ {
				for _, other := range furtherMishaps() {
					w.play(t, map[int]mishap{first: each, second: other})
				}
			}
		}
	}
}

// play records a state with mishaps, then once more without any, and returns how
// many requests the first of the two sent.
func (w *sweeper) play(t *testing.T, plan map[int]mishap) (sent int) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the mishaps were %v", plan)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		s := newSweep(t, w.folder)
		if w.begun {
			s.record(t, w.receipt, "in_progress", nil)
		}
		code := 0
		code, sent = s.record(t, w.receipt, w.state, plan)
		log, after := s.log.String(), s.held(t)
		said := slices.ContainsFunc(after, func(states []string) bool { return len(states) > 0 && states[len(states)-1] == w.state })
		if code == 0 && !said || code != 0 && plan == nil {
			t.Errorf("it ended with %d, and the records are %q:\n%s", code, after, log)
		}
		lost := slices.ContainsFunc(slices.Collect(maps.Values(plan)), mishap.isOpen)
		if _, live := newest(after); code == 0 && len(plan) == 1 && lost && live != 1 {
			t.Errorf("after one lost answer, without another call, the records are %q:\n%s", after, log)
		}
		w.judge(t, s, false)
		if code, _ := s.record(t, w.receipt, w.state, nil); code != 0 {
			t.Errorf("the clean call ended with %d after the records %q:\n%s\n%s", code, after, log, s.log.String())
		}
		records := s.held(t)
		if now, live := newest(records); live != 1 || now != w.state {
			t.Errorf("after the clean call the records are %q, after the first they were %q:\n%s", records, after, log)
		}
		w.judge(t, s, true)
		if problems := s.server.Violations(); len(problems) > 0 {
			t.Errorf("violations: %q", problems)
		}
	})
	return sent
}

// judge asks the gates about records that they were not asked about before.
func (w *sweeper) judge(t *testing.T, s *sweep, whole bool) {
	t.Helper()
	about := fmt.Sprintf("%q %t", s.held(t), whole)
	if !w.judged[about] {
		w.judged[about] = true
		s.checkGates(t, whole)
	}
}
