package strict

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Position is a place in the text. Lines end with LF, columns count
// characters, and both begin with 1.
type Position struct {
	Line, Column int
}

// Issue is one thing that is wrong with the text.
type Issue struct {
	Position
	// Message says what was found and what was expected. It is safe to show:
	// text of the file appears in it quoted and with escapes only.
	Message string
	// Hint says what to write instead, or is "".
	Hint string
	// Private is true when the text at the place must not be shown.
	Private bool
}

func place(node *yaml.Node) Position { return Position{Line: node.Line, Column: node.Column} }

// describe names a node as a reader would.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	switch {
	case !plain(node):
		return "the quoted text " + Quote(node.Value)
	case node.Tag == "!!int" || node.Tag == "!!float":
		return "the number " + Escape(shorten(node.Value))
	case node.Tag == "!!bool":
		return Escape(node.Value)
	case node.Tag == "!!timestamp":
		return "the date " + Escape(shorten(node.Value))
	}
	return Quote(node.Value)
}

// plain reports whether a scalar is written without quotes and not as a block.
func plain(node *yaml.Node) bool {
	const marked = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return node.Kind == yaml.ScalarNode && node.Style&marked == 0
}

// Alternatives says what is allowed in place of a word, and the nearest of it.
func Alternatives(word string, allowed []string) string {
	if len(allowed) == 0 {
		return ""
	}
	if near := Nearest(word, allowed); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, expected(allowed))
	}
	return expected(allowed)
}

func expected(allowed []string) string {
	if len(allowed) == 1 {
		return "expected " + allowed[0]
	}
	return "expected one of " + strings.Join(allowed, ", ")
}
