package configfile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// writeYAML writes block style in which every text is in double quotes, so that
// no reader of any version of YAML takes one for a number, a date or a boolean.
func writeYAML(config map[string]any) ([]byte, error) {
	node, err := nodeOf(config)
	if err != nil {
		return nil, err
	}
	out, err := yaml.Dump(node, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out, nil
}

func nodeOf(value any) (*yaml.Node, error) {
	switch value := value.(type) {
	case map[string]any:
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range sortedKeys(value) {
			below, err := nodeOf(value[key])
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, keyNode(key), below)
		}
		return node, nil
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		for _, entry := range value {
			below, err := nodeOf(entry)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, below)
		}
		return node, nil
	case string:
		return textNode(value), nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: value.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(value)}, nil
	}
	return nil, fmt.Errorf("write YAML: %T is not a value of a configuration", value)
}

var (
	// word is a key that is text to every reader without quotes, but for those
	// that some take for a boolean or for nothing.
	word    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	another = regexp.MustCompile(`^(y|n|yes|no|on|off|true|false|null)$`)
)

func keyNode(key string) *yaml.Node {
	if word.MatchString(key) && !another.MatchString(strings.ToLower(key)) {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: key}
	}
	return textNode(key)
}

func textNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: text}
}
