package gate_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// prodJob is a job that deployed the tag to prod, prodRecord its record.
func prodJob(id int64, changes ...func(*fact.Job)) fact.Job {
	return stagingJob(id, append([]func(*fact.Job){called("deploy-prod"), ofBranch("v1.2.0")}, changes...)...)
}

func prodRecord(id, job int64, states ...string) fact.Deployment {
	return recordIn("production", recordFor(id, job, states...))
}

// returning is a run that wants to go back to a commit that was on prod.
func returning(changes ...func(*fact.Set)) fact.Set {
	base := []func(*fact.Set){
		deployRuns(deployRun(490, prodJob(41))), records(prodRecord(71, 41, "success", "inactive")),
		goingBack,
	}
	return delivered(append(base, changes...)...)
}

var _ = rows("deployed-before",
	row{name: "a commit that was never on prod", facts: returning(deployRuns(), records()), want: verdict.Fail, code: "missing", says: []string{"was not deployed to prod"}},
	row{name: "a commit that was on staging only", facts: delivered(), want: verdict.Fail, code: "missing"},
	row{name: "a success that was posted", facts: returning(deployRuns(), records(prodRecord(71, 0, "success"))), want: verdict.Fail, code: "untrusted"},
	row{name: "a tag that prod does not accept", facts: returning(deployRuns(deployRun(490, prodJob(41, ofBranch("v1.2.0-rc.1"))))), want: verdict.Fail, code: "untrusted"},
	row{name: "it never succeeded", facts: returning(deployRuns(deployRun(490, prodJob(41, concluded("failure")))), records(prodRecord(71, 41, "failure"))), want: verdict.Fail, code: "failed", says: []string{"no deployment of commit aaaaaaa to prod counts"}},
	row{name: "it was found to be broken", facts: returning(records(prodRecord(71, 41, "success", "failure"))), want: verdict.Fail, code: "failed"},
	row{name: "nothing was reported", facts: returning(records(prodRecord(71, 41))), want: verdict.Fail, code: "no-status"},
	row{name: "a job without a record", deployedBy: deploysProd, facts: returning(records()), want: verdict.Fail, code: "no-record"},
	row{name: "only this run deploys it", facts: returning(deployRuns(deployRun(ownRun, prodJob(41, still("in_progress")))), records(prodRecord(71, 41, "in_progress"))), want: verdict.Wait, code: "running"},
	row{name: "the jobs of another run are not known", facts: returning(andRun(runWith(deployRun(491), func(run *fact.WorkflowRun) {
		run.Jobs = fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Unavailable})
	}))), want: verdict.Unknown, code: string(fact.Unavailable)},
	row{name: "a tag that is called like the branch of the stage", stage: "staging", facts: delivered(wasTip("$default-branch", "main", false)), want: verdict.Fail, code: "untrusted"},
	row{name: "it was on prod, and a newer commit superseded it", facts: returning(), want: verdict.Pass, says: []string{"commit aaaaaaa was on prod before", "superseded"}},
	row{name: "the job of the policy", deployedBy: deploysProd, facts: returning(), want: verdict.Pass},
	row{name: "the first try of the rollback failed", facts: returning(andRun(deployRun(491, prodJob(42, concluded("failure")))), andRecord(prodRecord(72, 42, "failure"))), want: verdict.Pass, says: []string{"run 490"}},
	row{name: "the job that asks is the one that deploys", facts: returning(andRun(deployRun(ownRun, prodJob(42, still("in_progress")))), andRecord(prodRecord(72, 42, "in_progress"))), want: verdict.Pass, says: []string{"run 490"}},
	row{name: "the job alone", params: "{record: none}", deployedBy: deploysProd, facts: returning(records()), want: verdict.Pass},
	row{name: "a stage that takes a branch", stage: "staging", facts: delivered(), want: verdict.Pass, says: []string{"was on staging before"}},
)

func TestDeployedBefore(t *testing.T) {
	t.Parallel()
	testRows(t, "deployed-before")
	testRefusals(t, "deployed-before", map[string]string{
		"{record: none}": "needs deployed-by", "{record: x}": "expected one of", "{deployed-by: {job: a}}": "deployed-by: workflow",
	})
}
