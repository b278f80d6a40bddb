package signature

import "time"

// Scheme is a kind of signature.
type Scheme string

// The schemes. X509 (S/MIME and gitsign) is recognised and not supported.
const (
	NoScheme Scheme = ""
	OpenPGP  Scheme = "openpgp"
	SSH      Scheme = "ssh"
	X509     Scheme = "x509"
	Other    Scheme = "other"
)

// State is what a check of a signature came to.
type State string

// The states. Only Good counts; the others say what to do about it.
const (
	Undetermined     State = ""                  // nobody looked
	Good             State = "good"              // made by a key that may vouch
	Unsigned         State = "unsigned"          // there is no signature
	Malformed        State = "malformed"         // not exactly one well-formed signature
	Unsupported      State = "unsupported"       // of a kind that is not checked here
	UnknownKey       State = "unknown-key"       // made by a key that is not among those given
	Bad              State = "bad"               // by a key that is given, but not over these bytes
	Weak             State = "weak"              // with a hash or key that can be forged
	Revoked          State = "revoked"           // its key was taken back
	KeyExpired       State = "key-expired"       // its key was no longer valid
	SignatureExpired State = "signature-expired" // it says itself until when it holds
	TooEarly         State = "too-early"         // made before its key existed or was valid
	FromFuture       State = "from-the-future"   // dated after now
	NotForSigning    State = "not-for-signing"   // its key may not sign data
	Untouched        State = "untouched"         // a security key signed without its owner's touch, or PIN
)

// Result is what a check found. Fields that the state does not concern are
// empty.
type Result struct {
	State State
	// Detail says what was found in one clause, for people. Text from the
	// signature or the keys is quoted and escaped in it.
	Detail string
	Scheme Scheme
	// Key identifies the key: "SHA256:…" for SSH, the fingerprint of the
	// primary key in upper-case hexadecimal for OpenPGP. For a key that is not
	// given, what the signature claims: a fingerprint or a 64-bit key id.
	Key string
	// Owner is whose key it is, and Source where that is said, both as the
	// Material has it. Empty unless the key is given.
	Owner, Source string
	// Claimed is when an OpenPGP signature says it was made; the signer chose
	// it. Zero for SSH, which does not say.
	Claimed time.Time
}

// Moment is the time by which a signature is judged. Both come from outside:
// a date inside the object or the signature was chosen by whoever made it.
type Moment struct {
	// Now is when the decision is made. It must not be zero.
	Now time.Time
	// Seen is a moment at which somebody who is trusted saw the signature; zero
	// when nobody did. Whether a key had expired is asked for this moment, and
	// for Now without it. Revocation always counts, whenever it came. Nobody saw
	// anything after Now: such a moment is taken for Now.
	Seen time.Time
}

// at is the moment for which the validity of a key is asked.
func (m Moment) at() time.Time {
	if m.Seen.IsZero() || m.Seen.After(m.Now) {
		return m.Now
	}
	return m.Seen
}

// Demand is what a policy may ask beyond a good signature.
type Demand struct {
	// Touch asks for the user's touch where the key is a security key (sk-…).
	// Keys of other kinds are not affected.
	Touch bool
	// PIN asks that the security key has verified its user, by PIN or
	// fingerprint. Keys of other kinds are not affected.
	PIN bool
	// Weak accepts SHA-1 hashes over the object, as old tags have them. It
	// accepts no other weakness.
	Weak bool
}
