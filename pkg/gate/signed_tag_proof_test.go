package gate_test

import (
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

var release = tagText("v1.2.0", headSHA)

var _ = rows("signed-tag",
	row{
		name: "P17: a key that was taken off the account, which GitHub goes on calling verified", want: verdict.Fail, code: "unknown-key",
		facts: onTag(realTag("bob", "v1.2.0", valid(bob)), lists(bob)),
	},
	row{
		name: "SIG-08: a writer's key under a maintainer's tagger line", want: verdict.Fail, code: "unknown-key",
		facts: onTag(realTag("mallory", "v1.2.0", valid(bob)), lists(bob, "bob"), lists(mallory, "mallory")),
	},
	row{
		name: "T1: GitHub calls the object by the name of the ref, and the object by another", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(tagOf(tagText("v1.0.0", headSHA), sign("bob", tagText("v1.0.0", headSHA)), "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "T2: text after the end of the signature", want: verdict.Fail, code: "unfit", says: []string{"text-after-signature"},
		facts: onTag(tagOf(release, sign("bob", release)+"and by the boss\n", "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "T8: two signatures of two kinds", want: verdict.Fail, code: "unfit", says: []string{"many-signatures"},
		facts: onTag(tagOf(release, sign("bob", release)+sign("mallory", release), "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "T9: two names in one tag", want: verdict.Fail, code: "unfit", says: []string{"duplicate-header"},
		facts: onTag(tagOf(twoNames, sign("bob", twoNames), "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "T10: a header that no signature covers", want: verdict.Fail, code: "unfit", says: []string{"unsigned-header"},
		facts: onTag(tagOf(strings.Replace(release, "\n\n", "\ngpgsig evil\n\n", 1), sign("bob", release), "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "C15: a tag that was changed after it was signed", want: verdict.Fail, code: "bad",
		facts: onTag(tagOf(release, sign("bob", tagText("v1.0.0", headSHA)), "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "T14: a good key of a person whom the policy does not give it to", signers: signers, want: verdict.Fail, code: "signers-differ",
		facts: onTag(realTag("carol", "v1.2.0", valid(bob)), files),
	},
	row{
		name: "C24: a signature that says nothing", want: verdict.Fail, code: "malformed",
		facts: onTag(tagOf(release, "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "C8: a message that only looks signed to GitHub", want: verdict.Fail, code: "unsigned",
		facts: onTag(tagOf(release, "looks good to me\n", "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "a signature by S/MIME", want: verdict.Fail, code: "unsupported",
		facts: onTag(tagOf(release, "-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n", "v1.2.0", valid(bob)), lists(bob, "bob")),
	},
	row{
		name: "P18: a payload that does not make up the tag", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(realTag("bob", "v1.2.0", valid(bob)), lists(bob, "bob"), func(f *fact.Set) {
			tag, _ := f.Tag.Get()
			tag.Signature.Payload += " "
			f.Tag = fact.Of(tag, fact.Source{})
		}),
	},
	row{
		name: "by keys alone: a writer's key that the policy has", params: "trust: keys", signers: signers, want: verdict.Fail, code: "not-in-role",
		facts: onTag(realTag("carol", "v1.2.0", valid(nil)), files),
	},
	row{
		name: "by keys alone: a revoked key", params: "trust: keys", signers: signers, want: verdict.Fail, code: "revoked",
		facts: onTag(realTag("lost", "v1.2.0", valid(bob)), files, wrote("keys/bob.pub", publicOf("bob")+"\n"+publicOf("lost")+"\n")),
	},
	row{
		name: "P3: by keys alone: GitHub's own key, whose account may do everything", params: "trust: keys", signers: withWebFlow, want: verdict.Fail, code: "not-a-person",
		facts: onTag(realTag("web-flow", "v1.2.0", valid(web)), webFlowFiles),
	},
	row{
		name: "C16: a key that can be forged", want: verdict.Fail, code: "weak",
		facts: onTag(tagWith(weakKey(release))),
	},
	row{
		name: "P10: a key that its owner revoked, which GitHub goes on calling verified", want: verdict.Fail, code: "revoked",
		facts: onTag(tagBy(openPGP{revoked: true}, seen(2025, valid(bob)))),
	},
	row{
		name: "C18: a key that has expired", want: verdict.Fail, code: "key-expired",
		facts: onTag(tagBy(openPGP{keyLife: 300 * 24 * time.Hour}, valid(bob))),
	},
	row{
		name: "C18: a key that had expired when GitHub saw the signature", want: verdict.Fail, code: "key-expired",
		facts: onTag(tagBy(openPGP{keyLife: 300 * 24 * time.Hour}, seen(2026, valid(bob)))),
	},
	row{
		name: "a signature that says itself until when it holds", want: verdict.Fail, code: "signature-expired",
		facts: onTag(tagBy(openPGP{sigLife: time.Hour}, valid(bob))),
	},
	row{
		name: "C18: a signature older than its key", want: verdict.Fail, code: "too-early",
		facts: onTag(tagBy(openPGP{signed: noon.AddDate(-2, 0, 0)}, valid(bob))),
	},
	row{
		name: "C18: a signature from the future", want: verdict.Fail, code: "from-the-future",
		facts: onTag(tagBy(openPGP{signed: noon.AddDate(0, 0, 1)}, valid(bob))),
	},
	row{
		name: "C18: a key that may not sign", want: verdict.Fail, code: "not-for-signing",
		facts: onTag(tagBy(openPGP{notForSigning: true}, valid(bob))),
	},
	row{
		name: "C23: a security key that was not touched, where the policy asks for it", params: "security-keys: touched", want: verdict.Fail, code: "untouched",
		facts: onTag(touchedTag(0)),
	},
	row{
		name: "C23: a security key that was touched, where the policy asks for its PIN", params: "security-keys: pin", want: verdict.Fail, code: "untouched",
		facts: onTag(touchedTag(1)), says: []string{"PIN"},
	},
	row{
		name: "C23: a security key that was given its PIN", params: "security-keys: pin", want: verdict.Pass,
		facts: onTag(touchedTag(5)),
	},
	row{
		name: "C23: a security key that was touched", params: "security-keys: touched", want: verdict.Pass,
		facts: onTag(touchedTag(1)),
	},
	row{
		name: "C23: a security key that was not touched, where nobody asks", want: verdict.Pass,
		facts: onTag(touchedTag(0)),
	},
	row{
		name: "an OpenPGP key that the account lists", want: verdict.Pass,
		facts: onTag(tagBy(openPGP{}, valid(bob))), says: []string{"with the OpenPGP key "},
	},
	row{
		name: "C18: a key that has expired since GitHub saw the signature", want: verdict.Pass,
		facts: onTag(tagBy(openPGP{keyLife: 300 * 24 * time.Hour}, seen(2025, valid(bob)))),
	},
	row{
		name: "a maintainer's key that the account lists", want: verdict.Pass,
		facts: onTag(realTag("bob", "v1.2.0", valid(bob)), lists(bob, "bob")), says: []string{"@bob with the SSH key SHA256:"},
	},
	row{
		name: "a maintainer's key that the policy has", signers: signers, want: verdict.Pass,
		facts: onTag(realTag("bob", "v1.2.0", valid(bob)), files),
	},
	row{
		name: "a key that the policy has, of somebody on the list", params: "by: leads", roles: leads, signers: signers, want: verdict.Pass,
		facts: onTag(realTag("bob", "v1.2.0", valid(bob)), files),
	},
	row{
		name: "by keys alone: a signature that GitHub does not know", params: "trust: keys", signers: signers, want: verdict.Pass,
		facts: onTag(realTag("bob", "v1.2.0", signature(fact.PersonSignature, "no_user", nil)), files),
	},
	row{
		name: "by keys alone: a writer's key that the policy has, where writers count", params: "{by: write, trust: keys}", signers: signers, want: verdict.Pass,
		facts: onTag(realTag("carol", "v1.2.0", valid(nil)), files),
	},
	row{
		name: "by keys alone: a key that the tagger's account lists", params: "trust: keys", want: verdict.Pass,
		facts: onTag(realTag("bob", "v1.2.0", signature(fact.PersonSignature, "unverified_email", nil)), lists(bob, "bob")),
	},
)

var twoNames = strings.Replace(release, "tagger ", "tag v1.2.0\ntagger ", 1)
