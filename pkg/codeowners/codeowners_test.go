package codeowners_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/codeowners"
)

// A line that GitHub skips takes owners away without a word, so that none of
// these may be read as something else.
func TestLinesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"a pattern that begins with an escaped number sign": `\#file @a`,
		"a number sign inside a pattern":                    "src/c#/ @a",
		"a negated pattern":                                 "!src/ @a",
		"a range of characters":                             "src/[ab].go @a",
		"a section of another product":                      "[Payments] @a",
		"three asterisks":                                   "***/*.rb @a",
		"the root alone, which matches nothing":             "/ @a",
		"an empty name":                                     "src//pay @a",
		"directories below an asterisk, which is not clear": "src/**/ @a",
		"every directory, which is not clear":               "**/ @a",
		"a backslash before something else than a space":    `src/\*.go @a`,
		"a backslash at the end":                            `src/\`,
		"an owner without an at sign":                       "* user",
		"half an address":                                   "*.txt docs@",
		"an owner that is two":                              "* @a,@b",
		"a team of nobody":                                  "* @/team",
		"a team without a name":                             "* @acme/",
		"a team in a team":                                  "* @acme/a/b",
		"a program":                                         "* @robot[bot]",
		"an at sign alone":                                  "* @",
		"a blank that is none":                              "src/\u00a0@a",
		"a joiner that cannot be seen":                      "s\u200drc/ @a",
		"a mark at the beginning of the file":               "\ufeffsrc/ @a",
		"two lines to some and one to others":               "src/ @a\rpay/ @b",
		"a comment that may end in the middle":              "# who\r* @a",
		"bytes that are no text":                            "src/\xff @a",
		"an owner that is no text":                          "src/ @a\xff",
		"a comment without a blank before it":               "src/ @a#b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := codeowners.Parse("# first\n* @all\n" + line + "\n")
			var bad *codeowners.LineError
			if !errors.As(err, &bad) || bad.Line != 3 || bad.Detail == "" {
				t.Errorf("got %v, want an error about line 3", err)
			}
		})
	}
}

func TestAnErrorShowsLittleOfTheLine(t *testing.T) {
	t.Parallel()
	_, err := codeowners.Parse(strings.Repeat("x", 1000) + "\x1b[31m @a")
	if err == nil || len(err.Error()) > 200 || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("got %v", err)
	}
}

// documented is the example of GitHub's page "About code owners".
const documented = `# This is a comment.
*       @global-owner1 @global-owner2

