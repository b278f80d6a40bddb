package actions

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/lazy"
)

// Output is one output of the step.
type Output struct {
	Name  string
	Value string
}

// OutputFile is the file in which the runner looks for the outputs of a step.
//
// go-githubactions can write it too, but ends every value with the same word,
// which is known to everybody: a value that holds the word ends early, and
// what follows it is read as further outputs. "allowed" would be one of them.
type OutputFile struct {
	path   string
	random io.Reader
}

const fixOutput = "run Stageward as a step of a GitHub Actions job, on a runner whose disk is not full"

// NewOutputFile returns the file that GITHUB_OUTPUT names. random is where the
// delimiters come from: crypto/rand.Reader outside of tests.
func NewOutputFile(env Env, random io.Reader) OutputFile {
	return OutputFile{path: env("GITHUB_OUTPUT"), random: random}
}

// Write adds the outputs to the file, all of them in their order and in one
// write, or returns an *Error. Call it once, at the end, with the output that
// opens something in the last place, after those that say what it opens.
//
// After an error the file is as it was, if that can be had. Where it cannot, as
// after a kill, it holds a beginning of what was to be written, and the order is
// what makes that harmless. The runner sets an output when it reads the line that
// ends its value, and fails the step at the first line that it does not understand.
// So whoever reads "allowed" reads the "sha" before it, which is of the same write;
// a name or a value that was cut has no such line. Half a line that somebody else
// left there is ended first: it would become part of the first name.
func (f OutputFile) Write(outputs []Output) error {
	if f.path == "" {
		return refuse(OutputFailed, fixOutput, "write outputs: GITHUB_OUTPUT is not set, so no later step can read the decision")
	}
	data, err := encodeOutputs(outputs, f.random)
	if info, missing := os.Stat(f.path); missing == nil && info.Size() > 0 {
		data = append([]byte("\n"), data...) // the runner passes over an empty line
	}
	if err == nil {
		err = appendTo(f.path, data)
	}
	if err != nil {
		return because(err, OutputFailed, fixOutput, "write outputs")
	}
	return nil
}

var outputName = lazy.New(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// encodeOutputs returns the outputs as the runner reads them: a line with name
// and delimiter, the value, a line with the delimiter.
// Source: docs.github.com, "Workflow commands", multiline strings.
func encodeOutputs(outputs []Output, random io.Reader) ([]byte, error) {
	var data bytes.Buffer
	seen := map[string]bool{}
	for _, output := range outputs {
		folded := strings.ToLower(output.Name) // the runner does not tell case apart
		switch {
		case !outputName.MatchString(output.Name):
			return nil, fmt.Errorf("%q is not the name of an output", output.Name)
		case seen[folded]:
			return nil, fmt.Errorf("output %q is given twice", output.Name)
		case !utf8.ValidString(output.Value):
			return nil, fmt.Errorf("the value of output %q is not UTF-8", output.Name)
		case strings.ContainsRune(output.Value, 0):
			return nil, fmt.Errorf("the value of output %q holds a NUL character", output.Name)
		}
		seen[folded] = true
		delimiter, err := newDelimiter(output.Value, random)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", output.Name, err)
		}
		fmt.Fprintf(&data, "%s<<%s\n%s\n%s\n", output.Name, delimiter, output.Value, delimiter)
	}
	return data.Bytes(), nil
}

// newDelimiter returns a word of 128 random bits that the value does not hold.
// Meeting one twice means that the randomness is broken.
func newDelimiter(value string, random io.Reader) (string, error) {
	for range 4 {
		var bits [16]byte
		if _, err := io.ReadFull(random, bits[:]); err != nil {
			return "", fmt.Errorf("read random delimiter: %w", err)
		}
		delimiter := "stageward_" + hex.EncodeToString(bits[:])
		if !strings.Contains(value, delimiter) {
			return delimiter, nil
		}
	}
	return "", errors.New("the value holds every delimiter that was drawn")
}

// appendTo adds data to the end of a file in one write and waits until it is
// stored. The file has to exist: the runner makes it before the step, and a
// file that we made ourselves would be read by nobody. When it cannot be stored
// in full, what was is taken back: the disk was full, and the beginning of a yes
// must not stand beside an exit code that says no.
func appendTo(path string, data []byte) error {
	// Opening a pipe would wait until somebody reads it, which may be never.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK, 0) //nolint:gosec // the runner names the file
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if info.Mode()&fs.ModeNamedPipe != 0 {
		return errors.Join(fmt.Errorf("%s is a pipe, not a file", path), file.Close())
	}
	if _, err = file.Write(data); err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err != nil && info.Mode().IsRegular() {
		err = errors.Join(err, os.Truncate(path, info.Size()))
	}
	return err
}
