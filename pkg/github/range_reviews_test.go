package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

// reviewedWorld is main with the merges m1 to m12 since c1; #1 to #12 are merged
// as them. #30 is into another branch, #33 was merged before.
func reviewedWorld(size int) string {
	var commits, pulls strings.Builder
	for i := range 12 {
		fmt.Fprintf(&commits, "  - {name: h%[1]d, branch: f%[1]d, parents: [c1], by: alice}\n  - {name: m%[1]d, branch: main, by: dave, signed: github}\n", i+1)
		fmt.Fprintf(&pulls, "  - {number: %[1]d, title: Change %[1]d, author: alice, commits: [h%[1]d], merged-by: dave, merge-commit: m%[1]d, reviews: [{by: bob, state: APPROVED}]}\n", i+1)
	}
	return fmt.Sprintf(`repository: acme/shop
time: 2026-11-17T10:00:00Z
page-size: %d
people:
  alice: {id: 11, permission: write}
  bob: {id: 12, permission: write}
  dave: {id: 14, permission: admin}
  left: {gone: true}
commits:
  - {name: c0, by: dave}
  - {name: c1, by: dave}
%s  - {name: x1, branch: big, parents: [c1], by: alice}
  - {name: x2, branch: big, by: alice}
  - {name: x3, branch: big, by: alice}
  - {name: c2, branch: main, by: dave, signed: github}
pulls:
%s  - {number: 20, title: Big, author: alice, commits: [x1, x2, x3], merged-by: dave, merge-commit: c2, head-forced-minutes-ago: 50, reviews: [{by: bob, state: APPROVED}, {by: alice, state: COMMENTED}, {by: dave, state: CHANGES_REQUESTED}, {by: dave, state: APPROVED, minutes-ago: 20}]}
  - {number: 29, author: alice, commits: [c0], merged-by: dave, merge-commit: c1}
  - {number: 30, base: release, author: alice, commits: [h1], merged-by: dave, merge-commit: m1}
  - {number: 31, author: alice, commits: [m1]}
  - {number: 33, author: alice, commits: [m1], merged-by: dave, merge-commit: c0}
  - {number: 32, base-repository: eve/shop, author: alice, commits: [h2], merged-by: alice, merge-commit: m2}
activity:
  - {by: alice, from: m1, to: m2, minutes-ago: 30}
  - {by: left, from: m2, to: m1, minutes-ago: 40}
  - {by: alice, from: m1, to: c1, minutes-ago: 35}
  - {by: alice, branch: release, from: m1, to: m2}
  - {type: branch_deletion, by: dave, from: m1, minutes-ago: 20}
  - {type: branch_creation, by: dave, to: m1, minutes-ago: 10}
  - {type: push, by: dave, from: m1, to: c2, minutes-ago: 5}
`, size, &commits, &pulls)
}

// spanOf is what a range has of c1, and of the commits after it.
func (d rangeDouble) spanOf(t *testing.T) fact.Range {
	t.Helper()
	from := fact.RangeFrom{Workflow: deployFile, Job: "deploy", Baseline: fact.SHA(d.SHA("c1"))}
	return have(t, d.Range(t.Context(), from))
}

func reviewedRange(t *testing.T, size int, faults ...githubtest.Fault) rangeDouble {
	t.Helper()
	world := reviewedWorld(size) + "checks:\n  - {commit: c0, name: lint, workflow: " + deployFile + ", run-id: 7, minutes-ago: 900}\n"
	return newRange(t, world, "refs/heads/main", nil, faults...)
}

func TestRangeReviewsAreThoseOfItsMerges(t *testing.T) {
	t.Parallel()
	d := reviewedRange(t, 100)
	span := d.spanOf(t)
	span.Commits = append(span.Commits, span.Commits...) // each is asked for once
	before := len(d.asked())
	reviews := have(t, d.RangeReviews(t.Context(), span))
	var numbers []int
	for _, pull := range reviews.Pulls {
		numbers = append(numbers, pull.Number)
		if pull.HeadMovedAt.OrZero().IsZero() != (pull.Number != 20) || len(have(t, pull.Commits)) == 0 || pull.Title == "" {
			t.Errorf("pull request %+v", pull)
		}
	}
	same(t, "pull requests", numbers, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 29})
	if big := reviews.Pulls[12]; len(have(t, big.Commits)) != 3 || len(have(t, big.Reviews)) != 3 || big.MergeCommit != fact.SHA(d.SHA("c2")) {
		t.Errorf("pull request %+v", big)
	}
	if reviews.Branch != "main" {
		t.Errorf("branch %q", reviews.Branch)
	}
	if asked := len(d.asked()) - before; asked != 5 {
		t.Errorf("%d requests, want 2 for 14 pull requests and 3 for the branch", asked)
	}
}

