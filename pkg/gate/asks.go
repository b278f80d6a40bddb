package gate

import (
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Feedback is which checks the gate checks-passed asks for, and how fast they have
// to be.
type Feedback struct {
	// All is true where every check counts, whatever its name, without a budget.
	All    bool
	Checks []TimedCheck
}

// TimedCheck is a check that is named.
type TimedCheck struct {
	Name  string
	Class CheckClass
	// Workflow is the path of its workflow file; "" where any will do.
	Workflow string
	// Within is how long it may take, from the creation of its run until it ended; 0
	// where nothing is said, or where a slower one is only warned of.
	Within time.Duration
}

// Feedback returns what the gate checks-passed asks for; ok is false for every
// other gate.
func (c Check) Feedback() (asked Feedback, ok bool) {
	params, ok := c.Params.(checksPassed)
	asked.All = params.All
	for _, each := range params.Checks {
		timed := TimedCheck{Name: each.Name, Class: each.Class, Workflow: each.Workflow}
		if each.Slow != slowWarns {
			timed.Within = each.Within.Length()
		}
		asked.Checks = append(asked.Checks, timed)
	}
	return asked, ok
}

// PromotedFrom returns the stage that the gate promoted asks for; "" for every
// other gate.
func (c Check) PromotedFrom() string {
	params, _ := c.Params.(promoted) //nolint:errcheck // of another gate it is the zero value
	return params.From
}

// TakesTwo reports whether the gate asks for the word of a person who is not the
// only one: neither whoever wrote the change, nor whoever deploys it, can give all
// of what approved, emergency-declared, or change-approved for an issue, asks for. It
// is false for every other gate.
func (c Check) TakesTwo() bool {
	switch params := c.Params.(type) {
	case approved:
		return params.takesTwo()
	case emergencyDeclared:
		return params.asApproved().takesTwo()
	case changeApproved:
		return params.Issue.given() // whose label nobody puts there who worked on the change
	}
	return false
}

// takesTwo reports whether at least two people are behind a deployment: different
// ones approve, or whoever approves did not write it, or does not deploy it.
func (p approved) takesTwo() bool {
	people := 0
	for _, each := range p.Approvals {
		people += each.count()
		not := each.not()
		if slices.Contains(not, deployer) || slices.Contains(not, author) && slices.Contains(not, committers) {
			return true
		}
	}
	return people > 1
}

// AsksPeople reports whether the gate asks for the word of at least one person:
// approved, or emergency-declared with approvals.
func (c Check) AsksPeople() bool {
	switch params := c.Params.(type) {
	case approved:
		return len(params.Approvals) > 0
	case emergencyDeclared:
		return len(params.Approvals) > 0
	}
	return false
}

// EnvironmentReview reports whether the gate is environment-protected and asks for a
// review by somebody who did not start the run, which administrators cannot get past.
func (c Check) EnvironmentReview() bool {
	params, ok := c.Params.(environmentProtected)
	return ok && params.Reviewers > 0 && params.PreventSelfReview && !params.AdminsBypass
}

// AskItem answers about one item of the gate setup-complete; ok is false for every
// other gate, and for an item that it does not ask for.
func (c Check) AskItem(item SetupItem, facts fact.Set, terms Terms) (found verdict.Finding, ok bool) {
	params, ok := c.Params.(setupComplete)
	if !ok || !slices.Contains(params.Items, item) {
		return verdict.Finding{}, false
	}
	return params.judge(item, Input{Facts: facts.Only(c.Needs), Terms: terms}), true
}

// RollbackExercised is the item of setup-complete that says that a deployment was
// taken back once.
const RollbackExercised = setupRollbackExercised
