package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/history"
	"github.com/stageward/stageward/pkg/signature"
)

// rows shows verdicts one by one, as they come, and counts them.
type rows struct {
	out      io.Writer
	progress *progress
	failing  bool
	row      func(history.Verdict) string
	total    func(*history.Tally, target) string
	tally    history.Tally
	begun    bool
	heading  string
}

func newRows(system System, flags verifyFlags) *rows {
	r := &rows{out: system.Stdout, failing: flags.failing, progress: newProgress(system), row: textRow, total: textTotal, heading: textHeading()}
	if flags.json {
		r.row, r.total, r.heading = jsonRow, jsonTotal, ""
	}
	return r
}

// show counts a verdict and writes its row. The error is that of writing.
func (r *rows) show(verdict history.Verdict) error {
	r.tally.Add(verdict)
	r.progress.tell(r.tally.Total())
	if r.failing && verdict.State == history.Good {
		return nil
	}
	text := r.row(verdict)
	if !r.begun {
		r.begun, text = true, r.heading+text
	}
	return r.write(text)
}

// finish writes the totals, which say that it was all.
func (r *rows) finish(wanted target) error {
	r.progress.end()
	return r.write(r.total(&r.tally, wanted))
}

// write writes whole rows, so that one is never seen in part.
func (r *rows) write(text string) error {
	if _, err := io.WriteString(r.out, text); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// The widths of the columns, in characters. They are fixed: a column that
// fits all rows could be printed only after the last of them.
const (
	stateWidth   = 17 // signature-expired
	idWidth      = 12
	schemeWidth  = 7
	signerWidth  = 24
	keyWidth     = 16
	subjectWidth = 60
)

func textHeading() string { return textLine("STATE", "ID", "SCHEME", "SIGNER", "KEY", "SUBJECT") }

func textLine(state, id, scheme, signer, key, subject string) string {
	line := fmt.Sprintf("%-*s  %-*s  %-*s  %-*s  %-*s  %s", stateWidth, state, idWidth, id, schemeWidth, scheme,
		signerWidth, short(signer, signerWidth), keyWidth, key, short(subject, subjectWidth))
	return strings.TrimRight(line, " ") + "\n"
}

// textRow is a verdict for people: a line, and below it what is wrong.
func textRow(verdict history.Verdict) string {
	made := verdict.Signature
	subject := actions.Inert(verdict.Subject)
	if verdict.Name != "" {
		subject = strings.TrimRight("tag "+actions.Inert(verdict.Name)+" "+subject, " ")
	}
	line := textLine(string(verdict.State), verdict.ID[:min(len(verdict.ID), idWidth)], string(made.Scheme),
		actions.Inert(made.Owner), shortKey(made), subject)
	if verdict.State == history.Good || verdict.State == history.State(signature.Unsigned) {
		return line
	}
	reason := ""
	if verdict.Reason != "" {
		reason = string(verdict.Reason) + ": "
	}
	return line + "  " + actions.Inert(reason+verdict.Detail) + "\n"
}

// textTotal is the last line.
func textTotal(tally *history.Tally, wanted target) string {
	noun := "commits"
	switch {
	case wanted.tag != "":
		noun = "tag"
	case tally.Total() == 1:
		noun = "commit"
	}
	return fmt.Sprintf("%d %s: %s\n", tally.Total(), noun, tally)
}

// shortKey is the beginning of an SSH fingerprint and the end of an OpenPGP
// one, which is the key id: what people compare.
func shortKey(made signature.Result) string {
	if made.Scheme == signature.OpenPGP {
		return made.Key[max(0, len(made.Key)-keyWidth):]
	}
	return short(strings.TrimPrefix(made.Key, "SHA256:"), keyWidth)
}

// short cuts text to so many characters.
func short(text string, width int) string {
	characters := []rune(text)
	if len(characters) <= width {
		return text
	}
	return string(characters[:width-1]) + "…"
}
