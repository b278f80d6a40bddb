package cli_test

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/githubtest"
)

const ownTests = ".github/workflows/ci.yml"

// ourselves is this project on the day of a release, under the policy that it has.
func ourselves(t *testing.T) githubtest.World {
	t.Helper()
	policy, err := os.ReadFile(filepath.Join("..", "..", ".github", "stageward.yml"))
	if err != nil {
		t.Fatal(err)
	}
	job := func(name, environment string) githubtest.Check {
		return githubtest.Check{Commit: "merge", Name: name, Workflow: ownTests, RunID: 70, Environment: environment}
	}
	return githubtest.World{
		Repository: "stageward/stageward", Time: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
		People: map[string]githubtest.Person{
			"ada": {Permission: "admin", Key: "ssh"}, "max": {Permission: "maintain", Key: "ssh"}, "ben": {Permission: "write"}, "cleo": {Permission: "write"},
		},
		Commits: []githubtest.Commit{
			{Name: "start", By: "ada", Signed: "ada", Files: map[string]*githubtest.File{".github/stageward.yml": {Text: string(policy)}}},
			{Name: "change", Branch: "topic", By: "ben"},
			{Name: "merge", By: "max", Signed: "github", Parents: []string{"start", "change"}},
			{Name: "beside", Branch: "beside", By: "ada"},
		},
		Tags:   []githubtest.Tag{{Name: "v1.2.0", Commit: "merge", Annotated: true, Signed: "ada"}},
		Pulls:  []githubtest.Pull{{Number: 7, Author: "ben", Commits: []string{"change"}, MergedBy: "max", MergeCommit: "merge", Reviews: []githubtest.Review{{By: "cleo", State: "APPROVED"}}}},
		Checks: []githubtest.Check{job("check", ""), job("release / build", ""), job("release / rebuild", ""), job("candidate", "staging")},
	}
}

// The way of our own releases is open for a release as docs/releases.md describes
// it, and closed for everything that leaves a step of it out.
func TestOurOwnPolicyLetsReleasesThroughAndNothingElse(t *testing.T) {
	t.Parallel()
	tag := githubtest.Event{Ref: "refs/tags/v1.2.0", Actor: "ada"}
	main := githubtest.Event{Ref: "refs/heads/main", Actor: "max"}
	for name, row := range map[string]struct {
		event  githubtest.Event
		change func(*githubtest.World)
		code   int
		gate   string // that stops it
	}{
		"a tag by a maintainer":             {tag, func(w *githubtest.World) { w.Tags[0].Signed = "max" }, 1, "signed-tag"},
		"a tag without a signature":         {tag, func(w *githubtest.World) { w.Tags[0].Signed, w.Tags[0].By = "", "ada" }, 1, "signed-tag"},
		"a run that a maintainer started":   {githubtest.Event{Ref: tag.Ref, Actor: "max"}, nil, 1, "deployer-allowed"},
		"a commit beside main":              {tag, func(w *githubtest.World) { w.Tags[0].Commit = "beside" }, 1, "on-branch"},
		"a commit that was no candidate":    {tag, func(w *githubtest.World) { w.Checks = w.Checks[:3] }, 1, "promoted"},
		"a candidate that failed":           {tag, func(w *githubtest.World) { w.Checks[3].Conclusion = "failure" }, 1, "promoted"},
		"two machines that do not agree":    {tag, func(w *githubtest.World) { w.Checks[2].Conclusion = "failure" }, 1, "checks-passed"},
		"a rebuild that did not happen":     {tag, func(w *githubtest.World) { w.Checks = slices.Delete(w.Checks, 2, 3) }, 1, "checks-passed"},
		"a version that is not higher":      {tag, func(w *githubtest.World) { w.Tags = append(w.Tags, githubtest.Tag{Name: "v1.3.0", Commit: "start"}) }, 1, "version-increases"},
		"a candidate without a review":      {main, func(w *githubtest.World) { w.Pulls[0].Reviews = nil }, 1, "reviewed"},
		"a candidate whose tests failed":    {main, func(w *githubtest.World) { w.Checks[0].Conclusion = "failure" }, 1, "checks-passed"},
		"a push to main without a pull":     {main, func(w *githubtest.World) { w.Pulls = nil }, 1, "reviewed"},
		"a candidate":                       {main, func(w *githubtest.World) { w.Checks = w.Checks[:3] }, 0, ""},
		"a release":                         {tag, nil, 0, ""},
		"a release, while v1 names another": {tag, func(w *githubtest.World) { w.Tags = append(w.Tags, githubtest.Tag{Name: "v1", Commit: "start"}) }, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := ourselves(t)
			if row.change != nil {
				row.change(&world)
			}
			transport, env := stand(t, world, row.event)
			maps.Copy(env, map[string]string{"INPUT_STAGE": "staging", "INPUT_ENVIRONMENT": "staging"})
			if row.event.Ref == tag.Ref {
				maps.Copy(env, map[string]string{"INPUT_STAGE": "prod", "INPUT_ENVIRONMENT": "release"})
			}
			code := runAction(t.Context(), transport, env, io.Discard)
			outputs := readOutputs(t, env["GITHUB_OUTPUT"])
			if code != row.code || row.gate != "" && !strings.Contains(outputs["unmet"], `"`+row.gate+`"`) {
				t.Errorf("exit code %d, %s: %s; want %d and %q not met", code, outputs["reason-code"], outputs["unmet"], row.code, row.gate)
			}
		})
	}
}

