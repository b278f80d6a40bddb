package githubtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

const scans = `
code-scanning:
  analyses:
    - { commit: c1 }
    - { commit: c1, tool: Semgrep, error: out of memory, warning: 3 results were ignored, branch: main, category: go, minutes-ago: 5 }
  alerts:
    - { number: 1, severity: high }
    - { number: 2, severity: warning, fixed-minutes-ago: 3, tool: Semgrep }
    - { number: 3, dismissed-by: octocat, reason: "won't fix", comment: Old }
    - { number: 4, severity: none, branch: other }
dependency-alerts:
  alerts:
    - { number: 1 }
    - { number: 2, fixed: true }
    - { number: 3, dismissed-by: octocat }
    - { number: 4, auto-dismissed: true, severity: low }
`

func TestScansAreAsGitHubDescribesThem(t *testing.T) {
	t.Parallel()
	const base = "/repos/acme/shop"
	rows := []struct{ world, path, has string }{
		{scans, "/code-scanning/analyses?ref=refs%2Fheads%2Fmain&sort=created&direction=desc&per_page=100&page=1", `"out of memory"`},
		{scans, "/code-scanning/alerts?ref=refs%2Fheads%2Fmain&state=open", `"security_severity_level":"high"`},
		{scans, "/code-scanning/alerts?state=fixed&sort=updated", `"severity":"warning"`},
		{scans, "/code-scanning/alerts?state=dismissed", `"Old"`},
		{scans, "/code-scanning/alerts?ref=other", `"number":4`},
		{scans, "/dependabot/alerts?state=open,dismissed,auto_dismissed&per_page=100", `"number":3`},
		{scans, "/dependabot/alerts?after=cursor-3", `"auto_dismissed"`},
		{"", "/code-scanning/alerts", "no analysis found"},
		{"code-scanning: {off: Code scanning is not enabled for this repository.}\n", "/code-scanning/analyses", "is not enabled"},
		{"dependency-alerts: {off: Dependabot alerts are disabled for this repository.}\n", "/dependabot/alerts", "are disabled"},
		{scans + "token: {permissions: {contents: read}}\n", "/code-scanning/alerts", "not accessible"},
		{scans + "token: {permissions: {security-events: read}}\n", "/dependabot/alerts", "not accessible"},
	}
	for _, row := range rows {
		server := serve(t, row.world)
		recorder := call(t, server, base+row.path)
		if !strings.Contains(recorder.Body.String(), row.has) {
			t.Errorf("GET %s: %d %s, want %s", row.path, recorder.Code, recorder.Body, row.has)
		}
		if err := describe(t.Context(), base+row.path, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
			t.Errorf("GET %s: %v", row.path, err)
		}
	}
}

func TestDependencyAlertsHaveCursors(t *testing.T) {
	t.Parallel()
	server := serve(t, scans)
	first := call(t, server, "/repos/acme/shop/dependabot/alerts?per_page=100")
	if link := first.Header().Get("Link"); !strings.Contains(link, "after=cursor-2") || !strings.Contains(link, `rel="next"`) || strings.Contains(link, "page=2") {
		t.Errorf("Link %q", link)
	}
	if last := call(t, server, "/repos/acme/shop/dependabot/alerts?after=cursor-2"); last.Header().Get("Link") != "" {
		t.Errorf("Link of the last page %q", last.Header().Get("Link"))
	}
	if bad := call(t, server, "/repos/acme/shop/dependabot/alerts?after=x"); bad.Code != http.StatusBadRequest {
		t.Errorf("a cursor that is none: %d", bad.Code)
	}
}

func TestScansThatCannotBe(t *testing.T) {
	t.Parallel()
	const head = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {octocat: {}}\ncommits:\n  - {name: c1, by: octocat}\n"
	rows := map[string]string{
		"code-scanning: {analyses: [{commit: none}]}\n":                                         "not among commits",
		"code-scanning: {alerts: [{number: 0}]}\n":                                              "number of its own",
		"code-scanning: {alerts: [{number: 1}, {number: 1}]}\n":                                 "number of its own",
		"code-scanning: {alerts: [{number: 1, severity: grave}]}\n":                             "severity",
		"code-scanning: {alerts: [{number: 1, dismissed-by: eve}]}\n":                           "not among people",
		"code-scanning: {alerts: [{number: 1, dismissed-by: octocat, fixed-minutes-ago: 1}]}\n": "not fixed",
		"dependency-alerts: {alerts: [{number: 0}]}\n":                                          "number of its own",
		"dependency-alerts: {alerts: [{number: 1, severity: error}]}\n":                         "severity",
		"dependency-alerts: {alerts: [{number: 1, dismissed-by: eve}]}\n":                       "not among people",
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
