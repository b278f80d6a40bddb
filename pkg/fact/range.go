package fact

import (
	"fmt"
	"strings"
	"time"
)

// Range is every commit that is reachable from the subject's commit and not
// from Base, along all parents, with none left out. The subject's own commit
// is one of them, unless it is the base itself: then there are none.
type Range struct {
	// Base is where the range begins; it is not part of it.
	Base RangeCommit `json:"base"`
	// Run is the deployment that makes Base the beginning; nil when Base is the
	// baseline that the policy gives.
	Run *DeploymentRun `json:"run,omitempty"`
	// LastRun is the newest deployment where Base is a baseline that comes after
	// it; nil where Run is it, and where there is none.
	LastRun *DeploymentRun `json:"last_run,omitempty"`
	// Commits are in no order.
	Commits []RangeCommit `json:"commits"`
	// Files are the paths of the files in which the subject's commit differs from
	// Base, in order; a file that was renamed has both of its names. Missing where
	// GitHub may have left one out.
	Files Known[[]string] `json:"files,omitzero"`
}

// RangeCommit is a commit with the pull requests that GitHub associates with
// it. Of those, only number, title, address, base, head, merge, author and merger are
// filled in.
type RangeCommit struct {
	Commit Commit `json:"commit"`
	Pulls  []Pull `json:"pulls"`
}

// person returns who holds a position by this commit, or nil.
func (c RangeCommit) person(position Position) *Person {
	if position == RangeSigners {
		return c.Commit.Signature.Signer
	}
	for _, pull := range c.Pulls {
		if pull.Merged && pull.MergeCommit == c.Commit.SHA {
			return pull.MergedBy
		}
	}
	return nil
}

// DeploymentRun is a run of a workflow in which a job succeeded, as GitHub
// itself records it: a token that may write deployments cannot make one.
type DeploymentRun struct {
	ID      int64 `json:"id"`
	Attempt int64 `json:"attempt"`
	// Workflow is the path of the workflow file, Job the name of the job.
	Workflow string `json:"workflow"`
	Job      string `json:"job"`
	// Event is what started the run, Branch the name of the branch or tag that
	// it is of; GitHub does not say which of the two.
	Event  string `json:"event"`
	Branch string `json:"branch"`
	Head   SHA    `json:"head"`
	// At is when the run was made; its branch was at Head then. Who starts it
	// again does not change it.
	At  time.Time `json:"at,omitzero"`
	URL string    `json:"url,omitempty"`
}

// RangeFrom says where a range has to begin: at the newest commit before the
// subject's on which a job of a workflow succeeded, or at the baseline, whichever
// leaves fewer commits. A run counts only on the subject's line of first parents.
type RangeFrom struct {
	// Workflow is the path of a workflow file, Job the name of a job in it.
	Workflow, Job string
	// Baseline is a commit, or "".
	Baseline SHA
}

// Need returns the need for the range.
func (r RangeFrom) Need() Need { return Need{Kind: NeedRange, Key: r.key()} }

const rangeSeparator = "\n"

func (r RangeFrom) key() string {
	return strings.Join([]string{r.Workflow, r.Job, string(r.Baseline)}, rangeSeparator)
}

// ParseRangeFrom reads the key of a need for a range.
func ParseRangeFrom(key string) (RangeFrom, error) {
	parts := strings.Split(key, rangeSeparator)
	if len(parts) != 3 {
		return RangeFrom{}, fmt.Errorf("read key of a range: %q has %d parts, want 3", key, len(parts))
	}
	return RangeFrom{Workflow: parts[0], Job: parts[1], Baseline: SHA(parts[2])}, nil
}

// RangeSince returns the range that begins where from says.
func (s Set) RangeSince(from RangeFrom) Known[Range] { return s.Ranges[from.key()] }

// eachInRange calls visit for each commit of each range, and for the commits
// at which they begin.
func (s Set) eachInRange(visit func(RangeCommit)) {
	for _, key := range sortedKeys(s.Ranges) {
		span := s.Ranges[key].OrZero()
		visit(span.Base)
		for _, commit := range span.Commits {
			visit(commit)
		}
	}
}
