package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// restFine is what is said of the branches of the pattern where nothing is wrong.
const restFine = "\nsupport pass high"

func TestBranchesGuarded(t *testing.T) {
	t.Parallel()
	whole := fact.Protection{
		ForAdmins: true, Signatures: true, Checks: []string{"tests"},
		Reviews: &fact.ReviewRule{Approvals: 1, CodeOwners: true, LastPush: true, DismissStale: true},
	}
	guardRows(t, "branches-guarded", map[string]guardRow{
		"no ruleset at all": {
			change: func(w *guardWorld) { w.sets = nil },
			want:   "fail critical unreviewed\nfail high history-can-change\nsupport fail high history-can-change\nsupport fail high unreviewed\nfail medium no-checks\nfail medium unsigned\nsupport fail medium no-checks",
			says:   []string{"the default branch", "without a pull request", `"include":["~DEFAULT_BRANCH"]`, `"required_approving_review_count":1`, "works alone"},
		},
		"force pushes are possible": {
			change: func(w *guardWorld) { w.without(1, "non_fast_forward") }, want: "fail high history-can-change" + restFine,
			says: []string{"a force push can rewrite its history", `"type":"non_fast_forward"`, "gh api --method POST repos/acme/shop/rulesets --input - <<'JSON'"},
		},
		"the branch can be deleted": {
			change: func(w *guardWorld) { w.without(1, "deletion") }, want: "fail high history-can-change" + restFine, says: []string{"it can be deleted", `"type":"deletion"`},
		},
		"no pull request is asked for": {
			change: func(w *guardWorld) { w.without(1, "pull_request") }, want: "fail critical unreviewed" + restFine, says: []string{"without a pull request"},
		},
		"a pull request without an approval": {
			change: func(w *guardWorld) { w.reviews(1, func(rule *fact.Rule) { rule.Approvals = 0 }) }, want: "fail critical unreviewed" + restFine,
		},
		"who pushed last approves": {
			change: func(w *guardWorld) { w.reviews(1, func(rule *fact.Rule) { rule.LastPush = false }) }, want: "fail medium weak-review" + restFine,
		},
		"an old approval stays": {
			change: func(w *guardWorld) { w.reviews(1, func(rule *fact.Rule) { rule.DismissStale = false }) }, want: "fail medium weak-review" + restFine,
		},
		"no checks": {
			change: func(w *guardWorld) { w.without(1, "required_status_checks") }, want: "fail medium no-checks" + restFine,
		},
		"a list of checks that is empty": {
			change: func(w *guardWorld) {
				w.without(1, "required_status_checks")
				w.alter(1, func(rules []fact.Rule) []fact.Rule { return append(rules, fact.Rule{Type: "required_status_checks"}) })
			},
			want: "fail medium no-checks" + restFine,
		},
		"no signatures, where the stage wants them": {
			change: func(w *guardWorld) { w.without(1, "required_signatures") }, want: "fail medium unsigned" + restFine,
		},
		"a ruleset that is only evaluated": {
			change: func(w *guardWorld) { w.set(1).Enforcement = "evaluate" },
			want:   "fail critical unreviewed\nfail high history-can-change\nfail medium no-checks\nfail medium unsigned" + restFine,
			says:   []string{`"set 1"`, `"evaluate"`, "guards nothing", "gh api repos/acme/shop/rulesets/1 --jq", "gh api --method PUT repos/acme/shop/rulesets/1 --input -", "bypass_actors", `.enforcement = "active"`},
		},
		"a disabled ruleset of the organisation": {
			change: func(w *guardWorld) { w.set(1).Enforcement = "disabled"; w.set(1).Source = "acme" },
			want:   "fail critical unreviewed\nfail high history-can-change\nfail medium no-checks\nfail medium unsigned" + restFine,
			says:   []string{"gh api orgs/acme/rulesets/1 --jq"},
		},
		"a disabled ruleset of an enterprise": {
			change: func(w *guardWorld) { w.set(1).Enforcement = "disabled"; w.set(1).Source = "bigcorp" },
			want:   "fail critical unreviewed\nfail high history-can-change\nfail medium no-checks\nfail medium unsigned" + restFine,
			says:   []string{`whoever owns the rulesets of "bigcorp"`},
		},
		"the branches of a pattern are not all covered": {
			change: func(w *guardWorld) {
				w.set(2).Refs = known(fact.RulesetRefs{Include: []string{"refs/heads/support/*"}})
			},
			want: "support fail high history-can-change\nsupport fail high unreviewed\nsupport fail medium no-checks\npass high",
			says: []string{`such as "support/`, "Classic rules of branch protection", `"refs/heads/support/**/*"`},
		},
		"one of them is excluded": {
			change: func(w *guardWorld) {
				w.set(2).Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}, Exclude: []string{"refs/heads/support/old"}})
			},
			want: "support fail high history-can-change\nsupport fail high unreviewed\nsupport fail medium no-checks\npass high", says: []string{`such as "support/old"`},
		},
		"a ruleset for tags": {
			change: func(w *guardWorld) { w.set(2).Target = "tag" },
			want:   "support fail high history-can-change\nsupport fail high unreviewed\nsupport fail medium no-checks\npass high",
		},
		"a private repository": {
			change: func(w *guardWorld) { w.without(1, "deletion"); w.settings.Visibility = "private" },
			want:   "fail high history-can-change" + restFine, says: []string{"The repository is private", "GitHub Pro, Team or Enterprise"},
		},
		"the rulesets are not known": {
			change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedRulesets}} },
			want:   "support unknown high not-asked\npass high",
		},
		"the branch is not known, and no ruleset proves it": {
			change: func(w *guardWorld) {
				w.lost = []fact.Need{{Kind: fact.NeedBranch, Key: "$default-branch"}}
				w.without(1, "deletion")
			},
			want: "unknown high not-asked" + restFine,
		},
		"the answer is about another branch": {
			change: func(w *guardWorld) {
				w.without(1, "deletion")
				w.branches = map[string]fact.Known[fact.BranchGuard]{"$default-branch": known(fact.BranchGuard{Name: "other", Rules: []fact.Rule{{Type: "deletion"}}})}
			},
			want: "unknown high inconsistent" + restFine,
		},
		"the repository is not known": {
			change: func(w *guardWorld) { w.unnamed = true },
			want:   "unknown critical inconsistent" + restFine,
		},
		"a classic rule that the token is not shown": {
			change: func(w *guardWorld) { w.without(1, "deletion"); w.classic = &whole; w.hidden = true },
			want:   "unknown high forbidden" + restFine, says: []string{"gh auth token"},
		},
		"the rules of a ruleset are not shown": {
			change: func(w *guardWorld) { w.set(2).Rules = forbidden[[]fact.Rule]() },
			want:   "support unknown high forbidden\npass high",
		},
		"what a ruleset is for is not shown": {
			change: func(w *guardWorld) { w.set(2).Refs = forbidden[fact.RulesetRefs]() },
			want:   "support unknown high forbidden\npass high",
		},
		"a classic rule that lets force pushes through": {
			change: func(w *guardWorld) { w.drop(1); rule := whole; rule.ForcePush = true; w.classic = &rule }, want: "fail high history-can-change" + restFine,
		},
		"a classic rule without an approval": {
			change: func(w *guardWorld) { w.drop(1); rule := whole; rule.Reviews = &fact.ReviewRule{}; w.classic = &rule }, want: "fail critical unreviewed" + restFine,
		},
		"a classic rule alone": {change: func(w *guardWorld) { w.drop(1); w.classic = &whole }, want: "pass high" + restFine},
		"a ruleset proves it beside a classic rule that is not shown": {
			change: func(w *guardWorld) { w.classic = &whole; w.hidden = true }, want: "pass high" + restFine,
		},
		"the branch is not known, but the rulesets prove it": {
			change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedBranch, Key: "$default-branch"}} }, want: "pass high" + restFine,
		},
		"two rulesets together": {
			change: func(w *guardWorld) {
				w.without(1, "deletion")
				other := branchSet(9, "refs/heads/main")
				other.Rules = known([]fact.Rule{{Type: "deletion"}})
				w.sets = append(w.sets, other)
			},
			want: "pass high" + restFine,
		},
		"all is guarded": {want: "pass high" + restFine},
	})
}

