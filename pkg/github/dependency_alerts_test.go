package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

func dependencyAlertData(number int) object {
	return object{
		"number": number, "state": "open", "html_url": fmt.Sprintf("https://github.com/acme/shop/security/dependabot/%d", number),
		"dependency":        object{"package": object{"ecosystem": "npm", "name": "lodash"}},
		"security_advisory": object{"ghsa_id": "GHSA-1", "severity": "low"}, "security_vulnerability": object{"severity": "high"},
		"dismissed_by": nil, "dismissed_at": nil, "dismissed_reason": nil, "dismissed_comment": nil, "fixed_at": nil,
	}
}

// cursored answers a list by pages of two that name the next by a cursor.
func cursored(items array) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("after"), "c="))
		until := min(from+2, len(items))
		if until < len(items) {
			w.Header().Set("Link", fmt.Sprintf(`<https://%s/repositories/1001/dependabot/alerts?per_page=100&after=c%%3D%d>; rel="next"`, r.Host, until))
		}
		show(w, http.StatusOK, append(array{}, items[from:until]...))
		return true
	}
}

func dependencyAlerts(t *testing.T, handle func(http.ResponseWriter, *http.Request) bool) (*fake, fact.Known[fact.Alerts]) {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{dependabotPath: handle})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.DependencyAlerts(t.Context())
}

func TestDependencyAlertsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	with := func(path string, value any) func(http.ResponseWriter, *http.Request) bool {
		return cursored(array{dependencyAlertData(2), put(dependencyAlertData(1), path, value)})
	}
	next := func(address string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			number := len(r.URL.Query().Get("after")) + 1
			w.Header().Set("Link", "<"+strings.ReplaceAll(address, "HOST", r.Host)+`>; rel="next"`)
			show(w, http.StatusOK, array{dependencyAlertData(number)})
			return true
		}
	}
	empty := func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Link", fmt.Sprintf(`<https://%s/x?after=%s1>; rel="next"`, r.Host, r.URL.Query().Get("after")))
		show(w, http.StatusOK, array{})
		return true
	}
	endless := func(w http.ResponseWriter, r *http.Request) bool {
		number, _ := strconv.Atoi(r.URL.Query().Get("after"))
		w.Header().Set("Link", fmt.Sprintf(`<https://%s/x?after=%d>; rel="next"`, r.Host, number+1))
		show(w, http.StatusOK, array{dependencyAlertData(number + 1)})
		return true
	}
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"a refusal", raw(403, jsonMedia, notAccessible), fact.Forbidden, "not accessible"},
		{"a refusal of another scan", raw(403, jsonMedia, scanningDisabled), fact.Forbidden, "Code scanning"},
		{"a repository that is not there", raw(404, jsonMedia, `{"message":"Not Found"}`), fact.NotFound, "not found"},
		{"a scan that is not there", raw(404, jsonMedia, `{"message":"Dependabot alerts are disabled for this repository."}`), fact.NotFound, "not found"},
		{"a server that fails", raw(502, jsonMedia, "{}"), fact.Unavailable, ""},
		{"no list", raw(200, jsonMedia, "null"), fact.Incomplete, "null"},
		{"something else", raw(200, jsonMedia, `{"alerts":[]}`), fact.Incomplete, "shape"},
		{"an empty entry", cursored(array{nil}), fact.Incomplete, "all of an alert"},
		{"an alert without a number", with("number", 0), fact.Incomplete, "all of an alert"},
		{"an alert without a state", with("state", absent), fact.Incomplete, "all of an alert"},
		{"an alert of no dependency", with("dependency", nil), fact.Incomplete, "all of an alert"},
		{"an alert of no package", with("dependency.package.name", ""), fact.Incomplete, "all of an alert"},
		{"an alert of no ecosystem", with("dependency.package.ecosystem", ""), fact.Incomplete, "all of an alert"},
		{"an alert without an advisory", with("security_advisory", absent), fact.Incomplete, "all of an alert"},
		{"an alert that was not asked for", with("state", "fixed"), fact.Inconsistent, `alert 1 is "fixed"`},
		{"an alert dismissed by nobody knows whom", with("state", "dismissed"), fact.Incomplete, "who dismissed alert 1"},
		{"an alert that may have been dismissed by somebody", cursored(array{
			put(put(put(dependencyAlertData(1), "state", "dismissed"), "dismissed_at", "2026-11-17T08:40:00Z"), "dismissed_by", absent),
		}), fact.Incomplete, "who dismissed alert 1"},
		{"an alert dismissed nobody knows when", cursored(array{
			put(put(dependencyAlertData(1), "state", "dismissed"), "dismissed_by", restUser(66, "mallory")),
		}), fact.Incomplete, "who dismissed alert 1"},
		{"more pages than are read", endless, fact.Incomplete, "more than 100 pages"},
		{"an alert twice", cursored(array{dependencyAlertData(1), dependencyAlertData(1)}), fact.Incomplete, "alert 1 is listed twice"},
		{"an alert again on the next page", cursored(array{dependencyAlertData(1), dependencyAlertData(2), dependencyAlertData(1)}), fact.Incomplete, "listed twice"},
		{"a next page on another host", next("https://evil.test/x?after=1"), fact.Inconsistent, "another host"},
		{"a next page without a cursor", next("https://HOST/x?page=2"), fact.Inconsistent, "without a cursor"},
		{"a page that names itself", next("https://HOST/x?after=1"), fact.Inconsistent, "does not advance"},
		{"empty pages without an end", empty, fact.Inconsistent, "does not advance"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := dependencyAlerts(t, row.handle)
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; row.reason == fact.Forbidden && !strings.Contains(fix, "vulnerability-alerts: read") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

func TestDependencyAlertsThatAreOffAreAnAnswer(t *testing.T) {
	t.Parallel()
	const words = "Dependabot alerts are disabled for this repository."
	_, known := dependencyAlerts(t, raw(403, jsonMedia, fmt.Sprintf(`{"message":%q}`, words)))
	same(t, "alerts", have(t, known), fact.Alerts{Off: words, Ref: "refs/heads/main"})
}

func TestDependencyAlertsSayAllThatGitHubSays(t *testing.T) {
	t.Parallel()
	dismissed := put(put(dependencyAlertData(3), "state", "dismissed"), "dismissed_by", restUser(66, "mallory"))
	put(put(dismissed, "dismissed_at", "2026-11-17T08:40:00Z"), "dismissed_reason", "tolerable_risk")
	ruled := put(put(dependencyAlertData(2), "state", "auto_dismissed"), "auto_dismissed_at", "2026-11-17T08:41:00Z")
	f, known := dependencyAlerts(t, cursored(array{dependencyAlertData(5), put(dependencyAlertData(4), "security_vulnerability", nil), dismissed, ruled, dependencyAlertData(1)}))
	alert := func(number int) fact.Alert {
		return fact.Alert{Number: number, Tool: "npm", Rule: "GHSA-1", Severity: "high", Subject: "lodash", URL: fmt.Sprintf("https://github.com/acme/shop/security/dependabot/%d", number)}
	}
	four, three, two := alert(4), alert(3), alert(2)
	four.Severity = "low"
	three.Dismissal = &fact.Dismissal{By: &fact.Person{ID: 66, Login: "mallory", Kind: fact.User}, At: at(8, 40), Why: "tolerable_risk"}
	two.Dismissal = &fact.Dismissal{At: at(8, 41), Why: "by a rule"}
	same(t, "alerts", have(t, known), fact.Alerts{
		Enabled: true, Ref: "refs/heads/main", Open: []fact.Alert{alert(1), four, alert(5)}, Dismissed: []fact.Alert{two, three},
	})
	want := []string{
		"GET /api" + dependabotPath + "?per_page=100&state=open%2Cdismissed%2Cauto_dismissed",
		"GET /api" + dependabotPath + "?after=c%3D2&per_page=100&state=open%2Cdismissed%2Cauto_dismissed",
		"GET /api" + dependabotPath + "?after=c%3D4&per_page=100&state=open%2Cdismissed%2Cauto_dismissed",
	}
	if got := f.asked()[1:]; !slices.Equal(got, want) {
		t.Errorf("asked %q", got)
	}
}

func TestDependencyAlertsOfAnotherRepositoryAreNotTaken(t *testing.T) {
	t.Parallel()
	_, known := dependencyAlerts(t, moved(cursored(array{})))
	wantLost(t, known, fact.Inconsistent, "not known to be the same repository")
}
