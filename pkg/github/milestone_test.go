package github_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// milestonesData is a page of milestones.
func milestonesData(nodes ...any) object {
	return put(trackerData(), "milestones", graphList(nodes...))
}

func titledData(number int, title string) object { return object{"number": number, "title": title} }

// milestoneData is milestone 3 with an issue and a pull request that are open.
func milestoneData() object {
	return put(trackerData(), "milestone", object{
		"number": 3, "title": "1.2.0", "closed": false, "url": "https://github.com/acme/shop/milestone/3",
		"issues": listOf(1, openData(12, "Login fails")), "pullRequests": listOf(1, openData(14, "Mend the login")),
		"closedIssues": object{"totalCount": 5}, "closedPulls": object{"totalCount": 2},
	})
}

func answerOf(repository object) any { return object{"data": object{"repository": repository}} }

// milestone reads the milestone 1.2.0.
func milestone(t *testing.T, list, one any) (*fake, fact.Known[fact.Milestone]) {
	t.Helper()
	f := newFake(t)
	asking(f, map[string]func(string, map[string]string) any{
		"StagewardMilestones": func(string, map[string]string) any { return list },
		"StagewardMilestone": func(query string, _ map[string]string) any {
			if !strings.Contains(query, "milestone(number: 3)") {
				t.Errorf("asked %s", query)
			}
			return one
		},
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Milestone(t.Context(), "1.2.0")
}

func TestAMilestoneThatIsNotKnown(t *testing.T) {
	t.Parallel()
	list := func(path string, value any) any {
		return answerOf(put(milestonesData(titledData(3, "1.2.0"), titledData(2, "1.1.0")), path, value))
	}
	one := func(path string, value any) any { return answerOf(put(milestoneData(), path, value)) }
	refused := func(answer object) any {
		return object{"data": object{"repository": answer}, "errors": array{object{"type": "FORBIDDEN", "path": array{"repository", "allPulls"}, "message": "no"}}}
	}
	whole := answerOf(milestonesData(titledData(3, "1.2.0"), titledData(2, "1.1.0")))
	rows := []struct {
		name      string
		list, one any
		reason    fact.Reason
		detail    string
	}{
		{"the list is of another repository", list("databaseId", 1002), nil, fact.Inconsistent, "in place of"},
		{"the list is refused", refused(milestonesData()), nil, fact.Forbidden, "allPulls"},
		{"issues are turned off", list("hasIssuesEnabled", false), nil, fact.NotFound, "turned off"},
		{"there is no list", list("milestones", nil), nil, fact.Incomplete, "has no list"},
		{"the list is left out", list("milestones", absent), nil, fact.Incomplete, "shape"},
		{"the list is not whole", list("milestones.totalCount", 3), nil, fact.Incomplete, "got 2 of 3"},
		{"a milestone is null", list("milestones", graphList(nil)), nil, fact.Incomplete, "all of an entry"},
		{"a milestone has no number", list("milestones", graphList(titledData(0, "1.2.0"))), nil, fact.Incomplete, "all of an entry"},
		{"a milestone has no title", list("milestones", graphList(titledData(3, ""))), nil, fact.Incomplete, "all of an entry"},
		{"a milestone is there twice", list("milestones", graphList(titledData(3, "1.2.0"), titledData(3, "1.2.0"))), nil, fact.Incomplete, "listed twice"},
		{"two milestones have the title", list("milestones", graphList(titledData(3, "1.2.0"), titledData(4, "1.2.0"))), nil, fact.Inconsistent, "have one title"},
		{"the list does not advance", list("milestones.pageInfo", object{"hasNextPage": true, "endCursor": nil}), nil, fact.Inconsistent, "does not advance"},
		{"there are too many", list("milestones.totalCount", 5001), nil, fact.Incomplete, "no more than 5000"},

		{"the milestone is of another repository", whole, one("databaseId", 1002), fact.Inconsistent, "in place of"},
		{"the milestone is refused", whole, refused(milestoneData()), fact.Forbidden, "allPulls"},
		{"the milestone is null", whole, one("milestone", nil), fact.Incomplete, "all of milestone 3"},
		{"the milestone is left out", whole, one("milestone", absent), fact.Incomplete, "all of milestone 3"},
		{"another milestone answers", whole, one("milestone.number", 2), fact.Inconsistent, "the answer is about milestone 2"},
		{"the milestone was renamed meanwhile", whole, one("milestone.title", "1.3.0"), fact.Inconsistent, `"1.3.0"`},
		{"the milestone may be closed", whole, one("milestone.closed", absent), fact.Incomplete, "all of milestone 3"},
		{"the milestone has no address", whole, one("milestone.url", absent), fact.Incomplete, "all of milestone 3"},
		{"no open issues", whole, one("milestone.issues", absent), fact.Incomplete, "were listed"},
		{"no open pull requests", whole, one("milestone.pullRequests", nil), fact.Incomplete, "were listed"},
		{"some are open and none is listed", whole, one("milestone.issues", listOf(2)), fact.Incomplete, "0 of 2"},
		{"no closed issues", whole, one("milestone.closedIssues", nil), fact.Incomplete, "what is closed"},
		{"no closed pull requests", whole, one("milestone.closedPulls.totalCount", absent), fact.Incomplete, "what is closed"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := milestone(t, row.list, row.one)
			wantLost(t, known, row.reason, row.detail)
		})
	}
}

func TestAMilestoneIsWhatItHolds(t *testing.T) {
	t.Parallel()
	list := answerOf(milestonesData(titledData(4, "1.2.0 "), titledData(3, "1.2.0"), titledData(2, "1.1.0")))
	f, known := milestone(t, list, answerOf(milestoneData()))
	same(t, "milestone", have(t, known), fact.Milestone{
		Title: "1.2.0", Exists: true, Open: true, OpenIssues: 2, ClosedIssues: 7, URL: "https://github.com/acme/shop/milestone/3", Newest: []fact.Issue{
			{Number: 14, Pull: true, Title: "Mend the login", URL: "https://github.com/acme/shop/issues/12", Open: true},
			{Number: 12, Title: "Login fails", URL: "https://github.com/acme/shop/issues/12", Open: true},
		},
	})
	if len(f.asked()) != 3 {
		t.Errorf("asked %q", f.asked())
	}
	f, known = milestone(t, answerOf(milestonesData(titledData(4, "1.2.0-rc"), titledData(2, "V1.2.0"))), nil)
	same(t, "no milestone", have(t, known), fact.Milestone{Title: "1.2.0"})
	if len(f.asked()) != 2 || known.Source().URL != "https://github.com/acme/shop/milestones" {
		t.Errorf("asked %q, page %q", f.asked(), known.Source().URL)
	}
}

const trackerWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people: { bob: { permission: write } }
commits:
  - { name: c1, by: bob, files: { .github/stageward.yml: "version: 1\n" } }
  - { name: h1, branch: topic, by: bob }
labels: [quiet, Spelled]
milestones: [{ title: 1.0.0, closed: true }, { title: 1.1.0 }, { title: 1.2.0 }, { title: 1.2.0-rc }, { title: empty }]
issues:
  - { number: 1, labels: [{ name: release-blocker, by: bob }], milestone: 1.2.0 }
  - { number: 2, labels: [{ name: release-blocker, by: bob }], milestone: 1.1.0 }
  - { number: 3, closed: completed, labels: [{ name: release-blocker, by: bob }], milestone: 1.2.0 }
  - { number: 4, labels: [{ name: release-blocker, by: bob }, { name: release-blocker, removed: true, by: bob }] }
  - { number: 5, closed: not_planned, milestone: 1.1.0 }
pulls:
  - { number: 6, author: bob, commits: [h1], labels: [release-blocker], milestone: 1.2.0 }
  - { number: 7, author: bob, commits: [h1], closed: true, labels: [release-blocker], milestone: 1.2.0 }
tags: [{ name: v1.4.0, commit: c1 }]
`

// The double lists two at a time, and refuses what GitHub does not know.
func TestTheReaderFindsWhatBlocksInTheDouble(t *testing.T) {
	t.Parallel()
	server := started(t, trackerWorld, nil)
	reader := doubleReader(t, server)
	reader.Overview(t.Context())
	open := have(t, reader.OpenIssues(t.Context(), "release-blocker"))
	if open.Total != 3 || !open.LabelExists || len(open.Newest) != 3 || open.Newest[0].Number != 6 || !open.Newest[0].Pull || open.Newest[2].Number != 1 {
		t.Errorf("open %+v", open)
	}
	same(t, "quiet", have(t, reader.OpenIssues(t.Context(), "quiet")), fact.OpenIssues{Label: "quiet", LabelExists: true, Newest: []fact.Issue{}})
	same(t, "no label", have(t, reader.OpenIssues(t.Context(), "relase-blocker")), fact.OpenIssues{Label: "relase-blocker", Newest: []fact.Issue{}})
	wantLost(t, reader.OpenIssues(t.Context(), "spelled"), fact.Inconsistent, `"Spelled"`)
	if planned := have(t, reader.Milestone(t.Context(), "1.2.0")); planned.OpenIssues != 2 || planned.ClosedIssues != 2 || !planned.Open || len(planned.Newest) != 2 {
		t.Errorf("milestone %+v", planned)
	}
	if empty := have(t, reader.Milestone(t.Context(), "empty")); !empty.Exists || empty.OpenIssues+empty.ClosedIssues != 0 {
		t.Errorf("milestone %+v", empty)
	}
	if old := have(t, reader.Milestone(t.Context(), "1.0.0")); !old.Exists || old.Open {
		t.Errorf("milestone %+v", old)
	}
	for _, title := range []string{"2.0.0", "Empty", "1.2.0 "} {
		same(t, title, have(t, reader.Milestone(t.Context(), title)), fact.Milestone{Title: title})
	}
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}

// A token that may read one kind of list but not the other learns nothing, and one
// that may read neither does not take it for nothing.
func TestATokenThatMayNotReadIssuesLearnsNothing(t *testing.T) {
	t.Parallel()
	for _, granted := range []string{"contents: read", "contents: read, issues: read", "contents: read, pull-requests: read"} {
		server := started(t, trackerWorld+"token: { permissions: { "+granted+" } }\n", nil)
		reader := doubleReader(t, server)
		reader.Overview(t.Context())
		for _, label := range []string{"quiet", "release-blocker", "none"} {
			wantLost(t, reader.OpenIssues(t.Context(), label), fact.Forbidden, "")
		}
		for _, title := range []string{"1.2.0", "none"} {
			wantLost(t, reader.Milestone(t.Context(), title), fact.Forbidden, "")
		}
	}
	server := started(t, trackerWorld+"issues-off: true\n", nil)
	reader := doubleReader(t, server)
	reader.Overview(t.Context())
	wantLost(t, reader.OpenIssues(t.Context(), "release-blocker"), fact.NotFound, "turned off")
}
