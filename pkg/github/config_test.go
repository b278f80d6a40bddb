package github_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

func TestAddressesMustBeTheServersOwn(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, server, api, graphQL string
		ok                         bool
	}{
		{"a link-local address", "https://github.com", "http://169.254.169.254/", "https://api.github.com/graphql", false},
		{"a link-local address over https", "https://github.com", "https://169.254.169.254/", "https://169.254.169.254/graphql", false},
		{"plain http", "https://github.com", "http://api.github.com", "https://api.github.com/graphql", false},
		{"plain http for GraphQL", "https://github.com", "https://api.github.com", "http://api.github.com/graphql", false},
		{"plain http for the server", "http://github.com", "https://api.github.com", "https://api.github.com/graphql", false},
		{"a file", "https://github.com", "file:///etc/passwd", "https://api.github.com/graphql", false},
		{"a longer host", "https://github.com", "https://api.github.com.evil.tld", "https://api.github.com.evil.tld/graphql", false},
		{"the host as a user name", "https://github.com", "https://api.github.com@evil.tld", "https://api.github.com@evil.tld/graphql", false},
		{"a user name before the host", "https://github.com", "https://x:y@api.github.com", "https://api.github.com/graphql", false},
		{"the host in the query", "https://github.com", "https://evil.tld/?api.github.com", "https://evil.tld/?api.github.com", false},
		{"a query behind the right host", "https://github.com", "https://api.github.com/?x", "https://api.github.com/graphql", false},
		{"a fragment", "https://github.com", "https://api.github.com/#x", "https://api.github.com/graphql", false},
		{"no host", "https://github.com", "https:///api", "https://api.github.com/graphql", false},
		{"an opaque address", "https://github.com", "https:api.github.com", "https://api.github.com/graphql", false},
		{"another port", "https://github.com", "https://api.github.com:8443", "https://api.github.com:8443/graphql", false},
		{"a port on one side", "https://github.com:443", "https://api.github.com", "https://api.github.com/graphql", false},
		{"an empty port", "https://github.com", "https://api.github.com:", "https://api.github.com/graphql", false},
		{"an empty port on all sides", "https://github.com:", "https://api.github.com:", "https://api.github.com:/graphql", false},
		{"GraphQL elsewhere", "https://github.com", "https://api.github.com", "https://graphql.github.com/graphql", false},
		{"a control character", "https://github.com", "https://api.github.com/\n", "https://api.github.com/graphql", false},
		{"empty", "", "", "", false},
		{"another host below the server's", "https://github.com", "https://pages.github.com", "https://pages.github.com/graphql", false},
		{"a path behind the server", "https://github.com/acme", "https://api.github.com", "https://api.github.com/graphql", false},
		{"the API of another tenant", "https://acme.ghe.com", "https://api.evil.ghe.com", "https://api.evil.ghe.com/graphql", false},
		{"the API of github.com for a tenant", "https://acme.ghe.com", "https://api.github.com", "https://api.github.com/graphql", false},
		{"a tenant's API for github.com", "https://github.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", false},
		{"a slash behind the server", "https://github.com/", "https://api.github.com", "https://api.github.com/graphql", true},
		{"github.com", "https://github.com", "https://api.github.com", "https://api.github.com/graphql", true},
		{"a host in other letters", "https://GitHub.com", "https://API.github.com/", "https://api.github.com/graphql", true},
		{"GitHub Enterprise Cloud", "https://acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", true},
		{"GitHub Enterprise Server", "https://git.acme.test:8443", "https://git.acme.test:8443/api/v3", "https://git.acme.test:8443/api/graphql", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			config := github.Config{ServerURL: row.server, APIURL: row.api, GraphQLURL: row.graphQL, Token: token, Now: standing}
			_, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath)
			if (err == nil) != row.ok {
				t.Errorf("error %v, want ok=%v", err, row.ok)
			}
			if err != nil && strings.Contains(err.Error(), "x:y") {
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
}

func TestInputThatWouldBecomePartOfARequestIsChecked(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		change func(*github.Config, *fact.Subject, *string)
		ok     bool
	}{
		{"an empty token", func(c *github.Config, _ *fact.Subject, _ *string) { c.Token = "" }, false},
		{"a blank token", func(c *github.Config, _ *fact.Subject, _ *string) { c.Token = " \t" }, false},
		{"a token with a line break", func(c *github.Config, _ *fact.Subject, _ *string) { c.Token = token + "\nX-Evil: 1" }, false},
		{"a token with a line break at the end", func(c *github.Config, _ *fact.Subject, _ *string) { c.Token = token + "\n" }, false},
		{"a token that is not ASCII", func(c *github.Config, _ *fact.Subject, _ *string) { c.Token = token + "é" }, false},
		{"a people token with a line break", func(c *github.Config, _ *fact.Subject, _ *string) { c.PeopleToken = token + "\nX-Evil: 1" }, false},
		{"a blank people token", func(c *github.Config, _ *fact.Subject, _ *string) { c.PeopleToken = " " }, false},
		{"no clock", func(c *github.Config, _ *fact.Subject, _ *string) { c.Now = nil }, false},
		{"three parts in the repository", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "a/b/c" }, false},
		{"a parent directory as owner", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "../x" }, false},
		{"a parent directory as name", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "a/.." }, false},
		{"an escaped slash", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "a%2Fb" }, false},
		{"a question mark", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "a/b?c" }, false},
		{"an empty repository", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "" }, false},
		{"a short reference", func(_ *github.Config, s *fact.Subject, _ *string) { s.Ref = "main" }, false},
		{"a short commit id", func(_ *github.Config, s *fact.Subject, _ *string) { s.SHA = "c1c1c1c" }, false},
		{"an absolute policy path", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "/etc/p" }, false},
		{"a policy path to the parent", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "../p" }, false},
		{"a policy path with a dot", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "a/./b" }, false},
		{"a policy path with an empty part", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "a//b" }, false},
		{"a policy path with a backslash", func(_ *github.Config, _ *fact.Subject, p *string) { *p = `a\b` }, false},
		{"a policy path with an escape", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "%2e%2e/p" }, false},
		{"a policy path with a colon", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "a:b" }, false},
		{"an empty policy path", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "" }, false},
		{"a policy path that ends in a slash", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "a/" }, false},
		{"a people token", func(c *github.Config, _ *fact.Subject, _ *string) { c.PeopleToken = peopleToken }, true},
		{"all is well", func(*github.Config, *fact.Subject, *string) {}, true},
		{"an enterprise-managed owner", func(_ *github.Config, s *fact.Subject, _ *string) { s.Repository = "octo_acme/.github" }, true},
		{"a policy path in the root", func(_ *github.Config, _ *fact.Subject, p *string) { *p = "stageward.yml" }, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			config := github.Config{ServerURL: "https://github.com", APIURL: "https://api.github.com", GraphQLURL: "https://api.github.com/graphql", Token: token, Now: standing}
			subject, path := subjectOf("refs/heads/main"), policyPath
			row.change(&config, &subject, &path)
			_, err := github.NewReader(config, subject, path)
			if (err == nil) != row.ok {
				t.Errorf("error %v, want ok=%v", err, row.ok)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("the error repeats the token: %v", err)
			}
		})
	}
}

