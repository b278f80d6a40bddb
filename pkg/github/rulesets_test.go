package github_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

const rulesetsPath = "/repos/acme/shop/rulesets"

// answers are what a fake says by escaped path below the API's root.
type answers map[string]func(http.ResponseWriter, *http.Request)

// onPaths makes a fake answer some paths, and returns it after the overview.
func onPaths(t *testing.T, by answers) *fake {
	t.Helper()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/api/v3")
		answer := by[path]
		if answer != nil {
			answer(w, r)
		}
		return answer != nil
	}
	return f
}

// saying answers with a status and a value as JSON.
func saying(status int, value any) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { show(w, status, value) }
}

// textual answers with a body as it is.
func textual(kind, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}
}

func refusal(status int, message string) func(http.ResponseWriter, *http.Request) {
	return saying(status, object{"message": message, "status": fmt.Sprint(status)})
}

// led answers with a redirect to a path on the same server.
func led(to string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://"+r.Host+"/api/v3"+to)
		w.WriteHeader(http.StatusMovedPermanently)
	}
}

func rulesetItem(id int, name string) object {
	return object{
		"id": id, "name": name, "target": "branch", "source_type": "Repository", "source": "acme/shop", "enforcement": "active",
		"_links": object{"html": object{"href": fmt.Sprintf("https://github.com/acme/shop/rules/%d", id)}},
	}
}

func wholeRuleset(id int, name string) object {
	whole := rulesetItem(id, name)
	whole["conditions"] = object{"ref_name": object{"include": array{"~DEFAULT_BRANCH"}, "exclude": array{}}}
	whole["rules"] = array{object{"type": "deletion"}}
	whole["bypass_actors"] = array{object{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}}
	return whole
}

// one is a fake with one ruleset, of which a list and a detail are given.
func one(t *testing.T, list, whole func(http.ResponseWriter, *http.Request)) fact.Known[[]fact.Ruleset] {
	t.Helper()
	f := onPaths(t, answers{rulesetsPath: list, rulesetsPath + "/7": whole})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return reader.Rulesets(t.Context())
}

func TestRulesetsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	item := func(path string, value any) func(http.ResponseWriter, *http.Request) {
		return saying(200, array{put(rulesetItem(7, "main"), path, value)})
	}
	whole := saying(200, wholeRuleset(7, "main"))
	good := saying(200, array{rulesetItem(7, "main")})
	rows := []struct {
		name        string
		list, whole func(http.ResponseWriter, *http.Request)
		reason      fact.Reason
		says        string
	}{
		{"an empty body", textual("application/json", ""), whole, fact.Incomplete, "not a whole JSON document"},
		{"half a body", textual("application/json", "[{"), whole, fact.Incomplete, "not a whole JSON document"},
		{"null", saying(200, nil), whole, fact.Incomplete, "says nothing"},
		{"an empty object", saying(200, object{}), whole, fact.Incomplete, "says nothing"},
		{"an object", saying(200, object{"rulesets": array{}}), whole, fact.Incomplete, "shape"},
		{"a page for people", textual("text/html", "<html>"), whole, fact.Incomplete, "not JSON"},
		{"a list of null", saying(200, array{nil}), whole, fact.Incomplete, "all of a ruleset"},
		{"a number in words", item("id", "seven"), whole, fact.Incomplete, "shape"},
		{"no number", item("id", absent), whole, fact.Incomplete, "all of a ruleset"},
		{"no name", item("name", absent), whole, fact.Incomplete, "all of a ruleset"},
		{"no source", item("source", absent), whole, fact.Incomplete, "all of a ruleset"},
		{"no enforcement", item("enforcement", absent), whole, fact.Incomplete, "all of a ruleset"},
		{"listed twice", saying(200, array{rulesetItem(7, "main"), rulesetItem(7, "main")}), whole, fact.Incomplete, "listed twice"},
		{"a refusal", refusal(403, "Resource not accessible by integration"), whole, fact.Forbidden, "not accessible"},
		{"a plan without", refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature."), whole, fact.Forbidden, "Upgrade"},
		{"not found", refusal(404, "Not Found"), whole, fact.NotFound, "not found"},
		{"another repository", led("/repos/eve/shop/rulesets"), whole, fact.Inconsistent, "same repository"},
		{"disabled since", good, saying(200, put(wholeRuleset(7, "main"), "enforcement", "disabled")), fact.Incomplete, "the enforcement is not what the list says"},
		{"renamed since", good, saying(200, put(wholeRuleset(7, "main"), "name", "other")), fact.Incomplete, "the name is not"},
		{"of another source since", good, saying(200, put(wholeRuleset(7, "main"), "source", "acme")), fact.Incomplete, "the source is not"},
		{"for tags since", good, saying(200, put(wholeRuleset(7, "main"), "target", "tag")), fact.Incomplete, "the target is not"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := onPaths(t, answers{rulesetsPath: row.list, rulesetsPath + "/7": row.whole, "/repos/eve/shop/rulesets": good})
			reader := f.reader(t)
			reader.Overview(t.Context())
			known := reader.Rulesets(t.Context())
			wantLost(t, known, row.reason, row.says)
			if fix := lost(t, known).Fix; row.name == "a plan without" && !strings.Contains(fix, "No token helps") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

// What GitHub does not tell of one set is missing in that set.
func TestWhatIsInARulesetIsKnownOrMissingInIt(t *testing.T) {
	t.Parallel()
	whole := func(path string, value any) func(http.ResponseWriter, *http.Request) {
		return saying(200, put(wholeRuleset(7, "main"), path, value))
	}
	pull := func(path string, value any) func(http.ResponseWriter, *http.Request) {
		rule := object{"type": "pull_request", "parameters": object{
			"required_approving_review_count": 1, "require_code_owner_review": true, "require_last_push_approval": true,
			"dismiss_stale_reviews_on_push": true, "required_review_thread_resolution": true,
		}}
		return whole("rules", array{put(rule, path, value)})
	}
	rule := func(kind string, parameters any) func(http.ResponseWriter, *http.Request) {
		return whole("rules", array{object{"type": kind, "parameters": parameters}})
	}
	const all = "refs rules bypass"
	rows := []struct {
		name   string
		whole  func(http.ResponseWriter, *http.Request)
		lost   string
		reason fact.Reason
	}{
		{"refused", refusal(403, "Resource not accessible by integration"), all, fact.Forbidden},
		{"not found", refusal(404, "Not Found"), all, fact.NotFound},
		{"broken", refusal(500, "Server Error"), all, fact.Unavailable},
		{"an empty object", saying(200, object{}), all, fact.Incomplete},
		{"a list", saying(200, array{}), all, fact.Incomplete},
		{"another set", whole("id", 8), all, fact.Inconsistent},
		{"without a name", whole("name", absent), all, fact.Incomplete},
		{"for nobody knows what", whole("target", absent), all, fact.Incomplete},
		{"of another repository", led("/repos/eve/shop/rulesets/7"), all, fact.Inconsistent},
		{"no conditions", whole("conditions", absent), "refs", fact.NotFound},
		{"conditions null", whole("conditions", nil), "refs", fact.NotFound},
		{"conditions of repositories only", whole("conditions", object{"repository_name": object{"include": array{"~ALL"}}}), "refs", fact.NotFound},
		{"no references", whole("conditions.ref_name", object{"exclude": array{}}), "refs", fact.Incomplete},
		{"no exceptions", whole("conditions.ref_name", object{"include": array{}}), "refs", fact.Incomplete},
		{"a null reference", whole("conditions.ref_name.include", array{nil}), "refs", fact.Incomplete},
		{"a null exception", whole("conditions.ref_name.exclude", array{nil}), "refs", fact.Incomplete},
		{"no rules", whole("rules", absent), "rules", fact.Incomplete},
		{"a null rule", whole("rules", array{nil}), "rules", fact.Incomplete},
		{"a rule without a type", whole("rules", array{object{"parameters": object{}}}), "rules", fact.Incomplete},
		{"reviews of which nothing is said", rule("pull_request", absent), "rules", fact.Incomplete},
		{"reviews without a number", pull("parameters.required_approving_review_count", absent), "rules", fact.Incomplete},
		{"reviews of a number below 0", pull("parameters.required_approving_review_count", -1), "rules", fact.Incomplete},
		{"reviews without code owners", pull("parameters.require_code_owner_review", absent), "rules", fact.Incomplete},
		{"reviews without last push", pull("parameters.require_last_push_approval", absent), "rules", fact.Incomplete},
		{"reviews without stale ones", pull("parameters.dismiss_stale_reviews_on_push", absent), "rules", fact.Incomplete},
		{"a null merge method", pull("parameters.allowed_merge_methods", array{nil}), "rules", fact.Incomplete},
		{"checks of which nothing is said", rule("required_status_checks", nil), "rules", fact.Incomplete},
		{"a null check", rule("required_status_checks", object{"required_status_checks": array{nil}}), "rules", fact.Incomplete},
		{"a check without a name", rule("required_status_checks", object{"required_status_checks": array{object{}}}), "rules", fact.Incomplete},
		{"workflows of which nothing is said", rule("workflows", object{}), "rules", fact.Incomplete},
		{"a workflow without a path", rule("workflows", object{"workflows": array{object{"repository_id": 1001}}}), "rules", fact.Incomplete},
		{"a workflow of nobody knows where", rule("workflows", object{"workflows": array{object{"path": "a.yml"}}}), "rules", fact.Incomplete},
		{"bypass not shown", whole("bypass_actors", absent), "bypass", fact.Forbidden},
		{"bypass null", whole("bypass_actors", nil), "bypass", fact.Forbidden},
		{"a null bypass", whole("bypass_actors", array{nil}), "bypass", fact.Incomplete},
		{"a bypass of no kind", whole("bypass_actors", array{object{"actor_id": 5}}), "bypass", fact.Incomplete},
		{"a role without a number", whole("bypass_actors", array{object{"actor_id": nil, "actor_type": "RepositoryRole"}}), "bypass", fact.Incomplete},
		{"a team of number 0", whole("bypass_actors", array{object{"actor_id": 0, "actor_type": "Team"}}), "bypass", fact.Incomplete},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := onPaths(t, answers{
				rulesetsPath: saying(200, array{rulesetItem(7, "main")}), rulesetsPath + "/7": row.whole,
				"/repos/eve/shop/rulesets/7": saying(200, wholeRuleset(7, "main")),
			})
			reader := f.reader(t)
			reader.Overview(t.Context())
			sets := have(t, reader.Rulesets(t.Context()))
			if len(sets) != 1 || sets[0].ID != 7 || sets[0].Name != "main" || sets[0].Enforcement != "active" || sets[0].Target != "branch" {
				t.Fatalf("sets %+v", sets)
			}
			for part, got := range map[string]fact.Reason{"refs": reason(sets[0].Refs), "rules": reason(sets[0].Rules), "bypass": reason(sets[0].Bypass)} {
				want := fact.Reason("")
				if strings.Contains(row.lost, part) {
					want = row.reason
				}
				if got != want {
					t.Errorf("%s: %q, want %q", part, got, want)
				}
			}
			if row.reason == fact.Forbidden && !strings.Contains(lost(t, sets[0].Bypass).Fix, "somebody who administers acme/shop") {
				t.Errorf("fix %q", lost(t, sets[0].Bypass).Fix)
			}
		})
	}
}

func TestARuleset(t *testing.T) {
	t.Parallel()
	whole := wholeRuleset(7, "main")
	whole["conditions"].(object)["repository_name"] = object{"include": array{"~ALL"}, "exclude": array{}}
	whole["bypass_actors"] = array{
		object{"actor_id": 5, "actor_type": "RepositoryRole"},
		object{"actor_id": nil, "actor_type": "DeployKey", "bypass_mode": "exempt"},
		object{"actor_type": "EnterpriseOwner", "bypass_mode": "pull_request"},
	}
	whole["rules"] = array{
		object{"type": "quantum_review", "parameters": object{"qubits": 3}},
		object{"type": "required_status_checks", "parameters": object{"required_status_checks": array{object{"context": "tests", "integration_id": 15368}}}},
		object{"type": "workflows", "parameters": object{"workflows": array{
			object{"path": ".github/workflows/ci.yml", "repository_id": 1001}, object{"path": ".github/workflows/ci.yml", "repository_id": 77},
		}}},
		object{"type": "pull_request", "parameters": object{
			"required_approving_review_count": 2, "require_code_owner_review": true, "require_last_push_approval": false,
			"dismiss_stale_reviews_on_push": true, "allowed_merge_methods": array{"squash"},
		}},
	}
	item := put(rulesetItem(7, "main"), "target", absent)
	sets := have(t, one(t, saying(200, array{item}), saying(200, whole)))
	same(t, "refs", have(t, sets[0].Refs), fact.RulesetRefs{Include: []string{"~DEFAULT_BRANCH"}, Exclude: []string{}})
	same(t, "rules", have(t, sets[0].Rules), []fact.Rule{
		{Type: "quantum_review", Ruleset: 7},
		{Type: "required_status_checks", Ruleset: 7, Checks: []string{"tests"}},
		{Type: "workflows", Ruleset: 7, Workflows: []string{".github/workflows/ci.yml", "77:.github/workflows/ci.yml"}},
		{Type: "pull_request", Ruleset: 7, Approvals: 2, CodeOwners: true, DismissStale: true, MergeMethods: []string{"squash"}},
	})
	same(t, "bypass", have(t, sets[0].Bypass), []fact.Bypass{
		{Kind: "RepositoryRole", ID: 5, Mode: "always"}, {Kind: "DeployKey", Mode: "exempt"}, {Kind: "EnterpriseOwner", Mode: "pull_request"},
	})
	if sets[0].URL != "https://github.com/acme/shop/rules/7" || sets[0].Target != "branch" || sets[0].Source != "acme/shop" {
		t.Errorf("set %+v", sets[0])
	}
	whole["rules"], whole["bypass_actors"] = array{}, array{}
	sets = have(t, one(t, saying(200, array{item}), saying(200, whole)))
	if rules, bypass := have(t, sets[0].Rules), have(t, sets[0].Bypass); len(rules)+len(bypass) > 0 {
		t.Errorf("nothing is %v and %v", rules, bypass)
	}
}

func TestRulesetsBeforeTheOverview(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	wantLost(t, f.reader(t).Rulesets(t.Context()), fact.NotAsked, "")
	if len(f.asked()) != 0 {
		t.Errorf("asked %q", f.asked())
	}
}

// GitHub lists them as it likes, and leaves out those of the organisation unless
// it is asked for them.
func TestRulesetsAreInOrderAndOfAllLevels(t *testing.T) {
	t.Parallel()
	f := onPaths(t, answers{
		rulesetsPath: saying(200, array{rulesetItem(9, "c"), rulesetItem(7, "a")}), rulesetsPath + "/7": saying(200, wholeRuleset(7, "a")),
		rulesetsPath + "/9": saying(200, wholeRuleset(9, "c")),
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	if sets := have(t, reader.Rulesets(t.Context())); len(sets) != 2 || sets[0].ID != 7 || sets[1].ID != 9 {
		t.Errorf("sets %+v", sets)
	}
	for _, asked := range f.asked()[1:] {
		if !strings.Contains(asked, "includes_parents=true") {
			t.Errorf("asked %s", asked)
		}
	}
}

func TestNoRulesetsAreAnAnswer(t *testing.T) {
	t.Parallel()
	known := one(t, saying(200, array{}), nil)
	if sets := have(t, known); sets == nil || len(sets) != 0 {
		t.Errorf("sets %#v", sets)
	}
	if known.Source().URL != "https://github.com/acme/shop/rules" {
		t.Errorf("source %+v", known.Source())
	}
}

// A set that is taken out while the list is read moves the next one to a page
// that was read already. It is not left out: the list is read once more.
func TestRulesetsThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		after int // requests of the list until the change
		known bool
	}{
		{"once", 1, true},
		{"between two readings", 2, true},
		{"all the time", 0, false},
	}
	for _, row := range rows {
		f := newFake(t)
		requests, items := 0, array{rulesetItem(7, "a"), rulesetItem(8, "b"), rulesetItem(9, "c")}
		f.handle = func(w http.ResponseWriter, r *http.Request) bool {
			switch path, _ := strings.CutPrefix(r.URL.Path, "/api/v3"); {
			case path == rulesetsPath:
				paged(items, 2, "")(w, r)
				requests++
				if requests == row.after {
					items = items[1:]
				} else if row.after == 0 {
					items = append(array{rulesetItem(100+requests, "new")}, items...)
				}
			case strings.HasPrefix(path, rulesetsPath+"/"):
				var id int
				_, _ = fmt.Sscanf(path, rulesetsPath+"/%d", &id)
				show(w, 200, wholeRuleset(id, map[int]string{8: "b", 9: "c"}[id]))
			default:
				return false
			}
			return true
		}
		reader := f.reader(t)
		reader.Overview(t.Context())
		known := reader.Rulesets(t.Context())
		if !row.known {
			wantLost(t, known, fact.Incomplete, "")
			continue
		}
		var got []string
		for _, set := range have(t, known) {
			got = append(got, set.Name)
		}
		if diff := cmp.Diff([]string{"b", "c"}, got); diff != "" {
			t.Errorf("%s: sets (-want +got):\n%s", row.name, diff)
		}
	}
}

const guardedWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {olga: {id: 11}}
commits:
  - {name: c1, by: olga, files: {.github/stageward.yml: "version: 1\n", .github/workflows/ci.yml: "on: push\n", .github/workflows/b.yaml: {text: ci.yml, mode: "120000"}, .github/workflows/notes.md: "# No\n"}}
branches: {topic: c1, "a#b%c/ü": c1, free: c1}
rulesets:
  - name: main
    include: [~DEFAULT_BRANCH, "refs/heads/a*/*"]
    rules: [deletion, { pull_request: { approvals: 1, code-owners: true, merge-methods: [merge] } }, { checks: [tests] }]
    bypass: [{ kind: RepositoryRole, id: 5 }]
  - { name: tags, target: tag, include: ["refs/tags/v*"], rules: [non_fast_forward, deletion] }
  - { name: all, source: organization, include: [~ALL], exclude: [refs/heads/free, refs/heads/topic], rules: [quantum_review] }
protection:
  main: { approvals: 1, checks: [tests], bypass: [olga] }
  topic: { force-push: true }
`

func TestRulesetsOfTheDouble(t *testing.T) {
	t.Parallel()
	for _, admin := range []bool{false, true} {
		server, reader := readerOnDouble(t, guardedWorld+fmt.Sprintf("token: { admin: %t }\n", admin), "c1", "refs/heads/main")
		sets := have(t, reader.Rulesets(t.Context()))
		if len(sets) != 3 {
			t.Fatalf("sets %+v", sets)
		}
		rules := have(t, sets[0].Rules)
		if len(rules) != 3 || rules[1].Approvals != 1 || !rules[1].CodeOwners || have(t, sets[1].Refs).Include[0] != "refs/tags/v*" {
			t.Errorf("rules %+v", rules)
		}
		if have(t, sets[2].Rules)[0].Type != "quantum_review" || sets[2].Source != "acme" {
			t.Errorf("set of the organisation %+v", sets[2])
		}
		wantLost(t, sets[2].Bypass, fact.Forbidden, "ruleset 4000003")
		switch {
		case admin:
			same(t, "bypass", have(t, sets[0].Bypass), []fact.Bypass{{Kind: "RepositoryRole", ID: 5, Mode: "always"}})
		default:
			wantLost(t, sets[0].Bypass, fact.Forbidden, "does not show this token")
		}
		for _, violation := range server.Violations() {
			t.Error(violation)
		}
	}
}

// Whichever request goes wrong, and however: what is known is what it was.
func TestFaultsTakeRulesetsAway(t *testing.T) {
	t.Parallel()
	ask := func(faults ...githubtest.Fault) (*githubtest.Server, fact.Known[[]fact.Ruleset]) {
		server, reader := readerOnDouble(t, guardedWorld+"token: { admin: true }\n", "c1", "refs/heads/main", faults...)
		return server, reader.Rulesets(t.Context())
	}
	_, want := ask()
	for name, fault := range map[string]githubtest.Fault{
		"404": {Status: 404}, "403": {Status: 403}, "html": {Body: "html"}, "empty": {Body: "empty"}, "braces": {Body: "braces"},
		"null": {Body: "null"}, "truncated": {Body: "truncated"}, "elsewhere": {Redirect: "https://evil.test/"},
	} {
		for nth := 1; ; nth++ {
			fault.Match, fault.Nth, fault.Times = "GET /repos/acme/shop/rulesets", nth, 1
			server, got := ask(fault)
			if len(server.UnusedFaults()) > 0 {
				if nth < 7 { // two pages, twice, and three sets
					t.Errorf("%s: only %d requests", name, nth-1)
				}
				break
			}
			sets, missing := got.Get()
			less := missing != nil
			for i, set := range sets {
				whole := have(t, want)[i]
				less = less || reason(set.Rules) != ""
				if reason(set.Rules) == "" && !equal(set.Rules, whole.Rules) || reason(set.Refs) == "" && !equal(set.Refs, whole.Refs) {
					t.Errorf("%s of request %d: set %+v", name, nth, set)
				}
			}
			if !less && len(sets) == 3 {
				t.Errorf("%s of request %d: nothing is missing", name, nth)
			}
		}
	}
}
