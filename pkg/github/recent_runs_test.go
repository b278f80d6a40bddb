package github_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const (
	refreshFile = ".github/workflows/refresh.yml"
	refreshPath = "/v3/repos/acme/shop/actions/workflows/refresh.yml/runs"
)

// refreshData is a scheduled run that succeeded, made some minutes before eight.
func refreshData(id, minutes int) object {
	made := time.Date(2026, 11, 17, 8, -minutes, 0, 0, time.UTC).Format(time.RFC3339)
	return object{
		"id": id, "event": "schedule", "head_branch": "main", "head_sha": parentSHA, "path": refreshFile, "run_attempt": 1, "status": "completed", "conclusion": "success",
		"created_at": made, "run_started_at": made, "updated_at": made, "html_url": fmt.Sprintf("https://github.com/acme/shop/actions/runs/%d", id),
		"repository": object{"id": 1001}, "head_repository": object{"id": 1001},
	}
}

func recentRuns(t *testing.T, of fact.RunsOf, handle func(http.ResponseWriter, *http.Request) bool) (*fake, fact.Known[[]fact.RecentRun]) {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{refreshPath: handle})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.RecentRuns(t.Context(), of)
}

func runIDs(runs []fact.RecentRun) []int64 {
	var ids []int64
	for _, run := range runs {
		ids = append(ids, run.ID)
	}
	return ids
}

func TestRecentRunsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	with := func(path string, value any) array {
		return array{refreshData(2, 1), put(refreshData(1, 2), path, value)}
	}
	rows := []struct {
		name   string
		answer any
		detail string
	}{
		{"no list", object{"total_count": 0}, "no list"},
		{"no total", object{"workflow_runs": array{}}, "no total"},
		{"a total below zero", object{"total_count": -1, "workflow_runs": array{}}, "no total"},
		{"fewer than counted", object{"total_count": 3, "workflow_runs": array{}}, "got 0 of 3"},
		{"fewer than counted, none of which has ended", object{"total_count": 3, "workflow_runs": array{put(refreshData(1, 1), "status", "queued")}}, "got 1 of 3"},
		{"fewer than counted, one of which has ended", object{"total_count": 2, "workflow_runs": array{refreshData(1, 1)}}, "got 1 of 2"},
		{"a null run", array{nil}, "all of workflow run 0"},
		{"a run without a number", with("id", absent), "all of workflow run"},
		{"a run without an event", with("event", ""), "all of workflow run 1"},
		{"a run of no commit", with("head_sha", "main"), "all of workflow run 1"},
		{"a run of no attempt", with("run_attempt", absent), "all of workflow run 1"},
		{"a run in no state", with("status", absent), "all of workflow run 1"},
		{"a run that ended nobody knows how", with("conclusion", nil), "all of workflow run 1"},
		{"a run made at no time", with("created_at", nil), "all of workflow run 1"},
		{"a run that began at no time", with("run_started_at", nil), "all of workflow run 1"},
		{"a run that never changed", with("updated_at", absent), "all of workflow run 1"},
		{"a run in no repository", with("repository", nil), "all of workflow run 1"},
		{"a run without a file", with("path", ""), "all of workflow run 1"},
		{"a run without a page", with("html_url", nil), "all of workflow run 1"},
		{"a number that is text", with("run_attempt", "1"), "shape"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, func(w http.ResponseWriter, _ *http.Request) bool {
				show(w, http.StatusOK, runsIn(row.answer))
				return true
			})
			wantLost(t, known, fact.Incomplete, row.detail)
		})
	}
}

func TestRecentRunsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		fix    string
	}{
		{"a workflow that is not there", raw(404, jsonMedia, `{"message":"Not Found"}`), fact.NotFound, "Is the path " + refreshFile + " right?"},
		{"a refusal", raw(403, jsonMedia, notAccessible), fact.Forbidden, "actions: read"},
		{"a server that fails", raw(502, jsonMedia, "{}"), fact.Unavailable, ""},
		{"a next page elsewhere", raw(200, jsonMedia, `{"total_count":0,"workflow_runs":[]}`, "Link", `<https://evil.test/x?page=2>; rel="next"`), fact.Inconsistent, ""},
	}
	for _, row := range rows {
		_, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, row.handle)
		if missing := lost(t, known); missing.Reason != row.reason || !strings.Contains(missing.Fix, row.fix) {
			t.Errorf("%s: %v, fix %q", row.name, missing, missing.Fix)
		}
	}
	for _, of := range []fact.RunsOf{{}, {Workflow: "refresh.yml"}, {Workflow: ".github/workflows/../x.yml"}, {Workflow: refreshFile, Branch: "a..b"}, {Workflow: refreshFile, Branch: " "}} {
		f, known := recentRuns(t, of, paged(array{}, 100, "workflow_runs"))
		wantLost(t, known, fact.NotFound, "is not")
		if len(f.asked()) != 1 {
			t.Errorf("%v: asked %q", of, f.asked())
		}
	}
	f := newFake(t)
	wantLost(t, f.reader(t).RecentRuns(t.Context(), fact.RunsOf{Workflow: refreshFile}), fact.NotAsked, "")
}

func TestOnlyRunsOfTheFileTheBranchAndTheRepositoryCount(t *testing.T) {
	t.Parallel()
	strangers := array{
		put(refreshData(11, 1), "path", ".github/workflows/other.yml"),
		put(refreshData(12, 1), "path", refreshFile+"@refs/heads/main"),
		put(refreshData(13, 1), "head_branch", "Main"),
		put(refreshData(14, 1), "repository", object{"id": 4711}),
		put(refreshData(15, 1), "head_repository", object{"id": 4711}),
		put(refreshData(16, 1), "head_repository", nil),
		put(refreshData(17, 1), "event", "pull_request"),
		put(refreshData(18, 1), "event", "pull_request_target"),
		put(refreshData(19, 1), "event", "release"),
		put(refreshData(20, 1), "event", "workflow_run"),
	}
	runs := append(strangers, put(put(refreshData(5, 2), "status", "in_progress"), "conclusion", nil), refreshData(3, 9), refreshData(2, 99))
	f, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, paged(runs, 3, "workflow_runs"))
	if ids := runIDs(have(t, known)); !slices.Equal(ids, []int64{5, 3}) {
		t.Errorf("runs %v, want those down to the newest that has ended", ids)
	}
	if got, want := f.asked()[1], "GET /api"+refreshPath+"?branch=main&page=1&per_page=100"; got != want || len(f.asked()) != 5 {
		t.Errorf("asked %q", f.asked())
	}
	if want := "https://github.com/acme/shop/actions/workflows/refresh.yml"; known.Source().URL != want {
		t.Errorf("page %q", known.Source().URL)
	}
	_, known = recentRuns(t, fact.RunsOf{Workflow: refreshFile}, paged(strangers, 3, "workflow_runs"))
	if runs := have(t, known); runs == nil || len(runs) > 0 {
		t.Errorf("runs %v, want an empty list", runs)
	}
}

func TestARecentRunSaysAllThatGitHubSays(t *testing.T) {
	t.Parallel()
	again := put(put(refreshData(4, 30), "run_attempt", 2), "run_started_at", "2026-11-17T08:10:00Z")
	put(put(again, "updated_at", "2026-11-17T08:20:00Z"), "conclusion", "FAILURE")
	// The tip of the branch needs no comparison, whatever began the run.
	_, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile, Branch: "main"}, paged(array{put(put(again, "head_sha", subjectSHA), "event", "push")}, 100, "workflow_runs"))
	same(t, "runs", have(t, known), []fact.RecentRun{{
		ID: 4, Attempt: 2, Workflow: refreshFile, Event: "push", Branch: "main", Head: subjectSHA, Status: "completed", Conclusion: "failure",
		CreatedAt: at(7, 30), StartedAt: at(8, 10), UpdatedAt: at(8, 20), URL: "https://github.com/acme/shop/actions/runs/4",
	}})
}

