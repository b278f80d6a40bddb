package githubtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var nextLink = regexp.MustCompile(`<` + origin + `([^>]+)>; rel="next"`)

func TestRESTPagesLeadToEveryItemOnce(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	path := "/repos/acme/shop/commits/" + server.SHA("c1") + "/check-runs?filter=all&per_page=100"
	var ids []int64
	pages := 0
	for path != "" {
		recorder := call(t, server, path)
		var got struct {
			Total int `json:"total_count"`
			Runs  []struct {
				ID int64 `json:"id"`
			} `json:"check_runs"`
		}
		decode(t, recorder.Body.Bytes(), &got)
		if got.Total != 5 || len(got.Runs) > 2 {
			t.Errorf("page of %d out of %d, want at most 2 out of 5", len(got.Runs), got.Total)
		}
		for _, run := range got.Runs {
			ids = append(ids, run.ID)
		}
		pages++
		path = ""
		if next := nextLink.FindStringSubmatch(recorder.Header().Get("Link")); next != nil {
			path = next[1]
		}
	}
	if diff := cmp.Diff([]int64{300001, 300002, 300003, 300004, 300005}, ids); diff != "" || pages != 3 {
		t.Errorf("%d pages, ids (-want +got):\n%s", pages, diff)
	}
	noViolations(t, server)
}

func TestAPageSmallerThanThePageSizeIsHonoured(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	recorder := call(t, server, "/repos/acme/shop/pulls/7/commits?per_page=1&page=2")
	want := `<` + origin + `/repos/acme/shop/pulls/7/commits?page=1&per_page=1>; rel="prev", ` +
		`<` + origin + `/repos/acme/shop/pulls/7/commits?page=3&per_page=1>; rel="next", ` +
		`<` + origin + `/repos/acme/shop/pulls/7/commits?page=3&per_page=1>; rel="last", ` +
		`<` + origin + `/repos/acme/shop/pulls/7/commits?page=1&per_page=1>; rel="first"`
	if diff := cmp.Diff(want, recorder.Header().Get("Link")); diff != "" {
		t.Errorf("Link (-want +got):\n%s", diff)
	}
	if !strings.Contains(recorder.Body.String(), server.SHA("h1")) {
		t.Error("the second page lacks the second commit")
	}
}

func TestAnEnterpriseLinkStaysOnItsHost(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://ghe.test/api/v3/repos/acme/shop/pulls/7/commits", http.NoBody)
	request.Header.Set("Authorization", "Bearer "+server.Token())
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	if link := recorder.Header().Get("Link"); !strings.HasPrefix(link, "<https://ghe.test/api/v3/repos/acme/shop/pulls/7/commits?page=2>") {
		t.Errorf("Link = %s", link)
	}
}

func TestGraphQLPagesLeadToEveryItemOnce(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	type answer struct {
		Data struct {
			Repository struct {
				PullRequest struct {
					Commits struct {
						TotalCount int
						PageInfo   struct {
							HasNextPage, HasPreviousPage bool
							StartCursor, EndCursor       string
						}
						Nodes []struct{ Commit struct{ Oid string } }
						Edges []struct{ Cursor string }
					}
				}
			}
		}
	}
	read := func(arguments string) (answer, []string) {
		var got answer
		decode(t, post(t, server, inShop(fmt.Sprintf(`pullRequest(number: 7) { commits(%s) { totalCount
			pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { commit { oid } } edges { cursor } } }`, arguments)), nil).Body.Bytes(), &got)
		var ids []string
		for _, node := range got.Data.Repository.PullRequest.Commits.Nodes {
			ids = append(ids, node.Commit.Oid)
		}
		return got, ids
	}
	h0, h1, h2 := server.SHA("h0"), server.SHA("h1"), server.SHA("h2")
	first, ids := read("first: 100")
	commits := first.Data.Repository.PullRequest.Commits
	if diff := cmp.Diff([]string{h0, h1}, ids); diff != "" || !commits.PageInfo.HasNextPage || commits.TotalCount != 3 {
		t.Errorf("first page %+v (-want +got):\n%s", commits, diff)
	}
	if commits.Edges[1].Cursor != commits.PageInfo.EndCursor {
		t.Error("the last edge is not where the page ends")
	}
	second, ids := read(fmt.Sprintf("first: 100, after: %q", commits.PageInfo.EndCursor))
	commits = second.Data.Repository.PullRequest.Commits
	if diff := cmp.Diff([]string{h2}, ids); diff != "" || commits.PageInfo.HasNextPage || !commits.PageInfo.HasPreviousPage {
		t.Errorf("second page %+v (-want +got):\n%s", commits, diff)
	}
	last, ids := read("last: 100")
	if diff := cmp.Diff([]string{h1, h2}, ids); diff != "" {
		t.Errorf("last page (-want +got):\n%s", diff)
	}
	_, ids = read(fmt.Sprintf("last: 100, before: %q", last.Data.Repository.PullRequest.Commits.PageInfo.StartCursor))
	if diff := cmp.Diff([]string{h0}, ids); diff != "" {
		t.Errorf("page before the last (-want +got):\n%s", diff)
	}
	noViolations(t, server)
}
