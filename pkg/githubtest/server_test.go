package githubtest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

func TestViolations(t *testing.T) {
	t.Parallel()
	const people = "the token for people is for people only"
	rows := []struct {
		name, method, path, authorization, body string
		status                                  int
		want                                    string
	}{
		{"the token for people elsewhere", "GET", "/repos/acme/shop", "people", "", 403, people},
		{"the token for people in GraphQL", "POST", "/graphql", "people", `{"query":"{viewer{login}}"}`, 403, people},
		{"no token", "GET", "/repos/acme/shop", "", "", 401, "authorization"},
		{"a token in the old form", "GET", "/repos/acme/shop", "token good", "", 401, "authorization"},
		{"another token", "POST", "/graphql", "Bearer other", `{"query":"{viewer{login}}"}`, 401, "authorization"},
		{"an unknown route", "GET", "/repos/acme/shop/keys", "good", "", 404, "unknown route"},
		{"a known route with another method", "PUT", "/repos/acme/shop", "good", "", 404, "unknown route"},
		{"a path that is not clean", "GET", "/repos/acme//shop", "good", "", 404, "unknown route"},
		{"a slash at the end", "GET", "/repos/acme/shop/", "good", "", 404, "unknown route"},
		{"an API version that is gone", "VERSION", "/repos/acme/shop", "good", "", 400, "unknown API version"},
		{"an unknown parameter", "GET", "/repos/acme/shop/pulls/7?pages=2", "good", "", 404, `"pages"`},
		{"paging where there is none", "GET", "/repos/acme/shop?page=2", "good", "", 404, `"page"`},
		{"a parameter given twice", "GET", "/repos/acme/shop/pulls/7/commits?page=1&page=2", "good", "", 404, `"page"`},
		{"a page size that GitHub does not have", "GET", "/repos/acme/shop/pulls/7/commits?per_page=101", "good", "", 404, "per_page=101"},
		{"a page that is no number", "GET", "/repos/acme/shop/pulls/7/commits?page=x", "good", "", 404, "page=x"},
		{"a GraphQL request that is not JSON", "POST", "/graphql", "good", "{", 400, "read GraphQL request"},
		{"a GraphQL request with a misspelt key", "POST", "/graphql", "good", `{"query":"{viewer{login}}","variable":{}}`, 400, "variable"},
		{"a GraphQL variable that the query lacks", "POST", "/graphql", "good", `{"query":"{viewer{login}}","variables":{"x":1}}`, 200, "$x"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, "")
			version := "2022-11-28"
			if row.method == "VERSION" {
				row.method, version = "GET", "2020-01-01"
			}
			request := httptest.NewRequestWithContext(t.Context(), row.method, origin+row.path, strings.NewReader(row.body))
			request.Header.Set("X-GitHub-Api-Version", version)
			switch row.authorization {
			case "good":
				request.Header.Set("Authorization", "Bearer "+server.Token())
			case "people":
				request.Header.Set("Authorization", "Bearer "+server.PeopleToken())
			case "token good":
				request.Header.Set("Authorization", "token "+server.Token())
			case "":
			default:
				request.Header.Set("Authorization", row.authorization)
			}
			recorder := httptest.NewRecorder()
			server.ServeHTTP(recorder, request)
			if recorder.Code != row.status {
				t.Errorf("status %d, want %d: %s", recorder.Code, row.status, recorder.Body)
			}
			violations := server.Violations()
			if len(violations) != 1 || !strings.Contains(violations[0], row.want) {
				t.Errorf("violations = %q, want one with %q", violations, row.want)
			}
			if strings.Contains(strings.Join(violations, ""), server.Token()) {
				t.Error("a violation names the token")
			}
		})
	}
}

