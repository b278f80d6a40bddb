package githubtest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// listening starts a server and returns a client that trusts it.
func listening(t *testing.T, server *githubtest.Server) (*githubtest.Listening, *http.Client) {
	t.Helper()
	started, err := server.StartTLS()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Close)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(started.CertPEM) {
		t.Fatal("the certificate is not PEM")
	}
	return started, &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// over sends a GET request to a listening server.
func over(ctx context.Context, server *githubtest.Server, client *http.Client, address string) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+server.Token())
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(response.Body)
	return response, body, errors.Join(err, response.Body.Close())
}

func TestFaultsOfTheAnswer(t *testing.T) {
	t.Parallel()
	const path = "/repos/acme/shop/pulls/7"
	whole := string(fetch(t, serve(t, ""), path))
	rows := []struct {
		name, fault string
		status      int
		body        string
		header      string // name=value
	}{
		{"a status", "status: 502", 502, `{"documentation_url":"https://docs.github.com/rest","message":"Bad Gateway","status":"502"}`, "Content-Type=application/json; charset=utf-8"},
		{"a rate limit", `status: 403, headers: {Retry-After: "7"}`, 403, `{"documentation_url":"https://docs.github.com/rest","message":"Forbidden","status":"403"}`, "Retry-After=7"},
		{"half a body", "body: truncated", 200, whole[:len(whole)/2], "Content-Type=application/json; charset=utf-8"},
		{"a page for people", "body: html", 200, "<!DOCTYPE html>\n<title>Unicorn! &middot; GitHub</title>\n", "Content-Type=text/html; charset=utf-8"},
		{"nothing", "body: empty", 200, "", "Content-Length=0"},
		{"an empty object", "body: braces", 200, "{}", "Content-Length=2"},
		{"null", "body: 'null'", 200, "null", "Content-Length=4"},
		{"an empty list", "body: list", 200, "[]", "Content-Length=2"},
		{"a header of the host", `headers: {Link: "<https://<host>/x>"}`, 200, whole, "Link=<https://api.github.test/x>"},
		{"a header less", `headers: {Date: ""}`, 200, whole, "Date="},
		{"a redirect", `redirect: "https://other.example/"`, 302, `{"documentation_url":"https://docs.github.com/rest","message":"Moved","status":"302"}`, "Location=https://other.example/"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, `faults: [{match: "GET `+path+`", times: 1, `+row.fault+`}]`)
			got := call(t, server, path)
			if diff := cmp.Diff(row.body, got.Body.String()); got.Code != row.status || diff != "" {
				t.Errorf("status %d, want %d; body (-want +got):\n%s", got.Code, row.status, diff)
			}
			name, value, _ := strings.Cut(row.header, "=")
			if got.Header().Get(name) != value {
				t.Errorf("%s = %q, want %q", name, got.Header().Get(name), value)
			}
			if again := call(t, server, path); again.Code != http.StatusOK || again.Body.String() != whole {
				t.Error("the fault outlives its times")
			}
			noViolations(t, server)
		})
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"body: short", "body: cut", "drop: true"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			server := serve(t, `faults: [{match: "GET /repos/acme/shop", `+fault+`}]`)
			started, client := listening(t, server)
			if _, body, err := over(t.Context(), server, client, started.URL+"/api/v3/repos/acme/shop"); err == nil {
				t.Errorf("got %s without an error", body)
			}
		})
	}
}

func TestAnAnswerMayBeHuge(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"huge", "packed"} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			server := serve(t, `faults: [{match: "GET /repos/acme/shop", body: `+body+`}]`)
			started, client := listening(t, server)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, started.URL+"/api/v3/repos/acme/shop", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+server.Token())
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			size, err := io.Copy(io.Discard, response.Body)
			if closed := response.Body.Close(); err != nil || closed != nil || size <= 300<<20 || response.Uncompressed != (body == "packed") {
				t.Errorf("%d bytes, error %v; packed: %t", size, errors.Join(err, closed), response.Uncompressed)
			}
		})
	}
}

