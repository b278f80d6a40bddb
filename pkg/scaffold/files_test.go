package scaffold_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/lint"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/scaffold"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

var update = flag.Bool("update", false, "write the examples anew")

// shop is the repository of the examples.
func shop() scaffold.Answers {
	return scaffold.Answers{
		Preset: "three-stage", Repository: "acme/shop", DefaultBranch: "main",
		Checks: []scaffold.Check{{Name: "tests", Workflow: ".github/workflows/ci.yml"}},
	}
}

// every returns answers of all kinds, by what they are.
func every() map[string]scaffold.Answers {
	all := map[string]scaffold.Answers{}
	for _, preset := range scaffold.Presets() {
		for _, solo := range []bool{false, true} {
			for checks, change := range map[string]func(*scaffold.Answers){
				"a named check": func(*scaffold.Answers) {},
				"odd names of checks": func(a *scaffold.Answers) {
					a.Checks = []scaffold.Check{{"true", ".github/workflows/ci.yml"}, {"Test (a, b) / c: d", ".github/workflows/ci.yml"}, {"1.5", ".github/workflows/x.y.yaml"}}
				},
				"checks without a name":          func(a *scaffold.Answers) { a.Checks = nil },
				"own checks with a command":      func(a *scaffold.Answers) { a.Checks, a.OwnChecks, a.TestCommand = nil, true, "make test" },
				"own checks that are to be made": func(a *scaffold.Answers) { a.Checks, a.OwnChecks = nil, true },
			} {
				for people, who := range map[string][]string{"nobody": nil, "users": {"olga", "true", "007"}, "a team": {"acme/leads"}, "both": {"olga", "acme/leads"}} {
					branches := []string{"main"}
					if people == "nobody" {
						branches = append(branches, "develop", "dev", "dev/next", "1.0", "on")
					}
					for _, branch := range branches {
						answers := shop()
						answers.Preset, answers.Solo, answers.DefaultBranch = preset, solo, branch
						change(&answers)
						if !solo {
							answers.Leads, answers.QA, answers.Owners = who, who, who
						}
						all[fmt.Sprintf("%s, solo %t, %s, %s, %s", preset, solo, checks, people, branch)] = answers
					}
				}
			}
		}
	}
	other := shop()
	other.Environments = map[string]string{"dev": "Dev", "staging": "stage", "prod": "live eu"}
	other.Uses = "acme/stageward/sub@" + strings.Repeat("a1", 20)
	all["other environments and a commit id"] = other
	return all
}

func names(all map[string]scaffold.Answers) []string {
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func file(t *testing.T, a scaffold.Answers, path string) string {
	t.Helper()
	for _, each := range scaffold.Files(a) {
		if each.Path == path {
			return each.Content
		}
	}
	t.Fatalf("there is no %s", path)
	return ""
}

// The examples are what is written for the repository acme/shop.
func TestTheExamplesAreWhatIsWritten(t *testing.T) {
	t.Parallel()
	for _, each := range scaffold.Files(shop()) {
		if each.Path == scaffold.PolicyPath {
			continue
		}
		example := filepath.Join("..", "..", "examples", filepath.Base(each.Path))
		if *update {
			if err := os.WriteFile(example, []byte(each.Content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(example)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), each.Content); diff != "" {
			t.Errorf("%s (-example +written):\n%s", each.Path, diff)
		}
	}
}

// Whatever the answers are, the policy has no problem, asks what it is meant to ask
// and finds the jobs of the workflows that are beside it.
func TestEveryPolicyIsOne(t *testing.T) {
	t.Parallel()
	all := every()
	for _, name := range names(all) {
		answers := all[name]
		if err := answers.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := file(t, answers, scaffold.PolicyPath)
		rules, err := policy.Parse(scaffold.PolicyPath, []byte(text), gate.All())
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
			continue
		}
		checkPolicy(t, name, answers, rules)
	}
}

func checkPolicy(t *testing.T, name string, answers scaffold.Answers, rules policy.Policy) {
	t.Helper()
	source := policy.PresetSource(answers.Preset)
	preset, err := policy.Parse("preset", source, gate.All())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rules.Names(), preset.Names()) {
		t.Fatalf("%s: the stages are %q, the preset's %q", name, rules.Names(), preset.Names())
	}
	for i, each := range rules.Stages {
		if want := "deploy / deploy-" + each.Name; each.DeployedBy.Job != want || each.DeployedBy.Workflow != scaffold.DeployPath {
			t.Errorf("%s: %s is deployed by %+v, want the job %q", name, each.Name, each.DeployedBy, want)
		}
		if answers.Environments == nil && each.Environment != preset.Stages[i].Environment {
			t.Errorf("%s: %s has the environment %q, the preset's is %q", name, each.Name, each.Environment, preset.Stages[i].Environment)
		}
		var config map[string]any
		if err := json.Unmarshal(each.Config, &config); err != nil || !slices.Equal(slices.Sorted(maps.Keys(config)), []string{"debug", "log_level"}) {
			t.Errorf("%s: %s has the configuration %s (%v)", name, each.Name, each.Config, err)
		}
		for _, old := range preset.Stages[i].Gates {
			mode := modeOf(each, old.Check.ID)
			if want := map[bool]verdict.Mode{true: verdict.Off, false: verdict.Enforce}[answers.Solo && old.Check.ID == "reviewed"]; mode != want {
				t.Errorf("%s: %s has %s as %s, want %s", name, each.Name, old.Check.ID, mode, want)
			}
		}
		asks := each.Name == "staging" || each.Name == "prod"
		if got := modeOf(each, "approved"); asks && (got == verdict.Enforce) == answers.Solo {
			t.Errorf("%s: %s has approved as %s", name, each.Name, got)
		}
	}
	match := stage.Resolve(rules.Rules(), stage.Query{Ref: ref(t, "refs/heads/"+answers.DefaultBranch), DefaultBranch: answers.DefaultBranch, Event: "push"})
	if want := rules.Stages[1].Name; match.Stage != want {
		t.Errorf("%s: a push to %s is for %q (%s), want %q", name, answers.DefaultBranch, match.Stage, match.Reason, want)
	}
}

