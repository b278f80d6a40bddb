package github_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

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
		{
			name: "reset in 20 minutes, a minute left", left: time.Minute, until: "2026-11-17T11:20:00Z",
			handle: raw(403, media, `{"message":"API rate limit exceeded"}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(20*time.Minute)),
		},
		{
			name: "the same with status 429", left: time.Minute, until: "2026-11-17T11:20:00Z",
			handle: raw(429, media, `{}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(20*time.Minute)),
		},
		{
			name: "retry-after beyond the deadline", left: 4 * time.Second, until: "2026-11-17T11:00:05Z",
			handle: raw(429, media, `{}`, "Retry-After", "5"),
		},
		{
			name: "retry-after within the deadline", left: time.Minute, waits: 5 * time.Second,
			handle: raw(429, media, `{}`, "Retry-After", "5"),
		},
		{
			name: "retry-after as a date", left: time.Minute, waits: 7 * time.Second,
			handle: raw(403, media, `{}`, "Retry-After", serverDate.Add(7*time.Second).Format(http.TimeFormat)),
		},
		{
			name: "reset within the deadline, by the server's clock", left: time.Minute, waits: 9 * time.Second,
			handle: raw(403, media, `{"message":"x"}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(9*time.Second)),
		},
		{
			name: "a secondary limit without a time, half a minute left", left: 30 * time.Second, until: "2026-11-17T11:01:00Z",
			handle: raw(403, media, `{"message":"You have exceeded a secondary rate limit."}`),
		},
		{
			name: "a secondary limit without a time, no deadline", waits: time.Minute,
			handle: raw(403, media, `{"message":"You have exceeded a secondary rate limit."}`),
		},
		{
			name: "an hour without a deadline", until: "2026-11-17T12:00:00Z",
			handle: raw(429, media, `{}`, "Retry-After", "3600"),
		},
		{
			name: "a limit inside a GraphQL answer", graphQL: true, left: time.Minute, until: "2026-11-17T11:20:00Z",
			handle: raw(200, media, limitedQuery, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset(20*time.Minute)),
		},
		{
			name: "a short limit inside a GraphQL answer", graphQL: true, left: time.Minute, waits: 5 * time.Second,
			handle: raw(200, media, limitedQuery, "Retry-After", "5"),
		},
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
		w.Header().Set("X-RateLimit-Reset", "4102444800" /* 2100 */)
		return false
	}
	reader := f.reader(t)
	for range 2 { // the client library refuses the second by itself
		have(t, reader.Access(t.Context(), "bob"))
	}
}
