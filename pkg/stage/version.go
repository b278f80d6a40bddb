package stage

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Version returns the semantic version that a tag name stands for, without
// the leading "v", and whether it is a pre-release. ok is false when the name
// is not "v" plus a complete version, or a complete version alone, as
// https://semver.org/#semantic-versioning-200 defines it.
func Version(tag string) (version string, prerelease, ok bool) {
	parsed, err := semver.StrictNewVersion(strings.TrimPrefix(tag, "v"))
	if err != nil {
		return "", false, false
	}
	return parsed.String(), parsed.Prerelease() != "", true
}

// Bare returns the part of a tag's name that is its version in a project: what
// stands behind the project's own name and one of the separators that tools write,
// as in api/v1.2.3 (Go), api@1.2.3 (npm) and api-v1.2.3 (release-please). own is
// then true. The name of another project is not taken off, and no other prefix:
// else whoever may push a tag could begin a line of versions in which nothing is
// higher. Without a project, and for a tag of no project, the name stays whole.
func Bare(project, tag string) (name string, own bool) {
	rest, found := strings.CutPrefix(tag, project)
	if project == "" || !found || rest == "" || !strings.ContainsRune(separators, rune(rest[0])) {
		return tag, false
	}
	return rest[1:], true
}

// separators stand between the name of a project and a version. None of them but
// the hyphen is part of a name, and no version begins inside a name: it has dots.
const separators = "/@-"

// VersionIn is Version for a tag of a project.
func VersionIn(project, tag string) (version string, prerelease, ok bool) {
	name, _ := Bare(project, tag)
	return Version(name)
}
