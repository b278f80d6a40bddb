package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

func parse(t *testing.T, gates []gate.Gate, text string) (policy.Policy, error) {
	t.Helper()
	return policy.Parse("policy.yml", []byte(strings.ReplaceAll(text, "\t", "  ")), gates)
}

func stageOf(t *testing.T, gates []gate.Gate, name, text string) policy.Stage {
	t.Helper()
	rules, err := parse(t, gates, text)
	if err != nil {
		t.Fatal(err)
	}
	found, ok := rules.Stage(name)
	if !ok {
		t.Fatalf("no stage %q", name)
	}
	return found
}

// guarding makes a gate guard a way.
func guarding(lane verdict.Lane, id string) []gate.Gate {
	var gates []gate.Gate
	for _, each := range gate.All() {
		switch {
		case each.ID == id:
			each.Lane = lane
		case each.Lane == lane:
			continue
		}
		gates = append(gates, each)
	}
	return gates
}

const (
	onlyProd   = "version: 1\nstages:\n- name: prod\n\tfrom: { branches: [main] }\n\tgates: { reviewed: {}, checks-passed: { all: true } }\n"
	anyone     = "{ by: maintain, approvals: [{ name: oncall, by: write }]"
	breakGlass = "\tbreak-glass: " + anyone + " }\n"
)

func lanesOf(s policy.Stage) []verdict.Lane {
	var open []verdict.Lane
	for _, name := range []verdict.Lane{verdict.Rollback, verdict.BreakGlass, verdict.Hotfix} {
		if _, ok := s.Lanes[name]; ok {
			open = append(open, name)
		}
	}
	return open
}

func TestWhichWaysAreOpen(t *testing.T) {
	t.Parallel()
	all := gate.All()
	cannotDoWithout := guarding(verdict.Rollback, "within-window") // needs a calendar
	for name, row := range map[string]struct {
		gates []gate.Gate
		more  string
		want  []verdict.Lane
	}{
		"nothing is said":                             {all, "", []verdict.Lane{verdict.Rollback}},
		"no program has the gate that guards":         {guarding(verdict.Rollback, ""), "\trollback: {}\n", nil},
		"the guard needs to be told, and nobody does": {cannotDoWithout, "", nil},
		"back is turned off":                          {all, "\trollback: { mode: off }\n", nil},
		"off, and nothing else makes sense":           {cannotDoWithout, "\trollback: { mode: off }\n", nil},
		"back is turned on":                           {all, "\trollback: { mode: enforce }\n", []verdict.Lane{verdict.Rollback}},
		"back with nothing said":                      {all, "\trollback: {}\n", []verdict.Lane{verdict.Rollback}},
		"an emergency":                                {all, breakGlass, []verdict.Lane{verdict.Rollback, verdict.BreakGlass}},
		"an emergency that is turned off":             {all, "\tbreak-glass: " + anyone + ", mode: off }\n", []verdict.Lane{verdict.Rollback}},
		"an emergency off without its parameters":     {all, "\tbreak-glass: { mode: off }\n", []verdict.Lane{verdict.Rollback}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prod := stageOf(t, row.gates, "prod", onlyProd+row.more)
			if got := lanesOf(prod); !slices.Equal(got, row.want) {
				t.Errorf("open are %q, want %q; shut %q", got, row.want, prod.Shut)
			}
		})
	}
}

func TestAShutWaySaysWhy(t *testing.T) {
	t.Parallel()
	off := stageOf(t, gate.All(), "prod", onlyProd+"\trollback: { mode: off }\n")
	if why := off.Shut[verdict.Rollback]; why != "the policy turns it off (policy.yml:6)" {
		t.Errorf("off: %q", why)
	}
	untold := stageOf(t, guarding(verdict.Rollback, "within-window"), "prod", onlyProd)
	if why := untold.Shut[verdict.Rollback]; !strings.HasPrefix(why, "calendar: ") {
		t.Errorf("untold: %q", why)
	}
	if why, known := untold.Shut[verdict.BreakGlass]; known {
		t.Errorf("a way that nobody opened says %q", why)
	}
	if _, err := parse(t, guarding(verdict.Rollback, "within-window"), onlyProd+"\trollback: {}\n"); err == nil || !strings.Contains(err.Error(), `policy.yml:6:13: "rollback": calendar: name one`) {
		t.Errorf("a way that is opened without what it needs: %v", err)
	}
}

