package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/githubtest"
)

const workflowTree = "3333333333333333333333333333333333333333"

func treeEntry(name, kind string, mode int, id string) object {
	return object{"name": name, "type": kind, "mode": mode, "oid": id}
}

// workflowEntry is a regular file with its text.
func workflowEntry(name, text string) object {
	entry := treeEntry(name, "blob", 0o100644, blobID(text))
	entry["object"] = object{"__typename": "Blob", "oid": blobID(text), "byteSize": len(text), "isTruncated": false, "isBinary": false, "text": text}
	return entry
}

// workflowsIn is an answer with a directory of workflows.
func workflowsIn(entries ...any) object {
	return inRepository(
		"commit", object{"__typename": "Commit", "oid": subjectSHA, "tree": object{"oid": rootTree, "entries": array{treeEntry(".github", "tree", 0o40000, dirTree)}}},
		"github", object{"__typename": "Tree", "oid": dirTree, "entries": array{treeEntry("workflows", "tree", 0o40000, workflowTree)}},
		"workflows", object{"__typename": "Tree", "oid": workflowTree, "entries": entries},
	)
}

func workflowsOf(t *testing.T, answer any) fact.Known[[]fact.WorkflowFile] {
	t.Helper()
	f := newFake(t)
	f.onQuery("StagewardWorkflows", func(variables map[string]string) any {
		same(t, "variables", variables, map[string]string{
			"owner": "acme", "name": "shop", "commit": subjectSHA, "github": subjectSHA + ":.github", "workflows": subjectSHA + ":.github/workflows",
		})
		return answer
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return reader.Workflows(t.Context())
}

func TestWorkflowsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	in := func(path string, value any) object {
		return put(workflowsIn(workflowEntry("ci.yml", "on: push\n")), "data.repository."+path, value)
	}
	entry := func(path string, value any) object {
		return workflowsIn(put(workflowEntry("ci.yml", "on: push\n"), path, value))
	}
	refused := in("workflows", nil)
	refused["errors"] = array{object{"type": "FORBIDDEN", "path": array{"repository", "workflows"}, "message": "Resource not accessible by integration"}}
	elsewhere := in("workflows", nil)
	elsewhere["errors"] = array{object{"path": array{"repository", "workflows", "entries", 0, "object"}, "message": "Something went wrong"}}
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		says   string
	}{
		{"an empty object", object{}, fact.Incomplete, "says nothing"},
		{"no data", object{"data": nil}, fact.Incomplete, "neither data nor errors"},
		{"no repository", object{"data": object{"repository": nil}}, fact.Incomplete, "identify"},
		{"another repository", in("databaseId", 2002), fact.Inconsistent, "in place of repository 1001"},
		{"a refusal", refused, fact.Forbidden, "repository.workflows"},
		{"an error inside", elsewhere, fact.Incomplete, "Something went wrong"},
		{"no commit", in("commit", nil), fact.Incomplete, "leaves out"},
		{"a tag in place of the commit", in("commit.__typename", "Tag"), fact.Incomplete, "leaves out"},
		{"another commit", in("commit.oid", headSHA), fact.Inconsistent, "the answer is of " + headSHA},
		{"no root", in("commit.tree", nil), fact.Incomplete, "does not list the directory of .github"},
		{"a root that is not listed", in("commit.tree.entries", absent), fact.Incomplete, "does not list"},
		{"an empty root that is not empty", in("commit.tree.entries", array{}), fact.Incomplete, "lists nothing"},
		{"no word of .github", in("github", absent), fact.Incomplete, "leaves out"},
		{"no word of the workflows", in("workflows", absent), fact.Incomplete, "leaves out"},
		{".github not returned", in("github", nil), fact.Incomplete, ".github is listed, but it was not returned"},
		{"another .github", in("github.oid", headSHA), fact.Inconsistent, "returned as " + headSHA},
		{".github not listed", in("commit.tree.entries", array{treeEntry("README.md", "blob", 0o100644, headSHA)}), fact.Inconsistent, ".github is not listed"},
		{".github a link", in("commit.tree.entries", array{treeEntry(".github", "blob", 0o120000, dirTree)}), fact.Inconsistent, "mode 120000, not a directory"},
		{".github in another repository", in("commit.tree.entries", array{treeEntry(".github", "commit", 0o160000, dirTree)}), fact.Inconsistent, "not a directory"},
		{"workflows not returned", in("workflows", nil), fact.Incomplete, "workflows is listed, but it was not returned"},
		{"other workflows", in("workflows.oid", headSHA), fact.Inconsistent, "returned as " + headSHA},
		{"workflows not listed", in("github.entries", array{treeEntry("CODEOWNERS", "blob", 0o100644, headSHA)}), fact.Inconsistent, "workflows is not listed"},
		{"workflows a link", in("github.entries", array{treeEntry("workflows", "blob", 0o120000, workflowTree)}), fact.Inconsistent, "not a directory"},
		{"no entries", in("workflows.entries", absent), fact.Incomplete, "does not list .github/workflows"},
		{"an empty list of what is not empty", in("workflows.entries", array{}), fact.Incomplete, "lists nothing in .github/workflows"},
		{"a null entry", in("workflows.entries", array{nil}), fact.Incomplete, "does not list"},
		{"an entry without an id", entry("oid", absent), fact.Incomplete, "all of"},
		{"an entry of another directory", entry("name", "../ci.yml"), fact.Incomplete, "all of"},
		{"an entry without its object", entry("object", absent), fact.Incomplete, "not all of it was returned"},
		{"an entry whose object is null", entry("object", nil), fact.Incomplete, "not all of it was returned"},
		{"a tree in place of a file", entry("object.__typename", "Tree"), fact.Incomplete, "not all of it was returned"},
		{"no word of the size", entry("object.byteSize", absent), fact.Incomplete, "not all of it was returned"},
		{"no word of the end", entry("object.isTruncated", absent), fact.Incomplete, "not all of it was returned"},
		{"no word of bytes", entry("object.isBinary", absent), fact.Incomplete, "not all of it was returned"},
		{"no text", entry("object.text", absent), fact.Incomplete, "text of"},
		{"another object", entry("object.oid", headSHA), fact.Inconsistent, "returned as " + headSHA},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			known := workflowsOf(t, row.answer)
			wantLost(t, known, row.reason, row.says)
			if fix := lost(t, known).Fix; row.reason == fact.Forbidden && !strings.Contains(fix, "contents: read") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

func TestWorkflowFiles(t *testing.T) {
	t.Parallel()
	changed := func(name, path string, value any) object { return put(workflowEntry(name, "x\n"), path, value) }
	entries := array{
		workflowEntry("z.yml", "on: push\n"), workflowEntry("a b#1.yaml", ""), workflowEntry("README.md", "# No\n"), workflowEntry("yml", "x\n"),
		treeEntry("dir", "tree", 0o40000, headSHA), treeEntry("old.yml", "tree", 0o40000, headSHA), treeEntry("link.yml", "blob", 0o120000, headSHA),
		treeEntry("module.yml", "commit", 0o160000, headSHA),
		changed("run.YML", "mode", 0o100755), changed("odd.yml", "mode", 0o100600),
		put(changed("binary.yml", "object.isBinary", true), "object.text", nil), changed("cut.yml", "object.isTruncated", true),
		changed("large.yml", "object.byteSize", 2<<20), changed("spoilt.yml", "object.text", "y\n"),
	}
	known := workflowsOf(t, workflowsIn(entries...))
	const page = "https://github.com/acme/shop/blob/" + subjectSHA + "/.github/workflows/"
	file := func(name, text, unreadable, address string) fact.WorkflowFile {
		return fact.WorkflowFile{Path: ".github/workflows/" + name, Blob: fact.SHA(blobID(text)), Text: text, Unreadable: unreadable, URL: page + address}
	}
	without := func(name, id, unreadable string) fact.WorkflowFile {
		found := file(name, "", unreadable, name)
		found.Blob = fact.SHA(id)
		return found
	}
	x := blobID("x\n")
	same(t, "files", have(t, known), []fact.WorkflowFile{
		file("a b#1.yaml", "", "", "a%20b%231.yaml"),
		without("binary.yml", x, "it is not text"),
		without("cut.yml", x, "it has 2 bytes, more than GitHub shows"),
		without("large.yml", x, "it has 2097152 bytes, more than GitHub shows"),
		without("link.yml", headSHA, "it is a symbolic link"),
		without("module.yml", headSHA, "it is a commit of mode 160000, not a regular file"),
		without("odd.yml", x, "it is a blob of mode 100600, not a regular file"),
		without("old.yml", headSHA, "it is a tree of mode 40000, not a regular file"),
		file("run.YML", "x\n", "", "run.YML"),
		without("spoilt.yml", x, "its text did not arrive as it is in the commit; is it UTF-8?"),
		file("z.yml", "on: push\n", "", "z.yml"),
	})
	if source := known.Source(); source.From != "graphql" || source.URL != "https://github.com/acme/shop/tree/"+subjectSHA+"/.github/workflows" {
		t.Errorf("source %+v", source)
	}
}

func TestThatThereAreNoWorkflowsIsAnAnswer(t *testing.T) {
	t.Parallel()
	rows := map[string]object{
		"no directory .github": put(put(put(workflowsIn(), "data.repository.commit.tree.entries", array{treeEntry("README.md", "blob", 0o100644, headSHA)}),
			"data.repository.github", nil), "data.repository.workflows", nil),
		"no directory workflows": put(put(workflowsIn(), "data.repository.github.entries", array{treeEntry("CODEOWNERS", "blob", 0o100644, headSHA)}),
			"data.repository.workflows", nil),
		"nothing that is one": workflowsIn(workflowEntry("README.md", "# No\n")),
	}
	for name, answer := range rows {
		if files := have(t, workflowsOf(t, answer)); files == nil || len(files) != 0 {
			t.Errorf("%s: %#v", name, files)
		}
	}
	impossible := put(put(workflowsIn(), "data.repository.commit.tree.entries", array{treeEntry("README.md", "blob", 0o100644, headSHA)}), "data.repository.github", nil)
	wantLost(t, workflowsOf(t, impossible), fact.Inconsistent, "what is in it was returned")
}

func TestWorkflowsBeforeTheOverview(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	wantLost(t, f.reader(t).Workflows(t.Context()), fact.NotAsked, "")
	reader := f.withData("repository.defaultBranchRef", nil).reader(t)
	reader.Overview(t.Context())
	wantLost(t, reader.Workflows(t.Context()), fact.Incomplete, "tip of the default branch")
	if len(f.asked()) != 1 {
		t.Errorf("asked %q", f.asked())
	}
}

func TestWorkflowsOfTheDouble(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, guardedWorld, "c1", "refs/heads/main")
	before := len(server.Requests())
	files := have(t, reader.Workflows(t.Context()))
	if len(files) != 2 || files[0].Unreadable != "it is a symbolic link" || files[1].Text != "on: push\n" || files[1].Path != ".github/workflows/ci.yml" {
		t.Errorf("files %+v", files)
	}
	if asked := len(server.Requests()) - before; asked != 1 {
		t.Errorf("%d requests", asked)
	}
	large := fmt.Sprintf("repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {olga: {}}\ncommits:\n  - {name: c1, by: olga, files: {.github/workflows/a.yml: \"%s\", .github/workflows/b.yml: \"\\0\"}}\n", strings.Repeat("# large\\n", 70_000))
	_, reader = readerOnDouble(t, large, "c1", "refs/heads/main")
	files = have(t, reader.Workflows(t.Context()))
	if len(files) != 2 || files[0].Unreadable != "it has 560000 bytes, more than GitHub shows" || files[1].Unreadable != "it is not text" {
		t.Errorf("files %q, %q", files[0].Unreadable, files[1].Unreadable)
	}
	_, reader = readerOnDouble(t, "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {olga: {}}\ncommits:\n  - {name: c1, by: olga}\n", "c1", "refs/heads/main")
	if files := have(t, reader.Workflows(t.Context())); len(files) != 0 {
		t.Errorf("files %+v", files)
	}
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
	for _, body := range []string{"html", "empty", "braces", "null", "truncated"} {
		fault := githubtest.Fault{Match: "POST /graphql StagewardWorkflows", Body: body, Times: 1}
		_, reader := readerOnDouble(t, guardedWorld, "c1", "refs/heads/main", fault)
		wantLost(t, reader.Workflows(t.Context()), fact.Incomplete, "graphql")
	}
}
