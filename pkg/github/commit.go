package github

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	typeCommit = "Commit"
	typeTag    = "Tag"
)

// commit reads the subject's commit.
func (r *Reader) commit(field answered[commitNode], missing *fact.Missing) (fact.Commit, *fact.Missing) {
	node := field.value
	switch {
	case missing != nil:
		return fact.Commit{}, missing
	case !field.here:
		return fact.Commit{}, incomplete("POST graphql: the answer leaves the commit out")
	case node == nil:
		return fact.Commit{}, &fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("the repository has no object %s", r.subject.SHA),
			Fix: "Push the commit to this repository, or start a new run for a commit that is there.",
		}
	}
	return node.commit(r.subject.SHA)
}

// commit reads the commit that was asked for by its id.
func (c *commitNode) commit(asked fact.SHA) (fact.Commit, *fact.Missing) {
	switch {
	case c.Typename != typeCommit:
		return fact.Commit{}, inconsistent(fmt.Sprintf("object %s is a %s, not a commit", asked, c.Typename))
	case c.OID != string(asked):
		return fact.Commit{}, inconsistent(fmt.Sprintf("POST graphql: asked for %s, the answer is %q", asked, c.OID))
	case !c.Parents.whole() || !c.Signature.here || c.Author == nil || c.Committer == nil || c.At.IsZero():
		return fact.Commit{}, incomplete("POST graphql: the answer does not hold all of the commit")
	}
	signature, missing := commitSignature(c.Signature.value)
	if missing != nil {
		return fact.Commit{}, missing
	}
	commit := fact.Commit{
		SHA: asked, Headline: c.Headline, CommittedAt: c.At.UTC(), URL: c.URL,
		Author: c.Author.identity(), Committer: c.Committer.identity(),
		Signature: signature, Parents: []fact.SHA{},
	}
	for _, parent := range c.Parents.Nodes {
		sha := shaOf(parent.OID)
		if sha == "" {
			return fact.Commit{}, incomplete(fmt.Sprintf("POST graphql: %q is not the id of a parent", parent.OID))
		}
		commit.Parents = append(commit.Parents, sha)
	}
	return commit, nil
}

// commitSignature classifies the verdict on a commit. GitHub's own key belongs
// to no account, whatever account GraphQL shows beside it.
func commitSignature(node *signatureNode) (fact.Signature, *fact.Missing) {
	if node == nil {
		return fact.Signature{Class: fact.Unsigned, State: reasonUnsigned}, nil
	}
	signature := fact.Signature{Class: fact.PersonSignature, Verified: node.IsValid, State: strings.ToLower(node.State), Signer: node.Signer.person()}
	switch {
	case signature.State == reasonUnsigned:
		signature.Class, signature.Signer, signature.Verified = fact.Unsigned, nil, false
	case node.ByGitHub:
		signature.Class, signature.Signer = fact.GitHubSignature, nil
	}
	missing := withEvidence(&signature, node.Payload, node.Text, node.VerifiedAt)
	if missing != nil {
		missing.Detail = "POST graphql: " + missing.Detail
	}
	return signature, missing
}

// withEvidence adds the signature itself and the bytes that it signs, which
// every signed object has. The time counts only beside a verdict: it is when
// GitHub found the signature valid.
func withEvidence(signature *fact.Signature, payload, text string, seen *time.Time) *fact.Missing {
	if signature.Class == fact.Unsigned {
		return nil
	}
	if payload == "" || text == "" {
		return incomplete("the answer does not hold the signature and what it signs")
	}
	signature.Payload, signature.Text = payload, text
	if signature.Good() && seen != nil {
		signature.SeenAt = seen.UTC()
	}
	return nil
}

