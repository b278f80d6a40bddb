package gate

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// movement is what became of the branch beside moving forward.
type movement struct {
	// counted is what nobody has said to be checked, settled what the baseline
	// says so of. Both are newest first.
	counted, settled []fact.Rewrite
}

// moved tells the forced changes that count. A deployment settles the older
// ones: its commit was the branch's tip when its run was made. The baseline
// settles the one that moved the branch to just this commit, and those before: no
// other relation of commits tells what was before and what was after.
//
// Where nothing was deployed before, all changes that GitHub remembers count,
// but not the oldest if it made the branch: every branch was made once.
func (i inspection) moved() (movement, *verdict.Finding) {
	since, missing := i.lastDeployedAt()
	if missing == nil && slices.ContainsFunc(i.rewrites, func(r fact.Rewrite) bool { return r.At.IsZero() }) {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say when one of the changes was made"}
	}
	if missing != nil {
		finding := verdict.Lacking(fmt.Sprintf("whether somebody moved %q by force since the last deployment", i.branch), missing)
		return movement{}, &finding
	}
	baseline := fact.SHA(i.params.Baseline)
	rewrites := newestFirst(i.rewrites, baseline)
	var found movement
	for at, each := range rewrites {
		oldest := at == len(rewrites)-1 && (at == 0 || rewrites[at-1].At.After(each.At))
		switch {
		case since != nil && each.At.Before(*since), since == nil && oldest && each.Before == "":
			return found, nil
		case len(found.settled) > 0 || baseline != "" && each.After == baseline:
			found.settled = append(found.settled, each)
		default:
			found.counted = append(found.counted, each)
		}
	}
	return found, nil
}

// lastDeployedAt returns when the newest deployment was made; nil when there is
// none.
func (i inspection) lastDeployedAt() (*time.Time, *fact.Missing) {
	run := cmp.Or(i.span.Run, i.span.LastRun)
	switch {
	case run == nil:
		return nil, nil
	case run.Workflow != i.params.DeployedBy.Workflow || run.Job != i.params.DeployedBy.Job:
		return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("run %d is not a deployment by the job that deployed-by names", run.ID)}
	case run.At.IsZero():
		return nil, &fact.Missing{Reason: fact.Incomplete, Detail: fmt.Sprintf("GitHub did not say when run %d was made", run.ID)}
	}
	return &run.At, nil
}

// newestFirst orders changes by time, each once. Of those in one second, what the
// baseline settles comes last, so that it settles none of the others.
func newestFirst(rewrites []fact.Rewrite, baseline fact.SHA) []fact.Rewrite {
	settles := func(r fact.Rewrite) int {
		if r.After == baseline {
			return 1
		}
		return 0
	}
	ordered := slices.Clone(rewrites)
	order.By(ordered, func(a, b fact.Rewrite) int {
		return cmp.Or(b.At.Compare(a.At), settles(a)-settles(b), cmp.Compare(a.After, b.After), cmp.Compare(a.Before, b.Before), cmp.Compare(whose(a), whose(b)))
	})
	return order.Once(ordered, func(a, b fact.Rewrite) bool { return reflect.DeepEqual(a, b) })
}

// add puts what became of the branch to the finding about its commits.
func (m movement) add(finding verdict.Finding, found inspection) verdict.Finding {
	switch {
	case finding.Outcome != verdict.Pass && finding.Outcome != verdict.Fail:
		return finding
	case len(m.counted) > 0:
		forced := m.refuse(found)
		if finding.Outcome == verdict.Fail {
			forced.Reason += "; and " + finding.Reason
			forced.Fix += " " + finding.Fix
			forced.Evidence = finding.Evidence
		}
		return forced
	case len(m.settled) > 0 && finding.Outcome == verdict.Pass:
		finding.Reason += "; the baseline says that this was checked by hand: " + listed(found.describe(m.settled), ", ", 3)
	}
	return finding
}

// refuse is the finding about changes that nobody has said to be checked.
func (m movement) refuse(found inspection) verdict.Finding {
	when := "as far back as GitHub remembers, since nothing was deployed before"
	if run := cmp.Or(found.span.Run, found.span.LastRun); run != nil {
		when = fmt.Sprintf("since the last deployment (run %d, made at %s)", run.ID, stamp(run.At))
	}
	fix := "GitHub shows nothing that the branch was moved to afterwards. Have it checked by hand, and say commits: head for one deployment."
	if to := m.counted[0].After; to != "" {
		fix = fmt.Sprintf("Have it checked by hand what %q lost and gained, up to the commit that it was moved to last; then write that down as baseline: %s. A ruleset that blocks force pushes and deletions keeps it from happening again.", found.branch, to)
	}
	return verdict.Failed("force-push", fmt.Sprintf("%q did not only move forward %s: %s", found.branch, when, listed(found.describe(m.counted), ", ", 5))).
		Because(fix, "whoever maintains the policy")
}

func (i inspection) describe(rewrites []fact.Rewrite) []string {
	texts := make([]string, len(rewrites))
	for at, each := range rewrites {
		switch {
		case each.After == "":
			texts[at] = fmt.Sprintf("%s deleted it at %s, when it was at %s", whose(each), stamp(each.At), orNothing(each.Before.Short()))
		case each.Before == "":
			texts[at] = fmt.Sprintf("%s made it at %s, at %s", whose(each), stamp(each.At), each.After.Short())
		default:
			texts[at] = fmt.Sprintf("%s moved it by force at %s, from %s to %s", whose(each), stamp(each.At), each.Before.Short(), each.After.Short())
		}
	}
	return texts
}

func whose(rewrite fact.Rewrite) string {
	if rewrite.By == nil {
		return "an account that is gone"
	}
	return "@" + rewrite.By.Login
}
