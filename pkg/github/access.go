package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

// accessAnswer is the answer of the permission endpoint. The client library
// has no role_name and does not escape the login.
type accessAnswer struct {
	Permission string   `json:"permission"`
	User       *gh.User `json:"user"`
}

const accessSource = "GET /repos/{owner}/{repo}/collaborators/{username}/permission"

// notCollaborator are GitHub's words for a login that has no permission
// because it is nobody's who could have one.
var notCollaborator = lazy.New(`(?i)\bis not a (user|collaborator)\b`)

// Access reads what an account may do in the repository now. A program that
// GitHub does not count among the users has NoPermission; a refusal to answer
// is a missing fact.
func (r *Reader) Access(ctx context.Context, login string) fact.Known[fact.Access] {
	if !loginPattern.MatchString(login) {
		return fact.Lost[fact.Access](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not the name of an account", login)})
	}
	asked := fmt.Sprintf("repos/%s/%s/collaborators/%s/permission", r.owner, r.name, url.PathEscape(login))
	var answer accessAnswer
	resp, err := r.get(ctx, asked, &answer)
	if err == nil {
		err = r.sameRepository(fmt.Sprintf("repos/%s/%s/collaborators/%s/permission", r.owner, r.name, login), resp)
	}
	var failed *fault
	if errors.As(err, &failed) && failed.status == http.StatusNotFound &&
		notCollaborator.MatchString(failed.message) && r.session().repository != 0 {
		return fact.Of(fact.Access{Person: r.nobody(login), Permission: fact.NoPermission}, fact.Source{From: accessSource})
	}
	if err != nil {
		return fact.Lost[fact.Access](*r.missing("GET /"+asked, err, fact.NeedPermission.TokenPermission()))
	}
	access, missing := answer.access(login)
	if missing != nil {
		missing.Detail = "GET /" + asked + ": " + missing.Detail
		return fact.Lost[fact.Access](*missing)
	}
	return fact.Of(access, fact.Source{From: accessSource})
}

// get reads one REST address that the client library has no safe method for.
func (r *Reader) get(ctx context.Context, asked string, into any) (*gh.Response, error) {
	return getAs(ctx, r.client, asked, into)
}

// getAs is get with the token of the client.
func getAs(ctx context.Context, client *gh.Client, asked string, into any) (*gh.Response, error) {
	req, err := client.NewRequest(http.MethodGet, asked, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(ctx, req, into)
}

// access checks the answer. The decision rests on user.permissions alone: the
// field "permission" folds maintain into write, and the name of a role may be
// anything.
func (a accessAnswer) access(login string) (fact.Access, *fact.Missing) {
	person := restPerson(a.User)
	switch {
	case person == nil || person.ID == 0:
		return fact.Access{}, incomplete("the answer names no account")
	case fact.LoginKey(person.Login) != fact.LoginKey(login):
		return fact.Access{}, inconsistent(fmt.Sprintf("the answer is about %q", person.Login))
	}
	permission, missing := a.permission()
	return fact.Access{Person: *person, Permission: permission}, missing
}

func (a accessAnswer) permission() (fact.Permission, *fact.Missing) {
	may := a.User.Permissions
	if may == nil {
		if a.Permission == string(fact.NoPermission) {
			return fact.NoPermission, nil // programs get this answer
		}
		return "", incomplete("the answer does not list the account's permissions")
	}
	for _, name := range []string{"admin", "push", "pull"} {
		if _, ok := may[name]; !ok {
			return "", incomplete(fmt.Sprintf("the account's permissions do not say %q", name))
		}
	}
	found := fact.NoPermission
	for _, each := range []struct {
		name       string
		permission fact.Permission
	}{
		{"pull", fact.ReadPermission},
		{"triage", fact.TriagePermission},
		{"push", fact.WritePermission},
		{"maintain", fact.MaintainPermission},
		{"admin", fact.AdminPermission},
	} {
		if may[each.name] {
			found = each.permission
		}
	}
	if a.Permission == string(fact.NoPermission) && found.AtLeast(fact.TriagePermission) {
		return "", inconsistent(fmt.Sprintf("the answer says both %q and %q", a.Permission, found))
	}
	return found, nil
}

// nobody is the account behind a login without permission: the one that other
// facts have under the login, or one of which nothing is known.
func (r *Reader) nobody(login string) fact.Person {
	set := r.session().set
	var people []fact.Person
	for _, position := range []fact.Position{fact.CommitSigner, fact.Merger, fact.Reviewers, fact.RangeSigners, fact.RangeMergers, fact.Approvers, fact.RunReviewers} {
		people = append(people, set.People(position)...)
	}
	if tag, missing := set.Tag.Get(); missing == nil && tag.Tagger.Account != nil {
		people = append(people, *tag.Tagger.Account)
	}
	for _, person := range people {
		if fact.LoginKey(person.Login) == fact.LoginKey(login) {
			return person
		}
	}
	return fact.Person{Login: login}
}

func incomplete(detail string) *fact.Missing {
	return &fact.Missing{Reason: fact.Incomplete, Detail: detail}
}

func inconsistent(detail string) *fact.Missing {
	return &fact.Missing{Reason: fact.Inconsistent, Detail: detail}
}
