package githubtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

const origin = "https://api.github.test"

// call sends a GET request as the token's holder.
func call(t *testing.T, server *githubtest.Server, path string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, origin+path, http.NoBody)
	request.Header.Set("Authorization", "Bearer "+server.Token())
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	return recorder
}

// fetch is call for an answer that must be right.
func fetch(t *testing.T, server *githubtest.Server, path string) []byte {
	t.Helper()
	recorder := call(t, server, path)
	if recorder.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.Bytes()
}
