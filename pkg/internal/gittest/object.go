package gittest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitobject"
)

// EmptyTree is the tree of all commits here. Git knows it without having it.
const EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// Object is a commit or a tag as git stores it.
type Object struct {
	Type gitobject.Type
	Body string
}

// ID returns the id that git gives it.
func (o Object) ID(tb testing.TB) string {
	tb.Helper()
	id, err := gitobject.ID(o.Type, gitobject.SHA1, []byte(o.Body))
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// Commit describes a commit.
type Commit struct {
	Parents []string
	Subject string
	// Header are whole lines behind the committer. They are signed.
	Header string
	// Signer is nil for a commit that is not signed.
	Signer *Signer
}

// Object returns the commit, signed.
func (c Commit) Object(tb testing.TB) Object {
	tb.Helper()
	var head strings.Builder
	fmt.Fprintf(&head, "tree %s\n", EmptyTree)
	for _, each := range c.Parents {
		fmt.Fprintf(&head, "parent %s\n", each)
	}
	person := fmt.Sprintf("Olga <olga@example.org> %d +0000", Signed.Unix())
	fmt.Fprintf(&head, "author %s\ncommitter %s\n%s", person, person, c.Header)
	message := "\n" + c.Subject + "\n"
	if c.Signer == nil {
		return Object{Type: gitobject.CommitType, Body: head.String() + message}
	}
	armored := c.Signer.Sign(tb, []byte(head.String()+message))
	return Object{Type: gitobject.CommitType, Body: head.String() + SignatureHeader("gpgsig", armored) + message}
}

// SignatureHeader folds armored text into a header.
func SignatureHeader(name, armored string) string {
	return name + " " + strings.ReplaceAll(strings.TrimSuffix(armored, "\n"), "\n", "\n ") + "\n"
}

// Tag describes an annotated tag.
type Tag struct {
	Target, TargetType, Name string
	Signer                   *Signer
}

// Object returns the tag, signed.
func (t Tag) Object(tb testing.TB) Object {
	tb.Helper()
	body := fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger Olga <olga@example.org> %d +0000\n\n%s\n",
		t.Target, t.TargetType, t.Name, Signed.Unix(), "release "+t.Name)
	if t.Signer != nil {
		body += t.Signer.Sign(tb, []byte(body))
	}
	return Object{Type: gitobject.TagType, Body: body}
}
