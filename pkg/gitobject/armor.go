package gitobject

import (
	"bytes"
	"regexp"
)

const (
	armorBegin = "-----BEGIN "
	armorEnd   = "-----END "
	armorDash  = "-----"
	// blanks may stand at the end of every line of armor.
	blanks = " \t\r"

	stampBegin = "-----BEGIN OPENTIMESTAMPS GIT TIMESTAMP-----"
	stampEnd   = "-----END OPENTIMESTAMPS GIT TIMESTAMP-----"
)

// stamp is what the OpenTimestamps client appends to a signature (its
// otsclient/git.py), and nothing else: no signature covers these bytes, so there
// must be no room for words in them.
var stamp = regexp.MustCompile(`\A` + stampBegin + `\n\n(?:[A-Za-z0-9+/=]{1,64}\n)+` + stampEnd + `(?:\n|\z)`)

// splitArmor tells one signature from the OpenTimestamps block behind it, and
// refuses everything else behind its end. Whether the block is well-formed, and
// of a kind that is known, is for those to say who read signatures.
func splitArmor(text []byte) (signature, timestamp []byte, err error) {
	end, err := blockEnd(text)
	if err != nil {
		return nil, nil, err
	}
	rest := skipBlanks(text[end:])
	if len(rest) == 0 {
		return text, nil, nil
	}
	if stamped := stamp.FindIndex(rest); stamped != nil {
		behind := skipBlanks(rest[stamped[1]:])
		if len(behind) > 0 {
			return nil, nil, textAfter(behind)
		}
		start := len(text) - len(rest)
		return text[:start:start], rest, nil
	}
	if bytes.HasPrefix(rest, []byte(armorBegin)) {
		return nil, nil, secondBlock(rest)
	}
	return nil, nil, textAfter(rest)
}

// blockEnd returns where the line after the end of the first block begins, or
// the length of a text in which no block ends.
func blockEnd(text []byte) (int, error) {
	begun, at := false, 0
	for line := range bytes.Lines(text) {
		at += len(line)
		line = skipBlanks(line)
		if bytes.HasPrefix(line, []byte(armorBegin)) {
			if begun {
				return 0, secondBlock(line)
			}
			begun = true
		}
		label, isEnd := bytes.CutPrefix(line, []byte(armorEnd))
		if !isEnd {
			continue
		}
		_, behind, _ := bytes.Cut(label, []byte(armorDash))
		if behind = skipBlanks(behind); len(behind) > 0 {
			return 0, textAfter(behind)
		}
		return at, nil
	}
	return at, nil
}

func skipBlanks(text []byte) []byte { return bytes.TrimLeft(text, blanks+"\n") }

func secondBlock(found []byte) error {
	return unfit(ManySignatures, "a second block begins with %s", quoted(found))
}

func textAfter(found []byte) error {
	return unfit(TextAfter, "behind the end of the signature stands %s, which it does not cover", quoted(found))
}
