package signature_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/stageward/stageward/pkg/signature"
)

// verifyRow is a signature over the payload, and what it counts for.
type verifyRow struct {
	name string
	// keys are those that are given; Alice's, when there are none.
	keys    []signature.Material
	armored []byte
	over    string
	seen    time.Time
	demand  signature.Demand
	want    signature.State
	// detail is a part of what people read.
	detail string
}

func (row verifyRow) check(t *testing.T) signature.Result {
	t.Helper()
	ring, problems := signature.NewRing(row.keys, nil)
	for _, each := range problems {
		t.Logf("problem: %v", each)
	}
	over := row.over
	if over == "" {
		over = payload
	}
	got := ring.Verify([]byte(over), row.armored, signature.Moment{Now: now(), Seen: row.seen}, row.demand)
	if got.State != row.want || !strings.Contains(got.Detail, row.detail) {
		t.Fatalf("got %q: %s\nwant %q: …%s…", got.State, got.Detail, row.want, row.detail)
	}
	if strings.ContainsAny(got.Detail, "\x1b\r\n") {
		t.Errorf("the detail holds control characters: %q", got.Detail)
	}
	return got
}

func (row verifyRow) run(t *testing.T) {
	t.Run(row.name, func(t *testing.T) {
		t.Parallel()
		row.check(t)
	})
}

