package suppose

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// twinned is how much higher the number of the pull request is that brought what was
// deployed before than that of the one that brought the commit.
const twinned = 1_000_000

// Since lets the commit be the only one since the last deployment by a job, or since
// the baseline. What was deployed came to be as the commit did: the same people
// signed and reviewed it.
func (w *World) Since(from fact.RangeFrom) {
	commit := w.Facts.Commit.OrZero()
	span := fact.Range{Commits: []fact.RangeCommit{{Commit: commit}}}
	if base, found := w.deployed(); found {
		span.Base.Commit = base
	} else {
		span.Base.Commit = w.compose(fact.Commit{
			Parents: commit.Parents[:min(1, len(commit.Parents))], Headline: "Change something before",
			Author: w.identity(Author), CommittedAt: w.Written().Add(-24 * time.Hour),
		}, "")
	}
	if from.Baseline == "" {
		id := Number(from.Workflow + " " + from.Job)
		span.Run = &fact.DeploymentRun{
			ID: id, Attempt: 1, Workflow: from.Workflow, Job: from.Job, Event: "push", Branch: w.Facts.Subject.Ref.Name(),
			Head: span.Base.Commit.SHA, At: span.Base.Commit.CommittedAt.Add(time.Hour), URL: w.url("actions/runs/%d", id),
		}
	} else {
		span.Base.Commit.SHA = from.Baseline
	}
	key := from.Need().Key
	w.Facts.Ranges[key] = fact.Of(span, Source())
	w.Facts.RangeReviews[key] = fact.Of(fact.RangeReviews{
		Branch: w.landingBranch(), Pulls: []fact.Pull{}, Rewrites: fact.Of([]fact.Rewrite{}, Source()),
	}, Source())
	w.writeCommit(signerOf(commit.Signature))
}

// isMadeUp reports whether a range begins at a deployment that nobody made.
func isMadeUp(known fact.Known[fact.Range]) bool {
	return known.Source() == Source() && known.OrZero().Run != nil
}

// deployed returns the commit at which the ranges begin that were made up.
func (w *World) deployed() (base fact.Commit, found bool) {
	for _, known := range w.Facts.Ranges {
		if isMadeUp(known) {
			return known.OrZero().Base.Commit, true // they share it
		}
	}
	return fact.Commit{}, false
}

// follow writes what was deployed before the commit as the commit is written now. It
// returns the parents that the commit has then.
func (w *World) follow(commit fact.Commit, login string) []fact.SHA {
	before, found := w.deployed()
	if !found {
		return commit.Parents
	}
	base := w.compose(before, login)
	w.rename(before.SHA, base.SHA)
	for key, known := range w.Facts.Ranges {
		if span := known.OrZero(); isMadeUp(known) {
			span.Base.Commit = base
			w.Facts.Ranges[key] = fact.Of(span, Source())
		}
	}
	return append([]fact.SHA{base.SHA}, commit.Parents[1:]...)
}

// agree lets the ranges say of the commit of the run, and of the pull requests that
// brought it, what else is known of them.
func (w *World) agree() {
	landed := w.landed()
	for key, known := range w.Facts.Ranges {
		span, missing := known.Get()
		if missing != nil {
			continue
		}
		pulls := slices.Clone(landed)
		if isMadeUp(known) {
			twins := w.twins(landed, span.Base.Commit)
			pulls, span.Base.Pulls = append(pulls, twins...), brief(twins)
		}
		w.bring(&span.Base)
		span.Commits = slices.Clone(span.Commits)
		for i := range span.Commits {
			w.bring(&span.Commits[i])
		}
		w.Facts.Ranges[key] = fact.Of(span, known.Source())
		w.review(key, pulls, isMadeUp(known))
	}
}

// bring lets the commit of a range be as the facts have it, if it is that of the run.
func (w *World) bring(each *fact.RangeCommit) {
	if each.Commit.SHA == w.Facts.Subject.SHA {
		each.Commit, each.Pulls = w.Facts.Commit.OrZero(), brief(w.Facts.Pulls.OrZero())
	}
}

// review puts pull requests into what is known of the reviews of a range: in place of
// those that brought the commit, or of all.
func (w *World) review(key string, pulls []fact.Pull, all bool) {
	known := w.Facts.RangeReviews[key]
	reviews, missing := known.Get()
	if missing != nil {
		return
	}
	for _, each := range reviews.Pulls {
		if !all && each.MergeCommit != w.Facts.Subject.SHA {
			pulls = append(pulls, each)
		}
	}
	reviews.Pulls = pulls
	w.Facts.RangeReviews[key] = fact.Of(reviews, known.Source())
}

// brief leaves of pull requests what is said of them in a range.
func brief(pulls []fact.Pull) []fact.Pull {
	all := make([]fact.Pull, len(pulls))
	for i, each := range pulls {
		all[i] = fact.Pull{
			Number: each.Number, URL: each.URL, Title: each.Title, Base: each.Base, Head: each.Head,
			Merged: each.Merged, MergeCommit: each.MergeCommit, Author: each.Author, MergedBy: each.MergedBy,
		}
	}
	return all
}

// twins returns the pull requests that brought what was deployed before: like those
// that brought the commit, and owned by the same people.
func (w *World) twins(landed []fact.Pull, base fact.Commit) []fact.Pull {
	twins := make([]fact.Pull, len(landed))
	for i, each := range landed {
		twin := each
		twin.Number = each.Number + twinned
		twin.URL = w.url("pull/%d", twin.Number)
		twin.Head, twin.MergeCommit = w.Commit("head of the pull request before"), base.SHA
		twin.HeadMovedAt = fact.Of(time.Time{}, Source())
		twin.Commits = fact.Of([]fact.PullCommit{{SHA: twin.Head, Author: each.Author, Committer: each.Author}}, Source())
		reviews := slices.Clone(each.Reviews.OrZero())
		for j := range reviews {
			reviews[j].ID = Number(fmt.Sprintf("before review %d", reviews[j].ID))
			reviews[j].Commit, reviews[j].At = twin.Head, base.CommittedAt
		}
		twin.Reviews = fact.Of(reviews, Source())
		if owned, missing := w.Facts.Ownership[fact.PullKey(each.Number)].Get(); missing == nil && len(base.Parents) > 0 {
			owned.Number, owned.Base = twin.Number, base.Parents[0]
			w.Facts.Ownership[fact.PullKey(twin.Number)] = fact.Of(owned, Source())
		}
		twins[i] = twin
	}
	return twins
}
