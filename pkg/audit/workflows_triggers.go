package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
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
		for _, file := range files {
			by := in.reachedBy(files, file, map[string]bool{})
			for _, job := range file.read.Jobs {
				points = append(points, in.exposed(about, placedJob{file, job}, files, by)...)
			}
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
var strangers = []string{
	"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment", "fork", "watch", "gollum",
}

// reached is how strangers start a workflow.
type reached struct {
	events []string
	// given are the inputs that jobs on the way to it give what they call.
	given workflow.Entries
}

// reachedBy returns how strangers start a workflow: by its own events, and by those
// of the workflows whose jobs call it. seen are the files that were asked about.
func (in Input) reachedBy(files []workflowFile, at workflowFile, seen map[string]bool) (found reached) {
	if seen[at.Path] {
		return found
	}
	seen[at.Path] = true
	for _, each := range at.read.Events {
		if slices.Contains(strangers, each.Name) {
			found.events = append(found.events, each.Name)
		}
	}
	for _, each := range jobsOf(files) {
		if each.job.Uses == "" {
			continue
		}
		if called, why := in.called(files, each.job.Uses); why != "" || called.Path != at.Path {
			continue
		}
		before := in.reachedBy(files, each.file, seen)
		found.events = append(found.events, before.events...)
		found.given = slices.Concat(found.given, before.given, each.job.With)
	}
	return found
}

// exposed says what a stranger reaches in one job.
func (in Input) exposed(about about, p placedJob, files []workflowFile, by reached) []verdict.Point {
	events := slices.Compact(slices.Sorted(slices.Values(by.events)))
	if len(events) == 0 {
		return nil
	}
	started := fmt.Sprintf("%s, which %s can start,", p, strings.Join(events, ", "))
	var points []verdict.Point
	if p.hasAnyStage(in.Rules) {
		points = append(points, p.see(about.wrong("environment", fmt.Sprintf("%s has the environment %q", started, p.job.Environment.Name),
			"Deploy in a workflow that is started by push, release or workflow_dispatch.")))
	}
	if _, why := in.called(files, p.job.Uses); p.job.Uses != "" && why != "" {
		points = append(points, p.see(about.unknown(fmt.Sprintf("what %s does", started), &fact.Missing{Reason: fact.Incomplete, Detail: why},
			"Look there whether a job of it has an environment of this repository, or the code of a pull request beside secrets.")))
	}
	if step, ok := in.foreignCheckout(p, by.given); ok && p.hasSecrets() {
		points = append(points, p.file.see(about.wrong("foreign-code", fmt.Sprintf("%s checks out the code of a pull request, beside secrets or a token that may write", started),
			"Run code of pull requests on: pull_request, without secrets. Hand results on as an artifact, and read them as data."), step.Line))
	}
	return points
}

// theirs is how the names of what somebody proposes are written, theirScript how a
// script gets it.
var (
	theirs = lazy.New(`(?i)github\.event\.pull_request\.(?:head|merge_commit_sha|number)|github\.event\.(?:issue\.)?number|github\.event\.workflow_run\.(?:head_|pull_requests)|github\.head_ref|refs/pull/`)

	theirScript = lazy.New(`(?i)\bgh\s+pr\s+checkout\b|\bpull/\S+/(?:head|merge)\b|\bgit\s+(?:fetch|checkout|clone|pull|switch)\b[^\n]*(?:github\.event\.pull_request\.head|github\.head_ref)`)
)

// foreignCheckout returns the step that checks out what somebody proposes. given are
// the inputs of the workflow, where jobs call it.
func (in Input) foreignCheckout(p placedJob, given workflow.Entries) (step workflow.Step, ok bool) {
	at := slices.IndexFunc(p.job.Steps, func(each workflow.Step) bool {
		action, _ := each.Action()
		ref, _ := each.With.Get("ref")
		from, _ := each.With.Get("repository")
		checksOut := strings.EqualFold(action, "actions/checkout") && theirs.MatchString(p.spelledOut(ref+" "+from, each, given))
		return checksOut || theirScript.MatchString(dotted(each.Run))
	})
	if at < 0 {
		return step, false
	}
	return p.job.Steps[at], true
}

var secret = lazy.New(`(?i)\bsecrets\b`)

// mentionsSecret reports whether an expression in a text reads secrets, one or all
// of them.
func mentionsSecret(text string) bool {
	return slices.ContainsFunc(workflow.Expressions(text), func(each string) bool { return secret.MatchString(workflow.Unquoted(each)) })
}

// hasSecrets reports whether a job is given secrets, or a token that may write.
func (p placedJob) hasSecrets() bool {
	permissions := p.job.Permissions
	if !permissions.Given {
		permissions = p.file.read.Permissions
	}
	return permissions.Writes() || p.job.Environment.Name != "" || slices.ContainsFunc(p.job.Texts, mentionsSecret)
}

// variable is the name of a variable or an input in an expression.
var variable = lazy.New(`(?i)\b(env|inputs)\.([a-z_][a-z0-9_-]*)`)

// spelledOut returns a text with what its variables and inputs stand for behind it,
// as far as the file and those that call it say that.
func (p placedJob) spelledOut(text string, step workflow.Step, given workflow.Entries) string {
	text = dotted(text)
	for _, words := range variable.FindAllStringSubmatch(text, -1) {
		for _, each := range []workflow.Entries{step.Env, p.job.Env, p.file.read.Env, given} {
			value, _ := each.Get(words[2])
			text += " " + dotted(value)
		}
	}
	return text
}

var index = lazy.New(`\[\s*'([^']*)'\s*\]`)

// dotted writes x['y'] as x.y, which GitHub does not tell apart.
func dotted(text string) string { return index.ReplaceAllString(text, ".$1") }
