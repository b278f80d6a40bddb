package github_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

var jobsPath = regexp.MustCompile(`^/repos/acme/shop/actions/runs/(\d+)/jobs$`)

func jobsOf(run int) string { return fmt.Sprintf("/repos/acme/shop/actions/runs/%d/jobs", run) }

// restJobs are n jobs of a workflow run; their check runs are 1 to n.
func restJobs(host string, run, n int) array {
	jobs := array{}
	for id := 1; id <= n; id++ {
		jobs = append(jobs, object{
			"id": 700 + id, "run_id": run, "head_sha": subjectSHA, "name": "check " + strconv.Itoa(id), "status": "completed",
			"conclusion": "success", "run_attempt": 1, "head_branch": "main",
			"check_run_url": fmt.Sprintf("https://%s/api/v3/repos/acme/shop/check-runs/%d", host, id),
		})
	}
	return jobs
}

// idsOf are the numbers of jobs.
func idsOf(jobs []fact.Job) []int64 {
	ids := []int64{}
	for _, job := range jobs {
		ids = append(ids, job.ID)
	}
	return ids
}

func TestJobsThatCannotBeBelievedAreMissingInTheirRunOnly(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	change := func(path string, value any) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			jobs := restJobs(r.Host, 9001, 2)
			put(jobs[1].(object), path, value)
			return paged(jobs, 100, "jobs")(w, r)
		}
	}
	address := func(format string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			return change("check_run_url", fmt.Sprintf(format, r.Host))(w, r)
		}
	}
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"a job of another commit", change("head_sha", parentSHA), fact.Inconsistent, "job 702 is about commit"},
		{"a job of no commit", change("head_sha", nil), fact.Inconsistent, "job 702 is about commit"},
		{"a job of another run", change("run_id", 9002), fact.Inconsistent, "job 702 is of workflow run 9002, asked was for 9001"},
		{"a job of no run", change("run_id", nil), fact.Inconsistent, "workflow run 0"},
		{"a job without a check run", change("check_run_url", nil), fact.Incomplete, "does not name its check run"},
		{"a check run on another host", change("check_run_url", "https://evil.test/api/v3/repos/acme/shop/check-runs/2"), fact.Inconsistent, "not a check run of the repository"},
		{"a check run over http", address("http://%s/api/v3/repos/acme/shop/check-runs/2"), fact.Inconsistent, "not a check run of the repository"},
		{"a check run of another repository", address("https://%s/api/v3/repos/evil/shop/check-runs/2"), fact.Inconsistent, "not a check run of the repository"},
		{"a check run outside of the interface", address("https://%s/repos/acme/shop/check-runs/2"), fact.Inconsistent, "not a check run of the repository"},
		{"an address that leaves the check runs", address("https://%s/api/v3/repos/acme/shop/check-runs/../2"), fact.Inconsistent, "not a check run of the repository"},
		{"another thing than a check run", address("https://%s/api/v3/repos/acme/shop/check-suites/2"), fact.Inconsistent, "not a check run of the repository"},
		{"a number that is none", address("https://%s/api/v3/repos/acme/shop/check-runs/+2"), fact.Inconsistent, "not a check run of the repository"},
		{"a number below 1", address("https://%s/api/v3/repos/acme/shop/check-runs/0"), fact.Inconsistent, "not a check run of the repository"},
		{"a query behind the number", address("https://%s/api/v3/repos/acme/shop/check-runs/2?x=1"), fact.Inconsistent, "not a check run of the repository"},
		{"a check run of two jobs", address("https://%s/api/v3/repos/acme/shop/check-runs/1"), fact.Incomplete, "listed twice"},
		{"a job without a name", change("name", nil), fact.Incomplete, "does not hold all of job 702"},
		{"a job of no attempt", change("run_attempt", nil), fact.Incomplete, "does not hold all of job 702"},
		{"a job that ended nobody knows how", change("conclusion", nil), fact.Incomplete, "does not hold all of job 702"},
		{"a null job", raw(200, media, `{"total_count":1,"jobs":[null]}`), fact.Inconsistent, "is about commit"},
		{"no list", raw(200, media, `{"total_count":0}`), fact.Incomplete, "no list"},
		{"no total", raw(200, media, `{"jobs":[]}`), fact.Incomplete, "no total"},
		{"fewer than the server counts", raw(200, media, `{"total_count":2,"jobs":[]}`), fact.Incomplete, "got 0 of 2"},
		{"a job more than the server counts", func(w http.ResponseWriter, r *http.Request) bool {
			return uncounted(restJobs(r.Host, 9001, 2), "jobs")(w, r)
		}, fact.Incomplete, "got 2 of 1"},
		{"jobs of another repository", moved(func(w http.ResponseWriter, r *http.Request) bool {
			return paged(restJobs(r.Host, 9001, 1), 100, "jobs")(w, r)
		}), fact.Inconsistent, "not known to be the same repository"},
		{"a failing page", raw(500, "text/html", ""), fact.Unavailable, "status 500"},
		{"not found", raw(404, media, `{"message":"Not Found"}`), fact.NotFound, "not found"},
		{"forbidden", raw(403, media, `{"message":"Resource not accessible by integration"}`), fact.Forbidden, "actions/runs/9001/jobs"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			other := suiteData(32, 1, runData(72, "lint"))
			put(other, "workflowRun.databaseId", 9002)
			f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(71, "tests")), other))
			f.jobs[9002] = 1
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{jobsOf(9001): row.handle})
			reader := f.reader(t)
			reader.Overview(t.Context())
			checks := have(t, reader.Checks(t.Context()))
			if len(checks.Runs) != 2 || len(checks.Statuses) != 1 || len(checks.Workflows) != 2 {
				t.Fatalf("checks %+v", checks)
			}
			wantLost(t, checks.Workflows[0].Jobs, row.reason, row.detail)
			same(t, "jobs of the other run", idsOf(have(t, checks.Workflows[1].Jobs)), []int64{1})
			if missing := lost(t, checks.Workflows[0].Jobs); row.reason == fact.Forbidden && missing.Fix != `Check that the workflow grants this below "permissions:": actions: read.` {
				t.Errorf("fix %q", missing.Fix)
			}
		})
	}
}