func TestRewritesAreToldNewestFirst(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 100} {
		d := reviewedRange(t, 100)
		if size == 1 { // the lists of the range fit on no such page
			d = newRange(t, strings.Replace(reviewedWorld(100), "page-size: 100", "page-size: 1", 1), "refs/heads/main", nil)
		}
		reviews := have(t, d.RangeReviews(t.Context(), fact.Range{}))
		var got []string
		for _, each := range have(t, reviews.Rewrites) {
			login := "nobody"
			if each.By != nil {
				login = each.By.Login
			}
			name := strings.NewReplacer(d.SHA("c1"), "c1", d.SHA("m1"), "m1", d.SHA("m2"), "m2")
			got = append(got, name.Replace(fmt.Sprintf("%s %s %q %q", each.At.Format("15:04"), login, each.Before, each.After)))
		}
		same(t, "rewrites", got, []string{
			`09:50 dave "" "m1"`, `09:40 dave "m1" ""`, `09:30 alice "m1" "m2"`, `09:25 alice "m1" "c1"`, `09:20 nobody "m2" "m1"`,
		})
	}
}

// What does not fit into the first answer is read in full, or is missing.
func TestLongListsOfARangeAreCompleted(t *testing.T) {
	t.Parallel()
	d := reviewedRange(t, 100)
	span := d.spanOf(t)
	short := newRange(t, strings.Replace(reviewedWorld(100), "page-size: 100", "page-size: 2", 1), "refs/heads/main", nil)
	reviews := have(t, short.RangeReviews(t.Context(), span))
	if big := reviews.Pulls[12]; len(have(t, big.Commits)) != 3 || len(have(t, big.Reviews)) != 3 {
		t.Errorf("pull request %+v", big)
	}
	broken := newRange(t, strings.Replace(reviewedWorld(100), "page-size: 100", "page-size: 2", 1), "refs/heads/main", nil,
		githubtest.Fault{Match: "GET /repos/acme/shop/pulls/20/reviews", Status: http.StatusForbidden})
	reviews = have(t, broken.RangeReviews(t.Context(), span))
	wantLost(t, reviews.Pulls[12].Reviews, fact.Forbidden, "pulls/20/reviews")
	if len(have(t, reviews.Pulls[12].Commits)) != 3 || len(have(t, reviews.Pulls[0].Reviews)) != 1 {
		t.Errorf("pull requests %+v", reviews.Pulls)
	}
}

// What was merged elsewhere, as another commit or not at all, is not asked for.
func TestOnlyTheMergesOfTheBranchAreAskedFor(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/activity") {
			return false
		}
		show(w, http.StatusOK, array{})
		return true
	}
	reader := f.readerOf(t, "refs/heads/release")
	reader.Overview(t.Context())
	reviews := have(t, reader.RangeReviews(t.Context(), fact.Range{Commits: []fact.RangeCommit{
		{Commit: fact.Commit{SHA: subjectSHA}, Pulls: []fact.Pull{
			{Number: 1, Base: "release", MergeCommit: subjectSHA},
			{Number: 2, Base: "main", Merged: true, MergeCommit: subjectSHA},
			{Number: 3, Base: "release", Merged: true, MergeCommit: parentSHA},
		}},
		{Pulls: []fact.Pull{{Number: 4, Base: "release", Merged: true}}},
	}}))
	if asked := f.asked(); reviews.Branch != "release" || len(reviews.Pulls) != 0 || len(asked) != 4 {
		t.Errorf("%+v, asked %q", reviews, asked)
	}
	for _, each := range f.asked()[1:] {
		if !strings.Contains(each, "ref=refs%2Fheads%2Frelease") {
			t.Errorf("asked %q", each)
		}
	}
}

func TestATagOfARepositoryWithoutADefaultBranchHasNoReviews(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("repository.defaultBranchRef", nil)
	reader := f.readerOf(t, "refs/tags/v1")
	reader.Overview(t.Context())
	wantLost(t, reader.RangeReviews(t.Context(), fact.Range{}), fact.Incomplete, "which branch is the default branch")
	if len(f.asked()) != 1 {
		t.Errorf("asked %q", f.asked())
	}
}

