package configfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Format is the form of a file.
type Format string

// The formats.
const (
	Dotenv Format = "dotenv"
	JSON   Format = "json"
	YAML   Format = "yaml"
)

// Formats returns the names of the formats.
func Formats() []string { return []string{string(Dotenv), string(JSON), string(YAML)} }

// Extensions says how a path ends, for messages.
const Extensions = ".env, .json, .yml or .yaml"

// FormatOf returns the format that a path asks for by its end; ok is false where
// it asks for none. Upper case is another end.
func FormatOf(name string) (format Format, ok bool) {
	switch path.Ext(name) {
	case ".env":
		return Dotenv, true
	case ".json":
		return JSON, true
	case ".yml", ".yaml":
		return YAML, true
	}
	return "", false
}

// errFormat is a fault of the caller.
var errFormat = errors.New("there is no such format; expected one of " + strings.Join(Formats(), ", "))

// Write returns a configuration as a file. config is a JSON object, or nothing,
// which stands for an empty one. Maps are sorted by their keys, and the last
// line ends like the others; a dotenv file of nothing is empty.
//
// The error names the value that the format cannot hold, and never shows it.
// JSON and YAML hold all that a policy can say.
func Write(config json.RawMessage, format Format) ([]byte, error) {
	value, err := decode(config)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	switch format {
	case Dotenv:
		return writeDotenv(value)
	case JSON:
		return writeJSON(value, "  ")
	case YAML:
		return writeYAML(value)
	}
	return nil, fmt.Errorf("write the configuration as %q: %w", string(format), errFormat)
}

// decode reads a JSON object with its numbers as they are written.
func decode(config json.RawMessage) (map[string]any, error) {
	object := map[string]any{}
	if len(config) == 0 {
		return object, nil
	}
	reader := json.NewDecoder(bytes.NewReader(config))
	reader.UseNumber()
	if err := reader.Decode(&object); err != nil {
		return nil, err
	}
	if reader.More() {
		return nil, errors.New("text after the JSON")
	}
	return object, nil
}

// writeJSON writes a value with a line break at the end; "" as indent means one
// line. Letters stand for themselves, also those that HTML gives a meaning.
func writeJSON(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return out.Bytes(), nil
}

func sortedKeys(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
