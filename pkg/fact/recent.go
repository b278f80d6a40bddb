package fact

import (
	"fmt"
	"strings"
	"time"
)

// RecentRun is a run of a workflow on a branch of this repository, as GitHub
// records it. A tag can have the name of a branch, and GitHub does not say of
// which of the two a run is: so those that have ended are at a commit that was
// the branch's own tip once, or began by an event that only branches have.
type RecentRun struct {
	ID      int64 `json:"id"`
	Attempt int64 `json:"attempt"`
	// Workflow is the path of the workflow file.
	Workflow string `json:"workflow"`
	Event    string `json:"event"`
	// Branch is the name of the branch or tag that it is of; GitHub does not say
	// which of the two.
	Branch string `json:"branch"`
	Head   SHA    `json:"head"`
	// Status and Conclusion are GitHub's words in lower case.
	Status     string `json:"status"`
	Conclusion string `json:"conclusion,omitempty"`
	// CreatedAt is when the run was made, StartedAt when its newest attempt
	// began, UpdatedAt when GitHub last changed it.
	CreatedAt time.Time `json:"created_at"`
	StartedAt time.Time `json:"started_at"`
	UpdatedAt time.Time `json:"updated_at"`
	URL       string    `json:"url,omitempty"`
}

// RunsOf names a workflow and a branch; "" stands for the default branch.
type RunsOf struct{ Workflow, Branch string }

// Need returns the need for the newest runs.
func (r RunsOf) Need() Need { return Need{Kind: NeedRecentRuns, Key: r.key()} }

func (r RunsOf) key() string { return r.Workflow + rangeSeparator + r.Branch }

// ParseRunsOf reads the key of a need for runs.
func ParseRunsOf(key string) (RunsOf, error) {
	workflow, branch, ok := strings.Cut(key, rangeSeparator)
	if !ok {
		return RunsOf{}, fmt.Errorf("read key of runs: %q has one part, want 2", key)
	}
	return RunsOf{workflow, branch}, nil
}

// RecentRunsOf returns the newest runs of a workflow on a branch, the last made
// first: at least down to the newest that has ended, or all of them.
func (s Set) RecentRunsOf(of RunsOf) Known[[]RecentRun] { return s.RecentRuns[of.key()] }
