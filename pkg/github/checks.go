package github

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
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

// suites are the check suites of the commit, with the workflow runs behind
// them, as Overview saw them.
type suites struct {
	byID      map[int64]suite
	workflows []fact.WorkflowRun // by number
	sizes     map[int64]int      // check runs in the suite, by workflow run
	whole     bool               // all suites are in byID
	total     int                // of suites; -1 when unknown
	runs      int                // total of check runs in the suites of byID
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
	if missing == nil && !found.suites.whole {
		missing = incomplete("POST graphql: the answer does not hold all of a check suite and its workflow run")
	}
	checks := fact.Checks{Runs: runs, Workflows: found.suites.workflows, Statuses: statuses}
	found.set.Checks = knownIf(checks, fact.Source{From: graphSource}, missing)
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
	order.By(statuses, func(a, b fact.Status) int { return strings.Compare(a.Context, b.Context) })
	return statuses, nil
}

// suitesOf reads which app and workflow run are behind each suite.
func suitesOf(listed *connection[suiteNode]) suites {
	found := suites{
		byID: map[int64]suite{}, workflows: []fact.WorkflowRun{}, sizes: map[int64]int{},
		whole: listed.whole(), total: listed.total(),
	}
	if listed == nil {
		return found
	}
	for _, node := range listed.Nodes {
		found.whole = found.add(node) && found.whole
	}
	found.whole = !sortWorkflows(found.workflows) && found.whole && len(found.byID) == len(listed.Nodes)
	return found
}

// add adds a suite, and reports whether the answer holds all of it.
func (s *suites) add(node *suiteNode) bool {
	if node == nil || node.ID == 0 || node.Runs.total() < 0 {
		return false
	}
	run, missing := node.workflowRun()
	if missing != nil {
		return false
	}
	if run != nil {
		s.workflows = append(s.workflows, *run)
		s.sizes[run.ID] = node.Runs.total()
	}
	s.byID[node.ID] = node.suite()
	s.runs += node.Runs.total()
	return true
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
	order.By(runs, func(a, b fact.CheckRun) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(runs); i++ {
		twice = twice || runs[i].ID == runs[i-1].ID
	}
	return twice
}

// Checks reads all check runs of the commit, however many there are, and the
// jobs of all its workflow runs, and joins them with what Overview saw of
// their suites and of the commit statuses. Where Overview had all check runs,
// only the jobs are read; where it could not read the suites and statuses at
// all, this is Overview's answer. Jobs that cannot be read are missing in
// their workflow run and nowhere else.
func (r *Reader) Checks(ctx context.Context) fact.Known[fact.Checks] {
	seen := r.session()
	checks, missing := seen.set.Checks.Get()
	switch {
	case missing == nil:
		checks.Workflows = r.withJobs(ctx, checks.Workflows, seen.suites.sizes)
		return fact.Of(checks, seen.set.Checks.Source())
	case missing.Reason != fact.Incomplete || seen.statuses == nil:
		return seen.set.Checks
	}
	err := twice(func(attempt int) (err error) {
		known := seen.suites
		known.whole = known.whole && attempt == 0 // the suites may be what changed
		checks, err = r.checkRuns(ctx, known)
		return err
	})
	if err != nil {
		return fact.Lost[fact.Checks](*r.missing("check runs", err, fact.NeedChecks.TokenPermission()))
	}
	checks.Statuses = seen.statuses
	return fact.Of(checks, fact.Source{From: checkRunsSource})
}

// checkRuns reads the check runs with the jobs of the workflow runs, and the
// suites before the jobs unless they are known.
func (r *Reader) checkRuns(ctx context.Context, known suites) (fact.Checks, error) {
	if known.total > suiteCap {
		return fact.Checks{}, suitesCapped(known.total)
	}
	var runs []suiteRun
	var runsErr, suitesErr error
	of, workflows := known.byID, known.workflows
	together([]func(){
		func() { runs, runsErr = r.runList().read(ctx, known.runs) },
		func() {
			if !known.whole {
				of, workflows, suitesErr = r.readSuites(ctx, known.total)
			}
			workflows = r.withJobs(ctx, workflows, known.sizes)
		},
	})
	if err := cmp.Or(runsErr, suitesErr); err != nil {
		return fact.Checks{}, err
	}
	// Check runs come and do not go: fewer than Overview saw is never right.
	if len(runs) < known.runs || known.whole && len(runs) != known.runs {
		return fact.Checks{}, &changedError{fmt.Sprintf("check runs: got %d of %d", len(runs), known.runs)}
	}
	joined, err := join(runs, of)
	return fact.Checks{Runs: joined, Workflows: workflows}, err
}

// readSuites reads all check suites of the commit with their workflow runs.
func (r *Reader) readSuites(ctx context.Context, expected int) (map[int64]suite, []fact.WorkflowRun, error) {
	var apps []suiteApp
	var runs []workflowRun
	var appsErr, runsErr error
	together([]func(){
		func() { apps, appsErr = r.suiteList().read(ctx, expected) },
		func() { runs, runsErr = r.workflowRunList().read(ctx, 0) },
	})
	if err := cmp.Or(appsErr, runsErr); err != nil {
		return nil, nil, err
	}
	if len(apps) > suiteCap {
		return nil, nil, suitesCapped(len(apps))
	}
	byID := make(map[int64]suite, len(apps))
	for _, each := range apps {
		byID[each.id] = suite{app: each.app}
	}
	workflows := []fact.WorkflowRun{}
	for _, run := range runs {
		workflows = append(workflows, run.fact())
		of, ok := byID[run.Suite]
		if of.runID != 0 {
			return nil, nil, inconsistent(fmt.Sprintf("workflow runs %d and %d have one check suite", of.runID, run.ID))
		}
		if ok {
			of.workflow, of.runID = run.Path, run.ID
			byID[run.Suite] = of
		}
	}
	sortWorkflows(workflows)
	return byID, workflows, nil
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
