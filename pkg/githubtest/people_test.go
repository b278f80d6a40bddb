package githubtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const approvals = "/repos/acme/shop/actions/workflows/approve.yml/runs"

func TestATeamIsReadWithTheTokenForPeopleOnly(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	const path = "/orgs/acme/teams/quality/members"
	refused := callAs(t, server, server.Token(), path)
	if refused.Code != http.StatusForbidden || !strings.Contains(refused.Body.String(), "Resource not accessible by integration") {
		t.Errorf("the token of the workflow: %d %s", refused.Code, refused.Body)
	}
	if server.Token() == server.PeopleToken() {
		t.Error("the tokens are one")
	}
	noViolations(t, server)
}

func TestATeamHoldsThoseOfTheTeamsBelow(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	for path, want := range map[string][]string{
		"/orgs/acme/teams/quality/members":                    {"bob false"},
		"/orgs/acme/teams/people/members?per_page=100":        {"alice false", "octocat false"},
		"/orgs/Acme/teams/People/members?page=2&per_page=100": {"bob true"},
	} {
		var members []struct {
			Login     string
			Inherited bool
		}
		decode(t, fetch(t, server, path), &members)
		var got []string
		for _, member := range members {
			got = append(got, fmt.Sprint(member.Login, " ", member.Inherited))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	noViolations(t, server)
}

func TestReviewsAreOfOneRun(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {id: 11}, left: {gone: true}}
commits: [{name: c1, by: olga}]
run-reviews:
  - {run-id: 5, environments: [staging, prod], user: olga, comment: "Yes"}
  - {run-id: 6, environments: [prod], user: olga}
  - {run-id: 5, environments: [prod], user: left, state: rejected}
  - {run-id: 5, environments: [prod], user: olga, state: pending}
`)
	var got []struct {
		State, Comment string
		User           *struct{ ID int64 }
		Environments   []struct{ Name string }
	}
	decode(t, fetch(t, server, "/repos/acme/shop/actions/runs/5/approvals"), &got)
	if len(got) != 3 || got[0].State != "approved" || got[0].Comment != "Yes" || got[0].User.ID != 11 || len(got[0].Environments) != 2 ||
		got[1].State != "rejected" || got[1].User != nil || got[2].State != "pending" {
		t.Errorf("reviews %+v", got)
	}
	if none := strings.TrimSpace(string(fetch(t, server, "/repos/acme/shop/actions/runs/7/approvals"))); none != "[]" {
		t.Errorf("a run without reviews: %s", none)
	}
	noViolations(t, server)
}

func TestARunSaysWhoStartedIt(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {}, ben: {}, left: {gone: true}}
commits: [{name: c1, by: olga, message: Start}]
workflow-runs:
  - {commit: c1, workflow: .github/workflows/approve.yml, run-id: 1, event: workflow_dispatch, title: "approve prod", actor: ben, triggering-actor: olga, attempt: 2}
  - {commit: c1, workflow: .github/workflows/approve.yml, run-id: 2, event: workflow_dispatch, actor: left, minutes-ago: 70}
  - {commit: c1, workflow: .github/workflows/approve.yml, run-id: 3, minutes-ago: 80}
`)
	var got struct {
		Runs []struct {
			ID      int64
			Title   string `json:"display_title"`
			Attempt int    `json:"run_attempt"`
			Actor   *struct{ Login string }
			Again   *struct{ Login string } `json:"triggering_actor"`
		} `json:"workflow_runs"`
	}
	var runs []string
	for _, page := range []string{"", "?page=2"} {
		got.Runs = nil
		decode(t, fetch(t, server, approvals+page), &got)
		for _, run := range got.Runs {
			login := func(user *struct{ Login string }) string {
				if user == nil {
					return "null"
				}
				return user.Login
			}
			runs = append(runs, fmt.Sprint(run.ID, " ", run.Title, " ", run.Attempt, " ", login(run.Actor), " ", login(run.Again)))
		}
	}
	want := []string{"1 approve prod 2 ben olga", "2 Start 1 null null", "3 Start 1 olga olga"}
	if diff := cmp.Diff(want, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	noViolations(t, server)
}

func TestASearchListsAThousandRunsAndCountsAll(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npage-size: 100\npeople: {olga: {}}\ncommits: [{name: c1, by: olga}]\nworkflow-runs:\n")
	for i := range 1001 {
		fmt.Fprintf(&text, "  - {commit: c1, workflow: .github/workflows/approve.yml, run-id: %d, minutes-ago: %d}\n", i+1, i)
	}
	server := serveOnly(t, text.String())
	for query, want := range map[string]int{"?per_page=100&page=10": 100, "?per_page=100&page=11": 0} {
		var got struct {
			Total int        `json:"total_count"`
			Runs  []struct{} `json:"workflow_runs"`
		}
		decode(t, fetch(t, server, approvals+query), &got)
		if got.Total != 1001 || len(got.Runs) != want {
			t.Errorf("%s: %d of %d, want %d", query, len(got.Runs), got.Total, want)
		}
	}
	noViolations(t, server)
}
