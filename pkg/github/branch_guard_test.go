package github_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	branchPath     = "/repos/acme/shop/branches/main"
	protectionPath = branchPath + "/protection"
	rulesPath      = "/repos/acme/shop/rules/branches/main"
)

// branchData is a branch that only rulesets protect.
func branchData() object {
	return object{"name": "main", "commit": object{"sha": subjectSHA}, "protected": true, "protection": object{"enabled": false}}
}

func ruleItem(kind string, set int) object {
	return object{"type": kind, "ruleset_id": set, "ruleset_source_type": "Repository", "ruleset_source": "acme/shop"}
}

func protectionData() object {
	off := func() object { return object{"enabled": false} }
	return object{
		"url": "x", "enforce_admins": object{"url": "x", "enabled": true}, "allow_force_pushes": off(), "allow_deletions": off(),
		"required_signatures": object{"url": "x", "enabled": true}, "lock_branch": off(),
		"required_pull_request_reviews": object{
			"required_approving_review_count": 2, "require_code_owner_reviews": true, "require_last_push_approval": true, "dismiss_stale_reviews": true,
			"bypass_pull_request_allowances": object{"users": array{object{"login": "olga"}}, "teams": array{object{"slug": "qa"}}, "apps": array{object{"slug": "bot"}}},
		},
		"required_status_checks": object{"contexts": array{"tests", "lint"}, "checks": array{object{"context": "tests", "app_id": nil}, object{"context": "lint", "app_id": 1}}},
	}
}

// guardOf asks for main where the fake answers as by says, and else with a branch
// that a ruleset protects and no classic rule.
func guardOf(t *testing.T, by answers) (*fake, fact.Known[fact.BranchGuard]) {
	t.Helper()
	all := answers{
		branchPath: saying(200, branchData()), rulesPath: saying(200, array{ruleItem("deletion", 7)}),
		protectionPath: refusal(404, "Branch not protected"),
	}
	for path, answer := range by {
		all[path] = answer
	}
	f := onPaths(t, all)
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Branch(t.Context(), "main")
}

