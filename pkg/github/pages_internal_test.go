package github

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
)

// ids is a page with these items.
func ids(total, next int, items ...int) page[int] {
	return page[int]{items: items, total: total, next: next}
}

// hundred is a full page that begins with an item.
func hundred(total, next, first int) page[int] {
	full := page[int]{total: total, next: next}
	for i := range perPage {
		full.items = append(full.items, first+i)
	}
	return full
}

// A list is whole or an error: however a server counts, and whatever it says comes
// next.
func TestAListIsWholeOrNotKnown(t *testing.T) {
	t.Parallel()
	again := func(number int) page[int] { return ids(4, number+1, 1, 2) }
	rows := []struct {
		name     string
		expected int
		pages    []page[int] // after the last of them, last answers
		last     func(number int) page[int]
		want     []int
		problem  string
		most     int // requests
	}{
		{name: "a total that is larger", pages: []page[int]{ids(3, 0, 1, 2), ids(3, 0)}, problem: "got 2 of 3", most: 2},
		{name: "a total that is smaller", pages: []page[int]{ids(1, 0, 1, 2)}, problem: "got 2 of 1", most: 1},
		{name: "a total of nothing beside something", pages: []page[int]{ids(0, 0, 1)}, problem: "got 1 of 0", most: 1},
		{name: "a total of minus one beside nothing", pages: []page[int]{ids(-1, 0)}, problem: "got 0 of -1", most: 1},
		{name: "a total of minus one beside something", pages: []page[int]{ids(-1, 0, 1)}, problem: "got 1 of -1", most: 1},
		{name: "a total that grows", pages: []page[int]{ids(2, 2, 1), ids(3, 0, 2)}, problem: "the total changed from 2 to 3", most: 2},
		{name: "a total that shrinks", pages: []page[int]{ids(3, 2, 1), ids(2, 0, 2)}, problem: "the total changed from 3 to 2", most: 3},
		{name: "a total that shrinks on pages that are asked for at once", expected: 300, pages: []page[int]{hundred(300, 2, 0), hundred(300, 3, 100), hundred(299, 0, 200)}, problem: "the total changed from 300 to 299", most: 3},
		{name: "a total that is lost", pages: []page[int]{ids(2, 2, 1), ids(uncounted, 0, 2)}, problem: "the total changed", most: 2},
		{name: "an item on two pages", pages: []page[int]{ids(4, 2, 1, 2), ids(4, 0, 2, 3)}, problem: "2 is listed twice", most: 2},
		{name: "an item twice on one page", pages: []page[int]{ids(2, 0, 1, 1)}, problem: "1 is listed twice", most: 1},
		{name: "an item on two pages of a list that does not count", pages: []page[int]{ids(uncounted, 2, 1, 2), ids(uncounted, 0, 2)}, problem: "2 is listed twice", most: 2},
		{name: "the first page again and again", last: again, problem: "1 is listed twice", most: 2},
		{name: "the first page again, which does not count", pages: []page[int]{hundred(uncounted, 2, 0), hundred(uncounted, 0, 0), ids(uncounted, 0)}, problem: "0 is listed twice", most: 3},
		{name: "empty pages without end", last: func(number int) page[int] { return ids(2, number+1) }, problem: "page 1 is empty and names a next one", most: 1},
		{name: "empty pages after the first", pages: []page[int]{ids(uncounted, 2, 1)}, last: func(number int) page[int] { return ids(uncounted, number+1) }, problem: "page 2 is empty and names a next one", most: 2},
		{name: "a total beyond reason", pages: []page[int]{ids(2_000_000_000, 2, 1)}, problem: "more than 5000 pages", most: 1},
		{name: "a total beyond all numbers", pages: []page[int]{ids(1<<62, 2, 1)}, problem: "more than 5000 pages", most: 1},
		{name: "no next page is named, and the total is not reached", pages: []page[int]{ids(3, 0, 1), ids(3, 0, 2), ids(3, 0)}, problem: "got 2 of 3", most: 3},
		{name: "no next page is named, and more come", pages: []page[int]{ids(3, 0, 1), ids(3, 0, 2), ids(3, 0, 3)}, want: []int{1, 2, 3}, most: 3},
		{name: "a full page that names no next one", pages: []page[int]{hundred(uncounted, 0, 0), ids(uncounted, 0, 100, 101)}, want: hundred(0, 0, 0).items, most: 2},
		{name: "just a full page", pages: []page[int]{hundred(uncounted, 0, 0), ids(uncounted, 0)}, want: hundred(0, 0, 0).items, most: 2},
		{name: "a full page of which the rest is not wanted", pages: []page[int]{hundred(uncounted, stop, 0)}, want: hundred(0, 0, 0).items, most: 1},
		{name: "nothing", pages: []page[int]{ids(0, 0)}, most: 1},
		{name: "nothing, which does not count", pages: []page[int]{ids(uncounted, 0)}, most: 1},
		{name: "small pages", pages: []page[int]{ids(5, 2, 1, 2), ids(5, 3, 3, 4), ids(5, 0, 5)}, want: []int{1, 2, 3, 4, 5}, most: 3},
		{name: "small pages, which do not count", pages: []page[int]{ids(uncounted, 2, 1, 2), ids(uncounted, 0, 3)}, want: []int{1, 2, 3}, most: 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			all := list[int]{name: "GET /x", key: strconv.Itoa, fetch: func(_ context.Context, number int) (page[int], error) {
				requests.Add(1)
				switch {
				case number <= len(row.pages):
					return row.pages[number-1], nil
				case row.last != nil:
					return row.last(number), nil
				}
				return page[int]{total: row.pages[0].total}, nil
			}}
			got, err := all.read(t.Context(), row.expected)
			if int(requests.Load()) > row.most {
				t.Errorf("%d requests, want %d at most", requests.Load(), row.most)
			}
			if row.problem == "" {
				if err != nil || cmp.Diff(row.want, got[:min(len(got), len(row.want))]) != "" {
					t.Errorf("got %v, error %v; want %v", got, err, row.want)
				}
				return
			}
			var missing *fact.Missing
			if !errors.As(err, &missing) || !strings.Contains(missing.Detail, row.problem) {
				t.Errorf("got %v, error %v; want …%s…", got, err, row.problem)
			}
		})
	}
}

