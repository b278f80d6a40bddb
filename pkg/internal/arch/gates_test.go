package arch_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gate"
)

// githubsWord is the id of a gate and also what GitHub calls a review.
const githubsWord = "approved"

// A gate is its own files. No other code names it, so that adding one edits
// nothing: there is no list to forget.
func TestNoCodeNamesAGateButItsOwn(t *testing.T) {
	t.Parallel()
	code := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "pkg"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		code[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range gate.All() {
		own := strings.ReplaceAll(each.ID, "-", "_") + ".go"
		found := false
		for path, text := range code {
			switch {
			case filepath.Base(path) == own:
				found = strings.Contains(text, `"`+each.ID+`"`)
			case each.ID == githubsWord: // cannot be told from GitHub's
			case strings.Contains(text, `"`+each.ID+`"`):
				t.Errorf("%s names the gate %q", path, each.ID)
			}
		}
		if !found {
			t.Errorf("the gate %q is not in a file %s", each.ID, own)
		}
	}
}

// Each gate is met by a user in a story of its own.
func TestEveryGateHasAStory(t *testing.T) {
	t.Parallel()
	for _, each := range gate.All() {
		story := readText(t, filepath.Join("testdata", "script", "gate-"+each.ID+".txtar"))
		for _, want := range []string{"output reason-code " + each.ID + ".", "act 0"} {
			if !strings.Contains(story, want) {
				t.Errorf("the story of %s has no line with %q", each.ID, want)
			}
		}
	}
}
