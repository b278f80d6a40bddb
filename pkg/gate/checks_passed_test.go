package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const ci = ".github/workflows/ci.yml"

// run is a check run of ci.yml; number is its id, and it began that many
// minutes after noon.
func run(number int64, name, conclusion string, changes ...func(*fact.CheckRun)) fact.CheckRun {
	made := fact.CheckRun{
		ID: number, Name: name, App: "github-actions", Workflow: ci, RunID: 800,
		Status: "completed", Conclusion: conclusion, StartedAt: noon.Add(time.Duration(number) * time.Minute),
		URL: fmt.Sprintf("https://github.com/acme/shop/runs/%d", number),
	}
	made.CompletedAt = made.StartedAt.Add(time.Minute)
	for _, change := range changes {
		change(&made)
	}
	return made
}

func running(status string) func(*fact.CheckRun) {
	return func(r *fact.CheckRun) { r.Status, r.Conclusion, r.CompletedAt = status, "", time.Time{} }
}

func dated(later time.Duration) func(*fact.CheckRun) {
	return func(r *fact.CheckRun) { r.StartedAt = r.StartedAt.Add(later) }
}
func notBegun(r *fact.CheckRun)      { r.StartedAt = time.Time{} }
func ours(r *fact.CheckRun)          { r.RunID = ownRun }
func endedLate(r *fact.CheckRun)     { r.CompletedAt = r.CompletedAt.Add(time.Hour) }
func begunTogether(r *fact.CheckRun) { r.StartedAt = noon }

func reportedBy(app string) func(*fact.CheckRun) {
	return func(r *fact.CheckRun) { r.App, r.Workflow, r.RunID = app, "", 0 }
}

func from(workflow string) func(*fact.CheckRun) {
	return func(r *fact.CheckRun) { r.Workflow = workflow }
}

func status(context, state string, at time.Time) fact.Status {
	return fact.Status{Context: context, State: state, Creator: "mallory", At: at}
}

// checked is a commit with checks. Each check run of GitHub Actions is a job of
// a push run of its workflow, as GitHub lists it.
func checked(runs []fact.CheckRun, statuses ...fact.Status) fact.Set {
	var workflows []fact.WorkflowRun
	jobs := map[int64][]int64{}
	for i := range runs {
		if runs[i].RunID == 800 && runs[i].Workflow != ci {
			runs[i].RunID += int64(len(runs[i].Workflow)) // another workflow is another run
		}
		if run := runs[i]; run.RunID != 0 {
			if jobs[run.RunID] == nil {
				workflows = append(workflows, workflowRun(run.RunID, run.Workflow, "push", "completed", "success"))
			}
			jobs[run.RunID] = append(jobs[run.RunID], run.ID)
		}
	}
	for i := range workflows {
		workflows[i].Jobs = jobsOf(jobs[workflows[i].ID]...)
	}
	return onMain(func(facts *fact.Set) {
		facts.Checks = fact.Of(fact.Checks{Runs: runs, Workflows: workflows, Statuses: statuses}, fact.Source{})
	})
}

func workflowRun(id int64, workflow, event, status, conclusion string) fact.WorkflowRun {
	return fact.WorkflowRun{ID: id, Workflow: workflow, Event: event, Status: status, Conclusion: conclusion, CreatedAt: noon, Jobs: jobsOf()}
}

// jobsOf are jobs by the numbers of their check runs; nothing else of them counts.
func jobsOf(ids ...int64) fact.Known[[]fact.Job] {
	jobs := []fact.Job{}
	for _, id := range ids {
		jobs = append(jobs, fact.Job{ID: id})
	}
	return fact.Of(jobs, fact.Source{})
}

// with changes the checks of a set.
func with(facts fact.Set, change func(*fact.Checks)) fact.Set {
	checks := facts.Checks.OrZero()
	checks.Workflows = slices.Clone(checks.Workflows)
	change(&checks)
	facts.Checks = fact.Of(checks, fact.Source{})
	return facts
}

