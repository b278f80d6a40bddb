package gate

import (
	"strings"
	"unicode"
)

// looksLike reports whether two different names could be taken for each other:
// they differ in case, in spaces or invisible characters, or in letters from
// outside ASCII that stand where the other has some letter. It finds hints for
// people and decides nothing.
func looksLike(a, b string) bool {
	left, right := bare(a), bare(b)
	if len(left) != len(right) {
		return false
	}
	same := 0
	for i := range left {
		switch {
		case left[i] == right[i]:
			same++
		case left[i] <= unicode.MaxASCII && right[i] <= unicode.MaxASCII:
			return false
		}
	}
	return same > 0
}

// bare leaves of a name what a reader sees, in lower case.
func bare(name string) []rune {
	return []rune(strings.Map(func(char rune) rune {
		if unicode.IsSpace(char) || !unicode.IsPrint(char) || unicode.Is(unicode.Mn, char) {
			return -1
		}
		return unicode.ToLower(char)
	}, name))
}
