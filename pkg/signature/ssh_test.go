package signature_test

import (
	"crypto/dsa" //nolint:staticcheck // a weak key is what the test is about
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/signature"
)

// sshRow is a signature, and what is said of it.
type sshRow struct {
	name    string
	armored []byte
	want    signature.State
	detail  string
}

// checkSSH asks about every row, and once more: nothing may depend on what was
// asked before.
func checkSSH(t *testing.T, ring *signature.Ring, rows []sshRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				got := ring.Verify([]byte(payload), row.armored, signature.Moment{Now: now()}, signature.Demand{})
				if got.State != row.want || !strings.Contains(got.Detail, row.detail) {
					t.Errorf("got %q: %s, want %q: %s", got.State, got.Detail, row.want, row.detail)
				}
				if got.Scheme != signature.SSH || !got.Claimed.IsZero() {
					t.Errorf("got scheme %q and time %v", got.Scheme, got.Claimed)
				}
			}
		})
	}
}

func TestSSHSignaturesThatDoNotCount(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newSSHKey(t, 'a'), newSSHKey(t, 'b'), newSSHKey(t, 'c')
	private := newRSASSHKey(t, 2048)
	oldRSA, newRSA := newSSHPair(t, private, ssh.KeyAlgoRSA), newSSHPair(t, private, ssh.KeyAlgoRSASHA256)
	short := newSSHPair(t, newRSASSHKey(t, 1024), ssh.KeyAlgoRSASHA512)
	dsaKey, security := newDSAPair(t), newSecurityKey(t, 1)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	p384 := newSSHPair(t, curve)
	ring, problems := signature.NewRing([]signature.Material{keysOf("alice", alice, oldRSA, short, dsaKey, security, p384), keysOf("bob", bob)}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	good := string(sshsig(t, alice))
	body := strings.TrimSuffix(strings.TrimPrefix(good, "-----BEGIN SSH SIGNATURE-----\n"), "\n-----END SSH SIGNATURE-----\n")
	format := func(name string) sshWrong {
		return func(p *sshParts) { p.made = &ssh.Signature{Format: name, Blob: make([]byte, 64)} }
	}
	spoil := func(how func(*ssh.Signature)) sshWrong { return func(p *sshParts) { p.spoil = how } }
	checkSSH(t, ring, []sshRow{
		{"C9: for another namespace", sshsig(t, alice, func(p *sshParts) { p.namespace = "file" }), signature.Malformed, `the namespace "file", not for "git"`},
		{"C9: for no namespace", sshsig(t, alice, func(p *sshParts) { p.namespace = "" }), signature.Malformed, `the namespace ""`},
		{"C9: a namespace that only looks like git's", sshsig(t, alice, func(p *sshParts) { p.namespace = "git\x00" }), signature.Malformed, `the namespace "git\x00"`},
		{"C9: a namespace in other letters", sshsig(t, alice, func(p *sshParts) { p.namespace = "GIT" }), signature.Malformed, "namespace"},
		{"C9: made for another namespace, with git written over it", sshsig(t, alice, func(p *sshParts) {
			p.over = func(signed *sshParts) { signed.namespace = "file" }
		}), signature.Bad, "did not sign these bytes"},
		{"C15: made with another hash, with its name written over", sshsig(t, alice, func(p *sshParts) {
			p.over = func(signed *sshParts) { signed.hash = "sha256" }
		}), signature.Bad, "did not sign these bytes"},
		{"C15: by another key than it says", sshsig(t, bob, func(p *sshParts) { p.key = alice.public.Marshal() }), signature.Bad, ""},
		{"P1: by a key that is not given", sshsig(t, carol), signature.UnknownKey, carol.fingerprint()},
		{"C24: RSA over SHA-1", sshsig(t, oldRSA), signature.Weak, "SHA-1"},
		{"C24: RSA that says SHA-1 and is not", sshsig(t, newRSA, spoil(func(made *ssh.Signature) { made.Format = ssh.KeyAlgoRSA })), signature.Weak, "SHA-1"},
		{"C24: RSA over a hash that it does not have", sshsig(t, newRSA, format("rsa-sha2-384")), signature.Malformed, `"rsa-sha2-384" does not fit`},
		{"C24: a version that does not exist yet", sshsig(t, alice, func(p *sshParts) { p.version = 2 }), signature.Unsupported, "version 2"},
		{"C24: a version that never was", sshsig(t, alice, func(p *sshParts) { p.version = 0 }), signature.Unsupported, "version 0"},
		{"C24: data after the end", sshsig(t, alice, func(p *sshParts) { p.after = []byte{0} }), signature.Malformed, "cannot be read"},
		{"C24: data after the inner signature", sshsig(t, alice, func(p *sshParts) { p.within = []byte{0} }), signature.Malformed, "1 bytes after"},
		{"C24: data after the pair of numbers", sshsig(t, p384, spoil(func(made *ssh.Signature) { made.Blob = append(made.Blob, 0) })), signature.Bad, ""},
		{"C24: data after the key", sshsig(t, alice, func(p *sshParts) { p.key = append(p.key, 0) }), signature.Malformed, "key in the signature cannot be read"},
		{"C24: a hash that is too old", sshsig(t, alice, func(p *sshParts) { p.hash = "sha1" }), signature.Unsupported, `"sha1"`},
		{"C24: a hash that is not in the format", sshsig(t, alice, func(p *sshParts) { p.hash = "sha384" }), signature.Unsupported, `"sha384"`},
		{"C24: a hash in other letters", sshsig(t, alice, func(p *sshParts) { p.hash = "SHA512" }), signature.Unsupported, `"SHA512"`},
		{"C16: RSA of 1024 bits", sshsig(t, short), signature.Weak, "1024 bits, fewer than 2048"},
		{"C16: DSA", sshsig(t, dsaKey), signature.Weak, "DSA"},
		{"a certificate", sshsig(t, alice, func(p *sshParts) { p.key = certificate(t, alice, bob).Marshal() }), signature.Unsupported, "certificates are not checked: list the key itself"},
		{"a key of a kind that is not known", sshsig(t, alice, func(p *sshParts) { p.key = ssh.Marshal(struct{ Type string }{"ssh-xmss@openssh.com"}) }), signature.Unsupported, `"ssh-xmss@openssh.com"`},
		{"half a key", sshsig(t, alice, func(p *sshParts) { p.key = p.key[:40] }), signature.Malformed, "key in the signature"},
		{"no key", sshsig(t, alice, func(p *sshParts) { p.key = nil }), signature.Malformed, "key in the signature"},
		{"made in a browser", sshsig(t, security, format("webauthn-sk-ecdsa-sha2-nistp256@openssh.com")), signature.Unsupported, "in a browser"},
		{"a kind that does not fit the key", sshsig(t, alice, format(ssh.KeyAlgoSKED25519)), signature.Malformed, "does not fit"},
		{"a security key's signature without its flags", sshsig(t, security, spoil(func(made *ssh.Signature) { made.Rest = nil })), signature.Malformed, "security key adds"},
		{"a security key's signature with more than its flags", sshsig(t, security, func(p *sshParts) { p.within = []byte{0} }), signature.Malformed, "security key adds"},
		{"C23: a touch that was added later", sshsig(t, newSecurityKey(t, 0), spoil(func(made *ssh.Signature) { made.Rest = skRest(1) })), signature.Bad, "did not sign"},
		{"C23: a counter that was changed", sshsig(t, security, spoil(func(made *ssh.Signature) { made.Rest[4]++ })), signature.Bad, "did not sign"},
		{"a signature of zeros", sshsig(t, alice, format(ssh.KeyAlgoED25519)), signature.Bad, ""},
		{"another magic word", sshArmor([]byte("SSHSIX\x00\x00\x00\x01")), signature.Malformed, "no SSH signature"},
		{"nothing after the magic word", sshArmor([]byte("SSHSIG")), signature.Malformed, "no SSH signature"},
		{"nothing after the version", sshArmor([]byte("SSHSIG\x00\x00\x00\x01")), signature.Malformed, "cannot be read"},
		{"C5b: text after the end", []byte(good + "text\n"), signature.Malformed, "text after the end"},
		{"C5b: text on the last line", []byte(strings.TrimSuffix(good, "\n") + "text\n"), signature.Malformed, "text after the end"},
		{"C1: twice", []byte(good + good), signature.Malformed, "text after the end"},
		{"C5b: another block after it", []byte(good + "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"), signature.Malformed, "text after the end"},
		{"C5: a header in the armor", []byte(strings.Replace(good, "\n", "\nComment: x\n\n", 1)), signature.Malformed, "armor"},
		{"no end", []byte("-----BEGIN SSH SIGNATURE-----\n" + body), signature.Malformed, "no end"},
		{"no data", []byte("-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----\n"), signature.Malformed, "no SSH signature"},
		{"a blank in the data", []byte(strings.Replace(good, body[:9], body[:9]+" ", 1)), signature.Malformed, "armor"},
		{"carriage returns", []byte(strings.ReplaceAll(good, "\n", "\r\n")), signature.Malformed, "first line"},
		{"carriage returns in the data", []byte(strings.ReplaceAll(good, body, strings.ReplaceAll(body, "\n", "\r\n"))), signature.Malformed, "carriage return"},
		{"letters of another alphabet", []byte(strings.Replace(good, body[:9], body[:8]+"-", 1)), signature.Malformed, "armor"},
		{"no padding", []byte(strings.Replace(good, "=", "", 1)), signature.Malformed, "armor"},
		{"bits after the last byte", []byte(strings.Replace(good, body, spoiltPadding(t, body), 1)), signature.Malformed, "armor"},
	})
}

// spoiltPadding sets a bit of the last letter that no byte has.
func spoiltPadding(t *testing.T, body string) string {
	t.Helper()
	letters, isPadded := strings.CutSuffix(body, "=")
	if !isPadded || strings.HasSuffix(letters, "=") {
		t.Fatalf("the armor does not end with two free bits: %q", body)
	}
	last := letters[len(letters)-1]
	return letters[:len(letters)-1] + string(last+1) + "="
}

func certificate(t *testing.T, pair, authority sshPair) *ssh.Certificate {
	t.Helper()
	made := &ssh.Certificate{Key: pair.public, CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity, ValidPrincipals: []string{"alice"}}
	must(t, made.SignCert(rand.Reader, sshSigner{authority}))
	return made
}

// sshSigner lends a pair to the library.
type sshSigner struct{ pair sshPair }

func (s sshSigner) PublicKey() ssh.PublicKey { return s.pair.public }

func (s sshSigner) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	return s.pair.sign(data), nil
}

