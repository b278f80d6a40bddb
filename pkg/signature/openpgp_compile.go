package signature

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"fmt"
	"slices"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// newOpenPGPRing compiles armored keys. Copies of one key are read as one key:
// it is revoked when any of them says so, and the newest word counts.
func newOpenPGPRing(materials []Material) (openpgpRing, []Problem) {
	builder := pgpBuilder{index: map[string]int{}}
	total := 0
	for _, material := range materials {
		read := &pgpReader{material: material}
		if cause := attempt(func() { read = readPGPMaterial(material) }); cause != "" {
			read.problem("reading it broke off: %s", cause)
		}
		total += read.packets
		builder.problems = append(builder.problems, read.problems...)
		if total > maxKeys {
			read.problems = nil
			read.problem("there are more than %d OpenPGP keys and signatures over them; none of the keys counts", maxKeys)
			return openpgpRing{}, append(builder.problems, read.problems...)
		}
		for _, each := range read.copies {
			builder.add(each)
		}
		builder.loose = append(builder.loose, looseRevocations(read)...)
	}
	return builder.ring(), builder.problems
}

// attempt runs something over hostile bytes and says what made it panic.
func attempt(work func()) (cause string) {
	defer func() {
		if value := recover(); value != nil {
			cause = quoted(fmt.Sprint(value))
		}
	}()
	work()
	return ""
}

// pgpBuilder gathers the copies of each key.
type pgpBuilder struct {
	keys []*pgpPrimary
	// index is where in keys a fingerprint is.
	index    map[string]int
	loose    []looseRevocation
	problems []Problem
}

// looseRevocation is a revocation certificate and where it is from.
type looseRevocation struct {
	signature *packet.Signature
	source    string
}

func looseRevocations(read *pgpReader) []looseRevocation {
	var all []looseRevocation
	for _, each := range read.loose {
		all = append(all, looseRevocation{signature: each, source: read.material.Source})
	}
	return all
}

func (b *pgpBuilder) problem(source, format string, arguments ...any) {
	b.problems = append(b.problems, Problem{Source: source, Detail: fmt.Sprintf(format, arguments...)})
}

// add joins a copy of a key to those that are there.
func (b *pgpBuilder) add(each pgpCopy) {
	at, known := b.index[string(each.primary.Fingerprint)]
	if !known {
		at = len(b.keys)
		b.index[string(each.primary.Fingerprint)] = at
		b.keys = append(b.keys, &pgpPrimary{public: each.primary, owner: each.owner, source: each.source})
	}
	key := b.keys[at]
	if key.owner != each.owner && key.disputed == "" {
		key.disputed = claimedTwice(key.fingerprint(), key.owner, each.owner)
		b.problem(each.source, "%s", key.disputed)
	}
	key.join(each)
}

func claimedTwice(fingerprint, one, other string) string {
	return fmt.Sprintf("the key %s is claimed by %s and by %s, so it counts for nobody", fingerprint, quoted(one), quoted(other))
}

// ring compiles what was gathered.
func (b *pgpBuilder) ring() openpgpRing {
	for _, each := range b.loose {
		b.revoke(each)
	}
	var all []pgpKey
	for _, key := range b.keys {
		if cause := attempt(func() { all = append(all, b.compile(key)...) }); cause != "" {
			b.problem(key.source, "reading the key %s broke off: %s", key.fingerprint(), cause)
		}
	}
	return openpgpRing{keys: b.settle(all)}
}

// revoke adds a revocation certificate to the keys that it may be for.
func (b *pgpBuilder) revoke(loose looseRevocation) {
	found := false
	for _, key := range b.keys {
		if loose.signature.CheckKeyIdOrFingerprint(key.public) {
			key.revocations = append(key.revocations, loose.signature)
			found = true
		}
	}
	if !found {
		b.problem(loose.source, "a revocation is for the key %s, which is not among those given", claimedKey(loose.signature))
	}
}