// Forms that are not exactly one signature over these bytes.
func TestOpenPGPForm(t *testing.T) {
	t.Parallel()
	key := newKey(t, made(), packet.PubKeyAlgoEdDSA)
	keys := []signature.Material{owned("alice", keyFile(t, key, selfSigned(t, key, aliceID, made())))}
	good := signs(t, key, signed())
	text := asSignature(t, good)
	body := packed(t, good)
	insert := func(at int, what string) []byte {
		lines := bytes.SplitAfter(text, []byte("\n"))
		return bytes.Join([][]byte{bytes.Join(lines[:at], nil), []byte(what), bytes.Join(lines[at:], nil)}, nil)
	}
	for _, row := range []verifyRow{
		{name: "C1: two blocks", armored: append(bytes.Clone(text), text...), want: signature.Malformed, detail: "text after"},
		{name: "C5b: text after the end", armored: append(bytes.Clone(text), "x\n"...), want: signature.Malformed, detail: "text after"},
		{name: "a line before the begin", armored: append([]byte("\n"), text...), want: signature.Malformed},
		{name: "a header that asks for something", armored: insert(1, "Charset: utf-7\n"), want: signature.Malformed, detail: "Charset"},
		{name: "a hidden header name", armored: insert(1, "Com\x1bment: x\n"), want: signature.Malformed, detail: `"Com\x1bment"`},
		{name: "no empty line before the data", armored: bytes.Replace(text, []byte("\n\n"), []byte("\n"), 1), want: signature.Malformed, detail: "no empty line"},
		{name: "no end", armored: text[:len(text)-40], want: signature.Malformed, detail: "no end"},
		{name: "another end", armored: bytes.Replace(text, []byte("END PGP SIGNATURE"), []byte("END PGP MESSAGE"), 1), want: signature.Malformed},
		{name: "data that is not base64", armored: insert(2, "!!!!\n"), want: signature.Malformed, detail: "decode armor"},
		{name: "no packet", armored: armored(t, "PGP SIGNATURE", nil, nil), want: signature.Malformed, detail: "no packet"},
		{name: "C6: two signature packets", armored: asSignature(t, good, good), want: signature.Malformed, detail: "more than one"},
		{name: "C6b: a foreign packet first", armored: asSignature(t, packet.NewUserId("x", "", ""), good), want: signature.Malformed, detail: "type 13"},
		{name: "C6b: a foreign packet after", armored: asSignature(t, good, packet.NewUserId("x", "", "")), want: signature.Malformed, detail: "more than one"},
		{name: "C6: bytes behind the last field", armored: armored(t, "PGP SIGNATURE", grown(body), nil), want: signature.Malformed, detail: "after its last field"},
		{name: "C7: text mode", armored: asSignature(t, textMode(t, key)), want: signature.Unsupported, detail: "text-mode"},
		{name: "C7b: text mode over other line ends", armored: asSignature(t, textMode(t, key)), over: strings.ReplaceAll(payload, "\n", "\r\n"), want: signature.Unsupported},
		{name: "C8: an opaque message", armored: armored(t, "PGP MESSAGE", body, nil), want: signature.Unsupported, detail: "not a detached signature"},
		{name: "C8b: a clear-signed message", armored: []byte("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nhi\n" + string(text)), want: signature.Unsupported},
		{name: "C16: MD5, whatever is asked for", armored: reheaded(t, body, 4, 0, 1), demand: signature.Demand{Weak: true}, want: signature.Weak, detail: "MD5"},
		{name: "C16: RIPEMD-160", armored: reheaded(t, body, 4, 0, 3), want: signature.Weak},
		{name: "C16: SHA-224", armored: reheaded(t, body, 4, 0, 11), want: signature.Unsupported},
		{name: "C17: version 3", armored: armored(t, "PGP SIGNATURE", version3(), nil), want: signature.Unsupported, detail: "version 3"},
		{name: "C17: version 5", armored: reheaded(t, body, 5, 0, 10), want: signature.Unsupported, detail: "version 5"},
		{name: "a certification shown as a signature", armored: reheaded(t, body, 4, 0x13, 10), want: signature.Malformed, detail: "0x13"},
		{name: "an unknown critical subpacket", armored: subpacket(t, body, 0x80|101), want: signature.Unsupported, detail: "critical"},
		{name: "an unknown subpacket put in later", armored: subpacket(t, body, 101), want: signature.Bad},
		{name: "a critical notation", armored: asSignature(t, signs(t, key, signed(), notation(true))), want: signature.Unsupported, detail: "notation"},
		{name: "for the reader of an encrypted message", armored: asSignature(t, signs(t, key, signed(), func(s *packet.Signature) {
			s.IntendedRecipients = []*packet.Recipient{{KeyVersion: 4, Fingerprint: key.Fingerprint}}
		})), want: signature.Unsupported, detail: "encrypted"},
		{name: "the same signature in other letters", armored: otherLetters(t, body), want: signature.Malformed, detail: "decode armor"},
		{name: "no issuer", armored: bare(t, key), want: signature.Malformed, detail: "does not name"},
		{name: "more than is read", armored: append(bytes.Clone(text), bytes.Repeat([]byte("\n"), 128<<10)...), want: signature.Malformed, detail: "more than"},

		{name: "a notation that is not critical", armored: asSignature(t, signs(t, key, signed(), notation(false))), want: signature.Good},
		{name: "C5: a comment and a version", armored: armored(t, "PGP SIGNATURE", body, map[string]string{"Comment": "hi", "Version": "1"}), want: signature.Good},
		{name: "C21: line ends of another system", armored: bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), want: signature.Good},
		{name: "GitHub's empty line at the end", armored: append(bytes.Clone(text), '\n'), want: signature.Good},
		{name: "no line end at the end", armored: bytes.TrimSpace(text), want: signature.Good},
	} {
		row.keys = keys
		row.run(t)
	}
}

