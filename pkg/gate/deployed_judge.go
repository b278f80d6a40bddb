package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	statusSuccess = string(success)
	runEnded      = "completed"
)

// judge answers about one try: all its jobs have to have succeeded.
func (h *history) judge(t try) verdict.Finding {
	parts := make([]verdict.Finding, 0, len(t.jobs))
	for _, job := range t.jobs {
		part := h.judgeJob(t.run, job)
		part = part.See(fmt.Sprintf("job %s of run %d", shown(job.Name), t.run.ID), job.URL)
		for _, record := range job.records {
			part = part.See(fmt.Sprintf("deployment %d to %s", record.ID, shown(record.Environment)), h.page())
		}
		parts = append(parts, part)
	}
	whole := together(parts)
	if slices.ContainsFunc(t.jobs, func(job deployJob) bool { return job.byName && !h.own(job.Branch) }) {
		whole = whole.Warn(fmt.Sprintf("Only its name says that %s of run %d is a branch or tag that %s accepts: whoever may make one of such a name could have deployed there.", shown(t.jobs[0].Branch), t.run.ID, h.stage.Name))
	}
	return whole
}

// own reports whether a name is that of the tag that the run is about. Who signed
// that tag, and who may, other gates ask.
func (h *history) own(name string) bool {
	ref := h.in.Facts.Subject.Ref
	return ref.Kind() == fact.TagRef && ref.Name() == name
}

// page is where GitHub shows the deployments of the environment.
func (h *history) page() string {
	return h.in.Facts.Deployments.Source().URL
}

func (h *history) judgeJob(run fact.WorkflowRun, job deployJob) verdict.Finding {
	what := fmt.Sprintf("job %s of run %d", shown(job.Name), run.ID)
	if job.Attempt > 1 {
		what += fmt.Sprintf(" (attempt %d)", job.Attempt)
	}
	deployers := "whoever may deploy to " + h.stage.Name
	switch {
	case pending(job.Status):
		return verdict.Waits("running", fmt.Sprintf("%s has not ended (%s)", what, job.Status)).
			Because("Run the gate again when it has ended.", "nobody, or whoever its environment waits for")
	case job.Status != runEnded || job.Conclusion == "" || job.Conclusion == string(success) && job.CompletedAt.IsZero():
		return verdict.Lacking("how "+what+" went", &fact.Missing{
			Reason: fact.Inconsistent, Detail: fmt.Sprintf("it is %q and ended with %q at %s", job.Status, job.Conclusion, stamp(job.CompletedAt)),
		})
	case job.Conclusion != string(success):
		return verdict.Failed("failed", fmt.Sprintf("%s ended with %s", what, shown(job.Conclusion))).Because(h.deploy(), deployers)
	case h.record == noRecord:
		return verdict.Passed(fmt.Sprintf("%s succeeded at %s", what, stamp(job.CompletedAt)))
	case len(job.records) == 0:
		return verdict.Failed("no-record", fmt.Sprintf("%s succeeded, and there is no record %s", what, h.recordWords())).Because(h.howToRecord(run), "whoever maintains "+h.workflow)
	}
	parts := make([]verdict.Finding, len(job.records))
	for i, record := range job.records {
		parts[i] = h.judgeRecord(what, record)
	}
	whole := together(parts)
	if whole.Outcome == verdict.Pass {
		whole.Reason = fmt.Sprintf("%s succeeded at %s on %s", what, stamp(job.CompletedAt), whole.Reason)
	}
	return whole
}

func (h *history) recordWords() string {
	if h.record == recordOfStageward {
		return "by `command: record` in that run and attempt for the environment " + shown(h.stage.Environment)
	}
	return "that GitHub made for it, which only a job with an environment has"
}

// howToRecord says how a job gets a record.
func (h *history) howToRecord(run fact.WorkflowRun) string {
	if h.record == recordOfStageward {
		return fmt.Sprintf("Let the job call the action with `command: record` for %s, and deploy again.", h.stage.Environment)
	}
	return fmt.Sprintf("Add `environment: %s` to the job in %s. If it cannot have one, let it call the action with `command: record`, and put record: stageward into the policy; record: none asks for the job alone.", h.stage.Environment, run.Workflow)
}

// statusRank orders statuses of one time. A deployment that begins and ends
// within a second ended; of two ends the worse one counts.
func statusRank(state string) int {
	return slices.Index([]string{statusSuccess, "inactive", "error", "failure"}, state)
}

