package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/parallel"
)

const (
	perPage  = 100 // GitHub's maximum
	maxPages = 5000
	// uncounted is the total of a list that does not say how long it is. It is no
	// number that an odd answer would have: such a list would look whole.
	uncounted = math.MinInt
	// stop is the next page where the rest of a list is not wanted.
	stop = -1
)

// page is one page of a list.
type page[T any] struct {
	items []T
	total int // as the server counts, or uncounted
	next  int // number of the page the server names as the next; 0 at the end, or stop
}

// list reads all pages of one list.
type list[T any] struct {
	name  string // for messages
	fetch func(ctx context.Context, number int) (page[T], error)
	key   func(T) string // what makes an item distinct
}

// changedError says that the pages of a list do not fit together: it changed
// while it was read, or is not whole.
type changedError struct{ detail string }

func (e *changedError) Error() string { return e.detail }
func (e *changedError) Unwrap() error { return incomplete(e.detail) }

// twice reads something a second time if it changed during the first.
func twice(read func(attempt int) error) error {
	err := read(0)
	var changed *changedError
	if errors.As(err, &changed) {
		err = read(1)
	}
	return err
}

// read returns the whole list. expected is how long it is believed to be: that
// many pages are asked for at once. Servers may make pages smaller than asked
// for, so it goes on until the server's own total is reached and no page is
// named as the next.
func (l list[T]) read(ctx context.Context, expected int) ([]T, error) {
	var lock sync.Mutex
	items := map[int][]T{} // by page; guarded by lock
	read, err := pages{name: l.name, fetch: func(ctx context.Context, number int) (seenPage, error) {
		read, err := l.fetch(ctx, number)
		seen := seenPage{total: read.total, next: read.next}
		for _, item := range read.items {
			seen.keys = append(seen.keys, l.key(item))
		}
		lock.Lock()
		defer lock.Unlock()
		items[number] = read.items
		return seen, err
	}}.read(ctx, expected)
	var all []T
	for i := range read {
		all = append(all, items[i+1]...)
	}
	return all, err
}

// pages is a list without its type. What is done with every list is compiled once,
// and not for each of them (docs/adr/0018).
type pages struct {
	name  string
	fetch func(ctx context.Context, number int) (seenPage, error)
}

// seenPage is a page without its items: what makes each distinct is left of them.
type seenPage struct {
	keys        []string
	total, next int
}

// read returns all pages that belong to the list.
func (p pages) read(ctx context.Context, expected int) ([]seenPage, error) {
	var all []seenPage
	seen, twice := map[string]bool{}, ""
	last := max(1, pagesOf(expected, perPage))
	for more := true; more; {
		if last > maxPages {
			return nil, incomplete(fmt.Sprintf("%s: more than %d pages", p.name, maxPages))
		}
		wave, err := p.wave(ctx, len(all)+1, last)
		if err != nil {
			return nil, err
		}
		all = append(all, wave...)
		if tail := wave[len(wave)-1]; tail.next > 0 && len(tail.keys) == 0 {
			return nil, inconsistent(fmt.Sprintf("%s: page %d is empty and names a next one; the list does not advance", p.name, len(all)))
		}
		for _, each := range wave {
			twice = cmp.Or(twice, repeated(seen, each.keys))
		}
		last, more = following(all)
		more = more && twice == "" // whoever repeats himself may do so without end
	}
	for _, each := range all {
		if each.total != all[0].total {
			return nil, &changedError{fmt.Sprintf("%s: the total changed from %d to %d between two pages", p.name, all[0].total, each.total)}
		}
	}
	return all, p.check(all, twice)
}

// following returns up to which page to read next, and whether there is one.
// The size of the first page says how far the server's total reaches. Where
// nothing says how long the list is, a full page without a next one is not taken
// for the last: a header is lost on the way more easily than an entry.
func following(all []seenPage) (last int, more bool) {
	head, tail := all[0], all[len(all)-1]
	full := head.total == uncounted && len(tail.keys) >= perPage
	if tail.next == stop || tail.next == 0 && !full && (itemsOf(all) >= head.total || len(tail.keys) == 0) {
		return 0, false
	}
	return max(len(all)+1, pagesOf(head.total, len(head.keys))), true
}

func itemsOf(all []seenPage) (count int) {
	for _, each := range all {
		count += len(each.keys)
	}
	return count
}

// check compares what arrived with the server's total. twice is what was there two
// times.
func (p pages) check(all []seenPage, twice string) error {
	if total, got := all[0].total, itemsOf(all); total != uncounted && got != total {
		return &changedError{fmt.Sprintf("%s: got %d of %d", p.name, got, total)}
	}
	if twice != "" {
		return &changedError{fmt.Sprintf("%s: %s is listed twice", p.name, twice)}
	}
	return nil
}

// repeated notes the keys in seen and returns one that was there, or "".
func repeated(seen map[string]bool, keys []string) string {
	for _, key := range keys {
		if seen[key] {
			return cmp.Or(key, "an entry without a name")
		}
		seen[key] = true
	}
	return ""
}

// wave reads some pages at once. The first error ends the others and is the one
// that is returned: theirs only say that they were ended.
func (p pages) wave(ctx context.Context, first, last int) ([]seenPage, error) {
	read := make([]seenPage, last-first+1)
	jobs := make([]func(), len(read))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var once sync.Once
	var failed error
	for i := range read {
		jobs[i] = func() {
			page, err := p.fetch(ctx, first+i)
			read[i] = page
			if err != nil {
				once.Do(func() { failed = err; cancel(err) })
			}
		}
	}
	parallel.Do(maxInFlight, jobs)
	return read, failed
}

// pagesOf returns how many pages of a size hold so many items.
func pagesOf(items, size int) int {
	if items <= 0 || size <= 0 {
		return 0
	}
	return (items + size - 1) / size
}

var nextLink = lazy.New(`(?i)<([^<>]*)>[^<]*;\s*rel="?next"?`)

// linkToNext returns the address that an answer names as the next page, or "".
func linkToNext(resp *http.Response) string {
	match := nextLink.FindStringSubmatch(strings.Join(resp.Header.Values("Link"), ", "))
	if match == nil {
		return ""
	}
	return match[1]
}

// nextPage returns the number of the page that the Link header names as the
// next, or 0. Only the number is used: the address itself is never followed.
// A page that is not the one after this is an error, since it may be a loop.
func (r *Reader) nextPage(resp *http.Response, current int) (int, error) {
	link := linkToNext(resp)
	if link == "" {
		return 0, nil
	}
	next, err := url.Parse(link)
	if err != nil || next.Scheme != "https" || next.Host != r.host || next.User != nil {
		return 0, inconsistent(fmt.Sprintf("page %d names a next page on another host; it is not followed", current))
	}
	number, err := strconv.Atoi(next.Query().Get("page"))
	if err != nil || number != current+1 {
		return 0, inconsistent(fmt.Sprintf("page %d names page %q as the next; the list does not advance", current, next.Query().Get("page")))
	}
	return number, nil
}
