package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const (
	armorBegin = "-----BEGIN PGP "
	armorEnd   = "-----END PGP "
	armorDash  = "-----"
)

// pgpBlock is one armored block (RFC 9580, section 6.2).
type pgpBlock struct {
	// kind is what stands between the dashes, without "PGP".
	kind string
	// headers are the names of the lines before the empty one.
	headers []string
	body    []byte
}

// readArmor reads the block that begins at the first line and returns the lines
// after it. It is ours because the library's reader skips what stands before
// the block, never looks at its end, and takes any line for a header: each of
// them lets one block look like another to another reader.
//
// Blanks at the end of a line are not part of it. The checksum is not compared,
// as RFC 9580 (section 6.1) has it: it protects nothing.
func readArmor(lines []string) (pgpBlock, []string, error) {
	kind, isBegin := strings.CutPrefix(lines[0], armorBegin)
	kind, isWhole := strings.CutSuffix(kind, armorDash)
	if !isBegin || !isWhole {
		return pgpBlock{}, lines[1:], errors.New("the first line is not the begin of a block: " + quoted(lines[0]))
	}
	block, rest := pgpBlock{kind: kind}, lines[1:]
	for len(rest) > 0 && rest[0] != "" {
		name, _, isHeader := strings.Cut(rest[0], ": ")
		if !isHeader && !strings.HasSuffix(rest[0], ":") {
			return block, rest, errors.New("no empty line before the data")
		}
		block.headers = append(block.headers, strings.TrimSuffix(name, ":"))
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return block, rest, errors.New("no data")
	}
	return readArmorBody(block, rest[1:])
}

// readArmorBody reads the data up to and with the end line.
func readArmorBody(block pgpBlock, lines []string) (pgpBlock, []string, error) {
	var data strings.Builder
	for i, line := range lines {
		switch {
		case line == armorEnd+block.kind+armorDash:
			body, err := base64.StdEncoding.Strict().DecodeString(data.String())
			if err != nil {
				return block, lines[i+1:], fmt.Errorf("decode armor: %w", err)
			}
			block.body = body
			return block, lines[i+1:], nil
		case strings.HasPrefix(line, armorDash):
			return block, lines[i:], errors.New("the block does not end before another line of dashes")
		case isChecksum(line) && i+1 < len(lines) && strings.HasPrefix(lines[i+1], armorEnd):
			// The next line ends the block.
		default:
			data.WriteString(line)
		}
	}
	return block, nil, errors.New("the block has no end")
}

func isChecksum(line string) bool { return len(line) == 5 && line[0] == '=' }

// armorLines are the lines of armored text without what ends them.
func armorLines(text []byte) []string {
	lines := make([]string, 0, bytes.Count(text, []byte("\n"))+1)
	for line := range bytes.Lines(text) {
		lines = append(lines, string(bytes.TrimRight(line, " \t\r\n")))
	}
	return lines
}
