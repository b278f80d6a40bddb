package cli_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// wrong is what can become of an answer.
type wrong struct {
	name  string
	spoil func(request *http.Request, right *reply) (*reply, error)
	// fits says of which right answers it can; nil for all. partial is true where it
	// does not tell whether the answer is needed: a part of it may not be what counts.
	fits    func(right *reply) bool
	partial bool
}

// wrongs are all that can become of an answer.
func wrongs() []wrong {
	all := []wrong{
		// Whoever waits for it to the end has no time left for the next question, so that
		// this does not say whether the answer was needed.
		{name: "hang", partial: true, spoil: func(request *http.Request, _ *reply) (*reply, error) {
			<-request.Context().Done()
			return nil, request.Context().Err()
		}},
		{name: "drop", spoil: func(*http.Request, *reply) (*reply, error) { return nil, io.ErrUnexpectedEOF }},
		{name: "refused", spoil: func(*http.Request, *reply) (*reply, error) { return nil, errors.New("connection refused") }},
		{name: "redirect", spoil: func(request *http.Request, right *reply) (*reply, error) {
			return &reply{status: http.StatusFound, header: http.Header{"Location": {"https://evil.test" + request.URL.Path}, "Date": right.header["Date"]}}, nil
		}},
		{name: "redirect to itself", spoil: func(request *http.Request, right *reply) (*reply, error) {
			return &reply{status: http.StatusMovedPermanently, header: http.Header{"Location": {request.URL.String()}, "Date": right.header["Date"]}}, nil
		}},
		{name: "secondary limit", spoil: func(_ *http.Request, right *reply) (*reply, error) {
			spoiled := failing(http.StatusForbidden, right)
			spoiled.body = []byte(`{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`)
			return spoiled, nil
		}},
	}
	for _, status := range []int{202, 204, 304, 400, 401, 403, 404, 409, 410, 422, 429, 451, 500, 502, 503, 504} {
		all = append(all, wrong{name: fmt.Sprint(status), spoil: func(_ *http.Request, right *reply) (*reply, error) { return failing(status, right), nil }})
	}
	for _, body := range []string{"{}", "[]", "null", "", `""`, "0", "true", "[null]", "[{}]", `{"data":null}`, `{"data":{}}`, `{"message":"Not Found"}`, "<!DOCTYPE html>\n<title>Unicorn!</title>\n"} {
		all = append(all, wrong{name: "200 with " + cmp.Or(body, "nothing"), spoil: func(_ *http.Request, right *reply) (*reply, error) {
			right.body = []byte(body)
			return right, nil
		}, fits: func(right *reply) bool {
			// Without a total, an empty list is GitHub's way to say that there is
			// nothing, which nobody can tell from a lie.
			return body != "[]" || !bytes.HasPrefix(right.body, []byte("["))
		}})
	}
	return append(all, spoiledBodies()...)
}

// besideTheData is the fault that GraphQL alone has.
const besideTheData = "errors beside the data"

func spoiledBodies() []wrong {
	body := func(name string, change func([]byte) []byte) wrong {
		return wrong{name: name, spoil: func(_ *http.Request, right *reply) (*reply, error) {
			right.body = change(right.body)
			return right, nil
		}}
	}
	errors := wrong{name: besideTheData, spoil: func(_ *http.Request, right *reply) (*reply, error) {
		tree, ok := decoded(right).(map[string]any)
		if !ok {
			return right, nil
		}
		said, _ := tree["errors"].([]any)
		tree["errors"] = append(said, map[string]any{"type": "FORBIDDEN", "message": "Resource not accessible by integration"})
		return encoded(right, tree), nil
	}}
	errors.fits = func(right *reply) bool { return bytes.HasPrefix(right.body, []byte(`{"data":`)) }
	all := []wrong{
		body("truncated", func(data []byte) []byte { return data[:len(data)/2] }),
		body("said twice", func(data []byte) []byte { return append(data, data...) }),
		{name: "short", spoil: func(_ *http.Request, right *reply) (*reply, error) { right.short = true; return right, nil }},
		errors,
	}
	for number := range 8 {
		all = append(all, wrong{name: fmt.Sprintf("list %d is not whole", number), partial: true, spoil: func(_ *http.Request, right *reply) (*reply, error) {
			tree := decoded(right)
			shorten(tree, number)
			return encoded(right, tree), nil
		}, fits: func(right *reply) bool { return shorten(decoded(right), number) }})
	}
	return all
}

// shorten takes the last entry out of a list that says how long it is, by its
// number in the answer.
func shorten(tree any, number int) (done bool) {
	walk(tree, func(at any) any {
		object, ok := at.(map[string]any)
		if !ok || object["total_count"] == nil && object["totalCount"] == nil {
			return at
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if list, ok := object[name].([]any); ok && len(list) > 0 {
				if number == 0 {
					object[name], done = list[:len(list)-1], true
				}
				number--
			}
		}
		return at
	})
	return done
}

