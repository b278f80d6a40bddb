package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/scaffold"
	"github.com/stageward/stageward/pkg/workflow"
)

// What of a failed attempt can be taken back is, and what was there before stays.
func TestAFailedAttemptLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before map[string]string
		files  []scaffold.File
	}{
		"the second file is in the way of its folder": {nil, []scaffold.File{{Path: "a/b/one", Content: "1"}, {Path: "a/b/one/two", Content: "2"}}},
		"the second file came in between":             {map[string]string{"a/two": "old"}, []scaffold.File{{Path: "a/b/one", Content: "1"}, {Path: "a/two", Content: "2"}}},
		"the name of a file is too long":              {map[string]string{"a/x": "old"}, []scaffold.File{{Path: "a/one", Content: "1"}, {Path: "a/" + strings.Repeat("n", 300), Content: "2"}}},
	} {
		folder := t.TempDir()
		for path, text := range row.before {
			write(t, filepath.Join(folder, path), text)
		}
		root, err := os.OpenRoot(folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := writeAll(root, row.files); err == nil || !strings.HasPrefix(err.Error(), "nothing was written: ") {
			t.Errorf("%s: error is %v", name, err)
		}
		if err := root.Close(); err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, each := range filesBelow(t, folder) {
			found[each] = read(t, filepath.Join(folder, each))
		}
		if len(found) != len(row.before) {
			t.Errorf("%s: left are %v", name, found)
		}
		for path, text := range row.before {
			if found[path] != text {
				t.Errorf("%s: %s is now %q", name, path, found[path])
			}
		}
		if _, err := os.Stat(filepath.Join(folder, "a", "b")); err == nil {
			t.Errorf("%s: a new folder is left", name)
		}
	}
}

// What cannot be taken back is said by name.
func TestWhatIsLeftIsSaid(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	write(t, filepath.Join(folder, "made", "foreign"), "somebody else's")
	err = takeBack(root, []string{"made"}, os.ErrDeadlineExceeded)
	if err == nil || !strings.Contains(err.Error(), "has to be removed: made") {
		t.Errorf("error is %v", err)
	}
}

// The workflows allow what every policy needs that is written beside them.
func TestTheWorkflowsHaveThePermissionsOfThePolicy(t *testing.T) {
	t.Parallel()
	for _, preset := range scaffold.Presets() {
		for _, solo := range []bool{false, true} {
			answers := scaffold.Answers{Preset: preset, Solo: solo, Repository: "acme/shop", DefaultBranch: "main", Checks: []scaffold.Check{{Name: "tests", Workflow: ".github/workflows/ci.yml"}}}
			files := map[string]string{}
			for _, each := range scaffold.Files(answers) {
				files[each.Path] = each.Content
			}
			rules, err := policy.Parse(scaffold.PolicyPath, []byte(files[scaffold.PolicyPath]), gate.All())
			if err != nil {
				t.Fatal(err)
			}
			for path, id := range map[string][]string{scaffold.DeployPath: {"gate", "deploy"}, scaffold.GatedPath: {"deploy"}} {
				read, err := workflow.Parse([]byte(files[path]))
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range id {
					job, _ := read.Job(name)
					checkAllowed(t, preset+" "+path+" "+name, job.Permissions.Scopes, policy.PermissionUses(rules.Stages))
				}
			}
		}
	}
}

func checkAllowed(t *testing.T, where string, allowed workflow.Entries, needed map[string][]string) {
	t.Helper()
	var given []string
	for _, each := range allowed {
		given = append(given, each.Key+": "+each.Value)
		if each.Value != "read" && each.Key != "id-token" {
			t.Errorf("%s may %s: %s", where, each.Key, each.Value)
		}
	}
	for permission, gates := range needed {
		if !slices.Contains(given, permission) {
			t.Errorf("%s is not allowed %q, which %q need", where, permission, gates)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func filesBelow(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			relative, wrong := filepath.Rel(folder, path)
			files = append(files, relative)
			return wrong
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
