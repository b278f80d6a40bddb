package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// conclude decides from facts, as a replay does.
func conclude(facts fact.Set) verdict.Verdict {
	rules, err := policy.Load(facts.Policy, gate.All())
	if err != nil {
		return decide.Undecidable(facts, "policy.unusable", err.Error(), "")
	}
	return decide.NewPlan(rules, facts).Decide(facts)
}

// spot is a place of the stored facts where one is kept: a member of an object.
type spot struct {
	in   map[string]any
	name string
	path string
}

// spots finds every fact in the stored form, at whatever depth: an object with a
// value and the source where it was read. No list of places has to be kept here.
func spots(tree any, path string) []spot {
	var found []spot
	switch at := tree.(type) {
	case []any:
		for i, each := range at {
			found = append(found, spots(each, fmt.Sprintf("%s.%d", path, i))...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(at)) {
			if each, ok := at[name].(map[string]any); ok && each["value"] != nil && each["source"] != nil {
				found = append(found, spot{at, name, path + "." + name})
			}
			found = append(found, spots(at[name], path+"."+name)...)
		}
	}
	return found
}

// withoutSome takes facts away that losing names, the deepest first, and returns
// what is left. It returns false where the stored form cannot be read any more.
func withoutSome(t *testing.T, stored string, losing func(spot) string) (fact.Set, bool) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(stored)))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return fact.Set{}, false
	}
	all := spots(tree, "")
	slices.Reverse(all)
	for _, each := range all {
		if reason := losing(each); reason != "" {
			each.in[each.name] = map[string]any{"missing": map[string]any{"reason": reason, "detail": "it was taken away"}}
		}
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := fact.Unmarshal(text)
	return facts, err == nil
}

var lostReasons = []string{"not-asked", "forbidden", "not-found", "incomplete", "inconsistent", "unavailable"}

// TestNoMissingFactAllows takes each fact away that a run had, alone and with any
// others, for the policies of both presets, of the demonstration, and of every
// story. What gates do one by one pkg/gate tests; here they decide together.
func TestNoMissingFactAllows(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	count := map[string]int{}
	t.Run("scenes", func(t *testing.T) {
		for _, each := range append(allowedScenes(t), refusedScenes(t)...) {
			if !someOf(60, 8, "facts", each.name) && each.name != richest {
				continue
			}
			t.Run(each.name, func(t *testing.T) {
				t.Parallel()
				stored := mustBuild(t, each).saving().act(t, nil).facts
				whole, ok := withoutSome(t, stored, func(spot) string { return "" })
				if !ok {
					return // nothing was asked: there is no subject
				}
				right := conclude(whole)
				wrong := func(now verdict.Verdict) bool {
					mu.Lock()
					defer mu.Unlock()
					count[fmt.Sprintf("%s -> %s", right.Decision, now.Decision)]++
					return now.Decision == verdict.Allowed && (right.Decision != verdict.Allowed || met(now) != met(right))
				}
				eachAlone(t, stored, wrong)
				if !someOf(3, 1, "any facts", each.name) {
					return
				}
				number := 0
				rapid.Check(t, func(rt *rapid.T) {
					if number++; !chosen(number) {
						return
					}
					gone := rapid.IntRange(1, 30).Draw(rt, "one in")
					facts, ok := withoutSome(t, stored, func(at spot) string {
						if rapid.IntRange(1, gone).Draw(rt, at.path) == 1 {
							return rapid.SampledFrom(lostReasons).Draw(rt, "reason")
						}
						return ""
					})
					if ok && wrong(conclude(facts)) {
						rt.Fatalf("allowed with fewer facts; it was %s (%s): %s", right.Decision, right.Code, met(right))
					}
				})
			})
		}
	})
	t.Logf("from -> to: %v", count)
	if count["allow -> error"] == 0 {
		t.Error("no loss mattered: this proves nothing")
	}
}

// met says of which gate what came out, but for those that only warn and what
// somebody broke the glass for.
func met(of verdict.Verdict) string {
	var all []string
	for _, each := range of.Findings {
		if each.Mode == verdict.Enforce && (each.Outcome != verdict.Waived || each.Code != "break-glass") {
			all = append(all, each.Gate+" "+each.Outcome.String()+" "+each.Reason)
		}
	}
	return strings.Join(all, "\n")
}

func eachAlone(t *testing.T, stored string, wrong func(verdict.Verdict) bool) {
	t.Helper()
	var paths []string
	withoutSome(t, stored, func(at spot) string { paths = append(paths, at.path); return "" })
	for _, path := range paths {
		for _, reason := range lostReasons {
			if !everything && (reason != "not-found" || !someOf(1, 1, path)) {
				continue // the reason that a gate could take for an answer
			}
			facts, ok := withoutSome(t, stored, func(at spot) string {
				if at.path == path {
					return reason
				}
				return ""
			})
			if ok && wrong(conclude(facts)) {
				t.Errorf("without %s (%s) it is allowed", path, reason)
			}
		}
	}
}
