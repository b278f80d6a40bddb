package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

// runCap is how many workflow runs GitHub lists at most for one filter.
// Source: REST documentation, "List workflow runs for a repository".
const runCap = 1000

const jobsSource = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs"

// jobsPermission is what jobs are read below; checks need more than that.
const jobsPermission = "actions: read"

// workflowRun is a run of a workflow with the number of its check suite.
type workflowRun struct {
	ID      int64  `json:"id"`
	Suite   int64  `json:"check_suite_id"`
	HeadSHA string `json:"head_sha"`
	// Path is the workflow's file. GitHub may write "@" and a reference
	// behind it. It is kept: a file may have such a name, and taking the end
	// off would let it pass for another.
	Path       string `json:"path"`
	Event      string `json:"event"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	URL        string `json:"html_url"`
	// Branch is the name of a branch or tag, or "".
	Branch    string    `json:"head_branch"`
	CreatedAt time.Time `json:"created_at"`
	StartedAt time.Time `json:"run_started_at"` // of the newest attempt
	UpdatedAt time.Time `json:"updated_at"`     // no job of it ended later
	// Repository is where it ran, HeadRepository where its commit came from;
	// null when that is gone.
	Repository     *runRepository `json:"repository"`
	HeadRepository *runRepository `json:"head_repository"`
}

type runRepository struct {
	ID int64 `json:"id"`
}

// workflowRuns is a page of them; the client library's type has no path.
type workflowRuns[T any] struct {
	TotalCount *int `json:"total_count"`
	Runs       []T  `json:"workflow_runs"`
}

// workflowRun returns the workflow run behind the suite; nil when there is none.
// A suite without one says nothing: GitHub makes a suite for every app that may
// write checks, and leaves it queued for ever when the app does not.
func (s *suiteNode) workflowRun() (*fact.WorkflowRun, *fact.Missing) {
	if s.Run == nil {
		return nil, nil
	}
	run := &fact.WorkflowRun{
		ID: s.Run.ID, Event: s.Run.Event, URL: s.Run.URL, CreatedAt: moment(s.Run.CreatedAt),
		Status: strings.ToLower(s.Status), Conclusion: strings.ToLower(s.Conclusion), Jobs: jobsLater(),
	}
	if s.Run.File != nil {
		run.Workflow = s.Run.File.Path
	}
	if run.ID <= 0 || run.Event == "" || run.Status == "" || run.CreatedAt.IsZero() {
		return nil, incomplete(fmt.Sprintf("POST graphql: the answer does not hold all of workflow run %d", run.ID))
	}
	return run, nil
}

func (w workflowRun) fact() fact.WorkflowRun {
	return fact.WorkflowRun{
		ID: w.ID, Workflow: w.Path, Event: w.Event, URL: w.URL, CreatedAt: w.CreatedAt.UTC(),
		Status: strings.ToLower(w.Status), Conclusion: strings.ToLower(w.Conclusion), Jobs: jobsLater(),
	}
}

func jobsLater() fact.Known[[]fact.Job] {
	return fact.Lost[[]fact.Job](fact.Missing{Reason: fact.Incomplete, Detail: "the jobs are read in the second wave"})
}

// sortWorkflows orders workflow runs by number and reports whether one is
// there twice.
func sortWorkflows(runs []fact.WorkflowRun) (twice bool) {
	order.By(runs, func(a, b fact.WorkflowRun) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(runs); i++ {
		twice = twice || runs[i].ID == runs[i-1].ID
	}
	return twice
}

func (r *Reader) workflowRunList() list[workflowRun] {
	asked := fmt.Sprintf("repos/%s/%s/actions/runs", r.owner, r.name)
	fetch := func(ctx context.Context, number int) (page[workflowRun], error) {
		query := url.Values{"head_sha": {string(r.subject.SHA)}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(number)}}
		var answer workflowRuns[workflowRun]
		resp, err := r.get(ctx, asked+"?"+query.Encode(), &answer)
		if err != nil {
			return page[workflowRun]{}, err
		}
		if answer.TotalCount == nil || answer.Runs == nil {
			return page[workflowRun]{}, incomplete("GET /" + asked + ": the answer has no list or no total")
		}
		read := page[workflowRun]{total: *answer.TotalCount}
		if read.total > runCap {
			return read, incomplete(fmt.Sprintf("the commit has %d workflow runs; GitHub lists %d at most", read.total, runCap))
		}
		for _, each := range answer.Runs {
			if missing := r.checkWorkflowRun(each); missing != nil {
				return read, missing
			}
			read.items = append(read.items, each)
		}
		read.next, err = r.checkPage(asked, resp, number)
		return read, err
	}
	return list[workflowRun]{name: "GET /" + asked, fetch: fetch, key: func(each workflowRun) string { return strconv.FormatInt(each.ID, 10) }}
}

func (r *Reader) checkWorkflowRun(run workflowRun) *fact.Missing {
	switch {
	case run.HeadSHA != string(r.subject.SHA):
		return r.wrongCommit("workflow run", run.ID, run.HeadSHA)
	case run.ID <= 0 || run.Suite <= 0 || run.Path == "" || run.Event == "" || run.Status == "" || run.CreatedAt.IsZero():
		return incomplete(fmt.Sprintf("the answer does not hold all of workflow run %d", run.ID))
	}
	return nil
}

// withJobs reads the jobs of all workflow runs at once. expected is how many
// check runs each has in its suite, by number of the run. What fails costs the
// jobs of that run only.
func (r *Reader) withJobs(ctx context.Context, workflows []fact.WorkflowRun, expected map[int64]int) []fact.WorkflowRun {
	complete := slices.Clone(workflows)
	jobs := make([]func(), len(complete))
	for i := range complete {
		run := &complete[i]
		jobs[i] = func() { run.Jobs = r.jobs(ctx, *run, expected[run.ID]) }
	}
	together(jobs)
	return complete
}

// jobs reads all jobs of a workflow run, every attempt.
func (r *Reader) jobs(ctx context.Context, run fact.WorkflowRun, expected int) fact.Known[[]fact.Job] {
	key := func(job fact.Job) string { return strconv.FormatInt(job.ID, 10) }
	listed := jobList(r, run.ID, key, func(job *gh.WorkflowJob) (fact.Job, *fact.Missing) { return r.jobFact(job, run.ID) })
	var found []fact.Job
	err := twice(func(int) (err error) {
		found, err = listed.read(ctx, expected)
		return err
	})
	if err != nil {
		return fact.Lost[[]fact.Job](*r.missing(listed.name, err, jobsPermission))
	}
	jobs := append([]fact.Job{}, found...) // none is a list too
	order.By(jobs, func(a, b fact.Job) int { return cmp.Compare(a.ID, b.ID) })
	return fact.Of(jobs, fact.Source{From: jobsSource, URL: run.URL})
}

// jobFact reads a job of a workflow run. One that does not say in which attempt
// it was, or how it ended, would be taken for another.
func (r *Reader) jobFact(job *gh.WorkflowJob, run int64) (fact.Job, *fact.Missing) {
	id, missing := r.checkRunOf(job, run)
	ended := strings.EqualFold(job.GetStatus(), runCompleted)
	switch {
	case missing != nil:
		return fact.Job{}, missing
	case job.GetName() == "" || job.GetStatus() == "" || job.GetRunAttempt() <= 0 || ended && job.GetConclusion() == "":
		return fact.Job{}, incomplete(fmt.Sprintf("the answer does not hold all of job %d", job.GetID()))
	}
	return fact.Job{
		ID: id, Attempt: job.GetRunAttempt(), Name: job.GetName(), Branch: job.GetHeadBranch(), URL: job.GetHTMLURL(),
		Status: strings.ToLower(job.GetStatus()), Conclusion: strings.ToLower(job.GetConclusion()),
		StartedAt: job.GetStartedAt().UTC(), CompletedAt: job.GetCompletedAt().UTC(),
	}, nil
}

// jobList is all jobs of a workflow run, every attempt of them.
func jobList[T any](r *Reader, run int64, key func(T) string, check func(*gh.WorkflowJob) (T, *fact.Missing)) list[T] {
	asked := fmt.Sprintf("repos/%s/%s/actions/runs/%d/jobs", r.owner, r.name, run)
	fetch := func(ctx context.Context, number int) (page[T], error) {
		options := &gh.ListWorkflowJobsOptions{Filter: "all", ListOptions: *pageOptions(number)}
		answer, resp, err := r.client.Actions.ListWorkflowJobs(ctx, r.owner, r.name, run, options)
		if err != nil {
			return page[T]{}, err
		}
		if answer == nil || answer.TotalCount == nil || answer.Jobs == nil {
			return page[T]{}, incomplete("GET /" + asked + ": the answer has no list or no total")
		}
		read := page[T]{total: answer.GetTotalCount()}
		for _, each := range answer.Jobs {
			item, missing := check(each)
			if missing != nil {
				missing.Detail = "GET /" + asked + ": " + missing.Detail
				return read, missing
			}
			read.items = append(read.items, item)
		}
		read.next, err = r.checkPage(asked, resp, number)
		return read, err
	}
	return list[T]{name: "GET /" + asked, fetch: fetch, key: key}
}

// checkRunOf returns the number of the check run of a job of a workflow run.
// That a job has the number of its check run is how GitHub is built, not what
// it documents, so the address counts.
func (r *Reader) checkRunOf(job *gh.WorkflowJob, run int64) (int64, *fact.Missing) {
	switch {
	case job.GetHeadSHA() != string(r.subject.SHA):
		return 0, r.wrongCommit("job", job.GetID(), job.GetHeadSHA())
	case job.GetRunID() != run:
		return 0, inconsistent(fmt.Sprintf("job %d is of workflow run %d, asked was for %d", job.GetID(), job.GetRunID(), run))
	case job.GetCheckRunURL() == "":
		return 0, incomplete(fmt.Sprintf("job %d does not name its check run", job.GetID()))
	}
	address, err := url.Parse(job.GetCheckRunURL())
	if err != nil || address.Scheme != "https" || address.Host != r.host || address.User != nil || address.RawQuery != "" {
		return 0, elsewhere(job)
	}
	folder, last := path.Split(address.Path)
	own := path.Join(r.client.BaseURL.Path, "repos", r.owner, r.name, "check-runs") + "/"
	id, err := strconv.ParseInt(last, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != last || !strings.EqualFold(folder, own) {
		return 0, elsewhere(job)
	}
	return id, nil
}

func elsewhere(job *gh.WorkflowJob) *fact.Missing {
	return inconsistent(fmt.Sprintf("job %d names %q, which is not a check run of the repository", job.GetID(), job.GetCheckRunURL()))
}
