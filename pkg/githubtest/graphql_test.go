package githubtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// post sends a GraphQL request as the token's holder.
func post(t *testing.T, server *githubtest.Server, query string, variables map[string]any) *httptest.ResponseRecorder {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, origin+"/graphql", bytes.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+server.Token())
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	return recorder
}

// inShop wraps a selection on the repository in a query.
func inShop(selection string) string {
	return `{ repository(owner: "acme", name: "shop") { ` + selection + ` } }`
}

// clientQuery reads a query that Stageward's own client sends.
// clientQuery is a query with the fragments that it uses.
func clientQuery(t *testing.T, names ...string) string {
	t.Helper()
	var query []byte
	for _, file := range names {
		text, err := os.ReadFile("../github/" + file)
		if err != nil {
			t.Fatal(err)
		}
		query = append(query, text...)
	}
	return string(query)
}

func overviewVariables(server *githubtest.Server, commit, ref string) map[string]any {
	return map[string]any{
		"owner": "acme", "name": "shop", "sha": server.SHA(commit), "head": server.SHA(commit), "ref": ref,
		"policyDirectory": "HEAD:.github", "policyFile": "HEAD:.github/stageward.yml",
	}
}

func noViolations(t *testing.T, server *githubtest.Server) {
	t.Helper()
	for _, violation := range server.Violations() {
		t.Errorf("violation: %s", violation)
	}
}

