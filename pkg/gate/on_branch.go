package gate

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// OnBranch holds when a branch contains the commit. A commit that a
// repository can show need not be in it: GitHub serves those of every fork.
var OnBranch = register(Spec[onBranch]{
	ID:       "on-branch",
	Firm:     true,
	Title:    "The commit is on the branch",
	Since:    "0.1.0",
	Defaults: onBranch{Branch: stage.DefaultBranch},
	Validate: func(params onBranch, _ Terms) error { return params.validate() },
	Needs: func(params onBranch, _ Terms) []fact.Need {
		return []fact.Need{{Kind: fact.NeedContainment, Key: params.Branch}}
	},
	Suppose: supposesContainment,
	Check:   checkOnBranch,
})

type onBranch struct {
	Branch string `yaml:"branch" doc:"The branch that has to contain the commit: its name, or $default-branch."`
}

func (p onBranch) validate() error {
	switch {
	case p.Branch == stage.DefaultBranch:
		return nil
	case strings.HasPrefix(p.Branch, "$"):
		return fmt.Errorf("branch %q: the only word with a dollar sign is %s", p.Branch, stage.DefaultBranch)
	case strings.HasPrefix(p.Branch, "refs/"):
		return fmt.Errorf("branch %q: give the name alone, without refs/heads/", p.Branch)
	case strings.ContainsAny(p.Branch, "*?["):
		return fmt.Errorf("branch %q: give one branch; patterns do not work here", p.Branch)
	}
	if _, err := fact.ParseRef(string(fact.BranchRef(p.Branch))); err != nil {
		return fmt.Errorf("branch %q: %w", p.Branch, err)
	}
	return nil
}

// name returns the branch's real name.
func (p onBranch) name(in Input) (string, *fact.Missing) {
	if p.Branch == stage.DefaultBranch {
		return in.defaultBranch()
	}
	return p.Branch, nil
}

// stage.DefaultBranch returns the name of the repository's default branch.
func (in Input) defaultBranch() (string, *fact.Missing) {
	repository, missing := in.Facts.Repository.Get()
	if missing == nil && repository.DefaultBranch == "" {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not name the default branch"}
	}
	return repository.DefaultBranch, missing
}

func checkOnBranch(params onBranch, in Input) verdict.Finding {
	sha := in.Facts.Subject.SHA
	what := fmt.Sprintf("whether branch %q contains commit %s", params.Branch, sha.Short())
	branch, missing := params.name(in)
	if missing != nil {
		return verdict.Lacking(what, missing)
	}
	relation, missing := in.Facts.Contains(params.Branch).Get()
	if missing != nil {
		return verdict.Lacking(what, missing)
	}
	behind := relation.Status == "behind" || relation.Status == "identical"
	if relation.Branch != branch || relation.Contained != behind {
		return verdict.Lacking(what, &fact.Missing{
			Reason: fact.Inconsistent,
			Detail: fmt.Sprintf("asked about branch %q, the answer is about %q: contained %t, %s", branch, relation.Branch, relation.Contained, orNothing(relation.Status)),
		})
	}
	if !relation.Contained {
		return notContained(in.Facts.Subject, branch, relation.Status)
	}
	return verdict.Passed(fmt.Sprintf("branch %q contains commit %s (%s)", branch, sha.Short(), relation.Status))
}

func notContained(subject fact.Subject, branch, status string) verdict.Finding {
	fix := fmt.Sprintf("Merge the commit into %q through a pull request, then run for the commit that is on the branch.", branch)
	if subject.Ref.Kind() == fact.TagRef {
		fix = fmt.Sprintf("Merge the change into %q first, a hotfix too. Then tag the commit that is on the branch; a squash or a rebase makes a new one.", branch)
	}
	return verdict.Failed("not-contained", fmt.Sprintf("commit %s exists in a fork or on another branch, but not on branch %q (%s)", subject.SHA.Short(), branch, orNothing(status))).
		Because(fix, "whoever may merge into the branch")
}
