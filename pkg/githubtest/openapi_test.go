package githubtest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/stageward/stageward/pkg/githubtest"
)

// description is GitHub's OpenAPI description, with our host as its server.
var description = sync.OnceValues(func() (routers.Router, error) {
	text, err := os.ReadFile("testdata/github-openapi-subset.json")
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	document.Servers = openapi3.Servers{{URL: origin}}
	return gorillamux.NewRouter(document)
})

// The description's {ref} stands for several segments, which its router does
// not know; with their slashes escaped it does.
var severalSegments = regexp.MustCompile(`(/git/refs?/)(.+)$`)

// describe checks a GET request and its answer against the description.
func describe(ctx context.Context, path string, status int, header http.Header, body []byte) error {
	return describeSent(ctx, http.MethodGet, path, "", status, header, body)
}

// describeSent checks a request with a body and its answer against the
// description.
func describeSent(ctx context.Context, method, path, sent string, status int, header http.Header, body []byte) error {
	router, err := description()
	if err != nil {
		return err
	}
	target := severalSegments.ReplaceAllStringFunc(path, func(match string) string {
		found := severalSegments.FindStringSubmatch(match)
		return found[1] + url.PathEscape(found[2])
	})
	request, err := http.NewRequestWithContext(ctx, method, origin+target, strings.NewReader(sent))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	route, parameters, err := router.FindRoute(request)
	if err != nil {
		return fmt.Errorf("find route: %w", err)
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	input := &openapi3filter.RequestValidationInput{Request: request, Route: route, PathParams: parameters, Options: options}
	if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Options: options,
	})
}

// every is one request to every route.
func every(server *githubtest.Server) []string {
	c1, base := server.SHA("c1"), "/repos/acme/shop"
	return []string{
		base,
		base + "/git/ref/tags/v1.2.3",
		base + "/git/ref/heads/main",
		base + "/git/tags/" + server.SHA("tag:v1.2.3"),
		base + "/git/tags/" + server.SHA("tag:nested"),
		base + "/git/commits/" + c1,
		base + "/git/commits/" + server.SHA("h0"),
		base + "/commits/" + c1,
		base + "/commits/" + server.SHA("h2"),
		base + "/commits/heads%2Fmain",
		base + "/compare/" + server.SHA("root") + "..." + c1,
		base + "/collaborators/octocat/permission",
		base + "/collaborators/dependabot%5Bbot%5D/permission",
		base + "/commits/" + c1 + "/check-runs?filter=all&per_page=100",
		base + "/commits/" + c1 + "/check-suites",
		base + "/commits/" + c1 + "/status",
		base + "/commits/" + c1 + "/statuses",
		base + "/commits/" + c1 + "/pulls",
		base + "/pulls/7",
		base + "/pulls/7/reviews?page=2",
		base + "/pulls/7/commits",
		base + "/pulls/7/files?per_page=100",
		base + "/compare/" + server.SHA("root") + "..." + c1 + "?per_page=100&page=2",
		base + "/actions/runs?head_sha=" + c1,
		base + "/actions/workflows/ci.yml/runs?branch=main&per_page=100",
		base + "/actions/runs/55/jobs?filter=all&per_page=100&page=2",
		base + "/actions/runs/55/jobs",
		base + "/actions/runs/55",
		base + "/deployments?environment=staging&sha=" + c1 + "&ref=main&task=deploy&per_page=100&page=2",
		base + "/deployments/800001",
		base + "/deployments/800003",
		base + "/deployments/800002/statuses?per_page=100",
		base + "/actions/runs/9001/approvals",
		base + "/activity",
		base + "/activity?ref=refs%2Fheads%2Fmain&activity_type=force_push&per_page=100",
		"/orgs/acme/teams/quality/members?per_page=100",
		"/orgs/ACME/teams/people/members?page=2",
		"/users/octocat/gpg_keys?per_page=100",
		"/users/octocat/ssh_signing_keys?per_page=100&page=1",
		"/users/web-flow/gpg_keys",
		"/users/dependabot%5Bbot%5D/ssh_signing_keys",
	}
}

func TestEveryRouteIsAsGitHubDescribesIt(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	for _, path := range every(server) {
		recorder := call(t, server, path)
		if recorder.Code != http.StatusOK {
			t.Errorf("GET %s: %d %s", path, recorder.Code, recorder.Body)
		}
		if err := describe(t.Context(), path, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
			t.Errorf("GET %s: %v", path, err)
		}
	}
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}

func TestErrorsAreAsGitHubDescribesThem(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	rows := map[string]int{
		"/repos/acme/shop/git/ref/tags/none":               http.StatusNotFound,
		"/repos/acme/shop/git/tags/" + server.SHA("c1"):    http.StatusNotFound,
		"/repos/acme/shop/commits/none":                    http.StatusUnprocessableEntity,
		"/repos/acme/shop/compare/main...none":             http.StatusNotFound,
		"/repos/acme/shop/collaborators/nobody/permission": http.StatusNotFound,
		"/repos/acme/other":                                http.StatusNotFound,
		"/repos/acme/shop/pulls/8":                         http.StatusNotFound,
		"/repos/acme/shop/deployments/1/statuses":          http.StatusNotFound,
		"/repos/acme/shop/actions/workflows/none.yml/runs": http.StatusNotFound,
		"/users/nobody/gpg_keys":                           http.StatusNotFound,
		"/orgs/acme/teams/octocat/members":                 http.StatusNotFound,
		"/orgs/other/teams/quality/members":                http.StatusNotFound,
		"/users/left/ssh_signing_keys":                     http.StatusNotFound,
	}
	for path, status := range rows {
		recorder := call(t, server, path)
		if recorder.Code != status {
			t.Errorf("GET %s: %d, want %d", path, recorder.Code, status)
		}
		if err := describe(t.Context(), path, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
			t.Errorf("GET %s: %v", path, err)
		}
	}
	if violations := server.Violations(); len(violations) > 0 {
		t.Errorf("to ask for what is not there is no violation: %v", violations)
	}
}

func TestAnAnswerThatGitHubWouldNotGiveIsNoticed(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	path := "/repos/acme/shop/commits/" + server.SHA("c1") + "/check-runs"
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	spoiled := bytes.Replace(fetch(t, server, path), []byte(`"completed"`), []byte(`"finished"`), 1)
	if err := describe(t.Context(), path, http.StatusOK, header, spoiled); err == nil {
		t.Error("a status that GitHub does not have passes")
	}
	if err := describe(t.Context(), path+"?filter=newest", http.StatusOK, header, fetch(t, server, path)); err == nil {
		t.Error("a parameter that GitHub does not have passes")
	}
}
