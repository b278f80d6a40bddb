package fact

import (
	"fmt"
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
			if s.Subject.SHA != "" && strings.Contains(run.Title, string(s.Subject.SHA)) {
				visit(run)
			}
		}
	}
}