// Whose key it is, and whether that may vouch.
func TestOpenPGPKeys(t *testing.T) {
	t.Parallel()
	key, other := newKey(t, made(), packet.PubKeyAlgoEdDSA), newKey(t, made(), packet.PubKeyAlgoEdDSA)
	alice := owned("alice", keyFile(t, key, selfSigned(t, key, aliceID, made())))
	bob := owned("bob", keyFile(t, other, selfSigned(t, other, "Bob <bob@example.org>", made())))
	by := asSignature(t, signs(t, key, signed()))
	with := func(parts ...[]item) []signature.Material {
		return []signature.Material{owned("alice", keyFile(t, key, parts...))}
	}
	self := func(edits ...edit) []item { return selfSigned(t, key, aliceID, made(), edits...) }
	small, dsaKey := newRSAKey(t, made(), 1024), newDSAKey(t, made())
	for _, row := range []verifyRow{
		{name: "P1: a key that is not given", keys: []signature.Material{bob}, armored: by, want: signature.UnknownKey, detail: fmt.Sprintf("%X", key.Fingerprint)},
		{name: "no keys at all", armored: by, want: signature.UnknownKey},
		{name: "C15: other bytes", keys: with(self()), armored: by, over: payload + "\n", want: signature.Bad},
		{name: "other bytes, by a key that is revoked", keys: with([]item{revokes(t, key, packet.KeyCompromised)}, self()), armored: by, over: "x", want: signature.Bad},
		{name: "P15: the key id of another key", keys: []signature.Material{alice, bob}, armored: bare(t, other, key.KeyId), want: signature.Bad},
		{name: "C16: SHA-1", keys: with(self()), armored: asSignature(t, signs(t, key, signed(), hashed(crypto.SHA1))), want: signature.Weak, detail: "SHA-1"},
		{name: "C16: RSA of 1024 bits", keys: []signature.Material{owned("a", keyFile(t, small, selfSigned(t, small, aliceID, made())))}, armored: asSignature(t, signs(t, small, signed())), demand: signature.Demand{Weak: true}, want: signature.Weak, detail: "1024 bits"},
		{name: "C16: DSA", keys: []signature.Material{owned("a", keyFile(t, dsaKey, selfSigned(t, dsaKey, aliceID, made())))}, armored: asSignature(t, signs(t, dsaKey, signed())), demand: signature.Demand{Weak: true}, want: signature.Weak, detail: "DSA"},
		{name: "P10: revoked as compromised", keys: with([]item{revokes(t, key, packet.KeyCompromised)}, self()), armored: by, want: signature.Revoked, detail: `lost \x1b`},
		{name: "P10: revoked as superseded, seen before", keys: with([]item{revokes(t, key, packet.KeySuperseded)}, self()), armored: by, seen: signed(), want: signature.Revoked},
		{name: "P10: revoked before it expired", keys: with([]item{revokes(t, key, packet.KeySuperseded)}, self(keyLasts(time.Hour))), armored: by, want: signature.Revoked},
		{name: "P10: revoked in another copy", keys: append(with(self()), with([]item{revokes(t, key, packet.KeyRetired)}, self())...), armored: by, want: signature.Revoked},
		{name: "P10: a revocation certificate beside the key", keys: []signature.Material{alice, owned("certificate", armored(t, "PGP PUBLIC KEY BLOCK", packed(t, revokes(t, key, packet.NoReason)), nil))}, armored: by, want: signature.Revoked},
		{name: "P10: revoked by another key", keys: with([]item{revokes(t, other, packet.NoReason)}, self()), armored: by, want: signature.Revoked},
		{name: "P10: revoked in a format that cannot be read", keys: with([]item{opaque(2, 3, 5, 0x20)}, self()), armored: by, want: signature.Revoked},
		{name: "expired now", keys: with(self(keyLasts(400 * 24 * time.Hour))), armored: by, want: signature.KeyExpired, detail: "2025-02-04"},
		{name: "expires this second", keys: with(self(keyLasts(now().Sub(made())))), armored: by, want: signature.KeyExpired},
		{name: "expired by the direct signature", keys: with(directly(t, key, made(), keyLasts(time.Hour)), self()), armored: by, want: signature.KeyExpired},
		{name: "expired because the self-signature did", keys: with(self(sigLasts(time.Hour))), armored: by, want: signature.KeyExpired},
		{name: "shortened later", keys: with(self(), selfSigned(t, key, aliceID, signed(), keyLasts(time.Hour))), armored: by, want: signature.KeyExpired},
		{name: "the signature expired", keys: with(self()), armored: asSignature(t, signs(t, key, signed(), sigLasts(time.Hour))), want: signature.SignatureExpired},
		{name: "C18: older than its key", keys: with(self()), armored: asSignature(t, signs(t, key, made().Add(-time.Second))), want: signature.TooEarly},
		{name: "C18: from the future", keys: with(self()), armored: asSignature(t, signs(t, key, now().Add(6*time.Minute))), want: signature.FromFuture},
		{name: "C18: a primary key that only certifies", keys: with(self(flags(false))), armored: by, want: signature.NotForSigning, detail: "not for signing"},
		{name: "C18: a primary key without flags", keys: with(self(func(s *packet.Signature) { s.FlagsValid, s.FlagSign, s.FlagCertify = false, false, false })), armored: by, want: signature.NotForSigning, detail: "does not say"},
		{name: "C18: not for signing by the direct signature", keys: with(directly(t, key, made(), flags(false)), self()), armored: by, want: signature.NotForSigning},
		{name: "a self-signature with a critical notation", keys: with(self(notation(true))), armored: by, want: signature.UnknownKey},
		{name: "its only user id was taken back", keys: with(self(), takesBack(t, key, aliceID, signed())), armored: by, want: signature.UnknownKey},
		{name: "a key that two people claim", keys: []signature.Material{alice, owned("mallory", alice.Data)}, armored: by, want: signature.UnknownKey, detail: `"alice" and by "mallory"`},

		{name: "SHA-1 where it is asked for", keys: with(self()), armored: asSignature(t, signs(t, key, signed(), hashed(crypto.SHA1))), demand: signature.Demand{Weak: true}, want: signature.Good},
		{name: "SHA-256", keys: with(self()), armored: asSignature(t, signs(t, key, signed(), hashed(crypto.SHA256))), want: signature.Good},
		{name: "SHA3-512", keys: with(self()), armored: asSignature(t, signs(t, key, signed(), hashed(crypto.SHA3_512))), want: signature.Good},
		{name: "a self-signature over SHA-1", keys: with(self(hashed(crypto.SHA1))), armored: by, want: signature.Good},
		{name: "by key id alone, as GitHub signs", keys: with(self()), armored: bare(t, key, key.KeyId), want: signature.Good},
		{name: "a self-signature that is newer than the signature", keys: with(selfSigned(t, key, aliceID, now(), keyLasts(5*365*24*time.Hour))), armored: by, want: signature.Good},
		{name: "renewed after it had expired", keys: with(self(keyLasts(time.Hour)), selfSigned(t, key, aliceID, now(), keyLasts(5*365*24*time.Hour))), armored: by, want: signature.Good},
		{name: "its user id was taken back and given again", keys: with(self(), takesBack(t, key, aliceID, made()), selfSigned(t, key, aliceID, signed())[1:]), armored: by, want: signature.Good},
		{name: "a direct signature by somebody else", keys: with(directly(t, other, made(), keyLasts(time.Hour), flags(false)), self()), armored: by, want: signature.Good},
		{name: "a user id that somebody else took back", keys: with(self(), takesBack(t, other, aliceID, signed())), armored: by, want: signature.Good},
		{name: "expired now, seen before", keys: with(self(keyLasts(400 * 24 * time.Hour))), armored: by, seen: signed(), want: signature.Good},
		{name: "expired signature, seen before", keys: with(self()), armored: asSignature(t, signs(t, key, signed(), sigLasts(time.Hour))), seen: signed(), want: signature.Good},
		{name: "a clock that is a little ahead", keys: with(self()), armored: asSignature(t, signs(t, key, now().Add(4*time.Minute))), want: signature.Good},
		{name: "the same key twice", keys: []signature.Material{alice, alice}, armored: by, want: signature.Good},
		{name: "two keys in one file", keys: []signature.Material{owned("team", bob.Data, alice.Data)}, armored: by, want: signature.Good},
	} {
		row.run(t)
	}
}

