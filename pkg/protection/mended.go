package protection

import (
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Mended returns the environment as the stage wants it, with everything that is right
// already. reviewer gives the people who are missing, by their numbers from 1.
func Mended(env fact.Environment, wants Wants, reviewer func(number int) fact.EnvironmentReviewer) fact.Environment {
	if !env.Exists || !strings.EqualFold(env.Name, wants.Environment) {
		may := true // as GitHub has it by default
		env = fact.Environment{Name: wants.Environment, Exists: true, Refs: fact.AllRefs, AdminsBypass: &may}
	}
	var wrong aspects
	for _, each := range Compare(env, wants) {
		if each.Outcome != verdict.Pass {
			wrong = append(wrong, each.Aspect)
		}
	}
	if wrong.has(Refs) {
		env.Refs, env.Patterns = wants.let(env)
	}
	for number := 1; wrong.has(Reviewers) && countReviewers(env) < wants.Reviewers; number++ {
		env.Reviewers = append(slices.Clone(env.Reviewers), reviewer(number))
	}
	env.PreventSelfReview = env.PreventSelfReview || wrong.has(SelfReview)
	if wrong.has(Wait) {
		env.WaitMinutes = wants.WaitMinutes
	}
	if wrong.has(Admins) {
		env.AdminsBypass = new(bool)
	}
	return env
}

// let returns what the environment has to let in.
func (w Wants) let(env fact.Environment) (fact.EnvironmentRefs, []fact.RefPattern) {
	if w.refsOf(env) == nil {
		return fact.AllRefs, nil
	}
	var patterns []fact.RefPattern
	for _, each := range w.taken() {
		if one := (fact.RefPattern{Kind: each.kind, Pattern: each.text}); each.fault == nil && !slices.Contains(patterns, one) {
			patterns = append(patterns, one)
		}
	}
	return fact.SelectedRefs, patterns
}
