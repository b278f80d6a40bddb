package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	analysesPath     = "/v3/repos/acme/shop/code-scanning/analyses"
	codeAlertsPath   = "/v3/repos/acme/shop/code-scanning/alerts"
	dependabotPath   = "/v3/repos/acme/shop/dependabot/alerts"
	jsonMedia        = "application/json"
	nothingYet       = `{"message":"no analysis found"}`
	notAccessible    = `{"message":"Resource not accessible by integration"}`
	scanningDisabled = `{"message":"Code scanning is not enabled for this repository. Please enable code scanning in the repository settings."}`
)

// at is a time of the day of the tests.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 17, hour, minute, 0, 0, time.UTC) }

// analysisData is an analysis of the subject by CodeQL at half past eight.
func analysisData(id int) object {
	return object{
		"id": id, "ref": "refs/heads/main", "commit_sha": subjectSHA, "category": "go", "created_at": "2026-11-17T08:30:00Z",
		"tool": object{"name": "CodeQL"}, "error": "", "warning": "",
	}
}

// codeAlertData is an open alert.
func codeAlertData(number int) object {
	return object{
		"number": number, "state": "open", "fixed_at": nil, "updated_at": "2026-11-17T08:31:00Z", "html_url": fmt.Sprintf("https://github.com/acme/shop/security/code-scanning/%d", number),
		"rule": object{"id": "go/sql", "name": "SQL", "severity": "error", "security_severity_level": "high"}, "tool": object{"name": "CodeQL"},
		"most_recent_instance": object{"ref": "refs/heads/main", "category": "go", "state": "open", "location": object{"path": "db.go"}},
		"dismissed_by":         nil, "dismissed_at": nil, "dismissed_reason": nil, "dismissed_comment": nil,
	}
}

func fixedData(number int, when time.Time) object {
	data := put(put(codeAlertData(number), "state", "fixed"), "fixed_at", when.Format(time.RFC3339))
	return put(put(data, "most_recent_instance.state", "fixed"), "updated_at", when.Format(time.RFC3339))
}

func dismissedData(number int) object {
	data := put(put(codeAlertData(number), "state", "dismissed"), "dismissed_by", restUser(66, "mallory"))
	return put(put(put(data, "dismissed_at", "2026-11-17T08:40:00Z"), "dismissed_reason", "won't fix"), "dismissed_comment", "later")
}

// inState lists the alerts of the state that is asked for.
func inState(alerts array) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		listed := slices.DeleteFunc(slices.Clone(alerts), func(each any) bool {
			data, ok := each.(object)
			return ok && data["state"] != r.URL.Query().Get("state")
		})
		return paged(listed, 2, "")(w, r)
	}
}

func codeScanning(t *testing.T, ref fact.Ref, analyses, alerts func(http.ResponseWriter, *http.Request) bool) (*fake, fact.Known[fact.Alerts]) {
	t.Helper()
	f := newFake(t)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{analysesPath: analyses, codeAlertsPath: alerts})
	reader := f.readerOf(t, ref)
	reader.Overview(t.Context())
	return f, reader.CodeAlerts(t.Context())
}

func numbers(alerts []fact.Alert) []int {
	var all []int
	for _, each := range alerts {
		all = append(all, each.Number)
	}
	return all
}

