package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// maxSummary is what the summary promises; GitHub's own limit is 1 MiB.
const maxSummary = 1_000_000

// crowded returns a denied verdict with count of everything, each as long as
// text; the first findings have more evidence and warnings than are shown.
func crowded(count int, text string) verdict.Verdict {
	v := tainted(text)
	v.Findings, v.Mapping, v.Problems, v.Progression = nil, nil, nil, []string{v.Stage.Name}
	evidence := make([]verdict.Evidence, 8)
	for i := range evidence {
		evidence[i] = verdict.Evidence{Text: text, URL: "https://e.tld/" + strings.Repeat("(", 1900)}
	}
	for i := range count {
		finding := verdict.Finding{Gate: "checks-passed", Title: text, Code: "x", Reason: text, Fix: text, Who: text}
		if i < 10 {
			finding.Evidence, finding.Warnings = evidence, []string{text, text, text, text, text, text, text}
		}
		finding.Mode = []verdict.Mode{verdict.Enforce, verdict.Warn}[i%2]
		v.Findings = append(v.Findings, finding)
		v.Mapping = append(v.Mapping, verdict.Try{Stage: text, Pattern: text, Why: text})
		v.Problems = append(v.Problems, text)
		v.Progression = append(v.Progression, text)
	}
	return v
}

func TestSummaryIsNeverTooLarge(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		count int
		text  string
	}{
		{"300 findings with names of 1 KiB", 300, strings.Repeat("n", 1024)},
		{"text of which every character needs thirteen", 210, strings.Repeat("\U000e0041", 1300)},
		{"text of which every character is a reference", 210, strings.Repeat("|", 1300)},
		{"a list of a megabyte as one reason", 1, strings.Repeat("check ", 168_000)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			page := report.Summary(crowded(row.count, row.text))
			if len(page) >= maxSummary {
				t.Errorf("the summary has %d bytes", len(page))
			}
			if !strings.HasPrefix(page, "## 🔁 Replay, opens nothing: Denied: ") {
				t.Errorf("the summary does not begin with the verdict but with %.80q", page)
			}
			if row.count > 100 && !strings.Contains(page, " more\n") {
				t.Error("nothing says that something was left out")
			}
		})
	}
}

// What blocks must be readable even where it is the last of thousands.
func TestSummaryCutsWarningsBeforeBlockers(t *testing.T) {
	t.Parallel()
	v := verdict.Verdict{Decision: verdict.Denied, Stage: &verdict.Stage{Name: "prod"}}
	for i := range 5000 {
		v.Findings = append(v.Findings, verdict.Finding{Gate: fmt.Sprintf("gate-%d", i), Mode: verdict.Warn, Outcome: verdict.Fail, Reason: "meh"})
	}
	v.Findings = append(v.Findings, verdict.Finding{Gate: "signed-tag", Outcome: verdict.Fail, Reason: "the one reason", Who: "the one person", Fix: "the one way"})
	for channel, shown := range map[string]string{"summary": report.Summary(v), "text": report.Text(v, report.Style{})} {
		for _, want := range []string{"the one reason", "the one person", "the one way", "1 of 1 gate is not met", "and 4950 more", "and 4750 more"} {
			if !strings.Contains(shown, want) {
				t.Errorf("the %s does not say %q", channel, want)
			}
		}
	}
}

// Every finding is told once: what the lists of unmet findings leave out, because
// they are too many or too long, is said in the table after them.
func TestNoReasonIsLostBetweenTheListAndTheTable(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		count int
		long  string
	}{
		"too many": {70, ""},
		"too long": {40, strings.Repeat("|", 1100)},
	} {
		v := verdict.Verdict{Decision: verdict.Denied, Stage: &verdict.Stage{Name: "prod"}}
		for i := range 2 * row.count {
			mode := []verdict.Mode{verdict.Enforce, verdict.Warn}[i%2]
			v.Findings = append(v.Findings, verdict.Finding{Gate: "a", Mode: mode, Outcome: verdict.Fail, Reason: fmt.Sprintf("reason-%d-", i), Who: row.long, Fix: row.long})
		}
		for channel, shown := range map[string]string{"summary": report.Summary(v), "text": report.Text(v, report.Style{})} {
			for _, finding := range v.Findings {
				if got := strings.Count(shown, finding.Reason); got != 1 {
					t.Errorf("%s: the %s says %q %d times", name, channel, finding.Reason, got)
				}
			}
			// Only the summary has a limit of size.
			if !strings.Contains(shown, fmt.Sprintf(" of %d)\n", len(v.Findings))) && (channel == "summary" || row.count > 50) {
				t.Errorf("%s: the %s has no table of the others", name, channel)
			}
		}
	}
}

func TestEvidenceThatSaysNothingNewIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		evidence verdict.Evidence
		shown    bool
	}{
		{"words of the reason", verdict.Evidence{Text: `tag "v1.4"`}, false},
		{"words before a punctuation mark", verdict.Evidence{Text: "not signed"}, false},
		{"words with an address that is not one to offer", verdict.Evidence{Text: "not signed", URL: "http://e.tld"}, false},
		{"nothing at all", verdict.Evidence{Text: " "}, false},
		{"words with an address", verdict.Evidence{Text: "not signed", URL: "https://e.tld"}, true},
		{"the beginning of a word", verdict.Evidence{Text: `tag "v1`}, true},
		{"other words", verdict.Evidence{Text: "signed not"}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			finding := verdict.Finding{Gate: "signed-tag", Outcome: verdict.Pass, Reason: `tag "v1.4" is not signed, or so it seems`, Evidence: []verdict.Evidence{row.evidence}}
			v := verdict.Verdict{Findings: []verdict.Finding{finding}}
			if got := strings.Contains(report.Summary(v), "so it seems<br>See: "); got != row.shown {
				t.Errorf("the summary shows it: %t, want %t", got, row.shown)
			}
			if got := strings.Contains(report.Text(v, report.Style{}), "  see "); got != row.shown {
				t.Errorf("the text shows it: %t, want %t", got, row.shown)
			}
		})
	}
}

// headlineRow is a verdict and its sentence.
type headlineRow struct {
	name string
	v    verdict.Verdict
	want string
}