*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
`

func TestGitHubsOwnExample(t *testing.T) {
	t.Parallel()
	file, err := codeowners.Parse(documented)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		owners []string
		line   int
	}{
		"README.md":                {[]string{"@global-owner1", "@global-owner2"}, 2},
		"a/b/c.md":                 {[]string{"@global-owner1", "@global-owner2"}, 2},
		"x.js":                     {[]string{"@js-owner"}, 4},
		"a/x.js":                   {[]string{"@js-owner"}, 4},
		"x.jsx":                    {[]string{"@global-owner1", "@global-owner2"}, 2},
		"a/x.go":                   {[]string{"docs@example.com"}, 5},
		"notes.txt":                {[]string{"@octo-org/octocats"}, 6},
		"build/logs/a":             {[]string{"@octocat"}, 12},
		"build/log":                {[]string{"@global-owner1", "@global-owner2"}, 2},
		"docs/start.md":            {[]string{"@doctocat"}, 10},
		"docs/build/trouble.md":    {[]string{"@doctocat"}, 10},
		"a/docs/start.md":          {[]string{"@global-owner1", "@global-owner2"}, 2},
		"a/apps/x":                 {[]string{"@octocat"}, 9},
		"a/apps/b/x":               {[]string{"@octocat"}, 9},
		"scripts/run.sh":           {[]string{"@doctocat", "@octocat"}, 11},
		"logs/x":                   {[]string{"@octocat"}, 12},
		"deeply/nested/logs/a/b":   {[]string{"@octocat"}, 12},
		"apps/x":                   {[]string{"@octocat"}, 13},
		"apps/github/x":            {[]string{}, 14},
		"apps/github/workflows/ci": {[]string{}, 14},
		"apps/githubs/x":           {[]string{"@octocat"}, 13},
	} {
		owners, line := file.Owners(path)
		if diff := cmp.Diff(want.owners, owners); diff != "" || line != want.line {
			t.Errorf("%s: line %d, want %d; owners (-want +got):\n%s", path, line, want.line, diff)
		}
	}
}

// Each row is a pattern with paths that it matches and paths that it does not.
func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ pattern, matches, others string }{
		{"*", "a|a/b|.hidden|a/.b/c", ""},
		{"**", "a|a/b/c", ""},
		{"/*", "a|.a", "a/b"},
		{"/**", "a|a/b/c", ""},
		{"**/*", "a|a/b/c", ""},
		{"**/**", "a|a/b/c", ""},
		{"docs/*", "docs/a|docs/.a", "docs/a/b|x/docs/a|docs"},
		{"/docs/*", "docs/a", "docs/a/b|x/docs/a"},
		{"docs/*/", "docs/a/b|docs/a/b/c", "docs/a|x/docs/a/b"},
		{"docs/**", "docs/a|docs/a/b", "docs|x/docs/a"},
		{"docs/**/*", "docs/a|docs/a/b/c", "docs|x/docs/a"},
		{"docs/", "docs/a|x/docs/a/b", "docs|x/docs|docs2/a"},
		{"/docs/", "docs/a|docs/a/b", "docs|x/docs/a"},
		{"/docs", "docs|docs/a/b", "x/docs|docs2|docs.md"},
		{"docs", "docs|docs/a|x/docs|x/docs/a/b", "docs2|x/adocs/a"},
		{"x/docs", "x/docs|x/docs/a", "y/x/docs|x/docs2"},
		{"**/docs", "docs|x/docs|x/y/docs/z", "x/adocs"},
		{"**/docs/*.md", "docs/a.md|x/docs/a.md|docs/a.md/b", "docs/x/a.md"},
		{"**/**/docs", "docs|x/docs|x/y/docs", "adocs"},
		{"a/**/b", "a/b|a/x/b|a/x/y/b/c", "x/a/b|a/xb"},
		{"/a**/b", "a/b|ax/b", "a/x/b"},
		{"*.js", "x.js|a/x.js|x.js/y|.js", "x.jsx|x.js2|js"},
		{"a?c", "abc|x/aéc|abc/d", "ac|a/c|abbc"},
		{"/a/*.go", "a/x.go|a/x.go/y", "a/b/x.go|x.go"},
		{`a\ b`, "a b|x/a b/c", `a\ b|a`},
		{`/a\ b/ `, "a b/c", "a b"},
		{"routes/$id.(x).tsx", "routes/$id.(x).tsx", "routes/id.x.tsx"},
		{"/@scope/p,q=r~s/", "@scope/p,q=r~s/t", "p"},
		{"{a,b}", "{a,b}|x/{a,b}/c", "a|b"},
		{"/dócs/", "dócs/a", "docs/a"},
		{"/Docs/", "Docs/a", "docs/a"},
		{"/a^b", "a^b", "a"},
		{"+x", "+x", "x"},
		{"/src/**", "src/a\nb|src/\n/a", ""},
		{"*.js", "a\nb/x.js|\n.js", ""},
		{"/src/", "src/a\\b|src/[a]|src/*", "src\\a"},
		{"/a*b*c/d", "abc/d|axbxc/d/e", "ab/c/d|abcx/d"},
	} {
		file, err := codeowners.Parse(row.pattern + " @a")
		if err != nil {
			t.Errorf("%s: %v", row.pattern, err)
			continue
		}
		for _, path := range strings.Split(row.matches, "|") {
			if owners, line := file.Owners(path); len(owners) != 1 || line != 1 {
				t.Errorf("%s does not match %q", row.pattern, path)
			}
		}
		for _, path := range strings.Split(row.others, "|") {
			if owners, line := file.Owners(path); len(owners) != 0 || line != 0 {
				t.Errorf("%s matches %q", row.pattern, path)
			}
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text   string
		owners []string
		line   int
	}{
		"nothing owns nothing":                        {"", nil, 0},
		"comments and empty lines own nothing":        {"# a\n\n   \n\t# *@b\r\n", nil, 0},
		"the last line that matches wins":             {"* @a\nsrc/ @b\nsrc/x @c", []string{"@c"}, 3},
		"a later line without owners takes them away": {"* @a\nsrc/", []string{}, 2},
		"a later line that is about other files":      {"* @a\n/doc/ @b", []string{"@a"}, 1},
		"owners are kept as they are written":         {"* @B @Acme/Pay_x.y x.y+z@a-b.example.com @a_corp", []string{"@B", "@Acme/Pay_x.y", "x.y+z@a-b.example.com", "@a_corp"}, 1},
		"lines may end as on Windows":                 {"* @a\r\nsrc/ @b\r\n", []string{"@b"}, 2},
		"tabs separate, and blanks around are gone":   {"\t src/\t@b \t @c\t", []string{"@b", "@c"}, 1},
		"a comment after the owners":                  {"* @a # @b", []string{"@a"}, 1},
		"a comment after no owners":                   {"* @a\n* # nobody", []string{}, 2},
		"a comment with odd characters":               {"# 👩‍💻\u00a0\xff\n* @a", []string{"@a"}, 2},
		"a line of any length":                        {"# " + strings.Repeat("x", 100_000) + "\n* @a", []string{"@a"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := codeowners.Parse(row.text)
			if err != nil {
				t.Fatal(err)
			}
			owners, line := file.Owners("src/x")
			if diff := cmp.Diff(row.owners, owners); diff != "" || line != row.line {
				t.Errorf("line %d, want %d; owners (-want +got):\n%s", line, row.line, diff)
			}
		})
	}
}
