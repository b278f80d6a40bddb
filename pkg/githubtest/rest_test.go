package githubtest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

const origin = "https://api.github.test"

// call sends a GET request with the token that it takes.
func call(t *testing.T, server *githubtest.Server, path string) *httptest.ResponseRecorder {
	t.Helper()
	token := server.Token()
	if strings.HasPrefix(path, "/orgs/") {
		token = server.PeopleToken()
	}
	return callAs(t, server, token, path)
}

// callAs sends a GET request with a token.
func callAs(t *testing.T, server *githubtest.Server, token, path string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, origin+path, http.NoBody)
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	return recorder
}

// fetch is call for an answer that must be right.
func fetch(t *testing.T, server *githubtest.Server, path string) []byte {
	t.Helper()
	recorder := call(t, server, path)
	if recorder.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.Bytes()
}

func TestNamesThatNeedEscaping(t *testing.T) {
	t.Parallel()
	world, err := githubtest.ParseWorld([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	world.Branches = map[string]string{"feat#1/x%20y": "c1", "feat": "root", "日本": "c1"}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	for path, name := range map[string]string{
		"/repos/acme/shop/git/ref/heads/feat%231/x%2520y":           "c1",
		"/repos/acme/shop/git/ref/heads%2Ffeat%231%2Fx%2520y":       "c1",
		"/repos/acme/shop/git/ref/heads/feat":                       "root",
		"/repos/acme/shop/git/ref/heads/%E6%97%A5%E6%9C%AC":         "c1",
		"/repos/acme/shop/commits/feat%231%2Fx%2520y":               "c1",
		"/repos/acme/shop/compare/root...feat%231%2Fx%2520y":        "",
		"/repos/acme/shop/compare/feat...feat%231%2Fx%2520y":        "c1",
		"/repos/acme/shop/commits/heads%2Ffeat%231%2Fx%2520y/pulls": "c1",
	} {
		recorder := call(t, server, path)
		if found := recorder.Code == http.StatusOK; found != (name != "") || name != "" && !strings.Contains(recorder.Body.String(), server.SHA(name)) {
			t.Errorf("GET %s: %d %.200s, want %s", path, recorder.Code, recorder.Body, name)
		}
	}
	noViolations(t, server)
}

func TestFiltersOfChecksAndRuns(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	c1 := "/repos/acme/shop/commits/" + server.SHA("c1")
	rows := []struct {
		name, path string
		total      int
	}{
		{"the latest attempts", c1 + "/check-runs", 4},
		{"every attempt", c1 + "/check-runs?filter=all", 5},
		{"one name in two workflows", c1 + "/check-runs?check_name=tests", 2},
		{"one status", c1 + "/check-runs?status=in_progress", 1},
		{"one app", c1 + "/check-runs?app_id=15368", 3},
		{"suites with a name", c1 + "/check-suites?check_name=lint", 1},
		{"statuses, the newest of each context", c1 + "/status", 2},
		{"runs of a commit", "/repos/acme/shop/actions/runs?head_sha=" + server.SHA("c1"), 2},
		{"runs of a commit without any", "/repos/acme/shop/actions/runs?head_sha=" + server.SHA("root"), 0},
		{"runs by conclusion", "/repos/acme/shop/actions/runs?status=success", 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got struct {
				Total int `json:"total_count"`
			}
			decode(t, fetch(t, server, row.path), &got)
			if got.Total != row.total {
				t.Errorf("total_count = %d, want %d", got.Total, row.total)
			}
		})
	}
	noViolations(t, server)
}