// reference reads where the subject's reference points, and the tag object on
// the way.
func (r *Reader) reference(field answered[refNode], page string, missing *fact.Missing) (fact.Known[fact.RefTarget], fact.Known[fact.Tag]) {
	target, missing := r.refTarget(field, missing)
	source := fact.Source{From: graphSource, URL: r.refURL(page)}
	if r.subject.Ref.Kind() != fact.TagRef {
		return knownIf(target, source, missing), fact.Lost[fact.Tag](fact.Missing{Reason: fact.NotAsked, Detail: "the subject is a branch"})
	}
	switch {
	case missing != nil:
		return fact.Lost[fact.RefTarget](*missing), fact.Lost[fact.Tag](*missing)
	case !target.Exists:
		return fact.Of(target, source), fact.Lost[fact.Tag](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%s does not exist", r.subject.Ref)})
	}
	node := field.value.Target
	if node.Typename == typeCommit {
		return fact.Of(target, source), fact.Of(fact.Tag{}, source)
	}
	tag := fact.Tag{
		Annotated: true, Object: target.Object, Name: node.Name,
		Target: shaOf(node.Target.OID), TargetType: strings.ToLower(node.Target.Typename),
		Tagger: node.Tagger.identity(), Signature: fact.Signature{State: notRead}, URL: source.URL,
	}
	return fact.Of(target, source), fact.Of(tag, source)
}

// refTarget follows the reference to its commit, through as many tag objects
// as the query asks for.
func (r *Reader) refTarget(field answered[refNode], missing *fact.Missing) (fact.RefTarget, *fact.Missing) {
	switch {
	case missing != nil:
		return fact.RefTarget{}, missing
	case !field.here:
		return fact.RefTarget{}, incomplete("POST graphql: the answer leaves the reference out")
	case field.value == nil:
		return fact.RefTarget{}, nil // an answer: the reference is gone
	}
	node := field.value.Target
	if node == nil || shaOf(node.OID) == "" {
		return fact.RefTarget{}, incomplete("POST graphql: the answer does not say where the reference points")
	}
	target := fact.RefTarget{Exists: true, Object: fact.SHA(node.OID)}
	if node.Typename == typeTag && r.subject.Ref.Kind() != fact.TagRef {
		return fact.RefTarget{}, inconsistent(fmt.Sprintf("POST graphql: the branch %s points at a tag object", r.subject.Ref))
	}
	if node.Typename == typeTag && node.Name == "" {
		return fact.RefTarget{}, incomplete("POST graphql: the answer does not name the tag object")
	}
	for node.Typename == typeTag && node.Target != nil {
		node = node.Target
	}
	switch {
	case node.Typename == typeTag:
		return fact.RefTarget{}, incomplete(fmt.Sprintf("%s leads through more tag objects than are followed; tag the commit itself", r.subject.Ref))
	case node.Typename != typeCommit:
		return fact.RefTarget{}, inconsistent(fmt.Sprintf("%s points at a %q, not at a commit", r.subject.Ref, strings.ToLower(node.Typename)))
	case shaOf(node.OID) == "":
		return fact.RefTarget{}, incomplete("POST graphql: the answer does not say where the reference points")
	}
	target.Commit = fact.SHA(node.OID)
	return target, nil
}

// refURL returns the page of the reference, below the page of the repository.
func (r *Reader) refURL(page string) string {
	name := (&url.URL{Path: r.subject.Ref.Name()}).EscapedPath()
	if r.subject.Ref.Kind() == fact.TagRef {
		return page + "/releases/tag/" + name
	}
	return page + "/tree/" + name
}

// refAnswer is the data of the query for the reference alone.
type refAnswer struct {
	Repository *struct {
		DatabaseID int64             `json:"databaseId"`
		Ref        answered[refNode] `json:"ref"`
	} `json:"repository"`
}

// RefTarget reads once more where the subject's reference points. It is meant
// to be the last question of a run.
func (r *Reader) RefTarget(ctx context.Context) fact.Known[fact.RefTarget] {
	variables := map[string]string{"owner": r.owner, "name": r.name, "ref": string(r.subject.Ref)}
	answer, missing := ask[refAnswer](ctx, r, refQuery+targetFragment, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedRefTarget.TokenPermission(), allAreas()...)
	}
	if missing != nil {
		return fact.Lost[fact.RefTarget](*missing)
	}
	data, seen := answer.Data.Repository, r.session()
	if data == nil || data.DatabaseID == 0 {
		return fact.Lost[fact.RefTarget](*incomplete("POST graphql: the answer does not identify the repository"))
	}
	if seen.repository != 0 && data.DatabaseID != seen.repository {
		return fact.Lost[fact.RefTarget](*inconsistent(fmt.Sprintf("POST graphql: repository %d answers in place of repository %d", data.DatabaseID, seen.repository)))
	}
	target, missing := r.refTarget(data.Ref, nil)
	source := fact.Source{From: graphSource}
	if repository, missing := seen.set.Repository.Get(); missing == nil {
		source.URL = r.refURL(repository.URL)
	}
	return knownIf(target, source, missing)
}
