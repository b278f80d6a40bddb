package fact

import "time"

// Pull is a pull request that GitHub associates with the subject's commit.
// The association is loose; a gate must look at Merged, Base and MergeCommit.
type Pull struct {
	Number      int    `json:"number"`
	URL         string `json:"url"`
	Title       string `json:"title"`
	Base        string `json:"base"` // branch name
	Head        SHA    `json:"head"`
	Merged      bool   `json:"merged"`
	MergeCommit SHA    `json:"merge_commit,omitempty"`
	// Author and MergedBy are nil when the account is gone.
	Author   *Person `json:"author,omitempty"`
	MergedBy *Person `json:"merged_by,omitempty"`
	// HeadMovedAt is the newest time GitHub itself recorded a forced change
	// of the head or a change of the base; zero when there was none.
	HeadMovedAt Known[time.Time]    `json:"head_moved_at"`
	Commits     Known[[]PullCommit] `json:"commits"`
	Reviews     Known[[]Review]     `json:"reviews"`
}

// PullCommit is one commit of a pull request with the accounts GitHub links
// to it; nil where it links none.
type PullCommit struct {
	SHA       SHA     `json:"sha"`
	Author    *Person `json:"author,omitempty"`
	Committer *Person `json:"committer,omitempty"`
}

// ReviewState is GitHub's state of a review, in lower case.
type ReviewState string

// The states that matter to a gate; others are carried as they came.
const (
	Approved         ReviewState = "approved"
	ChangesRequested ReviewState = "changes_requested"
	Dismissed        ReviewState = "dismissed"
	Commented        ReviewState = "commented"
)

// Review is one review of a pull request.
type Review struct {
	ID     int64       `json:"id"`
	URL    string      `json:"url"`
	State  ReviewState `json:"state"`
	Author *Person     `json:"author,omitempty"` // nil when the account is gone
	// Commit is the head the review is shown against. GitHub may move it to a
	// newer head by itself, so it proves nothing alone.
	Commit SHA       `json:"commit,omitempty"`
	At     time.Time `json:"at"`
}
