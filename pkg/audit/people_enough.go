package audit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/seating"
	"github.com/stageward/stageward/pkg/verdict"
)

// EnoughPeople holds where there are people for everything that the policy asks of
// people.
var EnoughPeople = register(Check{
	ID:       "enough-people",
	Title:    "There are enough people for what the policy asks of people",
	Why:      "An approval that nobody can give stops the release on the day on which it is needed.",
	Severity: verdict.Medium,
	Needs:    peopleNeeds,
	Ask: func(in Input) []verdict.Point {
		var points []verdict.Point
		for _, each := range in.Rules.Stages {
			points = append(points, in.enough(each)...)
		}
		return points
	},
})

// seat is one person whom something asks for.
type seat struct {
	what string
	role gate.RoleName
	// by are those who can sit there.
	by group
	// notAuthor is true where whoever wrote the change cannot.
	notAuthor bool
}

// tables returns what a stage asks of people: the seats of one table are for
// different people.
func (in Input) tables(s policy.Stage) [][]seat {
	checks := s.Enforced()
	if lane, ok := s.Glass(); ok {
		checks = append(checks, lane.Check)
	}
	var tables [][]seat
	for _, check := range checks {
		asks := check.Asks()
		for _, role := range slices.Concat(asks.Signers, asks.Starters, asks.Labelers) {
			tables = append(tables, []seat{{what: "the gate " + check.ID, role: role, by: in.holdersOf(role)}})
		}
		if asks.Reviews > 0 {
			review := seat{what: "the gate " + check.ID, role: asks.Reviewers, by: in.holdersOf(asks.Reviewers), notAuthor: true}
			tables = append(tables, slices.Repeat([]seat{review}, asks.Reviews))
		}
		if !check.AsksPeople() {
			continue
		}
		var approvals []seat
		for _, each := range asks.Approvals {
			one := seat{
				what: fmt.Sprintf("the approval %q", each.Name), role: each.By, by: in.voters(each),
				notAuthor: each.Excludes("author") || each.Excludes("committers"),
			}
			approvals = append(approvals, slices.Repeat([]seat{one}, each.Count)...)
		}
		tables = append(tables, approvals)
	}
	return tables
}

// enough answers for one stage.
func (in Input) enough(s policy.Stage) []verdict.Point {
	about := about{stage: s.Name, severity: verdict.Medium}
	tables := in.tables(s)
	if len(tables) == 0 {
		return []verdict.Point{about.beside("the policy asks nothing of people for it")}
	}
	var points []verdict.Point
	var unknown *fact.Missing
	for _, table := range tables {
		lost := missingOf(table)
		if empty, ok := in.fill(table); !ok && lost == nil {
			points = append(points, about.wrong("too-few", fmt.Sprintf("%s takes %s, and %s can give it", empty.what, asksFor(table, empty), empty.by.few()),
				fmt.Sprintf("Give more people the role %s, with permission to write, or ask for fewer.", empty.role)))
		} else if !ok {
			unknown = cmp.Or(unknown, lost)
		} else if stuck := stuckAuthors(table); len(stuck) > 0 && lost == nil {
			low := about
			low.severity = verdict.Low
			points = append(points, low.wrong("own-work", fmt.Sprintf("%s takes somebody else than the author, and what %s writes can be approved by nobody", table[0].what, list(stuck)),
				fmt.Sprintf("Give one more person the role %s.", table[0].role)))
		}
	}
	switch {
	case len(points) > 0:
		return distinct(points)
	case unknown != nil:
		return []verdict.Point{about.unknown("who there is for what the policy asks of people", unknown, adminToken)}
	}
	return []verdict.Point{about.fine("there are people for everything that is asked of people")}
}

// fill reports whether all seats of a table can be taken for some author; if not,
// empty is one that stays free.
func (in Input) fill(table []seat) (empty seat, ok bool) {
	free := seatAll(table, "")
	if free >= 0 {
		return table[free], false
	}
	writers := in.withPermission(fact.WritePermission)
	if writers.missing != nil {
		return empty, true // somebody else may write the change
	}
	for _, each := range writers.people {
		if free = seatAll(table, each.Person.Login); free < 0 {
			return empty, true
		}
	}
	if free < 0 {
		return empty, true
	}
	return table[free], false
}

// stuckAuthors returns the people whose own work the others of the table cannot
// approve.
func stuckAuthors(table []seat) []string {
	var all []fact.Collaborator
	for _, each := range table {
		all = append(all, each.by.people...)
	}
	var stuck []fact.Collaborator
	for _, each := range once(all) {
		if seatAll(table, each.Person.Login) >= 0 {
			stuck = append(stuck, each)
		}
	}
	return logins(stuck)
}

// seatAll gives every seat to a person of its own, if that can be done, with
// somebody as the author of the change. It returns a seat that stays free, or -1.
func seatAll(table []seat, author string) int {
	seats := make([][]string, len(table))
	for at, each := range table {
		for _, person := range each.by.people {
			key := fact.LoginKey(person.Person.Login)
			if each.notAuthor && author != "" && key == fact.LoginKey(author) {
				continue
			}
			seats[at] = append(seats[at], key)
		}
	}
	return seating.Free(seats)
}

func missingOf(table []seat) *fact.Missing {
	for _, each := range table {
		if each.by.missing != nil {
			return each.by.missing
		}
	}
	return nil
}

// asksFor says how many people something asks for, beside the others of its table.
func asksFor(table []seat, empty seat) string {
	own := 0
	for _, each := range table {
		if each.what == empty.what {
			own++
		}
	}
	asked := count(own, "person", "people")
	if more := len(table) - own; more > 0 {
		asked += fmt.Sprintf(" beside the %d of the other approvals", more)
	}
	if empty.notAuthor {
		asked += " who did not write the change"
	}
	return asked
}

// few names those who can, also where they are none.
func (g group) few() string {
	if len(g.people) == 0 {
		return "nobody"
	}
	return "only " + list(logins(g.people))
}