func TestRunsThatNeverEndAreNotReadForEver(t *testing.T) {
	t.Parallel()
	var runs array
	for id := range 1100 {
		runs = append(runs, put(put(refreshData(id+1, id), "event", "pull_request"), "head_repository", object{"id": 4711}))
	}
	f, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, paged(runs, 100, "workflow_runs"))
	wantLost(t, known, fact.Incomplete, "there are 1100 runs, of which GitHub lists 1000")
	if len(f.asked()) != 11 {
		t.Errorf("%d requests", len(f.asked()))
	}
	// GitHub names no page after the last that it lists.
	_, known = recentRuns(t, fact.RunsOf{Workflow: refreshFile}, func(w http.ResponseWriter, r *http.Request) bool {
		number, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page"), "1"))
		if number < 10 {
			w.Header().Set("Link", fmt.Sprintf(`<https://%s/x?page=%d>; rel="next"`, r.Host, number+1))
		}
		show(w, http.StatusOK, object{"total_count": 1100, "workflow_runs": runs[100*(number-1) : 100*number]})
		return true
	})
	wantLost(t, known, fact.Incomplete, "there are 1100 runs, of which GitHub lists 1000")
}

// A run that begins meanwhile moves the others to the next page.
func TestARunOnTwoPagesCountsOnce(t *testing.T) {
	t.Parallel()
	running := put(put(refreshData(5, 2), "status", "in_progress"), "conclusion", nil)
	_, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, paged(array{running, running, refreshData(3, 9)}, 1, "workflow_runs"))
	if ids := runIDs(have(t, known)); !slices.Equal(ids, []int64{5, 3}) {
		t.Errorf("runs %v", ids)
	}
}

func TestEmptyPagesOfRunsEndTheSearch(t *testing.T) {
	t.Parallel()
	pages := 0
	_, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, func(w http.ResponseWriter, r *http.Request) bool {
		if pages++; pages > 20 {
			return raw(403, jsonMedia, notAccessible)(w, r)
		}
		w.Header().Set("Link", fmt.Sprintf(`<https://%s/x?page=%d>; rel="next"`, r.Host, pages+1))
		show(w, http.StatusOK, object{"total_count": 3, "workflow_runs": array{}})
		return true
	})
	wantLost(t, known, fact.Incomplete, "got 0 of 3")
}

// The list is in GitHub's order; the run with the higher number is the later one.
func TestOfTwoRunsOfOneMomentTheLaterCounts(t *testing.T) {
	t.Parallel()
	_, known := recentRuns(t, fact.RunsOf{Workflow: refreshFile}, paged(array{refreshData(3, 5), put(refreshData(4, 5), "conclusion", "failure")}, 100, "workflow_runs"))
	if ids := runIDs(have(t, known)); !slices.Equal(ids, []int64{4}) {
		t.Errorf("runs %v", ids)
	}
}

// impostorWorld has a branch into which a merge brought a commit whose workflow
// did nothing, and a tag that is called like the branch.
const impostorWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  dave: {permission: admin}
commits:
  - {name: c0, by: dave, files: {.github/stageward.yml: "version: 1\n", .github/workflows/refresh.yml: "real\n"}}
  - {name: x1, branch: topic, parents: [c0], by: dave, files: {.github/workflows/refresh.yml: "nothing\n"}}
  - {name: x2, branch: topic, by: dave, files: {.github/workflows/refresh.yml: "real\n"}}
  - {name: c1, branch: main, parents: [c0, x2], by: dave, files: {a: "1\n"}}
  - {name: o1, branch: ops, parents: [c0], by: dave, files: {b: "1\n"}}
  - {name: o2, branch: ops, by: dave, files: {b: "2\n"}}
  - {name: lone, branch: elsewhere, parents: [c0], by: dave, files: {c: "1\n"}}
tags:
  - {name: ops, commit: lone}