func failing(status int, right *reply) *reply {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Date": right.header["Date"]}
	return &reply{status: status, header: header, body: fmt.Appendf(nil, `{"message":%q,"documentation_url":"https://docs.github.com/rest","status":"%d"}`, http.StatusText(status), status)}
}

// faulty is a fault of one question: once, or each time that it is asked.
func (w wrong) faulty(question string, once bool) change {
	return func(request *http.Request, key string, attempt int, right *reply) (*reply, error) {
		if key != question || once && attempt > 1 {
			return right, nil
		}
		return w.spoil(request, right.clone())
	}
}

// someOf picks one in part, always the same ones, or with everything one in whole.
func someOf(part, whole uint32, what ...string) bool {
	if part *= thrift; everything {
		part = whole
	}
	hash := fnv.New32a()
	_, _ = io.WriteString(hash, strings.Join(what, "\x00"))
	return hash.Sum32()%part == 0
}

// allowedScenes are runs that are allowed: of both presets, of the
// demonstration, and of every story.
func allowedScenes(t *testing.T) []scene {
	t.Helper()
	release := demo(t, "release.yml")
	all := presetScenes()
	all = append(all,
		scene{name: richest, world: release, event: githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}},
		scene{name: "a rollback", world: release, event: githubtest.Event{Name: "workflow_dispatch", Ref: "refs/tags/v1.2.0", Actor: "olga"}, inputs: map[string]string{"INPUT_ROLLBACK": "true"}},
	)
	for _, each := range stories(t) {
		if each.code == 0 {
			all = append(all, each)
		}
	}
	return all
}

// refusedScenes are runs that are not allowed.
func refusedScenes(t *testing.T) []scene {
	t.Helper()
	return slices.DeleteFunc(stories(t), func(each scene) bool { return each.code == 0 })
}

// stories are the scenes of all stories.
func stories(t *testing.T) []scene {
	t.Helper()
	all, err := storyScenes()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 400 {
		t.Fatalf("only %d scenes: does the teller still understand the stories?", len(all))
	}
	return slices.DeleteFunc(slices.Clone(all), func(each scene) bool { return each.name == oddlyQuoted })
}

// oddlyQuoted is a scene whose reference the teller does not read.
const oddlyQuoted = "case-control/3"

// presetScenes are runs that both presets allow, by every event.
func presetScenes() []scene {
	all := []scene{}
	tag := world(2, 2)
	for _, event := range []githubtest.Event{
		{Ref: "refs/heads/dev", Actor: "ben"},
		{Ref: "refs/heads/main", Actor: "olga"},
		{Ref: "refs/tags/v1.4.0", Actor: "olga"},
		{Name: "create", Ref: "refs/tags/v1.4.0", Actor: "olga"},
		{Name: "workflow_dispatch", Ref: "refs/tags/v1.4.0", Actor: "olga"},
		{Name: "release", Ref: "refs/tags/v1.4.0", Actor: "olga"},
		{Name: "workflow_run", Ref: "refs/heads/main", Actor: "olga"},
		{Name: "deployment", Ref: "refs/tags/v1.4.0", Actor: "olga"},
		{Name: "schedule", Actor: "olga"},
		{Name: "repository_dispatch", Actor: "olga"},
	} {
		all = append(all, scene{name: cmp.Or(event.Name, "push") + " " + event.Ref, world: tag, event: event, code: -1})
	}
	return append(all, fourStages()...)
}

func fourStages() []scene {
	four := world(2, 2)
	four.Commits[0].Files = map[string]*githubtest.File{".github/stageward.yml": {Text: "version: 1\npreset: four-stage\n"}}
	four.Tags = append(four.Tags, githubtest.Tag{Name: "v1.4.0-rc.1", Commit: "merge", Annotated: true, Signed: "olga"})
	four.Checks = append(four.Checks, githubtest.Check{Commit: "merge", Name: "deploy-test", Workflow: ".github/workflows/deploy.yml", RunID: 81, Environment: "test"})
	four.WorkflowRuns = []githubtest.WorkflowRun{{Commit: "merge", Workflow: ".github/workflows/deploy.yml", RunID: 80, Branch: "v1.4.0-rc.1", Status: "completed"}}
	return []scene{
		{name: "four stages, test", world: four, event: githubtest.Event{Ref: "refs/heads/main", Actor: "olga"}},
		{name: "four stages, staging", world: four, event: githubtest.Event{Ref: "refs/tags/v1.4.0-rc.1", Actor: "olga"}},
		{name: "four stages, prod", world: four, event: githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}},
	}
}