// noJob is a check run that GitHub does not list as a job of its workflow run.
func noJob(id int64) func(*fact.Checks) {
	return func(checks *fact.Checks) {
		for i, workflow := range checks.Workflows {
			jobs, _ := workflow.Jobs.Get()
			jobs = slices.DeleteFunc(slices.Clone(jobs), func(job fact.Job) bool { return job.ID == id })
			checks.Workflows[i].Jobs = fact.Of(jobs, fact.Source{})
		}
	}
}

// onEvent makes a workflow run one of another event.
func onEvent(event string, id int64) func(*fact.Checks) {
	return func(checks *fact.Checks) {
		for i := range checks.Workflows {
			if checks.Workflows[i].ID == id {
				checks.Workflows[i].Event = event
			}
		}
	}
}

func alsoRan(workflow fact.WorkflowRun) func(*fact.Checks) {
	return func(checks *fact.Checks) { checks.Workflows = append(checks.Workflows, workflow) }
}

// asks makes a job the one that asks, in a run of a workflow file.
func asks(facts fact.Set, checkRun int64, workflow string) fact.Set {
	facts.Trigger.CheckRunID, facts.Trigger.WorkflowRef = checkRun, facts.Subject.Repository+"/"+workflow+"@refs/heads/main"
	return facts
}

func inRun(id int64) func(*fact.CheckRun) { return func(r *fact.CheckRun) { r.RunID = id } }

func runs(list ...fact.CheckRun) []fact.CheckRun { return list }

const (
	all       = "all: true"
	tests     = "checks: [{name: tests}]"
	testsOfCI = "checks: [{name: tests, app: github-actions, workflow: " + ci + "}]"
)

