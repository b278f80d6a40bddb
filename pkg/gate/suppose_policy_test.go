package gate_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// manyGates are policies with gates that share facts: checks and jobs, one release,
// one pull request, the time.
var manyGates = []struct {
	name, gates string
	about       row
}{
	{name: "every example", about: row{facts: onTag()}, gates: examples()},
	{name: "a release", about: row{facts: onTag()}, gates: `
ref-unmoved: {}
signed-tag: {}
signed-commit: {}
on-branch: {}
deployer-allowed: {}
version-increases: { line: minor }
checks-passed:
  all: true
  accept: [neutral, success]
  within: 10m
  checks:
    - { name: tests, class: tests, workflow: .github/workflows/ci.yml, within: 1m }
    - { name: tests, workflow: .github/workflows/nightly.yml }
    - { name: scan, app: sonar, class: security }
    - { name: smoke, workflow: .github/workflows/deploy.yml }
release-notes: { headings: [What changes, "Risks & side effects"] }
deployment-plan: { in: release }
no-blockers: { labels: [release-blocker, security], milestone: "{version}" }
no-open-alerts: { code-scanning: { severity: high, tools: [CodeQL, Semgrep] }, dependencies: { severity: low } }
promoted:
  from: staging
  soak: 24h
  verified-by: [{ workflow: .github/workflows/deploy.yml, job: smoke }, { workflow: .github/workflows/load.yml, job: load }]
fresh:
  workflows:
    - { name: refresh, workflow: .github/workflows/refresh.yml, within: 7d }
    - { name: backup, workflow: .github/workflows/backup.yml, branch: ops/eu, within: 1m }
reviewed: { approvals: 2 }
approved:
  approvals: [{ name: qa, by: write }, { name: owner, by: maintain }]
within-window: { calendar: office, exception: { by: maintain } }
not-locked: {}
no-other-deployment: {}
`},
	{name: "a release that has to wait", about: row{facts: onTag()}, gates: `
within-window: { calendar: office }
fresh: { workflows: [{ name: refresh, workflow: .github/workflows/refresh.yml, within: 30m }] }
promoted: { soak: 20d, record: environment }
release-notes: { generated: allow }
not-locked: {}
`},
	{name: "a branch", about: row{facts: onMain(), stage: "staging", deployedBy: map[string]fact.JobOf{"dev": {Workflow: ".github/workflows/deploy.yml", Job: "deploy-dev"}}}, gates: `
deployment-plan: { in: pull-request, sections: [rollback, "C# & *co*"] }
promoted: { from: dev, record: stageward, soak: 1h }
checks-passed: { checks: [{ name: lint }, { name: deploy-dev, workflow: .github/workflows/deploy.yml }] }
reviewed: {}
on-branch: {}
signed-commit: {}
no-open-alerts: { code-scanning: { severity: low } }
no-other-deployment: {}
not-locked: {}
within-window: { calendar: office }
`},
	{name: "a plan in a file", about: row{facts: onTag()}, gates: `
deployment-plan: { in: file, file: "plans/{sha}.md" }
signed-commit: {}
signed-tag: {}
version-increases: {}
release-notes: {}
promoted: { record: none, deployed-by: { workflow: .github/workflows/deploy.yml, job: ship }, verified-by: [{ workflow: .github/workflows/deploy.yml, job: smoke }] }
`},
}

// shares says which other gates fall with the evidence of a gate, or with a part of
// it, since it is theirs as well.
var shares = map[string]map[string][]string{
	"a release": {
		// One job is a check of the policy's, and verifies the deployment.
		"checks-passed": {"promoted"}, "checks-passed:smoke": {"promoted"}, "promoted": {"checks-passed"}, "promoted:smoke": {"checks-passed"},
		"signed-commit": {"reviewed"}, // what nobody signed is no merge of GitHub's
	},
	"a branch": {
		"checks-passed": {"promoted"}, "checks-passed:deploy-dev": {"promoted"}, "promoted": {"checks-passed"}, // the job that deploys is a check
		"signed-commit": {"reviewed"},
	},
}

// examples are the gates as their pages ask for them, and those that always hold.
func examples() string {
	text := ""
	for _, each := range gate.All() {
		switch {
		case each.Always:
			text += each.ID + ": {}\n"
		case each.Lane == "":
			text += each.Configure + "\n"
		}
	}
	return text
}

// TestSuppositionsOfAPolicy holds that no supposition destroys another: with all of
// them every gate of a policy is met, in any order, and without one the others are.
func TestSuppositionsOfAPolicy(t *testing.T) {
	t.Parallel()
	for _, each := range manyGates {
		each.about.calendars = exampleCalendars
		for _, backwards := range []bool{false, true} {
			checks := bindAll(t, each.gates, each.about.terms())
			name := each.name
			if backwards {
				slices.Reverse(checks)
				name += ", backwards"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				suppositionsOf(t, each.name, checks, each.about)
			})
		}
	}
}

// bindAll binds gates in the order in which a policy names them.
func bindAll(t *testing.T, text string, terms gate.Terms) []gate.Check {
	t.Helper()
	var policy yaml.Node
	if err := yaml.Load([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	var checks []gate.Check
	fields := policy.Content[0].Content
	for i := 0; i < len(fields); i += 2 {
		params := fields[i+1]
		check, err := find(t, fields[i].Value).Bind(func(into any) error { return params.Load(into, yaml.WithKnownFields()) }, terms)
		if err != nil {
			t.Fatalf("%s: %v", fields[i].Value, err)
		}
		checks = append(checks, check)
	}
	return checks
}

func suppositionsOf(t *testing.T, policy string, checks []gate.Check, about row) {
	t.Helper()
	terms, world := about.terms(), worldOf(about)
	world.WaitUntil(noon) // the attestations of the examples end a year later
	for range 2 {
		for _, each := range checks {
			if err := each.Supposition.Meet(world, terms); err != nil {
				t.Fatalf("%s: %v", each.ID, err)
			}
		}
	}
	for _, each := range checks {
		if got := each.Ask(world.Facts, terms); got.Outcome != verdict.Pass {
			t.Errorf("together, %s is %s %s: %s", each.ID, got.Outcome, got.Code, got.Reason)
		}
	}
	for _, each := range checks {
		for _, part := range append([]string{""}, each.Supposition.Parts...) {
			withoutOne(t, policy, checks, each, part, world, terms)
		}
	}
}

// withoutOne takes the evidence of one gate away, and wants the others to be met.
func withoutOne(t *testing.T, policy string, checks []gate.Check, one gate.Check, part string, met *suppose.World, terms gate.Terms) {
	t.Helper()
	world, err := suppose.Of(met.Facts)
	if err != nil {
		t.Fatal(err)
	}
	worsen := one.Supposition.Without
	if one.Supposition.Against {
		worsen = one.Supposition.With
	}
	if err := worsen(world, terms, part); err != nil {
		t.Errorf("without %s %q: %v", one.ID, part, err)
		return
	}
	key := strings.TrimSuffix(one.ID+":"+part, ":")
	for _, each := range checks {
		got := each.Ask(world.Facts, terms)
		expected := each.ID != one.ID && !slices.Contains(shares[policy][key], each.ID)
		if (got.Outcome == verdict.Pass) != expected || got.Outcome == verdict.Unknown {
			t.Errorf("without %s %q, %s is %s %s: %s", one.ID, part, each.ID, got.Outcome, got.Code, got.Reason)
		}
	}
}
