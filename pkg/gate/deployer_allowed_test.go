package gate_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

func startedBy(actor, again string) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Trigger.Actor, facts.Trigger.TriggeringActor = actor, again }
}

// answeredAs is the answer about a login that is about somebody else.
func answeredAs(login string, access fact.Access) func(*fact.Set) {
	return func(facts *fact.Set) { facts.Access[fact.LoginKey(login)] = fact.Of(access, fact.Source{}) }
}

var _ = rows("deployer-allowed",
	row{
		name: "a maintainer's run that a writer starts again", facts: onMain(startedBy("bob", "mallory")),
		want: verdict.Fail, code: "triggering-actor", says: []string{"@mallory", "has write, needs maintain"},
	},
	row{
		name: "a writer's run that a maintainer starts again keeps the writer's privileges", facts: onMain(startedBy("mallory", "bob")),
		want: verdict.Fail, code: "actor", says: []string{"@mallory", "new run"},
	},
	row{name: "a run by two who may not", facts: onMain(startedBy("mallory", "carol")), want: verdict.Fail, code: "actor"},
	row{
		name: "a bot that is an administrator", facts: onMain(startedBy("hubot", "hubot")),
		want: verdict.Fail, code: "actor", says: []string{"not a person's account"},
	},
	row{
		name: "a bot that the role lists", params: "by: bots", roles: gate.Roles{"bots": {Users: []string{"hubot"}}}, facts: onMain(startedBy("hubot", "hubot")),
		want: verdict.Fail, code: "actor", says: []string{"not a person's account"},
	},
	row{
		name: "a listed login of which nobody knows what it is", params: "by: leads", roles: leads, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(answeredAs("bob", fact.Access{Person: fact.Person{Login: "bob"}, Permission: fact.NoPermission})),
	},
	row{
		name: "an account that does not exist", want: verdict.Fail, code: "actor", says: []string{"has none"},
		facts: onMain(startedBy("ghost", "bob"), answeredAs("ghost", fact.Access{Person: fact.Person{Login: "ghost"}, Permission: fact.NoPermission})),
	},
	row{
		name: "an answer about somebody else", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(startedBy("mallory", "bob"), answeredAs("mallory", fact.Access{Person: *bob, Permission: fact.MaintainPermission})),
	},
	row{
		name: "a permission that GitHub left out", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(allow(bob, fact.UnknownPermission)),
	},
	row{
		name: "nobody is named on the command line", facts: onMain(startedBy("", "")), want: verdict.Unknown, code: string(fact.Incomplete),
		says: []string{"--actor"},
	},
	row{name: "the actor is not named", facts: onMain(startedBy("", "bob")), want: verdict.Unknown, code: string(fact.Incomplete)},
	row{name: "the triggering actor is not named", facts: onMain(startedBy("bob", "")), want: verdict.Unknown, code: string(fact.Incomplete)},
	row{
		name: "one who may not and one who is not named", facts: onMain(startedBy("mallory", "")), want: verdict.Unknown, code: string(fact.Incomplete),
	},
	row{name: "a permission that cannot be read", facts: onMain(lose(bob)), want: verdict.Unknown, code: string(fact.Forbidden)},
	row{name: "a maintainer, however the login is written", facts: onMain(startedBy("Bob", "BOB")), want: verdict.Pass},
	row{
		name: "a maintainer's run that another one starts again", facts: onMain(startedBy("bob", "alice"), allow(alice, fact.AdminPermission)),
		want: verdict.Pass, says: []string{"@bob", "@alice has admin"},
	},
	row{
		name: "somebody who is not in the team of the role", params: "by: crew", roles: gate.Roles{"crew": {Teams: []string{"acme/crew"}}},
		facts: withTeam(onMain(), "acme/crew", mallory), want: verdict.Fail, code: "actor", says: []string{"@bob is not in the team acme/crew"},
	},
	row{
		name: "a team that could not be read", params: "by: crew", roles: gate.Roles{"crew": {Teams: []string{"acme/crew"}}},
		facts: onMain(), want: verdict.Unknown, code: string(fact.NotAsked),
	},
	row{
		name: "a person in the team of the role", params: "by: crew", roles: gate.Roles{"crew": {Teams: []string{"acme/crew"}}},
		facts: withTeam(onMain(), "acme/crew", bob), want: verdict.Pass, says: []string{"@bob is in the team acme/crew"},
	},
	row{name: "a person whom the role lists", params: "by: leads", roles: leads, facts: onMain(), want: verdict.Pass, says: []string{"is named in role leads"}},
)

func TestDeployerAllowed(t *testing.T) {
	t.Parallel()
	testRows(t, "deployer-allowed")
}

// Whoever is in a team is asked for by the gate alone: nothing else may need it.
func TestDeployerAllowedNeedsTheTeamsOfTheRole(t *testing.T) {
	t.Parallel()
	check := bind(t, "deployer-allowed", row{params: "by: crew", roles: gate.Roles{"crew": {Teams: []string{"acme/crew"}}}})
	if want := (fact.Need{Kind: fact.NeedTeam, Key: "acme/crew"}); !slices.Contains(check.Needs, want) {
		t.Errorf("needs %v, want %v among them", check.Needs, want)
	}
}

func TestDeployerAllowedLinksTheRunWhereThereIsOne(t *testing.T) {
	t.Parallel()
	check := bind(t, "deployer-allowed", row{})
	facts := onMain()
	want := verdict.Finding{
		Gate: "deployer-allowed", Title: "Whoever started the run may deploy", Outcome: verdict.Pass,
		Reason:   "@bob, the person who started this attempt, may: @bob has maintain",
		Evidence: []verdict.Evidence{{Text: "the run", URL: facts.Trigger.RunURL}},
	}
	if diff := cmp.Diff(want, check.Ask(facts, gate.Terms{})); diff != "" {
		t.Error(diff)
	}
	facts.Trigger.RunURL, want.Evidence = "", nil
	if diff := cmp.Diff(want, check.Ask(facts, gate.Terms{})); diff != "" {
		t.Error(diff)
	}
}

func TestDeployerAllowedRefusesRolesThatAreNone(t *testing.T) {
	t.Parallel()
	testRefusals(t, "deployer-allowed", map[string]string{"by: maintainers": `role "maintainers" is not defined`})
}