workflow-runs:
`

func impostor(id int, commit, branch, event string, minutes int) string {
	return fmt.Sprintf("  - {commit: %s, workflow: .github/workflows/refresh.yml, run-id: %d, branch: %s, event: %s, status: completed, minutes-ago: %d}\n", commit, id, branch, event, minutes)
}

func TestATagThatIsCalledLikeTheBranchDoesNotVouch(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, branch, runs string
		want               []int64
	}{
		{"a commit that only a tag has", "main", impostor(1, "lone", "main", "push", 5), nil},
		{"a commit of another branch, started by hand", "main", impostor(1, "o1", "main", "workflow_dispatch", 5), nil},
		{"a commit that came in by a merge and was never the tip", "main", impostor(1, "x1", "main", "push", 5), nil},
		{"the tag of the name of another branch", "ops", impostor(1, "lone", "ops", "push", 5), nil},
		{"an impostor before a run of the branch", "main", impostor(1, "x1", "main", "push", 5) + impostor(2, "c0", "main", "push", 500), []int64{2}},
		{"a branch that is not there", "gone", impostor(1, "c0", "gone", "push", 5), nil},
		{"an earlier tip", "main", impostor(1, "c0", "main", "workflow_dispatch", 5), []int64{1}},
		{"the tip", "main", impostor(1, "c1", "main", "push", 5), []int64{1}},
		{"an earlier tip of another branch", "ops", impostor(1, "o1", "ops", "push", 5), []int64{1}},
		{"a schedule, which only the default branch has", "main", impostor(1, "c0", "main", "schedule", 5), []int64{1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := started(t, impostorWorld+row.runs, nil)
			subject := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: fact.SHA(server.SHA("c1"))}
			reader, err := github.NewReader(reaching(t, server), subject, policyPath)
			if err != nil {
				t.Fatal(err)
			}
			reader.Overview(t.Context())
			known := reader.RecentRuns(t.Context(), fact.RunsOf{Workflow: refreshFile, Branch: row.branch})
			if row.branch == "gone" {
				wantLost(t, known, fact.NotFound, `there is no branch "gone"`)
				return
			}
			if ids := runIDs(have(t, known)); !slices.Equal(ids, row.want) {
				t.Errorf("runs %v, want %v", ids, row.want)
			}
			for _, violation := range server.Violations() {
				t.Error(violation)
			}
		})
	}
}

func TestTheSearchBehindImpostorsEnds(t *testing.T) {
	t.Parallel()
	var runs strings.Builder
	for id := 1; id <= 11; id++ {
		runs.WriteString(impostor(id, "x1", "main", "push", id))
	}
	server := started(t, impostorWorld+runs.String(), nil)
	subject := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: fact.SHA(server.SHA("c1"))}
	reader, err := github.NewReader(reaching(t, server), subject, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	reader.Overview(t.Context())
	known := reader.RecentRuns(t.Context(), fact.RunsOf{Workflow: refreshFile})
	wantLost(t, known, fact.Incomplete, "were never the tip of the branch main")
	if fix := lost(t, known).Fix; !strings.Contains(fix, "Is there a tag that is called main?") {
		t.Errorf("fix %q", fix)
	}
}

func TestTheDoubleShowsScans(t *testing.T) {
	t.Parallel()
	server := started(t, world+`
code-scanning:
  analyses: [{commit: c1}, {commit: c0, minutes-ago: 30}, {commit: c1, tool: Semgrep}]
  alerts: [{number: 1, severity: high}, {number: 2, severity: error}, {number: 3, fixed-minutes-ago: 25}, {number: 4, dismissed-by: bob}, {number: 5, fixed-minutes-ago: 60}]
dependency-alerts:
  alerts: [{number: 1}, {number: 2, fixed: true}, {number: 3, severity: low}, {number: 4, dismissed-by: bob}]
`, nil)
	reader := doubleReader(t, server)
	reader.Overview(t.Context())
	code, dependencies := have(t, reader.CodeAlerts(t.Context())), have(t, reader.DependencyAlerts(t.Context()))
	if got := fmt.Sprint(numbers(code.Open), numbers(code.Dismissed), len(code.Analyses), numbers(dependencies.Open), numbers(dependencies.Dismissed)); got != "[1 2 3] [4] 2 [1 3] [4]" {
		t.Errorf("scans %s", got)
	}
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}
