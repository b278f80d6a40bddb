package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
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
		files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
		texts := constants{}
		for _, file := range files {
			ast.Inspect(parse(t, file), texts.note)
		}
		for _, file := range files {
			count += texts.compileAll(t, file)
		}
	}
	if count < 30 {
		t.Errorf("only %d expressions were found", count)
	}
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// constants are what the constants of a package are written as, by name.
type constants map[string]ast.Expr

// note notes the constants of a declaration.
func (c constants) note(node ast.Node) bool {
	declared, ok := node.(*ast.GenDecl)
	if !ok || declared.Tok != token.CONST {
		return true
	}
	for _, each := range declared.Specs {
		spec, ok := each.(*ast.ValueSpec)
		if !ok || len(spec.Names) != len(spec.Values) {
			continue
		}
		for i, name := range spec.Names {
			c[name.Name] = spec.Values[i]
		}
	}
	return true
}

// compileAll compiles what the calls of lazy.New in a file are given.
func (c constants) compileAll(t *testing.T, file string) (count int) {
	t.Helper()
	ast.Inspect(parse(t, file), func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || !isLazyNew(call.Fun) {
			return true
		}
		count++
		text, known := c.textOf(call.Args[0])
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

// textOf returns a text that is written out, in one piece or in several, here or as
// a constant of the package.
func (c constants) textOf(written ast.Expr) (text string, known bool) {
	switch written := written.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(written.Value)
		return text, err == nil
	case *ast.Ident:
		if value, ok := c[written.Name]; ok {
			return c.textOf(value)
		}
	case *ast.BinaryExpr:
		left, first := c.textOf(written.X)
		right, second := c.textOf(written.Y)
		return left + right, first && second && written.Op == token.ADD
	}
	return "", false
}
