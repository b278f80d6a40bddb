package gather

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

// Papers answers what was written about a change.
type Papers interface {
	// Release returns the published release of the subject's tag.
	Release(ctx context.Context) fact.Known[fact.Release]
	// Versions returns all tags of the repository.
	Versions(ctx context.Context) fact.Known[[]fact.VersionTag]
	// Source returns a file of the subject's commit.
	Source(ctx context.Context, path string) fact.Known[fact.SourceFile]
	PullPapers(ctx context.Context, pull fact.Pull) fact.Known[fact.PullPapers]
	OpenIssues(ctx context.Context, label string) fact.Known[fact.OpenIssues]
	Milestone(ctx context.Context, title string) fact.Known[fact.Milestone]
}

// Scans answers what machines found.
type Scans interface {
	CodeAlerts(ctx context.Context) fact.Known[fact.Alerts]
	DependencyAlerts(ctx context.Context) fact.Known[fact.Alerts]
	// RecentRuns returns the newest runs of a workflow on a branch; "" is the
	// default branch.
	RecentRuns(ctx context.Context, of fact.RunsOf) fact.Known[[]fact.RecentRun]
}

// Reviewing answers who owns a change, and how the commits of a range were
// reviewed.
type Reviewing interface {
	// Ownership returns who owns what a pull request changed, which was merged
	// onto a base.
	Ownership(ctx context.Context, pull fact.Pull) fact.Known[fact.Ownership]
	RangeReviews(ctx context.Context, span fact.Range) fact.Known[fact.RangeReviews]
}

// store is where the answers of a kind are kept.
type store[T any] func(*fact.Set) map[string]fact.Known[T]

// keyed is a question whose answer is kept under a key, asked once however many
// gates need it.
func keyed[T any](w *wave, kind fact.Kind, key string, into store[T], ask func(context.Context) fact.Known[T]) []question {
	if !w.first(kind, key) {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		answer := ask(ctx)
		return func(facts *fact.Set) { into(facts)[key] = answer }
	}}
}

// single is a question of which there is one.
func single[T any](w *wave, kind fact.Kind, into func(*fact.Set) *fact.Known[T], ask func(context.Context) fact.Known[T]) []question {
	if !w.first(kind, "") {
		return nil
	}
	return []question{func(ctx context.Context) func(*fact.Set) {
		answer := ask(ctx)
		return func(facts *fact.Set) { *into(facts) = answer }
	}}
}

// aboutPapers returns the questions about what was written, and about what
// machines found.
func (w *wave) aboutPapers(need fact.Need) []question {
	source := w.source
	switch need.Kind { //nolint:exhaustive // the others are asked elsewhere; TestEveryKindIsAskedFor sees to it
	case fact.NeedRelease:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[fact.Release] { return &facts.Release }, source.Release)
	case fact.NeedVersions:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[[]fact.VersionTag] { return &facts.Versions }, source.Versions)
	case fact.NeedCodeAlerts:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[fact.Alerts] { return &facts.CodeAlerts }, source.CodeAlerts)
	case fact.NeedDependencyAlerts:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[fact.Alerts] { return &facts.DependencyAlerts }, source.DependencyAlerts)
	case fact.NeedOpenIssues:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[fact.OpenIssues] { return facts.OpenIssues },
			func(ctx context.Context) fact.Known[fact.OpenIssues] { return source.OpenIssues(ctx, need.Key) })
	case fact.NeedSource:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[fact.SourceFile] { return facts.Sources },
			filled(w, need.Key, source.Source))
	case fact.NeedMilestone:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[fact.Milestone] { return facts.Milestones },
			filled(w, need.Key, source.Milestone))
	case fact.NeedRecentRuns:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[[]fact.RecentRun] { return facts.RecentRuns },
			func(ctx context.Context) fact.Known[[]fact.RecentRun] {
				of, err := fact.ParseRunsOf(need.Key)
				if err != nil {
					return fact.Lost[[]fact.RecentRun](fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
				}
				return source.RecentRuns(ctx, of)
			})
	}
	return nil
}

// filled asks with a template that is filled in. One that cannot be, such as
// {tag} on a branch, has no answer.
func filled[T any](w *wave, template string, ask func(context.Context, string) fact.Known[T]) func(context.Context) fact.Known[T] {
	text, err := w.facts.Subject.Fill(template)
	return func(ctx context.Context) fact.Known[T] {
		if err != nil {
			return fact.Lost[T](fact.Missing{Reason: fact.NotFound, Detail: err.Error(), Fix: "Ask for this only on stages that take tags, or write the path without {tag} and {version}."})
		}
		return ask(ctx, text)
	}
}

// aboutMerged returns the questions that can be asked once it is known which
// pull requests were merged, what a range holds, and who owns what changed.
func (w *wave) aboutMerged(need fact.Need) []question {
	var questions []question
	switch need.Kind { //nolint:exhaustive // the others are asked elsewhere; TestEveryKindIsAskedFor sees to it
	case fact.NeedPullPapers:
		for _, pull := range w.facts.MergedPulls() {
			questions = append(questions, keyed(w, need.Kind, fact.PullKey(pull.Number), func(facts *fact.Set) map[string]fact.Known[fact.PullPapers] { return facts.PullPapers },
				func(ctx context.Context) fact.Known[fact.PullPapers] { return w.source.PullPapers(ctx, pull) })...)
		}
	case fact.NeedOwnership:
		for _, pull := range w.facts.MergedPulls() {
			questions = append(questions, keyed(w, need.Kind, fact.PullKey(pull.Number), func(facts *fact.Set) map[string]fact.Known[fact.Ownership] { return facts.Ownership },
				func(ctx context.Context) fact.Known[fact.Ownership] { return w.source.Ownership(ctx, pull) })...)
		}
	case fact.NeedOwnerTeams:
		for _, team := range w.facts.OwnerTeams() {
			questions = append(questions, w.aboutTeam(fact.Need{Kind: fact.NeedTeam, Key: team})...)
		}
	case fact.NeedRangeReviews:
		questions = w.aboutRangeReviews(need.Key)
	}
	return questions
}

// aboutRangeReviews asks how the commits of a range were reviewed, once the
// range is known.
func (w *wave) aboutRangeReviews(key string) []question {
	span, missing := w.facts.Ranges[key].Get()
	if missing != nil {
		return nil
	}
	return keyed(w, fact.NeedRangeReviews, key, func(facts *fact.Set) map[string]fact.Known[fact.RangeReviews] { return facts.RangeReviews },
		func(ctx context.Context) fact.Known[fact.RangeReviews] { return w.source.RangeReviews(ctx, span) })
}
