package githubtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// papers are issues and releases to add to the shop.
const papers = `
issues:
  - {number: 3, title: Sell more, closed: duplicate, labels: [{name: Hot, by: bob, minutes-ago: 5}, {name: hot, by: left, minutes-ago: 9}, {name: odd, unseen: true}, {name: off, by: bob, removed: true}]}
releases:
  - {tag: v1.2.3, name: Cart, body: "Carts.", author: octocat, minutes-ago: 60}
  - {tag: v9, draft: true}
`

func TestAnswersAboutPapers(t *testing.T) {
	t.Parallel()
	const release = `{ tagName name description isDraft isPrerelease publishedAt url author { login } }`
	const carts = `{"tagName":"v1.2.3","name":"Cart","description":"Carts.","isDraft":false,"isPrerelease":false,"publishedAt":"2026-11-17T09:00:00Z","url":"https://github.test/acme/shop/releases/tag/v1.2.3","author":{"login":"octocat"}}`
	const draft = `{"tagName":"v9","name":null,"description":null,"isDraft":true,"isPrerelease":false,"publishedAt":null,"url":"https://github.test/acme/shop/releases/tag/v9","author":null}`
	rows := []struct{ name, extra, query, want string }{
		{"a release", "", inShop(`release(tagName: "v1.2.3") ` + release), `{"repository":{"release":` + carts + `}}`},
		{"no release", "", inShop(`release(tagName: "v1.2.4") ` + release), `{"repository":{"release":null}}`},
		{"a draft is kept from whoever may only read", "", inShop(`release(tagName: "v9") ` + release), `{"repository":{"release":null}}`},
		{"a draft is shown to whoever may write", "token: {permissions: {contents: write}}\n", inShop(`release(tagName: "v9") ` + release), `{"repository":{"release":` + draft + `}}`},
		{
			"references below a prefix, counted, in pages", "", inShop(`refs(refPrefix: "refs/heads/", first: 1) { totalCount nodes { prefix name } pageInfo { hasNextPage } }`),
			`{"repository":{"refs":{"totalCount":4,"nodes":[{"prefix":"refs/heads/","name":"both"}],"pageInfo":{"hasNextPage":true}}}}`,
		},
		{
			"the labels of an issue: one name in any case, the last event counts", "", inShop(`issue(number: 3) { state stateReason closed labels(first: 9) { totalCount nodes { name } } }`),
			`{"repository":{"issue":{"state":"CLOSED","stateReason":"NOT_PLANNED","closed":true,"labels":{"totalCount":2,"nodes":[{"name":"Hot"},{"name":"odd"}]}}}}`,
		},
		{
			"a duplicate is told apart where that is asked for", "", inShop(`issue(number: 3) { stateReason(enableDuplicate: true) }`),
			`{"repository":{"issue":{"stateReason":"DUPLICATE"}}}`,
		},
		{
			"who put a label on an issue, oldest first", "", inShop(`issue(number: 3) { timelineItems(first: 2, itemTypes: [LABELED_EVENT]) { totalCount filteredCount nodes { ... on LabeledEvent { createdAt label { name } actor { login } } } } }`),
			`{"repository":{"issue":{"timelineItems":{"totalCount":4,"filteredCount":3,"nodes":[{"createdAt":"2026-11-17T09:10:00Z","label":{"name":"off"},"actor":{"login":"bob"}},{"createdAt":"2026-11-17T09:51:00Z","label":{"name":"Hot"},"actor":null}]}}}}`,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := serveOnly(t, shop+papers+row.extra)
			got := post(t, server, row.query, nil).Body.String()
			if diff := cmp.Diff(`{"data":`+row.want+`}`, strings.TrimSpace(got)); diff != "" {
				t.Error(diff)
			}
			noViolations(t, server)
		})
	}
}

func TestPapersThatAreNotBuilt(t *testing.T) {
	t.Parallel()
	const head = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {alice: {}}\ncommits: [{name: c1, by: alice}]\n"
	rows := []struct{ name, text, want string }{
		{"an issue without a number", "issues: [{title: x}]\n", "want a number"},
		{"an issue twice", "issues: [{number: 1}, {number: 1}]\n", "issues: 1: want a number of its own"},
		{"an issue closed for no reason", "issues: [{number: 1, closed: done}]\n", `closed: "done"`},
		{"a label without a name", "issues: [{number: 1, labels: [{by: alice}]}]\n", "want a name"},
		{"a label by nobody we know", "issues: [{number: 1, labels: [{name: a, by: eve}]}]\n", `labels: a: by: "eve"`},
		{"a pull request that closes nothing", "pulls: [{number: 7, commits: [c1], closes: [3]}]\n", "closes: 3 is not among issues"},
		{"a pull request that closes what is no number", "pulls: [{number: 7, commits: [c1], closes: [x]}]\n", `closes: "x"; expected a number`},
		{"a pull request that closes an issue of no repository", "pulls: [{number: 7, commits: [c1], closes: ['eve#3']}]\n", "closes:"},
		{"a release of no tag", "releases: [{name: x}]\n", "want a tag"},
		{"a tag with two releases", "releases: [{tag: v1}, {tag: v1}]\n", "number 2: want a tag of its own"},
		{"a release by nobody we know", "releases: [{tag: v1, author: eve}]\n", `releases: v1: author: "eve"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			world, err := githubtest.ParseWorld([]byte(head + row.text))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := githubtest.New(world); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want one with %q", err, row.want)
			}
		})
	}
}
