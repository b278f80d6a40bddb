package github

import (
	"context"
	"fmt"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

const checkRunsSource = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs"

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
