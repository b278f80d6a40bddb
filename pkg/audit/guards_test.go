package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// guardedPolicy takes the default branch, branches of a pattern, and tags.
const guardedPolicy = `version: 1
stages:
  - name: dev
    from: { branches: ["dev/**"] }
    unrestricted: true
  - name: staging
    from: { branches: [$default-branch] }
    gates: { signed-commit: { by: maintain }, reviewed: { approvals: 1 } }
  - name: support
    from: { branches: ["support/**"] }
    gates: { checks-passed: { all: true } }
  - name: prod
    from: { tags: ["v*"], versions: release }
    gates: { signed-tag: { by: maintain } }
`

func rulesOf(t *testing.T, text string) policy.Policy {
	t.Helper()
	rules, err := policy.Parse("policy.yml", []byte(text), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// guardWorld is what a test changes before facts are made of it.
type guardWorld struct {
	sets     []fact.Ruleset
	branches map[string]fact.Known[fact.BranchGuard]
	settings fact.Settings
	files    map[string]string
	secrets  map[string][]string
	envs     map[string]fact.Environment
	// lost are the facts that are missing.
	lost []fact.Need
	// classic is the classic rule of the default branch; nil for none.
	classic *fact.Protection
	// hidden is true where the token is not shown classic rules or who may bypass.
	hidden bool
	// unnamed is true where the repository is not known.
	unnamed bool
}

func known[T any](value T) fact.Known[T] { return fact.Of(value, fact.Source{From: "test"}) }

func forbidden[T any]() fact.Known[T] {
	return fact.Lost[T](fact.Missing{Reason: fact.Forbidden, Detail: "403"})
}

func yes() *bool { flag := true; return &flag }
func no() *bool  { flag := false; return &flag }

func reviewRule() fact.Rule {
	return fact.Rule{Type: "pull_request", Approvals: 1, CodeOwners: true, LastPush: true, DismissStale: true}
}

// branchSet is a ruleset that guards branches in full.
func branchSet(id int64, include ...string) fact.Ruleset {
	return fact.Ruleset{
		ID: id, Name: fmt.Sprintf("set %d", id), Source: "acme/shop", Target: "branch", Enforcement: "active",
		Refs: known(fact.RulesetRefs{Include: include}), Bypass: known([]fact.Bypass{}),
		Rules: known([]fact.Rule{
			{Type: "deletion"}, {Type: "non_fast_forward"}, reviewRule(), {Type: "required_signatures"}, {Type: "required_status_checks", Checks: []string{"tests"}},
		}),
	}
}

// tagSet is a ruleset that guards tags.
func tagSet(id int64, include string, types ...string) fact.Ruleset {
	set := branchSet(id, include)
	set.Target = "tag"
	var rules []fact.Rule
	for _, each := range types {
		rules = append(rules, fact.Rule{Type: each})
	}
	set.Rules = known(rules)
	return set
}

// guarded is a world in which nothing is wrong.
func guarded() guardWorld {
	return guardWorld{
		sets: []fact.Ruleset{
			branchSet(1, "~DEFAULT_BRANCH"), branchSet(2, "refs/heads/support/**/*"),
			tagSet(3, "refs/tags/v*", "deletion", "update"), tagSet(4, "~ALL", "creation"),
		},
		settings: fact.Settings{Visibility: "public", OwnerKind: fact.OtherKind, RebaseMerge: no(), SquashMerge: yes(), MergeCommit: yes()},
		files:    map[string]string{".github/CODEOWNERS": "/.github/ @acme/maintainers\n"},
		secrets:  map[string][]string{"": {}, "staging": {"KEY"}, "support": {"KEY"}, "prod": {"KEY"}},
	}
}

// set returns the ruleset of a number, to change it.
func (w *guardWorld) set(id int64) *fact.Ruleset {
	i := slices.IndexFunc(w.sets, func(each fact.Ruleset) bool { return each.ID == id })
	return &w.sets[i]
}

func (w *guardWorld) drop(id int64) {
	w.sets = slices.DeleteFunc(w.sets, func(each fact.Ruleset) bool { return each.ID == id })
}

// alter changes the rules of a set.
func (w *guardWorld) alter(id int64, change func([]fact.Rule) []fact.Rule) {
	rules, _ := w.set(id).Rules.Get()
	w.set(id).Rules = known(change(slices.Clone(rules)))
}

// without takes the rules of a type from a set.
func (w *guardWorld) without(id int64, kind string) {
	w.alter(id, func(rules []fact.Rule) []fact.Rule {
		return slices.DeleteFunc(rules, func(rule fact.Rule) bool { return rule.Type == kind })
	})
}

// reviews changes what a set asks of pull requests.
func (w *guardWorld) reviews(id int64, change func(*fact.Rule)) {
	w.alter(id, func(rules []fact.Rule) []fact.Rule {
		change(&rules[slices.IndexFunc(rules, func(rule fact.Rule) bool { return rule.Type == "pull_request" })])
		return rules
	})
}

// facts returns what GitHub would say of the world.
func (w guardWorld) facts() fact.Set {
	const commit = "1111111111111111111111111111111111111111"
	facts := fact.Set{
		Subject:    fact.Subject{Repository: "acme/shop"},
		Repository: known(fact.Repository{ID: 1, Name: "acme/shop", DefaultBranch: "main"}),
		Policy:     known(fact.PolicyFile{Path: fact.PolicyPath, Branch: "main", Commit: commit}),
		Settings:   known(w.settings), Rulesets: known(w.sets), Files: map[string]fact.Known[fact.File]{},
		Workflows: known([]fact.WorkflowFile{{Path: ".github/workflows/deploy.yml"}}),
		Secrets:   map[string]fact.Known[[]string]{}, Environments: map[string]fact.Known[fact.Environment]{},
		Branches: map[string]fact.Known[fact.BranchGuard]{"$default-branch": known(w.mainGuard())},
	}
	if w.unnamed {
		facts.Repository = forbidden[fact.Repository]()
	}
	for _, place := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		facts.Files[place] = fact.Lost[fact.File](fact.Missing{Reason: fact.NotFound, Detail: "no such file"})
		if text, ok := w.files[place]; ok {
			facts.Files[place] = known(fact.File{Path: place, Commit: commit, Text: text})
		}
	}
	for name, secrets := range w.secrets {
		facts.Secrets[name] = known(secrets)
	}
	for name, environment := range w.envs {
		facts.Environments[name] = known(environment)
	}
	for name, guard := range w.branches {
		facts.Branches[name] = guard
	}
	for _, need := range w.lost {
		facts = facts.Without(need)
	}
	return facts
}

// mainGuard is what GitHub says of the branch main.
func (w guardWorld) mainGuard() fact.BranchGuard {
	guard := fact.BranchGuard{Name: "main", Exists: true, Protection: known(fact.Protection{})}
	for _, each := range w.sets {
		refs, _ := each.Refs.Get()
		main := []string{"~DEFAULT_BRANCH", "refs/heads/main", "~ALL", "refs/**/*"}
		names := func(text string) bool { return slices.Contains(main, text) }
		applies := slices.ContainsFunc(refs.Include, names) && !slices.ContainsFunc(refs.Exclude, names)
		if each.Target != "branch" || each.Enforcement != "active" || !applies {
			continue
		}
		rules, _ := each.Rules.Get()
		for _, rule := range rules {
			rule.Ruleset = each.ID
			guard.Rules = append(guard.Rules, rule)
		}
	}
	if w.classic != nil {
		guard.Protected, guard.Protection = true, known(*w.classic)
	}
	if w.hidden {
		guard.Protection = forbidden[fact.Protection]()
	}
	return guard
}

// guardPoints returns what a check says.
func guardPoints(t *testing.T, rules policy.Policy, facts fact.Set, check string) []verdict.Point {
	t.Helper()
	found := slices.DeleteFunc(audit.Of(rules, facts).Points, func(point verdict.Point) bool { return point.Check != check })
	if len(found) == 0 {
		t.Fatalf("%s says nothing", check)
	}
	for _, point := range found {
		assertSaysEnough(t, point)
	}
	return found
}

// assertSaysEnough checks that a point says what a reader needs.
func assertSaysEnough(t *testing.T, point verdict.Point) {
	t.Helper()
	if point.Title == "" || point.Why == "" || point.Reason == "" {
		t.Errorf("a point says too little: %+v", point)
	}
	if point.Open() && (point.Fix == "" || point.Code == "") {
		t.Errorf("a point does not say what to do: %+v", point)
	}
}

func guardLines(points []verdict.Point) string {
	var all []string
	for _, each := range points {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", each.Stage, each.Outcome, each.Severity, each.Code)))
	}
	return strings.Join(all, "\n")
}

// guardRow is a world with one thing changed and what a check then says.
type guardRow struct {
	change func(*guardWorld)
	want   string
	// says are parts of the first point that is there: its reason and commands.
	says []string
}

func guardRows(t *testing.T, check string, rows map[string]guardRow) {
	t.Helper()
	rules := rulesOf(t, guardedPolicy)
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := guarded()
			if row.change != nil {
				row.change(&w)
			}
			points := guardPoints(t, rules, w.facts(), check)
			if diff := cmp.Diff(row.want, guardLines(points)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			text := fmt.Sprintf("%s\n%s\n%s\n%s", points[0].Reason, points[0].Fix, strings.Join(points[0].Commands, "\n"), points[0].Limit)
			for _, part := range row.says {
				if !strings.Contains(text, part) {
					t.Errorf("it does not say %q:\n%s", part, text)
				}
			}
		})
	}
}
