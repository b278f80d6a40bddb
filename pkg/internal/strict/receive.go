package strict

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v4"
)

// At is a value that knows where it was written.
type At[T any] struct {
	Value T
	Position
	// Given is true when the key is there, OK when its value is also fine.
	Given, OK bool
}

func (a *At[T]) receive(d *Decoder, p part) bool {
	a.Given, a.Position = true, p.at
	a.OK = d.value(p, reflect.ValueOf(&a.Value).Elem())
	return a.OK
}

func (a *At[T]) inner() reflect.Value { return reflect.ValueOf(&a.Value).Elem() }

// Entry is one pair of a Map.
type Entry[K ~string, V any] struct {
	Key   K
	At    Position // of the key
	Value V
	// OK is true when key and value are fine.
	OK bool
}

// Map is a map that keeps the order of the file and has at least one entry.
type Map[K ~string, V any] []Entry[K, V]

func (m *Map[K, V]) receive(d *Decoder, p part) bool {
	if !d.filledMap(p) {
		return false
	}
	ok := true
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		key, value := p.node.Content[i], p.node.Content[i+1]
		if !isWord(key) {
			ok = false // reported by the checker, like a key that occurs twice
			continue
		}
		entry := Entry[K, V]{At: place(key)}
		keyOK := d.value(part{what: "a key of " + p.what, node: key, at: place(key)}, reflect.ValueOf(&entry.Key).Elem())
		valueOK := d.value(part{what: Quote(key.Value), node: value, at: place(value)}, reflect.ValueOf(&entry.Value).Elem())
		entry.OK = keyOK && valueOK
		ok = entry.OK && ok
		*m = append(*m, entry)
	}
	return ok
}

func (m *Map[K, V]) entry() (key, value reflect.Value) {
	var entry Entry[K, V]
	return reflect.ValueOf(&entry.Key).Elem(), reflect.ValueOf(&entry.Value).Elem()
}

// filledMap reports whether a node is a map with something in it.
func (d *Decoder) filledMap(p part) bool {
	switch {
	case refused(p.node):
		return false
	case p.node.Kind != yaml.MappingNode:
		return d.fail(p, fmt.Sprintf("%s: expected a map, got %s", p.what, describe(p.node)), hintMap)
	case len(p.node.Content) == 0:
		return d.fail(p, p.what+" is an empty map", "remove the key, or write the entries")
	}
	return true
}

func (n *Node) receive(_ *Decoder, p part) bool {
	if refused(p.node) {
		return false
	}
	n.part = p
	return true
}

// Child returns the place of the value of a key, if the node has that key.
func (n Node) Child(key string) (at Position, ok bool) {
	if n.node == nil || n.node.Kind != yaml.MappingNode {
		return Position{}, false
	}
	for i := 0; i+1 < len(n.node.Content); i += 2 {
		if n.node.Content[i].Value == key {
			return place(n.node.Content[i+1]), true
		}
	}
	return Position{}, false
}
