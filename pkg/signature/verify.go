package signature

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Limits on what is read. A key file of GitHub's most prolific signers has
// tens of KiB, a signature of today's largest algorithm 70 KiB.
const (
	maxMaterial  = 1 << 20
	maxKeys      = 10_000
	maxSignature = 128 << 10
)

// SchemeOf tells the kind of a signature by its first line. An
// opaque OpenPGP message is Other: it carries its own text and says nothing
// about the bytes beside it.
func SchemeOf(armored []byte) Scheme {
	if len(armored) == 0 {
		return NoScheme
	}
	first, _, _ := bytes.Cut(armored, []byte("\n"))
	switch string(bytes.TrimRight(first, " \t\r")) {
	case "-----BEGIN PGP SIGNATURE-----":
		return OpenPGP
	case "-----BEGIN SSH SIGNATURE-----":
		return SSH
	case "-----BEGIN SIGNED MESSAGE-----":
		return X509
	default:
		return Other
	}
}

// NewRing compiles key material. Each piece is told apart by its content:
// armored OpenPGP, or else lines of SSH keys. revokedSSH are lists of public
// SSH keys that count for nobody; OpenPGP keys carry their own revocations.
//
// What cannot be used comes back as problems, always in the same order, and
// the rest is in the ring. A key that two owners claim counts for neither.
func NewRing(materials, revokedSSH []Material) (*Ring, []Problem) {
	var pgp, ssh []Material
	var problems []Problem
	for _, each := range materials {
		switch {
		case len(each.Data) > maxMaterial:
			problems = append(problems, tooLarge(each))
		case holdsArmor(each.Data):
			pgp = append(pgp, each)
		default:
			ssh = append(ssh, each)
		}
	}
	revoked := slices.Clone(revokedSSH)
	for i, each := range revoked {
		if len(each.Data) > maxMaterial {
			problems = append(problems, tooLarge(each))
			revoked[i].Data = nil
		}
	}
	var ring Ring
	var found []Problem
	ring.openpgp, found = newOpenPGPRing(pgp)
	problems = append(problems, found...)
	ring.ssh, found = newSSHRing(ssh, revoked)
	return &ring, append(problems, found...)
}

// holdsArmor tells whether the data is armored OpenPGP. Private keys and
// messages are too: the reader of OpenPGP keys says what is wrong with them.
func holdsArmor(data []byte) bool {
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("-----BEGIN PGP ")) {
			return true
		}
	}
	return false
}

func tooLarge(material Material) Problem {
	return Problem{
		Source: material.Source,
		Detail: fmt.Sprintf("%d bytes of keys, more than the %d that are read", len(material.Data), maxMaterial),
	}
}

// Verify tells what the armored signature says about the payload. It reads
// both as bytes and changes nothing in them. It never panics: a check that
// breaks off is a signature that does not count.
func (r *Ring) Verify(payload, armored []byte, when Moment, demand Demand) Result {
	scheme := SchemeOf(armored)
	if when.Now.IsZero() {
		return Result{Scheme: scheme, Detail: "it is not known what time it is"}
	}
	return guarded(scheme, func() Result {
		return r.verify(scheme, payload, armored, when, demand)
	})
}

func (r *Ring) verify(scheme Scheme, payload, armored []byte, when Moment, demand Demand) Result {
	if len(armored) > maxSignature {
		return Result{
			State: Malformed, Scheme: scheme,
			Detail: fmt.Sprintf("a signature of %d bytes, more than the %d that are read", len(armored), maxSignature),
		}
	}
	switch scheme {
	case NoScheme:
		return Result{State: Unsigned, Detail: "there is no signature"}
	case OpenPGP:
		return r.openpgp.verify(payload, armored, when, demand)
	case SSH:
		return r.ssh.verify(payload, armored, when, demand)
	case X509:
		return Result{State: Unsupported, Scheme: scheme, Detail: "S/MIME and gitsign signatures are not checked yet"}
	case Other:
		return other(armored)
	}
	return Result{Scheme: scheme}
}

// other says why text that stands where a signature belongs is none.
func other(armored []byte) Result {
	first, _, _ := bytes.Cut(armored, []byte("\n"))
	if bytes.HasPrefix(first, []byte("-----BEGIN ")) {
		return Result{State: Unsupported, Scheme: Other, Detail: "not a detached signature: " + quoted(string(first))}
	}
	return Result{State: Malformed, Scheme: Other, Detail: "not an armored signature: " + quoted(string(first))}
}

// guarded runs a check of hostile bytes. What panics there has not vouched for
// anything.
func guarded(scheme Scheme, check func() Result) (result Result) {
	defer func() {
		if cause := recover(); cause != nil {
			result = Result{State: Malformed, Scheme: scheme, Detail: "the check broke off: " + quoted(fmt.Sprint(cause))}
		}
	}()
	return check()
}

// quoted makes text from outside safe to show: escaped, in quotes, and short.
func quoted(text string) string {
	const most = 100
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Sprintf("%+q", text)
}
