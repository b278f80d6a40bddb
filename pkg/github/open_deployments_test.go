package github_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

const runPage = "https://github.com/acme/shop/actions/runs/"

// openData is a record to production that is in progress, in run 501.
func openRecord(id int) object {
	return object{
		"databaseId": id, "commitOid": headSHA, "environment": "production", "createdAt": "2026-11-17T09:00:00Z", "payload": `""`,
		"creator":      actor("User", 12, "bob"),
		"latestStatus": object{"state": "IN_PROGRESS", "createdAt": "2026-11-17T09:02:00Z", "logUrl": runPage + "501/job/7"},
		"statuses": object{"totalCount": 2, "nodes": array{
			object{"state": "IN_PROGRESS", "createdAt": "2026-11-17T09:01:00Z"}, object{"state": "IN_PROGRESS", "createdAt": "2026-11-17T09:02:00Z"},
		}},
	}
}

// restRun is a workflow run as REST has it.
func restRun(id int, status string, conclusion any) object {
	return object{
		"id": id, "status": status, "conclusion": conclusion, "run_started_at": "2026-11-17T08:50:00Z", "updated_at": "2026-11-17T09:30:00Z", "html_url": runPage + "501",
		"repository": object{"id": 1001},
	}
}

// openOf reads the open deployments to production: answer says which page follows
// a cursor.
func openOf(t *testing.T, change func(*fake), answer func(after string) any) (*fake, fact.Known[[]fact.OpenDeployment]) {
	t.Helper()
	f := newFake(t)
	f.routes["/repos/acme/shop/actions/runs/501"] = func(*http.Request) any { return restRun(501, "in_progress", nil) }
	if change != nil {
		change(f)
	}
	f.onQuery("StagewardOpenDeployments", func(variables map[string]string) any {
		after := variables["after"]
		delete(variables, "after")
		same(t, "variables", variables, map[string]string{
			"owner": "acme", "name": "shop", "written": "production", "lower": "production", "upper": "PRODUCTION", "title": "Production",
		})
		return answer(after)
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.OpenDeployments(t.Context(), "production")
}

// records is an answer that is one page.
func records(nodes ...any) func(string) any {
	return func(string) any { return inRepository("deployments", graphList(nodes...)) }
}

func TestOpenDeploymentsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	changed := func(path string, value any) func(string) any { return records(put(openRecord(7), path, value)) }
	list := func(path string, value any) func(string) any {
		return func(string) any { return inRepository("deployments", put(graphList(openRecord(7)), path, value)) }
	}
	rows := []struct {
		name   string
		answer func(string) any
		reason fact.Reason
		detail string
	}{
		{"the token may not read", func(string) any {
			return object{"data": object{"repository": nil}, "errors": array{object{"type": "FORBIDDEN", "path": array{"repository", "deployments"}, "message": "Resource not accessible by integration"}}}
		}, fact.Forbidden, ""},
		{"another repository", func(string) any {
			return object{"data": object{"repository": object{"databaseId": 7, "deployments": graphList()}}}
		}, fact.Inconsistent, "repository 7"},
		{"no list", func(string) any { return inRepository() }, fact.Incomplete, "shape"},
		{"a list that is null", func(string) any { return inRepository("deployments", nil) }, fact.Incomplete, "no list"},
		{"a list without a total", list("totalCount", absent), fact.Incomplete, "no list"},
		{"a list that does not say whether it ends", list("pageInfo", nil), fact.Incomplete, "no list"},
		{"less than the total", list("totalCount", 2), fact.Incomplete, "got 1 of 2"},
		{"more than the total", list("totalCount", 0), fact.Incomplete, "got 1 of 0"},
		{"a page that never ends", list("pageInfo", object{"hasNextPage": true, "endCursor": ""}), fact.Inconsistent, "does not advance"},
		{"the same page again and again", list("pageInfo", object{"hasNextPage": true, "endCursor": "x"}), fact.Inconsistent, "does not advance"},
		{"a record twice", records(openRecord(7), openRecord(7)), fact.Incomplete, "listed twice"},
		{"a record that is null", records(nil), fact.Incomplete, "all of an entry"},
		{"no number", changed("databaseId", absent), fact.Incomplete, "all of an entry"},
		{"no commit", changed("commitOid", ""), fact.Incomplete, "all of an entry"},
		{"no environment", changed("environment", nil), fact.Incomplete, "all of an entry"},
		{"no time", changed("createdAt", nil), fact.Incomplete, "all of an entry"},
		{"the newest status is left out", changed("latestStatus", absent), fact.Incomplete, "all of an entry"},
		{"a status without a state", changed("latestStatus.state", ""), fact.Incomplete, "all of an entry"},
		{"a status without a time", changed("latestStatus.createdAt", nil), fact.Incomplete, "all of an entry"},
		{"no statuses", changed("statuses", nil), fact.Incomplete, "all of an entry"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := openOf(t, nil, row.answer)
			wantLost(t, known, row.reason, row.detail)
			if row.reason == fact.Forbidden && !strings.Contains(lost(t, known).Fix, "deployments: read, actions: read") {
				t.Errorf("fix %q", lost(t, known).Fix)
			}
		})
	}
}

