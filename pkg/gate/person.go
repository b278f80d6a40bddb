package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// unknownStanding is the finding about a person of whom it is not known
// whether they hold the role.
func unknownStanding(who string, name RoleName, standing Standing) verdict.Finding {
	return verdict.Lacking(fmt.Sprintf("whether %s holds role %s", who, name), standing.Missing)
}

// samePerson reports whether two accounts may be one: the same number, or the
// same login where a number is missing on either side. It errs towards one.
func samePerson(a, b *fact.Person) bool {
	if a == nil || b == nil {
		return false
	}
	if a.ID != 0 && b.ID != 0 {
		return a.Same(*b)
	}
	return fact.LoginKey(a.Login) == fact.LoginKey(b.Login)
}

// whoHolds says for a finding who can help: people who hold a role.
func whoHolds(name RoleName) string { return fmt.Sprintf("someone who holds role %s", name) }

// whoHolds is the same with what the policy says of the role, where people are
// asked to act and have to know that it is them.
func (in Input) whoHolds(name RoleName) string {
	role, err := in.Terms.Roles.Lookup(name)
	if _, named := in.Terms.Roles[string(name)]; err != nil || !named {
		return whoHolds(name)
	}
	var lines []string
	for _, login := range role.Users {
		lines = append(lines, "@"+login)
	}
	for _, team := range role.Teams {
		lines = append(lines, "the team "+team)
	}
	if role.Permission != "" {
		lines = append(lines, "whoever has "+string(role.Permission))
	}
	return fmt.Sprintf("%s (%s)", whoHolds(name), listed(lines, ", ", 5))
}

// needsRole refuses a role that the policy does not define.
func needsRole(name RoleName, terms Terms) error {
	if _, err := terms.Roles.Lookup(name); err != nil {
		return fmt.Errorf("by: %w", err)
	}
	return nil
}
