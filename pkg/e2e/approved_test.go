//go:build e2e

package e2e_test

import "github.com/stageward/stageward/pkg/githubtest"

// approveWorkflow is the file by whose runs people approve.
const approveWorkflow = ".github/workflows/approve.yml"

// approvalScenarios are one story: a release waits for a tester, the tester
// does what the summary says, and the same push is decided about again.
func approvalScenarios() []scenario {
	tag := "refs/tags/v1.0.0"
	return []scenario{
		{
			name:   "a tag that nobody approved waits, and says how to approve it",
			change: askForApproval,
			ref:    tag, decision: "wait", code: "approved.missing", stage: "prod", unmet: []string{"approved"},
			says: "`gh workflow run approve.yml --repo acme/shop --ref main -f sha=<sha> -f stage=prod -f approval=qa`",
		},
		{
			name: "the same tag goes to prod once a tester has approved it",
			change: func(w *githubtest.World) {
				askForApproval(w)
				approve(w, "cyn")
			},
			ref: tag, decision: "allow", code: "ready", stage: "prod", logLevel: "warn", says: "qa by `@cyn` (run 72)",
		},
	}
}

// askForApproval makes production ask for the word of somebody who may write,
// and adds the workflow to give it with. Nobody has given it.
func askForApproval(w *githubtest.World) {
	files := w.Commits[0].Files
	files[approveWorkflow] = &githubtest.File{Text: "on: workflow_dispatch\n"}
	// The stage prod is the last thing in the policy.
	files[".github/stageward.yml"].Text += "    gates:\n      approved: { approvals: [{ name: qa, by: write }] }\n"
}

// approve adds the run that the command in the summary starts. Its job is a
// check on the same commit, as it is on GitHub.
func approve(w *githubtest.World, login string) {
	const id, event = 72, "workflow_dispatch"
	w.WorkflowRuns = append(w.WorkflowRuns, githubtest.WorkflowRun{
		Commit: "merge", Workflow: approveWorkflow, RunID: id, Event: event, Actor: login, Title: "Approve <sha of merge> for prod as qa",
	})
	w.Checks = append(w.Checks, githubtest.Check{
		Commit: "merge", Name: "said", Conclusion: "success", Workflow: approveWorkflow, RunID: id, Event: event,
	})
}