var _ = rows("checks-passed",
	// Nothing is not everything.
	row{name: "no check at all", params: all, facts: checked(nil), want: verdict.Fail, code: "none", says: []string{"does not mean that all are fine"}},
	row{
		name: "no check but the jobs of this run", params: all, facts: checked(runs(run(1, "build", "success", ours), run(2, "gate", "", running("in_progress"), ours))),
		want: verdict.Fail, code: "none", says: []string{"jobs of this run", "name them under checks:"},
	},
	row{name: "a named check among no checks", params: testsOfCI, facts: checked(nil), want: verdict.Fail, code: "missing", says: []string{`"tests" (github-actions, ` + ci + `)`}},

	// Identity.
	row{
		name: "a commit status of the right name", params: testsOfCI, facts: checked(nil, status("tests", "success", noon)),
		want: verdict.Fail, code: "wrong-source", says: []string{`the commit status "tests"`},
	},
	row{
		name: "a check of the right name by another app", params: testsOfCI, facts: checked(runs(run(1, "tests", "success", reportedBy("evil")))),
		want: verdict.Fail, code: "wrong-source", says: []string{`"tests" (evil)`},
	},
	row{
		name: "a check of the right name in another workflow", params: testsOfCI, facts: checked(runs(run(1, "tests", "success", from(".github/workflows/evil.yml")))),
		want: verdict.Fail, code: "wrong-source", says: []string{"evil.yml"},
	},
	row{
		name: "a check of the right name by nobody", params: testsOfCI,
		facts: checked(runs(run(1, "tests", "success", reportedBy(""))), status("tests", "success", noon)),
		want:  verdict.Fail, code: "wrong-source", says: []string{`elsewhere and does not stand in for it: "tests", the commit status "tests"`, "change app and workflow in the policy"},
	},
	row{
		name: "exactly as many sources of the right name as are shown", params: "checks: [{name: tests, app: jenkins}]", want: verdict.Fail, code: "wrong-source", hides: []string{"more"},
		facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "success", from("b")), run(3, "tests", "success", from("cc")))),
	},
	row{
		name: "more sources of the right name than are shown", params: "checks: [{name: tests, app: jenkins}]", want: verdict.Fail, code: "wrong-source", says: []string{"and 2 more"},
		facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "success", from("b")), run(3, "tests", "success", from("cc")), run(4, "tests", "success", from("ddd"))),
			status("tests", "success", noon)),
	},
	row{
		name: "another workflow of the same name fails where none is pinned", params: tests,
		facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "failure", from(".github/workflows/nightly.yml")))),
		want:  verdict.Fail, code: "not-accepted", says: []string{"nightly.yml"},
	},
	row{
		name: "a success by another app does not cover a failure", params: testsOfCI, facts: checked(runs(run(1, "tests", "failure"), run(2, "tests", "success", reportedBy("evil")))),
		want: verdict.Fail, code: "not-accepted",
	},
	row{
		name: "a commit status does not cover a failed check of its name", params: all, facts: checked(runs(run(1, "tests", "failure")), status("tests", "success", noon)),
		want: verdict.Fail, code: "not-accepted", says: []string{"1 of 2 checks"},
	},
	row{
		name: "a check does not cover a failed commit status of its name", params: all, facts: checked(runs(run(1, "tests", "success")), status("tests", "failure", noon)),
		want: verdict.Fail, code: "not-accepted", says: []string{`the commit status "tests" is "failure"`},
	},
	row{
		name: "a name in another case", params: testsOfCI, facts: checked(runs(run(1, "Tests", "success"))),
		want: verdict.Fail, code: "missing", says: []string{`"Tests"`, "correct its name"},
	},
	row{
		name: "a name that nobody could take for it", params: testsOfCI,
		facts: checked(runs(run(1, "tasks", "success"), run(2, "тестс", "success"), run(3, "tests2", "success"), run(4, "test", "success"))),
		want:  verdict.Fail, code: "missing", hides: []string{"look like"},
	},
	row{name: "a name with a space behind it", params: testsOfCI, facts: checked(runs(run(1, "tests ", "success"))), want: verdict.Fail, code: "missing", says: []string{`"tests "`}},
	row{
		name: "a name with a letter that looks the same", params: testsOfCI, facts: checked(runs(run(1, "tеsts", "success"))),
		want: verdict.Fail, code: "missing", says: []string{`"t\u0435sts"`},
	},
	row{
		name: "a name with an invisible character", params: testsOfCI, facts: checked(runs(run(1, "te\u200bsts", "success"))),
		want: verdict.Fail, code: "missing", says: []string{`"te\u200bsts"`},
	},

	// What a token can forge, and who chooses the workflow file.
	row{
		name: "a check that a token posted under the name of a job", params: testsOfCI, want: verdict.Fail, code: "wrong-source", says: []string{"posted with a token, not a job"},
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "lint", "success"))), noJob(1)),
	},
	row{
		name: "nothing but a check that a token posted", params: all, want: verdict.Fail, code: "none", says: []string{"posted checks"},
		facts: with(checked(runs(run(1, "anything", "success"))), noJob(1)),
	},
	row{
		name: "a posted success does not cover a job that failed before it", params: all, want: verdict.Fail, code: "not-accepted",
		facts: with(checked(runs(run(1, "tests", "failure"), run(2, "tests", "success"))), noJob(2)),
	},
	row{
		name: "a posted failure counts", params: all, want: verdict.Fail, code: "not-accepted",
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "scan", "failure"))), noJob(2)),
	},
	row{
		name: "a check of a workflow run that GitHub does not list", params: testsOfCI, want: verdict.Fail, code: "wrong-source",
		facts: with(checked(runs(run(1, "tests", "success"))), func(checks *fact.Checks) { checks.Workflows = nil }),
	},
	row{
		name: "a job of another run under this one's number", params: testsOfCI, want: verdict.Fail, code: "wrong-source",
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "x", "success", inRun(870)))), func(checks *fact.Checks) {
			checks.Workflows[0].Jobs, checks.Workflows[1].Jobs = checks.Workflows[1].Jobs, checks.Workflows[0].Jobs
		}),
	},
	row{
		name: "jobs that could not be read", params: testsOfCI, want: verdict.Unknown, code: string(fact.Forbidden), says: []string{"or was posted with a token"},
		facts: with(checked(runs(run(1, "tests", "success"))), func(checks *fact.Checks) {
			checks.Workflows[0].Jobs = fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Forbidden})
		}),
	},
	row{
		name: "a success that says it began later than a real failure", params: testsOfCI, want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(1, "tests", "success", dated(10*time.Hour)), run(2, "tests", "failure"))),
	},
	row{
		name: "a pull request's success does not cover a failed push", params: testsOfCI, want: verdict.Fail, code: "not-accepted",
		facts: with(checked(runs(run(1, "tests", "failure"), run(2, "tests", "success", inRun(870)))), onEvent("pull_request", 870)),
	},
	row{
		name: "a pull request's success alone", params: testsOfCI, want: verdict.Fail, code: "wrong-source", says: []string{"workflow file that is not the commit's"},
		facts: with(checked(runs(run(1, "tests", "success"))), onEvent("pull_request", 800)),
	},
	row{
		name: "nothing but a pull request's checks", params: all, want: verdict.Fail, code: "none",
		facts: with(checked(runs(run(1, "tests", "success"))), onEvent("pull_request_target", 800)),
	},
	row{
		name: "a pull request's failure counts", params: testsOfCI, want: verdict.Fail, code: "not-accepted",
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "tests", "failure", inRun(870)))), onEvent("pull_request", 870)),
	},
	row{
		name: "a failure of which GitHub leaves the workflow file out", params: testsOfCI, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"workflow file"},
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "tests", "failure", inRun(870)))), func(checks *fact.Checks) {
			for i := range checks.Workflows {
				if checks.Workflows[i].ID == 870 {
					checks.Workflows[i].Workflow = ""
				}
			}
		}),
	},
	row{
		name: "a pass of which GitHub leaves the workflow file out", params: testsOfCI, want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"workflow file"},
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "tests", "success", inRun(870)))), func(checks *fact.Checks) {
			for i := range checks.Workflows {
				if checks.Workflows[i].ID == 870 {
					checks.Workflows[i].Workflow = ""
				}
			}
		}),
	},
	row{
		name: "a job of another name without a workflow file", params: testsOfCI, want: verdict.Pass,
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "Dependabot", "failure", inRun(870)))), func(checks *fact.Checks) {
			for i := range checks.Workflows {
				if checks.Workflows[i].ID == 870 {
					checks.Workflows[i].Workflow = ""
				}
			}
		}),
	},
	row{
		name: "nothing but a deployment that went well", params: all, want: verdict.Fail, code: "none",
		deployedBy: map[string]fact.JobOf{"staging": {Workflow: ".github/workflows/deploy.yml", Job: "deploy"}},
		facts:      checked(runs(run(1, "deploy", "success", from(".github/workflows/deploy.yml")))),
	},
	row{
		name: "a job of the name of the one that deploys, in another workflow", params: all, want: verdict.Fail, code: "not-accepted",
		deployedBy: map[string]fact.JobOf{"staging": {Workflow: ".github/workflows/deploy.yml", Job: "deploy"}},
		facts:      checked(runs(run(1, "tests", "success"), run(2, "deploy", "failure", from("other.yml")))),
	},
	row{
		name: "a deployment that failed is no check", params: all, want: verdict.Pass,
		deployedBy: map[string]fact.JobOf{"staging": {Workflow: ".github/workflows/deploy.yml", Job: "deploy"}},
		facts:      checked(runs(run(1, "tests", "success"), run(2, "deploy", "failure", from(".github/workflows/deploy.yml")))),
	},
	row{
		name: "a workflow run that has not begun", params: all, want: verdict.Wait, code: "pending", says: []string{"the workflow run", "queued"},
		facts: with(checked(runs(run(1, "lint", "success", from("lint.yml")))), alsoRan(workflowRun(870, ci, "push", "queued", ""))),
	},
	row{
		name: "a workflow run whose jobs so far passed", params: all, want: verdict.Wait, code: "pending",
		facts: with(checked(runs(run(1, "lint", "success"))), func(checks *fact.Checks) { checks.Workflows[0].Status = "in_progress" }),
	},
	row{
		name: "a workflow run that failed before it began", params: all, want: verdict.Fail, code: "not-accepted", says: []string{"startup_failure", "before any job began"},
		facts: with(checked(runs(run(1, "lint", "success", from("lint.yml")))), alsoRan(workflowRun(870, ci, "push", "completed", "startup_failure"))),
	},
	row{
		name: "a workflow run in a status that does not exist", params: all, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: with(checked(runs(run(1, "lint", "success", from("lint.yml")))), alsoRan(workflowRun(870, ci, "push", "resting", ""))),
	},
	row{
		name: "a named check of a workflow run that has not begun", params: testsOfCI, want: verdict.Wait, code: "missing",
		facts: with(checked(runs(run(1, "lint", "success", from("lint.yml")))), alsoRan(workflowRun(870, ci, "push", "waiting", ""))),
	},
	row{
		name: "tests that failed are started again in the run that asks", params: all, want: verdict.Fail, code: "not-accepted",
		facts: asks(checked(runs(run(1, "tests", "failure"), run(2, "tests", "", running("queued"), ours), run(3, "gate", "", running("in_progress"), ours), run(4, "lint", "success", from("lint.yml")))), 3, ci),
	},
	row{
		name: "tests that failed before and passed in the run that asks", params: all, want: verdict.Pass,
		facts: asks(checked(runs(run(1, "tests", "failure"), run(2, "tests", "success", ours), run(3, "gate", "", running("in_progress"), ours), run(4, "lint", "success", from("lint.yml")))), 3, ci),
	},
	row{
		name: "tests that passed before and failed in the run that asks do not hide what came first", params: all, want: verdict.Fail, code: "not-accepted",
		facts: asks(checked(runs(run(1, "tests", "failure"), run(2, "tests", "failure", ours), run(3, "gate", "", running("in_progress"), ours), run(4, "lint", "success", from("lint.yml")))), 3, ci),
	},
	row{
		name: "a skipped test of another workflow", params: all, want: verdict.Fail, code: "not-accepted",
		facts: asks(checked(runs(run(1, "tests", "skipped"), run(2, "lint", "success"))), 0, ".github/workflows/deploy.yml"),
	},
	row{
		name: "nothing but a skipped job of the workflow that asks", params: all, want: verdict.Fail, code: "none",
		facts: asks(checked(runs(run(1, "deploy", "skipped"))), 0, ci),
	},
	row{
		name: "a skip in the workflow that asks does not hide an earlier failure", params: all, want: verdict.Fail, code: "not-accepted",
		facts: asks(checked(runs(run(1, "tests", "failure"), run(2, "tests", "skipped", inRun(870)), run(3, "lint", "success", from("lint.yml")))), 0, ci),
	},
	row{
		name: "a deploying job that was skipped when the gate refused before", params: all, want: verdict.Pass,
		facts: asks(checked(runs(run(1, "deploy", "skipped", from(".github/workflows/deploy.yml")), run(2, "tests", "success"))), 0, ".github/workflows/deploy.yml"),
	},
	row{
		name: "an earlier refusal of the job that asks", params: all, want: verdict.Pass,
		facts: asks(checked(runs(run(1, "gate", "failure", from("deploy.yml")), run(2, "gate", "", running("in_progress"), from("deploy.yml"), ours), run(3, "tests", "success"))), 2, "deploy.yml"),
	},
	row{
		name: "a workflow run that was cancelled before it began, and ran again", params: all, want: verdict.Pass,
		facts: with(checked(runs(run(1, "tests", "success"))), alsoRan(workflowRun(700, ci, "push", "completed", "cancelled"))),
	},
	row{
		name: "a pull request's success beside a push's", params: testsOfCI, want: verdict.Pass,
		facts: with(checked(runs(run(1, "tests", "success"), run(2, "tests", "success", inRun(870)))), onEvent("pull_request", 870)),
	},

	// Attempts.
	row{
		name: "a success that is being run again", params: testsOfCI, facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "", running("in_progress")))),
		want: verdict.Wait, code: "pending",
	},
	row{
		name: "a success that is queued to run again and has no time yet", params: testsOfCI, want: verdict.Wait, code: "pending",
		facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "", running("queued"), notBegun))),
	},
	row{
		name: "a failure that began later and ended earlier", params: testsOfCI, facts: checked(runs(run(1, "tests", "success", endedLate), run(2, "tests", "failure"))),
		want: verdict.Fail, code: "not-accepted",
	},
	row{
		name: "two attempts that began together: the higher number counts", params: testsOfCI, want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(1, "tests", "success", begunTogether), run(2, "tests", "failure", begunTogether))),
	},
	row{
		name: "two attempts of one number, one without a time: the worse counts", params: testsOfCI, want: verdict.Wait, code: "pending",
		facts: checked(runs(run(1, "tests", "success"), run(1, "tests", "", running("queued"), notBegun))),
	},
	row{
		name: "two attempts that nothing tells apart: the worse counts", params: testsOfCI, want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(1, "tests", "success"), run(1, "tests", "failure"))),
	},
	row{
		name: "an attempt of a higher number without a time", params: testsOfCI, want: verdict.Fail, code: "not-accepted",
		facts: checked(runs(run(3, "tests", "failure", notBegun), run(2, "tests", "success"))),
	},
	row{
		name: "a newer failed commit status of the same context", params: all, facts: checked(nil, status("ci", "success", noon), status("ci", "failure", noon.Add(time.Hour))),
		want: verdict.Fail, code: "not-accepted",
	},
	row{
		name: "two commit statuses of one second: the worse counts", params: all, facts: checked(nil, status("ci", "success", noon), status("ci", "error", noon)),
		want: verdict.Fail, code: "not-accepted",
	},

	// Waiting.
	row{
		name: "a named check that may still come", params: testsOfCI, facts: checked(runs(run(1, "build", "", running("in_progress")))),
		want: verdict.Wait, code: "missing", says: []string{"not there yet", "Wait until the commit's other checks have ended"},
	},
	row{
		name: "a named check that only our own run could still bring", params: testsOfCI, facts: checked(runs(run(1, "build", "success"), run(2, "gate", "", running("in_progress"), ours))),
		want: verdict.Fail, code: "missing",
	},
	row{
		name: "a pending commit status does not announce a check", params: testsOfCI, facts: checked(nil, status("ci", "pending", noon)),
		want: verdict.Fail, code: "missing",
	},
	row{
		name: "a named check of our own run that has not ended", params: testsOfCI, facts: checked(runs(run(1, "tests", "", running("queued"), ours))),
		want: verdict.Wait, code: "pending", says: []string{"part of this very run"},
	},
	row{name: "a pending commit status", params: all, facts: checked(runs(run(1, "tests", "success")), status("ci", "pending", noon)), want: verdict.Wait, code: "pending"},
	row{name: "an expected commit status", params: all, facts: checked(runs(run(1, "tests", "success")), status("ci", "expected", noon)), want: verdict.Wait, code: "pending"},
	row{
		name: "a failure beside something pending is a failure", params: all, want: verdict.Fail, code: "not-accepted", says: []string{"1 of 2 checks"},
		facts: checked(runs(run(1, "lint", "", running("in_progress")), run(2, "tests", "failure"))),
	},
	row{
		name: "a named check is missing although all that are there passed", params: "{all: true, checks: [{name: tests}]}", facts: checked(runs(run(1, "build", "success"))),
		want: verdict.Fail, code: "missing",
	},

	// Not known.
	row{
		name: "completed without a conclusion", params: testsOfCI, facts: checked(runs(run(1, "tests", ""))),
		want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"without a conclusion"},
	},
	row{name: "a status that does not exist", params: testsOfCI, facts: checked(runs(run(1, "tests", "success", running("resting")))), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{name: "a commit status without a state", params: all, facts: checked(nil, status("ci", "", noon)), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{name: "checks that could not be read", params: all, facts: onMain(), want: verdict.Unknown, code: string(fact.NotAsked)},

	// More than can be shown.
	row{
		name: "more failures than are shown", params: all, want: verdict.Fail, code: "not-accepted", says: []string{"12 of 13 checks", "and 2 more"},
		facts: checked(append(failures(12), run(99, "ok", "success"))),
	},

	row{name: "a named check that passed", params: testsOfCI, facts: checked(runs(run(1, "tests", "success"))), want: verdict.Pass, says: []string{"1 check passed"}},
	row{name: "a named check whose workflow is not pinned", params: tests, facts: checked(runs(run(1, "tests", "success"), run(2, "tests", "success", from("other.yml")))), want: verdict.Pass, says: []string{"2 checks passed"}},
	row{name: "a named check of another app", params: "checks: [{name: scan, app: sonar}]", facts: checked(runs(run(1, "scan", "success", reportedBy("sonar")))), want: verdict.Pass},
	row{
		name: "a named check that passed, whatever others did", params: testsOfCI, want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "success"), run(2, "lint", "failure"), run(3, "tests", "failure", from("other.yml"))), status("tests", "failure", noon)),
	},
	row{name: "a named check of our own run that ended", params: testsOfCI, facts: checked(runs(run(1, "tests", "success", ours), run(2, "gate", "", running("in_progress"), ours))), want: verdict.Pass},
	row{
		name: "a success that began later and ended earlier", params: testsOfCI, want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "failure", endedLate), run(2, "tests", "success"))),
	},
	row{
		name: "a failure that began together with a success of a higher number", params: testsOfCI, want: verdict.Pass,
		facts: checked(runs(run(1, "tests", "failure", begunTogether), run(2, "tests", "success", begunTogether))),
	},
	row{name: "an older attempt that never began", params: testsOfCI, facts: checked(runs(run(1, "tests", "", running("queued"), notBegun), run(2, "tests", "success"))), want: verdict.Pass},
	row{name: "attempts of which no time is known: the higher number counts", params: testsOfCI, facts: checked(runs(run(1, "tests", "failure", notBegun), run(2, "tests", "success", notBegun))), want: verdict.Pass},
	row{
		name: "every check and every commit status passed", params: all, want: verdict.Pass, says: []string{"2 checks and 1 commit status passed"},
		facts: checked(runs(run(1, "tests", "success"), run(2, "lint", "success"), run(3, "gate", "", running("in_progress"), ours)), status("ci", "success", noon)),
	},
	row{name: "an earlier run of a job that this run has too", params: all, facts: checked(runs(run(1, "gate", "failure"), run(2, "gate", "", running("in_progress"), ours), run(3, "tests", "success"))), want: verdict.Pass},
	row{name: "nothing but commit statuses", params: all, facts: checked(nil, status("ci", "success", noon), status("cd", "success", noon)), want: verdict.Fail, code: "none", says: []string{"whoever may push can bring them about"}},
	row{name: "skipped where the policy accepts it", params: "{all: true, accept: [success, skipped]}", facts: checked(runs(run(1, "tests", "success"), run(2, "docs", "skipped"))), want: verdict.Pass},
	row{
		name: "outside of a workflow no check is our own", params: all, want: verdict.Fail, code: "not-accepted",
		facts: func() fact.Set {
			facts := checked(runs(run(1, "tests", "success"), run(2, "scan", "failure", reportedBy("scan"))))
			facts.Trigger.RunID = 0
			return facts
		}(),
	},
)

