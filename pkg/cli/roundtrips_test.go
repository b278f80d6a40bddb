package cli_test

import (
	"bytes"
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
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
	"github.com/stageward/stageward/pkg/internal/scale"
)

// distant is a GitHub that is one latency away, in the simulated time of
// synctest: the time a run takes, divided by the latency, is the number of
// round trips that had to follow one another.
type distant struct {
	server  *githubtest.Server
	latency time.Duration

	mu       sync.Mutex
	requests []string
	// answers are kept, by request, where it is not nil. What is there already is
	// not asked of the server again, so that what a second run costs is the
	// program's alone.
	answers map[string]*answer
}

// answer is what the server said once.
type answer struct {
	status int
	header http.Header
	length int64 // as the header says
	body   []byte
}

func (d *distant) RoundTrip(request *http.Request) (*http.Response, error) {
	asked := []byte(request.Method + " " + request.URL.String() + "\n")
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		asked = append(asked, body...)
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	d.mu.Lock()
	d.requests = append(d.requests, request.Method+" "+request.URL.Path)
	known := d.answers[string(asked)]
	d.mu.Unlock()
	time.Sleep(d.latency) // simulated time: nothing waits
	if known == nil {
		known = d.ask(request)
		d.mu.Lock()
		if d.answers != nil {
			d.answers[string(asked)] = known
		}
		d.mu.Unlock()
	}
	return &http.Response{
		StatusCode: known.status, Header: known.header.Clone(), Request: request, ContentLength: known.length,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(bytes.NewReader(known.body)),
	}, nil
}

// ask puts a request to the server.
func (d *distant) ask(request *http.Request) *answer {
	recorder := httptest.NewRecorder()
	arrived := request.Clone(request.Context())
	arrived.Host, arrived.TLS = request.URL.Host, &tls.ConnectionState{}
	d.server.ServeHTTP(recorder, arrived)
	return &answer{status: recorder.Code, header: recorder.Header(), length: recorder.Result().ContentLength, body: recorder.Body.Bytes()}
}

