package report

import (
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// ANSI colours (ECMA-48 SGR).
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

// minWidth is the least width in which lines are broken at all, minText that of
// the text beside a key: where less is left, the text begins below the key.
const (
	minWidth = 40
	minText  = 30
)

// page collects the lines of a text.
type page struct {
	style Style
	out   strings.Builder
}

// entry is a line before it is broken: an indent, a mark of ours in a colour,
// a key, and text that may be foreign. Mark and key are written as they are,
// padding included.
type entry struct {
	indent int
	mark   string
	colour string
	key    string
	text   string
}

// add writes an entry, on several lines if it does not fit on one.
func (p *page) add(e entry) {
	lead := strings.Repeat(" ", e.indent) + e.mark + withoutCommand(e.key)
	text, hang := withoutCommand(plain(e.text)), cells(lead)
	if key := strings.TrimSpace(e.key); key != "" && p.style.Width >= minWidth && hang > p.style.Width {
		e.key, e.text = " ", key+" "+e.text // too long a key is text like any other
		p.add(e)
		return
	}
	var lines []string
	if below := e.indent + 4; p.isNarrow(hang) && hang > below && hang+cells(text) > p.style.Width {
		lines, hang = []string{""}, below
	}
	lines = append(lines, p.broken(text, hang)...)
	first := inertLine(strings.TrimRight(lead+lines[0], " "))
	if mark := strings.TrimSpace(e.mark); p.style.Colour && e.colour != "" && mark != "" {
		first = strings.Replace(first, mark, "\x1b["+e.colour+"m"+mark+"\x1b[0m", 1)
	}
	p.out.WriteString(first + "\n")
	for _, line := range lines[1:] {
		p.out.WriteString(inertLine(strings.Repeat(" ", hang)+line) + "\n")
	}
}

// isNarrow reports whether too little of a line is left behind a column.
func (p *page) isNarrow(column int) bool {
	return p.style.Width >= minWidth && p.style.Width-column < minText
}

// title begins a new group of lines.
func (p *page) title(text string) {
	p.out.WriteString("\n")
	for _, line := range p.broken(text, 0) {
		p.add(entry{mark: line, colour: bold})
	}
}

// more says how much was left out; nothing when nothing was.
func (p *page) more(indent, left int) {
	if left > 0 {
		p.add(entry{indent: indent, mark: strings.TrimSuffix(andMore(left, ""), "\n")})
	}
}

// broken returns text in lines that begin at a column. Without a width it is one
// line. A piece that is longer than a line stays whole, so that it can be copied.
func (p *page) broken(text string, column int) []string {
	if p.style.Width < minWidth {
		return []string{text}
	}
	room := p.style.Width - column
	var lines []string
	line, used := "", 0
	for _, piece := range pieces(text, room) {
		length := cells(piece)
		if line != "" && used+length > room {
			lines, line, used = append(lines, line), "", 0
		}
		if line == "" {
			piece = strings.TrimPrefix(piece, " ")
			length = cells(inertLine(piece)) // as it is written at the beginning of a line
		}
		line, used = line+piece, used+length
	}
	return append(lines, line)
}

// inertLine keeps a line from being a workflow command. The runner obeys a
// line that begins with "::", and one that has "##[" anywhere.
// Source: github.com/actions/runner, src/Runner.Common/ActionCommand.cs.
func inertLine(line string) string {
	if text := strings.TrimLeft(line, " "); strings.HasPrefix(text, "::") {
		line = line[:len(line)-len(text)] + `\u{3a}` + text[1:]
	}
	return withoutCommand(line)
}

func withoutCommand(text string) string { return strings.ReplaceAll(text, "##[", `##\u{5b}`) }

func decisionColour(v verdict.Verdict) string {
	switch {
	case v.Allows() && !isGlassBroken(v):
		return green
	case v.Decision == verdict.Waiting || v.Replayed || v.Allows():
		return yellow
	}
	return red
}

func findingColour(finding verdict.Finding) string {
	switch {
	case finding.Blocks() && finding.Outcome == verdict.Wait, !finding.Blocks() && finding.Unmet():
		return yellow
	case finding.Blocks():
		return red
	case finding.Outcome == verdict.Pass && len(finding.Warnings) == 0:
		return green
	}
	return yellow
}