func modeOf(of policy.Stage, id string) verdict.Mode {
	for _, each := range of.Gates {
		if each.Check.ID == id {
			return each.Mode
		}
	}
	return verdict.Off
}

// The workflows start for what the stages take, call each other by the right names,
// ask for the approvals of the policy, and have no mark left in them.
func TestTheWorkflowsFitThePolicy(t *testing.T) {
	t.Parallel()
	all := every()
	for _, name := range names(all) {
		answers := all[name]
		rules, err := policy.Parse(scaffold.PolicyPath, []byte(file(t, answers, scaffold.PolicyPath)), gate.All())
		if err != nil {
			t.Fatal(err)
		}
		read := map[string]workflow.Workflow{}
		for _, each := range scaffold.Files(answers) {
			if mark := regexp.MustCompile(`\{\{[a-z]|\{[?/]`).FindString(each.Content); mark != "" {
				t.Errorf("%s: %s has the mark %q", name, each.Path, mark)
			}
			if each.Path == scaffold.PolicyPath {
				continue
			}
			if read[each.Path], err = workflow.Parse([]byte(each.Content)); err != nil {
				t.Errorf("%s: %s: %v", name, each.Path, err)
			}
		}
		checkDeploy(t, name, answers, rules, read)
		if _, has := read[scaffold.ApprovePath]; has == answers.Solo {
			t.Errorf("%s: there is an approve.yml: %t", name, has)
		}
	}
}

// What is written leaves lint nothing to say but what nobody can know beforehand: what
// the checks are called, and whether the tags are guarded.
func TestLintHasNothingElseToSay(t *testing.T) {
	t.Parallel()
	all := every()
	for _, name := range names(all) {
		answers := all[name]
		beside := lint.Beside{Now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), DefaultBranch: answers.DefaultBranch, Workflows: map[string]string{}}
		for _, each := range scaffold.Files(answers) {
			if each.Path != scaffold.PolicyPath {
				beside.Workflows[each.Path] = each.Content
			}
		}
		rules, err := policy.Parse(scaffold.PolicyPath, []byte(file(t, answers, scaffold.PolicyPath)), gate.All())
		if err != nil {
			t.Fatal(err)
		}
		var open, want, accepted []string
		for _, each := range lint.Look(rules, beside) {
			if each.Accepted == nil {
				open = append(open, each.ID)
			} else {
				accepted = append(accepted, each.ID)
			}
		}
		if len(answers.Checks) == 0 && !answers.OwnChecks {
			want = append(want, "checks-not-named")
		}
		if answers.Preset == "four-stage" {
			want = append(want, "deployment-by-name")
		}
		if diff := cmp.Diff(want, open); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if has := slices.Equal(accepted, []string{"one-person-alone"}); has != answers.Solo || !has && accepted != nil {
			t.Errorf("%s: accepted are %q", name, accepted)
		}
	}
}