func TestABranchOfWhichItIsNotKnownHowItIsGuarded(t *testing.T) {
	t.Parallel()
	branch := func(path string, value any) answers {
		return answers{branchPath: saying(200, put(branchData(), path, value))}
	}
	rules := func(items ...any) answers { return answers{rulesPath: saying(200, items)} }
	rows := []struct {
		name   string
		by     answers
		reason fact.Reason
		says   string
	}{
		{"an empty body", answers{branchPath: textual("application/json", "")}, fact.Incomplete, "not a whole"},
		{"an empty object", answers{branchPath: saying(200, object{})}, fact.Incomplete, "says nothing"},
		{"null", answers{branchPath: saying(200, nil)}, fact.Incomplete, "says nothing"},
		{"a list", answers{branchPath: saying(200, array{})}, fact.Incomplete, "shape"},
		{"a page for people", answers{branchPath: textual("text/html", "<html>")}, fact.Incomplete, "not JSON"},
		{"no name", branch("name", absent), fact.Inconsistent, `the branch ""`},
		{"another branch", branch("name", "other"), fact.Inconsistent, `the branch "other"`},
		{"a branch that differs in case", branch("name", "Main"), fact.Inconsistent, `the branch "Main"`},
		{"no commit", branch("commit", absent), fact.Incomplete, "all of the branch"},
		{"no word of protection", branch("protected", absent), fact.Incomplete, "all of the branch"},
		{"protected null", branch("protected", nil), fact.Incomplete, "all of the branch"},
		{"protected in words", branch("protected", "false"), fact.Incomplete, "shape"},
		{"a refusal", answers{branchPath: refusal(403, "Resource not accessible by integration")}, fact.Forbidden, "not accessible"},
		{"not found, without GitHub's words for a branch", answers{branchPath: refusal(404, "Not Found")}, fact.NotFound, "not found"},
		{"not found, by something in between", answers{branchPath: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Branch not found", 404) }}, fact.NotFound, ""},
		{"GitHub's words with another status", answers{branchPath: refusal(422, "Branch not found")}, fact.Unavailable, ""},
		{"the new name of the branch", answers{branchPath: led("/repositories/1001/branches/trunk"), "/repositories/1001/branches/trunk": saying(200, put(branchData(), "name", "trunk"))}, fact.Inconsistent, "trunk"},
		{"another repository", answers{branchPath: led("/repos/eve/shop/branches/main"), "/repos/eve/shop/branches/main": saying(200, branchData())}, fact.Inconsistent, "eve/shop"},
		{"another repository without the branch", answers{branchPath: led("/repos/eve/shop/branches/main"), "/repos/eve/shop/branches/main": refusal(404, "Branch not found")}, fact.Inconsistent, "eve/shop"},
		{"rules in an object", answers{rulesPath: saying(200, object{"rules": array{}})}, fact.Incomplete, "shape"},
		{"rules null", answers{rulesPath: saying(200, nil)}, fact.Incomplete, "says nothing"},
		{"rules of an empty object", answers{rulesPath: saying(200, object{})}, fact.Incomplete, "says nothing"},
		{"a null rule", rules(nil), fact.Incomplete, "without a type"},
		{"a rule without a type", rules(object{"ruleset_id": 7}), fact.Incomplete, "without a type"},
		{"reviews of which nothing is said", rules(ruleItem("pull_request", 7)), fact.Incomplete, "all of the rule pull_request"},
		{"a rule twice", rules(ruleItem("deletion", 7), ruleItem("deletion", 7)), fact.Incomplete, "listed twice"},
		{"rules refused", answers{rulesPath: refusal(403, "Resource not accessible by integration")}, fact.Forbidden, "not accessible"},
		{"rules that no plan has", answers{rulesPath: refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")}, fact.Forbidden, "Upgrade"},
		{"rules not found", answers{rulesPath: refusal(404, "Not Found")}, fact.NotFound, "not found"},
		{"rules of another repository", answers{rulesPath: led("/repos/eve/shop/rules/branches/main"), "/repos/eve/shop/rules/branches/main": saying(200, array{})}, fact.Inconsistent, "eve/shop"},
		{"a classic rule of what is not protected", answers{branchPath: saying(200, put(branchData(), "protected", false)), protectionPath: saying(200, protectionData())}, fact.Incomplete, "is not protected"},
		{"a classic rule of what is not there", answers{branchPath: refusal(404, "Branch not found"), protectionPath: saying(200, protectionData())}, fact.Incomplete, "not there"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := guardOf(t, row.by)
			wantLost(t, known, row.reason, row.says)
			if fix := lost(t, known).Fix; row.name == "the new name of the branch" && !strings.Contains(fix, "Was the branch renamed?") ||
				row.name == "a refusal" && !strings.Contains(fix, "contents: read") || row.name == "rules that no plan has" && !strings.Contains(fix, "paid plan") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

// What only administrators are told is missing inside of the fact.
func TestAClassicRuleThatIsNotKnown(t *testing.T) {
	t.Parallel()
	with := func(path string, value any) func(http.ResponseWriter, *http.Request) {
		return saying(200, put(protectionData(), path, value))
	}
	const reviews, checks = "required_pull_request_reviews", "required_status_checks"
	rows := []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		reason fact.Reason
		says   string
	}{
		{"refused to a workflow", refusal(403, "Resource not accessible by integration"), fact.Forbidden, "not accessible"},
		{"not shown to somebody else", refusal(404, "Not Found"), fact.NotFound, "not found"},
		{"no such branch", refusal(404, "Branch not found"), fact.NotFound, "Branch not found"},
		{"the words with another status", refusal(403, "Branch not protected"), fact.Forbidden, ""},
		{"an invalid token", refusal(401, "Bad credentials"), fact.Forbidden, "does not accept"},
		{"broken", refusal(500, "Server Error"), fact.Unavailable, ""},
		{"an empty object", saying(200, object{}), fact.Incomplete, "says nothing"},
		{"a page for people", textual("text/html", "<html>"), fact.Incomplete, "not JSON"},
		{"another repository that has none", led("/repos/eve/shop/branches/main/protection"), fact.Inconsistent, "eve/shop"},
		{"nothing but an address", saying(200, object{"url": "x"}), fact.Incomplete, "all of the rule"},
		{"no word of force pushes", with("allow_force_pushes", absent), fact.Incomplete, "all of the rule"},
		{"an empty word of force pushes", with("allow_force_pushes", object{}), fact.Incomplete, "all of the rule"},
		{"no word of deletion", with("allow_deletions", absent), fact.Incomplete, "all of the rule"},
		{"no word of administrators", with("enforce_admins", absent), fact.Incomplete, "all of the rule"},
		{"an empty word of signatures", with("required_signatures", object{}), fact.Incomplete, "all of the rule"},
		{"an empty lock", with("lock_branch", object{"enabled": nil}), fact.Incomplete, "all of the rule"},
		{"no number of approvals", with(reviews+".required_approving_review_count", absent), fact.Incomplete, "all of the rule"},
		{"a number below 0", with(reviews+".required_approving_review_count", -1), fact.Incomplete, "all of the rule"},
		{"no word of code owners", with(reviews+".require_code_owner_reviews", absent), fact.Incomplete, "all of the rule"},
		{"no word of stale reviews", with(reviews+".dismiss_stale_reviews", absent), fact.Incomplete, "all of the rule"},
		{"no contexts", with(checks+".contexts", absent), fact.Incomplete, "all of the rule"},
		{"no checks", with(checks+".checks", absent), fact.Incomplete, "all of the rule"},
		{"a null check", with(checks+".checks", array{nil}), fact.Incomplete, "all of the rule"},
		{"a check without a name", with(checks+".contexts", array{""}), fact.Incomplete, "all of the rule"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, enabled := range []bool{false, true} {
				_, known := guardOf(t, answers{
					branchPath: saying(200, put(branchData(), "protection.enabled", enabled)), protectionPath: row.answer,
					"/repos/eve/shop/branches/main/protection": refusal(404, "Branch not protected"),
				})
				guard := have(t, known)
				wantLost(t, guard.Protection, row.reason, row.says)
				if !guard.Exists || len(guard.Rules) != 1 || guard.Protected != enabled {
					t.Errorf("guard %+v", guard)
				}
				fix := lost(t, guard.Protection).Fix
				if row.name == "refused to a workflow" && !strings.Contains(fix, `"Administration: read"`) {
					t.Errorf("fix %q", fix)
				}
			}
		})
	}
}

func TestHowABranchIsGuarded(t *testing.T) {
	t.Parallel()
	whole := fact.Protection{
		Reviews:   &fact.ReviewRule{Approvals: 2, CodeOwners: true, LastPush: true, DismissStale: true, Bypass: 3},
		ForAdmins: true, Signatures: true, Checks: []string{"lint", "tests"},
	}
	bare := func() object {
		data := protectionData()
		for _, name := range []string{"required_pull_request_reviews", "required_status_checks", "required_signatures", "lock_branch"} {
			delete(data, name)
		}
		return put(put(data, "allow_force_pushes.enabled", true), "allow_deletions.enabled", true)
	}
	old := put(put(protectionData(), "required_pull_request_reviews.bypass_pull_request_allowances", absent), "required_pull_request_reviews.require_last_push_approval", absent)
	oldRule := whole
	oldRule.Reviews = &fact.ReviewRule{Approvals: 2, CodeOwners: true, DismissStale: true}
	rows := []struct {
		name      string
		by        answers
		protected bool
		want      fact.Protection
	}{
		{"by rulesets only", nil, false, fact.Protection{}},
		{"by a classic rule", answers{protectionPath: saying(200, protectionData())}, true, whole},
		{"by a classic rule that allows all", answers{protectionPath: saying(200, bare())}, true, fact.Protection{ForAdmins: true, ForcePush: true, Deletion: true}},
		{"by a classic rule on an old server", answers{protectionPath: saying(200, old)}, true, oldRule},
		{"locked", answers{protectionPath: saying(200, put(put(bare(), "lock_branch", object{"enabled": true}), "enforce_admins.enabled", false))}, true, fact.Protection{ForcePush: true, Deletion: true, Locked: true}},
		{"not protected, and no administrator asks", answers{branchPath: saying(200, put(branchData(), "protected", false)), protectionPath: refusal(403, "Resource not accessible by integration")}, false, fact.Protection{}},
	}
	for _, row := range rows {
		f, known := guardOf(t, row.by)
		guard := have(t, known)
		same(t, row.name, have(t, guard.Protection), row.want)
		if guard.Protected != row.protected || !guard.Exists || guard.Name != "main" {
			t.Errorf("%s: guard %+v", row.name, guard)
		}
		same(t, row.name, guard.Rules, []fact.Rule{{Type: "deletion", Ruleset: 7}})
		if got := len(f.asked()); got != 4 {
			t.Errorf("%s: %d requests, want 4: %q", row.name, got, f.asked())
		}
		if page := known.Source().URL; page != "https://github.com/acme/shop/rules?ref=refs%2Fheads%2Fmain" {
			t.Errorf("page %q", page)
		}
	}
}

func TestRulesOfABranchAreInOrder(t *testing.T) {
	t.Parallel()
	_, known := guardOf(t, answers{rulesPath: saying(200, array{ruleItem("update", 9), ruleItem("update", 7), ruleItem("deletion", 7)})})
	same(t, "rules", have(t, known).Rules, []fact.Rule{{Type: "deletion", Ruleset: 7}, {Type: "update", Ruleset: 7}, {Type: "update", Ruleset: 9}})
}

func TestThatThereIsNoBranchIsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, classic := range []func(http.ResponseWriter, *http.Request){refusal(404, "Branch not found"), refusal(403, "Resource not accessible by integration"), refusal(404, "Branch not protected")} {
		_, known := guardOf(t, answers{branchPath: refusal(404, "Branch not found"), protectionPath: classic})
		guard := have(t, known)
		if guard.Exists || guard.Protected || len(guard.Rules) != 1 {
			t.Errorf("guard %+v", guard)
		}
		wantLost(t, guard.Protection, fact.NotFound, `no branch "main"`)
	}
}

func TestABranchBeforeTheOverviewAndNamesThatAreNone(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	wantLost(t, f.reader(t).Branch(t.Context(), "main"), fact.NotAsked, "")
	for _, name := range []string{"", "..", "a..b", "a b", "a\nb", "/main", "main/", "main.lock", "a?b", "a*", "@{0}", "a\x00b"} {
		wantLost(t, f.reader(t).Branch(t.Context(), name), fact.NotFound, "not the name of a branch")
	}
	if len(f.asked()) != 0 {
		t.Errorf("asked %q", f.asked())
	}
}

// The name is one part of the address, whatever is in it.
func TestTheNameOfABranchIsEscaped(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"release/1.0", "a#b", "50%", "a%2Fb", "a&b=c", "größe/ß", "protection", "-x", "a;b", "a'b\""} {
		f := newFake(t)
		escaped := url.PathEscape(name)
		f.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet {
				return false
			}
			switch path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/api/v3/repos/acme/shop/"); path {
			case "branches/" + escaped:
				show(w, 200, put(branchData(), "name", name))
			case "branches/" + escaped + "/protection":
				show(w, 200, protectionData())
			case "rules/branches/" + escaped:
				show(w, 200, array{ruleItem("deletion", 7)})
			default:
				t.Errorf("%q: asked %s", name, path)
				return false
			}
			return true
		}
		reader := f.reader(t)
		reader.Overview(t.Context())
		if guard := have(t, reader.Branch(t.Context(), name)); guard.Name != name || !guard.Protected || len(guard.Rules) != 1 {
			t.Errorf("%q: %+v", name, guard)
		}
	}
}

func TestRulesOfABranchThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	for _, steady := range []bool{true, false} {
		requests, items := 0, array{ruleItem("update", 9), ruleItem("creation", 7), ruleItem("deletion", 8)}
		_, known := guardOf(t, answers{rulesPath: func(w http.ResponseWriter, r *http.Request) {
			paged(items, 2, "")(w, r)
			if requests++; requests == 1 || !steady && requests%2 == 1 {
				items = append(slices.Clone(items[1:]), ruleItem(fmt.Sprint("rule_", requests), 9))
			}
		}})
		if !steady {
			wantLost(t, known, fact.Incomplete, "changed while it was read")
			continue
		}
		same(t, "rules", have(t, known).Rules, []fact.Rule{{Type: "creation", Ruleset: 7}, {Type: "deletion", Ruleset: 8}, {Type: "rule_1", Ruleset: 9}})
	}
}

