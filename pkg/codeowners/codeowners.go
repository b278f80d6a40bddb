package codeowners

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// MaxSize is the size, in bytes, from which on GitHub does not load a file. It
// says "3 MB"; this is the smaller reading of that.
const MaxSize = 3_000_000

// Places returns where a file can be, in the order in which GitHub looks: the
// first that exists counts, and the others do not.
func Places() []string { return []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} }

// File is a file that was read. The zero File owns nothing.
type File struct{ rules []rule }

// rule is a line: what it is about, and who owns that.
type rule struct {
	line   int
	globs  []string
	owners []string
}

// LineError is a line that cannot be read.
type LineError struct {
	Line   int // counted from 1
	Detail string
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Detail) }

// Parse reads the text of a file. The error is a *LineError about the first
// line that cannot be read.
func Parse(text string) (File, error) {
	var file File
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		read, err := parseLine(line)
		if err != nil {
			return File{}, &LineError{Line: number, Detail: err.Error()}
		}
		if len(read.globs) > 0 {
			read.line = number
			file.rules = append(file.rules, read)
		}
	}
	return file, nil
}

// Owners returns who owns a path, as the file writes them: @login,
// @organisation/team, or an e-mail address. line is the line that says so: the
// last that matches, also if it names nobody. It is 0 where none matches. path
// is that of a file, with slashes, relative to the root of the repository.
func (f File) Owners(path string) (owners []string, line int) {
	for i := len(f.rules) - 1; i >= 0; i-- {
		if f.rules[i].matches(path) {
			return f.rules[i].owners, f.rules[i].line
		}
	}
	return nil, 0
}

func (r rule) matches(path string) bool {
	for _, glob := range r.globs {
		if doublestar.MatchUnvalidated(glob, path) {
			return true
		}
	}
	return false
}
