package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/internal/gittest"
)

// verifyNow is when the tests of "stageward verify" take place.
func verifyNow() time.Time { return gittest.Signed.AddDate(0, 1, 0) }

// verified is what a run of "stageward verify" did.
type verified struct {
	code           int
	stdout, stderr string
}

// verify runs "stageward verify" in a clone.
func verify(ctx context.Context, clone gittest.Clone, args ...string) verified {
	var out, said bytes.Buffer
	code := cli.Main(ctx, append([]string{"verify", "--dir", clone.Folder}, args...), cli.System{
		Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &said, Now: verifyNow,
	})
	return verified{code: code, stdout: out.String(), stderr: said.String()}
}

// signersFile writes what stands in a file for --signers.
func signersFile(tb testing.TB, texts ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "signers")
	if err := os.WriteFile(path, []byte(strings.Join(texts, "")), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// hostile is text that would do something on a terminal, in a log of GitHub
// Actions, or to the eye.
const hostile = "\x1b[31mred\x07 \u202eevil\u200b ##[error]x ::set-output::\r\xff"

// shop is a history with a commit for each way to be shown.
func shop(t *testing.T) (clone gittest.Clone, signers string) {
	t.Helper()
	clone = gittest.New(t)
	olga, eve := gittest.SSH(t, "olga@acme.example"), gittest.SSH(t, "eve@example.org")
	tip := clone.Store(t, gittest.Commit{Subject: "start", Signer: &olga}.Object(t))
	clone.Point(t, "refs/heads/start", tip)
	for _, commit := range []gittest.Commit{
		{Subject: "good", Signer: &olga},
		{Subject: "unsigned"},
		{Subject: "not listed", Signer: &eve},
		{Subject: "unfit", Signer: &olga, Header: "encoding UTF-7\n"},
		{Subject: hostile, Signer: &olga},
		{Subject: strings.Repeat("long ", 100), Signer: &olga},
	} {
		commit.Parents = []string{tip}
		tip = clone.Store(t, commit.Object(t))
	}
	clone.Point(t, "refs/heads/main", tip)
	return clone, signersFile(t, olga.Public)
}

// The JSON is an interface. Fields may be added; none may go or change.
func TestVerifyPrintsStableJSON(t *testing.T) {
	t.Parallel()
	clone, signers := shop(t)
	got := verify(t.Context(), clone, "start..main", "--signers", signers, "--json")
	if got.code != 1 || got.stderr != "" {
		t.Fatalf("exit code %d, %s", got.code, got.stderr)
	}
	text := strings.ReplaceAll(got.stdout, signers, "SIGNERS")
	golden := filepath.Join("testdata", "verify.jsonl")
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("the JSON changed (-want +got):\n%s", diff)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "verify.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		for name := range fields {
			if !strings.Contains(string(page), "| `"+name+"` |") {
				t.Errorf("docs/verify.md does not describe the field %q", name)
			}
		}
	}
}

