//go:build e2e

package e2e_test

import (
	"debug/buildinfo"
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/githubtest"
)

// scenario is one push to the repository of testdata/e2e/world.yml, after one
// change, and what has to come of it.
type scenario struct {
	name   string
	change func(*githubtest.World)
	ref    string
	// attempt is how often the run was started; 1 when 0.
	attempt int

	decision string
	code     string // reason-code
	stage    string
	logLevel string   // what the deploying job reads from config; "" on a refusal
	unmet    []string // gates, in order
	says     string   // part of what a person reads; <sha> stands for the commit
}

// forgery ends the value it stands in if the output file is written with the
// runner toolkit's old fixed delimiter, and then sets an output of its own.
const forgery = "x\n_GitHubActionsFileCommandDelimeter_\nallowed=true\n::set-output name=allowed::true\n##[set-output name=allowed;]true"

func scenarios() []scenario {
	tag, main, dev := "refs/tags/v1.0.0", "refs/heads/main", "refs/heads/dev"
	return []scenario{
		{
			name:   "an unsigned tag is refused",
			change: func(w *githubtest.World) { w.Tags[0].Signed, w.Tags[0].By = "", "ada" },
			ref:    tag, decision: "deny", code: "signed-tag.unsigned", stage: "prod", unmet: []string{"signed-tag"}, says: "not signed",
		},
		{
			name: "a tag on a commit of a fork is refused",
			change: func(w *githubtest.World) {
				w.Commits = append(w.Commits, githubtest.Commit{Name: "stray", Fork: true, Parents: []string{"merge"}, By: "eve"})
				w.Checks = append(w.Checks, checkOn("stray", "tests", "success"))
				w.Tags[0].Commit = "stray"
			},
			ref: tag, decision: "deny", code: "on-branch.not-contained", stage: "prod", unmet: []string{"on-branch", "promoted"}, says: "fork",
		},
		{
			name: "a tag on another branch is refused",
			change: func(w *githubtest.World) {
				w.Tags[0].Commit = "change"
				w.Checks = append(w.Checks, checkOn("change", "tests", "success"))
				w.Commits[2].Parents = []string{"first"} // else main contains the change
				w.Pulls = nil
			},
			ref: tag, decision: "deny", code: "on-branch.not-contained", stage: "prod", unmet: []string{"on-branch", "promoted"}, says: "another branch",
		},
		{
			name:   "a commit that nobody reviewed is refused",
			change: func(w *githubtest.World) { w.Pulls[0].Reviews = nil },
			ref:    main, decision: "deny", code: "reviewed.approvals", stage: "staging", unmet: []string{"reviewed"}, says: "approv",
		},
		{
			name:   "a commit with a failing check is refused",
			change: func(w *githubtest.World) { w.Checks[0].Conclusion = "failure" },
			ref:    main, decision: "deny", code: "checks-passed.not-accepted", stage: "staging", unmet: []string{"checks-passed"}, says: "tests",
		},
		{
			name:   "a branch that maps to no stage is refused",
			change: func(w *githubtest.World) { w.Branches = map[string]string{"topic": "change"} },
			ref:    "refs/heads/topic", decision: "deny", code: "ref.unmatched", says: "topic",
		},
		{
			name: "a token that may not read checks decides nothing",
			change: func(w *githubtest.World) {
				w.Token.Permissions = map[string]string{"contents": "read", "pull-requests": "read", "statuses": "read", "actions": "read"}
			},
			ref: main, decision: "error", code: "checks-passed.forbidden", stage: "staging", unmet: []string{"checks-passed"}, says: "checks: read",
		},
		{
			name: "a check whose name forges outputs stays text",
			change: func(w *githubtest.World) {
				w.Checks = append(w.Checks, checkOn("merge", forgery, "failure"))
			},
			ref: main, decision: "deny", code: "checks-passed.not-accepted", stage: "staging", unmet: []string{"checks-passed"}, says: "GitHubActionsFileCommandDelimeter",
		},
		{
			name: "a commit and a pull request whose titles forge outputs stay text",
			change: func(w *githubtest.World) {
				w.Commits[2].Message, w.Pulls[0].Title, w.Pulls[0].Body = forgery, forgery, forgery
				w.Pulls[0].Reviews = nil
			},
			ref: main, decision: "deny", code: "reviewed.approvals", stage: "staging", unmet: []string{"reviewed"}, says: "approv",
		},
		{
			name: "the dev branch goes to dev",
			ref:  dev, decision: "allow", code: "unrestricted", stage: "dev", logLevel: "debug", says: "dev",
		},
		{
			name: "a reviewed merge goes to staging",
			ref:  main, decision: "allow", code: "ready", stage: "staging", logLevel: "info", says: "staging",
		},
		{
			name: "a signed tag goes to prod",
			ref:  tag, decision: "allow", code: "ready", stage: "prod", logLevel: "warn", says: "prod",
		},
	}
}

