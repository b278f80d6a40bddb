package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// board is every check of the commit with all its attempts.
type board struct {
	self     asker
	attempts map[identity][]attempt
	// byName finds the check runs and the commit status of a name.
	byName map[string][]identity
	// ownJob is the identity of the job that asks; the zero identity where it
	// is not known.
	ownJob identity
}

// asker is the job that asks: its workflow run, the path of that run's file,
// and its own check run; zero where they are not known.
type asker struct {
	run, checkRun int64
	workflow      string
}

// askerOf reads the path out of "owner/name/path@ref". A workflow of another
// repository has none here.
func askerOf(facts fact.Set) asker {
	workflow, _ := strings.CutPrefix(facts.Trigger.WorkflowRef, facts.Subject.Repository+"/")
	workflow, _, found := strings.Cut(workflow, "@")
	if !found || !strings.HasPrefix(workflow, ".github/workflows/") {
		workflow = ""
	}
	return asker{run: facts.Trigger.RunID, checkRun: facts.Trigger.CheckRunID, workflow: workflow}
}

// newBoard judges every attempt once.
func newBoard(accept []Conclusion, checks fact.Checks, self asker) board {
	made := board{self: self, attempts: map[identity][]attempt{}, byName: map[string][]identity{}}
	judge := newJudge(accept, checks)
	for _, run := range checks.Runs {
		id, judged := judge.run(run)
		judged.own = self.run != 0 && run.RunID == self.run && !id.posted
		if self.checkRun != 0 && run.ID == self.checkRun {
			made.ownJob = id
		}
		made.add(id, judged)
	}
	for _, run := range checks.Workflows {
		id, judged := judge.workflow(run)
		judged.own = self.run != 0 && run.ID == self.run
		made.add(id, judged)
	}
	for _, status := range checks.Statuses {
		made.add(identity{name: status.Context, status: true}, judgeStatus(status))
	}
	return made
}

func (b board) add(id identity, judged attempt) {
	if b.attempts[id] == nil && id.name != "" {
		b.byName[id.name] = append(b.byName[id.name], id)
	}
	b.attempts[id] = append(b.attempts[id], judged)
}

// all returns how every check stands, but for the run that asks, which cannot
// end before itself: its jobs do not count, and neither do older runs of the
// job that asks, nor skipped jobs of its workflow. A deploying job is skipped
// each time the gate before it refuses. A job that passed in this run proves
// nothing either, but what it failed before is mended.
func (b board) all(within budget) []result {
	var results []result
	for id, attempts := range b.attempts {
		// Before the newest is taken: a skip must not hide an earlier failure.
		ours := id.workflow != "" && id.workflow == b.self.workflow
		counted := slices.DeleteFunc(slices.Clone(attempts), func(each attempt) bool {
			return each.own && each.outcome != verdict.Pass || each.skipped && ours
		})
		if len(counted) == 0 || b.isOwnJob(id, attempts) {
			continue
		}
		if each := newest(counted); !each.own && !each.silent {
			results = append(results, within.hold(result{id: id, attempt: each}, attempts))
		}
	}
	return results
}

// isOwnJob reports whether a check is the job that asks. Where the runner does
// not say which one that is, it may be any that this run has too.
func (b board) isOwnJob(id identity, attempts []attempt) bool {
	if b.self.checkRun != 0 {
		return id == b.ownJob
	}
	return slices.ContainsFunc(attempts, func(each attempt) bool { return each.own })
}

// running returns what keeps CI running, so that more may still be reported:
// every workflow run that has not ended, also one that a newer run of its file
// has overtaken, and every check whose newest attempt has not ended. Our own run
// never counts, since it cannot end before itself, and neither does what anybody
// who may push could leave open for ever: posted checks and commit statuses.
func (b board) running() []identity {
	var running []identity
	for id, attempts := range b.attempts {
		if id.status || id.posted {
			continue
		}
		if id.name != "" {
			attempts = []attempt{newest(attempts)}
		}
		if slices.ContainsFunc(attempts, func(each attempt) bool { return each.open && !each.own }) {
			running = append(running, id)
		}
	}
	order.By(running, compareIdentities)
	return running
}

