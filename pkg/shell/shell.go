package shell

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
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

// Segment returns text as one part of the path of an address.
func Segment(text string) string { return url.PathEscape(text) }

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
	// A shell that is typed into puts an earlier command in the place of "!x", also here.
	quiet := strings.ReplaceAll(string(text), "!", `\u0021`)
	return command + " --input - <<'JSON'\n" + quiet + "\nJSON", nil
}
