package stage_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
)

func TestAStageAcceptsOnlyItsEvents(t *testing.T) {
	t.Parallel()
	chosen := []stage.Rule{
		{Stage: "hand", Branches: patterns(t, "main"), Events: []string{"workflow_dispatch"}},
		{Stage: "none", Branches: patterns(t, "silent")},
		{Stage: "empty", Branches: patterns(t, "blank"), Events: []string{"", "push"}},
		{Stage: "night", Branches: patterns(t, "shared"), Events: []string{"schedule"}},
		{Stage: "day", Branches: patterns(t, "shared"), Events: []string{"push"}},
	}
	for name, row := range map[string]struct {
		ref              fact.Ref
		event, pick      string
		want             string   // stage or problem
		says             []string // parts of the reason
		mayNotSayTheWord string
	}{
		"an event that is not listed": {
			ref: "refs/heads/main", event: "push", want: "ref.event-not-allowed",
			says: []string{`the branch "main"`, `stage "hand" does not accept the event "push"`, "it accepts workflow_dispatch"}, mayNotSayTheWord: "never",
		},
		"an event that can never be listed": {
			ref: "refs/heads/main", event: "pull_request_target", want: "ref.event-not-allowed",
			says: []string{`stage "hand" does not accept the event "pull_request_target"; it accepts workflow_dispatch, and can never accept`, "fork"},
		},
		"no event":                        {ref: "refs/heads/main", want: "ref.event-not-allowed", says: []string{"does not say which event", "workflow_dispatch"}},
		"no event and no list":            {ref: "refs/heads/silent", want: "ref.event-not-allowed", says: []string{"no event at all"}},
		"no event and an empty name":      {ref: "refs/heads/blank", want: "ref.event-not-allowed"},
		"no list":                         {ref: "refs/heads/silent", event: "push", want: "ref.event-not-allowed", says: []string{"it accepts no event at all"}},
		"another case":                    {ref: "refs/heads/main", event: "Workflow_Dispatch", want: "ref.event-not-allowed"},
		"a hostile event":                 {ref: "refs/heads/main", event: "pu\u0455h\n::x", want: "ref.event-not-allowed", says: []string{`"pu\u0455h\n::x"`}},
		"two stages, neither accepts it":  {ref: "refs/heads/shared", event: "release", want: "ref.event-not-allowed", says: []string{`"night"`, `"day"`}},
		"a pick does not open the events": {ref: "refs/heads/shared", event: "push", pick: "night", want: "ref.event-not-allowed", says: []string{`"night"`, "schedule"}, mayNotSayTheWord: `"day"`},
		"a pick of another stage":         {ref: "refs/heads/shared", event: "push", pick: "hand", want: "stage.not-picked"},
		"a name that matches nothing":     {ref: "refs/heads/x", event: "release", want: "ref.unmatched"},
		"a name of the other type":        {ref: "refs/tags/main", event: "release", want: "ref.type-mismatch"},
		"the command line is ambiguous":   {ref: "refs/heads/shared", event: "cli", want: "ref.ambiguous"},
		"the event that is listed":        {ref: "refs/heads/main", event: "workflow_dispatch", want: "hand"},
		"the command line":                {ref: "refs/heads/silent", event: stage.CommandLine, want: "none"},
		"two stages, one accepts it":      {ref: "refs/heads/shared", event: "schedule", want: "night"},
	} {
		match := stage.Resolve(chosen, stage.Query{Ref: row.ref, DefaultBranch: "main", Event: row.event, Pick: row.pick})
		if got := match.Stage + string(match.Problem); got != row.want {
			t.Errorf("%s: got %s (%s), want %s", name, got, match.Reason, row.want)
		}
		for _, part := range row.says {
			if !strings.Contains(match.Reason, part) {
				t.Errorf("%s: the reason does not say %q: %s", name, part, match.Reason)
			}
		}
		if row.mayNotSayTheWord != "" && strings.Contains(match.Reason, row.mayNotSayTheWord) {
			t.Errorf("%s: the reason says %s: %s", name, row.mayNotSayTheWord, match.Reason)
		}
	}
}

