package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// showLane tells what a hotfix lane opens: it has a list of gates of its own, and
// what it leaves out is easily overlooked.
func (a *app) showLane(lane policy.Stage, rules policy.Policy) {
	target, ok := rules.Stage(lane.HotfixFor)
	if lane.HotfixFor == "" || !ok {
		return
	}
	note := func(format string, rest ...any) {
		fmt.Fprintf(a.system.Stdout, "note: stage %s, hotfix lane %s: %s\n", target.Name, lane.Name, actions.Inert(fmt.Sprintf(format, rest...)))
	}
	asks, taken := enforced(lane), takes(lane.Rule)
	note("%s may go to %s by %s", strings.Join(taken, ", "), target.Name, strings.Join(asks, ", "))
	if left := without(enforced(target), asks); len(left) > 0 {
		note("gates of %s that are not asked there: %s", target.Name, strings.Join(left, ", "))
	}
	if both := common(taken, takes(target.Rule)); len(both) > 0 {
		note("%s goes the ordinary way as well; a run whose input stage is %s goes by the gates of the lane", strings.Join(both, ", "), lane.Name)
	}
	if shared := common(approvalsOf(lane), approvalsOf(target)); len(shared) > 0 {
		note("%s is the workflow for approvals of both, so whoever approves the ordinary way approves the lane, too", strings.Join(shared, ", "))
	}
}

// enforced returns the gates of a stage that can block.
func enforced(s policy.Stage) []string {
	var ids []string
	for _, each := range s.Gates {
		if each.Mode == verdict.Enforce {
			ids = append(ids, each.Check.ID)
		}
	}
	return ids
}

// takes returns the patterns of a stage, with their type.
func takes(rule stage.Rule) []string {
	var texts []string
	for _, each := range rule.Branches {
		texts = append(texts, "branch "+each.String())
	}
	for _, each := range rule.Tags {
		texts = append(texts, "tag "+each.String())
	}
	return texts
}

// approvalsOf returns the workflows by which people approve for a stage's gates.
func approvalsOf(s policy.Stage) []string {
	var paths []string
	for _, each := range s.Gates {
		for _, need := range each.Check.Needs {
			if need.Kind == fact.NeedApprovals && each.Mode == verdict.Enforce {
				paths = append(paths, need.Key)
			}
		}
	}
	return paths
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(each string) bool { return !slices.Contains(b, each) })
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(each string) bool { return slices.Contains(b, each) })
}
