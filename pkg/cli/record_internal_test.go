package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
)

// GitHub refuses a description of more than 140 characters, and shows it to people.
func TestTheDescriptionOfARecord(t *testing.T) {
	t.Parallel()
	const sha = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
	long := strings.Repeat("ä", 300)
	for _, row := range []struct {
		name  string
		ref   fact.Ref
		stage string
		run   int64
		want  string
	}{
		{"a tag", "refs/tags/v1.2.3", "prod", 9001, "Stageward: v1.2.3 to prod, run 9001"},
		{"a branch", "refs/heads/main", "staging", 9001, "Stageward: main (f95f852) to staging, run 9001"},
		{"a name that turns text around", "refs/heads/a\u202eb", "dev", 1, `Stageward: a\u{202e}b (f95f852) to dev, run 1`},
		{"long names", fact.BranchRef(long), long, 1<<63 - 1, "Stageward: " + long[:78] + "… (f95f852) to " + long[:78] + "…, run 9223372036854775807"},
	} {
		got := describe(report.Receipt{Ref: row.ref, SHA: sha, Stage: row.stage, RunID: row.run})
		if got != row.want || utf8.RuneCountInString(got) > 140 {
			t.Errorf("%s: %q with %d characters, want %q", row.name, got, utf8.RuneCountInString(got), row.want)
		}
	}
}

func TestExitCodesOfARecord(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"recorded": 0, "record.expired": 1, "record.environment-job": 1, "input.invalid": 2, "runner.invalid": 2, "api.unauthorized": 2,
		"api.forbidden": 3, "api.inconsistent": 3, "run.cancelled": 3, "": 3, "ready": 3,
	} {
		if got := recordExit(code); got != want {
			t.Errorf("%q ends with %d, want %d", code, got, want)
		}
	}
}
