package cli_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// stumbling fails each request the first few times that it is sent.
type stumbling struct {
	base     http.RoundTripper
	failures int

	mu   sync.Mutex
	sent map[string]int
}

func (s *stumbling) RoundTrip(request *http.Request) (*http.Response, error) {
	key, err := requestKey(request)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.sent[key]++
	count := s.sent[key]
	s.mu.Unlock()
	if count <= s.failures {
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: http.NoBody, ContentLength: -1, Request: request}, nil
	}
	return s.base.RoundTrip(request)
}

// requestKey tells one request from another by all that it says.
func requestKey(request *http.Request) (string, error) {
	key := request.Method + " " + request.URL.RequestURI()
	if request.GetBody == nil {
		return key, nil
	}
	body, err := request.GetBody()
	if err != nil {
		return "", err
	}
	said, err := io.ReadAll(body)
	return key + " " + string(said), err
}

// stumble runs the program in simulated time and returns what it printed.
func stumble(t *testing.T, code, failures int, transport *distant, env map[string]string, args ...string) (stdout, stderr string) {
	t.Helper()
	for _, file := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		if err := os.Truncate(env[file], 0); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		got := cli.Main(t.Context(), args, cli.System{
			Getenv: func(name string) string { return env[name] },
			Stdout: &out, Stderr: &errs, Now: time.Now, Random: rand.Reader,
			Transport: &stumbling{base: transport, failures: failures, sent: map[string]int{}},
		})
		if got != code {
			t.Errorf("exit code %d, want %d", got, code)
		}
	})
	return out.String(), errs.String()
}

// When every request has to be sent twice, ten lines tell of it and one more
// counts the rest. All else is what it would have been, byte by byte, however
// the requests came to run.
func TestTheLogTellsOfRetriesInTheSameBytes(t *testing.T) {
	t.Parallel()
	transport, env := stand(t, world(12, 1), githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"})
	smooth, _ := stumble(t, 0, 0, transport, env, "action")
	if strings.Contains(smooth, "retry:") {
		t.Fatalf("a retry is told of where there was none: %s", smooth)
	}
	more := fmt.Sprintf("| retry: and %d more\n", len(transport.requests)-10)
	var first string
	for range 3 {
		rough, errs := stumble(t, 0, 1, transport, env, "action")
		var told, rest []string
		for line := range strings.Lines(rough) {
			if strings.HasPrefix(line, "| retry: ") {
				told = append(told, line)
			} else {
				rest = append(rest, line)
			}
		}
		if len(told) != 11 || told[10] != more || errs != "" {
			t.Fatalf("told %q, and %q on standard error", told, errs)
		}
		if strings.Join(rest, "") != smooth {
			t.Errorf("the rest of the log has changed: %q", rest)
		}
		if first == "" {
			first = rough
		}
		if rough != first {
			t.Errorf("two logs of the same run:\n%s\n%s", first, rough)
		}
	}
}

// Whoever gets no verdict is told, too, how often it was tried.
func TestTheCommandLineTellsOfRetriesBesideTheVerdict(t *testing.T) {
	t.Parallel()
	transport, env := stand(t, world(1, 100), githubtest.Event{Ref: "refs/heads/dev", Actor: "ben"})
	env = maps.Clone(env)
	env["GITHUB_TOKEN"] = env["INPUT_TOKEN"]
	for _, row := range []struct {
		name                  string
		code, failures, lines int
	}{
		{"GitHub does not come back", 3, 4, 3},
		{"GitHub stumbles", 0, 1, 2},
		{"all is well", 0, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			stdout, stderr := stumble(t, row.code, row.failures, transport, env, "gate", "--repo", "acme/shop", "--ref", "refs/heads/dev", "--format", "json")
			if got := strings.Count(stderr, "stageward: retry: POST "); got != row.lines || strings.Contains(stdout, "retry:") {
				t.Errorf("%d lines, want %d: %s\n%s", got, row.lines, stderr, stdout)
			}
			if (stdout == "") != (row.code != 0) {
				t.Errorf("standard output %q", stdout)
			}
		})
	}
}
