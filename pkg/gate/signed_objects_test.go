package gate_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
)

// This file makes commits and tags that are really signed, with a key for each
// name. Ed25519 gives the same bytes every time.

// check stops a test run that cannot make what it is about.
func check(err error) {
	if err != nil {
		panic(err) //nolint:forbidigo // rows are made before any test begins
	}
}

// keyOf is the SSH key that belongs to a name.
func keyOf(name string) ssh.Signer {
	seed := sha256.Sum256([]byte("key of " + name))
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	check(err)
	return signer
}

// publicOf is the public half in one line, as GitHub lists it.
func publicOf(name string) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(keyOf(name).PublicKey())))
}

// sign returns the armored SSH signature of a name over a payload
// (PROTOCOL.sshsig), in the namespace of git.
func sign(name, payload string) string {
	made, err := keyOf(name).Sign(rand.Reader, sshMessage(payload))
	check(err)
	return armorSSH(keyOf(name).PublicKey().Marshal(), ssh.Marshal(made))
}

// sshMessage is what an SSH key signs in place of a payload.
func sshMessage(payload string) []byte {
	digest := sha512.Sum512([]byte(payload))
	return append([]byte("SSHSIG"), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{"git", "", "sha512", digest[:]})...)
}

// armorSSH puts a key and its signature into the form that git stores.
func armorSSH(key, signature []byte) string {
	raw := append([]byte("SSHSIG"), ssh.Marshal(struct {
		Version                          uint32
		Key                              []byte
		Namespace, Reserved, Hash, Value string
	}{1, key, "git", "", "sha512", string(signature)})...)
	var lines strings.Builder
	for text := base64.StdEncoding.EncodeToString(raw); text != ""; {
		cut := min(70, len(text))
		lines.WriteString(text[:cut] + "\n")
		text = text[cut:]
	}
	return "-----BEGIN SSH SIGNATURE-----\n" + lines.String() + "-----END SSH SIGNATURE-----\n"
}

const person1970 = "Bob <bob@example.com> 1763600000 +0000"

// commitText is a commit that names bob, without a signature.
func commitText(extra string) string {
	return fmt.Sprintf("tree %s\nparent %s\nauthor %s\ncommitter %s\n%s\nSell more\n", strings.Repeat("1", 40), otherSHA, person1970, person1970, extra)
}

// tagText is a tag of a name for a commit, without a signature.
func tagText(name string, target fact.SHA) string {
	return fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s\n\nRelease\n", target, name, person1970)
}

// idOf hashes an object the way git does, with no help from the code under
// test but the hash itself.
func idOf(kind gitobject.Type, body string) fact.SHA {
	id, err := gitobject.ID(kind, gitobject.SHA1, []byte(body))
	check(err)
	return fact.SHA(id)
}

// withSignature puts a signature, if there is one, into a commit as git does.
func withSignature(payload, armored string) string {
	if armored == "" {
		return payload
	}
	header, message, _ := strings.Cut(payload, "\n\n")
	return header + "\ngpgsig " + strings.ReplaceAll(strings.TrimSuffix(armored, "\n"), "\n", "\n ") + "\n\n" + message
}

// realCommit makes the subject a commit that a key really signed. GitHub says
// of it what given says.
func realCommit(key string, given fact.Signature) func(*fact.Set) {
	return commitOf(commitText(""), sign(key, commitText("")), given)
}

// commitOf makes the subject the commit of a payload and a signature.
func commitOf(payload, armored string, given fact.Signature) func(*fact.Set) {
	return func(facts *fact.Set) {
		given.Payload, given.Text = payload, armored
		sha := idOf(gitobject.CommitType, withSignature(payload, armored))
		moveTo(facts, sha)
		line := fact.Identity{Name: "Bob", Email: "bob@example.com", Account: bob}
		facts.Commit = fact.Of(fact.Commit{SHA: sha, Parents: []fact.SHA{otherSHA}, Author: line, Committer: line, Signature: given}, fact.Source{})
	}
}

// realTag makes the subject's tag one that a key really signed for a name.
func realTag(key, name string, given fact.Signature) func(*fact.Set) {
	return tagOf(tagText(name, headSHA), sign(key, tagText(name, headSHA)), name, given)
}

// tagOf makes the subject's tag the one of a payload and a signature; GitHub
// says that it is called name.
func tagOf(payload, armored, name string, given fact.Signature) func(*fact.Set) {
	return func(facts *fact.Set) {
		given.Payload, given.Text = payload, armored
		object := idOf(gitobject.TagType, payload+armored)
		names(object)(facts)
		facts.Tag = fact.Of(fact.Tag{
			Annotated: true, Object: object, Name: name, Target: headSHA, TargetType: "commit",
			Tagger: fact.Identity{Name: "Bob", Email: "bob@example.com", Account: bob}, Signature: given,
		}, fact.Source{})
	}
}

// moveTo makes everything that is about the subject's commit about another.
func moveTo(facts *fact.Set, sha fact.SHA) {
	before := facts.Subject.SHA
	facts.Subject.SHA = sha
	if list, missing := facts.Pulls.Get(); missing == nil {
		moved := make([]fact.Pull, len(list))
		for i, pull := range list {
			if pull.MergeCommit == before {
				pull.MergeCommit = sha
			}
			moved[i] = pull
		}
		facts.Pulls = fact.Of(moved, fact.Source{})
	}
}

// lists makes GitHub list keys for an account: those of the names.
func lists(who *fact.Person, keys ...string) func(*fact.Set) {
	return func(facts *fact.Set) {
		listed := fact.AccountKeys{Login: who.Login}
		for i, key := range keys {
			listed.Keys = append(listed.Keys, fact.PublicKey{ID: int64(i + 1), Text: publicOf(key)})
		}
		facts.Keys = hold(facts.Keys, fact.LoginKey(who.Login), listed)
	}
}

// wrote makes the default branch hold a file beside the policy.
func wrote(path, text string) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Policy = fact.Of(fact.PolicyFile{Path: fact.PolicyPath, Commit: otherSHA, Exists: true}, fact.Source{})
		facts.Files = hold(facts.Files, path, fact.File{Path: path, Commit: otherSHA, Text: text})
	}
}

func hold[T any](known map[string]fact.Known[T], key string, value T) map[string]fact.Known[T] {
	if known == nil {
		known = map[string]fact.Known[T]{}
	}
	known[key] = fact.Of(value, fact.Source{})
	return known
}
