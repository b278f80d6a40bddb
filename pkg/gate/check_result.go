package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// identity says which check it is. Two that differ in any part are different
// checks; a commit status and a check run are never the same. A workflow run
// as a whole has no name.
type identity struct {
	name, app, workflow, event string
	// status is true for the context of a commit status, which has a name only.
	status bool
	// posted is true for a check run that a token put beside a workflow's jobs.
	posted bool
}

// foreign reports whether the check ran by a workflow file that is not the one
// in the commit: for pull requests GitHub takes the file from a merge with the
// base, and whoever opens one chooses the base.
func (id identity) foreign() bool { return strings.HasPrefix(id.event, "pull_request") }

// String names the check for people.
func (id identity) String() string {
	if id.status {
		return fmt.Sprintf("the commit status %q", id.name)
	}
	var parts []string
	for _, part := range []string{id.app, id.workflow} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if id.foreign() {
		parts = append(parts, "for "+id.event+", with a workflow file that is not the commit's")
	}
	if id.posted {
		parts = append(parts, "posted with a token, not a job")
	}
	what := fmt.Sprintf("%q", id.name)
	if id.name == "" {
		what = "the workflow run"
	}
	if len(parts) == 0 {
		return what
	}
	return what + " (" + strings.Join(parts, ", ") + ")"
}

func compareIdentities(a, b identity) int {
	return cmp.Or(
		compareBools(a.status, b.status), compareBools(a.posted, b.posted),
		cmp.Compare(a.name, b.name), cmp.Compare(a.app, b.app), cmp.Compare(a.workflow, b.workflow), cmp.Compare(a.event, b.event),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// result is how one check stands: its newest attempt.
type result struct {
	id identity
	attempt
	// class is what the policy says the check is for, named whether it names
	// the check at all.
	class CheckClass
	named bool
	// warning is what a reader has to know although it does not change the
	// outcome, remedy what to do where the code alone does not say it.
	warning, remedy string
}

// attempt is one run of a check, or one commit status, as far as it counts.
type attempt struct {
	at      time.Time // of a commit status; check runs are ordered by number
	number  int64
	outcome verdict.Outcome
	code    string
	says    string // what GitHub says about it, in words that follow its name
	url     string
	missing *fact.Missing // why the outcome is unknown, where that is a fact's fault

	own     bool // it belongs to the workflow run that asks
	open    bool // GitHub does not say that it is completed
	skipped bool
	silent  bool // it stands for a workflow run that its jobs speak for

	clock clock
}

// name says which check it is, and what it is for.
func (r result) name() string {
	if r.class == "" {
		return r.id.String()
	}
	return string(r.class) + ": " + r.id.String()
}

// String says which check it is and how it stands.
func (r result) String() string { return r.name() + " " + r.says }

func (r result) fix() string {
	switch {
	case r.remedy != "":
		return r.remedy
	case r.code == "slow":
		return "Make the check faster, or give it more time in the policy (within); running it again measures only the new attempt."
	case r.code == "wrong-source":
		return "Run the workflow that the policy names, on a push of this commit. If the check has moved, change app and workflow in the policy."
	case r.code == "pending" && r.own:
		return "The check is part of this very run: let the job of the gate need it, so that it has ended before the gate asks."
	case r.code == "pending":
		return "Wait until the check has ended, then run again."
	}
	return "Look at the check, mend the cause and run it again. If neutral or skipped is fine here, the policy can say so (accept)."
}

func (r result) who() string {
	if r.code == "wrong-source" {
		return "whoever maintains the policy"
	}
	return "whoever maintains the checks"
}

// newest returns the attempt that counts: the one that GitHub numbered last.
// When it began, or ended, is what its reporter says. Of attempts that nothing
// tells apart the worst counts.
func newest(attempts []attempt) attempt {
	return slices.MaxFunc(attempts, func(a, b attempt) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.number, b.number), -compareAttempts(a, b))
	})
}

// compareAttempts puts the worse one first; what follows the outcome only
// keeps the order the same.
func compareAttempts(a, b attempt) int {
	return cmp.Or(cmp.Compare(rank(a.outcome), rank(b.outcome)), cmp.Compare(a.code, b.code),
		cmp.Compare(a.says, b.says), cmp.Compare(a.url, b.url))
}

// rank orders outcomes, worst first: a check that may never be known, one that
// failed, one that may still pass, one that passed.
func rank(outcome verdict.Outcome) int {
	switch outcome {
	case verdict.Unknown:
		return 0
	case verdict.Fail:
		return 1
	case verdict.Wait:
		return 2
	case verdict.Pass:
		return 3
	case verdict.Skip, verdict.Waived:
	}
	return 0
}

// worstFirst orders results, those that the policy names before others. Of a
// check that is there twice, named and under all, the worse stays, and the
// named one where they are equal.
func worstFirst(results []result) []result {
	ordered := slices.Clone(results)
	order.By(ordered, func(a, b result) int {
		return cmp.Or(cmp.Compare(rank(a.outcome), rank(b.outcome)), compareBools(b.named, a.named),
			cmp.Compare(a.code, b.code), compareIdentities(a.id, b.id))
	})
	seen := map[identity]bool{}
	return slices.DeleteFunc(ordered, func(each result) bool {
		twice := seen[each.id]
		seen[each.id] = true
		return twice
	})
}
