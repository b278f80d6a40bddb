package github

import (
	"context"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

// maxOthers is how many other runs are asked whether they tried the job. More of them
// leave open what is there now.
const maxOthers = 12

// isSettled reports whether nothing else can be there now than what a run deployed, by
// the runs that were listed down to it: whichever else may have tried the job since, or
// goes on trying, whatever its event, branch and end.
func (r *Reader) isSettled(ctx context.Context, by fact.JobOf, found fact.DeploymentRun, listed []workflowRun) (bool, error) {
	at := slices.IndexFunc(listed, func(run workflowRun) bool { return run.ID == found.ID })
	if at < 0 {
		return false, nil
	}
	last := listed[at]
	jobs, err := r.namedJobs(ctx, last)
	if err != nil || slices.ContainsFunc(jobs, func(job namedJob) bool { return job.attempt > found.Attempt }) {
		return false, err // a later attempt left the job out, and came later than other runs, perhaps
	}
	asked := 0
	for _, run := range listed {
		if run.ID == last.ID || run.Path != by.Workflow || endedBefore(run, last) {
			continue
		}
		if asked++; asked > maxOthers {
			return false, nil
		}
		jobs, err := r.namedJobs(ctx, run)
		if err != nil || slices.ContainsFunc(jobs, func(job namedJob) bool { return job.name == by.Job && !job.skipped }) {
			return false, err
		}
	}
	return true, nil
}

// endedBefore reports whether all of a run was over when another one began.
func endedBefore(run, last workflowRun) bool {
	return run.Status == "completed" && !run.UpdatedAt.IsZero() && run.UpdatedAt.Before(last.began()) && run.began().Before(last.began())
}
