package github_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/githubtest"
)

// onQuery makes the fake answer one GraphQL query by its name.
func (f *fake) onQuery(name string, answer func(variables map[string]string) any) {
	before := f.handle
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var asked struct {
			Query     string
			Variables map[string]string
		}
		if err == nil && json.Unmarshal(body, &asked) == nil && strings.Contains(asked.Query, "query "+name+"(") {
			show(w, http.StatusOK, answer(asked.Variables))
			return true
		}
		return before != nil && before(w, r)
	}
}

// graphList is a page that is a whole list.
func graphList(nodes ...any) object {
	list := listOf(len(nodes), nodes...)
	list["pageInfo"] = object{"hasNextPage": false, "endCursor": nil}
	return list
}

// inRepository is an answer about the repository that was asked for.
func inRepository(fields ...any) object {
	repository := object{"databaseId": 1001}
	for i := 0; i < len(fields); i += 2 {
		repository[fields[i].(string)] = fields[i+1]
	}
	return object{"data": object{"repository": repository}}
}

// readerOnDouble starts the double of a World and returns it with a reader of a
// reference at one of its commits, after the overview.
func readerOnDouble(t *testing.T, text, commit string, ref fact.Ref, faults ...githubtest.Fault) (*githubtest.Server, *github.Reader) {
	t.Helper()
	server := started(t, text, faults)
	subject := fact.Subject{Repository: "acme/shop", Ref: ref, SHA: fact.SHA(server.SHA(commit))}
	reader, err := github.NewReader(reaching(t, server), subject, policyPath)
	if err != nil {
		t.Fatal(err)
	}
	reader.Overview(t.Context())
	return server, reader
}

func withoutViolations(t *testing.T, server *githubtest.Server) {
	t.Helper()
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}