func TestTheTraceShowsARefusedEvent(t *testing.T) {
	t.Parallel()
	two := []stage.Rule{
		{Stage: "a", Branches: patterns(t, "main", "x"), Events: []string{"push"}},
		{Stage: "b", Branches: patterns(t, "main"), Events: []string{"schedule"}},
	}
	match := stage.Resolve(two, stage.Query{Ref: "refs/heads/main", Event: "schedule"})
	var got []string
	for _, try := range match.Tries {
		if try.Matched != (try.Stage == "b") {
			t.Errorf("%s %s is marked %t", try.Stage, try.Pattern, try.Matched)
		}
		got = append(got, try.Why)
	}
	want := []string{
		`the name matches, but stage "a" does not accept the event "schedule"; it accepts push`, "the name is different", "the whole name matches",
	}
	if match.Stage != "b" || !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", match.Stage, got, want)
	}
}

func TestEventsThatCanNeverBeAccepted(t *testing.T) {
	t.Parallel()
	names := stage.EventNames()
	for _, event := range []string{"pull_request_target", "issue_comment", "commit_comment", "discussion_comment", "pull_request_review_comment"} {
		if stage.WhyNever(event) == "" || slices.Contains(names, event) {
			t.Errorf("%s can be listed, or nobody says why not", event)
		}
	}
	for _, event := range append(names, stage.CommandLine, "") {
		if why := stage.WhyNever(event); why != "" {
			t.Errorf("%q can be listed and cannot: %s", event, why)
		}
	}
	if slices.Contains(names, stage.CommandLine) || slices.Contains(names, "") {
		t.Errorf("a policy may list what is no event of GitHub: %q", names)
	}
	for _, event := range stage.DefaultEvents() {
		if !slices.Contains(names, event) {
			t.Errorf("the default %s cannot be listed", event)
		}
	}
}

// TestReasonsShowLookAlikes: REF-08, REF-09.
func TestReasonsShowLookAlikes(t *testing.T) {
	t.Parallel()
	odd := []stage.Rule{
		{Stage: "a", Branches: patterns(t, "m\u0430in", stage.DefaultBranch), Events: []string{"push"}},
		{Stage: "b", Branches: patterns(t, "m\u0430in"), Events: []string{"push"}},
		{Stage: "c", Branches: patterns(t, "a"), Tags: patterns(t, "v*"), Versions: stage.AnyTag},
	}
	for _, row := range []struct{ ref, branch, event, pick, want string }{
		{"refs/heads/main\u202e", "main", "push", "", `"main\u202e"`},
		{"refs/heads/m\u0430in", "main", "push", "", `"m\u0430in"`},
		{"refs/heads/m\u0430in", "main", "push", "c", `"m\u0430in"`},
		{"refs/heads/m\u0430in", "main", "release", "", `"m\u0430in"`},
		{"refs/tags/m\u0430in", "main", "push", "", `"m\u0430in"`},
		{"refs/heads/main", "m\u0430in", "push", "pr\u043ed", `"pr\u043ed"`},
	} {
		match := stage.Resolve(odd, stage.Query{Ref: fact.Ref(row.ref), DefaultBranch: row.branch, Event: row.event, Pick: row.pick})
		if !strings.Contains(match.Reason, row.want) {
			t.Errorf("%+q: the reason does not show %s: %+q", row.ref, row.want, match.Reason)
		}
		texts := []string{match.Reason}
		for _, try := range match.Tries {
			texts = append(texts, try.Why, try.Pattern)
		}
		if all := strings.Join(texts, ""); strings.ContainsFunc(all, func(char rune) bool { return char > '~' }) {
			t.Errorf("%+q: a character shows as itself: %+q", row.ref, all)
		}
	}
	if match := resolve(odd, "refs/heads/plain-name_1.x", ""); match.Reason != `no stage accepts the branch "plain-name_1.x"` {
		t.Errorf("a plain name is changed: %s", match.Reason)
	}
	if got := resolve(odd, "refs/heads/x", "").Tries[0].Pattern; got != `branch "m\u0430in"` {
		t.Errorf("the pattern is shown as %s", got)
	}
}
