package decide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

var (
	sha    = fact.SHA(strings.Repeat("c1", 20))
	other  = fact.SHA(strings.Repeat("c2", 20))
	source = fact.Source{From: "test"}
)

func facts(ref fact.Ref) fact.Set {
	return fact.Set{
		Subject:    fact.Subject{Repository: "acme/shop", Ref: ref, SHA: sha},
		Trigger:    fact.Trigger{Event: "push"},
		Repository: fact.Of(fact.Repository{Name: "acme/shop", DefaultBranch: "main", URL: "https://github.test/acme/shop"}, source),
		RefTarget:  fact.Of(fact.RefTarget{Exists: true, Object: sha, Commit: sha}, source),
		Containment: map[string]fact.Known[fact.Containment]{
			"$default-branch": fact.Of(fact.Containment{Branch: "main", Contained: true, Status: "identical"}, source),
		},
	}
}

// rules has a stage that asks for nothing, one that asks, and a second one for
// the same branch.
func rules(t *testing.T, mode verdict.Mode) policy.Policy {
	t.Helper()
	return policy.Policy{Stages: []policy.Stage{
		{Name: "dev", Environment: "development", Unrestricted: true, Rule: rule(t, "dev", "dev")},
		{Name: "prod", Environment: "production", Rule: rule(t, "prod", "main"), Gates: []policy.Gate{{Check: bind(t, "on-branch"), Mode: mode, Origin: "test"}}},
	}}
}

func rule(t *testing.T, name string, branches ...string) stage.Rule {
	t.Helper()
	made := stage.Rule{Stage: name, Versions: stage.AnyTag, Events: stage.DefaultEvents()}
	for _, branch := range branches {
		pattern, err := stage.ParsePattern(branch)
		if err != nil {
			t.Fatal(err)
		}
		made.Branches = append(made.Branches, pattern)
	}
	return made
}

func bind(t *testing.T, id string) gate.Check {
	t.Helper()
	for _, each := range gate.All() {
		if each.ID == id {
			check, err := each.Bind(nil, gate.Terms{})
			if err != nil {
				t.Fatal(err)
			}
			return check
		}
	}
	t.Fatalf("no gate %q", id)
	return gate.Check{}
}

func run(t *testing.T, rules policy.Policy, set fact.Set) verdict.Verdict {
	t.Helper()
	return decide.NewPlan(rules, set).Decide(set)
}

func TestNoStageIsADeny(t *testing.T) {
	t.Parallel()
	result := run(t, rules(t, verdict.Enforce), facts("refs/heads/feature"))
	if result.Decision != verdict.Denied || result.Code != "ref.unmatched" || result.Stage != nil || len(result.Mapping) != 2 {
		t.Errorf("got %s %s, stage %v, %d tries", result.Decision, result.Code, result.Stage, len(result.Mapping))
	}
	if needs := decide.NewPlan(rules(t, verdict.Enforce), facts("refs/heads/feature")).Needs(); needs != nil {
		t.Errorf("facts are asked for without a stage: %v", needs)
	}
}

func TestAnEventThatTheStageDoesNotAcceptIsADeny(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"", "pull_request", "pull_request_target", "schedule", "Push"} {
		set := facts("refs/heads/main")
		set.Trigger.Event = event
		plan := decide.NewPlan(rules(t, verdict.Enforce), set)
		result := plan.Decide(set)
		if result.Decision != verdict.Denied || result.Code != "ref.event-not-allowed" || result.Stage != nil || result.Reason == "" {
			t.Errorf("%q: got %s %s, stage %v, because %q", event, result.Decision, result.Code, result.Stage, result.Reason)
		}
		if needs := plan.Needs(); needs != nil {
			t.Errorf("%q: facts are asked for without a stage: %v", event, needs)
		}
	}
	set := facts("refs/heads/main")
	set.Trigger.Event = "cli" // a person may ask about every stage
	if result := run(t, rules(t, verdict.Enforce), set); result.Decision != verdict.Allowed {
		t.Errorf("cli: got %s %s", result.Decision, result.Code)
	}
}

// Undecidable and Refused say the same, but for what is known: nothing, or no.
func TestARunWithoutASubject(t *testing.T) {
	t.Parallel()
	set := fact.Set{Trigger: fact.Trigger{Event: "pull_request_target", Actor: "mallory"}}
	want := verdict.Verdict{
		Schema: verdict.SchemaVersion, Decision: verdict.Errored, Code: "x.y", Reason: "why", Fix: "what", Trigger: set.Trigger, Problems: []string{"p:1:1"},
	}
	if diff := cmp.Diff(want, decide.Undecidable(set, "x.y", "why", "what", "p:1:1")); diff != "" {
		t.Errorf("undecidable (-want +got):\n%s", diff)
	}
	want.Decision, want.Problems = verdict.Denied, nil
	got := decide.Refused(set, "x.y", "why", "what")
	if diff := cmp.Diff(want, got); diff != "" || got.Allows() {
		t.Errorf("refused allows: %t (-want +got):\n%s", got.Allows(), diff)
	}
}

