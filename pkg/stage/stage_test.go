package stage_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// rules are the three stages of the practice.
func rules(t *testing.T) []stage.Rule {
	t.Helper()
	return []stage.Rule{
		{Stage: "dev", Branches: patterns(t, "dev", "dev/**", "develop"), Events: stage.DefaultEvents()},
		{Stage: "staging", Branches: patterns(t, stage.DefaultBranch), Events: stage.DefaultEvents()},
		{Stage: "prod", Tags: patterns(t, "v*"), Versions: stage.Releases, Events: stage.DefaultEvents()},
	}
}

// resolve asks about a push in a repository whose default branch is "main".
func resolve(rules []stage.Rule, ref fact.Ref, pick string) stage.Match {
	return stage.Resolve(rules, stage.Query{Ref: ref, DefaultBranch: "main", Event: "push", Pick: pick})
}

func patterns(t *testing.T, texts ...string) []stage.Pattern {
	t.Helper()
	parsed := make([]stage.Pattern, len(texts))
	for i, text := range texts {
		pattern, err := stage.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		parsed[i] = pattern
	}
	return parsed
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		ref, defaultBranch, pick string
		want                     string // stage or problem
	}{
		"a branch nobody named":                   {ref: "refs/heads/feature", want: "ref.unmatched"},
		"a tag called like the default branch":    {ref: "refs/tags/main", want: "ref.type-mismatch"},
		"a branch called like a release":          {ref: "refs/heads/v1.2.3", want: "ref.type-mismatch"},
		"the prefix twice":                        {ref: "refs/heads/refs/heads/main", want: "ref.unmatched"},
		"a look-alike letter":                     {ref: "refs/heads/m\u0430in", want: "ref.unmatched"},
		"another case":                            {ref: "refs/heads/Main", want: "ref.unmatched"},
		"a longer name":                           {ref: "refs/heads/not-main-evil", want: "ref.unmatched"},
		"a shorter name":                          {ref: "refs/heads/mai", want: "ref.unmatched"},
		"a pre-release":                           {ref: "refs/tags/v1.2.3-rc.1", want: "ref.unmatched"},
		"an incomplete version":                   {ref: "refs/tags/v1", want: "ref.unmatched"},
		"a version with a leading zero":           {ref: "refs/tags/v1.02.3", want: "ref.unmatched"},
		"a slash behind the star":                 {ref: "refs/tags/v1/2", want: "ref.unmatched"},
		"the word for the default branch":         {ref: "refs/heads/$default-branch", want: "ref.unmatched"},
		"an unknown default branch":               {ref: "refs/heads/main", defaultBranch: "-", want: "ref.unmatched"},
		"picking a stage that does not accept it": {ref: "refs/heads/dev", pick: "prod", want: "stage.not-picked"},
		"picking a stage that does not exist":     {ref: "refs/heads/dev", pick: "production", want: "stage.unknown"},
		"picking for a branch nobody named":       {ref: "refs/heads/feature", pick: "prod", want: "ref.unmatched"},
		"a name in a folder is not the folder":    {ref: "refs/heads/dev2/x", want: "ref.unmatched"},
		"dev":                                     {ref: "refs/heads/dev", want: "dev"},
		"below dev":                               {ref: "refs/heads/dev/a/b", want: "dev"},
		"the default branch":                      {ref: "refs/heads/main", want: "staging"},
		"the default branch by another name":      {ref: "refs/heads/trunk", defaultBranch: "trunk", want: "staging"},
		"a release":                               {ref: "refs/tags/v1.2.3", want: "prod"},
		"a release with build metadata":           {ref: "refs/tags/v1.2.3+build.5", want: "prod"},
		"picking what matches anyway":             {ref: "refs/tags/v1.2.3", pick: "prod", want: "prod"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			branch := "main"
			if row.defaultBranch != "" {
				branch = strings.Trim(row.defaultBranch, "-")
			}
			match := stage.Resolve(rules(t), stage.Query{Ref: fact.Ref(row.ref), DefaultBranch: branch, Event: "push", Pick: row.pick})
			got := match.Stage + string(match.Problem)
			if got != row.want {
				t.Errorf("%s: got %q (%s), want %q", row.ref, got, match.Reason, row.want)
			}
			if (match.Problem == "") != (match.Reason == "") {
				t.Errorf("problem %q with reason %q", match.Problem, match.Reason)
			}
			if len(match.Tries) != 5 {
				t.Errorf("the trace has %d tries, want one a pattern", len(match.Tries))
			}
		})
	}
}

func TestTwoStagesForOneRef(t *testing.T) {
	t.Parallel()
	push := []string{"push"}
	both := []stage.Rule{{Stage: "lax", Branches: patterns(t, "*"), Events: push}, {Stage: "strict", Branches: patterns(t, "main"), Events: push}}
	match := resolve(both, "refs/heads/main", "")
	if match.Problem != stage.Ambiguous || !strings.Contains(match.Reason, `"lax" and "strict"`) {
		t.Errorf("got %q: %s", match.Problem, match.Reason)
	}
	if match := resolve(both, "refs/heads/main", "strict"); match.Stage != "strict" {
		t.Errorf("the pick was not followed: %+v", match)
	}
	if match := resolve(both, "refs/heads/x", "strict"); match.Problem != stage.NotPicked {
		t.Errorf("a pick widened the mapping: %+v", match)
	}
}

