package github_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/github"
)

// heard asks for Bob's access and returns what Config.Retried was told.
func heard(t *testing.T, config github.Config) (told []github.Retry, known bool) {
	t.Helper()
	config.Retried = func(retry github.Retry) { told = append(told, retry) }
	reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	_, missing := reader.Access(t.Context(), "bob").Get()
	return told, missing == nil
}

// stumbling answers the first requests with handle, and the others rightly.
func stumbling(t *testing.T, times int32, handle func(http.ResponseWriter, *http.Request) bool) *fake {
	t.Helper()
	f := newFake(t)
	f.routes[accessPath] = bobsAccess
	var count atomic.Int32
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		return count.Add(1) <= times && handle(w, r)
	}
	return f
}

func TestWhatIsNotAskedAgainIsNotTold(t *testing.T) {
	t.Parallel()
	const media = "application/json"
	rows := []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		sleep  error
	}{
		{"not found", raw(404, media, `{"message":"Not Found"}`), nil},
		{"a token that is no longer good", raw(401, media, `{"message":"Bad credentials"}`), nil},
		{"an answer that is not whole", raw(200, media, `{"permission":`), nil},
		{"a limit that lasts too long", raw(429, media, "{}", "Retry-After", "3600"), nil},
		{"a pause that was broken off", raw(502, media, "{}"), context.Canceled},
		{"an answer that is right", func(http.ResponseWriter, *http.Request) bool { return false }, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := stumbling(t, 1, row.handle)
			config := f.config()
			config.Sleep = func(context.Context, time.Duration) error { return row.sleep }
			if told, _ := heard(t, config); len(told) != 0 || len(f.asked()) != 1 {
				t.Errorf("told %v of %d requests, want nothing told of 1", told, len(f.asked()))
			}
		})
	}
}

func TestARetryShowsNothingFromOutside(t *testing.T) {
	t.Parallel()
	const hostile = "\n::error::pwned ##[error]\x1b[2J"
	f := stumbling(t, 1, raw(502, "application/json", `{"message":"`+token+`\n::error::pwned"}`, "Retry-After", token))
	refusing := f.config()
	dropping := f.config()
	dropping.Transport = carrier(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("dumping: Authorization: Bearer " + token + hostile)
	})
	leading := func(target string) github.Config {
		f := newFake(t)
		f.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, "/elsewhere") {
				return raw(502, "text/html", hostile)(w, r)
			}
			return raw(302, "text/html", "", "Location", target)(w, r)
		}
		return f.config()
	}
	for name, row := range map[string]struct {
		config github.Config
		told   int
	}{
		"a body": {refusing, 1}, "an error of the network": {dropping, 3},
		"a redirect with a query":   {leading("/elsewhere?secret=1"), 3},
		"a redirect with the token": {leading("/elsewhere/" + token), 3},
		"a redirect that breaks":    {leading("/elsewhere/%0A::error::%1B[2J/é"), 3},
		"a redirect of many bytes":  {leading("/elsewhere/" + strings.Repeat("x", 1000)), 3},
	} {
		told, _ := heard(t, row.config)
		if len(told) != row.told {
			t.Errorf("%s: told %d times, want %d", name, len(told), row.told)
		}
		for _, retry := range told {
			line := retry.String()
			outside := func(char rune) bool { return char < ' ' || char > '~' }
			if strings.ContainsFunc(line, outside) || strings.ContainsAny(line, "?#") || len(line) > 450 {
				t.Errorf("%s: %q is not one short line of plain text", name, line)
			}
			for _, secret := range []string{token, "secret", "pwned", "Bearer"} {
				if strings.Contains(fmt.Sprintf("%+v", retry)+line, secret) {
					t.Errorf("%s: %q holds %q", name, line, secret)
				}
			}
		}
	}
}

func TestARetrySaysWhatWasAskedAgainAndWhy(t *testing.T) {
	t.Parallel()
	const path = "/api/v3" + accessPath
	rows := []struct {
		name   string
		times  int32
		handle func(http.ResponseWriter, *http.Request) bool
		want   []github.Retry
		known  bool
	}{
		{"more failures than attempts", 4, raw(503, "text/html", ""), []github.Retry{
			{Method: "GET", Path: path, Status: 503, Fault: "the server failed", Attempt: 1},
			{Method: "GET", Path: path, Status: 503, Fault: "the server failed", Attempt: 2},
			{Method: "GET", Path: path, Status: 503, Fault: "the server failed", Attempt: 3},
		}, false},
		{"one failure", 1, raw(502, "text/html", ""), []github.Retry{
			{Method: "GET", Path: path, Status: 502, Fault: "the server failed", Attempt: 1},
		}, true},
		{"a limit", 1, raw(403, "application/json", "{}", "Retry-After", "7"), []github.Retry{
			{Method: "GET", Path: path, Status: 403, Fault: "the rate limit is used up", Attempt: 1, Wait: 7 * time.Second},
		}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			told, known := heard(t, stumbling(t, row.times, row.handle).config())
			if diff := cmp.Diff(row.want, told); diff != "" || known != row.known {
				t.Errorf("known %t, want %t; (-want +got)\n%s", known, row.known, diff)
			}
		})
	}
}

