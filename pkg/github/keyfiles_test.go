package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
)

const keyFile = ".github/keys/olga.asc"

// filesData answers a question for files: a directory that lists the file and
// the file, both by alias number 0, which a test changes.
func filesData(text string) object {
	return object{
		"databaseId": 1001,
		"d0": object{"__typename": "Tree", "oid": dirTree, "entries": array{
			object{"name": "other", "type": "blob", "mode": 33188, "oid": parentSHA},
			object{"name": "olga.asc", "type": "blob", "mode": 33188, "oid": blobID(text)},
		}},
		"f0": object{"__typename": "Blob", "oid": blobID(text), "byteSize": len(text), "isTruncated": false, "isBinary": false, "text": text},
	}
}

// entry is how the directory lists the file.
func entry(data object) object {
	return data["d0"].(object)["entries"].(array)[1].(object)
}

func TestAFileThatIsNotKnown(t *testing.T) {
	t.Parallel()
	listedAs := func(field string, value any) object {
		data := filesData(rawKey)
		entry(data)[field] = value
		return data
	}
	rows := []struct {
		name   string
		data   object
		reason fact.Reason
		detail string
	}{
		{"another repository answers", put(filesData(rawKey), "databaseId", 2002), fact.Inconsistent, "in place of repository 1001"},
		{"a repository without a number", put(filesData(rawKey), "databaseId", absent), fact.Incomplete, "identify"},
		{"no directory in the answer", put(filesData(rawKey), "d0", absent), fact.Incomplete, "leaves out"},
		{"no file in the answer", put(filesData(rawKey), "f0", absent), fact.Incomplete, "leaves out"},
		{"a file of another shape", put(filesData(rawKey), "f0", array{}), fact.Incomplete, "leaves out"},
		{"a file without its directory", put(filesData(rawKey), "d0", nil), fact.Incomplete, "does not list"},
		{"a directory without a list", put(filesData(rawKey), "d0.entries", absent), fact.Incomplete, "does not list"},
		{"a file that the directory does not list", listedAs("name", "olga.txt"), fact.Inconsistent, "not listed"},
		{"a file that is listed and not there", put(filesData(rawKey), "f0", nil), fact.Incomplete, "not returned"},
		{"a symbolic link", listedAs("mode", 0o120000), fact.Inconsistent, "symbolic link"},
		{"a submodule", put(listedAs("type", "commit"), "f0", nil), fact.Inconsistent, "is a commit of mode"},
		{"a directory of the name", put(listedAs("type", "tree"), "f0", object{"__typename": "Tree", "oid": dirTree}), fact.Inconsistent, "is a tree of mode"},
		{"another object than is listed", listedAs("oid", parentSHA), fact.Inconsistent, "is listed as " + parentSHA},
		{"a tree in place of the file", put(filesData(rawKey), "f0.__typename", "Tree"), fact.Inconsistent, "returned as Tree"},
		{"a cut file", put(filesData(rawKey), "f0.isTruncated", true), fact.Incomplete, "more than GitHub shows"},
		{"a file that may be cut", put(filesData(rawKey), "f0.isTruncated", nil), fact.Incomplete, "whole"},
		{"a file without a size", put(filesData(rawKey), "f0.byteSize", nil), fact.Incomplete, "whole"},
		{"a file above the limit", put(filesData(rawKey), "f0.byteSize", 1<<20+1), fact.Incomplete, "1048577 bytes"},
		{"a binary file", put(filesData(rawKey), "f0.isBinary", true), fact.Incomplete, "not text"},
		{"a file that may be binary", put(filesData(rawKey), "f0.isBinary", nil), fact.Incomplete, "not text"},
		{"a file without text", put(filesData(rawKey), "f0.text", nil), fact.Incomplete, "not text"},
		{"another text than that of the object", put(filesData(rawKey), "f0.text", rawKey+"x"), fact.Incomplete, "not that of object"},
		{"no such directory", put(put(filesData(rawKey), "d0", nil), "f0", nil), fact.NotFound, `the branch "main" has no file ".github/keys/olga.asc" at commit ` + subjectSHA},
		{"a file in place of the directory", put(put(filesData(rawKey), "d0", object{"__typename": "Blob", "oid": parentSHA}), "f0", nil), fact.NotFound, "has no file"},
		{"no such file", put(listedAs("name", "olga.txt"), "f0", nil), fact.NotFound, "has no file"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.files = func(map[string]string) any { return object{"data": object{"repository": row.data}} }
			reader := f.reader(t)
			reader.Overview(t.Context())
			known := reader.Files(t.Context(), []string{keyFile})[keyFile]
			wantLost(t, known, row.reason, row.detail)
			if row.reason == fact.NotFound && lost(t, known).Fix != "Add the file to main, or correct its path in the policy." {
				t.Errorf("fix %q", lost(t, known).Fix)
			}
		})
	}
}

