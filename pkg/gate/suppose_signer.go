package gate

import (
	"cmp"
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/signature"
	"github.com/stageward/stageward/pkg/suppose"
)

// somebody returns a holder of a role as holder does: one who has not approved or
// reviewed anything, if there is one, so that nobody is in two parts.
func (in Supposed) somebody(name RoleName) (fact.Person, error) {
	if found, err := in.holder(name, in.heard()...); err == nil {
		return found, nil
	}
	return in.holder(name)
}

// heard returns who has approved or reviewed anything.
func (in Supposed) heard() []string {
	var logins []string
	for _, position := range []fact.Position{fact.Approvers, fact.Reviewers, fact.RunReviewers} {
		for _, each := range in.Facts.People(position) {
			logins = append(logins, each.Login)
		}
	}
	return logins
}

// signer returns somebody who holds a role and whose key counts, and lets it count:
// where the policy gives keys to people, one of those.
func (in Supposed) signer(name RoleName) (fact.Person, error) {
	found, err := in.somebody(name)
	if len(in.Terms.Signers.People) > 0 {
		found, err = in.signerOfPolicy(name)
	}
	if err == nil {
		in.count(found.Login)
	}
	return found, err
}

// signerOfPolicy returns somebody to whom the policy gives keys, and who holds a role
// or can be let hold it: rather one who has not approved anything.
func (in Supposed) signerOfPolicy(name RoleName) (fact.Person, error) {
	role, err := in.Terms.Roles.Lookup(name)
	if err != nil {
		return fact.Person{}, err
	}
	byOthers := len(role.Teams) > 0 || role.Permission != ""
	best := ""
	for _, login := range in.Terms.Signers.logins() {
		may := byOthers || isAmong(role.Users, login)
		if may && fact.LoginKey(login) != webFlow && in.Person(login).Kind == fact.User && len(in.Terms.Signers.People[login]) > 0 &&
			(best == "" || isAmong(in.heard(), best) && !isAmong(in.heard(), login)) {
			best = login
		}
	}
	switch {
	case best == "":
		return fact.Person{}, fmt.Errorf("nobody to whom the policy gives keys (signers) holds role %s", name)
	case isAmong(role.Users, best):
		return in.Grant(best, fact.ReadPermission), nil
	}
	return in.enrol(role, best), nil
}

// count lets the key of a login count: in the policy's file of theirs, or on the
// account where the policy gives no keys.
func (in Supposed) count(login string) {
	signers := in.Terms.Signers
	if len(signers.People) == 0 {
		if fact.LoginKey(login) != webFlow {
			in.GiveKey(login)
		}
		return
	}
	for _, path := range signers.Revoked {
		in.AddToFile(path, "")
	}
	for _, owner := range signers.logins() {
		for i, file := range signers.People[owner] {
			_, missing := in.Facts.FileAt(file.Path).Get()
			if missing != nil || i == 0 && fact.LoginKey(owner) == fact.LoginKey(login) {
				in.addKey(owner, file)
			}
		}
	}
}

// addKey lets the key of a login be in their file, behind their principal unless the
// file names none.
func (in Supposed) addKey(owner string, at KeyFile) {
	line := suppose.PublicKey(owner)
	file, missing := in.Facts.FileAt(at.Path).Get()
	switch names := missing == nil && signature.NamesPrincipals([]byte(file.Text)); {
	case missing == nil && !names && at.Principal != "":
		delete(in.Facts.Files, at.Path) // its keys are nobody's
	case missing == nil && !names && file.Text != "":
		in.AddToFile(at.Path, line)
		return
	}
	in.AddToFile(at.Path, cmp.Or(at.Principal, owner)+" "+line)
}

// write changes the commit or the tag of the run. Each is signed anew by whoever
// signed it, with another key, which has to count.
func (in Supposed) write(change func()) {
	change()
	for _, login := range in.Signers() {
		in.count(login)
	}
}