// torn is a body that fails before its end.
type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestARetrySaysThatTheAnswerIsMissingOrBrokeOff(t *testing.T) {
	t.Parallel()
	for fault, resp := range map[string]*http.Response{
		"no answer":            nil,
		"the answer broke off": {StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1, Body: io.NopCloser(torn{})},
	} {
		f := stumbling(t, 0, nil)
		config, tries := f.config(), 0
		config.Transport = carrier(func(req *http.Request) (*http.Response, error) {
			tries++
			switch {
			case tries > 1:
				return f.Client().Transport.RoundTrip(req)
			case resp == nil:
				return nil, errors.New("connection refused")
			}
			return resp, nil
		})
		told, known := heard(t, config)
		if len(told) != 1 || told[0].Fault != fault || !known {
			t.Errorf("told %+v, known %t; want one %q", told, known, fault)
		}
	}
}

func TestARetryIsOneLine(t *testing.T) {
	t.Parallel()
	for want, retry := range map[string]github.Retry{
		"retry: GET /x: no answer; asked again, attempt 4 of 4":                                          {Method: "GET", Path: "/x", Fault: "no answer", Attempt: 3},
		"retry: GET /x: the server failed (status 502); asked again, attempt 2 of 4":                     {Method: "GET", Path: "/x", Status: 502, Fault: "the server failed", Attempt: 1},
		"retry: POST /x: the rate limit is used up (status 429); asked again after 1m0s, attempt 3 of 4": {Method: "POST", Path: "/x", Status: 429, Fault: "the rate limit is used up", Attempt: 2, Wait: time.Minute + time.Millisecond},
	} {
		if got := retry.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRetriesAreTheSameLinesWheneverTheyCame(t *testing.T) {
	t.Parallel()
	var none github.Retries
	if lines := none.Lines(); len(lines) != 0 {
		t.Errorf("lines %q of nothing", lines)
	}
	var all []github.Retry
	for _, path := range []string{"/d", "/a", "/c", "/b"} {
		// The later attempt has the smaller status: the text is not the order.
		all = append(all,
			github.Retry{Method: "GET", Path: path, Status: 502, Fault: "the server failed", Attempt: 2},
			github.Retry{Method: "GET", Path: path, Status: 503, Fault: "the server failed", Attempt: 1},
			github.Retry{Method: "GET", Path: path, Status: 504, Fault: "the server failed", Attempt: 1},
		)
	}
	var want []string
	for _, path := range []string{"/a", "/b", "/c", "/d"} {
		for _, rest := range []string{"(status 503); asked again, attempt 2", "(status 504); asked again, attempt 2", "(status 502); asked again, attempt 3"} {
			want = append(want, "retry: GET "+path+": the server failed "+rest+" of 4")
		}
	}
	for _, count := range []int{9, 10, 11, 12} {
		var kept github.Retries
		var group sync.WaitGroup
		chosen := slices.DeleteFunc(slices.Clone(all), func(retry github.Retry) bool {
			return slices.Index(want, retry.String()) >= count
		})
		for _, retry := range chosen {
			group.Go(func() { kept.Add(retry) })
		}
		group.Wait()
		lines := slices.Clone(want[:min(count, 10)])
		if count > 10 {
			lines = append(lines, fmt.Sprintf("retry: and %d more", count-10))
		}
		if diff := cmp.Diff(lines, kept.Lines()); diff != "" {
			t.Errorf("%d retries (-want +got)\n%s", count, diff)
		}
	}
}

func TestRequestsSideBySideMayBeRetried(t *testing.T) {
	t.Parallel()
	const people = 20
	f := newFake(t)
	var lock sync.Mutex
	before := map[string]bool{}
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		lock.Lock()
		again := before[r.URL.Path]
		before[r.URL.Path] = true
		lock.Unlock()
		return !again && raw(502, "text/html", "")(w, r)
	}
	var retries github.Retries
	config := f.config()
	config.Retried = retries.Add
	reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range people {
		group.Go(func() { reader.Access(t.Context(), fmt.Sprintf("user%02d", i)) })
	}
	group.Wait()
	lines := retries.Lines()
	if len(lines) != 11 || !strings.Contains(lines[0], "/user00/") || !strings.Contains(lines[9], "/user09/") || lines[10] != "retry: and 10 more" {
		t.Errorf("lines %q", lines)
	}
}
