package fact

import "time"

// Ownership says who owns what a pull request changed, by the CODEOWNERS file
// that the branch had right before the merge. The pull request's own change of
// that file does not count.
type Ownership struct {
	Number int `json:"number"`
	// Base is the commit whose file counts: the first parent of the merge.
	Base SHA `json:"base"`
	// Path is where the file is, or "" when there is none.
	Path string `json:"path,omitempty"`
	URL  string `json:"url,omitempty"`
	// Files are the files that the pull request changed; one that was renamed is
	// there under both names.
	Files []OwnedFile `json:"files"`
}

// OwnedFile is a changed file and who owns it.
type OwnedFile struct {
	Path string `json:"path"`
	// Owners are as the file writes them: @login, @organisation/team, or an
	// e-mail address. None owns it when the list is empty.
	Owners []string `json:"owners"`
	// Line is the line of the file that says so, or 0.
	Line int `json:"line,omitempty"`
}

// OwnershipOf returns who owns what a pull request changed. An answer about
// another one is Inconsistent.
func (s Set) OwnershipOf(number int) Known[Ownership] {
	known := s.Ownership[PullKey(number)]
	owned, missing := known.Get()
	if missing == nil && owned.Number != number {
		return Lost[Ownership](Missing{Reason: Inconsistent, Detail: "asked about #" + PullKey(number) + ", the answer is about #" + PullKey(owned.Number)})
	}
	return known
}

// RangeReviews tells how the commits of a range were reviewed.
type RangeReviews struct {
	// Branch is the branch that all of this is about: the subject's, or the
	// default branch for a tag.
	Branch string `json:"branch"`
	// Pulls are the pull requests that were merged into the branch as a commit of
	// the range, or as its Base, with everything that is known of them.
	Pulls []Pull `json:"pulls"`
	// Rewrites are the times at which somebody moved the branch to a commit that
	// does not follow from the one before, deleted it, or made it (again), newest
	// first, as far back as GitHub remembers.
	Rewrites Known[[]Rewrite] `json:"rewrites"`
}

// Rewrite is a change of a branch by which commits can leave it.
type Rewrite struct {
	By *Person   `json:"by,omitempty"` // nil when the account is gone
	At time.Time `json:"at"`
	// Before is "" when the branch was made, After when it was deleted.
	Before SHA `json:"before,omitempty"`
	After  SHA `json:"after,omitempty"`
}

// RangeReviewsSince returns how the commits of a range were reviewed.
func (s Set) RangeReviewsSince(from RangeFrom) Known[RangeReviews] { return s.RangeReviews[from.key()] }
