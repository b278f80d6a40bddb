package githubtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

// lock makes a tree, a commit without parents and a reference to it.
func lock(t *testing.T, server *githubtest.Server, ref, message string) (tree, commit string, last *httptest.ResponseRecorder) {
	t.Helper()
	sha := func(recorder *httptest.ResponseRecorder) string {
		if recorder.Code != http.StatusCreated || recorder.Header().Get("Location") == "" {
			t.Fatalf("%d %s", recorder.Code, recorder.Body)
		}
		var got struct{ SHA string }
		decode(t, recorder.Body.Bytes(), &got)
		return got.SHA
	}
	tree = sha(send(t, server, http.MethodPost, inRepo+"/git/trees",
		`{"tree":[{"path":"lock.json","mode":"100644","type":"blob","content":"{}\n"},{"path":"a/run.sh","mode":"100755","type":"blob","content":"x"}]}`))
	commit = sha(send(t, server, http.MethodPost, inRepo+"/git/commits", fmt.Sprintf(`{"message":%q,"tree":%q,"parents":[]}`, message, tree)))
	return tree, commit, send(t, server, http.MethodPost, inRepo+"/git/refs", fmt.Sprintf(`{"ref":%q,"sha":%q}`, ref, commit))
}

func TestABranchThatIsALock(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, "page-size: 100\n"+writable)
	const ref = "refs/heads/locks/prod"
	tree, commit, first := lock(t, server, ref, "Lock by run 1")
	if first.Code != http.StatusCreated || !strings.Contains(first.Body.String(), commit) {
		t.Fatalf("%d %s", first.Code, first.Body)
	}
	_, other, second := lock(t, server, ref, "Lock by run 2")
	if second.Code != http.StatusUnprocessableEntity || !strings.Contains(second.Body.String(), "Reference already exists") || other == commit {
		t.Errorf("a second lock: %d %s", second.Code, second.Body)
	}
	query := inShop(`ref(qualifiedName: "` + ref + `") { target { ... on Commit { oid committedDate message author { user { login } } committer { user { login } } parents(first: 1) { totalCount }
		tree { oid entries { name type mode object { __typename ... on Blob { byteSize isBinary isTruncated text } ... on Tree { entries { name mode } } } } } } } }`)
	want := `{"data":{"repository":{"ref":{"target":{"oid":"` + commit + `","committedDate":"2026-11-17T10:00:00Z","message":"Lock by run 1","author":{"user":{"login":"github-actions[bot]"}},"committer":{"user":{"login":"github-actions[bot]"}},"parents":{"totalCount":0},` +
		`"tree":{"oid":"` + tree + `","entries":[{"name":"a","type":"tree","mode":16384,"object":{"__typename":"Tree","entries":[{"name":"run.sh","mode":33261}]}},{"name":"lock.json","type":"blob","mode":33188,"object":{"__typename":"Blob","byteSize":3,"isBinary":false,"isTruncated":false,"text":"{}\n"}}]}}}}}}`
	if got := post(t, server, query, nil).Body.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	folder := onDisk(t, server)
	if got := mustGit(t, folder, "rev-parse", ref+"^{tree}", ref); strings.Fields(got)[0] != tree || strings.Fields(got)[1] != commit {
		t.Errorf("git has %s", got)
	}
	mustGit(t, folder, "fsck", "--strict")
	escaped := inRepo + "/git/refs/heads/locks%2Fprod"
	if gone := send(t, server, http.MethodDelete, inRepo+"/git/refs/heads/locks/prod", ""); gone.Code != http.StatusNoContent || gone.Body.Len() > 0 {
		t.Errorf("deleted: %d %s", gone.Code, gone.Body)
	}
	if again := sendUndescribed(t, server, http.MethodDelete, escaped, ""); again.Code != http.StatusUnprocessableEntity || !strings.Contains(again.Body.String(), "Reference does not exist") {
		t.Errorf("deleted again: %d %s", again.Code, again.Body)
	}
	noViolations(t, server)
}

