package refglob

import "strings"

// Versions narrows names to those that are semantic versions, with or without a
// "v" (https://semver.org/#semantic-versioning-200). Of a pattern for full
// references it is the name of the branch or tag that has to be one. The zero value
// narrows nothing.
type Versions uint8

// Which names count.
const (
	AnyName     Versions = iota
	Releases             // versions that are no pre-releases
	Prereleases          // versions that are
)

// spot is how far a name has come as a version. What comes before the next spot in
// this list is in its comment.
type spot uint8

const (
	atStart      spot = iota
	atMajor           // the v
	inMajor           // a number that does not begin with 0
	zeroMajor         // 0
	atMinor           // the first dot
	inMinor           //
	zeroMinor         //
	atPatch           // the second dot
	inPatch           //
	zeroPatch         //
	atIdentifier      // the dash, or a dot after it
	inNumber          // a number of a pre-release
	zeroNumber        // 0 there
	badNumber         // a number there that begins with 0, unless letters follow
	inWord            // something with letters there
	atBuild           // the plus of a release, or a dot after it
	inBuild           //
	atPreBuild        // the plus of a pre-release
	inPreBuild        //
	notVersion        // nothing that can become a version
	everywhere        // any name will do
	inRefs            // the first part of a full reference
	inKind            // the second; neither is of a version
)

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"

// first returns where a name begins that is of a namespace, or of none.
func (v Versions) first(namespace string) spot {
	switch {
	case v == AnyName:
		return everywhere
	case namespace != "":
		return inRefs
	}
	return atStart
}

// ends reports whether a name that has come so far is one of those.
func (v Versions) ends(at spot) bool {
	switch v {
	case AnyName:
		return true
	case Releases:
		return at == inPatch || at == zeroPatch || at == inBuild
	case Prereleases:
		return at == inNumber || at == zeroNumber || at == inWord || at == inPreBuild
	}
	return false
}

// after returns where one more character leads.
func (s spot) after(char rune) spot {
	switch {
	case s == everywhere:
		return everywhere
	case s == inRefs || s == inKind:
		return s.within(char)
	case s == atStart && char == 'v':
		return atMajor
	case char == '0':
		return s.byDigit(true)
	case '1' <= char && char <= '9':
		return s.byDigit(false)
	case strings.ContainsRune(letters, char):
		return s.byLetter(char)
	case char == '.' || char == '+':
		return s.byMark(char)
	}
	return notVersion
}

// within is where a character leads in the first two parts of a full reference.
func (s spot) within(char rune) spot {
	switch {
	case char != '/':
		return s
	case s == inRefs:
		return inKind
	}
	return atStart
}

func (s spot) byDigit(zero bool) spot {
	first := func(number, ifZero spot) spot {
		if zero {
			return ifZero
		}
		return number
	}
	switch s { //nolint:exhaustive // all others lead nowhere
	case atStart, atMajor:
		return first(inMajor, zeroMajor)
	case atMinor:
		return first(inMinor, zeroMinor)
	case atPatch:
		return first(inPatch, zeroPatch)
	case atIdentifier:
		return first(inNumber, zeroNumber)
	case inMajor, inMinor, inPatch, inNumber, badNumber, inWord:
		return s
	case zeroNumber:
		return badNumber
	}
	return s.inBuild()
}

func (s spot) byLetter(char rune) spot {
	switch s { //nolint:exhaustive // all others lead nowhere
	case inPatch, zeroPatch:
		if char == '-' {
			return atIdentifier
		}
		return notVersion
	case atIdentifier, inNumber, zeroNumber, badNumber, inWord:
		return inWord
	}
	return s.inBuild()
}

// inBuild is where digits and letters lead in what comes after the plus.
func (s spot) inBuild() spot {
	switch s { //nolint:exhaustive // all others lead nowhere
	case atBuild, inBuild:
		return inBuild
	case atPreBuild, inPreBuild:
		return inPreBuild
	}
	return notVersion
}

func (s spot) byMark(char rune) spot {
	plus := char == '+'
	switch {
	case (s == inMajor || s == zeroMajor) && !plus:
		return atMinor
	case (s == inMinor || s == zeroMinor) && !plus:
		return atPatch
	case (s == inPatch || s == zeroPatch) && plus, s == inBuild && !plus:
		return atBuild
	case s == inNumber || s == zeroNumber || s == inWord:
		if plus {
			return atPreBuild
		}
		return atIdentifier
	case s == inPreBuild && !plus:
		return atPreBuild
	}
	return notVersion
}
