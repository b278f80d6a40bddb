package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
)

// group are those who hold a role, as far as that is known.
type group struct {
	// shown is how they are named to a reader, in order: @logins, organisation/team,
	// and words for many.
	shown []string
	// people are those of whom it is known, each once and in order; whoever only a
	// team's name stands for is not among them.
	people []fact.Collaborator
	// missing says why there may be others; nil where these are all.
	missing *fact.Missing
}

// peopleNeeds returns the facts that say who holds the roles of a policy.
func peopleNeeds(rules policy.Policy) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedCollaborators}}
	var teams []string
	for _, role := range rules.Terms.Roles {
		teams = append(teams, role.Teams...)
	}
	slices.Sort(teams)
	for _, team := range slices.Compact(teams) {
		needs = append(needs, fact.Need{Kind: fact.NeedTeam, Key: team})
	}
	return needs
}

// collaborators returns the people with a permission, in the order of their logins.
// Programs are none.
func (in Input) collaborators() ([]fact.Collaborator, *fact.Missing) {
	listed, missing := in.Facts.Collaborators.Get()
	if missing != nil {
		return nil, missing
	}
	people := slices.DeleteFunc(slices.Clone(listed), func(each fact.Collaborator) bool { return each.Person.Kind != fact.User })
	sortPeople(people)
	return people, nil
}

func sortPeople(people []fact.Collaborator) {
	order.By(people, func(a, b fact.Collaborator) int {
		return cmp.Or(strings.Compare(fact.LoginKey(a.Person.Login), fact.LoginKey(b.Person.Login)), cmp.Compare(a.Person.ID, b.Person.ID), strings.Compare(string(a.Permission), string(b.Permission)))
	})
}

// withPermission returns whoever has at least a permission.
func (in Input) withPermission(least fact.Permission) group {
	return in.holders(gate.Role{Permission: least})
}

// holdersOf returns whoever holds a role of the policy, or has a permission.
func (in Input) holdersOf(name gate.RoleName) group {
	role, err := in.Rules.Terms.Roles.Lookup(name)
	if err != nil {
		return group{missing: &fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()}}
	}
	return in.holders(role)
}

// holders returns whoever holds a role by any of its lines, as the gates judge it.
func (in Input) holders(role gate.Role) group {
	var found group
	listed, missing := in.collaborators()
	if role.Permission != "" {
		if missing != nil || !role.Permission.AtLeast(fact.WritePermission) { // a public repository can be read by everybody
			found.shown = append(found.shown, "whoever has "+string(role.Permission))
			found.missing = cmp.Or(missing, &fact.Missing{Reason: fact.Incomplete, Detail: "people without a role in the repository can hold " + string(role.Permission)})
		}
		for _, each := range listed {
			if each.Permission.AtLeast(role.Permission) {
				found.people = append(found.people, each)
			}
		}
	}
	for _, login := range role.Users {
		found.people = append(found.people, in.collaborator(fact.Person{Login: login}, listed))
	}
	named := slices.Clone(found.people)
	for _, slug := range role.Teams {
		found.shown = append(found.shown, slug)
		team, missing := in.Facts.TeamOf(slug).Get()
		if missing != nil {
			found.missing = cmp.Or(found.missing, missing)
		}
		for _, member := range team.Members {
			found.people = append(found.people, in.collaborator(member, listed))
		}
	}
	found.people = once(found.people)
	found.shown = slices.Concat(logins(once(named)), slices.Sorted(slices.Values(found.shown)))
	return found
}

// collaborator returns an account with the permission that it is listed with.
func (in Input) collaborator(person fact.Person, listed []fact.Collaborator) fact.Collaborator {
	for _, each := range listed {
		if each.Person.Same(person) || person.ID == 0 && fact.LoginKey(each.Person.Login) == fact.LoginKey(person.Login) {
			return each
		}
	}
	return fact.Collaborator{Person: person}
}

// once returns people in order, each login once.
func once(people []fact.Collaborator) []fact.Collaborator {
	sortPeople(people)
	return slices.CompactFunc(people, func(a, b fact.Collaborator) bool {
		return fact.LoginKey(a.Person.Login) == fact.LoginKey(b.Person.Login)
	})
}

// logins names people.
func logins(people []fact.Collaborator) []string {
	names := make([]string, 0, len(people))
	for _, each := range people {
		names = append(names, "@"+each.Person.Login)
	}
	return names
}

// voters returns who can give an approval. Only those who may write can start a
// workflow by hand.
func (in Input) voters(asked gate.AskedApproval) group {
	found := in.holdersOf(asked.By)
	_, missing := in.collaborators()
	if asked.Workflow == "" || asked.Review || asked.Environment || missing != nil {
		found.missing = cmp.Or(found.missing, missing)
		return found
	}
	gone := func(each fact.Collaborator) bool { return !each.Permission.AtLeast(fact.WritePermission) }
	for _, each := range found.people {
		if name := "@" + each.Person.Login; gone(each) {
			found.shown = slices.DeleteFunc(found.shown, func(shown string) bool { return shown == name })
		}
	}
	found.people = slices.DeleteFunc(found.people, gone)
	return found
}

// has reports whether somebody is among people.
func has(people []fact.Collaborator, login string) bool {
	return slices.ContainsFunc(people, func(each fact.Collaborator) bool {
		return fact.LoginKey(each.Person.Login) == fact.LoginKey(login)
	})
}

// list joins names for a sentence, at most ten of them.
func list(names []string) string {
	const most = 10
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
