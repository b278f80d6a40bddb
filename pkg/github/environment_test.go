package github_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	environmentsPath = "/v3/repos/acme/shop/environments"
	environmentPath  = environmentsPath + "/production"
	patternsPath     = environmentPath + "/deployment-branch-policies"
	appsPath         = environmentPath + "/deployment_protection_rules"
)

type handler = func(http.ResponseWriter, *http.Request) bool

// shows answers with a value.
func shows(value any) handler {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		show(w, http.StatusOK, value)
		return true
	}
}

// overcounted lists all on the first page, and counts one more.
func overcounted(items array, counted string) handler {
	return func(w http.ResponseWriter, r *http.Request) bool {
		listed := items
		if r.URL.Query().Get("page") != "1" {
			listed = array{}
		}
		show(w, http.StatusOK, object{"total_count": len(items) + 1, counted: listed})
		return true
	}
}

// environmentData is production: reviewed by bob and a team, with a wait, for
// patterns only.
func environmentData() object {
	return object{
		"id": 77, "name": "production", "can_admins_bypass": false,
		"protection_rules": array{
			object{"id": 1, "type": "wait_timer", "wait_timer": 30},
			object{"id": 2, "type": "required_reviewers", "prevent_self_review": true, "reviewers": array{
				object{"type": "User", "reviewer": restUser(12, "bob")},
				object{"type": "Team", "reviewer": object{"id": 5, "slug": "quality", "name": "Quality"}},
			}},
			object{"id": 3, "type": "branch_policy"},
		},
		"deployment_branch_policy": object{"protected_branches": false, "custom_branch_policies": true},
	}
}

// ruled is environmentData with other rules.
func ruled(rules ...any) object {
	return put(environmentData(), "protection_rules", append(array{}, rules...))
}

func reviewed(reviewers ...any) object {
	return ruled(object{"id": 2, "type": "required_reviewers", "reviewers": append(array{}, reviewers...)})
}

func patternData(id int, kind any, name string) object {
	return object{"id": id, "name": name, "type": kind}
}

func appData(slug any) object {
	return object{"id": 9, "enabled": true, "app": object{"id": 8, "slug": slug}}
}

func appsData(apps ...any) object {
	return object{"total_count": len(apps), "custom_deployment_protection_rules": append(array{}, apps...)}
}

// guarded answers about production, but for what a test changes.
func guarded(changes map[string]handler) map[string]handler {
	all := map[string]handler{
		environmentsPath: paged(array{object{"name": "staging"}}, 2, "environments"),
		environmentPath:  shows(environmentData()),
		patternsPath:     paged(array{patternData(1, "branch", "main"), patternData(2, "tag", "v*"), patternData(3, "branch", "v*")}, 2, "branch_policies"),
		appsPath:         shows(appsData(appData("watchtower"))),
	}
	for path, handle := range changes {
		all[path] = handle
	}
	return all
}

// environmentOf reads an environment of a GitHub that answers by path.
func environmentOf(t *testing.T, name string, handlers map[string]handler) (*fake, fact.Known[fact.Environment]) {
	t.Helper()
	f := newFake(t)
	f.handle = by(handlers)
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Environment(t.Context(), name)
}

