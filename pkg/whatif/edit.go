package whatif

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// Edit supposes that some evidence is there, or that it is not.
type Edit struct {
	// Without is true where it is not.
	Without bool
	// Noun is the evidence, such as approval, and Part the name of one, such as qa;
	// "" is all of it.
	Noun, Part string
}

// nounOfFacts takes a fact away as if nobody had been able to read it.
const nounOfFacts = "fact"

// ParseEdit reads "approval", "approval:qa" or, without only, "fact:checks".
func ParseEdit(text string, without bool) (Edit, error) {
	noun, part, named := strings.Cut(text, ":")
	switch {
	case noun == "" || named && part == "":
		return Edit{}, fmt.Errorf("%q: write what is supposed as a word such as review, or a word and a name such as approval:qa", text)
	case noun == nounOfFacts && !without:
		return Edit{}, fmt.Errorf("%q: facts can only be taken away; what is there is said by the other words", text)
	case noun == nounOfFacts && !slices.Contains(fact.Kinds(), fact.Kind(part)):
		return Edit{}, fmt.Errorf("%q: there is no such kind of fact; expected fact: and one of %s", text, kinds())
	}
	return Edit{Without: without, Noun: noun, Part: part}, nil
}

func kinds() string {
	var names []string
	for _, each := range fact.Kinds() {
		names = append(names, string(each))
	}
	return strings.Join(names, ", ")
}

// String writes the edit as it is read.
func (e Edit) String() string {
	text := e.Noun
	if e.Part != "" {
		text += ":" + e.Part
	}
	if e.Without {
		return "without " + text
	}
	return "with " + text
}

// Decide decides about facts by a policy, as about recorded ones.
func Decide(rules policy.Policy, facts fact.Set) verdict.Verdict {
	result := decide.NewPlan(rules, facts).Decide(facts)
	result.Replayed = true
	return result
}

// Apply returns the facts with the edits, in their order. The error says which of
// them cannot be, and why: the stage of the run does not ask for such evidence, or
// none would do.
func Apply(rules policy.Policy, facts fact.Set, edits []Edit) (fact.Set, error) {
	if len(edits) == 0 {
		return facts, nil
	}
	world, err := suppose.Of(facts)
	if err != nil {
		return fact.Set{}, err
	}
	for _, each := range edits {
		if err := each.apply(rules, world); err != nil {
			return fact.Set{}, fmt.Errorf("%s: %w", each, err)
		}
	}
	return world.Facts, nil
}

func (e Edit) apply(rules policy.Policy, world *suppose.World) error {
	plan := decide.NewPlan(rules, world.Facts)
	if e.Noun == nounOfFacts {
		return e.lose(plan, world)
	}
	checks, terms := plan.Asks()
	if len(checks) == 0 {
		return fmt.Errorf("the run is asked for nothing: %s", cmp.Or(plan.Match().Reason, "its stage is unrestricted, or it cannot go the way that it asks for"))
	}
	var nouns []string
	for _, check := range checks {
		made := check.Supposition
		if made.Noun != e.Noun {
			nouns = append(nouns, nounOf(made))
			continue
		}
		change := made.With
		if e.Without {
			change = made.Without
		}
		return change(world, terms, e.Part)
	}
	nouns = slices.DeleteFunc(nouns, func(noun string) bool { return noun == "" })
	slices.Sort(nouns)
	return fmt.Errorf("the stage %s asks for no such evidence; it asks for %s", plan.Match().Stage, strings.Join(nouns, ", "))
}

func nounOf(made gate.Supposition) string {
	if len(made.Parts) == 0 {
		return made.Noun
	}
	return made.Noun + " (" + strings.Join(made.Parts, ", ") + ")"
}

// lose takes every fact of a kind away that the run needs.
func (e Edit) lose(plan decide.Plan, world *suppose.World) error {
	lost := false
	for _, need := range plan.Needs() {
		if need.Kind == fact.Kind(e.Part) {
			world.Facts = world.Facts.Without(need)
			lost = true
		}
	}
	if !lost {
		return fmt.Errorf("the run needs no such fact")
	}
	return nil
}
