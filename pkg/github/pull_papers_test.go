package github_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

func labelingData(id, name string, minute int, actor any) object {
	return object{"__typename": "LabeledEvent", "id": id, "createdAt": fmt.Sprintf("2026-11-17T07:%02d:00Z", minute), "label": object{"name": name}, "actor": actor}
}

func issueData() object {
	return object{
		"number": 12, "title": "Change the thing", "url": "https://github.com/acme/shop/issues/12", "closed": false, "stateReason": nil,
		"repository":    object{"databaseId": 1001},
		"labels":        graphList(object{"name": "approved"}),
		"timelineItems": graphList(labelingData("L1", "approved", 10, actor("User", 12, "bob"))),
	}
}

func papersData(issues ...any) object {
	return object{"number": 7, "body": "Closes #12", "closingIssuesReferences": graphList(issues...)}
}

func TestPullPapersThatAreNotKnown(t *testing.T) {
	t.Parallel()
	papers := func(path string, value any) object { return put(papersData(issueData()), path, value) }
	issue := func(path string, value any) object { return papersData(put(issueData(), path, value)) }
	rows := []struct {
		name   string
		pull   any
		reason fact.Reason
		detail string
	}{
		{"no pull request", nil, fact.Incomplete, "does not hold pull request 7"},
		{"another pull request", papers("number", 8), fact.Incomplete, "does not hold pull request 7"},
		{"no description", papers("body", absent), fact.Incomplete, "does not hold pull request 7"},
		{"a description that is null", papers("body", nil), fact.Incomplete, "does not hold pull request 7"},
		{"no list of issues", papers("closingIssuesReferences", nil), fact.Incomplete, "has no list"},
		{"a list without a total", papers("closingIssuesReferences.totalCount", absent), fact.Incomplete, "has no list"},
		{"a list below zero", papers("closingIssuesReferences.totalCount", -1), fact.Incomplete, "has no list"},
		{"a list that may go on", papers("closingIssuesReferences.pageInfo.hasNextPage", absent), fact.Incomplete, "has no list"},
		{"a list without entries", papers("closingIssuesReferences.nodes", nil), fact.Incomplete, "has no list"},
		{"more issues than are listed", papers("closingIssuesReferences.totalCount", 2), fact.Incomplete, "got 1 of 2"},
		{"fewer issues than are listed", papers("closingIssuesReferences.totalCount", 0), fact.Incomplete, "got 1 of 0"},
		{"more issues than anybody closes", papers("closingIssuesReferences.totalCount", 1001), fact.Incomplete, "no more than 1000"},
		{"an issue that may not be read", papersData(nil), fact.Incomplete, "all of an entry"},
		{"an issue twice", papersData(issueData(), issueData()), fact.Incomplete, "listed twice"},
		{"a next page without a cursor", papers("closingIssuesReferences.pageInfo", object{"hasNextPage": true, "endCursor": nil}), fact.Inconsistent, "does not advance"},
		{"a next page that is this one", papers("closingIssuesReferences.pageInfo", object{"hasNextPage": true, "endCursor": "x"}), fact.Inconsistent, "does not advance"},
		{"an issue without a number", issue("number", 0), fact.Incomplete, "all of the issue"},
		{"an issue without a title", issue("title", absent), fact.Incomplete, "all of the issue"},
		{"an issue that may be open", issue("closed", absent), fact.Incomplete, "all of the issue"},
		{"an issue closed for nobody knows what", issue("stateReason", absent), fact.Incomplete, "all of the issue"},
		{"an issue of nobody knows which repository", issue("repository", nil), fact.Incomplete, "all of the issue"},
		{"an issue of a repository without a number", issue("repository", object{}), fact.Incomplete, "all of the issue"},
		{"no labels", issue("labels", nil), fact.Incomplete, "has no list"},
		{"a label that is null", issue("labels", graphList(nil)), fact.Incomplete, "all of an entry"},
		{"a label without a name", issue("labels", graphList(object{"name": ""})), fact.Incomplete, "all of an entry"},
		{"fewer labels than there are", issue("labels.totalCount", 2), fact.Incomplete, "got 1 of 2"},
		{"no history", issue("timelineItems", nil), fact.Incomplete, "has no list"},
		{"less history than there is", issue("timelineItems.totalCount", 2), fact.Incomplete, "got 1 of 2"},
		{"an event of no label", issue("timelineItems", graphList(put(labelingData("L1", "a", 1, nil), "label", nil))), fact.Incomplete, "all of an entry"},
		{"an event of a label without a name", issue("timelineItems", graphList(labelingData("L1", "", 1, nil))), fact.Incomplete, "all of an entry"},
		{"an event of no time", issue("timelineItems", graphList(put(labelingData("L1", "a", 1, nil), "createdAt", absent))), fact.Incomplete, "all of an entry"},
		{"an event of nobody knows whom", issue("timelineItems", graphList(put(labelingData("L1", "a", 1, nil), "actor", absent))), fact.Incomplete, "all of an entry"},
		{"an event that was not asked for", issue("timelineItems", graphList(put(labelingData("L1", "a", 1, nil), "__typename", "ClosedEvent"))), fact.Incomplete, "all of an entry"},
		{"an event that is another", issue("timelineItems", graphList(object{})), fact.Incomplete, "all of an entry"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.onQuery("StagewardPullPapers", func(map[string]string) any { return inRepository("pullRequest", row.pull) })
			reader := f.reader(t)
			reader.Overview(t.Context())
			wantLost(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}), row.reason, row.detail)
			if asked := len(f.asked()); asked > 3 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func TestPullPapersOfAnotherRepositoryOrRefused(t *testing.T) {
	t.Parallel()
	refusal := inRepository("pullRequest", papersData())
	refusal["errors"] = array{object{"type": "FORBIDDEN", "path": array{"repository", "pullRequest", "closingIssuesReferences"}, "message": "Resource not accessible by integration"}}
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{"another repository", inRepository("databaseId", 2002, "pullRequest", papersData()), fact.Inconsistent, "in place of repository 1001"},
		{"no repository", object{"data": object{"repository": nil}}, fact.Incomplete, "identify"},
		{"a refusal beside data", refusal, fact.Forbidden, "not accessible"},
	}
	for _, row := range rows {
		f := newFake(t)
		f.onQuery("StagewardPullPapers", func(map[string]string) any { return row.answer })
		reader := f.reader(t)
		reader.Overview(t.Context())
		known := reader.PullPapers(t.Context(), fact.Pull{Number: 7})
		wantLost(t, known, row.reason, row.detail)
		if fix := lost(t, known).Fix; row.reason == fact.Forbidden && !strings.Contains(fix, "pull-requests: read, issues: read") {
			t.Errorf("%s: fix %q", row.name, fix)
		}
	}
}