func readOutputs(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parseOutputs(string(text))
}

// workflowFile is what this test reads of a workflow.
type workflowFile struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Needs       any
		Uses        string
		Environment string
		Permissions map[string]string
		Steps       []struct{ ID, Uses, If string }
	}
}

// The policy names jobs. A job that is called otherwise would never be found, and
// a job that publishes without its environment would be on no way at all.
func TestOurOwnWorkflowsAreThoseOfThePolicy(t *testing.T) {
	t.Parallel()
	read := func(name string) workflowFile {
		text, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", name))
		if err != nil {
			t.Fatal(err)
		}
		var file workflowFile
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		if file.Permissions == nil || len(file.Permissions) > 0 {
			t.Errorf("%s does not begin with no permission at all", name)
		}
		return file
	}
	ci, release, build := read("ci.yml"), read("release.yml"), read("build.yml")
	if _, ok := ci.Jobs["check"]; !ok || ci.Jobs["release"].Uses != "./.github/workflows/build.yml" || ci.Jobs["candidate"].Environment != "staging" {
		t.Errorf("ci.yml has the jobs %v", slices.Sorted(maps.Keys(ci.Jobs)))
	}
	if _, ok := build.Jobs["rebuild"]; !ok || release.Jobs["publish"].Environment != "release" {
		t.Error("there is no job rebuild, or publish is without its environment")
	}
	for name, file := range map[string]workflowFile{"ci.yml": ci, "release.yml": release} {
		for id, job := range file.Jobs {
			first := slices.IndexFunc(job.Steps, func(step struct{ ID, Uses, If string }) bool { return step.Uses == "./gate" })
			if job.Environment == "" {
				continue
			}
			// A checkout and the way around the published image come before it, nothing else does.
			if first != 2 || job.Steps[first].If != "" {
				t.Errorf("%s: the gate is not the first thing that %s does", name, id)
			}
		}
	}
	for id, job := range release.Jobs {
		if writes := job.Permissions["contents"] == "write" || job.Permissions["packages"] == "write"; writes && id != "publish" && id != "point" {
			t.Errorf("release.yml: %s can write", id)
		}
	}
}

// The scenarios beside our own policy hold, and show all of it.
func TestOurOwnPolicyIsTested(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	path := filepath.Join("..", "..", ".github", "stageward.test.yml")
	code := cli.Main(t.Context(), []string{"test", path, "--min-coverage", "100"}, cli.System{
		Getenv: func(string) string { return "" }, Stdout: &said, Stderr: &said, Now: time.Now,
	})
	if code != 0 {
		t.Errorf("exit code %d:\n%s", code, said.String())
	}
}