func TestAScanThatIsOffAndOneThatMayNotBeReadAreTwoThings(t *testing.T) {
	t.Parallel()
	off := func(message string) func(http.ResponseWriter, *http.Request) bool {
		return raw(403, jsonMedia, fmt.Sprintf(`{"message":%q}`, message))
	}
	whole := paged(array{analysisData(1)}, 100, "")
	none := inState(array{})
	for _, words := range []string{
		"Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.",
		"Advanced Security must be enabled for this repository to use code scanning.",
		"Code Security must be enabled for this repository to use code scanning.",
		"GitHub Code Security or GitHub Advanced Security must be enabled for this repository to use code scanning.",
	} {
		for _, pair := range [][2]func(http.ResponseWriter, *http.Request) bool{{off(words), off(words)}, {off(words), none}, {whole, off(words)}} {
			_, known := codeScanning(t, "refs/heads/main", pair[0], pair[1])
			same(t, words, have(t, known), fact.Alerts{Off: words, Ref: "refs/heads/main"})
		}
	}
	for _, message := range []string{"Resource not accessible by integration", "", "You are not authorized to read code scanning alerts.", "It is said that Code scanning is not enabled for this repository", "code scanning is not enabled for this repository"} {
		_, known := codeScanning(t, "refs/heads/main", off(message), off(message))
		wantLost(t, known, fact.Forbidden, message)
		if fix := lost(t, known).Fix; !strings.Contains(fix, "security-events: read") {
			t.Errorf("fix %q", fix)
		}
	}
	_, known := codeScanning(t, "refs/heads/main", raw(404, jsonMedia, scanningDisabled), none)
	wantLost(t, known, fact.NotFound, "not found")
	_, known = codeScanning(t, "refs/heads/main", raw(500, jsonMedia, scanningDisabled), none)
	wantLost(t, known, fact.Unavailable, "")
}

func TestNothingAnalysedIsAnAnswer(t *testing.T) {
	t.Parallel()
	_, known := codeScanning(t, "refs/heads/main", raw(404, jsonMedia, nothingYet), raw(404, jsonMedia, nothingYet))
	same(t, "alerts", have(t, known), fact.Alerts{Enabled: true, Ref: "refs/heads/main"})
	for _, other := range []string{`{"message":"Not Found"}`, `{}`, `{"message":"no analysis found for you"}`} {
		_, known := codeScanning(t, "refs/heads/main", raw(404, jsonMedia, other), inState(array{}))
		wantLost(t, known, fact.NotFound, "not found")
		_, known = codeScanning(t, "refs/heads/main", paged(array{}, 100, ""), raw(404, jsonMedia, other))
		wantLost(t, known, fact.NotFound, "not found")
	}
	for _, pair := range [][2]func(http.ResponseWriter, *http.Request) bool{
		{raw(403, jsonMedia, nothingYet), inState(array{})}, {paged(array{}, 100, ""), raw(403, jsonMedia, nothingYet)},
	} {
		_, known := codeScanning(t, "refs/heads/main", pair[0], pair[1])
		wantLost(t, known, fact.Forbidden, "no analysis found")
	}
}

func TestCodeAlertsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	fine := array{analysisData(1)}
	analysis := func(path string, value any) array { return array{analysisData(2), put(analysisData(1), path, value)} }
	open := func(path string, value any) array { return array{codeAlertData(2), put(codeAlertData(1), path, value)} }
	rows := []struct {
		name             string
		analyses, alerts array
		reason           fact.Reason
		detail           string
	}{
		{"an empty analysis", array{nil}, nil, fact.Incomplete, "empty entry"},
		{"an analysis without a number", analysis("id", absent), nil, fact.Incomplete, "all of analysis 0"},
		{"an analysis of no commit", analysis("commit_sha", "main"), nil, fact.Incomplete, "all of analysis 1"},
		{"an analysis by no tool", analysis("tool", absent), nil, fact.Incomplete, "all of analysis 1"},
		{"an analysis of no time", analysis("created_at", absent), nil, fact.Incomplete, "all of analysis 1"},
		{"an analysis that may have failed", analysis("error", absent), nil, fact.Incomplete, "all of analysis 1"},
		{"an analysis that may have left out results", analysis("warning", nil), nil, fact.Incomplete, "all of analysis 1"},
		{"an analysis of another branch", analysis("ref", "refs/heads/dev"), nil, fact.Inconsistent, "refs/heads/dev"},
		{"an analysis that is not one", array{"text"}, nil, fact.Incomplete, "shape"},
		{"an empty alert", fine, array{nil}, fact.Incomplete, "empty entry"},
		{"an alert twice", fine, array{codeAlertData(1), codeAlertData(1)}, fact.Incomplete, "alert 1 is listed twice"},
		{"an alert without a number", fine, open("number", absent), fact.Incomplete, "all of alert 0"},
		{"an alert without a rule", fine, open("rule", nil), fact.Incomplete, "all of alert 1"},
		{"an alert by no tool", fine, open("tool.name", ""), fact.Incomplete, "all of alert 1"},
		{"an alert that was never found", fine, open("most_recent_instance", nil), fact.Incomplete, "all of alert 1"},
		{"an alert of another branch", fine, open("most_recent_instance.ref", "refs/heads/dev"), fact.Inconsistent, "refs/heads/dev"},
		{"an alert that may be fixed on the branch", fine, open("most_recent_instance.state", absent), fact.Incomplete, "all of alert 1"},
		{"an alert that was fixed nobody knows when", fine, array{put(put(fixedData(1, at(9, 0)), "fixed_at", nil), "updated_at", absent)}, fact.Incomplete, "when alert 1 was fixed"},
		{"an alert that was dismissed nobody knows when", fine, array{put(dismissedData(1), "dismissed_at", nil)}, fact.Incomplete, "who dismissed alert 1"},
		{"an alert that may have been dismissed by somebody", fine, array{put(dismissedData(1), "dismissed_by", absent)}, fact.Incomplete, "who dismissed alert 1"},
		{"an alert in a state of its own", fine, open("tool", "CodeQL"), fact.Incomplete, "shape"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := codeScanning(t, "refs/heads/main", paged(row.analyses, 100, ""), inState(row.alerts))
			wantLost(t, known, row.reason, row.detail)
		})
	}
	t.Run("a state that is not one", func(t *testing.T) {
		t.Parallel()
		_, known := codeScanning(t, "refs/heads/main", paged(fine, 100, ""), paged(array{put(codeAlertData(1), "state", "closed")}, 100, ""))
		wantLost(t, known, fact.Incomplete, "all of alert 1")
	})
	t.Run("no list", func(t *testing.T) {
		t.Parallel()
		_, known := codeScanning(t, "refs/heads/main", paged(fine, 100, ""), raw(200, jsonMedia, "null"))
		wantLost(t, known, fact.Incomplete, "null")
	})
	t.Run("another repository", func(t *testing.T) {
		t.Parallel()
		_, known := codeScanning(t, "refs/heads/main", moved(paged(fine, 100, "")), inState(nil))
		wantLost(t, known, fact.Inconsistent, "not known to be the same repository")
		_, known = codeScanning(t, "refs/heads/main", paged(fine, 100, ""), moved(inState(nil)))
		wantLost(t, known, fact.Inconsistent, "not known to be the same repository")
	})
	t.Run("before the overview", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		wantLost(t, f.reader(t).CodeAlerts(t.Context()), fact.NotAsked, "")
		wantLost(t, f.reader(t).DependencyAlerts(t.Context()), fact.NotAsked, "")
		if len(f.asked()) > 0 {
			t.Errorf("asked %q", f.asked())
		}
	})
}

func TestAnAlertThatOnlyTheBranchOrOnlyTheRepositoryCallsOpenIsOpen(t *testing.T) {
	t.Parallel()
	_, known := codeScanning(t, "refs/heads/main", paged(array{analysisData(1)}, 100, ""), inState(array{
		put(codeAlertData(1), "most_recent_instance.state", "fixed"), put(fixedData(2, at(8, 0)), "most_recent_instance.state", "open"),
		put(fixedData(3, at(8, 0)), "most_recent_instance.state", "strange"),
	}))
	if got := numbers(have(t, known).Open); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("open %v", got)
	}
	_, known = codeScanning(t, "refs/heads/main", paged(array{analysisData(1)}, 100, ""), inState(array{put(fixedData(4, at(8, 0)), "most_recent_instance.state", "dismissed")}))
	if got := have(t, known); len(got.Open) != 0 {
		t.Errorf("fixed in one, dismissed in the other: %+v", got)
	}
}

