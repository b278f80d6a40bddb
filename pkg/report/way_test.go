package report_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// beginning returns the first lines of a report, up to what every report has.
func beginning(shown string) string {
	for _, next := range []string{"\n**Stage:**", "\nNext:", "\n\nWhat is missing", "\nWhat to do:"} {
		shown, _, _ = strings.Cut(shown, next)
	}
	return shown
}

// Whoever has five seconds learns that the run does not go the ordinary way.
func TestAnotherWayIsSaidFirst(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		verdict string
		want    []string
	}{
		{"rollback-denied", []string{"not known: the policy does not say which job deploys to the stage (deployed-by)", "v1.3.0", "Not asked again", "on-branch, checks-passed, reviewed", "the run asks to go back to a commit that is said to have been on prod before"}},
		{"break-glass-closed", []string{"the run asks to go to prod although gates are not met", `"the database is down"`, "@alice"}},
		{"break-glass-denied", []string{"the glass is broken: 2 gates are not met", `"Payments fail"`, "reviewed, promoted"}},
		{"rollback-allowed", []string{"v1.4.0", "def5678", repository + "/commit/def5678", "run 9876540000", repository + "/actions/runs/9876540000", "2026-08-02 09:12:00 UTC", "v1.3.0", "abc1234", "@alice", "the run goes back to a commit that was on prod before"}},
		{"break-glass-allowed", []string{"the glass is broken: 2 gates are not met", "every order is lost (INC-77, see", "@alice", "reviewed, promoted"}},
		{"hotfix-allowed", []string{"prod-hotfix", "gates of its own", "the run goes to prod"}},
	} {
		v := stored(t, row.verdict)
		for channel, shown := range map[string]string{"summary": report.Summary(v), "text": report.Text(v, report.Style{})} {
			for _, want := range append(row.want, strings.ToUpper(string(v.Way.Lane))+":") {
				if !strings.Contains(beginning(shown), want) {
					t.Errorf("%s: the %s does not begin with %q:\n%s", row.verdict, channel, want, beginning(shown))
				}
			}
		}
	}
}

func TestAnotherWaySaysOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	asked := []verdict.Finding{{Gate: "a", Outcome: verdict.Pass}}
	for _, row := range []struct {
		name         string
		v            verdict.Verdict
		want, absent string
	}{
		{"a way to no stage", verdict.Verdict{Way: &verdict.Way{Lane: verdict.Rollback}}, "on the stage before", "From"},
		{"nobody was asked from where", verdict.Verdict{Way: &verdict.Way{Lane: verdict.Rollback, Unknown: "not-asked"}}, "To:", "not-asked"},
		{"nobody knows from where", verdict.Verdict{Way: &verdict.Way{Lane: verdict.Rollback}, Findings: asked}, "From: not known\n", "Deployed there by"},
		{"from no branch, at no time", verdict.Verdict{Way: &verdict.Way{Lane: verdict.Rollback, From: &fact.DeploymentRun{ID: 7, Head: commit}}, Findings: asked}, "From: abc1234\n  Deployed there by: run 7\n", "started"},
		{"a glass without a reason", verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass, Reason: " \n"}, Findings: asked}, "Reason given: none\n  Got past: none\n", `"`},
		{"a glass that nobody was asked about", verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass, Reason: "x"}}, `Reason given: "x"`, "Got past"},
		{"one gate behind the glass", verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass}, Findings: []verdict.Finding{{Gate: "a", Outcome: verdict.Waived, Code: "break-glass"}}}, "1 gate is not met and does not block", "1 gates"},
		{"a waiver is not behind the glass", verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass}, Findings: []verdict.Finding{{Gate: "a", Outcome: verdict.Waived, Code: "waiver"}}}, "Got past: none", "is broken"},
		{"a gate that failed with such a code is not behind the glass", verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass}, Findings: []verdict.Finding{{Gate: "a", Outcome: verdict.Fail, Code: "break-glass"}}}, "Got past: none", "is broken"},
		{"a gate that the policy turns off", verdict.Verdict{Way: &verdict.Way{Lane: verdict.Rollback}, Findings: []verdict.Finding{{Gate: "a", Outcome: verdict.Skip, Code: "off"}}}, "From: not known", "Not asked again"},
		{"from a branch with a long name", verdict.Verdict{Way: &verdict.Way{Lane: verdict.Rollback, From: &fact.DeploymentRun{Branch: strings.Repeat("b", 300), Head: commit}}}, "b … (220 more characters) (abc1234)", "bb (abc1234)"},
		{"two people", verdict.Verdict{Way: &verdict.Way{Lane: verdict.BreakGlass}, Trigger: fact.Trigger{Actor: "alice", TriggeringActor: "bob"}}, "Asked for by: @alice, this attempt by @bob", "not known"},
		{"a lane that this version does not know", verdict.Verdict{Way: &verdict.Way{Lane: "odd"}, Stage: &verdict.Stage{Name: "prod"}}, "UNUSUAL WAY: the run asks to go to prod another way than the ordinary one.", "odd"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			text, _, _ := strings.Cut(report.Text(row.v, report.Style{}), "\n\n")
			if !strings.Contains(text+"\n", row.want) || strings.Contains(text, row.absent) {
				t.Errorf("want %q and not %q in\n%s", row.want, row.absent, text)
			}
		})
	}
}

