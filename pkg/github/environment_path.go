package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

// below returns the address of a part of the repository. The client library does
// not escape what becomes part of an address, and a name may hold a slash.
func (r *Reader) below(parts ...string) string {
	address := strings.Builder{}
	fmt.Fprintf(&address, "repos/%s/%s", r.owner, r.name)
	for _, part := range parts {
		address.WriteString("/" + url.PathEscape(part))
	}
	return address.String()
}

// read reads an address that below made. What another repository answers is an
// error, a refusal as well as what it has: names pass to new owners.
func (r *Reader) read(ctx context.Context, asked, query string, into any) (*gh.Response, error) {
	resp, err := r.get(ctx, asked+query, into)
	var failed *fault
	var got string
	switch {
	case err == nil:
		got = resp.Request.URL.EscapedPath()
	case errors.As(err, &failed):
		got = failed.path
	default:
		return nil, err
	}
	base := r.client.BaseURL.EscapedPath()
	tail := strings.TrimPrefix(asked, fmt.Sprintf("repos/%s/%s", r.owner, r.name))
	if got == base+asked || got == fmt.Sprintf("%srepositories/%d%s", base, r.session().repository, tail) {
		return resp, err
	}
	return nil, &fact.Missing{
		Reason: fact.Inconsistent,
		Detail: fmt.Sprintf("GET /%s: was answered by %s, which is not known to be the same repository", asked, got),
		Fix:    "Was the repository renamed or moved? Start a new run under its present name.",
	}
}

// isNotThere reports whether an error is GitHub's own word that there is no such
// thing. Its refusals have other words; a gateway in between has no JSON.
func isNotThere(err error) bool {
	var failed *fault
	return errors.As(err, &failed) && failed.status == http.StatusNotFound && failed.message == "Not Found"
}

// isHidden reports whether an error is a refusal that another token might not
// meet. GitHub may say "not found" of what a token may not see.
func isHidden(err error) bool {
	var failed *fault
	return errors.As(err, &failed) && (failed.missing.Reason == fact.NotFound || failed.status == http.StatusForbidden && failed.missing.Reason == fact.Forbidden)
}

// pageAnswer is the answer with one page of a list. total is uncounted for a list
// that does not count itself.
type pageAnswer[T any] interface {
	items() (listed []T, total int, err error)
}

// listBelow reads all pages of a list. query begins what is asked beside the page.
func listBelow[A pageAnswer[T], T any](ctx context.Context, r *Reader, asked, query string, key func(T) string) ([]T, error) {
	pages := list[T]{
		name: "GET /" + asked, key: key,
		fetch: func(ctx context.Context, number int) (page[T], error) {
			var answer A
			resp, err := r.read(ctx, asked, fmt.Sprintf("?%sper_page=%d&page=%d", query, perPage, number), &answer)
			if err != nil {
				return page[T]{}, err
			}
			listed, total, err := answer.items()
			if err != nil {
				return page[T]{}, fmt.Errorf("GET /%s: %w", asked, err)
			}
			next, err := r.nextPage(resp.Response, number)
			return page[T]{items: listed, total: total, next: next}, err
		},
	}
	var found []T
	err := twice(func(int) (err error) {
		found, err = pages.read(ctx, uncounted)
		return err
	})
	return found, err
}
