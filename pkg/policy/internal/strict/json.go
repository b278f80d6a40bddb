package strict

import (
	"encoding/json"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"
)

// JSON is a map of anything, as compact JSON with sorted keys. It has the
// types that YAML and JSON share: text, numbers, true and false, lists, maps.
type JSON json.RawMessage

// jsonNumber is a number whose digits mean the same to every reader.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$`)

func (j *JSON) receive(d *Decoder, p part) bool {
	if !d.filledMap(p) {
		return false
	}
	value, ok := d.any(p)
	if !ok {
		return false
	}
	data, err := json.Marshal(value)
	if err != nil {
		return d.fail(p, fmt.Sprintf("%s cannot be written as JSON: %v", p.what, err), "")
	}
	*j = data
	return true
}

// any converts a node to what encoding/json writes.
func (d *Decoder) any(p part) (any, bool) {
	if refused(p.node) {
		return nil, false
	}
	switch p.node.Kind {
	case yaml.MappingNode:
		return d.anyMap(p.node)
	case yaml.SequenceNode:
		list, ok := make([]any, 0, len(p.node.Content)), true
		for _, element := range p.node.Content {
			value, fine := d.any(part{what: "an entry of " + p.what, node: element, at: place(element)})
			list, ok = append(list, value), ok && fine
		}
		return list, ok
	}
	return d.anyScalar(p)
}

func (d *Decoder) anyMap(node *yaml.Node) (any, bool) {
	object, ok := make(map[string]any, len(node.Content)/2), true
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if _, twice := object[key.Value]; twice || !isWord(key) || !readsAsText(key) {
			ok = false // reported by the checker
			continue
		}
		converted, fine := d.any(part{what: Quote(key.Value), node: value, at: place(value)})
		object[key.Value], ok = converted, ok && fine
	}
	return object, ok
}

func (d *Decoder) anyScalar(p part) (any, bool) {
	text := p.node.Value
	switch {
	case readsAsText(p.node):
		return text, true
	case text == "true" || text == "false":
		return text == "true", true
	case jsonNumber.MatchString(text):
		return json.Number(text), true
	case p.node.Tag == "!!bool" || oldBoolean(text):
		return nil, d.fail(p, fmt.Sprintf("%s: YAML readers disagree about %s", p.what, Escape(text)), fmt.Sprintf("write true or false, or quote it: %s", Quote(text)))
	}
	return nil, d.fail(p, fmt.Sprintf("%s: YAML readers disagree about %s", p.what, Escape(shorten(text))), fmt.Sprintf("write a number in plain decimal digits (at most 15), or quote the text: %s", Quote(text)))
}
