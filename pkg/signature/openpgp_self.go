package signature

import (
	"fmt"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// What a key says about itself is believed when the primary key signed it, also
// over a SHA-1 hash: old keys have no other. A forger would need the collision
// and the key file, and who can write that file needs no collision.

// pgpPrimary is a primary key with all its copies joined.
type pgpPrimary struct {
	public        *packet.PublicKey
	owner, source string
	disputed      string
	revocations   []*packet.Signature
	direct        []*packet.Signature
	users         []pgpUser
	subkeys       []pgpSubkey
	// place is where in subkeys a fingerprint is.
	place map[string]int
}

func (k *pgpPrimary) fingerprint() string { return fmt.Sprintf("%X", k.public.Fingerprint) }

// join adds what one copy of the key has.
func (k *pgpPrimary) join(each pgpCopy) {
	k.revocations = append(k.revocations, each.revocations...)
	k.direct = append(k.direct, each.direct...)
	k.users = append(k.users, each.users...)
	if k.place == nil {
		k.place = map[string]int{}
	}
	for _, subkey := range each.subkeys {
		at, known := k.place[string(subkey.public.Fingerprint)]
		if !known {
			k.place[string(subkey.public.Fingerprint)] = len(k.subkeys)
			k.subkeys = append(k.subkeys, subkey)
			continue
		}
		k.subkeys[at].bindings = append(k.subkeys[at].bindings, subkey.bindings...)
		k.subkeys[at].revocations = append(k.subkeys[at].revocations, subkey.revocations...)
	}
}

// said is what a key says about itself or a subkey, in the newest words that
// it did sign.
type said struct {
	found bool
	// user is the first user id that counts.
	user string
	// expires is zero for never.
	expires time.Time
	// unfit says why the key may not sign data.
	unfit string
}

// self is what the primary key says about itself. The newest signature over a
// user id counts, and beside it the newest direct one: where they differ, the
// narrower. That it may be newer than what the key signed is how it should be;
// who renews a key exports only the newest.
func (k *pgpPrimary) self() said {
	var onUsers []*packet.Signature
	result := said{unfit: "the key does not say that it may sign data"}
	for _, user := range k.users {
		mine := user.valid(k.public)
		if len(mine) > 0 && result.user == "" {
			result.user = user.id
		}
		onUsers = append(onUsers, mine...)
	}
	var direct []*packet.Signature
	for _, each := range k.direct {
		if k.public.VerifyDirectKeySignature(each) == nil {
			direct = append(direct, each)
		}
	}
	mayNot := false
	for _, each := range append(newest(onUsers), newest(direct)...) {
		result.found = true
		result.expires = earliest(result.expires, keyEnd(k.public, each))
		if each.FlagsValid && each.FlagSign {
			result.unfit = ""
		}
		mayNot = mayNot || each.FlagsValid && !each.FlagSign
	}
	if mayNot {
		result.unfit = "the key is not for signing data"
	}
	return result
}

// valid are the certifications that the key itself made, unless it took them
// back since.
func (u pgpUser) valid(key *packet.PublicKey) []*packet.Signature {
	var mine []*packet.Signature
	for _, each := range u.certifications {
		if each.CheckKeyIdOrFingerprint(key) && key.VerifyUserIdSignature(u.id, key, each) == nil {
			mine = append(mine, each)
		}
	}
	for _, each := range u.revocations {
		if !each.CheckKeyIdOrFingerprint(key) || key.VerifyUserIdSignature(u.id, key, each) != nil {
			continue
		}
		for _, certification := range mine {
			if !certification.CreationTime.After(each.CreationTime) {
				mine = without(mine, certification)
			}
		}
	}
	return mine
}

// without is the list without one element.
func without(all []*packet.Signature, one *packet.Signature) []*packet.Signature {
	var rest []*packet.Signature
	for _, each := range all {
		if each != one {
			rest = append(rest, each)
		}
	}
	return rest
}

// newest are the signatures of the latest date: several, when they were made
// in the same second.
func newest(all []*packet.Signature) []*packet.Signature {
	var latest []*packet.Signature
	for _, each := range all {
		if len(latest) > 0 && each.CreationTime.After(latest[0].CreationTime) {
			latest = nil
		}
		if len(latest) == 0 || each.CreationTime.Equal(latest[0].CreationTime) {
			latest = append(latest, each)
		}
	}
	return latest
}

// keyEnd is when a key expires by what a signature over it says: the key's own
// end, or that of the signature.
func keyEnd(key *packet.PublicKey, signature *packet.Signature) time.Time {
	return earliest(
		lifetimeEnd(key.CreationTime, signature.KeyLifetimeSecs),
		lifetimeEnd(signature.CreationTime, signature.SigLifetimeSecs),
	)
}

// revoked says why the key was taken back, empty when it was not. unproven
// tells that a revocation cannot be checked, such as one by another key that
// was appointed for it, or in an old format. It counts: to remove it from the
// file is easier than to take back a release.
func (k *pgpPrimary) revoked() (reason string, unproven bool) {
	for _, each := range k.revocations {
		proven := each != nil && k.public.VerifyRevocationSignature(each) == nil
		if reason == "" {
			reason = revocationReason("the key", each)
		}
		unproven = unproven || !proven
	}
	return reason, unproven
}

// self is what the primary key says about its subkey. To sign data, the subkey
// has to say in return that it belongs to the primary key; else anybody could
// adopt it.
func (s pgpSubkey) self(primary *packet.PublicKey) said {
	var bound []*packet.Signature
	for _, each := range s.bindings {
		if vouches(primary, primary, s.public, each) {
			bound = append(bound, each)
		}
	}
	var result said
	for _, each := range newest(bound) {
		result.found = true
		result.expires = earliest(result.expires, keyEnd(s.public, each))
		back := each.EmbeddedSignature
		switch {
		case !each.FlagsValid || !each.FlagSign:
			result.unfit = "the subkey is not for signing data"
		case back == nil || isCritical(back) || !vouches(s.public, primary, s.public, back):
			result.unfit = "the subkey does not say that it belongs to the key"
		default:
			result.expires = earliest(result.expires, lifetimeEnd(back.CreationTime, back.SigLifetimeSecs))
		}
	}
	return result
}

// vouches tells whether by made the signature that binds a subkey to a primary
// key, in either direction (RFC 9580, section 5.2.4).
func vouches(by, primary, subkey *packet.PublicKey, signature *packet.Signature) bool {
	hash, err := signature.PrepareVerify()
	if err != nil || signature.Version != by.Version {
		return false
	}
	if primary.SerializeForHash(hash) != nil || subkey.SerializeForHash(hash) != nil {
		return false
	}
	return by.VerifySignature(hash, signature) == nil
}

// revoked is the same for a subkey as for a primary key.
func (s pgpSubkey) revoked(primary *packet.PublicKey) (reason string, unproven bool) {
	for _, each := range s.revocations {
		proven := each != nil && primary.VerifySubkeyRevocationSignature(each, s.public) == nil
		if reason == "" {
			reason = revocationReason("the subkey", each)
		}
		unproven = unproven || !proven
	}
	return reason, unproven
}

// revocationReason says when and why something was revoked, as far as that can
// be read. Why and when do not change what it means: the date is the signer's.
func revocationReason(what string, signature *packet.Signature) string {
	reason := what + " was revoked"
	if signature == nil {
		return reason
	}
	reason += " on " + moment(signature.CreationTime)
	if signature.RevocationReasonText != "" {
		reason += ": " + quoted(signature.RevocationReasonText)
	}
	return reason
}
