package audit_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

func TestTagsGuarded(t *testing.T) {
	t.Parallel()
	guardRows(t, "tags-guarded", map[string]guardRow{
		"no ruleset at all": {
			change: func(w *guardWorld) { w.sets = nil }, want: "prod fail high tags-can-change\nprod fail low anyone-creates",
			says: []string{`the tags "v*"`, "a tag can be moved", "deleted", `such as "v`, `"refs/tags/v*"`, `"target": "tag"`, `"type":"update"`, `"type":"deletion"`},
		},
		"a ruleset that is only evaluated": {
			change: func(w *guardWorld) { w.set(3).Enforcement = "evaluate" }, want: "prod fail high tags-can-change",
			says: []string{`"set 3" would guard it if it were active`, `"evaluate"`, "gh api --method PUT repos/acme/shop/rulesets/3 --input -"},
		},
		"a disabled ruleset": {change: func(w *guardWorld) { w.set(3).Enforcement = "disabled" }, want: "prod fail high tags-can-change", says: []string{`"disabled"`}},
		"an enforcement that nobody knows": {
			change: func(w *guardWorld) { w.set(3).Enforcement = "ACTIVE" }, want: "prod fail high tags-can-change",
		},
		"a pattern that is too narrow": {
			change: func(w *guardWorld) { w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"refs/tags/v1.*"}}) },
			want:   "prod fail high tags-can-change", says: []string{`such as "v0.`},
		},
		"a pattern without refs/tags/": {
			change: func(w *guardWorld) { w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"v*"}}) }, want: "prod fail high tags-can-change",
		},
		"a tag that is excluded": {
			change: func(w *guardWorld) {
				w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}, Exclude: []string{"refs/tags/v1.0.0"}})
			},
			want: "prod fail high tags-can-change", says: []string{`such as "v1.0.0"`},
		},
		"what is excluded cannot be read": {
			change: func(w *guardWorld) {
				w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}, Exclude: []string{"~WHAT"}})
			},
			want: "prod unknown high incomplete",
		},
		"a ruleset for branches": {change: func(w *guardWorld) { w.set(3).Target = "branch" }, want: "prod fail high tags-can-change"},
		"tags can be deleted": {
			change: func(w *guardWorld) { w.without(3, "deletion") }, want: "prod fail high tags-can-change", says: []string{"can be deleted"},
		},
		"tags can be moved": {change: func(w *guardWorld) { w.without(3, "update") }, want: "prod fail high tags-can-change", says: []string{"can be moved"}},
		"only force pushes are blocked": {
			change: func(w *guardWorld) {
				w.alter(3, func([]fact.Rule) []fact.Rule { return []fact.Rule{{Type: "deletion"}, {Type: "non_fast_forward"}} })
			},
			want: "prod fail medium tags-move-ahead", says: []string{"a later commit", `"type":"update"`},
		},
		"everybody makes tags": {
			change: func(w *guardWorld) { w.drop(4) }, want: "prod fail low anyone-creates",
			says: []string{`"type":"creation"`, `"actor_id":5`, `"actor_id":2`, "bypass_actors"},
		},
		"everybody makes tags, in the repository of a person": {
			change: func(w *guardWorld) { w.drop(4); w.settings.OwnerKind = fact.User }, want: "prod fail low anyone-creates", says: []string{`"actor_id":5`},
		},
		"the rulesets are not known": {
			change: func(w *guardWorld) { w.lost = []fact.Need{{Kind: fact.NeedRulesets}} }, want: "prod unknown high not-asked", says: []string{"gh auth token"},
		},
		"the rules of the ruleset are not shown": {
			change: func(w *guardWorld) { w.set(3).Rules = forbidden[[]fact.Rule]() }, want: "prod unknown high forbidden",
		},
		"what the ruleset is for is not shown": {
			change: func(w *guardWorld) { w.set(3).Refs = forbidden[fact.RulesetRefs]() }, want: "prod unknown high forbidden",
		},
		"two rulesets, of which neither has what the other excludes": {
			change: func(w *guardWorld) {
				w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}, Exclude: []string{"refs/tags/v1*"}})
				w.sets = append(w.sets, tagSet(9, "refs/tags/v1.2*", "deletion", "update"))
			},
			want: "prod fail high tags-can-change", says: []string{`such as "v1.0.0"`},
		},
		"two rulesets, of which one has what the other excludes": {
			change: func(w *guardWorld) {
				w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}, Exclude: []string{"refs/tags/v1*"}})
				w.sets = append(w.sets, tagSet(9, "refs/tags/v1*", "deletion", "update"))
			},
			want: "prod pass high",
		},
		"a pattern for all versions, where the stage takes only those": {
			change: func(w *guardWorld) {
				w.set(3).Refs = known(fact.RulesetRefs{Include: []string{"refs/tags/v[0-9]*.[0-9]*.[0-9]*"}})
			}, want: "prod pass high",
		},
		"two rulesets, a rule each": {
			change: func(w *guardWorld) {
				w.without(3, "deletion")
				w.sets = append(w.sets, tagSet(9, "refs/tags/**/*", "deletion"))
			},
			want: "prod pass high",
		},
		"one that is not shown beside one that guards all": {
			change: func(w *guardWorld) {
				other := tagSet(9, "~ALL")
				other.Rules = forbidden[[]fact.Rule]()
				w.sets = append(w.sets, other)
			},
			want: "prod pass high",
		},
		"all is guarded": {want: "prod pass high"},
	})
}

func TestWhoMakesTagsMattersMoreWhereNoSignatureIsAsked(t *testing.T) {
	t.Parallel()
	const text = "version: 1\nstages:\n  - name: prod\n    from: { tags: ['v*'], versions: release }\n    gates: { checks-passed: { all: true } }\n"
	w := guarded()
	w.drop(4)
	if got := guardLines(guardPoints(t, rulesOf(t, text), w.facts(), "tags-guarded")); got != "prod fail medium anyone-creates" {
		t.Error(got)
	}
}

// The tags of a project have their versions behind its name, and are guarded like others.
func TestTheTagsOfAProjectHaveToBeGuarded(t *testing.T) {
	t.Parallel()
	const text = "version: 1\nprojects: { api: {} }\nstages:\n  - name: prod\n    environment: '{project}-production'\n    from: { tags: ['{project}/v*'], versions: release }\n    gates: { checks-passed: { all: true } }\n"
	rules := rulesOf(t, text).All()[0]
	for include, want := range map[string]string{"refs/tags/v*": "prod fail high tags-can-change", "refs/tags/api/v*": "prod pass high"} {
		w := guarded()
		w.set(3).Refs = known(fact.RulesetRefs{Include: []string{include}})
		w.set(4).Refs = known(fact.RulesetRefs{Include: []string{"~ALL"}})
		if got := guardLines(guardPoints(t, rules, w.facts(), "tags-guarded")); got != want {
			t.Errorf("%s: %s", include, got)
		}
	}
}

// The repository of a person has no role maintain, and GitHub refuses its number.
func TestWhoMakesTagsOfAPerson(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fact.PersonKind]bool{fact.User: false, fact.OtherKind: true} {
		w := guarded()
		w.drop(4)
		w.settings.OwnerKind = kind
		command := strings.Join(guardPoints(t, rulesOf(t, guardedPolicy), w.facts(), "tags-guarded")[0].Commands, "")
		if got := strings.Contains(command, `"actor_id":2`); got != want || !strings.Contains(command, `"actor_id":5`) {
			t.Errorf("%s: %s", kind, command)
		}
	}
}
