package refglob

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// GitHub reads a pattern as GitHub does for environments: in the language of Ruby's
// File.fnmatch with FNM_PATHNAME. * is any run of characters without a slash, **/
// at the beginning of a part any number of whole parts, ? one character, [a-z] and
// [!a] or [^a] one of a class, and \ takes the meaning from what follows. A class
// that is not closed matches nothing.
//
// The error says why the text cannot be read.
//
// Sources: docs.github.com, "Deployments and environments"; docs.ruby-lang.org,
// File.fnmatch; and for what they leave open dir.c of Ruby.
func GitHub(text string) (Pattern, error) {
	if err := check(text); err != nil {
		return Pattern{}, err
	}
	var built Pattern
	reader := reader{rest: text, begins: true}
	for reader.rest != "" {
		reader.next(&built)
	}
	return built, nil
}

// Ruleset reads a pattern of a ruleset: one of GitHub, or the word ~ALL. The other
// words, such as ~DEFAULT_BRANCH, are errors; put Literal with the full name in
// their place.
func Ruleset(text string) (Pattern, error) {
	switch {
	case text == "~ALL":
		return All(), nil
	case strings.HasPrefix(text, "~"):
		return Pattern{}, fmt.Errorf("%q is a word that stands for something else than names", text)
	}
	return GitHub(text)
}

// reader reads a pattern of GitHub from left to right.
type reader struct {
	rest string
	// begins is true at the beginning of a part.
	begins bool
}

// next reads what comes next.
func (r *reader) next(into *Pattern) {
	if r.begins && strings.HasPrefix(r.rest, "**/") {
		into.folders()
		r.rest = r.rest[len("**/"):]
		return // another part begins
	}
	char, special := r.take()
	r.begins = char == '/'
	switch {
	case special && char == '\\':
		// Ruby passes over a backslash that nothing follows: "main\" lets main in.
	case special && char == '*':
		into.steps = append(into.steps, step{kind: run})
	case special && char == '?':
		into.steps = append(into.steps, step{kind: one, class: class{not: true}})
	case special && char == '[':
		into.steps = append(into.steps, step{kind: one, class: r.class()})
	default:
		into.letter(char)
	}
}

// take takes one character. special is false where a backslash came before it;
// a backslash is special itself only at the end.
func (r *reader) take() (char rune, special bool) {
	special = r.rest[0] != '\\' || len(r.rest) == 1
	if !special {
		r.rest = r.rest[1:]
	}
	char, size := utf8.DecodeRuneInString(r.rest)
	r.rest = r.rest[size:]
	return char, special
}

// class reads what comes after the opening bracket.
func (r *reader) class() class {
	var read class
	if strings.HasPrefix(r.rest, "!") || strings.HasPrefix(r.rest, "^") {
		read.not = true
		r.rest = r.rest[1:]
	}
	for !strings.HasPrefix(r.rest, "]") {
		if r.rest == "" {
			return class{} // never closed
		}
		low, _ := r.take()
		if len(r.rest) < 2 || r.rest[0] != '-' || r.rest[1] == ']' {
			read.spans = append(read.spans, span{low, low})
			continue
		}
		r.rest = r.rest[1:]
		high, _ := r.take()
		// Ruby compares with both ends first, so that they count where they are the
		// wrong way round.
		read.spans = append(read.spans, span{low, low}, span{high, high}, span{low, high})
	}
	r.rest = r.rest[1:]
	return read
}

// class is a set of characters. The zero class is empty.
type class struct {
	spans []span
	not   bool
}

// span is from one character to another, both included; empty where they are the
// wrong way round.
type span struct{ low, high rune }

func (s span) has(char rune) bool { return s.low <= char && char <= s.high }

func (c class) has(char rune) bool {
	for _, each := range c.spans {
		if each.has(char) {
			return !c.not
		}
	}
	return c.not
}
