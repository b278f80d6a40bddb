package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

func asJob(id int64) func(*fact.Job) { return func(job *fact.Job) { job.ID = id } }

// noFile is a run of which GitHub does not name the workflow file.
func noFile(run *fact.WorkflowRun) { run.Workflow = "" }

// What would hide a deployment that failed.
var _ = rows("promoted",
	row{
		name: "a job that passed is listed again, and is not newer than the failure between", params: "{record: none}", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(43, inAttempt(2)), stagingJob(44, inAttempt(3))), deployRun(491, stagingJob(42, concluded("failure"))))),
		want:  verdict.Fail, code: "failed", says: []string{"run 491"},
	},
	row{
		name: "a job that passed, and ran again after the failure between", params: "{record: none}", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(43, inAttempt(2), startedAgo(30*time.Minute))), deployRun(491, stagingJob(42, concluded("failure"))))),
		want:  verdict.Pass, says: []string{"run 490 (attempt 2)"},
	},
	row{
		name: "a smoke test that is listed again, and is not newer than the failure between", params: smoke,
		facts: delivered(deployRuns(
			deployRun(490, stagingJob(41), smokeTest(), stagingJob(43, inAttempt(2)), smokeTest(inAttempt(2), asJob(63))),
			deployRun(491, smokeTest(concluded("failure"), asJob(61))),
		)),
		want: verdict.Fail, code: "not-verified",
	},
	row{
		name: "a success that was posted after the failure that came after the success", deployedBy: deploysStaging,
		facts: delivered(records(recordFor(71, 41, "in_progress", "success", "failure", "success"))),
		want:  verdict.Fail, code: "failed", says: []string{"does not mend it"},
	},
	row{
		name: "the same, superseded", deployedBy: deploysStaging,
		facts: delivered(records(recordFor(71, 41, "success", "error", "success", "inactive"))),
		want:  verdict.Fail, code: "failed",
	},
	row{
		name:  "by the records alone, a newer job that failed and has none",
		facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("failure"))))),
		want:  verdict.Fail, code: "failed", says: []string{"run 491"},
	},
	row{
		name:  "by the records alone, a newer job of the name that failed in another environment",
		facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("failure")))), andRecord(recordIn("production", recordFor(72, 42, "failure")))),
		want:  verdict.Pass,
	},
	row{
		name: "by the records alone, a newer job of the name that has not begun", want: verdict.Pass,
		facts: delivered(andRun(deployRun(ownRun, stagingJob(42, still("queued"))))),
	},
	row{
		name: "a run of no known file with the job", deployedBy: deploysStaging,
		facts: delivered(andRun(runWith(deployRun(491, stagingJob(42, concluded("failure"))), noFile)), andRecord(recordFor(72, 42, "failure"))),
		want:  verdict.Unknown, code: string(fact.Incomplete), says: []string{"run 491"},
	},
	row{
		name:  "a run of no known file with a job of the environment",
		facts: delivered(andRun(runWith(deployRun(491, stagingJob(42, concluded("failure"))), noFile)), andRecord(recordFor(72, 42, "failure"))),
		want:  verdict.Unknown, code: string(fact.Incomplete),
	},
	row{
		name: "a run of no known file, of which the jobs are not known either", deployedBy: deploysStaging,
		facts: delivered(andRun(runWith(deployRun(491), func(run *fact.WorkflowRun) {
			run.Workflow, run.Jobs = "", fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Unavailable})
		}))),
		want: verdict.Unknown, code: string(fact.Unavailable),
	},
	row{
		name: "a run of no known file with the smoke test", params: smoke,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest()), runWith(deployRun(491, smokeTest(concluded("failure"), asJob(61))), noFile))),
		want:  verdict.Unknown, code: string(fact.Incomplete),
	},
	row{name: "a run of no known file with other jobs", deployedBy: deploysStaging, facts: delivered(andRun(runWith(deployRun(491, stagingJob(42, called("lint"))), noFile))), want: verdict.Pass},
)

// What was deployed to another stage is no deployment to this one.
func TestDeploymentsOfStagesAreKeptApart(t *testing.T) {
	t.Parallel()
	jobs := map[string]fact.JobOf{"staging": {Workflow: deployFile, Job: "deploy-staging"}, "prod": {Workflow: deployFile, Job: "deploy-prod"}}
	for _, each := range []struct{ gate, job, record, says string }{
		{"deployed-before", "deploy-staging", "environment", "deploys to staging, as the policy says there; name the job that deploys to prod"},
		{"deployed-before", "deploy-staging", "none", "deploys to staging"},
		{"deployed-before", "deploy-prod", "none", ""},
		{"promoted", "deploy-prod", "environment", "deploys to prod, as the policy says there; name the job that deploys to staging"},
		{"promoted", "deploy-prod", "stageward", "deploys to prod"},
		{"promoted", "ship", "none", ""},
	} {
		params := fmt.Sprintf("{record: %s, deployed-by: {workflow: %s, job: %s}}", each.record, deployFile, each.job)
		_, err := find(t, each.gate).Bind(decode(params), row{deployedBy: jobs}.terms())
		if got := fmt.Sprint(err); each.says == "" && err != nil || !strings.Contains(got, each.says) {
			t.Errorf("%s, %s: error %v, want one that says %q", each.gate, params, err, each.says)
		}
	}
}

// A run of which GitHub leaves out the workflow file may be the one that failed.
func TestDeploymentsNeverGainFromANamelessRun(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"promoted", "deployed-before"} {
		for _, each := range table[id] {
			checks := each.facts.Checks.OrZero()
			for i := range checks.Workflows {
				facts, lost := each.facts, checks
				lost.Workflows = slices.Clone(checks.Workflows)
				noFile(&lost.Workflows[i])
				facts.Checks = fact.Of(lost, fact.Source{})
				if got := bind(t, id, each).Ask(facts, each.terms()); each.want != verdict.Pass && got.Outcome == verdict.Pass {
					t.Errorf("%s, %s: without the file of run %d it passes: %s", id, each.name, lost.Workflows[i].ID, got.Reason)
				}
			}
		}
	}
}
