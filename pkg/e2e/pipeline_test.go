//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	pipelineStory = "one repository, from dev to production and back, with the shipped workflows"

	deployWorkflow = ".github/workflows/deploy.yml"
	// shippedAction is how the examples name the action, sharedWorkflow how the
	// one calls the other.
	shippedAction  = "stageward/stageward@0000000000000000000000000000000000000000 # <full commit id>"
	sharedWorkflow = "acme/shop@main"
)

// deployScript is what the repository deploys with: it leaves what it was told
// where the test reads it.
const deployScript = `#!/bin/sh
printf '%s' "$STAGE" >/e2e/out/deployed.stage
printf '%s' "$CONFIG" >/e2e/out/deployed.config
git rev-parse HEAD >/e2e/out/deployed.sha
`

// leg is one run of the deploy workflow, and what has to come of it.
type leg struct {
	name  string
	event githubtest.Event
	// happened is what GitHub has recorded until then; nil adds nothing.
	happened func(*githubtest.World)
	// reused are the outputs of the first job in an earlier attempt: where they
	// are given, the job is not run again.
	reused map[string]string

	first, second string // reason codes of the gate in either job; "" where it is not asked
	deployed      string // the stage, or ""
}

// pipeline is a repository to which things happen, one after the other.
type pipeline struct {
	// workflows is the folder with deploy.yml and gated-deploy.yml, furnish gives the
	// repository what it begins with.
	workflows string
	furnish   func(*githubtest.World)
	happened  []func(*githubtest.World)
}

// testPipeline goes from dev to production with the workflows of examples/, and
// back again. What GitHub records of a run the test tells the next one: the
// runner is not GitHub's and records nothing.
func testPipeline(t *testing.T) {
	p := pipeline{workflows: "../../examples", furnish: furnish}
	push := func(ref string) githubtest.Event { return githubtest.Event{Ref: ref, Actor: "ada"} }
	dispatch := func(ref string, inputs map[string]string) githubtest.Event {
		return githubtest.Event{Name: "workflow_dispatch", Ref: ref, Actor: "ada", Inputs: inputs}
	}
	const old, recent, main = "refs/tags/v1.0.0", "refs/tags/v1.1.0", "refs/heads/main"
	again := push(recent)
	again.Attempt = 2
	for _, each := range []leg{
		{name: "dev goes to dev", event: push("refs/heads/dev"), first: "unrestricted", second: "unrestricted", deployed: "dev"},
		{name: "a release that was never on staging is refused", event: push(old), first: "promoted.missing"},
		{name: "main goes to staging", event: push(main), first: "ready", second: "ready", deployed: "staging"},
		{name: "what was on staging goes to production", happened: deployedTo("merge", "staging", 81), event: push(old), first: "ready", second: "ready", deployed: "prod"},
		{name: "the next release may not leave staging out either", happened: nextRelease, event: push(recent), first: "promoted.missing"},
		{name: "nor may it go where its deployment to staging failed", happened: failedOn("next", "staging", 83), event: push(recent), first: "promoted.failed"},
		{name: "it goes after it was there", happened: deployedTo("next", "staging", 84), event: push(recent), first: "ready", second: "ready", deployed: "prod"},
		{name: "back, without saying so, is refused", happened: deployedTo("next", "prod", 85), event: push(old), first: "version-increases.not-higher"},
		{name: "back", event: dispatch(old, map[string]string{"rollback": "true"}), first: "rollback", second: "rollback", deployed: "prod"},
		{name: "back to what was never there is refused", happened: neverDeployed, event: dispatch("refs/tags/v0.9.0", map[string]string{"rollback": "true"}), first: "deployed-before.missing"},
		{name: "nobody breaks a glass that the policy does not have", event: dispatch(recent, map[string]string{"break-glass": "the database is down"}), first: "lane.closed"},
		{
			name: "an allow of an earlier attempt is not enough", happened: lockProduction, event: again,
			reused: map[string]string{"allowed": "true", "stage": "prod", "environment": "production"},
			second: "not-locked.locked",
		},
		{
			name: "a yes about one stage does not open another", event: push("refs/heads/dev"),
			reused: map[string]string{"allowed": "true", "stage": "dev", "environment": "production"},
			second: "environment.other",
		},
	} {
		if !t.Run(each.name, func(t *testing.T) { p.play(t, each) }) {
			return // what follows builds on it
		}
	}
}

