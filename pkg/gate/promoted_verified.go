package gate

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// verified holds when the newest run of a job since the deployment ended
// succeeded. The job counts where a deploying job would.
func (h *history) verified(by verifiedBy, since time.Time) verdict.Finding {
	what := fmt.Sprintf("job %s of %s", shown(by.Job), by.Workflow)
	found, open, missing := h.verifications(by)
	if missing != nil {
		return verdict.Lacking("how "+what+" went", missing)
	}
	fix := fmt.Sprintf("Run the job for commit %s on %s after it was deployed. Then run the gate again.", h.in.Facts.Subject.SHA.Short(), h.stage.Name)
	who := "whoever may start " + by.Workflow
	if len(found) == 0 || !pending(found[0].Status) && found[0].StartedAt.Before(since) {
		says := fmt.Sprintf("%s has not run on the commit since it was deployed at %s", what, stamp(since))
		if open != 0 {
			return verdict.Waits("verifying", fmt.Sprintf("%s; run %d has not ended", says, open)).Because("Run the gate again when it has ended.", "nobody: time solves it")
		}
		return verdict.Failed("not-verified", says).Because(fix, who)
	}
	var parts []verdict.Finding
	for _, job := range found {
		part := verdict.Passed(fmt.Sprintf("%s succeeded at %s", what, stamp(job.CompletedAt)))
		switch {
		case pending(job.Status):
			part = verdict.Waits("verifying", fmt.Sprintf("%s has not ended (%s)", what, job.Status)).Because("Run the gate again when it has ended.", "nobody: time solves it")
		case job.Status != runEnded || job.Conclusion == "":
			part = verdict.Lacking("how "+what+" went", &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("it is %q and ended with %q", job.Status, job.Conclusion)})
		case job.Conclusion != string(success):
			part = verdict.Failed("not-verified", fmt.Sprintf("%s ended with %s", what, shown(job.Conclusion))).Because(fix, who)
		case job.StartedAt.Before(since):
			part = verdict.Failed("not-verified", fmt.Sprintf("%s began at %s, before the deployment ended", what, stamp(job.StartedAt))).Because(fix, who)
		}
		parts = append(parts, part.See("job "+shown(job.Name), job.URL))
	}
	return together(parts)
}

// verifications returns the jobs of a name in the newest attempt of the newest run
// that has one, and the number of a run that may still bring one; 0 is none.
func (h *history) verifications(by verifiedBy) (found []fact.Job, open int64, missing *fact.Missing) {
	for _, run := range h.runs {
		if missing := nameless(run, func(jobs []fact.Job) bool {
			return slices.ContainsFunc(jobs, func(job fact.Job) bool { return job.Name == by.Job })
		}); missing != nil {
			return nil, 0, missing
		}
		if run.Workflow != by.Workflow || !slices.Contains(deployEvents, run.Event) {
			continue
		}
		if run.Status != runEnded {
			open = run.ID
		}
		own, missing := h.believed(run, by.Job)
		if missing != nil {
			return nil, 0, missing
		}
		if len(own) > 0 && (len(found) == 0 || own[0].ID > found[0].ID) {
			found = own
		}
	}
	return found, open, nil
}

// believed returns the newest attempt of the jobs of a name in a run, newest first.
func (h *history) believed(run fact.WorkflowRun, name string) ([]fact.Job, *fact.Missing) {
	jobs, missing := run.Jobs.Get()
	if missing == nil {
		jobs, missing = eachOnce("job", jobs, func(job fact.Job) int64 { return job.ID })
	}
	if missing != nil {
		return nil, missing
	}
	var own []fact.Job
	for _, job := range jobs {
		if job.Name != name || job.Conclusion == string(skipped) {
			continue
		}
		why, _, missing := h.trust(run, job.Branch)
		if missing != nil {
			return nil, missing
		}
		if why == "" {
			own = append(own, job)
		}
	}
	order.By(own, func(a, b fact.Job) int { return cmp.Or(cmp.Compare(b.Attempt, a.Attempt), cmp.Compare(b.ID, a.ID)) })
	var newest []fact.Job
	for _, job := range own {
		if job.Attempt == own[0].Attempt {
			newest = append(newest, first(own, job))
		}
	}
	order.By(newest, func(a, b fact.Job) int { return cmp.Compare(b.ID, a.ID) })
	return newest, nil
}
