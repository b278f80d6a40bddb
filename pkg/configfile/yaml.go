package configfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/stageward/stageward/pkg/lazy"
)

// writeYAML writes block style in which every text is in double quotes, so that
// no reader of any version of YAML takes one for a number, a date or a boolean. The
// form is so narrow that a library would be asked for none of its choices, and it is
// twenty times the size (docs/adr/0018). The tests read it back with one.
func writeYAML(config map[string]any) ([]byte, error) {
	if len(config) == 0 {
		return []byte("{}\n"), nil
	}
	var out bytes.Buffer
	if err := writeBlock(&out, config, 0); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// writeBlock writes the lines of a map or a list, each indented.
func writeBlock(out *bytes.Buffer, value any, indent int) error {
	lead := strings.Repeat(" ", indent)
	switch value := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(value) {
			out.WriteString(lead + keyText(key) + ":")
			below := indent + 2
			if _, isList := value[key].([]any); isList {
				below = indent // a list needs no more than its dashes
			}
			if err := writeBelow(out, value[key], below); err != nil {
				return err
			}
		}
	case []any:
		for _, entry := range value {
			out.WriteString(lead + "-")
			if err := writeBelow(out, entry, indent+2); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeBelow writes what comes behind a key or the dash of a list: on the same line
// what fits there, otherwise on lines of its own.
func writeBelow(out *bytes.Buffer, value any, indent int) error {
	if isBlock(value) {
		out.WriteByte('\n')
		return writeBlock(out, value, indent)
	}
	text, err := scalar(value)
	out.WriteString(" " + text + "\n")
	return err
}

func isBlock(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return false
}

func scalar(value any) (string, error) {
	switch value := value.(type) {
	case map[string]any:
		return "{}", nil
	case []any:
		return "[]", nil
	case string:
		return quotedText(value)
	case json.Number:
		return value.String(), nil
	case bool:
		return strconv.FormatBool(value), nil
	}
	return "", fmt.Errorf("write YAML: %T is not a value of a configuration", value)
}

var (
	// word is a key that is text to every reader without quotes, but for those
	// that some take for a boolean or for nothing.
	word    = lazy.New(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	another = lazy.New(`^(y|n|yes|no|on|off|true|false|null)$`)
)

func keyText(key string) string {
	if word.MatchString(key) && !another.MatchString(strings.ToLower(key)) {
		return key
	}
	text, _ := quotedText(key) //nolint:errcheck // a text can be written
	return text
}

// quotedText returns text as JSON has it, which YAML reads alike. What neither shows
// is escaped.
func quotedText(text string) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(text)
	return yamlEscapes().Replace(strings.TrimSuffix(out.String(), "\n")), err
}

// yamlEscapes has the characters that JSON takes as they are and YAML does not: DEL,
// the C1 controls, the mark of the byte order.
var yamlEscapes = sync.OnceValue(func() *strings.Replacer {
	pairs := []string{"\ufeff", `\ufeff`}
	for char := rune(0x7f); char < 0xa0; char++ {
		pairs = append(pairs, string(char), fmt.Sprintf(`\u%04x`, char))
	}
	return strings.NewReplacer(pairs...)
})
