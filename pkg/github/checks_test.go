package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	runsPath      = "/repos/acme/shop/commits/" + subjectSHA + "/check-runs"
	suitesPath    = "/repos/acme/shop/commits/" + subjectSHA + "/check-suites"
	workflowsPath = "/repos/acme/shop/actions/runs"
)

// restRuns are check runs 1 to n of suite 31 as REST shows them.
func restRuns(n int) array {
	runs := array{}
	for id := 1; id <= n; id++ {
		runs = append(runs, object{
			"id": id, "name": "check " + strconv.Itoa(id), "head_sha": subjectSHA, "status": "completed", "conclusion": "success",
			"started_at": "2026-11-17T08:10:00Z", "completed_at": "2026-11-17T08:20:00Z", "html_url": "https://github.com/r",
			"app": object{"slug": "github-actions"}, "check_suite": object{"id": 31},
		})
	}
	return runs
}

// withRuns lets the overview count n check runs and list none of them.
func (f *fake) withRuns(n int) *fake {
	return f.withData("checks.object.checkSuites", listOf(1, suiteData(31, n)))
}

func TestAllPagesOfChecksAreReadAtOnce(t *testing.T) {
	t.Parallel()
	for total, pages := range map[int]int{1: 1, 100: 1, 101: 2, 1000: 10} {
		t.Run(strconv.Itoa(total), func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withRuns(total)
			f.jobs[9001] = total
			meet := newMeeting(2 * pages) // of check runs, and of jobs
			gather := func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Query().Get("filter") != "all" || r.URL.Query().Get("per_page") != "100" {
					t.Errorf("asked %s", r.URL)
				}
				meet.arrive() // no page is answered before all have been asked for
				return r.URL.Path == "/api/v3"+runsPath && paged(restRuns(total), 100, "check_runs")(w, r)
			}
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{runsPath: gather, jobsOf(9001): gather})
			reader := f.reader(t)
			wantLost(t, reader.Overview(t.Context()).Checks, fact.Incomplete, fmt.Sprintf("0 of %d check runs", total))
			checks := have(t, reader.Checks(t.Context()))
			if len(checks.Runs) != total || len(checks.Statuses) != 1 {
				t.Errorf("%d runs, %d statuses", len(checks.Runs), len(checks.Statuses))
			}
			if got := len(f.asked()); got != 1+2*pages {
				t.Errorf("%d requests, want %d", got, 1+2*pages)
			}
			if jobs := have(t, checks.Workflows[0].Jobs); len(checks.Workflows) != 1 || len(jobs) != total || jobs[total-1].ID != int64(total) {
				t.Errorf("%d workflow runs, %d jobs", len(checks.Workflows), len(jobs))
			}
			last := checks.Runs[total-1]
			if last.ID != int64(total) || last.Workflow != ".github/workflows/ci.yml" || last.RunID != 9001 || last.App != "github-actions" {
				t.Errorf("last run %+v", last)
			}
		})
	}
}

// meeting lets nobody go before all have come.
type meeting struct {
	group sync.WaitGroup
}

func newMeeting(people int) *meeting {
	m := &meeting{}
	m.group.Add(people)
	return m
}

func (m *meeting) arrive() { m.group.Done(); m.group.Wait() }

func TestNoMoreThanFortyRequestsAreInFlight(t *testing.T) {
	t.Parallel()
	f := newFake(t).withRuns(5000)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{runsPath: paged(restRuns(5000), 100, "check_runs")})
	reader := f.reader(t)
	reader.Overview(t.Context())
	if got := len(have(t, reader.Checks(t.Context())).Runs); got != 5000 {
		t.Errorf("%d runs", got)
	}
	if f.most > 40 {
		t.Errorf("%d requests at once", f.most)
	}
}

func TestPagesMayBeSmallerThanAskedFor(t *testing.T) {
	t.Parallel()
	for _, total := range []int{1, 2, 3, 7, 230} {
		f := newFake(t).withRuns(total)
		f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{runsPath: paged(restRuns(total), 2, "check_runs")})
		reader := f.reader(t)
		reader.Overview(t.Context())
		if got := len(have(t, reader.Checks(t.Context())).Runs); got != total {
			t.Errorf("%d runs, want %d", got, total)
		}
		if got, want := len(f.asked()), 1+max((total+1)/2, (total+99)/100)+(total+99)/100; got != want {
			t.Errorf("%d requests for %d runs, want %d", got, total, want)
		}
	}
}

