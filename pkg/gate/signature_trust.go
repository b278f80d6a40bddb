package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/signature"
)

// Trust says whose check of a signature counts.
type Trust string

// The checks. GitHub's stays green when a key is revoked later; Stageward's own
// is of the bytes and of the keys as they are now.
const (
	trustGitHub Trust = "github"
	trustKeys   Trust = "keys"
	trustBoth   Trust = "both"
)

// Values returns the words a policy may use.
func (Trust) Values() []string {
	return []string{string(trustBoth), string(trustKeys), string(trustGitHub)}
}

// asksGitHub reports whether GitHub's verdict has to be good.
func (t Trust) asksGitHub() bool { return t != trustKeys }

// asksKeys reports whether our own check has to be good.
func (t Trust) asksKeys() bool { return t != trustGitHub }

func (t Trust) validate(keys SecurityKeys, signers Signers) error {
	switch {
	case t != trustGitHub && t != trustKeys && t != trustBoth:
		return fmt.Errorf("trust %q: expected one of %q", t, t.Values())
	case !slices.Contains(keys.Values(), string(keys)):
		return fmt.Errorf("security-keys %q: expected one of %q", keys, keys.Values())
	case keys != anySecurityKey && !t.asksKeys():
		return fmt.Errorf("security-keys: GitHub does not say whether a security key was touched; use trust: both or trust: keys")
	case len(signers.Revoked) > 0 && !t.asksKeys():
		return fmt.Errorf("trust: GitHub alone does not know the policy's revoked-keys; use trust: both or trust: keys, or remove revoked-keys")
	}
	return nil
}

var signersNotLookedAt = newNote("signers-not-looked-at")

// notes say what a policy may not mean.
func (t Trust) notes(signers Signers) []Note {
	if t.asksKeys() || len(signers.People) == 0 {
		return nil
	}
	return []Note{signersNotLookedAt.of("trust: github does not look at the policy's signers; say trust: both or trust: keys if they should count")}
}

// SecurityKeys says what the owner of a security key has to have done for its
// signature to count. Keys of other kinds are not affected.
type SecurityKeys string

// The demands.
const (
	anySecurityKey SecurityKeys = "any"
	touchedKey     SecurityKeys = "touched"
	pinnedKey      SecurityKeys = "pin"
)

// Values returns the words a policy may use.
func (SecurityKeys) Values() []string {
	return []string{string(anySecurityKey), string(touchedKey), string(pinnedKey)}
}

func (k SecurityKeys) demand() signature.Demand {
	return signature.Demand{Touch: k != anySecurityKey, PIN: k == pinnedKey}
}

// webFlow is the account GitHub writes as committer of what is committed on
// its website, and the login under which a policy can give GitHub's own key. It
// stands for nobody in particular.
const webFlow = "web-flow"

// needs returns the facts that the check of a signature takes: the keys that
// may have made it, and the accounts of the people whom it can show.
func (t Trust) needs(terms Terms, signer fact.Position) []fact.Need {
	switch {
	case !t.asksKeys():
		return nil
	case len(terms.Signers.People) == 0:
		needs := append(terms.Signers.needs(), fact.Need{Kind: fact.NeedKeys, Key: string(signer)})
		if t == trustKeys {
			needs = append(needs, fact.Permissible(signer)) // says whose account the login is
		}
		return needs
	}
	needs := terms.Signers.needs()
	if t == trustKeys {
		for _, login := range terms.Signers.logins() {
			if fact.LoginKey(login) != webFlow {
				needs = append(needs, fact.PermissibleLogin(login))
			}
		}
	}
	return needs
}