func TestChecksOfThePolicyAreAskedOfABranch(t *testing.T) {
	t.Parallel()
	const text = "version: 1\nstages:\n  - name: staging\n    from: { branches: [$default-branch] }\n    gates: { reviewed: {}, checks-passed: { checks: [{ name: tests, workflow: .github/workflows/ci.yml }, { name: 'e2e & more', workflow: .github/workflows/ci.yml }] } }\n"
	w := guarded()
	w.without(1, "required_status_checks")
	points := guardPoints(t, rulesOf(t, text), w.facts(), "branches-guarded")
	if got := guardLines(points); got != "fail medium no-checks" || len(points[0].Commands) != 1 || !strings.Contains(points[0].Commands[0], `[{"context":"tests"},{"context":"e2e \u0026 more"}]`) {
		t.Errorf("%s: %+v", got, points)
	}
}

// A ruleset that asks for a check which no pull request starts lets nobody merge.
func TestChecksThatNoPullRequestStartsAreNotAskedOfABranch(t *testing.T) {
	t.Parallel()
	const text = "version: 1\nstages:\n  - name: staging\n    from: { branches: [$default-branch] }\n    gates: { reviewed: {}, checks-passed: { checks: [{ name: tests, workflow: .github/workflows/ci.yml }, { name: smoke, workflow: .github/workflows/deploy.yml }] } }\n"
	const job = "\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: ./a.sh }] } }\n"
	for pulls, want := range map[string]string{"on: pull_request": `[{"context":"tests"}]`, "on: push": `[{"context":"NAME OF A CHECK"}]`} {
		w := guarded()
		w.without(1, "required_status_checks")
		facts := w.facts()
		facts.Workflows = known([]fact.WorkflowFile{{Path: ".github/workflows/ci.yml", Text: pulls + job}, {Path: ".github/workflows/deploy.yml", Text: "on: push" + job}})
		point := guardPoints(t, rulesOf(t, text), facts, "branches-guarded")[0]
		if ruleset := point.Commands[len(point.Commands)-1]; point.Code != "no-checks" || !strings.Contains(ruleset, want) {
			t.Errorf("%s: %+v", pulls, point)
		}
	}
}

