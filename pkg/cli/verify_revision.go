package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/gitstore"
)

// askedRevision is what a person wrote, taken apart.
type askedRevision struct {
	text      string
	from, to  string // from is empty when it is no range
	ancestors bool
}

// wrongRevisionError is the error about something that a person named and that is
// not what can be verified.
type wrongRevisionError struct{ reason string }

// Error returns the reason.
func (w *wrongRevisionError) Error() string { return w.reason }

func wrong(format string, args ...any) error {
	return &wrongRevisionError{reason: fmt.Sprintf(format, args...)}
}

// parseRevision reads REVISION or FROM..TO. Git has more ways to write a set
// of commits; each of them is answered with what to write.
func parseRevision(text string, ancestors bool) (askedRevision, error) {
	from, to, isRange := strings.Cut(text, "..")
	switch {
	case strings.Contains(text, "..."):
		return askedRevision{}, wrong("%q has three dots, which means what one side reaches and the other does not, either way; write FROM..TO for what only TO reaches", text)
	case strings.HasPrefix(text, "^"):
		return askedRevision{}, wrong("%q leaves something out without saying of what; write FROM..TO", text)
	case !isRange:
		return askedRevision{text: text, to: text, ancestors: ancestors}, nil
	case strings.Contains(to, ".."):
		return askedRevision{}, wrong("%q is more than one range; write FROM..TO", text)
	case from == "" && to == "":
		return askedRevision{}, wrong("%q names nothing; write FROM..TO, such as v1.2.0..main", text)
	case from == "":
		return askedRevision{}, wrong("%q does not say where the range begins; write HEAD..%s if HEAD is meant, or %s --ancestors for all of it", text, to, to)
	case to == "":
		return askedRevision{}, wrong("%q does not say where the range ends; write %s..HEAD if HEAD is meant", text, from)
	case ancestors:
		return askedRevision{}, wrong("%q says where to stop, and --ancestors says not to; leave out one of them", text)
	}
	return askedRevision{text: text, from: from, to: to}, nil
}

// target is what is to be checked: one object, or commits.
type target struct {
	asked askedRevision
	// from and to are ids. from is empty when it is no range.
	from, to string
	// tag is the name of the tag that to is, or that points at to.
	tag      string
	isObject bool // the tag is an object
}

// isWalk tells whether commits are to be walked.
func (t target) isWalk() bool { return t.from != "" || t.asked.ancestors }

func (t target) isLightweight() bool { return t.tag != "" && !t.isObject }

func (t target) exclude() []string {
	if t.from == "" {
		return nil
	}
	return []string{t.from}
}

// find finds the objects that were named.
func (v verification) find(ctx context.Context, asked askedRevision) (target, error) {
	found := target{asked: asked}
	var err error
	if asked.from != "" {
		if found.from, err = v.commit(ctx, asked.from); err != nil {
			return target{}, err
		}
	}
	if asked.from != "" || asked.ancestors {
		found.to, err = v.commit(ctx, asked.to)
		return found, err
	}
	at, err := v.store.Resolve(ctx, asked.to)
	if err != nil {
		return target{}, err
	}
	name, isTag := strings.CutPrefix(at.Ref, "refs/tags/")
	found.to = at.ID
	switch {
	case isTag && (at.Type == "tag" || at.Type == "commit"):
		found.tag, found.isObject = name, at.Type == "tag"
	case at.Type == "tag":
		return target{}, wrong("%q is a tag object, named by something that is no tag, so that its name cannot be compared; name it as refs/tags/…", asked.to)
	case at.Type != "commit":
		return target{}, wrong("%q is a %s; name a commit or a tag", asked.to, at.Type)
	}
	return found, nil
}

// commit finds the commit at the end of a range. A tag there is a name and no
// evidence; it is read, and not checked.
func (v verification) commit(ctx context.Context, name string) (string, error) {
	at, err := v.store.Resolve(ctx, name)
	if err != nil || at.Type == "commit" {
		return at.ID, err
	}
	if at.Type != "tag" {
		return "", wrong("%q is a %s; name a commit or a tag", name, at.Type)
	}
	object, err := v.store.Object(ctx, at.ID)
	if err != nil {
		return "", err
	}
	target, err := taggedCommit(object)
	if err != nil {
		return "", wrong("%q cannot stand for a commit here: %v; write %s^{commit}", name, err, name)
	}
	commit, err := v.store.Object(ctx, target)
	if err == nil && commit.Type != "commit" {
		return "", wrong("%q names a %s and says that it is a commit; name another", name, commit.Type)
	}
	return commit.ID, err
}

// taggedCommit is the id of the commit that a tag names.
func taggedCommit(object gitstore.Object) (string, error) {
	format, err := gitobject.FormatOf(object.ID)
	if err != nil {
		return "", err
	}
	tag, err := gitobject.ParseTag(object.Body, format)
	if err != nil {
		return "", err
	}
	if tag.TargetType != string(gitobject.CommitType) {
		return "", fmt.Errorf("it is a tag of a %s", tag.TargetType)
	}
	return tag.Target, nil
}
