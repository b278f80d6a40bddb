package gate_test

import (
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

func valid(who *fact.Person) fact.Signature {
	return signature(fact.PersonSignature, fact.SignatureValid, who)
}

// seen is a verdict that GitHub gave in the middle of a year.
func seen(year int, given fact.Signature) fact.Signature {
	given.SeenAt = time.Date(year, time.July, 2, 0, 0, 0, 0, time.UTC)
	return given
}

// signers is a policy that gives bob and carol a key each, in a file each, and
// takes one key back.
var signers = gate.Signers{
	People: map[string][]gate.KeyFile{
		"Bob": {{Path: "keys/bob.pub"}}, "carol": {{Path: "keys/carol.pub"}},
	},
	Revoked: []string{"keys/revoked"},
}

// files are the files of that policy.
func files(facts *fact.Set) {
	wrote("keys/bob.pub", publicOf("bob")+"\n")(facts)
	wrote("keys/carol.pub", "# carol's\n"+publicOf("carol")+" carol's laptop\n")(facts)
	wrote("keys/revoked", publicOf("lost")+"\n")(facts)
}

var withWebFlow = gate.Signers{People: map[string][]gate.KeyFile{
	"bob": {{Path: "keys/bob.pub"}}, "web-flow": {{Path: "keys/web-flow.pub"}},
}}

func webFlowFiles(facts *fact.Set) {
	wrote("keys/bob.pub", publicOf("bob")+"\n")(facts)
	wrote("keys/web-flow.pub", publicOf("web-flow")+"\n")(facts)
}

var byGitHubsKey = signature(fact.GitHubSignature, fact.SignatureValid, nil)

// What GitHub says is good in these rows, unless they are about that; what is
// wrong is in the bytes or with the keys.
var _ = rows("signed-commit",
	row{
		name: "P17: a key that was taken off the account, which GitHub goes on calling verified", want: verdict.Fail, code: "unknown-key",
		facts: onMain(realCommit("bob", valid(bob)), lists(bob)), says: []string{"taken off the account"},
	},
	row{
		name: "P1: a key that is not the signer's", want: verdict.Fail, code: "unknown-key",
		facts: onMain(realCommit("mallory", valid(bob)), lists(bob, "bob"), lists(mallory, "mallory")),
	},
	row{
		name: "SIG-08: a writer's own key under a maintainer's author line", want: verdict.Fail, code: "not-in-role",
		facts: onMain(realCommit("mallory", valid(mallory)), lists(bob, "bob"), lists(mallory, "mallory")),
	},
	row{
		name: "C15: a message that was changed after it was signed", want: verdict.Fail, code: "bad",
		facts: onMain(commitOf(strings.Replace(commitText(""), "Sell more", "Sell less", 1), sign("bob", commitText("")), valid(bob)), lists(bob, "bob")),
		says:  []string{"Do not deploy this"},
	},
	row{
		name: "P18: a payload that does not make up the commit", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(realCommit("bob", valid(bob)), lists(bob, "bob"), func(f *fact.Set) {
			commit, _ := f.Commit.Get()
			commit.Signature.Payload = strings.Replace(commit.Signature.Payload, "Sell more", "Sell less", 1)
			f.Commit = fact.Of(commit, fact.Source{})
		}),
	},
	row{
		name: "SIG-04: a verdict without the text that was signed", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(realCommit("bob", valid(bob)), lists(bob, "bob"), func(f *fact.Set) {
			commit, _ := f.Commit.Get()
			commit.Signature.Payload, commit.Signature.Text = "", ""
			f.Commit = fact.Of(commit, fact.Source{})
		}),
	},
	row{
		name: "parents that are not those of the commit", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(realCommit("bob", valid(bob)), lists(bob, "bob"), func(f *fact.Set) {
			commit, _ := f.Commit.Get()
			commit.Parents = nil
			f.Commit = fact.Of(commit, fact.Source{})
		}),
	},
	row{
		name: "C2b: a header that no signature covers", want: verdict.Fail, code: "unfit", says: []string{"unsigned-header"},
		facts: onMain(commitOf(commitText("gpgsigevil x\n"), sign("bob", commitText("")), valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "C4: two authors, both signed", want: verdict.Fail, code: "unfit", says: []string{"duplicate-header"},
		facts: onMain(commitOf(twoAuthors, sign("bob", twoAuthors), valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "C10: a null byte that hides the end of the message", want: verdict.Fail, code: "unfit", says: []string{"null-byte"},
		facts: onMain(commitOf(commitText("")+"\x00evil", sign("bob", commitText("")+"\x00evil"), valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "C5b: text after the end of the signature", want: verdict.Fail, code: "unfit", says: []string{"text-after-signature"},
		facts: onMain(commitOf(commitText(""), sign("bob", commitText(""))+"approved by everybody\n", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "C8: a text that is no signature", want: verdict.Fail, code: "malformed",
		facts: onMain(commitOf(commitText(""), "looks good to me\n", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "a signature by S/MIME", want: verdict.Fail, code: "unsupported",
		facts: onMain(commitOf(commitText(""), "-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "keys of the account that cannot be read", want: verdict.Unknown, code: string(fact.Unavailable),
		facts: onMain(realCommit("bob", valid(bob)), func(f *fact.Set) {
			f.Keys = map[string]fact.Known[fact.AccountKeys]{"bob": fact.Lost[fact.AccountKeys](fact.Missing{Reason: fact.Unavailable})}
		}),
	},
	row{
		name: "a time that is not known", want: verdict.Unknown, code: string(fact.NotAsked),
		facts: onMain(realCommit("bob", valid(bob)), lists(bob, "bob"), func(f *fact.Set) { f.At = fact.Set{}.At }),
	},
	row{
		name: "GitHub's no, although the key is good", want: verdict.Fail, code: "unverified",
		facts: onMain(realCommit("bob", signature(fact.PersonSignature, "unverified_email", bob)), lists(bob, "bob")),
	},
	row{
		name: "a signature of nobody's account, although the key is good", want: verdict.Fail, code: "no-signer",
		facts: onMain(realCommit("bob", valid(nil)), lists(bob, "bob")),
	},
	row{
		name: "P7: with keys in the policy, a key that the account has on GitHub", signers: signers, want: verdict.Fail, code: "unknown-key",
		facts: onMain(realCommit("new", valid(bob)), lists(bob, "bob", "new"), files), says: []string{`below "signers"`},
	},
	row{
		name: "a key that the policy gives to another person than GitHub", signers: signers, want: verdict.Fail, code: "signers-differ",
		facts: onMain(realCommit("carol", valid(bob)), files), says: []string{"@carol", "@bob"},
	},
	row{
		name: "a key that the policy takes back", params: "trust: keys", want: verdict.Fail, code: "revoked",
		signers: gate.Signers{People: map[string][]gate.KeyFile{"bob": {{Path: "keys/bob.pub"}}}, Revoked: []string{"keys/revoked"}},
		facts:   onMain(realCommit("bob", valid(bob)), wrote("keys/bob.pub", publicOf("bob")), wrote("keys/revoked", publicOf("bob"))),
	},
	row{
		name: "P9: a list of revoked keys that is not there", signers: signers, want: verdict.Unknown, code: string(fact.NotFound),
		facts: onMain(realCommit("bob", valid(bob)), files, func(f *fact.Set) {
			f.Files["keys/revoked"] = fact.Lost[fact.File](fact.Missing{Reason: fact.NotFound})
		}),
	},
	row{
		name: "a list of revoked keys with a line that cannot be read", signers: signers, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(realCommit("bob", valid(bob)), files, wrote("keys/revoked", "ssh-ed25519 AAAA\n")), says: []string{"keys/revoked:1"},
	},
	row{
		name: "a file of keys with a line that cannot be read", signers: signers, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(realCommit("bob", valid(bob)), files, wrote("keys/carol.pub", publicOf("carol")+"\nssh-ed25519 AAAA\n")), says: []string{"keys/carol.pub:2"},
	},
	row{
		name: "one key that the policy gives to two people", signers: signers, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(realCommit("bob", valid(bob)), files, wrote("keys/carol.pub", publicOf("bob"))),
	},
	row{
		name: "by keys alone: GitHub's word for a key that the policy does not have", params: "trust: keys", signers: signers, want: verdict.Fail, code: "unknown-key",
		facts: onMain(realCommit("mallory", valid(bob)), files),
	},
	row{
		name: "by keys alone: a person who does not hold the role", params: "trust: keys", signers: signers, want: verdict.Fail, code: "not-in-role",
		facts: onMain(realCommit("carol", valid(bob)), files), says: []string{"@carol has write, needs maintain"},
	},
	row{
		name: "by keys alone: a person of whom nobody knows what they may do", params: "trust: keys", signers: signers, want: verdict.Unknown, code: string(fact.Forbidden),
		facts: onMain(realCommit("bob", valid(bob)), files, lose(bob)),
	},
	row{
		name: "by keys alone: a program", params: "trust: keys", want: verdict.Fail, code: "not-in-role",
		signers: gate.Signers{People: map[string][]gate.KeyFile{"hubot": {{Path: "keys/hubot.pub"}}}},
		facts:   onMain(realCommit("hubot", valid(bob)), wrote("keys/hubot.pub", publicOf("hubot"))),
	},
	row{
		name: "by keys alone: an unsigned commit", params: "trust: keys", signers: signers, want: verdict.Fail, code: "unsigned",
		facts: onMain(commitSigned(signature(fact.Unsigned, "unsigned", nil)), files),
	},
	row{
		name: "by keys alone: GitHub's own key, which the policy does not name", params: "trust: keys", signers: signers, want: verdict.Fail, code: "github-signature",
		facts: onMain(pulls(merged()), realCommit("web-flow", byGitHubsKey), files), says: []string{"web-flow"},
	},
	row{
		name: "P3: GitHub says that its own key signed, and the bytes say that somebody else's did", signers: withWebFlow, want: verdict.Fail, code: "unknown-key",
		facts: onMain(pulls(merged()), realCommit("mallory", byGitHubsKey), webFlowFiles),
	},
	row{
		name: "a maintainer's own key on what GitHub calls its merge", signers: withWebFlow, want: verdict.Fail, code: "signers-differ",
		facts: onMain(pulls(merged()), realCommit("bob", byGitHubsKey), webFlowFiles),
	},
	row{
		name: "C14: what GitHub calls its merge, and its object has no signature", want: verdict.Fail, code: "unsigned",
		facts: onMain(pulls(merged()), commitOf(commitText(""), "", byGitHubsKey)),
	},
	row{
		name: "P3: GitHub's own account, which may do everything and is no person", want: verdict.Fail, code: "not-in-role",
		facts: onMain(realCommit("web-flow", valid(web)), lists(web, "web-flow")), says: []string{"stands for nobody"},
	},
	row{
		name: "by keys alone: a login that passed to somebody else while this ran", params: "{by: leads, trust: keys}", roles: leads, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(realCommit("mallory", signature(fact.PersonSignature, "unknown_key", bob)), lists(bob, "mallory"), allow(person(66, "bob"), fact.WritePermission)),
	},
	row{
		name: "a principal for a file that names none", want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"names no principals"},
		signers: gate.Signers{People: map[string][]gate.KeyFile{"bob": {{Path: "keys/team.pub", Principal: "bob@example.com"}}}},
		facts:   onMain(realCommit("mallory", valid(bob)), wrote("keys/team.pub", publicOf("bob")+"\n"+publicOf("mallory")+"\n")),
	},
	row{
		name: "a principal that has another line than the one who signed", want: verdict.Fail, code: "unknown-key",
		signers: gate.Signers{People: map[string][]gate.KeyFile{"bob": {{Path: "keys/team", Principal: "bob@example.com"}}}},
		facts:   onMain(realCommit("mallory", valid(bob)), wrote("keys/team", "bob@example.com "+publicOf("bob")+"\nmallory@example.com "+publicOf("mallory")+"\n")),
	},
	row{
		name: "a principal in allowed_signers", want: verdict.Pass,
		signers: gate.Signers{People: map[string][]gate.KeyFile{"bob": {{Path: "keys/team", Principal: "bob@example.com"}}}},
		facts:   onMain(realCommit("bob", valid(bob)), wrote("keys/team", "bob@example.com "+publicOf("bob")+"\nmallory@example.com "+publicOf("mallory")+"\n")),
	},
	row{
		name: "a file of keys that has no line for the person", signers: signers, want: verdict.Fail, code: "unknown-key",
		facts: onMain(realCommit("bob", valid(bob)), files, wrote("keys/bob.pub", "bob "+publicOf("bob"))), says: []string{`keys/bob.pub has no key of @Bob (principal "Bob")`},
	},
	row{
		name: "an OpenPGP key of which GitHub has no text", want: verdict.Fail, code: "unknown-key", says: []string{"add it again"},
		facts: onMain(commitBy(openPGP{}, valid(bob)), func(f *fact.Set) { onlyKey(f, "") }),
	},
	row{
		name: "a line of allowed_signers that counts from later on", signers: signers, want: verdict.Fail, code: "too-early",
		facts: onMain(realCommit("bob", seen(2025, valid(bob))), files, wrote("keys/bob.pub", `Bob valid-after="20260101Z" `+publicOf("bob"))),
		says:  []string{"valid-after", "keys/bob.pub"}, hides: []string{"clock"},
	},
	row{
		name: "a merge on GitHub whose object readers take in two ways", want: verdict.Fail, code: "unfit",
		facts: onMain(pulls(merged()), commitOf(twoAuthors, sign("web-flow", twoAuthors), byGitHubsKey)),
	},
	row{
		name: "C1-P4: an edit on the website by GitHub's real key, with a maintainer's author line", signers: withWebFlow, want: verdict.Fail, code: "web-edit",
		facts: onMain(pulls(), realCommit("web-flow", byGitHubsKey), webFlowFiles),
	},
	row{
		name: "C16: a key that can be forged", want: verdict.Fail, code: "weak",
		facts: onMain(commitWith(weakKey(commitText("")))),
	},
	row{
		name: "P10: a key that its owner revoked, which GitHub goes on calling verified", want: verdict.Fail, code: "revoked",
		facts: onMain(commitBy(openPGP{revoked: true}, seen(2025, valid(bob)))),
	},
	row{
		name: "C18: a key that has expired", want: verdict.Fail, code: "key-expired",
		facts: onMain(commitBy(openPGP{keyLife: 300 * 24 * time.Hour}, valid(bob))),
	},
	row{
		name: "C18: a key that had expired when GitHub saw the signature", want: verdict.Fail, code: "key-expired",
		facts: onMain(commitBy(openPGP{keyLife: 300 * 24 * time.Hour}, seen(2026, valid(bob)))),
	},
	row{
		name: "a signature that says itself until when it holds", want: verdict.Fail, code: "signature-expired",
		facts: onMain(commitBy(openPGP{sigLife: time.Hour}, valid(bob))),
	},
	row{
		name: "C18: a signature older than its key", want: verdict.Fail, code: "too-early",
		facts: onMain(commitBy(openPGP{signed: noon.AddDate(-2, 0, 0)}, valid(bob))),
	},
	row{
		name: "C18: a signature from the future", want: verdict.Fail, code: "from-the-future",
		facts: onMain(commitBy(openPGP{signed: noon.AddDate(0, 0, 1)}, valid(bob))),
	},
	row{
		name: "C18: a key that may not sign", want: verdict.Fail, code: "not-for-signing",
		facts: onMain(commitBy(openPGP{notForSigning: true}, valid(bob))),
	},
	row{
		name: "C23: a security key that was not touched, where the policy asks for it", params: "security-keys: touched", want: verdict.Fail, code: "untouched",
		facts: onMain(touched(0)),
	},
	row{
		name: "C23: a security key that was touched, where the policy asks for its PIN", params: "security-keys: pin", want: verdict.Fail, code: "untouched",
		facts: onMain(touched(1)), says: []string{"PIN"},
	},
	row{
		name: "C23: a security key that was given its PIN", params: "security-keys: pin", want: verdict.Pass,
		facts: onMain(touched(5)),
	},
	row{
		name: "C23: a security key that was touched", params: "security-keys: touched", want: verdict.Pass,
		facts: onMain(touched(1)),
	},
	row{
		name: "C23: a security key that was not touched, where nobody asks", want: verdict.Pass,
		facts: onMain(touched(0)),
	},
	row{
		name: "an OpenPGP key that the account lists", want: verdict.Pass,
		facts: onMain(commitBy(openPGP{}, valid(bob))), says: []string{"with the OpenPGP key "},
	},
	row{
		name: "C18: a key that has expired since GitHub saw the signature", want: verdict.Pass,
		facts: onMain(commitBy(openPGP{keyLife: 300 * 24 * time.Hour}, seen(2025, valid(bob)))),
	},
	row{
		name: "a maintainer's key that the account lists", want: verdict.Pass,
		facts: onMain(realCommit("bob", valid(bob)), lists(bob, "other", "bob")), says: []string{"@bob with the SSH key SHA256:", "the keys of @bob on GitHub", "has maintain"},
	},
	row{
		name: "a maintainer's key beside one of a kind that cannot be read", want: verdict.Pass,
		facts: onMain(realCommit("bob", valid(bob)), lists(bob, "bob"), func(f *fact.Set) {
			listed, _ := f.Keys["bob"].Get()
			listed.Keys = append(listed.Keys, fact.PublicKey{ID: 9, Text: "ssh-new-kind AAAAC3NzaC1uZXcta2luZA=="})
			f.Keys["bob"] = fact.Of(listed, fact.Source{})
		}),
	},
	row{
		name: "a maintainer's key that the policy has", signers: signers, want: verdict.Pass,
		facts: onMain(realCommit("bob", valid(bob)), files), says: []string{"from keys/bob.pub"},
	},
	row{
		name: "a writer's key that the policy has, where writers count", params: "{by: write, trust: keys, web-merge: refuse}", signers: signers, want: verdict.Pass,
		facts: onMain(realCommit("carol", valid(nil)), files),
	},
	row{
		name: "by keys alone: a signature that GitHub does not know", params: "{trust: keys, web-merge: refuse}", signers: signers, want: verdict.Pass,
		facts: onMain(realCommit("bob", signature(fact.PersonSignature, "no_user", nil)), files),
	},
	row{
		name: "by keys alone: a key that the account lists", params: "{trust: keys, web-merge: refuse}", want: verdict.Pass,
		facts: onMain(realCommit("bob", signature(fact.PersonSignature, "unverified_email", bob)), lists(bob, "bob")),
	},
	row{
		name: "a merge on GitHub, by GitHub's verdict", want: verdict.Pass,
		facts: onMain(pulls(merged()), realCommit("web-flow", byGitHubsKey)), says: []string{"#7 by @bob"},
	},
	row{
		name: "a merge on GitHub, by GitHub's key that the policy has", signers: withWebFlow, want: verdict.Pass,
		facts: onMain(pulls(merged()), realCommit("web-flow", byGitHubsKey), webFlowFiles),
	},
	row{
		name: "by keys alone: a merge on GitHub, by GitHub's key that the policy has", params: "trust: keys", signers: withWebFlow, want: verdict.Pass,
		facts: onMain(pulls(merged()), realCommit("web-flow", signature(fact.GitHubSignature, "no_user", nil)), webFlowFiles),
	},
)

var twoAuthors = strings.Replace(commitText(""), "committer ", "author Mallory <m@example.com> 1 +0000\ncommitter ", 1)
