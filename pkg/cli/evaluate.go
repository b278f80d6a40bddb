package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/gather"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// deadline bounds everything that is asked of GitHub in one run, retries and
// waiting included.
const deadline = time.Minute

// evaluation is the one way from facts to a verdict. Where the facts come from
// is all that may differ.
type evaluation struct {
	first    func(context.Context) fact.Set
	rest     func(context.Context, fact.Set, []fact.Need) fact.Set
	replayed bool
}

// live asks a source.
func live(source gather.Source, subject fact.Subject, trigger fact.Trigger) evaluation {
	return evaluation{
		first: func(ctx context.Context) fact.Set { return gather.First(ctx, source, subject, trigger) },
		rest: func(ctx context.Context, facts fact.Set, needs []fact.Need) fact.Set {
			return gather.Rest(ctx, source, facts, needs)
		},
	}
}

// replay takes stored facts as they are.
func replay(stored fact.Set) evaluation {
	return evaluation{
		first:    func(context.Context) fact.Set { return stored },
		rest:     func(_ context.Context, facts fact.Set, _ []fact.Need) fact.Set { return facts },
		replayed: true,
	}
}

// run returns the facts that were used and the ruling on them. It always returns
// one: what goes wrong is a verdict.
func (e evaluation) run(ctx context.Context) (fact.Set, ruling) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	facts, result := e.conclude(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		result = ruling{one: cancelled(facts)}
	}
	return facts, result.each(func(each verdict.Verdict) verdict.Verdict {
		each.Replayed = e.replayed
		return each
	})
}

// cancelled is the verdict of a run that was stopped.
func cancelled(facts fact.Set) verdict.Verdict {
	return decide.Undecidable(facts, "run.cancelled", "the run was cancelled before everything was known", "Start the job again.")
}

// unlessCancelled returns the verdict as it is, or as the error that it is when the
// run was cancelled since: nobody waits for it any more, and what it says may be
// read late.
func unlessCancelled(ctx context.Context, result verdict.Verdict) verdict.Verdict {
	if !errors.Is(ctx.Err(), context.Canceled) {
		return result
	}
	why := cancelled(fact.Set{})
	result.Decision, result.Code, result.Reason, result.Fix = why.Decision, why.Code, why.Reason, why.Fix
	return result
}

// conclude decides about all projects of the policy, or about the one that the run
// names.
func (e evaluation) conclude(ctx context.Context) (fact.Set, ruling) {
	facts := e.first(ctx)
	rules, err := policy.Load(facts.Policy, gate.All())
	if err != nil {
		return facts, ruling{one: withoutPolicy(facts, err)}
	}
	if len(rules.Projects) > 0 && facts.Trigger.Project == "" {
		plan := decide.NewSeveral(rules, facts)
		facts = e.rest(ctx, facts, plan.Needs())
		several := plan.Decide(facts)
		return facts, ruling{several: &several}
	}
	plan := decide.NewPlan(rules, facts)
	facts = e.rest(ctx, facts, plan.Needs())
	return facts, ruling{one: plan.Decide(facts)}
}

// withoutPolicy is the verdict when the policy cannot be read or used.
func withoutPolicy(facts fact.Set, err error) verdict.Verdict {
	var problems policy.Problems
	if errors.As(err, &problems) {
		lines := make([]string, len(problems))
		for i, problem := range problems {
			lines[i] = problem.String()
		}
		reason := fmt.Sprintf("the policy has %d problem(s)", len(problems))
		return decide.Undecidable(facts, "policy.invalid", reason, "Correct the policy on the default branch. `stageward lint` shows the same problems before a push.", lines...)
	}
	var missing *fact.Missing
	if errors.As(err, &missing) {
		fix := missing.Fix
		if fix == "" {
			fix = "Run the job again. Nothing is decided without the policy."
		}
		return decide.Undecidable(facts, "policy."+string(missing.Reason), "the policy could not be read: "+missing.Error(), fix)
	}
	return decide.Undecidable(facts, "policy.unusable", "the policy could not be used: "+err.Error(), "Run the job again.")
}
