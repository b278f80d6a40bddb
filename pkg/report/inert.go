package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/lazy"
)

// maxMarks is how many combining marks may follow each other. Real scripts
// need two or three; hundreds of them draw over the lines above and below.
const maxMarks = 3

// plain returns foreign text as one line without a character that moves the
// cursor, changes the direction of writing or cannot be seen. White space
// becomes one space; everything else of that kind is spelled out, such as
// \u{202e}, and so are bytes that are not UTF-8, such as \x{ff}.
func plain(text string) string {
	var out strings.Builder
	marks := 0
	for at, char := range text {
		if char >= utf8.RuneSelf && unicode.Is(unicode.M, char) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case char == ' ', char == '\t', char == '\r', char == '\n':
			out.WriteByte(' ')
		case char == utf8.RuneError && !strings.HasPrefix(text[at:], "\uFFFD"):
			fmt.Fprintf(&out, `\x{%02x}`, text[at])
		case invisible(char) || marks > maxMarks:
			out.WriteString(`\u{` + strconv.FormatInt(int64(char), 16) + "}")
		default:
			out.WriteRune(char)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// invisible reports whether a character has no shape of its own: controls,
// format characters, separators, code points that are not assigned, and the
// few letters and marks that Unicode says are to be ignored when displayed.
func invisible(char rune) bool {
	if char < utf8.RuneSelf {
		return char < ' ' || char == 0x7f // most text; the tables below are slow
	}
	const blankBraille = '\u2800'
	return !unicode.IsPrint(char) || char == blankBraille ||
		unicode.In(char, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// clip shortens text to at most limit characters and says how many it took
// away.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	count := 0
	for at := range text {
		if count == limit {
			return fmt.Sprintf("%s … (%d more characters)", text[:at], utf8.RuneCountInString(text[at:]))
		}
		count++
	}
	return text
}

// active finds what GitHub turns into something else after the Markdown has
// been read: mentions and e-mail addresses, web addresses, references to
// issues and commits, formulas, emoji names. Neither a backslash nor a
// character reference keeps it from doing so (github/cmark-gfm issue 181,
// github/markup issue 1168); a code span does.
var active = lazy.New(`@|://|(?i:www\.)|#\d|\b(?i:gh)-\d|\$|:[\w+-]*[A-Za-z+-][\w+-]*:`)

// objectID finds what GitHub takes for the id of a commit.
var objectID = lazy.New(`\b[0-9a-fA-F]{7,64}\b`)

func isActive(word string) bool {
	return active.MatchString(word) || slices.ContainsFunc(objectID.FindAllString(word, -1), func(id string) bool {
		// A few digits alone are more likely the number of a run.
		return len(id) >= 40 || strings.ContainsAny(id, "abcdefABCDEF")
	})
}

// proseEscapes covers every character with which Markdown or HTML can begin
// within a line. Characters that mean something to a table or a code span
// become references, which are read after both.
var proseEscapes = strings.NewReplacer(
	`\`, "&#92;", "|", "&#124;", "`", "&#96;", "&", "&amp;", "<", "&lt;", ">", "&gt;",
	"*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`,
)

// inline returns foreign text as Markdown that reads as that text and does
// nothing: in a table cell, in a list item, in a paragraph, in the text of a
// link. It must not be the first thing on a line, and no emphasis may be put
// around it: what text begins and ends with decides whether that is emphasis.
func inline(text string) string {
	return inlineWords(plain(text))
}

// inlineWords is inline for plain text, and keeps a space at either end.
func inlineWords(text string) string {
	words := strings.Split(text, " ")
	for i, word := range words {
		words[i] = inlineWord(word)
	}
	return strings.Join(words, " ")
}

func inlineWord(word string) string {
	if !isActive(word) {
		return proseEscapes.Replace(word)
	}
	core := strings.TrimRight(strings.TrimLeft(word, `("'`), `)"',.;:!?`)
	if !isActive(core) {
		return code(word)
	}
	before, after, _ := strings.Cut(word, core)
	return proseEscapes.Replace(before) + code(core) + proseEscapes.Replace(after)
}

// ourSpans matches a line of which every backtick belongs to a code span such
// as we write: the words of a command, no character that means anything to
// Markdown, HTML or GitHub, and a space on either side, before which one mark
// of punctuation may stand. Without the space, the backticks of two spans would
// be read as one fence.
var ourSpans = lazy.New("^(([^`]* )?`[a-z]([A-Za-z0-9 .:_/=-]{0,300}[A-Za-z0-9])?`[.,;:)]?( |$))*[^`]*$")

// instruction returns a text of ours about what to do as inline does, for the
// same places but a table cell, and with its code spans. Names from outside
// stand in it too: where one backtick is not ours, all of them are characters.
// So a foreign name can get plain words set as code, and nothing else.
func instruction(text string) string {
	text = plain(text)
	if !ourSpans.MatchString(text) {
		return inlineWords(text)
	}
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 { // between the spans
		parts[i] = inlineWords(parts[i])
	}
	return strings.Join(parts, "`")
}

// code returns foreign text as a code span for the same places as inline.
//
// Two characters are taken out of the span and written as references: "|"
// ends a table cell even within code, and a longer fence is no answer to "`",
// since GitHub's parser gives up on fences of more than 80.
func code(text string) string {
	var out strings.Builder
	span := false
	set := func(open bool) {
		if span != open {
			out.WriteByte('`')
			span = open
		}
	}
	for _, char := range plain(text) {
		if char == '`' || char == '|' {
			set(false)
			fmt.Fprintf(&out, "&#%d;", char)
			continue
		}
		set(true)
		out.WriteRune(char)
	}
	set(false)
	return out.String()
}
