package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/internal/strict"
	"github.com/stageward/stageward/pkg/order"
)

// maxProblems is how many problems of one policy are kept. A file made to be
// wrong everywhere must not fill a log.
const maxProblems = 100

// Problem is one thing that is wrong with a policy. All its texts are safe to
// show on a page: what does not show as itself is escaped.
type Problem struct {
	// File is the name the policy was read under, or "preset <name>".
	File string
	// Line and Column begin with 1; a column counts characters.
	Line, Column int
	// Message says what was found and what was expected.
	Message string
	// Hint says what to write instead, or is "".
	Hint string
	// Excerpt is the line of the file and, below it, a caret under the place;
	// "" when there is no such line, and in a file that holds a secret, which can
	// stand in any line.
	Excerpt string
}

// String returns "file:line:column: message", the excerpt, and the hint, in up
// to four lines without a line break at the end.
func (p Problem) String() string {
	text := fmt.Sprintf("%s:%d:%d: %s", strict.Escape(p.File), p.Line, p.Column, p.Message)
	if p.Excerpt != "" {
		text += "\n" + p.Excerpt
	}
	if p.Hint != "" {
		text += "\n  hint: " + p.Hint
	}
	return text
}

// Problems are all problems of one policy, ordered by place, each once. It is
// never empty when it is returned as an error.
type Problems []Problem

// Error returns every problem, one after the other.
func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, problem := range p {
		texts[i] = problem.String()
	}
	return strings.Join(texts, "\n")
}

// ProblemsIn returns the issues of a text that is no policy, such as a file of
// scenarios, as Problems; nil where there are none.
func ProblemsIn(name string, source []byte, issues []strict.Issue) error {
	return problemsOf(&layer{name: name, source: source, issues: issues, decoder: newDecoder()})
}

// problemsOf returns the problems of all layers in order as an error, or nil
// when there are none. Excerpts are made last, for those that are kept only.
func problemsOf(layers ...*layer) error {
	var problems Problems
	lines := map[string][]string{}
	for _, each := range layers {
		found := slices.Concat(each.issues, each.decoder.Issues())
		if !slices.ContainsFunc(found, func(issue strict.Issue) bool { return issue.Private }) {
			lines[each.name] = strings.Split(string(each.source), "\n")
		}
		for _, issue := range found {
			problems = append(problems, Problem{File: each.name, Line: issue.Line, Column: issue.Column, Message: issue.Message, Hint: issue.Hint})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	order.By(problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
	problems = atMost(maxProblems, slices.Compact(problems))
	for i, each := range problems {
		if from := lines[each.File]; each.Line >= 1 && each.Line <= len(from) {
			problems[i].Excerpt = excerpt(from[each.Line-1], strict.Position{Line: each.Line, Column: each.Column})
		}
	}
	return problems
}

// atMost cuts a list that is too long, and says so in its last entry.
func atMost(most int, problems Problems) Problems {
	more := len(problems) - most
	if more <= 0 {
		return problems
	}
	problems = problems[:most]
	problems[most-1].Message += fmt.Sprintf(" (and %d more problems after this one)", more)
	return problems
}

// excerpt shows the part of a line around a place, with a caret below it.
func excerpt(line string, at strict.Position) string {
	const before, width = 60, 100 // characters; a line can be as long as the file
	chars := []rune(strings.TrimSuffix(line, "\r"))
	column := max(min(at.Column-1, len(chars)), 0)
	from := max(column-before, 0)
	to := min(from+width, len(chars))
	left, right := show(chars[from:column]), show(chars[column:to])
	if from > 0 {
		left = "…" + left
	}
	if to < len(chars) {
		right += "…"
	}
	if left+right == "" {
		return ""
	}
	margin := fmt.Sprintf("%5d | ", at.Line)
	caret := strings.Repeat(" ", len([]rune(left))) + "^"
	return strings.TrimRight(margin+left+right, " ") + "\n" + strings.Repeat(" ", len(margin)-2) + "| " + caret
}

// show makes characters visible. A tab counts as one space, so that the caret
// stays in its column.
func show(chars []rune) string {
	return strict.Escape(strings.ReplaceAll(string(chars), "\t", " "))
}
