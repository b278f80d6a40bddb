package gitstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/gitstore"
)

func TestObjectRefuses(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	root := made.commit(t, "root")
	damaged := made.commit(t, "damaged")
	loose := filepath.Join("objects", damaged[:2], damaged[2:])
	os.Remove(filepath.Join(made.folder, loose))
	made.write(t, loose, "no zlib")
	rows := []struct {
		name, id string
		problem  gitstore.Problem
		words    []string
	}{
		{"a name", "HEAD", gitstore.BadRevision, []string{`"HEAD"`}},
		{"a short id", root[:12], gitstore.BadRevision, []string{"whole id"}},
		{"an id in capitals", strings.ToUpper(root), gitstore.BadRevision, nil},
		{"two questions", root[:39] + "\n", gitstore.BadRevision, nil},
		{"an id of another format", strings.Repeat("12", 32), gitstore.Missing, nil},
		{"an id of nothing", strings.Repeat("12", 20), gitstore.Missing, []string{"git fsck"}},
		{"a tree", made.object(t, "tree", ""), gitstore.WrongType, []string{"it is a tree"}},
		{"a blob", made.object(t, "blob", strings.Repeat("x", 9<<20)), gitstore.WrongType, []string{"it is a blob"}},
		{"a commit that is too large", made.object(t, "commit", strings.Repeat("x", gitobject.MaxSize+1)), gitstore.TooLarge, []string{"1048577 bytes"}},
	}
	store := made.open(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := store.Object(t.Context(), row.id)
			wantProblem(t, err, row.problem, row.words...)
		})
	}
	if got, err := store.Object(t.Context(), root); err != nil || got.ID != root || got.Type != "commit" {
		t.Errorf("then: %v, %v", got, err)
	}
	_, err := store.Object(t.Context(), damaged)
	failed, ok := errors.AsType[*gitstore.Error](err)
	if !ok || failed.Problem != gitstore.Missing && failed.Problem != gitstore.Broken || !strings.Contains(err.Error(), "git fsck") {
		t.Errorf("a damaged object: %v", err)
	}
}

// An object that git may not hold ends git. The object is the reason all the same.
func TestObjectTooLargeForGitIsTooLarge(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT TESTED: stores 257 MiB of zeros")
	}
	made := newRepository(t)
	bomb := filepath.Join(made.folder, "bomb")
	if err := os.WriteFile(bomb, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(bomb, 257<<20); err != nil {
		t.Fatal(err)
	}
	id := made.git(t, "", "hash-object", "-w", "--literally", "-t", "commit", bomb)
	store := made.open(t)
	_, err := store.Object(t.Context(), id)
	wantProblem(t, err, gitstore.TooLarge)
	_, err = store.Object(t.Context(), id)
	wantProblem(t, err, gitstore.TooLarge, "attempting to allocate")
}

func TestObjectReadsBytesAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		made := newRepository(t, "--object-format="+format)
		body := made.body(t, "CR\r\nNUL\x00 \xff no newline")
		id := made.object(t, "commit", body)
		tag := made.tag(t, "commit", id)
		full := made.object(t, "commit", body+strings.Repeat("x", gitobject.MaxSize-len(body)))
		made.git(t, "", "update-ref", "refs/heads/main", id)
		worktree := repository{folder: filepath.Join(t.TempDir(), "worktree")}
		made.git(t, "", "worktree", "add", "--quiet", "--detach", worktree.folder, "main")
		inside := worktree.write(t, "a/b/c", "x")
		sharing := repository{folder: t.TempDir()}
		sharing.git(t, "", "clone", "--quiet", "--shared", made.folder, ".")
		for name, folder := range map[string]string{"bare": made.folder, "worktree": filepath.Dir(inside), "alternates": sharing.folder} {
			store := repository{folder: folder}.open(t)
			if got, err := store.Object(t.Context(), id); err != nil || string(got.Body) != body || got.Type != "commit" {
				t.Errorf("%s, %s: %q, %v", format, name, got.Body, err)
			}
			if got, err := store.Object(t.Context(), tag); err != nil || got.Type != "tag" {
				t.Errorf("%s, %s: %v, %v", format, name, got.Type, err)
			}
			if got, err := store.Object(t.Context(), full); err != nil || len(got.Body) != gitobject.MaxSize {
				t.Errorf("%s, %s: %d bytes, %v", format, name, len(got.Body), err)
			}
			if at, err := store.Resolve(t.Context(), "HEAD"); err != nil || at.ID != id {
				t.Errorf("%s, %s: HEAD = %v, %v", format, name, at, err)
			}
		}
	}
}