func TestBranchesOfTheDouble(t *testing.T) {
	t.Parallel()
	rows := []struct {
		branch    string
		protected bool
		rules     int
		approvals int
		force     bool
	}{{"main", true, 4, 1, false}, {"topic", true, 0, 0, true}, {"a#b%c/ü", false, 4, 0, false}, {"free", false, 0, 0, false}}
	for _, admin := range []bool{false, true} {
		server, reader := readerOnDouble(t, guardedWorld+fmt.Sprintf("token: { admin: %t }\n", admin), "c1", "refs/heads/main")
		for _, row := range rows {
			guard := have(t, reader.Branch(t.Context(), row.branch))
			if !guard.Exists || guard.Protected != row.protected || len(guard.Rules) != row.rules {
				t.Errorf("%s: %+v", row.branch, guard)
			}
			if !admin && row.branch != "free" {
				wantLost(t, guard.Protection, fact.Forbidden, "protection")
				continue
			}
			rule := have(t, guard.Protection)
			if rule.ForcePush != row.force || (rule.Reviews != nil) != (row.approvals > 0) {
				t.Errorf("%s: %+v", row.branch, rule)
			}
		}
		if guard := have(t, reader.Branch(t.Context(), "a/none")); guard.Exists || len(guard.Rules) != 4 {
			t.Errorf("no branch: %+v", guard)
		}
		for _, violation := range server.Violations() {
			t.Error(violation)
		}
	}
}

