package whatif

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/suppose"
)

// Run is what a run is about that is made up.
type Run struct {
	Repository, DefaultBranch string
	Ref                       fact.Ref
	// Event is what starts it, Stage and Project are what it asks for, or "".
	Event, Stage, Project string
	Rollback              bool
	BreakGlass            string
	// At is what time it is. Where it is zero, it is the next time at which the stage is
	// open, from Around on, which is Someday where it is zero, too.
	At, Around time.Time
}

// Someday is what time it is in a run of which nothing is said: a Tuesday, by day.
var Someday = time.Date(2026, time.January, 13, 10, 0, 0, 0, time.UTC)

// Ideal returns the facts of a run in which there is everything that the policy asks
// of it. The error says what cannot be there: then no run can ever be allowed, or the
// evidence cannot be made up. A run that no stage takes has nothing to show and is
// no error.
func Ideal(rules policy.Policy, run Run) (fact.Set, error) {
	at := run.At
	for _, other := range []time.Time{run.Around, Someday} {
		if at.IsZero() {
			at = other
		}
	}
	world := suppose.New(suppose.About{
		Repository: run.Repository, DefaultBranch: run.DefaultBranch, Ref: run.Ref, Event: run.Event, Stage: run.Stage, Project: run.Project, At: at,
	})
	trigger := &world.Facts.Trigger
	trigger.Rollback, trigger.BreakGlass = run.Rollback, run.BreakGlass
	subject := world.Facts.Subject
	world.Facts.Policy = fact.Of(fact.PolicyFile{Path: fact.PolicyPath, Branch: run.DefaultBranch, Commit: subject.SHA, Blob: world.Commit("policy"), Exists: true}, suppose.Source())

	checks, terms := decide.NewPlan(rules, world.Facts).Asks()
	// Always in one order, whatever that of the policy: one piece of evidence can do for
	// two gates, such as a job for a deployment and for a check.
	checks = slices.Clone(checks)
	order.By(checks, func(a, b gate.Check) int { return strings.Compare(a.ID, b.ID) })
	for _, check := range checks {
		if err := check.Supposition.Meet(world, terms); err != nil {
			return fact.Set{}, fmt.Errorf("nothing can meet %s: %w", check.ID, err)
		}
		if !run.At.IsZero() {
			world.Facts.At = fact.Of(run.At.UTC(), suppose.Source())
		}
	}
	// Nobody was asked for what an open calendar does not need, such as an exception.
	for _, need := range decide.NewPlan(rules, world.Facts).Needs() {
		if _, missing := world.Facts.ApprovalRunsOf(need.Key).Get(); need.Kind == fact.NeedApprovals && missing != nil {
			world.ChangeApprovals(need.Key, func([]fact.ApprovalRun) []fact.ApprovalRun { return []fact.ApprovalRun{} })
		}
	}
	return world.Facts, nil
}