func TestAListThatChangesIsReadOnceMore(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	asked := 0
	f.onQuery("StagewardPullPapers", func(map[string]string) any {
		data := papersData(issueData())
		if asked++; asked == 1 {
			put(data, "closingIssuesReferences.totalCount", 2)
		}
		return inRepository("pullRequest", data)
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	papers := have(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}))
	if asked != 2 || len(papers.Issues) != 1 {
		t.Errorf("asked %d times: %+v", asked, papers)
	}
}

// The pages fit together by their numbers alone: two issues on the first, one on
// the second, of three by the count of the first and four by that of the second.
func TestPagesThatCountOtherwiseAreNotKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	numbered := func(number int) object {
		return put(put(issueData(), "number", number), "url", fmt.Sprintf("https://github.com/acme/shop/issues/%d", number))
	}
	f.onQuery("StagewardPullPapers", func(variables map[string]string) any {
		data := papersData(numbered(1), numbered(2))
		put(data, "closingIssuesReferences.totalCount", 3)
		put(data, "closingIssuesReferences.pageInfo", object{"hasNextPage": true, "endCursor": "x"})
		if variables["after"] == "x" {
			data = papersData(numbered(3))
			put(data, "closingIssuesReferences.totalCount", 4)
		}
		return inRepository("pullRequest", data)
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}), fact.Incomplete, "changed from 3 to 4")
}