func TestATagIsAboutTheDefaultBranch(t *testing.T) {
	t.Parallel()
	world := reviewedWorld(100) + "tags: [{name: v1, commit: c2}]\n"
	d := newRange(t, world, "refs/tags/v1", nil)
	reviews := have(t, d.RangeReviews(t.Context(), fact.Range{}))
	if reviews.Branch != "main" || len(have(t, reviews.Rewrites)) != 5 || len(reviews.Pulls) != 0 {
		t.Errorf("reviews %+v", reviews)
	}
}

func TestForcedChangesThatCannotBeReadAreNotNone(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	entry := func(path string, value any) string {
		whole := fmt.Sprintf(`[{"id":5,"activity_type":"force_push","ref":"refs/heads/main","before":"%s","after":"%s","timestamp":"2026-11-17T09:00:00Z","actor":{"id":12,"login":"bob","type":"User"}}]`, headSHA, subjectSHA)
		return strings.Replace(whole, path, fmt.Sprint(value), 1)
	}
	next := func(query string) []string {
		return []string{"Link", `<https://HOST/api/v3/x?` + query + `>; rel="next"`}
	}
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"refused", raw(403, media, `{"message":"Resource not accessible by integration"}`), fact.Forbidden, "status 403"},
		{"not found", raw(404, media, `{"message":"Not Found"}`), fact.NotFound, "status 404"},
		{"a parameter that is not taken", raw(422, media, `{"message":"Validation Failed"}`), fact.Unavailable, "422"},
		{"a server that fails", raw(500, media, "{}"), fact.Unavailable, "failed"},
		{"null", raw(200, media, "null"), fact.Incomplete, "says nothing"},
		{"an object", raw(200, media, `{"activities":[]}`), fact.Incomplete, "shape"},
		{"half a list", raw(200, media, `[{"id":5,`), fact.Incomplete, "whole JSON"},
		{"a null entry", raw(200, media, "[null]"), fact.Incomplete, "all of an activity"},
		{"no number", raw(200, media, entry(`"id":5`, `"id":0`)), fact.Incomplete, "all of an activity"},
		{"no time", raw(200, media, entry(`,"timestamp":"2026-11-17T09:00:00Z"`, "")), fact.Incomplete, "all of an activity"},
		{"no actor", raw(200, media, entry(`,"actor":{"id":12,"login":"bob","type":"User"}`, "")), fact.Incomplete, "all of an activity"},
		{"no type", raw(200, media, entry("force_push", "")), fact.Incomplete, "all of an activity"},
		{"another type", raw(200, media, entry("force_push", "push")), fact.Inconsistent, `has push of "refs/heads/main"`},
		{"another branch", raw(200, media, entry("heads/main", "heads/dev")), fact.Inconsistent, `of "refs/heads/dev"`},
		{"from nothing", raw(200, media, entry(headSHA, strings.Repeat("0", 40))), fact.Incomplete, "goes from"},
		{"to nothing", raw(200, media, entry(subjectSHA, "")), fact.Incomplete, "goes from"},
		{"one twice", raw(200, media, strings.Replace(entry("", ""), "]", ","+strings.TrimPrefix(entry("", ""), "["), 1)), fact.Incomplete, "listed twice"},
		{"a next page without a cursor", raw(200, media, "[]", next("page=2")...), fact.Inconsistent, "without a cursor"},
		{"a next page elsewhere", raw(200, media, "[]", "Link", `<https://evil.test/x?after=a>; rel="next"`), fact.Inconsistent, "another host"},
		{"a list that does not advance", raw(200, media, "[]", next("after=a")...), fact.Inconsistent, "does not advance"},
		{"a next page over http", raw(200, media, "[]", "Link", `<http://HOST/x?after=a>; rel="next"`), fact.Inconsistent, "another host"},
		{"a next page as somebody", raw(200, media, "[]", "Link", `<https://eve@HOST/x?after=a>; rel="next"`), fact.Inconsistent, "another host"},
		{"more pages than are read", func(w http.ResponseWriter, r *http.Request) bool {
			page := len(r.URL.Query().Get("after")) + 1
			w.Header().Set("Link", fmt.Sprintf(`<https://%s/x?after=%s>; rel="next"`, r.Host, strings.Repeat("a", page)))
			return raw(200, media, entry(`"id":5`, fmt.Sprintf(`"id":%d`, page)))(w, r)
		}, fact.Incomplete, "more than 50 pages of force_push"},
		{"a redirect to another repository", raw(301, media, "{}", "Location", "/api/v3/repos/eve/shop/activity"), fact.Inconsistent, "not known to be the same repository"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case !strings.HasSuffix(r.URL.Path, "/activity"):
					return false
				case strings.Contains(r.URL.Path, "/eve/"):
					show(w, http.StatusOK, array{})
					return true
				case r.URL.Query().Get("activity_type") != "force_push":
					show(w, http.StatusOK, array{})
					return true
				}
				return row.handle(hostWriter{w, r.Host}, r)
			}
			reader := f.reader(t)
			reader.Overview(t.Context())
			reviews := have(t, reader.RangeReviews(t.Context(), fact.Range{}))
			wantLost(t, reviews.Rewrites, row.reason, row.detail)
		})
	}
}

