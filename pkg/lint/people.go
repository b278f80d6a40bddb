package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/seating"
)

// seat is one person whom a gate asks for, out of a role whose people the policy names.
type seat struct {
	gate   string
	role   gate.RoleName
	people []string
	not    []gate.Part
}

// tables returns what a stage asks of people whom the policy names: the seats of one
// table are for different people.
func (in subject) tables(s policy.Stage) [][]seat {
	checks := s.Enforced()
	if lane, ok := s.Glass(); ok {
		checks = append(checks, lane.Check)
	}
	var tables [][]seat
	for _, check := range checks {
		asks := check.Asks()
		var table []seat
		sit := func(role gate.RoleName, count int, not ...gate.Part) {
			if people, known := in.people(role); known {
				table = append(table, slices.Repeat([]seat{{check.ID, role, people, not}}, count)...)
			}
		}
		sit(asks.Reviewers, asks.Reviews, "author")
		if check.AsksPeople() {
			for _, each := range asks.Approvals {
				sit(each.By, each.Count, each.Not...)
			}
		}
		if len(table) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

// free returns a seat that stays free where people played parts, or -1.
func free(table []seat, played map[gate.Part]string) int {
	seats := make([][]string, len(table))
	for i, each := range table {
		for _, person := range each.people {
			if !slices.ContainsFunc(each.not, func(part gate.Part) bool { return played[part] == person }) {
				seats[i] = append(seats[i], person)
			}
		}
	}
	return seating.Free(seats)
}

// An approval that nobody can give stops every release.
var _ = register("too-few-people", func(in subject) []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		for _, table := range in.tables(s) {
			if empty, never := in.neverFilled(s, table); never {
				found = append(found, Warning{
					Stage: s.Name, Gate: empty.gate, Where: s.Origin,
					Text: fmt.Sprintf("it can never be met: it takes %d different people, and of the role %s there is only %s", len(table), empty.role, at(empty.people)),
					Fix:  "Name more people in the role, give it a permission, or ask for fewer.",
				})
			}
		}
	}
	return found
})

// mostPairs is of how many pairs of people each is tried: among more than that, some
// two always differ.
const mostPairs = 2500

// neverFilled reports whether a seat of a table stays free whoever starts the run and
// signs, as far as the policy names them. Somebody else may always be the author.
func (in subject) neverFilled(s policy.Stage, table []seat) (empty seat, never bool) {
	starters := in.players(s, func(asks gate.Asks) []gate.RoleName { return asks.Starters })
	signers := in.players(s, func(asks gate.Asks) []gate.RoleName { return asks.Signers })
	if len(starters)*len(signers) > mostPairs {
		return empty, false
	}
	for _, starter := range starters {
		for _, signer := range signers {
			at := free(table, map[gate.Part]string{"deployer": starter, "signer": signer})
			if at < 0 {
				return empty, false
			}
			empty = table[at]
		}
	}
	return empty, true
}

// players returns who can play a part in what goes to a stage, as far as the policy
// names them; "" stands for somebody.
func (in subject) players(s policy.Stage, roles func(gate.Asks) []gate.RoleName) []string {
	found := []string{""}
	for _, check := range s.Enforced() {
		for _, role := range roles(check.Asks()) {
			if people, known := in.people(role); known {
				found = people
			}
		}
	}
	return found
}

// What some people write stays where it is when nobody else can approve it.
var _ = register("own-work-stuck", func(in subject) []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		for _, table := range in.tables(s) {
			if _, never := in.neverFilled(s, table); never {
				continue
			}
			if stuck := stuckAuthors(table); len(stuck) > 0 {
				found = append(found, Warning{
					Stage: s.Name, Gate: table[0].gate, Where: s.Origin,
					Text: fmt.Sprintf("what %s writes can be approved by nobody: it takes other people than the author, and the policy names too few", at(stuck)),
					Fix:  "Name one more person in the role, or give it a permission.",
				})
			}
		}
	}
	return found
})

// stuckAuthors returns those whose own work the others of a table cannot approve, but
// for who is the only one of a role: of that, one-person-role tells.
func stuckAuthors(table []seat) []string {
	var stuck []string
	for _, each := range table {
		for _, author := range each.people {
			alone := slices.ContainsFunc(table, func(other seat) bool { return len(other.people) == 1 && other.people[0] == author })
			if !alone && free(table, map[gate.Part]string{"author": author, "committers": author}) >= 0 {
				stuck = append(stuck, author)
			}
		}
	}
	slices.Sort(stuck)
	return slices.Compact(stuck)
}

// Where a role is one person, everything waits while that person is away.
var _ = register("one-person-role", func(in subject) []Warning {
	var found []Warning
	for _, s := range in.rules.Stages {
		gates := map[gate.RoleName][]string{}
		for _, check := range s.Enforced() {
			asks := check.Asks()
			roles := slices.Concat(asks.Signers, asks.Starters, asks.Labelers)
			if asks.Reviews > 0 {
				roles = append(roles, asks.Reviewers)
			}
			if check.AsksPeople() {
				for _, each := range asks.Approvals {
					roles = append(roles, each.By)
				}
			}
			for _, role := range roles {
				gates[role] = append(gates[role], check.ID)
			}
		}
		for role, ids := range gates { // the warnings are put in order later
			people, known := in.people(role)
			if !known || len(people) > 1 {
				continue
			}
			found = append(found, Warning{
				Stage: s.Name, Where: s.Origin,
				Text: fmt.Sprintf("the role %s is %s and nobody else: while they are away nothing goes to the stage, by %s", role, at(people), strings.Join(slices.Compact(ids), ", ")),
				Fix:  "Name one more person in the role, or give it a permission.",
			})
		}
	}
	return found
})
