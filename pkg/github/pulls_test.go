package github_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	commitsPath = "/repos/acme/shop/pulls/7/commits"
	reviewsPath = "/repos/acme/shop/pulls/7/reviews"
)

// withPull lets the overview list one pull request with changes.
func (f *fake) withPull(changes ...any) *fake {
	pull := pullData()
	for i := 0; i < len(changes); i += 2 {
		put(pull, changes[i].(string), changes[i+1])
	}
	return f.withData("pulls.object.associatedPullRequests", listOf(1, pull))
}

func restCommits(n int) array {
	commits := array{}
	for i := range n {
		commits = append(commits, object{
			"sha":       headSHA[:37] + strconv.Itoa(100+i),
			"author":    object{"id": 11, "login": "alice", "type": "User"},
			"committer": object{},
		})
	}
	return commits
}

func restReviews(states ...string) array {
	reviews := array{}
	for i, state := range states {
		reviews = append(reviews, object{
			"id": 5000000001 + i, "state": state, "submitted_at": time.Date(2026, 11, 17, 7, 0, i, 0, time.UTC).Format(time.RFC3339),
			"user": object{"id": 12, "login": "bob", "type": "User"}, "commit_id": headSHA, "html_url": "https://github.com/r",
		})
	}
	return reviews
}

// repeat returns n times the word.
func repeat(word string, n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = word
	}
	return words
}

func TestOverviewDoesNotBelieveHalfAPullRequest(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		changes []any
	}{
		{"no number", []any{"number", nil}},
		{"no base", []any{"baseRefName", ""}},
		{"no head", []any{"headRefOid", "HEAD"}},
		{"not known whether merged", []any{"merged", nil}},
		{"a merge commit without an id", []any{"mergeCommit", object{}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			set := newFake(t).withPull(row.changes...).reader(t).Overview(t.Context())
			wantLost(t, set.Pulls, fact.Incomplete, "pull request")
		})
	}
	f := newFake(t).withData("pulls.object.associatedPullRequests", listOf(2, pullData(), pullData()))
	wantLost(t, f.reader(t).Overview(t.Context()).Pulls, fact.Incomplete, "twice")
}

func TestPullRequestsIntoOtherRepositoriesAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, base := range map[string]any{"a fork": object{"databaseId": 1002}, "a repository that is gone": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			foreign := put(pullData(), "baseRepository", base) // with the number of ours
			f := newFake(t).withData("pulls.object.associatedPullRequests", listOf(2, foreign, put(pullData(), "title", "Ours")))
			if got := have(t, f.reader(t).Overview(t.Context()).Pulls); len(got) != 1 || got[0].Title != "Ours" {
				t.Errorf("pull requests %+v", got)
			}
		})
	}
	for name, base := range map[string]any{"no answer": absent, "no number": object{}} {
		set := newFake(t).withPull("baseRepository", base).reader(t).Overview(t.Context())
		if missing := lost(t, set.Pulls); missing.Reason != fact.Incomplete {
			t.Errorf("%s: %v", name, missing)
		}
	}
}

func TestOverviewTellsWhenTheHeadMoved(t *testing.T) {
	t.Parallel()
	event := func(at any) object { return object{"__typename": "HeadRefForcePushedEvent", "createdAt": at} }
	rows := []struct {
		name     string
		timeline any
		want     string
		why      fact.Reason
	}{
		{"no timeline", nil, "", fact.Incomplete},
		{"no count", object{"nodes": array{}}, "", fact.Incomplete},
		{"events counted and none shown", object{"filteredCount": 2, "nodes": array{}}, "", fact.Incomplete},
		{"an event without a time", object{"filteredCount": 1, "nodes": array{object{"__typename": "X"}}}, "", fact.Incomplete},
		{"a null event", object{"filteredCount": 1, "nodes": array{nil}}, "", fact.Incomplete},
		{"none", object{"filteredCount": 0, "nodes": array{}}, "", ""},
		{"the newest behind an older one", object{"filteredCount": 2, "nodes": array{event("2026-11-17T07:10:00Z"), event("2026-11-17T07:30:00Z")}}, "2026-11-17T07:30:00Z", ""},
		{"the newest, in whatever order", object{"filteredCount": 2, "nodes": array{event("2026-11-17T07:30:00Z"), event("2026-11-17T07:10:00Z")}}, "2026-11-17T07:30:00Z", ""},
		{"more than fit: the last were asked for", object{"filteredCount": 300, "nodes": array{event("2026-11-17T07:30:00Z")}}, "2026-11-17T07:30:00Z", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			set := newFake(t).withPull("timelineItems", row.timeline).reader(t).Overview(t.Context())
			known := have(t, set.Pulls)[0].HeadMovedAt
			at, _ := known.Get()
			want, _ := time.Parse(time.RFC3339, row.want)
			if reason(known) != row.why || !at.Equal(want) {
				t.Errorf("got %v %q, want %v %q", at, reason(known), want, row.why)
			}
		})
	}
}

