package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/lint"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
)

// clean is a stage of which there is nothing to say. NAME and FROM are put in.
const clean = `  - name: NAME
    from: FROM
    data: anonymized
    deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-NAME }
    gates:
      approved: { approvals: [{ name: qa, by: write }] }
      checks-passed: { checks: [{ name: tests }] }
      on-branch: {}
`

// stages writes stages in order, "name: from" each; a name alone takes a branch of
// its own.
func stages(given ...string) string {
	var text strings.Builder
	for _, each := range given {
		name, from, ok := strings.Cut(each, ": ")
		if !ok {
			from = "{ branches: [only-" + name + "] }"
		}
		text.WriteString(strings.NewReplacer("NAME", name, "FROM", from).Replace(clean))
	}
	return text.String()
}

// last is the last stage with gates of its own.
func last(gates string) string {
	return "  - name: prod\n    from: { tags: [\"v*\"], versions: release }\n    data: production\n" +
		"    deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-prod }\n    gates: { " + gates + " }\n"
}

const (
	approved  = "approved: { approvals: [{ name: qa, by: write }] }"
	checks    = "checks-passed: { checks: [{ name: tests }] }"
	promoting = "promoted: { from: staging }"
	good      = approved + ", " + checks
)

// row is a policy with the warnings that it gives. Without "version:" it is the list
// of the stages.
type row struct {
	name, policy string
	workflow     string
	branch       string
	want         []string
	// says is part of the text of the first warning.
	says string
}

func (r row) look(t *testing.T) []lint.Warning {
	t.Helper()
	text := r.policy
	if !strings.HasPrefix(text, "version:") {
		head, rest, ok := strings.Cut(text, "---\n")
		if !ok {
			head, rest = "", text
		}
		text = "version: 1\n" + head + "stages:\n" + rest
	}
	beside := lint.Beside{Now: now, DefaultBranch: r.branch}
	if r.workflow != "" {
		beside.Workflows = map[string]string{".github/workflows/deploy.yml": r.workflow}
	}
	return lint.Look(parse(t, text), beside)
}

func test(t *testing.T, rows []row) {
	t.Helper()
	for _, each := range rows {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			found := each.look(t)
			if diff := cmp.Diff(each.want, open(found)); diff != "" {
				t.Fatalf("(-want +got):\n%s\n%+v", diff, found)
			}
			if each.says != "" && !strings.Contains(found[0].Text, each.says) {
				t.Errorf("it does not say %q: %s", each.says, found[0].Text)
			}
		})
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	end := last(good + ", promoted: { from: b }")
	pair := func(a, b string) string { return stages("a: "+a, "b: "+b) + end }
	overlap, unreachable := []string{"mapping-overlap"}, []string{"mapping-unreachable"}
	test(t, []row{
		{name: "different branches", policy: pair("{ branches: [x] }", "{ branches: [y] }")},
		{name: "a name below a folder is not in the folder above", policy: pair(`{ branches: ["dev/*"] }`, `{ branches: [y] }`)},
		{name: "a branch and a tag of one name", policy: pair("{ tags: [x] }", "{ branches: [x] }")},
		{name: "two stages take one branch for different events", policy: pair("{ branches: [x], events: [schedule] }", "{ branches: [x], events: [push] }")},
		{name: "releases and pre-releases", policy: pair(`{ tags: ["v*"], versions: prerelease }`, "{ branches: [y] }")},
		{name: "the default branch and a branch that need not be it", policy: pair("{ branches: [$default-branch] }", "{ branches: [main, develop] }")},
		{name: "the default branch and patterns of its folder", policy: pair("{ branches: [$default-branch] }", `{ branches: [y], events: [push] }`)},
		{name: "the default branch, which is another", policy: pair("{ branches: [$default-branch] }", "{ branches: [main] }"), branch: "trunk"},

		{name: "two stages take one branch", policy: pair("{ branches: [x] }", "{ branches: [x] }"), want: overlap, says: "branch x as well"},
		{name: "the default branch twice", policy: pair("{ branches: [$default-branch] }", "{ branches: [$default-branch, y] }"), want: unreachable},
		{name: "the default branch by its name", policy: pair("{ branches: [$default-branch, x] }", "{ branches: [main, y] }"), branch: "main", want: overlap, says: "branch main"},
		{name: "one event is shared", policy: pair("{ branches: [x], events: [schedule, push] }", "{ branches: [x], events: [push, create] }"), want: overlap},
		{name: "a stage below a pattern of another", policy: pair("{ branches: [a] }", "{ branches: [a, b] }"), want: unreachable, says: "the stage b takes everything"},
		{name: "a stage with fewer events", policy: pair("{ branches: [a], events: [push] }", "{ branches: [a] }"), want: unreachable},
		{name: "a stage with events of its own", policy: pair("{ branches: [a], events: [push, schedule] }", "{ branches: [a, b] }"), want: overlap},
		{name: "no version fits", policy: pair("{ tags: [nightly], versions: release }", "{ branches: [a] }"), want: unreachable, says: "tag nightly"},
		{name: "no pre-release fits", policy: pair(`{ tags: ["v1.0.0"], versions: prerelease }`, "{ branches: [a] }"), want: unreachable},
		{name: "no name fits", policy: pair("{ branches: [a] }", "{ branches: [b, x.lock] }"), want: unreachable, says: "x.lock fits no name that git allows"},
	})
}

