package github

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
)

// maxGraphPages keeps a list that never ends from being read for ever.
const maxGraphPages = 100

// graphPage is one page of a GraphQL list. A list that counts what its filter
// leaves has filteredCount under the name totalCount.
type graphPage[T any] struct {
	graphHead
	Nodes []*T `json:"nodes"`
}

// graphHead is what a page says of itself.
type graphHead struct {
	Total *int `json:"totalCount"`
	Info  *struct {
		More *bool  `json:"hasNextPage"`
		End  string `json:"endCursor"`
	} `json:"pageInfo"`
}

// pageOfList are the fields of a graphPage but for its nodes.
const pageOfList = "pageInfo { hasNextPage endCursor }"

// graphList reads all pages of a GraphQL list, one after the other: each begins
// where the one before it ended.
type graphList[T any] struct {
	name string // for messages
	most int    // more than so many are not read
	fix  string // what to do where there are more; may be empty
	// enough is how many of a longer list are read; 0 stands for all.
	enough int
	// fetch returns the page after a cursor, "" for the first.
	fetch func(after string) (*graphPage[T], error)
	key   func(*T) string // what makes an item distinct; "" is refused
}

// read returns the whole list. The error is a changedError where the pages do
// not fit together.
func (l graphList[T]) read() ([]*T, error) {
	var all []*T
	err := graphPages{name: l.name, most: l.most, enough: l.enough, fix: l.fix, fetch: func(after string) (*graphHead, []string, error) {
		read, err := l.fetch(after)
		if err != nil || read == nil || read.Nodes == nil {
			return nil, nil, err
		}
		keys := make([]string, len(read.Nodes))
		for i, node := range read.Nodes {
			if node != nil {
				keys[i] = l.key(node)
			}
		}
		all = append(all, read.Nodes...)
		return &read.graphHead, keys, nil
	}}.read()
	if err != nil {
		return nil, err
	}
	return all, nil
}

// graphPages is a graphList without its type; see pages.
type graphPages struct {
	name, fix    string
	most, enough int
	// fetch returns what a page says of itself and the keys of its nodes, "" for a
	// node that is not whole; nil where there is no page.
	fetch func(after string) (*graphHead, []string, error)
}

func (l graphPages) read() error {
	total, got, after, twice := 0, 0, "", ""
	seen := map[string]bool{}
	for number := 1; ; number++ {
		next, keys, err := l.fetch(after)
		if err != nil {
			return l.of(number, err)
		}
		if missing := l.checkPage(next, keys); missing != nil {
			return missing
		}
		if number == 1 {
			total = *next.Total
		}
		got += len(keys)
		twice = cmp.Or(twice, repeated(seen, keys))
		more := *next.Info.More
		ended := !more || l.enough > 0 && got >= l.enough
		switch {
		case *next.Total != total:
			return &changedError{fmt.Sprintf("%s: the total changed from %d to %d between two pages", l.name, total, *next.Total)}
		case !more && got != total, ended && got > total:
			return &changedError{fmt.Sprintf("%s: got %d of %d", l.name, got, total)}
		case ended && twice != "":
			return &changedError{fmt.Sprintf("%s: %s is listed twice", l.name, twice)}
		case ended:
			return nil
		case next.Info.End == "" || next.Info.End == after || len(keys) == 0 || number == maxGraphPages:
			return inconsistent(l.name + ": the list does not advance")
		case got > total:
			return inconsistent(fmt.Sprintf("%s: got %d of %d, and there is to be more; the list does not advance", l.name, got, total))
		}
		after = next.Info.End
	}
}

// of says which page of which list a failure is about: the address of a question
// is that of all others.
func (l graphPages) of(number int, err error) error {
	var missing *fact.Missing
	var changed *changedError
	if number == 1 || errors.As(err, &changed) || !errors.As(err, &missing) {
		return err
	}
	lost := *missing
	lost.Detail = fmt.Sprintf("%s, page %d: %s", l.name, number, lost.Detail)
	return &lost
}

// checkPage refuses a page that is not whole, and a list that is too long.
func (l graphPages) checkPage(read *graphHead, keys []string) *fact.Missing {
	if read == nil || read.Total == nil || read.Info == nil || read.Info.More == nil || *read.Total < 0 {
		return incomplete(l.name + ": the answer has no list, or does not say how long it is")
	}
	if *read.Total > l.most {
		missing := incomplete(fmt.Sprintf("%s: there are %d, and no more than %d are read", l.name, *read.Total, l.most))
		missing.Fix = l.fix
		return missing
	}
	if slices.Contains(keys, "") {
		return incomplete(l.name + ": the answer does not hold all of an entry")
	}
	return nil
}
