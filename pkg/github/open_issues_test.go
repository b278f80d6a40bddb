package github_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// asking makes the fake answer queries by their names; the others, and queries
// whose answer is nil, as usual.
func asking(f *fake, answers map[string]func(query string, variables map[string]string) any) {
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		var asked struct {
			Query     string
			Variables map[string]string
		}
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &asked)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		for name, answer := range answers {
			if strings.Contains(asked.Query, "query "+name+"(") {
				show(w, http.StatusOK, answer(asked.Query, asked.Variables))
				return true
			}
		}
		return false
	}
}

func openData(number int, title string) object {
	return object{"number": number, "title": title, "url": "https://github.com/acme/shop/issues/12", "state": "OPEN"}
}

// trackerData is the part of the answer that is the same for all questions about
// issues.
func trackerData() object {
	return object{"databaseId": 1001, "hasIssuesEnabled": true, "allIssues": object{"totalCount": 40}, "allPulls": object{"totalCount": 5}}
}

// labelData has an issue and a pull request.
func labelData() object {
	return put(trackerData(), "label", object{
		"name": "release-blocker", "issues": listOf(1, openData(12, "Login fails")), "pullRequests": listOf(1, openData(14, "Mend the login")),
	})
}

// blockers reads what is open with the label release-blocker.
func blockers(t *testing.T, answer any) (*fake, fact.Known[fact.OpenIssues]) {
	t.Helper()
	f := newFake(t)
	asking(f, map[string]func(string, map[string]string) any{"StagewardOpenIssues": func(_ string, variables map[string]string) any {
		same(t, "variables", variables, map[string]string{"owner": "acme", "name": "shop", "label": "release-blocker"})
		return answer
	}})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.OpenIssues(t.Context(), "release-blocker")
}

func TestOpenIssuesThatAreNotKnown(t *testing.T) {
	t.Parallel()
	data := func(path string, value any) any {
		return object{"data": object{"repository": put(labelData(), path, value)}}
	}
	refused := func(where ...any) any {
		return object{"data": object{"repository": labelData()}, "errors": array{object{"type": "FORBIDDEN", "path": append(array{"repository"}, where...), "message": "Resource not accessible by integration"}}}
	}
	long := array{}
	for number := range 21 {
		long = append(long, openData(number+1, "A"))
	}
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{"no repository", object{"data": object{"repository": nil}}, fact.Incomplete, "identify"},
		{"another repository", data("databaseId", 1002), fact.Inconsistent, "in place of repository 1001"},
		{"the lists are refused", refused("allIssues"), fact.Forbidden, "allIssues"},
		{"the pull requests are refused", refused("label", "pullRequests"), fact.Forbidden, "pullRequests"},
		{"issues are turned off", data("hasIssuesEnabled", false), fact.NotFound, "turned off"},
		{"issues may be turned off", data("hasIssuesEnabled", absent), fact.Incomplete, "leaves out"},
		{"issues may be turned off, null", data("hasIssuesEnabled", nil), fact.Incomplete, "does not say"},
		{"all issues are not counted", data("allIssues", absent), fact.Incomplete, "leaves out"},
		{"all issues are null", data("allIssues", nil), fact.Incomplete, "does not say"},
		{"all pull requests are not counted", data("allPulls.totalCount", absent), fact.Incomplete, "does not say"},
		{"all issues are no list", data("allIssues", 3), fact.Incomplete, "leaves out"},
		{"the label is left out", data("label", absent), fact.Incomplete, "leaves out the label"},
		{"the label is no label", data("label", 3), fact.Incomplete, "leaves out the label"},
		{"a label of another case", data("label.name", "Release-Blocker"), fact.Inconsistent, `"Release-Blocker"`},
		{"a label without a name", data("label.name", absent), fact.Inconsistent, `about ""`},
		{"no issues", data("label.issues", absent), fact.Incomplete, "were listed"},
		{"no pull requests", data("label.pullRequests", nil), fact.Incomplete, "were listed"},
		{"no total", data("label.issues.totalCount", absent), fact.Incomplete, "were listed"},
		{"fewer than none", data("label.issues.totalCount", -1), fact.Incomplete, "were listed"},
		{"some, and none is listed", data("label.issues", listOf(3)), fact.Incomplete, "0 of 3"},
		{"none, and one is listed", data("label.issues.totalCount", 0), fact.Incomplete, "1 of 0"},
		{"more than were asked for", data("label.issues", object{"totalCount": 30, "nodes": long}), fact.Incomplete, "21 of 30"},
		{"an issue that is null", data("label.issues.nodes", array{nil}), fact.Incomplete, "all of what is open"},
		{"an issue without a number", data("label.issues", listOf(1, openData(0, "A"))), fact.Incomplete, "all of what is open"},
		{"an issue without a title", data("label.issues", listOf(1, openData(1, ""))), fact.Incomplete, "all of what is open"},
		{"an issue without an address", data("label.issues", listOf(1, put(openData(1, "A"), "url", absent))), fact.Incomplete, "all of what is open"},
		{"an issue that is closed", data("label.issues", listOf(1, put(openData(1, "A"), "state", "CLOSED"))), fact.Inconsistent, `#1 is "CLOSED"`},
		{"an issue twice", data("label.issues", listOf(2, openData(1, "A"), openData(1, "A"))), fact.Inconsistent, "listed twice"},
		{"an issue that is a pull request", data("label.issues", listOf(1, openData(14, "A"))), fact.Inconsistent, "listed twice"},
		{"more issues than the repository has", data("allIssues.totalCount", 0), fact.Inconsistent, "more is open"},
		{"more pull requests than the repository has", data("allPulls.totalCount", 0), fact.Inconsistent, "more is open"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := blockers(t, row.answer)
			wantLost(t, known, row.reason, row.detail)
			if row.reason == fact.Forbidden && !strings.Contains(lost(t, known).Fix, "pull-requests: read, issues: read") {
				t.Errorf("fix %q", lost(t, known).Fix)
			}
		})
	}
}