func TestOpenDeploymentsAreRead(t *testing.T) {
	t.Parallel()
	f, known := openOf(t, nil, records(
		put(put(put(openRecord(9), "latestStatus", nil), "statuses", listOf(0)), "creator", actor("User", 10137, "ghost")),
		put(openRecord(8), "latestStatus.state", "WAITING"), put(openRecord(6), "latestStatus.state", "SUCCESS"), put(openRecord(5), "latestStatus.state", "INACTIVE"),
		put(openRecord(4), "latestStatus.state", "ERROR"), put(openRecord(3), "latestStatus.state", "FAILURE"),
		put(openRecord(11), "environment", "production-eu"),
		openRecord(7),
		put(put(openRecord(2), "environment", "Production"), "latestStatus.state", "SOMETHING_NEW"),
	))
	open := have(t, known)
	ids := []int64{}
	for _, each := range open {
		ids = append(ids, each.ID)
	}
	same(t, "numbers", ids, []int64{2, 7, 9})
	want := fact.OpenDeployment{
		ID: 7, Environment: "production", SHA: headSHA, Creator: &fact.Person{ID: 12, Login: "bob", Kind: fact.User},
		CreatedAt: time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC), State: "in_progress", Since: time.Date(2026, 11, 17, 9, 2, 0, 0, time.UTC),
		Began: time.Date(2026, 11, 17, 9, 1, 0, 0, time.UTC), URL: "https://github.com/acme/shop/deployments/production", RunID: 501,
		Run: open[1].Run,
	}
	if open[1].Run.OrZero() != (fact.RunState{ID: 501, Status: "in_progress", UpdatedAt: time.Date(2026, 11, 17, 9, 30, 0, 0, time.UTC), StartedAt: time.Date(2026, 11, 17, 8, 50, 0, 0, time.UTC), URL: runPage + "501"}) {
		t.Errorf("run %+v", open[1].Run.OrZero())
	}
	open[1].Run, want.Run = fact.Known[fact.RunState]{}, fact.Known[fact.RunState]{}
	if open[1].Creator == nil || *open[1].Creator != *want.Creator {
		t.Errorf("creator %+v", open[1].Creator)
	}
	open[1].Creator, want.Creator = nil, nil
	if open[1] != want {
		t.Errorf("got %+v, want %+v", open[1], want)
	}
	if last := open[2]; last.State != "" || last.RunID != 0 || !last.Since.IsZero() || !last.Began.IsZero() || last.Creator != nil {
		t.Errorf("without a status: %+v", last)
	}
	wantLost(t, open[2].Run, fact.NotFound, "names no workflow run")
	if asked := f.asked(); len(asked) != 3 {
		t.Errorf("asked %q", asked) // run 501 once, although two records name it
	}
}

