package refglob_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/refglob"
	"github.com/stageward/stageward/pkg/stage"
)

func github(tb testing.TB, texts ...string) []refglob.Pattern {
	tb.Helper()
	return read(tb, refglob.GitHub, texts)
}

func ours(tb testing.TB, texts ...string) []refglob.Pattern {
	tb.Helper()
	return read(tb, refglob.Stage, texts)
}

func read(tb testing.TB, parse func(string) (refglob.Pattern, error), texts []string) []refglob.Pattern {
	tb.Helper()
	var patterns []refglob.Pattern
	for _, text := range texts {
		pattern, err := parse(text)
		if err != nil {
			tb.Fatalf("read %q: %v", text, err)
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

// What a stage takes, and what an environment lets in.
func TestWhatAnEnvironmentLetsInAndAStageDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		stage []string
		lets  string
		want  string // the example; "" is covered
	}{
		"everything beside one name":           {[]string{"main"}, "**/*", "feature"},
		"everything without a slash":           {[]string{"main", "feature"}, "*", "v0"},
		"a star stops at a slash":              {[]string{"release/*"}, "release/**/*", "release/0/0"},
		"two stars at the end are one":         {[]string{"release/*"}, "release/**", ""},
		"a longer name":                        {[]string{"main"}, "main*", "main0"},
		"a shorter name":                       {[]string{"main"}, "m*", "m"},
		"another case":                         {[]string{"main"}, "[mM]ain", "Main"},
		"all tags beside versions":             {[]string{"v*"}, "*", "feature"},
		"a class is wider":                     {[]string{"v0*", "v1*", "v2*"}, "v[0-3]*", "v3"},
		"a class that is all but one":          {[]string{"va"}, "v[!a]", "v0"},
		"a class of letters":                   {[]string{"x"}, "x[a-z]y", "xay"},
		"one character, whatever it is":        {[]string{"v0", "v1"}, "v?", "v2"},
		"the folder of what is taken":          {[]string{"dev/**"}, "dev", "dev"},
		"below a folder of what is taken":      {[]string{"dev/*"}, "dev/*/*", "dev/0/0"},
		"a name in any folder":                 {[]string{"hotfix"}, "**/hotfix", "0/hotfix"},
		"no folder between":                    {[]string{"a/*/z"}, "a/**/z", "a/z"},
		"a lock is no name":                    {[]string{"x*.loc", "x"}, "x*.loc*", "x.loc0"},
		"nothing is taken":                     {nil, "main", "main"},
		"a name with a dot at its end is none": {[]string{"v*.0"}, "v*.[.0]", ""},
		"two dots are none":                    {[]string{"a.b.c"}, "a.?.c", "a.0.c"},
		"what git forbids":                     {nil, `a\*b`, ""},
		"a backslash that nothing follows":     {nil, `main\`, "main"},
		"a star before such a backslash":       {[]string{"main"}, `**/*\`, "feature"},
		"such a backslash in an open class":    {nil, `a[b\`, ""},
		"a question mark that is none":         {nil, `a\?b`, ""},
		"a bracket that is none":               {nil, `a\[b]c`, ""},
		"no class has a slash":                 {[]string{"a*b"}, "a[!x/]b", ""},
		"a question mark stops at a slash":     {[]string{"a*b"}, "a?b", ""},
		"a dot at the end is no name":          {[]string{"a0"}, "a[.0]", ""},
		"a mark that git allows":               {nil, "!a", "!a"},
		"the end of a class with a backslash":  {[]string{"a", "c"}, `[a-\c]`, "b"},
		"a class up to another character":      {[]string{"\u00e4"}, "[\u00e4-\u00f6]", "\u00e5"},
		"a dash at the end is in the class":    {[]string{"a"}, "[a-]", "-"},
		"a brace after at and something else":  {nil, "@*{b", "@0{b"},
		"a lock that goes on":                  {nil, "x.lock*", "x.lock0"},
		"two dots beside each other":           {nil, "a.[.]c", ""},
		"a part that begins with a dot":        {nil, "a/[.]b", ""},
		"a part that ends with .lock":          {nil, "x.lock/y", ""},
		"a name that ends with .lock":          {nil, "x.lock", ""},
		"at and a brace":                       {nil, "a@{b", ""},
		"at alone":                             {nil, "a@b", "a@b"},
		"the ends of a class the wrong way":    {nil, "x[z-a]", "xa"},
		"an empty class":                       {nil, "a[]b", ""},
		"an open class":                        {nil, "a[b", ""},
		"an empty part":                        {nil, "a//b", ""},
		"a slash at the end":                   {nil, "a/", ""},
		"the same name":                        {[]string{"main"}, "main", ""},
		"one of several names":                 {[]string{"main", "dev"}, "[m]ain", ""},
		"versions":                             {[]string{"v*"}, "v[0-9]*.[0-9]*.[0-9]*", ""},
		"only together":                        {[]string{"v", "v0*", "v1*"}, "v[01]*", ""},
		"everything without a slash, both":     {[]string{"*"}, "*", ""},
		"below a folder":                       {[]string{"dev/**"}, "dev/**/*", ""},
		"a dash is at the end of a class":      {[]string{"a", "-"}, "[a-]", ""},
		"a class the wrong way round":          {[]string{"z", "a"}, "[z-a]", ""},
		"another character than ASCII":         {[]string{"\u00e4"}, "[\u00e4\u00f6]", "\u00f6"},
	} {
		example, covered, err := refglob.Covers(refglob.Of(ours(t, row.stage...)...), github(t, row.lets)[0])
		if err != nil || covered != (row.want == "") || example != row.want {
			t.Errorf("%s: %q of %q: got %q, %t, %v; want %q", name, row.lets, row.stage, example, covered, err, row.want)
		}
	}
}

func TestWhatASetLeavesOutIsNotInIt(t *testing.T) {
	t.Parallel()
	type set struct{ include, exclude []string }
	for _, row := range []struct {
		cover      []set
		name, want string
	}{
		{[]set{{[]string{"refs/heads/**/*"}, []string{"refs/heads/dev/*"}}}, "refs/heads/**/*", "refs/heads/dev/0"},
		{[]set{{[]string{"refs/heads/*"}, nil}}, "refs/heads/**/*", "refs/heads/feature/a"},
		{[]set{{[]string{"refs/tags/v*"}, nil}}, "refs/tags/*", "refs/tags/latest"},
		{[]set{{[]string{"refs/heads/*"}, nil}}, "~ALL", "feature"},
		{[]set{{[]string{"refs/heads/**/*"}, []string{"refs/heads/main"}}}, "refs/heads/main", "refs/heads/main"},
		{[]set{{[]string{"~ALL"}, []string{"refs/heads/main"}}}, "refs/heads/ma*", "refs/heads/main"},
		{[]set{{nil, []string{"refs/heads/main"}}}, "refs/heads/main", "refs/heads/main"},
		{[]set{{}}, "refs/tags/*", "refs/tags/v0"},
		{nil, "refs/heads/*", "refs/heads/feature"},
		{[]set{{[]string{"~ALL"}, []string{"refs/heads/a"}}, {[]string{"~ALL"}, []string{"refs/heads/a", "refs/heads/b"}}}, "refs/heads/*", "refs/heads/a"},
		{[]set{{[]string{"~ALL"}, []string{"refs/heads/a"}}, {[]string{"~ALL"}, []string{"refs/heads/b"}}}, "refs/heads/*", ""}, // what one leaves out the other has
		{[]set{{[]string{"~ALL"}, []string{"refs/heads/dev"}}}, "refs/heads/main", ""},
		{[]set{{[]string{"~ALL"}, []string{"refs/heads/dev/**/*"}}}, "refs/heads/dev", ""},
		{[]set{{[]string{"[\"-9!]", "[<-\U0010ffff]"}, nil}}, "?", ";"}, // beside a character that git forbids
		{[]set{{[]string{"[\"-\ud7ff!]"}, nil}}, "?", "\ue000"},         // beside numbers that are no characters
	} {
		var cover []refglob.Set
		for _, each := range row.cover {
			cover = append(cover, refglob.Set{Include: read(t, refglob.Ruleset, each.include), Exclude: github(t, each.exclude...)})
		}
		example, covered, err := refglob.Covers(cover, read(t, refglob.Ruleset, []string{row.name})[0])
		if err != nil || example != row.want || covered != (row.want == "") {
			t.Errorf("%q in %q: got %q, %t, %v; want %q", row.name, row.cover, example, covered, err, row.want)
		}
	}
}

func TestPatternsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"~DEFAULT_BRANCH", "~OTHER", "~"} {
		if _, err := refglob.Ruleset(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	for _, text := range []string{"m\xe4in", strings.Repeat("a", 600)} {
		for name, parse := range map[string]func(string) (refglob.Pattern, error){"GitHub": refglob.GitHub, "Stage": refglob.Stage, "Ruleset": refglob.Ruleset} {
			if _, err := parse(text); err == nil {
				t.Errorf("%s read %.20q", name, text)
			}
		}
	}
}

// What is not known is never said to be covered.
func TestWhatIsTooInvolvedIsNotKnown(t *testing.T) {
	t.Parallel()
	name := github(t, "x*a"+strings.Repeat("?", 40)+"b")
	cover := github(t, "x*[!b]", "x*a"+strings.Repeat("?", 38)+"*b", "y")
	if example, covered, err := refglob.Covers(refglob.Of(cover...), name[0]); !errors.Is(err, refglob.ErrTooLarge) || covered || example != "" {
		t.Errorf("got %q, %t, %v", example, covered, err)
	}
}

// Many long patterns are given up on as well, before anybody has waited for them.
func TestManyLongPatternsAreNotKnown(t *testing.T) {
	t.Parallel()
	var cover []refglob.Pattern
	for i := range 20 {
		cover = append(cover, github(t, fmt.Sprintf("a%d", i)+strings.Repeat("**/*?", 50))...)
	}
	name := github(t, strings.Repeat("?", 200)+"*")
	if _, covered, err := refglob.Covers(refglob.Of(cover...), name[0]); !errors.Is(err, refglob.ErrTooLarge) || covered {
		t.Errorf("covered %t, %v", covered, err)
	}
}

// short are all names of up to five of a few characters that git allows.
var short = func() []string {
	all := []string{""}
	for from := 0; len(all[from]) < 5; from++ {
		for _, char := range "a0./" {
			all = append(all, all[from]+string(char))
		}
	}
	return slices.DeleteFunc(all, func(name string) bool {
		_, err := fact.ParseRef("refs/heads/" + name)
		return err != nil
	})
}()

// Another way to the same answer: try every short name with a matcher that goes
// through one name and one pattern at a time.
func TestCoversSaysWhatTryingEveryNameSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`([a0.*?/]|\*\*/|\[[!^]?[a0./-]{0,3}\]|\\[a*/]){1,6}`).Draw(t, "name")
		cover := rapid.SliceOfN(rapid.StringMatching(`([a0.*?/]|\*\*/|\[!?[a0.-]{1,3}\]){1,5}`), 0, 3).Draw(t, "cover")
		except := rapid.SliceOfN(rapid.StringMatching(`([a0*/]|\*\*/){1,4}`), 0, 1).Draw(t, "except")
		taken := func(each string) bool {
			by := func(pattern string) bool { return fnmatch(pattern, each) }
			return slices.ContainsFunc(cover, by) && !slices.ContainsFunc(except, by)
		}
		left := slices.DeleteFunc(slices.Clone(short), func(each string) bool { return !fnmatch(name, each) || taken(each) })
		example, covered, err := refglob.Covers([]refglob.Set{{Include: readAll(t, cover), Exclude: readAll(t, except)}}, readAll(t, []string{name})[0])
		switch {
		case err != nil || covered != (example == ""):
			t.Fatalf("got %q, %t, %v", example, covered, err)
		case covered && len(left) > 0:
			t.Fatalf("%q is said to be covered, and %q is not", name, left[0])
		case !covered && (!fnmatch(name, example) || taken(example)):
			t.Fatalf("%q is no example: matched %t, taken %t", example, fnmatch(name, example), taken(example))
		case !covered && len(left) > 0 && len(example) > len(left[0]) && !slices.Contains([]string{"feature", "feature/a", "v0", "v1.0.0"}, example):
			t.Fatalf("%q is longer than %q", example, left[0])
		}
		if _, err := fact.ParseRef("refs/heads/" + example); !covered && err != nil {
			t.Fatalf("git allows no such name: %v", err)
		}
	})
}

