package githubtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// deployed has a deployment of every kind.
const deployed = `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {permission: write}, eve: {}, left: {gone: true}}
commits:
  - {name: c1, by: olga}
  - {name: c2, by: olga}
tags: [{name: v1, commit: c1}]
workflow-runs:
  - {commit: c1, workflow: w.yml, run-id: 5, actor: eve, triggering-actor: olga, branch: v1, attempt: 3, minutes-ago: 100}
checks:
  - {commit: c1, name: good, workflow: w.yml, run-id: 5, environment: staging, minutes-ago: 50, deployment-statuses: [{state: inactive, minutes-ago: 3, by: eve, log-url: /x, description: Over}, {state: pending, minutes-ago: 51}]}
  - {commit: c1, name: bad, workflow: w.yml, run-id: 5, environment: staging, conclusion: failure, minutes-ago: 80}
  - {commit: c1, name: late, workflow: w.yml, run-id: 5, environment: staging, conclusion: timed_out, minutes-ago: 70}
  - {commit: c1, name: stopped, workflow: w.yml, run-id: 5, environment: staging, conclusion: cancelled, minutes-ago: 60}
  - {commit: c1, name: skipped, workflow: w.yml, run-id: 5, environment: staging, conclusion: skipped}
  - {commit: c2, name: queued, workflow: w.yml, run-id: 6, environment: prod, status: queued, minutes-ago: 5}
  - {commit: c2, name: waiting, workflow: w.yml, run-id: 6, environment: prod, status: waiting, minutes-ago: 4}
  - {commit: c2, name: running, workflow: w.yml, run-id: 6, environment: prod, status: in_progress, minutes-ago: 3, attempt: 2}
  - {commit: c2, name: plain, workflow: w.yml, run-id: 6}
  - {commit: c2, name: posted, workflow: w.yml, run-id: 6, posted: true}
deployments:
  - {commit: c1, environment: staging, by: eve, minutes-ago: 75, payload: "<sha of c1>", statuses: [{state: success, by: eve, log-url: /actions/runs/5/job/300001}, {state: pending}]}
  - {commit: c2, environment: Staging, by: left, ref: <sha of c2>, task: migrate, description: Gone, minutes-ago: 2, statuses: [{state: success, minutes-ago: 1, environment: prod, log-url: "https://ci.example/1"}]}
  - {commit: c2, by: olga, minutes-ago: 90}
`

// record is a deployment as REST shows it, and its statuses as words.
type record struct {
	ID                    int64
	Sha, Ref, Environment string
	Payload               json.RawMessage
	Creator               *struct{ Login string }
}

func (r record) String() string {
	creator := "nobody"
	if r.Creator != nil {
		creator = r.Creator.Login
	}
	return fmt.Sprintf("%d %s %s by %s %s", r.ID, r.Environment, r.Ref, creator, r.Payload)
}

// said is a status of a deployment as REST shows it.
type said struct {
	ID      int64
	State   string
	Created string `json:"created_at"`
	Log     string `json:"log_url"`
	Creator struct{ Login string }
}

func statusesOf(t *testing.T, server *githubtest.Server, id int64) []string {
	t.Helper()
	lines := []string{}
	for page := 1; ; page++ {
		var got []said
		decode(t, fetch(t, server, fmt.Sprintf("/repos/acme/shop/deployments/%d/statuses?page=%d", id, page)), &got)
		for _, s := range got {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s by %s %s", s.Created[11:16], s.State, s.Creator.Login, strings.TrimPrefix(s.Log, "https://github.test/acme/shop"))))
		}
		if len(got) == 0 {
			return lines
		}
	}
}

