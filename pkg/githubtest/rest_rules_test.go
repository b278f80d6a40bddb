package githubtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

const rules = `
rulesets:
  - name: main
    include: [~DEFAULT_BRANCH, "refs/heads/release/*"]
    exclude: ["refs/heads/release/old"]
    rules:
      - deletion
      - { pull_request: { approvals: 2, code-owners: true, last-push: true, dismiss-stale: true, merge-methods: [merge, squash] } }
      - { checks: [tests] }
      - { workflows: [.github/workflows/ci.yml, "77:.github/workflows/org.yml"] }
    bypass: [{ kind: RepositoryRole, id: 5 }, { kind: DeployKey, mode: exempt }]
  - { name: tags, id: 7, target: tag, include: ["refs/tags/v*"], rules: [non_fast_forward, required_signatures] }
  - { name: tried, enforcement: evaluate, include: [~ALL], rules: [required_linear_history] }
  - { name: all, source: organization, include: ["refs/heads/**/*"], rules: [pull_request], bypass: [{ kind: OrganizationAdmin }] }
  - { name: size, target: push, rules: [{ max_file_size: { max_file_size: 10 } }] }
protection:
  main: { approvals: 1, code-owners: true, last-push: true, dismiss-stale: true, for-admins: true, signatures: true, checks: [tests], bypass: [octocat] }
  topic: { force-push: true, deletion: true, locked: true }
  gone: {}
`

const rulesBase = "/repos/acme/shop"

// rulesServer serves the shop with rules and more branches.
func rulesServer(t *testing.T, extra string) *githubtest.Server {
	t.Helper()
	more := "branches: {topic: c1, release/1: c1, release/old: c1, 'a#b%c/ü': c1, "
	return serveOnly(t, strings.Replace(shop, "branches: {", more, 1)+rules+extra)
}

func TestRulesAreAsGitHubDescribesThem(t *testing.T) {
	t.Parallel()
	const admin = "token: { admin: true }\n"
	rows := []struct {
		world, path string
		status      int
		has         string
	}{
		{admin, "/rulesets?includes_parents=true&per_page=100&page=1", 200, `"enforcement":"active"`},
		{admin, "/rulesets?targets=push,tag", 200, `"id":7`},
		{admin, "/rulesets/4000001", 200, `"bypass_actors":[{"actor_id":5,"actor_type":"RepositoryRole","bypass_mode":"always"},{"actor_id":null,"actor_type":"DeployKey","bypass_mode":"exempt"}]`},
		{"", "/rulesets/4000001?includes_parents=true", 200, `"allowed_merge_methods":["merge","squash"]`},
		{"", "/rulesets/7", 200, `"include":["refs/tags/v*"]`},
		{admin, "/rulesets/4000004", 200, `"repository_name"`},
		{admin, "/rulesets/4000005", 200, `"conditions":null`},
		{admin, "/rulesets/4000004?includes_parents=false", 404, "Not Found"},
		{admin, "/rulesets/8", 404, "Not Found"},
		{"", "/rules/branches/main?per_page=100", 200, `"ruleset_source":"acme/shop"`},
		{"", "/rules/branches/release%2F1", 200, `"deletion"`},
		{"", "/rules/branches/release%2F1?per_page=100&page=2", 200, `"repository_id":77`},
		{"", "/rules/branches/not-there", 200, `"ruleset_source_type":"Organization"`},
		{"", "/branches/main", 200, `"protected":true,"protection":{"enabled":true,"required_status_checks":{"checks":[{"app_id":null,"context":"tests"}]`},
		{"", "/branches/release%2F1", 200, `"protected":true,"protection":{"enabled":false`},
		{"", "/branches/a%23b%25c%2F%C3%BC", 200, `"name":"a#b%c/ü"`},
		{"", "/branches/none", 404, "Branch not found"},
		{"token: { permissions: { actions: read } }\n", "/branches/main", 403, "not accessible"},
		{"", "/branches/main/protection", 403, "not accessible"},
		{admin, "/branches/main/protection", 200, `"require_last_push_approval":true`},
		{admin, "/branches/topic/protection", 200, `"allow_force_pushes":{"enabled":true}`},
		{admin, "/branches/release%2Fold/protection", 404, "Branch not protected"},
		{admin, "/branches/gone/protection", 404, "Branch not found"},
	}
	for _, row := range rows {
		server := rulesServer(t, row.world)
		recorder := call(t, server, rulesBase+row.path)
		if recorder.Code != row.status || !strings.Contains(recorder.Body.String(), row.has) {
			t.Errorf("GET %s: %d %s, want %d and %s", row.path, recorder.Code, recorder.Body, row.status, row.has)
		}
		if err := describe(t.Context(), rulesBase+row.path, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
			t.Errorf("GET %s: %v", row.path, err)
		}
		noViolations(t, server)
	}
}