// What the warning gives as an example is ambiguous where it counts.
func TestTheExampleOfAnOverlapIsAmbiguous(t *testing.T) {
	t.Parallel()
	for _, each := range [][2]string{
		{`{ branches: ["feature/*"] }`, `{ branches: ["*/shop"] }`},
		{`{ branches: ["**"], events: [push] }`, `{ branches: [release, "x/**"] }`},
		{`{ tags: ["v*"], versions: prerelease, events: [push, schedule] }`, `{ tags: ["v1*", "w*"] }`},
		{`{ tags: ["v*"], versions: prerelease, events: [push, schedule] }`, `{ tags: ["v*", x], versions: any, events: [push] }`},
	} {
		rules := parse(t, "version: 1\nstages:\n"+stages("a: "+each[0], "b: "+each[1]))
		example := ""
		for _, warning := range lint.Look(rules, lint.Beside{Now: now}) {
			if match := regexp.MustCompile(`takes (branch|tag) (\S+) as well`).FindStringSubmatch(warning.Text); warning.ID == "mapping-overlap" && match != nil {
				example = map[string]string{"branch": "refs/heads/", "tag": "refs/tags/"}[match[1]] + match[2]
			}
		}
		match := stage.Resolve(rules.Rules(), stage.Query{Ref: fact.Ref(example), DefaultBranch: "main", Event: "push"})
		if match.Problem != stage.Ambiguous {
			t.Errorf("%s and %s: of %q it says %q: %s", each[0], each[1], example, match.Problem, match.Reason)
		}
	}
}

func TestHotfixLanes(t *testing.T) {
	t.Parallel()
	lane := func(from, gates string) string {
		return last(good) + "  - name: urgent\n    hotfix-for: prod\n    from: " + from + "\n    gates: { " + gates + " }\n"
	}
	test(t, []row{
		{name: "names and approvals of its own", policy: lane(`{ branches: ["hotfix/*"] }`, "approved: { approvals: [{ name: qa, by: write }], workflow: .github/workflows/urgent.yml }, "+checks)},
		{name: "pre-releases", policy: lane(`{ tags: ["v*"], versions: prerelease }`, "reviewed: {}, "+checks)},
		{name: "a review instead of an approval", policy: lane(`{ branches: ["hotfix/*"] }`, "reviewed: {}, "+checks)},
		{name: "an approval that only warns", policy: lane(`{ branches: ["hotfix/*"] }`, "reviewed: {}, approved: { mode: warn, approvals: [{ name: qa, by: write }] }, "+checks)},
		{name: "the tags of the stage", policy: lane(`{ tags: ["v2*"] }`, "reviewed: {}, "+checks), want: []string{"hotfix-overlap"}, says: "hotfix lane urgent: tag v2"},
		{name: "the approvals of the stage", policy: lane(`{ branches: ["hotfix/*"] }`, good), want: []string{"hotfix-shares-approvals"}, says: ".github/workflows/approve.yml"},
		{name: "no checks", policy: lane(`{ branches: ["hotfix/*"] }`, "reviewed: {}"), want: []string{"no-checks"}},
		{name: "one person", policy: lane(`{ branches: ["hotfix/*"] }`, "signed-commit: {}, "+checks), want: []string{"one-person-alone"}, says: "the way of urgent"},
		{name: "a pull request", policy: lane(`{ branches: ["hotfix/*"], events: [pull_request] }`, "reviewed: {}, "+checks), want: []string{"unmerged-to-last-stage"}},
	})
}

