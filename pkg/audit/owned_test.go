package audit_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

func TestPolicyOwned(t *testing.T) {
	t.Parallel()
	place := func(where, text string) func(*guardWorld) {
		return func(w *guardWorld) { w.files = map[string]string{where: text} }
	}
	lose := func(kind fact.Kind, key string) func(*guardWorld) {
		return func(w *guardWorld) { w.lost = []fact.Need{{Kind: kind, Key: key}} }
	}
	guardRows(t, "policy-owned", map[string]guardRow{
		"no CODEOWNERS file":                             {change: func(w *guardWorld) { w.files = nil }, want: "fail high no-owners", says: []string{"there is no CODEOWNERS file", "/.github/ @acme/maintainers to .github/CODEOWNERS"}},
		"a file that owns other things":                  {change: place("CODEOWNERS", "/src/ @ben\n"), want: "fail high no-owners", says: []string{`".github/stageward.yml"`, `".github/workflows/deploy.yml"`, "by CODEOWNERS nobody owns"}},
		"the workflows have owners, the policy has none": {change: place("CODEOWNERS", "/.github/workflows/ @ben\nCODEOWNERS @ben\n"), want: "fail high no-owners", says: []string{`nobody owns ".github/stageward.yml"`}},
		"one workflow has none": {
			change: place(".github/CODEOWNERS", "/.github/ @ben\n/.github/workflows/deploy.yml\n"), want: "fail high no-owners", says: []string{`nobody owns ".github/workflows/deploy.yml"`},
		},
		"a workflow that is added has none": {
			change: place(".github/CODEOWNERS", "/.github/* @ben\n/.github/workflows/deploy.yml @ben\n"), want: "fail high no-owners", says: []string{`".github/workflows/another.yml"`},
		},
		"a workflow with the other end has none": {
			change: place(".github/CODEOWNERS", "/.github/ @ben\n*.yaml\n"), want: "fail high no-owners", says: []string{`nobody owns ".github/workflows/new.yaml"`},
		},
		"owners of all workflows that end in yml": {
			change: place(".github/CODEOWNERS", "/.github/stageward.yml @ben\n/.github/workflows/*.yml @ben\n/.github/CODEOWNERS @ben\n"), want: "fail high no-owners", says: []string{`".github/workflows/new.yaml"`},
		},
		"a file that GitHub does not load": {
			change: place(".github/CODEOWNERS", strings.Repeat("#\n", 1_500_000)+"* @ben\n"), want: "fail high no-owners", says: []string{"so large that GitHub does not load it"},
		},
		"the CODEOWNERS file itself has none": {
			change: place(".github/CODEOWNERS", "/.github/ @ben\n/.github/CODEOWNERS\n"), want: "fail high no-owners", says: []string{`nobody owns ".github/CODEOWNERS"`},
		},
		"a file that would come before the one that counts": {
			change: place("CODEOWNERS", "* @ben\n/.github/CODEOWNERS\n"), want: "fail high no-owners", says: []string{`nobody owns ".github/CODEOWNERS"`},
		},
		"the second file does not count": {
			change: func(w *guardWorld) {
				w.files = map[string]string{".github/CODEOWNERS": "/src/ @ben\n", "CODEOWNERS": "* @ben\n"}
			}, want: "fail high no-owners",
		},
		"a line that GitHub skips": {
			change: place(".github/CODEOWNERS", "/.github/ @ben\n!/x @ben\n"), want: "fail high owners-unreadable", says: []string{"line 2", "gh api repos/acme/shop/codeowners/errors"},
		},
		"the owners are not asked": {
			change: func(w *guardWorld) { w.reviews(1, func(rule *fact.Rule) { rule.CodeOwners = false }) }, want: "fail high owners-not-asked",
			says: []string{"without the review of one", `"require_code_owner_review":true`},
		},
		"neither": {
			change: func(w *guardWorld) { w.files = nil; w.sets = nil }, want: "fail high no-owners\nfail high owners-not-asked",
		},
		"the first place is not known": {change: lose(fact.NeedFile, ".github/CODEOWNERS"), want: "unknown high not-asked"},
		"the second place is not known": {change: func(w *guardWorld) {
			lose(fact.NeedFile, "CODEOWNERS")(w)
			w.files = map[string]string{"docs/CODEOWNERS": "* @ben\n"}
		}, want: "unknown high not-asked"},
		"the workflows are not known": {change: lose(fact.NeedWorkflows, ""), want: "unknown high not-asked"},
		"the branch is not known":     {change: func(w *guardWorld) { lose(fact.NeedBranch, "$default-branch")(w); w.sets = nil }, want: "unknown high not-asked"},
		"a classic rule that asks them": {
			change: func(w *guardWorld) {
				w.sets = nil
				w.classic = &fact.Protection{Reviews: &fact.ReviewRule{CodeOwners: true}}
			}, want: "pass high",
		},
		"a file in docs":     {change: place("docs/CODEOWNERS", "* @ben\n"), want: "pass high"},
		"all is owned":       {want: "pass high"},
		"all but the source": {change: place("CODEOWNERS", "/.github/ @ben\n/CODEOWNERS @ben\n"), want: "pass high"},
	})
}