func TestAnswersToQueries(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	id := server.SHA
	onC1 := func(selection string) string {
		return inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { %s } }`, id("c1"), selection))
	}
	c1 := func(inside string) string { return `{"repository":{"object":{` + inside + `}}}` }
	rows := []struct{ name, query, want string }{
		{
			"a reference that is not there is null", inShop(`ref(qualifiedName: "refs/tags/none") { name }`),
			`{"repository":{"ref":null}}`,
		},
		{
			"a file that is not there is null", inShop(`object(expression: "HEAD:none.yml") { oid }`),
			`{"repository":{"object":null}}`,
		},
		{
			"a commit that only a fork has is served by its id", inShop(fmt.Sprintf(`object(oid: %q) { oid }`, id("x1"))),
			`{"repository":{"object":{"oid":"` + id("x1") + `"}}}`,
		},
		{
			"a commit that only a fork has is not contained",
			inShop(fmt.Sprintf(`defaultBranchRef { compare(headRef: %q) { status aheadBy } }`, id("x1"))),
			`{"repository":{"defaultBranchRef":{"compare":{"status":"DIVERGED","aheadBy":1}}}}`,
		},
		{
			"a fragment covers only its own type",
			`{ repository(owner: "acme", name: "shop") { ref(qualifiedName: "refs/tags/nested") { ...r } } }
			 fragment r on Ref { target { kind: __typename ... on Tag { inner: name target { __typename } } ... on Commit { tree { oid } } } }`,
			`{"repository":{"ref":{"target":{"kind":"Tag","inner":"nested","target":{"__typename":"Tag"}}}}}`,
		},
		{
			"a skipped field is left out", inShop(`name @skip(if: true) url @include(if: false) isPrivate`),
			`{"repository":{"isPrivate":false}}`,
		},
		{
			"a token is nobody but GitHub Actions, at one point a query", `{ viewer { login } rateLimit { cost limit remaining used nodeCount resetAt } }`,
			`{"viewer":{"login":"github-actions[bot]"},"rateLimit":{"cost":1,"limit":1000,"remaining":999,"used":1,"nodeCount":0,"resetAt":"2026-11-17T11:00:00Z"}}`,
		},
		{
			"a short name finds a tag, but a branch before it",
			inShop(`a: ref(qualifiedName: "v1.2.3") { prefix name } b: ref(qualifiedName: "both") { prefix } c: ref(qualifiedName: "refs/tags/both") { prefix }`),
			`{"repository":{"a":{"prefix":"refs/tags/","name":"v1.2.3"},"b":{"prefix":"refs/heads/"},"c":{"prefix":"refs/tags/"}}}`,
		},
		{
			"the head of a pull request is a reference", inShop(`ref(qualifiedName: "refs/pull/7/head") { prefix name target { oid } }`),
			`{"repository":{"ref":{"prefix":"refs/pull/","name":"7/head","target":{"oid":"` + id("h2") + `"}}}}`,
		},
		{
			"a merged pull request, and one that does not name its merger",
			inShop(`pullRequest(number: 7) { state merged closed mergedAt authorAssociation mergedBy { __typename login } reviews(last: 1, states: [CHANGES_REQUESTED]) { totalCount nodes { author { login } authorAssociation commit { oid } } } }`),
			`{"repository":{"pullRequest":{"state":"MERGED","merged":true,"closed":true,"mergedAt":"2026-11-17T09:30:00Z","authorAssociation":"COLLABORATOR","mergedBy":{"__typename":"User","login":"octocat"},"reviews":{"totalCount":1,"nodes":[{"author":null,"authorAssociation":"CONTRIBUTOR","commit":{"oid":"` + id("h2") + `"}}]}}}}`,
		},
		{
			"checks and statuses rolled up: what failed counts before what runs",
			onC1(`statusCheckRollup { state contexts(first: 100) { totalCount nodes { __typename ... on CheckRun { name checkSuite { conclusion workflowRun { event runNumber } } } ... on StatusContext { context } } } }`),
			c1(`"statusCheckRollup":{"state":"PENDING","contexts":{"totalCount":6,"nodes":[{"__typename":"CheckRun","name":"tests","checkSuite":{"conclusion":null,"workflowRun":{"event":"push","runNumber":1}}},{"__typename":"CheckRun","name":"lint","checkSuite":{"conclusion":null,"workflowRun":{"event":"push","runNumber":1}}}]}}`),
		},
		{
			"a commit without checks has no rollup", inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { statusCheckRollup { state } status { state } } }`, id("root"))),
			`{"repository":{"object":{"statusCheckRollup":null,"status":null}}}`,
		},
		{
			"a signature that is not accepted still names its signer", inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { signature { __typename isValid state signer { login } verifiedAt wasSignedByGitHub email } } }`, id("c2"))),
			`{"repository":{"object":{"signature":{"__typename":"SshSignature","isValid":false,"state":"BAD_EMAIL","signer":{"login":"octocat"},"verifiedAt":null,"wasSignedByGitHub":false,"email":"alice@example.com"}}}}`,
		},
		{
			"an account that is gone is null", onC1(`status { contexts { context state creator { login } } }`),
			c1(`"status":{"contexts":[{"context":"ci/other","state":"PENDING","creator":null},{"context":"ci/legacy","state":"SUCCESS","creator":{"login":"alice"}}]}`),
		},
		{
			"an address of nobody has no user", inShop(`object(expression: "dev") { ... on Commit { author { name user { login } } signature { state } } }`),
			`{"repository":{"object":{"author":{"name":"Nobody","user":null},"signature":null}}}`,
		},
		{
			"a suite that no workflow made has no run",
			onC1(`checkSuites(last: 1, filterBy: {checkName: "scan"}) { totalCount nodes { app { slug } workflowRun { databaseId } } }`),
			c1(`"checkSuites":{"totalCount":1,"nodes":[{"app":{"slug":"scanner"},"workflowRun":null}]}`),
		},
		{
			"by default the latest attempt of each check",
			onC1(`checkSuites(first: 1) { nodes { status checkRuns(first: 5) { totalCount nodes { name conclusion } } } }`),
			c1(`"checkSuites":{"nodes":[{"status":"IN_PROGRESS","checkRuns":{"totalCount":2,"nodes":[{"name":"tests","conclusion":"SUCCESS"},{"name":"lint","conclusion":null}]}}]}`),
		},
		{
			"the timeline counts what was filtered apart",
			onC1(`associatedPullRequests(first: 1) { nodes { timelineItems(first: 2, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) { totalCount filteredCount nodes { __typename } } } }`),
			c1(`"associatedPullRequests":{"nodes":[{"timelineItems":{"totalCount":8,"filteredCount":1,"nodes":[{"__typename":"HeadRefForcePushedEvent"}]}}]}`),
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

func TestTheClientsQueries(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	overview := post(t, server, clientQuery(t, "overview.graphql", "target.graphql", "commit.graphql", "pull.graphql", "account.graphql"), overviewVariables(server, "c1", "refs/tags/nested"))
	again := post(t, server, clientQuery(t, "ref.graphql", "target.graphql"), map[string]any{"owner": "acme", "name": "shop", "ref": "refs/tags/nested"})
	noViolations(t, server)
	var first, second struct {
		Data struct {
			Repository struct {
				Ref json.RawMessage `json:"ref"`
			} `json:"repository"`
		} `json:"data"`
		Errors []any `json:"errors"`
	}
	decode(t, overview.Body.Bytes(), &first)
	decode(t, again.Body.Bytes(), &second)
	if len(first.Errors)+len(second.Errors) > 0 {
		t.Errorf("errors: %v %v", first.Errors, second.Errors)
	}
	if diff := cmp.Diff(string(first.Data.Repository.Ref), string(second.Data.Repository.Ref)); diff != "" {
		t.Errorf("the reference differs between the two queries:\n%s", diff)
	}
	for _, want := range []string{
		server.SHA("tag:nested"), server.SHA("tag:v1.2.3"), `"status":"BEHIND"`, `"wasSignedByGitHub":true`, `"fullDatabaseId":"600702"`,
		`"mode":33188`, `"filteredCount":1`,
	} {
		if !strings.Contains(overview.Body.String(), want) {
			t.Errorf("the overview lacks %s", want)
		}
	}
}

func TestRefusedQueries(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, query string
		status      int
		want        string // in the answer and in the violation
	}{
		{"a field that GitHub does not have", inShop(`secrets`), http.StatusOK, `Cannot query field`},
		{"an enum value that GitHub does not have", inShop(`pullRequest(number: 7) { reviews(first: 1, states: [FINE]) { totalCount } }`), http.StatusOK, "FINE"},
		{"text that is no query", `{ repository(`, http.StatusOK, "Expected"},
		{"a variable that is not given", `query($n: String!) { repository(owner: "acme", name: $n) { id } }`, http.StatusOK, "must be defined"},
		{"a field that the double does not have", inShop(`diskUsage`), http.StatusInternalServerError, "Repository.diskUsage"},
		{"an argument that the double does not have", inShop(`pullRequest(number: 7) { timelineItems(first: 1, skip: 1) { totalCount } }`), http.StatusInternalServerError, "argument skip"},
		{"a mutation", `mutation { addStar(input: {starrableId: "x"}) { clientMutationId } }`, http.StatusInternalServerError, "only queries"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, "")
			answer := post(t, server, row.query, nil)
			if answer.Code != row.status || !strings.Contains(answer.Body.String(), row.want) || strings.Contains(answer.Body.String(), `"data"`) {
				t.Errorf("%d %s, want %d with %q and no data", answer.Code, answer.Body, row.status, row.want)
			}
			if violations := server.Violations(); len(violations) != 1 || !strings.Contains(violations[0], row.want) {
				t.Errorf("violations = %q, want one about %q", violations, row.want)
			}
		})
	}
}

func TestErrorsInsideAnAnswer(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, query, want string }{
		{
			"another repository is not found", `{ repository(owner: "acme", name: "other") { id } }`,
			`{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","path":["repository"],"locations":[{"line":1,"column":3}],"message":"Could not resolve to a Repository with the name 'acme/other'."}]}`,
		},
		{
			"a list needs bounds, and its null takes the parent with it", inShop(`pullRequest(number: 7) { commits { totalCount } }`),
			`{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"MISSING_PAGINATION_BOUNDARIES","path":["repository","pullRequest","commits"],"locations":[{"line":1,"column":70}],"message":"You must provide a ` + "`first` or `last`" + ` value to properly paginate the connection."}]}`,
		},
		{
			"a page beyond a hundred", inShop(`pullRequest(number: 7) { commits(first: 101) { totalCount } }`),
			`{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"EXCESSIVE_PAGINATION","path":["repository","pullRequest","commits"],"locations":[{"line":1,"column":70}],"message":"Requesting more than 100 records on a connection exceeds the limit."}]}`,
		},
		{
			"a cursor of nobody's", inShop(`pullRequest(number: 7) { commits(first: 1, after: "x") { totalCount } }`),
			`{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"INVALID_CURSOR_ARGUMENTS","path":["repository","pullRequest","commits"],"locations":[{"line":1,"column":70}],"message":"` + "`x`" + ` does not appear to be a valid cursor."}]}`,
		},
		{
			"a pull request that is not there", inShop(`pullRequest(number: 8) { id }`),
			`{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"NOT_FOUND","path":["repository","pullRequest"],"locations":[{"line":1,"column":45}],"message":"Could not resolve to a PullRequest with the number of 8."}]}`,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, "")
			if got := post(t, server, row.query, nil).Body.String(); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			noViolations(t, server)
		})
	}
}

