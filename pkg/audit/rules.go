package audit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/refglob"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// target is what has to be guarded: a branch, or the branches or tags of a
// pattern.
type target struct {
	// stage is the stage that takes them; "" for the default branch, from which
	// the policy is read whatever the stage.
	stage   string
	kind    fact.RefKind
	pattern stage.Pattern
	// only narrows the pattern to versions, as the stage does: those of its project.
	only    refglob.Versions
	project string
	// signed is true where a stage takes no commit of it without a signature.
	signed bool
}

// isDefault reports whether the target is the default branch.
func (t target) isDefault() bool { return t.pattern.String() == stage.DefaultBranch }

// oneBranch reports whether GitHub can be asked what holds for the target.
func (t target) oneBranch() bool { return t.kind == fact.Branch && t.pattern.Literal() }

// String returns the target as a reason begins with it.
func (t target) String() string {
	switch {
	case t.isDefault():
		return "the default branch"
	case t.oneBranch():
		return fmt.Sprintf("the branch %+q", t.pattern)
	case t.kind == fact.Branch:
		return fmt.Sprintf("the branches %+q", t.pattern)
	}
	return fmt.Sprintf("the tags %+q", t.pattern)
}

// restricted returns the stages that ask for something, hotfix lanes among them.
func restricted(rules policy.Policy) []policy.Stage {
	return slices.DeleteFunc(slices.Clone(rules.Stages), func(s policy.Stage) bool { return s.Unrestricted })
}

// enforces reports whether a stage enforces one of the gates.
func enforces(s policy.Stage, gates ...gate.Gate) bool {
	return slices.ContainsFunc(s.Gates, func(each policy.Gate) bool {
		return each.Mode == verdict.Enforce && slices.ContainsFunc(gates, func(asked gate.Gate) bool { return asked.ID == each.Check.ID })
	})
}

// branchTargets returns the branches that have to be guarded: the default branch
// first, then what stages take beside it. Where the name of the default branch is
// known, a stage that takes it by name takes the default branch.
func branchTargets(rules policy.Policy, defaultBranch string) []target {
	var others []target
	first := target{kind: fact.Branch, pattern: defaultPattern()}
	for _, each := range restricted(rules) {
		signed := enforces(each, gate.SignedCommit)
		if len(each.Rule.Branches) == 0 { // the commits of its tags come from there
			first.signed = first.signed || signed
		}
		for _, pattern := range each.Rule.Branches {
			if pattern.Literal() && pattern.Match(defaultBranch, defaultBranch) || pattern.String() == stage.DefaultBranch {
				first.signed = first.signed || signed
				continue
			}
			others = append(others, target{stage: each.Name, kind: fact.Branch, pattern: pattern, signed: signed})
		}
	}
	if len(restricted(rules)) == 0 {
		return nil
	}
	return append([]target{first}, others...)
}

// tagTargets returns the tags that have to be guarded.
func tagTargets(rules policy.Policy) []target {
	var targets []target
	for _, each := range restricted(rules) {
		only := map[stage.Versions]refglob.Versions{stage.AnyTag: refglob.AnyName, stage.Releases: refglob.Releases, stage.Prereleases: refglob.Prereleases}[each.Rule.Versions]
		for _, pattern := range each.Rule.Tags {
			targets = append(targets, target{stage: each.Name, kind: fact.TagRef, pattern: pattern, only: only, project: each.Rule.Project, signed: enforces(each, gate.SignedTag)})
		}
	}
	return targets
}

// defaultPattern is the pattern of the default branch.
func defaultPattern() stage.Pattern {
	pattern, err := stage.ParsePattern(stage.DefaultBranch)
	if err != nil {
		return stage.Pattern{} // the word is the package's own
	}
	return pattern
}

// guardNeeds returns the facts that say how the branches are guarded.
func guardNeeds(rules policy.Policy) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedRulesets}, {Kind: fact.NeedSettings}}
	for _, each := range branchTargets(rules, "") {
		if each.oneBranch() {
			needs = append(needs, fact.Need{Kind: fact.NeedBranch, Key: each.pattern.String()})
		}
	}
	return needs
}

// demand is one thing that has to hold for a target.
type demand struct {
	// lack says what is possible where it does not hold, after "…: ".
	lack string
	// rule reports whether a rule of a ruleset, classic whether a classic rule,
	// sees to it; classic is nil for tags, which have none.
	rule    func(fact.Rule) bool
	classic func(fact.Protection) bool
	// mend is the rule that brings it about.
	mend ruleBody
}

// ofType returns what reports whether a rule is of one of the types.
func ofType(types ...string) func(fact.Rule) bool {
	return func(rule fact.Rule) bool { return slices.Contains(types, rule.Type) }
}

// answer is whether a demand is met. The zero answer is unknown.
type answer struct {
	outcome verdict.Outcome // Pass, Fail or Unknown
	// example is a name for which it is not met, where the target has many.
	example string
	missing *fact.Missing
}

