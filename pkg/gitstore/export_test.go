package gitstore

import "fmt"

// SetWindow says how many questions may be open at a time, to measure it.
func (s *Store) SetWindow(questions int) { s.window = questions }

// Pid is the process number of git.
func (s *Store) Pid() int { return s.batch.command.Process.Pid }

// ParseHeader is the reader of the lines before objects.
var ParseHeader = parseHeader

// Environment is all that git finds in its environment.
var Environment = environment

// FormatHeader writes a line before an object, or "" when there was none.
func FormatHeader(head header) string {
	if head.status != found {
		return ""
	}
	return fmt.Sprintf("%s %s %d", head.id, head.kind, head.size)
}
