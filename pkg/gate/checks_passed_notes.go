package gate

import (
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

// What a demand for checks may not mean.
var (
	skippedCounts       = newNote("skipped-counts")
	checkWaitsForItself = newNote("check-waits-for-deployment")
)

func (p checksPassed) notes(terms Terms) []Note {
	var notes []Note
	var lenient []string
	for _, each := range p.Accept {
		if each != success {
			lenient = append(lenient, string(each))
		}
	}
	if len(lenient) > 0 && terms.isLast() {
		notes = append(notes, skippedCounts.of("a check that ended as %s counts as passed, also where whoever wrote the change kept it from running; accept success alone on the last stage", strings.Join(lenient, " or ")))
	}
	if by := terms.Stage.DeployedBy; by != (fact.JobOf{}) && slices.ContainsFunc(p.Checks, func(each namedCheck) bool { return each.isJob(by) }) {
		notes = append(notes, checkWaitsForItself.of("the check %q is the job that deploys to %s, which begins after the gate: each waits for the other; take it out", by.Job, terms.Stage.Name))
	}
	return notes
}

// isJob reports whether the check is a job and no other.
func (c namedCheck) isJob(job fact.JobOf) bool {
	return c.Name == job.Job && c.app() == githubActions && (c.Workflow == "" || c.Workflow == job.Workflow)
}

// isLast reports whether the gate is asked for the last of several stages, or for
// the only one.
func (t Terms) isLast() bool {
	return len(t.Stages) > 0 && t.Stages[len(t.Stages)-1].Name == t.Stage.Name
}
