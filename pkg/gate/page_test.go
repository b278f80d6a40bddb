package gate_test

import (
	"archive/zip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gate"
)

var update = flag.Bool("update", false, "pack the pages anew")

// The pages that the program has are those of this folder, and nothing else is in
// the archive. Its bytes may differ: they depend on who compressed it.
func TestThePagesArePacked(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.md")
	if err != nil || len(names) != len(gate.All()) {
		t.Fatalf("%d pages of %d gates (%v)", len(names), len(gate.All()), err)
	}
	want := map[string]string{}
	for _, name := range names {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want[name] = string(page)
	}
	if *update && !cmp.Equal(want, packed(t)) {
		pack(t, names, want)
	}
	if diff := cmp.Diff(want, packed(t)); diff != "" {
		t.Errorf("pages.zip does not hold the pages as they are; run go generate ./pkg/gate (-pages +archive):\n%s", diff)
	}
}

// packed returns what the archive holds; nothing where it is none.
func packed(t *testing.T) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader("pages.zip")
	if err != nil {
		return nil
	}
	defer func() { _ = archive.Close() }() // it was only read
	pages := map[string]string{}
	for _, file := range archive.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		pages[file.Name] = string(page)
	}
	return pages
}

// pack writes the archive, without times: the same pages give the same bytes.
func pack(t *testing.T, names []string, pages map[string]string) {
	t.Helper()
	out, err := os.Create("pages.zip")
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(out)
	for _, name := range names {
		file, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(file, pages[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
