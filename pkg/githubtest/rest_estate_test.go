package githubtest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// estate is production with everything that guards it, staging that only a job
// mentions, and a preview that only lets protected branches in.
const estate = `
environments:
  production:
    reviewers: [octocat, team:quality, left]
    prevent-self-review: true
    wait-minutes: 10
    admins-bypass: false
    refs: selected
    patterns: [{branch: main}, {branch: "release/*"}, {tag: "v*"}]
    apps: [watchtower, moon]
    secrets: [zed_key, DEPLOY_KEY, TOKEN]
  preview: {refs: protected}
  "prod/eu #1": {}
  plain: {unruled: true}
secrets: [NPM_TOKEN]
archived: true
visibility: internal
merge: [squash, merge]
`

const asPerson = "token: {admin: true}\n"

func TestTheEstateIsAsGitHubDescribesIt(t *testing.T) {
	t.Parallel()
	const base = "/repos/acme/shop"
	server := serve(t, estate+asPerson)
	for _, path := range []string{
		"", "/environments?per_page=100&page=2", "/environments/production", "/environments/PRODUCTION", "/environments/staging", "/environments/prod%2Feu%20%231", "/environments/plain", "/environments/preview",
		"/environments/production/deployment-branch-policies?per_page=100&page=2", "/environments/staging/deployment-branch-policies",
		"/environments/production/deployment_protection_rules", "/environments/staging/deployment_protection_rules",
		"/environments/production/secrets?per_page=100", "/environments/prod%2Feu%20%231/secrets", "/actions/secrets?page=1", "/collaborators?affiliation=all&per_page=100&page=2",
	} {
		recorder := call(t, server, base+path)
		if recorder.Code != http.StatusOK {
			t.Errorf("GET %s: %d %s", path, recorder.Code, recorder.Body)
		}
		if err := describe(t.Context(), base+path, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
			t.Errorf("GET %s: %v", path, err)
		}
	}
	noViolations(t, server)
}

// shown returns the fields of an answer without those of accounts, addresses and
// numbers.
func shown(t *testing.T, server *githubtest.Server, path string, fields ...string) map[string]any {
	t.Helper()
	var all map[string]any
	decode(t, fetch(t, server, "/repos/acme/shop"+path), &all)
	kept := map[string]any{}
	for _, field := range fields {
		kept[field] = all[field]
	}
	return kept
}

