package decide_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

const refCorpus = "../../testdata/ref/"

// refCase is one line of the corpus; its README says what the columns mean.
type refCase struct {
	line                                          int
	id, policy, ref, branch, event, want, purpose string
}

// TestRefsOfTheCorpus: the cases named in its first column.
func TestRefsOfTheCorpus(t *testing.T) {
	t.Parallel()
	policies := map[string]policy.Policy{}
	var ids []string
	for _, each := range readRefs(t) {
		if _, read := policies[each.policy]; !read {
			policies[each.policy] = readRules(t, each.policy)
		}
		ids = append(ids, each.id)
		each.check(t, policies[each.policy])
	}
	for _, id := range []string{
		"REF-01", "REF-02", "REF-03", "REF-04", "REF-05", "REF-06", "REF-07", "REF-08", "REF-09", "REF-10", "REF-11", "REF-12", "REF-13", "REF-15",
	} {
		if !slices.Contains(ids, id) {
			t.Errorf("no line is about %s", id)
		}
	}
}

func (c refCase) check(t *testing.T, rules policy.Policy) {
	t.Helper()
	ref, err := fact.ParseRef(c.ref)
	if err != nil {
		if c.want != "ref.invalid" {
			t.Errorf("line %d: %+q (%s): got %v, want %s", c.line, c.ref, c.purpose, err, c.want)
		}
		checkASCII(t, c, err.Error())
		return
	}
	set := fact.Set{
		Subject:    fact.Subject{Repository: "acme/shop", Ref: ref, SHA: sha},
		Trigger:    fact.Trigger{Event: c.event},
		Repository: fact.Of(fact.Repository{Name: "acme/shop", DefaultBranch: c.branch}, source),
	}
	plan := decide.NewPlan(rules, set)
	match := plan.Match()
	if got := match.Stage + string(match.Problem); got != c.want {
		t.Errorf("line %d: %+q (%s): got %s (%s), want %s", c.line, c.ref, c.purpose, got, match.Reason, c.want)
	}
	for _, try := range match.Tries {
		checkASCII(t, c, try.Why)
	}
	if match.Problem == "" {
		return
	}
	checkASCII(t, c, match.Reason)
	if shown := strings.Trim(strconv.QuoteToASCII(ref.Name()), `"`); !strings.Contains(match.Reason, shown) {
		t.Errorf("line %d: the reason does not name %s: %s", c.line, shown, match.Reason)
	}
	if result := plan.Decide(set); result.Decision == verdict.Allowed || result.Decision == verdict.Waiting || result.Code != c.want {
		t.Errorf("line %d: %+q: decided %s %s", c.line, c.ref, result.Decision, result.Code)
	}
}

// checkASCII sees to it that no look-alike and no invisible character of a
// name reaches a reader as itself.
func checkASCII(t *testing.T, c refCase, text string) {
	t.Helper()
	for _, char := range text {
		if char < ' ' || char > '~' {
			t.Errorf("line %d: %+q shows %U raw", c.line, text, char)
		}
	}
}

func readRules(t *testing.T, name string) policy.Policy {
	t.Helper()
	if policy.PresetSource(name) != nil {
		rules, err := policy.Preset(name, gate.All())
		if err != nil {
			t.Fatal(err)
		}
		return rules
	}
	text, err := os.ReadFile(refCorpus + name)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Parse(name, text, gate.All())
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func readRefs(t *testing.T) []refCase {
	t.Helper()
	text, err := os.ReadFile(refCorpus + "refs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	var cases []refCase
	seen := map[string]int{}
	for i, line := range lines[1:] {
		columns := strings.Split(line, "\t")
		if len(columns) != 7 || slices.Contains(columns, "") {
			t.Fatalf("line %d has not seven columns with something in each: %q", i+2, line)
		}
		ref, err := strconv.Unquote(columns[2])
		if err != nil {
			t.Fatalf("line %d: the ref %s is not quoted: %v", i+2, columns[2], err)
		}
		if before, twice := seen[strings.Join(columns[1:5], "\t")]; twice && columns[0] == "-" {
			t.Errorf("line %d says the same as line %d", i+2, before)
		}
		seen[strings.Join(columns[1:5], "\t")] = i + 2
		cases = append(cases, refCase{
			line: i + 2, id: columns[0], policy: columns[1], ref: ref,
			branch: orNone(columns[3]), event: orNone(columns[4]), want: columns[5], purpose: columns[6],
		})
	}
	return cases
}

func orNone(column string) string {
	if column == "-" {
		return ""
	}
	return column
}
