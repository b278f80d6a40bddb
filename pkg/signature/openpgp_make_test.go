package signature_test

import (
	"bytes"
	"crypto"
	"crypto/dsa" //nolint:staticcheck // a weak key is what the test is about
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/binary"
	"io"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/eddsa"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/stageward/stageward/pkg/signature"
)

// The story of most rows: the key is made, then signs, then is asked about.
func made() time.Time   { return time.Date(2024, time.January, 1, 12, 0, 0, 0, time.UTC) }
func signed() time.Time { return time.Date(2025, time.January, 1, 12, 0, 0, 0, time.UTC) }
func now() time.Time    { return time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC) }

const payload = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@example.org> 1 +0000\n\nHello\r\nno end"

const aliceID = "Alice <alice@example.org>"

// item is one packet.
type item interface{ Serialize(w io.Writer) error }

// edit makes a signature differ from a good one.
type edit func(*packet.Signature)

// newKey makes a key that can sign, and nothing around it.
func newKey(tb testing.TB, at time.Time, algorithm packet.PublicKeyAlgorithm) *packet.PrivateKey {
	tb.Helper()
	config := &packet.Config{Algorithm: algorithm, Time: func() time.Time { return at }}
	if algorithm == packet.PubKeyAlgoEd25519 {
		config.V6Keys = true
	}
	entity, err := pgp.NewEntity("", "", "nobody@example.org", config)
	must(tb, err)
	return entity.PrivateKey
}

func newRSAKey(tb testing.TB, at time.Time, bits int) *packet.PrivateKey {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	must(tb, err)
	return packet.NewRSAPrivateKey(at, key)
}

func newDSAKey(tb testing.TB, at time.Time) *packet.PrivateKey {
	tb.Helper()
	var key dsa.PrivateKey
	must(tb, dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L1024N160))
	must(tb, dsa.GenerateKey(&key, rand.Reader))
	return packet.NewDSAPrivateKey(at, &key)
}

func newSubkey(tb testing.TB, at time.Time) *packet.PrivateKey {
	tb.Helper()
	key := newKey(tb, at, packet.PubKeyAlgoEdDSA)
	key.IsSubkey = true
	return key
}

// number has exactly so many bits. dsaOf is a key that only looks like one.
func number(bits uint) *big.Int { return new(big.Int).SetBit(big.NewInt(1), int(bits-1), 1) }

func dsaOf(bits, subgroup uint) *dsa.PublicKey {
	return &dsa.PublicKey{Parameters: dsa.Parameters{P: number(bits), Q: number(subgroup), G: number(2)}, Y: number(bits - 1)}
}

// blank is a signature by a key that still has to be made.
func blank(by *packet.PrivateKey, kind packet.SignatureType, at time.Time, edits []edit) *packet.Signature {
	made := &packet.Signature{
		Version: by.Version, SigType: kind, PubKeyAlgo: by.PubKeyAlgo, Hash: crypto.SHA512,
		CreationTime: at, IssuerKeyId: &by.KeyId, IssuerFingerprint: by.Fingerprint,
	}
	for _, each := range edits {
		each(made)
	}
	return made
}

func flags(sign bool) edit {
	return func(s *packet.Signature) { s.FlagsValid, s.FlagCertify, s.FlagSign = true, true, sign }
}

func hashed(with crypto.Hash) edit { return func(s *packet.Signature) { s.Hash = with } }

func keyLasts(life time.Duration) edit {
	seconds := uint32(life / time.Second)
	return func(s *packet.Signature) { s.KeyLifetimeSecs = &seconds }
}

func sigLasts(life time.Duration) edit {
	seconds := uint32(life / time.Second)
	return func(s *packet.Signature) { s.SigLifetimeSecs = &seconds }
}

// selfSigned is a user id and the key's word for it.
func selfSigned(tb testing.TB, key *packet.PrivateKey, id string, at time.Time, edits ...edit) []item {
	tb.Helper()
	said := blank(key, packet.SigTypePositiveCert, at, append([]edit{flags(true)}, edits...))
	must(tb, said.SignUserId(id, &key.PublicKey, key, plain()))
	return []item{&packet.UserId{Id: id}, said}
}

// takesBack is the key's word that a user id is no longer its own.
func takesBack(tb testing.TB, key *packet.PrivateKey, id string, at time.Time) []item {
	tb.Helper()
	said := blank(key, packet.SigTypeCertificationRevocation, at, nil)
	must(tb, said.SignUserId(id, &key.PublicKey, key, plain()))
	return []item{said}
}

func directly(tb testing.TB, key *packet.PrivateKey, at time.Time, edits ...edit) []item {
	tb.Helper()
	said := blank(key, packet.SigTypeDirectSignature, at, edits)
	must(tb, said.SignDirectKeyBinding(&key.PublicKey, key, nil))
	return []item{said}
}