// begun reports whether anything but our own run reported to the commit.
func (b board) begun() bool {
	for id, attempts := range b.attempts {
		if !id.status && !id.posted && slices.ContainsFunc(attempts, func(each attempt) bool { return !each.own }) {
			return true
		}
	}
	return false
}

// named returns how a check of the policy stands: one result for each source
// of it that the policy allows, or one that says why there is none. Every
// source has to pass, and one at least has to be a job of a workflow file that
// is in the commit, or another app's.
func (b board) named(want namedCheck) []result {
	var found []result
	var elsewhere []identity
	proven := false
	for _, id := range b.byName[want.Name] {
		if id.status || id.posted || id.app != want.app() || want.Workflow != "" && id.workflow != want.Workflow {
			elsewhere = append(elsewhere, id)
			found = append(found, b.nameless(want, id)...)
			continue
		}
		judged := result{id: id, attempt: newest(b.attempts[id]), class: want.Class, named: true}
		found = append(found, want.budget().hold(judged, b.attempts[id]))
		proven = proven || !id.foreign()
	}
	if proven {
		return found
	}
	for _, each := range found {
		elsewhere = append(elsewhere, each.id)
	}
	return []result{b.absent(want, elsewhere)}
}

// nameless returns a job of a run of which GitHub does not say the workflow file,
// where it could be the check that is meant: it may have failed, or have ended later
// than the others. Jobs of workflows without a file are among them, such as
// Dependabot's.
func (b board) nameless(want namedCheck, id identity) []result {
	judged := newest(b.attempts[id])
	if id.status || id.posted || id.app != githubActions || id.app != want.app() || id.workflow != "" {
		return nil
	}
	judged.outcome, judged.code, judged.says = verdict.Unknown, "", judged.says+", and GitHub does not say by which workflow file it ran"
	return []result{{id: id, attempt: judged, class: want.Class, named: true}}
}

// absent explains a check that is not there. elsewhere are those that have
// its name and come from somewhere else.
func (b board) absent(want namedCheck, elsewhere []identity) result {
	missing := result{id: identity{name: want.Name, app: want.app(), workflow: want.Workflow}, class: want.Class, named: true}
	missing.outcome, missing.code, missing.remedy = verdict.Fail, "missing", b.howToRun(want)
	switch running := b.running(); {
	case len(running) > 0:
		missing.outcome, missing.remedy = verdict.Wait, "Wait until the commit's other checks have ended, then run again."
		missing.says = "is not there yet; not ended: " + naming(running, identity.String)
	case len(elsewhere) > 0:
		order.By(elsewhere, compareIdentities)
		missing.code, missing.remedy = "wrong-source", ""
		missing.says = "is not there; what has its name comes from elsewhere and does not stand in for it: " + naming(elsewhere, identity.String)
	case !b.begun():
		missing.says = "is not there, and no other workflow or app has begun a check of the commit"
	default:
		missing.says = "is not there, and all other checks of the commit have ended"
		if near := b.near(want.Name); len(near) > 0 {
			missing.says += "; names that look like it: " + naming(near, escaped)
		}
	}
	return missing
}

// howToRun says how a check that is not there and will not come can be had.
func (b board) howToRun(want namedCheck) string {
	switch {
	case want.app() == githubActions && b.self.workflow != "" && (want.Workflow == "" || want.Workflow == b.self.workflow):
		return "If it is a job of the workflow that asks, let the job of the gate need it, so that it has ended before the gate asks. Otherwise run the workflow that reports it for this commit; or correct its name in the policy."
	case !b.begun():
		return "If the commit was pushed a moment ago, run again. Otherwise run the workflow that reports the check for this commit; or correct its name in the policy."
	}
	return "Run the workflow that reports the check for this commit; or correct its name in the policy."
}

// near returns the checks whose names a reader could take for this one.
func (b board) near(name string) []identity {
	var near []identity
	for id := range b.attempts {
		if id.name != "" && looksLike(name, id.name) {
			near = append(near, id)
		}
	}
	order.By(near, compareIdentities)
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