func TestInterfacesOfAServer(t *testing.T) {
	t.Parallel()
	for server, want := range map[string][2]string{
		"https://github.com":          {"https://api.github.com", "https://api.github.com/graphql"},
		"https://GitHub.com/":         {"https://api.github.com", "https://api.github.com/graphql"},
		"https://acme.ghe.com":        {"https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"},
		"https://acme.ghe.com.evil":   {"https://acme.ghe.com.evil/api/v3", "https://acme.ghe.com.evil/api/graphql"},
		"https://ghe.example":         {"https://ghe.example/api/v3", "https://ghe.example/api/graphql"},
		"https://ghe.example:8443":    {"https://ghe.example:8443/api/v3", "https://ghe.example:8443/api/graphql"},
		"https://github.com.ghe.test": {"https://github.com.ghe.test/api/v3", "https://github.com.ghe.test/api/graphql"},
	} {
		api, graphQL := github.Interfaces(server)
		if api != want[0] || graphQL != want[1] {
			t.Errorf("%s: %s and %s, want %v", server, api, graphQL, want)
		}
		config := github.Config{ServerURL: server, APIURL: api, GraphQLURL: graphQL, Token: token, Now: standing}
		if _, err := github.NewReader(config, subjectOf("refs/heads/main"), policyPath); err != nil {
			t.Errorf("%s: %v", server, err)
		}
	}
}