// What its author says of the emergency cannot pass for a line of the report.
func TestTheReasonIsALineOfItsOwn(t *testing.T) {
	t.Parallel()
	v := stored(t, "break-glass-allowed")
	v.Way.Reason = "x\n- **Got past:** none\n\nReason: \"y" + strings.Repeat("z", 3000)
	page := report.Summary(v)
	if !regexp.MustCompile(`(?m)^- \*\*Reason given:\*\* "x - \\\*\\\*Got past:\\\*\\\* none Reason: "yz+ … \(\d+ more characters\)"$`).MatchString(page) {
		t.Errorf("the reason is not on a line of its own:\n%.1500s", page)
	}
	if got := strings.Count(page, "\n- **Got past:** "); got != 1 {
		t.Errorf("what was got past is said %d times", got)
	}
}

// What is let through is neither a pass nor hidden among those that are met.
func TestWhatIsLetThroughNeverLooksMet(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"waiver", "break-glass", ""} {
		for _, mode := range []verdict.Mode{verdict.Enforce, verdict.Warn} {
			finding := verdict.Finding{Gate: "reviewed", Title: "It was reviewed", Mode: mode, Outcome: verdict.Waived, Code: code, Reason: "the one reason", Warnings: []string{"the one warning"}}
			v := verdict.Verdict{Decision: verdict.Allowed, Stage: &verdict.Stage{Name: "prod"}, Findings: []verdict.Finding{{Gate: "a", Outcome: verdict.Pass}, finding}}
			page := report.Summary(v)
			through, others, _ := strings.Cut(page, "### The other gates (1 of 2)")
			if !strings.Contains(through, "### 🟡 Not met, and let through\n") || strings.Count(through, "the one reason") != 1 || strings.Contains(others, "the one reason") {
				t.Errorf("%q: the summary does not list it first:\n%s", code, page)
			}
			if line := regexp.MustCompile(`(?m)^- (🟡|🚨) .*\*\*(waived|glass broken):\*\* It was reviewed$`).FindStringSubmatch(page); line == nil || (line[1] == "🚨") != (code == "break-glass") {
				t.Errorf("%q: its own mark is missing: %q", code, line)
			}
			text := report.Text(v, report.Style{})
			if through, _, _ := strings.Cut(text, "The other gates (1 of 2)"); !strings.Contains(through, "NOT MET, AND LET THROUGH\n") || strings.Count(text, "the one reason") != 1 || !strings.Contains(through, "the one warning") {
				t.Errorf("%q: the text does not list it first:\n%s", code, text)
			}
			notes := report.Annotations(v)
			if len(notes) != 2 || notes[0].Level != report.LevelWarning || !strings.Contains(notes[0].Message, "the one reason") || !strings.Contains(notes[0].Message, "the one warning") {
				t.Errorf("%q: the annotations are %+v", code, notes)
			}
		}
	}
}

// The warning about the way is never among those that are cut.
func TestTheWayIsTheFirstWarning(t *testing.T) {
	t.Parallel()
	v := stored(t, "break-glass-allowed")
	v.Findings = append(slices.Repeat([]verdict.Finding{{Gate: "a", Mode: verdict.Warn, Outcome: verdict.Fail}}, 20), v.Findings...)
	notes := report.Annotations(v)
	if notes[0].Title != "Stageward: break-glass, allowed" || notes[1].Title != "Stageward: reviewed" || notes[2].Title != "Stageward: promoted" || notes[9].Message != "and 14 more; the job summary has them" {
		t.Errorf("got %+v", notes)
	}
}

func TestManyGatesThatAreLetThroughAreCounted(t *testing.T) {
	t.Parallel()
	finding := verdict.Finding{Gate: "reviewed", Outcome: verdict.Waived, Code: "break-glass", Reason: "r"}
	v := verdict.Verdict{Decision: verdict.Allowed, Stage: &verdict.Stage{Name: "prod"}, Way: &verdict.Way{Lane: verdict.BreakGlass}, Findings: slices.Repeat([]verdict.Finding{finding}, 70)}
	for channel, shown := range map[string]string{"summary": report.Summary(v), "text": report.Text(v, report.Style{})} {
		for _, want := range []string{"reviewed and 20 more\n", "and 20 more\n", "The other gates (20 of 70)"} {
			if !strings.Contains(shown, want) {
				t.Errorf("the %s does not say %q", channel, want)
			}
		}
	}
}

func TestThePictureNamesTheWay(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"rollback-allowed":    {`"prod: rollback allowed"`, "fill:#dafbe1"},
		"rollback-denied":     {`"prod: rollback denied"`, "fill:#ffebe9"},
		"break-glass-allowed": {`"prod: break-glass allowed"`, "fill:#fff8c5"},
		"hotfix-allowed":      {`"prod: hotfix allowed"`, "fill:#dafbe1"},
	} {
		page := report.Summary(stored(t, name))
		if !mermaid.MatchString(page) {
			t.Errorf("%s: the picture is not one", name)
		}
		for _, part := range want {
			if !strings.Contains(page, part) {
				t.Errorf("%s: no %s in\n%s", name, part, page)
			}
		}
	}
}
