package gather

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

// Estate answers how the repository is set up, and by what it is guarded.
type Estate interface {
	// Environment returns the environment of a name; that there is none is an answer.
	Environment(ctx context.Context, name string) fact.Known[fact.Environment]
	// Secrets returns the names of the secrets of an environment; "" stands for
	// those of the repository.
	Secrets(ctx context.Context, environment string) fact.Known[[]string]
	Settings(ctx context.Context) fact.Known[fact.Settings]
	Rulesets(ctx context.Context) fact.Known[[]fact.Ruleset]
	// Branch returns how a branch is guarded.
	Branch(ctx context.Context, name string) fact.Known[fact.BranchGuard]
	// Workflows returns the files of .github/workflows at the tip of the default branch.
	Workflows(ctx context.Context) fact.Known[[]fact.WorkflowFile]
	Collaborators(ctx context.Context) fact.Known[[]fact.Collaborator]
}

// aboutEstate returns the questions about how the repository is set up.
func (w *wave) aboutEstate(need fact.Need) []question {
	source := w.source
	switch need.Kind { //nolint:exhaustive // the others are asked elsewhere; TestEveryKindIsAskedFor sees to it
	case fact.NeedEnvironment:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[fact.Environment] { return facts.Environments },
			func(ctx context.Context) fact.Known[fact.Environment] { return source.Environment(ctx, need.Key) })
	case fact.NeedSecrets:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[[]string] { return facts.Secrets },
			func(ctx context.Context) fact.Known[[]string] { return source.Secrets(ctx, need.Key) })
	case fact.NeedSettings:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[fact.Settings] { return &facts.Settings }, source.Settings)
	case fact.NeedRulesets:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[[]fact.Ruleset] { return &facts.Rulesets }, source.Rulesets)
	case fact.NeedBranch:
		return w.aboutBranch(need.Key)
	case fact.NeedWorkflows:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[[]fact.WorkflowFile] { return &facts.Workflows }, source.Workflows)
	case fact.NeedCollaborators:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[[]fact.Collaborator] { return &facts.Collaborators }, source.Collaborators)
	}
	return nil
}

// aboutBranch asks how a branch is guarded, by the name that the need has for it.
func (w *wave) aboutBranch(key string) []question {
	branch := key
	if key == DefaultBranch {
		branch = w.facts.Repository.OrZero().DefaultBranch
	}
	if branch == "" {
		return nil
	}
	return keyed(w, fact.NeedBranch, key, func(facts *fact.Set) map[string]fact.Known[fact.BranchGuard] { return facts.Branches },
		func(ctx context.Context) fact.Known[fact.BranchGuard] { return w.source.Branch(ctx, branch) })
}
