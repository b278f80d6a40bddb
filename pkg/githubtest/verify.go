package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// reasons are GitHub's verdicts: the REST spelling and the GraphQL state.
func reasons() map[string]string {
	return map[string]string{
		"valid": "VALID", "unsigned": "UNSIGNED", "invalid": "INVALID",
		"unknown_signature_type": "UNKNOWN_SIG_TYPE", "malformed_signature": "MALFORMED_SIG",
		"no_user": "NO_USER", "unverified_email": "UNVERIFIED_EMAIL", "bad_email": "BAD_EMAIL",
		"unknown_key": "UNKNOWN_KEY", "expired_key": "EXPIRED_KEY", "not_signing_key": "NOT_SIGNING_KEY",
		"gpgverify_error": "GPGVERIFY_ERROR", "gpgverify_unavailable": "GPGVERIFY_UNAVAILABLE",
		"bad_cert": "BAD_CERT", "ocsp_error": "OCSP_ERROR", "ocsp_pending": "OCSP_PENDING", "ocsp_revoked": "OCSP_REVOKED",
	}
}

// signing is what the World says about the signature of an object.
type signing struct {
	by       string // a login, "github", or "" for an unsigned object
	with     string // kind of key, or ""
	payload  string // "tampered", or ""
	override *Verification
}

func (c Commit) signing() signing { return signing{c.Signed, c.SignedWith, c.Payload, c.Verification} }

func (t Tag) signing() signing { return signing{t.Signed, t.SignedWith, t.Payload, t.Verification} }

// check refuses what an unsigned object cannot have.
func (s signing) check() error {
	if s.by == "" && (s.with != "" || s.payload != "" || s.override != nil) {
		return errors.New("an unsigned commit or tag has no signed-with, payload or verification; set signed")
	}
	if s.payload != "" && s.payload != payloadTampered {
		return fmt.Errorf("payload: %q; expected %s", s.payload, payloadTampered)
	}
	return nil
}

// payloadTampered makes the answers show another payload than the signed one.
const payloadTampered = "tampered"

// sign signs a payload and judges the result as GitHub does.
func (r *repository) sign(how signing, payload string, owner identity) (*signature, error) {
	text, err := r.signText(how, payload, owner.when)
	if err != nil {
		return nil, fmt.Errorf("signed: %w", err)
	}
	s := &signature{text: text, payload: payload, shown: payload, email: owner.email}
	if how.payload == payloadTampered {
		s.shown += "Tampered with.\n"
	}
	r.judge(s, owner)
	if how.override != nil {
		if _, known := reasons()[how.override.Reason]; !known {
			return nil, fmt.Errorf("verification: reason %q is not one of GitHub's", how.override.Reason)
		}
		s.verified, s.reason = how.override.Verified, how.override.Reason
	}
	if s.verified {
		s.verifiedAt = owner.when
	}
	return s, nil
}

func (r *repository) signText(how signing, payload string, when time.Time) (string, error) {
	if how.by == "github" {
		if how.with != "" {
			return "", errors.New("signed-with: GitHub has one key only")
		}
		return r.gitHub.sign([]byte(payload), when)
	}
	p, err := r.person(how.by)
	if err != nil {
		return "", err
	}
	switch cmp.Or(how.with, p.signsWith) {
	case "":
		return "", fmt.Errorf("%s has no key; set key: ssh", p.login)
	case keySSH, keyUnregistered:
		return signSSH(p.login, []byte(payload))
	case keyOpenPGP, keyExpired, keyRevoked:
		key, err := newPersonKey(p)
		if err != nil {
			return "", err
		}
		return key.sign([]byte(payload), when)
	default:
		return "", fmt.Errorf("signed-with: %q; expected %s or %s", how.with, keySSH, keyOpenPGP)
	}
}

// judge fills in the verdict: the key must have been known, the signature must
// be right, and the address of the committer or tagger must belong, confirmed,
// to the owner of the key. The verdict is of the moment of the push and stays:
// that a key was removed, expired or revoked since then does not change it.
// https://docs.github.com/en/rest/commits/commits#get-a-commit lists the
// reasons; there is none for a revoked key, so such a signature is valid here.
func (r *repository) judge(s *signature, owner identity) {
	if strings.HasPrefix(s.text, "-----BEGIN PGP") {
		r.judgeOpenPGP(s, owner)
		return
	}
	key, err := checkSSH(s.text, []byte(s.payload))
	s.signer = r.keys[string(key)]
	switch {
	case key == nil:
		s.reason = "malformed_signature"
	case s.signer == nil:
		s.reason = "unknown_key"
	case err != nil:
		s.reason = "invalid"
	default:
		s.reason = r.judgeEmail(s.signer, owner.email)
		s.verified = s.reason == "valid"
	}
}

func (r *repository) judgeOpenPGP(s *signature, owner identity) {
	if r.gitHub.check(s.text, []byte(s.payload), owner.when) == nil {
		s.byGitHub, s.signer, s.verified, s.reason = true, r.people[webFlow], true, "valid"
		return
	}
	s.signer = r.whoSigned(s, owner.when)
	switch {
	case s.signer == nil:
		s.reason = "unknown_key"
	case !s.signer.openpgpEnds.IsZero() && !owner.when.Before(s.signer.openpgpEnds):
		s.reason = "expired_key"
	default:
		s.reason = r.judgeEmail(s.signer, owner.email)
		s.verified = s.reason == "valid"
	}
}

func (r *repository) judgeEmail(signer *person, email string) string {
	same := func(has string) bool { return strings.EqualFold(has, email) }
	switch {
	case slices.ContainsFunc(signer.emails, same):
		return "valid"
	case slices.ContainsFunc(signer.unverified, same):
		return "unverified_email"
	case r.accountOf(email) == nil:
		return "no_user"
	default:
		return "bad_email"
	}
}
