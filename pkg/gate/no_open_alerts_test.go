package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// scanned makes code scanning known.
func scanned(changes ...func(*fact.Alerts)) func(*fact.Set) {
	alerts := fact.Alerts{Enabled: true, Ref: "refs/heads/main"}
	for _, change := range changes {
		change(&alerts)
	}
	return func(facts *fact.Set) { facts.CodeAlerts = fact.Of(alerts, fact.Source{}) }
}

// vulnerable makes the alerts about dependencies known.
func vulnerable(changes ...func(*fact.Alerts)) func(*fact.Set) {
	return func(facts *fact.Set) {
		scanned(changes...)(facts)
		facts.DependencyAlerts, facts.CodeAlerts = facts.CodeAlerts, fact.Known[fact.Alerts]{}
	}
}

func analysedBy(tool string, changes ...func(*fact.Analysis)) func(*fact.Alerts) {
	analysis := fact.Analysis{Tool: tool, Category: "/language:go", Ref: "refs/heads/main", Commit: headSHA, At: noon}
	for _, change := range changes {
		change(&analysis)
	}
	return func(alerts *fact.Alerts) { alerts.Analyses = append(alerts.Analyses, analysis) }
}

func alert(number int, severity string, changes ...func(*fact.Alert)) fact.Alert {
	made := fact.Alert{Number: number, Tool: "CodeQL", Rule: "go/sql-injection", Severity: severity, Subject: "shop/db.go", URL: "https://github.com/acme/shop/security/code-scanning/1"}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func hasOpen(list ...fact.Alert) func(*fact.Alerts) {
	return func(alerts *fact.Alerts) { alerts.Open = append(alerts.Open, list...) }
}

func hasDismissed(number int, severity string, dismissal *fact.Dismissal) func(*fact.Alerts) {
	return func(alerts *fact.Alerts) {
		alerts.Dismissed = append(alerts.Dismissed, alert(number, severity, func(a *fact.Alert) { a.Dismissal = dismissal }))
	}
}

func turnedOff(words string) func(*fact.Alerts) {
	return func(alerts *fact.Alerts) { alerts.Enabled, alerts.Off = false, words }
}

func by(tool string) func(*fact.Alert) { return func(a *fact.Alert) { a.Tool = tool } }

func lostCode(facts *fact.Set) {
	facts.CodeAlerts = fact.Lost[fact.Alerts](fact.Missing{Reason: fact.Forbidden, Detail: "HTTP 403", Fix: "security-events: read"})
}

func lostDependencies(facts *fact.Set) {
	facts.DependencyAlerts = fact.Lost[fact.Alerts](fact.Missing{Reason: fact.Forbidden, Detail: "HTTP 403", Fix: "vulnerability-alerts: read"})
}

// atTip makes a commit the newest of the default branch.
func atTip(sha fact.SHA) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Repository = fact.Of(fact.Repository{ID: 1, Name: "acme/shop", DefaultBranch: "main", DefaultCommit: sha}, fact.Source{})
	}
}

const (
	highCode   = "code-scanning: { severity: high }"
	codeQL     = "code-scanning: { severity: high, tools: [CodeQL] }"
	highDeps   = "dependencies: { severity: high }"
	bothOfThem = codeQL + "\n" + highDeps
)

