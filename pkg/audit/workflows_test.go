package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/audit"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// shopPolicy has a stage without rules, and one that is deployed by a named job.
const shopPolicy = `version: 1
stages:
  - name: dev
    from: { branches: [dev] }
    unrestricted: true
  - name: prod
    environment: production
    from: { tags: ["v*"] }
    deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-prod }
    gates:
      signed-tag: { by: maintain }
      approved: { approvals: [{ name: qa, by: write }] }
`

// goodJob is a workflow with which nothing is wrong.
const goodJob = `on: push
jobs:
  deploy:
    name: deploy-prod
    environment: production
    permissions: { contents: read }
    steps:
      - id: gate
        uses: acme/stageward@1111111111111111111111111111111111111111
        with: { stage: prod, environment: production }
      - uses: actions/checkout@v5
        with: { ref: "${{ steps.gate.outputs.sha }}" }
      - run: ./deploy.sh
        env: { REF: "${{ steps.gate.outputs.ref }}" }
`

const goodBallot = `on:
  workflow_dispatch:
    inputs:
      sha: { required: true }
      stage: { type: choice, options: [dev, prod] }
      approval: { type: choice, options: [qa] }
      word: { type: choice, options: [Approve, Reject] }
run-name: ${{ inputs.word }} ${{ inputs.sha }} for ${{ inputs.stage }} as ${{ inputs.approval }}
jobs: { said: { steps: [{ run: echo }] } }
`

// heard audits a repository with workflows and returns the points of a check.
func heard(t *testing.T, check, rules string, facts fact.Set) []verdict.Point {
	t.Helper()
	result := audit.Of(rulesOf(t, rules), facts)
	points := slices.DeleteFunc(result.Points, func(p verdict.Point) bool { return p.Check != check })
	if len(points) == 0 {
		t.Fatalf("%s said nothing", check)
	}
	return points
}

// shop is acme/shop with workflow files: texts that begin with "#!" are why a file
// cannot be read.
func shop(files map[string]string) fact.Set {
	var listed []fact.WorkflowFile
	for name, text := range files {
		file := fact.WorkflowFile{Path: ".github/workflows/" + name, Text: text, URL: "https://github.com/acme/shop/blob/x/" + name}
		if why, ok := strings.CutPrefix(text, "#!"); ok {
			file.Text, file.Unreadable = "", why
		}
		listed = append(listed, file)
	}
	return fact.Set{
		Subject:    fact.Subject{Repository: "acme/shop"},
		Repository: known(fact.Repository{ID: 1, Name: "acme/shop", DefaultBranch: "main"}),
		Policy:     known(fact.PolicyFile{Path: fact.PolicyPath, Branch: "main"}),
		Workflows:  known(listed),
	}
}

