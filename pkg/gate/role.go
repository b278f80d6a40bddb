package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Role says which people count. A person holds it who satisfies any of its
// lines. Programs never hold a role.
type Role struct {
	// Permission is the least permission in the repository that makes a
	// person hold the role; "" when permission does not count.
	Permission fact.Permission
	// Users are logins, whatever their case.
	Users []string
	// Teams are teams of the organisation that owns the repository, as
	// organisation/team; members of teams below them count.
	Teams []string
}

// Roles are the roles of a policy by name.
type Roles map[string]Role

// RoleName is a parameter that names a role: one that the policy defines, or
// one of the repository permissions read, triage, write, maintain and admin.
type RoleName string

// Lookup returns the role of a name. The error lists the names there are.
func (r Roles) Lookup(name RoleName) (Role, error) {
	if role, ok := r[string(name)]; ok {
		return role, nil
	}
	if permission := fact.Permission(name); slices.Contains(fact.Permissions(), permission) {
		return Role{Permission: permission}, nil
	}
	return Role{}, fmt.Errorf("role %q is not defined; expected one of %s", name, strings.Join(r.names(), ", "))
}

func (r Roles) names() []string {
	names := slices.Sorted(maps.Keys(r))
	for _, permission := range fact.Permissions() {
		names = append(names, string(permission))
	}
	return names
}

// CanFill refuses a number of people that a role can never bring together:
// more than the users it names, where nobody else can hold it. It says nothing
// about a role that also goes by permission, since who has that is not known
// before GitHub is asked, nor about a role that says nobody, which is refused where
// it is defined. That one of the users can be the author of a change, who may not
// approve it, is no reason either: another change has another author. A role
// that is not defined is an error, as in Lookup.
func (r Roles) CanFill(name RoleName, people int) error {
	role, err := r.Lookup(name)
	if err != nil {
		return err
	}
	if role.Permission != "" || len(role.Teams) > 0 || len(role.Users) == 0 {
		return nil
	}
	distinct := map[string]bool{}
	for _, login := range role.Users {
		distinct[fact.LoginKey(login)] = true
	}
	if count := len(distinct); people > count {
		return fmt.Errorf("role %q has only %s, so this can never be met; ask for at most %d, name more users in the role, or give it a permission",
			name, plural(count, "person", "people"), count)
	}
	return nil
}

// Needs returns the facts that judging the people in these positions takes.
func (r Roles) Needs(name RoleName, positions ...fact.Position) []fact.Need {
	role, err := r.Lookup(name)
	if err != nil {
		return nil
	}
	var needs []fact.Need
	if role.Permission != "" {
		for _, position := range positions {
			needs = append(needs, fact.Permissible(position))
		}
	}
	for _, team := range role.Teams {
		needs = append(needs, fact.Need{Kind: fact.NeedTeam, Key: team})
	}
	return needs
}

// Standing is whether one person holds one role. The zero Standing is
// unknown, without a reason.
type Standing struct {
	Outcome verdict.Outcome // Pass, Fail or Unknown
	// Reason says in words what makes or keeps the person from holding the
	// role, such as `has write, needs maintain`.
	Reason string
	// Missing is set when the outcome is Unknown.
	Missing *fact.Missing
}

// Holds reports whether the person holds the role.
func (s Standing) Holds() bool { return s.Outcome == verdict.Pass }