func TestWhichRunARecordNames(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, log, payload string
		want               int64
	}{
		{"nothing", "", "", 0},
		{"the page of a run", runPage + "501", "", 501},
		{"the page of an attempt", runPage + "501/attempts/2", "", 501},
		{"the page of a job, in other letters", "https://github.com/ACME/Shop/actions/runs/501/job/7", "", 501},
		{"another host", "https://evil.example/acme/shop/actions/runs/501", "", 0},
		{"another host of the same length", "https://evilab.com/acme/shop/actions/runs/501", "", 0},
		{"another repository of the same length", "https://github.com/acme/shap/actions/runs/501", "", 0},
		{"another repository", "https://github.com/acme/shop2/actions/runs/501", "", 0},
		{"a repository below it", "https://github.com/acme/shop/x/actions/runs/501", "", 0},
		{"no number", runPage, "", 0},
		{"no number but a word", runPage + "501x", "", 0},
		{"less than none", runPage + "-501", "", 0},
		{"a number with a sign", runPage + "+501", "", 0},
		{"a number with zeros", runPage + "0501", "", 0},
		{"a query", runPage + "501?x=1", "", 0},
		{"another page", "https://ci.example/1", `{"run_id":501}`, 501},
		{"the page counts more than the payload", runPage + "501", `{"run_id":502}`, 501},
		{"a payload", "", `{"run_id":501}`, 501},
		{"a payload in which it is a text", "", `{"run_id":"501"}`, 501},
		{"a payload that is the text of an object", "", `"{\"run_id\":501}"`, 501},
		{"a payload that is a text", "", `"501"`, 0},
		{"a payload that is none", "", `{`, 0},
		{"a run that is no number", "", `{"run_id":5.5}`, 0},
		{"a run that is a list", "", `{"run_id":[501]}`, 0},
		{"a run that is too big", "", `{"run_id":99999999999999999999}`, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := openOf(t, nil, records(put(put(openRecord(7), "latestStatus.logUrl", row.log), "payload", row.payload)))
			if got := have(t, known); len(got) != 1 || got[0].RunID != row.want {
				t.Errorf("got %+v, want run %d", got, row.want)
			}
		})
	}
}

func TestHowTheRunOfARecordStands(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		run    any // nil for 404
		reason fact.Reason
		detail string
	}{
		{"it is not there", nil, fact.NotFound, "501"},
		{"another run", restRun(502, "completed", "success"), fact.Inconsistent, "about 502"},
		{"of another repository", put(restRun(501, "completed", "success"), "repository.id", 7), fact.Inconsistent, "of 7"},
		{"of no repository", put(restRun(501, "completed", "success"), "repository", nil), fact.Incomplete, "all of workflow run"},
		{"without a status", restRun(501, "", nil), fact.Incomplete, "all of workflow run"},
		{"that ended we know not how", restRun(501, "completed", nil), fact.Incomplete, "all of workflow run"},
		{"without a page", put(restRun(501, "completed", "success"), "html_url", ""), fact.Incomplete, "all of workflow run"},
		{"without a time", put(restRun(501, "completed", "success"), "updated_at", nil), fact.Incomplete, "all of workflow run"},
		{"it has ended", restRun(501, "completed", "cancelled"), "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := openOf(t, func(f *fake) {
				delete(f.routes, "/repos/acme/shop/actions/runs/501")
				if row.run != nil {
					f.routes["/repos/acme/shop/actions/runs/501"] = func(*http.Request) any { return row.run }
				}
			}, records(openRecord(7)))
			open := have(t, known)
			if len(open) != 1 || open[0].RunID != 501 {
				t.Fatalf("got %+v", open)
			}
			if row.reason != "" {
				wantLost(t, open[0].Run, row.reason, row.detail)
				return
			}
			if run := have(t, open[0].Run); run.Status != "completed" || run.Conclusion != "cancelled" {
				t.Errorf("got %+v", run)
			}
		})
	}
}

