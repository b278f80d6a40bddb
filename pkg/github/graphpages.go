package github

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

// maxGraphPages keeps a list that never ends from being read for ever.
const maxGraphPages = 100

// graphPage is one page of a GraphQL list. A list that counts what its filter
// leaves has filteredCount under the name totalCount.
type graphPage[T any] struct {
	Total *int `json:"totalCount"`
	Info  *struct {
		More *bool  `json:"hasNextPage"`
		End  string `json:"endCursor"`
	} `json:"pageInfo"`
	Nodes []*T `json:"nodes"`
}

// pageOfList are the fields of a graphPage but for its nodes.
const pageOfList = "pageInfo { hasNextPage endCursor }"

// graphList reads all pages of a GraphQL list, one after the other: each begins
// where the one before it ended.
type graphList[T any] struct {
	name string // for messages
	most int    // more than so many are not read
	fix  string // what to do where there are more; may be empty
	// fetch returns the page after a cursor, "" for the first.
	fetch func(after string) (*graphPage[T], error)
	key   func(*T) string // what makes an item distinct; "" is refused
}

// read returns the whole list. The error is a changedError where the pages do
// not fit together.
func (l graphList[T]) read() ([]*T, error) {
	var all []*T
	total, after := 0, ""
	for number := 1; ; number++ {
		next, err := l.fetch(after)
		if err != nil {
			return nil, err
		}
		if missing := l.checkPage(next); missing != nil {
			return nil, missing
		}
		if number == 1 {
			total = *next.Total
		}
		all = append(all, next.Nodes...)
		switch {
		case *next.Total != total:
			return nil, &changedError{fmt.Sprintf("%s: the total changed from %d to %d between two pages", l.name, total, *next.Total)}
		case !*next.Info.More:
			return all, l.check(all, total)
		case next.Info.End == "" || next.Info.End == after || len(next.Nodes) == 0 || number == maxGraphPages:
			return nil, inconsistent(l.name + ": the list does not advance")
		}
		after = next.Info.End
	}
}

// checkPage refuses a page that is not whole, and a list that is too long.
func (l graphList[T]) checkPage(read *graphPage[T]) *fact.Missing {
	if read == nil || read.Total == nil || read.Info == nil || read.Info.More == nil || read.Nodes == nil || *read.Total < 0 {
		return incomplete(l.name + ": the answer has no list, or does not say how long it is")
	}
	if *read.Total > l.most {
		missing := incomplete(fmt.Sprintf("%s: there are %d, and no more than %d are read", l.name, *read.Total, l.most))
		missing.Fix = l.fix
		return missing
	}
	for _, node := range read.Nodes {
		if node == nil || l.key(node) == "" {
			return incomplete(l.name + ": the answer does not hold all of an entry")
		}
	}
	return nil
}

// check compares what arrived with the total.
func (l graphList[T]) check(all []*T, total int) error {
	if len(all) != total {
		return &changedError{fmt.Sprintf("%s: got %d of %d", l.name, len(all), total)}
	}
	seen := make(map[string]bool, len(all))
	for _, node := range all {
		key := l.key(node)
		if seen[key] {
			return &changedError{fmt.Sprintf("%s: %s is listed twice", l.name, key)}
		}
		seen[key] = true
	}
	return nil
}