func TestPermissionsOfTheToken(t *testing.T) {
	t.Parallel()
	c1 := "/repos/acme/shop/commits/" + serve(t, "").SHA("c1")
	rows := []struct{ permission, selection, path, rest string }{
		{"pull-requests", `associatedPullRequests(first: 1) { totalCount }`, "associatedPullRequests", c1 + "/pulls"},
		{"checks", `checkSuites(first: 1) { totalCount }`, "checkSuites", c1 + "/check-runs"},
		{"statuses", `status { state }`, "status", c1 + "/status"},
		{"actions", `checkSuites(first: 1) { nodes { workflowRun { databaseId } } }`, "checkSuites.nodes.0.workflowRun", "/repos/acme/shop/actions/runs"},
		{"deployments", `deployments(first: 1) { totalCount }`, "deployments", "/repos/acme/shop/deployments"},
		{"deployments", `checkSuites(first: 1) { nodes { checkRuns(first: 1) { nodes { deployment { id } } } } }`, "checkSuites.nodes.0.checkRuns.nodes.0.deployment", "/repos/acme/shop/deployments/800001/statuses"},
	}
	everything := []string{"actions", "checks", "contents", "deployments", "pull-requests", "statuses"}
	for _, row := range rows {
		t.Run("without "+row.permission, func(t *testing.T) {
			t.Parallel()
			granted := []string{}
			for _, permission := range everything {
				if permission != row.permission {
					granted = append(granted, permission+": read")
				}
			}
			server := serve(t, "token: {permissions: {"+strings.Join(granted, ", ")+"}}\n")
			var answer struct {
				Data struct {
					Repository struct{ Object map[string]any }
				}
				Errors []struct {
					Type, Message string
					Path          []any
				}
			}
			query := inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { %s } }`, server.SHA("c1"), row.selection))
			decode(t, post(t, server, query, nil).Body.Bytes(), &answer)
			if len(answer.Errors) != 1 || answer.Errors[0].Type != "FORBIDDEN" || answer.Errors[0].Message != "Resource not accessible by integration" {
				t.Fatalf("errors = %v, want one FORBIDDEN", answer.Errors)
			}
			steps := make([]string, len(answer.Errors[0].Path))
			for i, step := range answer.Errors[0].Path {
				steps[i] = fmt.Sprint(step)
			}
			if got := strings.Join(steps, "."); got != "repository.object."+row.path {
				t.Errorf("path = %s, want repository.object.%s", got, row.path)
			}
			refused := call(t, server, row.rest)
			if refused.Code != http.StatusForbidden || !strings.Contains(refused.Body.String(), "Resource not accessible by integration") {
				t.Errorf("REST: %d %s, want 403", refused.Code, refused.Body)
			}
			if allowed := call(t, serve(t, ""), row.rest); allowed.Code != http.StatusOK {
				t.Errorf("REST with the permission: %d, want 200", allowed.Code)
			}
			noViolations(t, server)
		})
	}
}

func TestContentsPermissionHidesTheRepositorysObjects(t *testing.T) {
	t.Parallel()
	server := serve(t, "token: {permissions: {}}\n")
	got := post(t, server, inShop(`databaseId ref(qualifiedName: "refs/heads/main") { name }`), nil).Body.String()
	if !strings.Contains(got, `{"data":{"repository":{"databaseId":1001,"ref":null}},"errors":[{"type":"FORBIDDEN"`) {
		t.Errorf("got %s", got)
	}
	for _, path := range every(server) {
		want := http.StatusForbidden
		if path == "/repos/acme/shop" || strings.Contains(path, "/collaborators/") || strings.HasPrefix(path, "/users/") || strings.HasPrefix(path, "/orgs/") {
			want = http.StatusOK // metadata, what is public, and what another token reads
		}
		if code := call(t, server, path).Code; code != want {
			t.Errorf("GET %s: %d, want %d", path, code, want)
		}
	}
}

func TestABotHasTwoNamesAndTheNewestStatusCounts(t *testing.T) {
	t.Parallel()
	world, err := githubtest.ParseWorld([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	world.Statuses = []githubtest.Status{
		{Commit: "c1", Context: "ci", State: "failure", By: "alice"},
		{Commit: "c1", Context: "ci", State: "success", By: "dependabot[bot]"}, // at the same time, but listed later
	}
	world.Commits = append(world.Commits, githubtest.Commit{Name: "bump", By: "dependabot[bot]"})
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	got := post(t, server, inShop(fmt.Sprintf(`a: object(oid: %q) { ... on Commit { status { state contexts { state creator { __typename login } } } } }
		b: object(oid: %q) { ... on Commit { author { user { login } } } }`, server.SHA("c1"), server.SHA("bump"))), nil).Body.String()
	want := `{"data":{"repository":{"a":{"status":{"state":"SUCCESS","contexts":[{"state":"SUCCESS","creator":{"__typename":"Bot","login":"dependabot"}}]}},` +
		`"b":{"author":{"user":{"login":"dependabot[bot]"}}}}}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFilesThatAreShownInPartOrNotAtAll(t *testing.T) {
	t.Parallel()
	world, err := githubtest.ParseWorld([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	world.Commits = append(world.Commits, githubtest.Commit{Name: "odd", By: "alice", Files: map[string]*githubtest.File{
		"big": {Text: strings.Repeat("x", 512_001)}, "zero": {Text: "a\x00b"}, "latin": {Text: "caf\xe9"},
	}})
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"zero": `{"byteSize":3,"isBinary":true,"isTruncated":false,"text":null}`, "latin": `{"byteSize":4,"isBinary":true,"isTruncated":false,"text":null}`,
		"big": `{"byteSize":512001,"isBinary":false,"isTruncated":true,"text":"` + strings.Repeat("x", 512_000) + `"}`,
	} {
		got := post(t, server, inShop(`object(expression: "HEAD:`+name+`") { ... on Blob { byteSize isBinary isTruncated text } }`), nil).Body.String()
		if got != `{"data":{"repository":{"object":`+want+`}}}` {
			t.Errorf("%s: got %.200s", name, got)
		}
	}
}
