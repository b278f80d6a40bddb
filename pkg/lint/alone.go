package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// Where one person can write, sign, approve and start, one account that was taken
// over is enough to deploy anything.
var _ = register("one-person-alone", ofLast(func(in subject, last policy.Stage) []Warning {
	var found []Warning
	for _, way := range in.rules.WaysTo(last) {
		if way.TakesTwo(in.rules) != "" || slices.ContainsFunc(way.Checks, gate.Check.EnvironmentReview) {
			continue
		}
		if who, can := in.soloists(way); can {
			found = append(found, Warning{
				Stage: last.Name, Where: last.Origin,
				Text: fmt.Sprintf("by %s, nothing asks for a second person: %s can write, sign and deploy alone", way.Name, who),
				Fix:  "Add approved, whose approvals author and committers cannot give, or reviewed, here or on the stage before.",
			})
		}
	}
	return found
}))

// soloists says in words who holds every role that a way takes; can is false where it
// is certain that nobody does.
func (in subject) soloists(way policy.Way) (who string, can bool) {
	var all []string
	var open []string
	restricted := false
	for _, role := range way.Roles() {
		people, known := in.people(role)
		switch {
		case !known && !slices.Contains(open, string(role)):
			open = append(open, string(role))
		case !known:
		case !restricted:
			all, restricted = people, true
		default:
			all = slices.DeleteFunc(slices.Clone(all), func(each string) bool { return !slices.Contains(people, each) })
		}
	}
	switch {
	case restricted && len(all) == 0:
		return "", false
	case restricted:
		return at(all), true
	case len(open) == 0:
		return "whoever may write", true
	}
	return "whoever holds " + strings.Join(open, " and "), true
}
