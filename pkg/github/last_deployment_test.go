package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

func TestTheLastDeploymentIsTheNewestRunInWhichTheJobSucceeded(t *testing.T) {
	t.Parallel()
	check := func(commit, name, conclusion string, run, ago int) string {
		return fmt.Sprintf("  - {commit: %s, name: %s, workflow: %s, run-id: %d, conclusion: %s, minutes-ago: %d}\n", commit, name, deployFile, run, conclusion, ago)
	}
	run := func(commit, extra string, id, ago int) string {
		return fmt.Sprintf("  - {commit: %s, workflow: %s, run-id: %d, status: completed, minutes-ago: %d%s}\n", commit, deployFile, id, ago, extra)
	}
	for _, row := range []struct {
		name         string
		checks, runs string
		want         int64 // 0 is none
		branch       string
	}{
		{name: "no run of the job", checks: check("c1", "build", "success", 490, 500)},
		{name: "runs in which it failed, and was skipped", checks: check("c1", "deploy", "failure", 490, 500) + check("c1", "deploy", "skipped", 491, 400)},
		{name: "a run whose newest attempt failed", checks: check("c1", "deploy", "success", 490, 500) + check("c1", "deploy", "failure", 490, 400)},
		{name: "a run of a fork", checks: check("c1", "deploy", "success", 490, 500), runs: run("c1", ", head-repository: eve/shop", 490, 500)},
		{name: "a run of a pull request", checks: check("c1", "deploy", "success", 490, 500), runs: run("c1", ", event: pull_request", 490, 500)},
		{name: "an older one where the newer failed", checks: check("c0", "deploy", "success", 490, 500) + check("c1", "deploy", "failure", 491, 400), want: 490, branch: "main"},
		{name: "the newest of two", checks: check("c1", "deploy", "success", 491, 400) + check("c0", "deploy", "success", 490, 500), want: 491, branch: "main"},
		{name: "one of a tag", checks: check("c1", "deploy", "success", 490, 500), runs: run("c1", ", branch: v1.0.0", 490, 500), want: 490, branch: "v1.0.0"},
		{name: "one of another branch than the subject's", checks: check("f1", "deploy", "success", 490, 500), want: 490, branch: "thing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			asking := newRange(t, rangeWorld("", row.checks, row.runs), "refs/heads/main", nil)
			last := have(t, asking.LastDeployment(t.Context(), fact.JobOf{Workflow: deployFile, Job: "deploy"}))
			switch {
			case (last.Run != nil) != (row.want != 0):
				t.Fatalf("got %+v, want run %d", last.Run, row.want)
			case row.want != 0 && (last.Run.ID != row.want || last.Run.Branch != row.branch || last.Run.Head == "" || last.Run.Job != "deploy"):
				t.Errorf("got %+v, want run %d of %s", last.Run, row.want, row.branch)
			}
		})
	}
}

func TestALastDeploymentThatIsNotKnownIsMissing(t *testing.T) {
	t.Parallel()
	const runs, jobs = "GET /repos/acme/shop/actions/workflows/deploy.yml/runs", "GET /repos/acme/shop/actions/runs/490/jobs"
	for _, row := range []struct {
		name, match string
		fault       githubtest.Fault
		by          fact.JobOf
		reason      fact.Reason
		says        string
	}{
		{name: "no workflow", by: fact.JobOf{Workflow: "deploy.yml", Job: "deploy"}, reason: fact.NotFound, says: "not a workflow"},
		{name: "no job", by: fact.JobOf{Workflow: deployFile}, reason: fact.NotFound, says: "not a workflow and a job"},
		{name: "a workflow that is not there", by: fact.JobOf{Workflow: ".github/workflows/x.yml", Job: "deploy"}, reason: fact.NotFound, says: "not found"},
		{name: "runs that may not be read", fault: githubtest.Fault{Match: runs, Status: 403}, reason: fact.Forbidden, says: "actions"},
		{name: "jobs that may not be read", fault: githubtest.Fault{Match: jobs, Status: 403}, reason: fact.Forbidden, says: "jobs"},
		{name: "runs without a total", fault: githubtest.Fault{Match: runs, Body: "braces"}, reason: fact.Incomplete, says: "says nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var faults []githubtest.Fault
			if row.fault.Match != "" {
				faults = append(faults, row.fault)
			}
			if row.by == (fact.JobOf{}) {
				row.by = fact.JobOf{Workflow: deployFile, Job: "deploy"}
			}
			asking := newRange(t, rangeWorld("", deployed, ""), "refs/heads/main", nil, faults...)
			missing := lost(t, asking.LastDeployment(t.Context(), row.by))
			if missing.Reason != row.reason || !strings.Contains(missing.Error(), row.says) {
				t.Errorf("got %v, want %s that says %q", missing, row.reason, row.says)
			}
		})
	}
}
