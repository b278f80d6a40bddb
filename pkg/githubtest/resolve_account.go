package githubtest

// account is a person as GraphQL shows it at one place; a bot's login differs
// between places.
type account struct {
	person *person
	login  string
}

// graphqlType is the object type behind Actor.
func (a *account) graphqlType() string {
	switch a.person.kind {
	case "bot":
		return "Bot"
	case "mannequin":
		return "Mannequin"
	case "organization":
		return "Organization"
	default:
		return "User"
	}
}

// accountOf is what an Actor field shows of a person: nil when gone.
func accountOf(p *person) *account {
	if p == nil || p.gone {
		return nil
	}
	return &account{p, p.actorLogin()}
}

// accountOrGhost is what an Actor field shows that may not be null: GitHub's
// account "ghost" for one that is gone.
func accountOrGhost(p *person) *account {
	if shown := accountOf(p); shown != nil {
		return shown
	}
	return &account{&person{id: 10137, login: "ghost", kind: "user"}, "ghost"}
}

// userOf is what a User field shows of a person: nil when gone.
func userOf(p *person) *account {
	if p == nil || p.gone {
		return nil
	}
	return &account{p, p.login}
}

func accountResolvers() resolvers {
	table := resolvers{}
	for _, kind := range []string{"User", "Bot", "Mannequin", "Organization"} {
		table[kind] = map[string]resolver{
			"id":         get(func(a *account) any { return nodeID(kind, a.person.id) }),
			"databaseId": get(func(a *account) any { return a.person.id }),
			"login":      get(func(a *account) any { return a.login }),
			"url":        on(func(q *query, a *account, _ arguments) (any, error) { return q.site.html + "/" + a.login, nil }),
		}
	}
	return table
}
