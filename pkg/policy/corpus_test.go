package policy_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

var update = flag.Bool("update", false, "write the expected output of the corpus and the schema")

const corpus = "../../testdata/policy"

// TestPoliciesThatAreWrong expects exactly the problems of the .out file.
func TestPoliciesThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, path := range policyFiles(t, "err") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			got, err := policy.Parse("policy.yml", read(t, path), gate.All())
			if err == nil {
				t.Fatalf("the policy was accepted: %+v", got)
			}
			if diff := cmp.Diff(policy.Policy{}, got); diff != "" {
				t.Errorf("a policy came with the error:\n%s", diff)
			}
			var problems policy.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("the error has no problems: %v", err)
			}
			for _, each := range problems {
				if each.File != "policy.yml" || each.Line < 1 || each.Column < 1 || each.Message == "" {
					t.Errorf("not located in the file: %+v", each)
				}
			}
			golden(t, path, err.Error()+"\n")
		})
	}
}

// TestPoliciesThatAreRight expects no problem, and the policy of the .out file
// where there is one.
func TestPoliciesThatAreRight(t *testing.T) {
	t.Parallel()
	for _, path := range policyFiles(t, "ok") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			got, err := policy.Parse("policy.yml", read(t, path), gate.All())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(outputOf(path)); err == nil {
				golden(t, path, summary(got))
			}
		})
	}
}

// summary writes what a policy means, in its order.
func summary(p policy.Policy) string {
	var out strings.Builder
	fmt.Fprintf(&out, "preset %q\n", p.Preset)
	fmt.Fprintf(&out, "roles %+v\n", p.Terms.Roles) // fmt sorts maps by key
	if signers := p.Terms.Signers; len(signers.People)+len(signers.Revoked) > 0 {
		fmt.Fprintf(&out, "signers %+v\n", signers)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Terms.Calendars)) {
		fmt.Fprintf(&out, "calendar %s, %s\n", name, p.Terms.Calendars[name].Zone())
		from := time.Date(2026, 12, 18, 0, 0, 0, 0, time.UTC)
		for _, each := range p.Terms.Calendars[name].Stretches(from, from.AddDate(0, 0, 3)) {
			fmt.Fprintf(&out, "  from %s open %t, %d freezes\n", each.From.Format(time.DateTime), each.Open, len(each.Freezes))
		}
	}
	for _, each := range p.Stages {
		fmt.Fprintf(&out, "stage %s\n  environment %q url %q data %q unrestricted %t\n", each.Name, each.Environment, each.URL, each.Data, each.Unrestricted)
		fmt.Fprintf(&out, "  branches %s tags %s versions %s events %s\n", each.Rule.Branches, each.Rule.Tags, each.Rule.Versions, each.Rule.Events)
		if each.Config != nil {
			fmt.Fprintf(&out, "  config %s\n", each.Config)
		}
		for _, asked := range each.Gates {
			fmt.Fprintf(&out, "  %s %s %+v (%s)\n", asked.Mode, asked.Check.ID, asked.Check.Params, asked.Origin)
			if waiver := asked.Waiver; waiver != nil {
				fmt.Fprintf(&out, "    waived by %s until %s: %q\n", waiver.By, waiver.Until.Format(time.RFC3339), waiver.Reason)
			}
		}
		writeWays(&out, each)
	}
	for _, each := range p.Projects {
		fmt.Fprintf(&out, "PROJECT %s, paths %s, %d stages of others\n%s", each.Project, each.Paths, len(each.Others), summary(each))
	}
	return out.String()
}

// writeWays writes what the policy says of ways to a stage. The way back is left
// out where a policy does not mention it.
func writeWays(out *strings.Builder, s policy.Stage) {
	if s.DeployedBy != (fact.JobOf{}) {
		fmt.Fprintf(out, "  deployed by %s of %s\n", s.DeployedBy.Job, s.DeployedBy.Workflow)
	}
	if s.HotfixFor != "" {
		fmt.Fprintf(out, "  hotfix for %s\n", s.HotfixFor)
	}
	for _, lane := range s.OpenLanes() {
		if lane.Opened {
			fmt.Fprintf(out, "  %s %s %+v keeps %q (%s)\n", lane.Name, lane.Check.ID, lane.Check.Params, lane.Keeps, lane.Origin)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Shut)) {
		if s.DeployedBy != (fact.JobOf{}) {
			fmt.Fprintf(out, "  %s is shut: %s\n", name, s.Shut[name])
		}
	}
}

func policyFiles(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(corpus, folder, "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("find the corpus: %v, %d files", err, len(paths))
	}
	return paths
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	path = outputOf(path)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, path)), got); diff != "" {
		t.Errorf("%s is not what came out (-want +got):\n%s", path, diff)
	}
}

func outputOf(path string) string { return strings.TrimSuffix(path, ".yml") + ".out" }

func read(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestThePageOfTheCorpusHasEveryFile(t *testing.T) {
	t.Parallel()
	text := string(read(t, corpus+"/README.md"))
	listed := strings.Count(text, "\n| [`")
	for _, folder := range []string{"ok", "err"} {
		for _, path := range policyFiles(t, folder) {
			listed--
			name := filepath.Base(path)
			if row := fmt.Sprintf("| [`%s`](%s/%s) | ", strings.TrimSuffix(name, ".yml"), folder, name); !strings.Contains(text, row) {
				t.Errorf("the page has no row %q", row)
			}
		}
	}
	if listed != 0 {
		t.Errorf("the page has %d rows too many", listed)
	}
}
