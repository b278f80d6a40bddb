package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/internal/gittest"
)

// small is a module with one rule, and tests of which only one looks at it.
var small = map[string]string{
	"go.mod": "module example.org/small\n\ngo 1.26\n",
	"rule/rule.go": `package rule

// Allows says yes to main.
func Allows(branch string) bool {
	return branch == "main"
}
`,
	"rule/rule_test.go": `package rule

import "testing"

func TestAllows(t *testing.T) {
	t.Run("another", func(t *testing.T) {
		if Allows("other") {
			t.Error("allowed")
		}
	})
}

func TestSleeps(*testing.T) {}

func TestFails(t *testing.T) { t.Error("always") }
`,
	"patches/a-real-one.patch": `Every branch is allowed.
caught-by: rule ^TestAllows$

--- a/rule/rule.go
+++ b/rule/rule.go
@@ -2,5 +2,5 @@

 // Allows says yes to main.
 func Allows(branch string) bool {
-	return branch == "main"
+	return branch != ""
 }
`,
	"patches/changes-nothing.patch": `Nobody gains anything.
caught-by: rule ^TestAllows$

--- a/rule/rule.go
+++ b/rule/rule.go
@@ -2,5 +2,5 @@

 // Allows says yes to main.
 func Allows(branch string) bool {
-	return branch == "main"
+	return "main" == branch
 }
`,
	"patches/does-not-compile.patch": `Nothing is allowed any more.
caught-by: rule ^TestAllows$

--- a/rule/rule.go
+++ b/rule/rule.go
@@ -2,5 +2,5 @@

 // Allows says yes to main.
 func Allows(branch string) bool {
-	return branch == "main"
+	return branch == main
 }
`,
	"patches/does-not-fit.patch": `Every branch is allowed.
caught-by: rule ^TestAllows$

--- a/rule/rule.go
+++ b/rule/rule.go
@@ -2,5 +2,5 @@

 // Allows says yes to main.
 func Allows(branch string) bool {
-	return branch == "trunk"
+	return branch != ""
 }
`,
}

// with returns the real patch with other tests to catch it.
func with(tests ...string) string {
	text := small["patches/a-real-one.patch"]
	return strings.Replace(text, "caught-by: rule ^TestAllows$\n", "caught-by: rule "+strings.Join(tests, "\ncaught-by: rule ")+"\n", 1)
}