// compile returns the primary key and the subkeys that belong to it, as far as
// they can make signatures.
func (b *pgpBuilder) compile(key *pgpPrimary) []pgpKey {
	said := key.self()
	if !said.found {
		b.problem(key.source, "the key %s has no user id or direct signature that it signed itself and that is not revoked", key.fingerprint())
		return nil
	}
	owner := key.owner
	if owner == "" {
		owner = cmp.Or(said.user, key.fingerprint())
	}
	revoked, unproven := key.revoked()
	if unproven {
		b.problem(key.source, "the key %s has a revocation that cannot be checked; it counts as revoked", key.fingerprint())
	}
	first := pgpKey{
		public: key.public, primary: key.fingerprint(), owner: owner, source: key.source,
		created: key.public.CreationTime, expires: said.expires,
		revoked: revoked, weak: weakness(key.public), unfit: said.unfit, disputed: key.disputed,
	}
	all := []pgpKey{first}
	for _, subkey := range key.subkeys {
		if each, ok := b.compileSubkey(first, key.public, subkey); ok {
			all = append(all, each)
		}
	}
	return slices.DeleteFunc(all, func(each pgpKey) bool { return !each.public.CanSign() })
}

// compileSubkey returns a subkey, unless nothing binds it to the primary key.
func (b *pgpBuilder) compileSubkey(first pgpKey, primary *packet.PublicKey, subkey pgpSubkey) (pgpKey, bool) {
	said := subkey.self(primary)
	if !said.found {
		return pgpKey{}, false
	}
	revoked, unproven := subkey.revoked(primary)
	if unproven {
		b.problem(first.source, "the subkey %X has a revocation that cannot be checked; it counts as revoked", subkey.public.Fingerprint)
	}
	each := first
	each.public, each.unfit = subkey.public, said.unfit
	each.expires = earliest(first.expires, said.expires)
	each.revoked = cmp.Or(first.revoked, revoked)
	each.weak = cmp.Or(first.weak, weakness(subkey.public))
	if subkey.public.CreationTime.After(each.created) {
		each.created = subkey.public.CreationTime
	}
	return each, true
}

// settle makes the table. A key may stand below several primary keys: who put
// it there without its consent has no part in it, and two owners with its
// consent are one too many.
func (b *pgpBuilder) settle(all []pgpKey) map[uint64][]pgpKey {
	fit := map[string][]pgpKey{}
	for _, each := range all {
		if each.unfit == "" {
			fit[each.fingerprint()] = append(fit[each.fingerprint()], each)
		}
	}
	table := map[uint64][]pgpKey{}
	for _, each := range all {
		others := fit[each.fingerprint()]
		if each.unfit != "" && len(others) > 0 {
			continue
		}
		rival := slices.IndexFunc(others, func(other pgpKey) bool { return other.owner != each.owner })
		if rival >= 0 && each.disputed == "" {
			each.disputed = claimedTwice(each.fingerprint(), each.owner, others[rival].owner)
			b.problem(each.source, "%s", each.disputed)
		}
		table[each.public.KeyId] = append(table[each.public.KeyId], each)
	}
	return table
}

// weakness says why signatures of the key can be forged, or are about to.
func weakness(key *packet.PublicKey) string {
	switch key.PubKeyAlgo { //nolint:exhaustive // the others make no signatures, or strong ones
	case packet.PubKeyAlgoDSA:
		return "the key is a DSA key"
	case packet.PubKeyAlgoElGamal:
		return "the key is an ElGamal key"
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoEd25519:
		// The point is what a key of either kind ends with.
		var whole bytes.Buffer
		if err := key.SerializeForHash(&whole); err != nil {
			return "the key cannot be written"
		}
		return weakPoint(whole.Bytes()[max(0, whole.Len()-pointSize):])
	}
	const fewest = 2048
	if key, ok := key.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < fewest {
		return fmt.Sprintf("the key is an RSA key of %d bits, fewer than %d", key.N.BitLen(), fewest)
	}
	return ""
}
