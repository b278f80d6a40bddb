package gate_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// released is about a tag among others. It names tagObject, the others what
// somebody else made.
func released(tag string, others ...string) fact.Set {
	tags := []fact.VersionTag{{Name: tag, Object: tagObject}}
	for _, each := range others {
		tags = append(tags, fact.VersionTag{Name: each, Object: otherSHA})
	}
	return about(fact.Ref("refs/tags/"+tag), names(tagObject), withTags(tags...))
}

func withTags(tags ...fact.VersionTag) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Versions = fact.Of(tags, fact.Source{URL: "https://github.com/acme/shop/tags"})
	}
}

func higher(name, params string, facts fact.Set, says ...string) row {
	return row{name: name, params: params, facts: facts, want: verdict.Pass, says: says}
}

func notHigher(name, params, code string, facts fact.Set, says ...string) row {
	return row{name: name, params: params, facts: facts, want: verdict.Fail, code: code, says: says}
}

func noVersions(name string, reason fact.Reason, facts fact.Set, says ...string) row {
	return row{name: name, facts: facts, want: verdict.Unknown, code: string(reason), says: says}
}

var _ = rows("version-increases",
	notHigher("a branch has no version", "", "not-a-tag", onMain(withTags()), "refs/heads/main is not a tag"),
	notHigher("a name is not a version", "", "not-a-version", released("nightly"), `"nightly"`, "semver.org"),
	notHigher("half a version is none", "", "not-a-version", released("v1.2"), `"v1.2"`),
	notHigher("two leading letters are no version", "", "not-a-version", released("vv1.2.0")),
	notHigher("an old release", "", "not-higher", released("v1.2.0", "v1.3.0", "v1.1.0"), "v1.2.0 is lower than v1.3.0", "other releases: 2)", "rollback: true"),
	notHigher("versions are no texts", "", "not-higher", released("v1.9.0", "v1.10.0"), "lower than v1.10.0"),
	notHigher("the highest is not the last by its text", "", "not-higher", released("v1.9.0", "v1.10.0", "v1.2.0"), "lower than v1.10.0"),
	notHigher("a lower version without a v", "", "not-higher", released("1.2.0", "v1.3.0"), "1.2.0 is lower than v1.3.0"),
	notHigher("a pre-release of what is released", "", "not-higher", released("v1.4.0-rc.2", "v1.4.0"), "lower than v1.4.0", "other releases and pre-releases: 1)"),
	notHigher("a pre-release of something older", "", "not-higher", released("v1.4.0-rc.9", "v1.5.0-rc.1"), "lower than v1.5.0-rc.1"),
	notHigher("an old pre-release: its numbers are no texts", "", "not-higher", released("v1.4.0-rc.9", "v1.4.0-rc.10"), "lower than v1.4.0-rc.10"),
	notHigher("the same version without a v", "", "same-version", released("v1.2.0", "1.2.0"), "the same version as 1.2.0"),
	notHigher("the same version of another build", "", "same-version", released("v1.2.0+b", "v1.2.0+a"), "the same version as v1.2.0+a", "plus sign"),
	notHigher("an old release of its major line", "line: major", "not-higher", released("v1.2.0", "v1.3.0", "v2.0.0"), "lower than v1.3.0", "other releases of 1: 1)"),
	notHigher("an old release of its minor line", "line: minor", "not-higher", released("v1.2.0", "v1.2.1", "v1.3.0"), "lower than v1.2.1", "other releases of 1.2: 1)"),
	notHigher("a tag that anybody pushed keeps others back", "", "not-higher", released("v1.2.0", "v99.0.0"), "v99.0.0"),

	noVersions("a list without the tag itself", fact.Inconsistent, about("refs/tags/v1.2.0", names(tagObject), withTags(fact.VersionTag{Name: "v1.1.0", Object: otherSHA})), `"v1.2.0" is nothing among all tags`),
	noVersions("an empty list", fact.Inconsistent, about("refs/tags/v1.2.0", names(tagObject), withTags()), `"v1.2.0" is nothing among all tags`),
	noVersions("a tag that moved while it was read", fact.Inconsistent, about("refs/tags/v1.2.0", names(otherSHA), withTags(fact.VersionTag{Name: "v1.2.0", Object: tagObject}))),
	noVersions("a tag that is gone", fact.Inconsistent, about("refs/tags/v1.2.0", names(""), withTags(fact.VersionTag{Name: "v1.2.0"})), "nothing"),
	noVersions("a tag that is two objects", fact.Inconsistent, about("refs/tags/v1.2.0", names(tagObject),
		withTags(fact.VersionTag{Name: "v1.2.0", Object: tagObject}, fact.VersionTag{Name: "v1.1.0", Object: tagObject}, fact.VersionTag{Name: "v1.1.0", Object: otherSHA})), "two objects"),
	noVersions("a list that is not whole", fact.Incomplete, about("refs/tags/v1.2.0", names(tagObject), func(f *fact.Set) {
		f.Versions = fact.Lost[[]fact.VersionTag](fact.Missing{Reason: fact.Incomplete, Detail: "there are 5001"})
	}), "5001"),

	higher("the first version", "", released("v0.1.0"), "there is no other version that v0.1.0 has to be higher than (compared with other releases: 0)"),
	higher("the newest release", "", released("v1.10.0", "v1.9.0", "v1.2.0"), "v1.10.0 is higher than v1.9.0", "other releases: 2)"),
	higher("a release after its pre-releases", "", released("v1.4.0", "v1.4.0-rc.1", "v1.3.0"), "higher than v1.3.0"),
	higher("a release while the next one is in trial", "", released("v1.4.0", "v1.5.0-rc.1")),
	higher("a pre-release of the next version", "", released("v1.5.0-rc.1", "v1.4.0", "v1.5.0-beta.3"), "higher than v1.5.0-beta.3"),
	higher("names that are no versions do not count, and are counted", "", released("v1.4.0", "nightly", "v2", "v1.3.0", "release-9.9.9"), "do not count: 3"),
	higher("a number that is too large is no version", "", released("v1.4.0", "v99999999999999999999999.0.0"), "do not count: 1"),
	higher("an old major version that is kept up", "line: major", released("v1.9.4", "v1.9.3", "v2.0.0"), "higher than v1.9.3"),
	higher("an old minor version that is kept up", "line: minor", released("v1.9.4", "v1.9.3", "v1.10.0", "v2.9.5"), "higher than v1.9.3"),
)

