package gate_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

func signature(class fact.SignatureClass, state string, signer *fact.Person) fact.Signature {
	return fact.Signature{Class: class, Verified: state == fact.SignatureValid, State: state, Signer: signer}
}

// commitSigned is a commit whose author and committer lines name bob, whoever
// signed it.
func commitSigned(signature fact.Signature) func(*fact.Set) {
	return func(facts *fact.Set) {
		line := fact.Identity{Name: "Bob", Email: "bob@example.com", Account: bob}
		facts.Commit = fact.Of(fact.Commit{SHA: headSHA, Author: line, Committer: line, Signature: signature, URL: "https://github.com/acme/shop/commit/a"}, fact.Source{})
	}
}

func signedBy(who *fact.Person) func(*fact.Set) {
	return commitSigned(signature(fact.PersonSignature, fact.SignatureValid, who))
}

var mergedOnGitHub = commitSigned(signature(fact.GitHubSignature, fact.SignatureValid, web))

func mergedBy(who *fact.Person) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.MergedBy = who }
}

func into(base string) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.Base = base }
}

func numbered(number int) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.Number = number }
}

func stillOpen(pull *fact.Pull) { pull.Merged, pull.MergeCommit, pull.MergedBy = false, "", nil }

func mergedAs(sha fact.SHA) func(*fact.Pull) {
	return func(pull *fact.Pull) { pull.MergeCommit = sha }
}

var leads = gate.Roles{"leads": {Users: []string{"Bob"}}}

