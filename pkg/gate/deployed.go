package gate

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// DeploymentRecord is what has to stand beside the job that deployed.
type DeploymentRecord string

// The records.
const (
	recordOfEnvironment DeploymentRecord = "environment" // that GitHub made for the job
	recordOfStageward   DeploymentRecord = "stageward"   // that `command: record` posted
	noRecord            DeploymentRecord = "none"
)

// Values returns the words a policy may use.
func (DeploymentRecord) Values() []string {
	return []string{string(recordOfEnvironment), string(recordOfStageward), string(noRecord)}
}

// deployEvents are the events whose run is of the commit that its branch or tag
// had then, by the workflow file of that commit. Source: "Events that trigger
// workflows", the column GITHUB_SHA.
var deployEvents = []string{"push", "workflow_dispatch", "release", "create", "schedule", "repository_dispatch"}

// deployed says what shows that the commit was deployed to a stage: a job that
// succeeded, as GitHub itself records jobs, in a run of one workflow file, at a
// branch or tag that the stage accepts. The record of the deployment says to
// which environment; alone it is a claim.
type deployed struct {
	stage Stage
	// by is the job. Where it is zero, it is every job of the workflow that asks
	// whose record is of the stage's environment.
	by     deployedBy
	record DeploymentRecord
}

func (d deployed) validate(terms Terms) error {
	switch {
	case !slices.Contains(d.record.Values(), string(d.record)):
		return fmt.Errorf("record: %q: expected one of %q", d.record, d.record.Values())
	case !d.by.given() && d.record != recordOfEnvironment:
		return fmt.Errorf("deployed-by: record: %s needs deployed-by: { workflow: …, job: … }, here or at the stage, since no record of GitHub's own says which job deploys", d.record)
	case !d.by.given():
		return nil
	case !workflowPath.MatchString(d.by.Workflow):
		return fmt.Errorf("deployed-by: workflow %q: expected a path such as .github/workflows/deploy.yml", d.by.Workflow)
	case d.by.Job == "":
		return errors.New("deployed-by: job: name the job that deploys")
	}
	return d.apart(terms)
}

// What the proof goes by where that is weak.
var (
	deploymentByName        = newNote("deployment-by-name")
	deploymentByEnvironment = newNote("deployment-by-environment")
)

func (d deployed) notes() []Note {
	var notes []Note
	if names := d.byName(); len(names) > 0 {
		notes = append(notes, deploymentByName.of("a deployment to %s counts at any branch or tag of a name that the stage accepts (%s): whoever may make one can start a workflow of their own there; protect those names with a ruleset", d.stage.Name, strings.Join(names, ", ")))
	}
	if !d.by.given() && d.stage.Name != "" {
		notes = append(notes, deploymentByEnvironment.of("every job of the deploying workflow that has the environment %s counts as a deployment to %s; name the one that deploys with deployed-by", d.stage.Environment, d.stage.Name).
			mend("Add deployed-by: { workflow: .github/workflows/deploy.yml, job: NAME } to the stage "+d.stage.Name+", with the name of the job as GitHub shows it."))
	}
	return notes
}

// byName returns the patterns that no fact can hold to a branch.
func (d deployed) byName() []string {
	var names []string
	for _, pattern := range d.stage.Rule.Branches {
		if !pattern.Literal() {
			names = append(names, pattern.String())
		}
	}
	for _, pattern := range d.stage.Rule.Tags {
		names = append(names, pattern.String())
	}
	return names
}

func (d deployed) needs() []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedChecks}}
	if d.record != noRecord {
		needs = append(needs, fact.Need{Kind: fact.NeedDeployments})
	}
	for _, pattern := range d.stage.Rule.Branches {
		if need := (fact.Need{Kind: fact.NeedTip, Key: pattern.String()}); pattern.Literal() && !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	return needs
}

// try is one run in which the commit was deployed to the stage, or should have
// been.
type try struct {
	run  fact.WorkflowRun
	jobs []deployJob
}

// deployJob is a job that deployed. GitHub lists a job that passed again in the
// later attempts of its run, where it did not run; records are those of the
// attempt in which it did.
type deployJob struct {
	fact.Job

	records []fact.Deployment
	// byName is true where only the name of the branch or tag says that the stage
	// accepts it.
	byName bool
}

// history is what is known of the deployments of the commit to a stage.
type history struct {
	deployed

	in       Input
	workflow string
	records  []fact.Deployment
	tries    []try // newest first
	// claims are texts about what looks like a deployment and does not count,
	// boasts those of them that say that it succeeded.
	claims, boasts []string
	claimed        map[int64]bool // jobs of which claims tell
	// known are the names of jobs of the workflow that have a record of the
	// environment, in any run.
	known []string
	// runs are the workflow runs of the commit, each once.
	runs []fact.WorkflowRun
	// untold is why it cannot be said whether a run counts.
	untold *fact.Missing
}

