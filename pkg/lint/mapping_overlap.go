package lint

import (
	"fmt"
)

// A run for a branch or tag that two stages take is refused unless it says which of
// them is meant.
var _ = register("mapping-overlap", func(in subject) []Warning {
	var found []Warning
	for i, s := range in.rules.Stages {
		for _, other := range in.rules.Stages[:i] {
			example, both := in.shared(other, s)
			if !both || isLaneOf(s, other) || in.hides(s, other) || in.hides(other, s) {
				continue
			}
			found = append(found, Warning{
				Stage: s.Name, Where: s.FromOrigin,
				Text: fmt.Sprintf("the stage %s takes %s as well, so a run for it stops as ambiguous unless its input stage names one of the two", other.Name, example),
				Fix:  "Make the patterns exclude each other, give the two stages different events, or always give the input stage.",
			})
		}
	}
	return found
})
