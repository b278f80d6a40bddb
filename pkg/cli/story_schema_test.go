package cli_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stageward/stageward/pkg/schema"
)

// published are the schemas of what the program writes, as another implementation
// than that which made them reads them.
var published = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	all := map[string]*jsonschema.Schema{}
	for _, name := range schema.Names() {
		data, err := schema.Of(name)
		if err != nil {
			return nil, err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		if err := compiler.AddResource(name, document); err != nil {
			return nil, err
		}
		if all[name], err = compiler.Compile(name); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// fits returns an error unless a document is as its published schema says.
func fits(name, document string) error {
	all, err := published()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		return err
	}
	if _, several := value.(map[string]any)["projects"]; several && name == "verdict" {
		name = "verdicts" // of a policy with projects
	}
	return all[name].Validate(value)
}

// checkSchemas holds everything that a run left behind in JSON against its schema.
func checkSchemas(ts *testscript.TestScript, args []string) {
	if args[0] == "action" {
		outputs := parseOutputs(ts.ReadFile("github_output"))
		for output, name := range map[string]string{"result": "verdict", "audit": "audit"} {
			if outputs[output] != "" {
				ts.Check(fits(name, outputs[output]))
			}
		}
	}
	if printed := ts.ReadFile("stdout"); slices.Contains(args, "json") && strings.HasPrefix(printed, "{") {
		switch args[0] {
		case "gate":
			ts.Check(fits("verdict", printed))
		case "audit":
			ts.Check(fits("audit", printed))
		}
	}
	if at := slices.Index(args, "--save-facts"); at >= 0 && at+1 < len(args) {
		if saved, err := os.ReadFile(ts.MkAbs(args[at+1])); err == nil {
			ts.Check(fits("facts", string(saved)))
		}
	}
	if name := ts.Getenv("INPUT_SAVE-FACTS"); args[0] == "action" && name != "" {
		if saved, err := os.ReadFile(ts.MkAbs(name)); err == nil {
			ts.Check(fits("facts", string(saved)))
		}
	}
}