func TestPeopleInPullRequests(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		actor any
		want  *fact.Person
	}{
		{"the account is gone", nil, nil},
		{"a program gets the name REST knows it by", actor("Bot", 49699333, "dependabot"), &fact.Person{ID: 49699333, Login: "dependabot[bot]", Kind: fact.Bot}},
		{"a program that has the name already", actor("Bot", 9, "ci[bot]"), &fact.Person{ID: 9, Login: "ci[bot]", Kind: fact.Bot}},
		{"a mannequin is no person", actor("Mannequin", 8, "old"), &fact.Person{ID: 8, Login: "old", Kind: fact.OtherKind}},
		{"an organisation is no person", object{"__typename": "Organization", "login": "acme"}, &fact.Person{Login: "acme", Kind: fact.OtherKind}},
		{"an account of no type is nobody known", object{"login": "x", "databaseId": 3}, &fact.Person{ID: 3, Login: "x"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			set := newFake(t).withPull("author", row.actor, "mergedBy", row.actor).reader(t).Overview(t.Context())
			pull := have(t, set.Pulls)[0]
			same(t, "author", pull.Author, row.want)
			same(t, "merger", pull.MergedBy, row.want)
		})
	}
}

func TestListsInAPullRequestThatAreNotWholeAreMissing(t *testing.T) {
	t.Parallel()
	review := func(path string, value any) object {
		pull := pullData()
		node := pull["reviews"].(object)["nodes"].(array)[0].(object)
		return put(node, path, value)
	}
	for name, nodes := range map[string]array{
		"no number":             {review("fullDatabaseId", nil)},
		"a number that is none": {review("fullDatabaseId", "0")},
		"no time":               {review("submittedAt", nil)},
		"no state":              {review("state", "")},
		"a review twice":        {review("url", "a"), review("url", "b")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := newFake(t).withPull("reviews", listOf(len(nodes), nodes...)).reader(t).Overview(t.Context())
			wantLost(t, have(t, set.Pulls)[0].Reviews, fact.Incomplete, "reviews of pull request 7 were listed")
		})
	}
	commit := object{"commit": object{"oid": headSHA}}
	for name, nodes := range map[string]array{
		"no commit at all":         {},
		"a commit without an id":   {object{"commit": object{}}},
		"the same commit, as two":  {commit, commit},
		"a commit that is nothing": {nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := newFake(t).withPull("commits", listOf(len(nodes), nodes...)).reader(t).Overview(t.Context())
			wantLost(t, have(t, set.Pulls)[0].Commits, fact.Incomplete, "commits of pull request 7 were listed")
		})
	}
	set := newFake(t).withPull("reviews", listOf(1, review("fullDatabaseId", 5000000001))).reader(t).Overview(t.Context())
	if got := have(t, have(t, set.Pulls)[0].Reviews); got[0].ID != 5000000001 {
		t.Errorf("a number that is not text: %+v", got)
	}
}

func TestPullsReadsEverythingThatDidNotFitAtOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t).withPull("commits", listOf(130), "reviews", listOf(150))
	commits, reviews := restCommits(130), restReviews(repeat("APPROVED", 150)...)
	meet := newMeeting(4)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{
		commitsPath: func(w http.ResponseWriter, r *http.Request) bool {
			meet.arrive()
			return paged(commits, 100, "")(w, r)
		},
		reviewsPath: func(w http.ResponseWriter, r *http.Request) bool {
			meet.arrive()
			return paged(reviews, 100, "")(w, r)
		},
	})
	reader := f.reader(t)
	before := have(t, reader.Overview(t.Context()).Pulls)[0]
	wantLost(t, before.Commits, fact.Incomplete, "0 of 130 commits")
	wantLost(t, before.Reviews, fact.Incomplete, "0 of 150 reviews")
	pull := have(t, reader.Pulls(t.Context()))[0]
	gotCommits, gotReviews := have(t, pull.Commits), have(t, pull.Reviews)
	if len(gotCommits) != 130 || len(gotReviews) != 150 || len(f.asked()) != 5 {
		t.Errorf("%d commits, %d reviews, %d requests", len(gotCommits), len(gotReviews), len(f.asked()))
	}
	same(t, "commit", gotCommits[0], fact.PullCommit{SHA: fact.SHA(headSHA[:37] + "100"), Author: &fact.Person{ID: 11, Login: "alice", Kind: fact.User}})
	same(t, "review", gotReviews[0], fact.Review{
		ID: 5000000001, URL: "https://github.com/r", State: fact.Approved, Commit: headSHA, At: time.Date(2026, 11, 17, 7, 0, 0, 0, time.UTC),
		Author: &fact.Person{ID: 12, Login: "bob", Kind: fact.User},
	})
}

