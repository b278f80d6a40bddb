package githubtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// shape is what GitHub's description says of a value in the body of a request.
type shape struct {
	kinds  []string // of JSON: string, boolean, array, object or null
	oneOf  []string // what a text may be; nil for anything
	items  *shape   // of an array
	fields []field  // of an object; nil for any
}

// field is a field of an object in a body.
type field struct {
	name     string
	required bool
	// refused is for what GitHub takes and the double does not implement.
	refused bool
	shape
}

func text(oneOf ...string) shape { return shape{kinds: []string{"string"}, oneOf: oneOf} }
func nullableText() shape        { return shape{kinds: []string{"string", "null"}} }
func flag() shape                { return shape{kinds: []string{"boolean"}} }

func listOf(items shape) shape { return shape{kinds: []string{"array"}, items: &items} }

func objectOf(fields ...field) shape { return shape{kinds: []string{"object"}, fields: fields} }

// requestBody is the JSON object that a client sent.
type requestBody map[string]any

func (b requestBody) text(name string) string { return as[string](b[name]) }

// flag returns a boolean, or what GitHub assumes without it.
func (b requestBody) flag(name string, fallback bool) bool {
	if given, ok := b[name].(bool); ok {
		return given
	}
	return fallback
}

// errNotImplemented is of a body that GitHub would take.
var errNotImplemented = errors.New("not implemented by the double")

// readBody reads a body that has to be an object of a shape.
func readBody(raw []byte, want shape) (requestBody, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var got any
	if err := decoder.Decode(&got); err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read body: want one JSON object")
	}
	if err := want.check("body", got); err != nil {
		return nil, err
	}
	return as[map[string]any](got), nil
}

// check refuses what the description does not have, although GitHub ignores
// some of it.
func (s shape) check(at string, got any) error {
	if kind := kindOf(got); !slices.Contains(s.kinds, kind) {
		return fmt.Errorf("%s: a JSON %s; expected %s", at, kind, strings.Join(s.kinds, " or "))
	}
	switch got := got.(type) {
	case string:
		if s.oneOf != nil && !slices.Contains(s.oneOf, got) {
			return fmt.Errorf("%s: %q; expected one of %v", at, got, s.oneOf)
		}
	case []any:
		for i, item := range got {
			if err := s.items.check(fmt.Sprintf("%s.%d", at, i), item); err != nil {
				return err
			}
		}
	case map[string]any:
		return s.checkFields(at, got)
	}
	return nil
}

func (s shape) checkFields(at string, got map[string]any) error {
	if s.fields == nil {
		return nil
	}
	known := map[string]bool{}
	for _, f := range s.fields {
		known[f.name] = true
		value, given := got[f.name]
		switch {
		case !given && f.required:
			return fmt.Errorf("%s.%s: missing", at, f.name)
		case !given:
			continue
		}
		if err := f.check(at+"."+f.name, value); err != nil {
			return err
		}
		if f.refused {
			return fmt.Errorf("%s.%s: %w", at, f.name, errNotImplemented)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if !known[name] {
			return fmt.Errorf("%s: GitHub does not have the field %q", at, name)
		}
	}
	return nil
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	default:
		return "number"
	}
}
