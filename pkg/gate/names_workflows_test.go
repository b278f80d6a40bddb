package gate_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// askingPolicy uses every gate that asks something of people or names a workflow.
const askingPolicy = `version: 1
calendars: { office: { open: [{ days: [mon], from: "09:00", to: "16:00" }] } }
stages:
  - { name: staging, from: { branches: [main] }, gates: { signed-commit: { by: write, commits: since-deployment, deployed-by: { workflow: .github/workflows/a.yml, job: a } } } }
  - name: prod
    from: { tags: ["v*"] }
    gates:
      signed-tag: { by: admin }
      deployer-allowed: { by: maintain }
      reviewed: { by: triage, approvals: 2 }
      change-approved: { issue: { label: ok, by: read } }
      within-window: { calendar: office, exception: { by: admin } }
      promoted: { from: staging, deployed-by: { workflow: .github/workflows/p.yml, job: p }, record: none, verified-by: [{ workflow: .github/workflows/v.yml, job: v }] }
      approved:
        from: [dispatch, review]
        approvals: [{ name: qa, by: write, count: 2 }, { name: owner, by: maintain, not: [signer] }]
        after: { workflow: .github/workflows/d.yml, job: d }
    rollback: { deployed-by: { workflow: .github/workflows/b.yml, job: b } }
    break-glass: { by: admin, approvals: [{ name: oncall, by: write }], workflow: .github/workflows/e.yml }
`

func allAsks(t *testing.T) map[string]gate.Asks {
	t.Helper()
	rules, err := policy.Parse("policy.yml", []byte(askingPolicy), gate.All())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]gate.Asks{}
	for _, stage := range rules.Stages {
		for _, each := range stage.Gates {
			all[each.Check.ID] = each.Check.Asks()
		}
		for _, lane := range stage.OpenLanes() {
			if lane.Opened {
				all[lane.Check.ID] = lane.Check.Asks()
			}
		}
	}
	return all
}

func TestWhatGatesAskOfPeopleAndWorkflows(t *testing.T) {
	t.Parallel()
	job := func(name string) fact.JobOf {
		return fact.JobOf{Workflow: ".github/workflows/" + name + ".yml", Job: name}
	}
	authors := []gate.Part{"author", "committers"}
	want := map[string]gate.Asks{
		"signed-commit":    {Signers: []gate.RoleName{"write"}, Jobs: []gate.AskedJob{{JobOf: job("a"), Deploys: true}}},
		"signed-tag":       {Signers: []gate.RoleName{"admin"}},
		"deployer-allowed": {Starters: []gate.RoleName{"maintain"}},
		"reviewed":         {Reviewers: "triage", Reviews: 2},
		"change-approved":  {Labelers: []gate.RoleName{"read"}},
		"within-window":    {Approvals: []gate.AskedApproval{{Name: "exception", By: "admin", Count: 1, Not: authors, Workflow: ".github/workflows/exception.yml", Reason: true}}},
		"promoted":         {Jobs: []gate.AskedJob{{JobOf: job("p"), Deploys: true, Stage: "staging"}, {JobOf: job("v")}}},
		"approved": {
			Approvals: []gate.AskedApproval{
				{Name: "qa", By: "write", Count: 2, Not: authors, Workflow: ".github/workflows/approve.yml", Review: true},
				{Name: "owner", By: "maintain", Count: 1, Not: []gate.Part{"signer"}, Workflow: ".github/workflows/approve.yml", Review: true},
			},
			Jobs: []gate.AskedJob{{JobOf: job("d")}},
		},
		"deployed-before": {Jobs: []gate.AskedJob{{JobOf: job("b"), Deploys: true, Recorded: true}}},
		"emergency-declared": {
			Starters: []gate.RoleName{"admin"}, Labelers: []gate.RoleName{"admin"},
			Approvals: []gate.AskedApproval{{Name: "oncall", By: "write", Count: 1, Not: []gate.Part{"author", "committers", "deployer"}, Workflow: ".github/workflows/e.yml"}},
		},
	}
	if diff := cmp.Diff(want, allAsks(t)); diff != "" {
		t.Error(diff)
	}
}

// A new gate that asks for a role, or names a job, has to say so in Asks.
func TestEveryGateSaysWhatItAsks(t *testing.T) {
	t.Parallel()
	said := allAsks(t)
	for _, each := range gate.All() {
		asks := mentions(each.Params, "RoleName", "deployedBy")
		if _, ok := said[each.ID]; asks != ok {
			t.Errorf("%s asks something of people or names a job: %v; it is in the policy of this test: %v", each.ID, asks, ok)
		}
	}
}

// mentions reports whether a type is made of types of these names.
func mentions(of reflect.Type, names ...string) bool {
	if slices.Contains(names, of.Name()) {
		return true
	}
	switch of.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return mentions(of.Elem(), names...)
	case reflect.Struct:
		for i := range of.NumField() {
			if mentions(of.Field(i).Type, names...) {
				return true
			}
		}
	}
	return false
}