// Standing judges a person by a role. A nil person, a program, and an account
// without the permission do not hold it. A permission that could not be read
// is unknown, and so is an account that would hold the role but of which
// GitHub said neither its number nor that it is a person's: logins are reused,
// and programs have logins too.
func (in Input) Standing(name RoleName, person *fact.Person) Standing {
	role, err := in.Terms.Roles.Lookup(name)
	switch {
	case err != nil:
		return unknown(&fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
	case person == nil || person.Login == "":
		return Standing{Outcome: verdict.Fail, Reason: "GitHub links no account to it"}
	case fact.LoginKey(person.Login) == webFlow:
		return Standing{Outcome: verdict.Fail, Reason: "@" + webFlow + " is GitHub's own account, which stands for nobody in particular"}
	case person.Kind == fact.Bot || person.Kind == fact.OtherKind:
		return Standing{Outcome: verdict.Fail, Reason: fmt.Sprintf("@%s is not a person's account", person.Login)}
	}
	standing := in.roleStanding(name, role, *person)
	if standing.Holds() && (person.Kind != fact.User || person.ID == 0) {
		return unknown(&fact.Missing{
			Reason: fact.Incomplete,
			Detail: fmt.Sprintf("GitHub did not say which account @%s is, or whether it is a person's", person.Login),
		})
	}
	return standing
}

// roleStanding judges an account by the lines of a role. One that holds is
// enough, whatever is not known about the others.
func (in Input) roleStanding(name RoleName, role Role, person fact.Person) Standing {
	if slices.ContainsFunc(role.Users, func(login string) bool { return fact.LoginKey(login) == fact.LoginKey(person.Login) }) {
		return Standing{Outcome: verdict.Pass, Reason: fmt.Sprintf("@%s is named in role %s", person.Login, name)}
	}
	var lines []Standing
	if role.Permission != "" {
		lines = append(lines, in.permissionStanding(role.Permission, person))
	}
	for _, team := range role.Teams {
		lines = append(lines, in.teamStanding(team, person))
	}
	if len(lines) == 0 {
		return Standing{Outcome: verdict.Fail, Reason: fmt.Sprintf("@%s is not named in role %s", person.Login, name)}
	}
	best := lines[0]
	for _, line := range lines[1:] {
		switch {
		case best.Holds() || best.Outcome == verdict.Unknown && !line.Holds():
		case line.Holds() || line.Outcome == verdict.Unknown:
			best = line
		default:
			best.Reason += "; " + line.Reason
		}
	}
	return best
}

// teamStanding judges an account by a team. Who is in it is a matter of
// numbers: a login can pass to somebody else.
func (in Input) teamStanding(slug string, person fact.Person) Standing {
	team, missing := in.Facts.TeamOf(slug).Get()
	switch {
	case missing != nil:
		return unknown(missing)
	case person.ID == 0:
		return unknown(&fact.Missing{Reason: fact.Incomplete, Detail: fmt.Sprintf("GitHub did not say which account @%s is", person.Login)})
	case slices.ContainsFunc(team.Members, person.Same):
		return Standing{Outcome: verdict.Pass, Reason: fmt.Sprintf("@%s is in the team %s", person.Login, slug)}
	}
	return Standing{Outcome: verdict.Fail, Reason: fmt.Sprintf("@%s is not in the team %s", person.Login, slug)}
}

func (in Input) permissionStanding(want fact.Permission, person fact.Person) Standing {
	access, missing := in.Facts.AccessOf(person).Get()
	switch {
	case missing != nil:
		return unknown(missing)
	case access.Person.Kind != fact.User && access.Permission != fact.NoPermission:
		return Standing{Outcome: verdict.Fail, Reason: fmt.Sprintf("@%s is not a person's account", person.Login)}
	case access.Permission.AtLeast(want):
		return Standing{Outcome: verdict.Pass, Reason: fmt.Sprintf("@%s has %s", person.Login, access.Permission)}
	case access.Permission == fact.UnknownPermission:
		return unknown(&fact.Missing{Reason: fact.Incomplete, Detail: fmt.Sprintf("GitHub did not say what @%s may do", person.Login)})
	}
	return Standing{Outcome: verdict.Fail, Reason: fmt.Sprintf("@%s has %s, needs %s", person.Login, access.Permission, want)}
}

func unknown(missing *fact.Missing) Standing {
	return Standing{Outcome: verdict.Unknown, Reason: missing.Error(), Missing: missing}
}
