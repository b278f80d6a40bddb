package stage_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
)

// reference says by the rules of docs/policy.md alone, and slowly, whether a
// pattern matches a name. It shares no code with the matcher.
func reference(pattern, name, defaultBranch string) bool {
	if pattern == "$default-branch" {
		return defaultBranch != "" && name == defaultBranch
	}
	return matchParts(strings.Split(pattern, "/"), strings.Split(name, "/"))
}

// matchParts matches whole parts: "**" stands for any number of them. At the
// end of a pattern it stands for at least one: "dev/**" is not "dev".
func matchParts(pattern, name []string) bool {
	switch {
	case len(pattern) == 0:
		return len(name) == 0
	case pattern[0] != "**":
		return len(name) > 0 && matchPart(pattern[0], name[0]) && matchParts(pattern[1:], name[1:])
	case len(pattern) == 1:
		return len(name) > 0
	}
	for taken := 0; taken <= len(name); taken++ {
		if matchParts(pattern[1:], name[taken:]) {
			return true
		}
	}
	return false
}

// matchPart matches within one part: "*" stands for any run of characters.
func matchPart(pattern, part string) bool {
	if pattern == "" {
		return part == ""
	}
	if pattern[0] != '*' {
		return part != "" && part[0] == pattern[0] && matchPart(pattern[1:], part[1:])
	}
	for taken := 0; taken <= len(part); taken++ {
		if matchPart(pattern[1:], part[taken:]) {
			return true
		}
	}
	return false
}

// TestMatchAgreesWithTheReference draws from few letters, so that names match
// often enough to tell the two apart.
func TestMatchAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	part := rapid.OneOf(rapid.Just("**"), rapid.StringMatching(`[ab*-]{1,4}`), rapid.SampledFrom([]string{"a", "b", "main", "v*", "*"}))
	name := rapid.StringMatching(`[ab-]{1,3}(/[ab-]{1,3}){0,4}`)
	matched := 0
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "pattern"), "/")
		pattern, err := stage.ParsePattern(text)
		if err != nil {
			t.Skip("not a pattern")
		}
		tried := name.Draw(t, "name")
		if rapid.Bool().Draw(t, "made from the pattern") {
			tried = strings.NewReplacer("**", "a/b", "*", "a").Replace(text)
		}
		got := pattern.Match(tried, "main")
		if want := reference(text, tried, "main"); got != want {
			t.Fatalf("%q matches %q: %t, want %t", text, tried, got, want)
		}
		if got {
			matched++
		}
	})
	if matched == 0 {
		t.Error("nothing was matched, so nothing was compared")
	}
}

// FuzzPattern compares the two over any bytes that make a pattern and a name
// that git allows.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][3]string{
		{"main", "main", "main"},
		{"$default-branch", "trunk", "trunk"},
		{"$default-branch", "main", ""},
		{"$default-branch", "$default-branch", "main"},
		{"dev/**", "dev", "main"},
		{"dev/**", "dev/a/b", "main"},
		{"**", "a/b/c", "main"},
		{"**/**", "a", "main"},
		{"**/a/**", "a/a/a", "main"},
		{"a/**/z", "a/z", "main"},
		{"**/*", "a", "main"},
		{"v*-*", "v1-rc", "main"},
		{"*a*b*", "xaybz", "main"},
		{"m\u0430in", "main", "main"},
		{"*\u0430*", "m\u0430in", "main"},
		{"a,b", "a,b", "main"},
		{"(a|b)+", "a", "main"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, text, name, defaultBranch string) {
		if len(text) > 64 || len(name) > 64 {
			t.Skip("the reference is slow")
		}
		pattern, err := stage.ParsePattern(text)
		if err != nil {
			return
		}
		if _, err := fact.ParseRef("refs/heads/" + name); err != nil {
			return
		}
		got := pattern.Match(name, defaultBranch)
		if want := reference(text, name, defaultBranch); got != want {
			t.Fatalf("%q matches %q with the default branch %q: %t, want %t", text, name, defaultBranch, got, want)
		}
		if got && !strings.Contains(text, "*") && text != stage.DefaultBranch && text != name {
			t.Fatalf("%q has no wildcard and matches %q", text, name)
		}
	})
}
