package githubtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// writable is a repository in which the token may write.
const writable = `repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {}}
commits:
  - {name: c1, by: olga}
  - {name: t1, branch: thing, parents: [c1], by: olga}
  - {name: c2, branch: main, by: olga}
  - {name: t2, branch: dir/thing, parents: [c1], by: olga}
  - {name: alone, branch: alone, parents: [], by: olga}
tags: [{name: v1, commit: c2}]
statuses: [{commit: t1, context: ci/old, state: failure}, {commit: t1, context: ci/new}]
checks: [{commit: t1, name: scan, app: scanner, status: in_progress}, {commit: t1, name: lint, app: scanner, conclusion: skipped}]
token: {permissions: {contents: write, deployments: write}}
`

// send sends a request with a body as the token's holder, and holds both it
// and the answer against GitHub's description.
func send(t *testing.T, server *githubtest.Server, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := sendUndescribed(t, server, method, path, body)
	if err := describeSent(t.Context(), method, path, body, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return recorder
}

// sendUndescribed is send for what GitHub does not describe.
func sendUndescribed(t *testing.T, server *githubtest.Server, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, origin+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+server.Token())
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	return recorder
}

const inRepo = "/repos/acme/shop"

func TestARequestWithoutABody(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable)
	for method, want := range map[string]int{http.MethodGet: http.StatusOK, http.MethodPost: http.StatusUnprocessableEntity} {
		request, err := http.NewRequestWithContext(t.Context(), method, origin+inRepo+"/deployments", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+server.Token())
		recorder := httptest.NewRecorder()
		if server.ServeHTTP(recorder, request); recorder.Code != want {
			t.Errorf("%s: %d, want %d", method, recorder.Code, want)
		}
	}
}

// deploy posts a deployment that has to be made.
func deploy(t *testing.T, server *githubtest.Server, body string) int64 {
	t.Helper()
	recorder := send(t, server, http.MethodPost, inRepo+"/deployments", body)
	if recorder.Code != http.StatusCreated {
		t.Fatalf("%s: %d %s", body, recorder.Code, recorder.Body)
	}
	var got record
	decode(t, recorder.Body.Bytes(), &got)
	return got.ID
}

func TestDeploymentsThatGitHubDoesNotMake(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable)
	long := strings.Repeat("ä", 141)
	rows := []struct {
		name, body string
		status     int
		want       string
	}{
		{"a reference that is not there", `{"ref":"none"}`, 422, "No ref found for: none"},
		{"a long description", `{"ref":"main","description":"` + long + `"}`, 422, "too long"},
		{"behind the default branch", `{"ref":"thing"}`, 202, `{"message":"Auto-merged main into thing on deployment."}`},
		{"behind the default branch, by its id", `{"ref":"` + server.SHA("t1") + `","required_contexts":[]}`, 202, "Auto-merged"},
		{"nothing in common with the default branch", `{"ref":"alone"}`, 409, "Conflict merging main into alone."},
		{"a status that failed, and a check that runs", `{"ref":"thing","auto_merge":false}`, 409, `"contexts":[{"context":"ci/old","state":"failure"},{"context":"scan","state":"in_progress"}]`},
		{"a context that is not there", `{"ref":"main","required_contexts":["none"]}`, 409, `{"context":"none","state":"pending"}`},
	}
	for _, row := range rows {
		got := send(t, server, http.MethodPost, inRepo+"/deployments", row.body)
		if got.Code != row.status || !strings.Contains(got.Body.String(), row.want) {
			t.Errorf("%s: %d %s, want %d with %s", row.name, got.Code, got.Body, row.status, row.want)
		}
	}
	if left := string(fetch(t, server, inRepo+"/deployments")); left != "[]" {
		t.Errorf("deployments were made: %s", left)
	}
	noViolations(t, server)
}

