package policy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

const schemaFile = "../../docs/policy.schema.json"

func TestTheWrittenSchemaIsUpToDate(t *testing.T) {
	t.Parallel()
	schema, err := policy.Schema(gate.All())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, schema, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, schemaFile)), string(schema)); diff != "" {
		t.Errorf("%s is stale; run go test ./pkg/policy -update (-want +got):\n%s", schemaFile, diff)
	}
}

// schemaCannotSee lists the wrong policies that a schema accepts or that never
// reach one, by what a schema knows nothing about.
var schemaCannotSee = map[string][]string{
	"the text and its notation": {
		"alias-bomb", "anchors-and-aliases", "bidirectional-override", "byte-order-mark", "config", "control-characters",
		"directive", "empty-file", "key-twice", "line-separator-ends-a-comment", "lone-carriage-return", "merge-key",
		"nested-too-deep", "next-line-character", "not-utf-8", "not-yaml", "not-yaml-tab", "not-yaml-unclosed-quote",
		"odd-keys", "only-a-document-marker", "only-comments", "only-true-and-false", "paragraph-separator",
		"plain-decimal-only", "second-document", "second-document-after-end", "self-reference", "tags", "unquoted-pattern",
		"slip-gates-not-indented", "slip-indented-too-far", "slip-indented-too-little", "slip-no-space-after-name",
		"slip-no-space-after-preset", "slip-no-space-after-version", "slip-no-space-before-a-number", "slip-no-space-in-braces",
		"projects-unquoted", "projects-unquoted-inside", "slip-star-alone", "slip-star-in-a-line", "slip-tab-below-spaces", "slip-version-1.0", "utf-16", "yaml-version-directive", "zero-width-space-in-a-name",
	},
	"values that have to fit together": {
		"break-glass-keeps", "break-glass-shares-a-workflow", "data-after-the-preset", "environment-of-the-preset", "environments-differ-only-by-case", "one-job-for-two-stages", "one-job-deploys-to-two-stages",
		"config-in-some-stages", "config-in-some-stages-of-a-preset", "config-keys", "config-names-clash", "config-secrets", "config-types", "data-of-a-lane",
		"lanes-of-what-asks-for-nothing", "projects-placeholder-alone", "projects-together", "projects-without-stages",
		"refine-turns-everything-off", "role-not-defined", "slip-refined-stage-twice", "slip-role-of-a-preset-without-it", "stage-twice",
	},
	"what only the calendar knows": {"calendar-not-defined", "calendar-zone"},
	"what only the gate knows":     {"approvals-that-cannot-be-met", "promoted-from", "zero-approvals"},
}

// TestTheSchemaAgreesWithTheReader validates with a second library, so that a
// mistake in the one that writes the schema does not hide.
func TestTheSchemaAgreesWithTheReader(t *testing.T) {
	t.Parallel()
	compiled := compile(t)
	for _, path := range policyFiles(t, "ok") {
		if err := compiled.Validate(instance(t, path)); err != nil {
			t.Errorf("%s: the schema refuses a policy that is right: %v", path, err)
		}
	}
	for _, path := range policyFiles(t, "err") {
		if beyondSchema(path) {
			continue
		}
		if err := compiled.Validate(instance(t, path)); err == nil {
			t.Errorf("%s: the schema accepts a policy that is wrong", path)
		}
	}
}

func TestTheSchemaRefusesWhatNoGateHas(t *testing.T) {
	t.Parallel()
	compiled := compile(t)
	for name, text := range map[string]string{
		"an unknown gate":        `{"version":1,"preset":"three-stage","stages":[{"name":"prod","gates":{"signed":{}}}]}`,
		"a gate that is always":  `{"version":1,"preset":"three-stage","stages":[{"name":"prod","gates":{"ref-unmoved":{}}}]}`,
		"an unknown parameter":   `{"version":1,"preset":"three-stage","stages":[{"name":"prod","gates":{"signed-tag":{"from":"x"}}}]}`,
		"an unknown mode":        `{"version":1,"preset":"three-stage","stages":[{"name":"prod","gates":{"signed-tag":{"mode":"on"}}}]}`,
		"null in a config":       `{"version":1,"preset":"three-stage","stages":[{"name":"prod","config":{"a":[null]}}]}`,
		"another format version": `{"version":2,"preset":"three-stage"}`,
	} {
		if err := compiled.Validate(decodeJSON(t, []byte(text))); err == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}

func beyondSchema(path string) bool {
	for _, names := range schemaCannotSee {
		if slices.Contains(names, strings.TrimSuffix(filepath.Base(path), ".yml")) {
			return true
		}
	}
	return false
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := policy.Schema(gate.All())
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("policy.schema.json", decodeJSON(t, schema)); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// instance reads a policy as an editor would: leniently.
func instance(t *testing.T, path string) any {
	t.Helper()
	var value any
	if err := yaml.Load(read(t, path), &value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	data, err := json.Marshal(asJSON(value))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return decodeJSON(t, data)
}

// asJSON turns the keys of maps into text, as JSON has no other.
func asJSON(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, each := range typed {
			typed[key] = asJSON(each)
		}
	case map[any]any:
		object := map[string]any{}
		for key, each := range typed {
			text, err := json.Marshal(key)
			if err == nil {
				object[string(text)] = asJSON(each)
			}
		}
		return object
	case []any:
		for i, each := range typed {
			typed[i] = asJSON(each)
		}
	}
	return value
}

func decodeJSON(t *testing.T, data []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
