package githubtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// buildWorkflowRuns comes before buildChecks, which adds jobs to the runs.
func (r *repository) buildWorkflowRuns() error {
	for i, listed := range r.world.WorkflowRuns {
		if err := r.buildWorkflowRun(listed); err != nil {
			return fmt.Errorf("workflow-runs: %s: %w", cmp.Or(listed.Workflow, fmt.Sprintf("number %d", i+1)), err)
		}
	}
	return nil
}

func (r *repository) buildWorkflowRun(listed WorkflowRun) error {
	c, err := r.commit(listed.Commit)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if listed.RunID <= 0 || listed.Workflow == "" || r.runOf(listed.RunID) != nil {
		return fmt.Errorf("want a workflow, and a run-id of its own, above 0")
	}
	if listed.Status == "" && listed.Conclusion != "" {
		listed.Status = "completed"
	}
	conclusions := append(jobConclusions(), "startup_failure", "stale")
	state, conclusion, err := stateOf(cmp.Or(listed.Status, "queued"), listed.Conclusion, conclusions)
	if err != nil {
		return err
	}
	s := r.suiteOf(c, Check{Workflow: listed.Workflow, RunID: listed.RunID, Event: listed.Event, MinutesAgo: listed.MinutesAgo})
	if listed.Status != "" {
		s.givenStatus, s.givenConclusion = state, conclusion
	}
	s.run.branch = cmp.Or(listed.Branch, s.run.branch)
	if err := r.startRun(s.run, listed); err != nil {
		return err
	}
	if listed.HeadRepository == repositoryGone {
		s.run.headRepository = nil
		return nil
	}
	s.run.headRepository, err = r.elsewhere(listed.HeadRepository)
	if err != nil {
		return fmt.Errorf("head-repository: %w", err)
	}
	return nil
}

// repositoryGone stands for a fork that was deleted.
const repositoryGone = "gone"

func (r *repository) buildChecks() error {
	for i, listed := range r.world.Checks {
		if err := r.buildCheck(i, listed); err != nil {
			return fmt.Errorf("checks: %s: %w", cmp.Or(listed.Name, fmt.Sprintf("number %d", i+1)), err)
		}
	}
	return nil
}

// buildIdleSuites comes after buildChecks: the newest suites are the idle ones.
func (r *repository) buildIdleSuites() error {
	for _, name := range slices.Sorted(maps.Keys(r.world.IdleSuites)) {
		c, err := r.commit(name)
		if err != nil {
			return fmt.Errorf("idle-suites: %w", err)
		}
		count := r.world.IdleSuites[name]
		if count < 0 {
			return fmt.Errorf("idle-suites: %s: %d; expected a number from 0", name, count)
		}
		for i := range count {
			r.suites = append(r.suites, &suite{id: 200_001 + int64(len(r.suites)), app: r.app(fmt.Sprintf("idle-%d", i+1)), commit: c})
		}
	}
	return nil
}

func (r *repository) buildCheck(position int, listed Check) error {
	c, err := r.commit(listed.Commit)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if listed.Name == "" {
		return fmt.Errorf("name is missing")
	}
	state, conclusion, err := stateOf(cmp.Or(listed.Status, "completed"), listed.Conclusion, jobConclusions())
	if err != nil {
		return err
	}
	if err := r.checkRunOf(c, listed); err != nil {
		return err
	}
	s := r.suiteOf(c, listed)
	done := r.ago(listed.MinutesAgo, 60)
	run := &checkRun{id: 300_001 + int64(position), name: listed.Name, status: state, conclusion: conclusion, posted: listed.Posted, givenAttempt: listed.Attempt, suite: s}
	switch state {
	case "completed":
		run.started, run.completed = done.Add(-time.Minute), done
	case "in_progress":
		run.started = done
	}
	s.runs = append(s.runs, run)
	began := run.started
	if began.IsZero() {
		began = done
	}
	return r.deployJob(run, listed, began)
}

// checkRunOf refuses a check whose workflow run is not one, or another.
func (r *repository) checkRunOf(c *commit, listed Check) error {
	if listed.Attempt < 0 {
		return fmt.Errorf("attempt %d; expected a number from 1", listed.Attempt)
	}
	if (listed.RunID == 0) != (listed.Workflow == "") {
		return fmt.Errorf("want both workflow and run-id, or neither")
	}
	if listed.RunID == 0 {
		if listed.Posted || listed.Event != "" {
			return fmt.Errorf("posted and event are for the check of a workflow run; set workflow and run-id")
		}
		return nil
	}
	run := r.runOf(listed.RunID)
	switch {
	case cmp.Or(listed.App, actionsApp) != actionsApp:
		return fmt.Errorf("app: workflow runs are of %s", actionsApp)
	case run == nil:
		return nil
	case run.path != listed.Workflow:
		return fmt.Errorf("workflow: run %d is of %s", listed.RunID, run.path)
	case run.suite.commit != c:
		return fmt.Errorf("commit: run %d is of another", listed.RunID)
	case listed.Event != "" && listed.Event != run.event:
		return fmt.Errorf("event: run %d is of %s", listed.RunID, run.event)
	}
	return nil
}

// jobConclusions are how a check can end.
func jobConclusions() []string {
	return []string{"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"}
}

