package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// judge tells what one attempt of a check amounts to, and whose it is.
type judge struct {
	accept []Conclusion
	// workflows are the workflow runs by number, jobs the check runs that
	// GitHub itself lists as jobs of one, begun the workflow runs that have a
	// check run.
	workflows map[int64]fact.WorkflowRun
	jobs      map[int64]int64
	begun     map[int64]bool
}

func newJudge(accept []Conclusion, checks fact.Checks) judge {
	made := judge{accept: accept, workflows: map[int64]fact.WorkflowRun{}, jobs: map[int64]int64{}, begun: map[int64]bool{}}
	for _, run := range checks.Workflows {
		made.workflows[run.ID] = run
		jobs, _ := run.Jobs.Get() //nolint:errcheck // run asks again, for the reason
		for _, job := range jobs {
			made.jobs[job.ID] = run.ID
		}
	}
	for _, run := range checks.Runs {
		made.begun[run.RunID] = true
	}
	return made
}

// run judges a check run. One that claims to be a job of a workflow is one
// only if GitHub lists it there: any token that may write checks can add a
// check run to a workflow's own.
func (j judge) run(run fact.CheckRun) (identity, attempt) {
	id := identity{name: run.Name, app: run.App}
	judged := j.judgeRun(run)
	if run.App != githubActions {
		return id, judged
	}
	record, found := j.workflows[run.RunID]
	id.workflow, id.event = record.Workflow, record.Event
	_, missing := record.Jobs.Get()
	switch owner, listed := j.jobs[run.ID]; {
	case !found || run.RunID == 0:
		id.posted = true
	case missing != nil:
		detail := "it cannot be told whether it is a job or was posted with a token: " + missing.Error()
		judged = attempt{number: run.ID, url: run.URL, open: judged.open, says: detail}
		judged.missing = &fact.Missing{Reason: missing.Reason, Detail: detail, Fix: missing.Fix}
	case !listed || owner != run.RunID:
		id.posted = true
	}
	return id, judged
}

// workflow judges a workflow run as a whole. Once its jobs have begun and all
// have ended, they speak for it.
func (j judge) workflow(run fact.WorkflowRun) (identity, attempt) {
	id := identity{app: githubActions, workflow: run.Workflow, event: run.Event}
	judged := attempt{number: run.ID, url: run.URL, open: run.Status != "completed"}
	switch {
	case pending(run.Status):
		judged.outcome, judged.code, judged.says = verdict.Wait, "pending", "has not ended ("+run.Status+")"
	case run.Status != "completed":
		judged.says = fmt.Sprintf("has the status %q, which Stageward does not know", run.Status)
	case j.begun[run.ID]:
		judged.outcome, judged.silent = verdict.Pass, true
	default:
		judged.outcome, judged.code, judged.says = judgeConclusion(j.accept, run.Conclusion)
		judged.says += " before any job began"
		judged.skipped = run.Conclusion == string(skipped)
	}
	return id, judged
}

// pending reports whether a status says that the end is still to come.
func pending(status string) bool {
	return slices.Contains([]string{"queued", "in_progress", "waiting", "requested", "pending"}, status)
}

func (j judge) judgeRun(run fact.CheckRun) attempt {
	judged := attempt{number: run.ID, url: run.URL, open: run.Status != "completed", clock: j.clockOf(run)}
	switch {
	case pending(run.Status):
		judged.outcome, judged.code = verdict.Wait, "pending"
		judged.says = "has not ended (" + run.Status + ")"
	case run.Status == "completed":
		judged.outcome, judged.code, judged.says = judgeConclusion(j.accept, run.Conclusion)
		judged.skipped = run.Conclusion == string(skipped)
	default:
		judged.says = fmt.Sprintf("has the status %q, which Stageward does not know", run.Status)
	}
	return judged
}

func judgeConclusion(accept []Conclusion, conclusion string) (outcome verdict.Outcome, code, says string) {
	switch {
	case conclusion == "":
		return verdict.Unknown, "", "is completed without a conclusion"
	case slices.Contains(accept, Conclusion(conclusion)):
		return verdict.Pass, "", "ended with " + conclusion
	}
	return verdict.Fail, "not-accepted", fmt.Sprintf("ended with %q; the policy accepts %s", conclusion, listed(texts(accept), ", ", len(accept)))
}

func texts(accept []Conclusion) []string {
	words := make([]string, len(accept))
	for i, conclusion := range accept {
		words[i] = string(conclusion)
	}
	return words
}

func judgeStatus(status fact.Status) attempt {
	judged := attempt{at: status.At, url: status.URL}
	switch status.State {
	case "success":
		judged.outcome, judged.says = verdict.Pass, "is success"
	case "pending", "expected":
		judged.outcome, judged.code, judged.says = verdict.Wait, "pending", "is "+status.State
	case "":
		judged.says = "has no state"
	default:
		judged.outcome, judged.code, judged.says = verdict.Fail, "not-accepted", fmt.Sprintf("is %q", status.State)
	}
	return judged
}