func TestDeploymentsThatGitHubMakes(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, "page-size: 100\n"+writable)
	bodies := []string{
		`{"ref":"main"}`,
		`{"ref":"thing","auto_merge":false,"required_contexts":["ci/new","lint"],"environment":"Prod","payload":{"b":1,"a":"<x>"},"task":"migrate","description":"` + strings.Repeat("ä", 140) + `"}`,
		`{"ref":"` + server.SHA("t1") + `","auto_merge":false,"required_contexts":[],"environment":"staging","payload":"{\"a\": 1}","description":null}`,
		`{"ref":"v1","transient_environment":true,"production_environment":false}`,
	}
	for i, body := range bodies {
		if id := deploy(t, server, body); id != 800001+int64(i) {
			t.Errorf("%s: id %d", body, id)
		}
	}
	var got []struct {
		record
		Task                  string
		Transient, Production bool
		T                     bool `json:"transient_environment"`
		P                     bool `json:"production_environment"`
	}
	decode(t, fetch(t, server, inRepo+"/deployments"), &got)
	lines := []string{}
	for _, each := range got {
		lines = append(lines, fmt.Sprintf("%s of %s %s %t %t", each.record, each.Sha, each.Task, each.T, each.P))
	}
	want := []string{
		`800004 production v1 by github-actions[bot] "" of ` + server.SHA("c2") + " deploy true false",
		`800003 staging ` + server.SHA("t1") + ` by github-actions[bot] "{\"a\": 1}" of ` + server.SHA("t1") + " deploy false false",
		`800002 Prod thing by github-actions[bot] {"a":"\u003cx\u003e","b":1} of ` + server.SHA("t1") + " migrate false false",
		`800001 production main by github-actions[bot] "" of ` + server.SHA("c2") + " deploy false true",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
	query := inShop(`deployments(first: 9, environments: ["Prod", "staging"]) { nodes { databaseId payload state creator { login } } }`)
	wantGraphQL := `{"data":{"repository":{"deployments":{"nodes":[` +
		`{"databaseId":800002,"payload":"{\"a\":\"\u003cx\u003e\",\"b\":1}","state":"PENDING","creator":{"login":"github-actions"}},` +
		`{"databaseId":800003,"payload":"\"{\\\"a\\\": 1}\"","state":"PENDING","creator":{"login":"github-actions"}}]}}}}`
	if got := post(t, server, query, nil).Body.String(); got != wantGraphQL {
		t.Errorf("got  %s\nwant %s", got, wantGraphQL)
	}
	noViolations(t, server)
}

func TestASuccessMakesEarlierDeploymentsInactive(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable)
	say := func(id int64, body string) said {
		recorder := send(t, server, http.MethodPost, fmt.Sprintf("%s/deployments/%d/statuses", inRepo, id), body)
		if recorder.Code != http.StatusCreated {
			t.Fatalf("%d: %s: %d %s", id, body, recorder.Code, recorder.Body)
		}
		var got said
		decode(t, recorder.Body.Bytes(), &got)
		return got
	}
	of := func(more string) int64 { return deploy(t, server, `{"ref":"main","environment":`+more+`}`) }
	earlier, failed := of(`"staging"`), of(`"staging"`)
	production, transient := of(`"staging","production_environment":true`), of(`"staging","transient_environment":true`)
	other, asked, later := of(`"Staging"`), of(`"staging"`), of(`"staging"`)
	for _, id := range []int64{earlier, production, transient, other, later} {
		say(id, `{"state":"success","auto_inactive":false}`)
	}
	say(failed, `{"state":"failure","target_url":"https://ci.example/old"}`)
	got := say(asked, `{"state":"success","log_url":"https://ci.example/1","target_url":"x","description":"Done","environment_url":"https://shop.example"}`)
	if got.ID != 8000007 || got.State != "success" || got.Log != "https://ci.example/1" || got.Creator.Login != "github-actions[bot]" {
		t.Errorf("status = %+v", got)
	}
	by := " by github-actions[bot]"
	for id, want := range map[int64][]string{
		earlier: {"10:00 inactive" + by, "10:00 success" + by}, failed: {"10:00 failure" + by + " https://ci.example/old"}, production: {"10:00 success" + by},
		transient: {"10:00 success" + by}, other: {"10:00 success" + by}, asked: {"10:00 success" + by + " https://ci.example/1"}, later: {"10:00 success" + by},
	} {
		if diff := cmp.Diff(want, statusesOf(t, server, id)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", id, diff)
		}
	}
	say(later, `{"state":"queued","environment":"moved"}`)
	var moved record
	decode(t, fetch(t, server, fmt.Sprintf("%s/deployments/%d", inRepo, later)), &moved)
	if moved.Environment != "moved" {
		t.Errorf("environment = %s", moved.Environment)
	}
	tooLong := send(t, server, http.MethodPost, fmt.Sprintf("%s/deployments/%d/statuses", inRepo, later), `{"state":"error","description":"`+strings.Repeat("x", 141)+`"}`)
	if tooLong.Code != http.StatusUnprocessableEntity || statusesOf(t, server, later)[0] != "10:00 queued"+by {
		t.Errorf("a long description: %d", tooLong.Code)
	}
	if gone := sendUndescribed(t, server, http.MethodPost, inRepo+"/deployments/1/statuses", `{"state":"error"}`); gone.Code != http.StatusNotFound {
		t.Errorf("a deployment that is not there: %d", gone.Code)
	}
	noViolations(t, server)
}
