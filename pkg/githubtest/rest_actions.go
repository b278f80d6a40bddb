package githubtest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func actionsRoutes() []route {
	return []route{
		{pattern: "/actions/runs", permission: "actions", paged: true, parameters: []string{"head_sha", "event", "status", "branch"}, answer: listWorkflowRuns},
		{pattern: "/actions/workflows/{workflow_id}/runs", permission: "actions", paged: true, parameters: []string{"head_sha", "event", "status", "branch"}, answer: listRunsOfWorkflow},
		{pattern: "/actions/runs/{run_id}", permission: "actions", parameters: []string{"exclude_pull_requests"}, answer: getWorkflowRun},
		{pattern: "/actions/runs/{run_id}/jobs", permission: "actions", paged: true, parameters: []string{"filter"}, answer: listJobs},
		{pattern: "/actions/runs/{run_id}/approvals", permission: "actions", answer: listRunReviews},
	}
}

func listWorkflowRuns(r restRequest) answer {
	return r.workflowRuns(func(*workflowRun) bool { return true })
}

// listRunsOfWorkflow lists the runs of one workflow, newest first. GitHub knows
// a workflow by the file in the default branch, or because it once ran.
func listRunsOfWorkflow(r restRequest) answer {
	asked := r.value("workflow_id")
	const folder = ".github/workflows/"
	isOf := func(file string) bool {
		return file == folder+asked || strconv.FormatInt(workflowID(file), 10) == asked
	}
	tip := r.repo.revision("refs/heads/" + r.repo.world.DefaultBranch)
	known := slices.ContainsFunc(r.repo.suites, func(s *suite) bool { return s.run != nil && isOf(s.run.path) })
	if tip != nil && !known {
		_, known = r.repo.objects.find(tip.tree, folder+asked)
	}
	if !known {
		return notFound()
	}
	return r.workflowRuns(func(run *workflowRun) bool { return isOf(run.path) })
}

// workflowID is the number of a workflow.
func workflowID(file string) int64 { return hashOf(file) % 1_000_000 }

// searchCap is how many runs GitHub lists for a search, whatever it counts.
const searchCap = 1000

// workflowRuns lists the runs that are among those asked for and pass the
// filters of the query, newest first.
func (r restRequest) workflowRuns(among func(*workflowRun) bool) answer {
	var runs []*workflowRun
	for _, s := range r.repo.suites {
		if s.run == nil || !among(s.run) || !r.wants("head_sha", s.commit.id) || !r.wants("event", s.run.event) || !r.wants("branch", s.run.branch) {
			continue
		}
		state, conclusion := s.verdict()
		if r.wants("status", state) || r.wants("status", conclusion) {
			runs = append(runs, s.run)
		}
	}
	slices.SortStableFunc(runs, func(a, b *workflowRun) int {
		return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.id, a.id))
	})
	listed := runs
	if len(r.query) > 0 {
		listed = runs[:min(len(runs), searchCap)]
	}
	return paged(r, listed, r.workflowRun, func(items []doc) any {
		return doc{"total_count": len(runs), "workflow_runs": items}
	})
}

func (r restRequest) workflowRun(w *workflowRun) doc {
	state, conclusion := w.suite.verdict()
	api := r.repo.apiURL(r.site, "/actions/runs/%d", w.id)
	workflow := workflowID(w.path)
	var from any // null, against the description, for a fork that was deleted
	if w.headRepository != nil {
		from = w.headRepository.minimal(r.site)
	}
	return doc{
		"id": w.id, "name": w.path, "node_id": nodeID("WorkflowRun", w.id), "head_branch": w.branch, "head_sha": w.suite.commit.id,
		"path": w.path, "run_number": w.number, "run_attempt": w.attempt(), "event": w.event, "status": state, "conclusion": optional(conclusion),
		"workflow_id": workflow, "check_suite_id": w.suite.id, "url": api, "html_url": r.repo.html(r.site, "/actions/runs/%d", w.id),
		"pull_requests": []doc{}, "created_at": instant(w.created), "updated_at": instant(w.updated()), "jobs_url": api + "/jobs",
		"logs_url": api + "/logs", "check_suite_url": r.repo.apiURL(r.site, "/check-suites/%d", w.suite.id), "artifacts_url": api + "/artifacts",
		"cancel_url": api + "/cancel", "rerun_url": api + "/rerun", "workflow_url": r.repo.apiURL(r.site, "/actions/workflows/%d", workflow),
		"head_commit": simpleCommit(w.suite.commit), "repository": r.repo.minimal(r.site), "head_repository": from,
		"display_title": w.title, "run_started_at": instant(w.created),
		"actor": simpleUser(r.site, w.actor), "triggering_actor": simpleUser(r.site, w.triggering),
	}
}

// updated is when the last of its jobs ended.
func (w *workflowRun) updated() time.Time {
	last := w.created
	for _, job := range w.suite.jobs() {
		if job.completed.After(last) {
			last = job.completed
		}
	}
	return last
}

// attempt is how often the run was started: what the World says, or as often as
// its jobs at most.
func (w *workflowRun) attempt() int {
	if w.attempts > 0 {
		return w.attempts
	}
	last := 1
	for _, job := range w.suite.jobs() {
		last = max(last, job.attempt())
	}
	return last
}

// askedRun returns the run of a route, or nil.
func (r restRequest) askedRun() *workflowRun {
	id, err := strconv.ParseInt(r.value("run_id"), 10, 64)
	if err != nil {
		return nil
	}
	return r.repo.runOf(id)
}

func getWorkflowRun(r restRequest) answer {
	run := r.askedRun()
	if run == nil {
		return notFound()
	}
	return newAnswer(http.StatusOK, r.workflowRun(run))
}

func listJobs(r restRequest) answer {
	filter := r.query.Get("filter")
	if !slices.Contains([]string{"", "latest", "all"}, filter) {
		return failure(http.StatusUnprocessableEntity, "filter must be latest or all")
	}
	run := r.askedRun()
	if run == nil {
		return notFound()
	}
	jobs := run.suite.jobs()
	if filter != "all" {
		jobs = newestOf(jobs)
	}
	return paged(r, jobs, r.job, func(items []doc) any {
		return doc{"total_count": len(jobs), "jobs": items}
	})
}

// job is a check run as the job that it is. Both have one number.
func (r restRequest) job(c *checkRun) doc {
	run := c.suite.run
	started := c.started
	if started.IsZero() { // GitHub says when it was queued
		started = run.created
	}
	return doc{
		"id": c.id, "node_id": nodeID("CheckRun", c.id), "run_id": run.id, "run_attempt": c.attempt(), "head_sha": c.suite.commit.id,
		"head_branch": run.branch, "name": c.name, "workflow_name": run.path, "status": c.status, "conclusion": optional(c.conclusion),
		"created_at": instant(run.created), "started_at": instant(started), "completed_at": instant(c.completed), "steps": []doc{},
		"url": r.repo.apiURL(r.site, "/actions/jobs/%d", c.id), "html_url": c.page(r.repo, r.site),
		"run_url":       r.repo.apiURL(r.site, "/actions/runs/%d", run.id),
		"check_run_url": r.repo.apiURL(r.site, "/check-runs/%d", c.id),
		"labels":        []string{"ubuntu-latest"}, "runner_id": nil, "runner_name": nil, "runner_group_id": nil, "runner_group_name": nil,
	}
}
