package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

// blanks separate the fields of a line.
const blanks = " \t"

// signersReader reads material with one key per line.
type signersReader struct {
	material        Material
	entries         []sshEntry
	problems, notes []Problem
}

// readSigners reads lines of allowed_signers (ssh-keygen(1), "ALLOWED
// SIGNERS"), or of public keys alone when the material has an owner. The first
// line decides which of them it is: a key without a principal, lost among keys
// that have one, must not count for everybody.
//
// Lines whose principals do not match are skipped unread, as OpenSSH does. A
// line that cannot be used is a problem, and the others count. On purpose it is
// stricter than OpenSSH: an option twice, a quote within a principal, a type
// that is not that of its key, and days that do not exist are problems.
func readSigners(material Material) *signersReader {
	reader := &signersReader{material: material}
	if reader.isUnreadable() {
		return reader
	}
	read, isFirst := reader.signer, true
	for number, text := range signerLines(material.Data) {
		word, _ := cutWord(text)
		if isFirst && material.Owner != "" && isSSHKeyType(word) {
			read = reader.bareKey
		}
		isFirst = false
		if err := read(number, text); err != nil {
			reader.problem(number, "%v", err)
		}
	}
	return reader
}

// NamesPrincipals reports whether key material says itself whose its keys are,
// as a file of allowed_signers does. Armored keys and bare public keys do not.
func NamesPrincipals(data []byte) bool {
	if holdsArmor(data) {
		return false
	}
	for _, text := range signerLines(data) {
		word, _ := cutWord(text)
		return !isSSHKeyType(word)
	}
	return false
}

// signerLines are the lines that are neither empty nor comments, by their
// number.
func signerLines(data []byte) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		number := 0
		for line := range bytes.Lines(data) {
			number++
			text := strings.Trim(strings.TrimRight(string(line), "\r\n"), blanks)
			if text != "" && text[0] != '#' && !yield(number, text) {
				return
			}
		}
	}
}

// problem notes what is wrong with a line, unless so much is wrong that nobody
// would read it.
func (r *signersReader) problem(line int, format string, arguments ...any) {
	const most = 100
	switch len(r.problems) {
	case most:
		format, arguments = "there are problems in more than %d lines", []any{most}
	case most + 1:
		return
	}
	r.problems = append(r.problems, Problem{Source: r.material.Source, Line: line, Detail: fmt.Sprintf(format, arguments...)})
}

func (r *signersReader) note(line int, detail string) {
	r.notes = append(r.notes, Problem{Source: r.material.Source, Line: line, Detail: detail})
}

// bareKey reads a line that is only a key.
func (r *signersReader) bareKey(number int, text string) error {
	key, err := parseSSHKeyLine(text)
	if err != nil {
		return err
	}
	if _, isCertificate := key.(*ssh.Certificate); isCertificate {
		return errCertificate
	}
	r.entries = append(r.entries, sshEntry{key: key, owner: r.material.Owner, source: r.material.Source, line: number})
	return nil
}

// signer reads a line of allowed_signers: principals, options, key.
func (r *signersReader) signer(number int, text string) error {
	principals, rest, err := cutPrincipals(text)
	if err != nil {
		return err
	}
	if r.material.Principal != "" && !matchesList(r.material.Principal, principals) {
		return nil
	}
	entry := sshEntry{owner: r.material.Owner, source: r.material.Source, line: number}
	if entry.owner == "" {
		entry.owner = principals
	}
	options, rest, err := cutOptions(rest)
	if err != nil {
		return err
	}
	entry.after, entry.before, entry.unfit = options.after, options.before, options.unfit
	if entry.key, err = parseSSHKeyLine(rest); err != nil {
		return err
	}
	if _, isCertificate := entry.key.(*ssh.Certificate); isCertificate {
		return errCertificate
	}
	for _, name := range options.zoneless {
		r.note(number, name+" has no time zone; it is read as UTC, and ssh-keygen reads it in the zone of its machine")
	}
	if options.authority {
		r.note(number, "the line is for certificates, which are not checked; it counts for no key")
		return nil
	}
	r.entries = append(r.entries, entry)
	return nil
}

var errCertificate = errors.New("the line has a certificate: list the key itself")

// cutPrincipals splits the list of principals off a line. It may be in quotes.
func cutPrincipals(text string) (principals, rest string, err error) {
	quotedText, isQuoted := strings.CutPrefix(text, `"`)
	if !isQuoted {
		principals, rest = cutWord(text)
		if isSSHKeyType(principals) {
			return "", "", errors.New("the line has a key and no principals: write whose it is before the key, such as olga@acme.example ssh-ed25519 AAAA…")
		}
	} else {
		after, isEnded := "", false
		principals, after, isEnded = strings.Cut(quotedText, `"`)
		if !isEnded || (after != "" && !strings.ContainsRune(blanks, rune(after[0]))) {
			return "", "", errors.New("the principals are not one text in quotes, with a blank after it")
		}
		rest = strings.TrimLeft(after, blanks)
	}
	switch {
	case principals == "":
		return "", "", errors.New("the list of principals is empty")
	case strings.Contains(principals, `"`):
		return "", "", errors.New("there is a quote within the principals")
	case !utf8.ValidString(principals) || strings.ContainsFunc(principals, isHidden):
		return "", "", fmt.Errorf("the principals have characters that cannot be seen: %s", quoted(principals))
	}
	return principals, rest, nil
}

// isHidden tells whether a character could make one name look like another, as
// a mark at the begin of a file does.
func isHidden(char rune) bool { return !unicode.IsPrint(char) }

// cutWord splits a line at its first blanks.
func cutWord(text string) (word, rest string) {
	end := strings.IndexAny(text, blanks)
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimLeft(text[end:], blanks)
}

// parseSSHKeyLine reads a type, a key in base64, and perhaps a comment.
func parseSSHKeyLine(text string) (ssh.PublicKey, error) {
	name, rest := cutWord(text)
	encoded, _ := cutWord(rest)
	isCertificate := strings.HasSuffix(name, certificateSuffix)
	switch {
	case encoded == "":
		return nil, errors.New("the line has no key")
	case !isSSHKeyType(name) && !isCertificate:
		return nil, fmt.Errorf("%s is no type of key that is known", quoted(name))
	// The decoder passes over ends of lines.
	case strings.ContainsAny(encoded, "\r\n"):
		return nil, errors.New("there is a carriage return in the key")
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("decode key: %w", err)
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, fmt.Errorf("read key: %s", quoted(err.Error()))
	}
	if key.Type() != name {
		return nil, fmt.Errorf("the line says %q and its key is %q", name, key.Type())
	}
	return key, nil
}
