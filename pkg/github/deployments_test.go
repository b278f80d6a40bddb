package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

// linked is a list that has no other page.
func linked(nodes ...any) object {
	if nodes == nil {
		nodes = array{}
	}
	return object{"totalCount": len(nodes), "nodes": nodes, "pageInfo": object{"hasNextPage": false, "endCursor": nil}}
}

func recordData(id int, statuses ...any) object {
	return object{
		"databaseId": id, "commitOid": subjectSHA, "originalEnvironment": "staging", "createdAt": "2026-11-17T09:00:00Z",
		"task": "deploy", "payload": "{}", "creator": actor("User", 14, "dave"), "statuses": linked(statuses...),
	}
}

func saidData(id, state, at string) object {
	return object{"id": id, "state": state, "createdAt": at, "logUrl": "https://github.com/acme/shop/actions/runs/9001/job/71", "creator": actor("Bot", 41898282, "github-actions")}
}

func linkData(job int, record any) object {
	if id, ok := record.(int); ok {
		record = object{"databaseId": id, "commitOid": subjectSHA}
	}
	return object{"databaseId": job, "deployment": record}
}

// deployedData has a record of the job 71, with two statuses, and a posted one.
func deployedData() object {
	return object{"databaseId": 1001, "object": object{
		"oid":         subjectSHA,
		"deployments": linked(recordData(802), recordData(801, saidData("b", "SUCCESS", "2026-11-17T09:02:00Z"), saidData("a", "IN_PROGRESS", "2026-11-17T09:01:00Z"))),
		"checkSuites": linked(object{"databaseId": 31, "checkRuns": linked(linkData(70, nil), linkData(71, 801))}),
	}}
}

// deploymentsOf reads the deployments from answers to the query, by what was
// asked for.
func deploymentsOf(t *testing.T, answer func(variables map[string]string) any) (*fake, fact.Known[[]fact.Deployment]) {
	t.Helper()
	f := newFake(t)
	asking(f, map[string]func(string, map[string]string) any{"StagewardDeployments": func(_ string, variables map[string]string) any {
		if variables["owner"] != "acme" || variables["name"] != "shop" || variables["sha"] != subjectSHA {
			t.Errorf("asked with %q", variables)
		}
		return answer(variables)
	}})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Deployments(t.Context())
}

func always(data any) func(map[string]string) any {
	return func(map[string]string) any { return object{"data": object{"repository": data}} }
}

// PRM-11: an answer about another commit.
func TestDeploymentsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	data := func(path string, value any) any { return put(deployedData(), path, value) }
	record := func(path string, value any) any {
		return data("object.deployments", linked(put(recordData(801), path, value)))
	}
	runs := func(links ...any) any {
		return data("object.checkSuites", linked(object{"databaseId": 31, "checkRuns": linked(links...)}))
	}
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{"no repository", nil, fact.Incomplete, "identify"},
		{"another repository", data("databaseId", 1002), fact.Inconsistent, "in place of repository 1001"},
		{"no commit", data("object", nil), fact.Incomplete, "hold the commit"},
		{"a commit in another shape", data("object", array{}), fact.Incomplete, "hold the commit"},
		{"another commit", data("object.oid", parentSHA), fact.Inconsistent, parentSHA},
		{"no deployments", data("object.deployments", nil), fact.Incomplete, "the deployments"},
		{"no total", data("object.deployments.totalCount", absent), fact.Incomplete, "the deployments"},
		{"fewer than counted", data("object.deployments.totalCount", 3), fact.Incomplete, "got 2 of 3"},
		{"nobody says whether there are more", data("object.deployments.pageInfo", absent), fact.Incomplete, "the deployments"},
		{"far too many", data("object.deployments.totalCount", 1001), fact.Incomplete, "no more than 1000"},
		{"a record that is null", data("object.deployments", linked(nil)), fact.Incomplete, "all of an entry"},
		{"a record twice", data("object.deployments", linked(recordData(801), recordData(801))), fact.Incomplete, "deployment 801 is listed twice"},
		{"a record without a number", record("databaseId", nil), fact.Incomplete, "all of an entry"},
		{"a record of another commit", record("commitOid", parentSHA), fact.Inconsistent, parentSHA},
		{"a record of no environment", record("originalEnvironment", nil), fact.Incomplete, "all of deployment 801"},
		{"a record of no time", record("createdAt", absent), fact.Incomplete, "all of deployment 801"},
		{"a record without statuses", record("statuses", nil), fact.Incomplete, "the statuses of deployment 801"},
		{"a record with too few statuses", record("statuses.totalCount", 1), fact.Incomplete, "got 0 of 1"},
		{"a status without a state", record("statuses", linked(put(saidData("a", "SUCCESS", "2026-11-17T09:02:00Z"), "state", nil))), fact.Incomplete, "a status of deployment 801"},
		{"a status at no time", record("statuses", linked(put(saidData("a", "SUCCESS", "2026-11-17T09:02:00Z"), "createdAt", absent))), fact.Incomplete, "a status of deployment 801"},
		{"a status twice", record("statuses", linked(saidData("a", "SUCCESS", "2026-11-17T09:02:00Z"), saidData("a", "SUCCESS", "2026-11-17T09:02:00Z"))), fact.Incomplete, "listed twice"},
		{"no suites", data("object.checkSuites", nil), fact.Incomplete, "the check suites"},
		{"fewer suites than counted", data("object.checkSuites.totalCount", 2), fact.Incomplete, "got 1 of 2"},
		{"a suite without check runs", data("object.checkSuites", linked(object{"databaseId": 31})), fact.Incomplete, "the check runs of suite 31"},
		{"a job without a number", runs(linkData(0, 801)), fact.Incomplete, "all of an entry"},
		{"a job of which nobody says whether it has a record", runs(object{"databaseId": 71}), fact.Incomplete, "all of an entry"},
		{"a job whose record has no number", runs(linkData(71, object{"commitOid": subjectSHA})), fact.Incomplete, "the deployment of job 71"},
		{"a job whose record has no commit", runs(linkData(71, object{"databaseId": 801})), fact.Incomplete, "the deployment of job 71"},
		{"a job whose record is not listed", runs(linkData(71, 803)), fact.Incomplete, "job 71 has deployment 803, which is not listed"},
		{"two jobs of one record", runs(linkData(71, 801), linkData(72, 801)), fact.Inconsistent, "deployment 801 is that of the jobs 71 and 72"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := deploymentsOf(t, always(row.answer))
			wantLost(t, known, row.reason, row.detail)
		})
	}
}

