package github_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

// flood answers every request with 300 MiB of spaces before the end of the
// document, packed or not.
func flood(packed bool) func(http.ResponseWriter, *http.Request) bool {
	const blocks = 300
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = ' '
	}
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		write := w.Write
		if packed {
			w.Header().Set("Content-Encoding", "gzip")
			archive := gzip.NewWriter(w)
			defer archive.Close()
			write = archive.Write
		}
		for range blocks {
			if _, err := write(block); err != nil {
				break // the client has seen enough
			}
		}
		return true
	}
}

// heap returns how much memory was ever taken, and how much of it is held.
func heap() (allocated, held uint64) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc, stats.HeapSys
}

// Nothing else runs beside it: others would be counted too.
//
//nolint:paralleltest // see above
func TestAnAnswerWithoutEndCostsLittleMemory(t *testing.T) {
	for _, row := range []struct {
		name   string
		packed bool
		pages  int // that are asked for at once; 0 for one answer
		// What is taken in all, and what is held at once. Of forty pages the first
		// would do; how far the others get is chance.
		allocated, held uint64
	}{
		{"300 MiB", false, 0, 96 << 20, 128 << 20},
		{"300 MiB in a small archive", true, 0, 96 << 20, 128 << 20},
		{"300 MiB on each of forty pages", false, 40, 2 << 30, 420 << 20},
	} {
		f := newFake(t).withData("checks.object.checkSuites", listOf(2, suiteData(31, row.pages*100, runData(71, "tests"))))
		reader := f.reader(t)
		reader.Overview(t.Context())
		f.handle = flood(row.packed)
		allocated, held := heap()
		if row.pages == 0 {
			wantLost(t, reader.Access(t.Context(), "bob"), fact.Incomplete, "larger than 16 MiB")
		} else {
			wantLost(t, reader.Checks(t.Context()), fact.Incomplete, "larger than 16 MiB")
		}
		allocatedThen, heldThen := heap()
		if used := allocatedThen - allocated; used > row.allocated {
			t.Errorf("%s: took %d MiB in all, want %d at most", row.name, used>>20, row.allocated>>20)
		}
		if used := heldThen - held; used > row.held {
			t.Errorf("%s: held %d MiB at once, want %d at most", row.name, used>>20, row.held>>20)
		}
	}
}

func TestLargeAnswersMakeRoomForOthers(t *testing.T) {
	t.Parallel()
	padded := func(answer any, status int) func(http.ResponseWriter, *http.Request) bool {
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		return raw(status, "application/json", strings.Repeat(" ", 1<<20)+string(text))
	}
	f := newFake(t)
	reader := f.reader(t)
	f.handle = padded(bobsAccess(nil), http.StatusOK)
	for range 9 { // more than are held at once
		have(t, reader.Access(t.Context(), "bob"))
	}
	f.handle = padded(object{"permission": object{}}, http.StatusOK)
	for range 9 {
		wantLost(t, reader.Access(t.Context(), "bob"), fact.Incomplete, "shape")
	}
	f.handle = padded(object{"message": "no"}, http.StatusForbidden)
	for range 9 {
		wantLost(t, reader.Access(t.Context(), "bob"), fact.Forbidden, "no")
	}
	f.handle = raw(http.StatusOK, "application/json", strings.Repeat(" ", 17<<20))
	for range 9 {
		wantLost(t, reader.Access(t.Context(), "bob"), fact.Incomplete, "larger than 16 MiB")
	}
	f.handle = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", strconv.Itoa(3<<20))
		return padded(bobsAccess(nil), http.StatusOK)(w, nil)
	}
	for range 9 {
		wantLost(t, reader.Access(t.Context(), "bob"), fact.Incomplete, "before its declared length")
	}
}

// trickle is a body of which a byte comes every ten seconds, until the request is
// given up. It never ends.
type trickle struct{ ctx context.Context }

func (b trickle) Read(into []byte) (int, error) {
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		into[0] = ' '
		return 1, nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (trickle) Close() error { return nil }

// The clock of these is the bubble's: nobody waits.
func TestASlowServerIsGivenUpWithinTheDeadline(t *testing.T) {
	t.Parallel()
	silent := carrier(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	dripping := carrier(func(req *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json"}}
		return &http.Response{StatusCode: http.StatusOK, Header: header, ContentLength: -1, Body: trickle{req.Context()}}, nil
	})
	limited := carrier(func(*http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json"}, "Retry-After": {"25"}}
		return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, ContentLength: -1, Body: http.NoBody}, nil
	})
	failing := carrier(func(req *http.Request) (*http.Response, error) {
		select {
		case <-time.After(29 * time.Second):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, ContentLength: -1, Body: http.NoBody}, nil
	})
	for _, row := range []struct {
		name   string
		server carrier
		text   string
	}{
		{"it never answers", silent, "no answer within the time limit"},
		{"a byte every ten seconds", dripping, "no answer within the time limit"},
		{"it asks for a pause again and again", limited, "rate limit is used up until"},
		{"it fails after half a minute", failing, "no answer within the time limit"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := github.Config{
					ServerURL: "https://github.com", APIURL: "https://api.github.com", GraphQLURL: "https://api.github.com/graphql",
					Token: token, Transport: row.server, Now: time.Now,
				}
				reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				wantLost(t, reader.Access(ctx, "bob"), fact.Unavailable, row.text)
				if took := time.Since(began); took > time.Minute {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// A proxy that wants something else than we ask for never stands for GitHub, and its
// password is shown to nobody.
func TestAProxyThatRefusesIsNoAnswer(t *testing.T) {
	t.Parallel()
	const password = "hunter2proxy"
	for name, handle := range map[string]http.HandlerFunc{
		"a page that asks for a password": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusProxyAuthRequired)
			_, _ = w.Write([]byte("<html>"))
		},
		"a page in place of the connection": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no answer":                         hangUp,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			between := httptest.NewUnstartedServer(handle)
			between.Config.ErrorLog = log.New(io.Discard, "", 0)
			between.Start()
			t.Cleanup(between.Close)
			address, err := url.Parse(between.URL)
			if err != nil {
				t.Fatal(err)
			}
			address.User = url.UserPassword("user", password)
			config := newFake(t).config()
			config.ServerURL, config.APIURL, config.GraphQLURL = "https://github.com", "https://api.github.com", "https://api.github.com/graphql"
			config.Transport = &http.Transport{Proxy: http.ProxyURL(address), DisableKeepAlives: true}
			reader, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
			if err != nil {
				t.Fatal(err)
			}
			for _, missing := range []*fact.Missing{lost(t, reader.Access(t.Context(), "bob")), lost(t, reader.Overview(t.Context()).Policy)} {
				if missing.Reason != fact.Unavailable || strings.Contains(missing.Detail+missing.Fix, password) || strings.Contains(missing.Detail, "<html>") {
					t.Errorf("missing %+v", missing)
				}
			}
		})
	}
}
