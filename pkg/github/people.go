package github

import (
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

// userNode is a GraphQL User.
type userNode struct {
	DatabaseID int64  `json:"databaseId"`
	Login      string `json:"login"`
}

func (u *userNode) person() *fact.Person {
	if u == nil || u.Login == "" {
		return nil
	}
	return &fact.Person{ID: u.DatabaseID, Login: u.Login, Kind: fact.User}
}

// actorNode is a GraphQL Actor; nil when the account is gone.
type actorNode struct {
	Typename   string `json:"__typename"`
	DatabaseID int64  `json:"databaseId"`
	Login      string `json:"login"`
}

const botSuffix = "[bot]"

// person names a bot as REST and the runner do. GraphQL leaves the suffix
// out, and without it the name may be a person's.
func (a *actorNode) person() *fact.Person {
	if a == nil || a.Login == "" {
		return nil
	}
	person := &fact.Person{ID: a.DatabaseID, Login: a.Login, Kind: personKind(a.Typename)}
	if person.Kind == fact.Bot && !strings.HasSuffix(person.Login, botSuffix) {
		person.Login += botSuffix
	}
	return person
}

// restPerson converts the account of a REST answer; nil when there is none.
func restPerson(user *gh.User) *fact.Person {
	if user.GetLogin() == "" {
		return nil
	}
	return &fact.Person{ID: user.GetID(), Login: user.GetLogin(), Kind: personKind(user.GetType())}
}

// personKind reads the name of a type, which GraphQL and REST share.
func personKind(name string) fact.PersonKind {
	switch name {
	case "User":
		return fact.User
	case "Bot":
		return fact.Bot
	case "":
		return fact.UnknownKind
	}
	return fact.OtherKind
}

// identityNode is a GraphQL GitActor.
type identityNode struct {
	Name  string    `json:"name"`
	Email string    `json:"email"`
	User  *userNode `json:"user"`
}

func (i *identityNode) identity() fact.Identity {
	if i == nil {
		return fact.Identity{}
	}
	return fact.Identity{Name: i.Name, Email: i.Email, Account: i.User.person()}
}

// account returns whom GitHub links a line of a commit to, or nil.
func (i *identityNode) account() *fact.Person {
	if i == nil {
		return nil
	}
	return i.User.person()
}