// A list that changes while it is read is read once more, and no oftener.
func TestAListThatChangesIsReadTwiceAtMost(t *testing.T) {
	t.Parallel()
	for changes, want := range map[int]int{0: 1, 1: 2, 2: 2, 9: 2} {
		reads := 0
		err := twice(func(int) error {
			reads++
			if reads <= changes {
				return &changedError{"GET /x: got 1 of 2"}
			}
			return nil
		})
		var missing *fact.Missing
		if reads != want || (err != nil) != (changes > 1) || err != nil && (!errors.As(err, &missing) || missing.Reason != fact.Incomplete) {
			t.Errorf("%d changes: %d reads, want %d; error %v", changes, reads, want, err)
		}
	}
}

// graphOf is a page of a GraphQL list. Below zero the total is left out, "" the
// cursor.
func graphOf(total int, more bool, end string, keys ...string) graphPage[string] {
	read := graphPage[string]{Nodes: []*string{}}
	read.Total = &total
	read.Info = &struct {
		More *bool  `json:"hasNextPage"`
		End  string `json:"endCursor"`
	}{&more, end}
	for _, key := range keys {
		read.Nodes = append(read.Nodes, &key)
	}
	return read
}

func TestAGraphListIsWholeOrNotKnown(t *testing.T) {
	t.Parallel()
	without := func(spoil func(*graphPage[string])) graphPage[string] {
		read := graphOf(1, false, "", "a")
		spoil(&read)
		return read
	}
	loop := func(after string) graphPage[string] {
		ends := map[string]string{"": "1", "1": "2", "2": "1"}
		return graphOf(50, true, ends[after], "a"+after)
	}
	rows := []struct {
		name    string
		pages   map[string]graphPage[string] // by the cursor before it
		answer  func(after string) graphPage[string]
		problem string
		most    int
	}{
		{name: "fewer than counted", pages: map[string]graphPage[string]{"": graphOf(2, false, "", "a")}, problem: "got 1 of 2", most: 1},
		{name: "more than counted", pages: map[string]graphPage[string]{"": graphOf(1, false, "", "a", "b")}, problem: "got 2 of 1", most: 1},
		{name: "more than counted, and more to come", answer: func(after string) graphPage[string] { return graphOf(1, true, after+"x", "a"+after, "b"+after) }, problem: "does not advance", most: 1},
		{name: "a negative total", pages: map[string]graphPage[string]{"": graphOf(-1, false, "")}, problem: "does not say how long", most: 1},
		{name: "no total", pages: map[string]graphPage[string]{"": without(func(p *graphPage[string]) { p.Total = nil })}, problem: "does not say how long", most: 1},
		{name: "nothing said of a next page", pages: map[string]graphPage[string]{"": without(func(p *graphPage[string]) { p.Info.More = nil })}, problem: "does not say how long", most: 1},
		{name: "no word of pages", pages: map[string]graphPage[string]{"": without(func(p *graphPage[string]) { p.Info = nil })}, problem: "does not say how long", most: 1},
		{name: "no list", pages: map[string]graphPage[string]{"": without(func(p *graphPage[string]) { p.Nodes = nil })}, problem: "has no list", most: 1},
		{name: "null in the list", pages: map[string]graphPage[string]{"": without(func(p *graphPage[string]) { p.Nodes[0] = nil })}, problem: "all of an entry", most: 1},
		{name: "an entry without a name", pages: map[string]graphPage[string]{"": graphOf(1, false, "", "")}, problem: "all of an entry", most: 1},
		{name: "another total on the next page", pages: map[string]graphPage[string]{"": graphOf(2, true, "1", "a"), "1": graphOf(3, false, "", "b")}, problem: "changed from 2 to 3", most: 2},
		{name: "the same entry on two pages", pages: map[string]graphPage[string]{"": graphOf(2, true, "1", "a"), "1": graphOf(2, false, "", "a")}, problem: "a is listed twice", most: 2},
		{name: "a next page without a cursor", pages: map[string]graphPage[string]{"": graphOf(2, true, "", "a")}, problem: "does not advance", most: 1},
		{name: "a cursor that leads to itself", answer: func(string) graphPage[string] { return graphOf(9, true, "1", "a") }, problem: "does not advance", most: 2},
		{name: "two cursors that lead to each other", answer: loop, problem: "does not advance", most: 51},
		{name: "an empty page that has a next one", pages: map[string]graphPage[string]{"": graphOf(2, true, "1")}, problem: "does not advance", most: 1},
		{name: "more than is read", pages: map[string]graphPage[string]{"": graphOf(1000, true, "1", "a")}, problem: "no more than 500 are read", most: 1},
		{name: "two pages", pages: map[string]graphPage[string]{"": graphOf(3, true, "1", "a", "b"), "1": graphOf(3, false, "2", "c")}, most: 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			got, err := graphList[string]{
				name: "POST graphql: the things", most: 500, key: func(node *string) string { return *node },
				fetch: func(after string) (*graphPage[string], error) {
					requests++
					read, ok := row.pages[after]
					if row.answer != nil {
						read, ok = row.answer(after), true
					}
					if !ok {
						t.Errorf("asked for the page after %q", after)
					}
					return &read, nil
				},
			}.read()
			if requests > row.most {
				t.Errorf("%d requests, want %d at most", requests, row.most)
			}
			if row.problem == "" {
				if err != nil || len(got) != 3 {
					t.Errorf("got %d, error %v", len(got), err)
				}
				return
			}
			var missing *fact.Missing
			if !errors.As(err, &missing) || !strings.Contains(missing.Detail, row.problem) {
				t.Errorf("got %d, error %v; want …%s…", len(got), err, row.problem)
			}
		})
	}
}

