package signature

import (
	"crypto"
	"fmt"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// skew is by how much the clock of whoever signed may be ahead of ours.
const skew = 5 * time.Minute

// openpgpRing is a table of public keys by 64-bit key id. An id is not an
// identity: several keys may have the same one, and all of them are tried.
//
// The table is written once and then only read. The library's own key ring is
// not kept: it notes what it has checked as it goes, which is a data race.
type openpgpRing struct {
	keys map[uint64][]pgpKey
}

// pgpKey is a key that can make signatures, primary or subkey, with all that a
// verdict needs to know of it. The strings that give a reason are empty when
// there is none.
type pgpKey struct {
	public *packet.PublicKey
	// primary is the fingerprint of the primary key, in upper-case hexadecimal.
	primary       string
	owner, source string
	// created is when both the primary key and this key existed.
	created time.Time
	// expires is when the first of them is no longer valid, zero for never.
	expires time.Time
	// revoked, weak, unfit and disputed say why one of the two was taken back,
	// can be forged, may not sign data, or belongs to nobody in particular.
	revoked, weak, unfit, disputed string
}

func (k pgpKey) fingerprint() string { return fmt.Sprintf("%X", k.public.Fingerprint) }

// verify tells what one armored signature says about the payload.
func (r openpgpRing) verify(payload, armored []byte, when Moment, demand Demand) Result {
	signature, fault := readPGPSignature(armored)
	if fault != nil {
		return Result{State: fault.state, Detail: fault.detail, Scheme: OpenPGP}
	}
	result := Result{Scheme: OpenPGP, Key: claimedKey(signature), Claimed: signature.CreationTime.UTC()}
	candidates := r.candidates(signature)
	if len(candidates) == 0 {
		result.State, result.Detail = UnknownKey, "the key "+result.Key+" is not among those given"
		return result
	}
	result.State, result.Detail = Bad, "the key did not sign these bytes"
	judged := candidates[0]
	for _, key := range candidates {
		if !key.signed(payload, signature) {
			continue
		}
		judged = key
		result.State, result.Detail = key.judge(signature, when, demand)
		// The same key may stand below two primary keys. What speaks against it
		// in one place speaks against it everywhere.
		if result.State != Good {
			break
		}
	}
	result.Key, result.Owner, result.Source = judged.primary, judged.owner, judged.source
	return result
}

// candidates are the keys that the signature may be by. A fingerprint, where
// the signature names one, has to fit in full.
func (r openpgpRing) candidates(signature *packet.Signature) []pgpKey {
	var found []pgpKey
	for _, key := range r.keys[*signature.IssuerKeyId] {
		if key.public.Version == signature.Version && signature.CheckKeyIdOrFingerprint(key.public) {
			found = append(found, key)
		}
	}
	return found
}

// signed tells whether the key made the signature over the payload.
func (k pgpKey) signed(payload []byte, signature *packet.Signature) bool {
	hash, err := signature.PrepareVerify()
	if err != nil {
		return false
	}
	if _, err := hash.Write(payload); err != nil {
		return false
	}
	return k.public.VerifySignature(hash, signature) == nil
}

// judge says what a signature counts for that the key did make. What could be
// forged comes first, then what holds for ever, then what depends on time.
func (k pgpKey) judge(signature *packet.Signature, when Moment, demand Demand) (State, string) {
	switch {
	case k.weak != "":
		return Weak, k.weak
	case signature.Hash == crypto.SHA1 && !demand.Weak:
		return Weak, "the signature is over a SHA-1 hash"
	case k.disputed != "":
		return UnknownKey, k.disputed
	case k.revoked != "":
		return Revoked, k.revoked
	case k.unfit != "":
		return NotForSigning, k.unfit
	}
	return k.timely(signature, when)
}

// timely judges the moments. Both ends are meant: a key that expires at noon
// is no longer valid at noon.
func (k pgpKey) timely(signature *packet.Signature, when Moment) (State, string) {
	claimed, until := signature.CreationTime, lifetimeEnd(signature.CreationTime, signature.SigLifetimeSecs)
	switch {
	case claimed.After(when.Now.Add(skew)):
		return FromFuture, "the signature is dated " + moment(claimed)
	case claimed.Before(k.created):
		return TooEarly, fmt.Sprintf("the signature is dated %s, its key %s", moment(claimed), moment(k.created))
	case over(k.expires, when.at()):
		return KeyExpired, "the key was valid until " + moment(k.expires)
	case over(until, when.at()):
		return SignatureExpired, "the signature was valid until " + moment(until)
	}
	return Good, "signed by the key " + k.primary
}

// claimedKey is what a signature says about its key: the fingerprint, or the
// key id as most signatures of GitHub do.
func claimedKey(signature *packet.Signature) string {
	if len(signature.IssuerFingerprint) > 0 {
		return fmt.Sprintf("%X", signature.IssuerFingerprint)
	}
	return fmt.Sprintf("%016X", *signature.IssuerKeyId)
}

// lifetimeEnd is when something ends that says how long it lasts. No number,
// or zero, is for ever, which is the zero time.
func lifetimeEnd(from time.Time, seconds *uint32) time.Time {
	if seconds == nil || *seconds == 0 {
		return time.Time{}
	}
	return from.Add(time.Duration(*seconds) * time.Second)
}

// over tells whether something that lasts until then is over. The zero time
// never comes.
func over(until, now time.Time) bool {
	return !until.IsZero() && !now.Before(until)
}

// earliest is the first of two ends, of which the zero time never comes.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
