package githubtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// openpgpKey is an OpenPGP key as it was when it was made: without expiry and
// not revoked. It is what signs, and what signatures are checked with.
type openpgpKey struct {
	name, email string
	seed        string
	entity      *openpgp.Entity
}

// openpgpMade is when every key is made. It is older than any World, so that a
// key is there whenever an object is dated.
func openpgpMade() time.Time { return time.Date(2008, time.April, 10, 0, 0, 0, 0, time.UTC) }

// newGitHubKey derives the key with which the website signs what is made on it.
func newGitHubKey() (openpgpKey, error) {
	return newOpenPGPKey("GitHub", webFlowEmail, "githubtest key of web-flow")
}

// newPersonKey derives the OpenPGP key of a login; that of web-flow is GitHub's.
func newPersonKey(p *person) (openpgpKey, error) {
	if p.login == webFlow {
		return newGitHubKey()
	}
	return newOpenPGPKey(p.login, p.email(), "githubtest OpenPGP key of "+strings.ToLower(p.login))
}

func newOpenPGPKey(name, email, seed string) (openpgpKey, error) {
	key := openpgpKey{name: name, email: email, seed: seed}
	var err error
	key.entity, err = key.make(0)
	return key, err
}

// make derives the key anew; the life only changes what the key says of itself.
func (k openpgpKey) make(life time.Duration) (*openpgp.Entity, error) {
	config := openpgpConfig(openpgpMade())
	config.Algorithm = packet.PubKeyAlgoEdDSA
	config.Rand = &stream{seed: []byte(k.seed)}
	config.KeyLifetimeSecs = uint32(life / time.Second) //nolint:gosec // decades fit
	entity, err := openpgp.NewEntity(k.name, "", k.email, config)
	if err != nil {
		return nil, fmt.Errorf("make OpenPGP key of %s: %w", k.name, err)
	}
	return entity, nil
}

// openpgpConfig makes signatures that depend on the message and the time only.
func openpgpConfig(at time.Time) *packet.Config {
	return &packet.Config{
		Time:                                  func() time.Time { return at },
		NonDeterministicSignaturesViaNotation: packet.BoolPointer(false),
	}
}

// expiring is the key as it is after its owner gave it an end.
func (k openpgpKey) expiring(at time.Time) (*openpgp.Entity, error) {
	return k.make(at.Sub(openpgpMade()))
}

// revoked is the key as it is after its owner took it back.
func (k openpgpKey) revoked(at time.Time) (*openpgp.Entity, error) {
	entity, err := k.make(0)
	if err != nil {
		return nil, err
	}
	if err := entity.RevokeKey(packet.KeyCompromised, "stolen", openpgpConfig(at)); err != nil {
		return nil, fmt.Errorf("revoke key of %s: %w", k.name, err)
	}
	return entity, nil
}

// sign returns an armoured detached OpenPGP signature dated at.
func (k openpgpKey) sign(message []byte, at time.Time) (string, error) {
	var b strings.Builder
	if err := openpgp.ArmoredDetachSign(&b, k.entity, bytes.NewReader(message), openpgpConfig(at)); err != nil {
		return "", fmt.Errorf("sign as %s: %w", k.name, err)
	}
	return b.String() + "\n", nil
}

// check returns an error when the key did not sign the message.
func (k openpgpKey) check(armoured string, message []byte, at time.Time) error {
	_, err := openpgp.CheckArmoredDetachedSignature(openpgp.EntityList{k.entity}, bytes.NewReader(message),
		strings.NewReader(armoured), openpgpConfig(at))
	return err
}

// armouredKey returns a public key as its owner would export it.
func armouredKey(entity *openpgp.Entity) ([]byte, error) {
	var b bytes.Buffer
	out, err := armor.Encode(&b, openpgp.PublicKeyType, nil)
	if err != nil {
		return nil, err
	}
	if err := entity.Serialize(out); err != nil {
		return nil, err
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// packetOf is a key packet alone, in the form of GitHub's field public_key.
func packetOf(key interface{ Serialize(io.Writer) error }) (string, error) {
	var b bytes.Buffer
	if err := key.Serialize(&b); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
