package policy

import (
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/internal/strict"
)

// Schema returns the JSON Schema (draft 2020-12) of a policy file that can use
// these gates, indented, for editors and other tools. It is made from the
// types and tags that the reader uses. What a schema cannot say, such as that
// two names must differ, only Parse finds. The error names a gate whose
// parameters have a type that policies do not have.
func Schema(gates []gate.Gate) ([]byte, error) {
	root, err := strict.Schema(document{})
	if err != nil {
		return nil, err
	}
	gateMap, err := gatesSchema(gates)
	if err != nil {
		return nil, err
	}
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Stageward policy"
	root.Description = "Which stages there are, which branches and tags each accepts, and what has to be true of a commit before it may go there."
	root.Defs = map[string]*jsonschema.Schema{"any": strict.Any()}
	root.Properties["version"] = &jsonschema.Schema{Const: jsonschema.Ptr[any](formatVersion), Description: root.Properties["version"].Description}
	root.Properties["roles"].PropertyNames.Not = &jsonschema.Schema{Enum: enum(permission("").Values())}
	somebody := root.Properties["roles"].AdditionalProperties
	somebody.MinProperties = jsonschema.Ptr(1)
	root.Properties["calendars"].AdditionalProperties.AnyOf = anyOf("open", "closed", "freezes")

	each := root.Properties["stages"].Items
	gateMap.Description = each.Properties["gates"].Description
	each.Properties["gates"] = gateMap
	if err := lanesSchema(each, gates); err != nil {
		return nil, err
	}
	each.Properties["from"].AnyOf = anyOf("branches", "tags")
	each.Properties["from"].DependentRequired = map[string][]string{"versions": {"tags"}}
	each.Not = &jsonschema.Schema{Required: []string{"gates", "unrestricted"}, Properties: map[string]*jsonschema.Schema{"unrestricted": isTrue()}}
	projectsSchema(root)
	standAlone(root)

	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return append(data, '\n'), nil
}

// standAlone adds what a file without a preset needs.
func standAlone(root *jsonschema.Schema) {
	complete := &jsonschema.Schema{
		Required: []string{"from"},
		AnyOf: []*jsonschema.Schema{
			{Required: []string{"gates"}},
			{Required: []string{"unrestricted"}, Properties: map[string]*jsonschema.Schema{"unrestricted": isTrue()}},
		},
	}
	root.If = &jsonschema.Schema{Not: &jsonschema.Schema{AnyOf: anyOf("preset", projectsKey)}}
	root.Then = &jsonschema.Schema{
		Required:   []string{"stages"},
		Properties: map[string]*jsonschema.Schema{"stages": {Items: complete}},
	}
}

// gatesSchema describes the map of gates: each gate's own parameters with
// their defaults, and what all gates share.
func gatesSchema(gates []gate.Gate) (*jsonschema.Schema, error) {
	schema := &jsonschema.Schema{Type: "object", MinProperties: jsonschema.Ptr(1), Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: strict.Nothing()}
	for _, each := range gates {
		if each.Always || each.Lane != "" {
			continue
		}
		params, err := strict.Schema(each.Defaults, common{})
		if err != nil {
			return nil, fmt.Errorf("describe the gate %s: %w", each.ID, err)
		}
		params.Description = each.Title + "."
		schema.Properties[each.ID] = params
		schema.PropertyOrder = append(schema.PropertyOrder, each.ID)
	}
	return schema, nil
}

// lanesSchema describes the other ways to a stage: the parameters of the gate of
// each, and what both share.
func lanesSchema(stage *jsonschema.Schema, gates []gate.Gate) error {
	for _, each := range gates {
		if each.Lane == "" {
			continue
		}
		params, err := strict.Schema(each.Defaults, laneCommon{})
		if err != nil {
			return fmt.Errorf("describe the gate %s: %w", each.ID, err)
		}
		params.Description = stage.Properties[string(each.Lane)].Description
		stage.Properties[string(each.Lane)] = params
	}
	return nil
}

func anyOf(keys ...string) []*jsonschema.Schema {
	schemas := make([]*jsonschema.Schema, len(keys))
	for i, key := range keys {
		schemas[i] = &jsonschema.Schema{Required: []string{key}}
	}
	return schemas
}

func isTrue() *jsonschema.Schema {
	return &jsonschema.Schema{Const: jsonschema.Ptr[any](true)}
}

func enum(words []string) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = word
	}
	return values
}
