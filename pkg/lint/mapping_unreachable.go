package lint

import (
	"fmt"

	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/refglob"
	"github.com/stageward/stageward/pkg/stage"
)

// A pattern that no name fits is a slip; a stage of which another takes everything is
// reached by no run that does not name it.
var _ = register("mapping-unreachable", func(in subject) []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		for _, each := range in.namesOf(s.Rule) {
			if each.empty() {
				found = append(found, Warning{Stage: s.Name, Where: s.FromOrigin, Text: noName(each, s.Rule), Fix: "Correct the pattern, or remove it."})
			}
		}
		for _, other := range in.rules.Stages {
			if other.Name != s.Name && !isLaneOf(s, other) && in.hides(other, s) {
				found = append(found, Warning{
					Stage: s.Name, Where: s.FromOrigin,
					Text: fmt.Sprintf("the stage %s takes everything that it takes, so no run reaches it whose input stage does not name it", other.Name),
					Fix:  "Make the patterns exclude each other, or give the two stages different events.",
				})
			}
		}
	}
	return found
})

func noName(each names, rule stage.Rule) string {
	if each.only == refglob.AnyName {
		return fmt.Sprintf("the %s fits no name that git allows", each)
	}
	return fmt.Sprintf("the %s fits no version that is a %s, so nothing ever comes by it", each, rule.Versions)
}

// hides reports whether a stage takes all of another, and more.
func (in subject) hides(wide, s policy.Stage) bool { return in.within(s, wide) && !in.within(wide, s) }

// isLaneOf reports whether one of the two is a hotfix lane for the other.
func isLaneOf(a, b policy.Stage) bool { return a.HotfixFor == b.Name || b.HotfixFor == a.Name }
