package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The demo checks its own scenes; this makes sure that what the README says
// about it stays true.
func TestTheDemoPlays(t *testing.T) {
	t.Parallel()
	keep := t.TempDir()
	var out strings.Builder
	if err := run(t.Context(), []string{"-keep", keep}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for file, want := range map[string]string{
		"1-summary.md": "may go to dev", "2-summary.md": "may go to staging", "3-summary.md": "may go to prod",
		"4-summary.md": "signed-tag", "5-summary.md": "on-branch", "6-summary.md": "hotfix",
		"7-summary.md": "unknown-key", "8-summary.md": "may go to prod", "9-summary.md": "version-increases",
		"12-summary.md": "may not yet go to prod",
	} {
		summary, err := os.ReadFile(filepath.Join(keep, file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(summary), want) {
			t.Errorf("%s does not say %q:\n%s", file, want, summary)
		}
	}
	outputs, err := os.ReadFile(filepath.Join(keep, "4-outputs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(outputs); strings.Contains(text, "\ntrue\n") && !strings.Contains(text, "false") {
		t.Errorf("a refusal has the outputs:\n%s", text)
	}
}

// What docs/pictures show has to be what the demo writes.
func TestThePicturesAreOfTheDemo(t *testing.T) {
	t.Parallel()
	keep := t.TempDir()
	if err := run(t.Context(), []string{"-keep", keep}, io.Discard); err != nil {
		t.Fatal(err)
	}
	checkPictures(t, keep)
}

// maxPicture is the size of a picture in bytes: everybody who clones the repository
// gets them all.
const maxPicture = 120_000

// checkPictures compares by the hash of the Markdown that a picture was made from, so
// it needs no browser.
func checkPictures(t *testing.T, keep string) {
	t.Helper()
	folder := filepath.Join("..", "..", "docs", "pictures")
	table, err := os.ReadFile(filepath.Join(folder, "sources.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	expected := []string{"sources.tsv"}
	for _, row := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		cells := strings.Split(row, "\t")
		if len(cells) != 3 {
			t.Fatalf("sources.tsv: %q has %d cells, want 3", row, len(cells))
		}
		summary, err := os.ReadFile(filepath.Join(keep, cells[1]))
		if err != nil {
			t.Fatal(err)
		}
		shown := regexp.MustCompile(`https://127\.0\.0\.1:\d+`).ReplaceAll(summary, []byte("https://github.com"))
		if got := fmt.Sprintf("%x", sha256.Sum256(shown)); got != cells[2] {
			t.Errorf("the pictures %s in docs/pictures are of an older %s than the demo writes now (sha256 %s); run `make pictures`, and look at them", cells[0], cells[1], got)
		}
		expected = append(expected, cells[0]+".dark.png", cells[0]+".light.png")
	}
	var found []string
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		found = append(found, file.Name())
		if strings.HasSuffix(file.Name(), ".png") {
			checkPicture(t, filepath.Join(folder, file.Name()))
		}
	}
	if slices.Sort(expected); !slices.Equal(found, expected) {
		t.Errorf("docs/pictures has %q, want %q; run `make pictures`", found, expected)
	}
}

func checkPicture(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width < 600 || size.Height < 300 {
		t.Errorf("%s is %d x %d (%v)", path, size.Width, size.Height, err)
	}
	if len(data) > maxPicture {
		t.Errorf("%s has %d bytes, want at most %d", path, len(data), maxPicture)
	}
}
