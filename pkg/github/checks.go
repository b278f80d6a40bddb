package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// suiteCap is for how many check suites of a commit GitHub lists check runs at
// most. Source: REST documentation, "List check runs for a Git reference".
const suiteCap = 1000

// suite is what a check run does not say itself: who made it.
type suite struct {
	app      string
	workflow string
	runID    int64
}

// suites are the check suites of the commit as Overview saw them.
type suites struct {
	byID  map[int64]suite
	whole bool // all suites are in byID
	total int  // of suites; -1 when unknown
	runs  int  // total of check runs in the suites of byID
}

// fillChecks reads check runs and commit statuses, and keeps the totals.
func (r *Reader) fillChecks(found *sight, commit *commitNode, missing *fact.Missing) {
	if missing == nil {
		missing = r.sameCommit(commit)
	}
	if missing != nil {
		found.set.Checks = fact.Lost[fact.Checks](*missing)
		return
	}
	statuses, missing := statusesOf(commit.Status)
	if missing != nil {
		found.set.Checks = fact.Lost[fact.Checks](*missing)
		return
	}
	found.statuses, found.suites = statuses, suitesOf(commit.Suites)
	runs, missing := runsOf(commit.Suites)
	found.set.Checks = knownIf(fact.Checks{Runs: runs, Statuses: statuses}, fact.Source{From: graphSource}, missing)
}

// statusesOf reads the newest commit status of each context. No status at all
// is null.
func statusesOf(field answered[statusesNode]) ([]fact.Status, *fact.Missing) {
	statuses := []fact.Status{}
	switch {
	case !field.here || field.value != nil && field.value.Contexts == nil:
		return nil, incomplete("POST graphql: the answer leaves the commit statuses out")
	case field.value == nil:
		return statuses, nil
	}
	for _, node := range field.value.Contexts {
		if node == nil || node.Context == "" || node.State == "" {
			return nil, incomplete("POST graphql: the answer does not hold all of a commit status")
		}
		status := fact.Status{Context: node.Context, State: strings.ToLower(node.State), At: node.CreatedAt.UTC(), URL: node.TargetURL}
		if creator := node.Creator.person(); creator != nil {
			status.Creator = creator.Login
		}
		statuses = append(statuses, status)
	}
	slices.SortStableFunc(statuses, func(a, b fact.Status) int { return strings.Compare(a.Context, b.Context) })
	return statuses, nil
}

// suitesOf reads which app and workflow are behind each suite.
func suitesOf(listed *connection[suiteNode]) suites {
	found := suites{byID: map[int64]suite{}, whole: listed.whole(), total: listed.total()}
	if listed == nil {
		return found
	}
	for _, node := range listed.Nodes {
		if node == nil || node.ID == 0 || node.Runs.total() < 0 {
			found.whole = false
			continue
		}
		found.byID[node.ID] = node.suite()
		found.runs += node.Runs.total()
	}
	found.whole = found.whole && len(found.byID) == len(listed.Nodes)
	return found
}

func (s *suiteNode) suite() suite {
	var made suite
	if s.App != nil {
		made.app = s.App.Slug
	}
	if s.Run != nil {
		made.runID = s.Run.ID
		if s.Run.File != nil {
			made.workflow = s.Run.File.Path
		}
	}
	return made
}

// runsOf reads the check runs of all suites, if they are all there.
func runsOf(listed *connection[suiteNode]) ([]fact.CheckRun, *fact.Missing) {
	if !listed.whole() {
		return nil, incomplete(fmt.Sprintf("POST graphql: %d of %d check suites were listed", nodes(listed), listed.total()))
	}
	runs := []fact.CheckRun{}
	for _, node := range listed.Nodes {
		if !node.Runs.whole() {
			return nil, incomplete(fmt.Sprintf("POST graphql: %d of %d check runs of a suite were listed", nodes(node.Runs), node.Runs.total()))
		}
		for _, each := range node.Runs.Nodes {
			run := each.run(node.suite())
			if run.ID == 0 || run.Name == "" || run.Status == "" {
				return nil, incomplete("POST graphql: the answer does not hold all of a check run")
			}
			runs = append(runs, run)
		}
	}
	if sortRuns(runs) {
		return nil, incomplete("POST graphql: a check run is listed twice")
	}
	return runs, nil
}