// bound is a subkey and the word of both keys that it belongs to the primary.
func bound(tb testing.TB, key, subkey *packet.PrivateKey, at time.Time, edits ...edit) []item {
	tb.Helper()
	back := blank(subkey, packet.SigTypePrimaryKeyBinding, at, nil)
	must(tb, back.CrossSignKey(&subkey.PublicKey, &key.PublicKey, subkey, nil))
	mutual := func(s *packet.Signature) { s.FlagsValid, s.FlagSign, s.EmbeddedSignature = true, true, back }
	said := blank(key, packet.SigTypeSubkeyBinding, at, append([]edit{mutual}, edits...))
	must(tb, said.SignKey(&subkey.PublicKey, key, nil))
	return []item{&subkey.PublicKey, said}
}

func revokes(tb testing.TB, key *packet.PrivateKey, reason packet.ReasonForRevocation) item {
	tb.Helper()
	said := blank(key, packet.SigTypeKeyRevocation, signed().AddDate(0, 6, 0), nil)
	said.RevocationReason, said.RevocationReasonText = &reason, "lost \x1b[31m it"
	must(tb, said.RevokeKey(&key.PublicKey, key, nil))
	return said
}

func revokesSubkey(tb testing.TB, key, subkey *packet.PrivateKey) item {
	tb.Helper()
	reason := packet.KeyRetired
	said := blank(key, packet.SigTypeSubkeyRevocation, signed().AddDate(0, 6, 0), nil)
	said.RevocationReason = &reason
	must(tb, said.RevokeSubkey(&subkey.PublicKey, key, nil))
	return said
}

// signs makes a signature over the payload.
func signs(tb testing.TB, key *packet.PrivateKey, at time.Time, edits ...edit) *packet.Signature {
	tb.Helper()
	said := blank(key, packet.SigTypeBinary, at, edits)
	hash, err := said.PrepareSign(plain())
	must(tb, err)
	_, err = io.WriteString(hash, payload)
	must(tb, err)
	must(tb, said.Sign(hash, key, plain()))
	return said
}

// bare makes a signature that names its key by no more than an id, as GitHub's
// do, or not at all. The library cannot make it.
func bare(tb testing.TB, key *packet.PrivateKey, issuer ...uint64) []byte {
	tb.Helper()
	from := binary.BigEndian.AppendUint32([]byte{4, 0, byte(key.PubKeyAlgo), 10, 0, 6, 5, 2}, uint32(signed().Unix()))
	trailer := binary.BigEndian.AppendUint32([]byte{4, 0xFF}, uint32(len(from)))
	digest := sha512.Sum512(slices.Concat([]byte(payload), from, trailer))
	secret, ok := key.PrivateKey.(*eddsa.PrivateKey)
	if !ok {
		tb.Fatal("not an EdDSA key")
	}
	r, s, err := eddsa.Sign(secret, digest[:])
	must(tb, err)
	var unsigned []byte
	for _, id := range issuer {
		unsigned = binary.BigEndian.AppendUint64(append(unsigned, 9, 16), id)
	}
	from = append(from, 0, byte(len(unsigned)))
	from = append(append(from, unsigned...), digest[:2]...)
	for _, each := range [][]byte{r, s} {
		number := new(big.Int).SetBytes(each)
		from = binary.BigEndian.AppendUint16(from, uint16(number.BitLen()))
		from = append(from, number.Bytes()...)
	}
	return headed(tb, from)
}

// plain makes signatures without the library's random notation.
func plain() *packet.Config {
	off := false
	return &packet.Config{NonDeterministicSignaturesViaNotation: &off}
}

// packed is the packets, one after the other.
func packed(tb testing.TB, items ...item) []byte {
	tb.Helper()
	var out bytes.Buffer
	for _, each := range items {
		must(tb, each.Serialize(&out))
	}
	return out.Bytes()
}

func armored(tb testing.TB, kind string, body []byte, headers map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	writer, err := armor.Encode(&out, kind, headers)
	must(tb, err)
	_, err = writer.Write(body)
	must(tb, err)
	must(tb, writer.Close())
	out.WriteByte('\n')
	return out.Bytes()
}

func asSignature(tb testing.TB, items ...item) []byte {
	tb.Helper()
	return armored(tb, "PGP SIGNATURE", packed(tb, items...), nil)
}

// keyFile is armored public keys.
func keyFile(tb testing.TB, key *packet.PrivateKey, parts ...[]item) []byte {
	tb.Helper()
	items := []item{&key.PublicKey}
	for _, each := range parts {
		items = append(items, each...)
	}
	return armored(tb, "PGP PUBLIC KEY BLOCK", packed(tb, items...), nil)
}

func owned(owner string, data ...[]byte) signature.Material {
	return signature.Material{Owner: owner, Source: "keys/" + owner + ".asc", Data: bytes.Join(data, []byte("\n"))}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