func failures(count int64) []fact.CheckRun {
	var list []fact.CheckRun
	for i := range count {
		list = append(list, run(i+1, fmt.Sprintf("test %02d", i), "failure"))
	}
	return list
}

var _ = func() bool {
	for _, conclusion := range []string{
		"neutral", "skipped", "failure", "action_required", "cancelled", "timed_out", "stale", "startup_failure", "succeeded_with_warnings", "SUCCESS",
	} {
		for _, params := range []string{all, testsOfCI} {
			rows("checks-passed", row{
				name: "ended with " + conclusion + ", " + params, params: params, facts: checked(runs(run(1, "tests", conclusion))),
				want: verdict.Fail, code: "not-accepted", says: []string{`"` + conclusion + `"`, "mend the cause"},
			})
		}
	}
	for _, state := range []string{"queued", "in_progress", "waiting", "requested", "pending"} {
		for _, params := range []string{all, testsOfCI} {
			rows("checks-passed", row{
				name: "is " + state + ", " + params, params: params, facts: checked(runs(run(1, "tests", "success", running(state)))),
				want: verdict.Wait, code: "pending", says: []string{state, "Wait until the check has ended"},
			})
		}
	}
	return true
}()

func TestChecksPassed(t *testing.T) {
	t.Parallel()
	testRows(t, "checks-passed")
}

