package schema_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	made "github.com/google/jsonschema-go/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/schema"
)

var update = flag.Bool("update", false, "write the schemas anew")

func TestTheSchemasAreUpToDate(t *testing.T) {
	t.Parallel()
	read, err := readSource("../fact", "../verdict")
	if err != nil {
		t.Fatal(err)
	}
	written, packed := texts(t, schemas(read)), texts(t, carried(read))
	for name, text := range ofPeople(t) {
		written[name], packed[name] = text, text
	}
	if len(*read.problems) > 0 {
		t.Fatalf("no schema can be made of everything: %q", *read.problems)
	}
	if *update {
		write(t, written, packed)
		return // the program has those that it was built with
	}
	for _, name := range schema.Names() {
		path := inDocs(name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(data), written[name]); diff != "" {
			t.Errorf("%s is stale; run go generate ./pkg/schema (-want +got):\n%s", path, diff)
		}
		has, err := schema.Of(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(has), packed[name]); diff != "" {
			t.Errorf("the program carries a stale schema %s; run go generate ./pkg/schema (-want +got):\n%s", name, diff)
		}
	}
	if len(written) != len(schema.Names()) {
		t.Errorf("%d schemas are made, %d have a name", len(written), len(schema.Names()))
	}
}

// ofPeople are the schemas of what people write. The packages that read it make them.
func ofPeople(t *testing.T) map[string]string {
	t.Helper()
	rules, err := policy.Schema(gate.All())
	if err != nil {
		t.Fatal(err)
	}
	scenarios, err := scenario.Schema()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"policy": string(rules), "scenarios": string(scenarios)}
}

func inDocs(name string) string { return filepath.Join("..", "..", "docs", name+".schema.json") }

func texts(t *testing.T, all map[string]*made.Schema) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, each := range all {
		data, err := json.MarshalIndent(each, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(data) + "\n"
	}
	return out
}

// write writes the schemas, and all of them packed where one changed: another
// version of the packer may make other bytes of the same text.
func write(t *testing.T, written, packed map[string]string) {
	t.Helper()
	all, changed := map[string]json.RawMessage{}, false
	for _, name := range schema.Names() {
		if has, err := schema.Of(name); err != nil || string(has) != packed[name] {
			changed = true
		}
		if err := os.WriteFile(inDocs(name), []byte(written[name]), 0o644); err != nil {
			t.Fatal(err)
		}
		all[name] = json.RawMessage(packed[name])
	}
	if !changed {
		return
	}
	compact, err := json.Marshal(all) // in the order of the names
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	packer, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packer.Write(compact); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("schemas.json.gz", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The schema that is printed takes what that in docs takes: they differ in words.
func TestTheSchemaOfFactsIsThatOfTheDocs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(inDocs("facts"))
	if err != nil {
		t.Fatal(err)
	}
	printed, err := schema.Of("facts")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutWords(t, data), withoutWords(t, printed)); diff != "" {
		t.Errorf("-docs +printed:\n%s", diff)
	}
}

// withoutWords returns a schema without its descriptions. A property may have that
// name: then what it has is no text.
func withoutWords(t *testing.T, data []byte) any {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	var strip func(any) any
	strip = func(value any) any {
		switch each := value.(type) {
		case []any:
			for i := range each {
				each[i] = strip(each[i])
			}
		case map[string]any:
			if _, ok := each["description"].(string); ok {
				delete(each, "description")
			}
			for key := range each {
				each[key] = strip(each[key])
			}
		}
		return value
	}
	return strip(document)
}

func TestThereIsNoOtherSchema(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "policies", "../verdict", "verdict.schema.json", "/verdict"} {
		if data, err := schema.Of(name); err == nil || !strings.Contains(err.Error(), "expected one of audit, facts, policy, scenarios, verdict") {
			t.Errorf("%q is %d bytes, %v", name, len(data), err)
		}
	}
}

// compiled returns a schema as a second implementation reads it, times included.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := schema.Of(name)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	made, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// The schema of facts takes what the reader of facts takes, and nothing that it
// refuses.
func TestFactsFitTheirSchema(t *testing.T) {
	t.Parallel()
	against := compiled(t, "facts")
	facts := fact.Set{Commit: fact.Lost[fact.Commit](fact.Missing{Reason: fact.Forbidden}), Pulls: fact.Of([]fact.Pull(nil), fact.Source{From: "x"})}
	facts.Checks = fact.Of(fact.Checks{Runs: []fact.CheckRun{{ID: 1}}}, fact.Source{From: "x", URL: "https://e.tld"})
	for name, row := range map[string]struct {
		text, with string
		fits       bool
	}{
		"as it is written":   {"", "", true},
		"neither of the two": {`"pulls": {`, `"pulls": {}, "x": {`, false},
		"a value without source": {`,
    "source": {
      "from": "x"
    }`, "", false},
		"a null value":           {`"value": []`, `"value": null`, false},
		"both":                   {`"value": []`, `"value": [], "missing": {"reason": "forbidden"}`, false},
		"an unknown reason":      {`"forbidden"`, `"refused"`, false},
		"a fact that is not one": {`"pulls"`, `"pull_requests"`, false},
		"another version":        {`"schema_version": 1`, `"schema_version": 2`, false},
		"a number that is text":  {`"id": 1`, `"id": "1"`, false},
	} {
		data, err := facts.Marshal()
		if err != nil || !strings.Contains(string(data), row.text) {
			t.Fatalf("%s: %v in %s", name, err, data)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(string(data), row.text, row.with, 1)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := against.Validate(value); (err == nil) != row.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Everything that a reader has to tell apart has its words in the schema, and what
// the source says of a field is there.
func TestTheSchemasDescribe(t *testing.T) {
	t.Parallel()
	for name, wants := range map[string][]string{
		"verdict": {`"deny"`, `"waived"`, `"enforce"`, `"break-glass"`, "stable reason code"},
		"audit":   {`"critical"`, `"unknown"`, "stable word for the question"},
		"facts":   {`"not-asked"`, `"inconsistent"`, "docs/facts.schema.json"},
	} {
		data, err := schema.Of(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(data), want) {
				t.Errorf("the schema %s lacks %s", name, want)
			}
		}
	}
}
