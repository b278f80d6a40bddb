package github

import (
	"context"
	_ "embed" // the queries
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
)

//go:embed overview.graphql
var overviewQuery string

//go:embed ref.graphql
var refQuery string

//go:embed target.graphql
var targetFragment string

//go:embed commit.graphql
var commitFragment string

//go:embed account.graphql
var accountFragment string

//go:embed range.graphql
var rangedFragment string

// graphError is one error beside, or instead of, the data of an answer.
// Source: GraphQL specification, section 7.1.2, and GitHub's own "type".
type graphError struct {
	Type    string `json:"type"`
	Path    []any  `json:"path"`
	Message string `json:"message"`
}

// isLimit reports whether the error is a rate limit, which GitHub answers with
// status 200.
func (e graphError) isLimit() bool {
	return e.Type == "RATE_LIMITED" || e.Type == "RATE_LIMIT" || namesLimit(e.Message)
}

// missing says what the error means for a fact that needs the permission.
func (e graphError) missing(permission string) *fact.Missing {
	lost := &fact.Missing{Reason: fact.Incomplete, Detail: fmt.Sprintf("POST graphql: %s: %q", e.place(), e.Message)}
	switch {
	case e.Type == "FORBIDDEN" || e.Type == "INSUFFICIENT_SCOPES" || strings.Contains(e.Message, "Resource not accessible"):
		lost.Reason, lost.Fix = fact.Forbidden, grant(permission)
	case e.Type == "NOT_FOUND":
		lost.Reason, lost.Fix = fact.NotFound, grant(permission)
	}
	return lost
}

// place returns the path as a reader would write it.
func (e graphError) place() string {
	if len(e.Path) == 0 {
		return "the whole answer"
	}
	parts := make([]string, len(e.Path))
	for i, part := range e.Path {
		parts[i] = fmt.Sprint(part)
	}
	return strings.Join(parts, ".")
}

// area is a place in the answer to the overview, as the beginning of a path.
type area []string

// The areas. An error counts against every fact whose area it touches.
var (
	identityAreas = []area{{"repository", "databaseId"}, {"repository", "nameWithOwner"}, {"repository", "url"}}
	defaultArea   = area{"repository", "defaultBranchRef"}
	policyAreas   = []area{defaultArea, {"repository", "policyDirectory"}, {"repository", "policyFile"}}
	refArea       = area{"repository", "ref"}
	commitArea    = area{"repository", "commit"}
	containedArea = area{"contained"}
	pullsArea     = area{"pulls"}
	checksArea    = area{"checks"}
)

// allAreas lists every area once.
func allAreas() []area {
	return slices.Concat(identityAreas, policyAreas, []area{refArea, commitArea, containedArea, pullsArea, checksArea})
}

// touches reports whether the error lies in the area, or the area below it.
func (e graphError) touches(where area) bool {
	for i := range min(len(where), len(e.Path)) {
		if e.Path[i] != any(where[i]) {
			return false
		}
	}
	return true // an error without a path touches everything
}

// graphErrors are the errors of one answer.
type graphErrors []graphError

// at returns the reason why the areas cannot be believed, or nil. An error
// that lies in no known area counts against all of them.
func (errs graphErrors) at(permission string, areas ...area) *fact.Missing {
	var found *fact.Missing
	for _, each := range errs {
		if !slices.ContainsFunc(areas, each.touches) && slices.ContainsFunc(allAreas(), each.touches) {
			continue
		}
		lost := each.missing(permission)
		if found == nil || lost.Reason == fact.Forbidden && found.Reason != fact.Forbidden {
			found = lost
		}
	}
	return found
}

// grant says which permission to add.
func grant(permission string) string {
	if permission == "" {
		return "Check the repository's name, and that the token may read it."
	}
	return fmt.Sprintf("Check that the workflow grants this below \"permissions:\": %s.", permission)
}

// graphAnswer is the answer to one query.
type graphAnswer[T any] struct {
	Data   *T          `json:"data"`
	Errors graphErrors `json:"errors"`
	header http.Header
}

// ask sends one query. The error is a *fact.Missing about the whole answer.
func ask[T any](ctx context.Context, r *Reader, query string, variables map[string]string) (graphAnswer[T], *fact.Missing) {
	var answer graphAnswer[T]
	body := map[string]any{"query": query, "variables": variables}
	req, err := r.client.NewRequest(http.MethodPost, r.graphQL, body)
	if err != nil {
		return answer, r.missing("POST graphql", err, "")
	}
	resp, err := r.client.Do(ctx, req, &answer)
	if err != nil {
		return answer, r.missing("POST graphql", err, "")
	}
	if answer.Data == nil && len(answer.Errors) == 0 {
		return answer, &fact.Missing{Reason: fact.Incomplete, Detail: "POST graphql: the answer has neither data nor errors"}
	}
	if answer.Data == nil {
		return answer, answer.Errors.at(contents, allAreas()...)
	}
	answer.header = resp.Header
	return answer, nil
}
