package github_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

// estateWorld is a repository whose production is guarded, and whose other
// environment nobody set up: a job names it.
const estateWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  olga: {id: 11, permission: admin}
  ben: {id: 12, permission: maintain, role: captain}
  ann: {id: 13, permission: read}
commits: [{name: c1, by: olga}]
checks: [{commit: c1, name: deploy, workflow: .github/workflows/deploy.yml, run-id: 7, environment: "staging/eu #1"}]
teams: {quality: {members: [ben]}}
merge: [squash]
secrets: [npm_token]
environments:
  Production:
    reviewers: [olga, "team:quality"]
    prevent-self-review: true
    wait-minutes: 10
    admins-bypass: false
    refs: selected
    patterns: [{branch: main}, {tag: "v*"}, {branch: "release/*"}]
    apps: [watchtower, moon]
    secrets: [DEPLOY_KEY, A, B]
`

func TestTheEstateIsReadFromTheDouble(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, estateWorld+"token: {admin: true}\n", "c1", "refs/heads/main")
	yes, no := true, false
	production := have(t, reader.Environment(t.Context(), "production"))
	if !strings.Contains(production.URL, "/acme/shop/settings/environments/") || !strings.HasSuffix(production.URL, "/edit") {
		t.Errorf("page %s", production.URL)
	}
	for i, reviewer := range production.Reviewers {
		if reviewer.ID <= 0 {
			t.Errorf("reviewer %+v", reviewer)
		}
		production.Reviewers[i].ID = 0
	}
	production.URL = ""
	same(t, "production", production, fact.Environment{
		Name: "Production", Exists: true, Reviewers: []fact.EnvironmentReviewer{{Kind: "user", Name: "olga"}, {Kind: "team", Name: "acme/quality"}},
		PreventSelfReview: true, WaitMinutes: 10, AdminsBypass: &no, Refs: fact.SelectedRefs,
		Patterns: []fact.RefPattern{{Kind: fact.Branch, Pattern: "main"}, {Kind: fact.TagRef, Pattern: "v*"}, {Kind: fact.Branch, Pattern: "release/*"}},
		Apps:     []string{"watchtower", "moon"},
	})
	staging := have(t, reader.Environment(t.Context(), "staging/eu #1"))
	staging.URL = ""
	same(t, "staging", staging, fact.Environment{Name: "staging/eu #1", Exists: true, AdminsBypass: &yes, Refs: fact.AllRefs})
	if none := have(t, reader.Environment(t.Context(), "prod")); none.Exists || none.Name != "prod" || none.Refs != "" {
		t.Errorf("no environment: %+v", none)
	}
	same(t, "secrets of production", have(t, reader.Secrets(t.Context(), "PRODUCTION")), []string{"A", "B", "DEPLOY_KEY"})
	same(t, "secrets of the repository", have(t, reader.Secrets(t.Context(), "")), []string{"NPM_TOKEN"})
	wantLost(t, reader.Secrets(t.Context(), "prod"), fact.NotFound, "/environments/prod/secrets")
	same(t, "settings", have(t, reader.Settings(t.Context())), fact.Settings{Visibility: "public", OwnerKind: fact.OtherKind, RebaseMerge: &no, SquashMerge: &yes, MergeCommit: &no})
	person := func(id int64, login string) fact.Person { return fact.Person{ID: id, Login: login, Kind: fact.User} }
	same(t, "collaborators", have(t, reader.Collaborators(t.Context())), []fact.Collaborator{
		{Person: person(11, "olga"), Permission: fact.AdminPermission},
		{Person: person(12, "ben"), Permission: fact.MaintainPermission, Role: "captain"},
		{Person: person(13, "ann"), Permission: fact.ReadPermission},
	})
	withoutViolations(t, server)
}

// What the token of a workflow may read of it: neither secrets nor who may do
// what, whatever it is granted.
func TestWhatAWorkflowMaySeeOfTheEstate(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, estateWorld, "c1", "refs/heads/main")
	if production := have(t, reader.Environment(t.Context(), "production")); len(production.Reviewers) != 2 || len(production.Patterns) != 3 {
		t.Errorf("production %+v", production)
	}
	if settings := have(t, reader.Settings(t.Context())); settings.RebaseMerge != nil || settings.SquashMerge != nil || settings.MergeCommit != nil {
		t.Errorf("settings %+v", settings)
	}
	wantLost(t, reader.Secrets(t.Context(), "production"), fact.Forbidden, "Resource not accessible by integration")
	wantLost(t, reader.Secrets(t.Context(), ""), fact.Forbidden, "Resource not accessible by integration")
	wantLost(t, reader.Collaborators(t.Context()), fact.Forbidden, "Must have push access")
	withoutViolations(t, server)

	server, reader = readerOnDouble(t, estateWorld+"token: {permissions: {contents: read, pull-requests: read, checks: read, statuses: read}}\n", "c1", "refs/heads/main")
	for _, name := range []string{"production", "none"} {
		known := reader.Environment(t.Context(), name)
		wantLost(t, known, fact.Forbidden, "Resource not accessible by integration")
		if fix := lost(t, known).Fix; !strings.Contains(fix, "actions: read") {
			t.Errorf("fix %q", fix)
		}
	}
	withoutViolations(t, server)
}
