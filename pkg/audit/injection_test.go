package audit_test

import (
	"strings"
	"testing"
)

func TestForeignTextInScripts(t *testing.T) {
	t.Parallel()
	const before = `on:
  push:
  workflow_dispatch: { inputs: { free: {}, flag: { type: boolean }, one: { type: choice, options: [a] }, size: { type: number } } }
  repository_dispatch:
  workflow_call: { inputs: { both: { type: string }, flag: { type: boolean } } }
env: { REF: "${{ github.ref_name }}", SAFE: "${{ github.ref_name }}" }
jobs:
  first: { outputs: { ref: "${{ steps.g.outputs.ref }}", sha: "${{ steps.g.outputs.ref }}", unmet: "${{ steps.other.outputs.unmet }}" }, steps: [{ id: g, uses: acme/stageward@v1 }] }
  deploy:
    environment: ENVIRONMENT
    env: { TITLE: "${{ github.event.issue.title }}", SAFE: "${{ github.sha }}", FROM: "${{ env.REF }}", SELF: "${{ env.SELF }}" }
    steps:
      - { id: gate, uses: acme/stageward@v1 }
      - SCRIPT
`
	for expression, want := range map[string]string{
		"github.event.pull_request.title":                    "medium script-injection",
		"github.event.head_commit.message":                   "medium script-injection",
		"GitHub.Event.Issue.Body":                            "medium script-injection",
		"github.event.commits[0].message":                    "medium script-injection",
		"github.event['issue'].title":                        "medium script-injection",
		"github.head_ref":                                    "medium script-injection",
		"github.ref":                                         "medium script-injection",
		"github.ref_name":                                    "medium script-injection",
		"toJSON(github.event)":                               "medium script-injection",
		"toJSON(github)":                                     "medium script-injection",
		"toJSON(inputs)":                                     "medium script-injection",
		"format('x{0}', github.event.issue.title)":           "medium script-injection",
		"inputs.free":                                        "medium script-injection",
		"inputs.both":                                        "medium script-injection",
		"inputs.nowhere":                                     "medium script-injection",
		"github.event.inputs.free":                           "medium script-injection",
		"inputs.flag && inputs.free":                         "medium script-injection",
		"inputs.flag && 'a' || inputs.free":                  "medium script-injection",
		"steps.gate.outputs.ref":                             "medium script-injection",
		"steps.gate.outputs.changes":                         "medium script-injection",
		"fromJSON(steps.gate.outputs.result).reason":         "medium script-injection",
		"needs.first.outputs.ref":                            "medium script-injection",
		"github['head_ref']":                                 "medium script-injection",
		"github['Head_Ref']":                                 "medium script-injection",
		"github[inputs.flag && 'a' || 'head_ref']":           "medium script-injection",
		"(github).ref_name":                                  "medium script-injection",
		"join(github.*)":                                     "medium script-injection",
		"github.workflow_ref":                                "medium script-injection",
		"github.event.client_payload.sha":                    "medium script-injection",
		"github.event.deployment.payload.x.id":               "medium script-injection",
		"inputs['free']":                                     "medium script-injection",
		"env.TITLE":                                          "medium script-injection",
		"env['TITLE']":                                       "medium script-injection",
		"env.REF":                                            "medium script-injection",
		"env.FROM":                                           "medium script-injection",
		"format('{0}{1}', github.ref == 'x', github.ref)":    "medium script-injection",
		"steps['gate'].outputs['ref']":                       "medium script-injection",
		"toJSON(steps.gate.outputs)":                         "medium script-injection",
		"toJSON(steps)":                                      "medium script-injection",
		"join(steps.*.outputs.*)":                            "medium script-injection",
		"toJSON(needs)":                                      "medium script-injection",
		"env.SAFE":                                           "pass",
		"env.SELF":                                           "pass",
		"env.OTHER":                                          "pass",
		"github.event['after']":                              "pass",
		"github.sha":                                         "pass",
		"github.actor":                                       "pass",
		"github.event.pull_request.number":                   "pass",
		"github.event.pull_request.head.sha":                 "pass",
		"github.event.after":                                 "pass",
		"github.event_name":                                  "pass",
		"github.ref == 'refs/heads/main'":                    "pass",
		"github.event.issue.title == 'x' && 'a' || 'b'":      "pass",
		"contains(github.event.head_commit.message, 'skip')": "pass",
		"inputs.flag":                                        "pass",
		"inputs.one":                                         "pass",
		"inputs.size":                                        "pass",
		"steps.gate.outputs.sha":                             "pass",
		"steps.gate.outputs.stage":                           "pass",
		"steps.other.outputs.ref":                            "pass",
		"needs.first.outputs.unmet":                          "pass",
		"secrets.X":                                          "pass",
		"'github.event.issue.title'":                         "pass",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			for script, want := range map[string]string{
				"run: \"x ${{ EXPRESSION }} y\"": want,
				"{ uses: actions/github-script@v8, with: { script: \"x(${{ EXPRESSION }})\" } }": want,
				"{ run: x, env: { X: \"${{ EXPRESSION }}\" } }":                                  "pass",
				"{ uses: acme/ssh@v1, with: { script: \"${{ EXPRESSION }}\" } }":                 want,
				"{ uses: acme/cli@v1, with: { inlineScript: \"${{ EXPRESSION }}\" } }":           want,
				"{ uses: acme/x@v1, with: { title: \"${{ EXPRESSION }}\" } }":                    "pass",
			} {
				text := strings.NewReplacer("ENVIRONMENT", "production", "SCRIPT", strings.Replace(script, "EXPRESSION", expression, 1)).Replace(before)
				points := heard(t, "script-injection", shopPolicy, shop(map[string]string{"x.yml": text}))
				if got := said(points); got != want {
					t.Errorf("%s: %s (%s), want %s", script, got, points[0].Reason, want)
				}
			}
			text := strings.NewReplacer("ENVIRONMENT", "dev", "SCRIPT", "run: \"${{ "+expression+" }}\"").Replace(before)
			if got := said(heard(t, "script-injection", shopPolicy, shop(map[string]string{"x.yml": text}))); got != "skip" {
				t.Errorf("in a job that deploys to no stage: %s", got)
			}
		})
	}
}
