package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const (
	runsAtOnce = 3 // the newest will nearly always do
	// maxRuns is how many runs are asked for their jobs, maxStrangers how many
	// may have deployed something that the subject does not descend from. A
	// token may send 1,000 requests an hour.
	maxRuns      = 100
	maxStrangers = 30
)

// deployEvents are the events whose run is of the tip that its branch or tag had
// then. Others run at a merge that is on no branch, or at another branch's code.
// Source: "Events that trigger workflows", the column GITHUB_SHA.
var deployEvents = []string{"push", "workflow_dispatch", "release", "create", "schedule", "repository_dispatch"}

// deploymentSearch looks through the runs of a workflow, newest first.
type deploymentSearch struct {
	reader *Reader
	from   fact.RangeFrom
	// compared has the comparison of each head that was asked for.
	compared map[fact.SHA]*compared
	seen     map[int64]bool // numbers of the runs listed so far
	// listed is how many runs there are by GitHub's count, counted how many of
	// those seen could be deployments, asked and strangers as in maxRuns.
	listed, counted, asked, strangers int
}

// deployment is where a range begins.
type deployment struct {
	run     *fact.DeploymentRun
	between stretch
}

// newest returns the newest deployment, or nil when there is none.
func (s *deploymentSearch) newest(ctx context.Context) (*deployment, error) {
	for number := 1; ; number++ {
		listed, err := s.page(ctx, number)
		if err != nil {
			return nil, err
		}
		found, err := s.among(ctx, s.fresh(listed.items))
		if err != nil || found != nil {
			return found, err
		}
		more, missing := s.more(listed, number)
		if missing != nil {
			return nil, missing
		}
		if !more {
			return nil, nil
		}
	}
}

// page reads a page of the runs of the workflow.
func (s *deploymentSearch) page(ctx context.Context, number int) (page[workflowRun], error) {
	query := url.Values{}
	if ref := s.reader.subject.Ref; ref.Kind() == fact.Branch {
		query.Set("branch", ref.Name())
	}
	listed, err := s.reader.deploymentPage(ctx, s.from.Workflow, query, number)
	var missing *fact.Missing
	if errors.As(err, &missing) && missing.Reason == fact.NotFound {
		missing.Fix += " Is the path of the workflow right?"
	}
	return listed, err
}

// deploymentPage reads a page of the runs of a workflow that may be deployments, once
// for all jobs of it.
func (r *Reader) deploymentPage(ctx context.Context, workflow string, filter url.Values, number int) (page[workflowRun], error) {
	answer, err := r.asked.ask(fmt.Sprintf("runs %s %s %d", workflow, filter.Encode(), number), func() (any, error) {
		return workflowRunPage(ctx, r, workflow, filter, number, checkDeployment)
	})
	listed, ok := answer.(page[workflowRun])
	if !ok {
		return listed, cmp.Or(err, errNoAnswer)
	}
	return listed, err
}

func (s *deploymentSearch) name() string { return "GET /" + s.reader.runsAddress(s.from.Workflow) }

// more reports whether another page follows. Where none does, all runs have to
// have been listed.
func (s *deploymentSearch) more(listed page[workflowRun], number int) (bool, *fact.Missing) {
	s.listed = listed.total
	ends := listed.next == 0 || len(listed.items) == 0
	switch {
	case ends && len(s.seen) >= s.listed:
		return false, nil
	case s.listed > runCap && ends, !ends && (len(s.seen) >= runCap || number >= runCap):
		missing := incomplete(fmt.Sprintf("%s: there are %d runs, of which GitHub lists %d; none of those will do", s.name(), s.listed, runCap))
		missing.Fix = fixFewerRuns
		return false, missing
	case ends:
		return false, incomplete(fmt.Sprintf("%s: got %d of %d", s.name(), len(s.seen), s.listed))
	}
	return true, nil
}

// fresh returns the runs that could be deployments and were not seen before, newest
// first. New runs move older ones to the next page meanwhile.
func (s *deploymentSearch) fresh(listed []workflowRun) []workflowRun {
	var runs []workflowRun
	for _, run := range listed {
		if !s.seen[run.ID] && s.counts(run) {
			runs = append(runs, run)
		}
		s.seen[run.ID] = true
	}
	s.counted += len(runs)
	order.By(runs, func(a, b workflowRun) int { return cmp.Or(b.began().Compare(a.began()), cmp.Compare(b.ID, a.ID)) })
	return runs
}

