package github

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	// apiVersion is the version of the REST interface that the client
	// library's types were written for. GitHub supports it until 24 months
	// after its successor of 2026-03-10.
	apiVersion = "2022-11-28"

	maxRetries   = 3
	maxInFlight  = 40 // GitHub allows 100 at once; 1,000 checks with their jobs are 20 pages
	maxRedirects = 3
	// maxWait is the longest pause when the context sets no deadline.
	maxWait      = time.Minute
	firstBackoff = 500 * time.Millisecond
)

// transport carries requests to one host. It repeats reads that failed, waits
// out rate limits when there is time, and returns nothing but a redirect or an
// answer 200, or 201 to what writes, whose body is a whole JSON document, and 204
// to a DELETE; everything else is a *fault. What writes is sent once, unless
// whoever sends it says that twice is the same as once.
type transport struct {
	base    http.RoundTripper
	host    string
	graphQL string // path of the only POST that is a read
	sleep   func(context.Context, time.Duration) error
	now     func() time.Time
	timeout time.Duration
	slots   chan struct{} // one for each request in flight
	large   chan struct{} // one for each large body that is held
	retried func(Retry)   // nil when nobody listens
	secrets secrets       // only to keep them out of what retried is told
}

func newTransport(config Config, to addresses) *transport {
	made := &transport{
		base: config.Transport, host: to.api.Host, graphQL: to.graphQL.Path,
		sleep: config.Sleep, now: config.Now, timeout: config.Timeout,
		slots: make(chan struct{}, maxInFlight), large: make(chan struct{}, maxLarge), retried: config.Retried, secrets: config.secrets(),
	}
	if made.base == nil {
		made.base = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: maxInFlight,
		}
	}
	if made.sleep == nil {
		made.sleep = sleepFor
	}
	if made.timeout == 0 {
		made.timeout = defaultTimeout
	}
	return made
}

// RoundTrip sends one request, more than once if need be and allowed.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close() //nolint:errcheck // nothing is read from it: each attempt sends a copy
	}
	// The redirect policy has said the same; this line is the one that keeps
	// the token from other hosts whatever stands above it.
	if req.URL.Scheme != "https" || req.URL.Host != t.host || req.URL.User != nil {
		return nil, newFault(req, fact.Inconsistent, "refused: the token goes to https://"+t.host+" only")
	}
	ctx := req.Context()
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return nil, t.broken(req, ctx.Err())
	}
	for attempt := 0; ; attempt++ {
		resp, failed := t.try(req)
		if failed == nil {
			return resp, nil
		}
		wait, again := t.pause(req, failed, attempt)
		if !again {
			return nil, failed.after(attempt + 1)
		}
		if err := t.sleep(ctx, wait); err != nil {
			return nil, failed.after(attempt + 1)
		}
		t.report(req, failed, attempt+1)
	}
}

// try makes one attempt and reads the answer to its end.
func (t *transport) try(req *http.Request) (*http.Response, *fault) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	attempt := req.Clone(ctx)
	attempt.Header.Set("X-GitHub-Api-Version", apiVersion)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, t.broken(req, err)
		}
		attempt.Body = body
	}
	resp, err := t.base.RoundTrip(attempt)
	if err != nil {
		return nil, t.broken(req, err)
	}
	resp.Request = req
	body, err := t.readBody(ctx, resp)
	if err != nil {
		return nil, t.unread(resp, err)
	}
	if failed := t.judge(resp, body.text); failed != nil {
		body.free()
		return nil, failed
	}
	// The client library would judge the limits again, by the wall clock.
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		resp.Header.Del(name)
	}
	resp.Body, resp.ContentLength = body.reader(), int64(len(body.text))
	return resp, nil
}

// writes reports whether a request may change something.
func (t *transport) writes(req *http.Request) bool {
	return req.Method != http.MethodGet && (req.Method != http.MethodPost || req.URL.Path != t.graphQL)
}

// pause returns how long to wait before the next attempt, and whether there is
// to be one.
func (t *transport) pause(req *http.Request, failed *fault, attempt int) (time.Duration, bool) {
	_, again := req.Context().Value(repeatableKey{}).(bool)
	if t.writes(req) && !again || !failed.retry || attempt >= maxRetries {
		return 0, false
	}
	wait := failed.wait
	if wait <= 0 {
		step := firstBackoff << attempt
		wait = step/2 + rand.N(step) //nolint:gosec // jitter is no secret
	}
	left := maxWait + time.Second
	if deadline, ok := req.Context().Deadline(); ok {
		left = deadline.Sub(t.now())
	}
	return wait, wait < left
}

// repeatableKey marks the context of a write that may be sent again.
type repeatableKey struct{}

// repeatable marks a write of which the second has the same effect as the first,
// or none that its sender would not notice.
func repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// broken is a request that got no answer.
func (t *transport) broken(req *http.Request, err error) *fault {
	text := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		text = "the run was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		text = "no answer within the time limit"
	}
	failed := newFault(req, fact.Unavailable, text)
	failed.retry = req.Context().Err() == nil
	return failed
}

// checkRedirect lets a read follow a redirect within the host. All else would
// take the token, or the question, somewhere else.
func (a addresses) checkRedirect(req *http.Request, via []*http.Request) error {
	target, first := req.URL, via[0]
	switch {
	case first.Method != http.MethodGet:
		return newFault(first, fact.Inconsistent, "refused a redirect: only reads by GET may be redirected")
	case target.Scheme != "https" || target.Host != a.api.Host || target.User != nil:
		shown := url.URL{Scheme: target.Scheme, Host: target.Host}
		return newFault(first, fact.Inconsistent, fmt.Sprintf("refused a redirect to %q: the token goes to https://%s only", shown.String(), a.api.Host))
	case len(via) > maxRedirects:
		return newFault(first, fact.Inconsistent, fmt.Sprintf("refused more than %d redirects", maxRedirects))
	}
	return nil
}

// refuseRedirect is for a token that has one question to ask: an answer from
// elsewhere is not about what was asked for.
func refuseRedirect(_ *http.Request, via []*http.Request) error {
	failed := newFault(via[0], fact.Inconsistent, "refused a redirect: the answer would be about something else")
	failed.missing.Fix = "Was it renamed or moved? Write its present name into the policy."
	return failed
}

// sleepFor waits for a time or for the end of the context.
func sleepFor(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