var _ = rows("no-open-alerts",
	row{name: "a scan that is turned off", params: highCode, facts: onMain(scanned(turnedOff("Code scanning is not enabled for this repository."))), want: verdict.Fail, code: "not-enabled", says: []string{"Code scanning is not enabled", "Enable code scanning"}},
	row{name: "a scan that is turned off and says why at length", params: highCode, facts: onMain(scanned(turnedOff(strings.Repeat("x", 4000)))), want: verdict.Fail, code: "not-enabled", hides: []string{strings.Repeat("x", 200)}},
	row{name: "nothing is known but that there is none", params: highCode, facts: onMain(func(f *fact.Set) { f.CodeAlerts = fact.Of(fact.Alerts{}, fact.Source{}) }), want: verdict.Fail, code: "not-enabled"},
	row{name: "a scan that may not be read", params: highCode, facts: onMain(lostCode), want: verdict.Unknown, code: "forbidden", says: []string{"security-events: read"}},
	row{name: "no analysis at all", params: highCode, facts: onMain(scanned()), want: verdict.Wait, code: "not-analysed", says: []string{headSHA.Short(), "any scanner", "refs/heads/main"}},
	row{name: "an analysis of another commit", params: highCode, facts: onMain(scanned(analysedBy("CodeQL", func(a *fact.Analysis) { a.Commit = otherSHA }))), want: verdict.Wait, code: "not-analysed"},
	row{
		name: "an analysis that failed", params: highCode, want: verdict.Wait, code: "not-analysed", says: []string{"CodeQL", "out of memory"},
		facts: onMain(scanned(analysedBy("CodeQL", func(a *fact.Analysis) { a.Problem = "out of memory" }))),
	},
	row{name: "an analysis by another tool than the one asked for", params: codeQL, facts: onMain(scanned(analysedBy("Semgrep"))), want: verdict.Wait, code: "not-analysed", says: []string{"by CodeQL"}, hides: []string{"Semgrep"}},
	row{name: "a tool whose name is written in another way", params: codeQL, facts: onMain(scanned(analysedBy("codeql"))), want: verdict.Wait, code: "not-analysed", says: []string{`it was analysed by "codeql", which the policy writes "CodeQL"`, "Write the tools"}},
	row{
		name: "one of two tools is missing", params: "code-scanning: { severity: low, tools: [CodeQL, Semgrep] }", want: verdict.Wait, code: "not-analysed", says: []string{"by Semgrep"}, hides: []string{"CodeQL"},
		facts: onMain(scanned(analysedBy("CodeQL"))),
	},
	row{
		name: "alerts that are open before the commit is analysed", params: highCode, want: verdict.Wait, code: "not-analysed",
		facts: onMain(scanned(hasOpen(alert(1, "critical")))),
	},
	row{name: "an alert as grave as the limit", params: highCode, facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "high")))), want: verdict.Fail, code: "code-scanning", says: []string{"#4 (high", "go/sql-injection", "shop/db.go", "1 alert of"}},
	row{name: "a graver alert", params: highCode, facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "critical")))), want: verdict.Fail, code: "code-scanning"},
	row{name: "an error of a rule that is not about security", params: highCode, facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "error")))), want: verdict.Fail, code: "code-scanning"},
	row{name: "a warning counts as medium", params: "code-scanning: { severity: medium }", facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "warning")))), want: verdict.Fail, code: "code-scanning"},
	row{name: "a note counts as low", params: "code-scanning: { severity: low }", facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "note")))), want: verdict.Fail, code: "code-scanning"},
	row{name: "an alert without a severity is as grave as can be", params: "code-scanning: { severity: critical }", facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "")))), want: verdict.Fail, code: "code-scanning", says: []string{"of no severity"}},
	row{name: "a severity that nobody knows", params: "code-scanning: { severity: critical }", facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "none")))), want: verdict.Fail, code: "code-scanning", says: []string{`"none"`}},
	row{
		name: "an alert that was fixed later", params: highCode, want: verdict.Fail, code: "code-scanning", says: []string{"fixed on the branch after this commit"},
		facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "high", func(a *fact.Alert) { a.FixedAt = noon.Add(time.Hour) })))),
	},
	row{
		name: "an alert of a tool that the policy does not name, where it names none", params: highCode, want: verdict.Fail, code: "code-scanning",
		facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "high", by("Semgrep"))))),
	},
	row{
		name: "many alerts, the gravest first", params: "code-scanning: { severity: low }", want: verdict.Fail, code: "code-scanning",
		says: []string{"13 alerts of", ": #13 (critical", "and 3 more"}, hides: []string{"#12 "},
		facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(13, "critical")), func(a *fact.Alerts) {
			for number := range 12 {
				a.Open = append(a.Open, alert(number+1, "low"))
			}
		})),
	},
	row{
		name: "text from outside stays quoted and short", params: highCode, want: verdict.Fail, code: "code-scanning", says: []string{`"x\n::error::`}, hides: []string{"\n::", strings.Repeat("y", 200)},
		facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(4, "high", func(a *fact.Alert) { a.Rule, a.Subject = "x\n::error::"+strings.Repeat("y", 400), "a\nb" })))),
	},
	row{name: "dependency alerts that are turned off", params: highDeps, facts: onMain(vulnerable(turnedOff("Dependabot alerts are disabled for this repository."))), want: verdict.Fail, code: "not-enabled", says: []string{"Enable Dependabot"}},
	row{name: "dependency alerts that may not be read", params: highDeps, facts: onMain(lostDependencies), want: verdict.Unknown, code: "forbidden", says: []string{"vulnerability-alerts: read"}},
	row{
		name: "a vulnerable dependency", params: highDeps, want: verdict.Fail, code: "dependencies", says: []string{"GHSA-1", "lodash", "about the default branch"},
		facts: onMain(vulnerable(hasOpen(alert(2, "critical", by("npm"), func(a *fact.Alert) { a.Rule, a.Subject = "GHSA-1", "lodash" })))),
	},
	row{name: "a dependency of which nobody says how bad it is", params: "dependencies: { severity: critical }", facts: onMain(vulnerable(hasOpen(alert(2, "", by("npm"))))), want: verdict.Fail, code: "dependencies"},
	row{
		name: "one scan says no and the other is not known", params: bothOfThem, want: verdict.Unknown, code: "forbidden", says: []string{"#4 (high"},
		facts: onMain(vulnerable(), scanned(analysedBy("CodeQL"), hasOpen(alert(4, "high"))), lostDependencies),
	},
	row{
		name: "one scan waits and the other says no", params: bothOfThem, want: verdict.Fail, code: "dependencies", says: []string{"was not analysed"},
		facts: onMain(vulnerable(hasOpen(alert(2, "high", by("npm")))), scanned()),
	},
	row{name: "only dependencies are asked for, and code scanning found much", params: highDeps, facts: onMain(vulnerable(), lostCode), want: verdict.Pass, hides: []string{"code scanning"}},
	row{
		name: "analysed, and nothing is open", params: codeQL, facts: onMain(scanned(analysedBy("CodeQL"), analysedBy("CodeQL", func(a *fact.Analysis) { a.Problem = "timeout" }))),
		want: verdict.Pass, says: []string{"high or graver"},
	},
	row{
		name: "lesser alerts, those of others, and dismissed ones are told", params: codeQL, want: verdict.Pass,
		says: []string{"1 lesser one", "2 of other scanners", "2 dismissed", `#7 by @mallory ("won't fix")`, "#8 by nobody with an account"}, hides: []string{"#9", "trust me"},
		facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(1, "medium"), alert(2, "critical", by("Semgrep")), alert(3, "high", by("codeql"))),
			hasDismissed(7, "high", &fact.Dismissal{By: mallory, Why: "won't fix", Comment: "trust me"}), hasDismissed(8, "critical", &fact.Dismissal{}), hasDismissed(9, "low", &fact.Dismissal{By: alice}))),
	},
	row{
		name: "only what is critical blocks", params: "code-scanning: { severity: critical }", want: verdict.Pass, says: []string{"3 lesser ones", "no critical alert"},
		facts: onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(1, "high"), alert(2, "error"), alert(3, "note")))),
	},
	row{name: "a tag of a commit that was analysed on the default branch", params: codeQL, facts: onTag(scanned(analysedBy("CodeQL"))), want: verdict.Pass},
	row{name: "dependencies of the very commit", params: highDeps, facts: onMain(vulnerable(hasOpen(alert(1, "medium"))), atTip(headSHA)), want: verdict.Pass, says: []string{"(about the default branch)", "1 lesser one"}},
	row{name: "dependencies of another commit than the one deployed", params: highDeps, facts: onTag(vulnerable(), atTip(otherSHA)), want: verdict.Pass, says: []string{"which is at " + otherSHA.Short(), "can differ"}},
	row{name: "both scans are fine", params: bothOfThem, facts: onMain(vulnerable(), scanned(analysedBy("CodeQL"))), want: verdict.Pass, says: []string{"code scanning", "Dependabot"}},
)

