package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// An expression that is compiled late would be found to be none late, too: so each
// that is written is compiled here.
func TestEveryLateExpressionIsOne(t *testing.T) {
	t.Parallel()
	count := 0
	for _, each := range list(t) {
		folder := filepath.Join(root, strings.TrimPrefix(each.ImportPath, module))
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			count += compileAll(t, file)
		}
	}
	if count < 30 {
		t.Errorf("only %d expressions were found", count)
	}
}

// compileAll compiles what the calls of lazy.New in a file are given.
func compileAll(t *testing.T, file string) (count int) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || !isLazyNew(call.Fun) {
			return true
		}
		count++
		text, known := textOf(call.Args[0])
		if !known {
			t.Errorf("%s: an expression is not written out, so it cannot be compiled here", file)
		}
		if _, err := regexp.Compile(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		return true
	})
	return count
}

func isLazyNew(called ast.Expr) bool {
	selected, ok := called.(*ast.SelectorExpr)
	if !ok || selected.Sel.Name != "New" {
		return false
	}
	from, ok := selected.X.(*ast.Ident)
	return ok && from.Name == "lazy"
}

// textOf returns a text that is written out, in one piece or in several.
func textOf(written ast.Expr) (text string, known bool) {
	switch written := written.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(written.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, first := textOf(written.X)
		right, second := textOf(written.Y)
		return left + right, first && second && written.Op == token.ADD
	}
	return "", false
}