func TestTwoStagesAreAnError(t *testing.T) {
	t.Parallel()
	ambiguous := rules(t, verdict.Enforce)
	ambiguous.Stages[0].Rule = rule(t, "dev", "main")
	set := facts("refs/heads/main")
	if result := run(t, ambiguous, set); result.Decision != verdict.Errored || result.Code != "ref.ambiguous" {
		t.Errorf("got %s %s", result.Decision, result.Code)
	}
	set.Trigger.Stage = "prod"
	if result := run(t, ambiguous, set); result.Decision != verdict.Allowed || result.Stage.Name != "prod" {
		t.Errorf("got %s %s", result.Decision, result.Code)
	}
	set.Trigger.Stage = "nowhere"
	if result := run(t, ambiguous, set); result.Decision != verdict.Errored || result.Code != "stage.unknown" {
		t.Errorf("got %s %s", result.Decision, result.Code)
	}
}

func TestUnrestrictedAsksForNothing(t *testing.T) {
	t.Parallel()
	set := facts("refs/heads/dev")
	set.RefTarget = fact.Known[fact.RefTarget]{}
	result := run(t, rules(t, verdict.Enforce), set)
	if result.Decision != verdict.Allowed || result.Code != "unrestricted" || len(result.Findings) != 0 {
		t.Errorf("got %s %s with %d findings", result.Decision, result.Code, len(result.Findings))
	}
}

func TestAMovedReferenceBlocksEveryRestrictedStage(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		target   fact.Known[fact.RefTarget]
		decision verdict.Decision
		code     string
	}{
		"moved":    {fact.Of(fact.RefTarget{Exists: true, Object: other, Commit: other}, source), verdict.Denied, "ref-unmoved.moved"},
		"deleted":  {fact.Of(fact.RefTarget{}, source), verdict.Denied, "ref-unmoved.gone"},
		"not read": {fact.Known[fact.RefTarget]{}, verdict.Errored, "ref-unmoved.not-asked"},
		"the same": {fact.Of(fact.RefTarget{Exists: true, Object: sha, Commit: sha}, source), verdict.Allowed, "ready"},
	} {
		set := facts("refs/heads/main")
		set.RefTarget = row.target
		if result := run(t, rules(t, verdict.Enforce), set); result.Decision != row.decision || result.Code != row.code {
			t.Errorf("%s: got %s %s, want %s %s", name, result.Decision, result.Code, row.decision, row.code)
		}
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	set := facts("refs/heads/main")
	set.Containment["$default-branch"] = fact.Of(fact.Containment{Branch: "main", Status: "diverged"}, source)

	if result := run(t, rules(t, verdict.Enforce), set); result.Decision != verdict.Denied {
		t.Errorf("enforce: got %s", result.Decision)
	}
	warned := run(t, rules(t, verdict.Warn), set)
	if warned.Decision != verdict.Allowed || len(warned.Unmet()) != 1 {
		t.Errorf("warn: got %s with %d unmet", warned.Decision, len(warned.Unmet()))
	}
	off := run(t, rules(t, verdict.Off), set)
	last := off.Findings[len(off.Findings)-1]
	if off.Decision != verdict.Allowed || last.Outcome != verdict.Skip || last.Gate != "on-branch" || last.Reason == "" {
		t.Errorf("off: got %s, %+v", off.Decision, last)
	}
	if needs := decide.NewPlan(rules(t, verdict.Off), set).Needs(); len(needs) != 1 {
		t.Errorf("a gate that is off asks for facts: %v", needs)
	}
}

func TestDecideIsAFunction(t *testing.T) {
	t.Parallel()
	set := facts("refs/heads/main")
	first, second := run(t, rules(t, verdict.Enforce), set), run(t, rules(t, verdict.Enforce), set)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(first.Progression, []string{"dev", "prod"}) || first.Stage.Environment != "production" || first.RepositoryURL == "" {
		t.Errorf("the verdict does not say what it is about: %+v", first)
	}
}

func TestVersionsAreNamed(t *testing.T) {
	t.Parallel()
	result := run(t, rules(t, verdict.Enforce), facts("refs/tags/v1.2.3-rc.1"))
	if result.Version != "1.2.3-rc.1" || !result.Prerelease {
		t.Errorf("got %q %t", result.Version, result.Prerelease)
	}
	if branch := run(t, rules(t, verdict.Enforce), facts("refs/heads/v1.2.3")); branch.Version != "" {
		t.Errorf("a branch has the version %q", branch.Version)
	}
}
