package fact

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Ref is a fully qualified git reference such as "refs/heads/main". Stageward
// never works with short names: a branch and a tag may share one.
type Ref string

// RefKind tells branches from tags. The zero value is neither.
type RefKind string

// The kinds of reference a stage can accept.
const (
	OtherRef RefKind = ""
	Branch   RefKind = "branch"
	TagRef   RefKind = "tag"
)

const (
	branchPrefix = "refs/heads/"
	tagPrefix    = "refs/tags/"
	maxRefLength = 1024
)

// ParseRef checks that text is the full name of a branch or a tag. It returns
// an error for short names, other namespaces, and names git itself refuses
// (git-check-ref-format(1)).
func ParseRef(text string) (Ref, error) {
	ref := Ref(text)
	if ref.Kind() == OtherRef {
		return "", fmt.Errorf("ref %+q is neither refs/heads/<branch> nor refs/tags/<tag>; give the full name", text)
	}
	if err := checkRefName(ref.Name()); err != nil {
		return "", fmt.Errorf("ref %+q is not a valid git reference: %w", text, err)
	}
	return ref, nil
}

// Kind tells whether the reference is a branch or a tag.
func (r Ref) Kind() RefKind {
	switch {
	case strings.HasPrefix(string(r), branchPrefix):
		return Branch
	case strings.HasPrefix(string(r), tagPrefix):
		return TagRef
	}
	return OtherRef
}

// Name returns the reference without its namespace. Exactly one prefix is
// taken off: "refs/heads/refs/heads/main" is the branch "refs/heads/main".
func (r Ref) Name() string {
	switch r.Kind() {
	case Branch:
		return string(r[len(branchPrefix):])
	case TagRef:
		return string(r[len(tagPrefix):])
	case OtherRef:
	}
	return string(r)
}

// BranchRef returns the full reference of a branch name.
func BranchRef(name string) Ref { return Ref(branchPrefix + name) }

// checkRefName applies the rules of git-check-ref-format(1) that a name from
// outside could break.
func checkRefName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the name is empty")
	case len(name) > maxRefLength:
		return fmt.Errorf("the name is longer than %d bytes", maxRefLength)
	case !utf8.ValidString(name):
		return fmt.Errorf("the name is not UTF-8")
	case strings.ContainsAny(name, " ~^:?*[\\\x7f"):
		return fmt.Errorf(`the name has a space or one of ~ ^ : ? * [ \`)
	case strings.Contains(name, "..") || strings.Contains(name, "@{") || strings.Contains(name, "//"):
		return fmt.Errorf(`the name has "..", "@{" or "//"`)
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, "/") || strings.HasPrefix(name, "/"):
		return fmt.Errorf(`the name begins with "/" or ends with "." or "/"`)
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return fmt.Errorf(`a part of the name begins with "." or ends with ".lock"`)
		}
	}
	for _, char := range name {
		if char < ' ' {
			return fmt.Errorf("the name has a control character")
		}
	}
	return nil
}

// SHA is the full id of a git object: 40 hexadecimal digits (SHA-1) or 64
// (SHA-256), lower case.
type SHA string

// ParseSHA checks that text is a full object id. Short ids and upper case are
// errors, since a gate must never guess which object is meant, and so is the
// all-zero id with which git says "no object".
func ParseSHA(text string) (SHA, error) {
	if len(text) != 40 && len(text) != 64 {
		return "", fmt.Errorf("object id %q has %d characters; give all 40 (or 64)", text, len(text))
	}
	if strings.Trim(text, "0123456789abcdef") != "" {
		return "", fmt.Errorf("object id %q is not lower-case hexadecimal", text)
	}
	if strings.Trim(text, "0") == "" {
		return "", fmt.Errorf("object id %q is git's word for no object", text)
	}
	return SHA(text), nil
}

// Short returns the first seven digits, for people; never for a request.
func (s SHA) Short() string {
	if len(s) < 7 {
		return string(s)
	}
	return string(s[:7])
}
