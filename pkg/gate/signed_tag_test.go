package gate_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// tagged is the annotated tag v1.2.0 on the subject's commit, signed by bob.
func tagged(changes ...func(*fact.Tag)) func(*fact.Set) {
	tag := fact.Tag{
		Annotated: true, Object: tagObject, Name: "v1.2.0", Target: headSHA, TargetType: "commit",
		Tagger:    fact.Identity{Name: "Bob", Email: "bob@example.com", Account: bob},
		Signature: signature(fact.PersonSignature, fact.SignatureValid, bob),
		URL:       "https://github.com/acme/shop/releases/tag/v1.2.0",
	}
	for _, change := range changes {
		change(&tag)
	}
	return func(facts *fact.Set) { facts.Tag = fact.Of(tag, fact.Source{}) }
}

func carrying(signature fact.Signature) func(*fact.Tag) {
	return func(tag *fact.Tag) { tag.Signature = signature }
}

func pointing(to string, object fact.SHA) func(*fact.Tag) {
	return func(tag *fact.Tag) { tag.TargetType, tag.Target = to, object }
}

var _ = rows("signed-tag", byGitHub(
	row{
		name: "a branch is not a tag, whatever tag is known", facts: about("refs/heads/v1.2.0", tagged()),
		want: verdict.Fail, code: "not-a-tag", says: []string{"git tag -s"},
	},
	row{
		name: "a lightweight tag cannot be signed", want: verdict.Fail, code: "lightweight", says: []string{"actions/checkout", "git tag -s"},
		facts: onTag(func(f *fact.Set) { f.Tag = fact.Of(fact.Tag{}, fact.Source{}) }),
	},
	row{
		name: "an old signed tag that was pushed under a new name", facts: onTag(tagged(func(t *fact.Tag) { t.Name = "v1.0.0" })),
		want: verdict.Fail, code: "renamed", says: []string{`"v1.2.0"`, `"v1.0.0"`},
	},
	row{
		name: "a tag whose name differs only in case", facts: onTag(tagged(func(t *fact.Tag) { t.Name = "V1.2.0" })),
		want: verdict.Fail, code: "renamed",
	},
	row{
		name: "a tag that was replaced between the two times it was read", facts: onTag(tagged(), names(otherSHA)),
		want: verdict.Fail, code: "replaced",
	},
	row{
		name: "a tag that could not be read again", want: verdict.Unknown, code: string(fact.Unavailable),
		facts: onTag(tagged(), func(f *fact.Set) { f.RefTarget = fact.Lost[fact.RefTarget](fact.Missing{Reason: fact.Unavailable}) }),
	},
	row{name: "a tag without a name inside", facts: onTag(tagged(func(t *fact.Tag) { t.Name = "" })), want: verdict.Fail, code: "renamed"},
	row{name: "a signed tag of a tag", facts: onTag(tagged(pointing("tag", headSHA))), want: verdict.Fail, code: "nested"},
	row{name: "a signed tag of a tree", facts: onTag(tagged(pointing("tree", headSHA))), want: verdict.Fail, code: "not-a-commit"},
	row{
		name: "a signed tag of another commit", facts: onTag(tagged(pointing("commit", otherSHA))),
		want: verdict.Fail, code: "other-commit", says: []string{string(otherSHA), string(headSHA)},
	},
	row{
		name: "a tag that was replaced after the run began", facts: onTag(startedWith(otherSHA), tagged()),
		want: verdict.Fail, code: "replaced", says: []string{string(otherSHA), string(tagObject)},
	},
	row{
		name: "a tag that was replaced by a lightweight one after the run began", want: verdict.Fail, code: "lightweight",
		facts: onTag(startedWith(tagObject), func(f *fact.Set) { f.Tag = fact.Of(fact.Tag{}, fact.Source{}) }),
	},
	row{
		name: "an annotated tag without a signature", facts: onTag(tagged(carrying(signature(fact.Unsigned, "unsigned", nil)))),
		want: verdict.Fail, code: "unsigned", says: []string{"git tag -s"},
	},
	row{
		name: "a signature that GitHub does not accept", facts: onTag(tagged(carrying(signature(fact.PersonSignature, "unverified_email", bob)))),
		want: verdict.Fail, code: "unverified", says: []string{"tagger's e-mail"},
	},
	row{
		name: "a signature by a writer under a maintainer's tagger line", facts: onTag(tagged(carrying(signature(fact.PersonSignature, fact.SignatureValid, mallory)))),
		want: verdict.Fail, code: "not-in-role", says: []string{"@mallory has write, needs maintain"},
	},
	row{
		name: "a good signature of an account that is not known", facts: onTag(tagged(carrying(signature(fact.PersonSignature, fact.SignatureValid, nil)))),
		want: verdict.Fail, code: "no-signer",
	},
	row{
		name: "a signature by GitHub's own key", facts: onTag(tagged(carrying(signature(fact.GitHubSignature, fact.SignatureValid, bob)))),
		want: verdict.Fail, code: "not-a-person",
	},
	row{
		name: "a signature that GitHub could not check", facts: onTag(tagged(carrying(signature(fact.PersonSignature, "gpgverify_unavailable", bob)))),
		want: verdict.Unknown, code: string(fact.Unavailable),
	},
	row{
		name: "a kind of signature that is not known", facts: onTag(tagged(carrying(signature(fact.UnknownSignature, fact.SignatureValid, bob)))),
		want: verdict.Unknown, code: string(fact.Incomplete),
	},
	row{name: "a tag object without an id", facts: onTag(tagged(func(t *fact.Tag) { t.Object = "" })), want: verdict.Unknown, code: string(fact.Incomplete)},
	row{name: "a tag object without a target", facts: onTag(tagged(pointing("", headSHA))), want: verdict.Unknown, code: string(fact.Incomplete)},
	row{name: "a tag that could not be read", facts: onTag(), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{name: "a signer whose permission cannot be read", facts: onTag(tagged(), lose(bob)), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{name: "a tag signed by a maintainer", facts: onTag(tagged()), want: verdict.Pass, says: []string{"@bob has maintain", "names no signer of a tag"}},
	row{name: "a signed tag that is still the object the run began with", facts: onTag(startedWith(tagObject), tagged()), want: verdict.Pass},
	row{name: "a tag signed by somebody on the list", params: "by: leads", roles: leads, facts: onTag(tagged()), want: verdict.Pass},
)...)

func TestSignedTag(t *testing.T) {
	t.Parallel()
	testRows(t, "signed-tag")
}

func TestSignedTagRefusesRolesThatAreNone(t *testing.T) {
	t.Parallel()
	testRefusals(t, "signed-tag", map[string]string{
		"by: none":      `role "none" is not defined`,
		"trust: nobody": `["both" "keys" "github"]`,
		"{trust: github, security-keys: touched}": "security-keys: GitHub does not say",
		"security-keys: none":                     `["any" "touched" "pin"]`,
	})
}
