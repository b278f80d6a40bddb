package githubtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// arguments are the arguments of a field, defaults filled in. They remember
// which ones a resolver looked at, so that none is ignored in silence.
type arguments struct {
	values map[string]any
	read   map[string]bool
}

func newArguments(values map[string]any) arguments {
	return arguments{values: values, read: map[string]bool{}}
}

func (a arguments) value(name string) any {
	a.read[name] = true
	return a.values[name]
}

// as returns a value of a type, or the zero value for one of another type.
func as[T any](value any) T {
	known, ok := value.(T)
	if !ok {
		var none T
		return none
	}
	return known
}

func (a arguments) text(name string) string {
	return as[string](a.value(name))
}

// number returns an Int argument; ok is false when it was not given.
func (a arguments) number(name string) (n int, ok bool) { return number(a.value(name)) }

func number(value any) (n int, ok bool) {
	switch value := value.(type) {
	case int64:
		return int(value), true
	case int:
		return value, true
	case float64:
		return int(value), true
	case json.Number:
		n, err := strconv.Atoi(value.String())
		return n, err == nil
	default:
		return 0, false
	}
}

// texts returns a list of strings or enum values; ok is false when it was not
// given.
func (a arguments) texts(name string) (list []string, ok bool) { return texts(a.value(name)) }

func texts(value any) (list []string, ok bool) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			list = append(list, fmt.Sprint(item))
		}
		return list, true
	case []string:
		return value, true
	default:
		return nil, false
	}
}

// input returns an input object, whose fields then count as arguments.
func (a arguments) input(name string) map[string]any {
	return as[map[string]any](a.value(name))
}

// connection is one page of a list. Total counts the whole list, filtered what
// the arguments of the field leave of it.
type connection struct {
	nodes           []any
	offset          int
	filtered, total int
}

// paginate cuts the page that the arguments first, last, after and before ask
// for, but never gives more than the World's page size.
func paginate[T any](q *query, list []T, total int, args arguments) (*connection, error) {
	from, to, err := window(len(list), args)
	if err != nil {
		return nil, err
	}
	first, hasFirst := args.number("first")
	last, hasLast := args.number("last")
	switch {
	case hasFirst == hasLast:
		return nil, &fieldError{"MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value to properly paginate the connection."}
	case first > 100 || last > 100:
		return nil, &fieldError{"EXCESSIVE_PAGINATION", "Requesting more than 100 records on a connection exceeds the limit."}
	case first < 0 || last < 0:
		return nil, &fieldError{"INVALID_PAGINATION", "`first` and `last` must not be negative."}
	case hasFirst:
		to = min(to, from+min(first, q.repo.world.PageSize))
	default:
		from = max(from, to-min(last, q.repo.world.PageSize))
	}
	page := &connection{offset: from, filtered: len(list), total: total}
	for _, item := range list[from:to] {
		page.nodes = append(page.nodes, item)
	}
	return page, nil
}

func window(length int, args arguments) (from, to int, err error) {
	to = length
	if after := args.text("after"); after != "" {
		if from, err = position(after); err != nil {
			return 0, 0, err
		}
		from = min(from+1, length)
	}
	if before := args.text("before"); before != "" {
		if to, err = position(before); err != nil {
			return 0, 0, err
		}
	}
	return from, max(from, min(to, length)), nil
}

const cursorPrefix = "cursor:v2:"

func cursor(position int) string {
	return base64.StdEncoding.EncodeToString([]byte(cursorPrefix + strconv.Itoa(position)))
}

func position(cursor string) (int, error) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	number, ok := strings.CutPrefix(string(raw), cursorPrefix)
	position, notNumber := strconv.Atoi(number)
	if err != nil || !ok || notNumber != nil || position < 0 {
		return 0, &fieldError{"INVALID_CURSOR_ARGUMENTS", fmt.Sprintf("`%s` does not appear to be a valid cursor.", cursor)}
	}
	return position, nil
}

type edge struct {
	cursor string
	node   any
}

type pageInfo struct{ page *connection }

// connectionFields are the fields that every connection has.
func connectionFields() map[string]resolver {
	return map[string]resolver{
		"totalCount":    get(func(c *connection) any { return c.total }),
		"filteredCount": get(func(c *connection) any { return c.filtered }),
		"pageCount":     get(func(c *connection) any { return len(c.nodes) }),
		"nodes":         get(func(c *connection) any { return append([]any{}, c.nodes...) }),
		"pageInfo":      get(func(c *connection) any { return pageInfo{c} }),
		"edges": get(func(c *connection) any {
			edges := make([]any, len(c.nodes))
			for i, node := range c.nodes {
				edges[i] = edge{cursor(c.offset + i), node}
			}
			return edges
		}),
	}
}

func pageInfoFields() map[string]resolver {
	edgeCursor := func(c *connection, i int) any {
		if len(c.nodes) == 0 {
			return nil
		}
		return cursor(c.offset + i)
	}
	return map[string]resolver{
		"hasNextPage":     get(func(p pageInfo) any { return p.page.offset+len(p.page.nodes) < p.page.filtered }),
		"hasPreviousPage": get(func(p pageInfo) any { return p.page.offset > 0 }),
		"startCursor":     get(func(p pageInfo) any { return edgeCursor(p.page, 0) }),
		"endCursor":       get(func(p pageInfo) any { return edgeCursor(p.page, len(p.page.nodes)-1) }),
	}
}

func edgeFields() map[string]resolver {
	return map[string]resolver{
		"node":   get(func(e edge) any { return e.node }),
		"cursor": get(func(e edge) any { return e.cursor }),
	}
}

// get makes a resolver of a function that only looks at the parent.
func get[T any](look func(T) any) resolver {
	return on(func(_ *query, parent T, _ arguments) (any, error) { return look(parent), nil })
}

// on makes a resolver of a function that knows the type of its parent.
func on[T any](resolve func(q *query, parent T, args arguments) (any, error)) resolver {
	return func(q *query, parent any, args arguments) (any, error) {
		known, ok := parent.(T)
		if !ok {
			return nil, fmt.Errorf("the double resolves a field of %T on %T", known, parent)
		}
		return resolve(q, known, args)
	}
}

func location(p *ast.Position) gqlerror.Location {
	return gqlerror.Location{Line: p.Line, Column: p.Column}
}
