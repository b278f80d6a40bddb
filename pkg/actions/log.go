package actions

import (
	"errors"
	"io"
	"strings"
	"unicode/utf16"

	githubactions "github.com/sethvargo/go-githubactions"
)

const (
	// linePrefix begins every line that is not a command of ours. A line that
	// begins with it cannot begin with "::".
	linePrefix = "|"
	// The runner shows this many annotations of a type a step, and cuts their
	// text; GitHub cuts their titles. In UTF-16 units, as the runner counts.
	maxAnnotations     = 10
	maxAnnotation      = 4096
	maxAnnotationTitle = 255
)

// Log writes the log of a step. No text that is given to it can become a
// workflow command, whoever wrote it. A Log is not for concurrent use.
type Log struct {
	out    *lasting
	action *githubactions.Action
	// errors, warnings and notices count the annotations so far.
	errors, warnings, notices int
}

// NewLog returns a log that writes to out, the standard output of the step.
func NewLog(out io.Writer) *Log {
	kept := &lasting{out: out}
	return &Log{out: kept, action: githubactions.New(githubactions.WithWriter(kept))}
}

// Mask makes the runner replace the secret in everything that is printed from
// here on. Call it before anything else.
func (l *Log) Mask(secret Secret) {
	if strings.TrimSpace(secret.Reveal()) != "" { // the runner calls an empty mask an error
		l.action.AddMask(secret.Reveal())
	}
}

// Text prints a plain text of any number of lines. "\n" ends a line; every
// other control character is shown, not obeyed.
func (l *Log) Text(text string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		l.write(strings.TrimRight(linePrefix+" "+Inert(line), " ") + "\n")
	}
}

// Group folds what is printed up to EndGroup under a title.
func (l *Log) Group(title string) { l.action.Group(Inert(title)) }

// EndGroup ends the group that was begun last.
func (l *Log) EndGroup() { l.action.EndGroup() }

// Error adds an annotation that says why the step failed.
func (l *Log) Error(title, message string) {
	l.annotate(&l.errors, "error", (*githubactions.Action).Errorf, title, message)
}

// Warning adds an annotation about something that should not stay as it is.
func (l *Log) Warning(title, message string) {
	l.annotate(&l.warnings, "warning", (*githubactions.Action).Warningf, title, message)
}

// Notice adds an annotation that is good to know.
func (l *Log) Notice(title, message string) {
	l.annotate(&l.notices, "notice", (*githubactions.Action).Noticef, title, message)
}

// Err returns the first error of writing. Nothing is printed after it.
func (l *Log) Err() error { return l.out.err }

// annotate issues an annotation. One that the runner would drop is printed as
// text instead, so that nothing is lost.
func (l *Log) annotate(count *int, kind string, issue func(*githubactions.Action, string, ...any), title, message string) {
	if *count++; *count > maxAnnotations {
		l.Text(kind + ": " + title + ": " + message)
		return
	}
	lines := strings.Split(strings.TrimSuffix(message, "\n"), "\n")
	for i, line := range lines {
		lines[i] = Inert(line)
	}
	action := l.action
	if title != "" {
		action = action.WithFieldsMap(map[string]string{"title": shorten(Inert(title), maxAnnotationTitle)})
	}
	issue(action, "%s", shorten(strings.Join(lines, "\n"), maxAnnotation))
}

func (l *Log) write(text string) {
	_, _ = io.WriteString(l.out, text) //nolint:errcheck // the writer keeps its first error for Err
}

// shorten cuts text to limit UTF-16 units and says that it did.
func shorten(text string, limit int) string {
	const more = " ..."
	units, cut := 0, 0
	for at, char := range text {
		if units <= limit-len(more) {
			cut = at
		}
		if units += utf16.RuneLen(char); units > limit {
			return text[:cut] + more
		}
	}
	return text
}

// lasting is a writer that outlives its reader. A log that nobody reads any
// more must not change what the step does, and go-githubactions panics on an
// error of writing.
type lasting struct {
	out io.Writer
	err error
}

// Write never fails; the first error is kept and ends all writing.
func (l *lasting) Write(data []byte) (int, error) {
	if l.err == nil {
		written, err := l.out.Write(data)
		if err == nil && written < len(data) {
			err = errors.New("write log: short write")
		}
		l.err = err
	}
	return len(data), nil
}