func TestDeploymentsAreInOneSeriesByTime(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, "page-size: 100\n"+deployed)
	var got []record
	decode(t, fetch(t, server, "/repos/acme/shop/deployments"), &got)
	lines := []string{}
	for _, each := range got {
		lines = append(lines, each.String())
	}
	want := []string{ // newest first
		"800010 prod " + server.SHA("c2") + ` by nobody ""`,
		`800009 prod main by olga ""`,
		`800008 prod main by olga ""`,
		`800007 prod main by olga ""`,
		`800006 staging v1 by eve ""`,
		`800005 staging v1 by eve ""`,
		`800004 staging v1 by eve ""`,
		`800003 staging main by eve "` + server.SHA("c1") + `"`,
		`800002 staging v1 by eve ""`,
		`800001 production main by olga ""`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
	// Statuses are in a series of their own, whosever they are.
	for id, want := range map[int64][]int64{800003: {8000004, 8000003}, 800002: {8000002, 8000001}, 800006: {8000014, 8000011, 8000010, 8000009}} {
		var statuses []said
		var ids []int64
		decode(t, fetch(t, server, fmt.Sprintf("/repos/acme/shop/deployments/%d/statuses", id)), &statuses)
		for _, each := range statuses {
			ids = append(ids, each.ID)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("statuses of %d (-want +got):\n%s", id, diff)
		}
	}
	noViolations(t, server)
}

