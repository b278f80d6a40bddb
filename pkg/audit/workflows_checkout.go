package audit

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// DeploysWhatWasJudged holds where the commit that a job checks out is the one that
// the gate decided about.
var DeploysWhatWasJudged = register(Check{
	ID:       "checks-out-decided-commit",
	Title:    "Deploying jobs check out the commit that the gate decided about",
	Why:      "A branch or tag can move after the decision: what is deployed is then another commit than the one that was allowed.",
	Severity: verdict.Medium,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		return in.eachDeploying(about{severity: verdict.Medium}, "the jobs that deploy check out the gate's sha, or nothing", func(about about, p placedJob) []verdict.Point {
			var points []verdict.Point
			for _, step := range p.job.Steps {
				if why := in.checksOutOther(p, step); why != "" {
					point := about.wrong("other-commit", fmt.Sprintf("%s checks out %s", p, why), "Let the checkout have the output sha of the gate as its ref, as in examples/gated-deploy.yml, and give the gate `id: gate`.")
					points = append(points, p.file.see(point, step.Line))
				}
			}
			return points
		})
	},
})

// checkoutOf returns the ref that a step checks out of this repository; ok is false
// where it checks out nothing of it.
func (in Input) checkoutOf(step workflow.Step) (ref string, ok bool) {
	action, _ := step.Action()
	from, _ := step.With.Get("repository")
	if !strings.EqualFold(action, "actions/checkout") || from != "" && !strings.EqualFold(from, in.Repository.Name) && !workflow.HasExpression(from) {
		return "", false
	}
	ref, _ = step.With.Get("ref")
	return ref, true
}

// checksOutOther says what a step checks out that the gate did not name; "" where
// it does not.
func (in Input) checksOutOther(p placedJob, step workflow.Step) string {
	ref, ok := in.checkoutOf(step)
	switch {
	case !ok || in.isDecided(p, ref):
		return ""
	case ref == "":
		return "what the event says, without a ref"
	}
	return cited(ref)
}

// isDecided reports whether a value is the gate's output sha: that of the job's own
// gate, or of a job before, which hands it on. The commit that a gate before names
// is not the one that the own gate decides about, unless the own one is told it: a
// gate says its sha also where it does not allow.
func (in Input) isDecided(p placedJob, value string) bool {
	if in.isGateSHA(p.job, value) {
		return true
	}
	if at := in.gateOf(p.job); at >= 0 {
		if told, _ := p.job.Steps[at].With.Get("sha"); expressionless(told) != expressionless(value) {
			return false
		}
	}
	operand, ok := onlyOperand(value)
	if !ok {
		return false
	}
	parts := strings.Split(operand, ".")
	if len(parts) != 4 || parts[0] != "needs" || parts[2] != "outputs" {
		return false
	}
	before, _ := p.file.read.Job(parts[1])
	output, _ := before.Outputs.Get(parts[3])
	return in.isGateSHA(before, output)
}

// isGateSHA reports whether a value is the output sha of the gate of a job, which is
// the first that it has.
func (in Input) isGateSHA(job workflow.Job, value string) bool {
	operand, ok := onlyOperand(value)
	at := in.gateOf(job)
	return ok && at >= 0 && job.Steps[at].ID != "" && operand == "steps."+strings.ToLower(job.Steps[at].ID)+".outputs.sha"
}

// onlyOperand returns the operand of a value that is one expression and nothing
// else.
func onlyOperand(value string) (operand string, ok bool) {
	value = strings.TrimSpace(value)
	expressions := workflow.Expressions(value)
	if len(expressions) != 1 || !strings.HasPrefix(value, "${{") || !strings.HasSuffix(value, "}}") {
		return "", false
	}
	results := workflow.Results(expressions[0])
	return results[0], len(results) == 1
}
