package stage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// DefaultBranch is the pattern that stands for the repository's default
// branch, whatever it is called. GitHub's workflow templates use the same word.
const DefaultBranch = "$default-branch"

// Pattern matches the names of branches or of tags. "*" stands for any run of
// characters except "/"; "**", as a whole part between slashes, for any number
// of parts. Nothing else is special.
type Pattern struct {
	text string
	glob string
}

// ParsePattern checks a pattern and returns it ready to match. Characters that
// are special in other globs are errors, because git allows none of them in a
// name and a reader would expect them to work.
func ParsePattern(text string) (Pattern, error) {
	if text == DefaultBranch {
		return Pattern{text: text}, nil
	}
	switch {
	case text == "":
		return Pattern{}, fmt.Errorf("the pattern is empty")
	case !utf8.ValidString(text):
		return Pattern{}, fmt.Errorf("pattern %+q is not UTF-8", text)
	case strings.HasPrefix(text, "refs/heads/") || strings.HasPrefix(text, "refs/tags/"):
		return Pattern{}, fmt.Errorf("pattern %q: leave out %q; whether it is a branch or a tag is said by the key above it", text, text[:strings.LastIndex(text[:11], "/")+1])
	case strings.ContainsAny(text, `?[]{}\!^~: `):
		return Pattern{}, fmt.Errorf("pattern %q: only * (within one part) and ** (whole parts) are wildcards here", text)
	}
	parts := strings.Split(text, "/")
	for _, part := range parts {
		switch {
		case part == "":
			return Pattern{}, fmt.Errorf(`pattern %q has an empty part; git allows no name that begins or ends with "/" or has "//"`, text)
		case part != "**" && strings.Contains(part, "**"):
			return Pattern{}, fmt.Errorf(`pattern %q: "**" has to stand alone between slashes, as in "release/**"`, text)
		}
	}
	return Pattern{text: text, glob: globOf(parts)}, nil
}

// globOf translates to the matcher's dialect, in which "dev/**" would also
// match "dev" itself; here it does not.
func globOf(parts []string) string {
	if len(parts) > 1 && parts[len(parts)-1] == "**" {
		parts = append(parts[:len(parts):len(parts)], "*")
	}
	return strings.Join(parts, "/")
}

// Literal reports whether the pattern stands for one name, DefaultBranch included.
func (p Pattern) Literal() bool { return !strings.Contains(p.text, "*") }

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Match reports whether the pattern matches a whole name. The default branch's
// name is needed for DefaultBranch only; where it is "", that pattern matches
// nothing.
func (p Pattern) Match(name, defaultBranch string) bool {
	if p.text == DefaultBranch {
		return defaultBranch != "" && name == defaultBranch
	}
	return p.glob != "" && doublestar.MatchUnvalidated(p.glob, name)
}
