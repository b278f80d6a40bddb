package signature_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/signature"
)

// sshPair is a key and what it makes of data.
type sshPair struct {
	public ssh.PublicKey
	sign   func(data []byte) *ssh.Signature
}

func (p sshPair) fingerprint() string { return ssh.FingerprintSHA256(p.public) }

// line is the key as it stands in a file, without an end of line.
func (p sshPair) line() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(p.public)))
}

// newSSHKey is the same key for the same letter.
func newSSHKey(tb testing.TB, letter byte) sshPair {
	tb.Helper()
	return newSSHPair(tb, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{letter}, ed25519.SeedSize)))
}

func newSSHPair(tb testing.TB, private crypto.Signer, algorithm ...string) sshPair {
	tb.Helper()
	signer, err := ssh.NewSignerFromSigner(private)
	must(tb, err)
	return sshPair{signer.PublicKey(), func(data []byte) *ssh.Signature {
		made, err := signer.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, data, append(algorithm, "")[0])
		must(tb, err)
		return made
	}}
}

func newRSASSHKey(tb testing.TB, bits int) *rsa.PrivateKey {
	tb.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	must(tb, err)
	return private
}

// skWire is a security key of the kind that has an Ed25519 key.
type skWire struct {
	Type        string
	Public      []byte
	Application string
}

// newSecurityKey is a security key in software, which sets whatever flags.
func newSecurityKey(tb testing.TB, flags byte) sshPair {
	tb.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{'s'}, ed25519.SeedSize))
	public, err := ssh.ParsePublicKey(ssh.Marshal(skWire{ssh.KeyAlgoSKED25519, private.Public().(ed25519.PublicKey), "ssh:"}))
	must(tb, err)
	return sshPair{public, func(data []byte) *ssh.Signature {
		return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(private, skMessage(flags, data)), Rest: skRest(flags)}
	}}
}

func newECDSASecurityKey(tb testing.TB, flags byte) sshPair {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(tb, err)
	point, err := private.PublicKey.Bytes()
	must(tb, err)
	public, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type, Curve string
		Point       []byte
		Application string
	}{ssh.KeyAlgoSKECDSA256, "nistp256", point, "ssh:"}))
	must(tb, err)
	return sshPair{public, func(data []byte) *ssh.Signature {
		digest := sha256.Sum256(skMessage(flags, data))
		r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
		must(tb, err)
		return &ssh.Signature{Format: ssh.KeyAlgoSKECDSA256, Blob: ssh.Marshal(struct{ R, S *big.Int }{r, s}), Rest: skRest(flags)}
	}}
}

func skRest(flags byte) []byte { return []byte{flags, 0, 0, 0, 7} }

func skMessage(flags byte, data []byte) []byte {
	application, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	return slices.Concat(application[:], skRest(flags), message[:])
}

// sshParts is what an SSH signature is put together from.
type sshParts struct {
	version             uint32
	key                 []byte
	namespace, reserved string
	hash                string
	made                *ssh.Signature
	// within and after are bytes after the inner signature and after it all.
	within, after []byte
	// over changes what is signed, and spoil the signature that was made.
	over  func(*sshParts)
	spoil func(*ssh.Signature)
}

// sshWrong makes a signature differ from a good one.
type sshWrong func(*sshParts)

// sshsig is an armored signature over the payload.
func sshsig(tb testing.TB, pair sshPair, edits ...sshWrong) []byte {
	tb.Helper()
	parts := &sshParts{
		version: 1, key: pair.public.Marshal(), namespace: "git", hash: "sha512",
		over: func(*sshParts) {}, spoil: func(*ssh.Signature) {},
	}
	for _, each := range edits {
		each(parts)
	}
	if parts.made == nil {
		signed := *parts
		signed.over(&signed)
		parts.made = pair.sign(slices.Concat([]byte("SSHSIG"), ssh.Marshal(struct {
			Namespace, Reserved, Hash string
			Digest                    []byte
		}{signed.namespace, "", signed.hash, digest(tb, signed.hash)})))
	}
	parts.spoil(parts.made)
	return sshArmor(parts.blob())
}

func (p *sshParts) blob() []byte {
	blob := binary.BigEndian.AppendUint32([]byte("SSHSIG"), p.version)
	return slices.Concat(blob, ssh.Marshal(struct {
		Key                       []byte
		Namespace, Reserved, Hash string
		Signature                 []byte
	}{p.key, p.namespace, p.reserved, p.hash, append(ssh.Marshal(p.made), p.within...)}), p.after)
}

func sshArmor(blob []byte) []byte {
	var lines strings.Builder
	for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(blob)), 70) {
		fmt.Fprintf(&lines, "%s\n", chunk)
	}
	return []byte("-----BEGIN SSH SIGNATURE-----\n" + lines.String() + "-----END SSH SIGNATURE-----\n")
}

func digest(tb testing.TB, hash string) []byte {
	tb.Helper()
	switch strings.ToLower(hash) {
	case "sha1":
		return make([]byte, 20) // it is refused before anybody looks
	case "sha256":
		sum := sha256.Sum256([]byte(payload))
		return sum[:]
	case "sha384":
		sum := sha512.Sum384([]byte(payload))
		return sum[:]
	case "sha512":
		sum := sha512.Sum512([]byte(payload))
		return sum[:]
	}
	tb.Fatalf("no hash %s", hash)
	return nil
}

// signers is material of lines that say themselves who has the key.
func signers(lines ...string) signature.Material {
	return signature.Material{Source: "allowed_signers", Data: []byte(strings.Join(lines, "\n") + "\n")}
}

// keysOf is material of lines that are only keys.
func keysOf(owner string, pairs ...sshPair) signature.Material {
	material := signature.Material{Owner: owner, Source: owner + ".keys"}
	for _, each := range pairs {
		material.Data = append(material.Data, each.line()+"\n"...)
	}
	return material
}
