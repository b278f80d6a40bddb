package github_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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

func TestALengthThatIsNotReachedIsNoticedWhateverTheTransportSays(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	config.Transport = carrier(func(*http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json"}}
		return &http.Response{StatusCode: 200, Header: header, ContentLength: 1000, Body: io.NopCloser(strings.NewReader(`{"a":1}`))}, nil
	})
	reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	wantLost(t, reader.Access(t.Context(), "bob"), fact.Incomplete, "before its declared length")
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
