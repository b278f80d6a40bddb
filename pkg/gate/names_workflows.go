package gate

import (
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

// Asks is what a check asks of people and names of workflows, for whoever holds a
// repository against its policy. A check that asks for neither has none of it.
type Asks struct {
	// Signers are the roles of who has to have signed, Starters those of who has to
	// have started the run, Labelers of who has to have put a label on an issue.
	Signers, Starters, Labelers []RoleName
	// Reviewers is the role of those who have to have approved the change, Reviews how
	// many of them; 0 where the check asks for no review.
	Reviewers RoleName
	Reviews   int
	Approvals []AskedApproval
	Jobs      []AskedJob
}

// AskedApproval is an approval that has to be there.
type AskedApproval struct {
	Name string
	By   RoleName
	// Count is how many different people it takes; at least 1.
	Count int
	// Not is who cannot give it; at least one part.
	Not []Part
	// Workflow is the path of the workflow by which it can be given; "" where it
	// cannot be given so. Review and Environment say how else it can.
	Workflow            string
	Review, Environment bool
	// Reason is true where the title of the run ends in a colon and a reason.
	Reason bool
}

// Excludes reports whether those who played a part cannot give the approval. The
// part is named as in a policy, such as author.
func (a AskedApproval) Excludes(part Part) bool { return slices.Contains(a.Not, part) }

// AskedJob is a job by which a check knows that something was done.
type AskedJob struct {
	fact.JobOf
	// Deploys is true where what it does is to deploy to a stage.
	Deploys bool
	// Stage is the name of that stage; "" for the one that the check is asked for.
	Stage string
	// Recorded is true where the check needs the record that GitHub makes of a job
	// with an environment.
	Recorded bool
}

// Asks returns what the check asks of people and names of workflows.
func (c Check) Asks() Asks {
	switch params := c.Params.(type) {
	case signedTag:
		return Asks{Signers: []RoleName{params.By}}
	case signedCommit:
		return Asks{Signers: []RoleName{params.By}, Jobs: params.since().asked()}
	case deployerAllowed:
		return Asks{Starters: []RoleName{params.By}}
	case reviewed:
		return Asks{Reviewers: params.By, Reviews: params.Approvals, Jobs: params.since().asked()}
	case changeApproved:
		return params.asks()
	case approved:
		return params.asks()
	case emergencyDeclared:
		asks := params.asApproved().asks()
		asks.Starters, asks.Labelers = []RoleName{params.By}, []RoleName{params.By}
		return asks
	case withinWindow:
		return params.Exception.asks()
	case promoted:
		return params.asks()
	case deployedBefore:
		return Asks{Jobs: params.DeployedBy.deploys("", params.Record)}
	}
	return Asks{}
}

func (p approved) asks() Asks {
	var asks Asks
	for _, each := range p.Approvals {
		asked := AskedApproval{
			Name: each.Name, By: each.By, Count: each.count(), Not: each.not(),
			Review: slices.Contains(p.From, byReview), Environment: slices.Contains(p.From, byEnvironment),
		}
		if slices.Contains(p.From, byDispatch) {
			asked.Workflow = p.Workflow
		}
		asks.Approvals = append(asks.Approvals, asked)
	}
	asks.Jobs = p.since().asked()
	if p.After.given() {
		asks.Jobs = append(asks.Jobs, AskedJob{JobOf: p.After.jobOf()})
	}
	return asks
}

func (p changeApproved) asks() Asks {
	if !p.Issue.given() {
		return Asks{}
	}
	return Asks{Labelers: []RoleName{p.Issue.by()}}
}

func (e exception) asks() Asks {
	if !e.given() {
		return Asks{}
	}
	asks := e.asApproved().asks()
	for i := range asks.Approvals {
		asks.Approvals[i].Reason = true
	}
	return asks
}

func (p promoted) asks() Asks {
	asks := Asks{Jobs: p.DeployedBy.deploys(p.From, p.Record)}
	for _, each := range p.VerifiedBy {
		asks.Jobs = append(asks.Jobs, AskedJob{JobOf: fact.JobOf{Workflow: each.Workflow, Job: each.Job}})
	}
	return asks
}

func (s since) asked() []AskedJob {
	if s.commits != sinceDeployment {
		return nil
	}
	return []AskedJob{{JobOf: s.by.jobOf(), Deploys: true}}
}

func (d deployedBy) deploys(stage string, record DeploymentRecord) []AskedJob {
	if !d.given() {
		return nil
	}
	return []AskedJob{{JobOf: d.jobOf(), Deploys: true, Stage: stage, Recorded: record == recordOfEnvironment}}
}

func (d deployedBy) jobOf() fact.JobOf { return fact.JobOf{Workflow: d.Workflow, Job: d.Job} }
