package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/workflow"
)

// A step is the gate where it uses an action of a repository that is named
// stageward, whoever owns it, so that a fork of an organisation counts, and does
// not ask it for another command. In a repository of that name itself, "uses: ./"
// is it, too. Anything else is not: an image of a registry, or a copy in a folder of
// the workspace, says by nothing what it is.
func (in Input) isGate(step workflow.Step) bool {
	command, _ := step.With.Get("command")
	_, unknown := step.With.Get("") // one expression says all inputs, this one among them
	return in.isStageward(step) && !unknown && (command == "" || command == "gate")
}

// isStageward reports whether a step uses the action, for whatever command.
func (in Input) isStageward(step workflow.Step) bool {
	if isLocal(step) {
		return isNamed(in.Repository.Name) && path.Clean(step.Uses) == "."
	}
	repository, ref := step.Action()
	return isNamed(repository) && step.Uses == repository+"@"+ref
}

func isNamed(repository string) bool { return strings.EqualFold(path.Base(repository), "stageward") }

func isLocal(step workflow.Step) bool {
	return strings.HasPrefix(step.Uses, "./") || step.Uses == "."
}

// gateOf returns the first gate of a job, or -1.
func (in Input) gateOf(job workflow.Job) int { return slices.IndexFunc(job.Steps, in.isGate) }

// prepares reports whether a step may stand before the gate, because the gate
// needs it: an action that gets the token for teams, of a repository that is named
// with its ref, and, where the action is that of the workspace, a checkout.
func prepares(step, gate workflow.Step) bool {
	token, _ := gate.With.Get("people-token")
	repository, _ := step.Action()
	makesToken := step.ID != "" && repository != "" && strings.Contains(strings.ToLower(token), "steps."+strings.ToLower(step.ID)+".outputs.")
	return makesToken || isLocal(gate) && strings.EqualFold(repository, "actions/checkout")
}

// endsJob says why a gate that does not allow still lets the steps after it run;
// "" where it ends the job.
func endsJob(gate workflow.Step) (why string) {
	failOn, _ := gate.With.Get("fail-on")
	switch {
	case failOn != "" && failOn != "wait":
		return "fail-on is " + cited(failOn) + ", so the step passes although the gate does not allow"
	case gate.ContinueOnError != "" && gate.ContinueOnError != "false":
		return "continue-on-error is " + cited(gate.ContinueOnError) + ", so the job goes on although the gate does not allow"
	case !slices.Contains([]workflow.Condition{"", "true", "always()", "success()", "!cancelled()"}, workflow.ConditionOf(gate.If)):
		return "the gate itself has if: " + cited(gate.If) + ", and is asked nothing where that is not true"
	}
	return ""
}

// demandsAllow reports whether a condition is true only where the gate allows: by its
// output allowed, or by decision or receipt, which say the same.
func demandsAllow(condition workflow.Condition, gate workflow.Step) bool {
	output := "steps." + strings.ToLower(gate.ID) + ".outputs."
	demanded := []string{
		output + "allowed=='true'", "'true'==" + output + "allowed",
		output + "decision=='allow'", "'allow'==" + output + "decision",
		output + "receipt!=''", "''!=" + output + "receipt",
	}
	return condition.Demands(func(operand string) bool { return slices.Contains(demanded, operand) })
}
