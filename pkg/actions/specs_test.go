package actions_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/actions"
)

// What is described is what is read.
func TestInputSpecsAreTheInputs(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	_, err := actions.Read(func(name string) string {
		if strings.HasPrefix(name, "INPUT_") {
			asked[name] = true
		}
		return branchRun().env(name)
	}, eventFile(pushEvent("refs/heads/main", commitSHA)))
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, spec := range actions.InputSpecs() {
		described["INPUT_"+strings.ToUpper(spec.Name)] = true
	}
	if diff := cmp.Diff(described, asked); diff != "" {
		t.Errorf("inputs (-described +asked for):\n%s", diff)
	}
}

// action.yml says the same as the code, word for word.
func TestTheSpecsAreThoseOfActionYML(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct{ Inputs, Outputs yaml.Node }
	if err := yaml.Load(data, &declared); err != nil {
		t.Fatal(err)
	}
	var inputs []actions.InputSpec
	for i := 0; i+1 < len(declared.Inputs.Content); i += 2 {
		spec := actions.InputSpec{Name: declared.Inputs.Content[i].Value}
		if err := declared.Inputs.Content[i+1].Load(&spec); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, spec)
	}
	if diff := cmp.Diff(actions.InputSpecs(), inputs); diff != "" {
		t.Errorf("inputs (-code +action.yml):\n%s", diff)
	}
	var outputs []actions.OutputSpec
	for i := 0; i+1 < len(declared.Outputs.Content); i += 2 {
		spec := actions.OutputSpec{Name: declared.Outputs.Content[i].Value}
		if err := declared.Outputs.Content[i+1].Load(&spec); err != nil {
			t.Fatal(err)
		}
		outputs = append(outputs, spec)
	}
	if diff := cmp.Diff(actions.OutputSpecs(), outputs); diff != "" {
		t.Errorf("outputs (-code +action.yml):\n%s", diff)
	}
}

func TestTheOutputsThatOpenSomethingComeLast(t *testing.T) {
	t.Parallel()
	specs := actions.OutputSpecs()
	if len(specs) < 2 {
		t.Fatalf("there are %d outputs", len(specs))
	}
	last := []string{specs[len(specs)-2].Name, specs[len(specs)-1].Name}
	if diff := cmp.Diff([]string{"decision", "allowed"}, last); diff != "" {
		t.Errorf("last outputs (-want +got):\n%s", diff)
	}
}
