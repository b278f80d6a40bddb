package gate_test

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

const needIt = "let the job of the gate need it"

// overtaken is a run of ci.yml that goes on although a newer one has ended.
func overtaken(status string) func(*fact.Checks) {
	return alsoRan(workflowRun(700, ci, "push", status, ""))
}

// What is missing: for ever, or until CI has ended.
var _ = rows("checks-passed",
	row{
		name: "nothing but our own run has begun", params: testsOfCI, want: verdict.Fail, code: "missing",
		facts: with(checked(runs(run(2, "gate", "", running("in_progress"), from("deploy.yml"), ours))), func(checks *fact.Checks) { checks.Workflows[0].Status = "in_progress" }),
		says:  []string{"no other workflow or app has begun a check of the commit", "If the commit was pushed a moment ago, run again"},
	},
	row{
		name: "nothing has begun, and somebody wrote a status", params: testsOfCI, want: verdict.Fail, code: "missing", says: []string{"no other workflow or app has begun"},
		facts: checked(nil, status("ci", "pending", noon)),
	},
	row{
		name: "a check that is a job of the workflow that asks", params: testsOfCI, want: verdict.Fail, code: "missing", says: []string{needIt},
		facts: asks(checked(runs(run(1, "lint", "success"), run(2, "gate", "", running("in_progress"), ours))), 2, ci),
	},
	row{
		name: "a check that may be a job of the workflow that asks", params: tests, want: verdict.Fail, code: "missing", says: []string{needIt},
		facts: asks(checked(runs(run(1, "lint", "success"), run(2, "gate", "", running("in_progress"), ours))), 2, ".github/workflows/deploy.yml"),
	},
	row{
		name: "a check of another workflow than the one that asks", params: testsOfCI, want: verdict.Fail, code: "missing", hides: []string{needIt},
		facts: asks(checked(runs(run(1, "lint", "success"), run(2, "gate", "", running("in_progress"), ours))), 2, ".github/workflows/deploy.yml"),
	},
	row{
		name: "a check of any workflow, asked for from outside of one", params: tests, want: verdict.Fail, code: "missing", hides: []string{needIt},
		facts: checked(runs(run(1, "lint", "success"))),
	},
	row{
		name: "a check of another app than ours", params: "checks: [{name: scan, app: sonar}]", want: verdict.Fail, code: "missing", hides: []string{needIt},
		facts: asks(checked(runs(run(1, "lint", "success"))), 0, ci),
	},
	row{
		name: "a run of the workflow that a newer one has overtaken goes on", params: testsOfCI, want: verdict.Wait, code: "missing", says: []string{"not ended: the workflow run (github-actions, " + ci + ")"},
		facts: with(checked(runs(run(1, "lint", "success"))), overtaken("in_progress")),
	},
	row{
		name: "a run in a status that does not exist has not ended", params: testsOfCI, want: verdict.Wait, code: "missing",
		facts: with(checked(runs(run(1, "lint", "success"))), overtaken("resting")),
	},
	row{
		name: "an older attempt of a job that never ended does not keep CI running", params: testsOfCI, want: verdict.Fail, code: "missing",
		facts: checked(runs(run(1, "lint", "", running("queued")), run(2, "lint", "success"))),
	},
	row{
		name: "a job that goes on although its jobs could not be read", params: testsOfCI, want: verdict.Wait, code: "missing", says: []string{`not ended: "lint"`},
		facts: with(checked(runs(run(1, "lint", "", running("in_progress")))), func(checks *fact.Checks) {
			checks.Workflows[0].Jobs = fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Forbidden})
		}),
	},
	row{
		name: "another app's check may still bring it", params: testsOfCI, want: verdict.Wait, code: "missing", says: []string{`not ended: "scan" (sonar)`},
		facts: checked(runs(run(1, "scan", "", running("queued"), reportedBy("sonar")))),
	},
	row{
		name: "a posted check that never ends keeps nobody waiting", params: testsOfCI, want: verdict.Fail, code: "missing",
		facts: with(checked(runs(run(1, "lint", "success"), run(2, "bait", "", running("queued")))), noJob(2)),
	},
	row{
		name: "our own run keeps nobody waiting", params: testsOfCI, want: verdict.Fail, code: "missing",
		facts: with(checked(runs(run(1, "lint", "success"), run(2, "gate", "", running("in_progress"), from("deploy.yml"), ours))), func(checks *fact.Checks) {
			checks.Workflows[1].Status = "in_progress"
		}),
	},

	// Classes, and one name in two workflows.
	row{
		name: "a performance check that is missing", params: "checks: [{name: tests, class: tests}, {name: load-test, class: performance}]", want: verdict.Fail, code: "missing",
		facts: checked(runs(run(1, "tests", "success"))), says: []string{`1 of 2 checks did not pass: performance: "load-test" (github-actions) is not there`}, hides: []string{"tests:"},
	},
	row{
		name: "a security scan that failed", params: "{all: true, checks: [{name: scan, class: security}]}", want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(1, "lint", "success"), run(2, "scan", "failure"))), says: []string{`1 of 2 checks did not pass: security: "scan"`},
	},
	row{
		name: "a security scan that does not say how it ended", params: "checks: [{name: scan, class: security}]", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: checked(runs(run(2, "scan", ""))), says: []string{`how security: "scan"`},
	},
	row{
		name: "one name in two workflows, of which one failed", params: "checks: [{name: tests, workflow: " + ci + "}, {name: tests, workflow: nightly.yml}]", want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "failure", from("nightly.yml")))), says: []string{"1 of 2 checks", "nightly.yml"},
	},
	row{
		name: "one name by two apps, of which one is missing", params: "checks: [{name: tests}, {name: tests, app: jenkins}]", want: verdict.Fail, code: "wrong-source",
		facts: checked(runs(run(1, "tests", "success"))), says: []string{`"tests" (jenkins)`},
	},
	row{
		name: "a leg of a matrix under another leg's name", params: `checks: [{name: "test (1.26, linux)"}]`, want: verdict.Fail, code: "missing", says: []string{"1 of 1 check"},
		facts: checked(runs(run(1, "test (1.26, windows)", "success"), run(2, "test (1.26,linux)", "success"), run(3, "test", "success"))),
	},

	row{
		name: "a leg of a matrix", params: `checks: [{name: "test (1.26, linux)"}]`, want: verdict.Pass,
		facts: checked(runs(run(1, "test (1.26, linux)", "success"), run(2, "test (1.26, windows)", "failure"))),
	},
	row{
		name: "a class is shown with what it passed, once", params: "{all: true, checks: [{name: load-test, class: performance}, {name: tests, class: tests}, {name: unit, class: tests}]}", want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "success"), run(2, "unit", "success"), run(3, "load-test", "success"), run(4, "lint", "success"))),
		says:  []string{"4 checks passed (tests, performance)"},
	},
	row{
		name: "one name in two workflows", params: "checks: [{name: tests, workflow: " + ci + "}, {name: tests, workflow: nightly.yml}]", want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "success", from("nightly.yml")))), says: []string{"2 checks passed"},
	},
)
