package github_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

func releaseNode() object {
	return object{
		"tagName": "v1.4.0", "name": "The thing", "description": "We added a thing.", "isDraft": false, "isPrerelease": false,
		"publishedAt": "2026-11-17T09:40:00Z", "url": "https://github.com/acme/shop/releases/tag/v1.4.0", "author": user(14, "dave"),
	}
}

func TestAReleaseThatIsNotKnown(t *testing.T) {
	t.Parallel()
	refused := inRepository("release", nil)
	refused["errors"] = array{object{"type": "FORBIDDEN", "path": array{"repository", "release"}, "message": "Resource not accessible by integration"}}
	release := func(path string, value any) object { return inRepository("release", put(releaseNode(), path, value)) }
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{"a refusal", refused, fact.Forbidden, "repository.release"},
		{"another repository", inRepository("databaseId", 2002, "release", nil), fact.Inconsistent, "in place of repository 1001"},
		{"a repository without a number", object{"data": object{"repository": object{"release": nil}}}, fact.Incomplete, "identify"},
		{"no repository", object{"data": object{"repository": nil}}, fact.Incomplete, "identify"},
		{"no word of a release", inRepository(), fact.Incomplete, "leaves the release out"},
		{"the release of another tag", release("tagName", "v1.3.0"), fact.Inconsistent, `that of "v1.3.0"`},
		{"the release of a tag that differs in case", release("tagName", "V1.4.0"), fact.Inconsistent, `that of "V1.4.0"`},
		{"what may be a draft", release("isDraft", absent), fact.Incomplete, "all of the release"},
		{"what may be a pre-release", release("isPrerelease", absent), fact.Incomplete, "all of the release"},
		{"no word of a description", release("description", absent), fact.Incomplete, "all of the release"},
		{"no word of an author", release("author", absent), fact.Incomplete, "all of the release"},
		{"no time", release("publishedAt", absent), fact.Incomplete, "all of the release"},
		{"a draft with no word of a time", inRepository("release", put(put(releaseNode(), "isDraft", true), "publishedAt", absent)), fact.Incomplete, "all of the release"},
		{"published at no time", release("publishedAt", nil), fact.Incomplete, "all of the release"},
		{"published at the beginning of time", release("publishedAt", "0001-01-01T00:00:00Z"), fact.Incomplete, "all of the release"},
		{"a time that is none", release("publishedAt", "yesterday"), fact.Incomplete, "shape"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.onQuery("StagewardRelease", func(map[string]string) any { return row.answer })
			reader := f.readerOf(t, "refs/tags/v1.4.0")
			reader.Overview(t.Context())
			known := reader.Release(t.Context())
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; row.reason == fact.Forbidden && !strings.Contains(fix, "contents: read") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

func TestARelease(t *testing.T) {
	t.Parallel()
	want := fact.Release{
		Exists: true, Tag: "v1.4.0", Name: "The thing", Body: "We added a thing.", At: time.Date(2026, 11, 17, 9, 40, 0, 0, time.UTC),
		Author: &fact.Person{ID: 14, Login: "dave", Kind: fact.User}, URL: "https://github.com/acme/shop/releases/tag/v1.4.0",
	}
	rows := []struct {
		name string
		node any
		want func(*fact.Release)
	}{
		{"whole", releaseNode(), func(*fact.Release) {}},
		{"none", nil, func(r *fact.Release) { *r = fact.Release{} }},
		{"a draft", put(put(releaseNode(), "isDraft", true), "publishedAt", nil), func(r *fact.Release) { r.Draft, r.At = true, time.Time{} }},
		{"a pre-release", put(releaseNode(), "isPrerelease", true), func(r *fact.Release) { r.Prerelease = true }},
		{"without a word", put(put(releaseNode(), "description", nil), "name", nil), func(r *fact.Release) { r.Body, r.Name = "", "" }},
		{"by somebody who is gone", put(releaseNode(), "author", nil), func(r *fact.Release) { r.Author = nil }},
		{"by a program", put(releaseNode(), "author", user(99, "helper[bot]")), func(r *fact.Release) {
			r.Author = &fact.Person{ID: 99, Login: "helper[bot]", Kind: fact.Bot}
		}},
	}
	for _, row := range rows {
		f := newFake(t)
		f.onQuery("StagewardRelease", func(variables map[string]string) any {
			same(t, row.name+": variables", variables, map[string]string{"owner": "acme", "name": "shop", "tag": "v1.4.0"})
			return inRepository("release", row.node)
		})
		reader := f.readerOf(t, "refs/tags/v1.4.0")
		reader.Overview(t.Context())
		expected := want
		row.want(&expected)
		same(t, row.name, have(t, reader.Release(t.Context())), expected)
	}
}

func TestABranchHasNoReleaseAndNothingIsAsked(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	reader := f.reader(t)
	reader.Overview(t.Context())
	if release := have(t, reader.Release(t.Context())); release.Exists || len(f.asked()) != 1 {
		t.Errorf("%+v, asked %q", release, f.asked())
	}
}

func TestVersionsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	tag := func(name string) object {
		return object{"prefix": "refs/tags/", "name": name, "target": object{"oid": subjectSHA}}
	}
	refs := func(change func(object)) object {
		list := graphList(tag("v1.0.0"), tag("v1.1.0"))
		change(list)
		return inRepository("refs", list)
	}
	entry := func(list object) object { return list["nodes"].(array)[1].(object) }
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{"another repository", inRepository("databaseId", 2002, "refs", graphList()), fact.Inconsistent, "in place of repository 1001"},
		{"no list", inRepository("refs", nil), fact.Incomplete, "has no list"},
		{"more than are read", refs(func(l object) { l["totalCount"] = 5001 }), fact.Incomplete, "there are 5001, and no more than 5000"},
		{"as many as are read, of which two are there", refs(func(l object) { l["totalCount"] = 5000 }), fact.Incomplete, "got 2 of 5000"},
		{"one too few", refs(func(l object) { l["totalCount"] = 3 }), fact.Incomplete, "got 2 of 3"},
		{"one too many", refs(func(l object) { l["totalCount"] = 1 }), fact.Incomplete, "got 2 of 1"},
		{"a tag twice", refs(func(l object) { entry(l)["name"] = "v1.0.0" }), fact.Incomplete, "listed twice"},
		{"a branch", refs(func(l object) { entry(l)["prefix"] = "refs/heads/" }), fact.Incomplete, "all of an entry"},
		{"a tag of no object", refs(func(l object) { entry(l)["target"] = nil }), fact.Incomplete, "all of an entry"},
		{"a tag of an object without an id", refs(func(l object) { entry(l)["target"] = object{"oid": "x"} }), fact.Incomplete, "all of an entry"},
		{"a tag without a name", refs(func(l object) { entry(l)["name"] = "" }), fact.Incomplete, "all of an entry"},
		{"no tag", refs(func(l object) { l["nodes"].(array)[1] = nil }), fact.Incomplete, "all of an entry"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.onQuery("StagewardTags", func(map[string]string) any { return row.answer })
			reader := f.readerOf(t, "refs/tags/v1.4.0")
			reader.Overview(t.Context())
			known := reader.Versions(t.Context())
			wantLost(t, known, row.reason, row.detail)
			if fix := lost(t, known).Fix; strings.Contains(row.detail, "5001") && !strings.Contains(fix, "Delete tags") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

// releaseWorld has five tags: more than two pages of two.
const releaseWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  dave: {id: 14, permission: admin}
commits:
  - name: c1
    by: dave
    files:
      docs/plans/1.4.0.md: "# Plan\n"
      docs/plans/link.md: {text: 1.4.0.md, mode: "120000"}
      docs/plans/binary: "\0"
      .github/stageward.yml: "version: 1\n"
  - {name: c2, by: dave, files: {docs/plans/1.4.0.md: "# Changed\n", docs/plans/new.md: "# New\n"}}
tags:
  - {name: v1.4.0, commit: c1, annotated: true, by: dave}
  - {name: v1.2.0, commit: c1}
  - {name: nightly, commit: c2}
  - {name: odd/name#1, commit: c2}
  - {name: v1.10.0, commit: c2}
releases:
  - {tag: v1.4.0, name: The thing, body: "We added a thing.", author: dave}
  - {tag: v1.2.0, draft: true}
  - {tag: odd/name#1, prerelease: true}
`

func TestReleasesOfAWholeWorld(t *testing.T) {
	t.Parallel()
	rows := map[fact.Ref]string{
		"refs/tags/v1.4.0":     "true false false 09:40 /acme/shop/releases/tag/v1.4.0",
		"refs/tags/v1.2.0":     "false false false 00:00 ", // a draft, which this token does not see
		"refs/tags/odd/name#1": "true false true 09:40 /acme/shop/releases/tag/odd%2Fname%231",
		"refs/tags/nightly":    "false false false 00:00 ",
	}
	for ref, want := range rows {
		server, reader := readerOnDouble(t, releaseWorld, "c1", ref)
		release := have(t, reader.Release(t.Context()))
		page := release.URL[strings.Index(release.URL+"/acme", "/acme"):]
		if got := fmt.Sprintf("%t %t %t %s %s", release.Exists, release.Draft, release.Prerelease, release.At.Format("15:04"), page); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
		if got := len(server.Requests()); got != 2 {
			t.Errorf("%d requests", got)
		}
		withoutViolations(t, server)
	}
	server, reader := readerOnDouble(t, releaseWorld+"token: {permissions: {contents: write}}\n", "c1", "refs/tags/v1.2.0")
	if release := have(t, reader.Release(t.Context())); !release.Exists || !release.Draft {
		t.Errorf("%+v", release)
	}
	withoutViolations(t, server)
}

func TestVersionsOfAWholeWorld(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, releaseWorld, "c1", "refs/tags/v1.4.0")
	c1, c2 := fact.SHA(server.SHA("c1")), fact.SHA(server.SHA("c2"))
	same(t, "tags", have(t, reader.Versions(t.Context())), []fact.VersionTag{
		{Name: "nightly", Object: c2},
		{Name: "odd/name#1", Object: c2},
		{Name: "v1.10.0", Object: c2},
		{Name: "v1.2.0", Object: c1},
		{Name: "v1.4.0", Object: fact.SHA(server.SHA("tag:v1.4.0"))},
	})
	if got := len(server.Requests()); got != 1+3 {
		t.Errorf("%d requests", got)
	}
	withoutViolations(t, server)
}

func TestVersionsAreInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	tag := func(name string) object {
		return object{"prefix": "refs/tags/", "name": name, "target": object{"oid": subjectSHA}}
	}
	f.onQuery("StagewardTags", func(map[string]string) any { return inRepository("refs", graphList(tag("v2"), tag("v1"))) })
	reader := f.readerOf(t, "refs/tags/v1")
	reader.Overview(t.Context())
	same(t, "tags", have(t, reader.Versions(t.Context())), []fact.VersionTag{{Name: "v1", Object: subjectSHA}, {Name: "v2", Object: subjectSHA}})
}

func TestPagesOfVersionsAreNotReadForEver(t *testing.T) {
	t.Parallel()
	f, pages := newFake(t), 0
	f.onQuery("StagewardTags", func(map[string]string) any {
		pages++
		list := graphList(object{"prefix": "refs/tags/", "name": fmt.Sprint("v", pages), "target": object{"oid": subjectSHA}})
		put(list, "totalCount", 101)
		put(list, "pageInfo", object{"hasNextPage": pages < 101, "endCursor": fmt.Sprint(pages)})
		return inRepository("refs", list)
	})
	reader := f.readerOf(t, "refs/tags/v1")
	reader.Overview(t.Context())
	wantLost(t, reader.Versions(t.Context()), fact.Inconsistent, "does not advance")
}

func TestVersionsThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	moved := githubtest.Fault{Match: "POST /graphql StagewardTags", Nth: 2, MoveRef: &githubtest.MoveRef{Ref: "refs/tags/zz", Commit: "c1"}}
	server, reader := readerOnDouble(t, releaseWorld, "c1", "refs/tags/v1.4.0", moved)
	if got := len(have(t, reader.Versions(t.Context()))); got != 6 {
		t.Errorf("%d tags", got)
	}
	withoutViolations(t, server)
}

func TestSources(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, releaseWorld, "c1", "refs/tags/v1.4.0")
	found := have(t, reader.Source(t.Context(), "docs/plans/1.4.0.md"))
	page := found.URL[strings.Index(found.URL, "/acme"):]
	want := fact.SourceFile{Path: "docs/plans/1.4.0.md", Commit: fact.SHA(server.SHA("c1")), Exists: true, Blob: fact.SHA(blobID("# Plan\n")), Text: "# Plan\n", URL: found.URL}
	same(t, "the file of the commit, not of the branch", found, want)
	if page != "/acme/shop/blob/"+server.SHA("c1")+"/docs/plans/1.4.0.md" {
		t.Errorf("page %q", page)
	}
	for _, none := range []string{"docs/plans/new.md", "docs/other/new.md", "docs/plans/1.4.0.md/x"} {
		same(t, none, have(t, reader.Source(t.Context(), none)), fact.SourceFile{Path: none, Commit: fact.SHA(server.SHA("c1"))})
	}
	wantLost(t, reader.Source(t.Context(), "docs/plans/link.md"), fact.Inconsistent, "symbolic link")
	wantLost(t, reader.Source(t.Context(), "docs/plans"), fact.Inconsistent, "a tree")
	wantLost(t, reader.Source(t.Context(), "docs/plans/binary"), fact.Incomplete, "not text")
	if fix := lost(t, reader.Source(t.Context(), "docs/plans/binary")).Fix; !strings.Contains(fix, "UTF-8") {
		t.Errorf("fix %q", fix)
	}
	wantLost(t, reader.Source(t.Context(), "../etc/passwd"), fact.NotFound, "the path of a file")
	if fix := lost(t, reader.Source(t.Context(), "docs/plans/1.4.0+b.md")).Fix; !strings.Contains(fix, "{sha}") {
		t.Errorf("fix %q", fix)
	}
	withoutViolations(t, server)
}

func TestASourceWithoutItsCommitIsNotKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t).withData("repository.commit", nil)
	reader := f.reader(t)
	wantLost(t, reader.Source(t.Context(), "a"), fact.NotAsked, "")
	reader.Overview(t.Context())
	lost(t, reader.Source(t.Context(), "a"))
	if len(f.asked()) != 1 {
		t.Errorf("asked %q", f.asked())
	}
}

func TestASourceOfAnotherRepositoryIsNone(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.files = func(map[string]string) any {
		return object{"data": object{"repository": put(filesData(rawKey), "databaseId", 2002)}}
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Source(t.Context(), keyFile), fact.Inconsistent, "in place of repository 1001")
}

func TestPapersThatTheTokenMayNotRead(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, releaseWorld, "c1", "refs/tags/v1.4.0",
		githubtest.Fault{Match: "POST /graphql StagewardRelease", GraphQLError: &githubtest.GraphQLError{Path: "repository.release"}},
		githubtest.Fault{Match: "POST /graphql StagewardTags", GraphQLError: &githubtest.GraphQLError{Path: "repository.refs"}},
		githubtest.Fault{Match: "POST /graphql StagewardFiles", GraphQLError: &githubtest.GraphQLError{Path: "repository.f0"}})
	release, versions, source := reader.Release(t.Context()), reader.Versions(t.Context()), reader.Source(t.Context(), "README.md")
	for _, missing := range []*fact.Missing{lost(t, release), lost(t, versions), lost(t, source)} {
		if missing.Reason != fact.Forbidden || !strings.Contains(missing.Fix, "contents: read") {
			t.Errorf("%+v", missing)
		}
	}
	withoutViolations(t, server)
}
