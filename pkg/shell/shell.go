package shell

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Word returns text as one word of a POSIX shell, whatever it holds.
func Word(text string) string {
	odd := strings.ContainsFunc(text, func(char rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@=+,%", char)
	})
	// zsh takes "=name" for the path of a program.
	if !odd && text != "" && text[0] != '=' {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Segment returns text as one part of the path of an address. gh would put names of
// the folder in which it runs into the place of ":owner", ":repo" and ":branch".
func Segment(text string) string { return strings.ReplaceAll(url.PathEscape(text), ":", "%3A") }

// IsPlain reports whether all of a text is seen as what it is. A report shows other
// characters by their numbers, which a command would take for the text.
func IsPlain(text string) bool { return !strings.ContainsFunc(text, isOdd) }

func isOdd(char rune) bool { return char < ' ' || char > '~' }

// Quoted returns text as JSON and jq write it, in plain characters. In jq no "\("
// begins a program: JSON has no backslash that stands alone.
func Quoted(text string) string {
	written, err := json.Marshal(text)
	if err != nil {
		return `""` // a string can always be written
	}
	return plain(string(written))
}

// plain writes characters of JSON by their numbers that a report or a shell would
// change: a shell that is typed into puts an earlier command in the place of "!x",
// also in a here-document, and a runner takes "##[" for a command.
func plain(text string) string {
	var out strings.Builder
	for _, char := range text {
		if char == '\n' || char != '!' && char != '#' && !isOdd(char) {
			out.WriteRune(char)
			continue
		}
		for _, unit := range utf16.Encode([]rune{char}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// JSON returns a command that reads a body, with that body: it stands between lines
// that keep the shell from reading it. No line of a body can be the one that ends
// it, because JSON has no line breaks inside of texts.
//
// The error is that of encoding/json; the structs of this program give none.
func JSON(command string, body any) (string, error) {
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the body of %q: %w", command, err)
	}
	return command + " --input - <<'JSON'\n" + plain(string(text)) + "\nJSON", nil
}