func TestDeploymentsThatTheTokenMayNotRead(t *testing.T) {
	t.Parallel()
	for _, path := range []array{{"repository", "object", "deployments"}, {"repository", "object", "checkSuites", "nodes", 0, "checkRuns", "nodes", 1, "deployment"}} {
		_, known := deploymentsOf(t, func(map[string]string) any {
			return object{"data": object{"repository": deployedData()}, "errors": array{object{"type": "FORBIDDEN", "path": path, "message": "Resource not accessible by integration"}}}
		})
		wantLost(t, known, fact.Forbidden, "Resource not accessible")
		if fix := lost(t, known).Fix; !strings.Contains(fix, "deployments: read, checks: read") {
			t.Errorf("fix %q", fix)
		}
	}
	f := newFake(t)
	wantLost(t, f.reader(t).Deployments(t.Context()), fact.NotAsked, "")
	wantLost(t, f.reader(t).Tip(t.Context(), "main"), fact.NotAsked, "")
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
}

func TestDeploymentsHaveTheirJobsAndStatusesInOrder(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)
	dave := &fact.Person{ID: 14, Login: "dave", Kind: fact.User}
	actions := &fact.Person{ID: 41898282, Login: "github-actions[bot]", Kind: fact.Bot}
	const log = "https://github.com/acme/shop/actions/runs/9001/job/71"
	f, known := deploymentsOf(t, always(deployedData()))
	same(t, "deployments", have(t, known), []fact.Deployment{
		{ID: 801, Environment: "staging", Job: 71, Creator: dave, CreatedAt: nine, Task: "deploy", Payload: "{}", Statuses: []fact.DeploymentStatus{
			{State: "in_progress", At: nine.Add(time.Minute), Creator: actions, LogURL: log},
			{State: "success", At: nine.Add(2 * time.Minute), Creator: actions, LogURL: log},
		}},
		{ID: 802, Environment: "staging", Creator: dave, CreatedAt: nine, Task: "deploy", Payload: "{}", Statuses: []fact.DeploymentStatus{}},
	})
	if len(f.asked()) != 2 {
		t.Errorf("asked %q", f.asked())
	}
}

// A record of another commit, as of a pull request's merge, links nothing; an
// account that is gone is nobody.
func TestDeploymentsOfElsewhereLinkNothing(t *testing.T) {
	t.Parallel()
	data := put(deployedData(), "object.checkSuites", linked(object{"databaseId": 31, "checkRuns": linked(linkData(71, object{"databaseId": 900, "commitOid": headSHA}))}))
	put(data, "object.deployments", linked(put(put(put(recordData(801), "creator", actor("User", 10137, "ghost")), "task", nil), "payload", nil)))
	_, known := deploymentsOf(t, always(data))
	for _, record := range have(t, known) {
		if record.Job != 0 || record.Creator != nil {
			t.Errorf("%+v", record)
		}
	}
	_, known = deploymentsOf(t, always(put(put(deployedData(), "object.deployments", linked()), "object.checkSuites", linked())))
	if records := have(t, known); len(records) != 0 || records == nil {
		t.Errorf("%+v", records)
	}
}

// A job that began between two answers is asked for once more.
func TestDeploymentsThatChangeAreReadAgain(t *testing.T) {
	t.Parallel()
	count := 0
	f, known := deploymentsOf(t, func(map[string]string) any {
		count++
		if count == 1 {
			return always(put(deployedData(), "object.deployments", linked()))(nil)
		}
		return always(deployedData())(nil)
	})
	if records := have(t, known); len(records) != 2 || len(f.asked()) != 3 {
		t.Errorf("%+v, asked %q", records, f.asked())
	}
}

