package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// Result is what one scenario came to.
type Result struct {
	Name string
	Line int
	// Problem says why the scenario could not be played; "" where it was. Verdict is
	// the answer then.
	Problem string
	Verdict verdict.Verdict
	// edits are what was supposed, in their order.
	edits []whatif.Edit
	// names are the gates of which something is expected.
	names map[string]bool
	// Facts are what was decided about.
	Facts fact.Set
	// Differences are what is not as expected; none where the scenario holds.
	Differences []Difference
}

// Holds reports whether everything is as expected.
func (r Result) Holds() bool { return r.Problem == "" && len(r.Differences) == 0 }

// Play asks a policy about each scenario for which pick says so. recorded are the
// facts of Recorded, by their paths.
func (f File) Play(rules policy.Policy, recorded map[string]fact.Set, pick func(name string) bool) []Result {
	stage := theatre{file: f, rules: rules, recorded: recorded, made: map[whatif.Run]ideal{}}
	var results []Result
	for _, each := range f.Scenarios {
		if pick(each.Name) {
			results = append(results, stage.play(each))
		}
	}
	return results
}

// theatre plays scenarios by one policy, and makes each run up once.
type theatre struct {
	file     File
	rules    policy.Policy
	recorded map[string]fact.Set
	made     map[whatif.Run]ideal
}

type ideal struct {
	facts fact.Set
	err   error
}

func (t theatre) play(each Scenario) Result {
	result := Result{Name: each.Name, Line: each.Line}
	facts, err := t.facts(t.file.bases[each.base], each.differs)
	if err != nil {
		result.Problem = err.Error()
		return result
	}
	result.Facts, result.edits = facts, slices.Concat(t.file.bases[each.base].edits, each.differs.edits)
	result.names = each.expect.names()
	result.Verdict = whatif.Decide(t.rules, facts)
	result.Differences = each.expect.compare(result.Verdict)
	return result
}

// facts returns those of a run with what is different from it.
func (t theatre) facts(base, differs Run) (fact.Set, error) {
	whole := base.over(differs)
	if whole.author != "" && whole.facts != "" {
		return fact.Set{}, fmt.Errorf("author is for runs that are made up; say in the facts who wrote the change")
	}
	facts, err := t.begin(whole)
	if err != nil {
		return fact.Set{}, err
	}
	if facts, err = whole.enter(facts); err != nil {
		return fact.Set{}, err
	}
	for _, each := range []Run{base, differs} {
		if facts, err = whatif.Apply(t.rules, facts, each.edits); err != nil {
			return fact.Set{}, err
		}
		if facts, err = merge(facts, each.change); err != nil {
			return fact.Set{}, err
		}
	}
	return facts, nil
}

// begin returns the facts that were recorded, or makes some up.
func (t theatre) begin(run Run) (fact.Set, error) {
	if run.facts != "" {
		facts, ok := t.recorded[run.facts]
		if !ok {
			return fact.Set{}, fmt.Errorf("the facts %s were not read", run.facts)
		}
		return run.setting(facts), nil
	}
	asked := whatif.Run{
		Repository: cmp.Or(t.file.repository, "acme/shop"), DefaultBranch: cmp.Or(t.file.branch, "main"),
		Ref: run.ref, Event: cmp.Or(run.event, "push"), Stage: run.stage, Project: run.project, Rollback: run.goesBack(), BreakGlass: run.breakGlass, At: run.at, Around: t.file.around,
	}
	made, known := t.made[asked]
	if !known {
		made.facts, made.err = whatif.Ideal(t.rules, asked)
		t.made[asked] = made
	}
	return made.facts, made.err
}

// over returns a run with what is different in another one; what both suppose is not
// in it.
func (r Run) over(differs Run) Run {
	return Run{
		facts: r.facts, ref: cmp.Or(differs.ref, r.ref), event: cmp.Or(differs.event, r.event), actor: cmp.Or(differs.actor, r.actor), author: cmp.Or(differs.author, r.author),
		stage: cmp.Or(differs.stage, r.stage), project: cmp.Or(differs.project, r.project), people: append(slices.Clone(r.people), differs.people...),
		at: latest(r.at, differs.at), rollback: cmp.Or(differs.rollback, r.rollback), breakGlass: cmp.Or(differs.breakGlass, r.breakGlass),
	}
}

func (r Run) goesBack() bool { return r.rollback != nil && *r.rollback }

// setting puts what is said of a run into facts that were recorded.
func (r Run) setting(facts fact.Set) fact.Set {
	trigger := &facts.Trigger
	facts.Subject.Ref = cmp.Or(r.ref, facts.Subject.Ref)
	trigger.Event, trigger.Stage = cmp.Or(r.event, trigger.Event), cmp.Or(r.stage, trigger.Stage)
	trigger.Project = cmp.Or(r.project, trigger.Project)
	trigger.BreakGlass = cmp.Or(r.breakGlass, trigger.BreakGlass)
	if r.rollback != nil {
		trigger.Rollback = *r.rollback
	}
	if !r.at.IsZero() {
		facts.At = fact.Of(r.at.UTC(), suppose.Source())
	}
	return facts
}

// enter lets people have their permissions, and somebody start the run.
func (r Run) enter(facts fact.Set) (fact.Set, error) {
	if len(r.people) == 0 && r.actor == "" && r.author == "" {
		return facts, nil
	}
	world, err := suppose.Of(facts)
	if err != nil {
		return fact.Set{}, err
	}
	if r.author != "" {
		world.Recast(suppose.Author, r.author)
	}
	for _, each := range r.people {
		world.SetPermission(each.login, each.permission)
	}
	if r.actor != "" {
		world.Facts.Trigger.Actor, world.Facts.Trigger.TriggeringActor = r.actor, r.actor
		if _, missing := world.Facts.Access[fact.LoginKey(r.actor)].Get(); missing != nil && missing.Reason == fact.NotAsked {
			world.SetPermission(r.actor, fact.NoPermission)
		}
	}
	return world.Facts, nil
}

// latest returns what was said last.
func latest(before, after time.Time) time.Time {
	if after.IsZero() {
		return before
	}
	return after
}
