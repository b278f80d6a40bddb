package strict

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Enumerated is implemented by text types that have a fixed set of values.
type Enumerated interface {
	Values() []string
}

// Explained is implemented by enumerated types that know of a word people write
// why it can never be a value. WhyNot returns "" for every other word.
type Explained interface {
	WhyNot(word string) string
}

// Patterned is implemented by text types of a certain form: a regular
// expression that Go and JSON Schema read alike, anchored at both ends, and
// the same in words.
type Patterned interface {
	Pattern() (expression, words string)
}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

// text reads a text that is visible, not empty, and clearly a text.
func (d *Decoder) text(p part, into reflect.Value) bool {
	enumerated, isEnum := into.Interface().(Enumerated)
	switch {
	case p.node.Kind != yaml.ScalarNode:
		return d.fail(p, fmt.Sprintf("%s: expected a text, got %s", p.what, describe(p.node)), hintValue(p.node))
	case isEnum:
		return d.enum(p, into, enumerated.Values())
	case !readsAsText(p.node) && isMisfit(p.node, into):
		return d.form(p, into)
	case !readsAsText(p.node) && !isDate(p.node, into):
		return d.fail(p, fmt.Sprintf("%s: expected a text; YAML readers take %s for something else", p.what, Escape(shorten(p.node.Value))), fmt.Sprintf("quote it: %s", Quote(p.node.Value)))
	case p.node.Value == "":
		return d.fail(p, p.what+" is an empty text", "write a value, or remove the key")
	case strings.TrimSpace(p.node.Value) != p.node.Value:
		return d.fail(p, fmt.Sprintf("%s: %s begins or ends with white space", p.what, Quote(p.node.Value)), "write it without")
	}
	if char, ok := hidden(p.node.Value); ok {
		return d.fail(p, fmt.Sprintf("%s: %s has the invisible character %s", p.what, Quote(p.node.Value), EscapeRune(char)), "a name has to show what it is; remove the character")
	}
	return d.form(p, into)
}

// hintValue says what to write in place of a list or a map. One word in braces is a
// text that lost its quotes.
func hintValue(node *yaml.Node) string {
	if node.Kind == yaml.MappingNode && node.Style&yaml.FlowStyle != 0 && len(node.Content) == 2 && isNull(node.Content[1]) {
		return "quote it: " + Quote("{"+node.Content[0].Value+"}")
	}
	return "one value stands here, not a list or a map"
}

// isMisfit reports whether a value would not have the form that the type of the
// text asks for in quotes either, so that to advise quotes would help nobody.
func isMisfit(node *yaml.Node, into reflect.Value) bool {
	form, ok := into.Interface().(Patterned)
	if !ok {
		return false
	}
	expression, _ := form.Pattern()
	return !regexp.MustCompile(expression).MatchString(node.Value)
}

// isDate reports whether a value without quotes is a date of the form that the
// type of the text asks for. YAML 1.1 takes it for a moment in UTC; what counts
// here are its characters.
func isDate(node *yaml.Node, into reflect.Value) bool {
	form, ok := into.Interface().(Patterned)
	if !ok || !plain(node) || node.Tag != "!!timestamp" {
		return false
	}
	expression, _ := form.Pattern()
	return regexp.MustCompile(expression).MatchString(node.Value)
}

// form checks what the type of a text says about it, and keeps the text.
func (d *Decoder) form(p part, into reflect.Value) bool {
	if form, ok := into.Interface().(Patterned); ok {
		if expression, words := form.Pattern(); !regexp.MustCompile(expression).MatchString(p.node.Value) {
			return d.fail(p, fmt.Sprintf("%s: %s is not %s", p.what, quoteASCII(p.node.Value), words), "")
		}
	}
	if check := d.Checks[into.Type()]; check != nil {
		if message, hint := check(p.node.Value); message != "" {
			return d.fail(p, fmt.Sprintf("%s: %s", p.what, message), hint)
		}
	}
	into.SetString(p.node.Value)
	return true
}

// enum reads one of a fixed set of words. A word that is in the set needs no
// quotes, even if it is "off".
func (d *Decoder) enum(p part, into reflect.Value, allowed []string) bool {
	if !slices.Contains(allowed, p.node.Value) {
		if explained, ok := into.Interface().(Explained); ok && p.node.Kind == yaml.ScalarNode && explained.WhyNot(p.node.Value) != "" {
			return d.fail(p, fmt.Sprintf("%s: %s is not allowed: %s", p.what, describe(p.node), explained.WhyNot(p.node.Value)), expected(allowed))
		}
		return d.fail(p, fmt.Sprintf("%s: %s is not allowed", p.what, describe(p.node)), Alternatives(p.node.Value, allowed))
	}
	into.SetString(p.node.Value)
	return true
}

// integer reads a whole number that is not negative. Other notations are
// errors, since readers disagree about them: 010 is eight to some and ten to
// others.
func (d *Decoder) integer(p part, into reflect.Value) bool {
	hint := "write it in plain decimal digits, such as 12"
	switch {
	case p.node.Kind == yaml.ScalarNode && !plain(p.node) && wholeNumber.MatchString(p.node.Value):
		hint = "leave out the quotes"
	case plain(p.node) && strings.HasPrefix(p.node.Value, "-"):
		hint = "a number here is never negative"
	case plain(p.node) && wholeNumber.MatchString(p.node.Value):
		number, err := strconv.Atoi(p.node.Value)
		into.SetInt(int64(number))
		return err == nil
	}
	return d.fail(p, fmt.Sprintf("%s: expected a whole number, got %s", p.what, describe(p.node)), hint)
}

// boolean reads true or false; YAML 1.1 has twenty more ways to write them.
func (d *Decoder) boolean(p part, into reflect.Value) bool {
	if plain(p.node) && (p.node.Value == "true" || p.node.Value == "false") {
		into.SetBool(p.node.Value == "true")
		return true
	}
	return d.fail(p, fmt.Sprintf("%s: expected true or false, got %s", p.what, describe(p.node)), "write true or false, in lower case and without quotes")
}

// oldBoolean reports whether YAML 1.1 takes a plain word for a boolean where
// YAML 1.2 takes it for text.
func oldBoolean(word string) bool {
	return slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(word))
}
