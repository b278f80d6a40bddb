package workflow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

const (
	// MaxBytes is the size of the largest file that is read.
	MaxBytes = 512 << 10
	// maxDepth is how deep lists and maps may nest. The deepest that is read are the
	// options of an input, at seven.
	maxDepth = 40
	// maxNodes is how many values a file may have with its aliases written out: an
	// alias of aliases of aliases is a small file and a large tree.
	maxNodes = 200_000
)

// Error is why a text is not read as a workflow.
type Error struct {
	// Line is where, from 1.
	Line int
	// Reason says what is there and what was expected. It may quote the file.
	Reason string
}

// Error returns line and reason.
func (e *Error) Error() string { return "line " + strconv.Itoa(e.Line) + ": " + e.Reason }

// Parse reads the text of a workflow file. The error is an *Error. It reads what
// GitHub reads: aliases are followed, merge keys and keys that occur twice are
// refused, and a key that is not known here is passed over.
//
// Source: "Workflow syntax for GitHub Actions" in GitHub's documentation.
func Parse(text []byte) (Workflow, error) {
	if len(text) > MaxBytes {
		return Workflow{}, &Error{1, fmt.Sprintf("the file has %d bytes; at most %d are read", len(text), MaxBytes)}
	}
	root, err := load(text)
	if err != nil {
		return Workflow{}, err
	}
	var r reader
	read := r.workflow(value{node: root})
	if r.err != nil {
		return Workflow{}, r.err
	}
	return read, nil
}

// load returns the root of the only document.
func load(text []byte) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithV4Defaults(), yaml.WithUniqueKeys(false), // reader says where
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, notYAML(err)
	}
	var root *yaml.Node
	for {
		var node yaml.Node
		err := loader.Load(&node)
		switch {
		case errors.Is(err, io.EOF) && root == nil:
			return nil, &Error{1, "the file is empty"}
		case errors.Is(err, io.EOF):
			return root, nil
		case err != nil:
			return nil, notYAML(err)
		case root != nil:
			return nil, &Error{max(node.Line, 1), "a second document begins here; a workflow is exactly one"}
		case node.Kind == yaml.DocumentNode && len(node.Content) == 1:
			root = node.Content[0]
		default:
			root = &node
		}
	}
}

// notYAML turns the library's error into one with a line.
func notYAML(err error) *Error {
	var failure *yaml.LoadError
	if !errors.As(err, &failure) {
		return &Error{1, fmt.Sprintf("this is not YAML: %q", shorten(err.Error()))}
	}
	return &Error{max(failure.Mark.Line, 1), fmt.Sprintf("this is not YAML: %q", shorten(failure.Message))}
}

// shorten cuts a text that would fill the page.
func shorten(text string) string {
	const most = 60
	if chars := []rune(text); len(chars) > most {
		return string(chars[:most]) + "..."
	}
	return text
}
