package history

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/signature"
)

// Checker is by what objects are judged. It never changes and may be shared
// between goroutines.
type Checker struct {
	Ring   *signature.Ring
	When   signature.Moment
	Demand signature.Demand
}

// Commit judges one commit. An object of another type is unfit.
func (c Checker) Commit(object Object) Verdict {
	return guarded(object, func(verdict *Verdict) {
		format, err := gitobject.FormatOf(object.ID)
		if err == nil && object.Type != gitobject.CommitType {
			verdict.refuse(NotACommit, fmt.Sprintf("it is a %s", object.Type))
			return
		}
		var commit gitobject.Commit
		if err == nil {
			commit, err = gitobject.ParseCommit(object.Body, format)
		}
		if err != nil {
			verdict.unfit(err)
			return
		}
		verdict.Subject = subject(commit.Message)
		c.signed(verdict, commit.Signed)
	})
}

// Tag judges a tag object that was asked for by a name, without "refs/tags/":
// the name inside has to be the same, or an old tag could be shown under a new
// name, and it has to name a commit. typeOf returns the type that the object
// with an id really has; its error is returned, with no verdict.
func (c Checker) Tag(object Object, name string, typeOf func(id string) (gitobject.Type, error)) (Verdict, error) {
	var failed error
	verdict := guarded(object, func(verdict *Verdict) {
		verdict.Name = name
		format, err := gitobject.FormatOf(object.ID)
		var tag gitobject.Tag
		if err == nil {
			tag, err = gitobject.ParseTag(object.Body, format)
		}
		if err != nil {
			verdict.unfit(err)
			return
		}
		verdict.Target, verdict.Subject = tag.Target, subject(tag.Message)
		if reason, detail := misnamed(tag, name); reason != "" {
			verdict.refuse(reason, detail)
			return
		}
		kind, err := typeOf(tag.Target)
		switch {
		case err != nil:
			failed = err
		case kind != gitobject.CommitType:
			verdict.refuse(OtherType, fmt.Sprintf("the tag says that it names a commit, and %s is none", tag.Target))
		default:
			c.signed(verdict, tag.Signed)
		}
	})
	if failed != nil {
		return Verdict{}, fmt.Errorf("read what tag %q names: %w", name, failed)
	}
	return verdict, nil
}

// misnamed says in what way a tag is not that of this name for a commit, or
// nothing. Git compares none of it.
func misnamed(tag gitobject.Tag, name string) (Reason, string) {
	switch {
	case tag.Name != name:
		return OtherName, fmt.Sprintf("the tag was made with the name %+q, and stands here as %+q", tag.Name, name)
	case tag.TargetType == string(gitobject.TagType):
		return Nested, "the tag names another tag, so that it vouches for no commit"
	case tag.TargetType != string(gitobject.CommitType):
		return NotACommit, fmt.Sprintf("the tag names a %s, so that it vouches for no commit", tag.TargetType)
	}
	return "", ""
}

// LightweightTag is the verdict on a tag that points straight at a commit.
func LightweightTag(name, commit string) Verdict {
	return Verdict{
		ID: commit, Type: gitobject.CommitType, State: Lightweight, Name: name, Target: commit,
		Detail: "the tag is only a name for a commit, and nobody can sign that; a tag that can be signed is made by `git tag -s`",
	}
}

// signed judges the signature of an object that is fit.
func (c Checker) signed(verdict *Verdict, parts gitobject.Signed) {
	result := c.Ring.Verify(parts.Payload, parts.Signature, c.When, c.Demand)
	verdict.Signature, verdict.Detail = result, result.Detail
	if result.State != signature.Undetermined {
		verdict.State = State(result.State)
	}
}

func (v *Verdict) refuse(reason Reason, detail string) {
	v.State, v.Reason, v.Detail = Unfit, reason, detail
}

// unfit takes over what the parser said.
func (v *Verdict) unfit(err error) {
	if found, ok := errors.AsType[*gitobject.Unfit](err); ok {
		v.refuse(Reason(found.Reason), found.Detail)
		return
	}
	v.Detail = err.Error()
}

// guarded fills in a verdict. It begins as Undetermined, and that is what it
// is when the check of hostile bytes breaks off: on a goroutine of its own a
// panic would end the program with a code that means something else.
func guarded(object Object, check func(*Verdict)) (verdict Verdict) {
	begun := Verdict{ID: object.ID, Type: object.Type, State: Undetermined}
	defer func() {
		if cause := recover(); cause != nil {
			verdict = begun
			verdict.Detail = fmt.Sprintf("the check broke off: %+q", fmt.Sprint(cause))
		}
	}()
	verdict = begun
	check(&verdict)
	return verdict
}

// subject returns a copy of the first line of a message that is not empty.
func subject(message []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(message, "\r\n"), []byte("\n"))
	end := min(len(line), 200)
	for end > 0 && end < len(line) && !utf8.RuneStart(line[end]) {
		end--
	}
	return string(bytes.TrimRight(line[:end], "\r"))
}
