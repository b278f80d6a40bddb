package workflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/workflow"
)

func TestExpressions(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		"":                             nil,
		"prod":                         nil,
		"${{ never closed":             nil,
		"${{ 'never closed }}":         nil,
		"}} ${{":                       nil,
		"${{inputs.a}}":                {"inputs.a"},
		"a-${{ inputs.a }}-${{ b }}":   {"inputs.a", "b"},
		"${{ format('}}{0}', a) }} x":  {"format('}}{0}', a)"},
		"${{ 'it''s }}' }}":            {"'it''s }}'"},
		"${{ a }} and ${{ never there": {"a"},
	} {
		if diff := cmp.Diff(want, workflow.Expressions(value)); diff != "" {
			t.Errorf("%q:\n%s", value, diff)
		}
		if got := workflow.HasExpression(value); got != (len(want) > 0) {
			t.Errorf("%q has an expression: %v", value, got)
		}
	}
}

func TestWhatAValueMayBe(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		value, text string
		want        bool
	}{
		"nothing is no name":                      {"", "prod", false},
		"another name":                            {"staging", "prod", false},
		"the beginning of it":                     {"pro", "prod", false},
		"more than it":                            {"prod-eu", "prod", false},
		"another beginning":                       {"dev-${{ x }}", "prod", false},
		"another end":                             {"${{ x }}-eu", "prod", false},
		"another middle":                          {"${{ x }}-us-${{ y }}", "a-eu-b", false},
		"beginning and end that overlap":          {"prod${{ x }}od", "prod", false},
		"middles that are there once only":        {"${{ x }}-${{ y }}-${{ z }}", "a-b", false},
		"an expression that is never closed":      {"${{ x", "prod", false},
		"the name itself":                         {"prod", "prod", true},
		"the name in other letters":               {"Prod", "prod", false},
		"an expression alone":                     {"${{ x }}", "prod", true},
		"an expression that is nothing":           {"prod${{ x }}", "prod", true},
		"a beginning that fits":                   {"deploy-${{ x }}", "deploy-prod", true},
		"a middle that fits":                      {"${{ x }}-eu-${{ y }}", "a-eu-b", true},
		"a job of a workflow that is called":      {"deploy / deploy-${{ inputs.stage }}", "deploy / deploy-prod", true},
		"two expressions with nothing in between": {"${{ x }}${{ y }}", "prod", true},
	} {
		if got := workflow.MayBe(row.value, row.text); got != row.want {
			t.Errorf("%s: %q may be %q: %v", name, row.value, row.text, got)
		}
	}
}

func TestWhatAConditionDemands(t *testing.T) {
	t.Parallel()
	const atom = "steps.gate.outputs.allowed=='true'"
	for condition, want := range map[string]bool{
		"":     false,
		"true": false,
		"${{ steps.gate.outputs.allowed }} == 'true'":                                            false, // a text, which is true
		"${{ steps.gate.outputs.allowed == 'true' }}\n":                                          false,
		" ${{ steps.gate.outputs.allowed == 'true' }}":                                           false,
		"${{ steps.gate.outputs.allowed == 'true' }}${{ true }}":                                 false,
		"steps.gate.outputs.allowed != 'true'":                                                   false,
		"steps.gate.outputs.allowed == 'TRUE'":                                                   false,
		"steps.other.outputs.allowed == 'true'":                                                  false,
		"!(steps.gate.outputs.allowed == 'true')":                                                false,
		"steps.gate.outputs.allowed == 'true' || always()":                                       false,
		"steps.gate.outputs.allowed == 'true' && a || b":                                         false,
		"(steps.gate.outputs.allowed == 'true' || a) && b":                                       false,
		"steps.gate.outputs.allowed == 'true' == false":                                          false,
		"contains('steps.gate.outputs.allowed == ''true''', 'x')":                                false,
		"'a' == 'b && steps.gate.outputs.allowed == ''true'''":                                   false,
		"f(a && steps.gate.outputs.allowed == 'true')":                                           false,
		"a) && (steps.gate.outputs.allowed == 'true'":                                            false,
		"steps.gate.outputs.allowed == 'true'":                                                   true,
		"${{ steps.gate.outputs.allowed == 'true' }}":                                            true,
		"${{steps.gate.outputs.allowed=='true'}}":                                                true,
		"Steps.Gate.Outputs.Allowed == 'true'":                                                   true,
		"always() && steps.gate.outputs.allowed == 'true'":                                       true,
		"a && (b && (steps.gate.outputs.allowed == 'true'))":                                     true,
		"(steps.gate.outputs.allowed == 'true' && a) || b && steps.gate.outputs.allowed=='true'": true,
		"steps.gate.outputs.allowed == 'true' && startsWith(x, ')')":                             true,
	} {
		if got := workflow.ConditionOf(condition).Demands(func(operand string) bool { return operand == atom }); got != want {
			t.Errorf("%q demands it: %v", condition, got)
		}
	}
}

func TestWhatRunsAlthoughAStepFailed(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]bool{
		"always()":                       true,
		"${{ always() }}":                true,
		"!cancelled()":                   true,
		"failure ()":                     true,
		"Failure() && github.ref == 'x'": true,
		"success() || a":                 true,
		"success() || failure()":         true,
		"${{ always() }} && a":           true, // a text, which is true
		"${{ always() }}\n":              true,
		"!${{ failure() }}":              true,
		"${{ a }} || ${{ success() }}":   true, // so GitHub adds no other
		"${{ a }} || b":                  false,
		"${{ 'always()' }} a":            false,
		"":                               false,
		"true":                           false,
		"a == 'always()'":                false,
		"github.ref == 'x'":              false,
		"success()":                      false,
		"success() && a":                 false,
		"my_always()":                    false,
	} {
		if got := workflow.ConditionOf(condition).OutlivesFailure(); got != want {
			t.Errorf("%q outlives a failure: %v", condition, got)
		}
	}
}

func TestWhatAnExpressionComesTo(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"inputs.a":                           "inputs.a",
		"inputs.a == 'x' && 'y' || 'z'":      "'y' 'z'",
		"(inputs.a && inputs.b) || inputs.c": "inputs.b inputs.c",
		"inputs.a || 'x || y'":               "inputs.a 'x || y'",
		"toJSON( inputs.a )":                 "tojson(inputs.a)",
	} {
		if got := strings.Join(workflow.Results(expression), " "); got != want {
			t.Errorf("%q comes to %q, want %q", expression, got, want)
		}
	}
}

func FuzzExpressions(f *testing.F) {
	f.Add("a-${{ b }}", "a-x")
	f.Add("${{ '}}' }}${{", "(a || b) && c")
	f.Fuzz(func(t *testing.T, value, other string) {
		for _, each := range workflow.Expressions(value) {
			if !strings.Contains(value, each) {
				t.Errorf("%q is not in %q", each, value)
			}
		}
		if !workflow.HasExpression(value) && workflow.MayBe(value, other) != (value == other) {
			t.Errorf("%q may be %q", value, other)
		}
		condition := workflow.ConditionOf(value)
		condition.OutlivesFailure()
		if condition.Demands(func(string) bool { return false }) {
			t.Errorf("%q demands nothing", value)
		}
		if len(workflow.Results(other)) == 0 {
			t.Errorf("%q comes to nothing", other)
		}
	})
}
