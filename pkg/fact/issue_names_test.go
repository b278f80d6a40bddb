package fact_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

func TestWhichCommitATitleNames(t *testing.T) {
	t.Parallel()
	sha := fact.SHA("1a2b3c4" + strings.Repeat("d", 33))
	for title, want := range map[string]bool{
		"":                                  false,
		"Break glass: prod":                 false,
		"Break glass: 1a2b3c to prod":       false, // six digits
		"Break glass: 1a2b3c5 to prod":      false,
		"Break glass: x1a2b3c4 to prod":     false,
		"Break glass: 1a2b3c4x to prod":     false,
		"Break glass: 1a2b 3c4 to prod":     false,
		"Break glass: 1a2b3c4 to prod":      true,
		"prod 1a2b3c4: payments fail":       true,
		"(1A2B3C4)":                         true,
		"`1a2b3c4d`, payments":              true,
		"https://x/commit/" + string(sha):   true,
		"fire" + string(sha) + "everywhere": true,
		"1a2b3c4" + strings.Repeat("d", 34): true, // holds the whole id
		"1a2b3c4" + strings.Repeat("e", 33): false,
	} {
		if got := (fact.Issue{Title: title}).Names(sha); got != want {
			t.Errorf("%q names %s: %t, want %t", title, sha.Short(), got, want)
		}
	}
	if (fact.Issue{Title: "anything"}).Names("") {
		t.Error("a title names no commit at all")
	}
}

// Who put the label that was asked for on an open issue is among those whose
// permission can be asked; whoever put another one there is not.
func TestLabelersOfOpenIssues(t *testing.T) {
	t.Parallel()
	by := func(name, login string) fact.IssueLabel {
		return fact.IssueLabel{Name: name, By: &fact.Person{Login: login}}
	}
	set := fact.Set{
		OpenIssues: map[string]fact.Known[fact.OpenIssues]{
			"fire": fact.Of(fact.OpenIssues{Label: "fire", Newest: []fact.Issue{{Labels: []fact.IssueLabel{by("fire", "olga"), by("bug", "mallory"), {Name: "fire"}}}}}, fact.Source{}),
			"bug":  fact.Lost[fact.OpenIssues](fact.Missing{Reason: fact.Forbidden}),
		},
		PullPapers: map[string]fact.Known[fact.PullPapers]{
			"7": fact.Of(fact.PullPapers{Number: 7, Issues: []fact.Issue{{Labels: []fact.IssueLabel{by("approved", "ben")}}}}, fact.Source{}),
		},
	}
	var logins []string
	for _, person := range set.People(fact.Labelers) {
		logins = append(logins, person.Login)
	}
	if got := strings.Join(logins, " "); got != "ben olga" {
		t.Errorf("got %q", got)
	}
}