// TestNoFaultAllows plays every fault at every question of every run. What was not
// allowed stays so. A run that is allowed all the same did not need the answer: it
// says word by word what it says without the fault.
func TestNoFaultAllows(t *testing.T) {
	t.Parallel()
	var count tally
	t.Run("scenes", func(t *testing.T) {
		for _, each := range append(allowedScenes(t), refusedScenes(t)...) {
			if !someOf(24, 1, each.name) && !slices.Contains(rich, each.name) {
				continue
			}
			t.Run(each.name, func(t *testing.T) {
				t.Parallel()
				p := mustBuild(t, each)
				right := p.act(t, nil)
				if p.code >= 0 && right.code != p.code {
					t.Fatalf("exit code %d, want %d: %s", right.code, p.code, right.log)
				}
				for _, question := range slices.Sorted(maps.Keys(right.requests)) {
					p.spoil(t, question, right, &count)
				}
			})
		}
	})
	t.Logf("%d runs with a fault: %d were allowed after another attempt, %d did not need the answer", count.runs.Load(), count.healed.Load(), count.unneeded.Load())
}

// Faults that are played at every question of rich worlds, however few others are:
// those that a client takes for an answer most easily.
var (
	telling = []string{"404", "truncated", besideTheData}
	rich    = []string{richest, "four stages, prod", "push refs/heads/main", "gate-fresh/3"}
)

// richest is the run of the demonstration that 17 gates are asked about.
const richest = "17 gates"

// tally counts runs.
type tally struct{ runs, healed, unneeded atomic.Int64 }

// spoil plays every fault at one question. An answer that a run cannot do without
// in one way it cannot do without in any.
func (p *playable) spoil(t *testing.T, question string, right outcome, count *tally) {
	t.Helper()
	part, whole := uint32(60), uint32(1)
	if !right.allowed() {
		part, whole = 120, 8 // there are three times as many
	}
	answer := p.known(question)
	var with, without []string // faults that come every time, by whether the run is allowed
	for _, fault := range wrongs() {
		for _, once := range []bool{true, false} {
			always := !once && (fault.partial && everything || thrift == 1 && (fault.partial || slices.Contains(telling, fault.name)) && slices.Contains(rich, p.name))
			if !always && !someOf(part, whole, p.name, question, fault.name, fmt.Sprint(once)) || fault.fits != nil && !fault.fits(answer.clone()) {
				continue
			}
			count.runs.Add(1)
			allowed := p.endure(t, fault, question, once, right)
			switch {
			case once && allowed:
				count.healed.Add(1)
			case once:
			case fault.partial && allowed:
				count.unneeded.Add(1)
			case fault.partial:
			case allowed:
				count.unneeded.Add(1)
				without = append(without, fault.name)
			default:
				with = append(with, fault.name)
			}
		}
	}
	if len(with) > 0 && len(without) > 0 {
		t.Errorf("%s: %s is needed (%q), and yet is not (%q)", p.name, question, with, without)
	}
}

// endure plays one fault and reports whether the run is allowed all the same.
func (p *playable) endure(t *testing.T, fault wrong, question string, once bool, right outcome) bool {
	t.Helper()
	out := p.act(t, fault.faulty(question, once))
	switch {
	case !out.allowed():
		return false
	case !right.allowed():
		t.Errorf("%s: %q (once: %t) at %s: allowed, without the fault it is %s", p.name, fault.name, once, question, right.reason())
	default:
		if diff := gocmp.Diff(right.deciding(t), out.deciding(t)); diff != "" {
			t.Errorf("%s: %q (once: %t) at %s is allowed, and says another thing:\n%s", p.name, fault.name, once, question, diff)
		}
	}
	return true
}

// known is the right answer to a question, or nil.
func (p *playable) known(question string) *reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, known := range p.answers {
		if strings.HasPrefix(key, question+" ") {
			return known.clone()
		}
	}
	return nil
}

// deciding is the result without what decides nothing: what would be deployed,
// from where a rollback goes back, gates that only warn, and what somebody broke
// the glass for, which is let through whatever is known of it.
func (o outcome) deciding(t *testing.T) string {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(o.outputs["result"]), &tree); err != nil {
		t.Fatalf("read the result: %v: %q", err, o.outputs["result"])
	}
	delete(tree, "changes")
	if way, ok := tree["way"].(map[string]any); ok {
		delete(way, "from")
		delete(way, "unknown")
	}
	findings, _ := tree["findings"].([]any)
	tree["findings"] = slices.DeleteFunc(findings, func(each any) bool {
		finding, ok := each.(map[string]any)
		return ok && (finding["mode"] == "warn" || finding["outcome"] == "waived" && finding["code"] == "break-glass")
	})
	text, err := json.MarshalIndent(tree, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