func TestTheLastStage(t *testing.T) {
	t.Parallel()
	dev := "  - name: dev\n    from: { branches: [dev], events: [push, pull_request] }\n    data: synthetic\n    unrestricted: true\n"
	staging := stages("staging")
	by := func(from, gates string) string {
		return strings.Replace(last(gates), `{ tags: ["v*"], versions: release }`, from, 1)
	}
	test(t, []row{
		{name: "an only stage", policy: last(good)},
		{name: "a stage before that asks for nothing", policy: dev + last(good)},
		{name: "a last stage that asks for nothing", policy: staging + strings.Replace(dev, "branches: [dev]", "branches: [x]", 1)},
		{name: "checks on the stage before", policy: staging + last(approved+", "+promoting)},
		{name: "a second person on the stage before", policy: staging + last("signed-tag: {}, "+promoting)},
		{name: "checks that the stage before names", policy: staging + last(approved+", checks-passed: { all: true }, "+promoting)},
		{name: "jobs that verify what was promoted", policy: strings.Replace(staging, "      checks-passed: { checks: [{ name: tests }] }\n", "", 1) + last(approved+", promoted: { from: staging, verified-by: [{ workflow: .github/workflows/smoke.yml, job: smoke }] }")},
		{name: "a review by GitHub", policy: last("signed-tag: {}, environment-protected: { reviewers: 1 }, " + checks)},
		{name: "a branch that was approved", policy: by("{ branches: [main] }", good)},
		{name: "a branch that is deployed by hand", policy: by("{ branches: [main], events: [workflow_dispatch] }", "environment-protected: { reviewers: 1 }, signed-commit: {}, "+checks)},
		{name: "branches of a pattern that the default branch has", policy: by(`{ branches: ["release/*"] }`, "on-branch: {}, "+good)},
		{name: "a neutral check before the last stage", policy: strings.Replace(staging, "checks: [{ name: tests }]", "checks: [{ name: tests }], accept: [success, neutral]", 1) + last(good+", "+promoting)},

		{name: "not promoted", policy: staging + last(good), want: []string{"not-promoted"}, says: "never on staging"},
		{name: "a promotion that only warns", policy: staging + last(good+", promoted: { from: staging, mode: warn }"), want: []string{"not-promoted"}},
		{name: "no checks", policy: last(approved), want: []string{"no-checks"}},
		{name: "checks that only warn", policy: last(approved + ", checks-passed: { all: true, mode: warn }"), want: []string{"no-checks"}},
		{name: "checks on a stage before that it is not promoted from", policy: staging + last(approved), want: []string{"no-checks", "not-promoted"}},
		{name: "no names", policy: last(approved + ", checks-passed: { all: true }"), want: []string{"checks-not-named"}},
		{name: "neutral", policy: last(approved + ", checks-passed: { checks: [{ name: tests }], accept: [success, neutral] }"), want: []string{"skipped-counts"}, says: "neutral"},
		{name: "nothing about the commit", policy: staging + last("not-locked: {}, approved: { mode: off, approvals: [{ name: qa, by: write }] }, reviewed: { mode: warn }"), want: []string{"bare-last-stage"}, says: "approved, reviewed only warn or are off"},
		{name: "nothing but the branch", policy: last("on-branch: {}"), want: []string{"bare-last-stage"}},
		{name: "the merge queue", policy: by(`{ tags: ["v*"], versions: release, events: [push, merge_group] }`, good), want: []string{"unmerged-to-last-stage"}, says: "merge_group"},
		{name: "a branch that nobody looked at", policy: by("{ branches: [$default-branch] }", "environment-protected: { reviewers: 1 }, signed-commit: {}, "+checks), want: []string{"branch-to-last-stage"}, says: "the default branch"},
		{name: "branches of a pattern", policy: by(`{ branches: ["release/*"] }`, good), want: []string{"branch-to-last-stage"}, says: "release/*"},
		{name: "data", policy: strings.Replace(last(good), "    data: production\n", "", 1), want: []string{"data-not-said"}},
	})
}