// What a subkey may sign hangs on both keys.
func TestOpenPGPSubkeys(t *testing.T) {
	t.Parallel()
	key, subkey := newKey(t, made(), packet.PubKeyAlgoEdDSA), newSubkey(t, made().Add(time.Hour))
	mallory := newKey(t, made(), packet.PubKeyAlgoEdDSA)
	by := asSignature(t, signs(t, subkey, signed()))
	self := selfSigned(t, key, aliceID, made(), flags(false))
	good := bound(t, key, subkey, made())
	with := func(parts ...[]item) []signature.Material {
		return []signature.Material{owned("alice", keyFile(t, key, append([][]item{self}, parts...)...))}
	}
	adopt := func(owner string, parts ...[]item) signature.Material {
		return owned(owner, keyFile(t, mallory, append([][]item{selfSigned(t, mallory, "M <m@example.org>", made())}, parts...)...))
	}
	noBack := func(s *packet.Signature) { s.FlagSign, s.EmbeddedSignature = true, nil }
	foreignBack := blank(mallory, packet.SigTypePrimaryKeyBinding, made(), nil)
	must(t, foreignBack.CrossSignKey(&subkey.PublicKey, &key.PublicKey, mallory, nil))
	foreign := bound(t, mallory, subkey, made())
	fleeting := blank(subkey, packet.SigTypePrimaryKeyBinding, made(), []edit{sigLasts(time.Hour)})
	must(t, fleeting.CrossSignKey(&subkey.PublicKey, &key.PublicKey, subkey, nil))
	small, smallSubkey, v6 := newRSAKey(t, made(), 1024), newRSAKey(t, made(), 1024), newKey(t, made(), packet.PubKeyAlgoEd25519)
	smallSubkey.IsSubkey = true
	for _, row := range []verifyRow{
		{name: "C16: a weak subkey", keys: with(bound(t, key, smallSubkey, made())), armored: asSignature(t, signs(t, smallSubkey, signed())), want: signature.Weak, detail: "1024 bits"},
		{name: "C16: a subkey of a weak key", keys: []signature.Material{owned("alice", keyFile(t, small, selfSigned(t, small, aliceID, made()), bound(t, small, subkey, made())))}, armored: by, want: signature.Weak, detail: "1024 bits"},
		{name: "of another version than its key", keys: []signature.Material{owned("alice", keyFile(t, v6, directly(t, v6, made(), flags(true)), bound(t, v6, subkey, made())))}, armored: by, want: signature.UnknownKey},
		{name: "whose own word was for an hour", keys: with(bound(t, key, subkey, made(), func(s *packet.Signature) { s.EmbeddedSignature = fleeting })), armored: by, want: signature.KeyExpired},
		{name: "C18: the sign flag taken away", keys: with(append(good, bound(t, key, subkey, signed(), func(s *packet.Signature) { s.FlagSign = false })[1])), armored: by, want: signature.NotForSigning},
		{name: "P10: revoked below one of two keys of its owner", keys: append(with(good), adopt("alice", append(foreign, revokesSubkey(t, mallory, subkey)))), armored: by, want: signature.Revoked},
		{name: "P10: revoked below the other one", keys: append([]signature.Material{adopt("alice", append(foreign, revokesSubkey(t, mallory, subkey)))}, with(good)...), armored: by, want: signature.Revoked},
		{name: "bound by nobody", keys: with([]item{&subkey.PublicKey}), armored: by, want: signature.UnknownKey},
		{name: "bound by another key", keys: with(foreign), armored: by, want: signature.UnknownKey},
		{name: "C18: without the sign flag", keys: with(bound(t, key, subkey, made(), func(s *packet.Signature) { s.FlagSign = false })), armored: by, want: signature.NotForSigning, detail: "not for signing"},
		{name: "C18: without its own word", keys: with(bound(t, key, subkey, made(), noBack)), armored: by, want: signature.NotForSigning, detail: "does not say that it belongs"},
		{name: "C18: with another key's word", keys: with(bound(t, key, subkey, made(), func(s *packet.Signature) { s.EmbeddedSignature = foreignBack })), armored: by, want: signature.NotForSigning},
		{name: "C18: without its own word in the newest binding", keys: with(append(bound(t, key, subkey, signed(), noBack), good[1])), armored: by, want: signature.NotForSigning},
		{name: "C18: an expired subkey", keys: with(bound(t, key, subkey, made(), keyLasts(time.Hour))), armored: by, want: signature.KeyExpired},
		{name: "C18: older than the subkey", keys: with(good), armored: asSignature(t, signs(t, subkey, made().Add(time.Minute))), want: signature.TooEarly},
		{name: "P10: a revoked subkey", keys: with(append(good, revokesSubkey(t, key, subkey))), armored: by, want: signature.Revoked, detail: "the subkey was revoked"},
		{name: "P10: a subkey of a revoked key", keys: []signature.Material{owned("alice", keyFile(t, key, []item{revokes(t, key, packet.KeyRetired)}, self, good))}, armored: by, want: signature.Revoked, detail: "the key was revoked"},
		{name: "P10: a subkey that is revoked in another copy", keys: append(with(good), with(append(good, revokesSubkey(t, key, subkey)))...), armored: by, want: signature.Revoked},
		{name: "a subkey of an expired key", keys: []signature.Material{owned("alice", keyFile(t, key, selfSigned(t, key, aliceID, made(), keyLasts(time.Hour)), good))}, armored: by, want: signature.KeyExpired},
		{name: "C15: other bytes", keys: with(good), armored: by, over: "x", want: signature.Bad},
		{name: "adopted by a thief alone", keys: []signature.Material{adopt("mallory", bound(t, mallory, subkey, made(), noBack))}, armored: by, want: signature.NotForSigning},
		{name: "consenting to two owners", keys: append(with(good), adopt("mallory", foreign)), armored: by, want: signature.UnknownKey, detail: "claimed by"},

		{name: "adopted by a thief too", keys: append(with(good), adopt("mallory", bound(t, mallory, subkey, made(), noBack))), armored: by, want: signature.Good},
		{name: "bound and willing", keys: with(good), armored: by, want: signature.Good},
		{name: "by key id alone", keys: with(good), armored: bare(t, subkey, subkey.KeyId), want: signature.Good},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := row.check(t)
			if got.State == signature.Good && (got.Owner != "alice" || got.Key != fmt.Sprintf("%X", key.Fingerprint) || !got.Claimed.Equal(signed())) {
				t.Errorf("not the primary key of Alice: %+v", got)
			}
		})
	}
}

