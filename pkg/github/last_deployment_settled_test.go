package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

// What is there now is known only where nothing else was tried since, or may be there
// still: whatever its event, branch and end.
func TestTheLastDeploymentIsSettled(t *testing.T) {
	t.Parallel()
	job := func(name, conclusion string, run, ago int, more string) string {
		return fmt.Sprintf("  - {commit: c1, name: %s, workflow: %s, run-id: %d, conclusion: %s, minutes-ago: %d%s}\n", name, deployFile, run, conclusion, ago, more)
	}
	run := func(id, ago int, more string) string {
		return fmt.Sprintf("  - {commit: c1, workflow: %s, run-id: %d, status: completed, minutes-ago: %d%s}\n", deployFile, id, ago, more)
	}
	deployed := job("deploy", "success", 490, 500, "")
	many := ""
	for i := range 20 {
		many += job("build", "success", 500+i, 300-i, "")
	}
	for name, row := range map[string]struct {
		checks, runs string
		want         bool
	}{
		"it failed since":                  {checks: deployed + job("deploy", "failure", 491, 400, "")},
		"it was cancelled since":           {checks: deployed + job("deploy", "cancelled", 491, 400, "")},
		"it goes on since":                 {checks: deployed + "  - {commit: c1, name: deploy, workflow: " + deployFile + ", run-id: 491, status: in_progress, minutes-ago: 400}\n"},
		"another event brought it":         {checks: deployed + job("deploy", "success", 491, 400, ""), runs: run(491, 400, ", event: workflow_run")},
		"a pull request brought it":        {checks: deployed + job("deploy", "success", 491, 400, ""), runs: run(491, 400, ", event: pull_request")},
		"its run was started again":        {checks: deployed + job("build", "success", 490, 300, ", attempt: 2")},
		"an older run brought it later":    {checks: deployed + job("deploy", "success", 489, 100, ""), runs: run(490, 501, "") + run(489, 600, "")},
		"more runs since than are asked":   {checks: deployed + many},
		"it is the newest":                 {checks: job("deploy", "success", 489, 600, "") + deployed, want: true},
		"it was left out since":            {checks: deployed + job("deploy", "skipped", 491, 400, ""), want: true},
		"another job ran since":            {checks: deployed + job("build", "failure", 491, 400, ""), want: true},
		"another workflow has one as well": {checks: deployed + strings.ReplaceAll(job("deploy", "success", 491, 400, ""), deployFile, ".github/workflows/ci.yml"), want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asking := newRange(t, rangeWorld("", row.checks, row.runs), "refs/heads/main", nil)
			last := have(t, asking.LastDeployment(t.Context(), fact.JobOf{Workflow: deployFile, Job: "deploy"}))
			if last.Run == nil || last.Settled != row.want {
				t.Errorf("got %+v, settled %t, want %t", last.Run, last.Settled, row.want)
			}
		})
	}
	faulty := newRange(t, rangeWorld("", deployed+job("build", "success", 491, 400, ""), ""), "refs/heads/main", nil,
		githubtest.Fault{Match: "GET /repos/acme/shop/actions/runs/491/jobs", Status: 403})
	lost(t, faulty.LastDeployment(t.Context(), fact.JobOf{Workflow: deployFile, Job: "deploy"}))
}
