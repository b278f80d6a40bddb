package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/workflow"
)

// Source is a workflow file that is there.
type Source struct {
	Path string
	Text []byte
}

// Survey is what the workflows of a repository say. Texts in it are what their
// authors wrote, and inert only where they are shown.
type Survey struct {
	// Checks are jobs that every push to the default branch runs under one name.
	Checks []Check
	// Unnamed says of other jobs why a policy cannot name them.
	Unnamed []string
	// Reports is true where a push to the default branch runs jobs, named or not.
	Reports bool
	// Deploys are jobs with an environment: they deploy without a gate.
	Deploys []Deploy
}

// Deploy is a job with an environment.
type Deploy struct{ Workflow, Job, Environment string }

// LookAt reads workflows. One that cannot be read is said, and adds nothing.
func LookAt(sources []Source, defaultBranch string) Survey {
	var survey Survey
	for _, source := range sources {
		read, err := workflow.Parse(source.Text)
		if err != nil {
			survey.Unnamed = append(survey.Unnamed, fmt.Sprintf("%s cannot be read: %v", source.Path, err))
			continue
		}
		for _, job := range read.Jobs {
			if job.Environment.Name != "" {
				survey.Deploys = append(survey.Deploys, Deploy{Workflow: source.Path, Job: job.Title(), Environment: job.Environment.Name})
				continue
			}
			survey.add(source.Path, read, job, defaultBranch)
		}
	}
	return survey
}

// add puts a job among the checks, or says why it cannot be one.
func (s *Survey) add(path string, read workflow.Workflow, job workflow.Job, defaultBranch string) {
	push, isPush := read.On("push")
	if _, isPull := read.On("pull_request"); !isPush && !isPull {
		return // it is started for something else
	}
	why, always := "runs for pull requests only, and those are of another commit than what is merged", false
	if isPush {
		why, always = reach(push, defaultBranch)
	}
	check := Check{Name: job.Title(), Workflow: path}
	if why == "" {
		why, always = unnamable(read, job, check)
	}
	s.Reports = s.Reports || always
	switch {
	case why != "":
		s.Unnamed = append(s.Unnamed, fmt.Sprintf("%q of %s %s", check.Name, path, why))
	case !slices.Contains(s.Checks, check):
		s.Checks = append(s.Checks, check)
	}
}

// reach says why not every push to a branch runs a workflow, or "". always is true
// where only that cannot be told.
func reach(push workflow.Event, branch string) (why string, always bool) {
	isTagsOnly, isBranches := false, false
	for _, each := range push.Filters {
		switch each.Key {
		case "paths", "paths-ignore":
			return "runs for some files only", false
		case "tags", "tags-ignore":
			isTagsOnly = true
		case "branches":
			isBranches = true
			if !matches(each.Patterns, branch) {
				return fmt.Sprintf("does not name the branch %s among those whose push runs it", branch), false
			}
		case "branches-ignore":
			isBranches = true
			if slices.ContainsFunc(each.Patterns, func(pattern string) bool { return pattern == branch || strings.ContainsAny(pattern, "*?+[!") }) {
				return "leaves out branches, perhaps the default one", false
			}
		}
	}
	if isTagsOnly && !isBranches {
		return "runs for tags only", false
	}
	return "", true
}

// matches reports whether patterns surely match a branch: by its name, or as all
// branches do. A pattern that takes something away again makes it unsure.
func matches(patterns []string, branch string) bool {
	isAny := func(pattern string) bool {
		return pattern == branch || pattern == "**" || pattern == "*" && !strings.Contains(branch, "/")
	}
	return slices.ContainsFunc(patterns, isAny) && !slices.ContainsFunc(patterns, func(pattern string) bool { return strings.HasPrefix(pattern, "!") })
}

// unnamable says why a policy cannot ask for a job by its name, or "". always is
// true where it still shows up on each commit, under whatever name.
func unnamable(read workflow.Workflow, job workflow.Job, check Check) (why string, always bool) {
	switch {
	case isConditional(read, job):
		return "has a condition, or needs a job with one: a job that is skipped has not passed", false
	case job.Uses != "":
		return "calls another workflow, whose jobs have names of their own", true
	case job.Matrix:
		return "has a matrix, so it has many names", true
	case workflow.HasExpression(check.Name):
		return "has a name that is known only when it runs", true
	case !IsCheck(check):
		return "has a name, or is in a file, with unusual signs", true
	}
	return "", true
}

// isConditional reports whether a job, or one that it needs, directly or by others, can
// be skipped: that skips all that need it.
func isConditional(read workflow.Workflow, job workflow.Job) bool {
	seen := map[string]bool{}
	var skippable func(workflow.Job) bool
	skippable = func(job workflow.Job) bool {
		return job.If != "" || slices.ContainsFunc(job.Needs, func(id string) bool {
			if seen[id] {
				return false // it was looked at, or the jobs need each other, which GitHub refuses
			}
			seen[id] = true
			needed, ok := read.Job(id)
			return !ok || skippable(needed)
		})
	}
	return skippable(job)
}

// EnvironmentsOf returns the environments that stages already have by the names
// that the repository uses for them, where these are not the preset's.
func (s Survey) EnvironmentsOf(preset string) map[string]string {
	found := map[string]string{}
	for stage, names := range map[string][]string{
		"dev": {"development", "dev"}, "test": {"test", "testing"}, "staging": {"staging", "stage"}, "prod": {"production", "prod", "live"},
	} {
		if stage == "test" && preset == Presets()[0] {
			continue
		}
		for i, name := range names {
			at := slices.IndexFunc(s.Deploys, func(each Deploy) bool { return strings.EqualFold(each.Environment, name) })
			if at < 0 {
				continue
			}
			if i > 0 {
				found[stage] = s.Deploys[at].Environment
			}
			break
		}
	}
	return found
}