// manyDeployments has lists in lists that are longer than a page.
const manyDeployments = `repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: 2
people: {olga: {permission: write}, eve: {}}
commits:
  - {name: c1, by: olga, files: {.github/stageward.yml: "version: 1\n"}}
tags: [{name: v1, commit: c1}]
checks:
  - {commit: c1, name: a, workflow: .github/workflows/a.yml, run-id: 5, environment: dev, minutes-ago: 50}
  - {commit: c1, name: b, workflow: .github/workflows/a.yml, run-id: 5, minutes-ago: 50}
  - {commit: c1, name: c, workflow: .github/workflows/a.yml, run-id: 5, environment: staging, minutes-ago: 45, deployment-statuses: [{state: inactive, minutes-ago: 40}, {state: error, environment: prod, minutes-ago: 39}, {state: failure, minutes-ago: 38}]}
  - {commit: c1, name: d, workflow: .github/workflows/b.yml, run-id: 6, minutes-ago: 50}
  - {commit: c1, name: e, workflow: .github/workflows/c.yml, run-id: 7, environment: staging, minutes-ago: 30}
  - {commit: c1, name: f, workflow: .github/workflows/c.yml, run-id: 7, minutes-ago: 30}
  - {commit: c1, name: g, workflow: .github/workflows/c.yml, run-id: 7, environment: staging, status: in_progress, minutes-ago: 20}
deployments:
  - {commit: c1, environment: staging, by: eve, minutes-ago: 60, payload: {stageward: 1, run_id: 5, run_attempt: 1}, statuses: [{state: success}]}
  - {commit: c1, environment: staging, by: eve, minutes-ago: 10}
`

// PRM-07: what is on a later page is there too.
func TestDeploymentsAreReadToTheLastPage(t *testing.T) {
	t.Parallel()
	server := started(t, manyDeployments, nil)
	subject := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: fact.SHA(server.SHA("c1"))}
	reader, err := github.NewReader(reaching(t, server), subject, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	reader.Overview(t.Context())
	var got []string
	for _, record := range have(t, reader.Deployments(t.Context())) {
		states := []string{}
		for _, status := range record.Statuses {
			states = append(states, status.State)
		}
		got = append(got, fmt.Sprintf("%s of %d by %s: %s", record.Environment, record.Job, record.Creator.Login, strings.Join(states, " ")))
		if record.Creator.Login == "eve" && len(states) > 0 && record.Payload != `{"run_attempt":1,"run_id":5,"stageward":1}` {
			t.Errorf("payload %q", record.Payload)
		}
	}
	same(t, "deployments", got, []string{
		"staging of 0 by eve: success", "dev of 300001 by olga: in_progress success", "staging of 300003 by olga: in_progress success inactive error failure",
		"staging of 300005 by olga: in_progress success", "staging of 300007 by olga: in_progress", "staging of 0 by eve: ",
	})
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}

func TestTipIsOnTheLineOfFirstParents(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, commit, branch string
		was                  bool
		requests             int
	}{
		{"a commit that only a tag has", "lone", "main", false, 1},
		{"a commit of another branch", "o1", "main", false, 1},
		{"a commit that came in by a merge", "x1", "main", false, 1},
		{"the head of the pull request", "x2", "main", false, 1},
		{"a commit of main, asked of a branch that began there", "c1", "ops", false, 2},
		{"the tag of the name of another branch", "lone", "ops", false, 2},
		{"the tip of the default branch", "c1", "main", true, 0},
		{"an earlier tip", "c0", "main", true, 2}, // the comparison has two pages here
		{"the tip of another branch", "o2", "ops", true, 1},
		{"an earlier tip of another branch", "o1", "ops", true, 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := started(t, strings.TrimSuffix(impostorWorld, "workflow-runs:\n"), nil)
			subject := fact.Subject{Repository: "acme/shop", Ref: "refs/heads/main", SHA: fact.SHA(server.SHA(row.commit))}
			reader, err := github.NewReader(reaching(t, server), subject, policyPath)
			if err != nil {
				t.Fatal(err)
			}
			reader.Overview(t.Context())
			before := len(server.Requests())
			same(t, "tip", have(t, reader.Tip(t.Context(), row.branch)), fact.Tip{Branch: row.branch, Was: row.was})
			if asked := len(server.Requests()) - before; asked != row.requests {
				t.Errorf("%d requests, want %d", asked, row.requests)
			}
			wantLost(t, reader.Tip(t.Context(), "gone"), fact.NotFound, `there is no branch "gone"`)
			wantLost(t, reader.Tip(t.Context(), "a b"), fact.NotFound, "is not a branch")
			for _, violation := range server.Violations() {
				t.Error(violation)
			}
		})
	}
}

func TestTipThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("repository.defaultBranchRef.target.oid", parentSHA)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/compare/") {
			return false
		}
		show(w, http.StatusForbidden, object{"message": "Resource not accessible by integration"})
		return true
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	known := reader.Tip(t.Context(), "main")
	wantLost(t, known, fact.Forbidden, "/compare/")
	if fix := lost(t, known).Fix; !strings.Contains(fix, "contents: read") {
		t.Errorf("fix %q", fix)
	}
}