func TestOpenIssuesAreNotAskedForBeforeTheRepositoryIsKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	wantLost(t, f.reader(t).OpenIssues(t.Context(), "x"), fact.NotAsked, "")
	wantLost(t, f.reader(t).Milestone(t.Context(), "x"), fact.NotAsked, "")
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
}

func TestOpenIssuesAndPullRequestsAreCountedTogether(t *testing.T) {
	t.Parallel()
	f, known := blockers(t, object{"data": object{"repository": labelData()}})
	same(t, "open", have(t, known), fact.OpenIssues{Label: "release-blocker", LabelExists: true, Total: 2, Newest: []fact.Issue{
		{Number: 14, Pull: true, Title: "Mend the login", URL: "https://github.com/acme/shop/issues/12", Open: true},
		{Number: 12, Title: "Login fails", URL: "https://github.com/acme/shop/issues/12", Open: true},
	}})
	if page := known.Source().URL; page != "https://github.com/acme/shop/labels/release-blocker" {
		t.Errorf("page %q", page)
	}
	if len(f.asked()) != 2 {
		t.Errorf("asked %q", f.asked())
	}
	_, known = blockers(t, object{"data": object{"repository": put(labelData(), "label", nil)}})
	same(t, "no label", have(t, known), fact.OpenIssues{Label: "release-blocker", Newest: []fact.Issue{}})
}

// The newest of both lists are kept, 20 of them.
func TestTheNewestOfWhatIsOpenAreListed(t *testing.T) {
	t.Parallel()
	issues, pulls := array{}, array{}
	for i := range 20 {
		issues, pulls = append(issues, openData(100-2*i, "A")), append(pulls, openData(99-2*i, "B"))
	}
	data := put(labelData(), "allPulls.totalCount", 30)
	put(data, "label.issues", object{"totalCount": 25, "nodes": issues})
	put(data, "label.pullRequests", object{"totalCount": 30, "nodes": pulls})
	_, known := blockers(t, object{"data": object{"repository": data}})
	open := have(t, known)
	if open.Total != 55 || len(open.Newest) != 20 || open.Newest[0].Number != 100 || open.Newest[19].Number != 81 || !open.Newest[19].Pull {
		t.Errorf("%+v", open)
	}
}
