package gate_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"
	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/fact"
)

// This file makes OpenPGP signatures and those of security keys: kinds that
// can be unfit in ways of their own.

// openPGP is a key and the signature that it makes.
type openPGP struct {
	made, signed     time.Time
	keyLife, sigLife time.Duration
	notForSigning    bool
	revoked          bool
	key, armored     string // what comes out: the public key, its signature
}

// makeOpenPGP fills in a key and its signature over a payload. Keys are made
// at the beginning of 2025 and sign in its middle, unless told otherwise.
func makeOpenPGP(payload string, with openPGP) openPGP {
	if with.made.IsZero() {
		with.made = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	if with.signed.IsZero() {
		with.signed = with.made.AddDate(0, 6, 0)
	}
	entity, err := pgp.NewEntity("", "", "nobody@example.com", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return with.made }})
	check(err)
	key := entity.PrivateKey
	with.key = armored("PGP PUBLIC KEY BLOCK", with.public(key)...)

	signature := with.blank(key, packet.SigTypeBinary, with.signed)
	if with.sigLife > 0 {
		seconds := uint32(with.sigLife / time.Second)
		signature.SigLifetimeSecs = &seconds
	}
	hash := sha512.New()
	hash.Write([]byte(payload))
	check(signature.Sign(hash, key, nil))
	with.armored = armored("PGP SIGNATURE", signature) + "\n"
	return with
}

// public are the packets of the public key.
func (o openPGP) public(key *packet.PrivateKey) []serializer {
	const id = "Bob <bob@example.com>"
	self := o.blank(key, packet.SigTypePositiveCert, o.made)
	self.FlagsValid, self.FlagCertify, self.FlagSign = true, true, !o.notForSigning
	if o.keyLife > 0 {
		seconds := uint32(o.keyLife / time.Second)
		self.KeyLifetimeSecs = &seconds
	}
	check(self.SignUserId(id, &key.PublicKey, key, nil))
	packets := []serializer{&key.PublicKey}
	if o.revoked {
		reason := packet.KeyCompromised
		revocation := o.blank(key, packet.SigTypeKeyRevocation, o.made.AddDate(1, 0, 0))
		revocation.RevocationReason = &reason
		check(revocation.RevokeKey(&key.PublicKey, key, nil))
		packets = append(packets, revocation)
	}
	return append(packets, &packet.UserId{Id: id}, self)
}

func (o openPGP) blank(key *packet.PrivateKey, kind packet.SignatureType, at time.Time) *packet.Signature {
	return &packet.Signature{
		Version: key.Version, SigType: kind, PubKeyAlgo: key.PubKeyAlgo, Hash: crypto.SHA512,
		CreationTime: at, IssuerKeyId: &key.KeyId, IssuerFingerprint: key.Fingerprint,
	}
}

type serializer interface{ Serialize(w io.Writer) error }

func armored(kind string, packets ...serializer) string {
	var text bytes.Buffer
	out, err := armor.Encode(&text, kind, nil)
	check(err)
	for _, each := range packets {
		check(each.Serialize(out))
	}
	check(out.Close())
	return text.String()
}

// commitBy is a commit that an OpenPGP key of bob's account signed.
func commitBy(with openPGP, given fact.Signature) func(*fact.Set) {
	with = makeOpenPGP(commitText(""), with)
	return func(facts *fact.Set) {
		commitOf(commitText(""), with.armored, given)(facts)
		onlyKey(facts, with.key)
	}
}

// tagBy is a tag that an OpenPGP key of bob's account signed.
func tagBy(with openPGP, given fact.Signature) func(*fact.Set) {
	with = makeOpenPGP(release, with)
	return func(facts *fact.Set) {
		tagOf(release, with.armored, "v1.2.0", given)(facts)
		onlyKey(facts, with.key)
	}
}

// weakKey returns the public line and the signature of an RSA key of 1024 bits.
func weakKey(payload string) (public, signature string) {
	private, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // a weak key is what the test is about
	check(err)
	signer, err := ssh.NewSignerFromKey(private)
	check(err)
	made, err := signer.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, sshMessage(payload), ssh.KeyAlgoRSASHA512)
	check(err)
	return string(ssh.MarshalAuthorizedKey(signer.PublicKey())), armorSSH(signer.PublicKey().Marshal(), ssh.Marshal(made))
}

// securityKey returns the public line and the signature of a security key that
// was or was not touched (PROTOCOL.u2f of OpenSSH).
func securityKey(payload string, flags byte) (public, signature string) {
	const kind, application = "sk-ssh-ed25519@openssh.com", "ssh:"
	seed := sha256.Sum256([]byte("security key"))
	private := ed25519.NewKeyFromSeed(seed[:])
	blob := ssh.Marshal(struct {
		Kind        string
		Key         []byte
		Application string
	}{kind, private.Public().(ed25519.PublicKey), application})
	key, err := ssh.ParsePublicKey(blob)
	check(err)
	app, inner := sha256.Sum256([]byte(application)), sha256.Sum256(sshMessage(payload))
	counter := []byte{flags, 0, 0, 0, 7}
	value := ed25519.Sign(private, bytes.Join([][]byte{app[:], counter, inner[:]}, nil))
	raw := append(ssh.Marshal(struct {
		Kind  string
		Value []byte
	}{kind, value}), counter...)
	return string(ssh.MarshalAuthorizedKey(key)), armorSSH(blob, raw)
}

// touched is a commit that a security key of bob's account signed.
func touched(flags byte) func(*fact.Set) { return commitWith(securityKey(commitText(""), flags)) }

// touchedTag is a tag that a security key of bob's account signed.
func touchedTag(flags byte) func(*fact.Set) { return tagWith(securityKey(release, flags)) }

// commitWith is a commit that carries a signature by bob's only key.
func commitWith(public, signature string) func(*fact.Set) {
	return func(facts *fact.Set) {
		commitOf(commitText(""), signature, valid(bob))(facts)
		onlyKey(facts, public)
	}
}

// tagWith is a tag that carries a signature by bob's only key.
func tagWith(public, signature string) func(*fact.Set) {
	return func(facts *fact.Set) {
		tagOf(release, signature, "v1.2.0", valid(bob))(facts)
		onlyKey(facts, public)
	}
}

func onlyKey(facts *fact.Set, public string) {
	facts.Keys = hold(facts.Keys, "bob", fact.AccountKeys{Login: "bob", Keys: []fact.PublicKey{{ID: 1, Text: public}}})
}
