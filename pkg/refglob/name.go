package refglob

import "strings"

// place is how far a name has come that git has to allow (git-check-ref-format(1)).
// The zero place is the middle of a part.
type place struct {
	// begins is true at the beginning of a part, at after "@".
	begins, at bool
	// locked counts how much of ".lock" came last; 1 is a dot.
	locked uint8
}

const lock = ".lock"

// allows returns the place after one more character; ok is false where git allows
// no such name.
func (p place) allows(char rune) (next place, ok bool) {
	switch {
	case char == '/':
		return place{begins: true}, p.partEnds()
	case strings.ContainsRune(forbidden, char) || char < ' ':
		return place{}, false
	case char == '.':
		return place{locked: 1}, !p.begins && p.locked != 1
	case char == '{':
		return place{}, !p.at
	case p.locked > 0 && int(p.locked) < len(lock) && rune(lock[p.locked]) == char:
		return place{locked: p.locked + 1}, true
	}
	return place{at: char == '@'}, true
}

// partEnds reports whether a part may end here, nameEnds whether a name may.
func (p place) partEnds() bool { return !p.begins && int(p.locked) != len(lock) }

func (p place) nameEnds() bool { return p.partEnds() && p.locked != 1 }

// forbidden are the characters that are in no name, with the control characters.
const forbidden = " ~^:?*[\\\x7f"
