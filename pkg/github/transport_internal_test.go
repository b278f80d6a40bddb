package github

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The guards tested here stand behind others that the exported methods cannot
// get past: they must hold alone.

type counted struct {
	requests int
	status   int
}

func (c *counted) RoundTrip(*http.Request) (*http.Response, error) {
	c.requests++
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: http.NoBody, ContentLength: -1}, nil
}

func guarded(base http.RoundTripper) *transport {
	return &transport{
		base: base, host: "api.github.com", graphQL: "/graphql", timeout: time.Minute, slots: make(chan struct{}, 1), large: make(chan struct{}, 1),
		now:   func() time.Time { return time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC) },
		sleep: func(context.Context, time.Duration) error { return nil },
	}
}

func TestTheTransportItselfServesOneHostOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://api.github.com/", "https://api.github.com.evil.test/", "https://evil.test/", "https://api.github.com:8443/", "https://a:b@api.github.com/"} {
		base := &counted{status: 200}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := guarded(base).RoundTrip(req); err == nil || base.requests != 0 {
			t.Errorf("%s: error %v, %d requests", address, err, base.requests)
		}
	}
}

func TestTheTransportRepeatsReadsOnly(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		method, path string
		requests     int
	}{
		{http.MethodPost, "/repos/acme/shop/deployments", 1},
		{http.MethodPut, "/graphql", 1},
		{http.MethodDelete, "/x", 1},
		{http.MethodPost, "/graphql", 4},
		{http.MethodGet, "/x", 4},
	} {
		for _, status := range []int{500, 429} {
			base := &counted{status: status}
			req, err := http.NewRequestWithContext(t.Context(), row.method, "https://api.github.com"+row.path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := guarded(base).RoundTrip(req); err == nil || base.requests != row.requests {
				t.Errorf("%s %s with %d: error %v, %d requests, want %d", row.method, row.path, status, err, base.requests, row.requests)
			}
		}
	}
}