func TestPeople(t *testing.T) {
	t.Parallel()
	users := func(names string) string {
		return "roles:\n  few: { users: [" + names + "] }\n  many: { permission: write, users: [olga] }\n  team: { users: [olga], teams: [acme/qa] }\n---\n"
	}
	with := func(names, gates string) string { return users(names) + last(gates+", "+checks) }
	approvals := func(given string) string { return "approved: { approvals: [" + given + "] }" }
	test(t, []row{
		{name: "a role by permission is not counted", policy: with("olga, ben", approvals("{ name: qa, by: many, count: 9 }"))},
		{name: "a role by team is not counted", policy: with("olga, ben", approvals("{ name: qa, by: team, count: 9 }"))},
		{name: "enough people", policy: with("olga, ben, ivy", approvals("{ name: qa, by: few, count: 2 }"))},
		{name: "people of different tables", policy: with("olga, ben", approvals("{ name: qa, by: few }")+", reviewed: { by: few }")},
		{name: "an approval that only warns", policy: with("olga", "reviewed: {}, approved: { mode: warn, approvals: [{ name: qa, by: few }] }")},
		{name: "who deploys is one of three", policy: with("olga, ben, ivy", approvals("{ name: qa, by: few, not: [deployer] }")+", deployer-allowed: { by: few }")},

		{name: "one person is enough for it to stop", policy: with("olga", approvals("{ name: qa, by: few }")), want: []string{"one-person-role"}, says: "@olga and nobody else"},
		{name: "one person by two spellings", policy: with("olga", approvals("{ name: qa, by: many }")+", deployer-allowed: { by: few }"), want: []string{"one-person-role"}, says: "deployer-allowed"},
		{name: "what they write themselves", policy: with("olga, ben", approvals("{ name: qa, by: few, count: 2 }")), want: []string{"own-work-stuck"}, says: "@ben, @olga"},
		{name: "what they write themselves in reviews", policy: with("olga, ben", "reviewed: { by: few, approvals: 2 }"), want: []string{"own-work-stuck"}},
		{name: "two approvals of the same two people and a third", policy: with("olga, ben", approvals("{ name: qa, by: few, count: 2 }, { name: owner, by: few }")), want: []string{"too-few-people"}, says: "3 different people"},
		{name: "whoever starts cannot approve", policy: with("olga, ben", approvals("{ name: qa, by: few, count: 2, not: [deployer] }")+", deployer-allowed: { by: few }"), want: []string{"too-few-people"}},
		{name: "whoever signs cannot approve", policy: with("olga, ben", approvals("{ name: qa, by: few, count: 2, not: [signer, author, committers] }")+", signed-tag: { by: few }"), want: []string{"too-few-people"}},
	})
}

