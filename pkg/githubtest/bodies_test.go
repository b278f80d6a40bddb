package githubtest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

// writes is one request to every route that writes, which its token may send.
func writes(server *githubtest.Server) []struct{ method, path, template, body string } {
	c1 := server.SHA("c1")
	return []struct{ method, path, template, body string }{
		{"POST", "/deployments", "/deployments", `{"ref":"main"}`},
		{"POST", "/deployments/800001/statuses", "/deployments/{deployment_id}/statuses", `{"state":"success"}`},
		{"POST", "/git/trees", "/git/trees", `{"tree":[{"path":"x","type":"blob","mode":"100644","content":"x"}]}`},
		{"POST", "/git/commits", "/git/commits", `{"message":"m","tree":"4b825dc642cb6eb9a060e54bf8d69288fbee4904"}`},
		{"POST", "/git/refs", "/git/refs", `{"ref":"refs/heads/x","sha":"` + c1 + `"}`},
		{"DELETE", "/git/refs/heads/thing", "", ""},
	}
}

func TestToReadIsNotToWrite(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, strings.ReplaceAll(writable, ": write", ": read"))
	for _, row := range writes(server) {
		got := sendUndescribed(t, server, row.method, inRepo+row.path, row.body)
		if got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "Resource not accessible by integration") {
			t.Errorf("%s %s: %d %s", row.method, row.path, got.Code, got.Body)
		}
	}
	if left := string(fetch(t, server, inRepo+"/deployments")); left != "[]" {
		t.Errorf("deployments: %s", left)
	}
	noViolations(t, server)
}

// published is a value in a body as GitHub's description has it.
type published struct {
	Type       string
	Nullable   bool
	Enum       []string
	Required   []string
	OneOf      []published
	Items      *published
	Properties map[string]published
}

// bodyOf returns what the description says of the body of a POST request.
func bodyOf(t *testing.T, template string) published {
	t.Helper()
	text, err := os.ReadFile("testdata/github-openapi-subset.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema published }
			}
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Paths["/repos/{owner}/{repo}"+template]["post"].RequestBody.Content["application/json"].Schema
}

// TestBodiesAreReadByTheDescription sends, for every field that GitHub
// describes, a value of every kind: one that the description does not have must
// be a violation, and one that it has must be none.
func TestBodiesAreReadByTheDescription(t *testing.T) {
	t.Parallel()
	values := map[string]any{"null": nil, "string": "100644", "boolean": true, "number": 1, "array": []any{}, "object": map[string]any{}}
	for _, row := range writes(serveOnly(t, writable)) {
		if row.template == "" {
			continue
		}
		described := bodyOf(t, row.template)
		if len(described.Properties) == 0 {
			t.Fatalf("%s: not described", row.template)
		}
		var whole map[string]any
		decode(t, []byte(row.body), &whole)
		for _, name := range append(slices.Sorted(maps.Keys(described.Properties)), "unknown") {
			property := described.Properties[name]
			kinds := []string{property.Type}
			for _, one := range property.OneOf {
				kinds = append(kinds, one.Type)
			}
			for kind, value := range values {
				fits := slices.Contains(kinds, kind) || kind == "null" && property.Nullable
				if text, ok := value.(string); ok && property.Enum != nil && !slices.Contains(property.Enum, text) {
					fits = false
				}
				if object, ok := value.(map[string]any); ok && fits {
					for _, required := range property.Required {
						fits = object[required] != nil
					}
				}
				body := maps.Clone(whole)
				body[name] = value
				checkBody(t, row.path, body, fits)
			}
		}
		for _, name := range described.Required {
			body := maps.Clone(whole)
			delete(body, name)
			checkBody(t, row.path, body, false)
		}
	}
}

// checkBody sends a body and asks whether it was a violation. What the double
// does not implement is one of another kind.
func checkBody(t *testing.T, path string, body map[string]any, fits bool) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	server := serveOnly(t, writable)
	got := sendUndescribed(t, server, http.MethodPost, inRepo+path, string(text))
	violations := server.Violations()
	if fits && len(violations) == 1 && strings.Contains(violations[0], "not implemented by the double") && got.Code == http.StatusInternalServerError {
		return
	}
	if fits != (len(violations) == 0) || !fits && got.Code != http.StatusUnprocessableEntity {
		t.Errorf("POST %s %s: %d, violations %q, want a violation: %t", path, text, got.Code, violations, !fits)
	}
}

func TestEntriesOfATreeAreReadByTheDescription(t *testing.T) {
	t.Parallel()
	properties := bodyOf(t, "/git/trees").Properties["tree"].Items.Properties
	for _, name := range append(slices.Sorted(maps.Keys(properties)), "unknown") {
		for kind, value := range map[string]any{"null": nil, "string": "tree", "number": 1} {
			property := properties[name]
			fits := property.Type == kind && (property.Enum == nil || slices.Contains(property.Enum, "tree")) || kind == "null" && property.Nullable
			checkBody(t, "/git/trees", map[string]any{"tree": []any{map[string]any{name: value}}}, fits)
		}
	}
}

func TestBodiesThatAreNoObject(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", "[]", "null", `{"ref":"main"}{}`, `{"ref":"main"} x`} {
		server := serveOnly(t, writable)
		if got := sendUndescribed(t, server, http.MethodPost, inRepo+"/deployments", body); got.Code != http.StatusUnprocessableEntity || len(server.Violations()) != 1 {
			t.Errorf("%q: %d, violations %q", body, got.Code, server.Violations())
		}
	}
}

func TestTheBodyOfARequestIsRecorded(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, writable)
	deploy(t, server, `{"ref":"main"}`)
	if got := server.Requests(); len(got) != 1 || got[0].Body != `{"ref":"main"}` || got[0].Status != http.StatusCreated {
		t.Errorf("requests = %+v", got)
	}
}
