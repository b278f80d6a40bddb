package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/suppose"
)

// A deployment that is made up begins so long after the commit was written, and
// takes so long. That is early: what has to come after it has its time.
const (
	supposedDeployAfter = 10 * time.Minute
	supposedDeployTook  = time.Minute
)

// deploy lets the commit have been deployed to the stage, once and well. It returns
// when that ended.
func (d deployed) deploy(in Supposed) (ended time.Time, err error) {
	workflow, err := d.workflowIn(in)
	if err != nil {
		return time.Time{}, err
	}
	branch, err := d.place(in)
	if err != nil {
		return time.Time{}, err
	}
	d.undeploy(in)
	name := d.by.Job
	if name == "" {
		name = "deploy-" + d.stage.Name
	}
	began := in.Written().Add(supposedDeployAfter)
	ended = began.Add(supposedDeployTook)
	number := in.AddJob(suppose.Job{Workflow: workflow, Name: name, Branch: branch, Started: began, Took: supposedDeployTook})
	creator := in.Person(suppose.Deployer)
	record := fact.Deployment{
		ID: suppose.Number("deployment to " + d.stage.Environment), Environment: d.stage.Environment, Job: number, Creator: &creator, CreatedAt: began, Task: "deploy",
		Statuses: []fact.DeploymentStatus{{State: "in_progress", At: began, Creator: &creator}, {State: statusSuccess, At: ended, Creator: &creator}},
	}
	if d.record == recordOfStageward {
		record.Job, record.Payload = 0, fmt.Sprintf(`{"stageward":1,"run_id":%d,"run_attempt":1}`, number)
	}
	if d.record != noRecord {
		suppose.Change(&in.Facts.Deployments, func(records *[]fact.Deployment) { *records = append((*records)[:len(*records):len(*records)], record) })
	}
	return ended, nil
}

// undeploy lets the commit never have been deployed to the stage.
func (d deployed) undeploy(in Supposed) {
	workflow, err := d.workflowIn(in)
	known := &history{deployed: d, in: in.input(), workflow: workflow}
	suppose.Change(&in.Facts.Deployments, func(records *[]fact.Deployment) {
		known.records = *records
		left := []fact.Deployment{}
		for _, each := range *records {
			if !known.here(each) {
				left = append(left, each)
			}
		}
		*records = left
	})
	if err != nil {
		return
	}
	suppose.Change(&in.Facts.Checks, func(checks *fact.Checks) { known.runs = checks.Workflows })
	known.learn()
	in.dropJobs(workflow, append(known.known, d.by.Job)...)
}

// dropJobs takes away the jobs of a workflow that have these names, also where GitHub
// does not say of which workflow they are, and the runs of which it says no jobs.
func (in Supposed) dropJobs(workflow string, names ...string) {
	in.DropChecks(func(name, from string) bool {
		return name != "" && slices.Contains(names, name) && (from == workflow || from == "")
	})
	in.DropRuns(func(run fact.WorkflowRun) bool {
		_, missing := run.Jobs.Get()
		return missing != nil && (run.Workflow == workflow || run.Workflow == "")
	})
}

// workflowIn is the workflow that deploys to the stage.
func (d deployed) workflowIn(in Supposed) (string, error) {
	workflow := d.by.Workflow
	if workflow == "" {
		workflow = askerOf(in.Facts).workflow
	}
	if workflow == "" {
		return "", fmt.Errorf("neither the policy (deployed-by) nor the run says which workflow deploys to %s", d.stage.Name)
	}
	return workflow, nil
}

// place returns the name of a branch or tag at which a deployment to the stage
// counts: the branch that the rule names, or else a name that its patterns accept.
func (d deployed) place(in Supposed) (string, error) {
	defaultName := in.input().defaultBranchOr("")
	names := []string{in.Facts.Subject.Ref.Name()}
	for _, pattern := range slices.Concat(d.stage.Rule.Branches, d.stage.Rule.Tags) {
		for _, word := range []string{"1", "1.0.0"} {
			name := strings.ReplaceAll(strings.ReplaceAll(pattern.String(), "**", word), "*", word)
			names = append(names, name, name+"-rc.1")
		}
	}
	for _, pattern := range d.stage.Rule.Branches {
		name := pattern.String()
		if name == stage.DefaultBranch {
			name = defaultName
		}
		if pattern.Literal() && name != "" {
			in.Facts.Tips[pattern.String()] = fact.Of(fact.Tip{Branch: name, Was: true}, suppose.Source())
			return name, nil
		}
	}
	for _, name := range names {
		ofBranch := slices.ContainsFunc(d.stage.Rule.Branches, func(each stage.Pattern) bool { return each.Match(name, defaultName) })
		if ofBranch || acceptsTag(d.stage.Rule, name, "push") {
			return name, nil
		}
	}
	return "", fmt.Errorf("no branch or tag could be made up of which %s accepts a deployment", d.stage.Name)
}
