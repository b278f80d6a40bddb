package gather

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

// aboutApprovals asks for the runs of a workflow, once however many gates need
// them.
func (w *wave) aboutApprovals(need fact.Need) []question {
	if !w.first(need.Kind, need.Key) {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		runs := w.source.ApprovalRuns(ctx, need.Key)
		return func(facts *fact.Set) { facts.ApprovalRuns[need.Key] = runs }
	}}
}

// aboutRunReviews asks about the run that asks.
func (w *wave) aboutRunReviews(need fact.Need) []question {
	if !w.first(need.Kind, "") {
		return nil
	}
	run := w.facts.Trigger.RunID
	return []question{func(ctx context.Context) func(*fact.Set) {
		reviews := w.source.RunReviews(ctx, run)
		return func(facts *fact.Set) { facts.RunReviews = reviews }
	}}
}

// aboutTeam asks who is in a team.
func (w *wave) aboutTeam(need fact.Need) []question {
	key := fact.LoginKey(need.Key)
	if !w.first(need.Kind, key) {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		team := w.source.Team(ctx, need.Key)
		return func(facts *fact.Set) { facts.Teams[key] = team }
	}}
}