func TestOnePersonAlone(t *testing.T) {
	t.Parallel()
	roles := "roles:\n  a: { users: [olga, ben] }\n  b: { users: [ivy, tom] }\n  c: { users: [olga, ivy] }\n---\n"
	glass := func(approval string) string {
		return last(good) + "    break-glass: { by: maintain, approvals: [" + approval + "] }\n"
	}
	alone := []string{"one-person-alone"}
	test(t, []row{
		{name: "roles that nobody holds both", policy: roles + last("signed-tag: { by: a }, deployer-allowed: { by: b }, "+checks)},
		{name: "an emergency that takes another", policy: glass("{ name: oncall, by: write }")},
		{name: "a review", policy: last("signed-tag: {}, reviewed: {}, " + checks)},
		{name: "a record that somebody else labelled", policy: last("signed-tag: {}, change-approved: { issue: { label: ok } }, " + checks)},
		{name: "a ticket", policy: last("signed-tag: {}, change-approved: { ticket: { pattern: 'OPS-[0-9]+', in: [tag] } }, " + checks), want: alone},
		{name: "a role that one of them holds, too", policy: roles + last("signed-tag: { by: a }, deployer-allowed: { by: c }, "+checks), want: alone, says: "@olga can"},
		{name: "roles by permission", policy: last("signed-tag: { by: maintain }, deployer-allowed: { by: admin }, " + checks), want: alone, says: "whoever holds maintain and admin"},
		{name: "no role", policy: last(checks), want: alone, says: "whoever may write"},
		{name: "a review that only warns", policy: last("reviewed: { mode: warn }, " + checks), want: alone},
		{name: "a review that administrators get past", policy: last("environment-protected: { reviewers: 1, admins-bypass: true }, " + checks), want: alone},
		{name: "an emergency of one", policy: glass("{ name: oncall, by: write, not: [author] }"), want: []string{"glass-broken-alone", "one-person-alone"}},
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	waived := func(until string) string {
		return last(good + ", on-branch: { waiver: { by: olga, reason: x, until: " + until + " } }")
	}
	frozen := func(mode, from, to string) string {
		return "calendars:\n  c: { freezes: [{ name: f, from: " + from + ", to: " + to + " }] }\n---\n" + last(good+", within-window: { calendar: c, mode: "+mode+" }")
	}
	test(t, []row{
		{name: "a waiver until today", policy: waived("2026-12-01")},
		{name: "a waiver for a year", policy: waived("2027-12-01")},
		{name: "a freeze that is over", policy: frozen("enforce", "2020-01-01", "2026-11-30")},
		{name: "a freeze that ends next year", policy: frozen("enforce", "2026-01-01", "2027-11-30")},
		{name: "a freeze of a gate that is off", policy: frozen("off", "2026-01-01", "2077-01-01")},
		{name: "a calendar that never opens of a gate that is off", policy: "calendars:\n  c: { open: [{ from: \"09:00\", to: \"10:00\" }], closed: [{ from: \"08:00\", to: \"11:00\" }] }\n---\n" + last(good+", within-window: { calendar: c, mode: off }")},
		{name: "a waiver until yesterday", policy: waived("2026-11-30"), want: []string{"waiver-ended"}, says: "@olga"},
		{name: "a waiver for longer than a year", policy: waived("2027-12-03"), want: []string{"waiver-long"}},
		{name: "a freeze without an end", policy: frozen("enforce", "2026-11-30", "2077-01-01"), want: []string{"calendar-long-shut"}},
		{name: "a freeze without an end of a gate that warns", policy: frozen("warn", "2026-11-30", "2077-01-01"), want: []string{"calendar-long-shut"}},
	})
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	const all = "{ contents: read, actions: read, checks: write, pull-requests: read, statuses: read }"
	flow := func(on, top, job string) string {
		return fmt.Sprintf("on: %s\n%sjobs:\n  gate:\n    runs-on: x\n%s    steps: [{ uses: stageward/stageward@0000 }]\n", on, top, job)
	}
	push := `{ push: { tags: ["v*"] } }`
	given := func(what string) string { return "    permissions: " + what + "\n" }
	policyOf := stages("staging: { branches: [main] }") + last(good+", "+promoting)
	missing := []string{"permissions-missing"}
	environment := "accepts: [{ warning: review-of-environment, because: x }]\n---\n" + last("approved: { approvals: [{ name: qa, by: write }], from: [environment] }, "+checks)
	waits := []string{"approval-waits-for-itself"}
	later := func(more, job string) string {
		return flow(push, "", "    permissions: read-all\n"+job) + "  deploy: { needs: gate, runs-on: x, environment: prod, steps: [{ run: x }]" + more + " }\n"
	}
	test(t, []row{
		{name: "nothing is said", policy: policyOf, workflow: flow(push, "", "")},
		{name: "everything may be read", policy: policyOf, workflow: flow(push, "permissions: read-all\n", "")},
		{name: "no gate", policy: policyOf, workflow: strings.Replace(flow(push, "permissions: {}\n", ""), "stageward/stageward", "acme/shop", 1)},
		{name: "an audit", policy: policyOf, workflow: strings.Replace(flow(push, "permissions: {}\n", ""), "0000 }", "0000, with: { command: audit } }", 1)},
		{name: "a token of its own", policy: policyOf, workflow: strings.Replace(flow(push, "permissions: {}\n", ""), "0000 }", "0000, with: { token: x } }", 1)},
		{name: "the job says it", policy: policyOf, workflow: flow(push, "permissions: {}\n", given(strings.Replace(all, "contents", "deployments: read, contents", 1)))},
		{name: "a branch that no stage takes", policy: policyOf, workflow: flow("{ push: { branches: [next] } }", "permissions: {}\n", "")},
		{name: "an event that no stage takes", policy: policyOf, workflow: flow("schedule", "permissions: {}\n", "")},
		{name: "a stage that takes less", policy: last(checks + ", reviewed: {}"), workflow: flow(push, "", given("{ contents: read, actions: read, checks: read, deployments: read, pull-requests: read, statuses: read }"))},
		{name: "an approval by dispatch as well", policy: strings.Replace(environment, "from: [environment]", "from: [environment, dispatch]", 1), workflow: later("", "")},
		{name: "the gate is in the job", policy: environment, workflow: later("", "    environment: prod\n")},
		{name: "the job that waits goes on", policy: environment, workflow: strings.Replace(later("", ""), "0000 }", "0000, with: { fail-on: deny } }", 1)},
		{name: "the job after it runs in any case", policy: environment, workflow: later(", if: always()", "")},
		{name: "nothing comes after it", policy: environment, workflow: flow(push, "permissions: read-all\n", "")},

		{name: "the workflow leaves all out", policy: policyOf, workflow: flow(push, "permissions: {}\n", ""), want: missing, says: "contents: read (the policy"},
		{name: "the job leaves one out", policy: policyOf, workflow: flow(push, "permissions: write-all\n", given("{ contents: read, actions: read, checks: read, deployments: read, statuses: read }")), want: missing, says: "leave out pull-requests: read ("},
		{name: "none is not read", policy: policyOf, workflow: flow(push, "", given("{ contents: none, actions: read, checks: read, deployments: read, pull-requests: read, statuses: read }")), want: missing, says: "leave out contents: read ("},
		{name: "by the stage", policy: policyOf, workflow: strings.Replace(flow("schedule", "permissions: {}\n", ""), "0000 }", "0000, with: { stage: prod } }", 1), want: missing},
		{name: "by the environment", policy: policyOf, workflow: flow("schedule", "permissions: {}\n", "    environment: prod\n"), want: missing},
		{name: "a workflow that is called", policy: policyOf, workflow: flow("workflow_call", "permissions: {}\n", ""), want: missing},
		{name: "a fork of the action", policy: policyOf, workflow: strings.Replace(flow(push, "permissions: {}\n", ""), "stageward/stageward", "acme/Stageward", 1), want: missing},
		{name: "a gate before the environment", policy: environment, workflow: later("", ""), want: waits},
		{name: "no workflow", policy: policyOf, workflow: "uses: stageward", want: []string{"workflow-not-read"}},
	})
}

// A job that asks twice lacks what it lacks once.
func TestAWarningIsSaidOnce(t *testing.T) {
	t.Parallel()
	step := "{ uses: stageward/stageward@0000 }"
	found := lint.Look(parse(t, "version: 1\nstages:\n"+last(good)), lint.Beside{Now: now, Workflows: map[string]string{
		".github/workflows/deploy.yml": "on: push\npermissions: {}\njobs: { gate: { runs-on: x, steps: [" + step + ", " + step + "] } }\n",
	}})
	if len(found) != 1 {
		t.Errorf("said %d times: %+v", len(found), found)
	}
}

// A job that calls a workflow with a gate gives it what its token may do at most.
func TestCallers(t *testing.T) {
	t.Parallel()
	called := "on: workflow_call\njobs:\n  gate:\n    runs-on: x\n    permissions: read-all\n    steps: [{ uses: stageward/stageward@0000 }]\n"
	for permissions, want := range map[string][]string{"read-all": nil, "{ contents: read }": {"permissions-missing"}} {
		caller := "on: push\njobs:\n  call:\n    permissions: " + permissions + "\n    uses: ./.github/workflows/gated.yml\n"
		found := lint.Look(parse(t, "version: 1\nstages:\n"+last(good)), lint.Beside{Now: now, Workflows: map[string]string{
			".github/workflows/gated.yml": called, ".github/workflows/deploy.yml": caller,
		}})
		if got := open(found); !slices.Equal(got, want) {
			t.Errorf("%s: %q", permissions, got)
		}
		if want != nil && found[0].Where != ".github/workflows/deploy.yml:4" {
			t.Errorf("it is said of %s", found[0].Where)
		}
	}
}

// What the presets leave open is known, and true: they know neither the names of the
// checks nor the job that deploys.
func TestThePresets(t *testing.T) {
	t.Parallel()
	for preset, want := range map[string][]string{
		"three-stage": {"checks-not-named", "deployment-by-environment"},
		"four-stage":  {"deployment-by-environment", "checks-not-named", "deployment-by-name"},
	} {
		rules, err := policy.Preset(preset, gate.All())
		if err != nil {
			t.Fatal(err)
		}
		if got := open(lint.Look(rules, lint.Beside{Now: now})); !slices.Equal(got, want) {
			t.Errorf("%s: %q", preset, got)
		}
	}
}

// Stageward's own policy and workflows leave nothing to say.
func TestOurOwnPolicy(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../.github/stageward.yml")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no workflows (%v)", err)
	}
	beside := lint.Beside{Now: now, DefaultBranch: "main", Workflows: map[string]string{}}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		beside.Workflows[".github/workflows/"+filepath.Base(path)] = string(text)
	}
	if found := lint.Look(parse(t, string(source)), beside); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// A tag of a project has its version behind the project's name; a tag of another
