package signature

import (
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"time"

	"golang.org/x/crypto/ssh"
)

// sshRing is a table of public keys, by their bytes. It is written once and
// then only read.
type sshRing struct {
	keys map[string]sshKey
	// revoked has for a key that was taken back where that is said.
	revoked map[string]string
	notes   []Problem
}

// sshKey is a key and the lines that it has. There is at least one.
type sshKey struct {
	entries []sshEntry
	// disputed says why the key belongs to nobody in particular, or nothing.
	disputed string
}

// sshEntry is one line for one key. Its times are zero for no limit; both ends
// belong to it.
type sshEntry struct {
	key           ssh.PublicKey
	owner, source string
	line          int
	after, before time.Time
	// unfit says why the line does not allow commits and tags, or nothing.
	unfit string
}

// verify tells what one armored signature says about the payload.
func (r sshRing) verify(payload, armored []byte, when Moment, demand Demand) Result {
	result := Result{Scheme: SSH}
	signature, fault := readSSHSignature(armored)
	if signature.key != nil {
		result.Key = ssh.FingerprintSHA256(signature.key)
	}
	if fault != nil {
		result.State, result.Detail = fault.state, fault.detail
		return result
	}
	id := signature.key.Marshal()
	key, given := r.keys[string(id)]
	where, revoked := r.revoked[string(id)]
	weak := signature.weakness()
	if given && key.disputed == "" {
		result.Owner, result.Source = key.entries[0].owner, key.entries[0].source
	}
	switch {
	case !given && !revoked:
		result.State, result.Detail = UnknownKey, "the key "+result.Key+" is not among those given"
	case weak == "" && !signature.covers(payload):
		result.State, result.Detail = Bad, "the key did not sign these bytes"
	case revoked:
		result.State, result.Detail = Revoked, "the key is on the list of revoked keys "+quoted(where)
	case weak != "":
		result.State, result.Detail = Weak, weak
	case key.disputed != "":
		result.State, result.Detail = UnknownKey, key.disputed
	default:
		return key.judge(result, signature, when, demand)
	}
	return result
}

// weakness says why the signature could be forged, or nothing. A signature
// that could be is not checked: it says nothing, right or wrong.
func (s sshSignature) weakness() string {
	if s.key.Type() == keyTypeDSA {
		return "the key is a DSA key"
	}
	if s.made.Format == ssh.KeyAlgoRSA {
		return "the signature is over a SHA-1 hash"
	}
	holder, isHolder := s.key.(ssh.CryptoPublicKey)
	if !isHolder {
		return ""
	}
	const fewest = 2048
	switch key := holder.CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < fewest {
			return fmt.Sprintf("the key is an RSA key of %d bits, fewer than %d", key.N.BitLen(), fewest)
		}
	case ed25519.PublicKey:
		return weakPoint(key)
	}
	return ""
}

// judge says what a signature counts for that the key did make, by the line
// that speaks most for it.
func (k sshKey) judge(result Result, signature sshSignature, when Moment, demand Demand) Result {
	entry := k.best(when.at())
	result.Owner, result.Source = entry.owner, entry.source
	result.State, result.Detail = entry.judge(when.at())
	if result.State != Good {
		return result
	}
	result.Detail = "signed by the key " + result.Key
	switch secure := isSecurityKey(signature.key); {
	case secure && demand.Touch && !signature.touch.isPresent():
		result.State, result.Detail = Untouched, "the security key signed without a touch by its owner"
	case secure && demand.PIN && !signature.touch.isVerified():
		result.State, result.Detail = Untouched, "the security key signed without a PIN or fingerprint of its owner"
	}
	return result
}

// best is the line that counts at a moment, or the one that comes nearest to
// it. Of equal ones it is the first.
func (k sshKey) best(at time.Time) sshEntry {
	for _, wanted := range []State{Good, KeyExpired, TooEarly} {
		for _, entry := range k.entries {
			if state, _ := entry.judge(at); state == wanted {
				return entry
			}
		}
	}
	return k.entries[0]
}

// judge tells whether the line counts at a moment, and why it does not.
func (e sshEntry) judge(at time.Time) (State, string) {
	switch {
	case e.unfit != "":
		return NotForSigning, e.unfit
	case !e.after.IsZero() && at.Before(e.after):
		return TooEarly, "the key is valid from " + moment(e.after)
	case !e.before.IsZero() && at.After(e.before):
		return KeyExpired, "the key was valid until " + moment(e.before)
	}
	return Good, ""
}
