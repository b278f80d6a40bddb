package suppose

import (
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// landed returns the pull requests whose merge into the branch that counts made the
// commit of the run.
func (w *World) landed() []fact.Pull {
	var found []fact.Pull
	for _, each := range w.Facts.Pulls.OrZero() {
		if w.hasLanded(each) {
			found = append(found, each)
		}
	}
	return found
}

func (w *World) hasLanded(pull fact.Pull) bool {
	return pull.Merged && pull.MergeCommit == w.Facts.Subject.SHA && pull.Base == w.landingBranch()
}

// landingBranch is the branch of the run; for a tag, the default branch.
func (w *World) landingBranch() string {
	if ref := w.Facts.Subject.Ref; ref.Kind() == fact.Branch {
		return ref.Name()
	}
	return w.Facts.Repository.OrZero().DefaultBranch
}

// MergedPull changes the pull request whose merge made the commit of the run, and
// makes one where there is none: by Author, of one commit, merged into the branch
// that counts, with no reviews. Where there are more, the first one stays.
func (w *World) MergedPull(change func(*fact.Pull)) {
	Change(&w.Facts.Pulls, func(pulls *[]fact.Pull) {
		left, found := []fact.Pull{}, false
		for _, each := range *pulls {
			if w.hasLanded(each) {
				if found {
					continue
				}
				found = true
				change(&each)
			}
			left = append(left, each)
		}
		if !found {
			made := w.newPull(left)
			change(&made)
			left = append(left, made)
		}
		*pulls = left
	})
	w.agree()
}

// LandedPulls changes the pull requests whose merge made the commit of the run, if
// there are any.
func (w *World) LandedPulls(change func(*fact.Pull)) {
	Change(&w.Facts.Pulls, func(pulls *[]fact.Pull) {
		*pulls = append([]fact.Pull{}, *pulls...)
		for i, each := range *pulls {
			if w.hasLanded(each) {
				change(&(*pulls)[i])
			}
		}
	})
	w.agree()
}

func (w *World) newPull(others []fact.Pull) fact.Pull {
	author := w.Person(Author)
	head := w.Commit("head of the pull request")
	number := 1
	for _, each := range others {
		number = max(number, each.Number+1)
	}
	return fact.Pull{
		Number: number, URL: w.url("pull/%d", number), Title: "Change something", Base: w.landingBranch(),
		Head: head, Merged: true, MergeCommit: w.Facts.Subject.SHA, Author: &author, MergedBy: &author,
		HeadMovedAt: fact.Of(time.Time{}, Source()),
		Commits:     fact.Of([]fact.PullCommit{{SHA: head, Author: &author, Committer: &author}}, Source()),
		Reviews:     fact.Of([]fact.Review{}, Source()),
	}
}

// Attribute lets it be known who did the work: what GitHub links to no account, or
// does not say, is Author's.
func (w *World) Attribute() {
	author := w.Person(Author)
	Change(&w.Facts.Commit, func(commit *fact.Commit) {
		if commit.SHA != w.Facts.Subject.SHA {
			*commit = w.compose(fact.Commit{Parents: []fact.SHA{w.Commit("parent")}, Headline: "Change something", Author: w.identity(Author), CommittedAt: w.Written()}, "")
			commit.SHA = w.Facts.Subject.SHA
		}
		if commit.Signature.Class == fact.UnknownSignature {
			commit.Signature = w.signature("", "", "")
		}
		if by := commit.Committer.Account; commit.Author.Account == nil && (by == nil || by.Login == WebFlow) {
			commit.Author.Account = &author
		}
	})
	Change(&w.Facts.Pulls, func(pulls *[]fact.Pull) {
		*pulls = append([]fact.Pull{}, *pulls...)
		for i := range *pulls {
			attribute(&(*pulls)[i], author, w.Written())
		}
	})
	w.agree()
}

// attribute lets everything be known of the work on a pull request. What is nobody's
// is that of its author.
func attribute(pull *fact.Pull, author fact.Person, at time.Time) {
	if pull.Author == nil {
		pull.Author = &author
	}
	if pull.Merged && pull.MergedBy == nil {
		pull.MergedBy = &author
	}
	Change(&pull.HeadMovedAt, func(*time.Time) {})
	Change(&pull.Reviews, func(reviews *[]fact.Review) {
		*reviews = slices.Clone(*reviews)
		for i := range *reviews {
			if each := &(*reviews)[i]; each.At.IsZero() {
				each.At = at
			}
		}
	})
	Change(&pull.Commits, func(commits *[]fact.PullCommit) {
		*commits = slices.Clone(*commits)
		if !slices.ContainsFunc(*commits, func(each fact.PullCommit) bool { return each.SHA == pull.Head }) {
			*commits = append(*commits, fact.PullCommit{SHA: pull.Head})
		}
		for i := range *commits {
			if each := &(*commits)[i]; each.Author == nil {
				each.Author = pull.Author
			}
		}
	})
}

// AddReview lets a person have approved the pull request whose merge made the commit,
// after a time and after whatever they said of it before.
func (w *World) AddReview(by fact.Person, after time.Time) {
	w.MergedPull(func(pull *fact.Pull) {
		times := []time.Time{after, pull.HeadMovedAt.OrZero()}
		for _, each := range pull.Reviews.OrZero() {
			if each.Author != nil && each.Author.Same(by) {
				times = append(times, each.At)
			}
		}
		at := w.After(times...)
		id := Number("review by " + by.Login + " at " + at.String())
		Change(&pull.Reviews, func(reviews *[]fact.Review) {
			*reviews = append((*reviews)[:len(*reviews):len(*reviews)], fact.Review{
				ID: id, URL: pull.URL + "#review", State: fact.Approved, Author: &by, Commit: pull.Head, At: at,
			})
		})
	})
}

// ChangeReviews changes each review of the pull request whose merge made the commit;
// those for which change says no are taken away.
func (w *World) ChangeReviews(change func(*fact.Review) (stays bool)) {
	w.LandedPulls(func(pull *fact.Pull) {
		Change(&pull.Reviews, func(reviews *[]fact.Review) {
			left := []fact.Review{}
			for _, each := range *reviews {
				if change(&each) {
					left = append(left, each)
				}
			}
			*reviews = left
		})
	})
}
