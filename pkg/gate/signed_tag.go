package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/verdict"
)

// SignedTag holds when the reference is an annotated tag that a person in a
// role signed, for this name and this commit.
var SignedTag = register(Spec[signedTag]{
	ID:       "signed-tag",
	Firm:     true,
	Title:    "The tag is signed by someone in the role",
	Since:    "0.1.0",
	Defaults: signedTag{By: "maintain", Trust: trustBoth, SecurityKeys: anySecurityKey},
	Validate: func(params signedTag, terms Terms) error {
		if err := params.Trust.validate(params.SecurityKeys, terms.Signers); err != nil {
			return err
		}
		return needsRole(params.By, terms)
	},
	Notes: func(params signedTag, terms Terms) []Note { return params.Trust.notes(terms.Signers) },
	Needs: func(params signedTag, terms Terms) []fact.Need {
		needs := append([]fact.Need{{Kind: fact.NeedTag}, {Kind: fact.NeedRefTarget}}, terms.Roles.Needs(params.By, fact.TagSigner)...)
		return append(needs, params.Trust.needs(terms, fact.TagSigner)...)
	},
	Suppose: supposesTagSignature,
	Check:   checkSignedTag,
})

type signedTag struct {
	By           RoleName     `yaml:"by" doc:"The role that the signer has to hold."`
	Trust        Trust        `yaml:"trust" doc:"Whose check of the signature has to be good: github, keys (Stageward's own, by the signers' keys) or both."`
	SecurityKeys SecurityKeys `yaml:"security-keys" doc:"What the owner of a security key (sk-…) has to have done for its signature to count: any, touched or pin."`
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
		judged := judgeTag(params, in, signed{what: what, line: "tagger", who: whoHolds(params.By), how: tagAnew}, tag)
		finding = &judged
	}
	return finding.See(what, tag.URL)
}

// judgeTag asks whether the signature of the right tag is good, by whose check
// the policy says, and then whose it is.
func judgeTag(params signedTag, in Input, words signed, tag fact.Tag) verdict.Finding {
	given := tag.Signature
	if params.Trust.asksGitHub() || given.Text == "" {
		if finding := words.refusal(given); finding != nil {
			return *finding
		}
	}
	// Without a person's signature in GitHub's eyes there is nobody to compare with.
	nobody := given.Signer == nil || given.Class != fact.PersonSignature
	if !params.Trust.asksKeys() || params.Trust == trustBoth && nobody {
		return judgeTagger(params, in, words.what, given)
	}
	check := proof{signed: words, kind: gitobject.TagType, id: tag.Object, given: given, signer: fact.TagSigner, keys: params.SecurityKeys, agrees: agreesWithTag(tag)}
	result, refused := check.check(in)
	if refused != nil {
		return *refused
	}
	if params.Trust == trustBoth && fact.LoginKey(result.Owner) != fact.LoginKey(given.Signer.Login) {
		return check.differ(result, given.Signer.Login)
	}
	if fact.LoginKey(result.Owner) == webFlow {
		return judgeTagger(params, in, words.what, fact.Signature{Class: fact.GitHubSignature})
	}
	owner, missing := check.owner(in, params.Trust, result.Owner)
	if missing != nil {
		return verdict.Lacking("whose account @"+result.Owner+" is", missing)
	}
	return signerFinding(in, params.By, words.what, owner, signTagAnew, by(result))
}

// agreesWithTag compares a tag object with what GitHub said of it. The fields
// were judged before; here they are shown to be the signed ones.
func agreesWithTag(tag fact.Tag) func([]byte) (gitobject.Signed, error) {
	return func(body []byte) (gitobject.Signed, error) {
		format, err := gitobject.FormatOf(string(tag.Object))
		if err != nil {
			return gitobject.Signed{}, err
		}
		parsed, err := gitobject.ParseTag(body, format)
		if err != nil {
			return gitobject.Signed{}, err
		}
		if parsed.Name != tag.Name || parsed.Target != string(tag.Target) || parsed.TargetType != tag.TargetType {
			return gitobject.Signed{}, &fact.Missing{Reason: fact.Inconsistent, Detail: "GitHub gives the tag another name or target than the object has"}
		}
		return parsed.Signed, nil
	}
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
	finding := signerFinding(in, params.By, what, signature.Signer, signTagAnew, "")
	if finding.Outcome == verdict.Pass {
		finding.Reason += "; GitHub names no signer of a tag, but accepts a signature only with the tagger's own key and verified e-mail, so the tagger's account counts"
	}
	return finding
}

func signTagAnew(by RoleName) string {
	return fmt.Sprintf("Have somebody who holds role %s sign and push a new version. Do not move a tag that was published.", by)
}

// tagAnew says how to make a tag that counts.
const tagAnew = "Sign and push a new tag for the commit with `git tag -s`, under a name of its own, and run for that tag. Do not move a tag that was published."
