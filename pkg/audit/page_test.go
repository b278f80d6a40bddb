package audit_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

var update = flag.Bool("update", false, "write the table of docs/audit.md anew")

const auditPage = "../../docs/audit.md"

var table = regexp.MustCompile(`(?s)(<!-- made by go generate ./pkg/audit -->\n).*?(<!-- end -->)`)

// The page lists every check, by severity, as the code has them.
func TestThePageListsEveryCheck(t *testing.T) {
	t.Parallel()
	checks := audit.All()
	slices.SortStableFunc(checks, func(a, b audit.Check) int { return int(a.Severity) - int(b.Severity) })
	var out strings.Builder
	out.WriteString("\n| check | at worst | what has to be true | why |\n| --- | --- | --- | --- |\n")
	for _, each := range checks {
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", each.ID, each.Severity, each.Title, each.Why)
	}
	out.WriteString("\n")
	page, err := os.ReadFile(auditPage)
	if err != nil {
		t.Fatal(err)
	}
	want := table.ReplaceAllString(string(page), "${1}"+strings.ReplaceAll(out.String(), "$", "$$")+"${2}")
	if *update {
		if err := os.WriteFile(auditPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want != string(page) && !*update {
		t.Error("docs/audit.md does not list the checks as they are; run go generate ./pkg/audit")
	}
}

var statement = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// What holds for every check, under every preset, where nothing is known.
func TestEveryCheckSaysWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, preset := range policy.PresetNames() {
		rules, err := policy.Preset(preset, gate.All())
		if err != nil {
			t.Fatal(err)
		}
		needed := map[fact.Need]bool{}
		for _, need := range audit.Needs(rules) {
			if needed[need] {
				t.Errorf("%s: %s is asked for twice", preset, need)
			}
			needed[need] = true
		}
		for _, each := range audit.All() {
			if !statement.MatchString(each.ID) || each.Title == "" || each.Why == "" || strings.ContainsAny(each.Title+each.Why, "|\n") {
				t.Errorf("%s: id, title or why is not as it should be", each.ID)
			}
			points := each.Ask(audit.Input{Rules: rules})
			if len(points) == 0 {
				t.Errorf("%s, %s: nothing is said", preset, each.ID)
			}
			for _, point := range points {
				if point.Outcome == verdict.Pass || point.Reason == "" {
					t.Errorf("%s, %s: nothing is known, and the point is %+v", preset, each.ID, point)
				}
				if point.Severity < each.Severity {
					t.Errorf("%s, %s: the point is %s, and the check at worst %s", preset, each.ID, point.Severity, each.Severity)
				}
			}
		}
	}
}

// Without facts, an audit finds nothing to be fine and nothing to be wrong.
func TestAnAuditOfNothingKnowsNothing(t *testing.T) {
	t.Parallel()
	rules, err := policy.Preset(policy.DefaultPreset, gate.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range audit.Of(rules, fact.Set{}).Points {
		if point.Outcome != verdict.Unknown && point.Outcome != verdict.Skip {
			t.Errorf("%s of %q is %s: %s", point.Check, point.Stage, point.Outcome, point.Reason)
		}
	}
	for _, answer := range audit.Review(rules, fact.Set{}, audit.Of(rules, fact.Set{})) {
		if answer.ID == "" || answer.Question == "" || answer.Reason == "" {
			t.Errorf("the answer %+v says too little", answer)
		}
	}
}
