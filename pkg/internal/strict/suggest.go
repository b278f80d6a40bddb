package strict

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the allowed word that a misspelt one most likely means, or
// "" when none is near.
func Nearest(word string, allowed []string) string {
	const longest = 64 // a longer one is no misspelling, and comparing is quadratic
	if len(word) > longest {
		return ""
	}
	word = plainWord(word)
	best, nearest := len(word)/3+1, ""
	for _, candidate := range allowed {
		if distance := levenshtein.ComputeDistance(word, plainWord(candidate)); distance <= best && (nearest == "" || distance < best) {
			best, nearest = distance, candidate
		}
	}
	return nearest
}

// plainWord takes away what people mix up most.
func plainWord(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "_", "-")
}
