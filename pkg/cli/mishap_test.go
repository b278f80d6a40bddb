package cli_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"github.com/stageward/stageward/pkg/githubtest"
)

// mishap is what becomes of one request.
type mishap struct {
	name string
	// done is true when GitHub carries it out all the same, late when it does so only
	// after it has answered the next request.
	done, late bool
	hang, drop bool
	status     int
	body       string
}

func (m mishap) String() string {
	switch {
	case m.late:
		return m.name + ", and done late"
	case m.done:
		return m.name + ", and done"
	}
	return m.name + ", and not done"
}

// mishaps are all that can become of one request: before it is carried out, after
// it, and, where no answer came, later.
func mishaps() []mishap {
	kinds := []mishap{
		{name: "no answer", hang: true},
		{name: "connection closed", drop: true},
		{name: "a page", status: http.StatusOK, body: "<!DOCTYPE html>\n<title>Unicorn!</title>\n"},
		{name: "{}", status: http.StatusCreated, body: "{}"},
		{name: "null", status: http.StatusOK, body: "null"},
		{name: "[]", status: http.StatusOK, body: "[]"},
		{name: "truncated", status: http.StatusCreated, body: `{"id":800001,"state":`},
	}
	for _, status := range []int{202, 401, 403, 404, 409, 422, 429, 500, 502, 503} {
		kinds = append(kinds, mishap{name: strconv.Itoa(status), status: status, body: `{"message":"odd"}`})
	}
	var all []mishap
	for _, kind := range kinds {
		done, late := kind, kind
		done.done, late.late = true, true
		all = append(all, kind, done)
		if kind.hang || kind.drop {
			all = append(all, late)
		}
	}
	return all
}

// isOpen reports whether a client cannot know whether the request was carried out.
func (m mishap) isOpen() bool {
	return m.hang || m.drop || m.name == "truncated" || m.status == http.StatusBadGateway
}

// furtherMishaps are what becomes of a second request, after a mishap that is open.
func furtherMishaps() []mishap {
	return []mishap{
		{name: "no answer", hang: true, done: true},
		{name: "null", status: http.StatusOK, body: "null"},
		{name: "connection closed", drop: true, late: true},
		{name: "502", status: http.StatusBadGateway, body: "{}"},
	}
}

// clumsy carries requests to the double in the process, with mishaps by their
// numbers, from 1.
type clumsy struct {
	server *githubtest.Server
	plan   map[int]mishap

	mu    sync.Mutex
	count int
	owed  *http.Request // to be carried out late
}

func (c *clumsy) RoundTrip(request *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	mishap, spoiled := c.plan[c.count]
	arriving, err := arrival(request)
	if err != nil {
		return nil, err
	}
	var answer *httptest.ResponseRecorder
	if !spoiled || mishap.done {
		answer = c.serve(arriving)
	}
	if c.owed != nil {
		c.serve(c.owed)
		c.owed = nil
	}
	if mishap.late {
		c.owed = arriving
	}
	switch {
	case mishap.hang:
		<-request.Context().Done()
		return nil, request.Context().Err()
	case mishap.drop:
		return nil, io.ErrUnexpectedEOF
	case mishap.status != 0:
		answer = httptest.NewRecorder()
		answer.Header().Set("Content-Type", "application/json; charset=utf-8")
		if strings.HasPrefix(mishap.body, "<") {
			answer.Header().Set("Content-Type", "text/html")
		}
		answer.Header().Set("Date", "Tue, 17 Nov 2026 10:00:00 GMT")
		answer.WriteHeader(mishap.status)
		_, _ = answer.WriteString(mishap.body)
	}
	result := answer.Result()
	result.Request = request
	return result, nil
}

// arrival is a request as a server gets it, with a context that does not end.
func arrival(request *http.Request) (*http.Request, error) {
	arriving := request.Clone(context.WithoutCancel(request.Context()))
	arriving.Host, arriving.TLS, arriving.Body = request.URL.Host, &tls.ConnectionState{}, http.NoBody
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		arriving.Body = io.NopCloser(bytes.NewReader(body))
	}
	return arriving, nil
}

func (c *clumsy) serve(request *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	c.server.ServeHTTP(answer, request)
	return answer
}
