package github

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

var pending = fact.Missing{Reason: fact.Unavailable, Detail: "not built yet"}

func (r *Reader) Release(context.Context) fact.Known[fact.Release] {
	return fact.Lost[fact.Release](pending)
}
func (r *Reader) Versions(context.Context) fact.Known[[]fact.VersionTag] {
	return fact.Lost[[]fact.VersionTag](pending)
}
func (r *Reader) Source(context.Context, string) fact.Known[fact.SourceFile] {
	return fact.Lost[fact.SourceFile](pending)
}
func (r *Reader) PullPapers(context.Context, fact.Pull) fact.Known[fact.PullPapers] {
	return fact.Lost[fact.PullPapers](pending)
}
func (r *Reader) OpenIssues(context.Context, string) fact.Known[fact.OpenIssues] {
	return fact.Lost[fact.OpenIssues](pending)
}
func (r *Reader) Milestone(context.Context, string) fact.Known[fact.Milestone] {
	return fact.Lost[fact.Milestone](pending)
}
func (r *Reader) CodeAlerts(context.Context) fact.Known[fact.Alerts] {
	return fact.Lost[fact.Alerts](pending)
}
func (r *Reader) DependencyAlerts(context.Context) fact.Known[fact.Alerts] {
	return fact.Lost[fact.Alerts](pending)
}
func (r *Reader) RecentRuns(context.Context, fact.RunsOf) fact.Known[[]fact.RecentRun] {
	return fact.Lost[[]fact.RecentRun](pending)
}
func (r *Reader) Ownership(context.Context, fact.Pull) fact.Known[fact.Ownership] {
	return fact.Lost[fact.Ownership](pending)
}
func (r *Reader) RangeReviews(context.Context, fact.Range) fact.Known[fact.RangeReviews] {
	return fact.Lost[fact.RangeReviews](pending)
}
