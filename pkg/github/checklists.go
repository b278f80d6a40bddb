package github

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

const checkRunsSource = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs"

// runCap is how many workflow runs GitHub lists at most for one filter.
// Source: REST documentation, "List workflow runs for a repository".
const runCap = 1000

// suiteRun is a check run with the number of its suite.
type suiteRun struct {
	run   fact.CheckRun
	suite int64
}

// suiteApp is a check suite with the app behind it.
type suiteApp struct {
	id  int64
	app string
}

// workflowRun is a run of a workflow with the number of its check suite.
type workflowRun struct {
	ID      int64  `json:"id"`
	Suite   int64  `json:"check_suite_id"`
	HeadSHA string `json:"head_sha"`
	// Path is the workflow's file. GitHub may write "@" and a reference
	// behind it. It is kept: a file may have such a name, and taking the end
	// off would let it pass for another.
	Path string `json:"path"`
}

// workflowRuns is a page of them; the client library's type has no path.
type workflowRuns struct {
	TotalCount *int          `json:"total_count"`
	Runs       []workflowRun `json:"workflow_runs"`
}

// wrongCommit is an item that is about another commit.
func (r *Reader) wrongCommit(what string, id int64, sha string) *fact.Missing {
	return inconsistent(fmt.Sprintf("%s %d is about commit %q, asked was for %s", what, id, sha, r.subject.SHA))
}

// runList lists every attempt of every check run of the commit.
func (r *Reader) runList() list[suiteRun] {
	asked := fmt.Sprintf("repos/%s/%s/commits/%s/check-runs", r.owner, r.name, r.subject.SHA)
	fetch := func(ctx context.Context, number int) (page[suiteRun], error) {
		options := &gh.ListCheckRunsOptions{Filter: gh.String("all"), ListOptions: *pageOptions(number)}
		answer, resp, err := r.client.Checks.ListCheckRunsForRef(ctx, r.owner, r.name, string(r.subject.SHA), options)
		if err != nil {
			return page[suiteRun]{}, err
		}
		if answer == nil || answer.Total == nil || answer.CheckRuns == nil {
			return page[suiteRun]{}, incomplete("GET /" + asked + ": the answer has no list or no total")
		}
		read := page[suiteRun]{total: answer.GetTotal()}
		for _, each := range answer.CheckRuns {
			if each.GetHeadSHA() != string(r.subject.SHA) {
				return read, r.wrongCommit("check run", each.GetID(), each.GetHeadSHA())
			}
			run := restRun(each)
			if run.ID <= 0 || run.Name == "" || run.Status == "" || each.GetCheckSuite().GetID() <= 0 {
				return read, incomplete("GET /" + asked + ": the answer does not hold all of a check run")
			}
			read.items = append(read.items, suiteRun{run: run, suite: each.GetCheckSuite().GetID()})
		}
		read.next, err = r.checkPage(asked, resp, number)
		return read, err
	}
	return list[suiteRun]{name: "GET /" + asked, fetch: fetch, key: func(each suiteRun) string { return strconv.FormatInt(each.run.ID, 10) }}
}

func restRun(run *gh.CheckRun) fact.CheckRun {
	return fact.CheckRun{
		ID: run.GetID(), Name: run.GetName(), App: run.GetApp().GetSlug(),
		Status: run.GetStatus(), Conclusion: run.GetConclusion(),
		StartedAt: run.GetStartedAt().UTC(), CompletedAt: run.GetCompletedAt().UTC(), URL: run.GetHTMLURL(),
	}
}

// readSuites reads all check suites of the commit with their workflow runs.
func (r *Reader) readSuites(ctx context.Context, expected int) (map[int64]suite, error) {
	var apps []suiteApp
	var runs []workflowRun
	var appsErr, runsErr error
	together([]func(){
		func() { apps, appsErr = r.suiteList().read(ctx, expected) },
		func() { runs, runsErr = r.workflowRunList().read(ctx, 0) },
	})
	switch {
	case appsErr != nil:
		return nil, appsErr
	case runsErr != nil:
		return nil, runsErr
	case len(apps) > suiteCap:
		return nil, suitesCapped(len(apps))
	}
	byID := make(map[int64]suite, len(apps))
	for _, each := range apps {
		byID[each.id] = suite{app: each.app}
	}
	for _, run := range runs {
		if of, ok := byID[run.Suite]; ok {
			of.workflow, of.runID = run.Path, run.ID
			byID[run.Suite] = of
		}
	}
	return byID, nil
}

func (r *Reader) suiteList() list[suiteApp] {
	asked := fmt.Sprintf("repos/%s/%s/commits/%s/check-suites", r.owner, r.name, r.subject.SHA)
	fetch := func(ctx context.Context, number int) (page[suiteApp], error) {
		options := &gh.ListCheckSuiteOptions{ListOptions: *pageOptions(number)}
		answer, resp, err := r.client.Checks.ListCheckSuitesForRef(ctx, r.owner, r.name, string(r.subject.SHA), options)
		if err != nil {
			return page[suiteApp]{}, err
		}
		if answer == nil || answer.Total == nil || answer.CheckSuites == nil {
			return page[suiteApp]{}, incomplete("GET /" + asked + ": the answer has no list or no total")
		}
		read := page[suiteApp]{total: answer.GetTotal()}
		for _, each := range answer.CheckSuites {
			if each.GetHeadSHA() != string(r.subject.SHA) || each.GetID() <= 0 {
				return read, r.wrongCommit("check suite", each.GetID(), each.GetHeadSHA())
			}
			read.items = append(read.items, suiteApp{id: each.GetID(), app: each.GetApp().GetSlug()})
		}
		read.next, err = r.checkPage(asked, resp, number)
		return read, err
	}
	return list[suiteApp]{name: "GET /" + asked, fetch: fetch, key: func(each suiteApp) string { return strconv.FormatInt(each.id, 10) }}
}

func (r *Reader) workflowRunList() list[workflowRun] {
	asked := fmt.Sprintf("repos/%s/%s/actions/runs", r.owner, r.name)
	fetch := func(ctx context.Context, number int) (page[workflowRun], error) {
		query := url.Values{"head_sha": {string(r.subject.SHA)}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(number)}}
		var answer workflowRuns
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
	case run.ID <= 0 || run.Suite <= 0 || run.Path == "":
		return incomplete(fmt.Sprintf("the answer does not hold all of workflow run %d", run.ID))
	}
	return nil
}
