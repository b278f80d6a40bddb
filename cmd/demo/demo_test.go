package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
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

// The README quotes the beginning of a summary. It has to be one.
func TestTheReadmeQuotesTheDemo(t *testing.T) {
	t.Parallel()
	keep := t.TempDir()
	if err := run(t.Context(), []string{"-keep", keep}, io.Discard); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var quote strings.Builder
	for line := range strings.Lines(string(readme)) {
		if text, quoted := strings.CutPrefix(line, ">"); quoted {
			quote.WriteString(text)
		}
	}
	summary, err := os.ReadFile(filepath.Join(keep, "4-summary.md"))
	if err != nil {
		t.Fatal(err)
	}
	want, got := words(quote.String()), words(string(summary))
	if want == "" || !strings.HasPrefix(got, want) {
		t.Errorf("the README quotes\n%s\nthe demo writes\n%s", want, got)
	}
}

// words is a summary without links, evidence and line breaks.
func words(markdown string) string {
	markdown = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(markdown, "$1")
	markdown = regexp.MustCompile(`<br>See: .*? \|\n`).ReplaceAllString(markdown, " |\n")
	markdown = regexp.MustCompile(`(?m)^ *- \*\*See:\*\* .*\n`).ReplaceAllString(markdown, "")
	var kept []string
	for line := range strings.Lines(markdown) {
		kept = append(kept, strings.Fields(line)...)
	}
	return strings.Join(kept, " ")
}