func headlineRows() []headlineRow {
	pass := verdict.Finding{Gate: "a", Outcome: verdict.Pass}
	fail := verdict.Finding{Gate: "b", Outcome: verdict.Fail}
	wait := verdict.Finding{Gate: "c", Outcome: verdict.Wait}
	unknown := verdict.Finding{Gate: "d"}
	warn := verdict.Finding{Gate: "e", Outcome: verdict.Fail, Mode: verdict.Warn}
	off := verdict.Finding{Gate: "f", Outcome: verdict.Skip, Mode: verdict.Off}
	prod := &verdict.Stage{Name: "prod"}
	tag := fact.Subject{Ref: "refs/tags/v1.4.0", SHA: commit}
	waived := verdict.Finding{Gate: "w", Outcome: verdict.Waived, Code: "waiver"}
	broken := verdict.Finding{Gate: "g", Outcome: verdict.Waived, Code: "break-glass"}
	before := &fact.DeploymentRun{Branch: "v1.5.0", Head: "def5678900987654321fedcba01234567abc1234"}
	return []headlineRow{
		{"the zero verdict allows nothing", verdict.Verdict{}, "Could not decide: an unknown reference goes nowhere, and no reason was given"},
		{"an impossible decision allows nothing", verdict.Verdict{Decision: 9, Stage: prod, Subject: tag, Version: "1.4.0"}, "Could not decide: v1.4.0 (abc1234) does not go to prod: no enforced gate passed"},
		{"one gate is missing", verdict.Verdict{Decision: verdict.Denied, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass, fail, off, warn}}, "Denied: v1.4.0 (abc1234) may not go to prod: 1 of 2 gates is not met"},
		{"what waits counts as not met", verdict.Verdict{Decision: verdict.Denied, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{wait, fail}}, "Denied: v1.4.0 (abc1234) may not go to prod: 2 of 2 gates are not met"},
		{"a tag that is no version says so", verdict.Verdict{Decision: verdict.Waiting, Stage: prod, Subject: tag, Findings: []verdict.Finding{wait}}, "Waiting: tag v1.4.0 (abc1234) may not yet go to prod: 1 of 1 gate is not met yet"},
		{"what could not be checked comes before what failed", verdict.Verdict{Decision: verdict.Errored, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{unknown, fail, fail, pass}}, "Could not decide: v1.4.0 (abc1234) does not go to prod: 1 of 4 gates could not be checked, 2 are not met"},
		{"nothing but what could not be checked", verdict.Verdict{Decision: verdict.Errored, Stage: prod, Subject: tag, Findings: []verdict.Finding{unknown, pass}}, "Could not decide: tag v1.4.0 (abc1234) does not go to prod: 1 of 2 gates could not be checked"},
		{"a reason without a finding", verdict.Verdict{Decision: verdict.Errored, Stage: prod, Subject: fact.Subject{Ref: "refs/pull/7/merge"}, Reason: "the clock is not known"}, "Could not decide: refs/pull/7/merge does not go to prod: the clock is not known"},
		{"nothing was enforced", verdict.Verdict{Decision: verdict.Denied, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{off, warn}}, "Denied: v1.4.0 (abc1234) may not go to prod: no enforced gate passed"},
		{"no stage is the reason", verdict.Verdict{Decision: verdict.Denied, Subject: tag, Reason: "no stage\naccepts it"}, "Denied: no stage accepts it"},
		{"allowed in silence", verdict.Verdict{Decision: verdict.Allowed, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass}}, "Allowed: v1.4.0 (abc1234) may go to prod"},
		{"a warning is not silent", verdict.Verdict{Decision: verdict.Allowed, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass, warn}}, "Allowed: v1.4.0 (abc1234) may go to prod, with 1 warning"},
		{"a warning that nobody could check is not a gate that failed", verdict.Verdict{Decision: verdict.Allowed, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass, warn, {Gate: "g", Mode: verdict.Warn}}}, "Allowed: v1.4.0 (abc1234) may go to prod, with 2 warnings (1 gate could not be checked)"},
		{"nothing was asked", verdict.Verdict{Decision: verdict.Allowed, Stage: &verdict.Stage{Name: "dev", Unrestricted: true}, Subject: fact.Subject{Ref: "refs/heads/dev", SHA: commit}}, "Allowed: branch dev (abc1234) may go to dev, which asks for nothing"},
		{"a waiver is not silent, and is no gate that is met", verdict.Verdict{Decision: verdict.Denied, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass, fail, waived}}, "Denied: v1.4.0 (abc1234) may not go to prod: 1 of 3 gates is not met, 1 more is waived"},
		{"a waiver of a gate that only warns is none of those that were asked", verdict.Verdict{Decision: verdict.Denied, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{fail, {Gate: "w", Mode: verdict.Warn, Outcome: verdict.Waived, Code: "waiver"}}}, "Denied: v1.4.0 (abc1234) may not go to prod: 1 of 1 gate is not met, 1 more is waived"},
		{"a waiver on what could not all be checked", verdict.Verdict{Decision: verdict.Errored, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{unknown, waived}}, "Could not decide: v1.4.0 (abc1234) does not go to prod: 1 of 2 gates could not be checked, 1 more is waived"},
		{"an allow counts waivers and warnings", verdict.Verdict{Decision: verdict.Allowed, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass, waived, waived, warn}}, "Allowed: v1.4.0 (abc1234) may go to prod, with 2 waivers and 1 warning"},
		{"a rollback that is denied", verdict.Verdict{Decision: verdict.Denied, Way: &verdict.Way{Lane: verdict.Rollback, From: before}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{fail}}, "Rollback, denied: v1.4.0 (abc1234) may not go back to prod: 1 of 1 gate is not met"},
		{"a rollback that is allowed", verdict.Verdict{Decision: verdict.Allowed, Way: &verdict.Way{Lane: verdict.Rollback, From: before}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass}}, "Rollback, allowed: v1.4.0 (abc1234) may go back to prod, in place of v1.5.0 (def5678)"},
		{"a rollback from what nobody knows", verdict.Verdict{Decision: verdict.Allowed, Way: &verdict.Way{Lane: verdict.Rollback}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass}}, "Rollback, allowed: v1.4.0 (abc1234) may go back to prod"},
		{"a broken glass that is not enough", verdict.Verdict{Decision: verdict.Denied, Way: &verdict.Way{Lane: verdict.BreakGlass}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{fail, broken}}, "Break-glass, denied: v1.4.0 (abc1234) may not go to prod: 1 of 2 gates is not met, the glass is broken for 1 more"},
		{"a broken glass", verdict.Verdict{Decision: verdict.Allowed, Way: &verdict.Way{Lane: verdict.BreakGlass}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass, broken, waived}}, "Break-glass, allowed: v1.4.0 (abc1234) may go to prod although 1 gate is not met, with 1 waiver"},
		{"a glass that need not be broken", verdict.Verdict{Decision: verdict.Allowed, Way: &verdict.Way{Lane: verdict.BreakGlass}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass}}, "Break-glass, allowed: v1.4.0 (abc1234) may go to prod"},
		{"a hotfix that waits", verdict.Verdict{Decision: verdict.Waiting, Way: &verdict.Way{Lane: verdict.Hotfix}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{wait}}, "Hotfix, waiting: v1.4.0 (abc1234) may not yet go to prod: 1 of 1 gate is not met yet"},
		{"a lane that this version does not know", verdict.Verdict{Decision: verdict.Denied, Way: &verdict.Way{Lane: "odd"}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{fail}}, "Unusual way, denied: v1.4.0 (abc1234) may not go to prod: 1 of 1 gate is not met"},
		{"a replayed rollback opens nothing", verdict.Verdict{Decision: verdict.Allowed, Way: &verdict.Way{Lane: verdict.Rollback}, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass}, Replayed: true}, "Replay, opens nothing: Rollback, allowed: v1.4.0 (abc1234) may go back to prod"},
		{"a replay opens nothing", verdict.Verdict{Decision: verdict.Allowed, Stage: prod, Subject: tag, Version: "1.4.0", Findings: []verdict.Finding{pass}, Replayed: true}, "Replay, opens nothing: Allowed: v1.4.0 (abc1234) may go to prod"},
	}
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	for _, row := range headlineRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Headline(row.v); got != row.want {
				t.Errorf("Headline = %q\nwant       %q", got, row.want)
			}
			if heading, _, _ := strings.Cut(report.Summary(row.v), "\n"); strings.Contains(heading, "✅") != (row.v.Allows() && row.name != "a broken glass") {
				t.Errorf("Allows() is %t, and the heading is %q", row.v.Allows(), heading)
			}
			if strings.Contains(report.Summary(row.v), "**Next:** check out `") != row.v.Allows() || strings.Contains(report.Text(row.v, report.Style{}), "\nNext: check out ") != row.v.Allows() {
				t.Errorf("Allows() is %t, and what is next is said otherwise", row.v.Allows())
			}
		})
	}
}

