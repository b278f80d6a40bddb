package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// anAudit has a point of every outcome, and says everything that a point can say.
func anAudit() verdict.Audit {
	return verdict.Audit{
		Schema: 1, Repository: "acme/shop", RepositoryURL: "https://github.com/acme/shop", At: time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC),
		Policy:      verdict.Policy{Preset: "three-stage", Path: ".github/stageward.yml", Branch: "main", Commit: commit, Blob: commit},
		Progression: []string{"dev", "staging", "prod"},
		Points: []verdict.Point{
			{
				Check: "environment-refs", Title: "The environment lets in what the stage takes, and nothing else", Stage: "prod", Severity: verdict.Critical,
				Outcome: verdict.Fail, Code: "open", Reason: `environment "production" lets in every branch`, Why: "A job of any branch gets its secrets.",
				Fix: "Let in the tags `v1` alone.", Limit: "Private repositories need GitHub Pro for this.",
				Commands: []string{"gh api -X PUT repos/acme/shop/environments/production --input - <<'JSON'\n{\n  \"wait_timer\": 0\n}\nJSON", "gh api -X POST repos/acme/shop/x -f name='v*'"},
				Evidence: []verdict.Evidence{{Text: "production", URL: "https://github.com/acme/shop/settings/environments"}},
			},
			{Check: "merges-signed", Title: "Merges are signed", Severity: verdict.Medium, Outcome: verdict.Fail, Code: "rebase", Reason: "rebase merges are possible", Fix: "Turn them off."},
			{Check: "secrets-apart", Title: "Each stage has secrets of its own", Stage: "prod", Severity: verdict.High, Outcome: verdict.Unknown, Code: "forbidden", Reason: "its secrets are not known", Fix: "Use another token."},
			{Check: "environment-exists", Title: "The environment exists", Stage: "prod", Outcome: verdict.Pass, Reason: "it exists"},
			{Check: "environment-exists", Title: "The environment exists", Stage: "staging", Outcome: verdict.Pass, Reason: "it exists"},
			{Check: "tags-guarded", Title: "Tags are guarded", Stage: "staging", Outcome: verdict.Skip, Code: "not-applicable", Reason: "it takes no tags"},
		},
		Reach: []verdict.Reach{
			{Stage: "staging", Can: "start a deployment", Who: []string{"@alice", "@bob"}},
			{Stage: "prod", Can: "sign the tag", Who: []string{"@alice"}, Unknown: "who is in acme/core"},
			{Stage: "prod", Can: "break the glass"},
			{Stage: "prod", Can: "bypass", Unknown: "the token may not see it"},
		},
		Review: []verdict.Answer{
			{ID: "data", Question: "Is no production data used before production?", Outcome: verdict.Pass, Reason: "dev synthetic, staging anonymized"},
			{ID: "alone", Question: "Does nobody deploy alone?", Outcome: verdict.Fail, Reason: "alice can", Fix: "Ask for two."},
			{ID: "local", Question: "Is it set up in 30 minutes?", Outcome: verdict.Unknown, Reason: "nothing records it"},
		},
	}
}

func TestAuditGolden(t *testing.T) {
	t.Parallel()
	whole := anAudit()
	fine := anAudit()
	fine.Points, fine.Review = fine.Points[3:], nil
	many := anAudit()
	many.Points = append(many.Points[:3:3], many.Points...)
	for name, each := range map[string]verdict.Audit{"audit-findings": whole, "audit-many": many, "audit-fine": fine, "audit-empty": {}} {
		data, err := report.AuditJSON(each)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", report.AuditText(each, report.Style{Width: 100}))
		golden(t, name+".md", report.AuditSummary(each))
		golden(t, name+".audit", string(data))
	}
}

// Whoever names an environment or a branch writes into every text of an audit.
func nastyAudit(t *rapid.T) verdict.Audit {
	draw := func(name string) string { return foreign().Draw(t, name) }
	a := anAudit()
	a.Repository, a.Points = draw("repository"), append(a.Points, a.Points...)
	for i := range a.Points {
		p := &a.Points[i]
		p.Reason, p.Fix, p.Limit, p.Stage = draw("reason"), draw("fix"), draw("limit"), draw("stage")
		p.Commands = []string{draw("command"), "echo " + draw("second") + "\n" + draw("line")}
		p.Evidence = []verdict.Evidence{{Text: draw("evidence"), URL: draw("url")}}
	}
	for i := range a.Reach {
		a.Reach[i].Stage, a.Reach[i].Can, a.Reach[i].Unknown = draw("reach"), draw("can"), draw("unknown")
		a.Reach[i].Who = []string{draw("who")}
	}
	for i := range a.Review {
		a.Review[i].Reason, a.Review[i].Fix, a.Review[i].Question = draw("answer"), draw("mend"), draw("question")
	}
	return a
}

func TestAnAuditIsInertWhateverItHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := nastyAudit(t)
		for line := range strings.Lines(report.AuditText(a, report.Style{})) {
			if strings.HasPrefix(strings.TrimLeft(line, " "), "::") || strings.Contains(line, "##[") || strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\r\x1b\u009b\u202e\u200b\x00") {
				t.Fatalf("a line of the text is obeyed: %q", line)
			}
		}
		page := report.AuditSummary(a)
		structure, made := read(t, page)
		for _, bad := range []string{"html <img", "html <script", "html block <script", "html block <img", "autolink"} {
			if strings.Contains(structure, bad) {
				t.Fatalf("the page holds %q:\n%s", bad, page)
			}
		}
		if heads := strings.Count(structure, "heading"); heads != 2*4 {
			t.Fatalf("%d headings begin and end, want 8:\n%s", heads, page)
		}
		if found := reacting.FindString(outsideCode(made)); found != "" {
			t.Fatalf("GitHub would react to %q in:\n%s", found, page)
		}
	})
}

// A command has to be typed as it is shown: nothing in it may be turned into
// something else, and nothing may be hidden.
func TestAuditCommandsAreShownAsTheyAre(t *testing.T) {
	t.Parallel()
	a := anAudit()
	a.Points[0].Commands = []string{"gh api  -f name='a  b' <<'JSON'\n  {\"a\": 1}\nJSON", "x " + strings.Repeat("~", 8) + " y", "z\u202e\tq"}
	text, page := report.AuditText(a, report.Style{Width: 60}), report.AuditSummary(a)
	for _, want := range []string{"gh api  -f name='a  b' <<'JSON'\n", "\n  {\"a\": 1}\nJSON\n", `z\u{202e} q`} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	for _, want := range []string{"    gh api  -f name='a  b' <<'JSON'\n", "      {\"a\": 1}\n", "see it with `stageward audit`"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

func TestAnAuditFitsEveryLimit(t *testing.T) {
	t.Parallel()
	a := anAudit()
	point := a.Points[0]
	a.Points = nil
	for i := range 5000 {
		point.Reason, point.Commands = strings.Repeat("é|", 700), []string{strings.Repeat("x", 3000)}
		point.Stage = fmt.Sprint(i)
		a.Points = append(a.Points, point)
	}
	if size := len(report.AuditSummary(a)); size > 1_000_000 {
		t.Errorf("the summary has %d bytes", size)
	}
	outputs, err := report.AuditOutputs(a, "audit.findings")
	if err != nil {
		t.Fatal(err)
	}
	var short map[string]any
	if err := json.Unmarshal([]byte(outputs[0].Value), &short); err != nil || short["truncated"] != true || short["open"] != float64(5000) {
		t.Errorf("the output is %.200s (%v)", outputs[0].Value, err)
	}
}

// Half of the points that do not fit are what needs somebody.
func TestAuditOutputsKeepWhatNeedsSomebody(t *testing.T) {
	t.Parallel()
	a := anAudit()
	for range 900 {
		fine := a.Points[3]
		fine.Reason = strings.Repeat("x", 300)
		a.Points = append(a.Points, fine)
	}
	outputs, err := report.AuditOutputs(a, "audit.findings")
	if err != nil {
		t.Fatal(err)
	}
	var short struct {
		Truncated bool
		Points    []verdict.Point
	}
	if err := json.Unmarshal([]byte(outputs[0].Value), &short); err != nil {
		t.Fatal(err)
	}
	if !short.Truncated || len(short.Points) != 3 {
		t.Errorf("truncated %t, %d points; want the 3 that are open", short.Truncated, len(short.Points))
	}
	if diff := cmp.Diff([]string{"audit", "reason-code"}, []string{outputs[0].Name, outputs[1].Name}); diff != "" {
		t.Error(diff)
	}
}