func TestAlertsThatWereFixedAfterTheCommitWasAnalysedHold(t *testing.T) {
	t.Parallel()
	another := func(when string) object {
		return put(put(put(analysisData(7), "commit_sha", parentSHA), "created_at", when), "category", "js")
	}
	rows := []struct {
		name     string
		analyses array
		fixed    object
		holds    bool
	}{
		{"long after", array{analysisData(1)}, fixedData(1, at(8, 41)), true},
		{"soon after, when another commit was analysed", array{another("2026-11-17T08:33:00Z"), analysisData(1)}, fixedData(1, at(8, 34)), true},
		{"soon after, when another commit was analysed at the same moment", array{another("2026-11-17T08:30:00Z"), analysisData(1)}, fixedData(1, at(8, 34)), true},
		{"of a category that was analysed before the others", array{put(put(analysisData(2), "created_at", "2026-11-17T09:30:00Z"), "category", "js"), analysisData(1)}, fixedData(1, at(9, 0)), true},
		{"of a tool that never analysed the commit, after the first that did", array{put(analysisData(2), "created_at", "2026-11-17T09:30:00Z"), analysisData(1)}, put(fixedData(1, at(9, 0)), "tool.name", "Semgrep"), true},
		{"after the newest analysis without a problem", array{put(put(analysisData(2), "created_at", "2026-11-17T09:30:00Z"), "error", "no"), analysisData(1)}, fixedData(1, at(9, 0)), true},
		{"of which only the last change is known", array{analysisData(1)}, put(fixedData(1, at(9, 0)), "fixed_at", absent), true},
		{"before", array{analysisData(1)}, fixedData(1, at(8, 29)), false},
		{"before, and changed since", array{analysisData(1)}, put(fixedData(1, at(8, 29)), "updated_at", "2026-11-17T09:00:00Z"), false},
		{"by the analysis itself", array{analysisData(1)}, fixedData(1, at(8, 30)), false},
		{"soon after", array{another("2026-11-17T08:29:00Z"), analysisData(1)}, fixedData(1, at(8, 34)), false},
		{"soon after, when another commit was analysed much later", array{another("2026-11-17T08:41:00Z"), analysisData(1)}, fixedData(1, at(8, 34)), false},
		{"of a commit that was analysed again since", array{put(analysisData(2), "created_at", "2026-11-17T09:30:00Z"), analysisData(1)}, fixedData(1, at(9, 0)), false},
		{"before the first analysis without a problem", array{analysisData(1), put(put(analysisData(2), "created_at", "2026-11-17T08:00:00Z"), "error", "no")}, put(fixedData(1, at(8, 25)), "tool.name", "Semgrep"), false},
		{"of a commit whose only analysis failed", array{put(analysisData(1), "error", "no")}, fixedData(1, at(9, 0)), false},
		{"of a commit that was not analysed", array{another("2026-11-17T08:30:00Z")}, fixedData(1, at(9, 0)), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := codeScanning(t, "refs/heads/main", paged(row.analyses, 100, ""), inState(array{row.fixed}))
			open := have(t, known).Open
			if (len(open) == 1) != row.holds {
				t.Fatalf("open %+v, want it to hold: %t", open, row.holds)
			}
			if row.holds && open[0].FixedAt.IsZero() {
				t.Error("it does not say that it was fixed")
			}
		})
	}
}