// said is outcome, severity and code of the points, what is wrong first.
func said(points []verdict.Point) string {
	var words []string
	for _, each := range points {
		word := each.Outcome.String()
		if each.Outcome == verdict.Fail {
			word = each.Severity.String() + " " + each.Code
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// edits are replacements in goodJob: what, by what.
type edits []string

func (e edits) of(t *testing.T, text string) string {
	t.Helper()
	for i := 0; i+1 < len(e); i += 2 {
		if !strings.Contains(text, e[i]) {
			t.Fatalf("there is no %q to replace", e[i])
		}
		text = strings.Replace(text, e[i], e[i+1], 1)
	}
	return text
}

const (
	gateUses  = "        uses: acme/stageward@1111111111111111111111111111111111111111\n"
	gateLines = "      - id: gate\n" + gateUses
	runLine   = "      - run: ./deploy.sh\n"
	failOn    = "with: { stage: prod,"
	guard     = "if: steps.gate.outputs.allowed == 'true'"
)

// allGuarded gives every step after the gate its guard.
func allGuarded(with string, more ...string) edits {
	return append(edits{
		"      - uses: actions/checkout@v5\n", "      - uses: actions/checkout@v5\n        " + guard + "\n",
		runLine, runLine + "        " + guard + "\n", failOn, with,
	}, more...)
}

func TestTheGateInItsPlace(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		edits edits
		want  string
	}{
		"no gate":                                     {edits{gateUses, "        uses: acme/other@v1\n"}, "critical no-gate"},
		"the action with another command":             {edits{failOn, "with: { command: record, stage: prod,"}, "critical no-gate"},
		"a command that an expression says":           {edits{failOn, "with: { command: \"${{ inputs.x }}\", stage: prod,"}, "critical no-gate"},
		"an action in a folder of that name":          {edits{gateUses, "        uses: ./stageward\n"}, "critical no-gate"},
		"an image of that name":                       {edits{gateUses, "        uses: docker://acme/stageward@sha256:00\n"}, "critical no-gate"},
		"another action of that repository":           {edits{gateUses, "        uses: acme/stageward/other@v1\n"}, "critical no-gate"},
		"the workspace of another repository":         {edits{gateUses, "        uses: ./\n"}, "critical no-gate"},
		"a script before the gate":                    {edits{gateLines, "      - run: ./deploy.sh\n" + gateLines}, "critical not-first"},
		"an action before the gate":                   {edits{gateLines, "      - uses: actions/checkout@v5\n" + gateLines}, "high not-first"},
		"a token before the gate that it never gets":  {edits{gateLines, "      - { id: people, uses: actions/create-github-app-token@v2 }\n" + gateLines}, "high not-first"},
		"a script that makes the token":               {edits{gateLines, "      - { id: people, run: x }\n" + gateLines, failOn, "with: { people-token: \"${{ steps.people.outputs.token }}\", stage: prod,"}, "critical not-first"},
		"no environment":                              {edits{", environment: production }", " }"}, "critical no-environment"},
		"another environment":                         {edits{"environment: production }", "environment: staging }"}, "critical other-environment"},
		"an expression in the place of the name":      {edits{"environment: production }", "environment: \"${{ inputs.e }}\" }"}, "critical other-environment"},
		"another expression":                          {edits{"environment: production\n", "environment: ${{ inputs.a }}\n", "environment: production }", "environment: \"${{ inputs.b }}\" }"}, "critical other-environment"},
		"no stage":                                    {edits{"stage: prod, ", ""}, "low no-stage"},
		"another policy":                              {edits{failOn, "with: { policy: lax.yml, stage: prod,"}, "high other-policy"},
		"fail-on never":                               {edits{failOn, "with: { fail-on: never, stage: prod,"}, "critical unguarded"},
		"fail-on deny":                                {edits{failOn, "with: { fail-on: deny, stage: prod,"}, "critical unguarded"},
		"fail-on by an expression":                    {edits{failOn, "with: { fail-on: \"${{ inputs.x }}\", stage: prod,"}, "critical unguarded"},
		"an input in capitals":                        {edits{failOn, "with: { FAIL-ON: never, stage: prod,"}, "critical unguarded"},
		"continue-on-error":                           {edits{gateUses, gateUses + "        continue-on-error: true\n"}, "critical unguarded"},
		"continue-on-error by an expression":          {edits{gateUses, gateUses + "        continue-on-error: ${{ inputs.x }}\n"}, "critical unguarded"},
		"a gate that may be skipped":                  {edits{gateUses, gateUses + "        if: github.ref == 'x'\n"}, "critical unguarded"},
		"a gate that is never asked":                  {edits{gateUses, gateUses + "        if: false\n"}, "critical unguarded"},
		"one step without a guard":                    {allGuarded("with: { fail-on: never, stage: prod,", "        "+guard+"\n        with: { ref", "        with: { ref"), "critical unguarded"},
		"a guard of another step":                     {allGuarded("with: { fail-on: never, stage: prod,", "- id: gate", "- id: other"), "critical unguarded"},
		"a gate without an id":                        {allGuarded("with: { fail-on: never, stage: prod,", "      - id: gate\n        uses", "      - uses"), "critical unguarded"},
		"a guard that is a text":                      {allGuarded("with: { fail-on: never, stage: prod,", guard, "if: ${{ steps.gate.outputs.allowed }} == 'true'"), "critical unguarded"},
		"a guard with a way around":                   {allGuarded("with: { fail-on: never, stage: prod,", guard, guard+" || inputs.force"), "critical unguarded"},
		"always()":                                    {edits{runLine, runLine + "        if: always()\n"}, "high runs-anyway"},
		"failure()":                                   {edits{runLine, runLine + "        if: failure()\n"}, "high runs-anyway"},
		"not cancelled":                               {edits{runLine, runLine + "        if: ${{ !cancelled() }}\n"}, "high runs-anyway"},
		"a service with a secret":                     {edits{"    steps:\n", "    services: { x: { image: acme/x, env: { K: \"${{ secrets.KEY }}\" } } }\n    steps:\n"}, "critical not-first"},
		"a container with all secrets":                {edits{"    steps:\n", "    container: { image: acme/x, options: \"-e K=${{ toJSON(secrets) }}\" }\n    steps:\n"}, "critical not-first"},
		"one expression for all inputs":               {edits{"with: { stage: prod, environment: production }", "with: ${{ fromJSON(inputs.x) }}"}, "critical no-gate"},
		"an expression for the name of an input":      {edits{", environment: production }", ", environment: production, \"${{ insert }}\": \"${{ fromJSON(inputs.x) }}\" }"}, "unknown"},
		"an expression for the key of the name":       {edits{"environment: production\n", "environment: { \"${{ 'name' }}\": production }\n", gateUses, "        uses: acme/other@v1\n", "deploy-prod", "other"}, "unknown"},
		"an action of the workspace makes the token":  {edits{gateLines, "      - { id: people, uses: ./deploy }\n" + gateLines, failOn, "with: { people-token: \"${{ steps.people.outputs.token }}\", stage: prod,"}, "high not-first"},
		"an image makes the token":                    {edits{gateLines, "      - { id: people, uses: 'docker://acme/x' }\n" + gateLines, failOn, "with: { people-token: \"${{ steps.people.outputs.token }}\", stage: prod,"}, "high not-first"},
		"always() in a text":                          {edits{runLine, runLine + "        if: ${{ always() }} && github.ref == 'x'\n"}, "high runs-anyway"},
		"always() and the end of a line":              {edits{runLine, runLine + "        if: |\n          ${{ always() }}\n"}, "high runs-anyway"},
		"two things at once":                          {edits{", environment: production }", " }", runLine, runLine + "        if: always()\n"}, "critical no-environment, high runs-anyway"},
		"the environment in other letters":            {edits{"environment: production\n", "environment: Production\n", gateUses, "        uses: acme/other@v1\n"}, "critical no-gate"},
		"an environment that can be it":               {edits{"environment: production\n", "environment: ${{ inputs.e }}\n", gateUses, "        uses: acme/other@v1\n"}, "critical no-gate"},
		"no environment, but the name in the policy":  {edits{"    environment: production\n", "", gateUses, "        uses: acme/other@v1\n"}, "critical no-gate"},
		"nothing deploys":                             {edits{"environment: production\n", "environment: staging\n", "deploy-prod", "other"}, "unknown"},
		"as it should be":                             {nil, "pass"},
		"a fork in other letters":                     {edits{"acme/stageward@", "Acme/StageWard@"}, "pass"},
		"the environment as a map":                    {edits{"environment: production\n", "environment: { name: production }\n"}, "pass"},
		"an expression that is the same":              {edits{"environment: production\n", "environment: ${{ inputs.e }}\n", "environment: production }", "environment: \"${{inputs.e}}\" }"}, "pass"},
		"every step guarded, fail-on never":           {allGuarded("with: { fail-on: never, stage: prod,"), "pass"},
		"every step guarded, continue-on-error":       {allGuarded(failOn, gateUses, gateUses+"        continue-on-error: true\n"), "pass"},
		"every step guarded, a gate that may not run": {allGuarded(failOn, gateUses, gateUses+"        if: inputs.x\n"), "pass"},
		"fail-on wait, as it is without":              {edits{failOn, "with: { fail-on: wait, stage: prod,"}, "pass"},
		"a service without a secret":                  {edits{"    steps:\n", "    services: { x: { image: acme/x, env: { K: secrets.KEY }, credentials: { password: \"${{ secrets.KEY }}\" } } }\n    steps:\n"}, "pass"},
		"always() with a guard":                       {edits{runLine, runLine + "        if: always() && steps.gate.outputs.receipt != ''\n"}, "pass"},
		"a gate that always runs":                     {edits{gateUses, gateUses + "        if: always()\n"}, "pass"},
		"the token for teams before the gate":         {edits{gateLines, "      - { id: people, uses: actions/create-github-app-token@v2 }\n" + gateLines, failOn, "with: { people-token: \"${{ steps.people.outputs.token }}\", stage: prod,"}, "pass"},
		"a job without environment that is held":      {edits{"    environment: production\n", "", ", environment: production }", " }"}, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "gate-in-place", shopPolicy, shop(map[string]string{"deploy.yml": row.edits.of(t, goodJob)}))
			points = slices.DeleteFunc(points, func(p verdict.Point) bool { return p.Stage != "prod" })
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
			for _, each := range points {
				if each.Outcome == verdict.Fail && (each.Fix == "" || len(each.Evidence) == 0) {
					t.Errorf("%s says nothing of what to do, or where", each.Code)
				}
			}
		})
	}
}