// judgeRecord holds a record to what its statuses say. A success that another
// deployment has superseded is one.
func (h *history) judgeRecord(what string, record fact.Deployment) verdict.Finding {
	name := fmt.Sprintf("deployment %d to %s", record.ID, shown(record.Environment))
	statuses := slices.Clone(record.Statuses)
	order.By(statuses, func(a, b fact.DeploymentStatus) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(statusRank(a.State), statusRank(b.State)), strings.Compare(a.State, b.State))
	})
	deployers := "whoever may deploy to " + h.stage.Name
	if len(statuses) == 0 {
		return verdict.Failed("no-status", fmt.Sprintf("%s succeeded, and nothing was reported about %s", what, name)).Because(h.deploy(), deployers)
	}
	newest := statuses[len(statuses)-1]
	switch newest.State {
	case "in_progress", "queued", "pending", "waiting":
		return verdict.Waits("running", fmt.Sprintf("%s is %s since %s", name, newest.State, stamp(newest.At))).
			Because("Run the gate again when the deployment has ended.", "nobody, or whoever its environment waits for")
	case statusSuccess, "inactive", "failure", "error":
	default:
		return verdict.Lacking("how "+name+" stands", &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("its newest status is %q, which Stageward does not know", clipped(newest.State, mostQuoted))})
	}
	succeeded, broken := succession(statuses)
	switch {
	case broken && newest.State == statusSuccess:
		return verdict.Failed("failed", fmt.Sprintf("%s failed after %s succeeded; the success that was reported at %s does not mend it", name, what, stamp(newest.At))).Because(h.deploy(), deployers)
	case !succeeded || broken:
		return verdict.Failed("failed", fmt.Sprintf("%s is %s since %s, after %s succeeded", name, newest.State, stamp(newest.At), what)).Because(h.deploy(), deployers)
	case newest.State == "inactive":
		return verdict.Passed(name + " (inactive since " + stamp(newest.At) + ": another deployment superseded it, which is fine)")
	}
	return verdict.Passed(name)
}

// succession reports whether the last end that the statuses of a record tell is a
// success, and whether a failure came after one. No later success mends that: GitHub
// says once how a job ended, and any token that may write deployments could have said
// the rest. Of that, only what speaks against the deployment is believed. statuses
// are oldest first.
func succession(statuses []fact.DeploymentStatus) (succeeded, broken bool) {
	for _, status := range statuses {
		switch status.State {
		case statusSuccess:
			succeeded = true
		case "failure", "error":
			broken = broken || succeeded
			succeeded = false
		}
	}
	return succeeded, broken
}

// deploy says what would be evidence.
func (h *history) deploy() string {
	which := "a job of " + h.workflow + " with the environment " + h.stage.Environment
	if h.by.given() {
		which = fmt.Sprintf("the job %s of %s", shown(h.by.Job), h.workflow)
	}
	return fmt.Sprintf("Deploy commit %s to %s: %s has to succeed for it, at a branch or tag that %s accepts. Then run the gate again.", h.in.Facts.Subject.SHA.Short(), h.stage.Name, which, h.stage.Name)
}

// none answers where no try counts.
func (h *history) none() verdict.Finding {
	short, name := h.in.Facts.Subject.SHA.Short(), h.stage.Name
	who := "whoever may deploy to " + name
	seen := append(slices.Clone(h.boasts), h.claims...)
	switch {
	case len(h.boasts) > 0:
		return verdict.Failed("untrusted", fmt.Sprintf("nothing that counts deployed commit %s to %s; seen, and not believed: %s", short, name, listed(seen, "; ", 3))).Because(h.deploy(), who)
	case len(seen) > 0:
		return verdict.Failed("missing", fmt.Sprintf("commit %s was not deployed to %s; seen, and not counted: %s", short, name, listed(seen, "; ", 3))).Because(h.deploy(), who)
	}
	return verdict.Failed("missing", fmt.Sprintf("commit %s was not deployed to %s", short, name)).Because(h.deploy(), who)
}

// disbelieve notes jobs of a run that could be taken for deployments.
func (h *history) disbelieve(run fact.WorkflowRun, jobs []fact.Job, why string) {
	for _, job := range jobs {
		ours := h.by.given() && job.Name == h.by.Job || !h.by.given() && len(h.recordsOf(run, job)) > 0
		if !ours || job.Conclusion == string(skipped) {
			continue
		}
		h.claimed[job.ID] = true
		text := fmt.Sprintf("job %s of run %d %s", shown(job.Name), run.ID, why)
		if job.Conclusion == string(success) {
			h.boasts = append(h.boasts, text)
		} else {
			h.claims = append(h.claims, text)
		}
	}
	slices.Sort(h.boasts)
	slices.Sort(h.claims)
	h.boasts, h.claims = slices.Compact(h.boasts), slices.Compact(h.claims)
}

// boast notes the records that say success. They are told where no job counts.
func (h *history) boast() {
	for _, record := range h.records {
		says := slices.ContainsFunc(record.Statuses, func(status fact.DeploymentStatus) bool { return status.State == statusSuccess })
		if !says || !h.here(record) || h.claimed[record.Job] {
			continue
		}
		behind := "which was posted"
		if record.Job != 0 {
			behind = fmt.Sprintf("which is of job %d, that does not count,", record.Job)
		}
		if record.Creator != nil {
			behind += " by @" + record.Creator.Login
		}
		h.boasts = append(h.boasts, fmt.Sprintf("deployment %d to %s, %s", record.ID, shown(record.Environment), behind))
	}
}

// ended is when the last job of a try succeeded.
func (t try) ended() (end time.Time) {
	for _, job := range t.jobs {
		if job.CompletedAt.After(end) {
			end = job.CompletedAt
		}
	}
	return end
}
