package github_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	tagRef  = "refs/tags/v1.4.0"
	tagPath = "/repos/acme/shop/git/tags/" + tagSHA
)

// tagTarget is what refs/tags/v1.4.0 points at: a tag object by dave.
func tagTarget() object {
	return object{
		"__typename": "Tag", "oid": tagSHA, "name": "v1.4.0",
		"tagger": object{"name": "Dave", "email": "dave@acme.test", "user": user(14, "dave")},
		"target": object{"__typename": "Commit", "oid": subjectSHA},
	}
}

// tagData is the same object as REST shows it.
func tagData(verified bool, reason string) object {
	return object{
		"sha": tagSHA, "tag": "v1.4.0", "message": "v1.4.0",
		"tagger":       object{"name": "Dave", "email": "dave@acme.test", "date": "2026-11-17T08:30:00Z"},
		"object":       object{"type": "commit", "sha": subjectSHA},
		"verification": object{"verified": verified, "reason": reason, "signature": armored, "payload": payload, "verified_at": "2026-11-17T08:05:00Z"},
	}
}

func TestOverviewOfATag(t *testing.T) {
	t.Parallel()
	nested := func(kinds ...string) object {
		target := object{"__typename": kinds[len(kinds)-1], "oid": subjectSHA}
		for i := len(kinds) - 2; i >= 0; i-- {
			target = object{"__typename": kinds[i], "oid": parentSHA, "target": target}
		}
		return put(tagTarget(), "target", target)
	}
	dave := &fact.Person{ID: 14, Login: "dave", Kind: fact.User}
	annotated := fact.Tag{
		Annotated: true, Object: tagSHA, Name: "v1.4.0", Target: subjectSHA, TargetType: "commit",
		Tagger: fact.Identity{Name: "Dave", Email: "dave@acme.test", Account: dave}, Signature: fact.Signature{State: "not-read"},
		URL: "https://github.com/acme/shop/releases/tag/v1.4.0",
	}
	chained := annotated
	chained.Target, chained.TargetType = parentSHA, "tag"
	rows := []struct {
		name   string
		ref    any
		target fact.RefTarget
		why    fact.Reason
		tag    fact.Tag
		tagWhy fact.Reason
	}{
		{"gone", nil, fact.RefTarget{}, "", fact.Tag{}, fact.NotFound},
		{"a chain that is not followed to its end", object{"target": nested("Tag", "Tag", "Tag")}, fact.RefTarget{}, fact.Incomplete, fact.Tag{}, fact.Incomplete},
		{"a tree", object{"target": nested("Tree")}, fact.RefTarget{}, fact.Inconsistent, fact.Tag{}, fact.Inconsistent},
		{"a blob without a tag object", object{"target": object{"__typename": "Blob", "oid": parentSHA}}, fact.RefTarget{}, fact.Inconsistent, fact.Tag{}, fact.Inconsistent},
		{"a tag object without a name", object{"target": put(tagTarget(), "name", "")}, fact.RefTarget{}, fact.Incomplete, fact.Tag{}, fact.Incomplete},
		{"a tag object without a target", object{"target": put(tagTarget(), "target", nil)}, fact.RefTarget{}, fact.Incomplete, fact.Tag{}, fact.Incomplete},
		{"a lightweight tag", object{"target": object{"__typename": "Commit", "oid": subjectSHA}}, fact.RefTarget{Exists: true, Object: subjectSHA, Commit: subjectSHA}, "", fact.Tag{}, ""},
		{"an annotated tag", object{"target": tagTarget()}, fact.RefTarget{Exists: true, Object: tagSHA, Commit: subjectSHA}, "", annotated, ""},
		{"a tag of a tag", object{"target": nested("Tag", "Commit")}, fact.RefTarget{Exists: true, Object: tagSHA, Commit: subjectSHA}, "", chained, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			set := newFake(t).withData("repository.ref", row.ref).readerOf(t, tagRef).Overview(t.Context())
			target, _ := set.RefTarget.Get()
			if target != row.target || reason(set.RefTarget) != row.why {
				t.Errorf("target %+v %q, want %+v %q", target, reason(set.RefTarget), row.target, row.why)
			}
			tag, _ := set.Tag.Get()
			same(t, "tag", tag, row.tag)
			same(t, "reason", reason(set.Tag), row.tagWhy)
		})
	}
}

