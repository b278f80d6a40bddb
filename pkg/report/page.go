package report

import (
	"strings"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/verdict"
)

// ANSI colours (ECMA-48 SGR).
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

// minWidth is the least width in which lines are broken at all.
const minWidth = 40

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
	lead := strings.Repeat(" ", e.indent) + e.mark + e.key
	column := utf8.RuneCountInString(lead)
	hang := min(column, p.style.Width/2)
	lines := p.broken(plain(e.text), column, hang)
	first := inertLine(strings.TrimRight(lead+lines[0], " "))
	if p.style.Colour && e.colour != "" && e.mark != "" {
		first = strings.Replace(first, e.mark, "\x1b["+e.colour+"m"+e.mark+"\x1b[0m", 1)
	}
	p.out.WriteString(first + "\n")
	for _, line := range lines[1:] {
		p.out.WriteString(inertLine(strings.Repeat(" ", hang)+line) + "\n")
	}
}

// title begins a new group of lines.
func (p *page) title(text string) {
	p.out.WriteString("\n")
	p.add(entry{mark: text, colour: bold})
}

// more says how much was left out; nothing when nothing was.
func (p *page) more(indent, left int) {
	if left > 0 {
		p.add(entry{indent: indent, mark: strings.TrimSuffix(andMore(left, ""), "\n")})
	}
}

// broken returns text in lines, of which the first begins at column first and
// the others at column hang. Without a width it is one line.
func (p *page) broken(text string, first, hang int) []string {
	if p.style.Width < minWidth {
		return []string{text}
	}
	var lines []string
	line, column := "", first
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		if line != "" && column+1+length > p.style.Width {
			lines, line, column = append(lines, line), "", hang
		}
		if line != "" {
			line, column = line+" ", column+1
		}
		line, column = line+word, column+length
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
	return strings.ReplaceAll(line, "##[", `##\u{5b}`)
}

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
