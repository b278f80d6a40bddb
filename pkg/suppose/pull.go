package suppose

import (
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// MergedPull changes the pull request whose merge made the commit of the run, and
// makes one where there is none: by Author, of one commit, merged, into the default branch, with no reviews.
func (w *World) MergedPull(change func(*fact.Pull)) {
	Change(&w.Facts.Pulls, func(pulls *[]fact.Pull) {
		copied := append([]fact.Pull{}, *pulls...)
		at := -1
		for i, each := range copied {
			if each.Merged && each.MergeCommit == w.Facts.Subject.SHA {
				at = i
			}
		}
		if at < 0 {
			copied, at = append(copied, w.newPull()), len(copied)
		}
		change(&copied[at])
		*pulls = copied
	})
}

func (w *World) newPull() fact.Pull {
	author := w.Person(Author)
	head := w.Commit("head of the pull request")
	return fact.Pull{
		Number: 1, URL: w.url("pull/1"), Title: "Change something", Base: w.Facts.Repository.OrZero().DefaultBranch,
		Head: head, Merged: true, MergeCommit: w.Facts.Subject.SHA, Author: &author, MergedBy: &author,
		HeadMovedAt: fact.Of(time.Time{}, Source()),
		Commits:     fact.Of([]fact.PullCommit{{SHA: head, Author: &author, Committer: &author}}, Source()),
		Reviews:     fact.Of([]fact.Review{}, Source()),
	}
}
