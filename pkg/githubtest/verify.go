package githubtest

import (
	"fmt"
	"slices"
	"strings"
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

// sign signs a payload as a login or as "github" and judges the result as
// GitHub does.
func (r *repository) sign(by, payload string, owner identity, override *Verification) (*signature, error) {
	var text string
	var err error
	if by == "github" {
		text, err = r.gitHub.sign([]byte(payload), owner.when)
	} else {
		text, err = r.signAs(by, payload)
	}
	if err != nil {
		return nil, fmt.Errorf("signed: %w", err)
	}
	s := &signature{text: text, payload: payload, email: owner.email}
	r.judge(s, owner)
	if override != nil {
		if _, known := reasons()[override.Reason]; !known {
			return nil, fmt.Errorf("verification: reason %q is not one of GitHub's", override.Reason)
		}
		s.verified, s.reason = override.Verified, override.Reason
	}
	if s.verified {
		s.verifiedAt = owner.when
	}
	return s, nil
}

func (r *repository) signAs(login, payload string) (string, error) {
	p, err := r.person(login)
	if err != nil {
		return "", err
	}
	if r.world.People[p.login].Key == "" {
		return "", fmt.Errorf("%s has no key; set key: ssh", login)
	}
	return signSSH(p.login, []byte(payload))
}

// judge fills in the verdict: the key must be known, the signature must be
// right, and the address of the committer or tagger must belong, confirmed, to
// the owner of the key.
// https://docs.github.com/en/rest/commits/commits#get-a-commit lists the reasons.
func (r *repository) judge(s *signature, owner identity) {
	if strings.HasPrefix(s.text, "-----BEGIN PGP") {
		s.byGitHub = r.gitHub.check(s.text, []byte(s.payload), owner.when) == nil
		s.signer = r.people["web-flow"]
		s.verified, s.reason = s.byGitHub, "valid"
		if !s.byGitHub {
			s.reason, s.signer = "unknown_key", nil
		}
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