// stateOf checks a status and conclusion; what is completed succeeded unless
// the World says otherwise.
func stateOf(state, conclusion string, conclusions []string) (checked, concluded string, err error) {
	states := []string{"queued", "in_progress", "completed", "waiting", "requested", "pending"}
	switch {
	case !slices.Contains(states, state):
		return "", "", fmt.Errorf("status %q; expected one of %v", state, states)
	case state != "completed" && conclusion != "":
		return "", "", fmt.Errorf("conclusion: what is %s has none", state)
	case state != "completed":
		return state, "", nil
	}
	conclusion = cmp.Or(conclusion, "success")
	if !slices.Contains(conclusions, conclusion) {
		return "", "", fmt.Errorf("conclusion %q; expected one of %v", conclusion, conclusions)
	}
	return state, conclusion, nil
}

// runOf returns the workflow run of a number, or nil.
func (r *repository) runOf(id int64) *workflowRun {
	for _, s := range r.suites {
		if s.run != nil && s.run.id == id {
			return s.run
		}
	}
	return nil
}

// suiteOf returns the suite of a check, making it when it is the first there.
func (r *repository) suiteOf(c *commit, listed Check) *suite {
	owner := r.app(cmp.Or(listed.App, actionsApp))
	for _, s := range r.suites {
		sameRun := s.run == nil && listed.RunID == 0 || s.run != nil && s.run.id == listed.RunID
		if s.commit == c && s.app == owner && sameRun {
			return s
		}
	}
	s := &suite{id: 200_001 + int64(len(r.suites)), app: owner, commit: c}
	if listed.RunID != 0 {
		s.run = &workflowRun{
			id: listed.RunID, number: len(r.suites) + 1, path: listed.Workflow, event: cmp.Or(listed.Event, "push"),
			branch: c.branch, suite: s, created: r.ago(listed.MinutesAgo, 60), headRepository: r,
			title: c.headline(), actor: c.author.account, triggering: c.author.account,
		}
	}
	r.suites = append(r.suites, s)
	return s
}

// actionsApp is the slug of GitHub Actions.
const actionsApp = "github-actions"

// app returns the app of a slug; GitHub Actions has the id it has on github.com.
func (r *repository) app(slug string) *app {
	if r.apps[slug] == nil {
		a := &app{id: 100_000 + hashOf(slug)%900_000, slug: slug, name: slug}
		if slug == actionsApp {
			a.id, a.name = 15368, "GitHub Actions"
		}
		r.apps[slug] = a
	}
	return r.apps[slug]
}

// latest returns the newest attempt of each name in a suite.
func (s *suite) latest() []*checkRun { return newestOf(s.runs) }

func newestOf(runs []*checkRun) []*checkRun {
	var newest []*checkRun
	at := make(map[string]int, len(runs)) // where a name is in newest
	for _, run := range runs {
		older, known := at[run.name]
		switch {
		case !known:
			at[run.name] = len(newest)
			newest = append(newest, run)
		case !run.started.Before(newest[older].started):
			newest[older] = run
		}
	}
	return newest
}

// jobs returns the check runs that are jobs of the suite's workflow run, every
// attempt of them.
func (s *suite) jobs() []*checkRun {
	return kept(s.runs, (*checkRun).isJob)
}

func (c *checkRun) isJob() bool { return c.suite.run != nil && !c.posted }

// attempt is what the World says, or how often the job of this name had begun in
// the run by then.
func (c *checkRun) attempt() int {
	if c.givenAttempt > 0 {
		return c.givenAttempt
	}
	begun := 0
	for _, other := range c.suite.runs {
		if other.name == c.name && other.isJob() {
			begun++
		}
		if other == c {
			break
		}
	}
	return begun
}

// verdict returns the status and conclusion of the suite as a whole: what the
// World says, or what its newest attempts make of it. What was posted to a
// workflow's suite does not change how its run went.
func (s *suite) verdict() (state, conclusion string) {
	if s.givenStatus != "" {
		return s.givenStatus, s.givenConclusion
	}
	newest := s.latest()
	if s.run != nil {
		newest = newestOf(s.jobs())
	}
	if len(newest) == 0 {
		return "queued", ""
	}
	unfinished := kept(newest, func(run *checkRun) bool { return run.status != "completed" })
	if len(unfinished) > 0 {
		return together(len(newest), unfinished), ""
	}
	for _, worst := range []string{"failure", "timed_out", "cancelled", "action_required"} {
		if slices.ContainsFunc(newest, func(run *checkRun) bool { return run.conclusion == worst }) {
			return "completed", worst
		}
	}
	return "completed", "success"
}

// together is the status of a suite of which some checks are unfinished: the
// one that all of them share, or in_progress.
func together(all int, unfinished []*checkRun) string {
	first := unfinished[0].status
	for _, run := range unfinished {
		if run.status != first {
			return "in_progress"
		}
	}
	if len(unfinished) < all {
		return "in_progress"
	}
	return first
}

// suitesOf returns the check suites of a commit.
func (r *repository) suitesOf(c *commit) []*suite {
	var all []*suite
	for _, s := range r.suites {
		if s.commit == c {
			all = append(all, s)
		}
	}
	return all
}
