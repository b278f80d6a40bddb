//go:build e2e

package e2e_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

const initStory = "what stageward init writes takes a release from dev to production, with three people"

// testInit lets "stageward init" write into a repository that has a workflow with
// tests, and runs what it wrote.
func testInit(t *testing.T) {
	written := initialise(t, "--lead", "cyn", "--qa", "cyn", "--owner", "dot")
	p := pipeline{workflows: filepath.Join(written, ".github", "workflows"), furnish: func(w *githubtest.World) { settle(t, w, written) }}
	const release, main = "refs/tags/v1.0.0", "refs/heads/main"
	push := func(ref string) githubtest.Event { return githubtest.Event{Ref: ref, Actor: "ada"} }
	for _, each := range []leg{
		{name: "dev goes to dev", event: push("refs/heads/dev"), first: "unrestricted", second: "unrestricted", deployed: "dev"},
		{name: "main waits for a lead", event: push(main), first: "approved.missing"},
		{name: "main goes to staging", happened: says("cyn", "staging", "lead", 301), event: push(main), first: "ready", second: "ready", deployed: "staging"},
		{name: "a release that was not on staging is refused", event: push(release), first: "promoted.missing"},
		{name: "a release waits for a tester and an owner", happened: deployedTo("merge", "staging", 81), event: push(release), first: "approved.missing"},
		{name: "a tester alone is not enough", happened: says("cyn", "prod", "qa", 302), event: push(release), first: "approved.missing"},
		{name: "it waits for its notes", happened: says("dot", "prod", "owner", 303), event: push(release), first: "release-notes.no-release"},
		{name: "it goes to production", happened: publish, event: push(release), first: "ready", second: "ready", deployed: "prod"},
	} {
		if !t.Run(each.name, func(t *testing.T) { p.play(t, each) }) {
			return // what follows builds on it
		}
	}
}

// initialise makes a clone of a repository with a workflow, lets init write into it,
// and returns the folder.
func initialise(t *testing.T, arguments ...string) string {
	t.Helper()
	folder := t.TempDir()
	for path, text := range map[string]string{
		".git/config":                   "[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n",
		".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/main\n",
		".github/workflows/ci.yml":      "on: push\njobs:\n  tests: { runs-on: ubuntu-latest, steps: [{ run: make test }] }\n",
	} {
		file := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, file, []byte(text))
	}
	var said bytes.Buffer
	system := cli.System{Getenv: func(string) string { return "" }, Stdout: &said, Stderr: &said, Now: func() time.Time { return time.Time{} }, Random: rand.Reader}
	if code := cli.Main(t.Context(), append([]string{"init", "--dir", folder}, arguments...), system); code != 0 {
		t.Fatalf("init ended with %d:\n%s", code, said.String())
	}
	return folder
}

// settle gives the repository what init wrote, something to deploy with and a third
// person. Nothing was deployed yet.
func settle(t *testing.T, w *githubtest.World, written string) {
	t.Helper()
	w.Checks = slices.DeleteFunc(w.Checks, func(each githubtest.Check) bool { return each.Workflow == deployWorkflow })
	w.People["dot"] = githubtest.Person{Permission: "write"}
	files := w.Commits[0].Files
	files["deploy.sh"] = &githubtest.File{Text: deployScript, Mode: "100755"}
	for _, path := range []string{".github/stageward.yml", approveWorkflow} {
		files[path] = &githubtest.File{Text: readFile(t, filepath.Join(written, filepath.FromSlash(path)))}
	}
}

// says is what GitHub records when somebody approves with the workflow that is there
// for it.
func says(login, stage, approval string, run int64) func(*githubtest.World) {
	return func(w *githubtest.World) {
		const event = "workflow_dispatch"
		w.WorkflowRuns = append(w.WorkflowRuns, githubtest.WorkflowRun{
			Commit: "merge", Workflow: approveWorkflow, RunID: run, Event: event, Actor: login, Title: "Approve <sha of merge> for " + stage + " as " + approval,
		})
		w.Checks = append(w.Checks, githubtest.Check{Commit: "merge", Name: "said", Conclusion: "success", Workflow: approveWorkflow, RunID: run, Event: event})
	}
}

// publish makes a release with notes and a plan.
func publish(w *githubtest.World) {
	w.Releases = append(w.Releases, githubtest.Release{
		Tag: "v1.0.0", Author: "ada",
		Body: "It counts to two now.\n\n## Rollout\n\nAll at once, by the workflow.\n\n## Verification\n\nCount to two.\n\n## Rollback\n\nDeploy the release before.\n\n## Owner\n\nAda is there all day.\n",
	})
}
