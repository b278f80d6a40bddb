package release_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stageward/stageward/pkg/release"
)

var goVersion = strings.TrimPrefix(runtime.Version(), "go")

// miniature is a checkout of a program that is compiled in no time, as it is
// between releases.
var miniature = map[string]string{
	"go.mod":                     "module github.com/stageward/stageward\n\ngo 1.26.0\n",
	".go-version":                goVersion + "\n",
	"cmd/stageward/main.go":      "package main\n\nimport \"github.com/stageward/stageward/pkg/cli\"\n\nfunc main() { println(cli.Version()) }\n",
	"pkg/cli/cli.go":             "package cli\n\nfunc Version() string { return version }\n",
	"pkg/cli/version.go":         "package cli\n\nconst version = \"1.2.0-dev\"\n",
	"pkg/internal/roots/main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Print(\"-----BEGIN CERTIFICATE-----\\n\") }\n",
	".ci/compile":                "#!/bin/sh\nCGO_ENABLED=0 exec go build -trimpath -buildvcs=false -ldflags '-s -w' -o \"$1\" ./cmd/stageward\n",
	"action.yml":                 "runs:\n  using: docker\n  image: Dockerfile\n",
	"CHANGELOG.md":               "# Changelog\n\n## Unreleased\n\n- It decides.\n\n## 1.1.0\n\n- It began.\n",
	"LICENSE":                    "MIT\n",
}

// checkout writes the miniature with changes, by path; "" leaves a file out.
func checkout(t *testing.T, changes map[string]string) release.Tree {
	t.Helper()
	root := t.TempDir()
	if err := lay(root, changes); err != nil {
		t.Fatal(err)
	}
	return release.Tree{Root: root, Env: os.Environ()}
}

func lay(root string, changes map[string]string) error {
	files := maps.Clone(miniature)
	maps.Copy(files, changes)
	for name, text := range files {
		path := filepath.Join(root, name)
		if text == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			return err
		}
	}
	return nil
}

var platforms = []string{"linux/amd64", "linux/arm64", "windows/amd64"}

// theRelease is the release of the miniature, anotherRelease one of a source that
// differs a little. Both are made once: compiling is what these tests cost.
var (
	theRelease     = sync.OnceValues(func() (release.Release, error) { return buildOnce(nil) })
	anotherRelease = sync.OnceValues(func() (release.Release, error) {
		return buildOnce(map[string]string{"pkg/cli/cli.go": "package cli\n\nfunc Version() string { return version + \"!\" }\n"})
	})
)

func buildOnce(changes map[string]string) (release.Release, error) {
	root, err := os.MkdirTemp("", "stageward-release-test-")
	if err != nil {
		return release.Release{}, err
	}
	defer os.RemoveAll(root)
	if err := lay(root, changes); err != nil {
		return release.Release{}, err
	}
	return release.Tree{Root: root, Env: os.Environ()}.Build(context.Background(), platforms)
}

func have(t *testing.T, made func() (release.Release, error)) release.Release {
	t.Helper()
	got, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// list writes the sums anew, as whoever changes an asset would.
func list(assets release.Assets) {
	var text bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(assets)) {
		if name != "checksums.txt" {
			fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(assets[name]), name)
		}
	}
	assets["checksums.txt"] = text.Bytes()
}
