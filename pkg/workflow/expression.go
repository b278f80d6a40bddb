package workflow

import "strings"

const (
	opening = "${{"
	closing = "}}"
)

// HasExpression reports whether a value holds an expression, so that what it
// comes to is known only when the workflow runs.
func HasExpression(value string) bool { return len(Expressions(value)) > 0 }

// Expressions returns what stands between ${{ and }} in a value, trimmed, in
// order.
func Expressions(value string) []string {
	_, expressions := split(value)
	return expressions
}

// MayBe reports whether a value can come to a text: it is that text, or it would
// be with something in the place of its expressions. Upper and lower case are told
// apart; whoever does not, gives both in lower case.
func MayBe(value, text string) bool {
	literals, _ := split(value)
	return wild(literals, text)
}

// wild reports whether a text is made of literals with anything between them.
func wild(literals []string, text string) bool {
	first, last := literals[0], literals[len(literals)-1]
	if len(literals) == 1 {
		return first == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, each := range literals[1 : len(literals)-1] {
		at := strings.Index(text, each)
		if at < 0 {
			return false
		}
		text = text[at+len(each):]
	}
	return true
}

// split cuts a value at its expressions. There is one literal more than there are
// expressions. What is opened and never closed is a literal.
func split(value string) (literals, expressions []string) {
	rest := value
	literal := ""
	for {
		at := strings.Index(rest, opening)
		if at < 0 {
			return append(literals, literal+rest), expressions
		}
		length := closed(rest[at+len(opening):])
		if length < 0 {
			return append(literals, literal+rest), expressions
		}
		inside := rest[at+len(opening) : at+len(opening)+length]
		literals, literal = append(literals, literal+rest[:at]), ""
		expressions = append(expressions, strings.TrimSpace(inside))
		rest = rest[at+len(opening)+length+len(closing):]
	}
}

// closed returns where an expression ends, or -1. Within single quotes, }} is
// text.
func closed(text string) int {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case !quoted && strings.HasPrefix(text[i:], closing):
			return i
		}
	}
	return -1
}
