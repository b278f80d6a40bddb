package codeowners

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// blank is what separates the words of a line.
const blank = " \t"

// The forms of an owner. Logins of managed users hold an underscore.
var ownerForms = []*regexp.Regexp{
	regexp.MustCompile(`^@[A-Za-z0-9][A-Za-z0-9_-]*$`),
	regexp.MustCompile(`^@[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*$`),
	regexp.MustCompile(`^[^@/\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`),
}

// parseLine reads a line without its end. A comment and an empty line give a
// rule without globs.
func parseLine(line string) (rule, error) {
	text := strings.Trim(line, blank)
	if strings.ContainsRune(text, '\r') {
		return rule{}, errors.New("it holds a carriage return, so it may be more than one line")
	}
	if text == "" || text[0] == '#' {
		return rule{}, nil
	}
	pattern, rest := cutPattern(text)
	owners, err := parseOwners(rest)
	if err != nil {
		return rule{}, err
	}
	globs, err := globsOf(pattern)
	if err != nil {
		return rule{}, fmt.Errorf("pattern %s: %w", short(pattern), err)
	}
	return rule{globs: globs, owners: owners}, nil
}

// cutPattern cuts at the first blank that no backslash precedes.
func cutPattern(text string) (pattern, rest string) {
	escaped := false
	for i, char := range text {
		switch {
		case escaped:
			escaped = false
		case char == '\\':
			escaped = true
		case strings.ContainsRune(blank, char):
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// parseOwners reads the words after the pattern, up to a comment.
func parseOwners(text string) ([]string, error) {
	owners := []string{}
	for word := range strings.FieldsFuncSeq(text, func(char rune) bool { return strings.ContainsRune(blank, char) }) {
		if word[0] == '#' {
			break
		}
		if !slices.ContainsFunc(ownerForms, func(form *regexp.Regexp) bool { return form.MatchString(word) }) {
			return nil, fmt.Errorf("owner %s: expected @login, @organisation/team or an e-mail address", short(word))
		}
		owners = append(owners, word)
	}
	return owners, nil
}

// globsOf returns what a pattern means as globs with slashes, of which any has
// to match the whole path. As in gitignore, a pattern with a slash that is not
// its last is bound to the root, and one that matches a directory matches what
// is in it; but a last part of a single asterisk stays in its directory.
func globsOf(pattern string) ([]string, error) {
	if err := checkPattern(pattern); err != nil {
		return nil, err
	}
	inside, isDirectory := strings.CutSuffix(pattern, "/")
	bound := strings.Contains(inside, "/")
	parts := strings.Split(strings.TrimPrefix(inside, "/"), "/")
	for i, part := range parts {
		parts[i] = globOf(part)
	}
	if !bound {
		parts = append([]string{"**"}, parts...)
	}
	itself := strings.Join(parts, "/")
	below := itself + "/**/*"
	var globs []string
	switch last := parts[len(parts)-1]; {
	case isDirectory:
		globs = []string{below}
	case last == "**":
		globs = []string{itself + "/*"}
	case last == "*":
		globs = []string{itself}
	default:
		globs = []string{itself, below}
	}
	if !doublestar.ValidatePattern(below) { // it would match nothing, and nobody would notice
		return nil, errors.New("it is not a pattern")
	}
	return globs, nil
}

// checkPattern refuses what GitHub documents not to work, what it reports as an
// error, and what would match nothing without anybody noticing.
func checkPattern(pattern string) error {
	switch {
	case strings.ContainsFunc(pattern, invisible):
		return errors.New("it holds a character that cannot be seen, or is not UTF-8")
	case strings.Contains(pattern, "#"):
		return errors.New("a # in it is not supported: GitHub takes it for a comment")
	case pattern[0] == '!':
		return errors.New("! does not work in this file")
	case strings.ContainsAny(pattern, "[]"):
		return errors.New("[ ] does not work in this file")
	case strings.Contains(strings.ReplaceAll(pattern, `\ `, ""), `\`):
		return errors.New(`\ is for spaces only`)
	case strings.Contains(pattern, "***"):
		return errors.New("three asterisks match nothing")
	case strings.HasSuffix("/"+pattern, "/**/"):
		return errors.New("two asterisks before the last slash are not clear: write a directory with a slash, or /** for all that is in it")
	case strings.Contains(pattern, "//") || pattern == "/":
		return errors.New("a name is missing between or after its slashes, so it matches nothing")
	}
	return nil
}

// invisible reports characters that look like a blank or like nothing: with
// one of them a line says something else than it shows. A blank is one of them
// only where it is none for GitHub.
func invisible(char rune) bool {
	return char != ' ' && (unicode.IsSpace(char) || !unicode.IsGraphic(char) || char == utf8.RuneError)
}

// globOf returns a part of a pattern, in which only * and ? and a part of two
// asterisks are special, as a glob, in which braces are special, too.
func globOf(part string) string {
	if part == "**" {
		return part
	}
	return strings.NewReplacer(`\ `, " ", "**", "*", "{", `\{`, "}", `\}`).Replace(part)
}

// short quotes the beginning of a text from outside.
func short(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", text)
}
