package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"golang.org/x/sync/errgroup"
)

const (
	perPage  = 100 // GitHub's maximum
	maxPages = 5000
	// uncounted is the total of a list that does not say how long it is.
	uncounted = -1
)

// page is one page of a list.
type page[T any] struct {
	items []T
	total int // as the server counts, or uncounted
	next  int // number of the page the server names as the next; 0 at the end
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
	var pages []page[T]
	last := max(1, pagesOf(expected, perPage))
	for more := true; more; {
		if last > maxPages {
			return nil, incomplete(fmt.Sprintf("%s: more than %d pages", l.name, maxPages))
		}
		wave, err := l.wave(ctx, len(pages)+1, last)
		if err != nil {
			return nil, err
		}
		pages = append(pages, wave...)
		last, more = following(pages)
	}
	var all []T
	for _, each := range pages {
		if each.total != pages[0].total {
			return nil, &changedError{fmt.Sprintf("%s: the total changed from %d to %d between two pages", l.name, pages[0].total, each.total)}
		}
		all = append(all, each.items...)
	}
	return all, l.check(all, pages[0].total)
}

// following returns up to which page to read next, and whether there is one.
// The size of the first page says how far the server's total reaches.
func following[T any](pages []page[T]) (last int, more bool) {
	got := 0
	for _, each := range pages {
		got += len(each.items)
	}
	head, tail := pages[0], pages[len(pages)-1]
	if tail.next == 0 && (got >= head.total || len(tail.items) == 0) {
		return 0, false
	}
	return max(len(pages)+1, pagesOf(head.total, len(head.items))), true
}

// check compares what arrived with the server's total.
func (l list[T]) check(all []T, total int) error {
	if total != uncounted && len(all) != total {
		return &changedError{fmt.Sprintf("%s: got %d of %d", l.name, len(all), total)}
	}
	seen := make(map[string]bool, len(all))
	for _, item := range all {
		key := l.key(item)
		if seen[key] {
			return &changedError{fmt.Sprintf("%s: %s is listed twice", l.name, key)}
		}
		seen[key] = true
	}
	return nil
}

// wave reads some pages at once.
func (l list[T]) wave(ctx context.Context, first, last int) ([]page[T], error) {
	pages := make([]page[T], last-first+1)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxInFlight)
	for i := range pages {
		group.Go(func() error {
			read, err := l.fetch(ctx, first+i)
			pages[i] = read
			return err
		})
	}
	return pages, group.Wait()
}

// pagesOf returns how many pages of a size hold so many items.
func pagesOf(items, size int) int {
	if items <= 0 || size <= 0 {
		return 0
	}
	return (items + size - 1) / size
}

var nextLink = regexp.MustCompile(`<([^<>]*)>[^<]*;\s*rel="?next"?`)

// nextPage returns the number of the page that the Link header names as the
// next, or 0. Only the number is used: the address itself is never followed.
// A page that is not the one after this is an error, since it may be a loop.
func (r *Reader) nextPage(resp *http.Response, current int) (int, error) {
	match := nextLink.FindStringSubmatch(resp.Header.Get("Link"))
	if match == nil {
		return 0, nil
	}
	next, err := url.Parse(match[1])
	if err != nil || next.Scheme != "https" || next.Host != r.host || next.User != nil {
		return 0, inconsistent(fmt.Sprintf("page %d names a next page on another host; it is not followed", current))
	}
	number, err := strconv.Atoi(next.Query().Get("page"))
	if err != nil || number != current+1 {
		return 0, inconsistent(fmt.Sprintf("page %d names page %q as the next; the list does not advance", current, next.Query().Get("page")))
	}
	return number, nil
}
