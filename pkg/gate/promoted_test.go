package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// PRM-01…PRM-10.
var _ = rows("promoted",
	// Nothing was deployed.
	row{
		name: "a commit that was never on staging", facts: delivered(deployRuns(), records()), deployedBy: deploysStaging,
		want: verdict.Fail, code: "missing", says: []string{"was not deployed to staging", "Deploy commit aaaaaaa to staging", `the job "deploy-staging" of ` + deployFile},
	},
	row{
		name: "by the records alone, nothing either", facts: delivered(deployRuns(), records()),
		want: verdict.Fail, code: "missing", says: []string{"a job of " + deployFile + " with the environment staging"},
	},
	row{
		name: "a skipped job deploys nothing", facts: delivered(deployRuns(deployRun(490, stagingJob(41, concluded("skipped")))), records()), deployedBy: deploysStaging,
		want: verdict.Fail, code: "missing",
	},
	row{
		name: "another environment", facts: delivered(records(recordIn("staging-eu", recordFor(71, 41, "success")))), deployedBy: deploysStaging,
		want: verdict.Fail, code: "untrusted", says: []string{`"staging-eu"`},
	},
	row{
		name: "another environment, by the records alone", facts: delivered(records(recordIn("staging-eu", recordFor(71, 41, "success")))),
		want: verdict.Fail, code: "missing",
	},
	row{
		name: "letters that only look the same", facts: delivered(records(recordIn("\u017ftaging", recordFor(71, 41, "success")))),
		want: verdict.Fail, code: "missing",
	},
	// Nothing that counts.
	row{
		name: "a success that was posted", facts: delivered(deployRuns(), records(recordFor(71, 0, "success"))), deployedBy: deploysStaging,
		want: verdict.Fail, code: "untrusted", says: []string{"deployment 71", "posted by @mallory"},
	},
	row{
		name: "a failure that was posted", facts: delivered(deployRuns(), records(recordFor(71, 0, "failure"))), deployedBy: deploysStaging,
		want: verdict.Fail, code: "missing", hides: []string{"deployment 71"},
	},
	row{
		name: "a success that was posted beside a job that failed", facts: delivered(deployRuns(deployRun(490, stagingJob(41, concluded("failure")))), records(recordFor(71, 41, "failure"), recordFor(72, 0, "success"))),
		deployedBy: deploysStaging, want: verdict.Fail, code: "failed",
	},
	row{
		name: "a success posted to the record of a job that failed", facts: delivered(deployRuns(deployRun(490, stagingJob(41, concluded("failure")))), records(recordFor(71, 41, "failure", "success"))),
		want: verdict.Fail, code: "failed",
	},
	row{
		name: "a record that claims the job by its payload", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "success")))),
		want:  verdict.Fail, code: "no-record", says: []string{"environment: staging", "command: record"},
	},
	row{
		name: "a job of another workflow file", facts: delivered(deployRuns(runWith(deployRun(490, stagingJob(41)), func(run *fact.WorkflowRun) { run.Workflow = ".github/workflows/evil.yml" }))), deployedBy: deploysStaging,
		want: verdict.Fail, code: "untrusted", says: []string{"which is of job 41"},
	},
	row{
		name: "a job of another name", facts: delivered(deployRuns(deployRun(490, stagingJob(41, called("deploy-staging (eu)"))))), deployedBy: deploysStaging,
		want: verdict.Fail, code: "untrusted",
	},
	row{
		name: "a run of a pull request", facts: delivered(deployRuns(runWith(deployRun(490, stagingJob(41)), func(run *fact.WorkflowRun) { run.Event = "pull_request" }))),
		want: verdict.Fail, code: "untrusted", says: []string{"started by pull_request"},
	},
	row{
		name: "a run of a branch that staging does not accept", facts: delivered(deployRuns(deployRun(490, stagingJob(41, ofBranch("feature/x"))))),
		want: verdict.Fail, code: "untrusted", says: []string{`"feature/x", which staging does not accept`}, hides: []string{"which is of job 41"},
	},
	row{
		name: "a run of no branch", facts: delivered(deployRuns(deployRun(490, stagingJob(41, ofBranch(""))))),
		want: verdict.Fail, code: "untrusted",
	},
	row{
		name: "a tag that has the name of the branch", facts: delivered(wasTip("$default-branch", "main", false)),
		want: verdict.Fail, code: "untrusted", says: []string{"of which the commit never was the tip"},
	},
	row{
		name: "a failed run of a branch that staging does not accept is shown", facts: delivered(deployRuns(deployRun(490, stagingJob(41, ofBranch("feature/x"), concluded("failure")))), records()), deployedBy: deploysStaging,
		want: verdict.Fail, code: "missing", says: []string{"not counted", "feature/x"},
	},
	row{
		name: "a version that dev accepts by its branch only", params: "{from: dev}", facts: delivered(records(recordIn("development", recordFor(71, 41, "success")))),
		want: verdict.Fail, code: "untrusted", says: []string{"dev does not accept"},
	},
	// The newest deployment governs.
	row{
		name: "an older success does not help", deployedBy: deploysStaging,
		facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("failure")))), andRecord(recordFor(72, 42, "failure"))),
		want:  verdict.Fail, code: "failed", says: []string{"run 491"}, hides: []string{"run 490"},
	},
	row{
		name: "by the number of the record and not of the job", deployedBy: deploysStaging,
		facts: delivered(andRun(deployRun(489, stagingJob(40, concluded("failure")))), andRecord(recordFor(72, 40, "failure"))),
		want:  verdict.Fail, code: "failed", says: []string{"run 489"},
	},
	row{
		name: "a newer job that failed before it had a record", deployedBy: deploysStaging,
		facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("cancelled"))))),
		want:  verdict.Fail, code: "failed", says: []string{"run 491", "cancelled"},
	},
	row{
		name: "a newer job that waits", deployedBy: deploysStaging, facts: delivered(andRun(deployRun(491, stagingJob(42, still("waiting"))))),
		want: verdict.Wait, code: "running", says: []string{"run 491"},
	},
	row{
		name: "the second attempt failed", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, inAttempt(2), concluded("failure")))), andRecord(recordFor(72, 42, "failure"))),
		want:  verdict.Fail, code: "failed", says: []string{"attempt 2"},
	},
	row{
		name:  "the second attempt failed, by the records alone",
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, inAttempt(2), concluded("failure"))))),
		want:  verdict.Fail, code: "failed", says: []string{"attempt 2"},
	},
	row{
		name: "a job that failed, with a success posted to its record, and then passed without one", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41, concluded("failure")), stagingJob(42, inAttempt(2)))), records(recordFor(71, 41, "failure", "success"))),
		want:  verdict.Fail, code: "no-record",
	},
	row{
		name: "the second attempt went to another environment", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, inAttempt(2)))), andRecord(recordIn("qa", recordFor(72, 42, "success")))),
		want:  verdict.Fail, code: "untrusted", says: []string{`"qa"`},
	},
	row{
		name: "the third attempt repeats one that went to another environment", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, inAttempt(2)), stagingJob(43, inAttempt(3)))), andRecord(recordIn("qa", recordFor(72, 42, "success")))),
		want:  verdict.Fail, code: "no-record",
	},
	row{
		name: "the newest by its job where records do not count", params: "{record: none}", deployedBy: deploysStaging,
		facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("failure"))))), want: verdict.Fail, code: "failed", says: []string{"run 491"},
	},
	row{
		name: "one of two jobs failed", facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, called("deploy-staging-eu"), concluded("failure")))), andRecord(recordFor(72, 42, "failure"))),
		want: verdict.Fail, code: "failed", says: []string{"deploy-staging-eu"},
	},
	row{
		name: "one of two jobs of one name failed", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, concluded("failure")))), andRecord(recordFor(72, 42, "failure"))),
		want:  verdict.Fail, code: "failed",
	},
	row{
		name: "a job that ended in a way nobody knows", facts: delivered(deployRuns(deployRun(490, stagingJob(41, concluded(""))))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a job in a state that nobody knows", facts: delivered(deployRuns(deployRun(490, stagingJob(41, still("frozen"))))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a job that succeeded and has not ended", facts: delivered(deployRuns(deployRun(490, stagingJob(41, func(job *fact.Job) { job.Status = "frozen" })))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a success at no time", facts: delivered(deployRuns(deployRun(490, stagingJob(41, func(job *fact.Job) { job.CompletedAt = time.Time{} })))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a job that has not ended", facts: delivered(deployRuns(deployRun(490, stagingJob(41, still("in_progress"))))),
		want: verdict.Wait, code: "running", says: []string{"in_progress"},
	},
	row{
		name: "a job without a record", deployedBy: deploysStaging, facts: delivered(records()),
		want: verdict.Fail, code: "no-record", says: []string{"Add `environment: staging` to the job", "record: stageward"},
	},
	// What the record says.
	row{name: "no status", facts: delivered(records(recordFor(71, 41))), want: verdict.Fail, code: "no-status"},
	row{name: "in_progress", facts: delivered(records(recordFor(71, 41, "in_progress"))), want: verdict.Wait, code: "running", says: []string{"in_progress"}},
	row{name: "queued", facts: delivered(records(recordFor(71, 41, "queued"))), want: verdict.Wait, code: "running", says: []string{"queued"}},
	row{name: "pending", facts: delivered(records(recordFor(71, 41, "pending"))), want: verdict.Wait, code: "running", says: []string{"pending"}},
	row{name: "waiting", facts: delivered(records(recordFor(71, 41, "success", "waiting"))), want: verdict.Wait, code: "running", says: []string{"waiting"}},
	row{name: "error", facts: delivered(records(recordFor(71, 41, "error"))), want: verdict.Fail, code: "failed", says: []string{"error"}},
	row{name: "a failure after the success", facts: delivered(records(recordFor(71, 41, "success", "failure"))), want: verdict.Fail, code: "failed", says: []string{"failure"}},
	row{name: "a failure after the success, then superseded", facts: delivered(records(recordFor(71, 41, "success", "error", "inactive"))), want: verdict.Fail, code: "failed"},
	row{name: "superseded without ever succeeding", facts: delivered(records(recordFor(71, 41, "in_progress", "inactive"))), want: verdict.Fail, code: "failed"},
	row{
		name: "a failure at the time of the success", want: verdict.Fail, code: "failed",
		facts: delivered(records(func() fact.Deployment {
			record := recordFor(71, 41, "failure", "success")
			record.Statuses[1].At = record.Statuses[0].At
			return record
		}())),
	},
	row{name: "a status that nobody knows", facts: delivered(records(recordFor(71, 41, "success", "rolled_back"))), want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"rolled_back"}},
	row{
		name: "one of two records of Stageward failed", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "success")), recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(72, 0, "failure")))),
		want:  verdict.Fail, code: "failed", says: []string{"deployment 72"},
	},
	row{
		name: "a record of Stageward that was made twice", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "in_progress", "success")),
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(72, 0, "in_progress", "inactive")),
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(73, 0, "inactive")),
		)),
		want: verdict.Pass, says: []string{"deployment 71"},
	},
	row{
		name: "a second record of Stageward that goes on", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "success")),
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(72, 0, "inactive", "in_progress")),
		)),
		want: verdict.Wait, code: "running", says: []string{"deployment 72"},
	},
	row{
		name: "a second record of Stageward that failed, and is inactive since", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "success")),
			recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(72, 0, "failure", "inactive")),
		)),
		want: verdict.Fail, code: "failed", says: []string{"deployment 72"},
	},
	row{
		name: "the only record of Stageward was put aside", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "in_progress", "inactive")))),
		want:  verdict.Fail, code: "failed",
	},
	row{
		name: "a record of Stageward of another attempt", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":1,"run_id":490,"run_attempt":2}`, recordFor(71, 0, "success")))),
		want:  verdict.Fail, code: "no-record", says: []string{"command: record"},
	},
	row{
		name: "a record of Stageward of another run", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":1,"run_id":491,"run_attempt":1}`, recordFor(71, 0, "success")))),
		want:  verdict.Fail, code: "no-record",
	},
	row{
		name: "a record that GitHub made is none of Stageward", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 41, "success")))),
		want:  verdict.Fail, code: "no-record",
	},
	row{
		name: "a record that is not of Stageward's form", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordSays(`{"stageward":2,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "success")), recordSays(`run 490`, recordFor(72, 0, "success")))),
		want:  verdict.Fail, code: "no-record",
	},
	row{
		name: "a record of Stageward for another environment", params: "{record: stageward}", deployedBy: deploysStaging,
		facts: delivered(records(recordIn("development", recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "success"))))),
		want:  verdict.Fail, code: "no-record",
	},
	row{
		name: "with record: none the job has to have succeeded", params: "{record: none}", deployedBy: deploysStaging, facts: delivered(deployRuns(deployRun(490, stagingJob(41, concluded("failure"))))),
		want: verdict.Fail, code: "failed",
	},
	// Soak.
	row{name: "a minute too early", params: "{soak: 1h1m}", facts: delivered(), want: verdict.Wait, code: "soaking", says: []string{"for 1h; 1h1m are asked for, 1m left", "after 2026-11-20T12:01:00Z"}},
	row{
		name: "it soaks from the end of the last of its jobs", params: "{soak: 1h}", want: verdict.Wait, code: "soaking", says: []string{"30m left"},
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, called("z"), func(job *fact.Job) { job.CompletedAt = noon.Add(-30 * time.Minute) }))), andRecord(recordFor(72, 42, "success"))),
	},
	row{
		name: "a deployment that ends tomorrow", params: "{soak: 1h}", facts: delivered(deployRuns(deployRun(490, stagingJob(41, startedAgo(-24*time.Hour))))),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{name: "nobody knows what time it is", params: "{soak: 1h}", facts: delivered(withoutTime), want: verdict.Unknown, code: string(fact.Incomplete)},
	// Facts that are missing.
	row{name: "the jobs are not known", facts: delivered(andRun(runWith(deployRun(491), func(run *fact.WorkflowRun) {
		run.Jobs = fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Forbidden, Detail: "HTTP 403", Fix: "grant it"})
	}))), want: verdict.Unknown, code: string(fact.Forbidden), says: []string{"run 491", "grant it"}},
	row{name: "whether it was the tip is not known", facts: delivered(func(f *fact.Set) { f.Tips = nil }), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{name: "an answer about another branch", facts: delivered(wasTip("$default-branch", "master", true)), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{name: "two answers about a job", facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(41, concluded("failure"))))), want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"job 41"}},
	row{name: "two answers about a run", facts: delivered(andRun(deployRun(490))), want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"workflow run 490"}},
	row{name: "two answers about a record", facts: delivered(andRecord(recordFor(71, 41, "failure"))), want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"deployment 71"}},
	row{name: "a run that names no workflow", facts: delivered(func(f *fact.Set) { f.Trigger.WorkflowRef = "" }), want: verdict.Unknown, code: string(fact.Incomplete), says: []string{"deployed-by"}},

	// What passes.
	row{
		name: "a job that succeeded on staging", facts: delivered(), deployedBy: deploysStaging, want: verdict.Pass,
		says: []string{`job "deploy-staging" of run 490 succeeded at 2026-11-20T11:00:00Z on deployment 71 to "staging"`},
	},
	row{name: "found by its record", facts: delivered(), want: verdict.Pass, says: []string{"run 490"}},
	row{name: "the stage before need not be named, and an earlier one may be", params: "{from: staging}", facts: delivered(), want: verdict.Pass},
	row{name: "case does not tell environments apart", facts: delivered(records(recordIn("Staging", recordFor(71, 41, "success")))), want: verdict.Pass},
	row{name: "a newer commit superseded it", facts: delivered(records(recordFor(71, 41, "in_progress", "success", "inactive"))), want: verdict.Pass, says: []string{"superseded"}},
	row{
		name: "begun and ended within a second", want: verdict.Pass,
		facts: delivered(records(func() fact.Deployment {
			record := recordFor(71, 41, "success", "in_progress")
			record.Statuses[1].At = record.Statuses[0].At
			return record
		}())),
	},
	row{
		name: "a failure that was mended", facts: delivered(andRun(deployRun(489, stagingJob(40, concluded("failure")))), andRecord(recordFor(70, 40, "failure"))),
		want: verdict.Pass, says: []string{"run 490"},
	},
	row{name: "a newer run in which it was skipped", deployedBy: deploysStaging, facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("skipped"))))), want: verdict.Pass},
	row{name: "a newer deployment to another environment", deployedBy: deploysStaging, facts: delivered(andRun(deployRun(491, stagingJob(42, concluded("failure")))), andRecord(recordIn("qa", recordFor(72, 42, "failure")))), want: verdict.Pass},
	row{name: "a failure that was posted beside it", facts: delivered(andRecord(recordFor(72, 0, "failure"))), want: verdict.Pass},
	row{
		name: "a job that passed is listed again when others run again", deployedBy: deploysStaging,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41), stagingJob(42, inAttempt(2)), stagingJob(43, inAttempt(3))))), want: verdict.Pass, says: []string{"deployment 71"}, hides: []string{"attempt"},
	},
	row{name: "a record of Stageward", params: "{record: stageward}", deployedBy: deploysStaging, want: verdict.Pass, facts: delivered(records(recordSays(`{"stageward":1,"run_id":490,"run_attempt":1}`, recordFor(71, 0, "in_progress", "success"))))},
	row{name: "a record of Stageward that GitHub shows as text", params: "{record: stageward}", deployedBy: deploysStaging, want: verdict.Pass, facts: delivered(records(recordSays(`"{\"stageward\":1,\"run_id\":490,\"run_attempt\":1,\"decision\":\"x\"}"`, recordFor(71, 0, "success"))))},
	row{name: "the job alone", params: "{record: none}", deployedBy: deploysStaging, facts: delivered(records()), want: verdict.Pass},
	row{name: "it has soaked to the second", params: "{soak: 1h}", facts: delivered(), want: verdict.Pass, says: []string{"soaked for 1h (at least 1h)"}},
	row{
		name: "by the name of its branch", params: "{from: dev}", want: verdict.Pass,
		facts: delivered(deployRuns(deployRun(490, stagingJob(41, ofBranch("dev/x")))), records(recordIn("development", recordFor(71, 41, "success")))),
	},
	row{
		name: "a deployment by another job of the policy's choice", params: "{deployed-by: {workflow: .github/workflows/other.yml, job: ship}}", deployedBy: deploysStaging, want: verdict.Pass,
		facts: delivered(deployRuns(runWith(deployRun(490, stagingJob(41, called("ship"))), func(run *fact.WorkflowRun) { run.Workflow = ".github/workflows/other.yml" }))),
	},
)

const smoke = "{verified-by: [{workflow: .github/workflows/deploy.yml, job: smoke}]}"

func smokeTest(changes ...func(*fact.Job)) fact.Job {
	return stagingJob(60, append([]func(*fact.Job){called("smoke"), startedAgo(50 * time.Minute)}, changes...)...)
}

var _ = rows("promoted",
	row{name: "no smoke test", params: smoke, facts: delivered(), want: verdict.Fail, code: "not-verified", says: []string{`job "smoke" of ` + deployFile + ` has not run`}},
	row{name: "a smoke test that failed", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(concluded("failure"))))), want: verdict.Fail, code: "not-verified", says: []string{"failure"}},
	row{name: "a smoke test that was skipped", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(concluded("skipped"))))), want: verdict.Fail, code: "not-verified"},
	row{name: "a smoke test before the deployment", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(startedAgo(61*time.Minute))))), want: verdict.Fail, code: "not-verified", says: []string{"has not run on the commit since"}},
	row{name: "a smoke test of a pull request", params: smoke, facts: delivered(andRun(runWith(deployRun(491, smokeTest()), func(run *fact.WorkflowRun) { run.Event = "pull_request" }))), want: verdict.Fail, code: "not-verified"},
	row{name: "a smoke test of another branch", params: smoke, facts: delivered(andRun(deployRun(491, smokeTest(ofBranch("x"))))), want: verdict.Fail, code: "not-verified"},
	row{name: "a smoke test of another file", params: smoke, facts: delivered(andRun(runWith(deployRun(491, smokeTest()), func(run *fact.WorkflowRun) { run.Workflow = ".github/workflows/x.yml" }))), want: verdict.Fail, code: "not-verified"},
	row{name: "a smoke test that failed when it ran again", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(), smokeTest(inAttempt(2), concluded("failure"), func(job *fact.Job) { job.ID = 61 })))), want: verdict.Fail, code: "not-verified"},
	row{name: "a smoke test that failed in a newer run", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest())), andRun(deployRun(491, smokeTest(concluded("failure"), func(job *fact.Job) { job.ID = 61 })))), want: verdict.Fail, code: "not-verified"},
	row{name: "one of two smoke tests of one name failed", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(), smokeTest(concluded("failure"), func(job *fact.Job) { job.ID = 59 })))), want: verdict.Fail, code: "not-verified"},
	row{name: "one of two smoke tests of one name came before", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(), smokeTest(startedAgo(61*time.Minute), func(job *fact.Job) { job.ID = 59 })))), want: verdict.Fail, code: "not-verified", says: []string{"before the deployment ended"}},
	row{name: "a smoke test that ended nobody knows how", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(concluded(""))))), want: verdict.Unknown, code: string(fact.Inconsistent)},
	row{name: "the jobs of a run that may hold the smoke test are not known", params: "{verified-by: [{workflow: .github/workflows/smoke.yml, job: smoke}]}", facts: delivered(andRun(runWith(deployRun(491), func(run *fact.WorkflowRun) {
		run.Workflow, run.Jobs = ".github/workflows/smoke.yml", fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Unavailable})
	}))), want: verdict.Unknown, code: string(fact.Unavailable)},
	row{name: "a smoke test that runs", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(still("in_progress"))))), want: verdict.Wait, code: "verifying"},
	row{name: "a smoke test that is still to come", params: smoke, facts: delivered(deployRuns(runWith(deployRun(490, stagingJob(41)), func(run *fact.WorkflowRun) { run.Status = "in_progress" }))), want: verdict.Wait, code: "verifying", says: []string{"run 490 has not ended"}},
	row{name: "both the soak and the smoke test are told", params: "{soak: 2h, verified-by: [{workflow: .github/workflows/deploy.yml, job: smoke}]}", facts: delivered(), want: verdict.Fail, code: "not-verified", says: []string{"1h left", "has not run"}},
	row{name: "a smoke test after the deployment", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest()))), want: verdict.Pass, says: []string{`job "smoke"`}},
	row{name: "a smoke test that was skipped when the run was started again", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(), smokeTest(inAttempt(2), concluded("skipped"), func(job *fact.Job) { job.ID = 61 })))), want: verdict.Pass},
	row{name: "a smoke test that passed when it ran again", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(concluded("failure")), smokeTest(inAttempt(2), func(job *fact.Job) { job.ID = 61 })))), want: verdict.Pass},
	row{name: "a smoke test in a run of its own", params: smoke, facts: delivered(andRun(deployRun(491, smokeTest()))), want: verdict.Pass},
	row{name: "a smoke test in the second the deployment ended", params: smoke, facts: delivered(deployRuns(deployRun(490, stagingJob(41), smokeTest(startedAgo(time.Hour))))), want: verdict.Pass},
)

func TestPromoted(t *testing.T) {
	t.Parallel()
	testRows(t, "promoted")
}

// CTRL-01: the evidence names the job and the record.
func TestPromotedShowsTheDeploymentThatDecided(t *testing.T) {
	t.Parallel()
	asked := row{facts: delivered(func(f *fact.Set) {
		f.Deployments = fact.Of(f.Deployments.OrZero(), fact.Source{URL: "https://github.com/acme/shop/deployments"})
	})}
	got := bind(t, "promoted", asked).Ask(asked.facts, asked.terms())
	want := []verdict.Evidence{
		{Text: `job "deploy-staging" of run 490`, URL: "https://github.com/acme/shop/actions/runs/490/job/41"},
		{Text: `deployment 71 to "staging"`, URL: "https://github.com/acme/shop/deployments"},
	}
	if len(got.Evidence) != 2 || got.Evidence[0] != want[0] || got.Evidence[1] != want[1] || len(got.Warnings) != 0 {
		t.Errorf("evidence %+v, warnings %q", got.Evidence, got.Warnings)
	}
}

// What goes by a name alone is said, when the policy is checked and when it is asked.
func TestPromotedSaysWhereOnlyANameSpeaks(t *testing.T) {
	t.Parallel()
	asked := row{params: "{from: dev}", facts: delivered(deployRuns(deployRun(490, stagingJob(41, ofBranch("dev/x")))), records(recordIn("development", recordFor(71, 41, "success"))))}
	check := bind(t, "promoted", asked)
	if notes := noted(check.Notes); len(check.Notes) != 2 || !strings.Contains(notes, "dev/**") || !strings.Contains(notes, "deployed-by") {
		t.Errorf("notes %q", check.Notes)
	}
	if got := check.Ask(asked.facts, asked.terms()); len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], `"dev/x"`) {
		t.Errorf("warnings %q", got.Warnings)
	}
	asked.params = "{from: dev, soak: 2h}"
	if got := bind(t, "promoted", asked).Ask(asked.facts, asked.terms()); got.Outcome != verdict.Wait || len(got.Warnings) != 1 {
		t.Errorf("%s, warnings %q", got.Outcome, got.Warnings)
	}
	if notes := bind(t, "promoted", row{deployedBy: deploysStaging}).Notes; len(notes) != 0 {
		t.Errorf("notes %q", notes)
	}
}

// A tag that the stage does not accept as a version is no tag of the stage.
func TestPromotedHoldsTagsToTheirVersions(t *testing.T) {
	t.Parallel()
	pattern, err := stage.ParsePattern("v*")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]verdict.Outcome{"v1.2.0": verdict.Pass, "v1.2.0-rc.1": verdict.Fail, "vain": verdict.Fail} {
		asked := row{facts: delivered(deployRuns(deployRun(490, stagingJob(41, ofBranch(name)))))}
		terms := asked.terms()
		terms.Stages[1].Rule = stage.Rule{Stage: "staging", Tags: []stage.Pattern{pattern}, Versions: stage.Releases, Events: []string{"push"}}
		check, err := find(t, "promoted").Bind(nil, terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := check.Ask(asked.facts, terms); got.Outcome != want {
			t.Errorf("%s: %s (%s)", name, got.Outcome, got.Reason)
		}
	}
}

// What does not count is not asked for.
func TestPromotedAsksForRecordsOnlyWhereTheyCount(t *testing.T) {
	t.Parallel()
	for params, want := range map[string]bool{"{record: none}": false, "{record: stageward}": true, "{}": true} {
		needs := bind(t, "promoted", row{params: params, deployedBy: deploysStaging}).Needs
		if got := slices.Contains(needs, fact.Need{Kind: fact.NeedDeployments}); got != want {
			t.Errorf("%s: needs %v", params, needs)
		}
	}
}

// POL-21: the order of the stages cannot be wrong.
func TestPromotedRefusesStages(t *testing.T) {
	t.Parallel()
	for _, each := range []struct{ stage, params, says string }{
		{"prod", "{from: qa}", `from: there is no stage "qa"`},
		{"prod", "{from: prod}", `from: "prod" is this stage`},
		{"staging", "{from: prod}", `from: the stage "prod" comes later`},
		{"dev", "{}", "from: there is no stage before this one"},
		{"prod", "{record: no}", `record: "no": expected one of`},
		{"prod", "{record: none}", "record: none needs deployed-by"},
		{"prod", "{record: stageward}", "record: stageward needs deployed-by"},
		{"prod", "{deployed-by: {workflow: deploy.yml, job: a}}", "deployed-by: workflow"},
		{"prod", "{deployed-by: {workflow: .github/workflows/deploy.yml}}", "deployed-by: job"},
		{"prod", "{soak: 0m}", "soak:"},
		{"prod", "{verified-by: [{job: a}]}", "verified-by: workflow"},
		{"prod", "{verified-by: [{workflow: .github/workflows/deploy.yml, job: ' '}]}", "verified-by: job"},
		{"prod", "{verified-by: [{workflow: .github/workflows/a.yml, job: b}, {workflow: .github/workflows/a.yml, job: b}]}", "there twice"},
	} {
		_, err := find(t, "promoted").Bind(decode(each.params), row{stage: each.stage}.terms())
		if err == nil || !strings.Contains(err.Error(), each.says) {
			t.Errorf("%s, %s: error %v, want one that says %q", each.stage, each.params, err, each.says)
		}
	}
}

// Its own stage's job is not that of the stage before.
func TestPromotedTakesTheJobOfTheOtherStage(t *testing.T) {
	t.Parallel()
	asked := row{deployedBy: map[string]fact.JobOf{"prod": {Workflow: deployFile, Job: "deploy-staging"}, "staging": {Workflow: deployFile, Job: "else"}}, facts: delivered()}
	if got := bind(t, "promoted", asked).Ask(asked.facts, asked.terms()); got.Outcome != verdict.Fail {
		t.Errorf("%s: %s", got.Outcome, got.Reason)
	}
}
