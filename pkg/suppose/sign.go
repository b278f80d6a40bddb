package suppose

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/pem"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/fact"
)

const keyType = "ssh-ed25519"

// key is the private key of a login. Everybody can make it: it proves nothing.
func key(login string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("stageward supposes " + fact.LoginKey(login)))
	return ed25519.NewKeyFromSeed(seed[:])
}

// blob is the public key of a login as the SSH protocol writes it (RFC 8709,
// section 4).
func blob(login string) []byte {
	public, _ := key(login).Public().(ed25519.PublicKey) //nolint:errcheck // it is one
	return ssh.Marshal(struct {
		Type string
		Key  []byte
	}{keyType, public})
}

// PublicKey returns the key with which a login signs in a World, in one line.
func PublicKey(login string) string {
	return keyType + " " + base64.StdEncoding.EncodeToString(blob(login)) + " " + login
}

// sign returns an armored signature as git has it, which ends in a newline.
// Source: PROTOCOL.sshsig of OpenSSH.
func sign(login, payload string) string {
	digest := sha512.Sum512([]byte(payload))
	signed := append([]byte("SSHSIG"), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{"git", "", "sha512", digest[:]})...)
	signature := ssh.Marshal(struct {
		Type string
		Blob []byte
	}{keyType, ed25519.Sign(key(login), signed)})
	whole := append([]byte("SSHSIG"), ssh.Marshal(struct {
		Version                   uint32
		Key                       []byte
		Namespace, Reserved, Hash string
		Signature                 []byte
	}{1, blob(login), "git", "", "sha512", signature})...)
	return string(pem.EncodeToMemory(&pem.Block{Type: "SSH SIGNATURE", Bytes: whole}))
}

// folded is a signature as a header of a commit.
func folded(signature string) string {
	return "gpgsig " + strings.ReplaceAll(strings.TrimSuffix(signature, "\n"), "\n", "\n ") + "\n"
}

// GiveKey lets the key of a login be among those of the account.
func (w *World) GiveKey(login string) {
	name := fact.LoginKey(login)
	own := fact.PublicKey{ID: Number(login), Text: PublicKey(login)}
	keys := w.Facts.Keys[name].OrZero().Keys
	for _, each := range keys {
		if each.Text == own.Text {
			return
		}
	}
	w.Facts.Keys[name] = fact.Of(fact.AccountKeys{Login: login, Keys: append(keys[:len(keys):len(keys)], own)}, Source())
}

// TakeKeys lets an account have no keys.
func (w *World) TakeKeys(login string) {
	w.Facts.Keys[fact.LoginKey(login)] = fact.Of(fact.AccountKeys{Login: login, Keys: []fact.PublicKey{}}, Source())
}

// AddToFile lets a file beside the policy be there, and have one more line, where
// line is not "". A file of armored keys becomes one of lines.
func (w *World) AddToFile(path, line string) {
	commit := w.Facts.Policy.OrZero().Commit
	file := w.Facts.Files[path].OrZero()
	switch {
	case line == "" || strings.Contains(file.Text, line):
	case strings.Contains(file.Text, "-----BEGIN"):
		file.Text = line + "\n"
	case file.Text != "" && !strings.HasSuffix(file.Text, "\n"):
		file.Text += "\n" + line + "\n"
	default:
		file.Text += line + "\n"
	}
	w.Facts.Files[path] = fact.Of(fact.File{Path: path, Commit: commit, Blob: w.Commit(path), Text: file.Text}, Source())
}
