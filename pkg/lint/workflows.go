package lint

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/workflow"
)

// asking is a job that asks the gate.
type asking struct {
	file file
	job  workflow.Job
	step workflow.Step
}

// where is the place of the job.
func (a asking) where() string { return fmt.Sprintf("%s:%d", a.file.path, a.job.Line) }

func (a asking) input(name string) string {
	value, _ := a.step.With.Get(name)
	return value
}

// asking returns the jobs that ask the gate, in the order of the files.
func (in subject) asking() []asking {
	var all []asking
	for _, file := range in.files {
		for _, job := range file.read.Jobs {
			for _, step := range job.Steps {
				if isGate(step) {
					all = append(all, asking{file, job, step})
				}
			}
		}
	}
	return all
}

// isGate reports whether a step uses the action of a repository that is named
// stageward, whoever owns it, and asks it for no other command. What a path of the
// workspace names, the file does not say.
func isGate(step workflow.Step) bool {
	repository, ref := step.Action()
	command, _ := step.With.Get("command")
	return strings.EqualFold(path.Base(repository), "stageward") && step.Uses == repository+"@"+ref && (command == "" || command == "gate")
}

// stages returns the stages that the gate of a job can be asked about: the one that
// its input stage or its environment names, or else those that accept what starts the
// workflow. A workflow that is called can be started by anything.
func (in subject) stages(a asking) []policy.Stage {
	named := a.input("stage")
	return slices.DeleteFunc(slices.Clone(in.rules.Stages), func(s policy.Stage) bool {
		switch {
		case named != "" && !workflow.HasExpression(named):
			return placeOf(s) != named && s.Name != named
		case a.job.Environment.Name != "":
			return !workflow.MayBe(strings.ToLower(a.job.Environment.Name), strings.ToLower(s.Environment))
		}
		return !slices.ContainsFunc(a.file.read.Events, func(event workflow.Event) bool { return canBring(event, s) })
	})
}

// canBring reports whether a run that an event starts can be for a stage.
func canBring(event workflow.Event, s policy.Stage) bool {
	if event.Name == "workflow_call" {
		return true
	}
	if !slices.Contains(s.Rule.Events, event.Name) {
		return false
	}
	branches, tags := false, false
	var only []string
	for _, each := range event.Filters {
		branches = branches || strings.HasPrefix(each.Key, "branches")
		tags = tags || strings.HasPrefix(each.Key, "tags")
		if each.Key == "branches" {
			only = each.Patterns
		}
	}
	switch {
	case event.Name != "push" || !branches && !tags:
		return true
	case tags && len(s.Rule.Tags) > 0:
		return true
	}
	return branches && len(s.Rule.Branches) > 0 && (only == nil || mayMeet(only, s))
}

// mayMeet reports whether a filter can let through a branch that a stage takes. Only
// plain names are compared: a pattern may let anything through, and any name may be
// that of the default branch.
func mayMeet(filter []string, s policy.Stage) bool {
	return slices.ContainsFunc(filter, func(name string) bool {
		return strings.ContainsAny(name, "*?+[]!") || slices.ContainsFunc(s.Rule.Branches, func(each stage.Pattern) bool {
			return each.String() == stage.DefaultBranch || each.Match(name, "")
		})
	})
}

// What the token of a job may not read, the gate cannot know, and then it allows
// nothing.
var _ = register("permissions-missing", func(in subject) []Warning {
	var found []Warning
	for _, each := range in.asking() {
		if each.input("token") != "" {
			continue // it reads with another token than the job's
		}
		stages := slices.DeleteFunc(in.stages(each), func(s policy.Stage) bool { return s.Unrestricted })
		uses := policy.PermissionUses(stages)
		if len(stages) == 0 {
			continue
		}
		if lacking := lacks(permissionsOf(each.file.read, each.job), uses); len(lacking) > 0 {
			found = append(found, in.lacking(each.where(), fmt.Sprintf("the job %s asks the gate", each.job.ID), lacking, uses))
		}
		for _, caller := range in.callers(each.file) {
			if lacking := lacks(permissionsOf(caller.file.read, caller.job), uses); len(lacking) > 0 {
				found = append(found, in.lacking(caller.where(), fmt.Sprintf("the job %s calls %s, which asks the gate", caller.job.ID, each.file.path), lacking, uses))
			}
		}
	}
	return found
})

