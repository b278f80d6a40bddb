package fact

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ApprovalRun is a run of the workflow by which people approve, as GitHub
// records it. A person starts it by hand; its title says what they approve.
type ApprovalRun struct {
	ID int64 `json:"id"`
	// Title is what the run is called: the workflow's run-name, with what was
	// typed in. It is text from outside.
	Title string `json:"title"`
	// Event is what started it, Branch the name of the branch or tag that it is
	// of; GitHub does not say which of the two. Head is the commit.
	Event  string `json:"event"`
	Branch string `json:"branch"`
	Head   SHA    `json:"head"`
	// OnDefaultBranch is whether the default branch contains Head, SameFile
	// whether the workflow's file is in Head what it is at the tip now. Both are
	// asked for only where the title names the subject's commit: the name of a
	// branch can be that of a tag, and a commit that was merged can have held
	// another file than the one that anybody reviewed.
	OnDefaultBranch Known[bool] `json:"on_default_branch"`
	SameFile        Known[bool] `json:"same_file"`
	// Attempt is 1 unless somebody started it again.
	Attempt int64 `json:"attempt"`
	// Actor started the first attempt, TriggeringActor this one; nil when the
	// account is gone.
	Actor           *Person   `json:"actor,omitempty"`
	TriggeringActor *Person   `json:"triggering_actor,omitempty"`
	At              time.Time `json:"at"` // when it was created, by GitHub's clock
	URL             string    `json:"url,omitempty"`
}

// RunReview is what somebody said of an environment that the asking run waited
// for. GitHub says neither when nor in which attempt.
type RunReview struct {
	State        string   `json:"state"` // approved, rejected, pending
	User         *Person  `json:"user,omitempty"`
	Environments []string `json:"environments"`
	Comment      string   `json:"comment,omitempty"`
}

// Team is a team of an organisation with everybody in it, also those of the
// teams below it.
type Team struct {
	Slug    string   `json:"slug"` // organisation/team
	Members []Person `json:"members"`
}

// TeamOf returns a team by organisation/team. An answer about another team is
// Inconsistent.
func (s Set) TeamOf(slug string) Known[Team] {
	known := s.Teams[LoginKey(slug)]
	team, missing := known.Get()
	if missing == nil && LoginKey(team.Slug) != LoginKey(slug) {
		return Lost[Team](Missing{Reason: Inconsistent, Detail: fmt.Sprintf("asked for the team %q, the answer is about %q", slug, team.Slug)})
	}
	return known
}

// ApprovalRunsOf returns the runs of an approval workflow.
func (s Set) ApprovalRunsOf(path string) Known[[]ApprovalRun] { return s.ApprovalRuns[path] }

// eachApprovalRun calls visit for each run whose title names the subject's
// commit: the others say nothing about it.
func (s Set) eachApprovalRun(visit func(ApprovalRun)) {
	for _, path := range sortedKeys(s.ApprovalRuns) {
		for _, run := range s.ApprovalRuns[path].OrZero() {
			if s.Subject.SHA.NamedIn(run.Title) {
				visit(run)
			}
		}
	}
}

// fewestDigits is how much of a commit's id names it for people, as git has it.
const fewestDigits = 7

// NamedIn reports whether a text names the commit: by its whole id anywhere, or
// by a word that is the beginning of it, seven digits at least. Capitals are
// read like small letters.
func (s SHA) NamedIn(text string) bool {
	id, text := strings.ToLower(string(s)), strings.ToLower(text)
	return id != "" && (strings.Contains(text, id) || slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		return len(word) >= fewestDigits && strings.HasPrefix(id, word)
	}))
}
