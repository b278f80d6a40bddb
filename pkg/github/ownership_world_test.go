package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

// ownersWorld has the owners in all places; what each pull request changes is
// in its name.
const ownersWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  alice: {permission: write}
  dave: {permission: admin, key: ssh}
commits:
  - {name: c0, by: dave, files: {CODEOWNERS: "* @root\n", docs/CODEOWNERS: "* @docs\n", .github/CODEOWNERS: "* @dave\n/pay/ @acme/pay\n/free/\n", pay/old: "1\n", free/x: "2\n"}}
  - {name: h1, branch: thing, parents: [c0], by: alice, files: {.github/CODEOWNERS: "* @mallory\n", CODEOWNERS: null}}
  - {name: h2, branch: thing, by: alice, files: {pay/old: null, moved: "1\n", free/x: "3\n", new: "4\n"}}
  - {name: c1, branch: main, parents: [c0, h2], by: dave, signed: github, files: {.github/CODEOWNERS: "* @mallory\n", CODEOWNERS: null, pay/old: null, moved: "1\n", free/x: "3\n", new: "4\n"}}
  - {name: h3, branch: again, parents: [c1], by: alice, files: {docs/x: "1\n"}}
  - {name: c2, branch: main, parents: [c1], by: dave, signed: github, files: {docs/x: "1\n", .github/CODEOWNERS: null}}
  - {name: h4, branch: docs, parents: [c2], by: alice, files: {x: "1\n"}}
  - {name: c3, branch: main, parents: [c2, h4], by: dave, signed: github, files: {x: "1\n", docs/CODEOWNERS: null}}
  - {name: h5, branch: none, parents: [c3], by: alice, files: {y: "1\n"}}
  - {name: c4, branch: main, parents: [c3, h5], by: dave, signed: github, files: {y: "1\n"}}
pulls:
  - {number: 7, author: alice, head: thing, commits: [h1, h2], merged-by: dave, merge-commit: c1}
  - {number: 8, author: alice, head: again, commits: [h3], merged-by: dave, merge-commit: c2}
  - {number: 9, author: alice, head: docs, commits: [h4], merged-by: dave, merge-commit: c3}
  - {number: 10, author: alice, head: none, commits: [h5], merged-by: dave, merge-commit: c4}
`

// APR-28: the file counts as it was before the merge, in the first place that
// has one.
func TestOwnersAreThoseBeforeTheMerge(t *testing.T) {
	t.Parallel()
	file := func(path string, line int, owners ...string) fact.OwnedFile {
		return fact.OwnedFile{Path: path, Line: line, Owners: append([]string{}, owners...)}
	}
	rows := []struct {
		name, merge, base, path string
		number                  int
		files                   []fact.OwnedFile
	}{
		{"a merge that changes the file itself, and renames another", "c1", "c0", ".github/CODEOWNERS", 7, []fact.OwnedFile{
			file(".github/CODEOWNERS", 1, "@dave"), file("CODEOWNERS", 1, "@dave"), file("free/x", 3), file("moved", 1, "@dave"), file("new", 1, "@dave"), file("pay/old", 2, "@acme/pay"),
		}},
		{"the change after it, by a squash", "c2", "c1", ".github/CODEOWNERS", 8, []fact.OwnedFile{file("docs/x", 1, "@mallory")}},
		{"the last place", "c3", "c2", "docs/CODEOWNERS", 9, []fact.OwnedFile{file("x", 1, "@docs")}},
		{"no file at all", "c4", "c3", "", 10, []fact.OwnedFile{file("y", 0)}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server, reader := readerOnDouble(t, ownersWorld, row.merge, "refs/heads/main")
			var pull fact.Pull
			for _, each := range have(t, reader.Pulls(t.Context())) {
				if each.Number == row.number {
					pull = each
				}
			}
			before := len(server.Requests())
			got := have(t, reader.Ownership(t.Context(), pull))
			want := fact.Ownership{Number: row.number, Base: fact.SHA(server.SHA(row.base)), Path: row.path, URL: got.URL, Files: row.files}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("ownership (-want +got):\n%s", diff)
			}
			if suffix := fmt.Sprintf("/acme/shop/blob/%s/%s", server.SHA(row.base), row.path); row.path != "" && !strings.HasSuffix(got.URL, suffix) || row.path == "" && got.URL != "" {
				t.Errorf("URL %q", got.URL)
			}
			if pages := max(1, (min(len(row.files), 5)+1)/2); len(server.Requests())-before != pages+1 {
				t.Errorf("asked %v", server.Requests()[before:])
			}
			for _, violation := range server.Violations() {
				t.Error(violation)
			}
		})
	}
}

// Whatever goes wrong on the way, the owners are the same or not known.
func TestAFaultOnlyTakesOwnersAway(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]githubtest.Fault{
		"500": {Status: 500}, "404": {Status: 404}, "403": {Status: 403}, "truncated": {Body: "truncated"}, "braces": {Body: "braces"},
		"null": {Body: "null"}, "short": {Body: "short"}, "redirect": {Redirect: "https://evil.test/"},
		"no merge": {GraphQLError: &githubtest.GraphQLError{Path: "repository.merge"}}, "no root": {GraphQLError: &githubtest.GraphQLError{Path: "repository.root"}},
		"no file": {GraphQLError: &githubtest.GraphQLError{Path: "repository.inGitHub"}},
	} {
		for _, match := range []string{"POST /graphql StagewardOwnership", "GET /repos/acme/shop/pulls/7/files"} {
			if fault.GraphQLError != nil && match[0] == 'G' {
				continue
			}
			fault := fault
			fault.Match = match
			t.Run(name+" at "+match, func(t *testing.T) {
				t.Parallel()
				server, reader := readerOnDouble(t, ownersWorld, "c1", "refs/heads/main", fault)
				pulls := have(t, reader.Pulls(t.Context()))
				lost(t, reader.Ownership(t.Context(), pulls[0]))
				if unused := server.UnusedFaults(); len(unused) > 0 {
					t.Errorf("unused %v", unused)
				}
			})
		}
	}
}