// newDSAPair makes signatures that nobody has to look at to refuse them.
func newDSAPair(t *testing.T) sshPair {
	t.Helper()
	var key dsa.PrivateKey
	must(t, dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L1024N160))
	must(t, dsa.GenerateKey(&key, rand.Reader))
	public, err := ssh.NewPublicKey(&key.PublicKey)
	must(t, err)
	return sshPair{public, func([]byte) *ssh.Signature {
		return &ssh.Signature{Format: public.Type(), Blob: make([]byte, 40)}
	}}
}

// C14: every byte of the payload is signed, and no other payload.
func TestSSHSignatureOverOtherBytes(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	ring, _ := signature.NewRing([]signature.Material{keysOf("alice", alice)}, nil)
	armored := sshsig(t, alice)
	for _, other := range []string{"", payload + "\n", payload[1:], strings.ReplaceAll(payload, "\r\n", "\n"), strings.Replace(payload, "Hello", "hello", 1)} {
		got := ring.Verify([]byte(other), armored, signature.Moment{Now: now()}, signature.Demand{})
		want := signature.Result{
			State: signature.Bad, Detail: "the key did not sign these bytes", Scheme: signature.SSH,
			Key: alice.fingerprint(), Owner: "alice", Source: "alice.keys",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", other, diff)
		}
	}
}

