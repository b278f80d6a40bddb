package signature

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"math/big"
	"slices"

	"golang.org/x/crypto/ssh"
)

// What a security key says about its owner: who touched it is present, who gave
// a PIN or a fingerprint is verified.
const (
	flagUserPresent  = 0x01
	flagUserVerified = 0x04
)

// skTouch is what a security key adds to its signature, and signs
// (PROTOCOL.u2f of OpenSSH, "SSH U2F Signatures").
//
// The check is ours because the library refuses every signature without a
// touch, and cannot be told otherwise. OpenSSH leaves that to who asks, and
// whole projects sign without a touch. Here a policy may ask for it.
type skTouch struct {
	Flags   byte
	Counter uint32
}

func (t skTouch) isPresent() bool { return t.Flags&flagUserPresent != 0 }

func (t skTouch) isVerified() bool { return t.Flags&flagUserVerified != 0 }

func isSecurityKey(key ssh.PublicKey) bool {
	return key.Type() == ssh.KeyAlgoSKED25519 || key.Type() == ssh.KeyAlgoSKECDSA256
}

// covers tells whether the security key made the signature over the data.
func (t skTouch) covers(key ssh.PublicKey, data, blob []byte) bool {
	application, isRead := skApplication(key)
	holder, isHolder := key.(ssh.CryptoPublicKey)
	if !isRead || !isHolder {
		return false
	}
	forApplication, overData := sha256.Sum256([]byte(application)), sha256.Sum256(data)
	message := slices.Concat(forApplication[:], ssh.Marshal(t), overData[:])
	switch public := holder.CryptoPublicKey().(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(public, message, blob)
	case *ecdsa.PublicKey:
		var pair struct{ R, S *big.Int }
		if err := ssh.Unmarshal(blob, &pair); err != nil {
			return false
		}
		digest := sha256.Sum256(message)
		return ecdsa.Verify(public, digest[:], pair.R, pair.S)
	}
	return false
}

// skApplication is what the security key was told it is used for, such as
// "ssh:". The library keeps it to itself, except in the key as bytes.
func skApplication(key ssh.PublicKey) (string, bool) {
	if key.Type() == ssh.KeyAlgoSKED25519 {
		var wire struct {
			Type        string
			Public      []byte
			Application string
		}
		err := ssh.Unmarshal(key.Marshal(), &wire)
		return wire.Application, err == nil
	}
	var wire struct {
		Type, Curve string
		Point       []byte
		Application string
	}
	err := ssh.Unmarshal(key.Marshal(), &wire)
	return wire.Application, err == nil
}