// gone tells whether there is no such process, not even one that nobody waited for.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestStoreEndsGit(t *testing.T) {
	made := newRepository(t)
	root := made.commit(t, "root")
	const times = 20
	before := runtime.NumGoroutine()
	for range times {
		store, err := gitstore.Open(t.Context(), made.folder, "git")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Object(t.Context(), root); err != nil {
			t.Fatal(err)
		}
		if gone(store.Pid()) {
			t.Fatal("git has ended after one question")
		}
		for range 2 {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}
		if !gone(store.Pid()) {
			t.Fatal("git still runs, or nobody waited for it")
		}
		_, err = store.Object(t.Context(), root)
		wantProblem(t, err, gitstore.Broken, "closed")
	}
	// The last ones may be about to end.
	if after := runtime.NumGoroutine(); after >= before+times {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// Git waits for its answers to be read, and would not see that nobody asks.
func TestStoreEndsGitInTheMiddleOfAnswers(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	var parents []string
	for i := range 20 {
		parents = append(parents, made.commit(t, strings.Repeat(string(rune('a'+i)), 100_000)))
	}
	store := made.open(t)
	tip := made.commit(t, "tip", parents...)
	visits := 0
	err := store.Walk(t.Context(), []string{tip}, nil, func(gitstore.Object) error {
		visits++
		if visits == 2 {
			return store.Close()
		}
		return nil
	})
	wantProblem(t, err, gitstore.Broken)
	if !gone(store.Pid()) {
		t.Error("git still runs, or nobody waited for it")
	}
}

func TestStoreEndsWithTheContextOfAQuestion(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	tip := made.commit(t, "tip", made.commit(t, "root"))
	store := made.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := store.Walk(ctx, []string{tip}, nil, func(gitstore.Object) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("walk = %v, want that it was cancelled", err)
	}
	wantProblem(t, err, gitstore.Broken)
	if !gone(store.Pid()) {
		t.Error("git still runs, or nobody waited for it")
	}
	if _, err := store.Object(ctx, tip); !errors.Is(err, context.Canceled) {
		t.Errorf("with the same context: %v", err)
	}
	_, err = store.Object(t.Context(), tip)
	wantProblem(t, err, gitstore.Broken)
}

func TestStoreEndsWithTheContextThatOpenedIt(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	root := made.commit(t, "root")
	ctx, cancel := context.WithCancel(t.Context())
	store, err := gitstore.Open(ctx, made.folder, "git")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil { // until the signal has arrived
		_, err = store.Object(t.Context(), root)
	}
	wantProblem(t, err, gitstore.Broken)
	if err := store.Close(); err != nil || !gone(store.Pid()) {
		t.Errorf("close: %v; git is gone: %t", err, gone(store.Pid()))
	}
}

func TestStoreAnswersOneQuestionAtATime(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	root := made.commit(t, "root")
	store := made.open(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				got, err := store.Object(t.Context(), root)
				if err != nil {
					wantBusy(t, err)
				} else if got.ID != root {
					t.Errorf("object = %v", got)
				}
			}
		})
	}
	group.Wait()
}

func wantBusy(t *testing.T, err error) {
	t.Helper()
	if failed, ok := errors.AsType[*gitstore.Error](err); !ok || failed.Problem != gitstore.Busy {
		t.Errorf("error = %v, want that it is busy", err)
	}
}

// What git writes is believed only in the one form that it has.
func FuzzParseHeader(f *testing.F) {
	id := strings.Repeat("12", 20)
	for _, each := range []string{
		id + " commit 12", id + " blob 99999999999999999999", id + " commit -1", id + " commit +1", id + " commit 1 ", id + "  commit 1",
		id + " COMMIT 1", id + " missing", id + " ambiguous", "missing", " missing", id + " commit 4611686018427387904", "", "commit 1",
	} {
		f.Add(each)
	}
	f.Fuzz(func(t *testing.T, line string) {
		form, err := gitstore.ParseHeader(line)
		if err != nil {
			return
		}
		if again := gitstore.FormatHeader(form); again != "" && again != line {
			t.Errorf("%q was read as %q", line, again)
		}
	})
}
