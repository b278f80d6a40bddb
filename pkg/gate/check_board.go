package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// identity says which check it is. Two that differ in any part are different
// checks; a commit status and a check run are never the same.
type identity struct {
	name, app, workflow string
	// status is true for the context of a commit status, which has a name only.
	status bool
}

// String names the check for people.
func (id identity) String() string {
	switch {
	case id.status:
		return fmt.Sprintf("the commit status %q", id.name)
	case id.workflow != "":
		return fmt.Sprintf("%q (%s, %s)", id.name, id.app, id.workflow)
	case id.app != "":
		return fmt.Sprintf("%q (%s)", id.name, id.app)
	}
	return fmt.Sprintf("%q", id.name)
}

func compareIdentities(a, b identity) int {
	if a.status != b.status {
		if a.status {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.app, b.app), cmp.Compare(a.workflow, b.workflow))
}

// result is how one check stands.
type result struct {
	id identity
	// own is true when a run of the check belongs to the workflow run that
	// asks.
	own bool
	attempt
}

// attempt is one run of a check, or one commit status, as far as it counts.
type attempt struct {
	at      time.Time
	number  int64
	outcome verdict.Outcome
	code    string
	says    string // what GitHub says about it, in words that follow its name
	url     string
}

// String says which check it is and how it stands.
func (r result) String() string { return r.id.String() + " " + r.says }

