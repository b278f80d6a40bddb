package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// guarded are the files of the program that start goroutines, and why a panic on
// one of them does not end the program.
var guarded = map[string]string{
	"pkg/parallel/parallel.go": "a panic becomes one of the caller",
	"pkg/history/stream.go":    "Checker.Commit recovers; pkg/history.TestTag shows it",
	"pkg/gitstore/store.go":    "context.AfterFunc kills git and does nothing else",
}

// starters are what starts a goroutine besides the word go.
var starters = map[string][]string{
	"context": {"AfterFunc"}, "time": {"AfterFunc"}, "sync": {"WaitGroup"}, "runtime": {"SetFinalizer", "AddCleanup"}, "iter": {"Pull", "Pull2"},
}

// FLT-09. A panic on a goroutine that nobody recovers ends the program at once: with
// a stack, with the exit code of bad input, and past all that would say that nothing
// was allowed.
func TestGoroutinesStartOnlyWhereAPanicIsCaught(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, folder := range []string{"pkg", "cmd/stageward"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil || strings.HasPrefix(name, "pkg/githubtest/") || strings.HasPrefix(name, "pkg/internal/") {
				return err
			}
			if at := startsGoroutine(t, path); at != "" {
				found[filepath.ToSlash(name)] = true
				if guarded[filepath.ToSlash(name)] == "" {
					t.Errorf("%s: starts goroutines with %s; use pkg/parallel", name, at)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range guarded {
		if !found[name] {
			t.Errorf("%s starts no goroutine any more", name)
		}
	}
}

// startsGoroutine returns by what a file starts goroutines, or "".
func startsGoroutine(t *testing.T, path string) (how string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range file.Imports {
		if name, err := strconv.Unquote(imported.Path.Value); err != nil || strings.HasSuffix(name, "/errgroup") {
			return name
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.GoStmt:
			how = "go"
		case *ast.SelectorExpr:
			if from, ok := node.X.(*ast.Ident); ok && slices.Contains(starters[from.Name], node.Sel.Name) {
				how = from.Name + "." + node.Sel.Name
			}
		}
		return true
	})
	return how
}
