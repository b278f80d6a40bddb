package audit_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// jobsPolicy names one job for prod; the texts behind it change that.
const jobsPolicy = `version: 1
stages:
  - name: staging
    from: { branches: [main] }
    gates: { signed-commit: { by: maintain } }
  - name: prod
    environment: production
    from: { tags: ["v*"] }
    deployed-by: { workflow: .github/workflows/deploy.yml, job: "JOB" }
    gates: { signed-tag: { by: maintain } }
`

func TestTheJobThatThePolicyNames(t *testing.T) {
	t.Parallel()
	const callee = "on: workflow_call\njobs: { run: { name: \"deploy-${{ inputs.stage }}\", environment: \"${{ inputs.e }}\", steps: [] } }\n"
	const caller = "on: push\njobs: { deploy: { uses: ./.github/workflows/gated.yml } }\n"
	for name, row := range map[string]struct {
		job, deploy string
		more        map[string]string
		want        string
	}{
		"no such file":                              {"deploy-prod", "", nil, "medium no-workflow"},
		"a file that cannot be read":                {"deploy-prod", "on: [", nil, "unknown"},
		"no such job":                               {"deploy-prod", "on: push\njobs: { a: { environment: production } }\n", nil, "medium no-job"},
		"a job in other letters":                    {"deploy-prod", "on: push\njobs: { a: { name: Deploy-Prod, environment: production } }\n", nil, "medium no-job"},
		"the id of a job with another name":         {"deploy-prod", "on: push\njobs: { deploy-prod: { name: x, environment: production } }\n", nil, "medium no-job"},
		"a name that cannot be it":                  {"deploy-prod", "on: push\njobs: { a: { name: \"test-${{ inputs.stage }}\", environment: production } }\n", nil, "medium no-job"},
		"another environment":                       {"deploy-prod", "on: push\njobs: { deploy-prod: { environment: staging } }\n", nil, "medium other-environment"},
		"no environment":                            {"deploy-prod", "on: push\njobs: { deploy-prod: {} }\n", nil, "medium no-environment"},
		"no deployment in its environment":          {"deploy-prod", "on: push\njobs: { deploy-prod: { environment: { name: production, deployment: false } } }\n", nil, "medium no-record"},
		"the caller of a workflow, alone":           {"deploy", caller, map[string]string{"gated.yml": callee}, "medium no-job"},
		"the job that is called, alone":             {"deploy-prod", caller, map[string]string{"gated.yml": callee}, "medium no-job"},
		"a workflow that is not there":              {"deploy / deploy-prod", caller, nil, "unknown"},
		"a workflow that cannot be read":            {"deploy / deploy-prod", caller, map[string]string{"gated.yml": "#!a link"}, "unknown"},
		"a workflow that calls one itself":          {"deploy / again / deploy-prod", caller, map[string]string{"gated.yml": "on: workflow_call\njobs: { again: { uses: ./.github/workflows/x.yml } }\n"}, "unknown"},
		"another repository's, with a version":      {"deploy / deploy-prod", "on: push\njobs: { deploy: { uses: acme/other/.github/workflows/x.yml@v1 } }\n", nil, "unknown"},
		"the job by its id":                         {"deploy-prod", "on: push\njobs: { deploy-prod: { environment: production } }\n", nil, "pass"},
		"the job by its name":                       {"deploy-prod", "on: push\njobs: { a: { name: deploy-prod, environment: Production } }\n", nil, "pass"},
		"a name that can be it":                     {"deploy-prod", "on: push\njobs: { a: { name: \"deploy-${{ inputs.stage }}\", environment: \"${{ inputs.e }}\" } }\n", nil, "pass"},
		"one of a matrix":                           {"deploy (eu, 2)", "on: push\njobs: { deploy: { environment: production } }\n", nil, "pass"},
		"a job of a workflow that is called":        {"deploy / deploy-prod", caller, map[string]string{"gated.yml": callee}, "pass"},
		"the same, by the name of the repository":   {"deploy / deploy-prod", "on: push\njobs: { deploy: { uses: acme/shop/.github/workflows/gated.yml@main } }\n", map[string]string{"gated.yml": callee}, "pass"},
		"the same, by the whole name of the branch": {"deploy / deploy-prod", "on: push\njobs: { deploy: { uses: acme/shop/.github/workflows/gated.yml@refs/heads/main } }\n", map[string]string{"gated.yml": callee}, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"other.yml": "on: push\njobs: { a: {} }\n"}
			if row.deploy != "" {
				files["deploy.yml"] = row.deploy
			}
			for path, text := range row.more {
				files[path] = text
			}
			points := heard(t, "deploying-job", strings.Replace(jobsPolicy, "JOB", row.job, 1), shop(files))
			if got := strings.TrimSuffix(strings.TrimPrefix(said(points), "skip, "), ", skip"); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

func TestJobsThatGatesName(t *testing.T) {
	t.Parallel()
	const rules = `version: 1
stages:
  - name: staging
    from: { branches: [main] }
    gates: { signed-commit: { by: maintain } }
  - name: prod
    environment: production
    from: { tags: ["v*"] }
    gates:
      promoted: { from: staging, deployed-by: { workflow: .github/workflows/deploy.yml, job: to-staging }, record: RECORD, verified-by: [{ workflow: .github/workflows/deploy.yml, job: smoke }] }
      approved: { approvals: [{ name: qa, by: write }], after: { workflow: .github/workflows/deploy.yml, job: done } }
      reviewed: { commits: since-deployment, deployed-by: { workflow: .github/workflows/deploy.yml, job: to-prod } }
    rollback: { deployed-by: { workflow: .github/workflows/deploy.yml, job: back } }
`
	for name, row := range map[string]struct{ record, jobs, want string }{
		"none of them":            {"environment", "{ other: {} }", "medium no-job, medium no-job, medium no-job, medium no-job, medium no-job"},
		"without environments":    {"environment", "{ to-staging: {}, smoke: {}, done: {}, to-prod: {}, back: {} }", "medium no-environment, medium no-environment, pass, pass, pass"},
		"without any for staging": {"none", "{ to-staging: {}, smoke: {}, done: {}, to-prod: { environment: production }, back: { environment: production } }", "pass, pass, pass, pass, pass"},
		"with environments":       {"environment", "{ to-staging: { environment: staging }, smoke: {}, done: {}, to-prod: { environment: production }, back: { environment: production } }", "pass, pass, pass, pass, pass"},
		"with each other's":       {"environment", "{ to-staging: { environment: production }, smoke: {}, done: {}, to-prod: { environment: staging }, back: { environment: production } }", "medium other-environment, medium other-environment, pass, pass, pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "deploying-job", strings.Replace(rules, "RECORD", row.record, 1), shop(map[string]string{"deploy.yml": "on: push\njobs: " + row.jobs + "\n"}))
			if got := said(points); got != row.want {
				t.Errorf("it says %s, want %s", got, row.want)
			}
		})
	}
}

func TestWhatADeployingJobChecksOut(t *testing.T) {
	t.Parallel()
	const line = `        with: { ref: "${{ steps.gate.outputs.sha }}" }` + "\n"
	gateBefore := func(output string) edits {
		return edits{
			"jobs:\n", "jobs:\n  before: { outputs: { commit: \"" + output + "\" }, steps: [{ id: gate, uses: acme/stageward@v1 }] }\n",
			line, "        with: { ref: \"${{ needs.before.outputs.commit }}\" }\n",
		}
	}
	for name, row := range map[string]struct {
		edits edits
		want  string
	}{
		"nothing said":                          {edits{line, ""}, "medium other-commit"},
		"the ref of the gate":                   {edits{".sha }}\" }\n", ".ref }}\" }\n"}, "medium other-commit"},
		"a branch":                              {edits{line, "        with: { ref: main }\n"}, "medium other-commit"},
		"the commit of the event":               {edits{line, "        with: { ref: \"${{ github.sha }}\" }\n"}, "medium other-commit"},
		"another step's sha":                    {edits{"steps.gate.outputs.sha", "steps.x.outputs.sha"}, "medium other-commit"},
		"the sha, or something else":            {edits{"steps.gate.outputs.sha", "inputs.x || steps.gate.outputs.sha"}, "medium other-commit"},
		"the sha, with text around it":          {edits{"\"${{ steps.gate.outputs.sha }}\"", "\"v${{ steps.gate.outputs.sha }}\""}, "medium other-commit"},
		"a repository that can be this one":     {edits{line, "        with: { repository: \"${{ inputs.x }}\" }\n"}, "medium other-commit"},
		"this repository by its name":           {edits{line, "        with: { repository: acme/Shop }\n"}, "medium other-commit"},
		"an output of a job that is no gate's":  {gateBefore("${{ github.sha }}"), "medium other-commit"},
		"an output that is not there":           {edits{line, "        with: { ref: \"${{ needs.before.outputs.commit }}\" }\n"}, "medium other-commit"},
		"the sha of a gate before the own one":  {gateBefore("${{ steps.gate.outputs.sha }}"), "medium other-commit"},
		"a second gate's sha":                   {edits{"      - uses: actions/checkout@v5\n", "      - { id: two, uses: acme/stageward@v1, with: { sha: \"${{ inputs.x }}\", fail-on: never } }\n      - uses: actions/checkout@v5\n", "steps.gate.outputs.sha", "steps.two.outputs.sha"}, "medium other-commit"},
		"another sha than the own gate is told": {append(gateBefore("${{ steps.gate.outputs.sha }}"), "environment: production }", "environment: production, sha: \"${{ needs.other.outputs.commit }}\" }"), "medium other-commit"},
		"the sha that the own gate is told":     {append(gateBefore("${{ steps.gate.outputs.sha }}"), "environment: production }", "environment: production, sha: \"${{needs.before.outputs.commit}}\" }"), "pass"},
		"an output of the gate of a job before": {append(gateBefore("${{ steps.gate.outputs.sha }}"), "acme/stageward@1111111111111111111111111111111111111111", "acme/other@v1"), "pass"},
		"a job that only the policy names":      {edits{"    environment: production\n", "", line, ""}, "medium other-commit"},
		"the gate's sha":                        {nil, "pass"},
		"another repository":                    {edits{line, "        with: { repository: acme/tools }\n"}, "pass"},
		"nothing":                               {edits{"actions/checkout@v5", "actions/other@v5"}, "pass"},
		"no job that deploys":                   {edits{"environment: production\n", "environment: x\n", "deploy-prod", "other"}, "skip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "checks-out-decided-commit", shopPolicy, shop(map[string]string{"deploy.yml": row.edits.of(t, goodJob)}))
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

func TestWhatStrangersCanStart(t *testing.T) {
	t.Parallel()
	const head = "jobs: { a: { steps: [{ uses: actions/checkout@v5, with: { ref: \"${{ github.event.pull_request.head.sha }}\" } }, { run: make }] } }\n"
	for name, row := range map[string]struct{ text, want string }{
		"the environment, by a pull request":         {"on: pull_request_target\njobs: { a: { environment: production } }\n", "high environment"},
		"the environment, after another workflow":    {"on: { workflow_run: { workflows: [ci] } }\njobs: { a: { environment: production } }\n", "high environment"},
		"the environment, by a comment":              {"on: [push, issue_comment]\njobs: { a: { environment: \"${{ x }}\" } }\n", "high environment"},
		"their code, with the token of old":          {"on: pull_request_target\n" + head, "high foreign-code"},
		"their code, with a token that writes":       {"on: pull_request_target\npermissions: { issues: write }\n" + head, "high foreign-code"},
		"their code, with a secret":                  {"on: pull_request_target\npermissions: {}\n" + strings.Replace(head, "run: make", "run: make, env: { X: \"${{ secrets.X }}\" }", 1), "high foreign-code"},
		"their code, with an environment":            {"on: pull_request_target\npermissions: {}\n" + strings.Replace(head, "a: {", "a: { environment: other,", 1), "high foreign-code"},
		"their code by its ref":                      {"on: issue_comment\njobs: { a: { steps: [{ uses: actions/checkout@v5, with: { ref: \"refs/pull/${{ github.event.issue.number }}/head\" } }] } }\n", "high foreign-code"},
		"their code after another workflow":          {"on: workflow_run\njobs: { a: { steps: [{ uses: actions/checkout@v5, with: { ref: \"${{ github.event.workflow_run.head_sha }}\" } }] } }\n", "high foreign-code"},
		"their code and the environment":             {"on: pull_request_target\n" + strings.Replace(head, "a: {", "a: { environment: production,", 1), "high environment, high foreign-code"},
		"the environment, by an issue":               {"on: issues\njobs: { a: { environment: production } }\n", "high environment"},
		"the environment, by a star":                 {"on: watch\njobs: { a: { environment: production } }\n", "high environment"},
		"a workflow of another repository":           {"on: issue_comment\njobs: { a: { uses: acme/other/.github/workflows/x.yml@v1, secrets: inherit } }\n", "unknown"},
		"their code by a command":                    {"on: pull_request_target\njobs: { a: { steps: [{ run: gh pr checkout 1 }] } }\n", "high foreign-code"},
		"their code by git":                          {"on: pull_request_target\njobs: { a: { steps: [{ run: \"git fetch origin pull/1/head\" }] } }\n", "high foreign-code"},
		"their code by git and its name":             {"on: pull_request_target\njobs: { a: { steps: [{ run: \"git checkout ${{ github.event['pull_request'].head.sha }}\" }] } }\n", "high foreign-code"},
		"their code by a variable":                   {"on: pull_request_target\nenv: { R: \"${{ github.head_ref }}\" }\n" + strings.Replace(head, "github.event.pull_request.head.sha", "env.R", 1), "high foreign-code"},
		"their code in other signs":                  {"on: pull_request_target\n" + strings.Replace(head, "github.event.pull_request.head.sha", "github['head_ref']", 1), "high foreign-code"},
		"their code by its number":                   {"on: pull_request_target\n" + strings.Replace(head, "github.event.pull_request.head.sha", "format('refs/{0}/merge', github.event.number)", 1), "high foreign-code"},
		"their code, with all secrets":               {"on: pull_request_target\npermissions: {}\n" + strings.Replace(head, "run: make", "run: make, env: { X: \"${{ toJSON(secrets) }}\" }", 1), "high foreign-code"},
		"their code, beside a word":                  {"on: pull_request_target\npermissions: {}\n" + strings.Replace(head, "run: make", "run: make secrets.x", 1), "pass"},
		"a command that shows a pull request":        {"on: pull_request_target\njobs: { a: { steps: [{ run: gh pr view 1 }] } }\n", "pass"},
		"their code, and nothing to take":            {"on: pull_request_target\npermissions: { contents: read }\n" + head, "pass"},
		"their code by an event without secrets":     {"on: pull_request\n" + head, "pass"},
		"secrets without their code":                 {"on: pull_request_target\njobs: { a: { steps: [{ uses: actions/checkout@v5 }] } }\n", "pass"},
		"an environment that is no stage's":          {"on: issue_comment\njobs: { a: { environment: other } }\n", "pass"},
		"that of a stage that asks for nothing":      {"on: issue_comment\njobs: { a: { environment: dev } }\n", "pass"},
		"the environment, by whoever may push a tag": {"on: push\njobs: { a: { environment: production } }\n", "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "risky-triggers", shopPolicy, shop(map[string]string{"x.yml": row.text}))
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

// What a workflow is called by starts it.
func TestWhatStrangersCanStartByACall(t *testing.T) {
	t.Parallel()
	const (
		calls  = "jobs: { c: { uses: ./.github/workflows/b.yml, with: { ref: \"${{ github.head_ref }}\" } } }\n"
		called = "on: { workflow_call: { inputs: { ref: {} } } }\njobs: { a: { environment: production, steps: [] } }\n"
		builds = "on: workflow_call\njobs: { a: { steps: [{ uses: actions/checkout@v5, with: { ref: \"${{ inputs.ref }}\" } }] } }\n"
	)
	for name, row := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a workflow that is called":       {map[string]string{"a.yml": "on: issue_comment\n" + calls, "b.yml": called}, "high environment"},
		"one that is called by its name":  {map[string]string{"a.yml": "on: issue_comment\njobs: { c: { uses: acme/shop/.github/workflows/b.yml@main } }\n", "b.yml": called}, "high environment"},
		"one that is called by that":      {map[string]string{"a.yml": "on: workflow_run\n" + strings.Replace(calls, "b.yml", "m.yml", 1), "m.yml": "on: workflow_call\n" + calls, "b.yml": called}, "high environment"},
		"their code, as an input":         {map[string]string{"a.yml": "on: pull_request_target\n" + calls, "b.yml": builds}, "high foreign-code"},
		"their code, two calls away":      {map[string]string{"a.yml": "on: pull_request_target\n" + strings.Replace(calls, "b.yml", "m.yml", 1), "m.yml": "on: workflow_call\n" + strings.Replace(calls, "github.head_ref", "inputs.ref", 1), "b.yml": builds}, "high foreign-code"},
		"an input that is something else": {map[string]string{"a.yml": "on: pull_request_target\n" + strings.Replace(calls, "github.head_ref", "github.sha", 1), "b.yml": builds}, "pass"},
		"a workflow that others call":     {map[string]string{"a.yml": "on: push\n" + calls, "b.yml": called, "c.yml": "on: issue_comment\njobs: { c: { steps: [] } }\n"}, "pass"},
		"a call of another workflow":      {map[string]string{"a.yml": "on: issue_comment\n" + strings.Replace(calls, "b.yml", "m.yml", 1), "m.yml": "on: workflow_call\njobs: { c: { steps: [] } }\n", "b.yml": called}, "pass"},
		"two that call each other":        {map[string]string{"m.yml": "on: workflow_call\n" + calls, "b.yml": "on: workflow_call\n" + strings.Replace(calls, "b.yml", "m.yml", 1)}, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "risky-triggers", shopPolicy, shop(row.files))
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

func TestTheOrderOfFilesChangesNothing(t *testing.T) {
	t.Parallel()
	facts := shop(map[string]string{"a.yml": strings.Replace(goodJob, "acme/stageward", "acme/other", 1), "b.yml": goodJob, "c.yml": "on: ["})
	files, _ := facts.Workflows.Get()
	turned := facts
	turned.Workflows = known([]fact.WorkflowFile{files[2], files[1], files[0]})
	for _, check := range []string{"gate-in-place", "gate-pinned", "workflows-read"} {
		var one, other []string
		for _, each := range heard(t, check, shopPolicy, facts) {
			one = append(one, each.Reason)
		}
		for _, each := range heard(t, check, shopPolicy, turned) {
			other = append(other, each.Reason)
		}
		if strings.Join(one, "|") != strings.Join(other, "|") {
			t.Errorf("%s:\n%q\n%q", check, one, other)
		}
	}
}
