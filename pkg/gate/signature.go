package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// signed names what carries a signature, for the words of a finding.
type signed struct {
	what string // "commit 1a2b3c4", "tag v1.2.3"
	how  string // how to make one with a signature
	line string // whose e-mail GitHub compares: "committer", "tagger"
	who  string // who can do it
}

// refusal returns the finding about a signature that GitHub does not vouch
// for, and nil when it does. Whose signature it is has yet to be judged then.
func (s signed) refusal(signature fact.Signature) *verdict.Finding {
	var finding verdict.Finding
	switch {
	case signature.Class == fact.UnknownSignature:
		finding = verdict.Lacking("who signed "+s.what, &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say what kind of key signed it"})
	case signature.Class == fact.Unsigned || signature.State == "unsigned":
		finding = verdict.Failed("unsigned", s.what+" is not signed").Because(s.how, s.who)
	case signature.Good():
		return nil
	default:
		finding = s.unverified(signature)
	}
	return &finding
}

func (s signed) unverified(signature fact.Signature) verdict.Finding {
	switch signature.State {
	case "", fact.SignatureValid:
		return verdict.Lacking("whether the signature of "+s.what+" is good", &fact.Missing{
			Reason: fact.Inconsistent,
			Detail: fmt.Sprintf("GitHub gave the state %q together with verified: %t", signature.State, signature.Verified),
		})
	case "gpgverify_error", "gpgverify_unavailable", "ocsp_pending", "ocsp_error":
		return verdict.Lacking("whether the signature of "+s.what+" is good", &fact.Missing{
			Reason: fact.Unavailable,
			Detail: fmt.Sprintf("GitHub could not check it just now (%s)", signature.State),
			Fix:    "Run the job again in a few minutes. The signature itself may be fine.",
		})
	}
	meaning, fix := explainState(signature.State, s.line)
	return verdict.Failed("unverified", fmt.Sprintf("GitHub does not accept the signature of %s (%s): %s", s.what, signature.State, meaning)).
		Because(fix, s.who)
}

// signerFinding judges the account behind a person's signature. anew says how
// to get one of somebody who holds the role.
func signerFinding(in Input, by RoleName, what string, signer *fact.Person, anew func(RoleName) string, key string) verdict.Finding {
	standing := in.Standing(by, signer)
	switch {
	case standing.Holds():
		return verdict.Passed(fmt.Sprintf("%s is signed by @%s%s; %s", what, signer.Login, key, standing.Reason))
	case standing.Outcome == verdict.Unknown:
		return unknownStanding("the signer of "+what, by, standing)
	case signer == nil || signer.Login == "":
		return verdict.Failed("no-signer", what+" has a good signature, but GitHub names no account that owns the key").
			Because("Add the key to the signer's GitHub account.", whoHolds(by))
	}
	return verdict.Failed("not-in-role", fmt.Sprintf("%s is signed by @%s, who does not hold role %s: %s", what, signer.Login, by, standing.Reason)).
		Because(anew(by), whoHolds(by))
}

// explainState says in words what GitHub's reason for refusing a signature
// means and what to do. line is whose e-mail GitHub compares with the account.
// Source: "verification" in GitHub's REST description of commits, and
// GitSignatureState in its GraphQL schema.
func explainState(state, line string) (meaning, fix string) {
	switch state {
	case "unknown_key":
		return "nobody has added the key to their GitHub account", "Add the public key to the signer's account as a signing key. Then run the job again."
	case "bad_email":
		return "the " + line + "'s e-mail is not one of those in the key", "Add the e-mail to the key, or sign anew with an e-mail that is in the key."
	case "unverified_email":
		return "the " + line + "'s e-mail belongs to an account that has not verified it", "Verify the e-mail in the account's settings. Then run the job again."
	case "no_user":
		return "the " + line + "'s e-mail belongs to no account", "Add the e-mail to the signer's account and verify it. Then run the job again."
	case "expired_key":
		return "the key has expired", "Extend the key and upload it again, or sign anew with a key that is current."
	case "not_signing_key":
		return "the key is not meant for signing", "Sign anew with a key that has the signing flag."
	case "malformed_signature":
		return "it cannot be read", "Sign anew; find out what changed the object after it was signed."
	case "invalid":
		return "it does not match the content or the key", "Do not deploy this. Find out who changed the object after it was signed, then sign anew."
	case "unknown_signature_type":
		return "it is of a kind that GitHub does not check", "Sign anew with a GPG, SSH or S/MIME key that is on the signer's account."
	case "bad_cert", "ocsp_revoked":
		return "its certificate, or one above it, is not trusted or was revoked", "Sign anew with a certificate that is valid."
	}
	return "Stageward does not know this reason", "Look at the object on GitHub, which explains it. Then sign anew."
}
