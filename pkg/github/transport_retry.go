package github

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stageward/stageward/pkg/order"
)

const (
	// maxShownPath is how much of a path a Retry shows, in bytes. Our own are
	// shorter; a redirect can lead to a longer one.
	maxShownPath = 300
	// maxLines is how many retries are told one by one.
	maxLines = 10
)

// Retry tells that a read failed and was sent again. It holds nothing of the
// query, the headers or either body, and no words of the server or the network:
// those of Fault are ours. All of its text is printable ASCII.
type Retry struct {
	Method string
	// Path is escaped and without the query, as the request bears it.
	Path string
	// Status is the HTTP status of the answer that failed; 0 means that there
	// was none.
	Status int
	// Fault says in a few words what went wrong.
	Fault string
	// Attempt counts how often the read had failed by then, from 1.
	Attempt int
	// Wait is the pause that the server asked for. It is 0 when the server
	// asked for none: our own pause is short and random, and would make two
	// equal runs look different.
	Wait time.Duration
}

// String returns the retry as one line without its end.
func (r Retry) String() string {
	line := fmt.Sprintf("retry: %s %s: %s", r.Method, r.Path, r.Fault)
	if r.Status != 0 {
		line += fmt.Sprintf(" (status %d)", r.Status)
	}
	line += "; asked again"
	if r.Wait > 0 {
		line += fmt.Sprintf(" after %v", r.Wait.Round(time.Second))
	}
	return line + fmt.Sprintf(", attempt %d of %d", r.Attempt+1, maxRetries+1)
}

// compare puts retries into an order that does not depend on when they were.
func (r Retry) compare(other Retry) int {
	return cmp.Or(
		cmp.Compare(r.Path, other.Path),
		cmp.Compare(r.Method, other.Method),
		cmp.Compare(r.Attempt, other.Attempt),
		cmp.Compare(r.String(), other.String()),
	)
}

// Retries collects what Config.Retried is told. The zero value is ready, and
// its methods may be called concurrently.
//
// It collects, rather than print at once, because requests run side by side:
// printed as they come, the lines of two equal runs would differ in order, and
// a long run of failures could not be cut to the same lines. The price is that
// somebody who watches sees them when all is gathered, a minute later at most.
type Retries struct {
	lock sync.Mutex
	all  []Retry // guarded by lock
}

// Add is a value for Config.Retried.
func (r *Retries) Add(retry Retry) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.all = append(r.all, retry)
}

// Lines returns a line for each retry so far, sorted by path, method and
// attempt, without line ends. Of more than ten it returns the first ten, and a
// line that says how many more there were.
func (r *Retries) Lines() []string {
	r.lock.Lock()
	all := slices.Clone(r.all)
	r.lock.Unlock()
	order.By(all, Retry.compare)
	var lines []string
	for _, retry := range all[:min(len(all), maxLines)] {
		lines = append(lines, retry.String())
	}
	if more := len(all) - maxLines; more > 0 {
		lines = append(lines, fmt.Sprintf("retry: and %d more", more))
	}
	return lines
}

// report tells whoever listens that a request is about to be sent again.
func (t *transport) report(req *http.Request, failed *fault, attempts int) {
	if t.retried == nil {
		return
	}
	path := t.secrets.hide(req.URL.EscapedPath())
	if len(path) > maxShownPath {
		path = path[:maxShownPath] + "..."
	}
	t.retried(Retry{
		Method: req.Method, Path: path, Status: failed.status,
		Fault: failed.kind(), Attempt: attempts, Wait: max(failed.wait, 0),
	})
}

// kind says what is wrong with an answer that may be asked for again. The
// detail of the fault says more, but it quotes the server and the network.
func (f *fault) kind() string {
	switch {
	case f.wait > 0:
		return "the rate limit is used up"
	case f.status == 0:
		return "no answer"
	case f.status >= http.StatusInternalServerError:
		return "the server failed"
	}
	return "the answer broke off"
}
