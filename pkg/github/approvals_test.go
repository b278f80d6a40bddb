package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	approveFile  = ".github/workflows/approve.yml"
	approvePath  = "/v3/repos/acme/shop/actions/workflows/approve.yml/runs"
	runReviewsAt = "/v3/repos/acme/shop/actions/runs/9001/approvals"
)

// restUser is an account as REST shows it.
func restUser(id int, login string) object { return object{"id": id, "login": login, "type": "User"} }

// approvalData is a run by bob, some minutes before eight.
func approvalData(id, minutes int) object {
	return object{
		"id": id, "display_title": "approve prod " + subjectSHA, "event": "workflow_dispatch", "head_branch": "main", "head_sha": parentSHA,
		"path": approveFile, "run_attempt": 1, "actor": restUser(12, "bob"), "triggering_actor": restUser(12, "bob"),
		"created_at": time.Date(2026, 11, 17, 8, -minutes, 0, 0, time.UTC).Format(time.RFC3339), "html_url": fmt.Sprintf("https://github.com/acme/shop/actions/runs/%d", id),
		"repository": object{"id": 1001}, "head_repository": object{"id": 1001}, "status": "completed", "conclusion": "success",
	}
}

// approvals starts a fake with a list of runs, and reads them.
func approvals(t *testing.T, handle func(http.ResponseWriter, *http.Request) bool) (*fake, fact.Known[[]fact.ApprovalRun]) {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{approvePath: handle})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.ApprovalRuns(t.Context(), approveFile)
}

func TestApprovalsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	with := func(path string, value any) array {
		return array{approvalData(2, 1), put(approvalData(1, 2), path, value)}
	}
	rows := []struct {
		name   string
		answer any
		detail string
	}{
		{"no list", object{"total_count": 0}, "no list"},
		{"no total", object{"workflow_runs": array{}}, "no total"},
		{"fewer than counted", object{"total_count": 1000, "workflow_runs": array{}}, "got 0 of 1000"},
		{"a run twice", array{approvalData(1, 1), approvalData(1, 1)}, "listed twice"},
		{"a null run", array{nil}, "all of workflow run 0"},
		{"a run without a number", with("id", absent), "all of workflow run"},
		{"a run without a title", with("display_title", absent), "all of workflow run 1"},
		{"a run whose title is null", with("display_title", nil), "all of workflow run 1"},
		{"a run without an event", with("event", ""), "all of workflow run 1"},
		{"a run of no branch", with("head_branch", nil), "all of workflow run 1"},
		{"a run of no commit", with("head_sha", "main"), "all of workflow run 1"},
		{"a run of no attempt", with("run_attempt", absent), "all of workflow run 1"},
		{"a run that may have an actor", with("actor", absent), "all of workflow run 1"},
		{"an actor without a number", with("actor.id", absent), "all of workflow run 1"},
		{"an actor without a login", with("actor.login", ""), "all of workflow run 1"},
		{"an actor who may be a program", with("actor.type", absent), "all of workflow run 1"},
		{"a run that may have been started again", with("triggering_actor", absent), "all of workflow run 1"},
		{"a triggering actor without a number", with("triggering_actor.id", 0), "all of workflow run 1"},
		{"a run of no time", with("created_at", nil), "all of workflow run 1"},
		{"a run that only began", array{put(put(approvalData(1, 1), "created_at", nil), "run_started_at", "2026-11-17T08:00:00Z")}, "all of workflow run 1"},
		{"a time that is none", with("created_at", "yesterday"), "shape"},
		{"a run without a page", with("html_url", nil), "all of workflow run 1"},
		{"a run in no repository", with("repository", nil), "all of workflow run 1"},
		{"a run without a file", with("path", ""), "all of workflow run 1"},
		{"a number that is text", with("run_attempt", "1"), "shape"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := approvals(t, func(w http.ResponseWriter, _ *http.Request) bool {
				show(w, http.StatusOK, runsIn(row.answer))
				return true
			})
			wantLost(t, known, fact.Incomplete, row.detail)
		})
	}
}

func TestApprovalsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
		fix    string
	}{
		{"a workflow that is not there", raw(404, media, `{"message":"Not Found"}`), fact.NotFound, "approve.yml", "Add the workflow by which people approve to the branch main as " + approveFile + "; examples has approve.yml and exception.yml."},
		{"a refusal", raw(403, media, `{"message":"Resource not accessible by integration"}`), fact.Forbidden, "approve.yml", "actions: read"},
		{"a server that fails", raw(502, media, "{}"), fact.Unavailable, "approve.yml", ""},
		{"a redirect to another repository", raw(301, media, "{}", "Location", "/api/v3/repos/eve/shop/actions/workflows/approve.yml/runs"), fact.Inconsistent, "approve.yml", "renamed or moved"},
		{"a list that does not advance", raw(200, media, `{"total_count":0,"workflow_runs":[]}`, "Link", `<https://HOST/api/v3/x?page=1>; rel="next"`), fact.Inconsistent, "another host", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, "/api/v3/repos/eve/") {
					show(w, http.StatusOK, object{"total_count": 0, "workflow_runs": array{}})
					return true
				}
				return r.Method == http.MethodGet && row.handle(w, r)
			}
			reader := f.reader(t)
			reader.Overview(t.Context())
			known := reader.ApprovalRuns(t.Context(), approveFile)
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; !strings.Contains(fix, row.fix) {
				t.Errorf("fix %q, want %q", fix, row.fix)
			}
		})
	}
}

func TestApprovalsThatAreNotAskedFor(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, path := range []string{"", "approve.yml", ".github/workflows/", ".github/workflows/..", ".github/workflows/a/b.yml", ".github/workflows/approve", ".github/workflows/../approve.yml", "/.github/workflows/approve.yml"} {
		wantLost(t, f.reader(t).ApprovalRuns(t.Context(), path), fact.NotFound, "not the path of a workflow")
	}
	wantLost(t, f.reader(t).ApprovalRuns(t.Context(), approveFile), fact.NotAsked, "")
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
	f.withData("repository.defaultBranchRef", nil, "repository.policyDirectory", nil, "repository.policyFile", nil, "contained.defaultBranchRef", nil)
	reader := f.reader(t)
	reader.Overview(t.Context())
	if missing := lost(t, reader.ApprovalRuns(t.Context(), approveFile)); missing.Reason != fact.NotFound || len(f.asked()) != 1 {
		t.Errorf("without a default branch: %v, asked %q", missing, f.asked())
	}
}

func TestOnlyRunsOfThisFileInThisRepositoryAreKept(t *testing.T) {
	t.Parallel()
	strangers := array{
		put(approvalData(11, 1), "path", ".github/workflows/other.yml"),
		put(approvalData(12, 1), "path", approveFile+"@refs/heads/main"),
		put(approvalData(13, 1), "path", ".github/workflows/Approve.yml"),
		put(approvalData(14, 1), "repository", object{"id": 4711}),
		put(approvalData(15, 1), "head_repository", object{"id": 4711}),
		put(approvalData(16, 1), "head_repository", nil),
	}
	kept := array{approvalData(3, 9), put(approvalData(5, 4), "head_branch", "v1"), put(approvalData(6, 4), "event", "push"), approvalData(4, 2)}
	f, known := approvals(t, paged(append(strangers, kept...), 3, "workflow_runs"))
	var ids []int64
	for _, run := range have(t, known) {
		ids = append(ids, run.ID)
	}
	if !slices.Equal(ids, []int64{4, 6, 5, 3}) {
		t.Errorf("runs %v, want the newest first", ids)
	}
	if want := "https://github.com/acme/shop/actions/workflows/approve.yml"; known.Source().URL != want {
		t.Errorf("page %q", known.Source().URL)
	}
	if got, want := f.asked()[1], "GET /api"+approvePath+"?branch=main&event=workflow_dispatch&page=1&per_page=100"; got != want || len(f.asked()) != 6 {
		t.Errorf("asked %q, want %q first", f.asked(), want)
	}
}