const fixFewerRuns = "Name a workflow in deployed-by that runs for deployments only."

// began is when the newest attempt of the run began.
func (w workflowRun) began() time.Time {
	if w.StartedAt.IsZero() {
		return w.CreatedAt
	}
	return w.StartedAt
}

// checkDeployment refuses a run of which the answer leaves something out.
func checkDeployment(run workflowRun) *fact.Missing {
	if run.ID <= 0 || shaOf(run.HeadSHA) == "" || run.Path == "" || run.Event == "" || run.began().IsZero() ||
		run.Repository == nil || run.Repository.ID <= 0 {
		return incomplete(fmt.Sprintf("the answer does not hold all of workflow run %d", run.ID))
	}
	return nil
}

// counts reports whether a run could be a deployment of the subject's branch, or
// of anything for a tag: of the very file, at a commit of this repository. A
// branch and a tag of one name cannot be told apart; see Range for what keeps
// the tag from vouching.
func (s *deploymentSearch) counts(run workflowRun) bool {
	ref := s.reader.subject.Ref
	return s.reader.mayDeploy(run, s.from.Workflow) && (ref.Kind() != fact.Branch || run.Branch == ref.Name())
}

// mayDeploy reports whether a run is of the very file, at a commit of this
// repository, and by an event whose run can be a deployment.
func (r *Reader) mayDeploy(run workflowRun, workflow string) bool {
	here := r.session().repository
	return run.Path == workflow && run.Repository.ID == here &&
		run.HeadRepository != nil && run.HeadRepository.ID == here && slices.Contains(deployEvents, run.Event)
}

// among returns the first run that is a deployment the subject descends from.
func (s *deploymentSearch) among(ctx context.Context, runs []workflowRun) (*deployment, error) {
	for some := range slices.Chunk(runs, runsAtOnce) {
		some = slices.DeleteFunc(slices.Clone(some), s.isStranger)
		if len(some) == 0 {
			continue
		}
		if missing := s.checkLimits(); missing != nil {
			return nil, missing
		}
		for i, attempt := range s.ask(ctx, some) {
			found, err := s.judge(ctx, some[i], attempt)
			if err != nil || found != nil {
				return found, err
			}
		}
	}
	return nil, nil
}

func (s *deploymentSearch) isStranger(run workflowRun) bool {
	known := s.compared[fact.SHA(run.HeadSHA)]
	return known != nil && known.err == nil && !known.ancestor
}

// checkLimits gives the search up when it has gone far enough.
func (s *deploymentSearch) checkLimits() *fact.Missing {
	var missing *fact.Missing
	switch {
	case s.strangers >= maxStrangers:
		missing = incomplete(fmt.Sprintf("the newest %d deployments by the job %q of %s are at commits that the commit %s does not descend from along first parents, and the search ends there",
			s.strangers, s.from.Job, s.from.Workflow, s.reader.subject.SHA.Short()))
	case s.asked >= maxRuns:
		missing = incomplete(fmt.Sprintf("none of the newest %d runs of %s will do: the job %q did not succeed, or the commit %s does not descend from what was deployed; the search ends there",
			s.asked, s.from.Workflow, s.from.Job, s.reader.subject.SHA.Short()))
	default:
		return nil
	}
	missing.Fix = fixFewerRuns
	return missing
}

// attempt is how the job went in a run: number is the attempt in which it
// succeeded, if that was its newest, else 0.
type attempt struct {
	number int64
	err    error
}

// ask reads, at once, the jobs of some runs and the comparisons of their heads.
func (s *deploymentSearch) ask(ctx context.Context, some []workflowRun) []attempt {
	attempts := make([]attempt, len(some))
	var jobs []func()
	for i, run := range some {
		head := fact.SHA(run.HeadSHA)
		jobs = append(jobs, func() { attempts[i].number, attempts[i].err = s.reader.succeeded(ctx, run, s.from.Job) })
		if s.compared[head] == nil {
			into := &compared{}
			s.compared[head] = into
			jobs = append(jobs, func() { *into = s.reader.comparedOnce(ctx, head) })
		}
	}
	together(jobs)
	s.asked += len(some)
	return attempts
}