func readAll(t *rapid.T, texts []string) []refglob.Pattern {
	var patterns []refglob.Pattern
	for _, text := range texts {
		pattern, err := refglob.GitHub(text)
		if err != nil {
			t.Fatalf("read %q: %v", text, err)
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

// fnmatch is File.fnmatch with FNM_PATHNAME, for names that git allows.
func fnmatch(pattern, name string) bool {
	if rest, ok := strings.CutPrefix(pattern, "**/"); ok {
		if fnmatch(rest, name) {
			return true
		}
		_, below, ok := strings.Cut(name, "/")
		return ok && fnmatch(pattern, below)
	}
	return segment(pattern, name)
}

// segment goes on within a part of a pattern.
func segment(pattern, name string) bool {
	switch {
	case pattern == "":
		return name == ""
	case pattern[0] == '*':
		return segment(pattern[1:], name) || name != "" && name[0] != '/' && segment(pattern, name[1:])
	case pattern[0] == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
	case pattern[0] == '?':
		return name != "" && name[0] != '/' && segment(pattern[1:], name[1:])
	case pattern[0] == '[':
		rest, ok := bracket(pattern[1:], name)
		return ok && segment(rest, name[1:])
	}
	if name == "" || pattern[0] != name[0] {
		return false
	}
	if name[0] == '/' {
		return fnmatch(pattern[1:], name[1:])
	}
	return segment(pattern[1:], name[1:])
}

// bracket matches one character and returns what comes after the class.
func bracket(pattern, name string) (rest string, ok bool) {
	if name == "" || name[0] == '/' {
		return "", false
	}
	not := pattern != "" && (pattern[0] == '!' || pattern[0] == '^')
	if not {
		pattern = pattern[1:]
	}
	found := false
	for pattern != "" && pattern[0] != ']' {
		low, high := pattern[0], pattern[0]
		pattern = pattern[1:]
		if len(pattern) > 1 && pattern[0] == '-' && pattern[1] != ']' {
			high = pattern[1]
			pattern = pattern[2:]
		}
		found = found || low <= name[0] && name[0] <= high || name[0] == low || name[0] == high
	}
	return strings.TrimPrefix(pattern, "]"), pattern != "" && found != not
}

// A pattern of a policy means here what it means to a stage, also when it is
// written in GitHub's language.
func TestPatternsOfAPolicyMeanWhatAStageTakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(\*\*|[a0.*]{1,2})(/(\*\*|[a0.*]{1,2})){0,3}`).Draw(t, "pattern")
		parsed, err := stage.ParsePattern(text)
		if err != nil {
			t.Skip(err)
		}
		pattern, err := refglob.Stage(text)
		if err != nil {
			t.Fatal(err)
		}
		there, err := refglob.GitHub(refglob.Fnmatch(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range short {
			_, covered, err := refglob.Covers(refglob.Of(pattern), refglob.Literal(name))
			if want := parsed.Match(name, ""); err != nil || covered != want {
				t.Fatalf("%q matches %q: %t (%v), a stage says %t", text, name, covered, err, want)
			}
		}
		for _, pair := range [][2]refglob.Pattern{{pattern, there}, {there, pattern}} {
			if example, covered, err := refglob.Covers(refglob.Of(pair[0]), pair[1]); !covered || err != nil {
				t.Fatalf("%q is not %q: %q (%v)", text, refglob.Fnmatch(text), example, err)
			}
		}
	})
}

func FuzzCovers(f *testing.F) {
	for _, row := range [][2]string{{"main", "**/*"}, {"v[0-9]*", "v*"}, {"[!a-", `\`}, {"\u00e4?*", "[^\u00e4-\U0010ffff]"}, {"[\ud7ff-\ue000]", "?"}} {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, cover, name string) {
		if len(cover)+len(name) > 60 {
			t.Skip()
		}
		by, err := refglob.GitHub(cover)
		if err != nil {
			t.Skip()
		}
		asked, err := refglob.GitHub(name)
		if err != nil {
			t.Skip()
		}
		example, covered, err := refglob.Covers(refglob.Of(by), asked)
		if err != nil || covered {
			return
		}
		if _, err := fact.ParseRef("refs/heads/" + example); err != nil {
			t.Errorf("%q: git allows no such name: %v", example, err)
		}
		for _, row := range []struct {
			pattern refglob.Pattern
			want    bool
		}{{asked, true}, {by, false}} {
			if _, matched, err := refglob.Covers(refglob.Of(row.pattern), refglob.Literal(example)); err != nil || matched != row.want {
				t.Errorf("%q is an example and matched: %t", example, matched)
			}
		}
	})
}
