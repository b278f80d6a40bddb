package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// Supposing is how the evidence is made up that a gate asks for. Tests of policies
// and "what if" go by it; no decision does.
type Supposing[P any] struct {
	// Noun is what the evidence is called in a word, such as approval.
	Noun string
	// Against is true where it speaks against the statement, such as a lock.
	Against bool
	// Parts are the names by which one of several is meant, such as those of the
	// approvals that the policy asks for. Optional.
	Parts func(params P, terms Terms) []string
	// With puts the evidence there that meets the gate (or, where it is Against, that
	// stops it), and Without takes it away: that of the part, or, where part is "",
	// all. They keep what other gates ask for. An error says why no evidence would
	// do, such as that nobody holds the role.
	With, Without func(params P, in Supposed, part string) error
}

// Supposed is what is changed, and what the policy says beside the parameters.
type Supposed struct {
	*suppose.World
	Terms Terms
}

// input is what a gate would look at now.
func (in Supposed) input() Input { return Input{Facts: in.Facts, Terms: in.Terms} }

func (in Supposed) only(needs []fact.Need) Input {
	return Input{Facts: in.Facts.Only(needs), Terms: in.Terms}
}

// timed is an error where nobody knows what time it is.
func (in Supposed) timed() error {
	if in.Now().IsZero() {
		return fmt.Errorf("nobody knows what time it is")
	}
	return nil
}

// Supposition is a Supposing with its parameters. The zero value is that of a
// gate whose evidence cannot be made up.
type Supposition struct {
	Noun    string
	Against bool
	Parts   []string

	with, without func(in Supposed, part string) error
	ask           func(Input) verdict.Finding
	needs         []fact.Need
}

func (s Spec[P]) supposition(params P, terms Terms) Supposition {
	given := s.Suppose
	if given.Noun == "" {
		return Supposition{}
	}
	made := Supposition{
		Noun: given.Noun, Against: given.Against,
		with:    func(in Supposed, part string) error { return given.With(params, in, part) },
		without: func(in Supposed, part string) error { return given.Without(params, in, part) },
	}
	if given.Parts != nil {
		made.Parts = given.Parts(params, terms)
	}
	return made
}

// mend leaves what is met as it is. Where all that can be changed is not enough, it
// says why.
func (s Supposition) mend(in Supposed, part string) error {
	met := func() verdict.Finding { return s.ask(in.only(s.needs)) }
	change := s.with
	if s.Against {
		change = s.without
	}
	if met().Outcome == verdict.Pass {
		return nil
	}
	if err := change(in, part); err != nil {
		return err
	}
	if found := met(); part == "" && found.Outcome != verdict.Pass {
		return errors.New(found.Reason)
	}
	return nil
}

// With puts the evidence there: that of a part, or all of it where part is "".
func (s Supposition) With(world *suppose.World, terms Terms, part string) error {
	return s.do(s.with, !s.Against, world, terms, part)
}

// Without takes the evidence away: that of a part, or all of it where part is "".
func (s Supposition) Without(world *suppose.World, terms Terms, part string) error {
	return s.do(s.without, s.Against, world, terms, part)
}

// Meet makes the world one in which the gate is met.
func (s Supposition) Meet(world *suppose.World, terms Terms) error {
	if s.Against {
		return s.Without(world, terms, "")
	}
	return s.With(world, terms, "")
}

func (s Supposition) do(change func(Supposed, string) error, mends bool, world *suppose.World, terms Terms, part string) error {
	switch {
	case s.Noun == "":
		return fmt.Errorf("the evidence of this gate cannot be made up")
	case part != "" && !slices.Contains(s.Parts, part) && len(s.Parts) > 0:
		return fmt.Errorf("there is no %s %q; expected one of %s", s.Noun, part, strings.Join(s.Parts, ", "))
	case part != "" && len(s.Parts) == 0:
		return fmt.Errorf("%s has no parts; write %s alone, without %q", s.Noun, s.Noun, ":"+part)
	}
	in := Supposed{World: world, Terms: terms}
	if mends {
		return s.mend(in, part)
	}
	return change(in, part)
}

// holder returns somebody who holds a role and is none of those who must not be it,
// by their logins. Whoever the policy names comes first, then members of its teams, then
// people with the permission.
func (in Supposed) holder(name RoleName, not ...string) (fact.Person, error) {
	role, err := in.Terms.Roles.Lookup(name)
	if err != nil {
		return fact.Person{}, err
	}
	for _, login := range role.Users {
		if !isAmong(not, login) && in.Person(login).Kind == fact.User {
			return in.Grant(login, fact.ReadPermission), nil
		}
	}
	if len(role.Teams) == 0 && role.Permission == "" {
		return fact.Person{}, fmt.Errorf("nobody is left who holds role %s: %s may not be it", name, listed(not, ", ", 5))
	}
	login := "" // there are as many people as it takes
	for number := 1; login == "" || isAmong(not, login); number++ {
		login = fmt.Sprintf("%s-%d", name, number)
	}
	return in.enrol(role, login), nil
}

// enrol lets a person hold a role that goes by permission or by teams.
func (in Supposed) enrol(role Role, login string) fact.Person {
	if role.Permission != "" {
		return in.Grant(login, role.Permission)
	}
	in.Grant(login, fact.ReadPermission)
	return in.Join(login, role.Teams[0])
}

func isAmong(logins []string, login string) bool {
	return slices.ContainsFunc(logins, func(each string) bool { return fact.LoginKey(each) == fact.LoginKey(login) })
}
