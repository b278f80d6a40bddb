package signature

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/crypto/ssh"
)

// Notes returns what was read in the key material in a way that whoever wrote
// it may not expect, such as a time without its zone. Unlike the problems that
// NewRing returns, nothing is lost by them. Their order is always the same.
func (r *Ring) Notes() []Problem { return slices.Clone(r.ssh.notes) }

// newSSHRing compiles lines of SSH keys. The revoked ones are public keys, one
// per line, with or without a comment; they need not be among the others.
func newSSHRing(materials, revoked []Material) (sshRing, []Problem) {
	ring := sshRing{keys: map[string]sshKey{}, revoked: map[string]string{}}
	var problems []Problem
	total := 0
	for _, material := range materials {
		read := readSigners(material)
		total += len(read.entries)
		ring.notes = append(ring.notes, read.notes...)
		problems = append(append(problems, read.problems...), ring.add(read.entries)...)
	}
	for _, material := range revoked {
		read := readRevoked(material)
		total += len(read.entries)
		problems = append(problems, read.problems...)
		for _, entry := range read.entries {
			ring.revoked[string(entry.key.Marshal())] = entry.source
		}
	}
	if total > maxKeys {
		detail := fmt.Sprintf("there are more than %d SSH keys; none of them counts", maxKeys)
		return sshRing{notes: ring.notes}, append(problems, Problem{Source: "SSH keys", Detail: detail})
	}
	return ring, problems
}

// add enters lines into the table. A key that two owners have tells nobody
// which of them signed.
func (r sshRing) add(entries []sshEntry) (problems []Problem) {
	for _, entry := range entries {
		id := string(entry.key.Marshal())
		key := r.keys[id]
		key.entries = append(key.entries, entry)
		if first := key.entries[0].owner; first != entry.owner && key.disputed == "" {
			key.disputed = claimedTwice(ssh.FingerprintSHA256(entry.key), first, entry.owner)
			problems = append(problems, Problem{Source: entry.source, Line: entry.line, Detail: key.disputed})
		}
		r.keys[id] = key
	}
	return problems
}

// readRevoked reads a list of keys that were taken back. A certificate on it
// takes its key back, as in OpenSSH.
func readRevoked(material Material) *signersReader {
	reader := &signersReader{material: material}
	if reader.isUnreadable() {
		return reader
	}
	for number, text := range signerLines(material.Data) {
		key, err := parseSSHKeyLine(text)
		if err != nil {
			reader.problem(number, "%v", err)
			continue
		}
		if certificate, ok := key.(*ssh.Certificate); ok {
			key = certificate.Key
		}
		reader.entries = append(reader.entries, sshEntry{key: key, source: material.Source, line: number})
	}
	return reader
}

// isUnreadable tells whether the material is no text with lines, and says so.
func (r *signersReader) isUnreadable() bool {
	switch {
	case bytes.HasPrefix(r.material.Data, []byte("SSHKRL")):
		r.problem(0, "a binary revocation list (KRL) is not read: list the public keys, one per line")
	case bytes.Contains(r.material.Data, []byte("PRIVATE KEY-----")):
		r.problem(0, "it holds a private key, which does not belong here: give the public key (.pub), and replace the private one if others could read it")
	default:
		return false
	}
	return true
}
