package github

import (
	"context"
	"fmt"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	tagSource = "GET /repos/{owner}/{repo}/git/tags/{tag_sha}"
	// notRead is the state of a signature that nobody has asked about yet.
	notRead = "not-read"
	// reasonUnsigned is GitHub's word for an object without a signature.
	reasonUnsigned = "unsigned"
)

// tagAnswer is a tag object with the whole verdict on its signature, of which
// the client library has no verified_at.
type tagAnswer struct {
	gh.Tag
	Verdict *verdictNode `json:"verification"`
}

// verdictNode is REST's verdict; payload, signature and verified_at are null
// for an unsigned object.
type verdictNode struct {
	Verified   *bool      `json:"verified"`
	Reason     string     `json:"reason"`
	Payload    string     `json:"payload"`
	Signature  string     `json:"signature"`
	VerifiedAt *time.Time `json:"verified_at"`
}

// Tag reads a tag object with GitHub's verdict on its signature, which only
// REST has. The account of the tagger, which only GraphQL has, is taken from
// Overview if that saw the same object.
//
// GitHub names no signer for tags. Its verdict "valid" means that the key
// belongs to the account that owns the tagger's verified e-mail, so that
// account is the signer.
func (r *Reader) Tag(ctx context.Context, object fact.SHA) fact.Known[fact.Tag] {
	what := fmt.Sprintf("GET /repos/%s/%s/git/tags/%s", r.owner, r.name, object)
	if _, err := fact.ParseSHA(string(object)); err != nil {
		return fact.Lost[fact.Tag](*incomplete(what + ": " + err.Error()))
	}
	asked := fmt.Sprintf("repos/%s/%s/git/tags/%s", r.owner, r.name, object)
	var answer tagAnswer
	resp, err := r.get(ctx, asked, &answer)
	if err == nil {
		err = r.sameRepository(asked, resp)
	}
	if err != nil {
		return fact.Lost[fact.Tag](*r.missing(what, err, fact.NeedTag.TokenPermission()))
	}
	lose := func(missing *fact.Missing) fact.Known[fact.Tag] {
		missing.Detail = what + ": " + missing.Detail
		return fact.Lost[fact.Tag](*missing)
	}
	if answer.GetSHA() != string(object) {
		return lose(inconsistent(fmt.Sprintf("the answer is about %q", answer.GetSHA())))
	}
	tag := fact.Tag{
		Annotated: true, Object: object, Name: answer.GetTag(),
		Target: fact.SHA(answer.GetObject().GetSHA()), TargetType: answer.GetObject().GetType(),
		Tagger: fact.Identity{Name: answer.GetTagger().GetName(), Email: answer.GetTagger().GetEmail()},
	}
	if _, err := fact.ParseSHA(string(tag.Target)); err != nil || tag.Name == "" || tag.TargetType == "" {
		return lose(incomplete("the answer does not say what the tag is called or points at"))
	}
	if missing := r.withOverview(&tag); missing != nil {
		return lose(missing)
	}
	signature, missing := tagSignature(answer.Verdict, tag.Tagger.Account)
	if missing != nil {
		return lose(missing)
	}
	tag.Signature = signature
	return fact.Of(tag, fact.Source{From: tagSource, URL: tag.URL})
}

// withOverview adds what Overview saw of the same object and compares the two.
func (r *Reader) withOverview(tag *fact.Tag) *fact.Missing {
	seen, _ := r.session().set.Tag.Get() //nolint:errcheck // what was not seen has no object
	if seen.Object != tag.Object {
		return nil // REST alone then: without an account there is no signer
	}
	if seen.Name != tag.Name || seen.Target != tag.Target || seen.TargetType != tag.TargetType {
		return inconsistent("GraphQL shows another name or target for the same tag object")
	}
	tag.Tagger.Account, tag.URL = seen.Tagger.Account, seen.URL
	return nil
}

// tagSignature classifies the verdict on a tag.
func tagSignature(verdict *verdictNode, tagger *fact.Person) (fact.Signature, *fact.Missing) {
	if verdict == nil || verdict.Verified == nil || verdict.Reason == "" {
		return fact.Signature{}, incomplete("the answer has no verdict on the signature")
	}
	signature := fact.Signature{Class: fact.PersonSignature, Verified: *verdict.Verified, State: verdict.Reason}
	switch {
	case verdict.Reason == reasonUnsigned && signature.Verified:
		return fact.Signature{}, inconsistent("the answer calls the tag verified and unsigned")
	case verdict.Reason == reasonUnsigned:
		signature.Class = fact.Unsigned
	case signature.Good():
		signature.Signer = tagger
	}
	return signature, withEvidence(&signature, verdict.Payload, verdict.Signature, verdict.VerifiedAt)
}
