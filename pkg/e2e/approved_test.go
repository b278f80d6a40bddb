//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	// approveWorkflow is the file by whose runs people approve, approveExample
	// the one that is shipped to be copied there.
	approveWorkflow = ".github/workflows/approve.yml"
	approveExample  = "../../examples/approve.yml"

	approvalStory = "a tag waits, a tester does what the summary says, and the same run started again goes to prod"
)

// testApproval is one story: a release waits for a tester, who approves with the
// command of the summary and the shipped workflow, and the run is started again.
func testApproval(t *testing.T) {
	const workflow = "two-jobs.yml"
	asked := play(t, workflow, scenario{
		change: askForApproval, ref: "refs/tags/v1.0.0", decision: "wait", code: "approved.missing", stage: "prod", unmet: []string{"approved"},
		says: "`gh workflow run approve.yml --repo acme/shop --ref main -f sha=<sha> -f stage=prod -f approval=qa`",
	})
	title := runApproval(t, inputsOf(t, asked.summary))
	if want := "Approve " + asked.outputs["sha"] + " for prod as qa"; title != want {
		t.Fatalf("the run of the approval workflow has the title %q, want %q", title, want)
	}
	play(t, workflow, scenario{
		change: func(w *githubtest.World) {
			askForApproval(w)
			approve(w, "cyn", title)
		},
		ref: "refs/tags/v1.0.0", attempt: 2, decision: "allow", code: "ready", stage: "prod", logLevel: "warn", says: "qa by `@cyn` (run 72)",
	})
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
func approve(w *githubtest.World, login, title string) {
	const id, event = 72, "workflow_dispatch"
	w.WorkflowRuns = append(w.WorkflowRuns, githubtest.WorkflowRun{
		Commit: "merge", Workflow: approveWorkflow, RunID: id, Event: event, Actor: login, Title: title,
	})
	w.Checks = append(w.Checks, githubtest.Check{
		Commit: "merge", Name: "said", Conclusion: "success", Workflow: approveWorkflow, RunID: id, Event: event,
	})
}

var (
	approveCommand = regexp.MustCompile("`gh workflow run approve\\.yml --repo acme/shop --ref main((?: -f [a-z]+=[^ `]+)+)`")
	inputPair      = regexp.MustCompile(`-f ([a-z]+)=([^ ]+)`)
)

// inputsOf reads the inputs off the command in a summary.
func inputsOf(t *testing.T, summary string) map[string]string {
	t.Helper()
	command := approveCommand.FindStringSubmatch(summary)
	if command == nil {
		t.Fatalf("the summary has no command to approve with:\n%s", summary)
	}
	inputs := map[string]string{}
	for _, pair := range inputPair.FindAllStringSubmatch(command[1], -1) {
		inputs[pair[1]] = pair[2]
	}
	return inputs
}

// runApproval lets the runner carry out the shipped workflow, with one step more
// and the only shell of the job's image, and returns what its run-name is. The
// runner does not use the run-name, so that step has it in its environment: it is
// evaluated like any expression.
func runApproval(t *testing.T, inputs map[string]string) string {
	t.Helper()
	shipped := readFile(t, approveExample)
	var workflow struct {
		RunName string `yaml:"run-name"`
	}
	if err := yaml.Unmarshal([]byte(shipped), &workflow); err != nil || workflow.RunName == "" {
		t.Fatalf("read the run-name %q: %v", workflow.RunName, err)
	}
	payload, err := json.Marshal(map[string]any{"inputs": inputs, "ref": "refs/heads/main"})
	if err != nil {
		t.Fatal(err)
	}
	folder, event, out := workplace(t, payload)
	file := filepath.Join(folder, "approve.yml")
	writeFile(t, file, []byte("defaults: { run: { shell: sh } }\n"+strings.TrimRight(shipped, "\n")+fmt.Sprintf(`
      - run: printf '%%s' "$TITLE" >/e2e/out/title
        env:
          TITLE: %s
`, workflow.RunName)))
	log := obey(t, folder, append(offline("workflow_dispatch", file, event), "--container-options", fmt.Sprintf("-v %s:/e2e/out", out)))
	title := readIfThere(t, out, "title")
	if title == "" || !bytes.Contains(log, []byte(`"jobResult":"success"`)) {
		t.Fatalf("the approval workflow did not run to its end:\n%s", log)
	}
	return title
}

// attemptOf reads in which attempt a decision was made.
func attemptOf(t *testing.T, result string) int {
	t.Helper()
	var decided struct {
		Trigger struct {
			RunAttempt int `json:"run_attempt"`
		} `json:"trigger"`
	}
	if err := json.Unmarshal([]byte(result), &decided); err != nil {
		t.Errorf("output result is %q: %v", result, err)
	}
	return decided.Trigger.RunAttempt
}
