package release_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/release"
)

const (
	someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	someImage  = "runs:\n  using: docker\n  image: docker://ghcr.io/stageward/stageward@" + someDigest + "\n"
	is120      = "package cli\n\nconst version = \"1.2.0\"\n"
	notes120   = "# Changelog\n\n## 1.2.0\n\n- It decides.\n\n## 1.1.0\n\n- It began.\n"
)

// A tree that is neither a release nor on the way to one could be tagged by
// mistake, and then run another program than it says.
func TestATreeIsAReleaseOrOnTheWayToOne(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		changes map[string]string
		wrong   string
	}{
		"an image, but no release":            {map[string]string{"action.yml": someImage}, "names an image"},
		"a release without an image":          {map[string]string{"pkg/cli/version.go": is120, "CHANGELOG.md": notes120}, "does not name its image"},
		"a release without notes":             {map[string]string{"pkg/cli/version.go": is120, "action.yml": someImage}, "no notes"},
		"a release with an empty section":     {map[string]string{"pkg/cli/version.go": is120, "action.yml": someImage, "CHANGELOG.md": "# C\n\n## 1.2.0\n\n## 1.1.0\n\n- x\n"}, "no notes"},
		"an image by its tag":                 {map[string]string{"action.yml": strings.Replace(someImage, "@"+someDigest, ":1.2.0", 1)}, "want Dockerfile or"},
		"an image of somebody else":           {map[string]string{"action.yml": strings.Replace(someImage, "ghcr.io/stageward", "ghcr.io/stagevvard", 1)}, "want Dockerfile or"},
		"an image with something behind it":   {map[string]string{"action.yml": strings.Replace(someImage, someDigest, someDigest+"0", 1)}, "want Dockerfile or"},
		"two images":                          {map[string]string{"action.yml": someImage + "  image: Dockerfile\n"}, "2 lines"},
		"no version":                          {map[string]string{"pkg/cli/version.go": "package cli\n"}, "0 lines"},
		"a version with a v":                  {map[string]string{"pkg/cli/version.go": "package cli\n\nconst version = \"v1.2.0\"\n"}, "is no version"},
		"no action":                           {map[string]string{"action.yml": ""}, "no such file"},
		"on the way":                          {},
		"a release with its image, and notes": {changes: map[string]string{"pkg/cli/version.go": is120, "action.yml": someImage, "CHANGELOG.md": notes120}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, err := checkout(t, row.changes).State()
			if row.wrong == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%+v, %v; want %q", state, err, row.wrong)
			}
		})
	}
}

// Prepare and Next are the only ways from one state to the other.
func TestAReleaseIsPreparedAndLeft(t *testing.T) {
	t.Parallel()
	tree := checkout(t, nil)
	image := func() (string, error) {
		// The digest is that of a source that has the version already.
		if text := read(t, tree, "pkg/cli/version.go"); !strings.Contains(text, `"1.2.0"`) {
			t.Errorf("the image is made of %q", text)
		}
		return someDigest, nil
	}
	if err := tree.Prepare("1.2.0", image); err != nil {
		t.Fatal(err)
	}
	if state, err := tree.State(); err != nil || state != (release.State{Version: "1.2.0", Digest: someDigest}) {
		t.Errorf("%+v, %v", state, err)
	}
	if notes, err := tree.Notes("1.2.0"); err != nil || notes != "- It decides.\n" {
		t.Errorf("notes %q, %v", notes, err)
	}
	if err := tree.Next("1.3.0-dev"); err != nil {
		t.Fatal(err)
	}
	if state, err := tree.State(); err != nil || state != (release.State{Version: "1.3.0-dev"}) {
		t.Errorf("%+v, %v", state, err)
	}
	if text := read(t, tree, "CHANGELOG.md"); !strings.HasPrefix(text, "# Changelog\n\n## Unreleased\n\n## 1.2.0\n\n- It decides.\n") {
		t.Errorf("changelog %q", text)
	}
}

func TestAReleaseIsNotPreparedFromAnything(t *testing.T) {
	t.Parallel()
	never := func() (string, error) { return "", errors.New("no image can be made") }
	for name, row := range map[string]struct{ version, wrong string }{
		"a version with a v":             {"v1.2.0", "is no version"},
		"a version of no release":        {"1.2.0-dev", "is no version"},
		"two numbers":                    {"1.2", "is no version"},
		"a build":                        {"1.2.0+1", "is no version"},
		"a lower version":                {"1.1.9", "cannot become"},
		"an image that cannot be made":   {"1.2.0", "no image"},
		"a version with a line of YAML":  {"1.2.0\n  image: x", "is no version"},
		"a version that came out before": {"0.9.0-rc.1", "cannot become"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := checkout(t, nil)
			if err := tree.Prepare(row.version, never); err == nil || !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%v, want %q", err, row.wrong)
			}
			// Half a change could neither be tagged nor prepared again.
			for _, name := range []string{"pkg/cli/version.go", "CHANGELOG.md", "action.yml"} {
				if text := read(t, tree, name); text != miniature[name] {
					t.Errorf("%s is left as %q", name, text)
				}
			}
		})
	}
	for _, version := range []string{"1.3.0", "1.1.0-dev", "dev"} {
		if err := checkout(t, nil).Next(version); err == nil {
			t.Errorf("a tree at 1.2.0-dev went on to %s", version)
		}
	}
}

// What was prepared and not released goes back, with its notes; what follows a
// pre-release is its release.
func TestAPreparedReleaseIsTakenBack(t *testing.T) {
	t.Parallel()
	image := func() (string, error) { return someDigest, nil }
	tree := checkout(t, nil)
	for _, step := range []func() error{
		func() error { return tree.Prepare("1.2.0", image) },
		func() error { return tree.Next("1.2.0-dev") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range miniature {
		if got := read(t, tree, name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	tree = checkout(t, nil)
	if err := tree.Prepare("1.2.0-rc.1", image); err != nil {
		t.Fatal(err)
	}
	if err := tree.Next("1.2.0-dev"); err != nil {
		t.Fatal(err)
	}
	if err := tree.Prepare("1.2.0", image); err == nil || !strings.Contains(err.Error(), "no notes") {
		t.Errorf("%v: want notes of what changed since", err)
	}
	if state, err := tree.State(); err != nil || state != (release.State{Version: "1.2.0-dev"}) {
		t.Errorf("%+v, %v", state, err)
	}
}

// The Go that packs a release is part of its bytes.
func TestAReleaseIsMadeByItsGo(t *testing.T) {
	t.Parallel()
	_, err := checkout(t, map[string]string{".go-version": "1.26.1\n"}).Build(t.Context(), platforms)
	if err == nil || !strings.Contains(err.Error(), "GOTOOLCHAIN=go1.26.1") {
		t.Errorf("%v", err)
	}
}

func read(t *testing.T, tree release.Tree, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tree.Root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// This tree is in one of the two states, and its file of the Go version fits go.mod.
func TestThisTreeIsInOneOfTheTwoStates(t *testing.T) {
	t.Parallel()
	here := release.Tree{Root: filepath.Join("..", "..")}
	if state, err := here.State(); err != nil {
		t.Errorf("%+v: %v", state, err)
	}
	version, err := here.GoVersion()
	if err != nil || !strings.HasPrefix(version, "1.26.") {
		t.Errorf("%q, %v: want a patch release of the Go in go.mod", version, err)
	}
}
