package gate_test

import (
	"fmt"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// everyGate are parameters with which all gates can be met at once.
var everyGate = []struct{ id, params string }{
	{"signed-commit", ""},
	{"signed-tag", ""},
	{"reviewed", "{approvals: 2, code-owners: true, commits: since-deployment}"},
	{"approved", "{approvals: [{name: qa, by: write}, {name: owner, by: maintain, not: [author, committers, merger, signer, deployer]}], from: [dispatch, review], after: {workflow: .github/workflows/staging.yml, job: deploy-staging}}"},
	{"deployer-allowed", "by: maintain"},
	{"on-branch", ""},
	{"ref-unmoved", ""},
	{"change-approved", "{issue: {label: approved}, ticket: {pattern: 'CHG-[0-9]+', in: [tag]}}"},
	{"setup-complete", "{items: [backup, documentation, monitoring], attested: [{item: monitoring, by: carol, evidence: 'https://example.org/', until: 2026-03-01}], checked: [{item: backup, workflow: .github/workflows/restore.yml, within: 30d}, {item: documentation, file: docs/operations.md}]}"},
	{"environment-protected", "reviewers: 2"},
	{"deployed-before", ""},
	{"emergency-declared", "{by: maintain, approvals: [{name: oncall, by: write}]}"},
	{"checks-passed", "checks: [{name: test, workflow: .github/workflows/test.yml}]"},
	{"promoted", "from: staging"},
	{"version-increases", ""},
	{"no-blockers", "labels: [blocker]"},
	{"not-locked", ""},
	{"no-other-deployment", ""},
	{"fresh", "workflows: [{name: refresh, workflow: .github/workflows/refresh.yml, within: 7d}]"},
}

// What one gate is met by is left to it when others are met, in whatever order, and
// when the evidence of another is put back.
func TestSuppositionsKeepToThemselves(t *testing.T) {
	t.Parallel()
	asked := row{
		facts: about("refs/tags/v1.2.0"),
		deployedBy: map[string]fact.JobOf{
			"staging": {Workflow: ".github/workflows/staging.yml", Job: "deploy-staging"},
			"prod":    {Workflow: ".github/workflows/deploy.yml", Job: "deploy-prod"},
		},
	}
	asked.facts.Trigger.BreakGlass = "payments fail"
	var checks []gate.Check
	for _, each := range everyGate {
		row := asked
		row.params = each.params
		checks = append(checks, bind(t, each.id, row))
	}
	for first := range checks {
		for _, step := range []int{1, len(checks) - 1, 7} {
			t.Run(fmt.Sprintf("%d every %d", first, step), func(t *testing.T) {
				t.Parallel()
				world, terms := worldOf(asked), asked.terms()
				for i := range checks {
					meets(t, world, checks[(first+i*step)%len(checks)], terms)
				}
				allPass(t, "all together", world, checks, terms)
				made := checks[first].Supposition
				worsen, mend := made.Without, made.With
				if made.Against {
					worsen, mend = mend, worsen
				}
				if err := worsen(world, terms, ""); err != nil {
					t.Fatal(err)
				}
				if got := checks[first].Ask(world.Facts, terms); got.Outcome == verdict.Pass {
					t.Errorf("without its evidence, %s says %s", got.Gate, got.Reason)
				}
				if err := mend(world, terms, ""); err != nil {
					t.Fatal(err)
				}
				for _, each := range checks { // what shared the evidence has to have it back
					meets(t, world, each, terms)
				}
				allPass(t, "with "+checks[first].ID+" again", world, checks, terms)
			})
		}
	}
}

func meets(t *testing.T, world *suppose.World, check gate.Check, terms gate.Terms) {
	t.Helper()
	if err := check.Supposition.Meet(world, terms); err != nil {
		t.Fatalf("nothing meets %s: %v", check.ID, err)
	}
	if got := check.Ask(world.Facts, terms); got.Outcome != verdict.Pass {
		t.Fatalf("right after it is met, %s is %s %s: %s", check.ID, got.Outcome, got.Code, got.Reason)
	}
}

func allPass(t *testing.T, when string, world *suppose.World, checks []gate.Check, terms gate.Terms) {
	t.Helper()
	for _, each := range checks {
		if got := each.Ask(world.Facts, terms); got.Outcome != verdict.Pass {
			t.Errorf("%s, %s is %s %s: %s", when, each.ID, got.Outcome, got.Code, got.Reason)
		}
	}
}