// Whichever request goes wrong, and however: what is known is what it was.
func TestFaultsTakeTheGuardOfABranchAway(t *testing.T) {
	t.Parallel()
	ask := func(faults ...githubtest.Fault) (*githubtest.Server, fact.Known[fact.BranchGuard]) {
		server, reader := readerOnDouble(t, guardedWorld+"token: { admin: true }\n", "c1", "refs/heads/main", faults...)
		return server, reader.Branch(t.Context(), "main")
	}
	_, known := ask()
	want := have(t, known)
	for name, fault := range map[string]githubtest.Fault{
		"404": {Status: 404}, "403": {Status: 403}, "html": {Body: "html"}, "empty": {Body: "empty"}, "braces": {Body: "braces"},
		"null": {Body: "null"}, "truncated": {Body: "truncated"}, "elsewhere": {Redirect: "https://evil.test/"},
	} {
		for nth := 1; ; nth++ {
			fault.Match, fault.Nth, fault.Times = "GET /repos/acme/shop/", nth, 1
			server, got := ask(fault)
			if len(server.UnusedFaults()) > 0 {
				if nth < 7 { // two pages of rules, twice, the branch and its classic rule
					t.Errorf("%s: only %d requests", name, nth-1)
				}
				break
			}
			guard, missing := got.Get()
			if missing != nil {
				continue
			}
			if reason(guard.Protection) == "" || !guard.Exists || len(guard.Rules) != len(want.Rules) {
				t.Errorf("%s of request %d: %+v", name, nth, guard)
			}
		}
	}
}
