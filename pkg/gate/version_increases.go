package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// VersionIncreases holds when the tag is the highest version of its line. It
// keeps an old release, and its known faults, from being deployed over a newer
// one.
var VersionIncreases = register(Spec[versionIncreases]{
	ID:        "version-increases",
	Title:     "The version is higher than every other",
	Since:     "0.1.0",
	Configure: "version-increases: {}",
	Defaults:  versionIncreases{Than: allTags, Line: wholeLine},
	Validate:  func(params versionIncreases, _ Terms) error { return params.validate() },
	Needs: func(versionIncreases, Terms) []fact.Need {
		return []fact.Need{{Kind: fact.NeedVersions}, {Kind: fact.NeedRefTarget}}
	},
	Suppose: supposesNewerVersion,
	Check:   checkVersionIncreases,
})

type versionIncreases struct {
	Than Versions `yaml:"than" doc:"What the version has to be higher than: tags, the other version tags of the repository."`
	Line Line     `yaml:"line" doc:"Which versions it is compared with: all, those of the same major version, or those of the same minor version."`
}

// Versions says what a version is compared with.
type Versions string

// The choice.
const allTags Versions = "tags"

// Values returns the words a policy may use.
func (Versions) Values() []string { return []string{string(allTags)} }

// Line says which versions follow one another.
type Line string

// The lines. The narrow ones are for branches on which old versions are kept up.
const (
	wholeLine Line = "all"
	majorLine Line = "major"
	minorLine Line = "minor"
)

// Values returns the words a policy may use.
func (Line) Values() []string {
	return []string{string(wholeLine), string(majorLine), string(minorLine)}
}

func (p versionIncreases) validate() error {
	if !slices.Contains(p.Than.Values(), string(p.Than)) {
		return fmt.Errorf("than %q: expected one of %q", p.Than, p.Than.Values())
	}
	if !slices.Contains(p.Line.Values(), string(p.Line)) {
		return fmt.Errorf("line %q: expected one of %q", p.Line, p.Line.Values())
	}
	return nil
}

// versionOf returns the version that the name of a tag stands for: a complete
// semantic version, with or without a leading "v", behind the name of the stage's
// project or bare. It reads names as the stages of a policy do.
func (s Stage) versionOf(tag string) (*semver.Version, bool) {
	name, _ := stage.Bare(s.Project, tag)
	version, err := semver.StrictNewVersion(strings.TrimPrefix(name, "v"))
	return version, err == nil
}

// follow reports whether two tags are of one line of versions: both carry the name
// of the project, however it is set apart, or neither does. A tag that the stage
// would take is of the line as well: else an old commit could go there under a name
// of the other kind, of which no version is higher.
func (t Terms) follow(tag, other string) bool {
	_, own := stage.Bare(t.Stage.Project, tag)
	_, others := stage.Bare(t.Stage.Project, other)
	if own == others {
		return true
	}
	whole, _ := t.stage(t.Stage.Name)
	rules := slices.Concat([]stage.Rule{t.Stage.Rule, whole.Rule}, t.Stage.Lanes, whole.Lanes)
	return slices.ContainsFunc(rules, func(rule stage.Rule) bool {
		return slices.ContainsFunc(rule.Tags, func(each stage.Pattern) bool { return each.Match(other, "") })
	})
}

func checkVersionIncreases(params versionIncreases, in Input) verdict.Finding {
	subject := in.Facts.Subject
	if subject.Ref.Kind() != fact.TagRef {
		return verdict.Failed("not-a-tag", fmt.Sprintf("%s is not a tag, so it has no version", subject.Ref)).
			Because("Tag the commit with its version, such as v1.2.0, and run for the tag.", "whoever releases")
	}
	tag := subject.Ref.Name()
	version, ok := in.Terms.Stage.versionOf(tag)
	if !ok {
		return verdict.Failed("not-a-version", fmt.Sprintf("the tag %q is not a version%s", tag, of(in.Terms.Stage.Project))).
			Because("Use a complete semantic version for the tag, such as v1.2.0 or v1.2.0-rc.1 (semver.org).", "whoever releases")
	}
	tags, missing := in.otherTags(tag)
	if missing != nil {
		return verdict.Lacking("which versions there are", missing)
	}
	return params.compare(in.Terms, tag, version, tags).See("all tags", in.Facts.Versions.Source().URL)
}

