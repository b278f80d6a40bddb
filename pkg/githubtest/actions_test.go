package githubtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJobsAreThoseOfTheRun(t *testing.T) {
	t.Parallel()
	world := `repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: 100
people: {alice: {}}
commits: [{name: c1, by: alice}]
checks:
  - {commit: c1, name: tests, workflow: w.yml, run-id: 5, conclusion: failure, minutes-ago: 50}
  - {commit: c1, name: lint, workflow: w.yml, run-id: 5}
  - {commit: c1, name: tests, workflow: w.yml, run-id: 5, conclusion: cancelled, minutes-ago: 40}
  - {commit: c1, name: tests, workflow: w.yml, run-id: 5, posted: true, minutes-ago: 30}
  - {commit: c1, name: slow, workflow: x.yml, run-id: 6, status: queued}
  - {commit: c1, name: slower, workflow: x.yml, run-id: 6}
workflow-runs:
  - {commit: c1, workflow: y.yml, run-id: 7, event: pull_request}
  - {commit: c1, workflow: z.yml, run-id: 8, conclusion: startup_failure}
`
	server := serveOnly(t, world)
	type job struct {
		ID         int64  `json:"id"`
		RunID      int64  `json:"run_id"`
		RunAttempt int    `json:"run_attempt"`
		URL        string `json:"check_run_url"`
	}
	made := func(id int64, run int64, attempt int) job {
		return job{id, run, attempt, fmt.Sprintf("%s/repos/acme/shop/check-runs/%d", origin, id)}
	}
	for path, want := range map[string][]job{
		"/actions/runs/5/jobs?filter=all":    {made(300001, 5, 1), made(300002, 5, 1), made(300003, 5, 2)},
		"/actions/runs/5/jobs?filter=latest": {made(300003, 5, 2), made(300002, 5, 1)},
		"/actions/runs/7/jobs":               {},
	} {
		var got struct {
			Total int   `json:"total_count"`
			Jobs  []job `json:"jobs"`
		}
		full := "/repos/acme/shop" + path
		recorder := call(t, server, full)
		decode(t, recorder.Body.Bytes(), &got)
		if diff := cmp.Diff(want, got.Jobs); diff != "" || got.Total != len(want) {
			t.Errorf("%s: %d (-want +got):\n%s", path, got.Total, diff)
		}
		if err := describe(t.Context(), full, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for path, status := range map[string]int{"/actions/runs/9/jobs": http.StatusNotFound, "/actions/runs/x/jobs": http.StatusNotFound, "/actions/runs/x/approvals": http.StatusNotFound, "/actions/runs/0/approvals": http.StatusNotFound} {
		if got := call(t, server, "/repos/acme/shop"+path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
	answer := post(t, server, inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { checkSuites(first: 9) { nodes { status conclusion workflowRun { databaseId event } } } } }`, server.SHA("c1"))), nil)
	want := `{"data":{"repository":{"object":{"checkSuites":{"nodes":[` +
		`{"status":"QUEUED","conclusion":null,"workflowRun":{"databaseId":7,"event":"pull_request"}},` +
		`{"status":"COMPLETED","conclusion":"STARTUP_FAILURE","workflowRun":{"databaseId":8,"event":"push"}},` +
		`{"status":"COMPLETED","conclusion":"CANCELLED","workflowRun":{"databaseId":5,"event":"push"}},` +
		`{"status":"IN_PROGRESS","conclusion":null,"workflowRun":{"databaseId":6,"event":"push"}}]}}}}}`
	if got := answer.Body.String(); got != want && got != want+"\n" {
		t.Errorf("suites:\n%s\nwant\n%s", got, want)
	}
	var listed struct {
		Suites []struct{ ID int64 } `json:"check_suites"`
	}
	decode(t, call(t, server, "/repos/acme/shop/commits/"+server.SHA("c1")+"/check-suites").Body.Bytes(), &listed)
	if len(listed.Suites) != 4 {
		t.Errorf("%d suites, want those without check runs too", len(listed.Suites))
	}
	noViolations(t, server)
}

func TestJobsNeedThePermission(t *testing.T) {
	t.Parallel()
	server := serve(t, "token: {permissions: {contents: read, checks: read}}\n")
	if got := call(t, server, "/repos/acme/shop/actions/runs/55/jobs").Code; got != http.StatusForbidden {
		t.Errorf("status %d", got)
	}
}

func TestAPullRequestIntoAForkIsNotOneOfTheRepository(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: 100
people: {acme: {}, alice: {}}
commits: [{name: c1, by: alice}]
pulls:
  - {number: 7, commits: [c1]}
  - {number: 7, commits: [c1], base-repository: eve/shop}
  - {number: 8, commits: [c1], base-repository: eve/shop}
`)
	path := "/repos/acme/shop/commits/" + server.SHA("c1") + "/pulls"
	recorder := call(t, server, path)
	if err := describe(t.Context(), path, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
		t.Error(err)
	}
	var pulls []struct {
		Base struct {
			Repo struct {
				FullName string `json:"full_name"`
			}
		}
	}
	decode(t, recorder.Body.Bytes(), &pulls)
	if len(pulls) != 3 || pulls[0].Base.Repo.FullName != "acme/shop" || pulls[1].Base.Repo.FullName != "eve/shop" {
		t.Errorf("pull requests %+v", pulls)
	}
	for path, status := range map[string]int{"/pulls/7": http.StatusOK, "/pulls/8": http.StatusNotFound} {
		if got := call(t, server, "/repos/acme/shop"+path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
}

func TestTheRunsOfAWorkflowAreThoseOfItsFile(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {acme: {}, alice: {}}
commits:
  - {name: c1, by: alice, files: {.github/workflows/idle.yml: "on: push\n"}}
  - {name: c2, by: alice}
  - {name: t1, branch: thing, by: alice}
checks:
  - {commit: c1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 3, minutes-ago: 300}
  - {commit: c2, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 2, minutes-ago: 200}
  - {commit: t1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 4, minutes-ago: 100}
  - {commit: c2, name: deploy, workflow: .github/workflows/other.yml, run-id: 5}
workflow-runs:
  - {commit: c2, workflow: .github/workflows/deploy.yml, run-id: 6, branch: v1.0.0, head-repository: eve/shop, minutes-ago: 400}
  - {commit: c2, workflow: .github/workflows/deploy.yml, run-id: 7, branch: v1.0.1, head-repository: gone, minutes-ago: 500}
`)
	rows := []struct {
		query string
		total int
		want  []string // number, branch, head repository
	}{
		{"", 5, []string{"4 thing acme/shop", "2 main acme/shop"}},
		{"?page=2", 5, []string{"3 main acme/shop", "6 v1.0.0 eve/shop"}},
		{"?page=3&per_page=100", 5, []string{"7 v1.0.1 "}},
		{"?branch=main", 2, []string{"2 main acme/shop", "3 main acme/shop"}},
		{"?branch=Main", 0, nil},
		{"?status=queued", 2, []string{"6 v1.0.0 eve/shop", "7 v1.0.1 "}},
	}
	for _, row := range rows {
		var got struct {
			Total int `json:"total_count"`
			Runs  []struct {
				ID      int64  `json:"id"`
				Branch  string `json:"head_branch"`
				Started string `json:"run_started_at"`
				From    struct {
					Name string `json:"full_name"`
				} `json:"head_repository"`
			} `json:"workflow_runs"`
		}
		decode(t, fetch(t, server, "/repos/acme/shop/actions/workflows/deploy.yml/runs"+row.query), &got)
		var runs []string
		for _, run := range got.Runs {
			runs = append(runs, fmt.Sprintf("%d %s %s", run.ID, run.Branch, run.From.Name))
			if run.Started == "" {
				t.Errorf("run %d never started", run.ID)
			}
		}
		if diff := cmp.Diff(row.want, runs); diff != "" || got.Total != row.total {
			t.Errorf("%q: %d (-want +got):\n%s", row.query, got.Total, diff)
		}
	}
	for file, status := range map[string]int{"idle.yml": http.StatusOK, "none.yml": http.StatusNotFound, ".github": http.StatusNotFound} {
		if got := call(t, server, "/repos/acme/shop/actions/workflows/"+file+"/runs").Code; got != status {
			t.Errorf("%s: %d, want %d", file, got, status)
		}
	}
	noViolations(t, server)
}

func TestTheHistoryOfACommitHoldsBothSidesOfAMerge(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {alice: {}}
commits:
  - {name: c1, by: alice}
  - {name: t1, branch: thing, by: alice}
  - {name: c2, branch: main, by: alice}
  - {name: m1, branch: main, parents: [c2, t1], by: alice}
  - {name: c3, branch: main, by: alice}
`)
	answer := post(t, server, inShop(fmt.Sprintf(`a: object(oid: %q) { ...counted } b: object(oid: %q) { ...counted }`, server.SHA("m1"), server.SHA("c2")))+
		` fragment counted on Commit { history(first: 1) { totalCount nodes { oid } } }`, nil)
	want := fmt.Sprintf(`{"data":{"repository":{"a":{"history":{"totalCount":4,"nodes":[{"oid":%q}]}},"b":{"history":{"totalCount":2,"nodes":[{"oid":%q}]}}}}}`, server.SHA("m1"), server.SHA("c2"))
	if got := strings.TrimSpace(answer.Body.String()); got != want {
		t.Errorf("history:\n%s\nwant\n%s", got, want)
	}
	noViolations(t, server)
}
