package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// environment is a deployment environment with whoever reviews for it.
type environment struct {
	Environment
	id        int64
	name      string
	reviewers []any // each a *person or a *team
}

// What GitHub takes at most.
const (
	maxReviewers   = 6
	maxWaitMinutes = 43_200 // thirty days
)

// secretForm is what GitHub takes for the name of a secret.
var secretForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// buildEstate comes after buildTeams, which may review.
func (r *repository) buildEstate() error {
	if err := r.checkSettings(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(r.world.Environments)) {
		made, err := r.newEnvironment(name, r.world.Environments[name])
		if err != nil {
			return fmt.Errorf("environments: %q: %w", name, err)
		}
		r.environments = append(r.environments, made)
	}
	return nil
}

// checkSettings refuses settings that no repository has.
func (r *repository) checkSettings() error {
	w := &r.world
	switch w.Visibility {
	case "", "public":
		if w.Visibility != "" && w.Private {
			return errors.New("visibility: public; but private is true")
		}
	case "private", "internal":
		w.Private = true
	default:
		return fmt.Errorf("visibility %q; expected public, private or internal", w.Visibility)
	}
	for _, way := range w.Merge {
		if !slices.Contains(mergeWays(), way) {
			return fmt.Errorf("merge: %q; expected some of %v", way, mergeWays())
		}
	}
	if w.Merge != nil && len(w.Merge) == 0 {
		return errors.New("merge: GitHub has at least one way")
	}
	if w.Merge == nil {
		w.Merge = mergeWays()
	}
	if err := checkSecrets(w.Secrets); err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	return nil
}

// mergeWays are the ways in which a pull request can be merged.
func mergeWays() []string { return []string{"merge", "squash", "rebase"} }

// visibility is GitHub's word for who sees the repository.
func (r *repository) visibility() string {
	fallback := "public"
	if r.world.Private {
		fallback = "private"
	}
	return cmp.Or(r.world.Visibility, fallback)
}

// checkSecrets refuses names that GitHub does not take, or has already.
func checkSecrets(names []string) error {
	seen := map[string]bool{}
	for _, name := range names {
		folded := strings.ToUpper(name)
		if !secretForm.MatchString(name) || strings.HasPrefix(folded, "GITHUB_") || seen[folded] {
			return fmt.Errorf("%q: not the name of a secret, or there twice", name)
		}
		seen[folded] = true
	}
	return nil
}

func (r *repository) newEnvironment(name string, listed Environment) (*environment, error) {
	if name == "" || len(name) > 255 || r.listedEnvironment(name) != nil {
		return nil, errors.New("want a name of up to 255 characters, which none has in another letter case")
	}
	if listed.WaitMinutes < 0 || listed.WaitMinutes > maxWaitMinutes {
		return nil, fmt.Errorf("wait-minutes %d; expected 0 to %d", listed.WaitMinutes, maxWaitMinutes)
	}
	if listed.PreventSelfReview && len(listed.Reviewers) == 0 {
		return nil, errors.New("prevent-self-review: there are no reviewers")
	}
	if err := checkPatterns(listed); err != nil {
		return nil, err
	}
	if err := checkSecrets(listed.Secrets); err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	for i, slug := range listed.Apps {
		if !slugForm.MatchString(slug) || slices.Contains(listed.Apps[:i], slug) {
			return nil, fmt.Errorf("apps: %q: not a slug, or there twice", slug)
		}
	}
	reviewers, err := r.reviewersOf(listed.Reviewers)
	if err != nil {
		return nil, fmt.Errorf("reviewers: %w", err)
	}
	return &environment{Environment: listed, id: hashOf(name), name: name, reviewers: reviewers}, nil
}

func checkPatterns(listed Environment) error {
	if !slices.Contains([]string{"", "all", "protected", "selected"}, listed.Refs) {
		return fmt.Errorf("refs %q; expected all, protected or selected", listed.Refs)
	}
	if len(listed.Patterns) > 0 && listed.Refs != "selected" {
		return errors.New("patterns: only with refs: selected")
	}
	for i, pattern := range listed.Patterns {
		if (pattern.Branch == "") == (pattern.Tag == "") || slices.Contains(listed.Patterns[:i], pattern) {
			return fmt.Errorf("patterns: number %d: want a branch or a tag, which is not there yet", i+1)
		}
	}
	return nil
}

// reviewersOf finds people, and teams behind "team:".
func (r *repository) reviewersOf(names []string) ([]any, error) {
	if len(names) > maxReviewers {
		return nil, fmt.Errorf("%d of them; GitHub takes %d", len(names), maxReviewers)
	}
	var found []any
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		if slug, isTeam := strings.CutPrefix(name, "team:"); isTeam {
			if r.teams[slug] == nil {
				return nil, fmt.Errorf("%q is not among teams", slug)
			}
			found = append(found, r.teams[slug])
			continue
		}
		p, err := r.person(name)
		if err != nil {
			return nil, err
		}
		if p.kind != "user" {
			return nil, fmt.Errorf("%s: only people and teams review", name)
		}
		found = append(found, p)
	}
	return found, nil
}

// listedEnvironment returns an environment that the World sets up, or nil.
// GitHub does not tell case apart.
func (r *repository) listedEnvironment(name string) *environment {
	at := slices.IndexFunc(r.environments, func(e *environment) bool { return strings.EqualFold(e.name, name) })
	if at < 0 {
		return nil
	}
	return r.environments[at]
}

// allEnvironments are those that the World sets up, and those that something was
// deployed to, by their names.
func (r *repository) allEnvironments() []*environment {
	all := slices.Clone(r.environments)
	for _, d := range r.deployments {
		for _, name := range []string{d.original, d.environment} {
			known := slices.ContainsFunc(all, func(e *environment) bool { return strings.EqualFold(e.name, name) })
			if !known {
				all = append(all, &environment{id: hashOf(name), name: name})
			}
		}
	}
	slices.SortFunc(all, func(a, b *environment) int { return cmp.Compare(a.name, b.name) })
	return all
}
