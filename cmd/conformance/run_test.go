package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const packFolder = "../../testdata/conformance"

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"nothing to judge", []string{"--pack", packFolder}, "--command PATH or --image NAME"},
		{"two things to judge", []string{"--pack", packFolder, "--command", "x", "--image", "y"}, "--command PATH or --image NAME"},
		{"a mode that there is not", []string{"--pack", packFolder, "--command", "x", "--mode", "gates"}, "one of action, gate, both"},
		{"a pattern that matches nothing", []string{"--pack", packFolder, "--command", "x", "--only", "chk"}, "matches no case"},
		{"a folder that is no pack", []string{"--pack", t.TempDir(), "--command", "x"}, "name the folder of the pack"},
		{"a word that is no flag", []string{"chk"}, "is no flag"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if _, err := run(t.Context(), row.arguments, "", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want one with %q", err, row.want)
			}
		})
	}
}

func TestRunListsWhatMatches(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if failed, err := run(t.Context(), []string{"--pack", packFolder, "--only", "chk-04", "--list"}, "", &out); err != nil || failed {
		t.Fatal(failed, err)
	}
	if got := out.String(); !strings.Contains(got, "chk/neutral ") || !strings.Contains(got, "deny ") || !strings.HasSuffix(got, "\n2 cases\n") {
		t.Errorf("got\n%s", got)
	}
}

// A program that says yes to everything and tells nobody.
func TestRunFailsABuildThatIsWrong(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "yes")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	failed, err := run(t.Context(), []string{"--pack", packFolder, "--only", "chk/neutral", "--command", program, "--mode", "both", "--json"}, os.Getenv("PATH"), &out)
	if err != nil || !failed {
		t.Fatalf("failed: %t, %v", failed, err)
	}
	var printed struct {
		Groups  []struct{ Failed int }
		Results []struct{ Case string }
	}
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil || len(printed.Groups) != 1 || printed.Groups[0].Failed != 2 || len(printed.Results) != 2 {
		t.Errorf("%v: %s", err, out.String())
	}
}