func TestOtherFilesBesideAGoodOne(t *testing.T) {
	t.Parallel()
	const calls = "on: push\njobs: { call: { uses: %s } }\n"
	for name, row := range map[string]struct{ other, want string }{
		"a second job without a gate":            {"on: push\njobs: { b: { environment: production, steps: [{ run: x }] } }\n", "critical no-gate, skip"},
		"a file that is no YAML":                 {"on: [\n", "unknown, skip"},
		"a file that is a link":                  {"#!it is a link", "unknown, skip"},
		"a workflow of another repository":       {strings.Replace(calls, "%s", "acme/other/.github/workflows/deploy.yml@v1", 1), "unknown, pass, skip"},
		"a workflow of another branch":           {strings.Replace(calls, "%s", "acme/shop/.github/workflows/deploy.yml@old", 1), "unknown, pass, skip"},
		"a workflow that is not there":           {strings.Replace(calls, "%s", "./.github/workflows/gone.yml", 1), "unknown, pass, skip"},
		"a workflow of the workspace":            {strings.Replace(calls, "%s", "./.github/workflows/deploy.yml", 1), "pass, skip"},
		"a workflow of the default branch":       {strings.Replace(calls, "%s", "Acme/shop/.github/workflows/deploy.yml@main", 1), "pass, skip"},
		"a job of a stage that asks for nothing": {"on: push\njobs: { b: { environment: dev, steps: [{ run: x }] } }\n", "pass, skip"},
		"a job without an environment":           {"on: push\njobs: { b: { steps: [{ run: x }] } }\n", "pass, skip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points := heard(t, "gate-in-place", shopPolicy, shop(map[string]string{"deploy.yml": goodJob, "other.yml": row.other}))
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

// What a workflow of another repository deploys may ask for nobody's word.
func TestWhatIsCalledElsewhereMayDeployAlone(t *testing.T) {
	t.Parallel()
	const rules = "version: 1\nstages:\n  - name: prod\n    environment: production\n    from: { tags: ['v*'] }\n    gates: { signed-tag: { by: maintain }, reviewed: { approvals: 1 } }\n"
	for uses, want := range map[string]string{"acme/other/.github/workflows/x.yml@v1": "unknown", "./.github/workflows/deploy.yml": "pass"} {
		facts := shop(map[string]string{"deploy.yml": goodJob, "other.yml": "on: push\njobs: { call: { uses: " + uses + " } }\n"})
		facts.Environments = map[string]fact.Known[fact.Environment]{"production": known(fact.Environment{Name: "production", Exists: true})}
		facts.Collaborators = known([]fact.Collaborator{})
		if points := heard(t, "nobody-alone", rules, facts); said(points) != want {
			t.Errorf("%s: it says %s (%s), want %s", uses, said(points), points[0].Reason, want)
		}
	}
}

func TestTheGateOfTheRepositoryOfStageward(t *testing.T) {
	t.Parallel()
	own := edits{gateLines, "      - uses: actions/checkout@v5\n        with: { ref: main }\n      - id: gate\n        uses: ./\n"}.of(t, goodJob)
	facts := shop(map[string]string{"deploy.yml": own})
	facts.Repository = known(fact.Repository{Name: "acme/Stageward", DefaultBranch: "main"})
	points := heard(t, "gate-in-place", shopPolicy, facts)
	if got := said(points); got != "pass, skip" {
		t.Errorf("gate-in-place says %s (%s)", got, points[0].Reason)
	}
	if got := said(heard(t, "gate-pinned", shopPolicy, facts)); got != "high local" {
		t.Errorf("gate-pinned says %s", got)
	}
}

func TestWithoutTheFactNothingIsFine(t *testing.T) {
	t.Parallel()
	facts := shop(map[string]string{"deploy.yml": goodJob, "approve.yml": goodBallot})
	for _, check := range []string{"gate-in-place", "gate-pinned", "deploying-job", "approval-workflow", "risky-triggers", "script-injection", "checks-out-decided-commit", "workflows-read"} {
		if got := said(heard(t, check, shopPolicy, facts)); strings.Contains(got, "unknown") || !strings.Contains(got, "pass") {
			t.Errorf("%s says %s with the facts", check, got)
		}
		lost := facts.Without(fact.Need{Kind: fact.NeedWorkflows})
		if got := said(heard(t, check, shopPolicy, lost)); !strings.Contains(got, "unknown") || strings.Contains(got, "pass") {
			t.Errorf("%s says %s without the facts", check, got)
		}
		broken := shop(map[string]string{"deploy.yml": "#!it is a link", "approve.yml": "#!too large"})
		if got := said(heard(t, check, shopPolicy, broken)); !strings.Contains(got, "unknown") || strings.Contains(got, "pass") {
			t.Errorf("%s says %s of files that cannot be read", check, got)
		}
	}
}

func TestHowTheGateIsNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ uses, want string }{
		"somebody else's":     {"evil/stageward@1111111111111111111111111111111111111111", "high another-owner"},
		"a tag":               {"acme/stageward@v1", "high not-pinned"},
		"a branch":            {"acme/stageward@main", "high not-pinned"},
		"a short id":          {"acme/stageward@1111111", "high not-pinned"},
		"an id and more":      {"acme/stageward@1111111111111111111111111111111111111111x", "high not-pinned"},
		"the zeros":           {"acme/stageward@0000000000000000000000000000000000000000", "high placeholder"},
		"no stageward at all": {"acme/other@v1", "skip"},
		"an id of SHA-1":      {"acme/stageward@1111111111111111111111111111111111111111", "pass"},
		"an id of SHA-256":    {"acme/stageward@1111111111111111111111111111111111111111111111111111111111111111", "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := edits{"acme/stageward@1111111111111111111111111111111111111111", row.uses}.of(t, goodJob)
			points := heard(t, "gate-pinned", shopPolicy, shop(map[string]string{"deploy.yml": text}))
			if got := said(points); got != row.want {
				t.Errorf("it says %s (%s), want %s", got, points[0].Reason, row.want)
			}
		})
	}
}

func TestAHostileRefStaysOneWordOfACommand(t *testing.T) {
	t.Parallel()
	text := edits{"@1111111111111111111111111111111111111111", "@v1'$(x)"}.of(t, goodJob)
	points := heard(t, "gate-pinned", shopPolicy, shop(map[string]string{"deploy.yml": text}))
	want := `gh api 'repos/acme/stageward/commits/v1%27$%28x%29' --jq .sha`
	if len(points[0].Commands) != 1 || points[0].Commands[0] != want {
		t.Errorf("the command is %q, want %q", points[0].Commands, want)
	}
}