// read looks through the runs of the commit. The finding is not nil where it
// cannot be known what was deployed.
func (d deployed) read(in Input) (*history, *verdict.Finding) {
	h := &history{deployed: d, in: in, workflow: d.by.Workflow, claimed: map[int64]bool{}}
	lacking := func(missing *fact.Missing) (*history, *verdict.Finding) {
		finding := verdict.Lacking(fmt.Sprintf("whether commit %s was deployed to %s", in.Facts.Subject.SHA.Short(), d.stage.Name), missing)
		return nil, &finding
	}
	if h.workflow == "" {
		h.workflow = askerOf(in.Facts).workflow
	}
	if h.workflow == "" {
		return lacking(&fact.Missing{
			Reason: fact.Incomplete, Detail: "the policy does not say which job deploys to the stage, and the run does not name a workflow file of this repository",
			Fix: fmt.Sprintf("Add deployed-by: { workflow: …, job: … } to the stage %s of the policy. On the command line, --workflow names the workflow that would deploy.", d.stage.Name),
		})
	}
	checks, missing := in.Facts.Checks.Get()
	if missing == nil {
		h.runs, missing = eachOnce("workflow run", checks.Workflows, func(run fact.WorkflowRun) int64 { return run.ID })
	}
	if missing != nil {
		return lacking(missing)
	}
	if d.record != noRecord {
		records, missing := in.Facts.Deployments.Get()
		if missing == nil {
			h.records, missing = eachOnce("deployment", records, func(record fact.Deployment) int64 { return record.ID })
		}
		if missing != nil {
			return lacking(missing)
		}
	}
	h.learn()
	for _, run := range h.runs {
		if missing := h.add(run); missing != nil {
			return lacking(missing)
		}
	}
	if h.untold != nil {
		return lacking(h.untold)
	}
	h.boast()
	h.order()
	return h, nil
}

// eachOnce returns things in the order of their numbers, each once. Two different
// answers about one number are no answer.
func eachOnce[T any](what string, list []T, number func(T) int64) ([]T, *fact.Missing) {
	list = slices.Clone(list)
	order.By(list, func(a, b T) int { return cmp.Compare(number(a), number(b)) })
	list = order.Once(list, func(a, b T) bool { return reflect.DeepEqual(a, b) })
	for i := 1; i < len(list); i++ {
		if number(list[i]) == number(list[i-1]) {
			return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("GitHub gave two different answers about %s %d", what, number(list[i]))}
		}
	}
	return list, nil
}

// add looks for the deploying jobs of a run.
func (h *history) add(run fact.WorkflowRun) *fact.Missing {
	if run.Workflow != h.workflow {
		return nameless(run, func(jobs []fact.Job) bool { return len(h.names(jobs)) > 0 })
	}
	jobs, missing := run.Jobs.Get()
	if !slices.Contains(deployEvents, run.Event) {
		if missing == nil {
			h.disbelieve(run, jobs, fmt.Sprintf("was started by %s, whose runs do not count", orNothing(run.Event)))
		}
		return nil
	}
	if missing == nil {
		jobs, missing = eachOnce("job", jobs, func(job fact.Job) int64 { return job.ID })
	}
	if missing != nil {
		return &fact.Missing{Reason: missing.Reason, Detail: fmt.Sprintf("the jobs of run %d: %s", run.ID, missing.Error()), Fix: missing.Fix}
	}
	found := try{run: run}
	for _, name := range h.names(jobs) {
		for _, each := range h.newest(run, jobs, name) {
			why, byName, missing := h.trust(run, each.Branch)
			switch {
			case missing != nil:
				h.untold = cmp.Or(h.untold, missing)
			case why != "":
				h.disbelieve(run, []fact.Job{each.Job}, why)
			case h.elsewhere(each) != "":
				h.disbelieve(run, []fact.Job{each.Job}, h.elsewhere(each))
			default:
				each.byName = byName
				found.jobs = append(found.jobs, each)
			}
		}
	}
	if len(found.jobs) > 0 {
		h.tries = append(h.tries, found)
	}
	return nil
}

// nameless is why nothing can be said where GitHub does not name the workflow file
// of a run: one with such jobs could be the newest, and have failed.
func nameless(run fact.WorkflowRun, counts func([]fact.Job) bool) *fact.Missing {
	if run.Workflow != "" || !slices.Contains(deployEvents, run.Event) {
		return nil
	}
	jobs, missing := run.Jobs.Get()
	if missing == nil && counts(jobs) {
		missing = &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub does not say of which workflow file it is"}
	}
	if missing == nil {
		return nil
	}
	return &fact.Missing{Reason: missing.Reason, Detail: fmt.Sprintf("run %d: %s", run.ID, missing.Error()), Fix: missing.Fix}
}

