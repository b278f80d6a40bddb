package whatif_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

func preset(tb testing.TB, name string) policy.Policy {
	tb.Helper()
	rules, err := policy.Preset(name, gate.All())
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

func parse(tb testing.TB, text string) policy.Policy {
	tb.Helper()
	rules, err := policy.Parse("policy.yml", []byte(text), gate.All())
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

func release() whatif.Run {
	return whatif.Run{Repository: "acme/shop", DefaultBranch: "main", Ref: "refs/tags/v1.4.0", Event: "push"}
}

func ideal(tb testing.TB, rules policy.Policy, run whatif.Run) fact.Set {
	tb.Helper()
	facts, err := whatif.Ideal(rules, run)
	if err != nil {
		tb.Fatal(err)
	}
	return facts
}

func TestEditsAreWords(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"": "as a word such as review", ":qa": "as a word", "approval:": "as a word", "fact:checks": "only be taken away",
	} {
		if _, err := whatif.ParseEdit(text, false); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := whatif.ParseEdit("fact:nonsense", true); err == nil || !strings.Contains(err.Error(), "run-reviews") {
		t.Errorf("an unknown kind of fact: %v", err)
	}
	for _, text := range []string{"approval", "approval:qa", "check:release / rebuild", "setup:a:b"} {
		edit, err := whatif.ParseEdit(text, true)
		if err != nil || edit.String() != "without "+text {
			t.Errorf("%q is read as %q (%v)", text, edit, err)
		}
	}
}

// What is taken away is in the way, by itself, and nothing else has changed. The shortest
// way to an allow is then to bring it back.
func TestTheWayBackIsWhatWasTakenAway(t *testing.T) {
	t.Parallel()
	for _, name := range policy.PresetNames() {
		rules := preset(t, name)
		facts := ideal(t, rules, release())
		checks, _ := decide.NewPlan(rules, facts).Asks()
		if got := whatif.Decide(rules, facts); got.Decision != verdict.Allowed {
			t.Fatalf("%s: a run in which there is everything: %s %s", name, got.Decision, got.Code)
		}
		if way := whatif.WayToAllow(rules, facts); len(way.Steps) > 0 {
			t.Errorf("%s: an allowed run has steps to go: %+v", name, way.Steps)
		}
		before, err := facts.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range checks {
			edit := whatif.Edit{Without: !check.Supposition.Against, Noun: check.Supposition.Noun}
			changed, err := whatif.Apply(rules, facts, []whatif.Edit{edit})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, edit, err)
			}
			way := whatif.WayToAllow(rules, changed)
			if !slices.ContainsFunc(way.Steps, func(each verdict.Finding) bool { return each.Gate == check.ID && each.Fix != "" }) {
				t.Errorf("%s, %s: the way is %+v", name, edit, way.Steps)
			}
			if way.Unclear != "" || way.After.Decision != verdict.Allowed || way.After.Allows() {
				t.Errorf("%s, %s: after the way it is %s (%s), opens something: %t", name, edit, way.After.Decision, way.Unclear, way.After.Allows())
			}
		}
		if after, err := facts.Marshal(); err != nil || string(after) != string(before) {
			t.Errorf("%s: supposing has changed the facts (%v)", name, err)
		}
	}
}

// A fact that nobody could read is unknown, and blocks, whichever it is.
func TestEveryFactThatIsNotReadBlocks(t *testing.T) {
	t.Parallel()
	rules := preset(t, "three-stage")
	facts := ideal(t, rules, release())
	for _, need := range decide.NewPlan(rules, facts).Needs() {
		edit, err := whatif.ParseEdit("fact:"+string(need.Kind), true)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := whatif.Apply(rules, facts, []whatif.Edit{edit})
		if err != nil {
			t.Fatalf("%s: %v", edit, err)
		}
		if got := whatif.Decide(rules, changed); got.Decision == verdict.Allowed {
			t.Errorf("%s: %s", edit, got.Decision)
		}
	}
}

// What the stage does not ask for cannot be supposed, and neither can anything of a
// run that no stage takes.
func TestWhatIsNotAskedCannotBeSupposed(t *testing.T) {
	t.Parallel()
	rules := preset(t, "three-stage")
	edit := []whatif.Edit{{Noun: "approval", Part: "qa"}}
	if _, err := whatif.Apply(rules, ideal(t, rules, release()), edit); err == nil || !strings.Contains(err.Error(), "the stage prod asks for no such evidence; it asks for check, containment") {
		t.Errorf("got %v", err)
	}
	run := release()
	run.Ref = "refs/heads/elsewhere"
	if _, err := whatif.Apply(rules, ideal(t, rules, run), edit); err == nil || !strings.Contains(err.Error(), "asked for nothing: no stage accepts") {
		t.Errorf("got %v", err)
	}
	run.Ref = "refs/heads/dev"
	if _, err := whatif.Apply(rules, ideal(t, rules, run), edit); err == nil || !strings.Contains(err.Error(), "unrestricted") {
		t.Errorf("got %v", err)
	}
}

// A policy that nothing can meet says so.
func TestWhatNothingCanMeet(t *testing.T) {
	t.Parallel()
	rules := parse(t, `version: 1
preset: three-stage
roles: { qa: { users: [quinn] } }
calendars: { never: { closed: [{ from: "00:00", to: "24:00" }] } }
stages:
  - { name: prod, gates: { within-window: { calendar: never } } }
`)
	if _, err := whatif.Ideal(rules, release()); err == nil || !strings.Contains(err.Error(), "nothing can meet within-window") {
		t.Errorf("got %v", err)
	}
}

// The time that is asked for is the time it is, whatever the calendar says.
func TestTheTimeThatIsAskedFor(t *testing.T) {
	t.Parallel()
	rules := parse(t, `version: 1
preset: three-stage
calendars: { office: { freezes: [{ name: holidays, from: 2026-12-20, to: 2027-01-04 }] } }
stages:
  - { name: prod, gates: { within-window: { calendar: office } } }
`)
	run := release()
	run.At = time.Date(2026, 12, 24, 12, 0, 0, 0, time.FixedZone("", 3600))
	got := whatif.Decide(rules, ideal(t, rules, run))
	if !got.At.Equal(run.At) || got.Decision != verdict.Waiting || got.Code != "within-window.frozen" {
		t.Errorf("at %s it is %s %s", got.At, got.Decision, got.Code)
	}
	for _, each := range got.Findings {
		if each.Gate != "within-window" && each.Outcome != verdict.Pass {
			t.Errorf("%s is %s: %s", each.Gate, each.Outcome, each.Reason)
		}
	}
}

// The same run is made up in the same bytes.
func TestTheSameRunIsTheSameBytes(t *testing.T) {
	t.Parallel()
	rules := preset(t, "four-stage")
	first, err := ideal(t, rules, release()).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if again, err := ideal(t, rules, release()).Marshal(); err != nil || string(again) != string(first) {
			t.Fatalf("other bytes (%v)", err)
		}
	}
}