// Whoever has five seconds learns which gates block, however long the reasons
// are; and nothing that only warns is among them.
func TestManyUnmetGatesAreNamedAtAGlance(t *testing.T) {
	t.Parallel()
	v := verdict.Verdict{Decision: verdict.Denied, Stage: &verdict.Stage{Name: "prod"}, Findings: []verdict.Finding{
		{Gate: "on-branch", Outcome: verdict.Pass},
		{Gate: "approved", Outcome: verdict.Wait},
		{Gate: "signed-tag", Outcome: verdict.Fail},
		{Gate: "fresh", Outcome: verdict.Fail, Mode: verdict.Warn},
		{Gate: "reviewed", Outcome: verdict.Fail},
	}}
	if page := report.Summary(v); strings.Contains(page, "** [") {
		t.Errorf("three are named twice:\n%s", page)
	}
	v.Findings = append(v.Findings, verdict.Finding{Gate: "no-blockers"})
	want := regexp.MustCompile("(?m)^❓ \\*\\*could not check:\\*\\* \\[`no-blockers`\\]\\(\\S+\\) · ⛔ \\*\\*not met:\\*\\* \\[`signed-tag`\\]\\(\\S+\\), \\[`reviewed`\\]\\(\\S+\\) · ⏳ \\*\\*not met yet:\\*\\* \\[`approved`\\]\\(\\S+\\)$")
	if page := report.Summary(v); !want.MatchString(page) {
		t.Errorf("the summary does not name them in one line:\n%s", page)
	}
}

// Whoever looks at a long release sees what is left to look at, and can unfold the
// rest.
func TestManyGatesThatAreMetAreFolded(t *testing.T) {
	t.Parallel()
	met := func(count int) verdict.Verdict {
		v := stored(t, "allowed-prod")
		v.Findings = nil
		for i := range count {
			v.Findings = append(v.Findings, verdict.Finding{Gate: fmt.Sprintf("gate-%d", i), Outcome: verdict.Pass, Reason: "found"})
		}
		return v
	}
	if page := report.Summary(met(7)); strings.Contains(page, "What each of the") {
		t.Errorf("seven gates are folded:\n%s", page)
	}
	many := met(20)
	many.Findings[3].Warnings = []string{"look at this"}
	many.Findings[5].Mode, many.Findings[5].Outcome = verdict.Off, verdict.Skip
	page := report.Summary(many)
	open, folded, found := strings.Cut(page, "<details>\n<summary>What each of the 19 gates found</summary>\n")
	if !found {
		t.Fatalf("twenty gates are not folded:\n%s", page)
	}
	for _, want := range []string{"### All gates (20)\n", "look at this", "✅ **met:** [`gate-0`]", "➖ **off:** [`gate-5`]"} {
		if !strings.Contains(open, want) {
			t.Errorf("what can be seen lacks %q:\n%s", want, open)
		}
	}
	if rows := strings.Count(folded, "| found |"); rows != 19 {
		t.Errorf("%d gates are below the fold, want 19:\n%s", rows, folded)
	}
	if strings.Contains(open, "| found |") {
		t.Errorf("a gate that nobody has to look at is told in the open:\n%s", open)
	}
	// More is missing than the list of what is missing shows.
	for i := range 60 {
		many.Findings = append(many.Findings, verdict.Finding{Gate: fmt.Sprintf("missing-%d", i), Outcome: verdict.Fail, Reason: "this is why"})
	}
	open, _, _ = strings.Cut(report.Summary(many), "<details>")
	if _, table, _ := strings.Cut(open, "| Outcome |"); strings.Count(table, "| this is why |") != 10 {
		t.Errorf("what is not met is below the fold:\n%s", open)
	}
}
