package githubtest

import (
	"bytes"
	"compress/gzip"
	"net/http"
)

// hugeBody is how much comes before the body of an answer that is huge, in blocks
// of 1 MiB.
const hugeBody = 300

// send sends an answer that has no length.
func (a answer) send(w http.ResponseWriter) {
	write, end := w.Write, func() error { return nil }
	if a.stream == "packed" {
		w.Header().Set("Content-Encoding", "gzip")
		archive := gzip.NewWriter(w)
		write, end = archive.Write, archive.Close
	}
	w.WriteHeader(a.status)
	if a.stream == "cut" {
		a.cut(w)
		return
	}
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range hugeBody {
		if _, err := write(block); err != nil {
			return // the client has seen enough
		}
	}
	if _, err := write(a.body); err != nil || end() != nil {
		return
	}
}

// cut sends half of the body as a chunk, and closes the connection where the next
// one would begin.
func (a answer) cut(w http.ResponseWriter) {
	if _, err := w.Write(a.body[:len(a.body)/2]); err != nil {
		return
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return // without a connection that is all there is
	}
	drop(w)
}