func TestAnEnvironmentSaysWhatGuardsIt(t *testing.T) {
	t.Parallel()
	server := serve(t, estate)
	for name, want := range map[string]string{
		"production":       `{"can_admins_bypass":false,"deployment_branch_policy":{"custom_branch_policies":true,"protected_branches":false},"name":"production"}`,
		"PreView":          `{"can_admins_bypass":true,"deployment_branch_policy":{"custom_branch_policies":false,"protected_branches":true},"name":"preview"}`,
		"plain":            `{"can_admins_bypass":true,"deployment_branch_policy":null,"name":"plain"}`,
		"prod%2Feu%20%231": `{"can_admins_bypass":true,"deployment_branch_policy":null,"name":"prod/eu #1"}`,
		"staging":          `{"can_admins_bypass":true,"deployment_branch_policy":null,"name":"staging"}`,
	} {
		got, err := json.Marshal(shown(t, server, "/environments/"+name, "name", "can_admins_bypass", "deployment_branch_policy"))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
	var found struct {
		Rules *[]struct {
			Type      string
			Wait      int  `json:"wait_timer"`
			Prevent   bool `json:"prevent_self_review"`
			Reviewers []struct {
				Type     string
				Reviewer struct{ Login, Slug string }
			}
		} `json:"protection_rules"`
	}
	decode(t, fetch(t, server, "/repos/acme/shop/environments/production"), &found)
	rules := *found.Rules
	if len(rules) != 3 || rules[0].Wait != 10 || !rules[1].Prevent || len(rules[1].Reviewers) != 2 || rules[1].Reviewers[0].Reviewer.Login != "octocat" ||
		rules[1].Reviewers[1].Type != "Team" || rules[1].Reviewers[1].Reviewer.Slug != "quality" || rules[2].Type != "branch_policy" {
		t.Errorf("rules %+v", rules)
	}
	if plain := fetch(t, server, "/repos/acme/shop/environments/plain"); bytes.Contains(plain, []byte("protection_rules")) {
		t.Errorf("a plan without rules: %s", plain)
	}
	noViolations(t, server)
}

func TestWhatBelongsToAnEnvironmentIsListed(t *testing.T) {
	t.Parallel()
	server := serve(t, estate+asPerson)
	const base = "/repos/acme/shop"
	for path, want := range map[string][]string{
		"/environments": {"plain", "preview", "prod/eu #1", "production", "staging"},
		"/environments/production/deployment-branch-policies":  {"main branch", "release/* branch", "v* tag"},
		"/environments/preview/deployment-branch-policies":     nil,
		"/environments/production/deployment_protection_rules": {"watchtower", "moon"},
		"/environments/production/secrets":                     {"DEPLOY_KEY", "TOKEN", "ZED_KEY"},
		"/environments/staging/secrets":                        nil,
		"/actions/secrets":                                     {"NPM_TOKEN"},
	} {
		var names []string
		total := -1
		for number := 1; number <= 3; number++ {
			address := base + path
			if !strings.HasSuffix(path, "_rules") {
				address += "?page=" + string(rune('0'+number))
			} else if number > 1 {
				break
			}
			var got struct {
				Total int                                   `json:"total_count"`
				A     []struct{ Name string }               `json:"environments"`
				B     []struct{ Name, Type string }         `json:"branch_policies"`
				C     []struct{ App struct{ Slug string } } `json:"custom_deployment_protection_rules"`
				D     []struct{ Name string }               `json:"secrets"`
			}
			decode(t, fetch(t, server, address), &got)
			for _, each := range append(got.A, got.D...) {
				names = append(names, each.Name)
			}
			for _, each := range got.B {
				names = append(names, each.Name+" "+each.Type)
			}
			for _, each := range got.C {
				names = append(names, each.App.Slug)
			}
			total = got.Total
		}
		if diff := cmp.Diff(want, names); diff != "" || total != len(want) {
			t.Errorf("%s: total %d (-want +got):\n%s", path, total, diff)
		}
	}
	noViolations(t, server)
}

func TestWhoMayReadTheEstate(t *testing.T) {
	t.Parallel()
	const base, none = "/repos/acme/shop", "token: {permissions: {contents: read}}\n"
	const everything = "token: {permissions: {actions: write, checks: write, contents: write, deployments: write, issues: write, pull-requests: write, security-events: write, statuses: write, vulnerability-alerts: read}}\n"
	rows := []struct {
		token, path string
		status      int
		says        string
	}{
		{"", "/environments/production", 200, ""},
		{none, "/environments/production", 403, "not accessible by integration"},
		{none, "/environments", 403, "not accessible"},
		{none, "/environments/production/deployment-branch-policies", 403, "not accessible"},
		{none, "/environments/production/deployment_protection_rules", 403, "not accessible"},
		{none, "/environments/none", 403, "not accessible"},
		{everything, "/environments/production/secrets", 403, "not accessible"},
		{everything, "/actions/secrets", 403, "not accessible"},
		{everything, "/environments/none/secrets", 403, "not accessible"},
		{asPerson, "/environments/production/secrets", 200, "DEPLOY_KEY"},
		{asPerson, "/actions/secrets", 200, "NPM_TOKEN"},
		{asPerson, "/environments/none/secrets", 404, "Not Found"},
		{"", "/environments/none", 404, `"Not Found"`},
		{"", "/environments/prod", 404, `"Not Found"`},
		{"", "/collaborators", 403, "Must have push access"},
		{none, "/collaborators", 403, "Must have push access"},
		{everything, "/collaborators", 200, "alice"},
		{asPerson, "/collaborators", 200, "alice"},
		{asPerson, "/collaborators?affiliation=direct", 501, "all together"},
	}
	for _, row := range rows {
		server := serve(t, estate+row.token)
		recorder := call(t, server, base+row.path)
		if recorder.Code != row.status || !strings.Contains(recorder.Body.String(), row.says) {
			t.Errorf("%q: GET %s: %d %s, want %d and %q", row.token, row.path, recorder.Code, recorder.Body, row.status, row.says)
		}
		noViolations(t, server)
	}
}

func TestSettingsAreShownToThoseWhoMayPush(t *testing.T) {
	t.Parallel()
	fields := []string{"visibility", "private", "archived", "allow_merge_commit", "allow_squash_merge", "allow_rebase_merge"}
	rows := []struct {
		world string
		want  map[string]any
	}{
		{"", map[string]any{"visibility": "public", "private": false, "archived": false, "allow_merge_commit": nil, "allow_squash_merge": nil, "allow_rebase_merge": nil}},
		{"private: true\ntoken: {permissions: {contents: write}}\n", map[string]any{"visibility": "private", "private": true, "archived": false, "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": true}},
		{estate + asPerson, map[string]any{"visibility": "internal", "private": true, "archived": true, "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": false}},
	}
	for _, row := range rows {
		if diff := cmp.Diff(row.want, shown(t, serve(t, row.world), "", fields...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.world, diff)
		}
	}
}

func TestCollaboratorsAreThoseWhoHoldAPermission(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, `repository: olga/shop
time: 2026-11-17T10:00:00Z
page-size: 100
people:
  olga: {id: 11}
  ben: {id: 13, permission: maintain, role: captain}
  ann: {id: 12, permission: read}
  eve: {id: 14}
  left: {id: 15, permission: admin, gone: true}
  robot[bot]: {id: 16, kind: bot, permission: write}
commits: [{name: c1, by: olga}]
`+asPerson)
	var got []struct {
		Login       string
		Permissions map[string]bool
		Role        string `json:"role_name"`
	}
	decode(t, fetch(t, server, "/repos/olga/shop/collaborators"), &got)
	var all []string
	for _, each := range got {
		all = append(all, each.Login+" "+each.Role)
	}
	if diff := cmp.Diff([]string{"olga admin", "ann read", "ben captain"}, all); diff != "" {
		t.Errorf("collaborators (-want +got):\n%s", diff)
	}
	if last := got[2].Permissions; !last["maintain"] || last["admin"] || !got[0].Permissions["admin"] {
		t.Errorf("permissions %+v", got)
	}
	noViolations(t, server)
}

