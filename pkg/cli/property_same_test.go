package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// decoded returns the JSON of an answer, or nil where it is none.
func decoded(answer *reply) any {
	decoder := json.NewDecoder(bytes.NewReader(answer.body))
	decoder.UseNumber()
	var tree any
	if decoder.Decode(&tree) != nil {
		return nil
	}
	return tree
}

// encoded puts JSON into an answer.
func encoded(answer *reply, tree any) *reply {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(tree) == nil {
		answer.body = text.Bytes()
		answer.header.Set("Content-Length", strconv.Itoa(len(answer.body)))
	}
	return answer
}

// walk rebuilds JSON from the leaves up.
func walk(tree any, visit func(any) any) any {
	switch at := tree.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(at)) {
			at[name] = walk(at[name], visit)
		}
	case []any:
		for i := range at {
			at[i] = walk(at[i], visit)
		}
	}
	return visit(tree)
}

// rewritten is a change of the JSON in each answer. All attempts of a question get
// the same one.
func rewritten(visit func(random *rand.Rand) func(any) any, seed uint64) change {
	return func(_ *http.Request, key string, _ int, right *reply) (*reply, error) {
		if tree := decoded(right); tree != nil {
			return encoded(right, walk(tree, visit(randomFor(key, seed)))), nil
		}
		return right, nil
	}
}

// randomFor is randomness that depends on a question and a seed alone.
func randomFor(key string, seed uint64) *rand.Rand {
	sum := seed
	for _, each := range []byte(key) {
		sum = sum*1099511628211 + uint64(each)
	}
	return rand.New(rand.NewPCG(seed, sum)) //nolint:gosec // not for secrets
}

// moreFields puts fields into every object that no description of GitHub's has.
// An object of flags alone, such as permissions, gets more flags.
func moreFields(seed uint64) change {
	return rewritten(func(random *rand.Rand) func(any) any {
		return func(tree any) any {
			object, ok := tree.(map[string]any)
			if !ok {
				return tree
			}
			values := []any{true, false, nil, "x", 7, []any{1}, map[string]any{"id": 1, "state": "APPROVED"}}
			if len(object) > 0 && !slices.ContainsFunc(slices.Collect(maps.Values(object)), func(value any) bool { _, flag := value.(bool); return !flag }) {
				values = values[:2]
			}
			for range 1 + random.IntN(2) {
				object[fmt.Sprintf("%cnew%d", 'A'+rune(random.IntN(60)), random.IntN(9))] = values[random.IntN(len(values))]
			}
			return tree
		}
	}, seed)
}

// ordered are lists whose order is part of what they say.
var ordered = []string{"parents", "timelineItems"}

// shuffled puts every other list into another order.
func shuffled(seed uint64) change {
	return func(_ *http.Request, key string, _ int, right *reply) (*reply, error) {
		tree := decoded(right)
		if tree == nil {
			return right, nil
		}
		mix(randomFor(key, seed), tree)
		return encoded(right, tree), nil
	}
}

func mix(random *rand.Rand, tree any) {
	switch at := tree.(type) {
	case []any:
		random.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
		for _, each := range at {
			mix(random, each)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(at)) {
			if !slices.Contains(ordered, name) {
				mix(random, at[name])
			}
		}
	}
}

