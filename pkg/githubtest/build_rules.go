package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

const active = "active"

// ruleset is a Ruleset with its defaults.
type ruleset struct {
	Ruleset
	fromOrganization bool
}

// protection is a Protection whose people are known.
type protection struct {
	Protection
	bypass []*person
}

func (r *repository) buildRules() error {
	ids := map[int64]bool{}
	for i, listed := range r.world.Rulesets {
		made, err := newRuleset(listed, 4_000_001+int64(i))
		if err == nil && ids[made.ID] {
			err = errors.New("want an id of its own")
		}
		if err != nil {
			return fmt.Errorf("rulesets: %s: %w", cmp.Or(listed.Name, fmt.Sprintf("number %d", i+1)), err)
		}
		ids[made.ID] = true
		r.rulesets = append(r.rulesets, made)
	}
	for _, branch := range slices.Sorted(maps.Keys(r.world.Protection)) {
		made := &protection{Protection: r.world.Protection[branch]}
		for _, login := range made.Bypass {
			p, err := r.person(login)
			if err != nil {
				return fmt.Errorf("protection: %s: bypass: %w", branch, err)
			}
			made.bypass = append(made.bypass, p)
		}
		r.protection[branch] = made
	}
	return nil
}

func newRuleset(listed Ruleset, id int64) (*ruleset, error) {
	made := &ruleset{Ruleset: listed, fromOrganization: listed.Source == "organization"}
	made.ID, made.Target, made.Enforcement = cmp.Or(listed.ID, id), cmp.Or(listed.Target, "branch"), cmp.Or(listed.Enforcement, active)
	switch {
	case listed.Name == "":
		return nil, errors.New("want a name")
	case !slices.Contains([]string{"branch", "tag", "push"}, made.Target):
		return nil, fmt.Errorf("target %q; expected branch, tag or push", made.Target)
	case !slices.Contains([]string{active, "evaluate", "disabled"}, made.Enforcement):
		return nil, fmt.Errorf("enforcement %q; expected active, evaluate or disabled", made.Enforcement)
	case !slices.Contains([]string{"", "repository", "organization"}, listed.Source):
		return nil, fmt.Errorf("source %q; expected repository or organization", listed.Source)
	}
	for _, pattern := range slices.Concat(made.Include, made.Exclude) {
		if err := checkRefPattern(pattern); err != nil {
			return nil, err
		}
	}
	for _, rule := range made.Rules {
		if err := rule.check(); err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
	}
	for _, each := range made.Bypass {
		if each.Kind == "" || !slices.Contains([]string{"", "always", "pull_request", "exempt"}, each.Mode) {
			return nil, fmt.Errorf("bypass: kind %q, mode %q; expected a kind, and always, pull_request or exempt", each.Kind, each.Mode)
		}
	}
	return made, nil
}

// checkRefPattern refuses what GitHub would, and alternatives in braces, which
// mean themselves to GitHub and something else to the library that matches here.
func checkRefPattern(pattern string) error {
	special := pattern == "~ALL" || pattern == "~DEFAULT_BRANCH"
	if !special && (!strings.HasPrefix(pattern, "refs/") || strings.ContainsAny(pattern, "{}") || !doublestar.ValidatePattern(pattern)) {
		return fmt.Errorf("pattern %q; expected ~ALL, ~DEFAULT_BRANCH, or a full reference such as refs/heads/main or refs/tags/v*", pattern)
	}
	return nil
}

func (r RulesetRule) check() error {
	if r.Type == "" {
		return errors.New("a rule has no type")
	}
	for _, method := range r.PullRequest.MergeMethods {
		if !slices.Contains([]string{"merge", "squash", "rebase"}, method) {
			return fmt.Errorf("merge method %q; expected merge, squash or rebase", method)
		}
	}
	for _, workflow := range r.Workflows {
		if number, _, foreign := strings.Cut(workflow, ":"); foreign {
			if _, err := strconv.ParseInt(number, 10, 64); err != nil {
				return fmt.Errorf("workflow %q; expected a path, or the number of a repository, a colon and a path", workflow)
			}
		}
	}
	return nil
}

// covers reports whether a set is for a reference: one that a pattern of Include
// names and none of Exclude.
func (r *repository) covers(set *ruleset, ref string) bool {
	names := func(pattern string) bool {
		switch pattern {
		case "~ALL":
			return true
		case "~DEFAULT_BRANCH":
			return ref == "refs/heads/"+r.world.DefaultBranch
		}
		return doublestar.MatchUnvalidated(pattern, ref)
	}
	return slices.ContainsFunc(set.Include, names) && !slices.ContainsFunc(set.Exclude, names)
}

// activeRule is a rule that holds for a branch, with the set that it is of.
type activeRule struct {
	set  *ruleset
	rule RulesetRule
}

// rulesFor returns the rules that hold for a branch, of all levels.
func (r *repository) rulesFor(branch string) []activeRule {
	var found []activeRule
	for _, set := range r.rulesets {
		if set.Target != "branch" || set.Enforcement != active || !r.covers(set, "refs/heads/"+branch) {
			continue
		}
		for _, rule := range set.Rules {
			found = append(found, activeRule{set, rule})
		}
	}
	return found
}