func TestARunWithoutJobsIsListedAndAnEmptySuiteIsNot(t *testing.T) {
	t.Parallel()
	waiting := put(put(put(suiteData(32, 0), "workflowRun.databaseId", 9002), "status", "QUEUED"), "conclusion", nil)
	put(waiting, "workflowRun.event", "pull_request")
	broken := put(put(suiteData(33, 0), "workflowRun.databaseId", 9003), "conclusion", "STARTUP_FAILURE")
	put(broken, "workflowRun.file", nil)
	silent := put(put(suiteData(34, 0), "workflowRun", nil), "status", "QUEUED")
	f := newFake(t).withData("checks.object.checkSuites", listOf(4, silent, broken, waiting, suiteData(31, 1, runData(71, "tests"))))
	reader := f.reader(t)
	reader.Overview(t.Context())
	got := have(t, reader.Checks(t.Context())).Workflows
	for i := range got {
		have(t, got[i].Jobs)
		if want := time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC); got[i].CreatedAt != want {
			t.Errorf("run %d was created at %s, want %s", got[i].ID, got[i].CreatedAt, want)
		}
		got[i].Jobs, got[i].URL, got[i].CreatedAt = fact.Known[[]fact.Job]{}, "", time.Time{}
	}
	const file = ".github/workflows/ci.yml"
	same(t, "workflow runs", got, []fact.WorkflowRun{
		{ID: 9001, Workflow: file, Event: "push", Status: "completed", Conclusion: "success"},
		{ID: 9002, Workflow: file, Event: "pull_request", Status: "queued"},
		{ID: 9003, Event: "push", Status: "completed", Conclusion: "startup_failure"},
	})
}

func TestAWorkflowRunThatIsNotWholeIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(object){
		"no number":          func(suite object) { put(suite, "workflowRun.databaseId", nil) },
		"no event":           func(suite object) { put(suite, "workflowRun.event", nil) },
		"no status":          func(suite object) { put(suite, "status", nil) },
		"no time":            func(suite object) { put(suite, "workflowRun.createdAt", nil) },
		"the number of both": func(suite object) { put(suite, "workflowRun.databaseId", 9001) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			second := suiteData(32, 0)
			put(second, "workflowRun.databaseId", 9002)
			spoil(second)
			f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(1, "check 1")), second))
			workflows := restWorkflows(2)
			put(put(workflows[1].(object), "event", "pull_request"), "status", "queued")
			put(put(workflows[1].(object), "conclusion", nil), "created_at", "2026-11-17T08:01:00Z")
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
				runsPath:      paged(restRuns(1), 100, "check_runs"),
				suitesPath:    paged(restSuites(2), 100, "check_suites"),
				workflowsPath: paged(workflows, 100, "workflow_runs"),
			})
			reader := f.reader(t)
			wantLost(t, reader.Overview(t.Context()).Checks, fact.Incomplete, "workflow run")
			got := have(t, reader.Checks(t.Context())).Workflows
			if len(got) != 2 || got[1].ID != 9002 || got[1].Event != "pull_request" || got[1].Status != "queued" || got[1].Conclusion != "" || got[1].URL == "" || got[1].CreatedAt.Minute() != 1 {
				t.Errorf("workflow runs %+v", got)
			}
		})
	}
}

