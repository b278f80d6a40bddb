package report

import (
	"strings"
	"unicode"
)

// wideRunes are the characters that take two columns of a terminal, first and last
// of each range: those that are Wide or Fullwidth, together with what is not
// assigned between them.
// Source: Unicode Standard Annex #11, EastAsianWidth.txt of Unicode 15.
var wideRunes = [...][2]rune{
	{0x1100, 0x115f},
	{0x231a, 0x231b},
	{0x2329, 0x232a},
	{0x23e9, 0x23ec},
	{0x23f0, 0x23f0},
	{0x23f3, 0x23f3},
	{0x25fd, 0x25fe},
	{0x2614, 0x2615},
	{0x2648, 0x2653},
	{0x267f, 0x267f},
	{0x2693, 0x2693},
	{0x26a1, 0x26a1},
	{0x26aa, 0x26ab},
	{0x26bd, 0x26be},
	{0x26c4, 0x26c5},
	{0x26ce, 0x26ce},
	{0x26d4, 0x26d4},
	{0x26ea, 0x26ea},
	{0x26f2, 0x26f3},
	{0x26f5, 0x26f5},
	{0x26fa, 0x26fa},
	{0x26fd, 0x26fd},
	{0x2705, 0x2705},
	{0x270a, 0x270b},
	{0x2728, 0x2728},
	{0x274c, 0x274c},
	{0x274e, 0x274e},
	{0x2753, 0x2755},
	{0x2757, 0x2757},
	{0x2795, 0x2797},
	{0x27b0, 0x27b0},
	{0x27bf, 0x27bf},
	{0x2b1b, 0x2b1c},
	{0x2b50, 0x2b50},
	{0x2b55, 0x2b55},
	{0x2e80, 0x303e},
	{0x3041, 0x3247},
	{0x3250, 0x4dbf},
	{0x4e00, 0xa4c6},
	{0xa960, 0xa97c},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe10, 0xfe19},
	{0xfe30, 0xfe6b},
	{0xff01, 0xff60},
	{0xffe0, 0xffe6},
	{0x16fe0, 0x1b2fb},
	{0x1f004, 0x1f004},
	{0x1f0cf, 0x1f0cf},
	{0x1f18e, 0x1f18e},
	{0x1f191, 0x1f19a},
	{0x1f200, 0x1f320},
	{0x1f32d, 0x1f335},
	{0x1f337, 0x1f37c},
	{0x1f37e, 0x1f393},
	{0x1f3a0, 0x1f3ca},
	{0x1f3cf, 0x1f3d3},
	{0x1f3e0, 0x1f3f0},
	{0x1f3f4, 0x1f3f4},
	{0x1f3f8, 0x1f43e},
	{0x1f440, 0x1f440},
	{0x1f442, 0x1f4fc},
	{0x1f4ff, 0x1f53d},
	{0x1f54b, 0x1f54e},
	{0x1f550, 0x1f567},
	{0x1f57a, 0x1f57a},
	{0x1f595, 0x1f596},
	{0x1f5a4, 0x1f5a4},
	{0x1f5fb, 0x1f64f},
	{0x1f680, 0x1f6c5},
	{0x1f6cc, 0x1f6cc},
	{0x1f6d0, 0x1f6d2},
	{0x1f6d5, 0x1f6df},
	{0x1f6eb, 0x1f6ef},
	{0x1f6f4, 0x1f6ff},
	{0x1f7e0, 0x1f7ff},
	{0x1f90c, 0x1f93a},
	{0x1f93c, 0x1f945},
	{0x1f947, 0x1f9ff},
	{0x1fa70, 0x1faff},
	{0x20000, 0x3fffd},
}

// cells returns how many columns of a terminal a line takes. It expects what plain
// returns.
func cells(line string) int {
	count := 0
	for _, char := range line {
		count += cellsOf(char)
	}
	return count
}

func cellsOf(char rune) int {
	switch {
	case char < 0x300: // what combines begins here
		return 1
	case unicode.In(char, unicode.Mn, unicode.Me), char >= 0x1160 && char <= 0x11ff: // the second half of a Hangul syllable
		return 0
	case isWide(char):
		return 2
	}
	return 1
}

func isWide(char rune) bool {
	if char < wideRunes[0][0] {
		return false
	}
	for _, each := range wideRunes {
		if char <= each[1] {
			return char >= each[0]
		}
	}
	return false
}

// pad adds spaces up to a number of columns.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-cells(text)))
}

// pieces returns what of a text has to stay on one line, each piece with the space
// before it. They are the words; but a command that we quote is one piece up to a
// length, and wide scripts, which have no spaces, can be broken at any character.
func pieces(text string, limit int) []string {
	var all []string
	words := strings.Fields(text)
	for i := 0; i < len(words); {
		count := spanAt(words[i:], limit)
		all = append(all, brokenWide(" "+strings.Join(words[i:i+count], " "))...)
		i += count
	}
	return all
}

// spanAt returns of how many words the code span consists that begins with the
// first of them; 1 where none does, or where it is longer than limit.
func spanAt(words []string, limit int) int {
	if strings.Count(words[0], "`") != 1 {
		return 1
	}
	length := 0
	for i, word := range words {
		length += len(word) + 1
		if length > limit {
			return 1
		}
		if i > 0 && strings.Contains(word, "`") {
			return i + 1
		}
	}
	return 1
}

// What no line of Chinese or Japanese begins with, or ends with.
const (
	noLineBegin = "、。，．：；！？）］｝」』】〉》〕ー々…" + `)]}>,.;:!?"'`
	noLineEnd   = "（［｛「『【〈《〔" + "([{<"
)

// brokenWide divides a word, with the space before it, next to its wide characters.
// What combines with a character stays with it.
func brokenWide(word string) []string {
	var parts []string
	begin, before := 0, ' '
	for at, char := range word {
		width := cellsOf(char)
		if width == 0 {
			continue
		}
		if before != ' ' && (width == 2 || cellsOf(before) == 2) && !strings.ContainsRune(noLineBegin, char) && !strings.ContainsRune(noLineEnd, before) {
			parts, begin = append(parts, word[begin:at]), at
		}
		before = char
	}
	return append(parts, word[begin:])
}
