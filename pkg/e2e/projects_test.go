//go:build e2e

package e2e_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

const projectsStory = "one run decides two projects, and the one that is refused keeps the other back in nothing"

// projectsPolicy lets the API go to staging by the preset, and the web site only where
// an administrator starts the run.
const projectsPolicy = `version: 1
preset: three-stage
projects:
  api: {}
  web: { stages: [{ name: staging, gates: { deployer-allowed: { by: admin } } }] }
stages:
  - { name: dev, environment: "{project}-development" }
  - { name: staging, environment: "{project}-staging" }
  - { name: prod, environment: "{project}-production", from: { tags: ["{project}/v*"], versions: release } }
`

const projectsScript = `#!/bin/sh
git rev-parse HEAD >"/e2e/out/deployed.$PROJECT"
`

// testProjects lets the workflow of docs/projects.md run as it stands there.
func testProjects(t *testing.T) {
	for _, each := range []struct {
		name        string
		ada         string // her permission
		api, web    bool   // whether it is deployed
		first, code string // the decision about all, and its reason code
	}{
		{"one is refused", "maintain", true, false, "deny", "deployer-allowed.actor"},
		{"both go", "admin", true, true, "allow", "ready"},
		{"neither goes", "write", false, false, "deny", "signed-commit.merger"},
	} {
		t.Run(each.name, func(t *testing.T) {
			where := serveEvent(t, githubtest.Event{Ref: "refs/heads/main", Actor: "ada"}, func(w *githubtest.World) {
				furnish(w)
				w.Commits[0].Files[".github/stageward.yml"].Text = projectsPolicy
				w.Commits[0].Files["deploy.sh"].Text = projectsScript
				ada := w.People["ada"]
				ada.Permission = each.ada
				w.People["ada"] = ada
			})
			folder, event, out := workplace(t, where.push.Payload)
			file := filepath.Join(folder, "deploy.yml")
			writeFile(t, file, []byte(projectsWorkflow(t)))
			log := obey(t, folder, runnerArguments(t, "push", file, event, out, where))
			gate := gatesOf(t, log)["gate"]
			commit := where.push.Env["GITHUB_SHA"]
			deployed := func(goes bool) string {
				if goes {
					return commit
				}
				return ""
			}
			got := []string{gate["decision"], gate["reason-code"], strings.TrimSpace(readIfThere(t, out, "deployed.api")), strings.TrimSpace(readIfThere(t, out, "deployed.web"))}
			if diff := cmp.Diff([]string{each.first, each.code, deployed(each.api), deployed(each.web)}, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, log)
			}
		})
	}
}

// projectsWorkflow is the workflow of the page, for the runner of the test.
func projectsWorkflow(t *testing.T) string {
	t.Helper()
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readFile(t, "../../docs/projects.md"), -1) {
		if text := block[1]; strings.Contains(text, "fromJSON(needs.gate.outputs.matrix)") {
			if !strings.Contains(text, shippedAction) {
				t.Fatal("the page does not use the action as it is shipped")
			}
			text = regexp.MustCompile(regexp.QuoteMeta(strings.Split(shippedAction, " #")[0])+`[^\n]*`).ReplaceAllString(text, actionName)
			return "defaults: { run: { shell: sh } }\n" + text
		}
	}
	t.Fatal("the page has no workflow with a matrix")
	return ""
}
