package signature_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/signature"
)

func TestSchemeOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]signature.Scheme{
		"":                                   signature.NoScheme,
		"\n-----BEGIN PGP SIGNATURE-----\n":  signature.Other,
		" -----BEGIN PGP SIGNATURE-----\n":   signature.Other,
		"-----BEGIN PGP SIGNATURE----":       signature.Other,
		"-----BEGIN PGP MESSAGE-----\n":      signature.Other,
		"-----BEGIN CERTIFICATE-----\n":      signature.Other,
		"hello":                              signature.Other,
		"-----BEGIN PGP SIGNATURE-----\r\nx": signature.OpenPGP,
		"-----BEGIN PGP SIGNATURE-----":      signature.OpenPGP,
		"-----BEGIN SSH SIGNATURE-----\nx":   signature.SSH,
		"-----BEGIN SIGNED MESSAGE-----\nx":  signature.X509,
	} {
		if got := signature.SchemeOf([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What is no signature that could be checked has a state of its own, always.
func TestVerifyWithoutAnythingToCheck(t *testing.T) {
	t.Parallel()
	ring, _ := signature.NewRing(nil, nil)
	const block = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
	for _, row := range []struct {
		name, armored string
		ring          *signature.Ring
		when          signature.Moment
		want          signature.State
		detail        string
	}{
		{"nobody knows the time", block, ring, signature.Moment{}, signature.Undetermined, "what time"},
		{"only the past is known", block, ring, signature.Moment{Seen: now()}, signature.Undetermined, "what time"},
		{"P16: no ring", block, nil, signature.Moment{Now: now()}, signature.Malformed, "the check broke off"},
		{"C14: no signature", "", ring, signature.Moment{Now: now()}, signature.Unsigned, "no signature"},
		{"S/MIME or gitsign", "-----BEGIN SIGNED MESSAGE-----\nx", ring, signature.Moment{Now: now()}, signature.Unsupported, "S/MIME and gitsign signatures are not checked yet"},
		{"C8: a message", "-----BEGIN PGP MESSAGE-----\n", ring, signature.Moment{Now: now()}, signature.Unsupported, "PGP MESSAGE"},
		{"text", "he\x1bllo\n", ring, signature.Moment{Now: now()}, signature.Malformed, `"he\x1bllo"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := row.ring.Verify([]byte(payload), []byte(row.armored), row.when, signature.Demand{})
			if got.State != row.want || !strings.Contains(got.Detail, row.detail) {
				t.Errorf("got %q: %s, want %q: %s", got.State, got.Detail, row.want, row.detail)
			}
		})
	}
}

// What is wrong with key material is said, and the rest of it counts.
func TestNewRingProblems(t *testing.T) {
	t.Parallel()
	key := newKey(t, made(), packet.PubKeyAlgoEdDSA)
	good := keyFile(t, key, selfSigned(t, key, aliceID, made()))
	small, bob := newRSAKey(t, made(), 1024), newKey(t, made(), packet.PubKeyAlgoEdDSA)
	bobs := keyFile(t, bob, selfSigned(t, bob, "Bob <bob@example.org>", made()))
	mine := fmt.Sprintf("%X", key.Fingerprint)
	public := func(items ...item) []byte { return armored(t, "PGP PUBLIC KEY BLOCK", packed(t, items...), nil) }
	self, subkey := selfSigned(t, key, aliceID, made()), newSubkey(t, made())
	forged := selfSigned(t, small, aliceID, made())
	for _, row := range []struct {
		name string
		data []byte
		want []string
	}{
		{"more than is read", bytes.Repeat([]byte("#"), 1<<20+1), []string{"1048577 bytes of keys, more than the 1048576 that are read"}},
		{"a secret key", armored(t, "PGP PRIVATE KEY BLOCK", packed(t, key), nil), []string{"it holds a secret key"}},
		{"a secret key in disguise", public(key), []string{"it holds a secret key"}},
		{"a block of another kind", armored(t, "PGP MESSAGE", nil, nil), []string{`a block of "PGP MESSAGE" is no public key`}},
		{"a block without end", good[:len(good)-40], []string{"the armor cannot be read: the block has no end"}},
		{"no key", armored(t, "PGP PUBLIC KEY BLOCK", nil, nil), []string{"there is no key in the armor"}},
		{"half a packet", armored(t, "PGP PUBLIC KEY BLOCK", packed(t, append([]item{&key.PublicKey}, self...)...)[:100], nil), []string{"the packets cannot be read"}},
		{"a key of version 3", public(opaque(6, 3)), []string{"a key cannot be read"}},
		{"a key without user id", public(&key.PublicKey), []string{"the key " + mine + " has no user id"}},
		{"a key with a user id that another key signed", public(append([]item{&key.PublicKey}, forged...)...), []string{"the key " + mine + " has no user id"}},
		{"a revocation of an unknown key", public(revokes(t, small, packet.NoReason)), []string{fmt.Sprintf("a revocation is for the key %X, which is not among", small.Fingerprint)}},
		{"a revocation that cannot be read", public(opaque(2, 3, 5, 0x20)), []string{"a revocation without its key cannot be used"}},
		{"a revocation that cannot be checked", public(append([]item{&key.PublicKey, revokes(t, small, packet.NoReason)}, self...)...), []string{"cannot be checked; it counts as revoked"}},
		{"a subkey revocation that cannot be checked", public(slices.Concat([]item{&key.PublicKey}, self, bound(t, key, subkey, made()), []item{revokesSubkey(t, bob, subkey)})...), []string{"the subkey " + fmt.Sprintf("%X", subkey.Fingerprint) + " has a revocation that cannot be checked"}},
		{"a packet that does not belong there", public(append([]item{&key.PublicKey, opaque(11)}, self...)...), []string{"a packet of type 11"}},
		{"an RSA key that takes seconds to check", public(packet.NewRSAPublicKey(made(), &rsa.PublicKey{N: number(16385), E: 65537})), []string{"an RSA key of 16385 bits, more than 16384"}},
		{"a DSA key that takes minutes to check", public(packet.NewDSAPublicKey(made(), dsaOf(32768, 32768))), []string{"a DSA key of 32768 and 32768 bits, more than 3072 and 256"}},
		{"a DSA key whose subgroup alone is too large", public(packet.NewDSAPublicKey(made(), dsaOf(2048, 257))), []string{"a DSA key of 2048 and 257 bits"}},
		{"an SSH key beside a key", append(bytes.Clone(good), "# ssh-ed25519 is new\ncarol ssh-ed25519 AAAA\n"...), []string{"an SSH key beside OpenPGP keys is not read"}},
		{"too many keys", armored(t, "PGP PUBLIC KEY BLOCK", bytes.Repeat([]byte{0x99, 0, 1, 4}, 10_001), nil), []string{"", "more than 10000"}},
		{"another owner's key", bobs, []string{`is claimed by "bob" and by "x\x1b", so it counts for nobody`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			materials := []signature.Material{owned("bob", bobs), {Owner: "x\x1b", Source: "odd.asc", Data: row.data}}
			_, problems := signature.NewRing(materials, nil)
			if len(row.want) == 2 {
				problems = problems[len(problems)-1:]
				row.want = row.want[1:]
			}
			if len(problems) != len(row.want) {
				t.Fatalf("got %d problems, want %d: %v", len(problems), len(row.want), problems)
			}
			for i, each := range problems {
				if each.Source != "odd.asc" || !strings.Contains(each.Detail, row.want[i]) {
					t.Errorf("got %v, want %s", each, row.want[i])
				}
			}
			_, again := signature.NewRing(materials, nil)
			if diff := cmp.Diff(problems, again[len(again)-len(problems):]); diff != "" {
				t.Errorf("the problems differ from one time to the next:\n%s", diff)
			}
		})
	}
}

// To read keys takes only so long, whatever stands in them.
func TestNewRingChecksOnlySoMuch(t *testing.T) {
	t.Parallel()
	key, other := newKey(t, made(), packet.PubKeyAlgoEdDSA), newKey(t, made(), packet.PubKeyAlgoEdDSA)
	self, by := selfSigned(t, key, aliceID, made()), asSignature(t, signs(t, key, signed()))
	for name, row := range map[string]struct {
		flood item
		want  signature.State
	}{
		"its own words":        {self[1], signature.UnknownKey},
		"words of another key": {selfSigned(t, other, aliceID, made())[1], signature.Good},
	} {
		items := append([]item{&key.PublicKey}, self...)
		file := armored(t, "PGP PUBLIC KEY BLOCK", packed(t, append(items, slices.Repeat([]item{row.flood}, 3400)...)...), nil)
		ring, problems := signature.NewRing([]signature.Material{owned("alice", file), owned("alice", file), owned("alice", file)}, nil)
		got := ring.Verify([]byte(payload), by, signature.Moment{Now: now()}, signature.Demand{})
		if got.State != row.want || len(problems) > 0 == (row.want == signature.Good) {
			t.Errorf("%s: got %+v %v, want %q", name, got, problems, row.want)
		}
	}
}

// One bad key in a file takes nothing from the others, and gives nothing.
func TestNewRingKeepsWhatIsGood(t *testing.T) {
	t.Parallel()
	key := newKey(t, made(), packet.PubKeyAlgoEdDSA)
	empty := newKey(t, made(), packet.PubKeyAlgoEdDSA)
	body := packed(t, append([]item{opaque(6, 3), &empty.PublicKey, &key.PublicKey}, selfSigned(t, key, aliceID, made())...)...)
	file := append([]byte("Keys of the team:\r\n\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"), armored(t, "PGP PUBLIC KEY BLOCK", body, map[string]string{"Charset": "utf-8"})...)
	ring, problems := signature.NewRing([]signature.Material{{Source: "team.asc", Data: file}}, nil)
	if len(problems) != 3 {
		t.Errorf("got %v, want three problems", problems)
	}
	got := ring.Verify([]byte(payload), asSignature(t, signs(t, key, signed())), signature.Moment{Now: now()}, signature.Demand{})
	want := signature.Result{
		State: signature.Good, Detail: fmt.Sprintf("signed by the key %X", key.Fingerprint), Scheme: signature.OpenPGP,
		Key: fmt.Sprintf("%X", key.Fingerprint), Owner: aliceID, Source: "team.asc", Claimed: signed(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := ring.Verify([]byte(payload), asSignature(t, signs(t, empty, signed())), signature.Moment{Now: now()}, signature.Demand{}); got.State != signature.UnknownKey {
		t.Errorf("a key without user id: got %+v", got)
	}
}

// A comment may say "=" and four letters, and a checksum may be wrong.
func TestArmorChecksumIsNotCompared(t *testing.T) {
	t.Parallel()
	key := newKey(t, made(), packet.PubKeyAlgoEdDSA)
	ring, _ := signature.NewRing([]signature.Material{owned("alice", keyFile(t, key, selfSigned(t, key, aliceID, made())))}, nil)
	body := base64.StdEncoding.EncodeToString(packed(t, signs(t, key, signed())))
	for text, want := range map[string]signature.State{
		"%s\n=AAAA\n":   signature.Good,
		"%s\n":          signature.Good,
		"%s\n=AAAA\nx":  signature.Malformed,
		"=AAAA\n%s\n":   signature.Malformed,
		"%s\n=AAAA=\n":  signature.Malformed,
		"%s\n\n=AAAA\n": signature.Good,
	} {
		block := "-----BEGIN PGP SIGNATURE-----\n\n" + fmt.Sprintf(text, body) + "-----END PGP SIGNATURE-----\n"
		if got := ring.Verify([]byte(payload), []byte(block), signature.Moment{Now: now()}, signature.Demand{}); got.State != want {
			t.Errorf("%q: got %+v, want %q", text, got, want)
		}
	}
}