// A question does not say in its address which list it is about.
func TestAFailureNamesThePageOfAGraphList(t *testing.T) {
	t.Parallel()
	lost := &fact.Missing{Reason: fact.Unavailable, Detail: "POST /graphql: the server failed (status 500)", Fix: "wait"}
	for failing, want := range map[string]string{"": lost.Detail, "1": "POST graphql: the things, page 2: " + lost.Detail} {
		_, err := graphList[string]{
			name: "POST graphql: the things", most: 500, key: func(node *string) string { return *node },
			fetch: func(after string) (*graphPage[string], error) {
				if after == failing {
					return nil, lost
				}
				read := graphOf(2, true, "1", "a")
				return &read, nil
			},
		}.read()
		var missing *fact.Missing
		if !errors.As(err, &missing) || missing.Detail != want || missing.Reason != lost.Reason || missing.Fix != lost.Fix {
			t.Errorf("error %#v, want %q", err, want)
		}
	}
}

// The header may come on several lines, and in any letters.
func TestTheNextPageIsFoundInTheHeader(t *testing.T) {
	t.Parallel()
	reader := &Reader{host: "api.github.com"}
	const next, last = `<https://api.github.com/x?page=2>; rel="next"`, `<https://api.github.com/x?page=9>; rel="last"`
	rows := []struct {
		name  string
		lines []string
		want  int
		fails bool
	}{
		{"no header", nil, 0, false},
		{"another relation only", []string{last}, 0, false},
		{"on another host", []string{strings.Replace(next, "api.", "evil.", 1)}, 0, true},
		{"with a user name", []string{strings.Replace(next, "api.", "a:b@api.", 1)}, 0, true},
		{"the same page", []string{strings.Replace(next, "page=2", "page=1", 1)}, 0, true},
		{"a page further on", []string{strings.Replace(next, "page=2", "page=3", 1)}, 0, true},
		{"no page", []string{strings.Replace(next, "page=2", "after=2", 1)}, 0, true},
		{"on one line", []string{last + ", " + next}, 2, false},
		{"on the second line", []string{last, next}, 2, false},
		{"in capitals", []string{strings.Replace(next, `rel="next"`, `REL=Next`, 1)}, 2, false},
	}
	for _, row := range rows {
		got, err := reader.nextPage(&http.Response{Header: http.Header{"Link": row.lines}}, 1)
		if got != row.want || (err != nil) != row.fails {
			t.Errorf("%s: page %d, error %v; want %d", row.name, got, err, row.want)
		}
	}
}