func TestCodeAlertsSayAllThatGitHubSays(t *testing.T) {
	t.Parallel()
	bad := put(put(put(analysisData(3), "warning", "3 results were ignored"), "created_at", "2026-11-17T08:35:00Z"), "tool.name", "Semgrep")
	other := put(analysisData(4), "commit_sha", parentSHA)
	lesser := put(put(put(codeAlertData(9), "rule.security_severity_level", nil), "rule.severity", "Warning"), "rule.id", nil)
	f, known := codeScanning(t, "refs/heads/main", paged(array{bad, other, analysisData(1)}, 2, ""),
		inState(array{codeAlertData(12), lesser, dismissedData(11), put(dismissedData(5), "dismissed_by", nil), codeAlertData(10)}))
	link := "https://github.com/acme/shop/security/code-scanning"
	mallory := &fact.Person{ID: 66, Login: "mallory", Kind: fact.User}
	alert := func(number int) fact.Alert {
		return fact.Alert{Number: number, Tool: "CodeQL", Rule: "go/sql", Severity: "high", Subject: "db.go", URL: fmt.Sprintf("%s/%d", link, number)}
	}
	nine, eleven, five := alert(9), alert(11), alert(5)
	nine.Rule, nine.Severity = "SQL", "warning"
	eleven.Dismissal = &fact.Dismissal{By: mallory, At: at(8, 40), Why: "won't fix", Comment: "later"}
	five.Dismissal = &fact.Dismissal{At: at(8, 40), Why: "won't fix", Comment: "later"}
	same(t, "alerts", have(t, known), fact.Alerts{
		Enabled: true, Ref: "refs/heads/main",
		Analyses: []fact.Analysis{
			{Tool: "CodeQL", Category: "go", Ref: "refs/heads/main", Commit: subjectSHA, At: at(8, 30), URL: link + "?query=ref%3Arefs%2Fheads%2Fmain"},
			{Tool: "Semgrep", Category: "go", Ref: "refs/heads/main", Commit: subjectSHA, At: at(8, 35), Problem: "3 results were ignored", URL: link + "?query=ref%3Arefs%2Fheads%2Fmain"},
		},
		Open: []fact.Alert{nine, alert(10), alert(12)}, Dismissed: []fact.Alert{five, eleven},
	})
	if known.Source().URL != link {
		t.Errorf("page %q", known.Source().URL)
	}
	asked := f.asked()
	if last := asked[len(asked)-1]; !strings.Contains(last, "state=fixed") {
		t.Errorf("%q is asked last, want what is fixed", last)
	}
	for _, want := range []string{"analyses?direction=desc&page=1&per_page=100&ref=refs%2Fheads%2Fmain&sort=created", "alerts?direction=desc&page=2&per_page=100&ref=refs%2Fheads%2Fmain&sort=updated&state=open"} {
		if !slices.ContainsFunc(asked, func(each string) bool { return strings.HasSuffix(each, want) }) {
			t.Errorf("asked %q, want %q", asked, want)
		}
	}
}

func TestATagIsScannedOnTheDefaultBranchAndAnotherBranchOnItself(t *testing.T) {
	t.Parallel()
	for ref, asks := range map[fact.Ref]string{"refs/tags/v1": "refs/heads/main", "refs/heads/a&b": "refs/heads/a&b"} {
		f, known := codeScanning(t, ref, raw(404, jsonMedia, nothingYet), raw(404, jsonMedia, nothingYet))
		if got := have(t, known).Ref; got != asks {
			t.Errorf("%s: alerts of %q, want %q", ref, got, asks)
		}
		for _, each := range f.asked()[1:] {
			if !strings.Contains(each, "ref="+strings.NewReplacer("/", "%2F", "&", "%26").Replace(asks)+"&") {
				t.Errorf("%s: asked %q", ref, each)
			}
		}
	}
}

func TestAnalysesAreReadBackToTheCommitAndNoFurther(t *testing.T) {
	t.Parallel()
	list := func(old string, count int) array {
		var all array
		for id := range count {
			all = append(all, put(put(analysisData(id+1), "commit_sha", parentSHA), "created_at", old))
		}
		return all
	}
	old, known := codeScanning(t, "refs/heads/main", paged(append(array{analysisData(900)}, list("2026-11-16T07:59:59Z", 9)...), 2, ""), inState(nil))
	if got := len(have(t, known).Analyses); got != 1 || len(old.asked()) != 5 {
		t.Errorf("%d analyses after %q", got, old.asked())
	}
	_, known = codeScanning(t, "refs/heads/main", paged(list("2026-11-17T08:00:00Z", 41), 2, ""), inState(nil))
	wantLost(t, known, fact.Incomplete, "more than 20 pages")
}

