package gate_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const deployFile = ".github/workflows/deploy.yml"

var (
	// deploysStaging is the job that deploys to staging, as a policy names it.
	deploysStaging = map[string]fact.JobOf{"staging": {Workflow: deployFile, Job: "deploy-staging"}}
	deploysProd    = map[string]fact.JobOf{"prod": {Workflow: deployFile, Job: "deploy-prod"}}
	anHourAgo      = noon.Add(-time.Hour)
)

// delivered is a run of a tag in which the commit is to go to prod. An hour ago, in
// run 490, job 41 deployed it to staging, and GitHub made the deployment 71.
func delivered(changes ...func(*fact.Set)) fact.Set {
	base := []func(*fact.Set){
		askedBy(deployFile),
		wasTip("$default-branch", "main", true),
		deployRuns(deployRun(490, stagingJob(41))),
		records(recordFor(71, 41, "in_progress", "success")),
	}
	return onTag(append(base, changes...)...)
}

// askedBy makes the run one of a workflow file.
func askedBy(workflow string) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Trigger.WorkflowRef = "acme/shop/" + workflow + "@refs/tags/v1.2.0" }
}

// wasTip answers the question of a pattern of the policy.
func wasTip(pattern, branch string, was bool) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Tips = map[string]fact.Known[fact.Tip]{pattern: fact.Of(fact.Tip{Branch: branch, Was: was}, fact.Source{})}
	}
}

func deployRuns(list ...fact.WorkflowRun) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Checks = fact.Of(fact.Checks{Workflows: list}, fact.Source{}) }
}

// andRun adds a run.
func andRun(run fact.WorkflowRun) func(*fact.Set) {
	return func(facts *fact.Set) {
		checks := facts.Checks.OrZero()
		checks.Workflows = append(slices.Clone(checks.Workflows), run)
		facts.Checks = fact.Of(checks, fact.Source{})
	}
}

func deployRun(id int64, jobs ...fact.Job) fact.WorkflowRun {
	return fact.WorkflowRun{
		ID: id, Workflow: deployFile, Event: "push", Status: "completed", Conclusion: "success", CreatedAt: noon.Add(-2 * time.Hour),
		URL: fmt.Sprintf("https://github.com/acme/shop/actions/runs/%d", id), Jobs: fact.Of(jobs, fact.Source{}),
	}
}

func runWith(run fact.WorkflowRun, change func(*fact.WorkflowRun)) fact.WorkflowRun {
	change(&run)
	return run
}

// stagingJob is a job of a run of main that ended an hour ago.
func stagingJob(id int64, changes ...func(*fact.Job)) fact.Job {
	job := fact.Job{
		ID: id, Attempt: 1, Name: "deploy-staging", Branch: "main", Status: "completed", Conclusion: "success",
		StartedAt: anHourAgo.Add(-time.Minute), CompletedAt: anHourAgo, URL: fmt.Sprintf("https://github.com/acme/shop/actions/runs/490/job/%d", id),
	}
	for _, change := range changes {
		change(&job)
	}
	return job
}

func called(name string) func(*fact.Job)     { return func(job *fact.Job) { job.Name = name } }
func ofBranch(name string) func(*fact.Job)   { return func(job *fact.Job) { job.Branch = name } }
func inAttempt(number int64) func(*fact.Job) { return func(job *fact.Job) { job.Attempt = number } }
func concluded(conclusion string) func(*fact.Job) {
	return func(job *fact.Job) { job.Conclusion = conclusion }
}

// still is a job that has not ended.
func still(status string) func(*fact.Job) {
	return func(job *fact.Job) { job.Status, job.Conclusion, job.CompletedAt = status, "", time.Time{} }
}

// startedAgo is a job that took a minute.
func startedAgo(ago time.Duration) func(*fact.Job) {
	return func(job *fact.Job) {
		job.StartedAt = noon.Add(-ago)
		job.CompletedAt = job.StartedAt.Add(time.Minute)
	}
}

func records(list ...fact.Deployment) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Deployments = fact.Of(list, fact.Source{}) }
}

// andRecord adds a record.
func andRecord(record fact.Deployment) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Deployments = fact.Of(append(slices.Clone(facts.Deployments.OrZero()), record), fact.Source{})
	}
}

// recordFor is the record that GitHub made for a job, 0 for one that mallory
// posted, with statuses a minute apart.
func recordFor(id, job int64, states ...string) fact.Deployment {
	made := fact.Deployment{ID: id, Environment: "staging", Job: job, Creator: bob, CreatedAt: anHourAgo, Task: "deploy", Statuses: []fact.DeploymentStatus{}}
	if job == 0 {
		made.Creator = mallory
	}
	for i, state := range states {
		made.Statuses = append(made.Statuses, fact.DeploymentStatus{State: state, At: anHourAgo.Add(time.Duration(i) * time.Minute)})
	}
	return made
}

func recordIn(environment string, record fact.Deployment) fact.Deployment {
	record.Environment = environment
	return record
}

// recordSays is a posted record with a payload.
func recordSays(payload string, record fact.Deployment) fact.Deployment {
	record.Payload = payload
	return record
}