func (in subject) lacking(where, who string, lacking []string, uses map[string][]string) Warning {
	var parts []string
	for _, each := range lacking {
		parts = append(parts, fmt.Sprintf("%s (%s)", each, strings.Join(uses[each], ", ")))
	}
	return Warning{
		Where: where, Text: fmt.Sprintf("%s, and its permissions leave out %s", who, strings.Join(parts, ", ")),
		Fix: "Add them to the permissions of the job; stageward permissions prints the whole block.",
	}
}

// callers returns the jobs that call a workflow of the workspace.
func (in subject) callers(called file) []asking {
	var all []asking
	for _, file := range in.files {
		for _, job := range file.read.Jobs {
			if job.Uses == "./"+called.path {
				all = append(all, asking{file: file, job: job})
			}
		}
	}
	return all
}

// permissionsOf returns what the token of a job may do.
func permissionsOf(in workflow.Workflow, job workflow.Job) workflow.Permissions {
	if job.Permissions.Given {
		return job.Permissions
	}
	return in.Permissions
}

// lacks returns the permissions that a token has not. Where nobody says what it may,
// the settings of the repository do, and nothing is known.
func lacks(has workflow.Permissions, wanted map[string][]string) []string {
	if !has.Given || has.All == "read-all" || has.All == "write-all" {
		return nil
	}
	var lacking []string
	for _, each := range slices.Sorted(maps.Keys(wanted)) {
		scope, _, _ := strings.Cut(each, ":")
		if value, _ := has.Scopes.Get(scope); value != "read" && value != "write" {
			lacking = append(lacking, each)
		}
	}
	return lacking
}

// Reviews of an environment are asked for when a job with it begins. A gate before
// that job waits for what only that job brings.
var _ = register("approval-waits-for-itself", func(in subject) []Warning {
	var found []Warning
	for _, each := range in.asking() {
		if each.job.Environment.Name != "" || !isNeeded(each) {
			continue
		}
		for _, s := range in.stages(each) {
			if slices.ContainsFunc(s.Enforced(), onlyByEnvironment) {
				found = append(found, Warning{
					Stage: s.Name, Gate: gate.Approved.ID, Where: each.where(),
					Text: fmt.Sprintf("the job %s asks the gate for approvals that come from reviews of the environment %s, and GitHub asks for those only when a later job begins: each waits for the other", each.job.ID, s.Environment),
					Fix:  "Ask the gate as the first step of the job that has the environment, or let approvals come from dispatch as well.",
				})
			}
		}
	}
	return found
})

// isNeeded reports whether a later job does not begin before the gate allows.
func isNeeded(a asking) bool {
	if failOn := a.input("fail-on"); failOn != "" && failOn != "wait" {
		return false
	}
	return slices.ContainsFunc(a.file.read.Jobs, func(job workflow.Job) bool {
		return slices.Contains(job.Needs, a.job.ID) && !workflow.ConditionOf(job.If).OutlivesFailure()
	})
}

// onlyByEnvironment reports whether every approval of a check comes from a review of
// the environment.
func onlyByEnvironment(check gate.Check) bool {
	approvals := check.Asks().Approvals
	return check.AsksPeople() && !slices.ContainsFunc(approvals, func(each gate.AskedApproval) bool {
		return each.Workflow != "" || each.Review || !each.Environment
	})
}

// Of a file that cannot be read nothing is known.
var _ = register("workflow-not-read", func(in subject) []Warning {
	var found []Warning
	for _, each := range in.files {
		if each.unread != nil && strings.Contains(each.text, "stageward") {
			found = append(found, Warning{Where: each.path, Text: fmt.Sprintf("the workflow could not be read, so nothing is known about its gate: %v", each.unread), Fix: "Correct the file."})
		}
	}
	return found
})