// play lets the deploy workflow run once, as the examples have it.
func (p *pipeline) play(t *testing.T, each leg) {
	if each.happened != nil {
		p.happened = append(p.happened, each.happened)
	}
	where := serveEvent(t, each.event, func(w *githubtest.World) {
		p.furnish(w)
		for _, happened := range p.happened {
			happened(w)
		}
	})
	folder, event, out := workplace(t, where.push.Payload)
	file := p.unpack(t, folder, each.reused)
	arguments := append(runnerArguments(t, each.event.Name, file, event, out, where), "--local-repository", sharedWorkflow+"="+filepath.Join(folder, "shared"))
	log := obey(t, folder, arguments)
	gates := gatesOf(t, log)
	got := map[string]string{"first": gates["gate"]["reason-code"], "second": gates["deploy"]["reason-code"], "deployed": readIfThere(t, out, "deployed.stage")}
	want := map[string]string{"first": each.first, "second": each.second, "deployed": each.deployed}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, log)
	}
	commit := strings.TrimSpace(readIfThere(t, out, "deployed.sha"))
	if each.deployed != "" && commit != where.push.Env["GITHUB_SHA"] {
		t.Errorf("%q was deployed, want %s", commit, where.push.Env["GITHUB_SHA"])
	}
}

// unpack writes the two workflows where the runner finds them, with
// the shell of the job's image, and returns the one that runs. Where the outputs of
// the first job are reused, that job does nothing but have them, as on GitHub.
func (p *pipeline) unpack(t *testing.T, folder string, reused map[string]string) string {
	t.Helper()
	shared := filepath.Join(folder, "shared", ".github", "workflows")
	if err := os.MkdirAll(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	shipped := func(name string) string {
		text := readFile(t, filepath.Join(p.workflows, name))
		if !strings.Contains(text, shippedAction) {
			t.Fatalf("%s does not use the action as %q", name, shippedAction)
		}
		return "defaults: { run: { shell: sh } }\n" + strings.ReplaceAll(text, shippedAction, actionName)
	}
	writeFile(t, filepath.Join(shared, "gated-deploy.yml"), []byte(shipped("gated-deploy.yml")))
	text := shipped("deploy.yml")
	if reused != nil {
		begin := strings.Index(text, "        uses: "+actionName)
		end := strings.Index(text, "\n  deploy:")
		if begin < 0 || end < begin {
			t.Fatal("the first job of deploy.yml is not where it was")
		}
		step := "        run: |\n"
		for _, name := range []string{"stage", "environment", "allowed"} {
			step += fmt.Sprintf("          echo '%s=%s' >>\"$GITHUB_OUTPUT\"\n", name, reused[name])
		}
		text = text[:begin] + step + text[end:]
	}
	file := filepath.Join(folder, "deploy.yml")
	writeFile(t, file, []byte(text))
	return file
}

// gatesOf reads the outputs of the gate's step in either job off the runner's log.
func gatesOf(t *testing.T, log []byte) map[string]map[string]string {
	t.Helper()
	gates := map[string]map[string]string{"gate": {}, "deploy": {}}
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			JobID   string `json:"jobID"`
			Step    string `json:"step"`
			Command string `json:"command"`
			Name    string `json:"name"`
			Arg     string `json:"arg"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Step == actionName && line.Command == "set-output" && gates[line.JobID] != nil {
			gates[line.JobID][line.Name] = line.Arg
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return gates
}

// furnish takes back what the World says was deployed, gives the repository
// something to deploy with, and production a lock that can be set.
func furnish(w *githubtest.World) {
	w.Checks = slices.DeleteFunc(w.Checks, func(each githubtest.Check) bool { return each.Workflow == deployWorkflow }) // nothing was deployed yet
	files := w.Commits[0].Files
	files["deploy.sh"] = &githubtest.File{Text: deployScript, Mode: "100755"}
	files[".github/stageward.yml"].Text += "    gates:\n      not-locked: {}\n" // prod is the last stage in it
}

// deployedTo is what GitHub records of a run of the deploy workflow that went well.
func deployedTo(commit, stage string, run int64) func(*githubtest.World) {
	return record(commit, stage, run, "success")
}

func failedOn(commit, stage string, run int64) func(*githubtest.World) {
	return record(commit, stage, run, "failure")
}

func record(commit, stage string, run int64, conclusion string) func(*githubtest.World) {
	return func(w *githubtest.World) {
		environment, branch := stage, "main"
		if stage == "prod" {
			environment, branch = "production", map[string]string{"merge": "v1.0.0", "next": "v1.1.0"}[commit]
		}
		ago := int(200 - run)
		w.WorkflowRuns = append(w.WorkflowRuns, githubtest.WorkflowRun{
			Commit: commit, Workflow: deployWorkflow, RunID: run, Branch: branch, Status: "completed", Conclusion: conclusion, MinutesAgo: &ago,
		})
		w.Checks = append(w.Checks, githubtest.Check{
			Commit: commit, Name: "deploy / deploy-" + stage, Workflow: deployWorkflow, RunID: run, Conclusion: conclusion, Environment: environment, MinutesAgo: &ago,
		})
		if stage == "prod" && commit == "next" {
			record("merge", "prod", run-3, "success")(w) // the release before it
		}
	}
}

// nextRelease merges another change and tags it.
func nextRelease(w *githubtest.World) {
	w.Commits = append(w.Commits,
		githubtest.Commit{Name: "more", Branch: "dev", Parents: []string{"merge"}, By: "bob", Files: map[string]*githubtest.File{"main.txt": {Text: "3"}}},
		githubtest.Commit{
			Name: "next", By: "ada", Signed: "github", Parents: []string{"merge", "more"}, Message: "Merge pull request #2 from acme/dev",
			Files: map[string]*githubtest.File{"main.txt": {Text: "3"}},
		})
	w.Tags = append(w.Tags, githubtest.Tag{Name: "v1.1.0", Commit: "next", Annotated: true, Signed: "ada"})
	w.Pulls = append(w.Pulls, githubtest.Pull{
		Number: 2, Title: "Count to three", Author: "bob", Head: "dev", Commits: []string{"more"}, MergedBy: "ada", MergeCommit: "next",
		Reviews: []githubtest.Review{{By: "cyn", State: "APPROVED"}},
	})
	w.Checks = append(w.Checks, githubtest.Check{Commit: "next", Name: "tests", Workflow: ".github/workflows/ci.yml", RunID: 75})
}

// neverDeployed tags the first commit, which was on no stage.
func neverDeployed(w *githubtest.World) {
	w.Tags = append(w.Tags, githubtest.Tag{Name: "v0.9.0", Commit: "first", Annotated: true, Signed: "ada"})
	w.Checks = append(w.Checks, githubtest.Check{Commit: "first", Name: "tests", Workflow: ".github/workflows/ci.yml", RunID: 69})
}

// lockProduction stops the line between two attempts of a run.
func lockProduction(w *githubtest.World) {
	w.Commits = append(w.Commits, githubtest.Commit{
		Name: "lock", Branch: "production-branch-deploy-lock", Parents: []string{}, By: "ada",
		Files: map[string]*githubtest.File{"lock.json": {Text: `{"reason":"the payment provider is down","created_by":"ada","created_at":"2026-11-02T08:50:00Z","environment":"production","global":false,"sticky":true}`}},
	})
}