// project is a version of none.
func TestTheTagsOfProjects(t *testing.T) {
	t.Parallel()
	of := func(tags string) string {
		return "projects: { api: {} }\n---\n" + stages(`prod: { tags: [`+tags+`], versions: release }`)
	}
	test(t, []row{
		{name: "behind a slash", policy: of(`"{project}/v*"`)},
		{name: "behind an at sign", policy: of(`"{project}@*"`)},
		{name: "behind a hyphen", policy: of(`"{project}-v*"`)},
		{name: "all tags", policy: of(`"**"`)},
		{name: "without the project", policy: of(`"v*"`)},
		{name: "of another project", policy: of(`"web/v*"`), want: []string{"mapping-unreachable"}, says: "the tag web/v* fits no version that is a release"},
		{name: "behind a folder", policy: of(`"{project}/x/v*"`), want: []string{"mapping-unreachable"}},
		{name: "behind a sign that is none", policy: of(`"{project}_v*"`), want: []string{"mapping-unreachable"}},
		{
			name: "two stages take one tag", policy: "projects: { api: {} }\n---\n" + stages(`a: { tags: ["{project}/v1*"], versions: release }`, `b: { tags: ["{project}/v*", x], versions: any, events: [push] }`),
			want: []string{"mapping-overlap", "not-promoted"}, says: "takes tag api/v1",
		},
	})
}

