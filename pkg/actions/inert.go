package actions

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/lazy"
)

// What the runner takes for a command: "::" at the start of a line, after
// white space, and "##[" anywhere in it (actions/runner, ActionCommand.cs).
// Marks without a width may stand between: the runner compares text by the
// rules of a language, which can pass over them.
var (
	commandStart  = lazy.New(`^([ \p{M}]*):(\p{M}*:)`)
	legacyCommand = lazy.New(`(#\p{M}*#\p{M}*)\[`)
)

// Inert returns text as one line that does nothing but be read, in a log and
// on a terminal. Line breaks, other control characters, characters that cannot
// be seen or that turn the direction of the text become \u{…} with the number
// of the character in hexadecimal, bytes that are not UTF-8 become \x{…}, and
// whatever the runner would take for a command is broken the same way.
//
// Letters of all scripts stay, so two names can still look alike. Inert of
// inert text is that text.
func Inert(text string) string {
	var line strings.Builder
	line.Grow(len(text))
	for at, char := range text {
		switch {
		case char == utf8.RuneError && !strings.HasPrefix(text[at:], string(utf8.RuneError)):
			fmt.Fprintf(&line, `\x{%02x}`, text[at])
		case isHidden(char):
			fmt.Fprintf(&line, `\u{%x}`, char)
		default:
			line.WriteRune(char)
		}
	}
	safe := commandStart.ReplaceAllString(line.String(), `${1}\u{3a}${2}`)
	return legacyCommand.ReplaceAllString(safe, `${1}\u{5b}`)
}

// isHidden tells characters that a reader cannot see as what they are. Go
// calls some fillers and blanks printable because they count as letters or
// symbols.
func isHidden(char rune) bool {
	const blankBraille, blankNotehead = '\u2800', '\U0001d159'
	return !unicode.IsPrint(char) || char == blankBraille || char == blankNotehead ||
		unicode.In(char, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