func TestThePolicyIsOwnedWhereItIs(t *testing.T) {
	t.Parallel()
	w := guarded()
	facts := w.facts()
	file, _ := facts.Policy.Get()
	file.Path = "deploy/policy.yml"
	facts.Policy = known(file)
	points := guardPoints(t, rulesOf(t, guardedPolicy), facts, "policy-owned")
	if got := points[0].Reason; got != `by .github/CODEOWNERS nobody owns "deploy/policy.yml"` {
		t.Error(got)
	}
	facts.Policy = forbidden[fact.PolicyFile]()
	if got := guardLines(guardPoints(t, rulesOf(t, guardedPolicy), facts, "policy-owned")); got != "unknown high forbidden" {
		t.Error(got)
	}
}

func TestTheKeysOfSignersAreOwned(t *testing.T) {
	t.Parallel()
	const text = "version: 1\nsigners: { olga: [{ file: keys/olga.pub }] }\nrevoked-keys: [keys/revoked]\nstages:\n  - name: prod\n    from: { tags: ['v*'], versions: release }\n    gates: { signed-tag: { by: maintain, trust: keys } }\n"
	points := guardPoints(t, rulesOf(t, text), guarded().facts(), "policy-owned")
	if got := points[0].Reason; got != `by .github/CODEOWNERS nobody owns "keys/olga.pub", "keys/revoked"` {
		t.Error(got)
	}
}

func TestMergesSigned(t *testing.T) {
	t.Parallel()
	rebase := func(w *guardWorld) { w.settings.RebaseMerge = yes(); w.without(1, "required_signatures") }
	guardRows(t, "merges-signed", map[string]guardRow{
		"rebase merges are possible": {change: rebase, want: "fail medium rebase-merges", says: []string{"does not sign", "gh api --method PATCH repos/acme/shop -F allow_rebase_merge=false"}},
		"only rebase merges are possible": {
			change: func(w *guardWorld) { rebase(w); w.settings.SquashMerge, w.settings.MergeCommit = no(), no() }, want: "fail medium rebase-merges", says: []string{"-F allow_rebase_merge=false -F allow_merge_commit=true"},
		},
		"merge commits are possible, too": {
			change: func(w *guardWorld) { rebase(w); w.settings.SquashMerge, w.settings.MergeCommit = no(), yes() }, want: "fail medium rebase-merges", says: []string{"-F allow_rebase_merge=false\n"},
		},
		"a rule lists rebase, too": {
			change: func(w *guardWorld) {
				rebase(w)
				w.reviews(1, func(rule *fact.Rule) { rule.MergeMethods = []string{"squash", "rebase"} })
			}, want: "fail medium rebase-merges",
		},
		"a rule that is only evaluated": {
			change: func(w *guardWorld) {
				rebase(w)
				w.reviews(1, func(rule *fact.Rule) { rule.MergeMethods = []string{"squash"} })
				w.set(1).Enforcement = "evaluate"
			},
			want: "fail medium rebase-merges",
		},
		"GitHub does not show how": {change: func(w *guardWorld) { rebase(w); w.settings.RebaseMerge = nil }, want: "unknown medium forbidden", says: []string{"who can push"}},
		"the settings are not known": {
			change: func(w *guardWorld) { rebase(w); w.lost = []fact.Need{{Kind: fact.NeedSettings}} }, want: "unknown medium not-asked",
		},
		"the branch is not known": {
			change: func(w *guardWorld) { rebase(w); w.lost = []fact.Need{{Kind: fact.NeedBranch, Key: "$default-branch"}} }, want: "unknown medium not-asked",
		},
		"a rule leaves squashes only": {
			change: func(w *guardWorld) {
				rebase(w)
				w.reviews(1, func(rule *fact.Rule) { rule.MergeMethods = []string{"squash"} })
			}, want: "pass medium",
		},
		"unsigned commits are refused": {change: func(w *guardWorld) { w.settings.RebaseMerge = yes() }, want: "pass medium"},
		"they are turned off": {change: func(w *guardWorld) {
			w.without(1, "required_signatures")
			w.lost = []fact.Need{{Kind: fact.NeedRulesets}}
		}, want: "pass medium"},
	})
}

