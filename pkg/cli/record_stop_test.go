package cli_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// stopWorld is that of the sweep, and run 9001 has ended: it was stopped.
var stopWorld = strings.Replace(sweepWorld, "status: in_progress, ", "", 1)

// stopping carries requests to the double until the program is stopped.
type stopping struct {
	server *githubtest.Server
	at     int  // the request in the middle of which it is stopped, from 1
	done   bool // GitHub carries that one out
	killed bool // nothing leaves the program any more
	stop   context.CancelFunc

	mu    sync.Mutex
	count int
}

var errKilled = errors.New("the program is no more")

func (s *stopping) RoundTrip(request *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if s.at > 0 && s.count > s.at && s.killed {
		return nil, errKilled
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	var answer *httptest.ResponseRecorder
	if s.count != s.at || s.done {
		arriving, err := arrival(request)
		if err != nil {
			return nil, err
		}
		answer = httptest.NewRecorder()
		s.server.ServeHTTP(answer, arriving)
	}
	if s.count == s.at {
		s.stop()
		return nil, context.Canceled
	}
	result := answer.Result()
	result.Request = request
	return result, nil
}

// stops are the ways to be stopped in the middle of a request. To what only reads it
// makes no difference whether it was carried out, nor what comes after.
func stops(writes bool, play func(name string, done, killed bool)) {
	for _, done := range []bool{false, true} {
		for _, killed := range []bool{false, true} {
			if writes || !done && !killed {
				play(fmt.Sprintf("carried out: %t, killed: %t", done, killed), done, killed)
			}
		}
	}
}

// stopped plays a step again and again, and stops it in the middle of each of its
// requests in turn. ready prepares a GitHub, and next looks at it afterwards.
func stopped(t *testing.T, run, ref string, ready func(*testing.T, *sweep) map[string]string, next func(*testing.T, *sweep, bool)) {
	t.Helper()
	folder := t.TempDir()
	stops(ready(t, &sweep{server: newServer(t, stopWorld), folder: folder})["INPUT_RECEIPT"] != "", func(name string, done, killed bool) {
		for at := 1; ; at++ {
			ended := false
			synctest.Test(t, func(t *testing.T) {
				s := &sweep{server: newServer(t, stopWorld), folder: folder}
				inputs := ready(t, s)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				carrier := &stopping{server: s.server, at: at, done: done, killed: killed, stop: stop}
				code, outputs := s.stepBy(ctx, t, carrier, run, ref, inputs)
				if carrier.count < at {
					ended = true
					if code != 0 {
						t.Errorf("nothing stopped it, and it ended with %d:\n%s", code, s.log.String())
					}
					return
				}
				if code != 3 || outputs["allowed"] == "true" || outputs["decision"] == "allow" || outputs["receipt"] != "" || outputs["reason-code"] != "run.cancelled" {
					t.Errorf("stopped at request %d, %s: exit code %d, outputs %q:\n%s", at, name, code, outputs, s.log.String())
				}
				next(t, s, killed)
				if t.Failed() {
					t.Logf("it was stopped at request %d, %s; the records are %q", at, name, s.held(t))
				}
				if problems := s.server.Violations(); len(problems) > 0 {
					t.Errorf("violations: %q", problems)
				}
			})
			if ended || t.Failed() {
				return
			}
		}
	})
}

// FLT-05. Whenever a gate is stopped, it allows nothing, and the next one decides.
func TestAGateThatIsStopped(t *testing.T) {
	t.Parallel()
	for name, ref := range map[string]string{"of a branch": "refs/heads/main", "of a tag": "refs/tags/v1.0.0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again := func(t *testing.T, s *sweep, _ bool) {
				if code, outputs, _ := s.step(t, "9002", ref, nil, nil); code != 0 || outputs["allowed"] != "true" {
					t.Errorf("the next gate ended with %d: %s", code, s.log.String())
				}
			}
			ready := func(t *testing.T, s *sweep) map[string]string {
				if strings.HasPrefix(ref, "refs/tags/") {
					s.begin(t, "9001", "1", "success")
				}
				return nil
			}
			stopped(t, "9001", ref, ready, again)
		})
	}
}

