package audit

import (
	"net/url"
	"strings"
)

// shell returns text as one word of a POSIX shell, whatever it holds. Names of
// branches and environments are chosen by others, and commands are there to be
// pasted.
func shell(text string) string {
	plain := strings.IndexFunc(text, func(char rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@=+,", char)
	}) < 0
	if plain && text != "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// segment returns text as one part of the path of an address.
func segment(text string) string { return url.PathEscape(text) }
