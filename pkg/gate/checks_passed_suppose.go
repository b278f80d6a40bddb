package gate

import (
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesChecks lets the checks pass that the policy names, each under its name, or
// lets them not be there. Where all checks count, what did not pass is gone, and one
// that was made up passes: without it that one fails, and other gates keep theirs.
var supposesChecks = Supposing[checksPassed]{
	Noun: "check",
	Parts: func(params checksPassed, _ Terms) []string {
		var names []string
		for _, each := range params.Checks {
			names = append(names, each.Name)
		}
		slices.Sort(names)
		return slices.Compact(names)
	},
	With: checksPassed.suppose,
	Without: func(params checksPassed, in Supposed, part string) error {
		in.DropChecks(func(name, _ string) bool {
			return slices.ContainsFunc(params.Checks, func(each namedCheck) bool { return each.Name == name && (part == "" || part == name) })
		})
		if params.All && part == "" {
			params.mend(in, func(each result) bool { return each.outcome == verdict.Unknown })
			params.add(in, madeUpCheck, "failure")
		}
		return nil
	},
}

// madeUpCheck is the one that is there where the policy names none.
var madeUpCheck = namedCheck{Name: "check", Workflow: ".github/workflows/check.yml"}

func (p checksPassed) suppose(in Supposed, part string) error {
	checks := p.Checks
	if p.All && part == "" {
		p.mend(in, isBad)
		checks = append(slices.Clone(checks), madeUpCheck)
	}
	var lacking []namedCheck
	for _, each := range checks {
		if (part == "" || part == each.Name) && !p.holds(in, each) {
			lacking = append(lacking, each)
		}
	}
	in.DropChecks(func(name, workflow string) bool {
		return slices.ContainsFunc(lacking, func(each namedCheck) bool { return each.mayBe(name, workflow) })
	})
	conclusion := p.Accept[0]
	if slices.Contains(p.Accept, success) {
		conclusion = success
	}
	for _, each := range checks { // again, since one that went may have been another's
		if (part == "" || part == each.Name) && !p.holds(in, each) {
			p.add(in, each, string(conclusion))
		}
	}
	return nil
}

// mayBe reports whether what has this name and comes from this workflow file, "" for
// none, keeps the check from passing where it did not.
func (c namedCheck) mayBe(name, workflow string) bool {
	return name == c.Name && (workflow == "" || c.app() == githubActions && (c.Workflow == "" || c.Workflow == workflow))
}

func (p checksPassed) add(in Supposed, check namedCheck, conclusion string) {
	const after, took = time.Minute, 30 * time.Second
	began := in.Written().Add(after)
	if check.app() != githubActions {
		in.AddCheck(check.Name, check.App, conclusion, began, took)
		return
	}
	if check.Workflow == "" {
		check.Workflow = madeUpCheck.Workflow
	}
	in.AddJob(suppose.Job{Workflow: check.Workflow, Name: check.Name, Conclusion: conclusion, Started: began, Took: took})
}

func (p checksPassed) boardOf(in Supposed) board {
	checks, missing := in.Facts.Checks.Get()
	if missing != nil {
		checks = fact.Checks{} // what is not known has to be made up
	}
	return newBoard(p.Accept, checks, askerOf(in.Facts))
}

// holds reports whether a check passed.
func (p checksPassed) holds(in Supposed, check namedCheck) bool {
	return !slices.ContainsFunc(p.boardOf(in).named(check.orWithin(p.budget())), isBad)
}

func isBad(each result) bool { return each.outcome != verdict.Pass }

// mend takes away what is bad: the checks by their names, and then the workflow runs
// that have no such check.
func (p checksPassed) mend(in Supposed, isBad func(result) bool) {
	bad := func() (names map[string]bool, runs map[identity]bool) {
		names, runs = map[string]bool{}, map[identity]bool{}
		for _, each := range p.boardOf(in).all(p.budget()) {
			if isBad(each) && !in.Terms.isDeployment(each) {
				names[each.id.name], runs[each.id] = true, true
			}
		}
		return names, runs
	}
	names, _ := bad()
	in.DropChecks(func(name, _ string) bool { return names[name] })
	_, runs := bad()
	in.DropRuns(func(run fact.WorkflowRun) bool {
		return runs[identity{app: githubActions, workflow: run.Workflow, event: run.Event}]
	})
}