// otherCase writes the names of headers as HTTP/2 does, or in capitals, and has
// them read as a client reads them.
func otherCase(seed uint64) change {
	return func(request *http.Request, key string, _ int, right *reply) (*reply, error) {
		write := strings.ToLower
		if randomFor(key, seed).IntN(2) == 0 {
			write = strings.ToUpper
		}
		var wire bytes.Buffer
		fmt.Fprintf(&wire, "HTTP/1.1 %d X\r\n", right.status)
		for _, name := range slices.Sorted(maps.Keys(right.header)) {
			for _, value := range right.header[name] {
				fmt.Fprintf(&wire, "%s: %s\r\n", write(name), value)
			}
		}
		wire.WriteString("\r\n")
		wire.Write(right.body)
		response, err := http.ReadResponse(bufio.NewReader(&wire), request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return &reply{status: right.status, header: response.Header, body: body}, err
	}
}

// late lets answers arrive in another order: by up to two seconds of simulated time.
func late(seed uint64) change {
	return func(_ *http.Request, key string, _ int, right *reply) (*reply, error) {
		time.Sleep(time.Duration(randomFor(key, seed).IntN(2000)) * time.Millisecond) // simulated time: nothing waits
		return right, nil
	}
}

// shift is how a list changes while it is read: one entry more at its front, so
// that each page but the first begins with the last entry of the page before.
type shift int

const (
	uncounted shift = iota // the totals do not tell of it
	counted                // they do
	displaced              // and the last entry of the page is on none
)

// shifted makes lists change while they are read: those of one question in three, so
// that no error about one hides what becomes of another.
func (p *playable) shifted(how shift, seed uint64) change {
	return func(request *http.Request, key string, _ int, right *reply) (*reply, error) {
		tree := decoded(right)
		if randomFor(key, seed).IntN(3) > 0 {
			return right, nil
		}
		if strings.HasSuffix(request.URL.Path, "/graphql") {
			if !strings.Contains(key, "after") {
				return right, nil
			}
			return encoded(right, walk(tree, func(at any) any { return repeatNode(at, how) })), nil
		}
		last, err := p.lastBefore(request)
		if err != nil || last == nil {
			return right, err
		}
		if object, ok := tree.(map[string]any); ok && how == counted {
			raise(object, "total_count")
		}
		grow := func(list []any) []any { return moved(last, list, how) }
		if list, ok := tree.([]any); ok {
			return encoded(right, grow(list)), nil
		}
		listIn(tree, grow)
		return encoded(right, tree), nil
	}
}

func moved(first any, list []any, how shift) []any {
	if how == displaced && len(list) > 0 {
		list = list[:len(list)-1]
	}
	return append([]any{first}, list...)
}

// lastBefore returns the last entry of the page before the one that is asked for,
// or nil.
func (p *playable) lastBefore(request *http.Request) (any, error) {
	query := request.URL.Query()
	number, _ := strconv.Atoi(query.Get("page")) // 0 where there is none
	if number < 2 {
		return nil, nil
	}
	query.Set("page", strconv.Itoa(number-1))
	before := request.Clone(request.Context())
	address := *request.URL
	address.RawQuery = query.Encode()
	before.URL = &address
	earlier, err := p.answer(before)
	if err != nil {
		return nil, err
	}
	if list := listIn(decoded(earlier), nil); len(list) > 0 {
		return list[len(list)-1], nil
	}
	return nil, nil
}

// repeatNode repeats the first node of a page.
func repeatNode(at any, how shift) any {
	page, ok := at.(map[string]any)
	if !ok {
		return at
	}
	nodes, ok := page["nodes"].([]any)
	if !ok || len(nodes) == 0 || page["totalCount"] == nil {
		return at
	}
	page["nodes"] = moved(nodes[0], nodes, how)
	if how == counted {
		raise(page, "totalCount")
	}
	return page
}

func raise(object map[string]any, name string) {
	if count, ok := object[name].(json.Number); ok {
		if number, err := count.Int64(); err == nil {
			object[name] = number + 1
		}
	}
}

// listIn returns the one list of an answer, and puts another into its place.
func listIn(tree any, replace func([]any) []any) []any {
	switch at := tree.(type) {
	case []any:
		return at
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(at)) {
			if list, ok := at[name].([]any); ok {
				if replace != nil {
					at[name] = replace(list)
				}
				return list
			}
		}
	}
	return nil
}

// paged is the scene in a GitHub with pages of another size.
func (p *playable) paged(t *testing.T, size int) *playable {
	t.Helper()
	other := p.scene
	other.world.PageSize = size
	return mustBuild(t, other)
}

// sameBytes compares all channels of two runs.
func sameBytes(want, got outcome) string {
	all := func(o outcome) map[string]string {
		return map[string]string{"outputs": o.written, "log": o.log, "summary": o.summary, "facts": o.facts, "code": fmt.Sprint(o.code)}
	}
	return gocmp.Diff(all(want), all(got))
}