func TestMergesMatterOnlyWhereCommitsHaveToBeSigned(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"    from: { branches: [$default-branch] }\n    gates: { signed-commit: { by: maintain, mode: warn }, checks-passed: { all: true } }\n": "skip low not-applicable",
		"    from: { branches: [$default-branch] }\n    gates: { checks-passed: { all: true } }\n":                                              "skip low not-applicable",
		"    from: { tags: ['v*'], versions: release }\n    gates: { signed-commit: { by: maintain } }\n":                                       "fail medium rebase-merges",
		"    from: { branches: ['support/**'] }\n    gates: { signed-commit: { by: maintain } }\n":                                              "prod fail medium rebase-merges",
	} {
		w := guarded()
		w.settings.RebaseMerge = yes()
		w.without(1, "required_signatures")
		w.without(2, "required_signatures")
		if got := guardLines(guardPoints(t, rulesOf(t, "version: 1\nstages:\n  - name: prod\n"+text), w.facts(), "merges-signed")); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestSecretsApart(t *testing.T) {
	t.Parallel()
	const fine = "\nstaging pass low\nsupport pass low\nprod pass low"
	guardRows(t, "secrets-apart", map[string]guardRow{
		"the repository has one that an environment has": {
			change: func(w *guardWorld) { w.secrets[""] = []string{"OTHER", "KEY"} }, want: "fail high same-name" + fine,
			says: []string{"any workflow on any branch can read KEY", `the environment "prod"`, "gh secret delete KEY --repo acme/shop"},
		},
		"the repository has some": {
			change: func(w *guardWorld) { w.secrets[""] = []string{"CODECOV", "AWS"} }, want: "fail medium repository-secrets" + fine,
			says: []string{"readable by any workflow on any branch: AWS, CODECOV", "gh secret set AWS --env prod --repo acme/shop", "gh secret delete AWS --repo acme/shop"},
		},
		"one is missing in a stage": {
			change: func(w *guardWorld) { w.secrets["prod"] = []string{"KEY", "PAGER"} }, want: "staging fail low missing-secret\nsupport fail low missing-secret\npass medium\nprod pass low",
			says: []string{`the environment "staging" has no PAGER (there is one in "prod")`, "gh secret set PAGER --env staging --repo acme/shop"},
		},
		"one is missing that two others have": {
			change: func(w *guardWorld) {
				w.secrets["support"] = []string{"KEY", "PAGER"}
				w.secrets["prod"] = []string{"KEY", "PAGER"}
			},
			want: "staging fail low missing-secret\npass medium\nsupport pass low\nprod pass low", says: []string{"no PAGER (there is one in \"support\")\n"},
		},
		"the repository has one that an environment has in other letters": {
			change: func(w *guardWorld) { w.secrets[""] = []string{"key"} }, want: "fail high same-name" + fine,
		},
		"those of the repository are not shown": {
			change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedSecrets}} }, want: "unknown medium not-asked" + fine, says: []string{"gh auth token"},
		},
		"those of one environment are not shown": {
			change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedSecrets, Key: "prod"}} },
			want:   "staging unknown low not-asked\nsupport unknown low not-asked\nprod unknown low not-asked\npass medium",
		},
		"an environment is not there, and those of the others are": {
			change: func(w *guardWorld) {
				delete(w.secrets, "prod")
				w.envs = map[string]fact.Environment{"prod": {Name: "prod"}}
			},
			want: "pass medium\nstaging pass low\nsupport pass low\nprod skip low not-applicable",
		},
		"a name that a shell would read": {
			change: func(w *guardWorld) { w.secrets[""] = []string{"$(id)'"} }, want: "fail medium repository-secrets" + fine, says: []string{`gh secret set '$(id)'\''' --env prod`},
		},
		"each stage has its own": {want: "pass medium" + fine},
	})
}

func TestPlanAllows(t *testing.T) {
	t.Parallel()
	private := func(w *guardWorld) { w.settings.Visibility = "private" }
	guardRows(t, "plan-allows", map[string]guardRow{
		"a private repository in which nothing proves anything": {
			change: func(w *guardWorld) { private(w); w.sets = nil }, want: "unknown low forbidden",
			says: []string{"it is private", "GitHub Pro, Team or Enterprise", "GitHub Enterprise", "gh api orgs/acme --jq .plan.name"},
		},
		"that of a person":                         {change: func(w *guardWorld) { private(w); w.settings.OwnerKind = fact.User }, want: "unknown low forbidden", says: []string{"gh api user --jq .plan.name"}},
		"one that only the company sees":           {change: func(w *guardWorld) { w.settings.Visibility = "internal" }, want: "unknown low forbidden", says: []string{"it is internal"}},
		"rules are in force":                       {change: private, want: "unknown low forbidden", says: []string{"reviewers and wait timers"}},
		"GitHub does not say whether it is public": {change: func(w *guardWorld) { w.settings.Visibility = "" }, want: "unknown low incomplete"},
		"the settings are not known":               {change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedSettings}} }, want: "unknown low not-asked"},
		"rules and reviewers are in force": {
			change: func(w *guardWorld) {
				private(w)
				w.envs = map[string]fact.Environment{"prod": {Name: "prod", Exists: true, WaitMinutes: 5}}
			}, want: "pass low",
		},
		"a public repository": {want: "pass low"},
	})
}

// A hotfix lane has the environment of the stage that it leads to.
func TestALaneHasNoSecretsOfItsOwn(t *testing.T) {
	t.Parallel()
	const lane = "  - name: fix\n    hotfix-for: prod\n    from: { branches: [\"hotfix/**\"] }\n    gates: { signed-commit: { by: maintain } }\n"
	for _, point := range guardPoints(t, rulesOf(t, guardedPolicy+lane), guarded().facts(), "secrets-apart") {
		if point.Stage == "fix" {
			t.Error(point.Reason)
		}
	}
}
