package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// maxDepth is how deep lists and maps may nest. The policy itself needs seven
// levels; the rest is for configuration.
const maxDepth = 32

// Node is a part of the text that was parsed and not yet read into a struct.
// The zero Node is nothing.
type Node struct {
	part
}

// Parse parses one document and checks everything that does not depend on what
// the document is about. Usable is false when there is no tree to read; the
// issues then say why. A tree can have issues, too: reading goes on, so that
// all of them are found.
func Parse(source []byte) (root Node, issues []Issue, usable bool) {
	if issues := checkText(source); len(issues) > 0 {
		return Node{}, issues, false
	}
	tree, issue := load(source)
	if issue != nil {
		return Node{}, []Issue{*issue}, false
	}
	var check checker
	check.walk(tree)
	return Node{part{what: "the file", node: tree, at: place(tree)}}, check.issues, true
}

// load returns the root of the only document.
func load(source []byte) (*yaml.Node, *Issue) {
	loader, err := yaml.NewLoader(bytes.NewReader(source),
		yaml.WithV4Defaults(), yaml.WithStreamNodes(), yaml.WithUniqueKeys(false), // checker names both places
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, syntaxIssue(source, err)
	}
	var root *yaml.Node
	for {
		var node yaml.Node
		err := loader.Load(&node)
		switch {
		case errors.Is(err, io.EOF):
			return nonEmpty(root)
		case err != nil:
			return nil, syntaxIssue(source, err)
		case node.Kind == yaml.StreamNode:
			if node.Stream.Version != nil || len(node.Stream.TagDirectives) > 0 {
				return nil, directiveIssue(place(&node))
			}
		case root != nil:
			return nil, &Issue{Position: place(&node), Message: "a second document begins here; the file has to be exactly one", Hint: `remove the line "---" and what does not belong`}
		default:
			root = node.Content[0]
		}
	}
}

func nonEmpty(root *yaml.Node) (*yaml.Node, *Issue) {
	if root == nil || isNull(root) {
		return nil, &Issue{Position: Position{1, 1}, Message: "the file is empty", Hint: `a policy has at least "version" and "preset" or "stages"; without any file the preset three-stage holds`}
	}
	return root, nil
}

func directiveIssue(at Position) *Issue {
	return &Issue{Position: at, Message: "YAML directives (lines that begin with %) are not allowed", Hint: "remove the line"}
}

// syntaxIssue turns the library's error into an issue in our words.
func syntaxIssue(source []byte, err error) *Issue {
	var failure *yaml.LoadError
	if !errors.As(err, &failure) {
		return &Issue{Position: Position{1, 1}, Message: "the file is not YAML: " + Escape(err.Error())}
	}
	at := Position{max(failure.Mark.Line, 1), max(failure.Mark.Column, 1)}
	switch {
	case strings.HasPrefix(failure.Message, "exceeded max depth"):
		return &Issue{Position: at, Message: fmt.Sprintf("lists and maps nest deeper than %d levels", maxDepth)}
	case strings.HasPrefix(lineAt(source, at.Line), "%"):
		return directiveIssue(Position{at.Line, 1})
	}
	message := "this is not YAML: " + Escape(shorten(failure.Message))
	if failure.ContextMsg != "" && failure.ContextMark.Line > 0 && failure.ContextMark.Line != at.Line {
		message += fmt.Sprintf(", %s that begins in line %d", Escape(failure.ContextMsg), failure.ContextMark.Line)
	}
	return &Issue{Position: at, Message: message, Hint: syntaxHint(source, at, failure)}
}

// noSpace finds a key whose colon has no space behind it. An address has a
// slash there.
var noSpace = regexp.MustCompile(`(?:^|[\s{,])([A-Za-z_][A-Za-z0-9_-]*:)[^\s:/,}\]]`)

// inBraces finds a placeholder, which without quotes is a map.
var inBraces = regexp.MustCompile(`\{[a-z]+\}`)

// syntaxHint knows the slips that people make most.
func syntaxHint(source []byte, at Position, failure *yaml.LoadError) string {
	for _, mark := range []Position{at, {failure.ContextMark.Line, failure.ContextMark.Column}} {
		chars := []rune(lineAt(source, mark.Line))
		if mark.Column < 1 || mark.Column > len(chars) {
			continue
		}
		switch char := chars[mark.Column-1]; {
		case char == '\t':
			return "indent with spaces, not with tabs"
		case strings.ContainsRune("*&!%@`", char):
			return fmt.Sprintf("a text that begins with %c has to be quoted", char)
		}
	}
	// The library notices a slip at the earliest where the next line begins.
	for _, line := range []int{at.Line, failure.ContextMark.Line, at.Line - 1} {
		if found := noSpace.FindStringSubmatch(lineAt(source, line)); found != nil {
			return fmt.Sprintf("write a space after %q in line %d", found[1], line)
		}
	}
	for _, line := range []int{at.Line, failure.ContextMark.Line} {
		if found := inBraces.FindString(lineAt(source, line)); found != "" {
			return fmt.Sprintf("a text that holds %s has to be quoted as a whole", found)
		}
	}
	return libraryHint(failure.Message)
}

// libraryHint says what the library's own words mean to who wrote the file.
func libraryHint(message string) string {
	switch {
	case strings.Contains(message, "alphabetic or numeric character"):
		return "a text that begins with * or & has to be quoted"
	case strings.Contains(message, "did not find expected key"), strings.Contains(message, "expected '-' indicator"):
		return "indent the line exactly like the others of its map or list"
	case strings.Contains(message, "did not find expected ','"):
		return "before this place a comma, a bracket or a quote is missing"
	case strings.Contains(message, "could not find expected ':'"):
		return "a key needs a colon, a space and a value"
	case strings.Contains(message, "mapping values are not allowed"):
		return `indent the line exactly like the others of its map; a text that holds ": " has to be quoted`
	}
	return ""
}

// lineAt returns a line without its end, or "" when there is none.
func lineAt(source []byte, line int) string {
	for text := range strings.Lines(string(source)) {
		if line--; line == 0 {
			return strings.TrimRight(text, "\r\n")
		}
	}
	return ""
}
