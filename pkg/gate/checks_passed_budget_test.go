package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// Every workflow run of these tests was created at noon.
const (
	soon     = "checks: [{name: tests, workflow: " + ci + ", within: 10m}]"
	warnSoon = "checks: [{name: tests, class: tests, workflow: " + ci + ", within: 10m, slow: warn}]"
)

func ended(after time.Duration) func(*fact.CheckRun) {
	return func(r *fact.CheckRun) { r.CompletedAt = noon.Add(after) }
}

func notEnded(r *fact.CheckRun) { r.CompletedAt = time.Time{} }

// created dates a workflow run.
func created(id int64, at time.Time) func(*fact.Checks) {
	return func(checks *fact.Checks) {
		for i := range checks.Workflows {
			if checks.Workflows[i].ID == id {
				checks.Workflows[i].CreatedAt = at
			}
		}
	}
}

var _ = rows("checks-passed",
	row{
		name: "a check that took a second too long", params: soon, want: verdict.Fail, code: "slow",
		facts: checked(runs(run(1, "tests", "success", ended(10*time.Minute+time.Second)))),
		says:  []string{"took 10m1s from the creation of its workflow run; it may take at most 10m", "give it more time in the policy"},
	},
	row{
		name: "the time in which a job waited for a machine counts", params: soon, want: verdict.Fail, code: "slow", says: []string{"took 31m"},
		facts: checked(runs(run(30, "tests", "success"))),
	},
	row{
		name: "a slow check where all count, too", params: "{all: true, checks: [{name: tests, within: 10m}]}", want: verdict.Fail, code: "slow", says: []string{"1 of 2 checks"},
		facts: checked(runs(run(30, "tests", "success"), run(1, "lint", "success"))),
	},
	row{
		name: "a slow check of a workflow that is not named", params: "checks: [{name: tests, within: 10m}]", want: verdict.Fail, code: "slow", says: []string{"1 of 2 checks", "nightly.yml"},
		facts: checked(runs(run(1, "tests", "success"), run(30, "tests", "success", from(".github/workflows/nightly.yml")))),
	},
	row{
		name: "a second attempt that took too long by itself", params: soon, want: verdict.Fail, code: "slow", says: []string{"took 1h1m from its beginning"},
		facts: checked(runs(run(1, "tests", "failure"), run(50, "tests", "success", endedLate))),
	},
	row{
		name: "an attempt in another run of the workflow is a first one", params: soon, want: verdict.Fail, code: "slow", says: []string{"took 51m from the creation"},
		facts: checked(runs(run(1, "tests", "failure"), run(50, "tests", "success", inRun(870)))),
	},
	row{
		name: "a slow check of another app", params: "checks: [{name: scan, app: sonar, within: 1h}]", want: verdict.Fail, code: "slow", says: []string{"took 1h1m from its beginning"},
		facts: checked(runs(run(1, "scan", "success", reportedBy("sonar"), endedLate))),
	},
	row{
		name: "a failure is one however slow it may be", params: warnSoon, want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(30, "tests", "failure"))),
	},
	row{
		name: "a check that has its time and has not ended", params: soon, want: verdict.Wait, code: "pending",
		facts: checked(runs(run(30, "tests", "", running("in_progress")))),
	},
	row{
		name: "a check that does not say when it ended", params: soon, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"whether within 10m is not known: GitHub does not say when it ended"},
		facts: checked(runs(run(1, "tests", "success", notEnded))),
	},
	row{
		name: "one of all that does not say when it ended", params: "{all: true, within: 10m}", want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"whether within 10m is not known"},
		facts: checked(runs(run(1, "lint", "success"), run(2, "tests", "success", notEnded))),
	},
	row{
		name: "one of all that took too long", params: "{all: true, within: 10m}", want: verdict.Fail, code: "slow", says: []string{"1 of 2 checks did not pass", "took 31m"},
		facts: checked(runs(run(30, "tests", "success"), run(1, "lint", "success"))),
	},
	row{
		name: "a named check that keeps its own time and not that of all", params: "{within: 1h, checks: [{name: tests, within: 10m}, {name: lint}]}", want: verdict.Fail, code: "slow", says: []string{"1 of 2 checks did not pass", `"tests"`},
		facts: checked(runs(run(30, "tests", "success"), run(1, "lint", "success"))),
	},
	row{
		name: "a named check that has no time of its own has that of all", params: "{within: 10m, checks: [{name: tests}]}", want: verdict.Fail, code: "slow",
		facts: checked(runs(run(30, "tests", "success"))),
	},
	row{
		name: "a workflow run that does not say when it was created", params: soon, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"does not say when it began"},
		facts: with(checked(runs(run(1, "tests", "success"))), created(800, time.Time{})),
	},
	row{
		name: "a second attempt that does not say when it began", params: soon, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"does not say when it began"},
		facts: checked(runs(run(1, "tests", "failure"), run(2, "tests", "success", notBegun))),
	},
	row{
		name: "a check that ended before its workflow run was created", params: soon, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"ended before it began"},
		facts: with(checked(runs(run(1, "tests", "success"))), created(800, noon.Add(time.Hour))),
	},

	row{
		name: "a check that took exactly as long as it may", params: soon, want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "success", ended(10*time.Minute)))),
	},
	row{
		name: "a second attempt counts from its own beginning", params: soon, want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "failure"), run(50, "tests", "success"))),
	},
	row{
		name: "a run that was created later", params: soon, want: verdict.Pass,
		facts: with(checked(runs(run(1, "tests", "failure"), run(50, "tests", "success", inRun(870)))), created(870, noon.Add(45*time.Minute))),
	},
	row{
		name: "a check of another app that was in time", params: "checks: [{name: scan, app: sonar, within: 1h}]", want: verdict.Pass,
		facts: checked(runs(run(900, "scan", "success", reportedBy("sonar")))),
	},
	row{
		name: "a check that would only warn and does not say when it ended", params: warnSoon, want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "success", notEnded))),
	},
	row{
		name: "a commit status among all has no beginning", params: "{all: true, within: 10m}", want: verdict.Pass,
		facts: with(checked(runs(run(1, "tests", "success"))), func(checks *fact.Checks) {
			checks.Statuses = []fact.Status{{Context: "ci/x", State: "success", At: noon.Add(9 * time.Hour)}}
		}),
	},
	row{
		name: "a slow check that only warns", params: warnSoon, want: verdict.Pass, says: []string{"1 check passed (tests)"},
		facts: checked(runs(run(30, "tests", "success"))),
	},
	row{
		name: "a slow check without a time to keep", params: testsOfCI, want: verdict.Pass,
		facts: checked(runs(run(900, "tests", "success"))),
	},
)

