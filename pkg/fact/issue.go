package fact

import (
	"strconv"
	"time"
)

// Issue is an issue of the repository.
type Issue struct {
	Number int    `json:"number"`
	Title  string `json:"title"` // text from outside
	URL    string `json:"url"`
	Open   bool   `json:"open"`
	// Why is GitHub's word, in lower case, for why it was closed: completed,
	// not_planned, duplicate; "" while it is open.
	Why    string       `json:"why,omitempty"`
	Labels []IssueLabel `json:"labels"`
}

// IssueLabel is a label that an issue has now.
type IssueLabel struct {
	Name string `json:"name"`
	// By put it there last, at At; nil when the account is gone or GitHub does
	// not say.
	By *Person   `json:"by,omitempty"`
	At time.Time `json:"at,omitzero"`
}

// PullPapers is what a pull request says beside its commits.
type PullPapers struct {
	Number int    `json:"number"`
	Body   string `json:"body"` // Markdown, text from outside
	// Issues are those of this repository that the pull request closes, as
	// GitHub links them.
	Issues []Issue `json:"issues"`
}

// PapersOf returns what a pull request says. An answer about another one is
// Inconsistent.
func (s Set) PapersOf(number int) Known[PullPapers] {
	known := s.PullPapers[PullKey(number)]
	papers, missing := known.Get()
	if missing == nil && papers.Number != number {
		return Lost[PullPapers](Missing{Reason: Inconsistent, Detail: "asked about #" + PullKey(number) + ", the answer is about #" + PullKey(papers.Number)})
	}
	return known
}

// PullKey is the key of facts about one pull request.
func PullKey(number int) string { return strconv.Itoa(number) }

// OpenIssues are the open issues of the repository that have a label.
type OpenIssues struct {
	Label string `json:"label"`
	// LabelExists is false when the repository has no label of that name, so
	// that no issue can have it.
	LabelExists bool `json:"label_exists"`
	// Total is how many there are, Newest are the newest of them, 20 at most.
	Total  int     `json:"total"`
	Newest []Issue `json:"newest"`
}

// Milestone is a milestone of the repository, by its title. That there is none
// is an answer.
type Milestone struct {
	Title  string `json:"title"`
	Exists bool   `json:"exists"`
	Open   bool   `json:"open,omitempty"`
	// OpenIssues and ClosedIssues count issues and pull requests.
	OpenIssues   int    `json:"open_issues,omitempty"`
	ClosedIssues int    `json:"closed_issues,omitempty"`
	URL          string `json:"url,omitempty"`
}
