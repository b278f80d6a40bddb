package refglob_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/refglob"
	"github.com/stageward/stageward/pkg/stage"
)

// A stage that takes versions only: what the environment does not let in matters
// only where it is one.
func TestOnlyVersionsCount(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		lets, name string
		only       refglob.Versions
		want       string
	}{
		{"v*.*", "v*", refglob.AnyName, "v0"},
		{"v[1-9]*", "v*", refglob.Releases, "v0.0.0"},
		{"v*-*", "v*", refglob.Releases, "v1.0.0"},
		{"v*.*.*-rc*", "v*", refglob.Prereleases, "v0.0.0-0"},
		{"*.*.0", "*", refglob.Releases, "0.0.1"},
		{"x", "v*", refglob.Prereleases, "v0.0.0-0"},
		{"v*.?", "v*", refglob.Releases, "v0.0.10"},
		{"v*.*.*", "v*", refglob.Releases, ""},
		{"v[0-9]*.[0-9]*.[0-9]*", "v*", refglob.Releases, ""},
		{"v*.*.*-*", "v*", refglob.Prereleases, ""},
		{"x", "release-*", refglob.Releases, ""},
		{"x", "v*+*", refglob.Releases, "v0.0.0+0"},
		{"x", "v*-*+*", refglob.Releases, ""},
		{"x", "v*-*+*", refglob.Prereleases, "v0.0.0-0+0"},
		{"x", "v1.0.0-00", refglob.Prereleases, ""},
		{"x", "v1.0.0-00a", refglob.Prereleases, "v1.0.0-00a"},
		{"refs/tags/v1.*", "refs/tags/v*", refglob.Releases, "refs/tags/v0.0.0"},
		{"refs/tags/v*-*", "refs/tags/v*", refglob.Releases, "refs/tags/v1.0.0"},
		{"refs/tags/v*.*", "refs/tags/v*", refglob.Releases, ""},
		{"x", "refs/tags/a/*", refglob.Releases, ""},
	} {
		example, covered, err := refglob.CoversVersions(refglob.Of(github(t, row.lets)...), ours(t, row.name)[0], row.only)
		if err != nil || example != row.want || covered != (row.want == "") {
			t.Errorf("%q in %q (%d): got %q, %t, %v; want %q", row.name, row.lets, row.only, example, covered, err, row.want)
		}
	}
}

// The version of a project stands behind its name.
func TestVersionsOfAProject(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		lets, name string
		only       refglob.Versions
		want       string
	}{
		{"x", "web/v*", refglob.Releases, ""},
		{"x", "api/*/v*", refglob.Releases, ""},
		{"x", "api_v*", refglob.Releases, ""},
		{"x", "ap/v*", refglob.Releases, ""},
		{"x", "apiv*", refglob.Releases, ""},
		{"api/v*.*.*", "api/v*", refglob.Releases, ""},
		{"api/v*-*", "api/v*", refglob.Prereleases, ""},
		{"x", "api/v*", refglob.Releases, "api/v0.0.0"},
		{"x", "api@*", refglob.Releases, "api@0.0.0"},
		{"x", "api-v*", refglob.Prereleases, "api-v0.0.0-0"},
		{"x", "*/*", refglob.Releases, "api/0.0.0"},
		{"x", "refs/tags/api/v*", refglob.Releases, "refs/tags/api/v0.0.0"},
		{"refs/tags/api/v*.*", "refs/tags/api/v*", refglob.Releases, ""},
		{"x", "refs/tags/v*", refglob.Releases, "refs/tags/v1.0.0"},
		{"api/v*", "api/v*", refglob.AnyName, ""},
		{"x", "web/v*", refglob.AnyName, "web/v"},
	} {
		example, covered, err := refglob.CoversVersionsOf("api", refglob.Of(github(t, row.lets)...), ours(t, row.name)[0], row.only)
		if err != nil || example != row.want || covered != (row.want == "") {
			t.Errorf("%q in %q (%d): got %q, %t, %v; want %q", row.name, row.lets, row.only, example, covered, err, row.want)
		}
	}
}

// What is a version of a project says the package that decides which tags a stage takes.
func TestVersionsOfAProjectAreThoseOfAStage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		project := rapid.SampledFrom([]string{"", "a", "v1", "1", "a-v1", "api"}).Draw(t, "project")
		name := rapid.StringMatching(`((a|v1|1|a-v1|api|ap|x)[-@/_.]{1,2}){0,2}v?1\.0\.[01](-[0a]{1,2})?(\+0)?`).Draw(t, "name")
		if _, err := fact.ParseRef("refs/tags/" + name); err != nil {
			t.Skip(err)
		}
		_, prerelease, ok := stage.VersionIn(project, name)
		pattern := refglob.Literal(rapid.SampledFrom([]string{"", "refs/tags/"}).Draw(t, "namespace") + name)
		for only, want := range map[refglob.Versions]bool{refglob.AnyName: true, refglob.Releases: ok && !prerelease, refglob.Prereleases: ok && prerelease} {
			if _, none, err := refglob.CoversVersionsOf(project, nil, pattern, only); err != nil || none == want {
				t.Fatalf("%q is one of %d of %q: %t (%v), a stage says %t", name, only, project, !none, err, want)
			}
		}
	})
}

// What only looks like the beginning of a full reference is part of the name.
func TestAClassIsNoNamespace(t *testing.T) {
	t.Parallel()
	if example, covered, err := refglob.CoversVersions(nil, github(t, "[!r]efs/heads/*")[0], refglob.Releases); err != nil || !covered {
		t.Errorf("got %q, %v", example, err)
	}
}

// What is a version says the package that decides which tags a stage takes.
func TestVersionsAreThoseOfAStage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[v0]?[01][1.v]?[.+-][0a][.-]([012]{1,2}|v)([-+.]([0a1-]{1,2}[.+-]?){0,3})?`).Draw(t, "name")
		_, prerelease, ok := stage.Version(name)
		pattern := refglob.Literal(rapid.SampledFrom([]string{"", "refs/tags/"}).Draw(t, "namespace") + name)
		if _, err := fact.ParseRef("refs/tags/" + name); err != nil {
			t.Skip(err)
		}
		for only, want := range map[refglob.Versions]bool{refglob.AnyName: true, refglob.Releases: ok && !prerelease, refglob.Prereleases: ok && prerelease} {
			if _, none, err := refglob.CoversVersions(nil, pattern, only); err != nil || none == want {
				t.Fatalf("%q is one of %d: %t (%v), a stage says %t", name, only, !none, err, want)
			}
		}
	})
}