func TestADeploymentSaysHowItsJobWent(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, deployed)
	rows := []struct {
		name string
		id   int64
		want []string // newest first
	}{
		{"failed", 800002, []string{"08:40 failure by github-actions[bot] /actions/runs/5/job/300002", "08:39 in_progress by github-actions[bot] /actions/runs/5/job/300002"}},
		{"timed out", 800004, []string{"08:50 failure by github-actions[bot] /actions/runs/5/job/300003", "08:49 in_progress by github-actions[bot] /actions/runs/5/job/300003"}},
		{"cancelled", 800005, []string{"09:00 error by github-actions[bot] /actions/runs/5/job/300004", "08:59 in_progress by github-actions[bot] /actions/runs/5/job/300004"}},
		{"queued", 800007, []string{"09:55 queued by github-actions[bot] /actions/runs/6/job/300006"}},
		{"waiting", 800008, []string{"09:56 waiting by github-actions[bot] /actions/runs/6/job/300007"}},
		{"in progress", 800009, []string{"09:57 in_progress by github-actions[bot] /actions/runs/6/job/300008"}},
		{"posted, with the log of a job", 800003, []string{"08:45 pending by github-actions[bot]", "08:45 success by eve /actions/runs/5/job/300001"}},
		{"posted, and nobody said anything", 800001, []string{}},
		{"succeeded, and somebody said more", 800006, []string{
			"09:57 inactive by eve /x", "09:10 success by github-actions[bot] /actions/runs/5/job/300001", "09:09 pending by github-actions[bot]", "09:09 in_progress by github-actions[bot] /actions/runs/5/job/300001",
		}},
	}
	for _, row := range rows {
		if diff := cmp.Diff(row.want, statusesOf(t, server, row.id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
	noViolations(t, server)
}

func TestDeploymentsInGraphQL(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, deployed)
	onCommit := func(name, selection string) string {
		return inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { %s } }`, server.SHA(name), selection))
	}
	rows := []struct{ name, query, want string }{
		{
			"names of environments are compared byte for byte", inShop(`deployments(environments: ["Prod", "STAGING"], first: 9) { totalCount nodes { databaseId } }`),
			`{"repository":{"deployments":{"totalCount":0,"nodes":[]}}}`,
		},
		{
			"no environment is none", inShop(`deployments(environments: [], first: 9) { totalCount }`),
			`{"repository":{"deployments":{"totalCount":0}}}`,
		},
		{
			"a posted check and a job without an environment have none",
			onCommit("c2", `checkSuites(first: 1) { nodes { checkRuns(last: 2) { nodes { name deployment { id } } } } }`),
			`{"repository":{"object":{"checkSuites":{"nodes":[{"checkRuns":{"nodes":[{"name":"plain","deployment":null},{"name":"posted","deployment":null}]}}]}}}}`,
		},
		{
			"the deployment of a job", onCommit("c1", `checkSuites(first: 1) { nodes { checkRuns(first: 1) { nodes { name deployment { databaseId environment state commitOid } } } } }`),
			`{"repository":{"object":{"checkSuites":{"nodes":[{"checkRuns":{"nodes":[{"name":"good","deployment":{"databaseId":800006,"environment":"staging","state":"INACTIVE","commitOid":"` + server.SHA("c1") + `"}}]}}]}}}}`,
		},
		{
			"oldest first, in pages", onCommit("c1", `deployments(environments: ["staging"], first: 9) { totalCount pageInfo { hasNextPage endCursor } nodes { databaseId state } }`),
			`{"repository":{"object":{"deployments":{"totalCount":5,"pageInfo":{"hasNextPage":true,"endCursor":"Y3Vyc29yOnYyOjE="},"nodes":[{"databaseId":800002,"state":"FAILURE"},{"databaseId":800003,"state":"ABANDONED"}]}}}}`,
		},
		{
			"the next page, newest first",
			onCommit("c1", `deployments(environments: ["staging"], first: 9, after: "Y3Vyc29yOnYyOjE=", orderBy: {field: CREATED_AT, direction: DESC}) { nodes { databaseId state } }`),
			`{"repository":{"object":{"deployments":{"nodes":[{"databaseId":800004,"state":"FAILURE"},{"databaseId":800003,"state":"ABANDONED"}]}}}}`,
		},
		{
			"a deployment that moved to another environment, of a commit by somebody who is gone",
			inShop(`deployments(last: 1, environments: ["prod"]) { totalCount nodes { createdAt updatedAt creator { __typename login } description environment latestEnvironment originalEnvironment payload task state ref { name } commit { oid } repository { name } latestStatus { state environment environmentUrl logUrl description createdAt updatedAt creator { login } deployment { databaseId } } } }`),
			`{"repository":{"deployments":{"totalCount":4,"nodes":[{"createdAt":"2026-11-17T09:58:00Z","updatedAt":"2026-11-17T09:59:00Z","creator":{"__typename":"User","login":"ghost"},"description":"Gone","environment":"prod","latestEnvironment":"prod","originalEnvironment":"Staging","payload":"\"\"","task":"migrate","state":"ACTIVE","ref":null,"commit":{"oid":"` + server.SHA("c2") + `"},"repository":{"name":"shop"},"latestStatus":{"state":"SUCCESS","environment":"prod","environmentUrl":null,"logUrl":"https://ci.example/1","description":"","createdAt":"2026-11-17T09:59:00Z","updatedAt":"2026-11-17T09:59:00Z","creator":{"login":"github-actions"},"deployment":{"databaseId":800010}}}]}}}`,
		},
		{
			"the reference is a tag, and statuses come in pages, newest first",
			inShop(`deployments(last: 1, environments: ["staging"]) { nodes { databaseId ref { prefix name } statuses(first: 9) { totalCount pageInfo { hasNextPage } nodes { state } } oldest: statuses(last: 1) { nodes { state logUrl } } } }`),
			`{"repository":{"deployments":{"nodes":[{"databaseId":800006,"ref":{"prefix":"refs/tags/","name":"v1"},"statuses":{"totalCount":4,"pageInfo":{"hasNextPage":true},"nodes":[{"state":"INACTIVE"},{"state":"SUCCESS"}]},"oldest":{"nodes":[{"state":"IN_PROGRESS","logUrl":"https://github.test/acme/shop/actions/runs/5/job/300001"}]}}]}}}`,
		},
		{
			"without a status it is pending, and given up after half an hour", inShop(`deployments(first: 1, environments: ["production"]) { nodes { state latestStatus { state } statuses(first: 1) { totalCount } } }`),
			`{"repository":{"deployments":{"nodes":[{"state":"ABANDONED","latestStatus":null,"statuses":{"totalCount":0}}]}}}`,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got, want := post(t, server, row.query, nil).Body.String(), `{"data":`+row.want+`}`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			noViolations(t, server)
		})
	}
}

func TestTheStateOfADeployment(t *testing.T) {
	t.Parallel()
	const world = `repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: 100
people: {olga: {}}
commits: [{name: c1, by: olga}]
deployments:
  - {commit: c1, environment: a, minutes-ago: 59, statuses: [{state: success}]}
  - {commit: c1, environment: a, minutes-ago: 58, statuses: [{state: success}]}
  - {commit: c1, environment: a, minutes-ago: 57, statuses: [{state: failure}]}
  - {commit: c1, environment: A, minutes-ago: 56, statuses: [{state: success}]}
  - {commit: c1, environment: b, minutes-ago: 55, statuses: [{state: inactive}]}
  - {commit: c1, environment: b, minutes-ago: 54, transient: true, statuses: [{state: inactive}]}
  - {commit: c1, environment: b, minutes-ago: 53, statuses: [{state: pending, minutes-ago: 30}]}
  - {commit: c1, environment: b, minutes-ago: 52, statuses: [{state: in_progress}]}
  - {commit: c1, environment: b, minutes-ago: 51, statuses: [{state: error}, {state: success}, {state: waiting}]}
`
	got := post(t, serveOnly(t, world), inShop(`deployments(first: 99) { nodes { state } }`), nil).Body.String()
	want := []string{}
	for _, state := range []string{"INACTIVE", "ACTIVE", "FAILURE", "ACTIVE", "INACTIVE", "DESTROYED", "PENDING", "IN_PROGRESS", "WAITING"} {
		want = append(want, `{"state":"`+state+`"}`)
	}
	if want := `{"data":{"repository":{"deployments":{"nodes":[` + strings.Join(want, ",") + `]}}}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWithoutThePermissionDeploymentsNullTheRepository(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, deployed+"token: {permissions: {contents: read}}\n")
	got := post(t, server, inShop(`name deployments(first: 1) { totalCount }`), nil).Body.String()
	want := `{"data":{"repository":null},"errors":[{"type":"FORBIDDEN","path":["repository","deployments"],"locations":[{"line":1,"column":50}],"message":"Resource not accessible by integration"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFiltersOfDeployments(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, "page-size: 100\n"+deployed)
	for query, total := range map[string]int{
		"": 10, "environment=Prod": 0, "environment=prod": 4, "ref=v1": 4, "ref=refs/tags/v1": 0, "task=migrate": 1, "sha=" + server.SHA("c1"): 5,
		"sha=" + server.SHA("c1")[:7]: 0, "environment=staging&ref=main": 1,
	} {
		var got []record
		decode(t, fetch(t, server, "/repos/acme/shop/deployments?"+query), &got)
		if len(got) != total {
			t.Errorf("%s: %d, want %d", query, len(got), total)
		}
	}
	noViolations(t, server)
}

func TestTheJobThatAsks(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {}}
commits: [{name: c1, by: olga}]
tags: [{name: v1, commit: c1}]
workflow-runs: [{commit: c1, workflow: .github/workflows/deploy.yml, run-id: 9001, branch: v1, attempt: 2, minutes-ago: 9}]
checks:
  - {commit: c1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 9001, status: in_progress, environment: production, minutes-ago: 1, attempt: 2}
`)
	run, err := server.Run(githubtest.Event{Ref: "refs/tags/v1", Actor: "olga", Attempt: 2})
	if err != nil {
		t.Fatal(err)
	}
	var asking struct {
		ID      int64
		Attempt int    `json:"run_attempt"`
		Branch  string `json:"head_branch"`
		Path    string
	}
	path := "/repos/acme/shop/actions/runs/" + run.Env["GITHUB_RUN_ID"]
	decode(t, fetch(t, server, path), &asking)
	if asking.ID != 9001 || asking.Attempt != 2 || asking.Branch != "v1" || asking.Path != run.Env["GITHUB_WORKFLOW"] {
		t.Errorf("run = %+v", asking)
	}
	var got struct {
		Jobs []struct {
			ID        int64
			Name      string
			Status    string
			Attempt   int    `json:"run_attempt"`
			Branch    string `json:"head_branch"`
			Started   string `json:"started_at"`
			Completed any    `json:"completed_at"`
		}
	}
	decode(t, fetch(t, server, path+"/jobs"), &got)
	if len(got.Jobs) != 1 || got.Jobs[0].ID != 300001 || got.Jobs[0].Attempt != 2 || got.Jobs[0].Branch != "v1" || got.Jobs[0].Started != "2026-11-17T09:59:00Z" ||
		got.Jobs[0].Completed != nil || got.Jobs[0].Name != run.Env["GITHUB_JOB"] {
		t.Errorf("jobs = %+v", got.Jobs)
	}
	if diff := cmp.Diff([]string{"09:59 in_progress by github-actions[bot] /actions/runs/9001/job/300001"}, statusesOf(t, server, 800001)); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	// GitHub Actions made it; production is what the environment is called.
	if made := string(fetch(t, server, "/repos/acme/shop/deployments/800001")); !strings.Contains(made, `"production_environment":true`) || !strings.Contains(made, `"slug":"github-actions"`) {
		t.Errorf("deployment = %s", made)
	}
	for _, gone := range []string{"/actions/runs/9002", "/actions/runs/x", "/deployments/1", "/deployments/x/statuses"} {
		if code := call(t, server, "/repos/acme/shop"+gone).Code; code != http.StatusNotFound {
			t.Errorf("%s: %d", gone, code)
		}
	}
	noViolations(t, server)
}

func TestWhoeverPostsADeploymentMayBeNoApp(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {}}
commits: [{name: c1, by: olga}]
deployments: [{commit: c1, by: olga}, {commit: c1, environment: staging, transient: true}]
`)
	for id, wants := range map[int][]string{
		800001: {`"performed_via_github_app":null`, `"production_environment":true`, `"transient_environment":false`},
		800002: {`"slug":"github-actions"`, `"production_environment":false`, `"transient_environment":true`, `"login":"github-actions[bot]"`},
	} {
		got := string(fetch(t, server, fmt.Sprintf("/repos/acme/shop/deployments/%d", id)))
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%d lacks %s: %s", id, want, got)
			}
		}
	}
}

func TestDeploymentsThatAreNotBuilt(t *testing.T) {
	t.Parallel()
	const head = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {olga: {}}\ncommits: [{name: c1, by: olga}]\n"
	check := func(extra string) string { return head + "checks: [{commit: c1, name: a, " + extra + "}]\n" }
	const job = "workflow: w.yml, run-id: 5, "
	record := func(extra string) string {
		return head + "deployments: [{commit: c1, minutes-ago: 20, " + extra + "}]\n"
	}
	rows := []struct{ name, text, want string }{
		{"an environment of no job", check("environment: prod"), "environment: only a job has one"},
		{"an environment of a posted check", check(job + "posted: true, environment: prod"), "environment: only a job has one"},
		{"a job that ends as none does", check(job + "environment: prod, conclusion: neutral"), "ends with neutral"},
		{"a job in a state without words", check(job + "environment: prod, status: requested"), "a job that is requested"},
		{"statuses of no deployment", check(job + "deployment-statuses: [{state: success}]"), "there is no deployment"},
		{"statuses of a job that never ran", check(job + "environment: prod, conclusion: skipped, deployment-statuses: [{state: success}]"), "there is no deployment"},
		{"an attempt before the first", check(job + "attempt: -1"), "attempt -1"},
		{"a commit that is not there", head + "deployments: [{commit: c2}]\n", `deployments: number 1: commit: "c2"`},
		{"somebody who is not there", record("by: eve"), `by: "eve"`},
		{"a payload that is a number", record("payload: 1"), "expected a text or a mapping"},
		{"a state that GitHub does not have", record("statuses: [{state: done}]"), `statuses: number 1: state "done"`},
		{"a status by nobody", record("statuses: [{state: success, by: eve}]"), `by: "eve"`},
		{"a status before the deployment", record("statuses: [{state: success, minutes-ago: 21}]"), "was not there yet"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			world, err := githubtest.ParseWorld([]byte(row.text))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := githubtest.New(world); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want one with %q", err, row.want)
			}
		})
	}
}
