package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// keepOutput puts an output of the last act into a variable of the story.
func keepOutput(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep VARIABLE NAME")
	}
	value := parseOutputs(ts.ReadFile("github_output"))[args[1]]
	if value == "" {
		ts.Fatalf("the output %s is empty", args[1])
	}
	ts.Setenv(args[0], value)
}

// checkDeployments compares what GitHub holds with what a story says.
func checkDeployments(ts *testscript.TestScript, neg bool, want []string) {
	if neg {
		ts.Fatalf("usage: deployments [RECORD…]")
	}
	var got []string
	for _, record := range of(ts).list(ts, "/deployments") {
		states := []string{}
		for _, status := range of(ts).list(ts, fmt.Sprintf("/deployments/%d/statuses", record.ID)) {
			states = append(states, status.State)
		}
		got = append(got, record.Environment+": "+strings.Join(states, " "))
	}
	if !slices.Equal(got, want) {
		ts.Fatalf("GitHub has the deployments %q, want %q", got, want)
	}
}

type listed struct {
	ID                 int64
	Environment, State string
}

// list reads all pages of a list, and returns it oldest first.
func (s *story) list(ts *testscript.TestScript, path string) (all []listed) {
	for page := 1; ; page++ {
		request := httptest.NewRequest(http.MethodGet, fmt.Sprintf("https://github.test/api/v3/repos/acme/shop%s?page=%d", path, page), nil)
		request.Header.Set("Authorization", "Bearer "+s.server.Token())
		answer := httptest.NewRecorder()
		s.server.ServeHTTP(answer, request)
		var items []listed
		ts.Check(json.Unmarshal(answer.Body.Bytes(), &items))
		if len(items) == 0 {
			slices.Reverse(all)
			return all
		}
		all = append(all, items...)
	}
}