func TestVersionIncreases(t *testing.T) {
	t.Parallel()
	testRows(t, "version-increases")
}

func TestVersionIncreasesRefusesWordsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	testRefusals(t, "version-increases", map[string]string{
		"line: patch": `line "patch"`, `line: ""`: `line ""`, "than: deployed": `than "deployed"`, `than: ""`: `than ""`,
	})
}

// A stage and the gate have to agree on what is a version: what a stage takes
// for a release must not be ignored here.
func TestTheGateReadsVersionsAsStagesDo(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{
		"v1.2.0", "1.2.0", "V1.2.0", "vv1.2.0", "v1.2", "v1", "v1.2.0-rc.1", "v1.2.0+build", "v01.2.0", "v1.2.0-01", "v1.2.0-", "v1.2.0+",
		"v-1.2.0", "v1.2.0.0", "release/v1.2.0", "v18446744073709551615.0.0", "v18446744073709551616.0.0", "v1.2.0-rc_1", "v",
	} {
		_, _, want := stage.Version(tag)
		finding := bind(t, "version-increases", row{}).Ask(released(tag), gate.Terms{})
		if got := finding.Code != "not-a-version"; got != want {
			t.Errorf("%s: a version to the gate: %t, to a stage: %t", tag, got, want)
		}
	}
}