// otherTags returns the names of all tags but the subject's own, each once, in
// order. The own tag has to be among them, and to be what the reference is: a
// list without it is not the list of this repository's tags.
func (in Input) otherTags(own string) ([]string, *fact.Missing) {
	tags, missing := in.distinctTags()
	if missing != nil {
		return nil, missing
	}
	target, missing := in.Facts.RefTarget.Get()
	if missing != nil {
		return nil, missing
	}
	var others []string
	var object fact.SHA
	for _, each := range tags {
		if each.Name == own {
			object = each.Object
		} else {
			others = append(others, each.Name)
		}
	}
	if object == "" || object != target.Object {
		return nil, &fact.Missing{
			Reason: fact.Inconsistent,
			Detail: fmt.Sprintf("the tag %q is %s among all tags, and %s by itself", own, orNothing(string(object)), orNothing(string(target.Object))),
		}
	}
	return others, nil
}

// distinctTags returns all tags by name, each once.
func (in Input) distinctTags() ([]fact.VersionTag, *fact.Missing) {
	listed, missing := in.Facts.Versions.Get()
	tags := slices.Clone(listed)
	order.By(tags, func(a, b fact.VersionTag) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Object, b.Object))
	})
	tags = slices.Compact(tags)
	for i := 1; i < len(tags); i++ {
		if tags[i].Name == tags[i-1].Name {
			return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("the tag %q is two objects", tags[i].Name)}
		}
	}
	return tags, missing
}

// compare holds the version against the others of its line.
func (p versionIncreases) compare(terms Terms, tag string, version *semver.Version, tags []string) verdict.Finding {
	var highest *semver.Version
	var name string
	compared, ignored := 0, 0
	for _, each := range tags {
		other, ok := terms.Stage.versionOf(each)
		switch {
		case !ok:
			ignored++
			continue
		case !terms.follow(tag, each):
			continue
		case !p.follows(version, other):
			continue
		}
		compared++
		if highest == nil || other.Compare(highest) > 0 {
			highest, name = other, each
		}
	}
	among := p.among(terms.Stage.Project, version, compared, ignored)
	switch {
	case highest == nil:
		return verdict.Passed(fmt.Sprintf("there is no other version that %s has to be higher than%s", tag, among))
	case version.Compare(highest) == 0:
		return verdict.Failed("same-version", fmt.Sprintf("%s is the same version as %s%s", tag, name, among)).
			Because("Give the commit a version of its own. What stands behind a plus sign does not make one version higher than another.", "whoever releases")
	case version.Compare(highest) < 0:
		return verdict.Failed("not-higher", fmt.Sprintf("%s is lower than %s%s", tag, name, among)).
			Because(fmt.Sprintf("Release what should be deployed under a version above %s. To go back to a version that was deployed before, start the run with the input rollback: true.", name), "whoever releases")
	}
	return verdict.Passed(fmt.Sprintf("%s is higher than %s, the highest version before it%s", tag, name, among))
}

// follows reports whether a version has to be higher than another one. A
// release need not be higher than pre-releases: the next version may be in
// trial while this one is released.
func (p versionIncreases) follows(version, other *semver.Version) bool {
	switch {
	case version.Prerelease() == "" && other.Prerelease() != "":
		return false
	case p.Line != wholeLine && version.Major() != other.Major():
		return false
	}
	return p.Line != minorLine || version.Minor() == other.Minor()
}

// among says with how many tags the version was compared, and which were left
// out.
func (p versionIncreases) among(project string, version *semver.Version, compared, ignored int) string {
	kind := "releases and pre-releases"
	if version.Prerelease() == "" {
		kind = "releases"
	}
	switch p.Line {
	case majorLine:
		kind += fmt.Sprintf(" of %d", version.Major())
	case minorLine:
		kind += fmt.Sprintf(" of %d.%d", version.Major(), version.Minor())
	case wholeLine:
	}
	text := fmt.Sprintf(" (compared with other %s%s: %d", kind, of(project), compared)
	if ignored > 0 {
		text += fmt.Sprintf("; tags that are no versions%s do not count: %d", of(project), ignored)
	}
	return text + ")"
}

// of names the project that something is of; "" where there is none.
func of(project string) string {
	if project == "" {
		return ""
	}
	return " of " + project
}