// A person's token writes, too.
func TestTheTokenOfAPersonMayDoEverything(t *testing.T) {
	t.Parallel()
	server := serve(t, asPerson)
	if checks := call(t, server, "/repos/acme/shop/commits/"+server.SHA("c1")+"/check-runs"); checks.Code != http.StatusOK {
		t.Errorf("checks: %d", checks.Code)
	}
	limited := serve(t, "token: {admin: true, permissions: {}}\n")
	if checks := call(t, limited, "/repos/acme/shop/commits/"+limited.SHA("c1")+"/check-runs"); checks.Code != http.StatusOK {
		t.Errorf("checks: %d", checks.Code)
	}
}

func TestEstatesThatCannotBe(t *testing.T) {
	t.Parallel()
	const head = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {olga: {}, a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, 'robot[bot]': {kind: bot}}\ncommits: [{name: c1, by: olga}]\n"
	for text, says := range map[string]string{
		"environments: {'': {}}\n":                                                       "want a name",
		"environments: {prod: {}, Prod: {}}\n":                                           "another letter case",
		"environments: {prod: {reviewers: [eve]}}\n":                                     `"eve" is not among people`,
		"environments: {prod: {reviewers: ['team:none']}}\n":                             `"none" is not among teams`,
		"environments: {prod: {reviewers: ['robot[bot]']}}\n":                            "only people and teams",
		"environments: {prod: {reviewers: [olga, olga]}}\n":                              "there twice",
		"environments: {prod: {reviewers: [olga, a, b, c, d, e, f]}}\n":                  "GitHub takes 6",
		"environments: {prod: {prevent-self-review: true}}\n":                            "there are no reviewers",
		"environments: {prod: {wait-minutes: -1}}\n":                                     "wait-minutes -1",
		"environments: {prod: {wait-minutes: 43201}}\n":                                  "wait-minutes 43201",
		"environments: {prod: {refs: some}}\n":                                           `refs "some"`,
		"environments: {prod: {patterns: [{branch: main}]}}\n":                           "only with refs: selected",
		"environments: {prod: {refs: selected, patterns: [{}]}}\n":                       "want a branch or a tag",
		"environments: {prod: {refs: selected, patterns: [{branch: a, tag: a}]}}\n":      "want a branch or a tag",
		"environments: {prod: {refs: selected, patterns: [{branch: a}, {branch: a}]}}\n": "not there yet",
		"environments: {prod: {apps: [a, a]}}\n":                                         "not a slug, or there twice",
		"environments: {prod: {apps: [A b]}}\n":                                          "not a slug",
		"environments: {prod: {secrets: [a, A]}}\n":                                      "not the name of a secret, or there twice",
		"environments: {prod: {protect: true}}\n":                                        "protect",
		"secrets: [GITHUB_TOKEN]\n":                                                      "not the name of a secret",
		"secrets: [a-b]\n":                                                               "not the name of a secret",
		"visibility: secret\n":                                                           `visibility "secret"`,
		"visibility: public\nprivate: true\n":                                            "private is true",
		"merge: []\n":                                                                    "at least one way",
		"merge: [fast-forward]\n":                                                        `merge: "fast-forward"`,
		"token: {permissions: {administration: read}}\n":                                 "permission administration",
	} {
		world, err := githubtest.ParseWorld([]byte(head + text))
		if err == nil {
			_, err = githubtest.New(world)
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error that says %q", text, err, says)
		}
	}
}
