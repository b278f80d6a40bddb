package github_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

func TestTheTokenStaysOnItsHost(t *testing.T) {
	t.Parallel()
	var heard atomic.Int32
	listener := func(_ http.ResponseWriter, _ *http.Request) { heard.Add(1) }
	evil, plain := httptest.NewTLSServer(http.HandlerFunc(listener)), httptest.NewServer(http.HandlerFunc(listener))
	t.Cleanup(evil.Close)
	t.Cleanup(plain.Close)
	for _, row := range []struct {
		name, location string
		status         int
	}{
		{"another host, moved", evil.URL, 301},
		{"another host, found", evil.URL, 302},
		{"another host, temporarily", evil.URL, 307},
		{"another host, permanently", evil.URL, 308},
		{"a downgrade to http", plain.URL, 302},
		{"the own host over http", "http://HOST/x", 302},
		{"a user name in front of the own host", "https://a:b@HOST/x", 302},
		{"another port of the own host", "https://127.0.0.1:1/x", 302},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			location := strings.Replace(row.location, "HOST", strings.TrimPrefix(f.URL, "https://"), 1)
			f.handle = raw(row.status, "application/json", "{}", "Location", location+"/repos/acme/shop")
			for way, missing := range both(t, f) {
				if missing.Reason != fact.Inconsistent || !strings.Contains(missing.Detail, "refused a redirect") || strings.Contains(missing.Detail, "a:b") {
					t.Errorf("%s: %+v", way, missing)
				}
			}
			if got := len(f.asked()); got != 2 {
				t.Errorf("%d requests, want 2", got)
			}
		})
	}
	t.Cleanup(func() {
		if heard.Load() != 0 {
			t.Errorf("%d requests reached another host", heard.Load())
		}
	})
}

func TestARedirectWithinTheHostCountsForTheSameRepositoryOnly(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, path string
		overview   bool
		ok         bool
	}{
		{"another repository", "/repositories/2002/collaborators/bob/permission", true, false},
		{"another name", "/repos/evil/shop/collaborators/bob/permission", true, false},
		{"another login", "/repositories/1001/collaborators/carol/permission", true, false},
		{"no number, none known yet", "/repositories/0/collaborators/bob/permission", false, false},
		{"the right number, not known yet", "/repositories/1001/collaborators/bob/permission", false, false},
		{"the right number", "/repositories/1001/collaborators/bob/permission", true, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.routes[row.path] = bobsAccess
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				return strings.HasSuffix(r.URL.Path, accessPath) && raw(301, "application/json", "{}", "Location", "/api/v3"+row.path)(w, r)
			}
			reader := f.reader(t)
			if row.overview {
				reader.Overview(t.Context())
			}
			known := reader.Access(t.Context(), "bob")
			if row.ok {
				have(t, known)
				return
			}
			wantLost(t, known, fact.Inconsistent, "not known to be the same repository")
		})
	}
}

func TestAQueryIsNotRedirectedAtAll(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		f := newFake(t)
		f.handle = raw(status, "application/json", "{}", "Location", "/api/graphql")
		wantLost(t, f.reader(t).Overview(t.Context()).Commit, fact.Inconsistent, "only reads by GET")
		if got := len(f.asked()); got != 1 {
			t.Errorf("%d: %d requests, want 1", status, got)
		}
	}
}

func TestARedirectLoopEnds(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		return raw(302, "application/json", "{}", "Location", r.URL.Path)(w, r)
	}
	wantLost(t, f.reader(t).Access(t.Context(), "bob"), fact.Inconsistent, "more than 3 redirects")
}

// Whoever renames a repository leaves its name to others. The name, the branch and
// the policy may all be as expected then; the number is not.
func TestTheRepositoryOfTheRunIsTheOneThatAnswers(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		of      int64 // the run
		answers any   // the number in the answer
		reason  fact.Reason
		detail  string
	}{
		{"another repository has the name now", 1001, 2002, fact.Inconsistent, "the run is of the repository number 1001, and acme/shop is number 2002 now"},
		{"a smaller number", 1001, 7, fact.Inconsistent, "number 7 now"},
		{"no number", 1001, nil, fact.Incomplete, "does not identify"},
		{"no number, and nobody knows which it was", 0, nil, fact.Incomplete, "does not identify"},
		{"the same repository", 1001, 1001, "", ""},
		{"nobody said which it was", 0, 2002, "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData("repository.databaseId", row.answers)
			config := f.config()
			config.RepositoryID = row.of
			reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
			if err != nil {
				t.Fatal(err)
			}
			facts := reader.Overview(t.Context())
			tip, err := github.DefaultBranch(t.Context(), config, "acme/shop")
			if err != nil {
				t.Fatal(err)
			}
			if row.reason == "" {
				have(t, facts.Repository)
				have(t, facts.Policy)
				have(t, tip)
				return
			}
			wantLost(t, facts.Repository, row.reason, row.detail)
			wantLost(t, facts.Policy, row.reason, row.detail)
			wantLost(t, facts.Commit, row.reason, row.detail)
			wantLost(t, facts.RefTarget, row.reason, row.detail)
			wantLost(t, tip, row.reason, row.detail)
			if fix := lost(t, facts.Policy).Fix; row.reason == fact.Inconsistent && !strings.Contains(fix, "Who renamed") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}