func TestWorkflowRunsThatCannotBeReadWholeAreMissing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		path   string
		value  any
		reason fact.Reason
		detail string
	}{
		"no number":                {"id", nil, fact.Incomplete, "all of workflow run 0"},
		"no suite":                 {"check_suite_id", nil, fact.Incomplete, "all of workflow run 9002"},
		"no file":                  {"path", nil, fact.Incomplete, "all of workflow run 9002"},
		"no event":                 {"event", nil, fact.Incomplete, "all of workflow run 9002"},
		"no status":                {"status", nil, fact.Incomplete, "all of workflow run 9002"},
		"no time":                  {"created_at", nil, fact.Incomplete, "all of workflow run 9002"},
		"the suite of another run": {"check_suite_id", 31, fact.Inconsistent, "have one check suite"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workflows := restWorkflows(2)
			put(workflows[1].(object), row.path, row.value)
			f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(1, "check 1"))))
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
				runsPath:      paged(restRuns(1), 100, "check_runs"),
				suitesPath:    paged(restSuites(2), 100, "check_suites"),
				workflowsPath: paged(workflows, 100, "workflow_runs"),
			})
			reader := f.reader(t)
			reader.Overview(t.Context())
			wantLost(t, reader.Checks(t.Context()), row.reason, row.detail)
		})
	}
}

func TestSuitesThatCannotBeReadAreNotNone(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 0)))
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		runsPath:      paged(array{}, 100, "check_runs"),
		suitesPath:    raw(403, jsonMedia, notAccessible),
		workflowsPath: paged(restWorkflows(1), 100, "workflow_runs"),
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Checks(t.Context()), fact.Forbidden, "check-suites")
}

func TestASuiteThatComesAfterTheListIsReadAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(1, "check 1"))))
	runs, lists := restRuns(2), 0
	put(runs[1].(object), "check_suite.id", 32)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		runsPath: paged(runs, 100, "check_runs"),
		suitesPath: func(w http.ResponseWriter, r *http.Request) bool {
			lists++
			return paged(restSuites(lists), 100, "check_suites")(w, r)
		},
		workflowsPath: paged(restWorkflows(2), 100, "workflow_runs"),
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	if got := have(t, reader.Checks(t.Context())).Runs; len(got) != 2 || got[1].RunID != 9002 || lists != 2 {
		t.Errorf("%d lists, runs %+v", lists, got)
	}
}

func TestWorkflowRunsOnPagesThatDoNotFitAreMissing(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"one more than the server counts", uncounted(restWorkflows(2), "workflow_runs"), fact.Incomplete, "got 2 of 1"},
		{"one twice", paged(append(restWorkflows(1), put(restWorkflows(2)[1].(object), "id", 9001)), 100, "workflow_runs"), fact.Incomplete, "9001 is listed twice"},
		{"no list", raw(200, jsonMedia, `{"total_count":0}`), fact.Incomplete, "no list or no total"},
		{"no total", raw(200, jsonMedia, `{"workflow_runs":[]}`), fact.Incomplete, "no list or no total"},
		{"as many as GitHub lists, and none is there", raw(200, jsonMedia, `{"total_count":1000,"workflow_runs":[]}`), fact.Incomplete, "got 0 of 1000"},
		{"more than GitHub lists", raw(200, jsonMedia, `{"total_count":1001,"workflow_runs":[]}`), fact.Incomplete, "GitHub lists 1000 at most"},
		{"those of another repository", moved(paged(restWorkflows(1), 100, "workflow_runs")), fact.Inconsistent, "not known to be the same repository"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(1, "check 1"))))
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
				runsPath:      paged(restRuns(1), 100, "check_runs"),
				suitesPath:    paged(restSuites(2), 100, "check_suites"),
				workflowsPath: row.handle,
			})
			reader := f.reader(t)
			reader.Overview(t.Context())
			wantLost(t, reader.Checks(t.Context()), row.reason, row.detail)
		})
	}
}
