package github_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

func TestThePolicyIsProvenThereOrProvenAbsent(t *testing.T) {
	t.Parallel()
	const (
		directory = "repository.policyDirectory"
		file      = "repository.policyFile"
		root      = "repository.defaultBranchRef.target.tree"
	)
	entry := func(mode int, kind string) array {
		return array{object{"name": "stageward.yml", "type": kind, "mode": mode, "oid": blobID(policyText)}}
	}
	readme := array{object{"name": "README.md", "type": "blob", "mode": 33188, "oid": parentSHA}}
	rows := []struct {
		name    string
		changes []any
		why     fact.Reason // "" for a known fact
		detail  string
		exists  bool
	}{
		{"no root tree", []any{root, nil, file, nil, directory, nil}, fact.Incomplete, "does not list the root", false},
		{"root entries null", []any{root + ".entries", nil, file, nil, directory, nil}, fact.Incomplete, "does not list the root", false},
		{"a null root entry", []any{root + ".entries", array{nil}, file, nil, directory, nil}, fact.Incomplete, "does not list the root", false},
		{"a root list that is empty though the tree is not", []any{root + ".entries", array{}, file, nil, directory, nil}, fact.Incomplete, "lists nothing", false},
		{"no policyFile field", []any{file, absent}, fact.Incomplete, "leaves the policy file out", false},
		{"no policyDirectory field", []any{directory, absent}, fact.Incomplete, "leaves the policy file out", false},
		{"directory null although it is listed", []any{directory, nil, file, nil}, fact.Incomplete, "does not list the directory", false},
		{"directory entries null", []any{directory + ".entries", nil, file, nil}, fact.Incomplete, "does not list .github", false},
		{"a directory list that is empty though the tree is not", []any{directory + ".entries", array{}, file, nil}, fact.Incomplete, "lists nothing", false},
		{"file null although it is listed", []any{file, nil}, fact.Incomplete, "was not returned", false},
		{"a truncated file", []any{file + ".isTruncated", true}, fact.Incomplete, "did not arrive whole", false},
		{"a binary file", []any{file + ".isBinary", true}, fact.Incomplete, "did not arrive whole", false},
		{"a file that may be binary", []any{file + ".isBinary", nil}, fact.Incomplete, "did not arrive whole", false},
		{"a file without text", []any{file + ".text", nil}, fact.Incomplete, "did not arrive whole", false},
		{"a text that is not the object's", []any{file + ".text", "version: 1\n"}, fact.Incomplete, "is not that of object", false},
		{"a symbolic link", []any{directory + ".entries", entry(40960, "blob")}, fact.Inconsistent, "is a symbolic link", false},
		{"a submodule in its place", []any{directory + ".entries", entry(57344, "commit")}, fact.Inconsistent, "must be a regular file", false},
		{"a directory in its place", []any{directory + ".entries", entry(16384, "tree")}, fact.Inconsistent, "must be a regular file", false},
		{"an entry without a mode", []any{directory + ".entries", entry(0, "blob")}, fact.Inconsistent, "must be a regular file", false},
		{"a file called .github", []any{root + ".entries", array{object{"name": ".github", "type": "blob", "oid": dirTree}}, directory, nil, file, nil}, fact.Inconsistent, "not a directory", false},
		{"a race: the directory is of another commit", []any{directory + ".oid", rootTree}, fact.Inconsistent, ".github is listed as", false},
		{"a race: the file is of another commit", []any{file + ".oid", parentSHA}, fact.Inconsistent, "is listed as", false},
		{"a race: a directory that is not listed", []any{root + ".entries", readme}, fact.Inconsistent, "is not listed, but", false},
		{"a race: a file that is not listed", []any{directory + ".entries", readme}, fact.Inconsistent, "is not listed, but", false},
		{"a race: a tree in place of the file", []any{file + ".__typename", "Tree"}, fact.Inconsistent, "returned as a Tree", false},
		{"an empty directory", []any{root + ".entries", array{object{"name": ".github", "type": "tree", "oid": emptyTree}}, directory, object{"oid": emptyTree, "entries": array{}}, file, nil}, "", "", false},
		{"an empty root", []any{root, object{"oid": emptyTree, "entries": array{}}, directory, nil, file, nil}, "", "", false},
		{"a name in other letters is another name", []any{directory + ".entries", array{object{"name": "Stageward.yml", "type": "blob", "mode": 33188, "oid": parentSHA}}, file, nil}, "", "", false},
		{"no directory", []any{root + ".entries", readme, directory, nil, file, nil}, "", "", false},
		{"no file", []any{directory + ".entries", readme, file, nil}, "", "", false},
		{"an executable file", []any{directory + ".entries", entry(33261, "blob")}, "", "", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData(row.changes...)
			known := f.reader(t).Overview(t.Context()).Policy
			if row.why != "" {
				wantLost(t, known, row.why, row.detail)
			} else if got := have(t, known); got.Exists != row.exists {
				t.Errorf("exists %v, want %v", got.Exists, row.exists)
			}
			wantAsked := 1
			if strings.HasPrefix(row.name, "a race") {
				wantAsked = 2
			}
			if got := len(f.asked()); got != wantAsked {
				t.Errorf("%d requests, want %d", got, wantAsked)
			}
		})
	}
}

func TestAPolicyThatIsPushedMeanwhileIsReadAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	torn := object{"data": put(overviewData(), "repository.policyFile.oid", parentSHA)}
	f.handle = func(w http.ResponseWriter, _ *http.Request) bool {
		if len(f.asked()) > 1 {
			return false
		}
		show(w, http.StatusOK, torn)
		return true
	}
	if got := have(t, f.reader(t).Overview(t.Context()).Policy); got.Text != policyText {
		t.Errorf("text %q", got.Text)
	}
	if got := len(f.asked()); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}

