package codeowners_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/codeowners"
)

// FuzzCodeowners reads anything without a panic, and compares one pattern with
// a second matcher, which is written as one regular expression.
func FuzzCodeowners(f *testing.F) {
	f.Add(documented, "apps/github/x")
	f.Add("/a/**/b*?/ @a", "a/x/bc/d")
	f.Add("docs/* @a", "docs/a\nb")
	f.Add("**/**/x @a", "x")
	f.Add("a*a*a*b @a", "aaaaaaaaaaaaaaaaaaab")
	f.Add("{*,?}/**/{ @a", "{a,b}/{")
	f.Fuzz(func(t *testing.T, text, path string) {
		file, err := codeowners.Parse(text)
		if err != nil {
			return
		}
		owners, line := file.Owners(path)
		if line == 0 && len(owners) > 0 || line > strings.Count(text, "\n")+1 {
			t.Fatalf("line %d, owners %q", line, owners)
		}
		pattern, one := strings.CutSuffix(text, " @a")
		if !one || strings.ContainsAny(pattern, " \t\r\n\\") || strings.HasPrefix(pattern, "#") || pattern == "" || !plain(path) {
			return
		}
		if want := reference(pattern).MatchString(path); want != (line == 1) {
			t.Errorf("%q and %q: line %d, by the other matcher %t (%s)", pattern, path, line, want, reference(pattern))
		}
	})
}

// Few letters, so that patterns and paths meet often.
func TestPatternsAgreeWithTheOtherMatcher(t *testing.T) {
	t.Parallel()
	met := 0
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "/", "*", "**", "?", "/**/", "/*"}), 1, 8).Draw(t, "pattern"), "")
		file, err := codeowners.Parse(pattern + " @a")
		if err != nil {
			return
		}
		path := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "ba", "\n"}), 1, 5).Draw(t, "path"), "/")
		_, line := file.Owners(path)
		if want := reference(pattern).MatchString(path); want != (line == 1) {
			t.Fatalf("%q and %q: line %d, by the other matcher %t", pattern, path, line, want)
		}
		met += line
	})
	if met == 0 {
		t.Error("no pattern matched any path")
	}
}

// plain reports whether this can be the path of a file.
func plain(path string) bool {
	return path != "" && !strings.Contains("/"+path+"/", "//") && strings.ToValidUTF8(path, "") == path
}

// reference is what a pattern means, by the rules of gitignore with GitHub's
// exception for a last part of one asterisk.
func reference(pattern string) *regexp.Regexp {
	tail := "(?:/.+)?"
	if strings.HasSuffix(pattern, "/") {
		pattern, tail = strings.TrimSuffix(pattern, "/"), "/.+"
	}
	head := "(?:.+/)?"
	if strings.Contains(pattern, "/") {
		pattern, head = strings.TrimPrefix(pattern, "/"), ""
	}
	parts := strings.Split(pattern, "/")
	var text strings.Builder
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case part == "**" && last:
			text.WriteString(".+")
			tail = ""
			continue
		case part == "**":
			text.WriteString("(?:.+/)?")
			continue
		case part == "*" && last && tail != "/.+":
			tail = ""
		}
		for _, char := range part {
			switch char {
			case '*':
				text.WriteString("[^/]*")
			case '?':
				text.WriteString("[^/]")
			default:
				text.WriteString(regexp.QuoteMeta(string(char)))
			}
		}
		if !last {
			text.WriteString("/")
		}
	}
	return regexp.MustCompile(`(?s)\A` + head + text.String() + tail + `\z`)
}