func TestACommitWithNamesOfItsOwn(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable)
	tree, _, _ := lock(t, server, "refs/heads/x", "Begin")
	for body, want := range map[string]string{
		`"author":{"name":"O","email":"olga@example.com","date":"2026-01-02T03:04:05Z"}`:                    `"author":{"date":"2026-01-02T03:04:05Z","email":"olga@example.com","name":"O"},"committer":{"date":"2026-01-02T03:04:05Z","email":"olga@example.com","name":"O"}`,
		`"committer":{"name":"O","email":"o@example.net"},"parents":[` + `"` + server.SHA("c1") + `"` + `]`: `"committer":{"date":"2026-11-17T10:00:00Z","email":"o@example.net","name":"O"}`,
	} {
		got := send(t, server, http.MethodPost, inRepo+"/git/commits", `{"message":"m","tree":"`+tree+`",`+body+`}`)
		if got.Code != http.StatusCreated || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", body, got.Code, got.Body, want)
		}
	}
	same := func() string {
		return send(t, server, http.MethodPost, inRepo+"/git/commits", `{"message":"m","tree":"`+tree+`"}`).Body.String()
	}
	if first := same(); first != same() {
		t.Error("in one second the same commit has two ids")
	}
	noViolations(t, server)
}

func TestPushesThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable)
	tree, commit, _ := lock(t, server, "refs/heads/locks", "Begin")
	file := func(path, more string) string {
		return `{"tree":[{"path":"` + path + `","type":"blob","content":"x"` + more + `}]}`
	}
	ref := func(name, id string) string { return `{"ref":"` + name + `","sha":"` + id + `"}` }
	of := func(tree, more string) string { return `{"message":"m","tree":"` + tree + `"` + more + `}` }
	rows := []struct{ name, method, path, body, want string }{
		{"a path that leaves the tree", "POST", "/git/trees", file("../x", `,"mode":"100644"`), "malformed path"},
		{"a path that is empty", "POST", "/git/trees", file("", `,"mode":"100644"`), "malformed path"},
		{"a file without a mode", "POST", "/git/trees", file("x", ""), "Invalid tree info"},
		{"a file that is a folder", "POST", "/git/trees", file("x", `,"mode":"040000"`), "Invalid tree info"},
		{"a file twice", "POST", "/git/trees", `{"tree":[{"path":"x","type":"blob","mode":"100644","content":"x"},{"path":"x","type":"blob","mode":"100644","content":"y"}]}`, "Invalid tree info"},
		{"no file", "POST", "/git/trees", `{"tree":[]}`, "Invalid tree info"},
		{"a tree that is a commit", "POST", "/git/commits", of(commit, ""), "Tree SHA does not exist"},
		{"a parent that is a tree", "POST", "/git/commits", of(tree, `,"parents":["`+tree+`"]`), "Parent SHA does not exist"},
		{"a date that is none", "POST", "/git/commits", of(tree, `,"author":{"name":"a","email":"b","date":"today"}`), "Invalid author"},
		{"a name that git does not take", "POST", "/git/commits", of(tree, `,"author":{"name":"a<b","email":"b"}`), "Invalid author"},
		{"a committer without an address", "POST", "/git/commits", of(tree, `,"committer":{"name":"a"}`), "Invalid committer"},
		{"a short name", "POST", "/git/refs", ref("heads/x", commit), "not well-formed"},
		{"a name of one part", "POST", "/git/refs", ref("refs/x", commit), "not well-formed"},
		{"a name that git does not take", "POST", "/git/refs", ref("refs/heads/a..b", commit), "not well-formed"},
		{"a short id", "POST", "/git/refs", ref("refs/heads/x", commit[:7]), "exactly 40 characters"},
		{"an object that is not there", "POST", "/git/refs", ref("refs/heads/x", strings.Repeat("1", 40)), "Object does not exist"},
		{"a branch that is a tree", "POST", "/git/refs", ref("refs/heads/x", tree), "Reference update failed"},
		{"a branch below a branch", "POST", "/git/refs", ref("refs/heads/locks/prod", commit), "Reference update failed"},
		{"a branch above a branch", "POST", "/git/refs", ref("refs/heads/dir", commit), "Reference update failed"},
		{"a tag that is there", "POST", "/git/refs", ref("refs/tags/v1", commit), "Reference already exists"},
		{"a branch that is not there", "DELETE", "/git/refs/heads/none", "", "Reference does not exist"},
		{"the default branch", "DELETE", "/git/refs/heads/main", "", "default branch"},
	}
	for _, row := range rows {
		got := sendUndescribed(t, server, row.method, inRepo+row.path, row.body)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), row.want) {
			t.Errorf("%s: %d %s, want 422 with %q", row.name, got.Code, got.Body, row.want)
		}
	}
	noViolations(t, server)
}
