package cli_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

// everything is whether the properties are tried with all there is, which takes
// minutes, and not with a part of it: `make properties`.
var everything = os.Getenv("STAGEWARD_PROPERTIES") == "all"

// scene is a run in a world.
type scene struct {
	name   string
	source string // of the world, where it was not read yet
	world  githubtest.World
	event  githubtest.Event
	inputs map[string]string // of the step, by the names that a runner gives them
	code   int               // with which it has to end; -1 where that is not known
}

// playable is a scene with its GitHub. The GitHub is only asked once about each
// thing: a run changes nothing, so the answer stays what it was.
type playable struct {
	scene
	server *githubtest.Server
	env    map[string]string
	event  []byte

	mu      sync.Mutex
	answers map[string]*reply
	folders []string // that no run has now
}

// reply is an answer that can be given again.
type reply struct {
	status int
	header http.Header
	body   []byte
	short  bool // the connection ends before the body does
}

func (r *reply) clone() *reply {
	return &reply{r.status, r.header.Clone(), slices.Clone(r.body), r.short}
}

func (r *reply) response(request *http.Request) *http.Response {
	var body io.Reader = bytes.NewReader(r.body)
	if r.short {
		body = io.MultiReader(bytes.NewReader(r.body[:len(r.body)*3/4]), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	return &http.Response{
		StatusCode: r.status, Status: http.StatusText(r.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.header,
		Body: io.NopCloser(body), ContentLength: int64(len(r.body)), Request: request,
	}
}

// read reads the world of the scene. There are many, and few are played at a time.
func (s scene) read() (scene, error) {
	if s.source == "" {
		return s, nil
	}
	world, err := githubtest.ParseWorld([]byte(s.source))
	s.source, s.world = "", world
	return s, err
}

// build makes the GitHub of a scene.
func build(s scene) (*playable, error) {
	s, err := s.read()
	if err != nil {
		return nil, err
	}
	server, err := githubtest.New(s.world)
	if err != nil {
		return nil, err
	}
	run, err := server.Run(s.event)
	if err != nil {
		return nil, err
	}
	p := &playable{scene: s, server: server, env: maps.Clone(run.Env), event: run.Payload, answers: map[string]*reply{}}
	p.env["INPUT_TOKEN"], p.env["INPUT_POLICY"] = server.Token(), actions.DefaultPolicy
	p.env["GITHUB_TOKEN"] = server.Token() // for the command line
	for name, value := range s.inputs {
		p.env[name] = strings.ReplaceAll(value, "$PEOPLE_TOKEN", server.PeopleToken())
	}
	p.env["STAGEWARD_PEOPLE_TOKEN"] = p.env["INPUT_PEOPLE-TOKEN"]
	return p, nil
}

func mustBuild(t *testing.T, s scene) *playable {
	t.Helper()
	p, err := build(s)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return p
}

// answer is what GitHub says to a request.
func (p *playable) answer(request *http.Request) (*reply, error) {
	key, err := requestKey(request)
	if err != nil {
		return nil, err
	}
	key += " " + request.Header.Get("Authorization")
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.answers[key]; ok {
		return known.clone(), nil
	}
	arriving, err := arrival(request)
	if err != nil {
		return nil, err
	}
	arriving.TLS = &tls.ConnectionState{}
	recorder := httptest.NewRecorder()
	p.server.ServeHTTP(recorder, arriving)
	known := &reply{status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()}
	known.header.Set("X-GitHub-Request-Id", "0D0B:0001") // shown in reasons
	p.answers[key] = known
	return known.clone(), nil
}

// change makes of the right answer to a request the one that arrives. attempt
// counts how often the same was asked, from 1. A nil reply is no answer.
type change func(request *http.Request, key string, attempt int, right *reply) (*reply, error)

// carrier takes the requests of one run to the GitHub of a scene.
type carrier struct {
	p      *playable
	change change

	mu   sync.Mutex
	sent map[string]int
}

func (c *carrier) RoundTrip(request *http.Request) (*http.Response, error) {
	key, err := requestKey(request)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.sent[key]++
	attempt := c.sent[key]
	c.mu.Unlock()
	answer, err := c.p.answer(request)
	if err != nil {
		return nil, err
	}
	if c.change != nil {
		if answer, err = c.change(request, key, attempt, answer); err != nil {
			return nil, err
		}
	}
	return answer.response(request), nil
}

// outcome is all that a run leaves behind.
type outcome struct {
	code                  int
	outputs               map[string]string
	log, summary, written string
	facts                 string         // where they are saved
	requests              map[string]int // how often each was sent
}

func (o outcome) allowed() bool { return o.outputs["allowed"] == "true" }

// act runs the action in simulated time. Its answers may be changed on the way.
func (p *playable) act(t *testing.T, how change) outcome {
	t.Helper()
	folder := p.borrow(t)
	env := maps.Clone(p.env)
	env["GITHUB_WORKSPACE"] = folder
	for variable, content := range map[string][]byte{"GITHUB_EVENT_PATH": p.event, "GITHUB_OUTPUT": {}, "GITHUB_STEP_SUMMARY": {}} {
		env[variable] = filepath.Join(folder, variable)
		if err := os.WriteFile(env[variable], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := outcome{}
	out.code, out.log, _, out.requests = p.run(t, how, env, "action")
	out.written, out.summary = content(t, env["GITHUB_OUTPUT"]), content(t, env["GITHUB_STEP_SUMMARY"])
	if name := env["INPUT_SAVE-FACTS"]; name != "" {
		facts, err := os.ReadFile(filepath.Join(folder, name))
		if out.facts = string(facts); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	p.mu.Lock()
	p.folders = append(p.folders, folder)
	p.mu.Unlock()
	out.outputs = parseOutputs(out.written)
	p.judge(t, out)
	return out
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// borrow returns a folder that no other run has now.
func (p *playable) borrow(t *testing.T) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.folders) - 1; last >= 0 {
		folder := p.folders[last]
		p.folders = p.folders[:last]
		return folder
	}
	return t.TempDir()
}

// run runs the program in simulated time.
func (p *playable) run(t *testing.T, how change, env map[string]string, args ...string) (code int, stdout, stderr string, requests map[string]int) {
	t.Helper()
	carrier := &carrier{p: p, change: how, sent: map[string]int{}}
	var out, errs bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		code = cli.Main(t.Context(), args, cli.System{
			Getenv: func(name string) string { return env[name] }, Stdout: &out, Stderr: &errs,
			Now: time.Now, Random: constant{}, Transport: carrier,
		})
		synctest.Wait() // whoever still runs is found here
	})
	return code, out.String(), errs.String(), carrier.sent
}

// constant is randomness that is the same in every run.
type constant struct{}

func (constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 7
	}
	return len(p), nil
}

// judge holds what every run has to hold: the channels say one thing, and nobody
// is told that he may go on without being told with which commit.
func (p *playable) judge(t *testing.T, out outcome) {
	t.Helper()
	says := map[string]bool{"allowed": out.allowed(), "decision": out.outputs["decision"] == "allow", "code": out.code == 0}
	if says["allowed"] != says["decision"] || says["allowed"] != says["code"] {
		t.Errorf("%s: exit code %d with allowed=%s and decision=%s", p.name, out.code, out.outputs["allowed"], out.outputs["decision"])
	}
	if out.code < 0 || out.code > 3 {
		t.Errorf("%s: exit code %d", p.name, out.code)
	}
	sha := p.env["GITHUB_SHA"]
	if chosen := p.inputs["INPUT_SHA"]; chosen != "" {
		sha = chosen
	}
	if out.allowed() && out.outputs["sha"] != sha && p.inputs["INPUT_REF"] == "" && p.env["GITHUB_EVENT_NAME"] != "workflow_run" {
		t.Errorf("%s: allowed with the commit %q, the run is of %q", p.name, out.outputs["sha"], sha)
	}
	for name, document := range map[string]string{"verdict": out.outputs["result"], "audit": out.outputs["audit"], "facts": out.facts} {
		if document == "" || name == "facts" && thrift > 1 {
			continue // the facts of the stories are held against their schema anyway
		}
		if err := fits(name, document); err != nil {
			t.Errorf("%s: what was written is not as docs/%s.schema.json says: %v\n%.2000s", p.name, name, err, document)
		}
	}
}

// reason is what a run decided, and why.
func (o outcome) reason() string { return o.outputs["decision"] + " " + o.outputs["reason-code"] }
