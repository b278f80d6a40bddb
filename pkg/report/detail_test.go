package report_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestRunIsDescribedAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		v    verdict.Verdict
		want string
	}{
		{"nothing is known", verdict.Verdict{}, "stage        none\n  commit       not known\n  reference    an unknown reference\n  time         not known\n  policy       none was read\n"},
		{"a pre-release", verdict.Verdict{Version: "1.4.0-rc.1", Prerelease: true}, "version      1.4.0-rc.1 (pre-release)\n"},
		{"only who started this attempt", verdict.Verdict{Trigger: fact.Trigger{TriggeringActor: "bob"}}, "started by   @bob\n"},
		{"one person is named once", verdict.Verdict{Trigger: fact.Trigger{Actor: "bob", TriggeringActor: "bob"}}, "started by   @bob\n"},
		{"two people are both named", verdict.Verdict{Trigger: fact.Trigger{Actor: "alice", TriggeringActor: "bob"}}, "started by   @alice, this attempt by @bob\n"},
		{"a run without an attempt", verdict.Verdict{Trigger: fact.Trigger{Event: "push", RunID: 7}}, "event        push, run 7\n"},
		{"a preset", verdict.Verdict{Policy: verdict.Policy{Preset: "three-stage"}}, "policy       preset three-stage\n"},
		{"a preset, and proof that there is no file", verdict.Verdict{Policy: verdict.Policy{Preset: "three-stage", Path: "p.yml"}}, "policy       preset three-stage, alone: there is no file p.yml\n"},
		{"no rules at all", verdict.Verdict{Policy: verdict.Policy{Path: "p.yml", Branch: "main", Commit: commit}}, "policy       none: there is no file p.yml@abc1234 on the branch main\n"},
		{"a file", verdict.Verdict{Policy: verdict.Policy{Path: "p.yml", Commit: commit, Blob: commit}}, "policy       p.yml@abc1234\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Text(row.v, report.Style{}); !strings.Contains(got, row.want) {
				t.Errorf("no %q in\n%s", row.want, got)
			}
		})
	}
}

func TestPictureShowsTheStagesAndTheTarget(t *testing.T) {
	t.Parallel()
	many := make([]string, 25)
	for i := range many {
		many[i] = "s"
	}
	for _, row := range []struct {
		name        string
		progression []string
		want        []string
	}{
		{"a name without a shape", []string{"", "prod"}, []string{`n1["?"]`, `n2["prod: allowed"]:::target`, "n1 --> n2"}},
		{"a name that is code", []string{`a"]; click n1 "x`, "prod", "end"}, []string{`n1["a??? click n1 ?x"]`, `n3["end"]`}},
		{"a name in another script", []string{"開発", "prod"}, []string{`n1["開発"]`}},
		{"too many", append(many, "prod"), []string{`n20["s"]`, `n21["and 6 more"]`, "n20 --> n21"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			page := report.Summary(verdict.Verdict{Decision: verdict.Allowed, Stage: &verdict.Stage{Name: "prod"}, Progression: row.progression})
			for _, want := range row.want {
				if !strings.Contains(page, "  "+want+"\n") {
					t.Errorf("no %s in\n%s", want, page)
				}
			}
		})
	}
}