func checkDeploy(t *testing.T, name string, answers scaffold.Answers, rules policy.Policy, read map[string]workflow.Workflow) {
	t.Helper()
	deploy := read[scaffold.DeployPath]
	push, _ := deploy.On("push")
	want := []string{answers.DefaultBranch}
	for _, pattern := range rules.Stages[0].Rule.Branches {
		want = append(want, pattern.String())
	}
	if diff := cmp.Diff([]workflow.Filter{{Key: "branches", Patterns: want}, {Key: "tags", Patterns: []string{"v*"}}}, push.Filters); diff != "" {
		t.Errorf("%s: pushes (-want +got):\n%s", name, diff)
	}
	caller, _ := deploy.Job("deploy")
	if want := "acme/shop/.github/workflows/gated-deploy.yml@" + answers.DefaultBranch; caller.Uses != want {
		t.Errorf("%s: it calls %q, want %q", name, caller.Uses, want)
	}
	_, hasChecks := read[scaffold.ChecksPath]
	checks, callsChecks := deploy.Job("checks")
	if hasChecks != answers.OwnChecks || callsChecks != hasChecks || callsChecks && checks.Uses != "./"+scaffold.ChecksPath {
		t.Errorf("%s: checks.yml is there: %t; it calls %q", name, hasChecks, checks.Uses)
	}
	first, _ := deploy.Job("gate")
	gated, _ := read[scaffold.GatedPath].Job("deploy")
	uses := answers.Uses
	if uses == "" {
		uses = "stageward/stageward@0000000000000000000000000000000000000000"
	}
	for _, step := range []workflow.Step{first.Steps[0], gated.Steps[0]} {
		if _, has := step.With.Get("people-token"); step.Uses != uses || has != answers.Teams() {
			t.Errorf("%s: the step uses %q; it is given a token for people: %t", name, step.Uses, has)
		}
	}
	for _, step := range gated.Steps[1:] {
		if step.If != "steps.gate.outputs.allowed == 'true'" {
			t.Errorf("%s: the step %q runs if %q", name, step.Name+step.Uses, step.If)
		}
	}
	demands := workflow.ConditionOf(caller.If).Demands(func(operand string) bool { return operand == "needs.gate.outputs.allowed=='true'" })
	if !demands {
		t.Errorf("%s: the deployment runs if %q", name, caller.If)
	}
}

// What can be chosen when somebody approves is what the policy asks for.
func TestTheApprovalsAreThoseOfThePolicy(t *testing.T) {
	t.Parallel()
	for _, preset := range scaffold.Presets() {
		answers := shop()
		answers.Preset = preset
		read, err := workflow.Parse([]byte(file(t, answers, scaffold.ApprovePath)))
		if err != nil {
			t.Fatal(err)
		}
		dispatch, _ := read.On("workflow_dispatch")
		options := map[string][]string{}
		for _, input := range dispatch.Inputs {
			options[input.Name] = input.Options
		}
		var policyFile struct {
			Stages []struct {
				Name  string
				Gates struct {
					Approved struct{ Approvals []struct{ Name string } }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(file(t, answers, scaffold.PolicyPath)), &policyFile); err != nil {
			t.Fatal(err)
		}
		var stages, approvals []string
		for _, each := range policyFile.Stages {
			for _, approval := range each.Gates.Approved.Approvals {
				approvals = append(approvals, approval.Name)
				if !slices.Contains(stages, each.Name) {
					stages = append(stages, each.Name)
				}
			}
		}
		if !slices.Equal(options["stage"], stages) || !slices.Equal(options["approval"], approvals) {
			t.Errorf("%s: one can choose %q and %q, the policy has %q and %q", preset, options["stage"], options["approval"], stages, approvals)
		}
	}
}

func TestTheSameAnswersGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	all := every()
	for _, name := range names(all) {
		for range 3 {
			if diff := cmp.Diff(scaffold.Files(all[name]), scaffold.Files(all[name])); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	}
}

// TestActionlintTakesTheWorkflows asks the tool that make lint uses.
func TestActionlintTakesTheWorkflows(t *testing.T) {
	t.Parallel()
	tools, err := filepath.Glob("../../.cache/bin/actionlint-*")
	if err != nil || len(tools) == 0 {
		t.Skip("******** SKIPPED: there is no .cache/bin/actionlint; make lint installs it ********")
	}
	tool, err := filepath.Abs(tools[len(tools)-1])
	if err != nil {
		t.Fatal(err)
	}
	// A repository each: actionlint reads what a workflow calls from the files beside it.
	written := map[string]bool{}
	all := every()
	for _, name := range names(all) {
		folder := t.TempDir()
		if err := os.MkdirAll(filepath.Join(folder, ".git"), 0o755); err != nil {
			t.Fatal(err)
		}
		var arguments []string
		key := "" // what was asked once is not asked again
		for _, each := range scaffold.Files(all[name])[1:] {
			path := filepath.Join(folder, filepath.FromSlash(each.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(each.Content), 0o600); err != nil {
				t.Fatal(err)
			}
			arguments = append(arguments, path)
			key += strings.ReplaceAll(each.Content, all[name].DefaultBranch, "main")
		}
		if written[key] {
			continue
		}
		written[key] = true
		command := exec.CommandContext(t.Context(), tool, append([]string{"-shellcheck=", "-pyflakes="}, arguments...)...)
		command.Dir = folder
		if said, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}