// GitHub answers below a number for a repository that was renamed.
func TestARepositoryHasANumberToo(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	whole := string(fetch(t, server, "/repos/acme/shop/pulls/7"))
	for _, path := range []string{"/repositories/1001/pulls/7", "/repositories/2002/pulls/7"} {
		if got := string(fetch(t, server, path)); got != whole {
			t.Errorf("%s: %s", path, got)
		}
	}
	noViolations(t, server)
	for _, path := range []string{"/repositories/x/pulls/7", "/repositories/1001"} {
		if got := call(t, server, path); got.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, got.Code)
		}
	}
}

func TestAHangingRequestEndsWithItsClient(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /repos/acme/shop", hang: true}]`)
	started, client := listening(t, server)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, _, err := over(ctx, server, client, started.URL+"/api/v3/repos/acme/shop")
		ended <- err
	}()
	for len(server.Requests()) == 0 { // the request is on its way; it cannot end by itself
		select {
		case err := <-ended:
			t.Fatalf("the request ended by itself: %v", err)
		default:
			runtime.Gosched()
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want canceled", err)
	}
}

func TestAHangingRequestEndsWithTheServer(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /repos/acme/shop", hang: true}]`)
	started, client := listening(t, server)
	ended := make(chan error)
	go func() {
		_, _, err := over(t.Context(), server, client, started.URL+"/api/v3/repos/acme/shop")
		ended <- err
	}()
	for len(server.Requests()) == 0 {
		runtime.Gosched()
	}
	started.Close()
	if err := <-ended; err == nil {
		t.Error("a hanging request was answered")
	}
}