// The policies of the page about projects say what they mean.
func TestThePoliciesOfThePageAboutProjects(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/projects.md")
	if err != nil {
		t.Fatal(err)
	}
	policies := 0
	for _, match := range block.FindAllStringSubmatch(string(page), -1) {
		if !strings.HasPrefix(match[1], "version:") || !strings.Contains(match[1], "projects:") {
			continue
		}
		policies++
		for _, id := range open(lint.Look(parse(t, match[1]), lint.Beside{Now: now})) {
			if strings.HasPrefix(id, "mapping-") {
				t.Errorf("%s is said of\n%s", id, match[1])
			}
		}
	}
	if policies == 0 {
		t.Error("there is no policy on the page")
	}
}

// What is so of several projects is said once; what is so of one names it.
func TestProjects(t *testing.T) {
	t.Parallel()
	found := lint.Look(parse(t, `version: 1
stages:
  - name: prod
    from: { tags: ["{project}-v*"] }
    environment: "{project}-prod"
    data: production
    gates: { approved: { approvals: [{ name: qa, by: write }] } }
accepts:
  - { warning: no-checks, because: x }
  - { warning: data-not-said, because: x }
  - { warning: bare-last-stage, stage: later, because: x }
projects:
  api: {}
  web: {}
  app: { stages: [{ name: later, from: { tags: ["last-{project}-v*"] }, environment: "later-{project}", gates: { not-locked: {} } , data: production }, { name: prod, data: synthetic }] }
`), lint.Beside{Now: now})
	var got []string
	for _, each := range found {
		got = append(got, fmt.Sprintf("%s %s %s %t", each.ID, each.Project, each.Stage, each.Accepted != nil))
	}
	want := []string{"no-checks  prod true", "bare-last-stage app later true", "acceptance-unused   false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%+v", diff, found)
	}
}