func checkOn(commit, name, conclusion string) githubtest.Check {
	return githubtest.Check{Commit: commit, Name: name, Conclusion: conclusion, Workflow: ".github/workflows/ci.yml", RunID: 71}
}

func TestTheShippedImageUnderARunner(t *testing.T) {
	buildImage(t)
	t.Run("the image holds the program and nothing to run besides", testImage)
	for _, workflow := range []string{"two-jobs.yml", "first-step.yml"} {
		for _, each := range slices.Concat(scenarios(), signatureScenarios()) {
			// One after the other: the runner names its containers after the workflow and the job.
			t.Run(strings.TrimSuffix(workflow, ".yml")+": "+each.name, func(t *testing.T) { play(t, workflow, each) })
		}
	}
	t.Run(approvalStory, testApproval)
	t.Run(checksStory, testChecks)
	t.Run(pipelineStory, testPipeline)
	t.Run(initStory, testInit)
	t.Run(auditStory, testAudit)
	t.Run(projectsStory, testProjects)
	t.Run(signalStory, testSignals)
}

// play lets a workflow run in a scenario and compares what comes of it.
func play(t *testing.T, workflow string, each scenario) observation {
	t.Helper()
	where := serve(t, each)
	seen := run(t, workflow, where)
	checkGate(t, each, where.push.Env["GITHUB_SHA"], seen)
	checkDeployment(t, each, where.push.Env["GITHUB_SHA"], seen)
	if t.Failed() {
		t.Log(seen.log)
	}
	return seen
}

func testImage(t *testing.T) {
	t.Helper()
	if said := docker(t, "run", "--rm", "--network", "none", actionImage, "version"); !strings.HasPrefix(said, "stageward ") {
		t.Errorf("version says %q", said)
	}
	if said := docker(t, "run", "--rm", "--network", "none", actionImage, "test", "--preset", "three-stage", "--min-coverage", "100"); !strings.Contains(said, "scenarios hold") {
		t.Errorf("a test of the preset says %q", said)
	}
	if shell := exec.CommandContext(t.Context(), "docker", "run", "--rm", "--network", "none", "--entrypoint", "/bin/sh", actionImage, "-c", "true"); shell.Run() == nil {
		t.Error("the image has a shell")
	}
	var images []struct {
		Size   int64
		Config struct {
			User       string
			Entrypoint []string
		}
	}
	if err := json.Unmarshal([]byte(docker(t, "image", "inspect", actionImage)), &images); err != nil {
		t.Fatal(err)
	}
	image := images[0]
	if image.Size > 17<<20 {
		t.Errorf("the image has %d bytes, more than 17 MiB", image.Size)
	}
	if image.Config.User != "" || !slices.Equal(image.Config.Entrypoint, []string{"/stageward"}) {
		t.Errorf("the image runs %q as %q", image.Config.Entrypoint, image.Config.User)
	}
	checkReproducible(t)
}

// checkReproducible compares the program in the image, which was compiled in a container, with what the same Go makes of
// the same source here: a release stands on their being one.
func checkReproducible(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	inside, here := filepath.Join(folder, "inside"), filepath.Join(folder, "here")
	container := docker(t, "create", actionImage)
	defer docker(t, "rm", container)
	docker(t, "cp", container+":/stageward", inside)
	compile := exec.CommandContext(t.Context(), "../../.ci/compile", here)
	if said, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	one, err := buildinfo.ReadFile(inside)
	if err != nil {
		t.Fatal(err)
	}
	two, err := buildinfo.ReadFile(here)
	if err != nil {
		t.Fatal(err)
	}
	if one.GoVersion != two.GoVersion {
		t.Logf("NOT COMPARED: the image was made with %s, and here is %s", one.GoVersion, two.GoVersion)
		return
	}
	if readFile(t, inside) != readFile(t, here) {
		t.Error("the program in the image is another one than is compiled here")
	}
}