func TestNoOpenAlerts(t *testing.T) {
	t.Parallel()
	testRows(t, "no-open-alerts")
}

func TestNoOpenAlertsRefusesParametersThatAskForNothing(t *testing.T) {
	t.Parallel()
	testRefusals(t, "no-open-alerts", map[string]string{
		"{}":                                                           "nothing would be asked for",
		"code-scanning: {}":                                            "nothing would be asked for",
		"dependencies: {}":                                             "nothing would be asked for",
		"code-scanning: { tools: [CodeQL] }":                           `code-scanning: severity ""`,
		"code-scanning: { severity: error }":                           "expected one of",
		"code-scanning: { severity: High }":                            "expected one of",
		"dependencies: { severity: warning }":                          "dependencies: severity",
		"code-scanning: { severity: high, tools: [\"\"] }":             "each once",
		"code-scanning: { severity: high, tools: [CodeQL, CodeQL] }":   "each once",
		highDeps + "\ncode-scanning: { severity: '', tools: [CodeQL]}": "code-scanning: severity",
	})
}

func TestNoOpenAlertsShowsWhatItRestsOn(t *testing.T) {
	t.Parallel()
	facts := onMain(scanned(analysedBy("CodeQL"), hasOpen(alert(1, "high")), hasDismissed(7, "high", &fact.Dismissal{By: mallory, Why: "false positive", Comment: "trust\nme"})))
	got := bind(t, "no-open-alerts", row{params: highCode}).Ask(facts, row{}.terms())
	if len(got.Evidence) != 2 || got.Evidence[0].URL == "" || !strings.Contains(got.Evidence[1].Text, `@mallory ("false positive"): "trust\nme"`) {
		t.Errorf("evidence %+v", got.Evidence)
	}
}

func TestNoOpenAlertsNotesWhatIsNotAskedFor(t *testing.T) {
	t.Parallel()
	for params, says := range map[string]string{highCode: "about dependencies are not", highDeps: "of code scanning are not", bothOfThem: ""} {
		notes := noted(bind(t, "no-open-alerts", row{params: params}).Notes)
		if (says == "") != (notes == "") || !strings.Contains(notes, says) {
			t.Errorf("%s: notes %q, want %q", params, notes, says)
		}
	}
}