func TestReviewsOfOtherStatesAreReadAndNotCounted(t *testing.T) {
	t.Parallel()
	states := append(repeat("COMMENTED", 150), "APPROVED", "CHANGES_REQUESTED", "DISMISSED", "PENDING")
	reviews := restReviews(states...)
	put(reviews[153].(object), "submitted_at", nil)
	f := newFake(t).withPull("reviews", listOf(3))
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{reviewsPath: paged(reviews, 100, "")})
	reader := f.reader(t)
	reader.Overview(t.Context())
	got := have(t, have(t, reader.Pulls(t.Context()))[0].Reviews)
	if len(got) != 3 || got[0].State != fact.Approved || got[2].State != fact.Dismissed {
		t.Errorf("reviews %+v", got)
	}
}

func TestPullListsThatCannotBeReadWholeAreMissing(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	bare := func(items array) func(http.ResponseWriter, *http.Request) bool { return paged(items, 100, "") }
	twice := append(restReviews("APPROVED"), restReviews("APPROVED")...)
	noTime := restReviews("APPROVED", "APPROVED")
	put(noTime[1].(object), "submitted_at", nil)
	rows := []struct {
		name    string
		commits func(http.ResponseWriter, *http.Request) bool
		reviews func(http.ResponseWriter, *http.Request) bool
		reason  fact.Reason
		detail  string
	}{
		{"fewer commits than counted", bare(restCommits(2)), nil, fact.Incomplete, "got 2 of 3"},
		{"more commits than counted", bare(restCommits(4)), nil, fact.Incomplete, "got 4 of 3"},
		{"no commit", bare(array{}), nil, fact.Incomplete, "got 0 of 3"},
		{"a commit twice", bare(append(restCommits(2), restCommits(1)...)), nil, fact.Incomplete, "listed twice"},
		{"a commit without an id", bare(array{object{}}), nil, fact.Incomplete, "no id"},
		{"commits in an object", raw(200, media, `{"items":[]}`), nil, fact.Incomplete, "shape"},
		{"fewer reviews than counted", nil, bare(restReviews("APPROVED")), fact.Incomplete, "got 1 of 2"},
		{"reviews of other states in their place", nil, bare(restReviews("APPROVED", "COMMENTED")), fact.Incomplete, "got 1 of 2"},
		{"a review twice", nil, bare(twice), fact.Incomplete, "listed twice"},
		{"a null review", nil, raw(200, media, `[null]`), fact.Incomplete, "all of a review"},
		{"a review without a time", nil, bare(noTime), fact.Incomplete, "all of a review"},
		{"forbidden", nil, raw(403, media, `{"message":"no"}`), fact.Forbidden, "status 403"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			if row.commits != nil {
				f.withPull("commits", listOf(3))
			} else {
				f.withPull("reviews", listOf(2))
			}
			f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{commitsPath: row.commits, reviewsPath: row.reviews})
			reader := f.reader(t)
			reader.Overview(t.Context())
			pull := have(t, reader.Pulls(t.Context()))[0]
			if row.commits != nil {
				wantLost(t, pull.Commits, row.reason, row.detail)
				have(t, pull.Reviews)
				return
			}
			wantLost(t, pull.Reviews, row.reason, row.detail)
			have(t, pull.Commits)
		})
	}
}

func TestAListThatChangesOnceIsReadAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t).withPull("commits", listOf(3))
	tries := 0
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{commitsPath: func(w http.ResponseWriter, r *http.Request) bool {
		tries++
		return paged(restCommits(1+tries), 100, "")(w, r)
	}})
	reader := f.reader(t)
	reader.Overview(t.Context())
	if got := have(t, have(t, reader.Pulls(t.Context()))[0].Commits); len(got) != 3 {
		t.Errorf("%d commits", len(got))
	}
}

func TestTheCapOnCommitsIsNamed(t *testing.T) {
	t.Parallel()
	f := newFake(t).withPull("commits", listOf(250))
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, have(t, reader.Pulls(t.Context()))[0].Commits, fact.Incomplete, "GitHub lists 250 at most")
	if got := len(f.asked()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestPullRequestsThatDidNotMakeTheCommitAreNotCompleted(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][]any{
		"not merged":           {"merged", false},
		"merged as another":    {"mergeCommit", object{"oid": parentSHA}},
		"without merge commit": {"mergeCommit", nil},
	} {
		f := newFake(t).withPull(append(changes, "commits", listOf(300), "reviews", listOf(300))...)
		reader := f.reader(t)
		reader.Overview(t.Context())
		pull := have(t, reader.Pulls(t.Context()))[0]
		wantLost(t, pull.Commits, fact.NotAsked, "not the merge")
		wantLost(t, pull.Reviews, fact.NotAsked, "not the merge")
		if got := len(f.asked()); got != 1 {
			t.Errorf("%s: %d requests, want 1", name, got)
		}
	}
}

func TestPullsThatOverviewCouldNotReadStayMissing(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("pulls", nil)
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Pulls(t.Context()), fact.Incomplete, "leaves the commit out")
}
