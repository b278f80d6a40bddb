package suppose

import (
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// Job is one job of a workflow that ran for the commit of the run.
type Job struct {
	Workflow, Name string
	Event          string // "" is push
	// Branch is the name of the branch or tag that its run is of; "" is that of
	// the run that asks.
	Branch string
	// Conclusion is GitHub's word; "" is success.
	Conclusion string
	Started    time.Time
	Took       time.Duration
}

// AddJob adds a workflow run with one job that has ended, and the check run of the
// job. It returns the number of the check run, which is higher than all others.
func (w *World) AddJob(job Job) int64 {
	number := w.nextNumber()
	w.WaitUntil(job.Started.Add(job.Took))
	conclusion, event, branch := job.Conclusion, job.Event, job.Branch
	if conclusion == "" {
		conclusion = "success"
	}
	if event == "" {
		event = "push"
	}
	if branch == "" {
		branch = w.Facts.Subject.Ref.Name()
	}
	ended := job.Started.Add(job.Took)
	url := w.url("actions/runs/%d/job/%d", number, number)
	Change(&w.Facts.Checks, func(checks *fact.Checks) {
		checks.Runs = append(checks.Runs[:len(checks.Runs):len(checks.Runs)], fact.CheckRun{
			ID: number, Name: job.Name, App: "github-actions", Workflow: job.Workflow, RunID: number,
			Status: "completed", Conclusion: conclusion, StartedAt: job.Started, CompletedAt: ended, URL: url,
		})
		checks.Workflows = append(checks.Workflows[:len(checks.Workflows):len(checks.Workflows)], fact.WorkflowRun{
			ID: number, Workflow: job.Workflow, Event: event, Status: "completed", Conclusion: conclusion,
			URL: w.url("actions/runs/%d", number), CreatedAt: job.Started,
			Jobs: fact.Of([]fact.Job{{
				ID: number, Attempt: 1, Name: job.Name, Branch: branch, Status: "completed", Conclusion: conclusion,
				StartedAt: job.Started, CompletedAt: ended, URL: url,
			}}, Source()),
		})
	})
	return number
}

// AddCheck adds a check that another app than GitHub Actions reported.
func (w *World) AddCheck(name, app, conclusion string, started time.Time, took time.Duration) {
	number := w.nextNumber()
	w.WaitUntil(started.Add(took))
	Change(&w.Facts.Checks, func(checks *fact.Checks) {
		checks.Runs = append(checks.Runs[:len(checks.Runs):len(checks.Runs)], fact.CheckRun{
			ID: number, Name: name, App: app, Status: "completed", Conclusion: conclusion,
			StartedAt: started, CompletedAt: started.Add(took), URL: w.url("runs/%d", number),
		})
	})
}

// DropChecks takes away every check run, job and commit status for which drop
// says so, by its name and the path of its workflow file, "" where it has none.
func (w *World) DropChecks(drop func(name, workflow string) bool) {
	Change(&w.Facts.Checks, func(checks *fact.Checks) {
		left := fact.Checks{Runs: []fact.CheckRun{}, Workflows: []fact.WorkflowRun{}, Statuses: []fact.Status{}}
		for _, each := range checks.Runs {
			if !drop(each.Name, each.Workflow) {
				left.Runs = append(left.Runs, each)
			}
		}
		for _, each := range checks.Workflows {
			if kept, some := withoutJobs(each, drop); some {
				left.Workflows = append(left.Workflows, kept)
			}
		}
		for _, each := range checks.Statuses {
			if !drop(each.Context, "") {
				left.Statuses = append(left.Statuses, each)
			}
		}
		*checks = left
	})
}

// DropRuns takes away the workflow runs for which drop says so, with all their jobs.
// The run that asks stays.
func (w *World) DropRuns(drop func(fact.WorkflowRun) bool) {
	Change(&w.Facts.Checks, func(checks *fact.Checks) {
		gone := map[int64]bool{}
		left := fact.Checks{Runs: []fact.CheckRun{}, Workflows: []fact.WorkflowRun{}, Statuses: checks.Statuses}
		for _, each := range checks.Workflows {
			if gone[each.ID] = each.ID != w.Facts.Trigger.RunID && drop(each); !gone[each.ID] {
				left.Workflows = append(left.Workflows, each)
			}
		}
		for _, each := range checks.Runs {
			if !gone[each.RunID] {
				left.Runs = append(left.Runs, each)
			}
		}
		*checks = left
	})
}

// withoutJobs returns a workflow run with the jobs that stay, and how it ended by
// those; some is false where none does.
func withoutJobs(run fact.WorkflowRun, drop func(name, workflow string) bool) (kept fact.WorkflowRun, some bool) {
	jobs, missing := run.Jobs.Get()
	if missing != nil {
		return run, true
	}
	left, bad := []fact.Job{}, false
	for _, each := range jobs {
		if !drop(each.Name, run.Workflow) {
			left = append(left, each)
			bad = bad || each.Conclusion != "success" && each.Conclusion != "skipped"
		}
	}
	if len(left) == len(jobs) {
		return run, true
	}
	if !bad {
		run.Status, run.Conclusion = "completed", "success"
	}
	run.Jobs = fact.Of(left, run.Jobs.Source())
	return run, len(left) > 0
}

// nextNumber is a number that no run, job or check of the facts has.
func (w *World) nextNumber() int64 {
	const first = 1_000_000
	next := int64(first)
	checks := w.Facts.Checks.OrZero()
	for _, each := range checks.Runs {
		next = max(next, each.ID+1)
	}
	for _, each := range checks.Workflows {
		next = max(next, each.ID+1)
	}
	return next
}
