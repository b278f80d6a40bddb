package actions_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stageward/stageward/pkg/actions"
)

func summary(path string) actions.Summary {
	return actions.NewSummary(vars{"GITHUB_STEP_SUMMARY": path}.env)
}

func TestASummaryThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path string
		want       error
	}{
		{"unset", "", nil},
		{"a directory", t.TempDir(), syscall.EISDIR},
		{"a file that the runner did not make", filepath.Join(t.TempDir(), "gone"), os.ErrNotExist},
		{"a full disk", "/dev/full", syscall.ENOSPC},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := summary(test.path).Append("text")
			if err == nil || !strings.Contains(err.Error(), "write job summary") {
				t.Fatalf("Append returns %v", err)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Append returns %v, want %v", err, test.want)
			}
		})
	}
}

func TestASummaryIsAddedToWhatIsThere(t *testing.T) {
	t.Parallel()
	path := newFile(t, "earlier\n")
	for _, text := range []string{"# Deny", "more\n"} {
		if err := summary(path).Append(text); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := readBack(t, path), "earlier\n# Deny\nmore\n"; got != want {
		t.Errorf("summary is %q, want %q", got, want)
	}
}

func TestASummaryThatTheRunnerWouldDropIsNotWritten(t *testing.T) {
	t.Parallel()
	const earlier = "earlier\n"
	room := actions.MaxSummary - len(earlier)
	path := newFile(t, earlier)
	if err := summary(path).Append(strings.Repeat("x", room)); err == nil { // its line end is too much
		t.Error("Append accepts a summary that is too long")
	}
	if got := readBack(t, path); got != earlier {
		t.Errorf("summary is %d bytes long after an error", len(got))
	}
	if err := summary(path).Append(strings.Repeat("x", room-1)); err != nil {
		t.Errorf("Append refuses a summary that just fits: %v", err)
	}
	if actions.MaxSummary >= 1<<20 {
		t.Error("MaxSummary leaves no margin below the runner's limit")
	}
}
