package cli_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

// crowded is a release with so many reviews, checks and deployments.
func crowded(reviews, checks, deployments int) githubtest.World {
	made := world(checks, 100)
	made.Commits[0].Files = map[string]*githubtest.File{".github/stageward.yml": {Text: `
version: 1
stages:
  - name: staging
    environment: staging
    from: { branches: [main] }
    gates: { reviewed: { approvals: 1 }, checks-passed: { all: true } }
  - name: prod
    environment: production
    from: { tags: ["v*"] }
    gates:
      reviewed: { approvals: 1 }
      checks-passed: { all: true }
      promoted: { from: staging }
      no-other-deployment: {}
`}}
	pull := &made.Pulls[0]
	pull.Reviews = nil
	for i := range reviews - 1 {
		ago := reviews + 50 - i
		pull.Reviews = append(pull.Reviews, githubtest.Review{By: "olga", State: []string{"CHANGES_REQUESTED", "APPROVED"}[i%2], MinutesAgo: &ago})
	}
	pull.Reviews = append(pull.Reviews, githubtest.Review{By: "olga", State: "DISMISSED"}, githubtest.Review{By: "cleo", State: "APPROVED"})
	for i := range deployments {
		ago := i + 10
		made.Deployments = append(made.Deployments, githubtest.Deployment{
			Commit: "merge", Environment: []string{"production", "staging"}[i%2], MinutesAgo: &ago, Statuses: []githubtest.DeploymentStatus{{State: "success", MinutesAgo: &ago}},
		})
	}
	return made
}

// FLT-11. What there is a lot of is read to the last entry, and what is asked for
// grows no faster than by the pages that it fills: 100 checks are on one page of
// three lists (checks, their suites or statuses, the jobs of a run).
func TestACrowdIsReadWhole(t *testing.T) {
	t.Parallel()
	tag := githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"}
	for _, row := range []struct{ reviews, checks, deployments, requests int }{{1, 1, 1, 10}, {100, 500, 50, 30}, {1000, 5000, 500, 200}} {
		t.Run(fmt.Sprintf("%d reviews, %d checks, %d deployments", row.reviews, row.checks, row.deployments), func(t *testing.T) {
			t.Parallel()
			if row.checks > 1 && thrift > 1 {
				t.Skip("with the race detector the rest of the tests would wait for it")
			}
			whole := crowded(row.reviews, row.checks, row.deployments)
			out := mustBuild(t, scene{name: "whole", world: whole, event: tag}).act(t, nil)
			asked := 0
			for _, times := range out.requests {
				asked += times
			}
			t.Logf("%d requests", asked)
			if out.code != 0 || asked > row.requests {
				t.Errorf("exit code %d with %d requests, want at most %d: %s", out.code, asked, row.requests, out.log)
			}
			if row.checks > 500 && !everything {
				return // what follows is the same for fewer
			}
			worse := whole
			worse.Checks = slices.Clone(whole.Checks)
			worse.Checks[len(worse.Checks)-1].Conclusion = "failure"
			if out := mustBuild(t, scene{name: "the last check", world: worse, event: tag}).act(t, nil); out.outputs["reason-code"] != "checks-passed.not-accepted" {
				t.Errorf("the last check failed: %s", out.reason())
			}
			worse = whole
			worse.Pulls = slices.Clone(whole.Pulls)
			worse.Pulls[0].Reviews = append(slices.Clone(whole.Pulls[0].Reviews), githubtest.Review{By: "cleo", State: "CHANGES_REQUESTED"})
			if out := mustBuild(t, scene{name: "the last review", world: worse, event: tag}).act(t, nil); out.outputs["reason-code"] != "reviewed.changes-requested" {
				t.Errorf("the last review asks for changes: %s", out.reason())
			}
		})
	}
}
