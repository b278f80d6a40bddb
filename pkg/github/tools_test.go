package github_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// tee decodes what a request holds and leaves it for the next to read.
func tee(into any) func(http.ResponseWriter, *http.Request) bool {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, into)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return false
	}
}

// dateless takes the Date header off every answer.
func dateless(w http.ResponseWriter, _ *http.Request) bool {
	w.Header()["Date"] = nil
	return false
}