func TestChecksPassedWarnsOfSlowChecks(t *testing.T) {
	t.Parallel()
	const slow = `tests: "tests" (github-actions, .github/workflows/ci.yml) took 31m from the creation of its workflow run; it should take at most 10m`
	for name, row := range map[string]struct {
		params string
		facts  fact.Set
		want   []string
	}{
		"a slow check":                  {warnSoon, checked(runs(run(30, "tests", "success"))), []string{slow}},
		"a slow check among all":        {"{all: true, " + warnSoon + "}", checked(runs(run(30, "tests", "success"), run(1, "lint", "success"))), []string{slow}},
		"a slow check beside a failure": {"{all: true, " + warnSoon + "}", checked(runs(run(30, "tests", "success"), run(1, "lint", "failure"))), []string{slow}},
		"one of all that is slow":       {"{all: true, within: 10m, slow: warn}", checked(runs(run(30, "tests", "success"), run(1, "lint", "success"))), []string{strings.TrimPrefix(slow, "tests: ")}},
		"one that does not say when it ended": {warnSoon, checked(runs(run(1, "tests", "success", notEnded))), []string{
			`whether tests: "tests" (github-actions, .github/workflows/ci.yml) took at most 10m is not known: GitHub does not say when it ended`,
		}},
		"a check in time":                        {warnSoon, checked(runs(run(1, "tests", "success"))), nil},
		"a slow check that fails for its length": {soon, checked(runs(run(30, "tests", "success"))), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := bind(t, "checks-passed", asked(row.params)).Ask(row.facts, gate.Terms{})
			if diff := cmp.Diff(row.want, got.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// asked is a row of which only the parameters matter.
func asked(params string) row { return row{params: params} }
