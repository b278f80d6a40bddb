package scenario

import (
	"fmt"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// Coverage is how much of a policy the scenarios show.
type Coverage struct {
	// Shown of Total: that each stage is reached, that a run is taken by none, and
	// of each gate that blocks that it is met, and that it is in the way; where it asks
	// for several things by name, such as approvals, that it is for want of each.
	Shown, Total int
	// Missing are the others, in sentences, stage by stage.
	Missing []string
}

// Percent returns how much is shown, rounded down: only all of it is 100.
func (c Coverage) Percent() int {
	if c.Total == 0 {
		return 100
	}
	return c.Shown * 100 / c.Total
}

// Cover returns what the results show of the policy. One that could not be played, or
// is not as expected, shows nothing; and that a gate is in the way shows only what
// expects it, by a reason code or by the gate.
func Cover(rules policy.Policy, results []Result) Coverage {
	seen := map[cell]bool{}
	for _, each := range results {
		if each.Holds() {
			see(each, seen)
		}
	}
	var coverage Coverage
	count := func(what cell, missing string) {
		coverage.Total++
		if seen[what] {
			coverage.Shown++
		} else {
			coverage.Missing = append(coverage.Missing, missing)
		}
	}
	for _, project := range rules.All() {
		for _, stage := range project.Stages {
			toShow(called(project.Project, stage.Name), stage, count)
		}
	}
	count(cell{}, "no run is refused because no stage takes it")
	return coverage
}

// toShow counts what there is to show of a stage.
func toShow(name string, stage policy.Stage, count func(what cell, missing string)) {
	count(cell{stage: name}, fmt.Sprintf("%s: no run is for this stage", name))
	for _, check := range blocking(stage) {
		count(cell{name, check.ID, "met"}, fmt.Sprintf("%s: %s is never met", name, check.ID))
		count(cell{name, check.ID, "unmet"}, fmt.Sprintf("%s: %s is never in the way", name, check.ID))
		for _, part := range several(check) {
			count(cell{name, check.ID, part.String()}, fmt.Sprintf("%s: %s is never in the way %s", name, check.ID, part))
		}
	}
}

// called is a stage with its project, where it has one.
func called(project, stage string) string {
	if project == "" {
		return stage
	}
	return project + "/" + stage
}

// cell is one thing that can be shown. That no stage takes a run is the zero one.
type cell struct{ stage, gate, how string }

func see(result Result, seen map[cell]bool) {
	v := result.Verdict
	stage := StageOf(v)
	if stage != "" {
		stage = called(v.Project, stage)
	}
	seen[cell{stage: stage}] = true
	for _, each := range v.Findings {
		switch {
		case each.Outcome == verdict.Pass:
			seen[cell{stage, each.Gate, "met"}] = true
		case each.Blocks() && result.names[each.Gate]:
			seen[cell{stage, each.Gate, "unmet"}] = true
			for _, edit := range result.edits {
				seen[cell{stage, each.Gate, edit.String()}] = true
			}
		}
	}
}

// blocking returns the gates of a stage that can be in the way, those of the other
// ways to it among them where the policy asks for something of its own.
func blocking(stage policy.Stage) []gate.Check {
	var checks []gate.Check
	for _, each := range stage.Gates {
		if each.Mode == verdict.Enforce {
			checks = append(checks, each.Check)
		}
	}
	for _, lane := range stage.OpenLanes() {
		if lane.Opened {
			checks = append(checks, lane.Check)
		}
	}
	return checks
}

// several are the changes that take away, one by one, what a gate asks for by name;
// none where it asks for one thing.
func several(check gate.Check) []whatif.Edit {
	made := check.Supposition
	if len(made.Parts) < 2 {
		return nil
	}
	var edits []whatif.Edit
	for _, part := range made.Parts {
		edits = append(edits, whatif.Edit{Without: !made.Against, Noun: made.Noun, Part: part})
	}
	return edits
}
