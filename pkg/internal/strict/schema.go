package strict

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
)

// AnyRef is where a schema that uses JSON fields has to define Any, relative
// to its root.
const AnyRef = "#/$defs/any"

// Schema returns the JSON Schema (draft 2020-12) of what Decode accepts for
// these structs together. The values of the structs are shown as defaults. It
// is an error when a field has a type that Decode does not read, or when two
// structs claim one key.
func Schema(structs ...any) (*jsonschema.Schema, error) {
	targets := make([]reflect.Value, len(structs))
	for i, value := range structs {
		targets[i] = addressable(reflect.ValueOf(value))
	}
	return schemaOfFields(targets...)
}

// Any is the schema of a value below a JSON field.
func Any() *jsonschema.Schema {
	self := &jsonschema.Schema{Ref: AnyRef}
	return &jsonschema.Schema{
		Description: "Text, a number, true, false, a list or a map; never nothing.",
		Types:       []string{"string", "number", "boolean", "array", "object"},
		Items:       self, AdditionalProperties: self,
	}
}

// Nothing returns the schema that no value satisfies, for "and no other keys".
func Nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

func addressable(value reflect.Value) reflect.Value {
	copied := reflect.New(value.Type()).Elem()
	copied.Set(value)
	return copied
}

func schemaOfFields(targets ...reflect.Value) (*jsonschema.Schema, error) {
	table := fieldsOf(targets...)
	schema := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: Nothing()}
	for _, key := range table.keys {
		field := table.byKey[key]
		if _, taken := schema.Properties[key]; taken {
			return nil, fmt.Errorf("describe the file: two parameters are called %q", key)
		}
		property, err := schemaOf(field.value)
		if err != nil {
			return nil, fmt.Errorf("describe the parameter %q: %w", key, err)
		}
		property.Description = field.doc
		schema.Properties[key] = property
		schema.PropertyOrder = append(schema.PropertyOrder, key)
		if field.required {
			schema.Required = append(schema.Required, key)
		}
	}
	return schema, nil
}

func schemaOf(value reflect.Value) (*jsonschema.Schema, error) {
	switch own := value.Addr().Interface().(type) {
	case interface{ inner() reflect.Value }:
		return schemaOf(own.inner())
	case interface {
		entry() (key, value reflect.Value)
	}:
		return schemaOfMap(own.entry())
	case *JSON:
		return &jsonschema.Schema{Type: "object", MinProperties: jsonschema.Ptr(1), AdditionalProperties: &jsonschema.Schema{Ref: AnyRef}}, nil
	case *Node:
		return &jsonschema.Schema{Type: "object"}, nil
	}
	switch value.Kind() {
	case reflect.Struct:
		return schemaOfFields(value)
	case reflect.Slice:
		return schemaOfList(value)
	case reflect.String:
		return withDefault(schemaOfText(value), value, value.String()), nil
	case reflect.Int:
		return withDefault(&jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(0.0), Maximum: jsonschema.Ptr(999_999_999.0)}, value, value.Int()), nil
	case reflect.Bool:
		return withDefault(&jsonschema.Schema{Type: "boolean"}, value, value.Bool()), nil
	}
	return nil, fmt.Errorf("the type %s is not one that policies have", value.Type())
}

func schemaOfMap(key, value reflect.Value) (*jsonschema.Schema, error) {
	entry, err := schemaOf(value)
	if err != nil {
		return nil, err
	}
	return &jsonschema.Schema{Type: "object", MinProperties: jsonschema.Ptr(1), PropertyNames: schemaOfText(key), AdditionalProperties: entry}, nil
}

func schemaOfList(value reflect.Value) (*jsonschema.Schema, error) {
	element, err := schemaOf(reflect.New(value.Type().Elem()).Elem())
	if err != nil {
		return nil, err
	}
	schema := &jsonschema.Schema{Type: "array", Items: element, MinItems: jsonschema.Ptr(1), UniqueItems: element.Type != "object"}
	if element.Type != "string" {
		return schema, nil
	}
	return withDefault(schema, value, value.Interface()), nil
}

func schemaOfText(value reflect.Value) *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: "string", MinLength: jsonschema.Ptr(1)}
	if enumerated, ok := value.Interface().(Enumerated); ok {
		for _, allowed := range enumerated.Values() {
			schema.Enum = append(schema.Enum, allowed)
		}
		schema.MinLength = nil
	}
	if form, ok := value.Interface().(Patterned); ok {
		schema.Pattern, _ = form.Pattern()
	}
	return schema
}

// withDefault shows a value that is not zero as the default.
func withDefault(schema *jsonschema.Schema, value reflect.Value, shown any) *jsonschema.Schema {
	if value.IsZero() {
		return schema
	}
	if data, err := json.Marshal(shown); err == nil {
		schema.Default = data
	}
	return schema
}
