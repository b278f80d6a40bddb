package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// DeployerAllowed holds when everybody who started the run holds a role: the
// one who started it first, whose privileges every later attempt keeps, and
// the one who started this attempt.
var DeployerAllowed = register(Spec[deployerAllowed]{
	ID:       "deployer-allowed",
	Firm:     true,
	Title:    "Whoever started the run may deploy",
	Since:    "0.1.0",
	Defaults: deployerAllowed{By: "maintain"},
	Validate: func(params deployerAllowed, terms Terms) error { return needsRole(params.By, terms) },
	// The permissions are needed even for a role that only lists logins: they
	// are what says that a login is a person's.
	Needs: func(p deployerAllowed, terms Terms) []fact.Need {
		needs := []fact.Need{fact.Permissible(fact.Actor), fact.Permissible(fact.TriggeringActor)}
		return append(needs, terms.Roles.Needs(p.By)...) // the teams of the role
	},
	Suppose: supposesDeployer,
	Check:   checkDeployerAllowed,
})

type deployerAllowed struct {
	By RoleName `yaml:"by" doc:"The role that actor and triggering actor have to hold."`
}

func checkDeployerAllowed(params deployerAllowed, in Input) verdict.Finding {
	trigger := in.Facts.Trigger
	actor := params.judge(in, "actor", "the person who first started the run", trigger.Actor)
	again := params.judge(in, "triggering-actor", "the person who started this attempt", trigger.TriggeringActor)
	finding := actor
	switch {
	case again.Outcome == verdict.Unknown && actor.Outcome != verdict.Unknown:
		finding = again
	case actor.Outcome == verdict.Pass:
		finding = again
		if again.Outcome == verdict.Pass && trigger.Actor != trigger.TriggeringActor {
			finding.Reason = actor.Reason + "; " + again.Reason
		}
	}
	if trigger.RunURL != "" {
		finding = finding.See("the run", trigger.RunURL)
	}
	return finding
}

// judge asks whether one of the two may deploy. who says which of them it is.
func (p deployerAllowed) judge(in Input, code, who, login string) verdict.Finding {
	if login == "" {
		return verdict.Lacking(who, &fact.Missing{
			Reason: fact.Incomplete,
			Detail: "the run does not name them",
			Fix:    "On the command line, say who would deploy with --actor. In a workflow GitHub always says so: this is a fault of the set-up.",
		})
	}
	person, missing := in.personOf(login)
	if missing != nil {
		return unknownStanding(fmt.Sprintf("@%s, %s,", login, who), p.By, unknown(missing))
	}
	standing := in.Standing(p.By, &person)
	switch {
	case standing.Holds():
		return verdict.Passed(fmt.Sprintf("@%s, %s, may: %s", login, who, standing.Reason))
	case standing.Outcome == verdict.Unknown:
		return unknownStanding(fmt.Sprintf("@%s, %s,", login, who), p.By, standing)
	}
	return verdict.Failed(code, fmt.Sprintf("@%s, %s, does not hold role %s: %s", login, who, p.By, standing.Reason)).
		Because(fmt.Sprintf("Have somebody who holds role %s start a new run. A re-run keeps its first actor and does not help.", p.By), in.whoHolds(p.By))
}

// personOf returns the account behind a login: a trigger has no more than
// that, and a login alone says neither which account it is nor whether it is a
// person's.
func (in Input) personOf(login string) (fact.Person, *fact.Missing) {
	access, missing := in.Facts.AccessOf(fact.Person{Login: login}).Get()
	if missing == nil && fact.LoginKey(access.Person.Login) != fact.LoginKey(login) {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked about @%s, the answer is about @%s", login, access.Person.Login)}
	}
	return access.Person, missing
}
