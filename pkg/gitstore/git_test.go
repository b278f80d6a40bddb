package gitstore_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitstore"
)

// repository is one that a test made.
type repository struct {
	folder string
}

// needGit skips the test, saying so, when there is no git. In CI there has to be.
func needGit(tb testing.TB) {
	tb.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatal("git is not installed")
		}
		tb.Skip("NOT TESTED: git is not installed")
	}
}

// newRepository makes a bare one.
func newRepository(tb testing.TB, args ...string) repository {
	tb.Helper()
	needGit(tb)
	made := repository{folder: filepath.Join(tb.TempDir(), "shop.git")}
	made.git(tb, "", append(append([]string{"init", "--quiet", "--bare", "--initial-branch=main"}, args...), made.folder)...)
	return made
}

// isolated is an environment without the settings of this machine. Unlike that
// of the package, git can run programs in it.
func isolated() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/dev/null", "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org", "GIT_COMMITTER_DATE=1700000000 +0000",
	}
}

// try runs git in the repository.
func (r repository) try(tb testing.TB, input string, args ...string) (string, error) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "git", args...)
	command.Dir = r.folder
	if _, err := os.Stat(r.folder); err != nil {
		command.Dir = ""
	}
	command.Env = isolated()
	command.Stdin = strings.NewReader(input)
	var said strings.Builder
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, &said)
	}
	return strings.TrimSpace(string(output)), err
}

func (r repository) git(tb testing.TB, input string, args ...string) string {
	tb.Helper()
	output, err := r.try(tb, input, args...)
	if err != nil {
		tb.Fatal(err)
	}
	return output
}

// object stores bytes as they are, as git would not.
func (r repository) object(tb testing.TB, kind, body string) string {
	tb.Helper()
	return r.git(tb, body, "hash-object", "-w", "--literally", "-t", kind, "--stdin")
}

// commit stores a commit of the empty tree.
func (r repository) commit(tb testing.TB, message string, parents ...string) string {
	tb.Helper()
	return r.object(tb, "commit", r.body(tb, message, parents...))
}

func (r repository) body(tb testing.TB, message string, parents ...string) string {
	tb.Helper()
	var lines strings.Builder
	fmt.Fprintf(&lines, "tree %s\n", r.object(tb, "tree", ""))
	for _, parent := range parents {
		fmt.Fprintf(&lines, "parent %s\n", parent)
	}
	fmt.Fprintf(&lines, "author Ada <ada@example.org> 1700000000 +0000\ncommitter Ada <ada@example.org> 1700000000 +0000\n\n%s\n", message)
	return lines.String()
}

// tag stores an annotated tag, without a reference to it.
func (r repository) tag(tb testing.TB, kind, target string) string {
	tb.Helper()
	return r.object(tb, "tag", fmt.Sprintf("object %s\ntype %s\ntag v1\ntagger Ada <ada@example.org> 1700000000 +0000\n\nv1\n", target, kind))
}

func (r repository) point(tb testing.TB, reference, id string) {
	tb.Helper()
	r.git(tb, "", "update-ref", reference, id)
}

// write writes a file below the repository.
func (r repository) write(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(r.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		tb.Fatal(err)
	}
	return path
}

// open opens the repository with the package.
func (r repository) open(tb testing.TB) *gitstore.Store {
	tb.Helper()
	store, err := gitstore.Open(tb.Context(), r.folder, "git")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	return store
}

// trap is a program that leaves a trace when it runs.
type trap struct{ program, trace string }

// newTrap links to the program. One that is written here could still be open
// in a child of another test, and would not start.
func newTrap(tb testing.TB) trap {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), "trap")
	if err := os.Symlink(testdata(tb, "trap"), program); err != nil {
		tb.Fatal(err)
	}
	return trap{program: program, trace: program + ".trace"}
}

func testdata(tb testing.TB, name string) string {
	tb.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// sprung returns what ran, or "".
func (p trap) sprung(tb testing.TB) string {
	tb.Helper()
	trace, err := os.ReadFile(p.trace)
	if err != nil && !os.IsNotExist(err) {
		tb.Fatal(err)
	}
	return string(trace)
}

// wantProblem checks an error of the package: what, and words that have to be in it.
func wantProblem(tb testing.TB, err error, problem gitstore.Problem, words ...string) {
	tb.Helper()
	failed, ok := errors.AsType[*gitstore.Error](err)
	if !ok {
		tb.Fatalf("error = %v, want the problem %s", err, problem)
	}
	if failed.Problem != problem {
		tb.Errorf("problem = %s (%v), want %s", failed.Problem, err, problem)
	}
	for _, each := range words {
		if !strings.Contains(err.Error(), each) {
			tb.Errorf("error = %v\nwant %q in it", err, each)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\x1b") {
		tb.Errorf("error = %q, want one line without control characters", err)
	}
}

// walked returns the ids that a walk s, in order.
func walked(tb testing.TB, store *gitstore.Store, include, exclude []string) ([]string, error) {
	tb.Helper()
	var ids []string
	err := store.Walk(tb.Context(), include, exclude, func(commit gitstore.Object) error {
		ids = append(ids, commit.ID)
		return nil
	})
	return ids, err
}