func TestWhatWasFixedBeforeTheCommitWasAnalysedIsNotReadToTheEnd(t *testing.T) {
	t.Parallel()
	var fixed array
	for number := range 40 {
		fixed = append(fixed, fixedData(number+1, at(9, 0).Add(-time.Duration(number)*5*time.Minute)))
	}
	f, known := codeScanning(t, "refs/heads/main", paged(array{analysisData(1)}, 2, ""), inState(fixed))
	if got := numbers(have(t, known).Open); !slices.Equal(got, []int{1, 2, 3, 4}) {
		t.Errorf("open %v", got)
	}
	put(fixed[1].(object), "updated_at", absent) // it says nothing of those after it
	_, known = codeScanning(t, "refs/heads/main", paged(array{analysisData(1)}, 2, ""), inState(fixed))
	if got := numbers(have(t, known).Open); !slices.Equal(got, []int{1, 2, 3, 4}) {
		t.Errorf("open %v", got)
	}
	if count := len(f.asked()); count > 9 {
		t.Errorf("%d requests: %q", count, f.asked())
	}
}

func TestAnAlertThatIsFixedMeanwhileIsThereOnce(t *testing.T) {
	t.Parallel()
	_, known := codeScanning(t, "refs/heads/main", paged(array{analysisData(1)}, 100, ""), inState(array{codeAlertData(1), fixedData(1, at(9, 0)), dismissedData(1)}))
	found := have(t, known)
	if got := fmt.Sprint(numbers(found.Open), numbers(found.Dismissed)); got != "[1] []" || !found.Open[0].FixedAt.IsZero() {
		t.Errorf("alerts %s: %+v", got, found.Open)
	}
	_, known = codeScanning(t, "refs/heads/main", paged(array{analysisData(1)}, 100, ""), inState(array{fixedData(1, at(9, 0)), dismissedData(1)}))
	found = have(t, known)
	if got := fmt.Sprint(numbers(found.Open), numbers(found.Dismissed)); got != "[1] []" {
		t.Errorf("fixed and dismissed: %s", got)
	}
}

func TestAnAnalysisCountsOnceAndBeforeTheCommitsOwnDate(t *testing.T) {
	t.Parallel()
	// The clock of whoever made the commit is ahead, and a new analysis moves the
	// list on while it is read.
	early := func(id int) object { return put(analysisData(id), "created_at", "2026-11-17T07:30:00Z") }
	other := put(early(1), "commit_sha", parentSHA)
	_, known := codeScanning(t, "refs/heads/main", paged(array{other, other, early(2), early(2), early(2)}, 2, ""), inState(nil))
	if own := have(t, known).Analyses; len(own) != 1 || !own[0].At.Equal(at(7, 30)) {
		t.Errorf("analyses %+v", own)
	}
}

// A header that is lost on the way must not make a list shorter.
func TestAFullPageOfScansWithoutANextOneIsNotTheLast(t *testing.T) {
	t.Parallel()
	withoutLinks := func(items array) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			number, _ := strconv.Atoi(r.URL.Query().Get("page"))
			show(w, http.StatusOK, append(array{}, items[min((number-1)*100, len(items)):min(number*100, len(items))]...))
			return true
		}
	}
	var analyses, alerts array
	for i := range 101 {
		data := analysisData(1000 - i)
		if i < 100 {
			put(data, "commit_sha", parentSHA)
		}
		analyses, alerts = append(analyses, data), append(alerts, codeAlertData(i+1))
	}
	open := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("state") != "open" {
			return withoutLinks(nil)(w, r)
		}
		return withoutLinks(alerts)(w, r)
	}
	_, known := codeScanning(t, "refs/heads/main", withoutLinks(analyses), open)
	found := have(t, known)
	own := slices.ContainsFunc(found.Analyses, func(each fact.Analysis) bool { return each.Commit == subjectSHA })
	if len(found.Open) != 101 || !own {
		t.Errorf("%d alerts, want 101; the analysis of the commit was found: %t", len(found.Open), own)
	}
}
