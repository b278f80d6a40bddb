package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// UnknownProject is the reason code of a run that names a project which there is
// not.
const UnknownProject stage.Problem = "project.unknown"

// Several is what a policy with projects asks about one subject: one Plan a project,
// none of which knows of the others.
type Several struct {
	plans []Plan
}

// NewSeveral makes the plan of each project.
func NewSeveral(rules policy.Policy, facts fact.Set) Several {
	var several Several
	for _, each := range rules.All() {
		several.plans = append(several.plans, newPlan(each, facts))
	}
	return several
}

// Needs returns the facts that any of the projects needs, each once.
func (s Several) Needs() []fact.Need {
	var once []fact.Need
	for _, plan := range s.plans {
		if plan.elsewhere() != nil {
			continue
		}
		needs := plan.Needs()
		if plan.filters() {
			needs = append(needs, plan.since().Need(), plan.stage.DeployedBy.Need())
		}
		for _, need := range needs {
			if !slices.Contains(once, need) {
				once = append(once, need)
			}
		}
	}
	return once
}

// Decide decides about each project that one of its stages takes and that changed.
func (s Several) Decide(facts fact.Set) verdict.Several {
	var decided []verdict.Verdict
	aside := []verdict.Aside{}
	for _, plan := range s.plans {
		if left := plan.elsewhere(); left != nil {
			aside = append(aside, *left)
		} else if left := plan.unchanged(facts); left != nil {
			aside = append(aside, *left)
		} else {
			decided = append(decided, plan.Decide(facts))
		}
	}
	whole := about(facts)
	result := verdict.SeveralOf(decided, aside)
	result.Subject, result.Trigger, result.RepositoryURL, result.At = whole.Subject, whole.Trigger, whole.RepositoryURL, whole.At
	result.Policy = whole.Policy
	if len(s.plans) > 0 {
		result.Policy.Preset = s.plans[0].policy.Preset
	}
	if len(decided) == 0 {
		nothing(&result)
	}
	return result
}

// nothing says why no project was decided: all of those that the reference concerns
// are unchanged, or it concerns none of them.
func nothing(result *verdict.Several) {
	var reasons []string
	isSlip := len(result.Aside) > 0
	for _, each := range result.Aside {
		if each.Code == verdict.Unchanged {
			result.Code = verdict.Unchanged
			result.Reason = "nothing is to be deployed: no file of any project that the reference concerns changed since its last deployment"
			result.Fix = "Nothing. To deploy one of them all the same, start the run with the input project."
			return
		}
		isSlip = isSlip && each.Code == string(stage.NoSuchStage)
		if reason := fmt.Sprintf("%s: %s", each.Project, each.Reason); len(reasons) < mostReasons {
			reasons = append(reasons, reason)
		}
	}
	if more := len(result.Aside) - len(reasons); more > 0 {
		reasons = append(reasons, fmt.Sprintf("and %d more", more))
	}
	result.Reason = "the reference concerns no project: " + strings.Join(reasons, "; ")
	result.Code = result.Aside[0].Code
	for _, each := range result.Aside {
		if each.Code != string(stage.NoSuchStage) {
			result.Code = each.Code
			break
		}
	}
	if isSlip {
		result.Decision = verdict.Errored
	}
}

// mostReasons is how many projects a reason tells of.
const mostReasons = 5

// elsewhere says why the reference does not concern the project, or nil. More than
// one stage that takes it is an error of the policy, and no such answer.
func (p Plan) elsewhere() *verdict.Aside {
	if p.stage != nil || p.match.Problem == stage.Ambiguous {
		return nil
	}
	left := verdict.Aside{Project: p.policy.Project, Code: string(p.match.Problem), Reason: p.match.Reason}
	for _, try := range p.match.Tries {
		if strings.HasPrefix(try.Why, stage.NearMiss) {
			left.Reason += fmt.Sprintf(" (stage %s: %s)", try.Stage, try.Why)
			break
		}
	}
	return &left
}

// filters reports whether the project may be left out because none of its files
// changed. Who asks to go back, or to break the glass, does not go by what changed,
// and a tag is a release of its project whatever is in it.
func (p Plan) filters() bool {
	return p.stage != nil && p.refusal == nil && p.way == nil && len(p.policy.Paths) > 0 &&
		p.stage.DeployedBy != (fact.JobOf{}) && p.ref == fact.Branch
}

// since is where what changed begins: as in the list of changes, if that is counted
// from the deployments of the stage.
func (p Plan) since() fact.RangeFrom {
	own := fact.RangeFrom{Workflow: p.stage.DeployedBy.Workflow, Job: p.stage.DeployedBy.Job}
	if span := p.span(); span.Workflow == own.Workflow && span.Job == own.Job {
		return span
	}
	return own
}

// unchanged says since which deployment no file of the project changed, or nil. Only
// a whole list of files says so, from the deployment itself: what is not known has
// changed.
func (p Plan) unchanged(facts fact.Set) *verdict.Aside {
	if !p.filters() {
		return nil
	}
	span, missing := facts.RangeSince(p.since()).Get()
	if missing != nil || span.Run == nil || span.Base.Commit.SHA == "" {
		return nil
	}
	// Another branch may have been deployed in between: then that is what is there.
	last, missing := facts.LastDeploymentBy(p.stage.DeployedBy).Get()
	if missing != nil || last.Run == nil || !last.Settled || last.Run.ID != span.Run.ID || last.Run.Attempt != span.Run.Attempt {
		return nil
	}
	files, missing := span.Files.Get()
	if missing != nil || p.policy.Touches(files) {
		return nil
	}
	return &verdict.Aside{
		Project: p.policy.Project, Code: verdict.Unchanged, Stage: p.stage.Name, Environment: p.stage.Environment, Run: span.Run,
		Reason: fmt.Sprintf("none of its files changed since %s was deployed to %s (files that did: %d)", span.Base.Commit.SHA.Short(), p.stage.Name, len(files)),
	}
}
