package strict

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/lazy"
)

// MaxBytes is the size of the largest text that is read. A larger one is
// refused before anything looks inside.
const MaxBytes = 128 << 10

const (
	byteOrderMark = '\uFEFF'
	joiner        = '\u200D' // zero width joiner: part of emoji and of some scripts
	nonJoiner     = '\u200C'
)

// checkText refuses what people and YAML readers see differently: the YAML
// libraries end a comment at U+0085, U+2028, U+2029 and a lone CR, where
// editors and review pages show one line.
func checkText(source []byte) []Issue {
	if len(source) > MaxBytes {
		return []Issue{{
			Position: Position{1, 1},
			Message:  fmt.Sprintf("the file has %d bytes; at most %d are read", len(source), MaxBytes),
			Hint:     "a policy is small; move data that is not policy elsewhere",
		}}
	}
	if start := source[:min(len(source), 4)]; bytes.IndexByte(start, 0) >= 0 || bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff}) {
		return []Issue{{Position: Position{1, 1}, Message: "the file is not UTF-8; it looks like UTF-16 or UTF-32", Hint: "save the file as UTF-8"}}
	}
	var issues []Issue
	at := Position{1, 1}
	for rest := source; len(rest) > 0; {
		char, size := utf8.DecodeRune(rest)
		if message, hint := refuse(char, size, rest, at); message != "" {
			issues = append(issues, Issue{Position: at, Message: message, Hint: hint})
		}
		rest = rest[size:]
		at.Column++
		if char == '\n' {
			at = Position{at.Line + 1, 1}
		}
	}
	return issues
}

// refuse says why a character may not stand in the text, or "".
func refuse(char rune, size int, rest []byte, at Position) (message, hint string) {
	switch {
	case char == utf8.RuneError && size == 1:
		return fmt.Sprintf(`the file is not UTF-8: byte \x%02x`, rest[0]), "save the file as UTF-8"
	case char == byteOrderMark && at == Position{1, 1}:
		return `the file begins with a byte order mark (\ufeff)`, `save the file as UTF-8 without "BOM"`
	case char == '\n' || char == '\t' || char == joiner || char == nonJoiner:
		return "", ""
	case char == '\r' && len(rest) > 1 && rest[1] == '\n':
		return "", ""
	case char == '\r' || char == '\u0085' || char == '\u2028' || char == '\u2029':
		return fmt.Sprintf("the character %s is read as a line break, which people do not see", EscapeRune(char)),
			"end lines with LF or CRLF; inside double quotes the character can be written as an escape"
	case unicode.Is(unicode.Cc, char):
		return fmt.Sprintf("the control character %s may not stand in the file", EscapeRune(char)),
			"remove it; inside double quotes it can be written as an escape"
	case unicode.Is(unicode.Cf, char):
		return fmt.Sprintf("the invisible character %s may not stand in the file", EscapeRune(char)),
			"remove it; inside double quotes it can be written as an escape"
	}
	return "", ""
}

// hidden returns the first character of a text that does not show, if there is
// one. The two characters that only join or colour the symbol before them, as
// in many emoji, are part of what is seen.
func hidden(text string) (found rune, ok bool) {
	var before rune
	for _, char := range text {
		joins := char == joiner || char == '\uFE0F'
		switch {
		case joins && (unicode.In(before, unicode.So, unicode.Sk) || before == '\uFE0F'):
		case unicode.In(char, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || char == '\u2800',
			unicode.In(char, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector),
			unicode.Is(unicode.Zs, char) && char != ' ':
			return char, true
		}
		before = char
	}
	return 0, false
}

// visible reports whether a character shows on a page as itself.
func visible(char rune) bool {
	return unicode.IsPrint(char) && char != '\u2800' &&
		!unicode.In(char, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// EscapeRune returns a visible form of a character: itself where it shows, and
// otherwise an escape such as \u202e.
func EscapeRune(char rune) string {
	if visible(char) {
		return string(char)
	}
	return strings.Trim(strconv.QuoteRuneToASCII(char), "'")
}

// Escape makes every character of a text visible.
func Escape(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		char, size := utf8.DecodeRuneInString(text)
		if char == utf8.RuneError && size == 1 {
			fmt.Fprintf(&out, `\x%02x`, text[0])
		} else {
			out.WriteString(EscapeRune(char))
		}
		text = text[size:]
	}
	return out.String()
}

// Quote returns a text in double quotes, escaped and cut to a readable length.
func Quote(text string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(shorten(text))
	return `"` + Escape(escaped) + `"`
}

// quoteASCII is Quote with escapes for all but ASCII, for texts that have to be
// ASCII: a letter of another alphabet can look like the one that is expected.
func quoteASCII(text string) string { return strconv.QuoteToASCII(shorten(text)) }

// shorten cuts a text that would fill the page.
func shorten(text string) string {
	const most = 60
	if chars := []rune(text); len(chars) > most {
		return string(chars[:most]) + "..."
	}
	return text
}

// Plain writes a text on one line of YAML: as it is where it can only be read as
// itself, else in quotes with escapes.
func Plain(text string) string {
	if plainText.MatchString(text) && !otherWord.MatchString(text) {
		return text
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	return `"` + Escape(escaped) + `"`
}

var (
	plainText = lazy.New(`^[A-Za-z./$](:?[A-Za-z0-9_./$*@+-])*( [A-Za-z0-9_./$*@+-](:?[A-Za-z0-9_./$*@+-])*)*$|^([0-9]+[dhm])+$`)
	// otherWord is what readers of YAML take for something else than text.
	otherWord = lazy.New(`^(?i:true|false|yes|no|on|off|y|n|null|[.](inf|nan))$|^[.][0-9]`)
)
