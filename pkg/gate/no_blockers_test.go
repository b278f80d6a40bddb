package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	blocker    = "labels: [release-blocker]"
	milestoned = `milestone: "{version}"`
)

// issue is an open issue.
func issue(number int, title string) fact.Issue {
	return fact.Issue{Number: number, Title: title, URL: fmt.Sprintf("https://github.com/acme/shop/issues/%d", number), Open: true}
}

// labelled answers what is open with a label.
func labelled(label string, open fact.OpenIssues) func(*fact.Set) {
	return func(facts *fact.Set) {
		if facts.OpenIssues == nil {
			facts.OpenIssues = map[string]fact.Known[fact.OpenIssues]{}
		}
		facts.OpenIssues[label] = fact.Of(open, fact.Source{URL: "https://github.com/acme/shop/labels/" + label})
	}
}

func blocking(label string, issues ...fact.Issue) func(*fact.Set) {
	return labelled(label, fact.OpenIssues{Label: label, LabelExists: true, Total: len(issues), Newest: issues})
}

// holding answers what the milestone of a template holds.
func holding(template string, milestone fact.Milestone) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Milestones = map[string]fact.Known[fact.Milestone]{template: fact.Of(milestone, fact.Source{})}
	}
}

func planned(open, closed int, newest ...fact.Issue) func(*fact.Set) {
	return holding("{version}", fact.Milestone{
		Title: "1.2.0", Exists: true, Open: true, OpenIssues: open, ClosedIssues: closed, Newest: newest, URL: "https://github.com/acme/shop/milestone/3",
	})
}

var (
	login  = issue(12, "Login fails")
	fixing = fact.Issue{Number: 14, Pull: true, Title: "Mend the login", URL: "https://github.com/acme/shop/pull/14", Open: true}
)

var _ = rows("no-blockers",
	row{
		name: "an open blocker", params: blocker, facts: onTag(blocking("release-blocker", login)),
		want: verdict.Wait, code: "open", says: []string{"1 is still open", `#12 "Login fails"`, `label "release-blocker"`},
	},
	row{
		name: "a fix that is not merged", params: blocker, facts: onTag(blocking("release-blocker", fixing)),
		want: verdict.Wait, code: "open", says: []string{`pull request #14 "Mend the login"`},
	},
	row{
		name: "more than are listed", params: blocker, want: verdict.Wait, code: "open", says: []string{"31 are still open", "#12", "and 30 more"},
		facts: onTag(labelled("release-blocker", fact.OpenIssues{Label: "release-blocker", LabelExists: true, Total: 31, Newest: []fact.Issue{login}})),
	},
	row{
		name: "some are open and none is listed", params: blocker, want: verdict.Wait, code: "open", says: []string{"3 are still open", "and 3 more"},
		facts: onTag(labelled("release-blocker", fact.OpenIssues{Label: "release-blocker", LabelExists: true, Total: 3})),
	},
	row{
		name: "a label that the repository does not have", params: blocker, facts: onTag(labelled("release-blocker", fact.OpenIssues{Label: "release-blocker"})),
		want: verdict.Fail, code: "no-label", says: []string{`no label "release-blocker"`},
	},
	row{
		name: "one label has nothing, the other something", params: "labels: [release-blocker, security]", facts: onTag(blocking("release-blocker"), blocking("security", login)),
		want: verdict.Wait, code: "open", says: []string{`"security"`}, hides: []string{`"release-blocker"`},
	},
	row{
		name: "both labels have something, and both are told", params: "labels: [release-blocker, security]", facts: onTag(blocking("release-blocker", fixing), blocking("security", login)),
		want: verdict.Wait, code: "open", says: []string{`"security"`, `"release-blocker"`},
	},
	row{
		name: "a label that is none is worse than an open issue, and both are told", params: "labels: [release-blocker, security]",
		facts: onTag(blocking("release-blocker", login), labelled("security", fact.OpenIssues{Label: "security"})),
		want:  verdict.Fail, code: "no-label", says: []string{`no label "security"`, "#12"},
	},
	row{
		name: "an answer about another label", params: blocker, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(labelled("release-blocker", fact.OpenIssues{Label: "bug", LabelExists: true})),
	},
	row{
		name: "none is open and one is listed", params: blocker, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(labelled("release-blocker", fact.OpenIssues{Label: "release-blocker", LabelExists: true, Newest: []fact.Issue{login}})),
	},
	row{
		name: "less than none", params: blocker, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(labelled("release-blocker", fact.OpenIssues{Label: "release-blocker", LabelExists: true, Total: -1})),
	},
	row{name: "what is open was not asked", params: blocker, facts: onTag(), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{
		name: "a label that cannot be read beside one that is in order", params: "labels: [release-blocker, security]",
		facts: onTag(blocking("release-blocker")), want: verdict.Unknown, code: string(fact.NotAsked),
	},
	row{
		name: "a milestone with something open", params: milestoned, facts: onTag(planned(2, 5, login, fixing)),
		want: verdict.Wait, code: "milestone-open", says: []string{"2 are still open", `milestone "1.2.0"`, "#12", "pull request #14"},
	},
	row{
		name: "no milestone", params: milestoned, facts: onTag(holding("{version}", fact.Milestone{Title: "1.2.0"})),
		want: verdict.Fail, code: "no-milestone", says: []string{`no milestone "1.2.0"`},
	},
	row{
		name: "an empty milestone", params: milestoned, facts: onTag(planned(0, 0)),
		want: verdict.Fail, code: "empty", says: []string{"holds nothing"},
	},
	row{
		name: "a milestone that was closed with something open", params: milestoned, want: verdict.Wait, code: "milestone-open",
		facts: onTag(holding("{version}", fact.Milestone{Title: "1.2.0", Exists: true, OpenIssues: 1, ClosedIssues: 4})),
	},
	row{
		name: "the milestone of another version", params: milestoned, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(holding("{version}", fact.Milestone{Title: "1.1.0", Exists: true, ClosedIssues: 4})),
	},
	row{
		name: "a milestone by version, asked about a branch", params: milestoned, facts: onMain(planned(0, 5)),
		want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"is no tag"},
	},
	row{
		name: "a milestone that says none is open and lists one", params: milestoned, facts: onTag(planned(0, 5, login)),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a complete milestone does not make up for a blocker", params: blocker + "\n" + milestoned, facts: onTag(blocking("release-blocker", login), planned(0, 5)),
		want: verdict.Wait, code: "open", hides: []string{"complete"},
	},
	row{
		name: "no blocker does not make up for an open milestone", params: blocker + "\n" + milestoned, facts: onTag(blocking("release-blocker"), planned(1, 5, login)),
		want: verdict.Wait, code: "milestone-open",
	},
	row{
		name: "a title that is long and hostile is cut and quoted", params: blocker,
		facts: onTag(blocking("release-blocker", issue(3, "\x1b[2J::set-output\n"+strings.Repeat("x", 500)))),
		want:  verdict.Wait, code: "open", says: []string{`#3 "\x1b[2J::set-output\nxx`, `…"`}, hides: []string{"\x1b", "\n::", strings.Repeat("x", 80)},
	},
	row{name: "nothing is open with the label", params: blocker, facts: onTag(blocking("release-blocker")), want: verdict.Pass, says: []string{"nothing is open"}},
	row{name: "nothing is open with two labels", params: "labels: [release-blocker, security]", facts: onMain(blocking("release-blocker"), blocking("security")), want: verdict.Pass},
	row{name: "a complete milestone", params: milestoned, facts: onTag(planned(0, 5)), want: verdict.Pass, says: []string{"5 closed, none open"}},
	row{
		name: "a complete milestone of a fixed title, for a branch", params: "milestone: Autumn", want: verdict.Pass,
		facts: onMain(holding("Autumn", fact.Milestone{Title: "Autumn", Exists: true, ClosedIssues: 1})),
	},
	row{name: "no blocker and a complete milestone", params: blocker + "\n" + milestoned, facts: onTag(blocking("release-blocker"), planned(0, 5)), want: verdict.Pass, says: []string{"nothing is open", "complete"}},
)

