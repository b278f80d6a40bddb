package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesNewerVersion lets there be a newer version of the line that the tag is of,
// or none that is as high.
var supposesNewerVersion = Supposing[versionIncreases]{
	Noun: "newer-version", Against: true,
	With: func(params versionIncreases, in Supposed, _ string) error {
		tag, version, err := params.listed(in)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(tag, version.Original()) + version.IncPatch().String()
		suppose.Change(&in.Facts.Versions, func(tags *[]fact.VersionTag) {
			if !slices.ContainsFunc(*tags, func(each fact.VersionTag) bool { return each.Name == name }) {
				*tags = append(slices.Clone(*tags), fact.VersionTag{Name: name, Object: in.Commit(name)})
			}
		})
		return nil
	},
	Without: func(params versionIncreases, in Supposed, _ string) error {
		tag, version, err := params.listed(in)
		if err != nil {
			return err
		}
		in.keepTags(func(name string) bool {
			return name == tag || params.compare(in.Terms, tag, version, []string{name}).Outcome == verdict.Pass
		})
		return nil
	},
}

// keepTags keeps the tags whose names are kept.
func (in Supposed) keepTags(keep func(name string) bool) {
	suppose.Change(&in.Facts.Versions, func(tags *[]fact.VersionTag) {
		left := []fact.VersionTag{}
		for _, each := range *tags {
			if keep(each.Name) {
				left = append(left, each)
			}
		}
		*tags = left
	})
}

// listed returns the tag and its version, and sees to it that it is among all tags as
// what it is by itself.
func (p versionIncreases) listed(in Supposed) (string, *semver.Version, error) {
	ref := in.Facts.Subject.Ref
	version, ok := in.Terms.Stage.versionOf(ref.Name())
	if ref.Kind() != fact.TagRef || !ok {
		return "", nil, fmt.Errorf("%s is no tag with a version, so nothing can be higher or lower", ref)
	}
	seen := map[string]bool{}
	in.keepTags(func(name string) bool {
		twice := seen[name]
		seen[name] = true
		return !twice
	})
	target, missing := in.Facts.RefTarget.Get()
	switch {
	case missing != nil:
		in.PointRef()
	case target.Object == "":
		return "", nil, fmt.Errorf("%s is gone, so nobody can say what it is among all tags", ref)
	default:
		in.PointRefAt(target)
	}
	return ref.Name(), version, nil
}