func TestSabotage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it compiles")
	}
	gittest.Need(t, "git", "go")
	root := t.TempDir()
	for path, text := range small {
		write(t, root, path, text)
	}
	write(t, root, "patches/fails-before.patch", with("^TestFails$"))
	write(t, root, "patches/half-caught.patch", with("^TestAllows$", "^TestSleeps$"))
	write(t, root, "patches/no-such-test.patch", with("^TestNone$"))
	patches, err := readPatches(filepath.Join(root, "patches"), "")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := sabotage(t.Context(), tree{root: root}, patches, &out); !errors.Is(err, errFound) {
		t.Errorf("returned %v, want that something was found", err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		for _, start := range []string{"caught", "SURVIVED", "ERROR"} {
			if strings.HasPrefix(line, start+" ") {
				got = append(got, strings.TrimSpace(line))
			}
		}
	}
	want := []string{
		"caught   a-real-one: by rule TestAllows/another",
		"SURVIVED changes-nothing: rule ^TestAllows$ passes, although: Nobody gains anything.",
		"ERROR    does-not-compile: build the tests of rule",
		"ERROR    does-not-fit: apply does-not-fit.patch",
		"ERROR    fails-before: TestFails fails before anything is broken",
		"SURVIVED half-caught: rule ^TestSleeps$ passes, although: Every branch is allowed.",
		"ERROR    no-such-test: rule ^TestNone$: there is no such test",
	}
	if len(got) != len(want) {
		t.Fatalf("printed\n%s", &out)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("line %d is\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
	if !strings.HasSuffix(out.String(), "1 caught, 2 survived, 4 could not be tried\n") {
		t.Errorf("the counts are wrong:\n%s", &out)
	}
	if text, err := os.ReadFile(filepath.Join(root, "rule", "rule.go")); err != nil || string(text) != small["rule/rule.go"] {
		t.Errorf("the tree was changed: %v\n%s", err, text)
	}
}

func TestSabotageOfWhatIsSound(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := sabotage(t.Context(), tree{}, nil, &out); err != nil || out.String() != "0 caught, 0 survived, 0 could not be tried\n" {
		t.Errorf("returned %v and printed %s", err, &out)
	}
}

// Whoever interrupts a run finds nothing of it in the temporary folder.
func TestSabotageThatIsInterrupted(t *testing.T) {
	gittest.Need(t, "git")
	folder, root := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", folder)
	for path, text := range small {
		write(t, root, path, text)
	}
	patches, err := readPatches(filepath.Join(root, "patches"), "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sabotage(ctx, tree{root: root}, patches, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("returned %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left %v: %v", left, err)
	}
}

func TestPatchesThatSayTooLittle(t *testing.T) {
	t.Parallel()
	const diff = "--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-a\n+b\n"
	for name, text := range map[string]string{
		"no sentence":       "caught-by: pkg/x ^TestX$\n" + diff,
		"no full stop":      "Anything goes\ncaught-by: pkg/x ^TestX$\n" + diff,
		"no tests":          "Anything goes.\n" + diff,
		"a package alone":   "Anything goes.\ncaught-by: pkg/x\n" + diff,
		"a pattern of none": "Anything goes.\ncaught-by: pkg/x ^Test(\n" + diff,
		"no diff":           "Anything goes.\ncaught-by: pkg/x ^TestX$\n",
		"tests below it":    "Anything goes.\n" + diff + "caught-by: pkg/x ^TestX$\n",
	} {
		if read, err := parsePatch([]byte(text)); err == nil {
			t.Errorf("%s: it was read as %+v", name, read)
		}
	}
	read, err := parsePatch([]byte("Anything\ngoes.\n\ncaught-by: pkg/x ^TestX$/^y$\ncaught-by: pkg/z ^TestZ$\n\n" + diff))
	want := patch{gain: "Anything goes.", catchers: []catcher{{"pkg/x", "^TestX$/^y$"}, {"pkg/z", "^TestZ$"}}, files: []string{"x.go"}}
	if diff := cmp.Diff(want, read, cmp.AllowUnexported(patch{}, catcher{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	// As docs/testing.md says to make one: below the lines, what git diff wrote.
	asWritten, err := parsePatch([]byte("Anything goes.\ncaught-by: pkg/x ^TestX$/^y$\ncaught-by: pkg/z ^TestZ$\n\ndiff --git a/x.go b/x.go\nindex 7898192..6178079 100644\n" + diff))
	if diff := cmp.Diff(want, asWritten, cmp.AllowUnexported(patch{}, catcher{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if read.catchers[0].top() != "^TestX$" {
		t.Errorf("the function is %s", read.catchers[0].top())
	}
}

func TestPatchesThatAreNotThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "a.patch", small["patches/a-real-one.patch"])
	write(t, folder, "b.patch", small["patches/a-real-one.patch"])
	if read, err := readPatches(folder, "c"); err == nil {
		t.Errorf("read %+v", read)
	}
	if read, err := readPatches(folder, "b*"); err != nil || len(read) != 1 || read[0].name != "b" {
		t.Errorf("read %+v: %v", read, err)
	}
}

func TestTheFirstFailureIsNamed(t *testing.T) {
	t.Parallel()
	for log, want := range map[string]string{
		"": "the tests, which did not come to their end",
		"--- FAIL: TestA (0.00s)\n--- FAIL: TestB (0.00s)\n":                                                                       "TestA",
		"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/x_y (0.00s)\n        --- FAIL: TestA/x_y/z (0s)\n    --- FAIL: TestA/q (0s)": "TestA/x_y/z",
		"panic: no": "the tests, which did not come to their end",
	} {
		if got := firstFailure(log); got != want {
			t.Errorf("%q gives %q, want %q", log, got, want)
		}
	}
}

func write(t *testing.T, root, path, text string) {
	t.Helper()
	full := filepath.Join(root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
