package report_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
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
		{"an allow is a notice", "changes-long", []report.Annotation{{
			Level: report.LevelNotice, Title: "Stageward", Message: "Allowed: v1.4.0 (abc1234) may go to prod",
		}}},
		{"a waiver in effect is a warning", "allowed-prod", []report.Annotation{
			{Level: report.LevelWarning, Title: "Stageward: within-window", Message: "waived: The calendar allows it. " +
				`not met, and accepted by @carol until 2026-08-10 00:00 UTC (hot fix of the payment page, INC-77): 2026-08-03 is in the freeze "summer".`},
			{Level: report.LevelNotice, Title: "Stageward", Message: "Allowed: v1.4.0 (abc1234) may go to prod, with 1 waiver"},
		}},
		{"a rollback is a warning", "rollback-allowed", []report.Annotation{
			{Level: report.LevelWarning, Title: "Stageward: rollback, allowed", Message: "the run goes back to a commit that was on prod before. From: v1.4.0 (def5678). " +
				"Deployed there by: run 9876540000, started 2026-08-02 09:12:00 UTC. To: v1.3.0 (abc1234). Asked for by: @alice. Not asked again: on-branch, checks-passed, reviewed."},
			{Level: report.LevelNotice, Title: "Stageward", Message: "Rollback, allowed: v1.3.0 (abc1234) may go back to prod, in place of v1.4.0 (def5678)"},
		}},
		{"a broken glass is a warning, and each gate that it gets past", "break-glass-allowed", []report.Annotation{
			{Level: report.LevelWarning, Title: "Stageward: break-glass, allowed", Message: "the glass is broken: 2 gates are not met and do not block. " +
				`Reason given: "Payments fail since 12:01 UTC, every order is lost (INC-77, see https://status.example.com); @carol decides". Asked for by: @alice. Got past: reviewed, promoted.`},
			{Level: report.LevelWarning, Title: "Stageward: reviewed", Message: "glass broken: Somebody else reviewed the change. not met, and the glass was broken: nobody but the author reviewed #93. " +
				"Who can mend it: anyone who holds the role developers: @carol, @dan. What to do: Have somebody who did not write it review the pull request."},
			{Level: report.LevelWarning, Title: "Stageward: promoted", Message: "glass broken: This commit ran on the stage before. not met, and the glass was broken: no successful run for abc1234 on staging was found. " +
				"Who can mend it: whoever may deploy to staging. What to do: Deploy this commit to staging."},
			{Level: report.LevelNotice, Title: "Stageward", Message: "Break-glass, allowed: v1.4.1 (abc1234) may go to prod although 2 gates are not met"},
		}},
		{"a hotfix is a warning", "hotfix-allowed", []report.Annotation{
			{Level: report.LevelWarning, Title: "Stageward: hotfix, allowed", Message: "the run goes to prod by a lane with gates of its own, and not the ordinary way. Section of the policy: prod-hotfix. Asked for by: @alice."},
			{Level: report.LevelNotice, Title: "Stageward", Message: "Hotfix, allowed: branch hotfix/payment (abc1234) may go to prod"},
		}},
		{"a way that is closed is an error, and says which way", "break-glass-closed", []report.Annotation{
			{Level: report.LevelError, Title: "Stageward", Message: `Break-glass, denied: v1.3.0 (abc1234) may not go to prod: the run asks for breaking the glass, and the policy opens no such way to the stage "prod". ` +
				`What to do: Start the run without it. Or let the policy open the way: it stands below the stage's key "break-glass".`},
			{Level: report.LevelWarning, Title: "Stageward: break-glass, denied", Message: `the run asks to go to prod although gates are not met. Reason given: "the database is down". Asked for by: @alice.`},
		}},
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
		for _, v := range rapid.SliceOfN(rapid.SampledFrom(taintedAll(text)), 2, 2).Draw(t, "kinds") {
			for _, note := range report.Annotations(v) {
				if strings.ContainsFunc(note.Title+note.Message, func(char rune) bool { return !unicode.IsPrint(char) }) {
					t.Fatalf("%+q", note)
				}
			}
		}
	})
}
