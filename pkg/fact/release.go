package fact

import (
	"fmt"
	"strings"
	"time"
)

// Release is the published release of the subject's tag. That there is none is
// an answer. A draft is none: GitHub shows it only to those who may write.
type Release struct {
	Exists bool `json:"exists"`
	// Tag is the name of the tag it is of.
	Tag  string `json:"tag,omitempty"`
	Name string `json:"name,omitempty"`
	// Body is what it says, in Markdown: text from outside.
	Body       string    `json:"body,omitempty"`
	Draft      bool      `json:"draft,omitempty"`
	Prerelease bool      `json:"prerelease,omitempty"`
	Author     *Person   `json:"author,omitempty"` // nil when the account is gone
	At         time.Time `json:"at,omitzero"`      // when it was published
	URL        string    `json:"url,omitempty"`
}

// VersionTag is a tag of the repository.
type VersionTag struct {
	Name string `json:"name"` // without refs/tags/
	// Object is what the tag names: a tag object, or a commit.
	Object SHA `json:"object"`
}

// SourceFile is a file as it is in the subject's commit. That there is none at
// the path is an answer.
type SourceFile struct {
	Path   string `json:"path"`
	Commit SHA    `json:"commit"`
	Exists bool   `json:"exists"`
	Blob   SHA    `json:"blob,omitempty"`
	Text   string `json:"text,omitempty"`
	URL    string `json:"url,omitempty"`
}

// SourceAt returns the file whose path is made from a template. A file of
// another path or commit is Inconsistent.
func (s Set) SourceAt(template string) Known[SourceFile] {
	known := s.Sources[template]
	file, missing := known.Get()
	if missing != nil {
		return known
	}
	path, err := s.Subject.Fill(template)
	switch {
	case err != nil:
		return Lost[SourceFile](Missing{Reason: Inconsistent, Detail: err.Error()})
	case file.Path != path || file.Commit != s.Subject.SHA:
		return Lost[SourceFile](Missing{
			Reason: Inconsistent, Detail: fmt.Sprintf("asked for %q at %s, the answer is %q at %s", path, s.Subject.SHA, file.Path, file.Commit),
		})
	}
	return known
}

// The places in a template that are filled in with what is deployed.
const (
	tagPlace     = "{tag}"
	versionPlace = "{version}"
	shaPlace     = "{sha}"
)

// Fill returns a template with {tag} (the name of the tag), {version} (the same
// without a leading v) and {sha} filled in. A branch has neither tag nor
// version: a template that asks for one is an error then.
func (s Subject) Fill(template string) (string, error) {
	filled := strings.ReplaceAll(template, shaPlace, string(s.SHA))
	if s.Ref.Kind() == TagRef {
		tag := s.Ref.Name()
		return strings.NewReplacer(tagPlace, tag, versionPlace, strings.TrimPrefix(tag, "v")).Replace(filled), nil
	}
	for _, place := range []string{tagPlace, versionPlace} {
		if strings.Contains(filled, place) {
			return "", fmt.Errorf("fill in %q: %s is no tag, so there is no %s", template, s.Ref, place)
		}
	}
	return filled, nil
}
