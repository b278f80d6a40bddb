package report_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

// ofProjects is what a run decided about projects called p0, p1 and so on, and left
// aside.
func ofProjects(all []verdict.Verdict, aside ...verdict.Aside) verdict.Several {
	for i := range all {
		all[i].Project = fmt.Sprint("p", i)
	}
	several := verdict.SeveralOf(all, aside)
	several.Subject, several.RepositoryURL = fact.Subject{Ref: "refs/heads/main", SHA: commit}, repository
	return several
}

// may is a verdict that allows.
func may(stage string) verdict.Verdict {
	return verdict.Verdict{
		Decision: verdict.Allowed, Code: "ready", Subject: fact.Subject{Ref: "refs/heads/main", SHA: commit},
		Stage: &verdict.Stage{Name: stage, Environment: stage + "-env", Data: "production", EnvironmentURL: "https://x.example"}, Version: "1.2.3",
		Findings: []verdict.Finding{{Gate: "reviewed", Outcome: verdict.Pass, Reason: "fine"}},
	}
}

func severalOutputs(t *testing.T, s verdict.Several) map[string]string {
	t.Helper()
	written, err := report.SeveralOutputs(s)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i, each := range written {
		if each.Name != report.OutputNames()[i] {
			t.Errorf("output %d is %s", i, each.Name)
		}
		got[each.Name] = each.Value
	}
	return got
}

// Nobody reads a yes out of what was refused, replayed, or about no commit.
func TestTheMatrixHasWhatIsAllowed(t *testing.T) {
	t.Parallel()
	no, again, nowhere, stageless := may("prod"), may("prod"), may("prod"), may("prod")
	no.Decision, again.Replayed, nowhere.Subject.SHA, stageless.Stage = verdict.Denied, true, "", nil
	for name, row := range map[string]struct {
		all     []verdict.Verdict
		matrix  []string // projects
		allowed string
		stage   string
	}{
		"nothing":            {nil, nil, "false", ""},
		"all refused":        {[]verdict.Verdict{no, no}, nil, "false", ""},
		"one of two refused": {[]verdict.Verdict{no, may("prod")}, []string{"p1"}, "false", ""},
		"one was replayed":   {[]verdict.Verdict{again, may("prod")}, []string{"p1"}, "false", ""},
		"no commit":          {[]verdict.Verdict{nowhere, no}, nil, "false", ""},
		"no stage":           {[]verdict.Verdict{stageless, no}, nil, "false", ""},
		"one, refused":       {[]verdict.Verdict{no}, nil, "false", "prod"},
		"one, replayed":      {[]verdict.Verdict{again}, nil, "false", "prod"},
		"two allowed":        {[]verdict.Verdict{may("prod"), may("live")}, []string{"p0", "p1"}, "true", ""},
		"one, allowed":       {[]verdict.Verdict{may("prod")}, []string{"p0"}, "true", "prod"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := severalOutputs(t, ofProjects(row.all, verdict.Aside{Project: "left", Code: verdict.Unchanged}))
			var matrix struct{ Include []map[string]string }
			if err := json.Unmarshal([]byte(got["matrix"]), &matrix); err != nil || matrix.Include == nil {
				t.Fatalf("matrix %q: %v", got["matrix"], err)
			}
			var projects []string
			for _, each := range matrix.Include {
				projects = append(projects, each["project"])
				if each["sha"] != got["sha"] || each["sha"] == "" || each["ref"] != got["ref"] || len(each) != 8 || each["environment"] == "" || each["environment-url"] != "https://x.example" {
					t.Errorf("the entry %v, with sha %q and ref %q", each, got["sha"], got["ref"])
				}
			}
			if fmt.Sprint(projects) != fmt.Sprint(row.matrix) || got["allowed"] != row.allowed || got["stage"] != row.stage || (got["decision"] == "allow") != (row.allowed == "true") {
				t.Errorf("matrix %v, allowed %s, decision %s, stage %q", projects, got["allowed"], got["decision"], got["stage"])
			}
			if (got["receipt"] != "") != (row.stage != "" && row.allowed == "true") {
				t.Errorf("receipt %q", got["receipt"])
			}
			if strings.Contains(got["matrix"], "left") || !strings.Contains(got["result"], `"aside":[{"project":"left"`) {
				t.Errorf("what was left aside: %s %s", got["matrix"], got["result"])
			}
		})
	}
}

