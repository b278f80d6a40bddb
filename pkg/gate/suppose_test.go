package gate_test

import (
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// TestEverySupposition holds what is made up to what the gates say of it, for the
// parameters of every row that passes: with the evidence a gate is met, without it
// is not, and with it again it is. A new gate needs no line here.
func TestEverySupposition(t *testing.T) {
	t.Parallel()
	for _, each := range gate.All() {
		for _, row := range passing(each.ID) {
			check := bind(t, each.ID, row)
			if check.Supposition.Noun == "" {
				t.Errorf("%s: its evidence cannot be made up (Spec.Suppose)", each.ID)
				break
			}
			t.Run(each.ID+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				supposes(t, check, row)
			})
		}
	}
}

func supposes(t *testing.T, check gate.Check, row row) {
	t.Helper()
	terms, made := row.terms(), check.Supposition
	world := worldOf(row)
	if check.ID == "setup-complete" {
		world.Facts.At = row.facts.At // until when something is attested is a date in the policy, which no fact changes
	}
	if err := made.Meet(world, terms); err != nil {
		t.Fatalf("nothing meets it: %v", err)
	}
	ask := func(when string, met bool) {
		t.Helper()
		got := check.Ask(world.Facts, terms)
		if (got.Outcome == verdict.Pass) != met || got.Outcome == verdict.Unknown {
			t.Fatalf("%s it is %s %s: %s", when, got.Outcome, got.Code, got.Reason)
		}
		if _, err := suppose.Of(world.Facts); err != nil {
			t.Fatalf("%s the facts cannot be stored: %v", when, err)
		}
	}
	ask("with all of it", true)
	worsen, better := made.Without, made.With
	if made.Against {
		worsen, better = made.With, made.Without
	}
	for _, part := range append([]string{""}, made.Parts...) {
		if err := worsen(world, terms, part); err != nil {
			t.Fatalf("take away %q: %v", part, err)
		}
		ask("without "+part, false)
		if err := better(world, terms, part); err != nil {
			t.Fatalf("put back %q: %v", part, err)
		}
		ask("with "+part+" again", true)
	}
}

// worldOf is a world for the subject of a row in which nothing is proven.
func worldOf(row row) *suppose.World {
	subject := row.facts.Subject
	world := suppose.New(suppose.About{
		Repository: "acme/shop", DefaultBranch: "main", Ref: subject.Ref, Event: "push",
		At: time.Date(2026, 1, 13, 10, 0, 0, 0, time.UTC),
	})
	world.Facts.Policy = fact.Of(fact.PolicyFile{Path: fact.PolicyPath, Branch: "main", Commit: world.Facts.Subject.SHA, Exists: true}, suppose.Source())
	trigger := row.facts.Trigger
	world.Facts.Trigger.Rollback, world.Facts.Trigger.BreakGlass = trigger.Rollback, trigger.BreakGlass
	return world
}
