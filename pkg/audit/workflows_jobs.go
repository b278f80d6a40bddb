package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// DeployingJob holds where the jobs are there by whose names the policy knows what
// was deployed.
var DeployingJob = register(Check{
	ID:       "deploying-job",
	Title:    "The jobs that the policy names are there",
	Why:      "What was deployed where is known by the names of jobs. Where no job has the name, no deployment is ever found, and the next stage is closed for good.",
	Severity: verdict.Medium,
	Needs:    needsWorkflows,
	Ask: func(in Input) []verdict.Point {
		files, missing := in.workflows()
		var points []verdict.Point
		for _, each := range in.Rules.Progression() {
			about := about{stage: each.Name, severity: verdict.Medium}
			asked := jobsAsked(in.Rules, each)
			if len(asked) == 0 {
				points = append(points, about.beside("the policy names no job for it"))
				continue
			}
			if missing != nil {
				points = append(points, about.unknown("which jobs there are", missing, workflowsToken))
				continue
			}
			for _, job := range asked {
				points = append(points, in.judgeJob(about, each, job, files))
			}
		}
		return distinct(points)
	},
})

// jobsAsked returns the jobs that the policy names as deploying to a stage, and
// those that its gates ask for besides. Each is there once.
func jobsAsked(rules policy.Policy, s policy.Stage) []gate.AskedJob {
	var jobs []gate.AskedJob
	for _, other := range rules.Stages {
		for _, check := range checksOf(other) {
			for _, job := range check.Asks().Jobs {
				if cmp.Or(job.Stage, placeOf(other)) == s.Name {
					jobs = addJob(jobs, job)
				}
			}
		}
	}
	own := s.DeployedBy
	if own != (fact.JobOf{}) && !slices.ContainsFunc(jobs, func(each gate.AskedJob) bool { return each.JobOf == own }) {
		jobs = addJob(jobs, gate.AskedJob{JobOf: own, Deploys: true, Recorded: true})
	}
	return jobs
}

// addJob adds a job that is not there yet; of one that is, everything is asked.
func addJob(jobs []gate.AskedJob, job gate.AskedJob) []gate.AskedJob {
	at := slices.IndexFunc(jobs, func(each gate.AskedJob) bool { return each.JobOf == job.JobOf })
	if at < 0 {
		return append(jobs, job)
	}
	jobs[at].Deploys, jobs[at].Recorded = jobs[at].Deploys || job.Deploys, jobs[at].Recorded || job.Recorded
	return jobs
}

// checksOf returns what a stage asks that is not turned off, its other ways among
// them.
func checksOf(s policy.Stage) []gate.Check {
	var checks []gate.Check
	for _, each := range s.Gates {
		if each.Mode != verdict.Off {
			checks = append(checks, each.Check)
		}
	}
	for _, lane := range s.OpenLanes() {
		checks = append(checks, lane.Check)
	}
	return checks
}

// judgeJob answers for one job.
func (in Input) judgeJob(about about, s policy.Stage, asked gate.AskedJob, files []workflowFile) verdict.Point {
	what := fmt.Sprintf("the policy names the job %q of %s", asked.Job, asked.Workflow)
	file, ok := fileOf(files, asked.Workflow)
	if !ok {
		return about.wrong("no-workflow", fmt.Sprintf("%s, and the default branch has no such file", what), "Correct the path in the policy, or put the workflow there.")
	}
	jobs, why := in.jobsNamed(files, asked.JobOf)
	switch {
	case len(jobs) == 0 && why != "":
		return file.see(about.unknown("whether there is a job of that name", &fact.Missing{Reason: fact.Incomplete, Detail: what + "; " + why}, "Look there whether it has a job of that name."), 0)
	case len(jobs) == 0:
		return file.see(about.wrong("no-job", fmt.Sprintf("%s, and the file has only %s", what, titles(in, file, files)),
			"Name the job in the policy as GitHub shows it, or give the job that name. A job of a workflow that is called is `caller / job`."), 0)
	case !asked.Deploys:
		return jobs[0].see(about.fine(what + ", and it is there"))
	}
	return judgePlaces(about, s, asked, what, jobs)
}

