package github

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
)

// fault is a request without a usable answer. It unwraps to the *fact.Missing
// that a reader of the decision gets to see.
type fault struct {
	missing fact.Missing
	status  int    // HTTP status, or 0 when there was no answer
	message string // GitHub's own words, or ""
	path    string // that was refused, escaped: after a redirect not the one asked for
	retry   bool
	wait    time.Duration // what the server asks for; 0 leaves it to us
}

// newFault names the request by method, path and page: the rest of the query
// string and the headers stay out.
func newFault(req *http.Request, reason fact.Reason, text string) *fault {
	path, page := req.URL.EscapedPath(), ""
	if number, err := strconv.Atoi(req.URL.Query().Get("page")); err == nil && number > 1 {
		page = fmt.Sprintf(", page %d", number)
	}
	return &fault{path: path, missing: fact.Missing{
		Reason: reason,
		Detail: fmt.Sprintf("%s %s%s: %s", req.Method, path, page, text),
	}}
}

func (f *fault) Error() string { return f.missing.Error() }
func (f *fault) Unwrap() error { return &f.missing }

var requestID = lazy.New(`^[A-Za-z0-9:_-]{1,100}$`)

// of adds what the answer said about itself.
func (f *fault) of(resp *http.Response) *fault {
	f.status = resp.StatusCode
	f.missing.Detail += fmt.Sprintf(" (status %d", resp.StatusCode)
	if id := resp.Header.Get("X-GitHub-Request-Id"); requestID.MatchString(id) {
		f.missing.Detail += ", request id " + id
	}
	f.missing.Detail += ")"
	return f
}

// after adds how often it was tried.
func (f *fault) after(attempts int) *fault {
	if attempts > 1 {
		f.missing.Detail += fmt.Sprintf(", %d attempts", attempts)
	}
	return f
}

// judge returns nil for an answer that may be handed up.
func (t *transport) judge(resp *http.Response, body []byte) *fault {
	if limited := t.limited(resp, body); limited != nil {
		return limited
	}
	status := resp.StatusCode
	if status == http.StatusCreated && t.writes(resp.Request) {
		status = http.StatusOK
	}
	switch status {
	case http.StatusNoContent:
		if resp.Request.Method == http.MethodDelete {
			return nil
		}
	case http.StatusOK:
		if text := notJSON(resp, body); text != "" {
			failed := newFault(resp.Request, fact.Incomplete, text).of(resp)
			failed.missing.Fix = fmt.Sprintf("Run the job again. If it says the same again, something answers in the place of %s, such as a proxy: see what is between the runner and it.", t.host)
			return failed
		}
		return nil
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if resp.Header.Get("Location") != "" {
			return nil // the client applies checkRedirect
		}
	}
	return refused(resp, body)
}

// notJSON says why a body is not a JSON document with something in it. An
// empty object would decode to "nothing there" without an error.
func notJSON(resp *http.Response, body []byte) string {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Sprintf("the answer is %q, not JSON", resp.Header.Get("Content-Type"))
	}
	if !json.Valid(body) {
		return "the answer is not a whole JSON document"
	}
	text := bytes.TrimSpace(body)
	if bytes.Equal(text, []byte("null")) || text[0] == '{' && len(bytes.TrimSpace(text[1:len(text)-1])) == 0 {
		return fmt.Sprintf("the answer is %q, which says nothing", text[:min(len(text), 10)])
	}
	return ""
}

// refused is an answer with a status that is none of 200, a redirect and a
// rate limit.
func refused(resp *http.Response, body []byte) *fault {
	failed := newFault(resp.Request, fact.Unavailable, "the server refused")
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		failed = newFault(resp.Request, fact.Forbidden, "the server does not accept the token")
		failed.missing.Fix = "Pass a token that is valid: this one is wrong, expired or revoked."
	case http.StatusForbidden:
		failed.missing.Reason = fact.Forbidden
	case http.StatusNotFound:
		failed = newFault(resp.Request, fact.NotFound, "not found, or not readable with this token")
	case http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		failed = newFault(resp.Request, fact.Unavailable, "the server failed")
		failed.retry = true
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		failed = newFault(resp.Request, fact.Incomplete, "the answer has no content")
	}
	var said struct{ Message string }
	if json.Unmarshal(body, &said) == nil && said.Message != "" {
		failed.message = said.Message
		failed.missing.Detail += fmt.Sprintf(": %q", said.Message[:min(len(said.Message), 200)])
	}
	return failed.of(resp)
}

// limitTexts are the words by which GitHub names its limits in a refusal.
var limitTexts = []string{"secondary rate limit", "secondary-rate-limits", "api rate limit exceeded", "abuse detection", "abuse-rate-limits"}

// namesLimit reports whether a text speaks of a rate limit.
func namesLimit(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(limitTexts, func(words string) bool { return strings.Contains(text, words) })
}
