package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// Approved holds when named approvals are there, each by enough people in its
// role, all of them different people, and none of those whom it excludes.
var Approved = register(Spec[approved]{
	ID:    "approved",
	Title: "The right people approved",
	Since: "0.1.0",
	// Two lines: somebody who tests, and somebody who answers for it.
	Configure: "approved:\n  approvals:\n    - { name: qa, by: write }\n    - { name: owner, by: maintain }",
	Defaults: approved{
		From: []ApprovalSource{byDispatch}, Workflow: ".github/workflows/approve.yml", Commits: headOnly,
	},
	Validate: func(params approved, terms Terms) error { return params.validate(terms) },
	Fill: func(params approved, terms Terms) approved {
		if params.Commits == sinceDeployment {
			params.DeployedBy = params.DeployedBy.or(terms.Stage.DeployedBy)
		}
		return params
	},
	Needs:   approved.needs,
	Notes:   approved.notes,
	Suppose: supposesApproval,
	Check:   checkApproved,
})

type approved struct {
	Approvals []namedApproval  `yaml:"approvals" doc:"The approvals that have to be there, each by people of its own."`
	From      []ApprovalSource `yaml:"from" doc:"Where an approval can come from: dispatch (a run of the approval workflow), review (of the pull request) or environment (the review of this run's environment)."`
	Workflow  string           `yaml:"workflow" doc:"The path of the workflow by which people approve; it has to be on the default branch."`
	After     deployedBy       `yaml:"after" doc:"A job that has to have succeeded on this commit before an approval counts, such as the one that deploys to the stage before."`

	Commits    Commits    `yaml:"commits" doc:"Whose work the approvals may not come from: that of head (the commit and its pull request) or since-deployment (every commit since the last deployment to the stage)."`
	DeployedBy deployedBy `yaml:"deployed-by" doc:"With since-deployment, the job that deploys to the stage."`
	Baseline   string     `yaml:"baseline" doc:"With since-deployment, the full id of the commit up to which everything was checked by hand."`
}

type namedApproval struct {
	Name  string   `yaml:"name" doc:"What the approval is called, such as qa or owner; lower-case letters, digits and hyphens."`
	By    RoleName `yaml:"by" doc:"The role that whoever approves has to hold."`
	Count int      `yaml:"count" doc:"How many different people it takes; one where nothing is said."`
	Not   []Part   `yaml:"not" doc:"Who cannot give it: author, committers, signer, merger, deployer, or nobody; author and committers where nothing is said."`
}

// mostPeople keeps a slip in a count from becoming a list of a billion places.
const mostPeople = 100

func (a namedApproval) count() int { return max(a.Count, 1) }

func (a namedApproval) not() []Part {
	if len(a.Not) == 0 {
		return []Part{author, committers}
	}
	return a.Not
}

// ApprovalSource is a way to approve.
type ApprovalSource string

// The ways. GitHub itself records who used each of them.
const (
	byDispatch    ApprovalSource = "dispatch"
	byReview      ApprovalSource = "review"
	byEnvironment ApprovalSource = "environment"
)

// Values returns the words a policy may use.
func (ApprovalSource) Values() []string {
	return []string{string(byDispatch), string(byReview), string(byEnvironment)}
}

// Part is a part that somebody played in what would be deployed.
type Part string

// The parts.
const (
	author     Part = "author"
	committers Part = "committers"
	signer     Part = "signer"
	merger     Part = "merger"
	deployer   Part = "deployer"
	nobody     Part = "nobody"
)

// Values returns the words a policy may use.
func (Part) Values() []string {
	return []string{string(author), string(committers), string(signer), string(merger), string(deployer), string(nobody)}
}

var approvalName = lazy.New(`^[a-z][a-z0-9-]{0,63}$`)

func (p approved) since() since {
	return since{commits: p.Commits, by: p.DeployedBy, baseline: p.Baseline}
}

