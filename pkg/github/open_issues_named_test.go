package github_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const namesSubject = "Break glass: " + "c1c1c1c" + " to prod: fire"

// declared reads what is open with a label, where issue 12 names the subject's
// commit and is read once more.
func declared(t *testing.T, issue any, more ...any) (*fake, fact.Known[fact.OpenIssues]) {
	t.Helper()
	f := newFake(t)
	data := put(trackerData(), "label", object{
		"name": "release-blocker", "issues": listOf(2, openData(12, namesSubject), openData(11, "Other")), "pullRequests": listOf(1, openData(14, namesSubject)),
	})
	answer := object{"data": object{"repository": object{"databaseId": 1001, "issue": issue}}}
	for i := 0; i+1 < len(more); i += 2 {
		put(answer, more[i].(string), more[i+1])
	}
	asking(f, map[string]func(string, map[string]string) any{
		"StagewardOpenIssues": func(string, map[string]string) any { return object{"data": object{"repository": data}} },
		"StagewardIssue": func(query string, variables map[string]string) any {
			same(t, "variables", variables, map[string]string{"owner": "acme", "name": "shop"})
			if !strings.Contains(query, "issue(number: 12)") {
				t.Errorf("asked for another issue:\n%s", query)
			}
			return answer
		},
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.OpenIssues(t.Context(), "release-blocker")
}

func named(path string, value any) object {
	return put(put(issueData(), "title", namesSubject), path, value)
}

func TestLabelsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		issue  any
		more   []any
		reason fact.Reason
		detail string
	}{
		"no issue":               {nil, nil, fact.Incomplete, "does not hold issue 12"},
		"another issue":          {named("number", 13), nil, fact.Incomplete, "does not hold issue 12"},
		"an issue in part":       {named("closed", absent), nil, fact.Incomplete, "all of the issue"},
		"another repository":     {named("repository.databaseId", 2002), nil, fact.Inconsistent, "in place of repository 1001"},
		"another repository all": {named("number", 12), []any{"data.repository.databaseId", 2002}, fact.Inconsistent, "in place of repository 1001"},
		"closed meanwhile":       {named("closed", true), nil, fact.Inconsistent, "changed while it was read"},
		"renamed meanwhile":      {named("title", "Other"), nil, fact.Inconsistent, "changed while it was read"},
		"no labels":              {named("labels", nil), nil, fact.Incomplete, "has no list"},
		"no history":             {named("timelineItems", nil), nil, fact.Incomplete, "has no list"},
		"a refusal":              {named("number", 12), []any{"errors", array{object{"type": "FORBIDDEN", "path": array{"repository", "issue"}, "message": "Resource not accessible by integration"}}}, fact.Forbidden, "not accessible"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, known := declared(t, row.issue, row.more...)
			wantLost(t, known, row.reason, row.detail)
		})
	}
}

// Only an issue that names the commit is read again, and it keeps its place.
func TestWhoLabelledAnIssueThatNamesTheCommit(t *testing.T) {
	t.Parallel()
	f, known := declared(t, named("number", 12))
	open := have(t, known)
	at := time.Date(2026, 11, 17, 7, 10, 0, 0, time.UTC)
	want := []fact.IssueLabel{{Name: "approved", By: &fact.Person{ID: 12, Login: "bob", Kind: fact.User}, At: at}}
	if len(open.Newest) != 3 || open.Newest[1].Number != 12 || !open.Newest[1].Open || open.Newest[0].Labels != nil || open.Newest[2].Labels != nil {
		t.Fatalf("got %+v", open.Newest)
	}
	same(t, "labels", open.Newest[1].Labels, want)
	if len(f.asked()) != 3 {
		t.Errorf("asked %q", f.asked())
	}
}