func TestChecksPassedRefusesPoliciesThatAskForNothing(t *testing.T) {
	t.Parallel()
	testRefusals(t, "checks-passed", map[string]string{
		"{}":                                          "all: true",
		"checks: []":                                  "all: true",
		"{all: true, accept: []}":                     "the list is empty",
		"{all: true, accept: [failure]}":              `"failure"`,
		"{all: true, accept: [Success]}":              `"Success"`,
		"checks: [{app: github-actions}]":             "no name",
		"checks: [{name: ' '}]":                       "no name",
		"checks: [{name: a}, {name: a}]":              "there twice",
		"checks: [{name: a, workflow: c}, {name: a}]": "there twice",
		"checks: [{name: a}, {name: a, workflow: c}]": "there twice",
		"checks: [{name: a, workflow: c}, {name: a, app: github-actions, workflow: c}]": "there twice",
		"checks: [{name: a, class: perf}]":                                              `class "perf": expected one of ["tests"`,
		"checks: [{name: a, within: 10}]":                                               `within: "10" is not a length of time`,
		"checks: [{name: a, within: 0m}]":                                               "within",
		"checks: [{name: a, within: 10m, slow: deny}]":                                  `slow "deny": expected one of ["fail" "warn"]`,
		"checks: [{name: a, slow: warn}]":                                               "there is none",
		"checks: [{name: a, app: b, workflow: c}]":                                      "only checks of the app github-actions",
	})
}