func TestALaneKeepsWhatItNames(t *testing.T) {
	t.Parallel()
	prod := stageOf(t, gate.All(), "prod", onlyProd+"\tbreak-glass: "+anyone+", keeps: [checks-passed] }\n\trollback: { keeps: [reviewed, checks-passed] }\n")
	if got := prod.Lanes[verdict.BreakGlass]; !slices.Equal(got.Keeps, []string{"checks-passed"}) || got.Origin != "policy.yml:6" || got.Check.ID != "emergency-declared" {
		t.Errorf("break-glass: %+v", got)
	}
	if got := prod.Lanes[verdict.Rollback].Keeps; !slices.Equal(got, []string{"reviewed", "checks-passed"}) {
		t.Errorf("rollback: %q", got)
	}
}

// What is wrong in one layer is said of that layer.
func TestALaneOfThePresetIsRefinedAsAWhole(t *testing.T) {
	t.Parallel()
	first, err := parse(t, gate.All(), "version: 1\npreset: three-stage\nstages:\n- name: prod\n\tbreak-glass: "+anyone+", keeps: [signed-tag, reviewd] }\n")
	if err == nil || !strings.Contains(err.Error(), "policy.yml:5:") || len(first.Stages) != 0 {
		t.Errorf("got %v", err)
	}
	prod := stageOf(t, gate.All(), "prod", "version: 1\npreset: three-stage\nstages:\n- name: prod\n\tbreak-glass: "+anyone+", keeps: [version-increases] }\n")
	if got := prod.Lanes[verdict.BreakGlass].Keeps; !slices.Equal(got, []string{"version-increases"}) {
		t.Errorf("a gate of the preset cannot be kept: %q", got)
	}
}

const laned = `version: 1
stages:
- name: hotfix
	hotfix-for: prod
	from: { branches: ["hotfix/*"] }
	gates: { reviewed: { approvals: 2 } }
- name: staging
	from: { branches: [main] }
	config: { a: 2 }
	gates: { reviewed: {} }
- name: prod
	environment: production
	url: https://shop.example.org
	from: { tags: ["v*"] }
	deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-prod }
	data: production
	config: { a: 1 }
	gates:
		signed-commit: { commits: since-deployment }
`

func TestAHotfixLaneIsThePlaceOfItsStage(t *testing.T) {
	t.Parallel()
	rules, err := parse(t, gate.All(), laned)
	if err != nil {
		t.Fatal(err)
	}
	lane, _ := rules.Stage("hotfix")
	prod, _ := rules.Stage("prod")
	if lane.Environment != "production" || lane.URL != prod.URL || lane.Data != "production" || string(lane.Config) != `{"a":1}` || lane.DeployedBy != prod.DeployedBy || len(lane.Lanes) != 0 {
		t.Errorf("the lane is %+v", lane)
	}
	if diff := cmp.Diff([]string{"staging", "prod"}, rules.Names()); diff != "" {
		t.Errorf("the lane is in the progression:\n%s", diff)
	}
	terms := rules.TermsOf(lane)
	if terms.Stage.Name != "prod" || terms.Stage.Environment != "production" || terms.Stage.DeployedBy != prod.DeployedBy || terms.Stage.Rule.Stage != "hotfix" {
		t.Errorf("gates of the lane see the stage %+v", terms.Stage)
	}
	if seen := rules.TermsOf(prod).Stage.Lanes; len(seen) != 1 || seen[0].Stage != "hotfix" {
		t.Errorf("gates of the stage see the lanes %+v", seen)
	}
	var names []string
	for _, each := range rules.TermsOf(prod).Stages {
		names = append(names, each.Name)
	}
	if !slices.Equal(names, []string{"staging", "prod"}) {
		t.Errorf("gates see the stages %q", names)
	}
	for ref, want := range map[fact.Ref]string{"refs/heads/hotfix/1": "hotfix", "refs/tags/v1": "prod", "refs/heads/main": "staging", "refs/heads/fix": ""} {
		if got := stage.Resolve(rules.Rules(), stage.Query{Ref: ref, Event: "push"}).Stage; got != want {
			t.Errorf("%s goes to %q, want %q", ref, got, want)
		}
	}
}