// Whatever a stranger typed, and however many projects there are, a summary is one that
// GitHub keeps, and the outputs are as large as it takes.
func TestManyProjectsFit(t *testing.T) {
	t.Parallel()
	var all []verdict.Verdict
	for i := range 100 {
		v := crowded(110, strings.Repeat("n", 700))
		v.Stage = &verdict.Stage{Name: "prod", Environment: "p"}
		if i%2 == 0 {
			v.Decision, v.Replayed, v.Findings = verdict.Allowed, false, v.Findings[:0]
		}
		all = append(all, v)
	}
	s := ofProjects(all)
	page := report.SeveralSummary(s)
	if len(page) >= 1_000_000 {
		t.Errorf("the summary has %d bytes", len(page))
	}
	for i := range all {
		if !strings.Contains(page, fmt.Sprintf("| p%d | ", i)) {
			t.Errorf("p%d is not in the overview", i)
		}
	}
	if !strings.Contains(page, "<b>p1</b>") || !strings.Contains(page, "no room for the details of") {
		t.Error("nothing is told of the first that is refused, or not that something is left out")
	}
	size := 0
	got := severalOutputs(t, s)
	for _, value := range got {
		size += 2 * len(value)
	}
	if size > 1_000_000 || !json.Valid([]byte(got["result"])) || !json.Valid([]byte(got["unmet"])) {
		t.Errorf("the outputs take %d bytes: result %d, unmet %d, matrix %d", size, len(got["result"]), len(got["unmet"]), len(got["matrix"]))
	}
	for i := range all {
		if !strings.Contains(got["result"], fmt.Sprintf(`"project":"p%d"`, i)) {
			t.Errorf("p%d is not in the result", i)
		}
	}
}

func TestTheSummaryOfSeveralIsShapedByNobodyElse(t *testing.T) {
	t.Parallel()
	build := func(text string) string {
		return report.SeveralSummary(ofProjects([]verdict.Verdict{tainted(text), taintedWithoutStage(text), may("prod")}, verdict.Aside{Project: "left", Code: verdict.Unchanged, Reason: text, Stage: "x " + text, Environment: text}))
	}
	want := shape(build("x"))
	for _, text := range nasty {
		checkStructure(t, want, build(text))
	}
	rapid.Check(t, func(t *rapid.T) { checkStructure(t, want, build(foreign().Draw(t, "text"))) })
	odd := may("prod")
	s := ofProjects([]verdict.Verdict{odd, odd})
	s.Projects[0].Project = "</summary><script>x"
	if page := report.SeveralSummary(s); strings.Contains(page, "</summary><script>") {
		t.Errorf("a name acts:\n%s", page)
	}
}

func TestTextOfSeveralIsNoCommand(t *testing.T) {
	t.Parallel()
	active := regexp.MustCompile(`(?m)^\s*::|##\[|[\x00-\x08\x0b-\x1f]`)
	for _, text := range nasty {
		for _, style := range []report.Style{{}, {Width: 60}} {
			page := report.SeveralText(ofProjects([]verdict.Verdict{tainted(text), taintedWithoutStage(text)}, verdict.Aside{Project: text, Reason: text}), style)
			if hit := active.FindString(page); hit != "" {
				t.Errorf("%q acts in\n%s", hit, page)
			}
		}
	}
}

func TestAnnotationsOfSeveral(t *testing.T) {
	t.Parallel()
	no := may("prod")
	no.Decision, no.Code = verdict.Denied, "reviewed.x"
	no.Findings = []verdict.Finding{{Gate: "reviewed", Outcome: verdict.Fail, Code: "x", Reason: "why"}}
	var all []verdict.Verdict
	for range 12 {
		all = append(all, no)
	}
	count := map[report.Level]int{}
	for _, each := range report.SeveralAnnotations(ofProjects(append(all, may("prod")))) {
		count[each.Level]++
		if each.Level == report.LevelError && count[each.Level] == 1 && each.Title != "p0: Stageward: reviewed" {
			t.Errorf("the first is called %q", each.Title)
		}
	}
	if count[report.LevelError] != 10 || count[report.LevelNotice] != 1 {
		t.Errorf("got %v", count)
	}
	for code, want := range map[string]report.Level{verdict.Unchanged: report.LevelNotice, "ref.unmatched": report.LevelError} {
		none := ofProjects(nil)
		none.Code, none.Reason = code, "why"
		if got := report.SeveralAnnotations(none); len(got) != 1 || got[0].Level != want || !strings.Contains(got[0].Message, "why") {
			t.Errorf("%s: %v", code, got)
		}
	}
}
