package audit

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// reviewNeeds returns the facts that the questions of a review read beside those
// of the checks.
func reviewNeeds(policy.Policy) []fact.Need { return nil }

// Review answers the questions of a design review from what an audit found.
func Review(policy.Policy, fact.Set, verdict.Audit) []verdict.Answer { return []verdict.Answer{} }