func TestAFaultCanWaitForTheNthRequest(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /repos/acme/shop", nth: 2, times: 1, status: 500}]`)
	var got []int
	for range 3 {
		got = append(got, call(t, server, "/repos/acme/shop").Code)
	}
	if diff := cmp.Diff([]int{200, 500, 200}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestAFaultMayBeOfOneCommit(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /repos/acme/shop/commits/<sha of c1>/check-runs", redirect: "/x/<sha of h2>"}]`)
	if got := call(t, server, "/repos/acme/shop/commits/"+server.SHA("h2")+"/check-runs"); got.Code != http.StatusOK {
		t.Errorf("another commit: status %d", got.Code)
	}
	got := call(t, server, "/repos/acme/shop/commits/"+server.SHA("c1")+"/check-runs")
	if got.Code != http.StatusFound || got.Header().Get("Location") != "/x/"+server.SHA("h2") {
		t.Errorf("status %d, Location %q", got.Code, got.Header().Get("Location"))
	}
}

func TestInjectedGraphQLErrors(t *testing.T) {
	t.Parallel()
	query := `query Q { a: repository(owner: "acme", name: "shop") { name } b: repository(owner: "acme", name: "shop") { url } v: viewer { login } }`
	rows := []struct{ name, fault, want string }{
		{
			"at a field that may be null", `{path: b}`,
			`{"data":{"a":{"name":"shop"},"b":null,"v":{"login":"github-actions[bot]"}},"errors":[{"type":"FORBIDDEN","path":["b"],"locations":[{"line":1,"column":63}],"message":"Resource not accessible by integration"}]}`,
		},
		{
			"at a field that may not be null", `{path: a.name, type: INTERNAL, message: Something went wrong}`,
			`{"data":{"a":null,"b":{"url":"https://github.test/acme/shop"},"v":{"login":"github-actions[bot]"}},"errors":[{"type":"INTERNAL","path":["a","name"],"locations":[{"line":1,"column":56}],"message":"Something went wrong"}]}`,
		},
		{
			"with a null that reaches the top", `{path: v}`,
			`{"data":null,"errors":[{"type":"FORBIDDEN","path":["v"],"locations":[{"line":1,"column":114}],"message":"Resource not accessible by integration"}]}`,
		},
		{
			"instead of data", `{path: "", type: RATE_LIMITED, message: API rate limit exceeded}`,
			`{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, `faults: [{match: "POST /graphql Q", graphql-error: `+row.fault+`}]`)
			if diff := cmp.Diff(row.want, post(t, server, query, nil).Body.String()); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			noViolations(t, server)
		})
	}
}

func TestAnInjectedErrorThatHitsNothingIsAViolation(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "POST /graphql", graphql-error: {path: repository.none}}]`)
	post(t, server, inShop("name"), nil)
	if violations := server.Violations(); len(violations) != 1 || !strings.Contains(violations[0], "repository.none") {
		t.Errorf("violations = %q", violations)
	}
}

func TestReplacementsChangeWhatTheAnswerSays(t *testing.T) {
	t.Parallel()
	const path = "/repos/acme/shop/pulls/7"
	whole := string(fetch(t, serve(t, ""), path))
	server := serve(t, `faults: [{match: "GET `+path+`", replace: {old: '"merged":true', new: '"merged":null'}}, {match: "GET `+path+`", replace: {old: "<sha of c1>", new: "<sha of h2>"}}]`)
	want := strings.ReplaceAll(strings.Replace(whole, `"merged":true`, `"merged":null`, 1), server.SHA("c1"), server.SHA("h2"))
	if got := call(t, server, path).Body.String(); got != want || got == whole {
		t.Errorf("answer (-want +got):\n%s", cmp.Diff(want, got))
	}
	noViolations(t, server)
}

func TestAReplacementOfNothingIsAViolation(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /repos/acme/shop", replace: {old: "not there", new: x}}]`)
	call(t, server, "/repos/acme/shop/pulls/7")
	if violations := server.Violations(); len(violations) != 1 || !strings.Contains(violations[0], `"not there"`) {
		t.Errorf("violations = %q", violations)
	}
}

func TestReferencesMove(t *testing.T) {
	t.Parallel()
	const move = "move-ref: {ref: refs/heads/dev, commit: c1}"
	rows := []struct {
		name, fault string
		want        []string // where dev points at each of three reads
	}{
		{"before the first matching request", `match: "GET /repos/acme/shop/git/ref/", times: 1, ` + move, []string{"c1", "c1", "c1"}},
		{"before the second", `match: "GET /repos/acme/shop/git/ref/", nth: 2, ` + move, []string{"h2", "c1", "c1"}},
		{"after an answer", `after-request: "GET /repos/acme/shop/git/ref/", ` + move, []string{"h2", "c1", "c1"}},
		{"after the answer to another request only", `after-request: "POST /graphql", ` + move, []string{"h2", "h2", "h2"}},
		{"to a tag object", `after-request: "GET", move-ref: {ref: refs/heads/dev, commit: "tag:v1.2.3"}`, []string{"h2", "tag:v1.2.3", "tag:v1.2.3"}},
		{"away", `after-request: "GET", move-ref: {ref: refs/heads/dev}`, []string{"h2", "", ""}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, "faults: [{"+row.fault+"}]")
			for i, want := range row.want {
				recorder := call(t, server, "/repos/acme/shop/git/ref/heads/dev")
				if want == "" && recorder.Code == http.StatusNotFound {
					continue
				}
				if id := server.SHA(want); id == "" || !strings.Contains(recorder.Body.String(), `"sha":"`+id+`"`) {
					t.Errorf("read %d: %s, want %s", i+1, recorder.Body, want)
				}
			}
			if unused := server.UnusedFaults(); (len(unused) > 0) != strings.Contains(row.fault, "POST") {
				t.Errorf("unused: %v", unused)
			}
		})
	}
}

func TestAFaultThatNeverAppliedIsNamed(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /repos/acme/shpo", status: 500}]`)
	call(t, server, "/repos/acme/shop")
	if diff := cmp.Diff([]string{"fault 1: GET /repos/acme/shpo"}, server.UnusedFaults()); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
}
