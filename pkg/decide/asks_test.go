package decide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// A gate that is off, or that lapses, takes no fact away from those behind it.
func TestAGateThatIsOffHidesNoOther(t *testing.T) {
	t.Parallel()
	off := func(s *policy.Stage) { s.Gates[0].Mode = verdict.Off }
	if got := kinds(decide.NewPlan(laned(t, off), going("refs/heads/main")).Needs()); got != "open-issues ref-target" {
		t.Errorf("asks for %q", got)
	}
	if result := run(t, laned(t, off), going("refs/heads/main", unread)); result.Decision != verdict.Errored || result.Code != "no-blockers.forbidden" {
		t.Errorf("%s %s", result.Decision, result.Code)
	}
}

// A stage that asks for nothing still wants the commit of the branch, where the
// caller chose the two.
func TestAChosenCommitIsProvenOnEveryStage(t *testing.T) {
	t.Parallel()
	chosen := func(set *fact.Set) { set.Subject.Chosen = true }
	lost := func(set *fact.Set) { *set = set.Without(fact.Need{Kind: fact.NeedRefTarget}) }
	for name, row := range map[string]struct {
		changes  []func(*fact.Set)
		decision verdict.Decision
		code     string
	}{
		"a commit of somewhere else":            {[]func(*fact.Set){chosen, moved}, verdict.Denied, "ref-unmoved.moved"},
		"a branch that could not be read":       {[]func(*fact.Set){chosen, lost}, verdict.Errored, "ref-unmoved.not-asked"},
		"the commit of the branch":              {[]func(*fact.Set){chosen}, verdict.Allowed, "unrestricted"},
		"one that the event is of, which moved": {[]func(*fact.Set){moved}, verdict.Allowed, "unrestricted"},
	} {
		result := run(t, laned(t), going("refs/heads/dev", row.changes...))
		if result.Decision != row.decision || result.Code != row.code {
			t.Errorf("%s: %s %s, want %s %s", name, result.Decision, result.Code, row.decision, row.code)
		}
	}
}

// The secrets that a job gets are those of its environment, so the answer has to be
// about the stage of just that.
func TestTheEnvironmentOfTheJobIsThatOfTheStage(t *testing.T) {
	t.Parallel()
	for environment, code := range map[string]string{
		"development": "environment.other", "production2": "environment.other", "": "ready", "production": "ready", "Production": "ready",
	} {
		set := going("refs/heads/main")
		set.Trigger.Environment = environment
		result := run(t, laned(t), set)
		if result.Code != code || result.Allows() != (code == "ready") {
			t.Errorf("%q: %s %s, want %s", environment, result.Decision, result.Code, code)
		}
		if code == "environment.other" && !strings.Contains(result.Reason, `the environment "`+environment+`", and the stage "prod" has "production"`) {
			t.Errorf("%q: %s", environment, result.Reason)
		}
	}
}

func TestAWayThatIsNotOpenSaysWhy(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		ref    fact.Ref
		change func(*fact.Set)
		rules  []func(*policy.Stage)
		want   string
	}{
		"a rollback of a hotfix":             {"refs/heads/hotfix/1", back, nil, `the run asks for a rollback, and the policy opens no such way to the stage "urgent", which is a way of its own for hotfixes`},
		"the glass of what asks for nothing": {"refs/heads/dev", glass, nil, `the run asks for breaking the glass, and the policy opens no such way to the stage "dev", which asks for nothing`},
		"an ordinary stage":                  {"refs/heads/main", back, []func(*policy.Stage){shut(verdict.Rollback, "")}, `the run asks for a rollback, and the policy opens no such way to the stage "prod"`},
	} {
		if got := run(t, laned(t, row.rules...), going(row.ref, row.change)).Reason; got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, row.want)
		}
	}
}

// What was got past reads as what it was: a no, or nobody knows.
func TestWhatTheGlassGotPastIsSaid(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*fact.Set)
		want   string
	}{
		"a gate that fails":         {noLabel, "not met, and the glass was broken: "},
		"a gate that waits":         {blocked, "not met, and the glass was broken: "},
		"a gate nobody could ask":   {unread, "not known, and the glass was broken: "},
		"a gate that is met anyway": {func(*fact.Set) {}, ""},
	} {
		findings := run(t, laned(t), going("refs/heads/main", glass, row.change)).Findings
		last := findings[len(findings)-1]
		if !strings.HasPrefix(last.Reason, row.want) || (row.want == "") != (last.Outcome == verdict.Pass) {
			t.Errorf("%s: %s %q, want %q", name, last.Outcome, last.Reason, row.want)
		}
	}
}

// What would be deployed begins where a gate that is asked says, and otherwise
// where the stage says.
func TestChangesBeginWhereAGateSays(t *testing.T) {
	t.Parallel()
	const deploy, publish = ".github/workflows/deploy.yml deploy-prod", ".github/workflows/publish.yml publish"
	ranged := func(id string, mode verdict.Mode) func(*policy.Stage) {
		return func(s *policy.Stage) {
			params := "commits: since-deployment\ndeployed-by: { workflow: .github/workflows/publish.yml, job: publish }"
			if id == "no-blockers" {
				params = "labels: [x]"
			}
			check := with(t, id, params)
			s.Gates = append(s.Gates, policy.Gate{Check: check, Mode: mode, Origin: "test"})
		}
	}
	for name, row := range map[string]struct {
		gate string
		mode verdict.Mode
		want []string
	}{
		"a gate that is off":           {"reviewed", verdict.Off, []string{deploy}},
		"a gate that only warns":       {"reviewed", verdict.Warn, []string{publish}},
		"a gate that is enforced":      {"reviewed", verdict.Enforce, []string{publish}},
		"one that reads nothing more":  {"signed-commit", verdict.Enforce, []string{publish}},
		"one that asks about the head": {"no-blockers", verdict.Enforce, []string{deploy}},
	} {
		var got []string
		for _, need := range decide.NewPlan(laned(t, deployed, ranged(row.gate, row.mode)), going("refs/heads/main")).Needs() {
			if need.Kind == fact.NeedRange {
				from, err := fact.ParseRangeFrom(need.Key)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, from.Workflow+" "+from.Job)
			}
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: ranges of %q, want %q", name, got, row.want)
		}
	}
}
