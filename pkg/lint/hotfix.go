package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
)

// What goes both ways goes by the gates of the lane where somebody says so.
var _ = register("hotfix-overlap", func(in subject) []Warning {
	return in.lanes(func(lane, target policy.Stage) (text, fix string) {
		example, both := in.shared(lane, target)
		if !both {
			return "", ""
		}
		return fmt.Sprintf("%s goes the ordinary way as well; a run whose input stage is %s goes by the gates of the lane", example, lane.Name),
			"Give the lane branches or tags that nothing else takes, such as branches: [\"hotfix/*\"]."
	})
})

// Whoever approves the ordinary way gives the same word for the lane.
var _ = register("hotfix-shares-approvals", func(in subject) []Warning {
	return in.lanes(func(lane, target policy.Stage) (text, fix string) {
		ordinary := approvalsOf(target)
		shared := slices.DeleteFunc(approvalsOf(lane), func(each string) bool { return !slices.Contains(ordinary, each) })
		if len(shared) == 0 {
			return "", ""
		}
		return fmt.Sprintf("%s is the workflow for approvals of both, so whoever approves the ordinary way approves the lane, too", strings.Join(shared, ", ")),
			"Name another workflow in the gate approved of the lane."
	})
})

// lanes returns a warning for each hotfix lane of which there is something to say.
func (in subject) lanes(say func(lane, target policy.Stage) (text, fix string)) []Warning {
	var found []Warning
	for _, lane := range in.rules.Stages {
		target, ok := in.rules.Stage(lane.HotfixFor)
		if lane.HotfixFor == "" || !ok {
			continue
		}
		if text, fix := say(lane, target); text != "" {
			found = append(found, Warning{Stage: target.Name, Where: lane.FromOrigin, Text: laneOf(lane) + text, Fix: fix})
		}
	}
	return found
}

// approvalsOf returns the workflows by which people approve for a stage's gates.
func approvalsOf(s policy.Stage) []string {
	var paths []string
	for _, check := range s.Enforced() {
		for _, need := range check.Needs {
			if need.Kind == fact.NeedApprovals {
				paths = append(paths, need.Key)
			}
		}
	}
	return paths
}