func TestAnEnvironmentThatIsNotKnown(t *testing.T) {
	t.Parallel()
	changed := func(path string, value any) handler { return shows(put(environmentData(), path, value)) }
	policy := func(protected, custom any) handler {
		return changed("deployment_branch_policy", object{"protected_branches": protected, "custom_branch_policies": custom})
	}
	user := func(reviewer any) any { return object{"type": "User", "reviewer": reviewer} }
	seven := array{}
	for id := 1; id <= 7; id++ {
		seven = append(seven, user(restUser(id, fmt.Sprint("user", id))))
	}
	patterns := func(items ...any) handler { return paged(append(array{}, items...), 2, "branch_policies") }
	one := patternData(1, "branch", "main")
	rows := []struct {
		name, path string
		handle     handler
		reason     fact.Reason
		detail     string
	}{
		{"refused", environmentPath, raw(403, jsonMedia, notAccessible), fact.Forbidden, "not accessible"},
		{"a token that expired", environmentPath, raw(401, jsonMedia, `{"message":"Bad credentials"}`), fact.Forbidden, "does not accept the token"},
		{"not found, in other words than GitHub's", environmentPath, raw(404, jsonMedia, `{"message":"Repository access blocked"}`), fact.NotFound, "blocked"},
		{"not found, by a gateway", environmentPath, raw(404, "text/html", "<html>Not Found</html>"), fact.NotFound, "status 404"},
		{"not found, by a gateway that speaks JSON", environmentPath, raw(404, jsonMedia, `{"error":"Not Found"}`), fact.NotFound, "status 404"},
		{"not found in another repository", environmentPath, moved(raw(404, jsonMedia, `{"message":"Not Found"}`)), fact.Inconsistent, "/repos/eve/shop/environments/production"},
		{"gone", environmentPath, raw(410, jsonMedia, `{"message":"Not Found"}`), fact.Unavailable, "status 410"},
		{"a server that fails", environmentPath, raw(500, jsonMedia, "{}"), fact.Unavailable, "failed"},
		{"another repository", environmentPath, moved(shows(environmentData())), fact.Inconsistent, "not known to be the same repository"},
		{"another address of the repository", environmentPath, raw(302, jsonMedia, "{}", "Location", "/api/v3/repos/acme/shop/environments/Production"), fact.Inconsistent, "not known to be the same"},
		{"another host", environmentPath, raw(302, jsonMedia, "{}", "Location", "https://evil.test/"), fact.Inconsistent, "refused a redirect"},
		{"no body", environmentPath, raw(200, jsonMedia, ""), fact.Incomplete, "JSON"},
		{"null", environmentPath, raw(200, jsonMedia, "null"), fact.Incomplete, "says nothing"},
		{"braces", environmentPath, raw(200, jsonMedia, "{}"), fact.Incomplete, "says nothing"},
		{"HTML", environmentPath, raw(200, "text/html", "<html>"), fact.Incomplete, "not JSON"},
		{"a list", environmentPath, raw(200, jsonMedia, "[]"), fact.Incomplete, "shape"},
		{"half of it", environmentPath, raw(200, jsonMedia, `{"id":77,`), fact.Incomplete, "whole JSON"},
		{"another environment", environmentPath, changed("name", "staging"), fact.Inconsistent, `about "staging"`},
		{"no name", environmentPath, changed("name", absent), fact.Incomplete, "all of the environment"},
		{"no number", environmentPath, changed("id", absent), fact.Incomplete, "all of the environment"},
		{"a number as text", environmentPath, changed("id", "77"), fact.Incomplete, "shape"},
		{"a bypass that is no truth", environmentPath, changed("can_admins_bypass", "no"), fact.Incomplete, "shape"},
		{"rules that are null", environmentPath, changed("protection_rules", nil), fact.Incomplete, "all of the environment"},
		{"rules that are no list", environmentPath, changed("protection_rules", object{}), fact.Incomplete, "shape"},
		{"a rule that is null", environmentPath, shows(ruled(nil)), fact.Incomplete, "no type"},
		{"a rule without a type", environmentPath, shows(ruled(object{"id": 1})), fact.Incomplete, "no type"},
		{"a wait without minutes", environmentPath, shows(ruled(object{"type": "wait_timer"})), fact.Incomplete, "how long"},
		{"a wait backwards", environmentPath, shows(ruled(object{"type": "wait_timer", "wait_timer": -1})), fact.Incomplete, "how long"},
		{"a wait of more than thirty days", environmentPath, shows(ruled(object{"type": "wait_timer", "wait_timer": 43201})), fact.Incomplete, "how long"},
		{"two waits", environmentPath, shows(ruled(object{"type": "wait_timer", "wait_timer": 1}, object{"type": "wait_timer", "wait_timer": 0})), fact.Inconsistent, "two rules of the type wait_timer"},
		{"two reviews", environmentPath, shows(ruled(object{"type": "required_reviewers", "reviewers": array{}}, object{"type": "required_reviewers", "reviewers": array{}})), fact.Inconsistent, "two rules"},
		{"a review without a list", environmentPath, shows(ruled(object{"type": "required_reviewers"})), fact.Incomplete, "lists 0 reviewers"},
		{"seven reviewers", environmentPath, shows(reviewed(seven...)), fact.Incomplete, "lists 7 reviewers"},
		{"a reviewer that is null", environmentPath, shows(reviewed(nil)), fact.Incomplete, "all of a reviewer"},
		{"a reviewer who is nobody", environmentPath, shows(reviewed(user(nil))), fact.Incomplete, "all of a reviewer"},
		{"a reviewer without a type", environmentPath, shows(reviewed(object{"reviewer": restUser(12, "bob")})), fact.Incomplete, "all of a reviewer"},
		{"a reviewer of another type", environmentPath, shows(reviewed(object{"type": "App", "reviewer": restUser(12, "bob")})), fact.Incomplete, "all of a reviewer"},
		{"a reviewer without a number", environmentPath, shows(reviewed(user(object{"login": "bob"}))), fact.Incomplete, "all of a reviewer"},
		{"a reviewer without a login", environmentPath, shows(reviewed(user(object{"id": 12, "slug": "bob"}))), fact.Incomplete, "all of a reviewer"},
		{"a team without a slug", environmentPath, shows(reviewed(object{"type": "Team", "reviewer": object{"id": 12, "login": "bob"}})), fact.Incomplete, "all of a reviewer"},
		{"references that are left out", environmentPath, changed("deployment_branch_policy", absent), fact.Incomplete, "all of the environment"},
		{"both kinds of references", environmentPath, policy(true, true), fact.Incomplete, "protected branches or patterns"},
		{"neither kind of references", environmentPath, policy(false, false), fact.Incomplete, "protected branches or patterns"},
		{"half a kind of references", environmentPath, policy(true, nil), fact.Incomplete, "protected branches or patterns"},
		{"patterns that may not be read", patternsPath, raw(403, jsonMedia, notAccessible), fact.Forbidden, "deployment-branch-policies"},
		{"patterns that are not found", patternsPath, raw(404, jsonMedia, `{"message":"Not Found"}`), fact.NotFound, "deployment-branch-policies"},
		{"patterns of another repository", patternsPath, moved(patterns(one)), fact.Inconsistent, "not known to be the same repository"},
		{"patterns without a total", patternsPath, shows(object{"branch_policies": array{one}}), fact.Incomplete, "no total"},
		{"patterns without a list", patternsPath, shows(object{"total_count": 0}), fact.Incomplete, "no list of patterns"},
		{"patterns that are null", patternsPath, shows(object{"total_count": 0, "branch_policies": nil}), fact.Incomplete, "no list of patterns"},
		{"fewer patterns than there are", patternsPath, overcounted(array{one}, "branch_policies"), fact.Incomplete, "got 1 of 2"},
		{"more patterns than there are", patternsPath, uncounted(array{one, patternData(2, "tag", "v*")}, "branch_policies"), fact.Incomplete, "got 2 of 1"},
		{"a pattern twice", patternsPath, patterns(one, one), fact.Incomplete, "listed twice"},
		{"a pattern that is null", patternsPath, patterns(nil), fact.Incomplete, "all of a pattern"},
		{"a pattern without a number", patternsPath, patterns(patternData(0, "branch", "main")), fact.Incomplete, "all of a pattern"},
		{"a pattern without a name", patternsPath, patterns(patternData(1, "branch", "")), fact.Incomplete, "all of a pattern"},
		{"a pattern for what is not said", patternsPath, patterns(object{"id": 1, "name": "main"}), fact.Incomplete, "all of a pattern"},
		{"a pattern for something else", patternsPath, patterns(patternData(1, "pull", "main")), fact.Incomplete, "all of a pattern"},
		{"apps that may not be read", appsPath, raw(403, jsonMedia, notAccessible), fact.Forbidden, "deployment_protection_rules"},
		{"apps of another repository", appsPath, moved(shows(appsData())), fact.Inconsistent, "not known to be the same repository"},
		{"apps without a total", appsPath, shows(put(appsData(), "total_count", absent)), fact.Incomplete, "all apps"},
		{"apps without a list", appsPath, shows(put(appsData(), "custom_deployment_protection_rules", nil)), fact.Incomplete, "all apps"},
		{"fewer apps than there are", appsPath, shows(put(appsData(appData("x")), "total_count", 2)), fact.Incomplete, "all apps"},
		{"an app that is null", appsPath, shows(appsData(nil)), fact.Incomplete, "all of an app"},
		{"an app without a slug", appsPath, shows(appsData(appData(""))), fact.Incomplete, "all of an app"},
		{"an app that may be off", appsPath, shows(appsData(put(appData("x"), "enabled", absent))), fact.Incomplete, "all of an app"},
		{"a rule of no app", appsPath, shows(appsData(put(appData("x"), "app", nil))), fact.Incomplete, "all of an app"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := environmentOf(t, "production", guarded(map[string]handler{row.path: row.handle}))
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; row.reason == fact.Forbidden && row.name != "a token that expired" && !strings.Contains(fix, "actions: read") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

func TestAnEnvironmentIsRead(t *testing.T) {
	t.Parallel()
	no := false
	f, known := environmentOf(t, "PRODUCTION", by2("PRODUCTION", guarded(nil)))
	same(t, "environment", have(t, known), fact.Environment{
		Name: "production", Exists: true, URL: "https://github.com/acme/shop/settings/environments/77/edit",
		Reviewers:         []fact.EnvironmentReviewer{{Kind: "user", ID: 12, Name: "bob"}, {Kind: "team", ID: 5, Name: "acme/quality"}},
		PreventSelfReview: true, WaitMinutes: 30, AdminsBypass: &no, Refs: fact.SelectedRefs,
		Patterns: []fact.RefPattern{{Kind: fact.Branch, Pattern: "main"}, {Kind: fact.TagRef, Pattern: "v*"}, {Kind: fact.Branch, Pattern: "v*"}},
		Apps:     []string{"watchtower"},
	})
	if asked := f.asked(); len(asked) != 5 { // the overview, the environment, two pages of patterns, the apps
		t.Errorf("asked %q", asked)
	}
}

// by2 answers about an environment under another spelling of its name.
func by2(name string, handlers map[string]handler) map[string]handler {
	all := map[string]handler{}
	for path, handle := range handlers {
		all[strings.Replace(path, "/production", "/"+name, 1)] = handle
	}
	return all
}

func TestAnEnvironmentThatGuardsLess(t *testing.T) {
	t.Parallel()
	bare := func(data object) object { return put(data, "deployment_branch_policy", nil) }
	rows := []struct {
		name   string
		answer object
		apps   object
		want   fact.Environment
	}{
		{"no rules are shown on this plan", bare(put(environmentData(), "protection_rules", absent)), appsData(), fact.Environment{Refs: fact.AllRefs}},
		{"no rules", bare(ruled()), appsData(), fact.Environment{Refs: fact.AllRefs}},
		{"a rule of a kind that is not known", bare(ruled(object{"id": 4, "type": "moon_phase", "reviewers": array{}})), appsData(), fact.Environment{Refs: fact.AllRefs}},
		{"a review by nobody", bare(reviewed()), appsData(), fact.Environment{Refs: fact.AllRefs}},
		{"protected branches", put(ruled(), "deployment_branch_policy", object{"protected_branches": true, "custom_branch_policies": false}), appsData(), fact.Environment{Refs: fact.ProtectedRefs}},
		{"an app that is off", bare(ruled()), appsData(put(appData("idle"), "enabled", false), appData("watchtower")), fact.Environment{Refs: fact.AllRefs, Apps: []string{"watchtower"}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f, known := environmentOf(t, "production", guarded(map[string]handler{
				environmentPath: shows(put(row.answer, "can_admins_bypass", absent)), appsPath: shows(row.apps),
			}))
			row.want.Name, row.want.Exists, row.want.URL = "production", true, "https://github.com/acme/shop/settings/environments/77/edit"
			same(t, "environment", have(t, known), row.want)
			if asked := f.asked(); len(asked) != 3 {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

func TestThatThereIsNoEnvironmentIsAnAnswer(t *testing.T) {
	t.Parallel()
	gone := raw(404, jsonMedia, `{"message":"Not Found"}`)
	named := func(names ...any) array {
		all := array{}
		for _, name := range names {
			all = append(all, object{"name": name})
		}
		return all
	}
	rows := []struct {
		name   string
		handle handler
		reason fact.Reason
		detail string
	}{
		{"it is on the list", paged(named("a", "b", "PRODUCTION"), 2, "environments"), fact.Inconsistent, "was not found by its name"},
		{"the list may not be read", raw(403, jsonMedia, notAccessible), fact.Forbidden, "not accessible"},
		{"the list is not found", gone, fact.NotFound, "status 404"},
		{"the list is another repository's", moved(paged(named(), 2, "environments")), fact.Inconsistent, "not known to be the same repository"},
		{"the list is not whole", overcounted(named("a"), "environments"), fact.Incomplete, "got 1 of 2"},
		{"no list", shows(object{"total_count": 0}), fact.Incomplete, "no list of environments"},
		{"no total", shows(object{"environments": array{}}), fact.Incomplete, "no total"},
		{"a name that is left out", paged(named("a", ""), 2, "environments"), fact.Incomplete, "name of an environment"},
		{"an environment that is null", paged(array{nil}, 2, "environments"), fact.Incomplete, "name of an environment"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := environmentOf(t, "production", guarded(map[string]handler{environmentPath: gone, environmentsPath: row.handle}))
			wantLost(t, known, row.reason, row.detail)
		})
	}
	f, known := environmentOf(t, "production", guarded(map[string]handler{environmentPath: gone, environmentsPath: paged(named("a", "b", "production-eu"), 2, "environments")}))
	same(t, "environment", have(t, known), fact.Environment{Name: "production", URL: "https://github.com/acme/shop/settings/environments"})
	if asked := f.asked(); len(asked) != 4 {
		t.Errorf("asked %q", asked)
	}
}

// Without the overview, "not found" may be said of the repository.
func TestWithoutTheRepositoryNothingOfItsEstateIsKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = by(guarded(map[string]handler{environmentPath: raw(404, jsonMedia, `{"message":"Not Found"}`)}))
	reader := f.reader(t)
	wantLost(t, reader.Environment(t.Context(), "production"), fact.NotAsked, "")
	wantLost(t, reader.Secrets(t.Context(), "production"), fact.NotAsked, "")
	wantLost(t, reader.Secrets(t.Context(), ""), fact.NotAsked, "")
	wantLost(t, reader.Settings(t.Context()), fact.NotAsked, "")
	wantLost(t, reader.Collaborators(t.Context()), fact.NotAsked, "")
	if asked := f.asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestAnEnvironmentWhoseNameIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", ".."} {
		f, known := environmentOf(t, name, nil)
		wantLost(t, known, fact.NotFound, "no environment can be asked for")
		if asked := f.asked(); len(asked) != 1 || lost(t, known).Fix == "" {
			t.Errorf("asked %q, fix %q", asked, lost(t, known).Fix)
		}
	}
	for _, name := range []string{".", ".."} {
		f := newFake(t)
		reader := f.reader(t)
		reader.Overview(t.Context())
		wantLost(t, reader.Secrets(t.Context(), name), fact.NotFound, "no environment can be asked for")
	}
}

// A name that is not escaped asks about another environment, or about something
// else altogether.
func TestTheNameOfAnEnvironmentStaysOnePartOfTheAddress(t *testing.T) {
	t.Parallel()
	for name, escaped := range map[string]string{
		"prod/eu": "prod%2Feu", "prod#1": "prod%231", "100%": "100%25", "prod%2Feu": "prod%252Feu", "prod eu": "prod%20eu", "prod?x=1&y": "prod%3Fx=1&y",
		"größe": "gr%C3%B6%C3%9Fe", "生産": "%E7%94%9F%E7%94%A3", "../../../shop": "..%2F..%2F..%2Fshop", "a//b": "a%2F%2Fb", "a/": "a%2F", "a+b": "a+b", "x\ny": "x%0Ay",
		`back\slash`: "back%5Cslash", "semi;colon": "semi%3Bcolon",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				below, ours := strings.CutPrefix(r.URL.EscapedPath(), "/api/v3/repos/acme/shop/environments/"+escaped)
				switch {
				case !ours:
					return false
				case below == "/deployment_protection_rules":
					return shows(appsData())(w, r)
				case below == "/deployment-branch-policies":
					return paged(array{patternData(1, "branch", "a"), patternData(2, "branch", "b"), patternData(3, "branch", "c")}, 2, "branch_policies")(w, r)
				case below == "/secrets":
					return paged(secretsData("A", "B", "C"), 2, "secrets")(w, r)
				}
				return shows(put(environmentData(), "name", name))(w, r)
			}
			reader := f.reader(t)
			reader.Overview(t.Context())
			if got := have(t, reader.Environment(t.Context(), name)); got.Name != name || len(got.Patterns) != 3 {
				t.Errorf("got %+v", got)
			}
			if got := have(t, reader.Secrets(t.Context(), name)); len(got) != 3 {
				t.Errorf("secrets %q", got)
			}
		})
	}
}

// A repository that was renamed redirects to its number.
func TestAnEnvironmentOfARepositoryThatWasRenamed(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]fact.Reason{1001: "", 1002: fact.Inconsistent, 10010: fact.Inconsistent} {
		for _, name := range []string{"production", "prod/eu"} {
			f := newFake(t)
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				path := r.URL.EscapedPath()
				below, ours := strings.CutPrefix(path, "/api/v3/repos/acme/shop/environments/")
				switch {
				case ours:
					return raw(301, jsonMedia, "{}", "Location", fmt.Sprintf("/api/v3/repositories/%d/environments/%s?%s", number, below, r.URL.RawQuery))(w, r)
				case strings.HasSuffix(path, "/deployment_protection_rules"):
					return shows(appsData())(w, r)
				case strings.Contains(path, "/repositories/"):
					return shows(put(put(environmentData(), "name", name), "deployment_branch_policy", nil))(w, r)
				}
				return false
			}
			reader := f.reader(t)
			reader.Overview(t.Context())
			known := reader.Environment(t.Context(), name)
			if got := reason(known); got != want {
				t.Errorf("redirected to repository %d, %s: %q, want %q", number, url.PathEscape(name), got, want)
			}
		}
	}
}
