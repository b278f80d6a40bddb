package cli_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// distant is a GitHub that is one latency away, in the simulated time of
// synctest: the time a run takes, divided by the latency, is the number of
// round trips that had to follow one another.
type distant struct {
	server  *githubtest.Server
	latency time.Duration

	mu       sync.Mutex
	requests []string
}

func (d *distant) RoundTrip(request *http.Request) (*http.Response, error) {
	d.mu.Lock()
	d.requests = append(d.requests, request.Method+" "+request.URL.Path)
	d.mu.Unlock()
	time.Sleep(d.latency) // simulated time: nothing waits
	recorder := httptest.NewRecorder()
	arrived := request.Clone(request.Context())
	arrived.Host, arrived.TLS = request.URL.Host, &tls.ConnectionState{}
	d.server.ServeHTTP(recorder, arrived)
	response := recorder.Result()
	response.Request = request
	return response, nil
}

// world is a release that passes every gate of the prod stage, with as many
// checks as a test wants.
func world(checks, pageSize int) githubtest.World {
	made := githubtest.World{
		Repository: "acme/shop", PageSize: pageSize, Time: time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC),
		People: map[string]githubtest.Person{
			"olga": {Permission: "maintain", Key: "ssh"}, "ben": {Permission: "write"}, "cleo": {Permission: "write"},
		},
		Commits: []githubtest.Commit{
			{Name: "start", By: "olga", Signed: "olga"},
			{Name: "change", Branch: "dev", By: "ben"},
			{Name: "merge", By: "olga", Signed: "github", Parents: []string{"start", "change"}},
		},
		Tags:  []githubtest.Tag{{Name: "v1.4.0", Commit: "merge", Annotated: true, Signed: "olga"}},
		Pulls: []githubtest.Pull{{Number: 7, Author: "ben", Commits: []string{"change"}, MergedBy: "olga", MergeCommit: "merge", Reviews: []githubtest.Review{{By: "cleo", State: "APPROVED"}}}},
	}
	made.Checks = append(made.Checks, githubtest.Check{Commit: "merge", Name: "deploy-staging", Workflow: ".github/workflows/deploy.yml", RunID: 80, Environment: "staging"})
	for range checks {
		made.Checks = append(made.Checks, githubtest.Check{Commit: "merge", Name: "tests", Workflow: ".github/workflows/ci.yml", RunID: 70})
	}
	return made
}

// practice is the release of the demo for which the policy asks for everything.
func practice(t *testing.T) githubtest.World {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "cmd", "demo", "release.yml"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := githubtest.ParseWorld(source)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		world    githubtest.World
		event    githubtest.Event
		trips    int
		requests int
	}{
		"a dev branch that asks for nothing": {world(1, 100), githubtest.Event{Ref: "refs/heads/dev", Actor: "ben"}, 1, 1},
		"a merge for staging":                {world(1, 100), githubtest.Event{Ref: "refs/heads/main", Actor: "olga"}, 2, 6},
		"a pushed release tag":               {world(1, 100), githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 2, 10},
		"a published release":                {world(1, 100), githubtest.Event{Name: "release", Ref: "refs/tags/v1.4.0", Actor: "olga"}, 2, 10},
		"a release with 100 checks":          {world(100, 100), githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 2, 10},
		"a release with 1,000 checks":        {world(1000, 100), githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 2, 30},
		// What changes since the last deployment takes two trips more: its run, then its commits.
		"a release with 17 gates":     {practice(t), githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}, 4, 36},
		"a dispatch on a release tag": {world(1, 100), githubtest.Event{Name: "workflow_dispatch", Ref: "refs/tags/v1.4.0", Actor: "olga"}, 2, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trips, requests := measure(t, row.world, row.event)
			if trips != row.trips || len(requests) != row.requests {
				t.Errorf("%d round trips and %d requests, want %d and %d: %v", trips, len(requests), row.trips, row.requests, requests)
			}
		})
	}
}

// measure runs the action and counts.
func measure(t *testing.T, world githubtest.World, event githubtest.Event) (trips int, requests []string) {
	t.Helper()
	transport, env := stand(t, world, event)
	transport.latency = 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if code := runAction(t.Context(), transport, env, t.Output()); code != 0 {
			t.Errorf("exit code %d", code)
		}
		trips = int(time.Since(began) / transport.latency)
	})
	if violations := transport.server.Violations(); len(violations) > 0 {
		t.Errorf("violations: %v", violations)
	}
	return trips, transport.requests
}

// stand builds a GitHub and the environment of the run that an event starts.
func stand(tb testing.TB, world githubtest.World, event githubtest.Event) (*distant, map[string]string) {
	tb.Helper()
	server, err := githubtest.New(world)
	if err != nil {
		tb.Fatal(err)
	}
	run, err := server.Run(event)
	if err != nil {
		tb.Fatal(err)
	}
	env := maps.Clone(run.Env)
	env["INPUT_TOKEN"], env["INPUT_POLICY"] = server.Token(), actions.DefaultPolicy
	folder := tb.TempDir()
	for variable, content := range map[string][]byte{"GITHUB_EVENT_PATH": run.Payload, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}} {
		env[variable] = filepath.Join(folder, variable)
		if err := os.WriteFile(env[variable], content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return &distant{server: server}, env
}

func runAction(ctx context.Context, transport *distant, env map[string]string, out io.Writer) int {
	return cli.Main(ctx, []string{"action"}, cli.System{
		Getenv: func(name string) string { return env[name] },
		Stdout: out, Stderr: out, Now: time.Now, Random: rand.Reader, Transport: transport,
	})
}

// BenchmarkAction measures the whole action for a release, the in-process
// GitHub included, by the number of checks of the commit.
func BenchmarkAction(b *testing.B) {
	for _, checks := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("checks=%d", checks), func(b *testing.B) {
			transport, env := stand(b, world(checks, 100), githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"})
			b.ReportAllocs()
			for b.Loop() {
				transport.requests = nil
				for _, file := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
					if err := os.Truncate(env[file], 0); err != nil {
						b.Fatal(err)
					}
				}
				if code := runAction(b.Context(), transport, env, io.Discard); code != 0 {
					b.Fatalf("exit code %d", code)
				}
			}
			b.ReportMetric(float64(len(transport.requests)), "requests/op")
		})
	}
}
