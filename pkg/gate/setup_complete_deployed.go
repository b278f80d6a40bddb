package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// judgeDeployed holds an item to the last deployment to a stage, of whatever
// commit: that the pipeline has worked, and lately.
func (c checkedSetup) judgeDeployed(in Input) verdict.Finding {
	stage, _ := in.Terms.stage(c.Deployed)
	what := fmt.Sprintf("%s: job %s of %s", c.Item, shown(stage.DeployedBy.Job), stage.DeployedBy.Workflow)
	last, missing := in.Facts.LastDeploymentBy(stage.DeployedBy).Get()
	if missing != nil {
		return verdict.Lacking(fmt.Sprintf("when %s was deployed to last, for %s", c.Deployed, c.Item), missing)
	}
	now, missing := in.Facts.At.Get()
	if missing != nil {
		return verdict.Lacking("what time it is", missing)
	}
	branch, missing := in.defaultBranch()
	if missing != nil {
		return verdict.Lacking("which branches "+c.Deployed+" accepts", missing)
	}
	again := fmt.Sprintf("Deploy to %s, and run the gate again when that has succeeded.", c.Deployed)
	who := "whoever may deploy to " + c.Deployed
	run := last.Run
	if run == nil {
		return verdict.Waits("never", what+" has never succeeded").Because(again, who)
	}
	age := now.Sub(run.At)
	var finding verdict.Finding
	switch {
	case run.Workflow != stage.DeployedBy.Workflow || run.Job != stage.DeployedBy.Job || run.At.IsZero() || age < -clockSlack:
		finding = verdict.Lacking("when "+what+" succeeded", &fact.Missing{
			Reason: fact.Inconsistent, Detail: fmt.Sprintf("the answer is about %q of %q, made at %s, and it is %s", run.Job, run.Workflow, stamp(run.At), stamp(now)),
		})
	case !stage.takes(run.Branch, branch):
		finding = verdict.Waits("untrusted", fmt.Sprintf("%s succeeded last at %s, which %s does not accept", what, shown(run.Branch), c.Deployed)).Because(again, who)
	case age > c.Within.Length():
		finding = verdict.Waits("stale", fmt.Sprintf("%s succeeded last in a run made %s ago, at %s; it may be %s old", what, formatLength(age), stamp(run.At), c.Within)).Because(again, who)
	default:
		finding = verdict.Passed(fmt.Sprintf("%s succeeded in a run made %s ago, at %s (at most %s)", what, formatLength(max(age, 0)), stamp(run.At), c.Within))
	}
	return finding.See(fmt.Sprintf("run %d of %s", run.ID, run.Workflow), run.URL)
}