func (r *runNode) run(of suite) fact.CheckRun {
	return fact.CheckRun{
		ID: r.ID, Name: r.Name, App: of.app, Workflow: of.workflow, RunID: of.runID,
		Status: strings.ToLower(r.Status), Conclusion: strings.ToLower(r.Conclusion),
		StartedAt: moment(r.StartedAt), CompletedAt: moment(r.CompletedAt), URL: r.URL,
	}
}

// moment returns a time that may be null.
func moment(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

// sortRuns orders check runs by number and reports whether one is there twice.
func sortRuns(runs []fact.CheckRun) (twice bool) {
	slices.SortFunc(runs, func(a, b fact.CheckRun) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(runs); i++ {
		twice = twice || runs[i].ID == runs[i-1].ID
	}
	return twice
}

// Checks reads all check runs of the commit, however many there are, and joins
// them with what Overview saw of their suites and of the commit statuses.
// When Overview had everything, or could not read the suites and statuses at
// all, this is Overview's answer.
func (r *Reader) Checks(ctx context.Context) fact.Known[fact.Checks] {
	seen := r.session()
	if !isIncomplete(seen.set.Checks) || seen.statuses == nil {
		return seen.set.Checks
	}
	var runs []fact.CheckRun
	err := twice(func(attempt int) (err error) {
		known := seen.suites
		known.whole = known.whole && attempt == 0 // the suites may be what changed
		runs, err = r.checkRuns(ctx, known)
		return err
	})
	if err != nil {
		return fact.Lost[fact.Checks](*r.missing("check runs", err, fact.NeedChecks.TokenPermission()))
	}
	return fact.Of(fact.Checks{Runs: runs, Statuses: seen.statuses}, fact.Source{From: checkRunsSource})
}

// checkRuns reads the check runs, and the suites too unless they are known.
func (r *Reader) checkRuns(ctx context.Context, known suites) ([]fact.CheckRun, error) {
	if known.total > suiteCap {
		return nil, suitesCapped(known.total)
	}
	var runs []suiteRun
	var runsErr, suitesErr error
	jobs := []func(){func() { runs, runsErr = r.runList().read(ctx, known.runs) }}
	if !known.whole {
		jobs = append(jobs, func() { known.byID, suitesErr = r.readSuites(ctx, known.total) })
	}
	together(jobs)
	if err := cmp.Or(runsErr, suitesErr); err != nil {
		return nil, err
	}
	// Check runs come and do not go: fewer than Overview saw is never right.
	if len(runs) < known.runs || known.whole && len(runs) != known.runs {
		return nil, &changedError{fmt.Sprintf("check runs: got %d of %d", len(runs), known.runs)}
	}
	return join(runs, known.byID)
}

// join adds to each check run what its suite says.
func join(runs []suiteRun, byID map[int64]suite) ([]fact.CheckRun, error) {
	joined := []fact.CheckRun{}
	for _, each := range runs {
		of, ok := byID[each.suite]
		if !ok {
			return nil, &changedError{fmt.Sprintf("check run %d is of suite %d, which is not listed", each.run.ID, each.suite)}
		}
		if each.run.App != of.app {
			return nil, inconsistent(fmt.Sprintf("check run %d is by app %q, its suite by app %q", each.run.ID, each.run.App, of.app))
		}
		each.run.Workflow, each.run.RunID = of.workflow, of.runID
		joined = append(joined, each.run)
	}
	sortRuns(joined)
	return joined, nil
}

func suitesCapped(total int) *fact.Missing {
	return incomplete(fmt.Sprintf("the commit has %d check suites; GitHub lists the check runs of the newest %d only", total, suiteCap))
}