func TestThePolicyMayLieAnywhereInTheRepository(t *testing.T) {
	t.Parallel()
	file := object{"name": "stageward.yml", "type": "blob", "mode": 33188, "oid": blobID(policyText)}
	folder := func(name, oid string) object { return object{"name": name, "type": "tree", "oid": oid} }
	rows := []struct {
		name, path, directory string // directory: what is asked for
		root                  array
		list                  any
		why                   fact.Reason
		exists                bool
	}{
		{"the root, listed twice, differs", "stageward.yml", "HEAD:", array{file}, object{"oid": dirTree, "entries": array{file}}, fact.Inconsistent, false},
		{"a deep directory that is null is not proven absent", "a/b/stageward.yml", "HEAD:a/b", array{folder("a", dirTree)}, nil, fact.Incomplete, false},
		{"a deep directory below a file", "a/b/stageward.yml", "HEAD:a/b", array{object{"name": "a", "type": "blob", "oid": dirTree}}, nil, fact.Inconsistent, false},
		{"a deep directory whose first part is not listed", "a/b/stageward.yml", "HEAD:a/b", array{folder("z", dirTree)}, nil, "", false},
		{"a deep directory", "a/b/stageward.yml", "HEAD:a/b", array{folder("a", parentSHA)}, object{"oid": dirTree, "entries": array{file}}, "", true},
		{"the root", "stageward.yml", "HEAD:", array{file}, object{"oid": rootTree, "entries": array{file}}, "", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData("repository.defaultBranchRef.target.tree.entries", row.root, "repository.policyDirectory", row.list)
			if !row.exists && row.why != fact.Inconsistent {
				f.withData("repository.defaultBranchRef.target.tree.entries", row.root, "repository.policyDirectory", row.list, "repository.policyFile", nil)
			}
			var asked struct{ Variables map[string]string }
			f.handle = tee(&asked)
			reader, err := github.NewReader(f.config(), subjectOf("refs/heads/main"), row.path)
			if err != nil {
				t.Fatal(err)
			}
			known := reader.Overview(t.Context()).Policy
			got, _ := known.Get()
			if reason(known) != row.why || got.Exists != row.exists {
				t.Errorf("got %+v %q", got, reason(known))
			}
			if asked.Variables["policyDirectory"] != row.directory || asked.Variables["policyFile"] != "HEAD:"+row.path {
				t.Errorf("asked for %q", asked.Variables)
			}
		})
	}
}

func TestFilesThatAPersonMayHaveMeantAreNamed(t *testing.T) {
	t.Parallel()
	const (
		directory = "repository.policyDirectory"
		root      = "repository.defaultBranchRef.target.tree.entries"
	)
	files := func(names ...string) array {
		entries := array{}
		for _, name := range names {
			entries = append(entries, object{"name": name, "type": "blob", "mode": 33188, "oid": parentSHA})
		}
		return entries
	}
	folder := object{"name": ".github", "type": "tree", "oid": dirTree}
	odd := array{
		object{"name": "stageward.yaml", "type": "tree", "mode": 16384, "oid": parentSHA},
		object{"name": "stageward.yml.yml", "type": "blob", "mode": 33188, "oid": parentSHA},
		object{"name": "stageward", "type": "blob", "mode": 33188, "oid": parentSHA},
		object{"name": "stageward.json", "type": "blob", "mode": 33188, "oid": parentSHA},
		object{"name": "my-stageward.yml", "type": "blob", "mode": 33188, "oid": parentSHA},
	}
	rows := []struct {
		name       string
		root, list array
		path       string
		want       []string
	}{
		{"other names, and folders", append(array{folder}, odd...), odd, policyPath, nil},
		{"none", array{folder}, files("CODEOWNERS"), policyPath, nil},
		{
			"in the directory and at the root", append(files("stageward.yml", "StageWard.YAML"), folder), files("stageward.yaml", "Stageward.yml", "STAGEWARD.YML"), policyPath,
			[]string{".github/STAGEWARD.YML", ".github/Stageward.yml", ".github/stageward.yaml", "StageWard.YAML", "stageward.yml"},
		},
		{"no directory", files("stageward.yml"), nil, policyPath, []string{"stageward.yml"}},
		{"a policy at the root", files("stageward.yaml"), nil, "stageward.yml", []string{"stageward.yaml"}},
		{"a policy of another name", append(files("gates.yml"), folder), files("Gates.yaml", "stageward.yaml"), ".github/gates.yml", []string{".github/Gates.yaml", "gates.yml"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t).withData(root, row.root, "repository.policyFile", nil)
			switch {
			case row.list != nil:
				f.withData(root, row.root, "repository.policyFile", nil, directory+".entries", row.list)
			case row.path == policyPath:
				f.withData(root, row.root, "repository.policyFile", nil, directory, nil)
			default:
				f.withData(root, row.root, "repository.policyFile", nil, directory, object{"oid": rootTree, "entries": row.root})
			}
			reader, err := github.NewReader(f.config(), subjectOf("refs/heads/main"), row.path)
			if err != nil {
				t.Fatal(err)
			}
			got := have(t, reader.Overview(t.Context()).Policy)
			if got.Exists {
				t.Error("there is a policy")
			}
			same(t, "similar", got.Similar, row.want)
		})
	}
}