// learn notes which jobs deploy to the stage, where the policy does not say.
func (h *history) learn() {
	for _, run := range h.runs {
		if run.Workflow != h.workflow || h.by.given() {
			continue
		}
		jobs, _ := run.Jobs.Get() //nolint:errcheck // add says which jobs are missing
		for _, job := range jobs {
			if len(h.recordsOf(run, job)) > 0 {
				h.known = append(h.known, job.Name)
			}
		}
	}
}

// names returns the names of the jobs that deploy to the stage: the one that the
// policy names, or those of which any attempt has a record of the environment. Without
// one, a job that failed is one of them where it has the name of one in another run:
// its record can have been removed, and an older success would count again.
func (h *history) names(jobs []fact.Job) []string {
	var names []string
	for _, job := range jobs {
		failed := job.Status == runEnded && job.Conclusion != string(success) && job.Conclusion != string(skipped)
		switch {
		case h.by.given() && job.Name != h.by.Job:
		case h.by.given(), len(h.recordsOf(fact.WorkflowRun{}, job)) > 0, failed && slices.Contains(h.known, job.Name):
			names = append(names, job.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// newest returns the newest attempt of the jobs of a name: more than one where
// jobs share it, none where all were skipped. A skipped job deploys nothing, and
// takes nothing back.
func (h *history) newest(run fact.WorkflowRun, jobs []fact.Job, name string) []deployJob {
	var attempts []fact.Job
	for _, job := range jobs {
		if job.Name == name && job.Conclusion != string(skipped) {
			attempts = append(attempts, job)
		}
	}
	order.By(attempts, func(a, b fact.Job) int { return cmp.Compare(b.Attempt, a.Attempt) })
	var found []deployJob
	for _, job := range attempts {
		if job.Attempt == attempts[0].Attempt {
			found = append(found, h.original(run, attempts, job))
		}
	}
	return found
}

// original finds the records of a job, where it only repeats an earlier attempt:
// those of the attempt that it repeats. attempts are newest first.
func (h *history) original(run fact.WorkflowRun, attempts []fact.Job, job fact.Job) deployJob {
	if h.record == noRecord {
		return deployJob{Job: first(attempts, job)}
	}
	made := deployJob{Job: job, records: h.recordsOf(run, job)}
	for _, earlier := range attempts {
		if earlier.Attempt >= job.Attempt {
			continue
		}
		repeats := job.Conclusion == string(success) && earlier.Conclusion == string(success)
		if len(made.records) > 0 || !repeats || h.foreignRecord(job) != nil || h.foreignRecord(earlier) != nil {
			break
		}
		made.records = h.recordsOf(run, earlier)
		if len(made.records) > 0 {
			made.ID, made.URL, made.Attempt = earlier.ID, earlier.URL, earlier.Attempt
		}
	}
	return made
}

// first returns the job that a job only repeats, by the times of the two: what ran
// again began after the attempt before had ended. A repetition has a number of its
// own, and would pass for newer than what another run did meanwhile. attempts are of
// one name, newest first.
func first(attempts []fact.Job, job fact.Job) fact.Job {
	for _, earlier := range attempts {
		if earlier.Attempt >= job.Attempt {
			continue
		}
		if job.Conclusion != string(success) || earlier.Conclusion != string(success) || job.StartedAt.After(earlier.CompletedAt) {
			break
		}
		job = earlier
	}
	return job
}

// order puts the tries in the order in which they deployed, newest first: by
// their records, and where one has none, by their jobs.
func (h *history) order() {
	record := func(t try) (newest int64) {
		for _, job := range t.jobs {
			for _, each := range job.records {
				newest = max(newest, each.ID)
			}
		}
		return newest
	}
	job := func(t try) (newest int64) {
		for _, each := range t.jobs {
			newest = max(newest, each.ID)
		}
		return newest
	}
	order.By(h.tries, func(a, b try) int { return cmp.Or(cmp.Compare(record(b), record(a)), cmp.Compare(job(b), job(a))) })
	// Those without a record are behind the others now.
	if at := slices.IndexFunc(h.tries, func(t try) bool { return record(t) == 0 }); at > 0 && job(h.tries[at]) > job(h.tries[0]) {
		without := h.tries[at]
		h.tries = slices.Insert(slices.Delete(h.tries, at, at+1), 0, without)
	}
}