// Servers may make pages smaller than asked for, and there may be more records
// than anybody reads.
func TestTheNewestHundredRecordsAreReadPageByPage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ total, want, pages int }{{250, 120, 3}, {80, 80, 2}, {120, 120, 3}} {
		pages := 0
		_, known := openOf(t, nil, func(after string) any {
			pages++
			first := map[string]int{"": 0, "40": 40, "80": 80}[after]
			var nodes array
			for i := first; i < min(first+40, row.total); i++ {
				nodes = append(nodes, openRecord(1000-i))
			}
			end := map[int]string{0: "40", 40: "80", 80: "120"}[first]
			return inRepository("deployments", object{
				"totalCount": row.total, "pageInfo": object{"hasNextPage": first+40 < row.total, "endCursor": end}, "nodes": nodes,
			})
		})
		if got := have(t, known); len(got) != row.want || pages != row.pages {
			t.Errorf("%d: got %d in %d pages, want %d in %d", row.total, len(got), pages, row.want, row.pages)
		}
	}
}

func TestRecordsThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	asked := 0
	_, known := openOf(t, nil, func(after string) any {
		asked++
		page := graphList(openRecord(7))
		if after == "" && asked == 1 {
			return inRepository("deployments", object{"totalCount": 2, "pageInfo": object{"hasNextPage": true, "endCursor": "x"}, "nodes": array{openRecord(8)}})
		}
		return inRepository("deployments", page)
	})
	if open := have(t, known); len(open) != 1 || asked != 3 {
		t.Errorf("got %+v after %d questions", open, asked)
	}
}

// A record that is deleted moves the others, and one of them would be left out.
func TestATotalThatChangesIsAskedForAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	_, known := openOf(t, nil, func(after string) any {
		asked++
		first := map[string]int{"": 0, "60": 60}[after]
		var nodes array
		for i := first; i < first+60; i++ {
			nodes = append(nodes, openRecord(1000-i))
		}
		return inRepository("deployments", object{
			"totalCount": 250 - asked, "pageInfo": object{"hasNextPage": true, "endCursor": map[int]string{0: "60", 60: "120"}[first]}, "nodes": nodes,
		})
	})
	wantLost(t, known, fact.Incomplete, "the total changed")
	if asked != 4 {
		t.Errorf("asked %d times", asked)
	}
}

func TestARecordWithTooManyStatusesBeganNobodyKnowsWhen(t *testing.T) {
	t.Parallel()
	_, known := openOf(t, nil, records(put(openRecord(7), "statuses.totalCount", 101)))
	if open := have(t, known); len(open) != 1 || !open[0].Began.IsZero() {
		t.Errorf("got %+v", open)
	}
}

func TestOpenDeploymentsOfNothing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	reader := f.reader(t)
	wantLost(t, reader.OpenDeployments(t.Context(), "production"), fact.NotAsked, "")
	reader.Overview(t.Context())
	wantLost(t, reader.OpenDeployments(t.Context(), ""), fact.NotFound, "no environment")
	if len(f.asked()) != 1 {
		t.Errorf("asked %q", f.asked())
	}
}

const busyWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  olga: {permission: maintain}
commits:
  - {name: c1, by: olga}
checks:
  - {commit: c1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 501, environment: Production, status: in_progress}
  - {commit: c1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 502, environment: production, minutes-ago: 200}
deployments:
  - {commit: c1, environment: production, by: olga, payload: {run_id: 77}, statuses: [{state: in_progress}]}
  - {commit: c1, environment: staging, by: olga, statuses: [{state: in_progress}]}
  - {commit: c1, environment: production, by: olga, statuses: [{state: queued}]}
`

func TestOpenDeploymentsOnTheDouble(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, busyWorld, "c1", "refs/heads/main", githubtest.Fault{Match: "GET /repos/acme/shop/actions/runs/501", Times: 1, Status: 502})
	open := have(t, reader.OpenDeployments(t.Context(), "production"))
	if len(open) != 3 {
		t.Fatalf("got %+v", open)
	}
	runs := map[int64]fact.Known[fact.RunState]{}
	for _, each := range open {
		runs[each.RunID] = each.Run
	}
	if run := have(t, runs[501]); run.Status != "in_progress" {
		t.Errorf("run 501: %+v", run)
	}
	wantLost(t, runs[77], fact.NotFound, "77")
	wantLost(t, runs[0], fact.NotFound, "names no")
	withoutViolations(t, server)
}