// world is a release that passes every gate of the prod stage, with as many
// checks as a test wants.
func world(checks, pageSize int) githubtest.World {
	made := scale.World(scale.Size{Checks: checks})
	made.PageSize = pageSize
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

// cost is what a run may cost: round trips that follow one another, and requests.
type cost struct{ trips, requests int }

// fourProjects have the stages of the preset, and differ in nothing but the name.
const fourProjects = `version: 1
preset: three-stage
projects: { api: {}, web: {}, tools: {}, docs: {} }
stages:
  - { name: dev, environment: "{project}-development" }
  - { name: staging, environment: "{project}-staging" }
  - name: prod
    environment: "{project}-production"
    from: { tags: ["{project}/v*"] }
    deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy-{project}-prod" }
    gates:
      promoted: { from: staging, deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy-{project}-staging" } }
`

// deployedProjects are projects whose stage was last deployed, all by one run, to
// where the pull request began. One of them changed since.
func deployedProjects(count int) githubtest.World {
	made := scale.World(scale.Size{Checks: 1})
	made.Commits = slices.Clone(made.Commits)
	policy := "version: 1\npreset: three-stage\nprojects:\n"
	for i := range count {
		policy += fmt.Sprintf("  p%d: { paths: [%s] }\n", i, []string{"none", "'**'"}[min(i, 1)*max(2-i, 0)])
		made.Checks = append(made.Checks, githubtest.Check{
			Commit: "start", Name: fmt.Sprintf("deploy-p%d", i), Workflow: ".github/workflows/deploy.yml", RunID: 60, MinutesAgo: minutes(600),
		})
	}
	policy += `stages:
  - { name: dev, environment: "{project}-development" }
  - { name: staging, environment: "{project}-staging", deployed-by: { workflow: .github/workflows/deploy.yml, job: "deploy-{project}" } }
  - { name: prod, environment: "{project}-production", from: { tags: ["{project}/v*"] } }
`
	made.Commits[0].Files = map[string]*githubtest.File{".github/stageward.yml": {Text: policy}}
	made.Commits[len(made.Commits)-1].Files = map[string]*githubtest.File{"README.md": {Text: "more"}}
	return made
}

func minutes(count int) *int { return &count }

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	three, four := scale.World(scale.Size{Checks: 1}), scale.World(scale.Size{Checks: 1, FourStages: true})
	shop := scale.World(scale.Size{Checks: 1})
	shop.Commits = slices.Clone(shop.Commits)
	shop.Commits[0].Files = map[string]*githubtest.File{".github/stageward.yml": {Text: fourProjects}}
	two, twenty := deployedProjects(2), deployedProjects(20)
	nightly := scale.World(scale.Size{Checks: 1})
	nightly.Tags = append(nightly.Tags, githubtest.Tag{Name: "nightly", Commit: "merge"})
	for name, row := range map[string]struct {
		world githubtest.World
		event githubtest.Event
		code  int
		cost  cost
	}{
		"three stages: dev":     {three, githubtest.Event{Ref: scale.Dev, Actor: "ben"}, 0, cost{1, 1}},
		"three stages: staging": {three, githubtest.Event{Ref: scale.Main, Actor: "olga"}, 0, cost{2, 6}},
		"three stages: prod":    {three, githubtest.Event{Ref: scale.Tag, Actor: "olga"}, 0, cost{2, 10}},
		"four stages: dev":      {four, githubtest.Event{Ref: scale.Dev, Actor: "ben"}, 0, cost{1, 1}},
		"four stages: test":     {four, githubtest.Event{Ref: scale.Main, Actor: "olga"}, 0, cost{2, 5}},
		"four stages: staging":  {four, githubtest.Event{Ref: scale.Candidate, Actor: "olga"}, 0, cost{2, 11}},
		"four stages: prod":     {four, githubtest.Event{Ref: scale.Tag, Actor: "olga"}, 0, cost{2, 11}},
		// What changes since the last deployment takes two trips more: its run, then its commits.
		"a release with 17 gates": {practice(t), githubtest.Event{Ref: scale.Tag, Actor: "olga"}, 0, cost{4, 36}},

		// Projects share what they ask about: four of them cost what one policy does.
		"four projects: staging":          {shop, githubtest.Event{Ref: scale.Main, Actor: "olga"}, 0, cost{2, 6}},
		"four projects: no tag of theirs": {shop, githubtest.Event{Ref: scale.Tag, Actor: "olga"}, 1, cost{1, 1}},

		// What each was deployed at last takes two trips more, and as many requests for
		// twenty projects as for two: they are jobs of one workflow.
		"two projects with paths":    {two, githubtest.Event{Ref: scale.Main, Actor: "olga"}, 0, cost{4, 13}},
		"twenty projects with paths": {twenty, githubtest.Event{Ref: scale.Main, Actor: "olga"}, 0, cost{4, 13}},

		// The event changes nothing where the stage accepts it.
		"the event create":                    {three, githubtest.Event{Name: "create", Ref: scale.Tag, Actor: "olga"}, 0, cost{2, 10}},
		"the event release":                   {three, githubtest.Event{Name: "release", Ref: scale.Tag, Actor: "olga"}, 0, cost{2, 10}},
		"the event workflow_dispatch":         {three, githubtest.Event{Name: "workflow_dispatch", Ref: scale.Tag, Actor: "olga"}, 0, cost{2, 10}},
		"the event push, run again by cleo":   {three, githubtest.Event{Ref: scale.Tag, Actor: "olga", TriggeringActor: "cleo", Attempt: 2}, 1, cost{2, 11}},
		"the event push of a branch":          {three, githubtest.Event{Ref: scale.Main, Actor: "ben"}, 0, cost{2, 6}},
		"the event push of an unsigned tag":   {unsigned(three), githubtest.Event{Ref: scale.Tag, Actor: "olga"}, 1, cost{2, 10}},
		"the event push of a tag of no stage": {nightly, githubtest.Event{Ref: "refs/tags/nightly", Actor: "olga"}, 1, cost{1, 1}},
		// One that the stage does not accept is refused by what the first question brought.
		"the event schedule":            {three, githubtest.Event{Name: "schedule", Actor: "olga"}, 1, cost{1, 1}},
		"the event repository_dispatch": {three, githubtest.Event{Name: "repository_dispatch", Actor: "olga"}, 1, cost{1, 1}},
		"the event pull_request":        {three, githubtest.Event{Name: "pull_request", Ref: scale.Dev, Actor: "ben"}, 1, cost{1, 1}},
		"the event workflow_run":        {three, githubtest.Event{Name: "workflow_run", Ref: scale.Main, Actor: "olga"}, 1, cost{1, 1}},
		"the event deployment":          {three, githubtest.Event{Name: "deployment", Ref: scale.Main, Actor: "olga"}, 1, cost{1, 1}},
		// One that is of no branch or tag is refused before anything is asked.
		"the event deployment of a bare commit": {three, githubtest.Event{Name: "deployment", Commit: "merge", Actor: "olga"}, 1, cost{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport, env := stand(t, row.world, row.event)
			got, code := measure(t, transport, env)
			if code != row.code || got != row.cost {
				t.Errorf("exit code %d, %+v; want %d, %+v: %v", code, got, row.code, row.cost, transport.requests)
			}
			t.Attr("depth", strconv.Itoa(got.trips))
			t.Attr("requests", strconv.Itoa(got.requests))
		})
	}
}

// unsigned takes the signature off the release.
func unsigned(world githubtest.World) githubtest.World {
	world.Tags = slices.Clone(world.Tags)
	world.Tags[0].Signed, world.Tags[0].By = "", "olga"
	return world
}

// measure runs the action and counts.
func measure(t *testing.T, transport *distant, env map[string]string) (got cost, code int) {
	t.Helper()
	transport.latency = 100 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		code = runAction(t.Context(), transport, env, t.Output())
		got.trips = int(time.Since(began) / transport.latency)
	})
	if violations := transport.server.Violations(); len(violations) > 0 {
		t.Errorf("violations: %v", violations)
	}
	got.requests = len(transport.requests)
	return got, code
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
