package policy

import (
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// projectsSchema describes the projects: their stages are what those of the file
// are, but they may leave out what the file says. In both, the placeholder stands
// where another text would not have the form.
func projectsSchema(root *jsonschema.Schema) {
	each := root.Properties[projectsKey].AdditionalProperties
	stages := root.Properties[stagesKey].Items
	own := each.Properties[stagesKey]
	own.Items = &jsonschema.Schema{Ref: "#/properties/" + stagesKey + "/items"}
	fillable(stages, map[*jsonschema.Schema]bool{})
	root.Properties[projectsKey].MaxProperties = jsonschema.Ptr(MaxProjects)
}

// fillable lets a text of a certain form hold the placeholder instead.
func fillable(schema *jsonschema.Schema, seen map[*jsonschema.Schema]bool) {
	if schema == nil || seen[schema] {
		return
	}
	seen[schema] = true
	if schema.Pattern != "" {
		schema.Pattern = withPlaceholder(schema.Pattern)
	}
	fillable(schema.Items, seen)
	for _, key := range schema.PropertyOrder {
		fillable(schema.Properties[key], seen)
	}
	for _, each := range slices.Concat(schema.AnyOf, schema.AllOf, schema.OneOf) {
		fillable(each, seen)
	}
	fillable(schema.AdditionalProperties, seen)
}