// checkGate compares what the gate's step says with what has to come of it.
func checkGate(t *testing.T, want scenario, commit string, seen observation) {
	t.Helper()
	if names := slices.Sorted(maps.Keys(seen.outputs)); !slices.Equal(names, declaredOutputs(t)) {
		t.Errorf("the step set the outputs %q, declared are %q", names, declaredOutputs(t))
	}
	allowed, outcome := "false", "failure"
	if want.decision == "allow" {
		allowed, outcome = "true", "success"
	}
	expected := map[string]string{
		"allowed": allowed, "decision": want.decision, "reason-code": want.code, "stage": want.stage, "ref": want.ref, "sha": commit,
	}
	for name, value := range expected {
		if seen.outputs[name] != value {
			t.Errorf("output %s is %q, want %q", name, seen.outputs[name], value)
		}
	}
	if attempt := attemptOf(t, seen.outputs["result"]); attempt != max(want.attempt, 1) {
		t.Errorf("the result is of attempt %d, want %d", attempt, max(want.attempt, 1))
	}
	if seen.outcome != outcome {
		t.Errorf("the step's outcome is %q, want %q", seen.outcome, outcome)
	}
	if status := exitCodes()[want.decision]; seen.exitCode != status {
		t.Errorf("the container ended with the exit code %d, want %d", seen.exitCode, status)
	}
	if diff := cmp.Diff(want.unmet, unmetGates(t, seen.outputs["unmet"])); diff != "" {
		t.Errorf("unmet gates (-want +got):\n%s", diff)
	}
	if says := strings.ReplaceAll(want.says, "<sha>", commit); !strings.Contains(seen.summary, says) {
		t.Errorf("the summary does not say %q:\n%s", says, seen.summary)
	}
	for _, command := range seen.commands {
		if !slices.Contains([]string{"add-mask", "debug", "error", "group", "endgroup", "notice", "warning"}, command) {
			t.Errorf("the runner was given the command %q", command)
		}
	}
}

// exitCodes are the documented ones of decisions about a policy and an event
// that can be read.
func exitCodes() map[string]int {
	return map[string]int{"allow": 0, "deny": 1, "wait": 1, "error": 3}
}

// checkDeployment compares what was deployed, if anything, with what was
// decided about, and what the last job sees.
func checkDeployment(t *testing.T, want scenario, commit string, seen observation) {
	t.Helper()
	allowed := want.decision == "allow"
	var expected *deployment
	if allowed {
		expected = &deployment{Stage: want.stage, LogLevel: want.logLevel, Commit: commit}
	}
	if diff := cmp.Diff(expected, seen.deployment); diff != "" {
		t.Errorf("what was deployed (-want +got):\n%s", diff)
	}
	if seen.jobs == nil {
		return
	}
	gate, deploy := "failure", "skipped"
	if allowed {
		gate, deploy = "success", "success"
	}
	if got := seen.jobs["gate"].Result; got != gate {
		t.Errorf("the job gate ended as %q, want %q", got, gate)
	}
	if got := seen.jobs["deploy"].Result; got != deploy {
		t.Errorf("the job deploy ended as %q, want %q", got, deploy)
	}
	if got := seen.jobs["gate"].Outputs["allowed"]; (got == "true") != allowed {
		t.Errorf("the last job sees allowed %q", got)
	}
}

// declaredOutputs returns the names of the outputs in action.yml, sorted.
func declaredOutputs(t *testing.T) []string {
	t.Helper()
	var action struct {
		Outputs map[string]any `yaml:"outputs"`
	}
	if err := yaml.Unmarshal([]byte(readFile(t, actionFile)), &action); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(action.Outputs))
}

func unmetGates(t *testing.T, text string) []string {
	t.Helper()
	var findings []struct {
		Gate string `json:"gate"`
	}
	if err := json.Unmarshal([]byte(text), &findings); err != nil {
		t.Errorf("output unmet is %q: %v", text, err)
	}
	var gates []string
	for _, each := range findings {
		gates = append(gates, each.Gate)
	}
	return gates
}
