package githubtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Keys of the double are derived from names, so they protect nothing; the
// signatures made with them are real.

// sshKey returns the signing key of a login.
func sshKey(login string) (ssh.Signer, error) {
	seed := sha256.Sum256([]byte("githubtest signing key of " + strings.ToLower(login)))
	return ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
}

// The constants of SSHSIG, https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig.
const (
	sshMagic     = "SSHSIG"
	sshNamespace = "git"
	sshHash      = "sha512"
	sshBegin     = "-----BEGIN SSH SIGNATURE-----"
	sshEnd       = "-----END SSH SIGNATURE-----"
)

// sshEnvelope is an SSHSIG after its magic.
type sshEnvelope struct {
	Version                                 uint32
	PublicKey                               []byte
	Namespace, Reserved, Hash, SignatureRaw string
}

// sshSigned returns the bytes that an SSHSIG signs.
func sshSigned(message []byte) []byte {
	digest := sha512.Sum512(message)
	return append([]byte(sshMagic), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{sshNamespace, "", sshHash, digest[:]})...)
}

// signSSH returns an armoured SSHSIG. Ed25519 makes it deterministic.
func signSSH(login string, message []byte) (string, error) {
	signer, err := sshKey(login)
	if err != nil {
		return "", fmt.Errorf("make key of %s: %w", login, err)
	}
	signed, err := signer.Sign(rand.Reader, sshSigned(message))
	if err != nil {
		return "", fmt.Errorf("sign as %s: %w", login, err)
	}
	raw := append([]byte(sshMagic), ssh.Marshal(sshEnvelope{
		Version: 1, PublicKey: signer.PublicKey().Marshal(), Namespace: sshNamespace, Hash: sshHash,
		SignatureRaw: string(ssh.Marshal(signed)),
	})...)
	return armour(raw), nil
}

// armour breaks the lines where ssh-keygen does.
func armour(raw []byte) string {
	var b strings.Builder
	b.WriteString(sshBegin + "\n")
	for text := base64.StdEncoding.EncodeToString(raw); text != ""; {
		cut := min(70, len(text))
		b.WriteString(text[:cut] + "\n")
		text = text[cut:]
	}
	b.WriteString(sshEnd + "\n")
	return b.String()
}

// checkSSH returns the public key that made an armoured SSHSIG, in wire
// format, and an error when it did not sign the message.
func checkSSH(armoured string, message []byte) ([]byte, error) {
	text := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(armoured, sshBegin)), sshEnd)
	raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	rest, ok := bytes.CutPrefix(raw, []byte(sshMagic))
	var envelope sshEnvelope
	if !ok || ssh.Unmarshal(rest, &envelope) != nil {
		return nil, errors.New("read signature: not an SSHSIG")
	}
	key, err := ssh.ParsePublicKey(envelope.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("read key of signature: %w", err)
	}
	var made ssh.Signature
	if err := ssh.Unmarshal([]byte(envelope.SignatureRaw), &made); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	return envelope.PublicKey, key.Verify(sshSigned(message), &made)
}

// stream is an endless, repeatable source of bytes.
type stream struct {
	seed    []byte
	counter uint64
	rest    []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for n := range p {
		if len(s.rest) == 0 {
			block := sha256.Sum256(binary.BigEndian.AppendUint64(bytes.Clone(s.seed), s.counter))
			s.rest, s.counter = block[:], s.counter+1
		}
		p[n], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}
