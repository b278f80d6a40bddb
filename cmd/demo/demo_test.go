package main

import (
	"os"
	"path/filepath"
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
