package gate

import (
	"errors"
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/signature"
	"github.com/stageward/stageward/pkg/verdict"
)

// proof is our own check of a signature: by the bytes of the object, which
// have to give the id that was asked for, and by keys.
type proof struct {
	signed
	kind   gitobject.Type
	id     fact.SHA
	given  fact.Signature
	signer fact.Position
	keys   SecurityKeys
	// agrees compares what the object says with what GitHub said about it.
	agrees func(body []byte) (gitobject.Signed, error)
}

// object rebuilds the object from what GitHub gave, and takes it apart. The
// finding is not nil when it cannot be evidence.
func (p proof) object() (gitobject.Signed, *verdict.Finding) {
	body, err := gitobject.Rebuild(p.kind, string(p.id), p.given.Payload, p.given.Text)
	var parts gitobject.Signed
	if err == nil {
		parts, err = p.agrees(body)
	}
	switch {
	case err == nil && parts.Signature == nil:
		finding := p.unproven(signature.Result{State: signature.Unsigned}, false)
		return parts, &finding
	case err == nil:
		return parts, nil
	}
	var unfit *gitobject.Unfit
	var missing *fact.Missing
	var finding verdict.Finding
	switch {
	case errors.As(err, &missing):
		finding = verdict.Lacking("what "+p.what+" holds", missing)
	case errors.As(err, &unfit) && unfit.Reason != gitobject.OtherID:
		finding = verdict.Failed("unfit", fmt.Sprintf("%s is not what git would write, and readers could take it in two ways (%s): %s", p.what, unfit.Reason, unfit.Detail)).
			Because("Do not deploy this. Find out which program made it; then make the object anew with git. "+p.how, p.who)
	default:
		finding = verdict.Lacking("what "+p.what+" holds", &fact.Missing{
			Reason: fact.Inconsistent,
			Detail: fmt.Sprintf("the text and the signature that GitHub shows do not make up the object %s: %v", p.id, err),
			Fix:    fmt.Sprintf("Run the job again. If it says the same again, read the object with `git cat-file -p %s`. If it has a header that the signature does not cover (gpgsig with more behind it), do not deploy it. If not, GitHub shows its text differently from how it is stored; sign anew, or say trust: github for this gate.", p.id),
		})
	}
	return gitobject.Signed{}, &finding
}

// check returns our own verdict on the signature. The finding is not nil when
// it is not good.
func (p proof) check(in Input) (signature.Result, *verdict.Finding) {
	parts, refused := p.object()
	if refused != nil {
		return signature.Result{}, refused
	}
	now, missing := in.Facts.At.Get()
	if missing != nil {
		finding := verdict.Lacking("what time it is", missing)
		return signature.Result{}, &finding
	}
	keys, missing := in.ring(p.signer)
	if missing != nil {
		finding := verdict.Lacking("which keys may sign "+p.what, missing)
		return signature.Result{}, &finding
	}
	result := keys.ring.Verify(parts.Payload, parts.Signature, signature.Moment{Now: now, Seen: p.given.SeenAt}, p.keys.demand())
	if result.State == signature.Good {
		return result, nil
	}
	if result.State == signature.UnknownKey && len(keys.gaps) > 0 {
		result.Detail += "; " + listed(keys.gaps, "; ", 3)
	}
	finding := p.unproven(result, len(in.Terms.Signers.People) > 0)
	return result, &finding
}

// unproven is the finding about a signature that our own check does not
// accept. ours says that the keys are those of the policy.
func (p proof) unproven(result signature.Result, ours bool) verdict.Finding {
	if result.State == signature.Undetermined {
		return verdict.Lacking("whether the signature of "+p.what+" is good", &fact.Missing{Reason: fact.Inconsistent, Detail: "it was not checked"})
	}
	if result.State == signature.Unsigned {
		return verdict.Failed("unsigned", p.what+" is not signed").Because(p.how, p.who)
	}
	fix := p.remedy(result, ours)
	return verdict.Failed(string(result.State), fmt.Sprintf("Stageward does not accept the signature of %s (%s): %s", p.what, result.State, result.Detail)).
		Because(fix, p.who)
}

// remedy says what to do about a signature that is not accepted.
func (p proof) remedy(result signature.Result, ours bool) string {
	switch result.State {
	case signature.UnknownKey:
		if ours {
			return "If the key is a person's who should count, write it down below \"signers\" in the policy, on the default branch. Otherwise sign anew with a key that is there."
		}
		return "Find out whose key it is. If it was taken off the account or revoked, it no longer counts, although GitHub goes on showing \"Verified\": sign anew with a key that is there. If it only is not on the account yet, its owner adds it as a signing key."
	case signature.Bad:
		return "Do not deploy this. Find out who changed the object after it was signed, then sign anew."
	case signature.Revoked:
		return "Sign anew with a key that is not revoked. Find out why it was, and what else was signed with it."
	case signature.KeyExpired, signature.SignatureExpired, signature.TooEarly, signature.FromFuture:
		return untimely(result)
	case signature.Weak:
		return "Sign anew with a current key (Ed25519, or RSA of at least 3072 bits) and a current program, which uses SHA-256 or better."
	case signature.Untouched:
		return "Sign anew with the security key, and touch it or give its PIN when it asks. `ssh-keygen -O verify-required` makes a key that always asks for the PIN."
	case signature.Unsupported:
		return "Sign anew with an OpenPGP or SSH key. S/MIME and gitsign are recognised, but not checked yet."
	case signature.Undetermined, signature.Good, signature.Unsigned, signature.Malformed, signature.NotForSigning:
	}
	return p.how
}

// untimely says what to do about a signature at the wrong time. SSH signatures
// and keys have no times of their own: those are in lines of allowed_signers.
func untimely(result signature.Result) string {
	switch {
	case result.Scheme == signature.SSH:
		return fmt.Sprintf("Sign anew with a key that counts now, or correct valid-after and valid-before in the line of the key (%s) on the default branch.", result.Source)
	case result.State == signature.TooEarly || result.State == signature.FromFuture:
		return "Set the clock of the machine that signs, then sign anew."
	}
	return "Extend the key and publish it again, or sign anew with a key that is current."
}

// differ is the finding about a good signature by another account's key than
// GitHub says.
func (p proof) differ(result signature.Result, expected string) verdict.Finding {
	return verdict.Failed("signers-differ", fmt.Sprintf("%s is signed with a key of @%s (%s), and GitHub says that it is @%s's", p.what, result.Owner, result.Source, expected)).
		Because("Find out whose key it is. It has to be that of one account, on GitHub and below \"signers\" in the policy.", p.who)
}

// owner returns the account behind a login that has keys. Where GitHub's word
// counts too, it is the account that GitHub named, whose login was compared. By
// keys alone it is the account of the login now.
func (p proof) owner(in Input, trust Trust, login string) (*fact.Person, *fact.Missing) {
	named := p.given.Signer
	switch {
	case trust == trustBoth:
		return named, nil
	case named != nil && fact.LoginKey(named.Login) == fact.LoginKey(login):
		return in.account(*named)
	}
	return in.account(fact.Person{Login: login})
}

// by says which key it was, for a finding that passes.
func by(result signature.Result) string {
	return fmt.Sprintf(" with the %s key %s, from %s", schemeName(result.Scheme), result.Key, result.Source)
}

func schemeName(scheme signature.Scheme) string {
	if scheme == signature.OpenPGP {
		return "OpenPGP"
	}
	return "SSH"
}
