package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/internal/gittest"
)

// The patches are run by `make sabotage`, which takes minutes. That each of them
// still fits the tree, and that the tests exist by which it has to be caught, is
// looked at each time.
func TestThePatchesFitTheTree(t *testing.T) {
	t.Parallel()
	gittest.Need(t, "git")
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	patches, err := readPatches(filepath.Join(root, "testdata", "sabotage"), "")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{}
	for _, each := range patches {
		for _, file := range each.files {
			if !strings.HasPrefix(file, "pkg/") || strings.HasSuffix(file, "_test.go") {
				t.Errorf("%s breaks %s, which is not the program", each.name, file)
			}
		}
		for _, which := range each.catchers {
			if tests[which.folder] == nil {
				tests[which.folder] = testsOf(t, filepath.Join(root, filepath.FromSlash(which.folder)))
			}
			if why := matches(root, which, tests[which.folder]); why != "" {
				t.Errorf("%s: %s: %s", each.name, which, why)
			}
		}
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if _, err := (tree{root: root}).overlay(t.Context(), each, folder); err != nil {
				t.Error(err)
			}
		})
	}
}

// matches says why the tests of a catcher are not there, or "".
func matches(root string, which catcher, names []string) string {
	top, err := regexp.Compile(which.top())
	if err != nil {
		return err.Error()
	}
	found := ""
	for _, name := range names {
		if top.MatchString(name) {
			found = name
		}
	}
	_, story, parts := strings.Cut(which.tests, "/")
	if found == "" || !strings.HasPrefix(which.tests, "^Test") {
		return "no such test"
	}
	if found == "TestStories" && parts {
		file := filepath.Join(root, "testdata", "script", strings.Trim(story, "^$")+".txtar")
		if _, err := os.Stat(file); err != nil {
			return "no such story"
		}
	}
	return ""
}

// testsOf returns the names of the test functions in a folder.
func testsOf(t *testing.T, folder string) []string {
	t.Helper()
	files, err := fs.Glob(os.DirFS(folder), "*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if ok && function.Recv == nil && strings.HasPrefix(function.Name.Name, "Test") {
				names = append(names, function.Name.Name)
			}
		}
	}
	return names
}