func TestChecksPassedShowsTheWorstTenFirst(t *testing.T) {
	t.Parallel()
	facts := checked(append(runs(run(50, "a", "success"), run(51, "b", "", running("queued"))), failures(12)...))
	got := bind(t, "checks-passed", row{params: all}).Ask(facts, gate.Terms{})
	if len(got.Evidence) != 10 {
		t.Fatalf("got %d pieces of evidence, want 10", len(got.Evidence))
	}
	for _, each := range got.Evidence {
		if !strings.Contains(each.Text, "failure") || each.URL == "" {
			t.Errorf("evidence %+v is shown although there are worse checks", each)
		}
	}
}

func TestChecksPassedSaysWhoCanHelp(t *testing.T) {
	t.Parallel()
	for who, facts := range map[string]fact.Set{
		"whoever maintains the policy": checked(nil, status("tests", "success", noon)),
		"whoever maintains the checks": checked(runs(run(1, "tests", "failure"))),
	} {
		if got := bind(t, "checks-passed", row{params: tests}).Ask(facts, gate.Terms{}); got.Who != who {
			t.Errorf("%s: %q can help, want %q", got.Code, got.Who, who)
		}
	}
}

func manyChecks(count int) fact.Set {
	var list []fact.CheckRun
	for i := range int64(count) {
		list = append(list, run(i+1, fmt.Sprintf("test %04d", i), "success"))
	}
	return checked(list)
}

func BenchmarkChecksPassed(b *testing.B) {
	for _, count := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			facts := manyChecks(count)
			check, err := find(b, "checks-passed").Bind(decode(all), gate.Terms{})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				check.Ask(facts, gate.Terms{})
			}
		})
	}
}