// The job that a stage names is the one from which its gates count.
func TestTheJobOfAStageIsThatOfItsGates(t *testing.T) {
	t.Parallel()
	prod := stageOf(t, gate.All(), "prod", laned)
	want := fact.RangeFrom{Workflow: ".github/workflows/deploy.yml", Job: "deploy-prod"}.Need()
	if !slices.Contains(prod.Gates[0].Check.Needs, want) {
		t.Errorf("the gate needs %v, not %v", prod.Gates[0].Check.Needs, want)
	}
	without := strings.Replace(laned, "\tdeployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-prod }\n", "", 1)
	if _, err := parse(t, gate.All(), without); err == nil || !strings.Contains(err.Error(), "needs deployed-by") {
		t.Errorf("without a job: %v", err)
	}
}

func TestOneJobDeploysToOneStage(t *testing.T) {
	t.Parallel()
	const byJob = "{ workflow: .github/workflows/deploy.yml, job: %s }"
	by := func(job string) string { return strings.Replace(byJob, "%s", job, 1) }
	at := func(name, lines string) string {
		return "- name: " + name + "\n\tfrom: { branches: [" + name + "] }\n" + lines
	}
	stageLevel := func(job string) string { return "\tdeployed-by: " + by(job) + "\n\tgates: { reviewed: {} }\n" }
	gateLevel := func(job string) string {
		return "\tgates: { signed-commit: { commits: since-deployment, deployed-by: " + by(job) + " } }\n"
	}
	lane := func(lines string) string {
		return "- name: lane\n\thotfix-for: b\n\tfrom: { branches: [lane] }\n" + lines
	}
	for name, row := range map[string]struct {
		stages  string
		refused bool
	}{
		"of two stages":                            {at("a", stageLevel("x")) + at("b", stageLevel("x")), true},
		"of a stage, and of a gate of another":     {at("a", stageLevel("x")) + at("b", gateLevel("x")), true},
		"of a gate, and of another stage after it": {at("a", gateLevel("x")) + at("b", stageLevel("x")), true},
		"of a stage, and of a gate of a lane":      {at("a", stageLevel("x")) + at("b", stageLevel("y")) + lane(gateLevel("x")), true},
		"of a stage, and of a gate of its own":     {at("a", stageLevel("x")) + at("b", "\tdeployed-by: "+by("y")+"\n"+gateLevel("y")), false},
		"of a stage, and of a gate of its lane":    {at("a", stageLevel("x")) + at("b", stageLevel("y")) + lane(gateLevel("y")), false},
		"two jobs":                                 {at("a", stageLevel("x")) + at("b", stageLevel("y")), false},
		"the same name in two workflows":           {at("a", stageLevel("x")) + at("b", strings.ReplaceAll(stageLevel("x"), "deploy.yml", "other.yml")), false},
	} {
		_, err := parse(t, gate.All(), "version: 1\nstages:\n"+row.stages)
		if refused := err != nil && strings.Contains(err.Error(), "name one job in deployed-by"); refused != row.refused || err != nil && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWaiversEndWhenTheySay(t *testing.T) {
	t.Parallel()
	for until, want := range map[string]time.Time{
		"2026-12-20":       time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC), // the day belongs to it
		"2026-12-20T18:00": time.Date(2026, 12, 20, 18, 0, 0, 0, time.UTC),
		"2026-12-20T24:00": time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC),
	} {
		prod := stageOf(t, gate.All(), "prod", "version: 1\nstages:\n- name: prod\n\tfrom: { branches: [main] }\n\tgates:\n\t\treviewed: { waiver: { by: octocat, reason: why, until: "+until+" } }\n\t\tchecks-passed: { all: true }\n")
		if diff := cmp.Diff(&policy.Waiver{By: "octocat", Reason: "why", Until: want}, prod.Gates[0].Waiver); diff != "" {
			t.Errorf("%s:\n%s", until, diff)
		}
		if prod.Gates[1].Waiver != nil {
			t.Errorf("%s: the waiver is of another gate, too: %+v", until, prod.Gates[1].Waiver)
		}
	}
}

// What a refined gate says replaces what was said of it, the waiver included.
func TestAWaiverIsNoParameterOfItsOwn(t *testing.T) {
	t.Parallel()
	prod := stageOf(t, gate.All(), "prod", "version: 1\npreset: three-stage\nstages:\n- name: prod\n\tgates:\n\t\tsigned-tag: { waiver: { by: octocat, reason: why, until: 2026-12-20 } }\n")
	index := slices.IndexFunc(prod.Gates, func(g policy.Gate) bool { return g.Check.ID == "signed-tag" })
	if asked := prod.Gates[index]; asked.Waiver == nil || asked.Mode != verdict.Enforce {
		t.Errorf("the gate is %+v", asked)
	}
}
