package report_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestAnnotations(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, verdict string
		want          []report.Annotation
	}{
		{"each finding that blocks is an error", "waiting-staging", []report.Annotation{{
			Level: report.LevelError, Title: "Stageward: checks-passed",
			Message: "not met yet: The checks of this commit succeeded. 1 of 14 checks is still running: ci / tests. " +
				"Who can unblock it: nobody has to do anything; time solves it. What to do: Wait until the check ends, then run this job again.",
		}}},
		{"a denial without such a finding is an error too", "none-applied", []report.Annotation{{
			Level: report.LevelError, Title: "Stageward",
			Message: "Denied: v1.4.0 (abc1234) may not go to prod: no enforced gate passed. " +
				"What to do: Have the policy enforce at least one gate that applies to this stage, or say that the stage is unrestricted.",
		}}},
		{"a replay that would allow is no notice", "replayed-prod", []report.Annotation{{
			Level: report.LevelError, Title: "Stageward", Message: "Replay, opens nothing: Allowed: v1.4.0 (abc1234) may go to prod.",
		}}},
		{"an allow is a notice", "allowed-prod", []report.Annotation{{
			Level: report.LevelNotice, Title: "Stageward", Message: "Allowed: v1.4.0 (abc1234) may go to prod",
		}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, report.Annotations(stored(t, row.verdict))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnnotationsOfWarningsSayThatTheyDoNotBlock(t *testing.T) {
	t.Parallel()
	notes := report.Annotations(stored(t, "warn-row"))
	if len(notes) != 3 || notes[0].Level != report.LevelWarning || notes[0].Title != "Stageward: warning, does not block: approved" || notes[2].Level != report.LevelNotice {
		t.Errorf("got %+v", notes)
	}
}

func TestAnnotationsTellOfWarningsOfMetGates(t *testing.T) {
	t.Parallel()
	want := []report.Annotation{
		{Level: report.LevelWarning, Title: "Stageward: warning, does not block: promoted", Message: "not met: The commit succeeded on staging. it never ran there. " +
			"Who can unblock it: whoever may deploy. What to do: Deploy it to staging. staging was last deployed to 90 days ago."},
		{Level: report.LevelWarning, Title: "Stageward: warning: checks-passed", Message: `performance: "load-test" took 31m from the creation of its workflow run; it should take at most 10m.`},
		{Level: report.LevelWarning, Title: "Stageward: warning: deployment-plan", Message: "the section rollback has ten words."},
		{Level: report.LevelNotice, Title: "Stageward", Message: "Allowed: v1.4.0 (abc1234) may go to prod, with 3 warnings"},
	}
	if diff := cmp.Diff(want, report.Annotations(stored(t, "warned"))); diff != "" {
		t.Error(diff)
	}
}

func TestAnnotationsNameEveryProblemOfAPolicy(t *testing.T) {
	t.Parallel()
	v := stored(t, "invalid-policy")
	notes := report.Annotations(v)
	if len(notes) != len(v.Problems) || notes[0].Message != v.Problems[0] || notes[0].Level != report.LevelError {
		t.Errorf("got %+v", notes)
	}
}

func TestAnnotationsStayWithinGitHubsLimits(t *testing.T) {
	t.Parallel()
	count := map[report.Level]int{}
	last := map[report.Level]string{}
	for _, note := range report.Annotations(crowded(24, strings.Repeat("\U0001f600", 2100))) {
		count[note.Level]++
		last[note.Level] = note.Message
		if units := len(utf16.Encode([]rune(note.Message))); units > 4096 {
			t.Errorf("a message has %d characters", units)
		}
	}
	// 12 findings of each mode, and 24 problems.
	want := map[report.Level]string{
		report.LevelError:   "and 27 more; the job summary has them",
		report.LevelWarning: "and 3 more; the job summary has them",
	}
	if diff := cmp.Diff(want, last); diff != "" || count[report.LevelError] != 10 || count[report.LevelWarning] != 10 {
		t.Errorf("%v %s", count, diff)
	}
}

func TestAnnotationsAreOneVisibleLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := foreign().Draw(t, "text")
		for _, v := range []verdict.Verdict{tainted(text), taintedWithoutStage(text)} {
			for _, note := range report.Annotations(v) {
				if strings.ContainsFunc(note.Title+note.Message, func(char rune) bool { return !unicode.IsPrint(char) }) {
					t.Fatalf("%+q", note)
				}
			}
		}
	})
}