func (a answer) yes() bool { return a.outcome == verdict.Pass }

func (a answer) no() bool { return a.outcome == verdict.Fail }

// everySet keeps all rulesets.
func everySet(int64) bool { return true }

// held says whether a demand is met by the rulesets that keep keeps, or by a
// classic rule that the second function accepts.
func (in Input) held(t target, d demand, keep func(id int64) bool, binds func(fact.Protection) bool) answer {
	if !t.oneBranch() {
		return in.heldByRulesets(t, d, keep)
	}
	guard, missing := in.branch(t)
	if missing != nil {
		if found := in.heldByRulesets(t, d, keep); found.yes() {
			return found
		}
		return answer{missing: missing}
	}
	if slices.ContainsFunc(guard.Rules, func(rule fact.Rule) bool { return d.rule(rule) && keep(rule.Ruleset) }) {
		return answer{outcome: verdict.Pass}
	}
	if !guard.Protected {
		return answer{outcome: verdict.Fail}
	}
	classic, missing := guard.Protection.Get()
	switch {
	case missing != nil:
		return answer{missing: missing}
	case d.classic(classic) && binds(classic):
		return answer{outcome: verdict.Pass}
	}
	return answer{outcome: verdict.Fail}
}

// anyClassic accepts every classic rule.
func anyClassic(fact.Protection) bool { return true }

// met says whether a demand is met at all.
func (in Input) met(t target, d demand) answer { return in.held(t, d, everySet, anyClassic) }

// branch returns how one branch is guarded. An answer about another branch is
// none.
func (in Input) branch(t target) (fact.BranchGuard, *fact.Missing) {
	guard, missing := in.Facts.Branches[t.pattern.String()].Get()
	want := t.pattern.String()
	if t.isDefault() {
		want = in.Repository.DefaultBranch
	}
	if missing == nil && (guard.Name != want || want == "") {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked about the branch %+q, the answer is about %+q", want, guard.Name)}
	}
	return guard, missing
}

// heldByRulesets says whether the active rulesets that keep keeps meet a demand
// for every name of a target.
func (in Input) heldByRulesets(t target, d demand, keep func(id int64) bool) answer {
	all, missing := in.Facts.Rulesets.Get()
	if missing != nil {
		return answer{missing: missing}
	}
	var sets []fact.RulesetRefs
	var unsure *fact.Missing
	for _, each := range all {
		if each.Target != string(t.kind) || each.Enforcement != active || !keep(each.ID) {
			continue
		}
		refs, missing := ruleFor(each, d)
		if missing != nil {
			unsure = missing
		} else if refs != nil {
			sets = append(sets, *refs)
		}
	}
	example, covered, err := in.covered(sets, t)
	switch {
	case err != nil:
		return answer{missing: &fact.Missing{Reason: fact.Incomplete, Detail: err.Error()}}
	case covered:
		return answer{outcome: verdict.Pass}
	case unsure != nil:
		return answer{missing: unsure}
	}
	return answer{outcome: verdict.Fail, example: example}
}

// The words of GitHub for how a ruleset is enforced: of them only active guards.
const active = "active"

// ruleFor returns for which names a ruleset meets a demand; nil where it does not.
func ruleFor(set fact.Ruleset, d demand) (*fact.RulesetRefs, *fact.Missing) {
	rules, missing := set.Rules.Get()
	if missing != nil {
		return nil, missing
	}
	if !slices.ContainsFunc(rules, d.rule) {
		return nil, nil //nolint:nilnil // neither a fault nor a rule
	}
	refs, missing := set.Refs.Get()
	if missing != nil {
		return nil, missing
	}
	return &refs, nil
}

// asleep returns the rulesets that would meet all the demands for a target if
// they were active, by their number.
func (in Input) asleep(t target, demands []demand) []fact.Ruleset {
	var found []fact.Ruleset
	for _, each := range in.Facts.Rulesets.OrZero() {
		if each.Enforcement == active || each.Target != string(t.kind) || len(demands) == 0 {
			continue
		}
		would := !slices.ContainsFunc(demands, func(d demand) bool {
			refs, missing := ruleFor(each, d)
			if missing != nil || refs == nil {
				return true
			}
			_, covered, err := in.covered([]fact.RulesetRefs{*refs}, t)
			return err != nil || !covered
		})
		if would {
			found = append(found, each)
		}
	}
	order.By(found, func(a, b fact.Ruleset) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// planLimit says on which plans of GitHub's rulesets hold, where the repository
// is not public.
func (in Input) planLimit() string {
	settings := in.Facts.Settings.OrZero()
	if settings.Visibility == "" || settings.Visibility == "public" {
		return ""
	}
	return fmt.Sprintf("The repository is %s: GitHub applies rulesets and branch protection there only with GitHub Pro, Team or Enterprise.", settings.Visibility)
}
