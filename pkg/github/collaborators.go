package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const collaboratorsSource = "GET /repos/{owner}/{repo}/collaborators"

// collaboratorsAnswer is a page of people; the list does not count itself.
type collaboratorsAnswer []*collaboratorNode

type collaboratorNode struct {
	ID          int64            `json:"id"`
	Login       string           `json:"login"`
	Type        string           `json:"type"`
	Permissions map[string]*bool `json:"permissions"`
	Role        string           `json:"role_name"`
}

func (a collaboratorsAnswer) items() ([]fact.Collaborator, int, error) {
	var listed []fact.Collaborator
	for _, node := range a {
		found, err := node.collaborator()
		if err != nil {
			return nil, 0, err
		}
		listed = append(listed, found)
	}
	return listed, uncounted, nil
}

// ownRoles are the roles that GitHub itself has; every other is a custom one.
var ownRoles = []string{"", "read", "triage", "write", "maintain", "admin"}

// collaborator checks what an answer says of somebody. The permission rests on the
// permissions alone: the name of a role may be anything.
func (n *collaboratorNode) collaborator() (fact.Collaborator, error) {
	if n == nil || n.ID <= 0 || n.Login == "" || n.Type == "" {
		return fact.Collaborator{}, incomplete("the answer does not hold all of a collaborator")
	}
	may := map[string]bool{}
	for name, granted := range n.Permissions {
		if granted == nil {
			return fact.Collaborator{}, incomplete(fmt.Sprintf("the answer does not say whether %s may %s", n.Login, name))
		}
		may[name] = *granted
	}
	permission, missing := accessAnswer{User: &gh.User{Permissions: may}}.permission()
	if missing == nil && permission == fact.NoPermission {
		missing = incomplete("a collaborator without a permission")
	}
	if missing != nil {
		missing.Detail = fmt.Sprintf("%s: %s", n.Login, missing.Detail)
		return fact.Collaborator{}, missing
	}
	found := fact.Collaborator{Person: fact.Person{ID: n.ID, Login: n.Login, Kind: personKind(n.Type)}, Permission: permission}
	if !slices.Contains(ownRoles, n.Role) {
		found.Role = n.Role
	}
	return found, nil
}

// Collaborators reads everybody who has a permission in the repository, of
// whatever origin, in the order of their numbers. An organisation's owners are
// among them, as is a person who owns the repository, so an empty list is none.
// GitHub shows it to those only who may push.
//
// Requests: one for every hundred.
func (r *Reader) Collaborators(ctx context.Context) fact.Known[[]fact.Collaborator] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.Collaborator](*missing)
	}
	asked := r.below("collaborators")
	people, err := listBelow[collaboratorsAnswer](ctx, r, asked, "affiliation=all&", func(each fact.Collaborator) string {
		return "account " + strconv.FormatInt(each.Person.ID, 10)
	})
	if err == nil && len(people) == 0 {
		err = incomplete("GET /" + asked + ": the list is empty, although somebody administers the repository")
	}
	if err != nil {
		lost := r.missing("GET /"+asked, err, "")
		if isHidden(err) {
			lost.Fix = `GitHub says who may do what to those only who may push. Use a token of somebody who may: a fine-grained token with "Metadata: read" of the repository, or a classic one with the scope repo.`
		}
		return fact.Lost[[]fact.Collaborator](*lost)
	}
	order.By(people, func(a, b fact.Collaborator) int { return cmp.Compare(a.Person.ID, b.Person.ID) })
	return fact.Of(people, fact.Source{From: collaboratorsSource, URL: r.session().set.Repository.OrZero().URL + "/settings/access"})
}
