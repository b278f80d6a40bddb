package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const collaboratorsPath = "/v3/repos/acme/shop/collaborators"

// collaboratorData is somebody who holds the permissions up to one.
func collaboratorData(id int, login, highest, role string) object {
	held, permissions := true, object{}
	for _, name := range []string{"pull", "triage", "push", "maintain", "admin"} {
		permissions[name] = held
		held = held && name != highest
	}
	return object{"id": id, "login": login, "type": "User", "permissions": permissions, "role_name": role}
}

func collaboratorsOf(t *testing.T, handle handler) (*fake, fact.Known[[]fact.Collaborator]) {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]handler{collaboratorsPath: handle})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Collaborators(t.Context())
}

func TestCollaboratorsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	bob := collaboratorData(12, "bob", "admin", "admin")
	changed := func(path string, value any) handler {
		return paged(array{bob, put(collaboratorData(13, "eve", "push", "write"), path, value)}, 100, "")
	}
	rows := []struct {
		name   string
		handle handler
		reason fact.Reason
		detail string
	}{
		{"a token that may not push", raw(403, jsonMedia, `{"message":"Must have push access to view repository collaborators."}`), fact.Forbidden, "Must have push access"},
		{"not found", raw(404, jsonMedia, `{"message":"Not Found"}`), fact.NotFound, "status 404"},
		{"a token that expired", raw(401, jsonMedia, `{"message":"Bad credentials"}`), fact.Forbidden, "does not accept the token"},
		{"a server that fails", raw(503, jsonMedia, "{}"), fact.Unavailable, "failed"},
		{"another repository", moved(paged(array{bob}, 100, "")), fact.Inconsistent, "not known to be the same repository"},
		{"null", raw(200, jsonMedia, "null"), fact.Incomplete, "says nothing"},
		{"braces", raw(200, jsonMedia, "{}"), fact.Incomplete, "says nothing"},
		{"HTML", raw(200, "text/html", "<html>"), fact.Incomplete, "not JSON"},
		{"an object", raw(200, jsonMedia, `{"collaborators":[]}`), fact.Incomplete, "shape"},
		{"nobody", raw(200, jsonMedia, "[]"), fact.Incomplete, "somebody administers"},
		{"somebody who is null", paged(array{bob, nil}, 100, ""), fact.Incomplete, "all of a collaborator"},
		{"somebody twice", paged(array{bob, bob}, 1, ""), fact.Incomplete, "listed twice"},
		{"no number", changed("id", absent), fact.Incomplete, "all of a collaborator"},
		{"no login", changed("login", ""), fact.Incomplete, "all of a collaborator"},
		{"no type", changed("type", absent), fact.Incomplete, "all of a collaborator"},
		{"no permissions", changed("permissions", absent), fact.Incomplete, `eve: the account's permissions do not say "admin"`},
		{"permissions that are null", changed("permissions", nil), fact.Incomplete, `do not say "admin"`},
		{"an administrator or not", changed("permissions.admin", absent), fact.Incomplete, `do not say "admin"`},
		{"may push or not", changed("permissions.push", nil), fact.Incomplete, "whether eve may push"},
		{"a permission that is no truth", changed("permissions.admin", "no"), fact.Incomplete, "shape"},
		{"no permission", changed("permissions", object{"admin": false, "push": false, "pull": false}), fact.Incomplete, "without a permission"},
		{"a list that does not advance", raw(200, jsonMedia, "[]", "Link", `<https://HOST/api/v3/x?page=1>; rel="next"`), fact.Inconsistent, "next page"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := collaboratorsOf(t, row.handle)
			wantLost(t, known, row.reason, row.detail)
			fix, hidden := lost(t, known).Fix, row.name == "not found" || row.name == "a token that may not push"
			if strings.Contains(fix, "those only who may push") != hidden {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

// The role of a custom name extends another one: what its holder may do says
// GitHub's list, not the name.
func TestCollaboratorsAreReadToTheLastPage(t *testing.T) {
	t.Parallel()
	f, known := collaboratorsOf(t, paged(array{
		collaboratorData(14, "dave", "admin", "admin"), collaboratorData(12, "bob", "maintain", "captain"), collaboratorData(16, "eve", "push", "Admin"),
		put(collaboratorData(11, "robot[bot]", "triage", "triage"), "type", "Bot"), put(collaboratorData(15, "olga", "pull", "read"), "role_name", absent),
	}, 2, ""))
	person := func(id int64, login string) fact.Person { return fact.Person{ID: id, Login: login, Kind: fact.User} }
	same(t, "collaborators", have(t, known), []fact.Collaborator{
		{Person: fact.Person{ID: 11, Login: "robot[bot]", Kind: fact.Bot}, Permission: fact.TriagePermission},
		{Person: person(12, "bob"), Permission: fact.MaintainPermission, Role: "captain"},
		{Person: person(14, "dave"), Permission: fact.AdminPermission},
		{Person: person(15, "olga"), Permission: fact.ReadPermission},
		{Person: person(16, "eve"), Permission: fact.WritePermission, Role: "Admin"},
	})
	for i, asked := range f.asked()[1:] {
		if want := fmt.Sprintf("GET /api%s?affiliation=all&per_page=100&page=%d", collaboratorsPath, i+1); asked != want {
			t.Errorf("asked %s, want %s", asked, want)
		}
	}
}

// Somebody is added in front while the second page is read, so that one of the
// first page is seen once more.
func TestCollaboratorsThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	before := array{collaboratorData(12, "bob", "admin", "admin"), collaboratorData(13, "eve", "push", "write"), collaboratorData(14, "dave", "pull", "read")}
	after := append(array{collaboratorData(11, "new", "push", "write")}, before...)
	pages := 0
	_, known := collaboratorsOf(t, func(w http.ResponseWriter, r *http.Request) bool {
		pages++
		if pages == 1 {
			return paged(before, 2, "")(w, r)
		}
		return paged(after, 2, "")(w, r)
	})
	if people := have(t, known); len(people) != 4 {
		t.Errorf("got %+v", people)
	}
}