func TestNoBlockers(t *testing.T) {
	t.Parallel()
	testRows(t, "no-blockers")
}

func TestNoBlockersLinksTenOfWhatIsOpen(t *testing.T) {
	t.Parallel()
	var issues []fact.Issue
	for number := 1; number <= 12; number++ {
		issues = append(issues, issue(number, "A"))
	}
	got := bind(t, "no-blockers", row{params: blocker}).Ask(onTag(blocking("release-blocker", issues...)), row{}.terms())
	want := []verdict.Evidence{{Text: `the label "release-blocker"`, URL: "https://github.com/acme/shop/labels/release-blocker"}}
	for number := 12; number > 2; number-- {
		want = append(want, verdict.Evidence{Text: fmt.Sprintf(`#%d "A"`, number), URL: fmt.Sprintf("https://github.com/acme/shop/issues/%d", number)})
	}
	if diff := cmp.Diff(want, got.Evidence); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(got.Reason, "12 are still open") || !strings.Contains(got.Reason, "and 2 more") || strings.Contains(got.Reason, "#2 ") {
		t.Error(got.Reason)
	}
}

func TestNoBlockersRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprintf("l%d", i)
	}
	testRefusals(t, "no-blockers", map[string]string{
		"":                          "labels: name at least one label",
		"labels: []":                "nothing would be asked for",
		`labels: [""]`:              "without space",
		"labels: [' release']":      "without space",
		"labels: [bug, Bug]":        `"Bug" is there twice`,
		`milestone: "{versoin}"`:    "only {version}, {tag} and {sha}",
		`milestone: "1.2.0 "`:       "space around it",
		"labels: " + list(many...):  "20 at most",
		"labels: [bug]\nlabel: bug": "label",
	})
}

func list(texts ...string) string { return "[" + strings.Join(texts, ", ") + "]" }
