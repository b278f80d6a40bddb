package strict

import (
	"encoding/json"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"
)

// JSON is a map of anything. It has the types that YAML and JSON share: text,
// numbers, true and false, lists, maps.
type JSON struct {
	// Raw is the map as compact JSON with sorted keys.
	Raw json.RawMessage
	// Members are what could be read, in the order of the file, even where the
	// whole is not fine.
	Members []Member
}

// Member is one value below a JSON field with the place where it stands.
type Member struct {
	Key  string   // "" for an entry of a list
	At   Position // of the key, or of the entry of a list
	Kind Kind
	// Text is the value of a text, number or boolean as it was written, without
	// quotes and escapes.
	Text string
	// Members are the entries of a list or map.
	Members []Member
}

// Kind is the type of a value, in words for readers.
type Kind string

// The types.
const (
	KindText    Kind = "text"
	KindNumber  Kind = "number"
	KindBoolean Kind = "boolean"
	KindList    Kind = "list"
	KindMap     Kind = "map"
)

// jsonNumber is a number whose digits mean the same to every reader.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$`)

// WithArticle returns the type as it stands in a sentence.
func (k Kind) WithArticle() string {
	if k == KindText {
		return string(k)
	}
	return "a " + string(k)
}

func (j *JSON) receive(d *Decoder, p part) bool {
	if !d.filledMap(p) {
		return false
	}
	whole, ok := d.member(p)
	j.Members = whole.Members
	if !ok {
		return false
	}
	data, err := json.Marshal(plainOf(whole))
	if err != nil {
		return d.fail(p, fmt.Sprintf("%s cannot be written as JSON: %v", p.what, err), "")
	}
	j.Raw = data
	return true
}

// member reads a node and all below it. What could not be read is left out.
func (d *Decoder) member(p part) (Member, bool) {
	read := Member{At: p.at, Text: p.node.Value}
	if refused(p.node) {
		return read, false
	}
	ok := true
	switch p.node.Kind {
	case yaml.MappingNode:
		read.Kind = KindMap
		read.Members, ok = d.entries(p.node)
	case yaml.SequenceNode:
		read.Kind = KindList
		for _, element := range p.node.Content {
			entry, fine := d.member(part{what: "an entry of " + p.what, node: element, at: place(element)})
			ok = fine && ok
			if fine || len(entry.Members) > 0 {
				read.Members = append(read.Members, entry)
			}
		}
	default:
		read.Kind, ok = d.kindOf(p)
	}
	return read, ok
}

// entries reads a map.
func (d *Decoder) entries(node *yaml.Node) ([]Member, bool) {
	var members []Member
	given, ok := make(map[string]bool, len(node.Content)/2), true
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if given[key.Value] || !isWord(key) || !readsAsText(key) {
			ok = false // reported by the checker
			continue
		}
		given[key.Value] = true
		entry, fine := d.member(part{what: Quote(key.Value), node: value, at: place(value)})
		entry.Key, entry.At = key.Value, place(key)
		ok = fine && ok
		if fine || len(entry.Members) > 0 {
			members = append(members, entry)
		}
	}
	return members, ok
}

// kindOf returns the type of a scalar.
func (d *Decoder) kindOf(p part) (Kind, bool) {
	text := p.node.Value
	switch {
	case readsAsText(p.node):
		return KindText, true
	case text == "true" || text == "false":
		return KindBoolean, true
	case jsonNumber.MatchString(text):
		return KindNumber, true
	case p.node.Tag == "!!bool" || oldBoolean(text):
		return "", d.fail(p, fmt.Sprintf("%s: YAML readers disagree about %s", p.what, Escape(text)), fmt.Sprintf("write true or false, or quote it: %s", Quote(text)))
	}
	return "", d.fail(p, fmt.Sprintf("%s: YAML readers disagree about %s", p.what, Escape(shorten(text))), fmt.Sprintf("write a number in plain decimal digits (at most 15), or quote the text: %s", Quote(text)))
}

// plainOf converts to what encoding/json writes.
func plainOf(m Member) any {
	switch m.Kind {
	case KindMap:
		object := make(map[string]any, len(m.Members))
		for _, each := range m.Members {
			object[each.Key] = plainOf(each)
		}
		return object
	case KindList:
		list := make([]any, 0, len(m.Members))
		for _, each := range m.Members {
			list = append(list, plainOf(each))
		}
		return list
	case KindNumber:
		return json.Number(m.Text)
	case KindBoolean:
		return m.Text == "true"
	case KindText:
	}
	return m.Text
}