func TestOpenPGPVersion6(t *testing.T) {
	t.Parallel()
	key := newKey(t, made(), packet.PubKeyAlgoEd25519)
	keys := []signature.Material{owned("", keyFile(t, key, directly(t, key, made(), flags(true))))}
	by := signs(t, key, signed(), func(s *packet.Signature) { s.IssuerKeyId = nil })
	verifyRow{keys: keys, armored: asSignature(t, by), over: "x", want: signature.Bad}.check(t)
	got := verifyRow{keys: keys, armored: asSignature(t, by), want: signature.Good}.check(t)
	if want := fmt.Sprintf("%X", key.Fingerprint); got.Key != want || got.Owner != want {
		t.Errorf("got %+v, want key and owner %s", got, want)
	}
}

// The ring is shared: the race detector is what checks here.
func TestOpenPGPRingIsShared(t *testing.T) {
	t.Parallel()
	key, subkey := newKey(t, made(), packet.PubKeyAlgoEdDSA), newSubkey(t, made())
	large := newRSAKey(t, made(), 2048)
	ring, problems := signature.NewRing([]signature.Material{
		owned("alice", keyFile(t, key, selfSigned(t, key, aliceID, made()), bound(t, key, subkey, made()))),
		owned("bob", keyFile(t, large, selfSigned(t, large, "Bob <bob@example.org>", made()))),
	}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var texts [][]byte
	for _, each := range []*packet.PrivateKey{key, subkey, large} {
		texts = append(texts, asSignature(t, signs(t, each, signed())))
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for _, each := range texts {
				if got := ring.Verify([]byte(payload), each, signature.Moment{Now: now()}, signature.Demand{}); got.State != signature.Good {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
	group.Wait()
}

func notation(critical bool) edit {
	return func(s *packet.Signature) {
		s.Notations = []*packet.Notation{{Name: "only@example.org", Value: []byte("on Mondays"), IsCritical: critical}}
	}
}

// textMode is a signature as gpg --textmode makes it.
func textMode(tb testing.TB, key *packet.PrivateKey) *packet.Signature {
	tb.Helper()
	said := blank(key, packet.SigTypeText, signed(), nil)
	hash, err := said.PrepareSign(plain())
	must(tb, err)
	_, err = hash.Write([]byte(strings.ReplaceAll(strings.ReplaceAll(payload, "\r\n", "\n"), "\n", "\r\n")))
	must(tb, err)
	must(tb, said.Sign(hash, key, plain()))
	return said
}

// content is a signature packet without its header of two bytes.
func content(tb testing.TB, body []byte) []byte {
	tb.Helper()
	if len(body) > 190 || body[0] != 0xC2 || int(body[1]) != len(body)-2 {
		tb.Fatalf("not a short signature packet: %x", body)
	}
	return bytes.Clone(body[2:])
}

func headed(tb testing.TB, content []byte) []byte {
	tb.Helper()
	return armored(tb, "PGP SIGNATURE", append([]byte{0xC2, byte(len(content))}, content...), nil)
}

// otherLetters is the armor with bits set in it that stand for no byte.
func otherLetters(tb testing.TB, body []byte) []byte {
	tb.Helper()
	text := base64.StdEncoding.EncodeToString(body)
	if !strings.HasSuffix(text, "=") {
		// A packet that is one byte longer in its header: the long form.
		text = base64.StdEncoding.EncodeToString(append([]byte{0xC2, 0xFF, 0, 0, 0, body[1]}, body[2:]...))
	}
	last := strings.TrimRight(text, "=")
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	at := strings.IndexByte(letters, last[len(last)-1])
	changed := last[:len(last)-1] + letters[at+1:at+2] + text[len(last):]
	return []byte("-----BEGIN PGP SIGNATURE-----\n\n" + changed + "\n-----END PGP SIGNATURE-----\n")
}

// grown is the packet with one byte more inside it.
func grown(body []byte) []byte {
	return append(append([]byte{0xC2, body[1] + 1}, body[2:]...), 0)
}

// reheaded claims another version, type and hash.
func reheaded(tb testing.TB, body []byte, version, kind, hash byte) []byte {
	tb.Helper()
	changed := content(tb, body)
	changed[0], changed[1], changed[3] = version, kind, hash
	return headed(tb, changed)
}

// subpacket puts one more subpacket among those that are signed.
func subpacket(tb testing.TB, body []byte, kind byte) []byte {
	tb.Helper()
	from := content(tb, body)
	length := binary.BigEndian.Uint16(from[4:])
	changed := binary.BigEndian.AppendUint16(from[:4:4], length+3)
	changed = append(changed, 2, kind, 0)
	return headed(tb, append(changed, from[6:]...))
}

// version3 is a signature packet as PGP made it in the last century.
func version3() []byte {
	content := []byte{3, 5, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 17, 2, 0, 0, 0, 1, 1, 0, 1, 1}
	return append([]byte{0xC2, byte(len(content))}, content...)
}

// opaque is a packet with content that only its first bytes say.
func opaque(tag uint8, content ...byte) item {
	return &packet.OpaquePacket{Tag: tag, Contents: append(content, make([]byte, 20)...)}
}
