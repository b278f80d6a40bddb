package gate

import (
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

// What an approval may not mean.
var (
	reviewOfEnvironment = newNote("review-of-environment")
	selfApproval        = newNote("self-approval")
	approvalAfterItself = newNote("approval-waits-for-deployment")
)

func (p approved) notes(terms Terms) []Note {
	notes := p.since().notes()
	if slices.Contains(p.From, byEnvironment) {
		notes = append(notes, reviewOfEnvironment.of("reviews of an environment are there only in the job that has \"environment: %s\", after GitHub has asked for them: run the gate as the first step of that job; in an earlier job it would wait for itself", terms.Stage.Environment))
	}
	if !p.takesTwo() {
		notes = append(notes, selfApproval.of("whoever wrote the change can give the approval %s, so it need not be a second person's; leave not out, or let it name author and committers", p.Approvals[0].Name))
	}
	if by := terms.Stage.DeployedBy; p.After.given() && by != (fact.JobOf{}) && p.After.jobOf() == by {
		notes = append(notes, approvalAfterItself.of("approvals count only after the job %q, which is the one that deploys to %s: each waits for the other; name the job that deploys to the stage before", by.Job, terms.Stage.Name))
	}
	return notes
}
