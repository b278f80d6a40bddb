package signature

import "fmt"

// Material is key material from one place.
type Material struct {
	// Owner is who the material belongs to, such as a login. With "" the
	// material says so itself: the principals of a line of allowed_signers, or
	// the first user id of an OpenPGP key.
	Owner string
	// Principal selects lines of allowed_signers: those whose patterns match
	// it. With "" every line counts. It is not looked at in other formats.
	Principal string
	// Source says where the material is from, for people.
	Source string
	// Data is armored OpenPGP keys, lines of allowed_signers, or lines of
	// public SSH keys (as in authorized_keys, without options).
	Data []byte
}

// Problem is something in the material that could not be used. Whether the
// rest may be used in spite of it is the caller's decision.
type Problem struct {
	Source string
	// Line is 1-based, or 0 where the format has no lines.
	Line   int
	Detail string
}

// Error returns the problem in one line.
func (p Problem) Error() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", p.Source, p.Line, p.Detail)
	}
	return p.Source + ": " + p.Detail
}

// Ring is key material, compiled once. It never changes and may be shared
// between goroutines.
type Ring struct {
	openpgp openpgpRing
	ssh     sshRing
}

// Keys returns how many keys the ring has, subkeys of OpenPGP included. A ring
// without any vouches for nobody.
func (r *Ring) Keys() int { return len(r.openpgp.keys) + len(r.ssh.keys) }