func (p approved) validate(terms Terms) error {
	if len(p.Approvals) == 0 {
		return fmt.Errorf("approvals: name at least one, such as { name: qa, by: maintain }")
	}
	names := map[string]bool{}
	for _, each := range p.Approvals {
		if names[each.Name] {
			return fmt.Errorf("approvals: %q is there twice", each.Name)
		}
		names[each.Name] = true
		if err := each.validate(terms); err != nil {
			return fmt.Errorf("approvals: %w", err)
		}
	}
	switch {
	case len(p.From) == 0:
		return fmt.Errorf("from: the list is empty; name at least one of %q", byDispatch.Values())
	case slices.ContainsFunc(p.From, func(each ApprovalSource) bool { return !slices.Contains(each.Values(), string(each)) }):
		return fmt.Errorf("from %q: expected some of %q", p.From, byDispatch.Values())
	case !workflowPath.MatchString(p.Workflow):
		return fmt.Errorf("workflow %q: expected a path such as .github/workflows/approve.yml", p.Workflow)
	case p.After.given() && (!workflowPath.MatchString(p.After.Workflow) || p.After.Job == ""):
		return fmt.Errorf("after: expected { workflow: .github/workflows/deploy.yml, job: deploy-staging }")
	case p.After.given() && slices.Contains(p.From, byEnvironment):
		return fmt.Errorf("after: GitHub does not say when an environment was reviewed; remove environment from from, or remove after")
	}
	return p.since().validate()
}

func (a namedApproval) validate(terms Terms) error {
	switch {
	case !approvalName.MatchString(a.Name):
		return fmt.Errorf("the name %q: expected lower-case letters, digits and hyphens, such as qa", a.Name)
	case a.Count < 0:
		return fmt.Errorf("%q: count %d: expected 1 or more", a.Name, a.Count)
	case a.Count > mostPeople:
		return fmt.Errorf("%q: count %d: expected %d at most", a.Name, a.Count, mostPeople)
	case len(a.Not) > 1 && slices.Contains(a.Not, nobody):
		return fmt.Errorf("%q: not: nobody stands alone", a.Name)
	}
	for _, part := range a.Not {
		if !slices.Contains(part.Values(), string(part)) {
			return fmt.Errorf("%q: not: %q: expected some of %q", a.Name, part, part.Values())
		}
	}
	if err := needsRole(a.By, terms); err != nil {
		return fmt.Errorf("%q: %w", a.Name, err)
	}
	if err := terms.Roles.CanFill(a.By, a.count()); err != nil {
		return fmt.Errorf("%q: count %d: %w", a.Name, a.count(), err)
	}
	return nil
}

func (p approved) needs(terms Terms) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedCommit}, {Kind: fact.NeedPulls}}
	var positions []fact.Position
	for source, each := range map[ApprovalSource]struct {
		need     fact.Need
		position fact.Position
	}{
		byDispatch:    {fact.Need{Kind: fact.NeedApprovals, Key: p.Workflow}, fact.Approvers},
		byReview:      {fact.Need{Kind: fact.NeedPulls}, fact.Reviewers},
		byEnvironment: {fact.Need{Kind: fact.NeedRunReviews}, fact.RunReviewers},
	} {
		if slices.Contains(p.From, source) {
			needs, positions = append(needs, each.need), append(positions, each.position)
		}
	}
	for _, each := range p.Approvals {
		needs = append(needs, terms.Roles.Needs(each.By, positions...)...)
		if slices.Contains(each.not(), signer) {
			needs = append(needs, fact.Need{Kind: fact.NeedTag})
		}
	}
	if p.After.given() {
		needs = append(needs, fact.Need{Kind: fact.NeedChecks})
	}
	if from, ranged := p.since().from(); ranged {
		needs = append(needs, from.Need())
	}
	order.By(needs, func(a, b fact.Need) int { return strings.Compare(string(a.Kind)+a.Key, string(b.Kind)+b.Key) })
	return slices.Compact(needs)
}

func checkApproved(params approved, in Input) verdict.Finding {
	excluded, refused := params.excluded(in)
	if refused != nil {
		return *refused
	}
	heard, refused := params.hear(in)
	if refused != nil {
		return *refused
	}
	return params.count(in, heard, excluded)
}
