package strict

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// checker finds what is wrong with a tree whatever it is about: references
// into itself, explicit types, keys that occur twice, and values that are not
// there.
type checker struct {
	issues []Issue
}

func (c *checker) report(at Position, message, hint string) {
	c.issues = append(c.issues, Issue{Position: at, Message: message, Hint: hint})
}

// walk checks a node and all below it. It does not follow aliases; their depth
// is bounded by the parser.
func (c *checker) walk(node *yaml.Node) {
	c.decoration(node)
	switch node.Kind {
	case yaml.MappingNode:
		c.mapping(node)
	case yaml.SequenceNode:
		for _, element := range node.Content {
			if isNull(element) {
				c.report(place(element), "an entry of the list has no value", "remove the entry, or write its value")
			}
			c.walk(element)
		}
	}
}

func (c *checker) decoration(node *yaml.Node) {
	if node.Anchor != "" {
		c.report(place(node), fmt.Sprintf("anchors (&%s) are not allowed", Escape(shorten(node.Anchor))),
			"write the value out where it is used; a text that begins with & has to be quoted")
	}
	if node.Kind == yaml.AliasNode {
		c.report(place(node), fmt.Sprintf("aliases (*%s) are not allowed", Escape(shorten(node.Value))),
			"write the value out; a text that begins with * has to be quoted")
	}
	if tagged(node) {
		c.report(place(node), fmt.Sprintf("tags (%s) are not allowed", Escape(shorten(node.Tag))),
			"leave the tag out; a text that begins with ! has to be quoted")
	}
}

func (c *checker) mapping(node *yaml.Node) {
	first := map[string]Position{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		c.walk(key)
		c.walk(value)
		switch {
		case key.Kind == yaml.AliasNode:
			continue // reported by walk
		case key.Tag == "!!merge":
			c.report(place(key), "merge keys (<<) are not allowed", "write the keys out where they hold")
			continue
		case key.Kind != yaml.ScalarNode:
			c.report(place(key), "expected a word as key, got "+describe(key), "")
			continue
		case !tagged(key) && !readsAsText(key):
			c.report(place(key), fmt.Sprintf("the key %s is not a text to every YAML reader", Quote(key.Value)), "quote it")
		}
		c.once(key, first)
		if isNull(value) {
			last := i+2 == len(node.Content)
			c.report(place(key), fmt.Sprintf("%s has no value", Quote(key.Value)), hintNoValue(key, last || node.Style&yaml.FlowStyle != 0))
		}
	}
}

// hintNoValue says how a value gets lost. Where nothing can follow the key, it
// cannot be that what follows was meant to be its value.
func hintNoValue(key *yaml.Node, alone bool) string {
	const never = `"nothing" is never read as zero, and {} stands for "all defaults"`
	switch {
	case plain(key) && strings.Contains(key.Value, ":"):
		return "write a space after the colon"
	case alone:
		return "write a value, or remove the key; " + never
	}
	return "write a value, indent the lines that are its value further than the key, or remove the key; " + never
}

func (c *checker) once(key *yaml.Node, first map[string]Position) {
	if before, taken := first[key.Value]; taken {
		c.report(place(key), fmt.Sprintf("the key %s is already in line %d, column %d", Quote(key.Value), before.Line, before.Column), "keep one of the two")
	} else {
		first[key.Value] = place(key)
	}
}

// isNull reports whether a value is missing, in whatever way it is written.
func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// tagged reports whether a node has an explicit type.
func tagged(node *yaml.Node) bool { return node.Style&yaml.TaggedStyle != 0 || node.Tag == "!" }

// readsAsText reports whether every YAML reader takes a scalar as text. Those
// of YAML 1.1 take four more words for booleans.
func readsAsText(node *yaml.Node) bool {
	if !plain(node) {
		return node.Kind == yaml.ScalarNode
	}
	return node.Tag == "!!str" && !oldBoolean(node.Value)
}

// refused reports whether the checker has already refused the node itself.
func refused(node *yaml.Node) bool {
	return isNull(node) || tagged(node) || node.Kind == yaml.AliasNode
}
