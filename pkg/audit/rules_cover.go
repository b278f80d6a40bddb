package audit

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/refglob"
)

// GitHub's names for branches and tags in rulesets, and its word for the default
// branch.
const (
	branchPrefix = "refs/heads/"
	tagPrefix    = "refs/tags/"
	defaultWord  = "~DEFAULT_BRANCH"
)

// covered reports whether each name of a target is in one of the sets; example is
// a name that is in none. The error says why that cannot be told.
func (in Input) covered(sets []fact.RulesetRefs, t target) (example string, covered bool, err error) {
	wanted, err := in.wanted(t)
	if err != nil {
		return "", false, err
	}
	cover := make([]refglob.Set, len(sets))
	for i, set := range sets {
		if cover[i], err = in.refsOf(set); err != nil {
			return "", false, err
		}
	}
	example, covered, err = refglob.CoversVersionsOf(t.project, cover, wanted, t.only)
	return strings.TrimPrefix(strings.TrimPrefix(example, branchPrefix), tagPrefix), covered, err
}

// wanted returns the full references of a target.
func (in Input) wanted(t target) (refglob.Pattern, error) {
	switch {
	case t.isDefault() && in.Repository.DefaultBranch == "":
		return refglob.Pattern{}, fmt.Errorf("the name of the default branch is not known")
	case t.isDefault():
		return refglob.Literal(branchPrefix + in.Repository.DefaultBranch), nil
	case t.kind == fact.TagRef:
		return refglob.Stage(tagPrefix + t.pattern.String())
	}
	return refglob.Stage(branchPrefix + t.pattern.String())
}

// refsOf reads the references of a ruleset. A pattern that cannot be read takes
// in nothing; one that leaves out is an error, since nobody knows what.
func (in Input) refsOf(given fact.RulesetRefs) (refglob.Set, error) {
	var read refglob.Set
	for _, text := range given.Include {
		if pattern, err := in.ruleset(text); err == nil {
			read.Include = append(read.Include, pattern)
		}
	}
	for _, text := range given.Exclude {
		pattern, err := in.ruleset(text)
		if err != nil {
			return refglob.Set{}, fmt.Errorf("read a pattern that a ruleset excludes: %w", err)
		}
		read.Exclude = append(read.Exclude, pattern)
	}
	return read, nil
}

// ruleset reads one pattern of a ruleset.
func (in Input) ruleset(text string) (refglob.Pattern, error) {
	if text != defaultWord {
		return refglob.Ruleset(text)
	}
	if in.Repository.DefaultBranch == "" {
		return refglob.Pattern{}, fmt.Errorf("the name of the default branch is not known")
	}
	return refglob.Literal(branchPrefix + in.Repository.DefaultBranch), nil
}
