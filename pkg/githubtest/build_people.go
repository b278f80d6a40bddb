package githubtest

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// startRun works out how a run was called and who started it.
func (r *repository) startRun(run *workflowRun, listed WorkflowRun) error {
	actor, err := r.maybe(listed.Actor)
	if err != nil {
		return fmt.Errorf("actor: %w", err)
	}
	triggering, err := r.maybe(listed.TriggeringActor)
	if err != nil {
		return fmt.Errorf("triggering-actor: %w", err)
	}
	if listed.Attempt < 0 {
		return fmt.Errorf("attempt %d; expected a number from 1", listed.Attempt)
	}
	run.title, run.attempts = cmp.Or(r.spelled(listed.Title), run.title), listed.Attempt
	run.actor = cmp.Or(actor, run.actor)
	run.triggering = cmp.Or(triggering, run.actor)
	return nil
}

var commitInText = regexp.MustCompile(`<(short )?sha of ([^<>]+)>`)

// spelled puts the ids of commits, or their first seven digits, into a text that
// names them.
func (r *repository) spelled(text string) string {
	return commitInText.ReplaceAllStringFunc(text, func(named string) string {
		found := commitInText.FindStringSubmatch(named)
		id := r.names[found[2]]
		if id != "" && found[1] != "" {
			id = id[:7]
		}
		return cmp.Or(id, named)
	})
}

func (r *repository) buildRunReviews() error {
	for i, listed := range r.world.RunReviews {
		user, err := r.person(listed.User)
		if err != nil {
			return fmt.Errorf("run-reviews: number %d: user: %w", i+1, err)
		}
		state := cmp.Or(listed.State, "approved")
		if !slices.Contains([]string{"approved", "rejected", "pending"}, state) {
			return fmt.Errorf("run-reviews: number %d: state %q; expected approved, rejected or pending", i+1, state)
		}
		if listed.RunID < 0 || len(listed.Environments) == 0 {
			return fmt.Errorf("run-reviews: number %d: want environments, and a run-id above 0", i+1)
		}
		r.runReviews = append(r.runReviews, &runReview{
			run: cmp.Or(listed.RunID, defaultRunID), state: state, user: user, comment: listed.Comment, environments: listed.Environments,
		})
	}
	return nil
}

// slugForm is what GitHub makes of the name of a team.
var slugForm = regexp.MustCompile(`^[a-z0-9_-][a-z0-9._-]*$`)

// buildTeams makes all teams before it links them: a parent may come later.
func (r *repository) buildTeams() error {
	slugs := slices.Sorted(maps.Keys(r.world.Teams))
	for _, slug := range slugs {
		made, err := r.newTeam(slug)
		if err != nil {
			return fmt.Errorf("teams: %s: %w", slug, err)
		}
		r.teams[slug] = made
	}
	for _, slug := range slugs {
		name := r.world.Teams[slug].Parent
		if name == "" {
			continue
		}
		parent := r.teams[name]
		if parent == nil || slices.Contains(r.teams[slug].below(), parent) {
			return fmt.Errorf("teams: %s: parent: %q is not among teams, or is below it", slug, name)
		}
		parent.children = append(parent.children, r.teams[slug])
	}
	return nil
}

func (r *repository) newTeam(slug string) (*team, error) {
	if !slugForm.MatchString(slug) {
		return nil, fmt.Errorf("not a slug")
	}
	made := &team{slug: slug}
	for _, login := range r.world.Teams[slug].Members {
		p, err := r.person(login)
		switch {
		case err != nil:
			return nil, fmt.Errorf("members: %w", err)
		case p.kind != "user" || slices.Contains(made.members, p):
			return nil, fmt.Errorf("members: %s: only users are in teams, and each once", login)
		}
		made.members = append(made.members, p)
	}
	return made, nil
}

// below returns the team itself and all teams below it.
func (t *team) below() []*team {
	all := []*team{t}
	for _, child := range t.children {
		all = append(all, child.below()...)
	}
	return all
}

// everybody returns who is in the team or in one below it, each once; whose
// account is gone is in none.
func (t *team) everybody() []*person {
	var all []*person
	for _, each := range t.below() {
		for _, p := range each.members {
			if !p.gone && !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}