var _ = rows("signed-commit", byGitHub(
	row{
		name: "an unsigned commit, even if its author line names a maintainer", facts: onMain(commitSigned(signature(fact.Unsigned, "unsigned", nil))),
		want: verdict.Fail, code: "unsigned", says: []string{"git commit -S", "rebase merge"},
	},
	row{
		name: "an unsigned commit that claims to be verified", facts: onMain(commitSigned(fact.Signature{Class: fact.Unsigned, Verified: true, State: fact.SignatureValid, Signer: bob})),
		want: verdict.Fail, code: "unsigned",
	},
	row{
		name: "a signature of which GitHub says unsigned", facts: onMain(commitSigned(signature(fact.PersonSignature, "unsigned", bob))),
		want: verdict.Fail, code: "unsigned",
	},
	row{
		name: "a good signature by a writer under a maintainer's author line", facts: onMain(signedBy(mallory)),
		want: verdict.Fail, code: "not-in-role", says: []string{"@mallory has write, needs maintain"},
	},
	row{
		name: "a good signature by somebody whose access was revoked", facts: onMain(signedBy(frank)),
		want: verdict.Fail, code: "not-in-role", says: []string{"has none"},
	},
	row{name: "a good signature by a bot that is an administrator", facts: onMain(signedBy(hubot)), want: verdict.Fail, code: "not-in-role"},
	row{name: "a good signature of a key that nobody owns", facts: onMain(signedBy(nil)), want: verdict.Fail, code: "no-signer"},
	row{
		name: "a login that belongs to another account now", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(signedBy(person(99, "bob"))),
	},
	row{
		name: "a listed login on an account that may be a program", params: "by: leads", roles: leads, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(signedBy(&fact.Person{ID: 12, Login: "bob"})),
	},
	row{
		name: "a listed login without an account number", params: "by: leads", roles: leads, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(signedBy(&fact.Person{Login: "bob", Kind: fact.User})),
	},
	row{name: "a signer who is not on the list", params: "by: leads", roles: leads, facts: onMain(signedBy(carol)), want: verdict.Fail, code: "not-in-role"},
	row{name: "a signer whose permission cannot be read", facts: onMain(signedBy(bob), lose(bob)), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{
		name: "a kind of signature that is not known", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(commitSigned(signature(fact.UnknownSignature, fact.SignatureValid, bob))),
	},
	row{
		name: "a kind of signature that does not exist", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(commitSigned(signature("x509", fact.SignatureValid, bob))),
	},
	row{
		name: "a state without a verdict", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(commitSigned(fact.Signature{Class: fact.PersonSignature, State: fact.SignatureValid, Signer: bob})),
	},
	row{
		name: "a verdict without a state", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(commitSigned(fact.Signature{Class: fact.PersonSignature, Verified: true, Signer: bob})),
	},
	row{
		name: "a verdict that its own state contradicts", want: verdict.Fail, code: "unverified",
		facts: onMain(commitSigned(fact.Signature{Class: fact.PersonSignature, Verified: true, State: "invalid", Signer: bob})),
	},
	row{
		name: "the signature of another commit", want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{string(otherSHA)},
		facts: onMain(signedBy(bob), func(f *fact.Set) {
			commit, _ := f.Commit.Get()
			commit.SHA = otherSHA
			f.Commit = fact.Of(commit, fact.Source{})
		}),
	},
	row{
		name: "an edit on the website", facts: onMain(mergedOnGitHub, pulls()),
		want: verdict.Fail, code: "web-edit", says: []string{"counts for nobody"},
	},
	row{
		name: "an edit on the website that an open pull request mentions", facts: onMain(mergedOnGitHub, pulls(merged(stillOpen))),
		want: verdict.Fail, code: "web-edit", says: []string{"#7 is not merged"},
	},
	row{
		name: "a merge into another branch", facts: onMain(mergedOnGitHub, pulls(merged(into("scratch")))),
		want: verdict.Fail, code: "web-edit", says: []string{`into "scratch"`},
	},
	row{
		name: "a merge into the branch that the tag is named after", facts: onTag(mergedOnGitHub, pulls(merged(into("v1.2.0")))),
		want: verdict.Fail, code: "web-edit",
	},
	row{
		name: "a merge that made another commit", facts: onMain(mergedOnGitHub, pulls(merged(mergedAs(otherSHA)))),
		want: verdict.Fail, code: "web-edit", says: []string{"was merged as ccccccc"},
	},
	row{
		name: "two merges that made the same commit", facts: onMain(mergedOnGitHub, pulls(merged(), merged(numbered(8)))),
		want: verdict.Fail, code: "ambiguous", says: []string{"#7, #8"},
	},
	row{
		name: "two different answers about one pull request", facts: onMain(mergedOnGitHub, pulls(merged(mergedBy(mallory)), merged())),
		want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{"two different answers about #7"},
	},
	row{
		name: "a merge by a writer", facts: onMain(mergedOnGitHub, pulls(merged(mergedBy(mallory)))),
		want: verdict.Fail, code: "merger", says: []string{"@mallory has write, needs maintain"},
	},
	row{name: "a merge by a bot that is an administrator", facts: onMain(mergedOnGitHub, pulls(merged(mergedBy(hubot)))), want: verdict.Fail, code: "merger"},
	row{name: "a merge by an account that is gone", facts: onMain(mergedOnGitHub, pulls(merged(mergedBy(nil)))), want: verdict.Fail, code: "merger"},
	row{
		name: "a merge by somebody whose permission cannot be read", facts: onMain(mergedOnGitHub, pulls(merged()), lose(bob)),
		want: verdict.Unknown, code: string(fact.Forbidden),
	},
	row{
		name: "a merge by a maintainer where GitHub's key is refused", params: "web-merge: refuse", facts: onMain(mergedOnGitHub, pulls(merged())),
		want: verdict.Fail, code: "github-signature", says: []string{"git merge -S"},
	},
	row{name: "a merge whose pull requests are not known", facts: onMain(mergedOnGitHub), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{
		name: "a merge under a tag while the default branch has no name", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onTag(mergedOnGitHub, pulls(merged(into(""))), func(f *fact.Set) { f.Repository = fact.Of(fact.Repository{}, fact.Source{}) }),
	},
	row{name: "a signature by a maintainer", facts: onMain(signedBy(bob)), want: verdict.Pass, says: []string{"@bob has maintain"}},
	row{name: "a signature by somebody on the list", params: "by: leads", roles: leads, facts: onMain(signedBy(bob)), want: verdict.Pass},
	row{name: "a signature by a writer where writers count", params: "{by: write, web-merge: refuse}", facts: onMain(signedBy(carol)), want: verdict.Pass},
	row{name: "a merge by a maintainer", facts: onMain(mergedOnGitHub, pulls(merged())), want: verdict.Pass, says: []string{"#7 by @bob"}},
	row{
		name: "a merge by a maintainer beside pull requests that only mention the commit", want: verdict.Pass,
		facts: onTag(mergedOnGitHub, pulls(merged(numbered(9), stillOpen), merged(), merged(numbered(8), into("scratch"), mergedBy(mallory)))),
	},
)...)

// byGitHub makes rows trust GitHub's verdict alone: their objects are no
// objects, so there is nothing else to check.
func byGitHub(list ...row) []row {
	for i, each := range list {
		switch inner, braced := strings.CutPrefix(each.params, "{"); {
		case each.params == "":
			list[i].params = "trust: github"
		case braced:
			list[i].params = "{trust: github, " + inner
		default:
			list[i].params = "{trust: github, " + each.params + "}"
		}
	}
	return list
}

// The states that GitHub gives to a signature it does not accept.
var (
	refusedStates = []string{
		"unknown_key", "bad_email", "unverified_email", "expired_key", "not_signing_key", "malformed_signature", "invalid",
		"no_user", "unknown_signature_type", "bad_cert", "ocsp_revoked", "a_word_from_the_future",
	}
	transientStates = []string{"gpgverify_error", "gpgverify_unavailable", "ocsp_pending", "ocsp_error"}
)

var _ = func() bool {
	for _, state := range refusedStates {
		rows("signed-commit", byGitHub(row{
			name: "a signature that GitHub refuses as " + state, facts: onMain(commitSigned(signature(fact.PersonSignature, state, bob))),
			want: verdict.Fail, code: "unverified", says: []string{"(" + state + "): "},
		}, row{
			name: "a signature by GitHub that it refuses as " + state, facts: onMain(commitSigned(signature(fact.GitHubSignature, state, web)), pulls(merged())),
			want: verdict.Fail, code: "unverified",
		})...)
	}
	for _, state := range transientStates {
		rows("signed-commit", byGitHub(row{
			name: "a signature that GitHub could not check: " + state, facts: onMain(commitSigned(signature(fact.PersonSignature, state, bob))),
			want: verdict.Unknown, code: string(fact.Unavailable), says: []string{state, "Run the job again"},
		})...)
	}
	return true
}()

func TestSignedCommit(t *testing.T) {
	t.Parallel()
	testRows(t, "signed-commit")
}

func TestSignedCommitRefusesWordsItDoesNotKnow(t *testing.T) {
	t.Parallel()
	testRefusals(t, "signed-commit", map[string]string{
		"by: nobody":                 `role "nobody" is not defined`,
		`by: ""`:                     `role "" is not defined`,
		"web-merge: accept":          `["merger" "refuse"]`,
		`web-merge: ""`:              `["merger" "refuse"]`,
		"webmerge: refuse":           "webmerge",
		"commits: all":               `["head" "since-deployment"]`,
		`commits: ""`:                `["head" "since-deployment"]`,
		"commits: since-deployment":  "needs deployed-by",
		"deployed-by: {job: deploy}": "add commits: since-deployment",
		"baseline: HEAD":             "add commits: since-deployment",
		"{commits: since-deployment, deployed-by: {workflow: ../deploy.yml, job: deploy}}":                                   "deployed-by: workflow",
		"{commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml}}":                                 "deployed-by: job",
		"{commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}, baseline: main}":    "baseline: object id",
		"{commits: since-deployment, deployed-by: {workflow: .github/workflows/deploy.yml, job: deploy}, baseline: eeeeeee}": "baseline: object id",
		"trust: nobody": `["both" "keys" "github"]`,
		`trust: ""`:     `["both" "keys" "github"]`,
		"{trust: github, security-keys: touched}": "security-keys: GitHub does not say",
		"security-keys: none":                     `["any" "touched" "pin"]`,
	})
}

// What GitHub alone vouches for, no list of the policy takes back: a policy
// that says both means something else.
func TestGitHubAloneDoesNotKnowRevokedKeys(t *testing.T) {
	t.Parallel()
	terms := gate.Terms{Signers: gate.Signers{Revoked: []string{"keys/revoked"}}}
	for _, id := range []string{"signed-commit", "signed-tag"} {
		if _, err := find(t, id).Bind(decode("trust: github"), terms); err == nil || !strings.Contains(err.Error(), "trust: GitHub alone does not know") {
			t.Errorf("%s: got error %v", id, err)
		}
		if _, err := find(t, id).Bind(nil, terms); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}