// judgePlaces holds the environments of the jobs of a name against that of a stage.
func judgePlaces(about about, s policy.Stage, asked gate.AskedJob, what string, jobs []placedJob) verdict.Point {
	const fix = "Give the job the environment of the stage, or name the job that has it."
	here := slices.DeleteFunc(slices.Clone(jobs), func(each placedJob) bool { return !each.hasStage(s) })
	switch first := jobs[0]; {
	case len(here) > 0 && asked.Recorded && here[0].job.Environment.Deployment == "false":
		return here[0].see(about.wrong("no-record", what+", and its environment says deployment: false: no deployment is ever recorded", "Remove deployment: false, or say record: none in the policy."))
	case len(here) > 0 && workflow.HasExpression(here[0].job.Environment.Name):
		return here[0].see(about.fine(fmt.Sprintf("%s, and its environment %q can be %q", what, here[0].job.Environment.Name, s.Environment)))
	case len(here) > 0:
		return here[0].see(about.fine(fmt.Sprintf("%s, and it has the environment %q", what, s.Environment)))
	case first.job.Environment.Name != "":
		return first.see(about.wrong("other-environment", fmt.Sprintf("%s, and that has the environment %q; expected %q", what, first.job.Environment.Name, s.Environment), fix))
	case asked.Recorded:
		return first.see(about.wrong("no-environment", fmt.Sprintf("%s, and that has no environment, so GitHub records no deployment; expected %q", what, s.Environment), fix+" Where it cannot have one, see docs/record.md."))
	}
	return jobs[0].see(about.fine(what + ", and it is there, without an environment, as the policy says"))
}

// jobsNamed returns the jobs that GitHub can show under a name: those of the file,
// and those of a workflow that a job of it calls, as "caller / job". why says of
// what the names are not known.
func (in Input) jobsNamed(files []workflowFile, name fact.JobOf) (found []placedJob, why string) {
	file, ok := fileOf(files, name.Workflow)
	switch {
	case !ok:
		return nil, ""
	case file.unread != nil:
		return nil, fmt.Sprintf("%q could not be read: %s", file.Path, file.unread.Detail)
	}
	for _, job := range file.read.Jobs {
		if job.Uses == "" {
			if isTitled(job.Title(), name.Job) {
				found = append(found, placedJob{file, job})
			}
			continue
		}
		inner, reason := in.jobsCalled(files, job, name.Job)
		found, why = append(found, inner...), cmp.Or(why, reason)
	}
	return found, why
}

// jobsCalled returns the jobs of the workflow that a job calls, by the name that
// GitHub shows for them.
func (in Input) jobsCalled(files []workflowFile, caller workflow.Job, name string) (found []placedJob, why string) {
	file, reason := in.called(files, caller.Uses)
	if reason != "" {
		if isTitled(caller.Title()+" / ${{ any }}", name) {
			why = reason
		}
		return nil, why
	}
	for _, each := range file.read.Jobs {
		title := caller.Title() + " / " + each.Title()
		switch {
		case each.Uses != "" && isTitled(title+" / ${{ any }}", name):
			why = fmt.Sprintf("%q calls a workflow itself, and only one level is followed", file.Path)
		case each.Uses == "" && isTitled(title, name):
			found = append(found, placedJob{file, each})
		}
	}
	return found, why
}

// isTitled reports whether GitHub can show a job of a title under a name. That of
// a matrix has its values behind it.
func isTitled(title, name string) bool {
	return workflow.MayBe(title, name) || !workflow.HasExpression(title) && workflow.MayBe(title+" (${{ matrix }})", name)
}

// titles lists the names of the jobs of a file.
func titles(in Input, file workflowFile, files []workflowFile) string {
	var names []string
	for _, job := range file.read.Jobs {
		inner, why := in.called(files, job.Uses)
		if job.Uses == "" || why != "" {
			names = append(names, cited(job.Title()))
			continue
		}
		for _, each := range inner.read.Jobs {
			names = append(names, cited(job.Title()+" / "+each.Title()))
		}
	}
	const most = 10
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