func TestPullPapersInOneQuestion(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	closed := put(put(put(issueData(), "number", 13), "url", "https://github.com/acme/shop/issues/13"), "closed", true)
	closed["stateReason"] = "NOT_PLANNED"
	closed["labels"] = graphList(object{"name": "approved"}, object{"name": "moved here"})
	closed["timelineItems"] = graphList(
		labelingData("L2", "approved", 10, actor("User", 12, "bob")),
		labelingData("L3", "approved", 20, actor("Bot", 99, "helper")),
		labelingData("L4", "other", 30, actor("User", 12, "bob")),
	)
	gone := put(put(issueData(), "number", 14), "url", "https://github.com/acme/shop/issues/14")
	gone["stateReason"] = "REOPENED" // says nothing of an issue that is open
	gone["timelineItems"] = graphList(labelingData("L5", "approved", 10, actor("User", 12, "bob")), labelingData("L6", "approved", 40, nil))
	withdrawn := put(put(issueData(), "number", 15), "url", "https://github.com/acme/shop/issues/15")
	withdrawn["timelineItems"] = graphList(
		labelingData("L7", "approved", 10, actor("User", 12, "bob")),
		put(labelingData("L8", "approved", 20, actor("User", 12, "bob")), "__typename", "UnlabeledEvent"),
		labelingData("L9", "renamed to approved since", 30, actor("User", 11, "alice")),
	)
	again := put(put(issueData(), "number", 16), "url", "https://github.com/acme/shop/issues/16")
	again["timelineItems"] = graphList(
		put(labelingData("L10", "approved", 20, actor("User", 11, "alice")), "__typename", "UnlabeledEvent"),
		labelingData("L11", "approved", 20, actor("User", 12, "bob")),
	)
	foreign := put(put(issueData(), "repository.databaseId", 2002), "url", "https://github.com/acme/other/issues/12")
	f.onQuery("StagewardPullPapers", func(variables map[string]string) any {
		same(t, "variables", variables, map[string]string{"owner": "acme", "name": "shop"})
		return inRepository("pullRequest", papersData(issueData(), foreign, closed, gone, withdrawn, again))
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	known := reader.PullPapers(t.Context(), fact.Pull{Number: 7, URL: "https://github.com/acme/shop/pull/7"})
	at := func(minute int) time.Time { return time.Date(2026, 11, 17, 7, minute, 0, 0, time.UTC) }
	bob := &fact.Person{ID: 12, Login: "bob", Kind: fact.User}
	same(t, "papers", have(t, known), fact.PullPapers{
		Number: 7, Body: "Closes #12", Elsewhere: 1,
		Issues: []fact.Issue{
			{
				Number: 12, Title: "Change the thing", URL: "https://github.com/acme/shop/issues/12", Open: true,
				Labels: []fact.IssueLabel{{Name: "approved", By: bob, At: at(10)}},
			},
			{
				Number: 13, Title: "Change the thing", URL: "https://github.com/acme/shop/issues/13", Why: "not_planned",
				Labels: []fact.IssueLabel{
					{Name: "approved", By: &fact.Person{ID: 99, Login: "helper[bot]", Kind: fact.Bot}, At: at(20)},
					{Name: "moved here"},
				},
			},
			{
				Number: 14, Title: "Change the thing", URL: "https://github.com/acme/shop/issues/14", Open: true,
				Labels: []fact.IssueLabel{{Name: "approved", At: at(40)}},
			},
			{
				Number: 15, Title: "Change the thing", URL: "https://github.com/acme/shop/issues/15", Open: true,
				Labels: []fact.IssueLabel{{Name: "approved", At: at(20)}},
			},
			{
				Number: 16, Title: "Change the thing", URL: "https://github.com/acme/shop/issues/16", Open: true,
				Labels: []fact.IssueLabel{{Name: "approved", By: bob, At: at(20)}},
			},
		},
	})
	if source := known.Source(); source.URL != "https://github.com/acme/shop/pull/7" || len(f.asked()) != 2 {
		t.Errorf("source %+v, asked %q", source, f.asked())
	}
}

// An event that is listed late counts for the time at which it happened.
func TestAnEarlierEventThatIsListedLaterDoesNotCount(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	issue := issueData()
	issue["timelineItems"] = graphList(
		put(labelingData("L1", "approved", 30, actor("User", 11, "alice")), "__typename", "UnlabeledEvent"),
		labelingData("L2", "approved", 10, actor("User", 12, "bob")),
	)
	f.onQuery("StagewardPullPapers", func(map[string]string) any { return inRepository("pullRequest", papersData(issue)) })
	reader := f.reader(t)
	reader.Overview(t.Context())
	papers := have(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}))
	same(t, "labels", papers.Issues[0].Labels, []fact.IssueLabel{{Name: "approved", At: time.Date(2026, 11, 17, 7, 30, 0, 0, time.UTC)}})
}

