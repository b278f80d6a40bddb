package github_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// accessData is an answer of the permission endpoint. The account may do may
// and what is below it.
func accessData(id int, login, kind, may string) object {
	order := []string{"pull", "triage", "push", "maintain", "admin"}
	permissions := object{}
	for i, name := range order {
		permissions[name] = i <= slices.Index(order, may)
	}
	folded := map[string]string{"": "none", "pull": "read", "triage": "read", "push": "write", "maintain": "write", "admin": "admin"}
	return object{
		"permission": folded[may], "role_name": "Deploy Captain",
		"user": object{"id": id, "login": login, "type": kind, "permissions": permissions},
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	bob := fact.Person{ID: 12, Login: "bob", Kind: fact.User}
	rows := []struct {
		name   string
		login  string
		answer object
		want   fact.Access
		reason fact.Reason
	}{
		{"an answer about somebody else", "bob", accessData(13, "mallory", "User", "admin"), fact.Access{}, fact.Inconsistent},
		{"no account", "bob", object{"permission": "admin", "user": nil}, fact.Access{}, fact.Incomplete},
		{"an account without a number", "bob", accessData(0, "bob", "User", "admin"), fact.Access{}, fact.Incomplete},
		{"the folded permission alone is not enough", "bob", object{"permission": "admin", "role_name": "admin", "user": object{"id": 12, "login": "bob", "type": "User"}}, fact.Access{}, fact.Incomplete},
		{"half of the permissions", "bob", object{"permission": "admin", "user": object{"id": 12, "login": "bob", "type": "User", "permissions": object{"admin": true}}}, fact.Access{}, fact.Incomplete},
		{"none and admin at once", "bob", put(accessData(12, "bob", "User", "admin"), "permission", "none"), fact.Access{}, fact.Inconsistent},
		{"not the name of an account", "../bob", nil, fact.Access{}, fact.NotFound},
		{"an empty login", "", nil, fact.Access{}, fact.NotFound},
		{"a program without permissions", "dependabot[bot]", object{"permission": "none", "user": object{"id": 49699333, "login": "dependabot[bot]", "type": "Bot"}}, fact.Access{Person: fact.Person{ID: 49699333, Login: "dependabot[bot]", Kind: fact.Bot}, Permission: fact.NoPermission}, ""},
		{"a program that may write", "ci[bot]", accessData(9, "ci[bot]", "Bot", "push"), fact.Access{Person: fact.Person{ID: 9, Login: "ci[bot]", Kind: fact.Bot}, Permission: fact.WritePermission}, ""},
		{"an organisation", "acme", accessData(8, "acme", "Organization", "admin"), fact.Access{Person: fact.Person{ID: 8, Login: "acme", Kind: fact.OtherKind}, Permission: fact.AdminPermission}, ""},
		{"a login in other letters", "BOB", accessData(12, "bob", "User", "push"), fact.Access{Person: bob, Permission: fact.WritePermission}, ""},
		{"nothing", "bob", accessData(12, "bob", "User", ""), fact.Access{Person: bob, Permission: fact.NoPermission}, ""},
		{"read", "bob", accessData(12, "bob", "User", "pull"), fact.Access{Person: bob, Permission: fact.ReadPermission}, ""},
		{"triage, which is folded to read", "bob", accessData(12, "bob", "User", "triage"), fact.Access{Person: bob, Permission: fact.TriagePermission}, ""},
		{"write", "bob", accessData(12, "bob", "User", "push"), fact.Access{Person: bob, Permission: fact.WritePermission}, ""},
		{"maintain under a role of its own name", "bob", accessData(12, "bob", "User", "maintain"), fact.Access{Person: bob, Permission: fact.MaintainPermission}, ""},
		{"a role called admin that may write", "bob", put(accessData(12, "bob", "User", "push"), "role_name", "admin"), fact.Access{Person: bob, Permission: fact.WritePermission}, ""},
		{"admin", "bob", accessData(12, "bob", "User", "admin"), fact.Access{Person: bob, Permission: fact.AdminPermission}, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/api/v3/repos/acme/shop/collaborators/"+row.login+"/permission" {
					return false
				}
				show(w, http.StatusOK, row.answer)
				return true
			}
			known := f.reader(t).Access(t.Context(), row.login)
			got, _ := known.Get()
			if got != row.want || reason(known) != row.reason {
				t.Errorf("got %+v %q, want %+v %q", got, reason(known), row.want, row.reason)
			}
			if row.answer == nil && len(f.asked()) != 0 {
				t.Errorf("asked %q", f.asked())
			}
		})
	}
}

func TestANotFoundIsNoPermissionOnlyWhenGitHubSaysWho(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, login, message string
		readable             bool
		want                 fact.Person
		reason               fact.Reason
	}{
		{"the repository may not be readable", "bob", "Not Found", true, fact.Person{}, fact.NotFound},
		{"the repository was not read", "Copilot", "Copilot is not a user", false, fact.Person{}, fact.NotFound},
		{"a program", "Copilot", "Copilot is not a user", true, fact.Person{Login: "Copilot"}, ""},
		{"a reviewer who is gone keeps the number of the review", "Bob", "Bob is not a user", true, fact.Person{ID: 12, Login: "bob", Kind: fact.User}, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodGet {
					show(w, http.StatusNotFound, object{"message": row.message})
				}
				return r.Method == http.MethodGet
			}
			reader := f.reader(t)
			if row.readable {
				reader.Overview(t.Context())
			}
			known := reader.Access(t.Context(), row.login)
			got, _ := known.Get()
			if reason(known) != row.reason || got.Person != row.want {
				t.Errorf("got %+v %q, want %+v %q", got, reason(known), row.want, row.reason)
			}
			if row.reason == "" && got.Permission != fact.NoPermission {
				t.Errorf("permission %q", got.Permission)
			}
		})
	}
}
