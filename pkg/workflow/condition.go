package workflow

import (
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/lazy"
)

// A Condition is what "if" says, without ${{ }} around it.
type Condition string

// ConditionOf returns the condition that "if" states. It is "true" where there is
// other text around an expression, be it the end of a line: GitHub makes a text of
// the whole, and a text is true whatever it says. Where such a text calls a
// function about the status it is "always()": GitHub sees the call, and does not
// add "success() &&".
func ConditionOf(value string) Condition {
	expressions := Expressions(value)
	switch {
	case len(expressions) == 0:
		return Condition(strings.TrimSpace(value))
	case len(expressions) == 1 && strings.HasPrefix(value, opening) && strings.HasSuffix(value, closing):
		return Condition(expressions[0])
	case slices.ContainsFunc(expressions, func(each string) bool { return statusCall.MatchString(Unquoted(each)) }):
		return "always()"
	}
	return "true"
}

// Demands reports whether the condition can only be true where an operand is that
// demand accepts. Operands are what stands between && and ||, without space and
// in lower case, but for text in quotes.
func (c Condition) Demands(demand func(operand string) bool) bool {
	text := unwrap(compact(string(c)))
	if ways := cut(text, "||"); len(ways) > 1 {
		return !slices.ContainsFunc(ways, func(way string) bool { return !Condition(way).Demands(demand) })
	}
	if parts := cut(text, "&&"); len(parts) > 1 {
		return slices.ContainsFunc(parts, func(part string) bool { return Condition(part).Demands(demand) })
	}
	return demand(text)
}

var statusCall = lazy.New(`(?i)\b(?:always|failure|cancelled|success)\s*\(`)

// OutlivesFailure reports whether a step or job with the condition can run
// although one before it failed. GitHub adds "success() &&" to a condition that
// calls none of its four functions about the status.
func (c Condition) OutlivesFailure() bool {
	return statusCall.MatchString(Unquoted(string(c))) && !c.Demands(func(operand string) bool { return operand == "success()" })
}

// Results returns the operands that an expression can come to: in a && b || c
// these are b and c, since a only chooses. They are as in Demands.
func Results(expression string) []string {
	text := unwrap(compact(expression))
	if ways := cut(text, "||"); len(ways) > 1 {
		var results []string
		for _, way := range ways {
			results = append(results, Results(way)...)
		}
		return results
	}
	if parts := cut(text, "&&"); len(parts) > 1 {
		return Results(parts[len(parts)-1])
	}
	return []string{text}
}

// Unquoted returns an expression with nothing in its quotes.
func Unquoted(expression string) string {
	var out strings.Builder
	quoted := false
	for _, char := range expression {
		if char == '\'' {
			quoted = !quoted
		}
		if !quoted || char == '\'' {
			out.WriteRune(char)
		}
	}
	return out.String()
}

// compact takes out space and makes letters small, but for text in quotes.
func compact(text string) string {
	var out strings.Builder
	quoted := false
	for _, char := range text {
		if char == '\'' {
			quoted = !quoted
		}
		switch {
		case quoted:
			out.WriteRune(char)
		case strings.ContainsRune(" \t\r\n", char):
		case char >= 'A' && char <= 'Z':
			out.WriteRune(char + 'a' - 'A')
		default:
			out.WriteRune(char)
		}
	}
	return out.String()
}

// unwrap takes off parentheses around the whole.
func unwrap(text string) string {
	for strings.HasPrefix(text, "(") && matching(text) == len(text)-1 {
		text = text[1 : len(text)-1]
	}
	return text
}

// matching returns where the parenthesis closes with which a text begins, or -1.
func matching(text string) int {
	found := -1
	scan(text, func(at, depth int) bool {
		if depth == 0 {
			found = at
		}
		return depth > 0
	})
	return found
}

// cut splits at an operator that stands outside of parentheses and quotes.
func cut(text, operator string) []string {
	var parts []string
	from := 0
	scan(text, func(at, depth int) bool {
		if depth == 0 && at >= from && strings.HasPrefix(text[at:], operator) {
			parts, from = append(parts, text[from:at]), at+len(operator)
		}
		return true
	})
	return append(parts, text[from:])
}

// scan calls visit for each byte outside of quotes with the depth of parentheses
// after it, until visit returns false.
func scan(text string, visit func(at, depth int) bool) {
	depth, quoted := 0, false
	for at := range len(text) {
		switch char := text[at]; {
		case char == '\'':
			quoted = !quoted
		case quoted:
			continue
		case char == '(' || char == '[':
			depth++
		case char == ')' || char == ']':
			depth--
		}
		if !visit(at, depth) {
			return
		}
	}
}
