package github

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// secondaryPause is what GitHub asks for when a secondary limit comes without
// a time. Source: REST documentation, "Rate limits for the REST API".
const secondaryPause = time.Minute

// limited recognises a rate limit: 429, a 403 that says so in its headers or
// its text, or a GraphQL answer 200 whose errors say so.
func (t *transport) limited(resp *http.Response, body []byte) *fault {
	if !isLimit(resp, body, resp.Request.URL.Path == t.graphQL) {
		return nil
	}
	// The reset is a time on the server's clock, so the server's clock says
	// how far away it is.
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = t.now()
	}
	wait := limitWait(resp.Header, now)
	until := now.Add(wait).UTC().Format(time.RFC3339)
	failed := newFault(resp.Request, fact.Unavailable, "the token's rate limit is used up until "+until).of(resp)
	failed.missing.Fix = fmt.Sprintf("Start the run again after %s.", until)
	failed.retry, failed.wait = true, wait
	return failed
}

func isLimit(resp *http.Response, body []byte, graphQL bool) bool {
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return true
	case resp.StatusCode == http.StatusForbidden:
		return resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0" || namesLimit(string(body))
	case resp.StatusCode == http.StatusOK && graphQL && bytes.Contains(body, []byte(`"errors"`)):
		var answer struct{ Errors []graphError }
		return json.Unmarshal(body, &answer) == nil && slices.ContainsFunc(answer.Errors, graphError.isLimit)
	}
	return false
}

// limitWait returns how long the headers ask to wait, at least a second.
func limitWait(header http.Header, now time.Time) time.Duration {
	after := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(after, 10, 32); err == nil {
		return max(time.Duration(seconds)*time.Second, time.Second)
	}
	if at, err := http.ParseTime(after); err == nil {
		return max(at.Sub(now), time.Second)
	}
	reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if err == nil && header.Get("X-RateLimit-Remaining") == "0" {
		return max(time.Unix(reset, 0).Sub(now), time.Second)
	}
	return secondaryPause
}
