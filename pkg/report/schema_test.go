package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/schema"
	"github.com/stageward/stageward/pkg/verdict"
)

// published returns a schema as it is printed by "stageward schema".
func published(t *testing.T, name string) *jsonschema.Schema {
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
	compiled, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func fits(t *testing.T, against *jsonschema.Schema, data []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return against.Validate(value)
}

// otherwise returns a document with a change made to it.
func otherwise(t *testing.T, data []byte, change func(map[string]any)) []byte {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	change(document)
	out, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsNoVerdictDoesNotFitTheSchema(t *testing.T) {
	t.Parallel()
	against := published(t, "verdict")
	good, err := report.JSON(stored(t, "denied-prod"))
	if err != nil {
		t.Fatal(err)
	}
	first := func(document map[string]any) map[string]any { return document["findings"].([]any)[0].(map[string]any) }
	for name, change := range map[string]func(map[string]any){
		"no decision":                    func(d map[string]any) { delete(d, "decision") },
		"an unknown decision":            func(d map[string]any) { d["decision"] = "allowed" },
		"a decision in capitals":         func(d map[string]any) { d["decision"] = "Allow" },
		"a decision that is true":        func(d map[string]any) { d["decision"] = true },
		"no version":                     func(d map[string]any) { delete(d, "schema_version") },
		"another version":                func(d map[string]any) { d["schema_version"] = 2 },
		"no findings":                    func(d map[string]any) { delete(d, "findings") },
		"findings that are null":         func(d map[string]any) { d["findings"] = nil },
		"a finding that is text":         func(d map[string]any) { d["findings"] = []any{"met"} },
		"an unknown outcome":             func(d map[string]any) { first(d)["outcome"] = "ok" },
		"a finding without an outcome":   func(d map[string]any) { delete(first(d), "outcome") },
		"an unknown mode":                func(d map[string]any) { first(d)["mode"] = "optional" },
		"a field that is not known":      func(d map[string]any) { d["allowed"] = true },
		"a field that a finding has not": func(d map[string]any) { first(d)["severity"] = "low" },
		"a field that a subject has not": func(d map[string]any) { d["subject"].(map[string]any)["branch"] = "main" },
		"a lane that is none":            func(d map[string]any) { d["way"] = map[string]any{"lane": "fast"} },
		"a time that is none":            func(d map[string]any) { d["at"] = "yesterday" },
		"truncated that is false":        func(d map[string]any) { d["truncated"] = false },
	} {
		if fits(t, against, otherwise(t, good, change)) == nil {
			t.Errorf("%s fits the schema", name)
		}
	}
	if err := fits(t, against, otherwise(t, good, func(map[string]any) {})); err != nil {
		t.Errorf("the verdict that is changed does not fit as it is: %v", err)
	}
}

func TestEveryVerdictFitsItsSchema(t *testing.T) {
	t.Parallel()
	against := published(t, "verdict")
	all := append(taintedAll("x\u202e\x1b[31m|`"), verdict.Verdict{}, crowded(300, "n"), crowded(800, strings.Repeat("n", 300)))
	for _, name := range storedNames(t) {
		all = append(all, stored(t, name))
	}
	truncated := 0
	for _, v := range all {
		if v.Way != nil && v.Way.Lane == "odd" {
			v.Way = nil // no policy can have such a lane
		}
		for _, form := range []func(verdict.Verdict) ([]byte, error){report.JSON, report.Result} {
			data, err := form(v)
			if err != nil {
				t.Fatal(err)
			}
			if err := fits(t, against, data); err != nil {
				t.Errorf("%v in\n%.3000s", err, data)
			}
			if bytes.Contains(data, []byte(`"truncated":true`)) {
				truncated++
			}
		}
	}
	if truncated == 0 {
		t.Error("no verdict was so large that it was cut")
	}
}

func TestWhatIsNoAuditDoesNotFitTheSchema(t *testing.T) {
	t.Parallel()
	against := published(t, "audit")
	good, err := report.AuditJSON(anAudit())
	if err != nil {
		t.Fatal(err)
	}
	first := func(document map[string]any) map[string]any { return document["points"].([]any)[0].(map[string]any) }
	for name, change := range map[string]func(map[string]any){
		"no points":                     func(d map[string]any) { delete(d, "points") },
		"an unknown severity":           func(d map[string]any) { first(d)["severity"] = "grave" },
		"an unknown outcome":            func(d map[string]any) { first(d)["outcome"] = "ok" },
		"a field that is not known":     func(d map[string]any) { d["decision"] = "allow" },
		"nobody, said by null":          func(d map[string]any) { d["reach"].([]any)[0].(map[string]any)["who"] = nil },
		"a number beside the points":    func(d map[string]any) { d["open"], d["truncated"] = 3, true },
		"a number that is not cut down": func(d map[string]any) { clear(d); d["schema_version"], d["open"] = 1, 3 },
		"a decision":                    func(d map[string]any) { clear(d); d["schema_version"], d["decision"] = 1, "allow" },
	} {
		if fits(t, against, otherwise(t, good, change)) == nil {
			t.Errorf("%s fits the schema", name)
		}
	}
}

func TestEveryAuditFitsItsSchema(t *testing.T) {
	t.Parallel()
	against := published(t, "audit")
	many, huge := anAudit(), anAudit()
	for range 900 {
		fine := many.Points[3]
		fine.Reason = strings.Repeat("x", 300)
		many.Points = append(many.Points, fine)
		grave := huge.Points[0]
		grave.Reason = strings.Repeat("x", 300)
		huge.Points = append(huge.Points, grave)
	}
	for _, a := range []verdict.Audit{{}, anAudit(), many, huge} {
		data, err := report.AuditJSON(a)
		if err != nil {
			t.Fatal(err)
		}
		outputs, err := report.AuditOutputs(a, "x")
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range [][]byte{data, []byte(outputs[0].Value)} {
			if err := fits(t, against, document); err != nil {
				t.Errorf("%v in\n%.2000s", err, document)
			}
		}
	}
}