func TestTheSameWorldGivesTheSameAnswers(t *testing.T) {
	t.Parallel()
	first, second := serve(t, ""), serve(t, "")
	for _, path := range every(first) {
		a, b := call(t, first, path), call(t, second, path)
		if diff := cmp.Diff(a.Body.String(), b.Body.String()); diff != "" {
			t.Errorf("GET %s (-first +second):\n%s", path, diff)
		}
		if diff := cmp.Diff(a.Header(), b.Header()); diff != "" {
			t.Errorf("GET %s, headers (-first +second):\n%s", path, diff)
		}
	}
	query := clientQuery(t, "overview.graphql", "target.graphql", "commit.graphql", "pull.graphql", "account.graphql")
	a := post(t, first, query, overviewVariables(first, "c1", "refs/heads/main"))
	b := post(t, second, query, overviewVariables(second, "c1", "refs/heads/main"))
	if diff := cmp.Diff(a.Body.String(), b.Body.String()); diff != "" {
		t.Errorf("GraphQL (-first +second):\n%s", diff)
	}
}

// A change of these ids breaks every golden file that shows one: it has to be
// on purpose.
func TestIdsStayTheSame(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	got := map[string]string{}
	for _, name := range []string{"root", "c1", "c2", "tag:v1.2.3", "none"} {
		got[name] = server.SHA(name)
	}
	want := map[string]string{
		"root": "d0df17bf38fd0a3da246ea72348b5e155f681e05", "c1": "9db6974d048f396a7c56a1d22bbe86384017a084",
		"c2": "9331cf88c0632a340536b30af926f72a228f8a3c", "tag:v1.2.3": "078f3e7fbf7ee407ebdb6218a33815408e838328", "none": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestHeadersOfAnAnswer(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	header := call(t, server, "/repos/acme/shop").Header()
	for name, want := range map[string]string{
		"Date": "Tue, 17 Nov 2026 10:00:00 GMT", "X-Ratelimit-Remaining": "999", "X-Ratelimit-Reset": "1794913200",
		"X-Github-Request-Id": "0D0B:0001", "Content-Type": "application/json; charset=utf-8",
	} {
		if header.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, header.Get(name), want)
		}
	}
}

func TestPermissionsOfPeople(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, login, world, permission, role string }{
		{"somebody outside a private repository", "eve", "private: true\n", "none", "none"},
		{"somebody outside a public repository", "eve", "", "read", "read"},
		{"triage shows as read", "bob", "", "read", "triage"},
		{"write", "alice", "", "write", "write"},
		{"maintain shows as write", "octocat", "", "write", "maintain"},
		{"a login in capitals", "OCTOCAT", "", "write", "maintain"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got struct {
				Permission string
				Role       string `json:"role_name"`
			}
			decode(t, fetch(t, serve(t, row.world), "/repos/acme/shop/collaborators/"+row.login+"/permission"), &got)
			if got.Permission != row.permission || got.Role != row.role {
				t.Errorf("got %+v, want %s as %s", got, row.permission, row.role)
			}
		})
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	call(t, server, "/repos/acme/shop/pulls/7/commits?page=2")
	post(t, server, `query Who($n: String!) { repository(owner: "acme", name: $n) { name } }`, map[string]any{"n": "shop"})
	want := []githubtest.Request{
		{Method: "GET", Path: "/repos/acme/shop/pulls/7/commits", Query: map[string][]string{"page": {"2"}}, Started: 1, Finished: 2, Status: 200},
		{
			Method: "POST", Path: "/graphql", Query: map[string][]string{}, Operation: "Who", Variables: map[string]any{"n": "shop"},
			Started: 3, Finished: 4, Status: 200,
		},
	}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestAFixedAddress(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	started, err := server.StartTLS(githubtest.At("localhost:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer started.Close()
	if !strings.HasPrefix(started.URL, "https://127.0.0.1:") && !strings.HasPrefix(started.URL, "https://[::1]:") {
		t.Errorf("URL = %s", started.URL)
	}
	if _, err := server.StartTLS(); err == nil {
		t.Error("a second start succeeds")
	}
	if _, err := serve(t, "").StartTLS(githubtest.At(strings.TrimPrefix(started.URL, "https://"))); err == nil {
		t.Error("a taken address succeeds")
	}
}
