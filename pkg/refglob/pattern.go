package refglob

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// mostRunes is how long a pattern may be. GitHub takes 255 characters; longer
// ones are not looked at, because walking them takes too long.
const mostRunes = 512

// Pattern is a set of names. The zero Pattern has only the empty name, which git
// does not allow, so it matches nothing.
type Pattern struct {
	// steps are what a name has to go through, from the first to the last.
	steps []step
}

// kind is what a step lets through.
type kind uint8

const (
	one    kind = iota // one character out of a class; never a slash
	slash              // a slash
	run                // any characters but slashes, also none
	folder             // the beginning of a part: any number of whole parts, each with its slash
	inside             // comes after every folder: the rest of such a part
)

type step struct {
	kind  kind
	class class
}

// All returns the pattern that matches every name.
func All() Pattern { return Pattern{steps: []step{{kind: folder}, {kind: inside}, {kind: run}}} }

// Literal returns the pattern that matches one name, whatever characters it has.
func Literal(name string) Pattern {
	var built Pattern
	for _, char := range name {
		built.letter(char)
	}
	return built
}

// Stage reads a pattern of a policy: * is any run of characters without a slash,
// ** as a whole part any number of parts, and where it is the last part, one at
// least. Nothing else is special. The word for the default branch is no pattern
// here; put Literal with its name in its place.
//
// The error says why the text is none.
func Stage(text string) (Pattern, error) {
	if err := check(text); err != nil {
		return Pattern{}, err
	}
	var built Pattern
	parts := strings.Split(text, "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case part == "**" && last:
			built.steps = append(built.steps, All().steps...)
		case part == "**":
			built.folders()
			continue
		default:
			for _, char := range part {
				built.starOr(char)
			}
		}
		if !last {
			built.steps = append(built.steps, step{kind: slash})
		}
	}
	return built, nil
}

func (p *Pattern) letter(char rune) {
	if char == '/' {
		p.steps = append(p.steps, step{kind: slash})
		return
	}
	p.steps = append(p.steps, step{kind: one, class: class{spans: []span{{char, char}}}})
}

func (p *Pattern) starOr(char rune) {
	if char == '*' {
		p.steps = append(p.steps, step{kind: run})
		return
	}
	p.letter(char)
}

func (p *Pattern) folders() {
	p.steps = append(p.steps, step{kind: folder}, step{kind: inside})
}

func check(text string) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("pattern %+q is not UTF-8", text)
	case utf8.RuneCountInString(text) > mostRunes:
		return fmt.Errorf("a pattern is longer than %d characters", mostRunes)
	}
	return nil
}

// Fnmatch writes a pattern of a policy in the language of GitHub, so that
// Fnmatch(text) read by GitHub matches the same names as text read by Stage.
func Fnmatch(text string) string {
	if text == "**" || strings.HasSuffix(text, "/**") {
		return text + "/*"
	}
	return text
}
