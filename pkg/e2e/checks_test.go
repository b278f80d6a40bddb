//go:build e2e

package e2e_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	loadWorkflow = ".github/workflows/load.yml"

	checksStory = "a merge waits for its performance check, and the same run started again goes to staging when it is there"
)

// testChecks is one story: the gate is asked before the load test has begun, and
// once more after it has passed.
func testChecks(t *testing.T) {
	for _, workflow := range []string{"two-jobs.yml", "first-step.yml"} {
		play(t, workflow, scenario{
			change: func(w *githubtest.World) {
				askForLoadTest(w)
				w.WorkflowRuns = append(w.WorkflowRuns, githubtest.WorkflowRun{Commit: "merge", Workflow: loadWorkflow, RunID: 73, Status: "queued"})
			},
			ref: "refs/heads/main", decision: "wait", code: "checks-passed.missing", stage: "staging", unmet: []string{"checks-passed"},
			says: "1 of 2 checks did not pass: performance: \"load-test\"",
		})
		play(t, workflow, scenario{
			change: func(w *githubtest.World) {
				askForLoadTest(w)
				w.Checks = append(w.Checks, githubtest.Check{Commit: "merge", Name: "load-test", Workflow: loadWorkflow, RunID: 73})
			},
			ref: "refs/heads/main", attempt: 2, decision: "allow", code: "ready", stage: "staging", logLevel: "info",
			says: "2 checks passed (tests, performance)",
		})
	}
}

// askForLoadTest makes staging ask for a performance check beside the tests.
func askForLoadTest(w *githubtest.World) {
	policy := w.Commits[0].Files[".github/stageward.yml"]
	const staging = "    config: { debug: false, log_level: info }\n"
	policy.Text = strings.Replace(policy.Text, staging, staging+`    gates:
      checks-passed:
        checks:
          - { name: tests, class: tests, workflow: .github/workflows/ci.yml }
          - { name: load-test, class: performance, workflow: .github/workflows/load.yml, within: 1h }
`, 1)
}