func TestBranchesOfAStageThatNamesTheDefaultBranch(t *testing.T) {
	t.Parallel()
	const text = "version: 1\nstages:\n  - name: staging\n    from: { branches: [main, next] }\n    gates: { signed-commit: { by: maintain } }\n"
	w := guarded()
	w.branches = map[string]fact.Known[fact.BranchGuard]{"main": known(w.mainGuard()), "next": known(fact.BranchGuard{Name: "next"})}
	points := guardPoints(t, rulesOf(t, text), w.facts(), "branches-guarded")
	const want = "staging fail high history-can-change\nstaging fail medium no-checks\nstaging fail medium unsigned\nstaging fail low unreviewed\npass high"
	if got := guardLines(points); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAPolicyThatAsksForNothingHasNothingToGuard(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, "version: 1\nstages:\n  - name: dev\n    from: { branches: [dev], tags: [x] }\n    unrestricted: true\n")
	for _, check := range []string{"branches-guarded", "tags-guarded", "guards-bind-all", "policy-owned", "merges-signed", "secrets-apart"} {
		if got := guardLines(guardPoints(t, rules, guardWorld{}.facts(), check)); got != "skip low not-applicable" {
			t.Errorf("%s: %s", check, got)
		}
	}
}

func TestALockedBranchKeepsItsHistory(t *testing.T) {
	t.Parallel()
	for locked, want := range map[bool]bool{true: false, false: true} {
		w := guarded()
		w.drop(1)
		w.classic = &fact.Protection{ForcePush: true, Locked: locked}
		points := guardPoints(t, rulesOf(t, guardedPolicy), w.facts(), "branches-guarded")
		if got := slices.ContainsFunc(points, func(point verdict.Point) bool { return point.Code == "history-can-change" }); got != want {
			t.Errorf("locked %v: the history can change: %v", locked, got)
		}
	}
}

// Two demands that one rule meets are one rule of the command.
func TestARuleIsThereOnce(t *testing.T) {
	t.Parallel()
	w := guarded()
	w.reviews(1, func(rule *fact.Rule) { rule.LastPush, rule.DismissStale = false, false })
	point := guardPoints(t, rulesOf(t, guardedPolicy), w.facts(), "branches-guarded")[0]
	if got := strings.Count(strings.Join(point.Commands, ""), `"type":"pull_request"`); point.Code != "weak-review" || got != 1 {
		t.Errorf("%d times: %+v", got, point)
	}
}

func TestABranchWithoutANameIsNotTheDefaultBranch(t *testing.T) {
	t.Parallel()
	w := guarded()
	guard := w.mainGuard()
	guard.Name = ""
	w.unnamed, w.branches = true, map[string]fact.Known[fact.BranchGuard]{"$default-branch": known(guard)}
	for _, point := range guardPoints(t, rulesOf(t, guardedPolicy), w.facts(), "branches-guarded") {
		if point.Outcome == verdict.Pass && strings.Contains(point.Reason, "default branch") {
			t.Error(point.Reason)
		}
	}
}
