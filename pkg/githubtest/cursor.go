package githubtest

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

const afterPrefix = "cursor-"

// byCursor returns a page of a list whose pages have cursors and no numbers.
// refused is the status of an answer to what is no cursor.
func byCursor[T any](r restRequest, found []T, refused int, show func(T) doc) answer {
	from := 0
	if after := r.query.Get("after"); after != "" {
		number, err := strconv.Atoi(strings.TrimPrefix(after, afterPrefix))
		if err != nil || number < 0 || number > len(found) {
			return failure(refused, "after is not a cursor")
		}
		from = number
	}
	to := min(len(found), from+min(r.size, r.repo.world.PageSize))
	docs := make([]doc, 0, to-from)
	for _, each := range found[from:to] {
		docs = append(docs, show(each))
	}
	shown := newAnswer(http.StatusOK, docs)
	if to < len(found) {
		query := maps.Clone(r.query)
		query.Set("after", afterPrefix+strconv.Itoa(to))
		shown.header.Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, r.url, query.Encode()))
	}
	return shown
}