func (r result) fix() string {
	switch {
	case r.code == "missing" && r.outcome == verdict.Wait:
		return "Wait until the commit's other checks have ended, then run again."
	case r.code == "missing":
		return "Run the workflow that reports the check for this commit; or correct its name in the policy."
	case r.code == "wrong-source":
		return "Run the workflow that the policy names. If the check has moved, change app and workflow in the policy."
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

// board is every check of the commit with its newest attempt.
type board struct {
	results map[identity]result
	// byName finds the check runs and the commit status of a name.
	byName map[string][]identity
	// running is true while a check that is not our own has not ended: more
	// may still be reported.
	running bool
}

// newBoard judges every check once. ownRun is the workflow run that asks, or 0.
func newBoard(accept []Conclusion, checks fact.Checks, ownRun int64) board {
	attempts := map[identity][]attempt{}
	own := map[identity]bool{}
	for _, run := range checks.Runs {
		id := identity{name: run.Name, app: run.App, workflow: run.Workflow}
		attempts[id] = append(attempts[id], judgeRun(accept, run))
		if ownRun != 0 && run.RunID == ownRun {
			own[id] = true
		}
	}
	for _, status := range checks.Statuses {
		id := identity{name: status.Context, status: true}
		attempts[id] = append(attempts[id], judgeStatus(status))
	}
	made := board{results: make(map[identity]result, len(attempts)), byName: map[string][]identity{}}
	for id, all := range attempts {
		each := result{id: id, own: own[id], attempt: newest(all)}
		made.results[id] = each
		made.byName[id.name] = append(made.byName[id.name], id)
		made.running = made.running || (!each.own && !id.status && each.outcome == verdict.Wait)
	}
	return made
}

// newest returns the attempt that counts: the one that began last, by its
// number where two began together. One of which the beginning is not known,
// such as a queued one, is ordered by its number alone and can only make the
// result worse. Of attempts that nothing tells apart the worst counts.
func newest(attempts []attempt) attempt {
	var begun, undated attempt
	for _, each := range attempts {
		switch {
		case each.at.IsZero():
			undated.number = max(undated.number, each.number)
		case cmp.Or(each.at.Compare(begun.at), cmp.Compare(each.number, begun.number)) > 0:
			begun = each
		}
	}
	var worst attempt
	found := false
	for _, each := range attempts {
		counts := each.at.Equal(begun.at) && each.number == begun.number
		if each.at.IsZero() {
			counts = each.number == undated.number && each.number >= begun.number
		}
		if counts && (!found || compareAttempts(each, worst) < 0) {
			worst, found = each, true
		}
	}
	return worst
}

// compareAttempts puts the worse one first; what follows the outcome only
// keeps the order the same.
func compareAttempts(a, b attempt) int {
	return cmp.Or(cmp.Compare(rank(a.outcome), rank(b.outcome)), cmp.Compare(a.code, b.code),
		cmp.Compare(a.number, b.number), cmp.Compare(a.says, b.says), cmp.Compare(a.url, b.url))
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

func worstFirst(results map[identity]result) []result {
	return slices.SortedFunc(maps.Values(results), func(a, b result) int {
		return cmp.Or(cmp.Compare(rank(a.outcome), rank(b.outcome)), cmp.Compare(a.code, b.code), compareIdentities(a.id, b.id))
	})
}

func judgeRun(accept []Conclusion, run fact.CheckRun) attempt {
	judged := attempt{at: run.StartedAt, number: run.ID, url: run.URL}
	switch run.Status {
	case "queued", "in_progress", "waiting", "requested", "pending":
		judged.outcome, judged.code = verdict.Wait, "pending"
		judged.says = "has not ended (" + run.Status + ")"
	case "completed":
		judged.outcome, judged.code, judged.says = judgeConclusion(accept, run.Conclusion)
	default:
		judged.says = fmt.Sprintf("has the status %q, which Stageward does not know", run.Status)
	}
	return judged
}

func judgeConclusion(accept []Conclusion, conclusion string) (outcome verdict.Outcome, code, says string) {
	switch {
	case conclusion == "":
		return verdict.Unknown, "", "is completed without a conclusion"
	case slices.Contains(accept, Conclusion(conclusion)):
		return verdict.Pass, "", "ended with " + conclusion
	}
	return verdict.Fail, "not-accepted", fmt.Sprintf("ended with %q; the policy accepts %q", conclusion, accept)
}

func judgeStatus(status fact.Status) attempt {
	judged := attempt{at: status.At, url: status.URL}
	switch status.State {
	case "success":
		judged.outcome, judged.says = verdict.Pass, "is success"
	case "pending", "expected":
		judged.outcome, judged.code, judged.says = verdict.Wait, "pending", "is "+status.State
	case "":
		judged.says = "has no state"
	default:
		judged.outcome, judged.code, judged.says = verdict.Fail, "not-accepted", fmt.Sprintf("is %q", status.State)
	}
	return judged
}

// named returns how a check of the policy stands: one result where the policy
// names its workflow, one for each workflow that has it otherwise, and one
// that says so where it is not there.
func (b board) named(want namedCheck) []result {
	var found []result
	var elsewhere []identity
	for _, id := range b.byName[want.Name] {
		if !id.status && id.app == want.app() && (want.Workflow == "" || id.workflow == want.Workflow) {
			found = append(found, b.results[id])
		} else {
			elsewhere = append(elsewhere, id)
		}
	}
	if len(found) > 0 {
		return found
	}
	return []result{b.absent(want, elsewhere)}
}

// absent explains a check that is not there. elsewhere are those that have
// its name and come from somebody else.
func (b board) absent(want namedCheck, elsewhere []identity) result {
	missing := result{id: identity{name: want.Name, app: want.app(), workflow: want.Workflow}}
	missing.outcome, missing.code = verdict.Fail, "missing"
	switch {
	case len(elsewhere) > 0:
		slices.SortFunc(elsewhere, compareIdentities)
		missing.code = "wrong-source"
		missing.says = "is not there; what has its name comes from elsewhere and does not stand in for it: " + naming(elsewhere, identity.String)
	case b.running:
		missing.outcome = verdict.Wait
		missing.says = "is not there yet; other checks of the commit have not ended"
	default:
		missing.says = "is not there, and all other checks of the commit have ended"
		if near := b.near(want.Name); len(near) > 0 {
			missing.says += "; names that look like it: " + naming(near, escaped)
		}
	}
	return missing
}

// near returns the checks whose names a reader could take for this one.
func (b board) near(name string) []identity {
	var near []identity
	for id := range b.results {
		if looksLike(name, id.name) {
			near = append(near, id)
		}
	}
	slices.SortFunc(near, compareIdentities)
	return near
}

// escaped shows a name so that characters that look alike do not.
func escaped(id identity) string { return fmt.Sprintf("%+q", id.name) }

func naming(ids []identity, name func(identity) string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = name(id)
	}
	return listed(names, ", ", 3)
}
