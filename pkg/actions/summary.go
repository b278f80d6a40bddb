package actions

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// MaxSummary is how long a job summary may become, in bytes. The runner drops
// a longer file than 1 MiB altogether; a little is left for its line ends and
// masks.
const MaxSummary = 1<<20 - 16<<10

// Summary is the file in which the runner looks for the step's part of the job
// summary. Nothing rests on it: when it cannot be written, warn and go on.
type Summary struct {
	path string
}

// NewSummary returns the file that GITHUB_STEP_SUMMARY names.
func NewSummary(env Env) Summary { return Summary{path: env("GITHUB_STEP_SUMMARY")} }

// Append adds Markdown to the summary, in one write. It adds nothing and
// returns an error when the summary would become longer than MaxSummary.
func (s Summary) Append(markdown string) error {
	if s.path == "" {
		return errors.New("write job summary: GITHUB_STEP_SUMMARY is not set")
	}
	if !strings.HasSuffix(markdown, "\n") {
		markdown += "\n"
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("write job summary: %w", err)
	}
	if size := info.Size() + int64(len(markdown)); size > MaxSummary {
		return fmt.Errorf("write job summary: it would be %d bytes long, and %d is the most", size, MaxSummary)
	}
	if err := appendTo(s.path, []byte(markdown)); err != nil {
		return fmt.Errorf("write job summary: %w", err)
	}
	return nil
}