// begin runs the gate of staging, and records states after it.
func (s *sweep) begin(t *testing.T, run, attempt string, states ...string) (receipt string) {
	t.Helper()
	code, outputs, _ := s.step(t, run, "refs/heads/main", map[string]string{"GITHUB_RUN_ATTEMPT": attempt}, nil)
	if code != 0 {
		t.Fatalf("the gate of run %s, attempt %s, ended with %d: %s", run, attempt, code, s.log.String())
	}
	for _, state := range states {
		inputs := map[string]string{"GITHUB_RUN_ATTEMPT": attempt, "INPUT_COMMAND": "record", "INPUT_STATE": state, "INPUT_RECEIPT": outputs["receipt"]}
		if code, _, _ := s.step(t, run, "refs/heads/main", inputs, nil); code != 0 {
			t.Fatalf("recording %s of run %s, attempt %s, ended with %d: %s", state, run, attempt, code, s.log.String())
		}
	}
	return outputs["receipt"]
}

// FLT-06. Whenever a record is stopped, or killed, nothing keeps anybody out: another
// run gets through the same gate, and so does the next attempt. Where there was time,
// the record says how it ended; it never says that a deployment succeeded which was
// only to begin.
func TestARecordThatIsStopped(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, state, want string
		before            []string
	}{
		{"at the beginning", "in_progress", "error", nil},
		{"at the end", "success", "success", []string{"in_progress"}},
		{"at the end, and it never began", "success", "success", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ready := func(t *testing.T, s *sweep) map[string]string {
				receipt := s.begin(t, "9001", "1", row.before...)
				return map[string]string{"INPUT_COMMAND": "record", "INPUT_STATE": row.state, "INPUT_RECEIPT": receipt}
			}
			stopped(t, "9001", "refs/heads/main", ready, func(t *testing.T, s *sweep, killed bool) {
				records := s.held(t)
				state, live := newest(records)
				if !killed && live > 0 && state != row.want {
					t.Errorf("there was time, and the record says %q", state)
				}
				if row.state != "success" && slices.ContainsFunc(records, func(states []string) bool { return slices.Contains(states, "success") }) {
					t.Errorf("the records %q tell of a success", records)
				}
				s.begin(t, "9002", "1", "in_progress", "success")
				s.begin(t, "9001", "2", "in_progress")
			})
		})
	}
}

// An audit that was stopped has not looked at everything, which is not the same as
// what its token cannot see.
func TestAnAuditThatIsStopped(t *testing.T) {
	t.Parallel()
	ready := func(*testing.T, *sweep) map[string]string {
		return map[string]string{"INPUT_COMMAND": "audit", "INPUT_AUDIT-SEVERITY": "never"}
	}
	stopped(t, "9001", "refs/heads/main", ready, func(*testing.T, *sweep, bool) {})
}

// The same on the command line, for every command that asks GitHub.
func TestACommandThatIsStopped(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"gate --repo acme/shop --ref refs/heads/main", "gate --repo acme/shop --ref refs/heads/main --format json --fail-on never",
		"audit --repo acme/shop --fail-on never", "lock --repo acme/shop --stage prod --reason x --by olga", "unlock --repo acme/shop --stage prod",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			stops(strings.Contains(command, "lock "), func(name string, done, killed bool) {
				for at := 1; !t.Failed(); at++ {
					sent := 0
					synctest.Test(t, func(t *testing.T) {
						sent = stopCommand(t, strings.Fields(command), &stopping{at: at, done: done, killed: killed})
					})
					if sent < at {
						return
					}
				}
			})
		})
	}
}

// stopCommand runs a command until it is stopped, and returns how many requests it sent.
func stopCommand(t *testing.T, args []string, carrier *stopping) int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	carrier.server, carrier.stop = newServer(t, strings.Replace(stopWorld, "contents: read", "contents: write", 1)), stop
	env := map[string]string{"GITHUB_TOKEN": carrier.server.Token(), "GITHUB_SERVER_URL": "https://github.test"}
	var out, said bytes.Buffer
	code := cli.Main(ctx, args, cli.System{
		Getenv: func(name string) string { return env[name] }, Stdout: &out, Stderr: &said, Now: time.Now, Random: rand.Reader, Transport: carrier,
	})
	if want := carrier.count >= carrier.at; (code == 3) != want || !want && code != 0 {
		t.Errorf("%q, stopped at request %d of %d: exit code %d\n%s%s", args, carrier.at, carrier.count, code, out.String(), said.String())
	}
	return carrier.count
}
