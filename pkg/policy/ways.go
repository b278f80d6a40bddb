package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// Progression returns the stages in their order, without the hotfix lanes.
func (p Policy) Progression() []Stage {
	return slices.DeleteFunc(slices.Clone(p.Stages), func(s Stage) bool { return s.HotfixFor != "" })
}

// Last returns the last stage of the progression; ok is false where it asks for
// nothing.
func (p Policy) Last() (last Stage, ok bool) {
	stages := p.Progression()
	if len(stages) == 0 {
		return last, false
	}
	last = stages[len(stages)-1]
	return last, !last.Unrestricted
}

// Enforced returns the gates of the stage that can block.
func (s Stage) Enforced() []gate.Check {
	var checks []gate.Check
	for _, each := range s.Gates {
		if each.Mode == verdict.Enforce {
			checks = append(checks, each.Check)
		}
	}
	return checks
}

// Glass returns the way past gates that are not met; ok is false where it is shut.
func (s Stage) Glass() (lane OpenLane, ok bool) {
	for _, each := range s.OpenLanes() {
		if each.Name == verdict.BreakGlass {
			return each, true
		}
	}
	return lane, false
}

// Way is one way to a stage, with what is enforced on it.
type Way struct {
	// Name is the way in words, such as "the way of prod".
	Name   string
	Checks []gate.Check
	// From is the stage before, where a commit has to have been; "" where none has.
	From string
}

// WaysTo returns the ways by which something new comes to a stage: its own, those
// of its hotfix lanes, and breaking the glass. A rollback brings back what was there
// by one of them.
func (p Policy) WaysTo(s Stage) []Way {
	var ways []Way
	for _, each := range p.Stages {
		if each.Name == s.Name || each.HotfixFor == s.Name {
			ways = append(ways, wayOf("the way of "+each.Name, each.Enforced()))
		}
	}
	if lane, ok := s.Glass(); ok {
		held := slices.DeleteFunc(s.Enforced(), func(each gate.Check) bool { return !each.Firm && !slices.Contains(lane.Keeps, each.ID) })
		ways = append(ways, wayOf("breaking the glass of "+s.Name, append(held, lane.Check)))
	}
	return ways
}

func wayOf(name string, checks []gate.Check) Way {
	found := Way{Name: name, Checks: checks}
	for _, each := range checks {
		found.From = cmp.Or(found.From, each.PromotedFrom())
	}
	return found
}

// TakesTwo says what on a way takes a second person; "" where nothing does. What is
// asked on the stage before counts where no way to that one is without it.
func (w Way) TakesTwo(rules Policy) string {
	signed := slices.ContainsFunc(w.Checks, func(each gate.Check) bool { return len(each.Asks().Signers) > 0 })
	for _, each := range w.Checks {
		asks := each.Asks()
		other := slices.ContainsFunc(asks.Approvals, func(a gate.AskedApproval) bool { return signed && a.Excludes("signer") })
		if asks.Reviews > 0 || each.TakesTwo() || other && each.AsksPeople() {
			return each.ID
		}
	}
	before, ok := rules.Stage(w.From)
	if !ok {
		return ""
	}
	found := ""
	for _, each := range rules.WaysTo(before) { // earlier stages only, so this ends
		if found = each.TakesTwo(rules); found == "" {
			return ""
		}
	}
	return fmt.Sprintf("%s, on %s", found, w.From)
}

// Roles returns the roles that somebody holds who does everything on a way.
func (w Way) Roles() []gate.RoleName {
	var roles []gate.RoleName
	for _, each := range w.Checks {
		asks := each.Asks()
		roles = append(roles, slices.Concat(asks.Signers, asks.Starters, asks.Labelers)...)
		if each.AsksPeople() {
			for _, approval := range asks.Approvals {
				roles = append(roles, approval.By)
			}
		}
	}
	return roles
}
