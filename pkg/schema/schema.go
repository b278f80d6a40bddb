package schema

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// packed are all schemas by their names, as one JSON document without white space:
// a tenth of their size (docs/adr/0018). They can be read in docs.
//
//go:embed schemas.json.gz
var packed []byte

// Names returns what there is a schema of, in the order of the alphabet.
func Names() []string {
	return []string{"audit", "facts", "policy", "scenarios", "verdict", "verdicts"}
}

// Of returns one of the schemas, indented, with a newline at the end. The error says
// which there are, or that the program is damaged.
func Of(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no schema %q; expected one of %s", name, strings.Join(Names(), ", "))
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("read the schemas: %w", err)
	}
	all := map[string]json.RawMessage{}
	if err := json.NewDecoder(reader).Decode(&all); err != nil {
		return nil, fmt.Errorf("read the schemas: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, all[name], "", "  "); err != nil {
		return nil, fmt.Errorf("read the schema %s: %w", name, err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
