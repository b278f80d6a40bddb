package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// SignedTag holds when the reference is an annotated tag that a person in a
// role signed, for this name and this commit.
var SignedTag = register(Spec[signedTag]{
	ID:       "signed-tag",
	Title:    "The tag is signed by someone in the role",
	Since:    "0.1.0",
	Defaults: signedTag{By: "maintain"},
	Validate: func(params signedTag, roles Roles) error { return needsRole(params.By, roles) },
	Needs: func(params signedTag, roles Roles) []fact.Need {
		return append([]fact.Need{{Kind: fact.NeedTag}, {Kind: fact.NeedRefTarget}}, roles.Needs(params.By, fact.TagSigner)...)
	},
	Check: checkSignedTag,
})

type signedTag struct {
	By RoleName `yaml:"by" doc:"The role that the signer has to hold."`
}

func checkSignedTag(params signedTag, in Input) verdict.Finding {
	subject := in.Facts.Subject
	if subject.Ref.Kind() != fact.TagRef {
		return verdict.Failed("not-a-tag", fmt.Sprintf("%s is not a tag", subject.Ref)).
			Because(tagAnew, whoHolds(params.By))
	}
	what := fmt.Sprintf("tag %q", subject.Ref.Name())
	tag, missing := in.Facts.Tag.Get()
	if missing != nil {
		return verdict.Lacking("the object and the signature of "+what, missing)
	}
	// When the event did not name the tag object, the two answers about it have
	// to: one could be about a tag that was replaced in between.
	target, missing := in.Facts.RefTarget.Get()
	if missing != nil {
		return verdict.Lacking("which object "+what+" names now", missing)
	}
	if tag.Annotated && target.Exists && subject.TagObject == "" {
		subject.TagObject = target.Object
	}
	finding := wrongTag(subject, what, tag, params.By)
	if finding == nil {
		words := signed{what: what, line: "tagger", who: whoHolds(params.By), how: tagAnew}
		finding = words.refusal(tag.Signature)
	}
	if finding == nil {
		judged := judgeTagger(params, in, what, tag.Signature)
		finding = &judged
	}
	return finding.See(what, tag.URL)
}

// wrongTag returns the finding about a tag object that is not the one this
// run is about, whoever signed it: a good signature can be pushed again under
// another name. It is nil when the object fits.
func wrongTag(subject fact.Subject, what string, tag fact.Tag, by RoleName) *verdict.Finding {
	var finding verdict.Finding
	switch {
	case !tag.Annotated:
		finding = verdict.Failed("lightweight", what+" is a lightweight tag on GitHub, which has no object that could be signed. "+
			"(actions/checkout turns annotated tags into lightweight ones on the runner; that is not looked at, the one on GitHub counts.)")
	case tag.Object == "" || tag.TargetType == "":
		finding = verdict.Lacking("what "+what+" is", &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say which object it is or what it points at"})
		return &finding
	case subject.TagObject != "" && tag.Object != subject.TagObject:
		finding = verdict.Failed("replaced", fmt.Sprintf("%s is the object %s now; this run began with %s", what, tag.Object, subject.TagObject))
	case tag.Name != subject.Ref.Name():
		finding = verdict.Failed("renamed", fmt.Sprintf("%s holds a tag object that was signed as %q: an old signature under a new name", what, tag.Name))
	case tag.TargetType == "tag":
		finding = verdict.Failed("nested", what+" points at another tag, not at a commit")
	case tag.TargetType != "commit":
		finding = verdict.Failed("not-a-commit", fmt.Sprintf("%s points at a %q, not at a commit", what, tag.TargetType))
	case tag.Target != subject.SHA:
		finding = verdict.Failed("other-commit", fmt.Sprintf("%s was signed for commit %s; this run is about %s", what, tag.Target, subject.SHA))
	default:
		return nil
	}
	finding = finding.Because(tagAnew, whoHolds(by))
	return &finding
}

// judgeTagger asks whose good signature it is. GitHub names no signer of a
// tag; it accepts the signature only if the key and the tagger's e-mail belong
// to one account, and that account is what the fact carries.
func judgeTagger(params signedTag, in Input, what string, signature fact.Signature) verdict.Finding {
	if signature.Class != fact.PersonSignature {
		return verdict.Failed("not-a-person", fmt.Sprintf("%s is signed by a key of the kind %q, not by a person's", what, signature.Class)).
			Because(tagAnew, whoHolds(params.By))
	}
	finding := signerFinding(in, params.By, what, signature.Signer, func(by RoleName) string {
		return fmt.Sprintf("Have somebody who holds role %s sign and push a new version. Do not move a tag that was published.", by)
	})
	if finding.Outcome == verdict.Pass {
		finding.Reason += "; GitHub names no signer of a tag, but accepts a signature only with the tagger's own key and verified e-mail, so the tagger's account counts"
	}
	return finding
}

// tagAnew says how to make a tag that counts.
const tagAnew = "Sign and push a new tag for the commit with `git tag -s`, under a name of its own, and run for that tag. Do not move a tag that was published."