// Whatever a person puts into a commit is only ever read.
func TestVerifyShowsHostileTextInert(t *testing.T) {
	t.Parallel()
	clone, signers := shop(t)
	for _, format := range [][]string{nil, {"--json"}} {
		got := verify(t.Context(), clone, append(format, "start..main", "--signers", signers)...)
		if got.code != 1 || !strings.Contains(got.stdout, "red") {
			t.Fatalf("exit code %d, %s", got.code, got.stdout)
		}
		for line := range strings.Lines(got.stdout) {
			line = strings.TrimSuffix(line, "\n")
			if strings.Contains(line, "##[") || strings.ContainsFunc(line, func(char rune) bool { return !unicode.IsPrint(char) || char == unicode.ReplacementChar }) {
				t.Errorf("%v: %q", format, line)
			}
			if len(format) == 0 && len([]rune(line)) > 200 {
				t.Errorf("%d characters in a row: %s", len([]rune(line)), line)
			}
		}
	}
	got := verify(t.Context(), clone, "\x1b]0;x\x07"+hostile, "--signers", signers)
	if got.code != 2 || strings.ContainsFunc(strings.TrimSuffix(got.stderr, "\n"), unicode.IsControl) {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// rowCounter tells when the first row was written.
type rowCounter struct {
	io.Writer
	first func()
}

func (w rowCounter) Write(text []byte) (int, error) {
	w.first()
	return len(text), nil
}

// The first Ctrl-C ends it. What was shown by then has no totals, so that
// nobody takes it for all.
func TestVerifyEndsWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	clone, signers := shop(t)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	got := verify(ctx, clone, "start..main", "--signers", signers)
	if got.code != 3 || !strings.Contains(got.stderr, "interrupted") || strings.Contains(got.stdout, "commits:") {
		t.Errorf("before it began: %+v", got)
	}
	ctx, interrupt = context.WithCancel(t.Context())
	defer interrupt()
	tip := chain(t, clone, gittest.SSH(t, "olga@acme.example"), 500)
	var said bytes.Buffer
	code := cli.Main(ctx, []string{"verify", tip, "--ancestors", "--dir", clone.Folder, "--signers", signers}, cli.System{
		Getenv: func(string) string { return "" }, Stdout: rowCounter{first: interrupt}, Stderr: &said, Now: verifyNow,
	})
	if code != 3 || !strings.Contains(said.String(), "interrupted") || !strings.Contains(said.String(), "the rest was not") {
		t.Errorf("in the middle: exit code %d, %s", code, &said)
	}
}

// A result that cannot be written is not a good one.
func TestVerifyIsNotGoodWhenNobodyCanReadIt(t *testing.T) {
	t.Parallel()
	clone, signers := shop(t)
	reader, writer := io.Pipe()
	reader.Close()
	var said bytes.Buffer
	code := cli.Main(t.Context(), []string{"verify", "start", "--dir", clone.Folder, "--signers", signers}, cli.System{
		Getenv: func(string) string { return "" }, Stdout: writer, Stderr: &said, Now: verifyNow,
	})
	if code != 3 || !strings.Contains(said.String(), "write the result") {
		t.Errorf("exit code %d, %s", code, &said)
	}
}

// The clone cannot change what is checked: not by replaced objects, not by
// grafts, not by the programs that it names.
func TestVerifyIsNotDeceivedByTheClone(t *testing.T) {
	t.Parallel()
	clone, signers := shop(t)
	clone.Git(t, "config", "gpg.ssh.program", "/bin/true")
	clone.Git(t, "config", "gpg.program", "/bin/true")
	unsigned := strings.TrimSpace(clone.Git(t, "rev-parse", "main~4"))
	clone.Git(t, "update-ref", "refs/replace/"+unsigned, "start") // P11
	got := verify(t.Context(), clone, unsigned, "--signers", signers)
	if got.code != 1 || !strings.Contains(got.stdout, "1 commit: 1 unsigned") {
		t.Errorf("replaced: %+v", got)
	}
	grafts := filepath.Join(clone.Folder, "info", "grafts") // P12: main has no parents
	if err := os.WriteFile(grafts, []byte(clone.Git(t, "rev-parse", "main")), 0o600); err != nil {
		t.Fatal(err)
	}
	got = verify(t.Context(), clone, "start..main", "--signers", signers)
	if got.code != 1 || !strings.Contains(got.stdout, "6 commits: ") || !strings.Contains(got.stderr, "grafts") {
		t.Errorf("grafted: %+v", got)
	}
}

// chain stores so many signed commits in one line, and returns the last.
func chain(tb testing.TB, clone gittest.Clone, signer gittest.Signer, count int) string {
	tb.Helper()
	tip := ""
	clone.StoreAll(tb, count, func(yield func(gittest.Object) bool) {
		for range count {
			commit := gittest.Commit{Subject: "change", Signer: &signer}
			if tip != "" {
				commit.Parents = []string{tip}
			}
			stored := commit.Object(tb)
			tip = stored.ID(tb)
			if !yield(stored) {
				return
			}
		}
	})
	return tip
}