// hostWriter puts the fake's own host into the Link header.
type hostWriter struct {
	http.ResponseWriter
	host string
}

func (w hostWriter) WriteHeader(status int) {
	w.Header().Set("Link", strings.ReplaceAll(w.Header().Get("Link"), "HOST", w.host))
	w.ResponseWriter.WriteHeader(status)
}

func TestPullRequestsOfARangeThatCannotBeReadLoseThemAll(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		data   any
		reason fact.Reason
		detail string
	}{
		{"null", object{"databaseId": 1001, "p0": nil}, fact.Incomplete, "does not hold pull request 7"},
		{"left out", object{"databaseId": 1001}, fact.Incomplete, "does not hold pull request 7"},
		{"of another shape", object{"databaseId": 1001, "p0": array{}}, fact.Incomplete, "does not hold pull request 7"},
		{"another number", object{"databaseId": 1001, "p0": put(pullData(), "number", 8)}, fact.Inconsistent, "the answer is about 8"},
		{"into another repository", object{"databaseId": 1001, "p0": put(pullData(), "baseRepository", object{"databaseId": 7})}, fact.Inconsistent, "into another repository"},
		{"into one that is gone", object{"databaseId": 1001, "p0": put(pullData(), "baseRepository", nil)}, fact.Inconsistent, "into another repository"},
		{"into one that is not told", object{"databaseId": 1001, "p0": put(pullData(), "baseRepository", absent)}, fact.Incomplete, "does not say which repository"},
		{"without a head", object{"databaseId": 1001, "p0": put(pullData(), "headRefOid", "")}, fact.Incomplete, "all of pull request 7"},
		{"of another repository", object{"databaseId": 7, "p0": pullData()}, fact.Inconsistent, "repository 7 answers"},
		{"of no repository", nil, fact.Incomplete, "does not identify"},
	}
	span := fact.Range{Commits: []fact.RangeCommit{{
		Commit: fact.Commit{SHA: subjectSHA}, Pulls: []fact.Pull{{Number: 7, Base: "main", Merged: true, MergeCommit: subjectSHA}},
	}}}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			reader := f.reader(t)
			reader.Overview(t.Context())
			f.overview = object{"data": object{"repository": row.data}}
			wantLost(t, reader.RangeReviews(t.Context(), span), row.reason, row.detail)
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		reader := f.reader(t)
		reader.Overview(t.Context())
		f.overview = object{"data": object{"repository": object{"databaseId": 1001, "p0": nil}}, "errors": array{object{"type": "FORBIDDEN", "path": array{"repository", "p0"}, "message": "Resource not accessible by integration"}}}
		known := reader.RangeReviews(t.Context(), span)
		wantLost(t, known, fact.Forbidden, "repository.p0")
		if fix := lost(t, known).Fix; !strings.Contains(fix, "pull-requests: read") {
			t.Errorf("fix %q", fix)
		}
	})
	t.Run("before the overview", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		wantLost(t, f.reader(t).RangeReviews(t.Context(), span), fact.NotAsked, "")
		if len(f.asked()) > 0 {
			t.Errorf("asked %q", f.asked())
		}
	})
}

// A baseline past a deployment keeps the deployment: it says since when the
// branch may only have moved forward.
func TestABaselineRemembersTheDeploymentBeforeIt(t *testing.T) {
	t.Parallel()
	d := newRange(t, rangeWorld("", deployed, "  - {commit: c1, workflow: "+deployFile+", run-id: 490, minutes-ago: 500}\n"), "refs/heads/main", nil)
	from := byDeploy
	from.Baseline = fact.SHA(d.SHA("m1"))
	span := have(t, d.Range(t.Context(), from))
	if span.Run != nil || span.LastRun == nil || span.LastRun.ID != 490 || !span.LastRun.At.Equal(time.Date(2026, 11, 17, 1, 40, 0, 0, time.UTC)) {
		t.Errorf("run %+v, last run %+v", span.Run, span.LastRun)
	}
}
