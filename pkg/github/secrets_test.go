package github_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	secretsPath            = "/v3/repos/acme/shop/actions/secrets"
	environmentSecretsPath = environmentPath + "/secrets"
)

func secretsData(names ...string) array {
	all := array{}
	for _, name := range names {
		all = append(all, object{"name": name, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"})
	}
	return all
}

// secretsOf reads the secrets of an environment, or of the repository, of which
// the other one has none.
func secretsOf(t *testing.T, environment string, handle handler) (*fake, fact.Known[[]string]) {
	t.Helper()
	f := newFake(t)
	none := paged(array{}, 100, "secrets")
	handlers := map[string]handler{secretsPath: handle, environmentSecretsPath: none}
	if environment != "" {
		handlers = map[string]handler{secretsPath: none, environmentSecretsPath: handle}
	}
	f.handle = by(handlers)
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Secrets(t.Context(), environment)
}

func TestSecretsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	one := secretsData("TOKEN")
	rows := []struct {
		name   string
		handle handler
		reason fact.Reason
		detail string
	}{
		{"refused", raw(403, jsonMedia, notAccessible), fact.Forbidden, "not accessible"},
		{"not found", raw(404, jsonMedia, `{"message":"Not Found"}`), fact.NotFound, "status 404"},
		{"a token that expired", raw(401, jsonMedia, `{"message":"Bad credentials"}`), fact.Forbidden, "does not accept the token"},
		{"a server that fails", raw(502, jsonMedia, "{}"), fact.Unavailable, "failed"},
		{"another repository", moved(paged(one, 100, "secrets")), fact.Inconsistent, "not known to be the same repository"},
		{"refused by another repository", moved(raw(403, jsonMedia, notAccessible)), fact.Inconsistent, "not known to be the same repository"},
		{"no body", raw(200, jsonMedia, ""), fact.Incomplete, "JSON"},
		{"null", raw(200, jsonMedia, "null"), fact.Incomplete, "says nothing"},
		{"braces", raw(200, jsonMedia, "{}"), fact.Incomplete, "says nothing"},
		{"HTML", raw(200, "text/html", "<html>"), fact.Incomplete, "not JSON"},
		{"a list", raw(200, jsonMedia, "[]"), fact.Incomplete, "shape"},
		{"no list", shows(object{"total_count": 0}), fact.Incomplete, "no list of secrets"},
		{"a list that is null", shows(object{"total_count": 0, "secrets": nil}), fact.Incomplete, "no list of secrets"},
		{"no total", shows(object{"secrets": one}), fact.Incomplete, "no total"},
		{"less than the total", overcounted(one, "secrets"), fact.Incomplete, "got 1 of 2"},
		{"more than the total", uncounted(secretsData("A", "B"), "secrets"), fact.Incomplete, "got 2 of 1"},
		{"a name twice", shows(object{"total_count": 2, "secrets": secretsData("TOKEN", "token")}), fact.Incomplete, "listed twice"},
		{"a secret that is null", shows(object{"total_count": 1, "secrets": array{nil}}), fact.Incomplete, "name of a secret"},
		{"no name", shows(object{"total_count": 1, "secrets": array{object{}}}), fact.Incomplete, "name of a secret"},
		{"no name of a secret", shows(object{"total_count": 1, "secrets": secretsData("a b\n::error::")}), fact.Incomplete, "name of a secret"},
	}
	for _, row := range rows {
		for environment, needs := range map[string]string{"": `"Secrets: read"`, "production": `"Environments: read"`} {
			t.Run(row.name+" "+environment, func(t *testing.T) {
				t.Parallel()
				_, known := secretsOf(t, environment, row.handle)
				wantLost(t, known, row.reason, row.detail)
				fix := lost(t, known).Fix
				if row.reason == fact.NotFound || row.detail == "not accessible" {
					if !strings.Contains(fix, needs) || !strings.Contains(fix, "The token of a workflow can never read the names of secrets") {
						t.Errorf("fix %q", fix)
					}
				} else if strings.Contains(fix, needs) {
					t.Errorf("fix %q is about something else", fix)
				}
				if asks := strings.Contains(fix, "Is there such an environment?"); asks != (environment != "" && row.reason == fact.NotFound) {
					t.Errorf("fix %q", fix)
				}
			})
		}
	}
}

func TestSecretsAreReadToTheLastPage(t *testing.T) {
	t.Parallel()
	for environment, page := range map[string]string{"": "/settings/secrets/actions", "production": "/settings/environments"} {
		f, known := secretsOf(t, environment, paged(secretsData("ZED", "DEPLOY_KEY", "_A1"), 2, "secrets"))
		same(t, "secrets", have(t, known), []string{"DEPLOY_KEY", "ZED", "_A1"})
		if url := known.Source().URL; url != "https://github.com/acme/shop"+page {
			t.Errorf("page %s", url)
		}
		if asked := f.asked(); len(asked) != 3 {
			t.Errorf("asked %q", asked)
		}
		_, known = secretsOf(t, environment, paged(array{}, 100, "secrets"))
		if names := have(t, known); len(names) != 0 {
			t.Errorf("secrets %q", names)
		}
	}
}