// judge returns the deployment that a run is, or nil.
func (s *deploymentSearch) judge(ctx context.Context, run workflowRun, job attempt) (*deployment, error) {
	head := fact.SHA(run.HeadSHA)
	seen := s.compared[head]
	switch {
	case job.err != nil:
		return nil, job.err
	case job.number == 0:
		return nil, nil
	case seen.err != nil:
		return nil, seen.err
	case !seen.ancestor:
		s.strangers++
		return nil, nil
	}
	between, err := s.reader.stretch(ctx, *seen, "Deploy a commit in between first.")
	if err != nil {
		return nil, err
	}
	if !between.onFirstParents(s.reader.subject.SHA) {
		s.strangers++
		return nil, nil
	}
	return &deployment{between: between, run: &fact.DeploymentRun{
		ID: run.ID, Attempt: job.number, Workflow: run.Path, Job: s.from.Job,
		Event: run.Event, Branch: run.Branch, Head: head, At: run.CreatedAt.UTC(), URL: run.URL,
	}}, nil
}

// namedJob is an attempt of a job.
type namedJob struct {
	id, attempt int64
	name        string
	succeeded   bool
	skipped     bool
}

// succeeded returns the newest attempt of a job in a run if it succeeded, else 0.
// Jobs of one name have to succeed together: GitHub does not tell which is meant.
func (r *Reader) succeeded(ctx context.Context, run workflowRun, name string) (int64, error) {
	all, err := r.namedJobs(ctx, run)
	if err != nil {
		return 0, err
	}
	var newest int64
	good := false
	for _, job := range all {
		switch {
		case job.name != name || job.attempt < newest:
		case job.attempt > newest:
			newest, good = job.attempt, job.succeeded
		default:
			good = good && job.succeeded
		}
	}
	if !good {
		return 0, nil
	}
	return newest, nil
}

// namedJobs reads all jobs of a run, once whichever of them is asked about.
func (r *Reader) namedJobs(ctx context.Context, run workflowRun) ([]namedJob, error) {
	answer, err := r.asked.ask(fmt.Sprintf("jobs %d %s", run.ID, run.HeadSHA), func() (any, error) {
		key := func(job namedJob) string { return strconv.FormatInt(job.id, 10) }
		jobs := jobList(r, run.ID, key, func(job *gh.WorkflowJob) (namedJob, *fact.Missing) { return jobOf(job, run) })
		var all []namedJob
		err := twice(func(int) (err error) {
			all, err = jobs.read(ctx, 0)
			return err
		})
		if err != nil {
			return nil, r.missing(jobs.name, err, jobsPermission)
		}
		return all, nil
	})
	all, ok := answer.([]namedJob)
	if !ok {
		return nil, cmp.Or(err, errNoAnswer)
	}
	return all, err
}

func jobOf(job *gh.WorkflowJob, run workflowRun) (namedJob, *fact.Missing) {
	switch {
	case job.GetRunID() != run.ID || job.GetHeadSHA() != run.HeadSHA:
		return namedJob{}, inconsistent(fmt.Sprintf("job %d is of workflow run %d at %q, asked was for %d at %s",
			job.GetID(), job.GetRunID(), job.GetHeadSHA(), run.ID, run.HeadSHA))
	case job.GetID() <= 0 || job.GetRunAttempt() <= 0 || job.GetName() == "" || job.GetStatus() == "":
		return namedJob{}, incomplete(fmt.Sprintf("the answer does not hold all of job %d", job.GetID()))
	}
	done := strings.EqualFold(job.GetStatus(), "completed") && strings.EqualFold(job.GetConclusion(), "success")
	skipped := strings.EqualFold(job.GetConclusion(), "skipped")
	return namedJob{id: job.GetID(), attempt: job.GetRunAttempt(), name: job.GetName(), succeeded: done, skipped: skipped}, nil
}