func TestChecksThatCannotBeReadWholeAreMissing(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	change := func(index int, path string, value any) array {
		runs := restRuns(3)
		put(runs[index].(object), path, value)
		return runs
	}
	link := func(address string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next"`, address))
			show(w, http.StatusOK, object{"total_count": 3, "check_runs": restRuns(3)[:2]})
			return true
		}
	}
	serve := func(runs array) func(http.ResponseWriter, *http.Request) bool {
		return paged(runs, 100, "check_runs")
	}
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"a run of another commit", serve(change(1, "head_sha", parentSHA)), fact.Inconsistent, "is about commit"},
		{"a run without a commit", serve(change(1, "head_sha", nil)), fact.Inconsistent, "is about commit"},
		{"a run without a number", serve(change(1, "id", nil)), fact.Incomplete, "all of a check run"},
		{"a run without a suite", serve(change(1, "check_suite", nil)), fact.Incomplete, "all of a check run"},
		{"a run of another app than its suite", serve(change(1, "app.slug", "evil")), fact.Inconsistent, `by app "evil"`},
		{"a run twice", serve(change(1, "id", 1)), fact.Incomplete, "listed twice"},
		{"a wrapper without a list", raw(200, media, `{"total_count":0}`), fact.Incomplete, "no list"},
		{"a wrapper with null for a list", raw(200, media, `{"total_count":0,"check_runs":null}`), fact.Incomplete, "no list"},
		{"a wrapper without a total", raw(200, media, `{"check_runs":[]}`), fact.Incomplete, "no total"},
		{"a null run", raw(200, media, `{"total_count":1,"check_runs":[null]}`), fact.Inconsistent, "is about commit"},
		{"none though three were counted", raw(200, media, `{"total_count":0,"check_runs":[]}`), fact.Incomplete, "got 0 of 3"},
		{"a total below zero", raw(200, media, `{"total_count":-1,"check_runs":[`+oneRun(1)+`,`+oneRun(2)+`,`+oneRun(3)+`]}`), fact.Incomplete, "got 3 of -1"},
		{"fewer than the server counts", raw(200, media, `{"total_count":3,"check_runs":[]}`), fact.Incomplete, "got 0 of 3"},
		{"more than the server counts", raw(200, media, `{"total_count":1,"check_runs":[`+oneRun(1)+`,`+oneRun(2)+`]}`), fact.Incomplete, "got 2 of 1"},
		{"a next page on another host", link("https://evil.test/x?page=2"), fact.Inconsistent, "another host"},
		{"a next page over http", link("http://127.0.0.1/x?page=2"), fact.Inconsistent, "another host"},
		{"a page that names itself as the next", nil, fact.Inconsistent, "does not advance"},
		{"a total beyond reason", raw(200, media, `{"total_count":2000000000,"check_runs":[`+oneRun(1)+`]}`), fact.Incomplete, "more than 5000 pages"},
		{"a failing page", raw(500, "text/html", ""), fact.Unavailable, "status 500"},
		{"a forbidden page", raw(403, media, `{"message":"Resource not accessible"}`), fact.Forbidden, "not accessible"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withRuns(3)
			if row.handle == nil {
				row.handle = link(f.URL + "/x?page=1")
			}
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
				runsPath:      row.handle,
				suitesPath:    paged(restSuites(1), 100, "check_suites"),
				workflowsPath: paged(restWorkflows(1), 100, "workflow_runs"),
			})
			reader := f.reader(t)
			reader.Overview(t.Context())
			wantLost(t, reader.Checks(t.Context()), row.reason, row.detail)
		})
	}
}

func oneRun(id int) string {
	return fmt.Sprintf(`{"id":%d,"name":"x","status":"completed","head_sha":%q,"app":{"slug":"github-actions"},"check_suite":{"id":31}}`, id, subjectSHA)
}

// restSuites are check suites 31 and up, restWorkflows their workflow runs.
func restSuites(n int) array {
	suites := array{}
	for i := range n {
		suites = append(suites, object{"id": 31 + i, "head_sha": subjectSHA, "app": object{"slug": "github-actions"}})
	}
	return suites
}

func restWorkflows(n int) array {
	runs := array{}
	for i := range n {
		runs = append(runs, object{"id": 9001 + i, "check_suite_id": 31 + i, "head_sha": subjectSHA, "path": ".github/workflows/ci.yml", "event": "push", "status": "completed", "conclusion": "success", "html_url": "https://github.com/acme/shop/actions/runs/" + strconv.Itoa(9001+i), "created_at": "2026-11-17T08:00:00Z"})
	}
	return runs
}

func TestACheckRunThatComesMeanwhileStartsTheListOver(t *testing.T) {
	t.Parallel()
	for suite, run := range map[int]int64{31: 9001, 32: 9002} {
		t.Run(strconv.Itoa(suite), func(t *testing.T) { t.Parallel(); startsOver(t, suite, run) })
	}
}

// startsOver reads a check run that comes meanwhile, in a suite.
func startsOver(t *testing.T, suite int, run int64) {
	t.Helper()
	f := newFake(t).withRuns(3)
	runs := restRuns(4)
	put(runs[3].(object), "check_suite.id", suite)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		runsPath:      paged(runs, 100, "check_runs"),
		suitesPath:    paged(restSuites(2), 100, "check_suites"),
		workflowsPath: paged(restWorkflows(2), 100, "workflow_runs"),
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	got := have(t, reader.Checks(t.Context())).Runs
	if len(got) != 4 || got[3].RunID != run {
		t.Errorf("runs %+v", got)
	}
	if want := 1 + 2 + 3 + 2; len(f.asked()) != want {
		t.Errorf("%d requests, want %d", len(f.asked()), want)
	}
}