func TestAnApprovalSaysAllThatGitHubSays(t *testing.T) {
	t.Parallel()
	given := approvalData(4, 2)
	put(put(given, "run_attempt", 2), "triggering_actor", object{"id": 15, "login": "helper[bot]", "type": "Bot"})
	gone := put(put(approvalData(3, 3), "actor", nil), "triggering_actor", nil)
	_, known := approvals(t, paged(array{given, put(gone, "display_title", "")}, 100, "workflow_runs"))
	run := fact.ApprovalRun{
		ID: 4, Title: "approve prod " + subjectSHA, Event: "workflow_dispatch", Branch: "main", Head: parentSHA, Attempt: 2,
		Actor: &fact.Person{ID: 12, Login: "bob", Kind: fact.User}, TriggeringActor: &fact.Person{ID: 15, Login: "helper[bot]", Kind: fact.Bot},
		At: time.Date(2026, 11, 17, 7, 58, 0, 0, time.UTC), URL: "https://github.com/acme/shop/actions/runs/4",
		OnDefaultBranch: fact.Of(true, fact.Source{From: "graphql"}), SameFile: fact.Of(true, fact.Source{From: "graphql"}),
	}
	other := run
	other.OnDefaultBranch, other.SameFile = fact.Known[bool]{}, fact.Known[bool]{} // its title names nothing
	other.ID, other.Title, other.Attempt, other.Actor, other.TriggeringActor = 3, "", 1, nil, nil
	other.At, other.URL = run.At.Add(-time.Minute), "https://github.com/acme/shop/actions/runs/3"
	same(t, "runs", have(t, known), []fact.ApprovalRun{run, other})
	_, none := approvals(t, paged(array{}, 100, "workflow_runs"))
	if runs := have(t, none); runs == nil || len(runs) > 0 {
		t.Errorf("no runs: %v", runs)
	}
}

func TestThePagesOfApprovalsAfterTheFirstAreReadAtOnce(t *testing.T) {
	t.Parallel()
	var runs array
	for i := range 420 {
		runs = append(runs, approvalData(1000-i, i))
	}
	others := newMeeting(4)
	_, known := approvals(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("page") != "1" {
			others.arrive()
		}
		return paged(runs, 100, "workflow_runs")(w, r)
	})
	if got := have(t, known); len(got) != 420 || got[419].ID != 581 {
		t.Errorf("%d runs", len(got))
	}
}

// A rejection that GitHub does not list could block: the newest 1,000 are not enough.
func TestOfMoreRunsThanGitHubListsNothingIsKnown(t *testing.T) {
	t.Parallel()
	counted := func(total int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			show(w, http.StatusOK, object{"total_count": total, "workflow_runs": array{approvalData(1, 1)}})
			return true
		}
	}
	f, known := approvals(t, counted(1001))
	wantLost(t, known, fact.Incomplete, "was started 1001 times; GitHub lists 1000 runs at most")
	if fix := lost(t, known).Fix; !strings.Contains(fix, "Delete runs") || len(f.asked()) != 2 {
		t.Errorf("fix %q, asked %q", fix, f.asked())
	}
	var runs array
	for i := range 1000 {
		runs = append(runs, approvalData(5000-i, i))
	}
	f, known = approvals(t, paged(runs, 100, "workflow_runs"))
	if got := have(t, known); len(got) != 1000 || len(f.asked()) != 12 { // the overview, ten pages, and where the runs come from
		t.Errorf("%d runs in %d requests", len(got), len(f.asked()))
	}
}

