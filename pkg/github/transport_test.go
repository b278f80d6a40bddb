package github_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const accessPath = "/repos/acme/shop/collaborators/bob/permission"

func bobsAccess(*http.Request) any { return accessData(12, "bob", "User", "push") }

// raw answers with these very bytes.
func raw(status int, media, body string, headers ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", media)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

// both asks once by REST and once by GraphQL and returns why each is missing.
func both(t *testing.T, f *fake) map[string]*fact.Missing {
	t.Helper()
	return map[string]*fact.Missing{
		"REST":    lost(t, f.reader(t).Access(t.Context(), "bob")),
		"GraphQL": lost(t, f.reader(t).Overview(t.Context()).Commit),
	}
}

func TestAnAnswerThatIsNotWholeIsNotAnAnswer(t *testing.T) {
	t.Parallel()
	const media = "application/json; charset=utf-8"
	short := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"permission":"admin"}`))
		return true
	}
	bomb := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		block := []byte(strings.Repeat(" ", 1<<20))
		for range 32 {
			if _, err := packed.Write(block); err != nil {
				break
			}
		}
		_ = packed.Close()
		return true
	}
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		reason fact.Reason
		detail string
	}{
		{"an empty object", raw(200, media, "{}"), fact.Incomplete, `"{}"`},
		{"an empty object with room", raw(200, media, "{ \n }"), fact.Incomplete, "says nothing"},
		{"null", raw(200, media, " null "), fact.Incomplete, `"null"`},
		{"an empty list in place of an object", raw(200, media, "[]"), fact.Incomplete, "shape"},
		{"a text in place of a number", raw(200, media, `{"user":{"id":"x"},"errors":"x"}`), fact.Incomplete, "shape"},
		{"nothing", raw(200, media, ""), fact.Incomplete, "not a whole JSON document"},
		{"no content", raw(204, media, ""), fact.Incomplete, "no content"},
		{"accepted", raw(202, media, `{"message":"later"}`), fact.Incomplete, "status 202"},
		{"truncated", raw(200, media, `{"permission":"admin","user":{"id":12`), fact.Incomplete, "not a whole JSON document"},
		{"text behind the document", raw(200, media, `{"permission":"admin"} <html>`), fact.Incomplete, "not a whole JSON document"},
		{"shorter than declared though valid", short, fact.Incomplete, "before its declared length"},
		{"a captive page", raw(200, "text/html", "<html>"), fact.Incomplete, "not JSON"},
		{"JSON that says it is HTML", raw(200, "text/html", `{"permission":"admin"}`), fact.Incomplete, "not JSON"},
		{"32 MiB in a small archive", bomb, fact.Incomplete, "larger than 16 MiB"},
		{"not modified", raw(304, media, ""), fact.Unavailable, "status 304"},
		{"a token that is no longer good", raw(401, media, `{"message":"Bad credentials"}`), fact.Forbidden, "Bad credentials"},
		{"a refusal", raw(403, media, `{"message":"Resource not accessible by integration"}`), fact.Forbidden, "not accessible"},
		{"not found", raw(404, media, `{"message":"Not Found"}`), fact.NotFound, "status 404"},
		{"an interface that is gone", raw(410, media, `{"message":"Gone"}`), fact.Unavailable, "status 410"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = row.handle
			for way, missing := range both(t, f) {
				if missing.Reason != row.reason || !strings.Contains(missing.Detail, row.detail) {
					t.Errorf("%s: %q %q, want %q …%s…", way, missing.Reason, missing.Detail, row.reason, row.detail)
				}
			}
			if got := len(f.asked()); got != 2 {
				t.Errorf("%d requests, want 2: such an answer is not asked for again", got)
			}
		})
	}
}

func TestAFailureNamesTheRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = raw(403, "application/json", `{"message":"no\n::error::"}`)
	missing := lost(t, f.reader(t).Access(t.Context(), "bob"))
	want := `GET /api/v3` + accessPath + `: the server refused: "no\n::error::" (status 403, request id AB12:CD34)`
	if missing.Detail != want {
		t.Errorf("detail %q, want %q", missing.Detail, want)
	}
}

func TestReadsAreRepeatedThreeTimesAtMost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 502, 503, 504} {
		for failures, ok := range map[int]bool{1: true, 3: true, 4: false} {
			t.Run(fmt.Sprintf("%d failures with %d", failures, status), func(t *testing.T) {
				t.Parallel()
				f := newFake(t)
				f.routes[accessPath] = bobsAccess
				var count atomic.Int32
				f.handle = func(w http.ResponseWriter, r *http.Request) bool {
					return count.Add(1) <= int32(failures) && raw(status, "text/html", "<html>")(w, r)
				}
				known := f.reader(t).Access(t.Context(), "bob")
				if _, missing := known.Get(); (missing == nil) != ok {
					t.Errorf("missing %v", missing)
				}
				if got, want := len(f.asked()), min(failures+1, 4); got != want {
					t.Errorf("%d requests, want %d", got, want)
				}
				for i, wait := range f.slept {
					if low := 250 * time.Millisecond << i; wait < low || wait >= 3*low {
						t.Errorf("pause %d is %v", i, wait)
					}
				}
				if !ok {
					wantLost(t, known, fact.Unavailable, fmt.Sprintf("(status %d, request id AB12:CD34), 4 attempts", status))
				}
			})
		}
	}
}

func TestTheGraphQLQueryIsRepeatedWithItsBody(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var bodies []string
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		var asked struct{ Query string }
		tee(&asked)(w, r)
		bodies = append(bodies, asked.Query)
		return len(bodies) == 1 && raw(502, "text/html", "")(w, r)
	}
	have(t, f.reader(t).Overview(t.Context()).Commit)
	if len(bodies) != 2 || bodies[0] == "" || bodies[0] != bodies[1] {
		t.Errorf("%d requests; the second has another body than the first", len(bodies))
	}
}

// carrier is a transport made of a function.
type carrier func(*http.Request) (*http.Response, error)

func (c carrier) RoundTrip(req *http.Request) (*http.Response, error) { return c(req) }

func TestABrokenConnectionIsTriedAgainAndThenUnavailable(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config, tries := f.config(), 0
	config.Transport = carrier(func(*http.Request) (*http.Response, error) {
		tries++
		return nil, errors.New("connection reset, dumping: Authorization: Bearer " + token)
	})
	reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	wantLost(t, reader.Access(t.Context(), "bob"), fact.Unavailable, "Bearer ***, 4 attempts")
	if tries != 4 {
		t.Errorf("%d attempts, want 4", tries)
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config, tries := f.config(), 0
	config.Timeout = time.Millisecond
	config.Transport = carrier(func(req *http.Request) (*http.Response, error) {
		tries++
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	wantLost(t, reader.Access(t.Context(), "bob"), fact.Unavailable, "no answer within the time limit")
	if tries != 4 {
		t.Errorf("%d attempts, want 4", tries)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	wantLost(t, reader.Access(over, "bob"), fact.Unavailable, "cancelled")
	if tries > 5 {
		t.Errorf("%d attempts, want none after the end", tries-4)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	reset := func(after time.Duration) string { return strconv.FormatInt(serverDate.Add(after).Unix(), 10) }
	limitedQuery := `{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`
	rows := []struct {
		name    string
		handle  func(http.ResponseWriter, *http.Request) bool
		left    time.Duration // until the context's deadline; 0 for none
		waits   time.Duration // what is waited before the one repetition; 0 for none
		until   string
		graphQL bool
	}{
		{name: "reset in 20 minutes, a minute left", left: time.Minute, until: "2026-11-17T11:20:00Z",
			handle: raw(403, media, `{"message":"API rate limit exceeded"}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(20*time.Minute))},
		{name: "the same with status 429", left: time.Minute, until: "2026-11-17T11:20:00Z",
			handle: raw(429, media, `{}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(20*time.Minute))},
		{name: "retry-after beyond the deadline", left: 4 * time.Second, until: "2026-11-17T11:00:05Z",
			handle: raw(429, media, `{}`, "Retry-After", "5")},
		{name: "retry-after within the deadline", left: time.Minute, waits: 5 * time.Second,
			handle: raw(429, media, `{}`, "Retry-After", "5")},
		{name: "retry-after as a date", left: time.Minute, waits: 7 * time.Second,
			handle: raw(403, media, `{}`, "Retry-After", serverDate.Add(7*time.Second).Format(http.TimeFormat))},
		{name: "reset within the deadline, by the server's clock", left: time.Minute, waits: 9 * time.Second,
			handle: raw(403, media, `{"message":"x"}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(9*time.Second))},
		{name: "a secondary limit without a time, half a minute left", left: 30 * time.Second, until: "2026-11-17T11:01:00Z",
			handle: raw(403, media, `{"message":"You have exceeded a secondary rate limit."}`)},
		{name: "a secondary limit without a time, no deadline", waits: time.Minute,
			handle: raw(403, media, `{"message":"You have exceeded a secondary rate limit."}`)},
		{name: "an hour without a deadline", until: "2026-11-17T12:00:00Z",
			handle: raw(429, media, `{}`, "Retry-After", "3600")},
		{name: "a limit inside a GraphQL answer", graphQL: true, left: time.Minute, until: "2026-11-17T11:20:00Z",
			handle: raw(200, media, limitedQuery, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(20*time.Minute))},
		{name: "a short limit inside a GraphQL answer", graphQL: true, left: time.Minute, waits: 5 * time.Second,
			handle: raw(200, media, limitedQuery, "Retry-After", "5")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.routes[accessPath] = bobsAccess
			var count atomic.Int32
			f.handle = func(w http.ResponseWriter, r *http.Request) bool { return count.Add(1) == 1 && row.handle(w, r) }
			ctx := t.Context()
			if row.left > 0 {
				// The deadline is far off by the wall clock and near by the
				// clock of the configuration.
				ctx = deadline{ctx, clock.Add(row.left)}
			}
			missing := ask(ctx, f.reader(t), row.graphQL)
			if row.waits > 0 {
				if missing != nil || len(f.slept) != 1 || f.slept[0] != row.waits {
					t.Errorf("missing %v, slept %v, want %v", missing, f.slept, row.waits)
				}
				return
			}
			if missing == nil || missing.Reason != fact.Unavailable || !strings.Contains(missing.Detail, row.until) || !strings.Contains(missing.Fix, row.until) {
				t.Fatalf("missing %+v, want the time %s", missing, row.until)
			}
			if len(f.slept) != 0 || count.Load() != 1 {
				t.Errorf("slept %v, %d requests", f.slept, count.Load())
			}
		})
	}
}

