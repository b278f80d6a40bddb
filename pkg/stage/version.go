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
