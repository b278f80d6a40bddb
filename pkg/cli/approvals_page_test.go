package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/stageward/stageward/pkg/githubtest"
)

const (
	approvalsPage  = "../../docs/approvals.md"
	approvalsStory = "../../testdata/script/approvals-release.txtar"
)

// The release that docs/approvals.md tells is the story of approvals-release.
// Below a mark like "<!-- log: early -->" the page shows what is printed then,
// or the summary; with -update it is written anew.
func TestThePageOfApprovalsShowsWhatHappens(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(approvalsPage)
	if err != nil {
		t.Fatal(err)
	}
	got := string(page)
	for _, row := range []struct {
		part   string // file of the story
		code   int
		shows  func(string) string // what of the log is shown
		opened bool                // the summary is shown, too
	}{
		{"early", 1, undecorated, true},
		{"no", 1, undecorated, false},
		{"all", 0, undecorated, true},
	} {
		log, summary := playRelease(t, row.part, row.code)
		got = shown(t, got, "log: "+row.part, "console", row.shows(log))
		if row.opened {
			got = shown(t, got, "summary: "+row.part, "markdown", summary)
		}
	}
	if *update {
		if err := os.WriteFile(approvalsPage, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(page), got); diff != "" && !*update {
		t.Errorf("%s shows something else than happens; go test ./pkg/cli -run PageOfApprovals -update writes it (-page +happens):\n%s", approvalsPage, diff)
	}
}

// playRelease runs the action in a part of the story.
func playRelease(t *testing.T, part string, code int) (log, summary string) {
	t.Helper()
	archive, err := txtar.ParseFile(approvalsStory)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, each := range archive.Files {
		files[each.Name] = each.Data
	}
	world, err := githubtest.ParseWorld(append(bytes.Clone(files["world.yml"]), files[part+".yml"]...))
	if err != nil {
		t.Fatal(err)
	}
	transport, env := stand(t, world, githubtest.Event{Ref: "refs/tags/v1.4.0", Actor: "olga"})
	env["INPUT_PEOPLE-TOKEN"] = transport.server.PeopleToken()
	var out bytes.Buffer
	if got := runAction(t.Context(), transport, env, &out); got != code {
		t.Fatalf("%s: exit code %d, want %d\n%s", part, got, code, &out)
	}
	text, err := os.ReadFile(filepath.Clean(env["GITHUB_STEP_SUMMARY"]))
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), string(text)
}

// undecorated is the log as people read it, without the prefix of its lines and
// without the commands to the runner, up to what is said of the run itself.
func undecorated(log string) string {
	var kept strings.Builder
	for line := range strings.Lines(log) {
		text, ours := strings.CutPrefix(line, "|")
		if !ours {
			continue
		}
		text = strings.TrimPrefix(text, " ")
		if text == "Run\n" {
			break
		}
		kept.WriteString(text)
	}
	return strings.TrimRight(kept.String(), "\n")
}

// shown puts a text into the fenced block below a mark.
func shown(t *testing.T, page, mark, language, text string) string {
	t.Helper()
	const fence = "````"
	open := "<!-- " + mark + " -->\n" + fence + language + "\n"
	before, rest, found := strings.Cut(page, open)
	_, after, closed := strings.Cut(rest, "\n"+fence+"\n")
	if !found || !closed || strings.Contains(rest, open) {
		t.Fatalf("%s has no block %q once", approvalsPage, open)
	}
	return before + open + strings.TrimRight(text, "\n") + "\n" + fence + "\n" + after
}