func TestSuitesThatDidNotFitAreReadToo(t *testing.T) {
	t.Parallel()
	const suites = 130
	runs := restRuns(suites)
	for i := range runs {
		put(runs[i].(object), "check_suite.id", 31+i)
	}
	start := func(t *testing.T, workflows array) *fake {
		t.Helper()
		f := newFake(t).withData("checks.object.checkSuites", listOf(suites, suiteData(31, 1, runData(1, "check 1"))))
		f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
			runsPath:      paged(runs, 100, "check_runs"),
			suitesPath:    paged(restSuites(suites), 100, "check_suites"),
			workflowsPath: paged(workflows, 100, "workflow_runs"),
		})
		return f
	}
	f := start(t, restWorkflows(suites-1))
	reader := f.reader(t)
	reader.Overview(t.Context())
	got := have(t, reader.Checks(t.Context())).Runs
	if len(got) != suites || got[128].RunID != 9129 || got[129].Workflow != "" {
		t.Errorf("%d runs, %+v", len(got), got[max(0, len(got)-2):])
	}
	if want := "GET /api/v3" + workflowsPath + "?head_sha=" + subjectSHA + "&page=1&per_page=100"; !slices.Contains(f.asked(), want) {
		t.Errorf("asked %q", f.asked())
	}
	other := restWorkflows(2)
	put(other[1].(object), "head_sha", parentSHA)
	reader = start(t, other).reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Checks(t.Context()), fact.Inconsistent, "workflow run 9002 is about commit")
}

func TestAWorkflowPathWithAReferenceBehindItIsNotTheFile(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(1, "check 1"))))
	workflows := restWorkflows(1)
	put(workflows[0].(object), "path", ".github/workflows/ci.yml@evil.yml")
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		runsPath:      paged(restRuns(1), 100, "check_runs"),
		suitesPath:    paged(restSuites(2), 100, "check_suites"),
		workflowsPath: paged(workflows, 100, "workflow_runs"),
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	if got := have(t, reader.Checks(t.Context())).Runs[0].Workflow; got != ".github/workflows/ci.yml@evil.yml" {
		t.Errorf("workflow %q", got)
	}
}

func TestMoreSuitesThanGitHubListsAreNamed(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("checks.object.checkSuites", listOf(1001, suiteData(31, 0)))
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Checks(t.Context()), fact.Incomplete, "1001 check suites; GitHub lists the check runs of the newest 1000 only")
	if got := len(f.asked()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
	f = newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, 1, runData(1, "check 1"))))
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		runsPath:      paged(restRuns(1), 100, "check_runs"),
		suitesPath:    paged(restSuites(1001), 100, "check_suites"),
		workflowsPath: paged(restWorkflows(1), 100, "workflow_runs"),
	})
	reader = f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Checks(t.Context()), fact.Incomplete, "1001 check suites; GitHub lists the check runs of the newest 1000 only")
}

func TestOnlyTheJobsOfWhatOverviewHadAreAskedFor(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.jobs[9001] = 1
	reader := f.reader(t)
	if reason := reason(reader.Checks(t.Context())); reason != fact.NotAsked {
		t.Errorf("before Overview: %q", reason)
	}
	before := have(t, reader.Overview(t.Context()).Checks)
	wantLost(t, before.Workflows[0].Jobs, fact.Incomplete, "second wave")
	after := have(t, reader.Checks(t.Context()))
	same(t, "runs", after.Runs, before.Runs)
	same(t, "jobs", idsOf(have(t, after.Workflows[0].Jobs)), []int64{1})
	wantLost(t, before.Workflows[0].Jobs, fact.Incomplete, "second wave")
	f.overview = object{"data": put(overviewData(), "checks.object.status", absent)}
	reader.Overview(t.Context())
	wantLost(t, reader.Checks(t.Context()), fact.Incomplete, "commit statuses")
	if got := f.asked(); len(got) != 3 || !strings.Contains(got[1], "/actions/runs/9001/jobs?filter=all&page=1&per_page=100") {
		t.Errorf("asked %q", got)
	}
}

func TestATotalThatChangesBetweenPagesIsNoTotal(t *testing.T) {
	t.Parallel()
	f := newFake(t).withRuns(101)
	first, second := paged(restRuns(101), 100, "check_runs"), raw(200, "application/json", `{"total_count":102,"check_runs":[`+oneRun(101)+`]}`)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		runsPath: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("page") == "2" {
				return second(w, r)
			}
			return first(w, r)
		},
		suitesPath:    paged(restSuites(1), 100, "check_suites"),
		workflowsPath: paged(restWorkflows(1), 100, "workflow_runs"),
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Checks(t.Context()), fact.Incomplete, "the total changed from 101 to 102")
}

func TestTheOrderOfRunsIsTheirs(t *testing.T) {
	t.Parallel()
	f := newFake(t).withRuns(9)
	runs := restRuns(9)
	slices.Reverse(runs)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{runsPath: paged(runs, 100, "check_runs")})
	reader := f.reader(t)
	reader.Overview(t.Context())
	for i, run := range have(t, reader.Checks(t.Context())).Runs {
		if run.ID != int64(i+1) {
			t.Errorf("run %d has number %d", i, run.ID)
		}
	}
}