func TestTag(t *testing.T) {
	t.Parallel()
	dave := &fact.Person{ID: 14, Login: "dave", Kind: fact.User}
	rows := []struct {
		name      string
		answer    object
		signature fact.Signature
		why       fact.Reason
		detail    string
	}{
		{"another object than asked for", put(tagData(true, "valid"), "sha", parentSHA), fact.Signature{}, fact.Inconsistent, "is about"},
		{"another name than GraphQL shows", put(tagData(true, "valid"), "tag", "v9"), fact.Signature{}, fact.Inconsistent, "another name or target"},
		{"another target than GraphQL shows", put(tagData(true, "valid"), "object.sha", parentSHA), fact.Signature{}, fact.Inconsistent, "another name or target"},
		{"no name", put(tagData(true, "valid"), "tag", ""), fact.Signature{}, fact.Incomplete, "called"},
		{"no target", put(tagData(true, "valid"), "object", nil), fact.Signature{}, fact.Incomplete, "points at"},
		{"no verdict", put(tagData(true, "valid"), "verification", nil), fact.Signature{}, fact.Incomplete, "no verdict"},
		{"half a verdict", put(tagData(true, "valid"), "verification", object{"verified": true}), fact.Signature{}, fact.Incomplete, "no verdict"},
		{"the other half", put(tagData(true, "valid"), "verification", object{"reason": "valid"}), fact.Signature{}, fact.Incomplete, "no verdict"},
		{"a signature without what it signs", put(tagData(true, "valid"), "verification.payload", nil), fact.Signature{}, fact.Incomplete, "does not hold the signature"},
		{"a verdict without the signature", put(tagData(true, "valid"), "verification.signature", absent), fact.Signature{}, fact.Incomplete, "does not hold the signature"},
		{"an unknown key without the signature", put(tagData(false, "unknown_key"), "verification.signature", ""), fact.Signature{}, fact.Incomplete, "does not hold the signature"},
		{"a time that is none", put(tagData(true, "valid"), "verification.verified_at", "yesterday"), fact.Signature{}, fact.Incomplete, "shape"},
		{"verified and unsigned", tagData(true, "unsigned"), fact.Signature{}, fact.Inconsistent, "verified and unsigned"},
		{"unsigned", tagData(false, "unsigned"), fact.Signature{Class: fact.Unsigned, State: "unsigned"}, "", ""},
		{"unsigned, as GitHub shows it", put(tagData(false, "unsigned"), "verification", object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}), fact.Signature{Class: fact.Unsigned, State: "unsigned"}, "", ""},
		{"an unknown key names no signer", tagData(false, "unknown_key"), fact.Signature{Class: fact.PersonSignature, State: "unknown_key", Payload: payload, Text: armored}, "", ""},
		{"verified for another reason names no signer", tagData(true, "expired_key"), fact.Signature{Class: fact.PersonSignature, Verified: true, State: "expired_key", Payload: payload, Text: armored}, "", ""},
		{"valid but not verified names no signer", tagData(false, "valid"), fact.Signature{Class: fact.PersonSignature, State: "valid", Payload: payload, Text: armored}, "", ""},
		{"valid, but GitHub does not say since when", put(tagData(true, "valid"), "verification.verified_at", nil), fact.Signature{Class: fact.PersonSignature, Verified: true, State: "valid", Signer: dave, Payload: payload, Text: armored}, "", ""},
		{"valid", tagData(true, "valid"), fact.Signature{Class: fact.PersonSignature, Verified: true, State: "valid", Signer: dave, Payload: payload, Text: armored, SeenAt: seenAt}, "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData("repository.ref", object{"target": tagTarget()})
			f.routes[tagPath] = func(*http.Request) any { return row.answer }
			reader := f.readerOf(t, tagRef)
			reader.Overview(t.Context())
			known := reader.Tag(t.Context(), tagSHA)
			if row.why != "" {
				wantLost(t, known, row.why, row.detail)
				return
			}
			got := have(t, known)
			same(t, "signature", got.Signature, row.signature)
			same(t, "tagger", got.Tagger, fact.Identity{Name: "Dave", Email: "dave@acme.test", Account: dave})
		})
	}
}

func TestATagThatOverviewDidNotSeeHasNoSigner(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.routes[tagPath] = func(*http.Request) any { return tagData(true, "valid") }
	tag := have(t, f.readerOf(t, tagRef).Tag(t.Context(), tagSHA))
	if tag.Signature.Signer != nil || tag.Tagger.Account != nil {
		t.Errorf("signer %v, tagger %v", tag.Signature.Signer, tag.Tagger.Account)
	}
	wantLost(t, f.readerOf(t, tagRef).Tag(t.Context(), "../../x"), fact.Incomplete, "object id")
}

func TestContainment(t *testing.T) {
	t.Parallel()
	compared := func(status, base string) object {
		return object{"status": status, "html_url": "https://github.com/c", "merge_base_commit": object{"sha": base}}
	}
	rows := []struct {
		name, branch string
		answer       any
		contained    bool
		why          fact.Reason
	}{
		{"no status", "main", object{"merge_base_commit": object{"sha": subjectSHA}}, false, fact.Incomplete},
		{"an unknown status", "main", compared("sideways", subjectSHA), false, fact.Incomplete},
		{"behind, by another common commit", "main", compared("behind", parentSHA), false, fact.Inconsistent},
		{"identical, without a common commit", "main", object{"status": "identical"}, false, fact.Inconsistent},
		{"not the name of a branch", "a..b", nil, false, fact.NotFound},
		{"ahead", "main", compared("ahead", parentSHA), false, ""},
		{"diverged", "main", compared("diverged", parentSHA), false, ""},
		{"behind", "main", compared("behind", subjectSHA), true, ""},
		{"identical", "main", compared("identical", subjectSHA), true, ""},
		{"a branch with odd letters", "feat#1/a+b%2F", compared("behind", subjectSHA), true, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				// The base is the full name of a branch in one escaped part.
				want := "/repos/acme/shop/compare/" + url.QueryEscape("refs/heads/"+row.branch) + "..." + subjectSHA
				if !strings.HasSuffix(r.URL.EscapedPath(), want) {
					t.Errorf("asked %s, want %s", r.URL.EscapedPath(), want)
				}
				show(w, http.StatusOK, row.answer)
				return true
			}
			known := f.reader(t).Containment(t.Context(), row.branch)
			got, _ := known.Get()
			if reason(known) != row.why || got.Contained != row.contained {
				t.Errorf("got %+v %q", got, reason(known))
			}
			if row.why == "" && got.Branch != row.branch {
				t.Errorf("branch %q", got.Branch)
			}
		})
	}
}
