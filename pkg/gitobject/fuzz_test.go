package gitobject_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitobject"
)

func FuzzParseCommit(f *testing.F) {
	for _, row := range fitCommits() {
		f.Add([]byte(row.body))
	}
	for _, row := range unfitCommits() {
		f.Add([]byte(row.body[:min(len(row.body), 4096)]))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got, err := gitobject.ParseCommit(body, gitobject.SHA1)
		again, errAgain := gitobject.ParseCommit(body, gitobject.SHA1)
		sameTwice(t, got, again, err, errAgain)
		if !bytes.Equal(before, body) {
			t.Fatal("the object was changed")
		}
		if err != nil {
			return
		}
		accountsForAll(t, gitobject.CommitType, body, got.Signed)
		if !bytes.HasSuffix(got.Payload, got.Message) || !bytes.HasPrefix(got.Payload, []byte("tree "+got.Tree+"\n")) {
			t.Errorf("the message or the tree are not those of the payload: %q", got.Payload)
		}
		if len(got.Signature) == 0 {
			return
		}
		// What is signed has to say the same when it is read alone.
		alone, err := gitobject.ParseCommit(got.Payload, gitobject.SHA1)
		got.Signed, alone.Signed = gitobject.Signed{}, gitobject.Signed{}
		if diff := cmp.Diff(got, alone); err != nil || diff != "" {
			t.Errorf("the payload alone: %v\n%s", err, diff)
		}
	})
}

func FuzzParseTag(f *testing.F) {
	for _, row := range fitTags() {
		f.Add([]byte(row.body))
	}
	for _, row := range unfitTags() {
		f.Add([]byte(row.body[:min(len(row.body), 4096)]))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got, err := gitobject.ParseTag(body, gitobject.SHA1)
		again, errAgain := gitobject.ParseTag(body, gitobject.SHA1)
		sameTwice(t, got, again, err, errAgain)
		if !bytes.Equal(before, body) {
			t.Fatal("the object was changed")
		}
		if err != nil {
			return
		}
		accountsForAll(t, gitobject.TagType, body, got.Signed)
		if !bytes.HasSuffix(got.Payload, got.Message) || !bytes.HasPrefix(got.Payload, []byte("object "+got.Target+"\ntype "+got.TargetType+"\ntag "+got.Name+"\n")) {
			t.Errorf("the message or the header are not those of the payload: %q", got.Payload)
		}
	})
}

func sameTwice(t *testing.T, got, again any, err, errAgain error) {
	t.Helper()
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("two readings differ:\n%s", diff)
	}
	if err == nil && errAgain == nil {
		return
	}
	var unfit *gitobject.Unfit
	if !errors.As(err, &unfit) || errAgain == nil || err.Error() != errAgain.Error() {
		t.Errorf("got %v, then %v", err, errAgain)
	}
}

// accountsForAll fails unless every byte of the object is in the payload, the
// signature or the timestamp, or is what git puts between them.
func accountsForAll(t *testing.T, kind gitobject.Type, body []byte, signed gitobject.Signed) {
	t.Helper()
	if signed.Signature == nil {
		if signed.Timestamp != nil || !bytes.Equal(signed.Payload, body) {
			t.Errorf("the payload of an unsigned object is not all of it: %q", signed.Payload)
		}
		return
	}
	armored := string(signed.Signature) + string(signed.Timestamp)
	expected := len(signed.Payload) + len(armored)
	if kind == gitobject.CommitType {
		expected += len("gpgsig ") + bytes.Count([]byte(armored), []byte("\n")) - 1
	}
	if expected != len(body) {
		t.Errorf("payload and signature make up %d bytes of %d", expected, len(body))
	}
	id, err := gitobject.ID(kind, gitobject.SHA1, body)
	if err != nil {
		t.Fatal(err)
	}
	rebuilt, err := gitobject.Rebuild(kind, id, string(signed.Payload), armored)
	if err == nil && !bytes.Equal(rebuilt, body) {
		t.Errorf("another object has the same id: %q", rebuilt)
	}
	// Further headers behind the signature are the one thing that git's own
	// programs do not write, and that cannot be told from the two parts.
	if err != nil && !furtherHeaders(kind, body) {
		t.Error(err)
	}
}

// furtherHeaders tells whether the header of a commit goes on behind its
// signature.
func furtherHeaders(kind gitobject.Type, body []byte) bool {
	head, _, _ := bytes.Cut(body, []byte("\n\n"))
	_, behind, _ := bytes.Cut(head, []byte("\ngpgsig "))
	for line := range bytes.Lines(behind[bytes.IndexByte(behind, '\n')+1:]) {
		if kind == gitobject.CommitType && bytes.IndexByte(behind, '\n') >= 0 && line[0] != ' ' {
			return true
		}
	}
	return false
}
