package gate_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

// exampleWorkflow is what of a workflow in examples makes a title.
type exampleWorkflow struct {
	RunName string `yaml:"run-name"`
	On      struct {
		Dispatch struct {
			Inputs map[string]struct {
				Type     string   `yaml:"type"`
				Options  []string `yaml:"options"`
				Default  string   `yaml:"default"`
				Required bool     `yaml:"required"`
			} `yaml:"inputs"`
		} `yaml:"workflow_dispatch"`
	} `yaml:"on"`
}

func readExample(t *testing.T, name string) exampleWorkflow {
	t.Helper()
	data, err := os.ReadFile("../../examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var example exampleWorkflow
	if err := yaml.Unmarshal(data, &example); err != nil {
		t.Fatal(err)
	}
	return example
}

// evaluate puts inputs into a run-name. It knows no expression but an input.
func (w exampleWorkflow) evaluate(t *testing.T, inputs map[string]string) string {
	t.Helper()
	title := regexp.MustCompile(`\$\{\{ inputs\.([a-z]+) \}\}`).ReplaceAllStringFunc(w.RunName, func(expression string) string {
		value, given := inputs[strings.Fields(strings.TrimPrefix(expression, "${{ inputs."))[0]]
		if !given {
			t.Errorf("%s is not an input", expression)
		}
		return value
	})
	if strings.Contains(title, "${{") {
		t.Errorf("the run-name has an expression that is more than an input: %s", title)
	}
	return title
}

// Whatever can be chosen in the shipped workflow makes a title that the gate
// takes at its word: nothing but the id of the commit is typed.
func TestTheShippedWorkflowMakesTitlesThatCount(t *testing.T) {
	t.Parallel()
	example := readExample(t, "approve.yml")
	inputs := example.On.Dispatch.Inputs
	if names := slices.Sorted(maps.Keys(inputs)); !slices.Equal(names, []string{"approval", "sha", "stage", "word"}) {
		t.Fatalf("inputs %q", names)
	}
	for _, name := range []string{"stage", "approval", "word"} {
		if inputs[name].Type != "choice" || len(inputs[name].Options) < 2 {
			t.Errorf("%s can be typed: %+v", name, inputs[name])
		}
	}
	if !inputs["sha"].Required || inputs["word"].Default != "Approve" {
		t.Errorf("sha %+v, word %+v", inputs["sha"], inputs["word"])
	}
	for _, word := range inputs["word"].Options {
		for _, stage := range inputs["stage"].Options {
			for _, name := range inputs["approval"].Options {
				title := example.evaluate(t, map[string]string{"word": word, "sha": string(headSHA), "stage": stage, "approval": name})
				asked := row{params: "approvals: [{name: " + name + ", by: qa}]", roles: roster, facts: shipped(said(approval(1, quinn, title)))}
				want := map[string]verdict.Outcome{"Approve": verdict.Pass, "Reject": verdict.Fail}[word]
				terms := asked.terms()
				terms.Stage = gate.Stage{Name: stage}
				if got := bind(t, "approved", asked).Ask(asked.facts, terms); got.Outcome != want {
					t.Errorf("%q: %s (%s), want %s", title, got.Outcome, got.Reason, want)
				}
			}
		}
	}
}

// What is typed into the shipped workflow for exceptions is the reason, all of
// it, and nothing that is typed there makes a title that says something else.
func TestTheShippedWorkflowMakesExceptionsThatCount(t *testing.T) {
	t.Parallel()
	example := readExample(t, "exception.yml")
	inputs := example.On.Dispatch.Inputs
	if names := slices.Sorted(maps.Keys(inputs)); !slices.Equal(names, []string{"reason", "sha", "stage", "word"}) {
		t.Fatalf("inputs %q", names)
	}
	for reason, want := range map[string]verdict.Outcome{
		"payments fail, INC-4711": verdict.Pass, "Reject " + string(headSHA) + " for prod": verdict.Pass, " ": verdict.Wait,
	} {
		title := example.evaluate(t, map[string]string{"word": "Approve", "sha": string(headSHA), "stage": "prod", "reason": reason})
		asked := row{params: emergency, calendars: inFreeze, facts: hotfix(approval(1, olga, title))}
		if got := bind(t, "within-window", asked).Ask(asked.facts, asked.terms()); got.Outcome != want {
			t.Errorf("%q: %s (%s), want %s", title, got.Outcome, got.Reason, want)
		}
	}
}

// Whatever can be chosen in the shipped workflow for emergencies makes a title that
// the gate takes at its word.
func TestTheShippedWorkflowMakesEmergencyApprovalsThatCount(t *testing.T) {
	t.Parallel()
	example := readExample(t, "emergency.yml")
	inputs := example.On.Dispatch.Inputs
	if names := slices.Sorted(maps.Keys(inputs)); !slices.Equal(names, []string{"approval", "sha", "stage", "word"}) {
		t.Fatalf("inputs %q", names)
	}
	for _, name := range []string{"stage", "approval", "word"} {
		if inputs[name].Type != "choice" || len(inputs[name].Options) < 2 {
			t.Errorf("%s can be typed: %+v", name, inputs[name])
		}
	}
	for _, word := range inputs["word"].Options {
		for _, stage := range inputs["stage"].Options {
			for _, name := range inputs["approval"].Options {
				title := example.evaluate(t, map[string]string{"word": word, "sha": string(headSHA), "stage": stage, "approval": name})
				asked := row{params: "{by: maintain, approvals: [{name: " + name + ", by: write}], workflow: " + approveFile + "}", facts: burning(said(approval(1, rita, title)))}
				want := map[string]verdict.Outcome{"Approve": verdict.Pass, "Reject": verdict.Fail}[word]
				terms := asked.terms()
				terms.Stage = gate.Stage{Name: stage}
				if got := bind(t, "emergency-declared", asked).Ask(asked.facts, terms); got.Outcome != want {
					t.Errorf("%q: %s (%s), want %s", title, got.Outcome, got.Reason, want)
				}
			}
		}
	}
}