func TestWhoMayNotChangeARulesetDoesNotSeeWhoMayBypassIt(t *testing.T) {
	t.Parallel()
	for path, world := range map[string]string{"/rulesets/4000001": "", "/rulesets/4000004": "token: { admin: true }\n"} {
		answer := call(t, rulesServer(t, world), rulesBase+path)
		if strings.Contains(answer.Body.String(), "bypass_actors") || answer.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}

// The list has all sets and nothing of what is in them; what holds for a branch
// is of active sets of branches only.
func TestWhichRulesHold(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{
		"main":          {"deletion 4000001", "pull_request 4000001", "required_status_checks 4000001", "workflows 4000001", "pull_request 4000004"},
		"release/1":     {"deletion 4000001", "pull_request 4000001", "required_status_checks 4000001", "workflows 4000001", "pull_request 4000004"},
		"release/old":   {"pull_request 4000004"},
		"release/1/fix": {"pull_request 4000004"},
		"v1":            {"pull_request 4000004"},
	}
	for branch, want := range rows {
		server := rulesServer(t, "page-size: 100\n")
		var found []struct {
			Type string `json:"type"`
			ID   int64  `json:"ruleset_id"`
		}
		path := rulesBase + "/rules/branches/" + strings.ReplaceAll(branch, "/", "%2F")
		if err := json.Unmarshal(fetch(t, server, path), &found); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, each := range found {
			got = append(got, fmt.Sprintf("%s %d", each.Type, each.ID))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", branch, diff)
		}
	}
	list := call(t, rulesServer(t, "page-size: 100\ntoken: { admin: true }\n"), rulesBase+"/rulesets").Body.String()
	if strings.Count(list, `"source_type"`) != 5 || strings.Contains(list, `"rules"`) || strings.Contains(list, "conditions") || strings.Contains(list, "bypass") {
		t.Errorf("the list is %s", list)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	t.Parallel()
	const head = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {octocat: {}}\ncommits:\n  - {name: c1, by: octocat}\n"
	rows := map[string]string{
		"rulesets: [{target: tag}]\n":                                                "want a name",
		"rulesets: [{name: a, target: commit}]\n":                                    `target "commit"`,
		"rulesets: [{name: a, enforcement: on}]\n":                                   "enforcement",
		"rulesets: [{name: a, source: acme}]\n":                                      `source "acme"`,
		"rulesets: [{name: a, id: 4}, {name: b, id: 4}]\n":                           "id of its own",
		"rulesets: [{name: a, include: [main]}]\n":                                   `pattern "main"`,
		"rulesets: [{name: a, exclude: ['refs/heads/{a,b}']}]\n":                     "pattern",
		"rulesets: [{name: a, include: ['refs/heads/[']}]\n":                         "pattern",
		"rulesets: [{name: a, include: [~MAIN]}]\n":                                  "pattern",
		"rulesets: [{name: a, rules: ['']}]\n":                                       "no type",
		"rulesets: [{name: a, rules: [{deletion: {}, update: {}}]}]\n":               "a rule is its type",
		"rulesets: [{name: a, rules: [{pull_request: {approval: 1}}]}]\n":            "approval",
		"rulesets: [{name: a, rules: [{pull_request: {merge-methods: [octopus]}}]}]": "octopus",
		"rulesets: [{name: a, rules: [{workflows: ['x:ci.yml']}]}]\n":                "number of a repository",
		"rulesets: [{name: a, bypass: [{id: 5}]}]\n":                                 "expected a kind",
		"rulesets: [{name: a, bypass: [{kind: Team, mode: never}]}]\n":               `mode "never"`,
		"protection: {main: {bypass: [eve]}}\n":                                      "not among people",
		"protection: {main: {approval: 1}}\n":                                        "approval",
	}
	for text, says := range rows {
		world, err := githubtest.ParseWorld([]byte(head + text))
		if err == nil {
			_, err = githubtest.New(world)
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error that says %q", text, err, says)
		}
	}
}