func TestAFile(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]int{"a file": 0o100644, "an executable file": 0o100755} {
		f := newFake(t)
		f.files = func(variables map[string]string) any {
			same(t, name+": variables", variables, map[string]string{
				"owner": "acme", "name": "shop", "d0": subjectSHA + ":.github/keys", "f0": subjectSHA + ":" + keyFile,
			})
			data := filesData(rawKey)
			entry(data)["mode"] = mode
			return object{"data": object{"repository": data}}
		}
		reader := f.reader(t)
		reader.Overview(t.Context())
		got := reader.Files(t.Context(), []string{keyFile, keyFile})
		want := fact.File{
			Path: keyFile, Commit: subjectSHA, Blob: fact.SHA(blobID(rawKey)), Text: rawKey,
			URL: "https://github.com/acme/shop/blob/" + subjectSHA + "/" + keyFile,
		}
		if len(got) != 1 {
			t.Errorf("%s: %d files", name, len(got))
		}
		same(t, name, have(t, got[keyFile]), want)
	}
}

func TestAnErrorBesideFilesCountsAgainstAll(t *testing.T) {
	t.Parallel()
	for _, path := range []array{nil, {"repository"}, {"repository", "f0"}, {"repository", "ref"}, {"elsewhere"}} {
		f := newFake(t)
		f.files = func(map[string]string) any {
			return object{"data": object{"repository": filesData(rawKey)}, "errors": array{object{"type": "FORBIDDEN", "path": path, "message": "no"}}}
		}
		reader := f.reader(t)
		reader.Overview(t.Context())
		missing := lost(t, reader.Files(t.Context(), []string{keyFile})[keyFile])
		if missing.Reason != fact.Forbidden || !strings.Contains(missing.Fix, "contents: read") {
			t.Errorf("%v: %+v", path, missing)
		}
	}
}

func TestFilesOfWhichNothingIsAsked(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	reader := f.reader(t)
	wantLost(t, reader.Files(t.Context(), []string{keyFile})[keyFile], fact.NotAsked, "")
	reader.Overview(t.Context())
	for _, path := range []string{"", "/etc/passwd", "../x", "a//b", "a/./b", "a\nb", `a"b`, "a:b", "HEAD~1:a"} {
		wantLost(t, reader.Files(t.Context(), []string{path})[path], fact.NotFound, "the path of a file")
	}
	if got := len(reader.Files(t.Context(), nil)); got != 0 || len(f.asked()) != 1 {
		t.Errorf("%d files, asked %q", got, f.asked())
	}
}

func TestManyFilesAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	server, reader := double(t)
	reader.Overview(t.Context())
	var paths []string
	for i := range 41 {
		paths = append(paths, fmt.Sprintf("keys/%d.pub", i))
	}
	files := reader.Files(t.Context(), append(paths, "keys/dave.pub", "README.md"))
	if len(files) != 43 {
		t.Fatalf("%d files", len(files))
	}
	for _, path := range paths {
		wantLost(t, files[path], fact.NotFound, path)
	}
	have(t, files["keys/dave.pub"])
	same(t, "text", have(t, files["README.md"]).Text, "hello\n")
	if got := len(server.Requests()); got != 1+3 {
		t.Errorf("%d requests", got)
	}
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}

func TestFilesThatAreNoTextAreRefused(t *testing.T) {
	t.Parallel()
	server, reader := double(t)
	reader.Overview(t.Context())
	files := reader.Files(t.Context(), []string{"keys/link", "keys/dave.gpg", "keys", "README.md/x", "keys/link/x"})
	wantLost(t, files["keys/link"], fact.Inconsistent, "symbolic link")
	wantLost(t, files["keys/dave.gpg"], fact.Incomplete, "not text")
	if fix := lost(t, files["keys/dave.gpg"]).Fix; !strings.Contains(fix, "--armor") {
		t.Errorf("fix %q", fix)
	}
	wantLost(t, files["keys"], fact.Inconsistent, "a tree")
	wantLost(t, files["README.md/x"], fact.NotFound, "has no file")
	wantLost(t, files["keys/link/x"], fact.NotFound, "has no file")
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}
