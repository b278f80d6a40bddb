package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// RiskyTriggers holds where nobody outside can start a job that has secrets, on
// code of their own.
var RiskyTriggers = register(Check{
	ID:       "risky-triggers",
	Title:    "Events of strangers reach no environment and no secret",
	Why:      "These events run on the default branch, with its secrets, and environments let that branch in. A pull request or a comment of anybody starts them.",
	Severity: verdict.High,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		files, missing := in.workflows()
		about := about{severity: verdict.High}
		if missing != nil {
			return []verdict.Point{about.unknown("which events start workflows", missing, workflowsToken)}
		}
		var points []verdict.Point
		for _, each := range jobsOf(files) {
			points = append(points, in.exposed(about, each)...)
		}
		if len(points) > 0 {
			return points
		}
		if lost := unreadable(files); lost != nil {
			return []verdict.Point{about.unknown("which events start every workflow", lost, "Correct the file: see workflows-read.")}
		}
		return []verdict.Point{about.fine("no job that " + strings.Join(strangers, ", ") + " can start has the environment of a restricted stage, or secrets beside the code of a pull request")}
	},
})

// strangers are the events that somebody without any permission causes, and that
// run with the secrets of the repository. Source: "Events that trigger workflows".
var strangers = []string{"pull_request_target", "workflow_run", "issue_comment"}

// exposed says what a stranger reaches in one job.
func (in Input) exposed(about about, p placedJob) []verdict.Point {
	var events []string
	for _, each := range p.file.read.Events {
		if slices.Contains(strangers, each.Name) {
			events = append(events, each.Name)
		}
	}
	if len(events) == 0 {
		return nil
	}
	started := fmt.Sprintf("%s, which %s can start,", p, strings.Join(events, ", "))
	var points []verdict.Point
	if p.hasAnyStage(in.Rules) {
		points = append(points, p.see(about.wrong("environment", fmt.Sprintf("%s has the environment %q", started, p.job.Environment.Name),
			"Deploy in a workflow that is started by push, release or workflow_dispatch.")))
	}
	if step, ok := in.foreignCheckout(p); ok && p.hasSecrets() {
		points = append(points, p.file.see(about.wrong("foreign-code", fmt.Sprintf("%s checks out the code of a pull request, beside secrets or a token that may write", started),
			"Run code of pull requests on: pull_request, without secrets. Hand results on as an artifact, and read them as data."), step.Line))
	}
	return points
}

// theirs is how the names of what somebody proposes are written.
var theirs = regexp.MustCompile(`(?i)github\.event\.pull_request\.(?:head|merge_commit_sha)|github\.event\.workflow_run\.(?:head_|pull_requests)|github\.head_ref|refs/pull/`)

// foreignCheckout returns the step that checks out what somebody proposes.
func (in Input) foreignCheckout(p placedJob) (step workflow.Step, ok bool) {
	at := slices.IndexFunc(p.job.Steps, func(each workflow.Step) bool {
		action, _ := each.Action()
		ref, _ := each.With.Get("ref")
		from, _ := each.With.Get("repository")
		return strings.EqualFold(action, "actions/checkout") && theirs.MatchString(ref+" "+from)
	})
	if at < 0 {
		return step, false
	}
	return p.job.Steps[at], true
}

var secret = regexp.MustCompile(`(?i)\bsecrets\s*[.\[]`)

// hasSecrets reports whether a job is given secrets, or a token that may write.
func (p placedJob) hasSecrets() bool {
	permissions := p.job.Permissions
	if !permissions.Given {
		permissions = p.file.read.Permissions
	}
	return permissions.Writes() || p.job.Environment.Name != "" || slices.ContainsFunc(p.job.Texts, secret.MatchString)
}
