package gittest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"io"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"golang.org/x/crypto/ssh"
)

// Made is when the keys were made, and Signed when they sign.
var (
	Made   = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	Signed = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
)

// Signer is somebody with a key.
type Signer struct {
	// Public is what stands in a file for --signers: a line of allowed_signers
	// or an armored key.
	Public string
	sign   func(payload []byte) (armored string, err error)
}

// Sign returns an armored signature, which ends in a newline.
func (s Signer) Sign(tb testing.TB, payload []byte) string {
	tb.Helper()
	armored, err := s.sign(payload)
	if err != nil {
		tb.Fatal(err)
	}
	return armored
}

// SSH returns the Ed25519 key that belongs to this owner in every run.
func SSH(tb testing.TB, owner string) Signer {
	tb.Helper()
	seed := sha256.Sum256([]byte("gittest " + owner))
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		tb.Fatal(err)
	}
	return Signer{
		Public: owner + " " + string(ssh.MarshalAuthorizedKey(key.PublicKey())),
		sign:   func(payload []byte) (string, error) { return signSSH(key, payload) },
	}
}

// signSSH makes an SSHSIG (PROTOCOL.sshsig of OpenSSH).
func signSSH(key ssh.Signer, payload []byte) (string, error) {
	digest := sha512.Sum512(payload)
	signed, err := key.Sign(rand.Reader, append([]byte("SSHSIG"), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{"git", "", "sha512", digest[:]})...))
	if err != nil {
		return "", err
	}
	blob := append([]byte("SSHSIG"), ssh.Marshal(struct {
		Version                   uint32
		Key                       []byte
		Namespace, Reserved, Hash string
		Signature                 []byte
	}{1, key.PublicKey().Marshal(), "git", "", "sha512", ssh.Marshal(signed)})...)
	return string(pem.EncodeToMemory(&pem.Block{Type: "SSH SIGNATURE", Bytes: blob})), nil
}

// Key says what an OpenPGP key is like. The zero value is an Ed25519 key that
// is valid for ever.
type Key struct {
	RSABits int
	// Lifetime is for how long it is valid after Made; zero is for ever.
	Lifetime time.Duration
	// Revoked says that the public key is revoked; it goes on signing.
	Revoked bool
	// SHA1 and Text make signatures over a SHA-1 hash, and such that lines may
	// end in any way.
	SHA1, Text bool
}

// OpenPGP makes a key.
func OpenPGP(tb testing.TB, owner string, key Key) Signer {
	tb.Helper()
	at := func(moment time.Time) *packet.Config {
		lifetime := uint32(key.Lifetime / time.Second) //nolint:gosec // tests say less than a century
		return &packet.Config{Time: func() time.Time { return moment }, KeyLifetimeSecs: lifetime}
	}
	config := at(Made)
	config.Algorithm, config.RSABits = packet.PubKeyAlgoEdDSA, key.RSABits
	if key.RSABits > 0 {
		config.Algorithm = packet.PubKeyAlgoRSA
	}
	entity, err := openpgp.NewEntity(owner, "", owner+"@example.org", config)
	if err == nil && key.Revoked {
		err = entity.RevokeKey(packet.KeyCompromised, "lost", at(Signed))
	}
	var public bytes.Buffer
	if err == nil {
		err = writeArmored(&public, openpgp.PublicKeyType, entity)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return Signer{Public: public.String() + "\n", sign: func(payload []byte) (string, error) {
		return signOpenPGP(entity.PrivateKey, key, payload)
	}}
}

// signOpenPGP makes the packet itself: the library refuses to make what has to
// be refused.
func signOpenPGP(by *packet.PrivateKey, key Key, payload []byte) (string, error) {
	made := &packet.Signature{
		Version: by.Version, SigType: packet.SigTypeBinary, PubKeyAlgo: by.PubKeyAlgo, Hash: crypto.SHA512,
		CreationTime: Signed, IssuerKeyId: &by.KeyId, IssuerFingerprint: by.Fingerprint,
	}
	if key.SHA1 {
		made.Hash = crypto.SHA1
	}
	plain := &packet.Config{NonDeterministicSignaturesViaNotation: packet.BoolPointer(false)} // as gpg signs
	hash, err := made.PrepareSign(plain)
	if err != nil {
		return "", err
	}
	if key.Text {
		made.SigType = packet.SigTypeText
		payload = bytes.ReplaceAll(payload, []byte("\n"), []byte("\r\n"))
	}
	hash.Write(payload)
	if err := made.Sign(hash, by, plain); err != nil {
		return "", err
	}
	var armored bytes.Buffer
	err = writeArmored(&armored, openpgp.SignatureType, made)
	return armored.String() + "\n", err
}

// writeArmored writes keys or a signature as text.
func writeArmored(out *bytes.Buffer, kind string, packets interface{ Serialize(w io.Writer) error }) error {
	writer, err := armor.Encode(out, kind, nil)
	if err != nil {
		return err
	}
	if err := packets.Serialize(writer); err != nil {
		return err
	}
	return writer.Close()
}