// newestIssues is how many of the open issues with a label are read: one page of
// them, which GitHub gives whole.
const newestIssues = 20

// variation is what must not matter.
type variation struct {
	name string
	// exact says that not a byte may differ. Otherwise a run may end in an error.
	exact bool
	lists bool // it is about lists of several pages
	// play returns two runs that have to be the same. right is the run in the GitHub
	// of the scene.
	play func(t *testing.T, p *playable, right outcome, seed uint64) (want, got outcome)
}

func variations() []variation {
	with := func(name string, exact bool, how func(uint64) change) variation {
		return variation{name, exact, false, func(t *testing.T, p *playable, right outcome, seed uint64) (want, got outcome) {
			t.Helper()
			return right, p.act(t, how(seed))
		}}
	}
	return []variation{
		with("again", true, func(uint64) change { return nil }),
		with("answers in another order", true, late),
		with("names of headers in another case", true, otherCase),
		with("fields that nobody knows", true, moreFields),
		with("lists in another order", false, shuffled),
		{"pages of another size", false, true, func(t *testing.T, p *playable, right outcome, seed uint64) (want, got outcome) {
			t.Helper()
			size := []int{1, 3, 20, 99, int(seed%100) + 1}[seed%5]
			if len(p.world.Issues) > 0 {
				size = max(size, newestIssues)
			}
			return right, p.paged(t, size).act(t, nil)
		}},
		{"small pages that arrive in another order", true, true, func(t *testing.T, p *playable, _ outcome, seed uint64) (want, got outcome) {
			t.Helper()
			small := p.paged(t, 3).saving()
			return small.act(t, late(seed)), small.act(t, late(seed+1))
		}},
		{"lists that change while they are read", false, true, func(t *testing.T, p *playable, _ outcome, seed uint64) (want, got outcome) {
			t.Helper()
			small := p.paged(t, int(seed%2)+1)
			return small.act(t, nil), small.act(t, small.shifted(shift(seed/2%3), seed/6))
		}},
	}
}

// check plays a variation and returns what is wrong with it, or "".
func (v variation) check(t *testing.T, p *playable, right outcome, seed uint64) string {
	t.Helper()
	want, got := v.play(t, p, right, seed)
	switch {
	case got.allowed() && !want.allowed():
		return fmt.Sprintf("allowed, and otherwise %s", want.reason())
	case v.exact:
		return sameBytes(want, got)
	case got.outputs["decision"] == "error":
		return ""
	}
	return gocmp.Diff(want.deciding(t), got.deciding(t))
}

// TestWhatMustNotMatter plays the stories again in a GitHub that says the same in
// another way.
func TestWhatMustNotMatter(t *testing.T) {
	t.Parallel()
	scenes := slices.Concat(presetScenes(), stories(t), []scene{{name: richest, world: demo(t, "release.yml"), event: githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}}})
	for _, each := range scenes {
		paging := strings.Contains(each.name, "paging")
		var chosen []variation
		for _, vary := range variations() {
			if someOf(80, 1, each.name, vary.name) || slices.Contains(rich, each.name) || paging && vary.lists {
				chosen = append(chosen, vary)
			}
		}
		if len(chosen) == 0 {
			continue
		}
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			p := mustBuild(t, each).paged(t, 100).saving() // the largest pages hide least
			right := p.act(t, nil)
			for _, vary := range chosen {
				for seed := range uint64(24) {
					always := thrift == 1 && paging && vary.lists && seed%8 == 1 || slices.Contains(rich, each.name) && (seed == 0 || thrift == 1 && vary.lists && seed < 6)
					if !always && !someOf(24, 3, each.name, vary.name, fmt.Sprint(seed)) {
						continue
					}
					if wrong := vary.check(t, p, right, seed); wrong != "" {
						t.Errorf("%s (seed %d) in %s: %s", vary.name, seed, p.name, wrong)
					}
				}
			}
		})
	}
}
