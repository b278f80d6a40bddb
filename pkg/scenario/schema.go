package scenario

import (
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/stageward/stageward/pkg/internal/strict"
)

// Schema returns the JSON Schema (draft 2020-12) of a file of scenarios, indented, for
// editors. It is made from the types and tags that the reader uses.
func Schema() ([]byte, error) {
	root, err := strict.Schema(document{})
	if err != nil {
		return nil, err
	}
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Stageward scenarios"
	root.Description = "What a policy has to decide."
	root.Defs = map[string]*jsonschema.Schema{"any": strict.Any()}
	root.Properties["version"] = &jsonschema.Schema{Const: jsonschema.Ptr[any](formatVersion), Description: root.Properties["version"].Description}
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return append(data, '\n'), nil
}
