package githubtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

// postOver posts a deployment to a listening server.
func postOver(ctx context.Context, server *githubtest.Server, client *http.Client, origin string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, origin+"/api/v3"+inRepo+"/deployments", strings.NewReader(`{"ref":"main"}`))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+server.Token())
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// records counts the deployments of a server.
func records(t *testing.T, server *githubtest.Server) int {
	t.Helper()
	var got []record
	decode(t, fetch(t, server, inRepo+"/deployments"), &got)
	return len(got)
}

func TestAFaultComesBeforeOrAfterTheWork(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, fault string
		status      int // of the first request; 0 for no answer
		made        int // by two requests
	}{
		{"no answer, and nothing done", "drop: true", 0, 1},
		{"an error, and nothing done", "status: 502", 502, 1},
		{"a redirect, and nothing done", "redirect: /elsewhere", 302, 1},
		{"no answer, and all done", "drop: true, after: true", 0, 2},
		{"an error, and all done", "status: 502, after: true", 502, 2},
		{"a redirect, and all done", "redirect: /elsewhere, after: true", 302, 2},
		{"a spoiled answer, and all done", "body: html", 201, 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serveOnly(t, writable+`faults: [{match: "POST /repos/acme/shop/deployments", times: 1, `+row.fault+`}]`)
			started, client := listening(t, server)
			status, err := postOver(t.Context(), server, client, started.URL)
			if status != row.status || (err == nil) != (row.status != 0) {
				t.Errorf("first: %d %v, want %d", status, err, row.status)
			}
			if status, err = postOver(t.Context(), server, client, started.URL); status != http.StatusCreated || err != nil {
				t.Errorf("again: %d %v", status, err)
			}
			if made := records(t, server); made != row.made {
				t.Errorf("%d records, want %d", made, row.made)
			}
			noViolations(t, server)
		})
	}
}

func TestAFaultHidesNoWrongQuestion(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable+`faults: [{match: POST, status: 502}]`)
	got := sendUndescribed(t, server, http.MethodPost, inRepo+"/deployments", `{"reference":"main"}`)
	if got.Code != http.StatusBadGateway || len(server.Violations()) != 1 {
		t.Errorf("%d, violations %q", got.Code, server.Violations())
	}
}

func TestAWriteThatHangs(t *testing.T) {
	t.Parallel()
	for fault, made := range map[string]int{"hang: true": 0, "hang: true, after: true": 1} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			server := serveOnly(t, writable+`faults: [{match: POST, `+fault+`}]`)
			started, client := listening(t, server)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() {
				_, err := postOver(ctx, server, client, started.URL)
				ended <- err
			}()
			for len(server.Requests()) == 0 || records(t, server) != made {
				runtime.Gosched()
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("error = %v, want canceled", err)
			}
			for server.Requests()[0].Finished == 0 { // it ends because the client is gone
				runtime.Gosched()
			}
			if got := records(t, server); got != made {
				t.Errorf("%d records, want %d", got, made)
			}
		})
	}
}
