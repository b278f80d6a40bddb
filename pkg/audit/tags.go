package audit

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// TagsGuarded holds where nobody can move or delete a tag that a stage takes.
var TagsGuarded = register(Check{
	ID:       "tags-guarded",
	Title:    "The tags of restricted stages are guarded",
	Why:      "A tag that can be moved or deleted names another commit tomorrow: what was approved and tested is then not what its name stands for.",
	Severity: verdict.High,
	Needs: func(policy.Policy) []fact.Need {
		return []fact.Need{{Kind: fact.NeedRulesets}, {Kind: fact.NeedSettings}}
	},
	Ask: func(in Input) []verdict.Point {
		targets := tagTargets(in.Rules)
		if len(targets) == 0 {
			return []verdict.Point{about{"", verdict.Low}.beside("no restricted stage of the policy takes tags")}
		}
		return in.guarded(targets, in.tagTopics)
	},
})

// tagChanges are what keeps a tag where it is. Against force pushes alone it can
// still be moved to a later commit; that is told apart.
func tagChanges() []demand {
	return []demand{
		{lack: "a tag can be moved", rule: ofType("update", "non_fast_forward"), mend: ruleBody{Type: "update"}},
		{lack: "a tag can be deleted, and made again elsewhere", rule: ofType("deletion"), mend: ruleBody{Type: "deletion"}},
	}
}

// movesAhead is what keeps a tag from later commits, too.
func movesAhead() demand {
	return demand{
		lack: "a tag can be moved to a later commit: only force pushes are blocked, and this is none",
		rule: ofType("update"), mend: ruleBody{Type: "update"},
	}
}

// tagTopics returns what has to hold for tags.
func (in Input) tagTopics(t target) []topic {
	created := topic{
		code: "anyone-creates", severity: verdict.Medium, about: "new tags", bypass: in.makers(),
		demands: []demand{{lack: "everybody with write access can make one", rule: ofType("creation"), mend: ruleBody{Type: "creation"}}},
		fix:     " It has a ruleset of its own, because those who may make tags bypass it; add to bypass_actors who else may.",
	}
	if t.signed {
		created.severity = verdict.Low // the gate asks whose tag it is
	}
	return []topic{
		{code: "tags-can-change", severity: verdict.High, about: "existing tags", demands: tagChanges()},
		{code: "tags-move-ahead", instead: "tags-can-change", severity: verdict.Medium, about: "where they point", demands: []demand{movesAhead()}},
		created,
	}
}

// makers are the roles that make tags. The repository of a person has no role
// maintain.
func (in Input) makers() []bypassBody {
	makers := []bypassBody{{ID: adminRole, Kind: roleKind, Mode: always}}
	if settings, missing := in.Facts.Settings.Get(); missing == nil && settings.OwnerKind == fact.OtherKind {
		makers = append(makers, bypassBody{ID: maintainRole, Kind: roleKind, Mode: always})
	}
	return makers
}
