package e2e_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

const (
	actionFile   = "../../action.yml"
	actionSchema = "../../testdata/schema/action.schema.json"
)

func TestActionMetadataFollowsTheSchema(t *testing.T) {
	t.Parallel()
	action := fromDockerfile(readFile(t, actionFile))
	for _, row := range []struct {
		name     string
		old, new string // what is broken in a copy
		want     string // part of the complaint
	}{
		{"a misspelt key of an input is refused", "    default: wait", "    require: true", "require"},
		{"an input without a description is refused", "    description: The stage that is meant", "    default: The stage that is meant", "description"},
		{"an output with a value is refused, for containers have none", "  stage:\n    description: Name of", "  stage:\n    value: x\n    description: Name of", "value"},
		{"an output's name with a dot is refused", "  reason-code:", "  reason.code:", "reason.code"},
		{"another kind of action is refused", "using: docker", "using: node24", "/runs/using"},
		{"an action without an image is refused", "  image: Dockerfile\n", "", "image"},
		{"an image that is neither is refused", "image: Dockerfile", "image: stageward:latest", "/runs/image"},
		{"arguments that are not a list are refused", "  args:\n    - action\n", "  args: action\n", "/runs/args"},
		{"a colour that GitHub has not is refused", "color: green", "color: olive", "/branding/color"},
		{"an icon that GitHub left out is refused", "icon: shield", "icon: key", "/branding/icon"},
		{"a misspelt section is refused", "outputs:", "output:", "output"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(action, row.old) != 1 {
				t.Fatalf("%q must be in action.yml once, so that the copy is broken in one place", row.old)
			}
			err := validateAction(t, strings.Replace(action, row.old, row.new, 1))
			if err == nil {
				t.Fatal("the broken copy is valid")
			}
			if !strings.Contains(err.Error(), row.want) {
				t.Errorf("the complaint does not name %q:\n%v", row.want, err)
			}
		})
	}
	for name, valid := range map[string]string{
		"what is shipped is valid":             readFile(t, actionFile),
		"a release with its image is valid":    imageLine.ReplaceAllString(action, "  image: docker://ghcr.io/stageward/stageward@sha256:"+strings.Repeat("0", 64)),
		"what is built of the source is valid": action,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := validateAction(t, valid); err != nil {
				t.Error(err)
			}
		})
	}
}

// A caller's `with: entrypoint` and `with: args` take effect when the action
// leaves them out: then a workflow could print `allowed=true` with a program
// of its own under our name.
func TestActionDeclaresWhatItRuns(t *testing.T) {
	t.Parallel()
	var action struct {
		Runs struct {
			Entrypoint string   `yaml:"entrypoint"`
			Args       []string `yaml:"args"`
		} `yaml:"runs"`
	}
	if err := yaml.Unmarshal([]byte(readFile(t, actionFile)), &action); err != nil {
		t.Fatal(err)
	}
	if action.Runs.Entrypoint != "/stageward" {
		t.Errorf("entrypoint is %q, want /stageward", action.Runs.Entrypoint)
	}
	if len(action.Runs.Args) != 1 || action.Runs.Args[0] != "action" {
		t.Errorf("args are %q, want [action]", action.Runs.Args)
	}
}

// imageLine is where action.yml says what runs: the Dockerfile, or in a release an image by its digest.
var imageLine = regexp.MustCompile(`(?m)^  image: .+$`)

// fromDockerfile returns the text of action.yml as it is between releases.
func fromDockerfile(text string) string {
	return imageLine.ReplaceAllString(text, "  image: Dockerfile")
}

// validateAction checks the text of an action.yml against the schema.
func validateAction(t *testing.T, text string) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(readFile(t, actionSchema))))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("action.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("action.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var action any
	if err := yaml.Unmarshal([]byte(text), &action); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(action)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