// What is left to the signer by the format changes nothing.
func TestSSHSignaturesThatCount(t *testing.T) {
	t.Parallel()
	alice := newSSHKey(t, 'a')
	ring, problems := signature.NewRing([]signature.Material{keysOf("alice", alice)}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	good := string(sshsig(t, alice))
	begin, end := "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
	body := strings.TrimSuffix(strings.TrimPrefix(good, begin), end)
	for name, armored := range map[string]string{
		"as it is made":           good,
		"over the other hash":     string(sshsig(t, alice, func(p *sshParts) { p.hash = "sha256" })),
		"with a reserved field":   string(sshsig(t, alice, func(p *sshParts) { p.reserved = "later" })),
		"on one line":             begin + strings.ReplaceAll(body, "\n", "") + end,
		"without a last newline":  strings.TrimSuffix(good, "\n"),
		"with blanks after it":    good + " \t\r\n\n",
		"with an empty line more": begin + body + "\n" + end,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ring.Verify([]byte(payload), []byte(armored), signature.Moment{Now: now()}, signature.Demand{Touch: true})
			want := signature.Result{
				State: signature.Good, Detail: "signed by the key " + alice.fingerprint(), Scheme: signature.SSH,
				Key: alice.fingerprint(), Owner: "alice", Source: "alice.keys",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// C23: whether a touch is asked for is the policy's to say, and the flag is
// signed.
func TestSSHSecurityKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		make func(testing.TB, byte) sshPair
	}{{"ed25519", newSecurityKey}, {"ecdsa", newECDSASecurityKey}} {
		for _, row := range []struct {
			flags byte
			touch bool
			pin   bool
			want  signature.State
		}{
			{0x00, true, false, signature.Untouched},
			{0x04, true, false, signature.Untouched}, // a PIN is no touch
			{0xfe, true, false, signature.Untouched},
			{0x00, false, true, signature.Untouched},
			{0x01, true, true, signature.Untouched}, // a touch is no PIN
			{0xfb, false, true, signature.Untouched},
			{0x00, false, false, signature.Good},
			{0x01, true, false, signature.Good},
			{0x05, true, false, signature.Good},
			{0x05, true, true, signature.Good},
			{0x04, false, true, signature.Good},
			{0x01, false, false, signature.Good},
		} {
			t.Run(fmt.Sprintf("%s with flags %#x, touch %t, PIN %t", kind.name, row.flags, row.touch, row.pin), func(t *testing.T) {
				t.Parallel()
				pair := kind.make(t, row.flags)
				ring, problems := signature.NewRing([]signature.Material{keysOf("alice", pair)}, nil)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				armored, demand := sshsig(t, pair), signature.Demand{Touch: row.touch, PIN: row.pin}
				got := ring.Verify([]byte(payload), armored, signature.Moment{Now: now()}, demand)
				if got.State != row.want || got.Owner != "alice" {
					t.Errorf("got %+v, want %q", got, row.want)
				}
				if got := ring.Verify([]byte("other"), armored, signature.Moment{Now: now()}, demand); got.State != signature.Bad {
					t.Errorf("other bytes: got %+v", got)
				}
			})
		}
	}
}

// A security key for logins at one place is not the one for another.
func TestSSHSecurityKeyOfAnotherApplication(t *testing.T) {
	t.Parallel()
	pair := newSecurityKey(t, 1)
	var wire skWire
	must(t, ssh.Unmarshal(pair.public.Marshal(), &wire))
	wire.Application = "ssh:other"
	other, err := ssh.ParsePublicKey(ssh.Marshal(wire))
	must(t, err)
	ring, _ := signature.NewRing([]signature.Material{keysOf("alice", sshPair{public: other})}, nil)
	for _, row := range []struct {
		name    string
		armored []byte
		want    signature.State
	}{
		{"with its own name", sshsig(t, pair), signature.UnknownKey},
		{"under the other's name", sshsig(t, pair, func(p *sshParts) { p.key = other.Marshal() }), signature.Bad},
	} {
		if got := ring.Verify([]byte(payload), row.armored, signature.Moment{Now: now()}, signature.Demand{}); got.State != row.want {
			t.Errorf("%s: got %+v, want %q", row.name, got, row.want)
		}
	}
}
