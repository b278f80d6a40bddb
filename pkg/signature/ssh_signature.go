package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

const (
	sshBegin = "-----BEGIN SSH SIGNATURE-----\n"
	sshEnd   = "\n-----END SSH SIGNATURE-----"
	// sshMagic begins both the signature and what is signed.
	sshMagic   = "SSHSIG"
	sshVersion = 1
	// gitNamespace is for what git signs. A signature for another purpose, such
	// as a file or a login, must not pass for one over a commit.
	gitNamespace = "git"
)

const (
	certificateSuffix = "-cert-v01@openssh.com"
	// keyTypeDSA is a type of key that is read only to say that it is weak.
	keyTypeDSA = "ssh-dss"
)

// sshSignature is what one SSH signature says (PROTOCOL.sshsig of OpenSSH). It
// is in the namespace of git, and its parts fit each other.
type sshSignature struct {
	key ssh.PublicKey
	// hash names what the payload was hashed with: sha256 or sha512.
	hash string
	made *ssh.Signature
	// touch is what a security key adds. Zero for keys of other kinds.
	touch skTouch
}

// sshWire is the part of an SSH signature after its version.
type sshWire struct {
	Key       []byte
	Namespace string
	Reserved  []byte
	Hash      string
	Signature []byte
}

// readSSHSignature reads the one signature that the text has to be. With a
// fault it returns what it had read until then.
func readSSHSignature(armored []byte) (sshSignature, *pgpFault) {
	blob, err := readSSHArmor(armored)
	if err != nil {
		return sshSignature{}, malformed("the armor cannot be read: %v", err)
	}
	content, isSSH := bytes.CutPrefix(blob, []byte(sshMagic))
	if !isSSH || len(content) < 4 {
		return sshSignature{}, malformed("the armor holds no SSH signature")
	}
	if version := binary.BigEndian.Uint32(content); version != sshVersion {
		return sshSignature{}, unsupported("the signature is of version %d, and only %d is known", version, sshVersion)
	}
	var wire sshWire
	if err := ssh.Unmarshal(content[4:], &wire); err != nil {
		return sshSignature{}, malformed("the signature cannot be read: %s", quoted(err.Error()))
	}
	return wire.read()
}

// readSSHArmor returns what is between the first and the last line. It reads
// what OpenSSH reads, without what OpenSSH passes over: text after the end, and
// blanks between the letters.
func readSSHArmor(armored []byte) ([]byte, error) {
	text, isBegun := strings.CutPrefix(string(armored), sshBegin)
	if !isBegun {
		return nil, errors.New("the first line is not exactly the begin of an SSH signature")
	}
	body, after, isEnded := strings.Cut(text, sshEnd)
	if !isEnded {
		return nil, errors.New("the block has no end")
	}
	if strings.Trim(after, " \t\r\n") != "" {
		return nil, errors.New("there is text after the end")
	}
	// The decoder passes over both ends of lines; only one of them is meant.
	if strings.Contains(body, "\r") {
		return nil, errors.New("there is a carriage return in the data")
	}
	return base64.StdEncoding.Strict().DecodeString(body)
}

func (w sshWire) read() (sshSignature, *pgpFault) {
	key, fault := readSSHKey(w.Key)
	if fault != nil {
		return sshSignature{}, fault
	}
	signature := sshSignature{key: key, hash: w.Hash}
	if w.Namespace != gitNamespace {
		return signature, malformed("the signature is for the namespace %s, not for %q", quoted(w.Namespace), gitNamespace)
	}
	if w.Hash != "sha256" && w.Hash != "sha512" {
		return signature, unsupported("the signature is over a hash of the kind %s", quoted(w.Hash))
	}
	var made ssh.Signature
	if err := ssh.Unmarshal(w.Signature, &made); err != nil {
		return signature, malformed("the signature cannot be read: %s", quoted(err.Error()))
	}
	signature.made = &made
	if fault := signature.checkFormat(); fault != nil {
		return signature, fault
	}
	return signature, signature.takeRest()
}

// readSSHKey reads the key that a signature says it is by.
func readSSHKey(blob []byte) (ssh.PublicKey, *pgpFault) {
	var head struct {
		Type string
		Rest []byte `ssh:"rest"`
	}
	if err := ssh.Unmarshal(blob, &head); err != nil {
		return nil, malformed("the key in the signature cannot be read: %s", quoted(err.Error()))
	}
	if strings.HasSuffix(head.Type, certificateSuffix) {
		return nil, unsupported("the signature is by a certificate (%s), and certificates are not checked: list the key itself", quoted(head.Type))
	}
	if !isSSHKeyType(head.Type) {
		return nil, unsupported("the signature is by a key of the kind %s", quoted(head.Type))
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, malformed("the key in the signature cannot be read: %s", quoted(err.Error()))
	}
	return key, nil
}

// isSSHKeyType tells whether keys of this type are known here. Weak ones are:
// a signature by one of them deserves a better word than "unsupported".
func isSSHKeyType(name string) bool {
	return slices.Contains([]string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSA, keyTypeDSA,
	}, name)
}

// checkFormat takes the kind of the signature to be one that its key makes.
func (s sshSignature) checkFormat() *pgpFault {
	format, fitting := s.made.Format, []string{s.key.Type()}
	if s.key.Type() == ssh.KeyAlgoRSA {
		fitting = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	if slices.Contains(fitting, format) {
		return nil
	}
	// A browser signs other bytes than ssh does (PROTOCOL.u2f of OpenSSH).
	if strings.HasPrefix(format, "webauthn-") {
		return unsupported("the signature was made in a browser (%s)", quoted(format))
	}
	return malformed("a signature of the kind %s does not fit a key of the kind %q", quoted(format), s.key.Type())
}

// takeRest reads what follows the signature proper: what a security key adds,
// or nothing.
func (s *sshSignature) takeRest() *pgpFault {
	if isSecurityKey(s.key) {
		if err := ssh.Unmarshal(s.made.Rest, &s.touch); err != nil {
			return malformed("what the security key adds to its signature cannot be read: %s", quoted(err.Error()))
		}
		return nil
	}
	if len(s.made.Rest) > 0 {
		return malformed("there are %d bytes after the signature", len(s.made.Rest))
	}
	return nil
}

// covers tells whether the key made the signature over the payload.
func (s sshSignature) covers(payload []byte) bool {
	if isSecurityKey(s.key) {
		return s.touch.covers(s.key, s.signedData(payload), s.made.Blob)
	}
	return s.key.Verify(s.signedData(payload), s.made) == nil
}

// signedData is what was signed. It is put together anew from what is known to
// be right: the reserved field is empty whatever the signature says, as OpenSSH
// has it.
func (s sshSignature) signedData(payload []byte) []byte {
	var digest []byte
	if s.hash == "sha256" {
		sum := sha256.Sum256(payload)
		digest = sum[:]
	} else {
		sum := sha512.Sum512(payload)
		digest = sum[:]
	}
	return append([]byte(sshMagic), ssh.Marshal(struct {
		Namespace string
		Reserved  []byte
		Hash      string
		Digest    []byte
	}{gitNamespace, nil, s.hash, digest})...)
}
