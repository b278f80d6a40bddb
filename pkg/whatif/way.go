package whatif

import (
	"slices"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// Way is what would have to happen for a run to be allowed.
type Way struct {
	// Steps are the findings that are in the way, in the order of the gates. One that
	// would be met by what an earlier one takes is left out.
	Steps []verdict.Finding
	// After is what would be decided then.
	After verdict.Verdict
	// Unclear says why it is not known whether the steps are enough, or "".
	Unclear string
}

// WayToAllow returns what would have to happen, step by step, by supposing each step
// and deciding again. A run that is allowed, and one that no stage takes, have none.
func WayToAllow(rules policy.Policy, facts fact.Set) Way {
	way := Way{After: Decide(rules, facts)}
	world, err := suppose.Of(facts)
	if err != nil {
		way.Unclear = err.Error()
		return way
	}
	checks, terms := decide.NewPlan(rules, facts).Asks()
	for _, check := range checks {
		finding := blockingOf(way.After, check.ID)
		if finding == nil {
			continue
		}
		way.Steps = append(way.Steps, *finding)
		if err := check.Supposition.Meet(world, terms); err != nil {
			way.Unclear = check.ID + ": " + err.Error()
			continue
		}
		way.After = Decide(rules, world.Facts)
	}
	return way
}

func blockingOf(v verdict.Verdict, gate string) *verdict.Finding {
	at := slices.IndexFunc(v.Findings, func(each verdict.Finding) bool { return each.Gate == gate && each.Blocks() })
	if at < 0 {
		return nil
	}
	return &v.Findings[at]
}
