package suppose

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// ChangeApprovals changes the runs of a workflow by which people approve.
func (w *World) ChangeApprovals(workflow string, change func([]fact.ApprovalRun) []fact.ApprovalRun) {
	runs := w.Facts.ApprovalRuns[workflow]
	Change(&runs, func(all *[]fact.ApprovalRun) { *all = change(slices.Clone(*all)) })
	w.Facts.ApprovalRuns[workflow] = runs
}

// AddApproval lets a person have started a workflow by which people approve, with a
// title that says what for.
func (w *World) AddApproval(workflow, title string, by fact.Person, at time.Time) {
	id := Number(fmt.Sprintf("%s %q by %s at %s", workflow, title, by.Login, at))
	repository := w.Facts.Repository.OrZero()
	w.ChangeApprovals(workflow, func(runs []fact.ApprovalRun) []fact.ApprovalRun {
		return append(runs, fact.ApprovalRun{
			ID: id, Title: title, Event: "workflow_dispatch", Branch: repository.DefaultBranch, Head: repository.DefaultCommit,
			OnDefaultBranch: fact.Of(true, Source()), SameFile: fact.Of(true, Source()),
			Attempt: 1, Actor: &by, TriggeringActor: &by, At: at, URL: w.url("actions/runs/%d", id),
		})
	})
}
