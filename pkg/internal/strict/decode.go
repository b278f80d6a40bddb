package strict

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxEntries is how long a list may be.
const maxEntries = 1000

// Decoder fills structs from nodes and collects what is wrong with them.
type Decoder struct {
	// Checks says what is wrong with a text of a given type, or "", and what
	// is expected. A type that is not in it is not looked at.
	Checks map[reflect.Type]func(text string) (message, hint string)

	issues []Issue
}

// part is a node with its name for readers and the place to point at.
type part struct {
	what string
	node *yaml.Node
	at   Position
}

// receiver is a type of this package that reads itself.
type receiver interface {
	receive(d *Decoder, p part) bool
}

// Report adds an issue.
func (d *Decoder) Report(at Position, message, hint string) {
	d.issues = append(d.issues, Issue{Position: at, Message: message, Hint: hint})
}

// ReportPrivate adds an issue about text that must not be shown.
func (d *Decoder) ReportPrivate(at Position, message, hint string) {
	d.issues = append(d.issues, Issue{Position: at, Message: message, Hint: hint, Private: true})
}

// Issues returns what was found so far, in the order it was found.
func (d *Decoder) Issues() []Issue { return d.issues }

// Decode fills one or more structs from one map: a key belongs to the struct
// that has a field for it. Each into is a pointer to a struct. It reports
// whether there was nothing to complain about. The zero Node stands for what
// Parse has refused already, and gives false.
func (d *Decoder) Decode(node Node, into ...any) bool {
	if node.node == nil || refused(node.node) {
		return false
	}
	targets := make([]reflect.Value, len(into))
	for i, target := range into {
		targets[i] = reflect.ValueOf(target).Elem()
	}
	return d.fields(node.part, targets...)
}

// value fills one field. The checker has spoken about nodes it refuses; a
// second complaint about them would only hide the first.
func (d *Decoder) value(p part, into reflect.Value) bool {
	if own, ok := into.Addr().Interface().(receiver); ok {
		return own.receive(d, p)
	}
	if refused(p.node) {
		return false
	}
	switch into.Kind() {
	case reflect.Struct:
		return d.fields(p, into)
	case reflect.Slice:
		return d.list(p, into)
	case reflect.String:
		return d.text(p, into)
	case reflect.Int:
		return d.integer(p, into)
	case reflect.Bool:
		return d.boolean(p, into)
	}
	return d.fail(p, fmt.Sprintf("%s cannot be given: its type %s is not one that policies have", p.what, into.Type()), "this is a fault of Stageward; please report it")
}

func (d *Decoder) fail(p part, message, hint string) bool {
	d.Report(p.at, message, hint)
	return false
}

// hintMap says how a map is written.
const hintMap = `write "key: value" in { and }, or in lines that do not begin with "-"`

// fields reads a map into structs.
func (d *Decoder) fields(p part, targets ...reflect.Value) bool {
	table := fieldsOf(targets...)
	if p.node.Kind != yaml.MappingNode {
		return d.fail(p, fmt.Sprintf("%s: expected a map, got %s", p.what, describe(p.node)), hintMap+"; the keys are "+strings.Join(table.keys, ", "))
	}
	given := map[string]bool{}
	ok := true
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		key, value := p.node.Content[i], p.node.Content[i+1]
		field, known := table.byKey[key.Value]
		switch {
		case !isWord(key) || given[key.Value]:
			ok = false // reported by the checker
		case !known:
			ok = false
			d.Report(place(key), "unknown key "+Quote(key.Value), Alternatives(key.Value, table.keys))
		default:
			given[key.Value] = true
			ok = d.value(part{what: Quote(key.Value), node: value, at: place(value)}, field.value) && ok
		}
	}
	return d.required(p, table, given) && ok
}

func (d *Decoder) required(p part, table fieldTable, given map[string]bool) bool {
	ok := true
	for _, key := range table.keys {
		if table.byKey[key].required && !given[key] {
			ok = d.fail(p, fmt.Sprintf("the key %q is missing", key), table.byKey[key].doc)
		}
	}
	return ok
}

// isWord reports whether a key can be looked up by its text.
func isWord(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Tag != "!!merge" && !tagged(key)
}

// list reads a list that has at least one entry and no scalar twice.
func (d *Decoder) list(p part, into reflect.Value) bool {
	switch {
	case p.node.Kind == yaml.ScalarNode:
		return d.fail(p, fmt.Sprintf("%s: expected a list, got %s", p.what, describe(p.node)), "write [ and ] around the entries and commas between them")
	case p.node.Kind != yaml.SequenceNode:
		return d.fail(p, fmt.Sprintf("%s: expected a list, got %s", p.what, describe(p.node)), `write [ and ] around the entries, or begin each with "- "`)
	case len(p.node.Content) == 0:
		return d.fail(p, p.what+" is an empty list, which could be read as all or as none", "remove the key, or write the entries")
	case len(p.node.Content) > maxEntries:
		return d.fail(p, fmt.Sprintf("%s has %d entries; at most %d are read", p.what, len(p.node.Content), maxEntries), "")
	}
	ok := true
	first := map[string]Position{}
	into.SetZero() // a list replaces the default, it does not add to it
	for _, element := range p.node.Content {
		item := reflect.New(into.Type().Elem()).Elem()
		ok = d.value(part{what: "an entry of " + p.what, node: element, at: place(element)}, item) && ok
		if before, taken := first[element.Value]; taken && element.Kind == yaml.ScalarNode {
			d.Report(place(element), fmt.Sprintf("%s has the entry %s already in line %d, column %d", p.what, Quote(element.Value), before.Line, before.Column), "keep one of the two")
			ok = false
		}
		if element.Kind == yaml.ScalarNode {
			first[element.Value] = place(element)
		}
		into.Set(reflect.Append(into, item))
	}
	return ok
}

// fieldTable is what a map may hold.
type fieldTable struct {
	keys  []string // in the order of the fields
	byKey map[string]field
}

type field struct {
	value    reflect.Value
	required bool
	doc      string
}

// fieldsOf reads the tags of structs. A field without a yaml tag is not part
// of the file.
func fieldsOf(targets ...reflect.Value) fieldTable {
	table := fieldTable{byKey: map[string]field{}}
	for _, target := range targets {
		for i := range target.NumField() {
			info := target.Type().Field(i)
			key, options, _ := strings.Cut(info.Tag.Get("yaml"), ",")
			if key == "" || key == "-" {
				continue
			}
			table.keys = append(table.keys, key)
			table.byKey[key] = field{value: target.Field(i), required: options == "required", doc: info.Tag.Get("doc")}
		}
	}
	return table
}
