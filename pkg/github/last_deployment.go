package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

// LastDeployment reads the newest run of a workflow in which a job succeeded,
// whatever its branch, tag and commit. Readers learn from it what a rollback goes
// back from. Anyone who may push can start such a run on a branch of their own, so
// no gate lets a commit pass for it: setup-complete takes it for a sign that the
// pipeline works, and only from a branch or tag that the stage accepts.
//
// Requests: a page of runs, and the jobs of three runs at once, until the job
// succeeded in one; as many as maxRuns allows.
func (r *Reader) LastDeployment(ctx context.Context, by fact.JobOf) fact.Known[fact.LastDeployment] {
	last, err := r.lastDeployment(ctx, by)
	if err != nil {
		return fact.Lost[fact.LastDeployment](*r.missing("runs of "+by.Workflow, err, fact.NeedLastDeployment.TokenPermission()))
	}
	source := fact.Source{From: workflowRunsSource + " and " + jobsSource}
	if last.Run != nil {
		source.URL = last.Run.URL
	}
	return fact.Of(last, source)
}

func (r *Reader) lastDeployment(ctx context.Context, by fact.JobOf) (fact.LastDeployment, error) {
	if missing := r.checkRange(fact.RangeFrom{Workflow: by.Workflow, Job: by.Job}); missing != nil {
		return fact.LastDeployment{}, missing
	}
	listed, asked := 0, 0
	seen := map[int64]bool{}
	var all []workflowRun
	for number := 1; ; number++ {
		page, err := r.deploymentPage(ctx, by.Workflow, url.Values{}, number)
		var missing *fact.Missing
		if errors.As(err, &missing) && missing.Reason == fact.NotFound {
			missing.Fix += " Is the path of the workflow right?"
		}
		if err != nil {
			return fact.LastDeployment{}, err
		}
		all = append(all, page.items...)
		runs := r.deploying(by, page.items, seen)
		listed, asked = page.total, asked+len(runs)
		found, err := r.firstSucceeded(ctx, by, runs)
		switch {
		case err != nil:
			return found, err
		case found.Run != nil:
			found.Settled, err = r.isSettled(ctx, by, *found.Run, all)
			return found, err
		case asked > maxRuns:
			return fact.LastDeployment{}, incomplete(fmt.Sprintf("the job %q did not succeed in the newest %d runs of %s; the search ends there", by.Job, asked, by.Workflow))
		case page.next != 0 && len(page.items) > 0:
			continue
		case len(seen) < listed:
			return fact.LastDeployment{}, incomplete(fmt.Sprintf("GET /%s: got %d of %d", r.runsAddress(by.Workflow), len(seen), listed))
		}
		return fact.LastDeployment{}, nil
	}
}

// deploying returns the runs of the very file in this repository that were not
// seen before, newest first.
func (r *Reader) deploying(by fact.JobOf, listed []workflowRun, seen map[int64]bool) []workflowRun {
	var runs []workflowRun
	for _, run := range listed {
		if !seen[run.ID] && r.mayDeploy(run, by.Workflow) {
			runs = append(runs, run)
		}
		seen[run.ID] = true
	}
	order.By(runs, func(a, b workflowRun) int { return cmp.Or(b.began().Compare(a.began()), cmp.Compare(b.ID, a.ID)) })
	return runs
}

// firstSucceeded returns the first of the runs in which the job succeeded.
func (r *Reader) firstSucceeded(ctx context.Context, by fact.JobOf, runs []workflowRun) (fact.LastDeployment, error) {
	for some := range slices.Chunk(runs, runsAtOnce) {
		attempts := make([]attempt, len(some))
		jobs := make([]func(), len(some))
		for i, run := range some {
			jobs[i] = func() { attempts[i].number, attempts[i].err = r.succeeded(ctx, run, by.Job) }
		}
		together(jobs)
		for i, job := range attempts {
			if job.err != nil {
				return fact.LastDeployment{}, job.err
			}
			if run := some[i]; job.number != 0 {
				return fact.LastDeployment{Run: &fact.DeploymentRun{
					ID: run.ID, Attempt: job.number, Workflow: run.Path, Job: by.Job,
					Event: run.Event, Branch: run.Branch, Head: fact.SHA(run.HeadSHA), At: run.CreatedAt.UTC(), URL: run.URL,
				}}, nil
			}
		}
	}
	return fact.LastDeployment{}, nil
}