func TestReviewsOfARunThatAreNotKnown(t *testing.T) {
	t.Parallel()
	review := func(path string, value any) array {
		return array{put(object{"state": "approved", "comment": "", "user": restUser(12, "bob"), "environments": array{object{"id": 1, "name": "prod"}}}, path, value)}
	}
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{"an object", object{"state": "approved"}, fact.Incomplete, "shape"},
		{"null", nil, fact.Incomplete, "says nothing"},
		{"a null review", array{nil}, fact.Incomplete, "all of a review"},
		{"a review in no state", review("state", ""), fact.Incomplete, "all of a review"},
		{"a review without a comment", review("comment", absent), fact.Incomplete, "all of a review"},
		{"a review that may have a user", review("user", absent), fact.Incomplete, "all of a review"},
		{"a user without a number", review("user.id", absent), fact.Incomplete, "all of a review"},
		{"a user who may be a program", review("user.type", ""), fact.Incomplete, "all of a review"},
		{"no environments", review("environments", nil), fact.Incomplete, "all of a review"},
		{"a null environment", review("environments", array{nil}), fact.Incomplete, "all of a review"},
		{"an environment without a name", review("environments", array{object{"id": 1}}), fact.Incomplete, "all of a review"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, _ *http.Request) bool { show(w, http.StatusOK, row.answer); return true }
			wantLost(t, f.reader(t).RunReviews(t.Context(), 9001), row.reason, row.detail)
		})
	}
	f := newFake(t)
	wantLost(t, f.reader(t).RunReviews(t.Context(), 0), fact.NotFound, "not a workflow run")
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
}

func TestReviewsOfARunOfAnotherRepositoryAreNotKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, runReviewsAt) {
			return raw(301, "application/json", "{}", "Location", "/api/v3/repos/eve/shop/actions/runs/9001/approvals")(w, r)
		}
		show(w, http.StatusOK, array{})
		return true
	}
	wantLost(t, f.reader(t).RunReviews(t.Context(), 9001), fact.Inconsistent, "the same repository")
}

// Who approved and was deleted since keeps the number of the approval, so that
// the answer is "no permission" and not a contradiction.
func TestAnApproverWhoIsGoneHasNoPermission(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	lists := by(map[string]func(http.ResponseWriter, *http.Request) bool{
		approvePath:  paged(array{put(approvalData(1, 1), "actor", restUser(41, "Gina"))}, 100, "workflow_runs"),
		runReviewsAt: paged(array{object{"state": "approved", "comment": "", "user": restUser(42, "Iris"), "environments": array{object{"name": "prod"}}}}, 100, ""),
	})
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/collaborators/") {
			show(w, http.StatusNotFound, object{"message": "x is not a user"})
			return true
		}
		if strings.HasSuffix(r.URL.Path, "/approvals") {
			q := r.URL.Query()
			q.Set("page", "1")
			q.Set("per_page", "100")
			r.URL.RawQuery = q.Encode()
		}
		return lists(w, r)
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	have(t, reader.ApprovalRuns(t.Context(), approveFile))
	have(t, reader.RunReviews(t.Context(), 9001))
	for login, id := range map[string]int64{"gina": 41, "iris": 42} {
		if access := have(t, reader.Access(t.Context(), login)); access.Person.ID != id || access.Permission != fact.NoPermission {
			t.Errorf("%s: %+v", login, access)
		}
	}
}

// checkApprovals checks what the double says of approvals and teams.
func checkApprovals(t *testing.T, server *githubtest.Server, set fact.Set) {
	t.Helper()
	runs := have(t, set.ApprovalRuns[approveFile])
	if len(runs) != 3 || runs[0].ID != 602 || runs[0].Attempt != 2 || runs[0].Actor.ID != 14 || runs[0].TriggeringActor.ID != 12 || runs[0].Title != "reject prod" ||
		runs[1].ID != 601 || runs[1].Actor.Kind != fact.User || runs[2].Actor != nil || string(runs[2].Head) != server.SHA("c0") {
		t.Errorf("approvals %+v", runs)
	}
	reviews := have(t, set.RunReviews)
	if len(reviews) != 2 || reviews[0].User.ID != 12 || reviews[0].Comment != "Ship it" || reviews[1].User != nil || reviews[1].State != "rejected" || len(reviews[1].Environments) != 2 {
		t.Errorf("reviews %+v", reviews)
	}
	if team := have(t, set.TeamOf("acme/quality")); len(team.Members) != 3 || team.Members[0].ID != 11 || team.Members[2].ID != 14 {
		t.Errorf("team %+v", team)
	}
}
