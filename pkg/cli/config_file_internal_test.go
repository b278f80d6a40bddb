package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stageward/stageward/pkg/verdict"
)

// Something else on the machine may put a link there after the earlier file went.
func TestAConfigFileIsWrittenOnlyWhereNothingIs(t *testing.T) {
	t.Parallel()
	const before = "BEFORE=1\n"
	result := verdict.Verdict{Stage: &verdict.Stage{Config: json.RawMessage(`{"debug":true}`)}}
	for name, put := range map[string]func(target, path string) error{
		"a link to a file":     os.Symlink,
		"a second name of one": os.Link,
		"a file":               func(_, path string) error { return os.WriteFile(path, []byte(before), 0o600) },
		"a link to nothing":    func(_, path string) error { return os.Symlink("nowhere.env", path) },
		"an empty folder":      func(_, path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := t.TempDir()
			target, path := filepath.Join(workspace, "target.env"), filepath.Join(workspace, "stage.env")
			if err := os.WriteFile(target, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := put(target, path); err != nil {
				t.Fatal(err)
			}
			file := configFile{workspace: workspace, path: "stage.env"}
			if err := file.write(result); err == nil {
				t.Error("it was written")
			}
			if data, err := os.ReadFile(target); err != nil || string(data) != before {
				t.Errorf("the other file is %q, %v", data, err)
			}
			_, err := os.Lstat(filepath.Join(workspace, "nowhere.env"))
			if !os.IsNotExist(err) {
				t.Errorf("the link was followed: %v", err)
			}
		})
	}
}

// A folder is nothing that a step left there, also where it is empty.
func TestAFolderIsNotRemoved(t *testing.T) {
	t.Parallel()
	workspace := t.TempDir()
	if err := os.Mkdir(filepath.Join(workspace, "stage.env"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := (configFile{workspace: workspace, path: "stage.env"}).remove(); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(filepath.Join(workspace, "stage.env")); err != nil {
		t.Error(err)
	}
}