// deadline is a context whose deadline is by the configured clock.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

func ask(ctx context.Context, reader *github.Reader, graphQL bool) *fact.Missing {
	if graphQL {
		_, missing := reader.Overview(ctx).Commit.Get()
		return missing
	}
	_, missing := reader.Access(ctx, "bob").Get()
	return missing
}

func TestOneUsedUpAnswerDoesNotBlockTheNext(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.routes[accessPath] = bobsAccess
	f.handle = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Limit", "1000")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
		return false
	}
	reader := f.reader(t)
	for range 2 { // the client library refuses the second by itself
		have(t, reader.Access(t.Context(), "bob"))
	}
}

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

func TestARedirectLoopEnds(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		return raw(302, "application/json", "{}", "Location", r.URL.Path)(w, r)
	}
	wantLost(t, f.reader(t).Access(t.Context(), "bob"), fact.Inconsistent, "more than 3 redirects")
}

func TestEveryRequestNamesTheVersionOfTheInterface(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if got := r.Header.Values("X-GitHub-Api-Version"); len(got) != 1 || got[0] != "2022-11-28" {
			t.Errorf("version %q", got)
		}
		if r.UserAgent() != "stageward" {
			t.Errorf("user agent %q", r.UserAgent())
		}
		return false
	}
	f.reader(t).Overview(t.Context())
	f.reader(t).Access(t.Context(), "bob")
}