func TestTheRestOfAnIssueThatIsGoneIsNotKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	issue := put(put(issueData(), "labels.totalCount", 2), "labels.pageInfo", object{"hasNextPage": true, "endCursor": "x"})
	f.onQuery("StagewardPullPapers", func(map[string]string) any { return inRepository("pullRequest", papersData(issue)) })
	f.onQuery("StagewardLabels", func(map[string]string) any { return inRepository("issue", nil) })
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}), fact.Incomplete, "does not hold issue 12")
}

// papersWorld has more of everything than fits on a page of two.
const papersWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  alice: {id: 11, permission: write}
  bob: {id: 12, permission: maintain}
  gone: {gone: true}
commits:
  - {name: c0, by: alice}
  - {name: h1, branch: thing, by: alice}
  - {name: c1, branch: main, parents: [c0, h1], by: alice}
issues:
  - {number: 20, title: "Old", closed: duplicate}
  - number: 12
    labels:
      - {name: wanted, by: alice, minutes-ago: 90}
      - {name: approved, by: alice, minutes-ago: 80}
      - {name: hot, by: gone, minutes-ago: 70}
      - {name: approved, by: bob, minutes-ago: 60}
      - {name: gone, by: bob, minutes-ago: 50, removed: true}
      - {name: moved, unseen: true}
  - {number: 13, closed: completed}
pulls:
  - {number: 7, body: "Closes #12", author: alice, commits: [h1], merged-by: bob, merge-commit: c1, closes: [20, acme/other#5, 12, 13]}
`

func TestPullPapersOfAWholeWorld(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, papersWorld, "c1", "refs/heads/main")
	papers := have(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}))
	var got []string
	for _, issue := range papers.Issues {
		got = append(got, fmt.Sprintf("#%d %t %s", issue.Number, issue.Open, issue.Why))
		for _, label := range issue.Labels {
			by := "nobody"
			if label.By != nil {
				by = label.By.Login
			}
			got = append(got, label.Name+" by "+by+" at "+label.At.Format("15:04"))
		}
	}
	same(t, "issues", got, []string{
		"#20 false duplicate", "#12 true ", "wanted by alice at 08:30", "hot by nobody at 08:50", "approved by bob at 09:00", "moved by nobody at 00:00", "#13 false completed",
	})
	if papers.Body != "Closes #12" || papers.Elsewhere != 1 {
		t.Errorf("%+v", papers)
	}
	// The overview, two pages of issues, one more page of labels, two of events.
	if got := len(server.Requests()); got != 1+2+1+2 {
		t.Errorf("%d requests", got)
	}
	withoutViolations(t, server)
}

func TestPullPapersThatTheTokenMayNotRead(t *testing.T) {
	t.Parallel()
	for _, granted := range []string{"issues", "pull-requests"} {
		world := papersWorld + "token: {permissions: {contents: read, " + granted + ": read}}\n"
		server, reader := readerOnDouble(t, world, "c1", "refs/heads/main")
		missing := lost(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}))
		if missing.Reason != fact.Forbidden || !strings.Contains(missing.Fix, "pull-requests: read, issues: read") {
			t.Errorf("%s: %+v", granted, missing)
		}
		withoutViolations(t, server)
	}
	server, reader := readerOnDouble(t, papersWorld, "c1", "refs/heads/main",
		githubtest.Fault{Match: "POST /graphql StagewardLabels", GraphQLError: &githubtest.GraphQLError{Path: "repository.issue.labels"}})
	wantLost(t, reader.PullPapers(t.Context(), fact.Pull{Number: 7}), fact.Forbidden, "repository.issue.labels")
	withoutViolations(t, server)
}