func TestTheTraceSaysWhy(t *testing.T) {
	t.Parallel()
	one := []stage.Rule{
		{Stage: "a", Branches: patterns(t, "release/*"), Events: stage.DefaultEvents()},
		{Stage: "b", Tags: patterns(t, "v*"), Versions: stage.Prereleases, Events: stage.DefaultEvents()},
		{Stage: "c", Branches: patterns(t, stage.DefaultBranch), Events: stage.DefaultEvents()},
	}
	for ref, want := range map[string][]string{
		"refs/heads/release/1/2": {`"*" stops at "/"; "**" would match`, "it is a branch, and this pattern is for tags", `the default branch is "main"`},
		"refs/tags/v1.0.0":       {"it is a tag, and this pattern is for branches", "the name matches, but 1.0.0 is not a pre-release", "it is a tag, and this pattern is for branches"},
		"refs/tags/v1.0.0-rc.1":  {"it is a tag, and this pattern is for branches", "the whole name matches and is the version 1.0.0-rc.1", "it is a tag, and this pattern is for branches"},
	} {
		match := resolve(one, fact.Ref(ref), "")
		got := make([]string, 0, len(match.Tries))
		for _, try := range match.Tries {
			got = append(got, try.Why)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", ref, got, want)
		}
	}
	if !slices.ContainsFunc(resolve(one, "refs/tags/v1.0.0-rc.1", "").Tries, func(try verdict.Try) bool { return try.Matched }) {
		t.Error("the trace does not mark the match")
	}
}

func TestPatternsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "refs/heads/main", "refs/tags/v*", "release/[0-9]", "{a,b}", "v?", `a\*b`, "!main", "a b", "a//b", "/a", "a/", "a**", "**b", "x:y", "a^", "a~1", "m\xe4in",
	} {
		if pattern, err := stage.ParsePattern(text); err == nil {
			t.Errorf("%q was read as %q", text, pattern)
		}
	}
}

func TestAPatternIsRefusedWithWhatToLeaveOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"refs/heads/main": `leave out "refs/heads/";`, "refs/tags/v*": `leave out "refs/tags/";`, "refs/tags/a/b": `leave out "refs/tags/";`} {
		if _, err := stage.ParsePattern(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestANameOfTheOtherTypeIsExplained(t *testing.T) {
	t.Parallel()
	for ref, want := range map[fact.Ref]string{
		"refs/tags/main":    `"main" is a tag; stage "staging" accepts a branch of that name`,
		"refs/heads/v1.2.3": `"v1.2.3" is a branch; stage "prod" accepts a tag of that name`,
	} {
		if got := resolve(rules(t), ref, "").Reason; got != want {
			t.Errorf("%s: %s, want %s", ref, got, want)
		}
	}
}

func TestPatternsMatchWholeNames(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		pattern, name string
		want          bool
	}{
		{"main", "main", true},
		{"main", "mainx", false},
		{"main", "xmain", false},
		{"main", "", false},
		{"*", "a", true},
		{"*", "a/b", false},
		{"**", "a", true},
		{"**", "a/b/c", true},
		{"dev/*", "dev/a", true},
		{"dev/*", "dev", false},
		{"dev/*", "dev/a/b", false},
		{"dev/**", "dev/a", true},
		{"dev/**", "dev/a/b", true},
		{"dev/**", "dev", false},
		{"dev/**", "dev/", false},
		{"**/hotfix", "hotfix", true},
		{"**/hotfix", "a/b/hotfix", true},
		{"**/hotfix", "a/hotfix2", false},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"a/**/z", "a/bz", false},
		{"v*", "v", true},
		{"v*-*", "v1-rc", true},
		{"v*-*", "v1", false},
	} {
		if got := patterns(t, row.pattern)[0].Match(row.name, "main"); got != row.want {
			t.Errorf("%q matches %q: %t, want %t", row.pattern, row.name, got, row.want)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"", "v", "1", "v1.2", "vv1.2.3", "V1.2.3", "v1.2.3.4", "v01.2.3", "v1.2.3-", "release-1.2.3", "v1.2.3-01", " v1.2.3"} {
		if version, _, ok := stage.Version(tag); ok {
			t.Errorf("%q was read as %s", tag, version)
		}
	}
	for tag, want := range map[string]string{"v1.2.3": "1.2.3", "1.2.3": "1.2.3", "v1.2.3-rc.1": "1.2.3-rc.1 pre", "v0.0.1+b": "0.0.1+b"} {
		version, prerelease, ok := stage.Version(tag)
		if prerelease {
			version += " pre"
		}
		if !ok || version != want {
			t.Errorf("%q: got %q %t, want %q", tag, version, ok, want)
		}
	}
}
