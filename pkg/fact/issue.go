package fact

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Issue is an issue of the repository, or a pull request in a list of both.
type Issue struct {
	Number int `json:"number"`
	// Pull is true for a pull request.
	Pull  bool   `json:"pull,omitempty"`
	Title string `json:"title"` // text from outside
	URL   string `json:"url"`
	Open  bool   `json:"open"`
	// Why is GitHub's word, in lower case, for why it was closed: completed,
	// not_planned, duplicate; "" while it is open.
	Why    string       `json:"why,omitempty"`
	Labels []IssueLabel `json:"labels"`
}

// Names reports whether the title names a commit, as SHA.NamedIn reads a text,
// with anything but letters and digits between the words.
func (i Issue) Names(sha SHA) bool {
	return sha.NamedIn(strings.Map(func(char rune) rune {
		if unicode.IsLetter(char) || unicode.IsDigit(char) {
			return char
		}
		return ' '
	}, i.Title))
}

// IssueLabel is a label that an issue has now.
type IssueLabel struct {
	Name string `json:"name"`
	// By put it there last, at At; nil when the account is gone or GitHub does
	// not say, as where another label was given this name since.
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
	// Elsewhere is how many issues of other repositories it closes.
	Elsewhere int `json:"elsewhere,omitempty"`
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

// OpenIssues are the open issues and the open pull requests of the repository
// that have a label.
type OpenIssues struct {
	Label string `json:"label"`
	// LabelExists is false when the repository has no label of that name, so
	// that nothing can have it.
	LabelExists bool `json:"label_exists"`
	// Total is how many there are. Newest are the newest of them, 20 at most and
	// one at least where there are any. What labels an issue has is known of those
	// that name the subject's commit; of the others nobody asked.
	Total  int     `json:"total"`
	Newest []Issue `json:"newest"`
}

// OpenIssuesOf returns what is open and has a label. An answer about another
// label is Inconsistent.
func (s Set) OpenIssuesOf(label string) Known[OpenIssues] {
	known := s.OpenIssues[label]
	open, missing := known.Get()
	if missing == nil && open.Label != label {
		return Lost[OpenIssues](Missing{Reason: Inconsistent, Detail: fmt.Sprintf("asked about the label %q, the answer is about %q", label, open.Label)})
	}
	return known
}

// Milestone is a milestone of the repository, by its title. That there is none
// is an answer.
type Milestone struct {
	Title  string `json:"title"`
	Exists bool   `json:"exists"`
	Open   bool   `json:"open,omitempty"`
	// OpenIssues and ClosedIssues count issues and pull requests. Newest are the
	// newest of the open ones, as in OpenIssues.
	OpenIssues   int     `json:"open_issues,omitempty"`
	ClosedIssues int     `json:"closed_issues,omitempty"`
	Newest       []Issue `json:"newest,omitempty"`
	URL          string  `json:"url,omitempty"`
}

// MilestoneAt returns the milestone whose title is made from a template. One of
// another title is Inconsistent.
func (s Set) MilestoneAt(template string) Known[Milestone] {
	known := s.Milestones[template]
	milestone, missing := known.Get()
	if missing != nil {
		return known
	}
	title, err := s.Subject.Fill(template)
	switch {
	case err != nil:
		return Lost[Milestone](Missing{Reason: Inconsistent, Detail: err.Error()})
	case milestone.Title != title:
		return Lost[Milestone](Missing{Reason: Inconsistent, Detail: fmt.Sprintf("asked about the milestone %q, the answer is about %q", title, milestone.Title)})
	}
	return known
}
