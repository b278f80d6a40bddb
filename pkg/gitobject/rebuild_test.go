package gitobject_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitobject"
)

func TestPartsThatMakeUpAnotherObject(t *testing.T) {
	t.Parallel()
	id := mustID(t, gitobject.CommitType, gitobject.SHA1, commit(signed(pgp)))
	for _, row := range []struct {
		name               string
		kind               gitobject.Type
		id                 string
		payload, signature string
		want               gitobject.Reason
	}{
		{"P18 another payload", gitobject.CommitType, id, commit() + "evil", pgp, gitobject.OtherID},
		{"P18 another signature", gitobject.CommitType, id, commit(), other, gitobject.OtherID},
		{"P18 no signature", gitobject.CommitType, id, commit(), "", gitobject.OtherID},
		{"P18 no payload", gitobject.CommitType, id, "", pgp, gitobject.OtherID},
		{"a payload with other line ends", gitobject.CommitType, id, strings.ReplaceAll(commit(), "\n", "\r\n"), pgp, gitobject.OtherID},
		{"a signature with other line ends", gitobject.CommitType, id, commit(), strings.ReplaceAll(pgp, "\n", "\r\n"), gitobject.OtherID},
		{"three line ends too many in the object", gitobject.CommitType, mustID(t, gitobject.CommitType, gitobject.SHA1, commit(signed(pgp+"\n\n\n"))), commit(), pgp, gitobject.OtherID},
		{"another type", gitobject.TagType, id, commit(), pgp, gitobject.OtherID},
		{"a type that is not signed", "blob", id, commit(), pgp, gitobject.BadType},
		{"an id that is none", gitobject.CommitType, "main", commit(), pgp, gitobject.BadID},
		{"an id in upper case", gitobject.CommitType, strings.ToUpper(id), commit(), pgp, gitobject.BadID},
		{"C19 a payload that is too large", gitobject.CommitType, "main", strings.Repeat("x", gitobject.MaxSize+1), "", gitobject.TooLarge},
		{"C19 a signature that is too large", gitobject.CommitType, "main", "", strings.Repeat("x", gitobject.MaxSize+1), gitobject.TooLarge},
		{"C19 both together too large", gitobject.CommitType, "main", "xx", strings.Repeat("x", gitobject.MaxSize-1), gitobject.TooLarge},
		{"C19 too large only with the spaces that fold", gitobject.CommitType, id, "x", strings.Repeat("\n", gitobject.MaxSize-1), gitobject.TooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := gitobject.Rebuild(row.kind, row.id, row.payload, row.signature)
			wantUnfit(t, err, row.want)
			if got != nil {
				t.Errorf("%q was returned beside the error", got)
			}
		})
	}
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	long := strings.Replace(strings.Replace(commit(), one, strings.Repeat("1", 64), 1), two, strings.Repeat("2", 64), 1)
	for _, row := range []struct {
		name               string
		kind               gitobject.Type
		format             gitobject.Format
		body               string
		payload, signature string
	}{
		{"a commit that is not signed", gitobject.CommitType, gitobject.SHA1, commit(), commit(), ""},
		{"a commit", gitobject.CommitType, gitobject.SHA1, commit(signed(pgp)), commit(), pgp},
		{
			"a signature before the encoding, where JGit writes it", gitobject.CommitType, gitobject.SHA1,
			strings.Replace(withEncoding, "encoding ", "gpgsig "+strings.ReplaceAll(strings.TrimSuffix(pgp, "\n"), "\n", "\n ")+"\nencoding ", 1), withEncoding, pgp,
		},
		{
			"a signature behind the encoding, where git writes it", gitobject.CommitType, gitobject.SHA1,
			strings.Replace(withEncoding, "\n\n", "\ngpgsig "+strings.ReplaceAll(strings.TrimSuffix(pgp, "\n"), "\n", "\n ")+"\n\n", 1), withEncoding, pgp,
		},
		{"a commit whose signature was trimmed", gitobject.CommitType, gitobject.SHA1, commit(signed(pgp)), commit(), strings.TrimSpace(pgp)},
		{"a commit of GitHub whose signature was trimmed", gitobject.CommitType, gitobject.SHA1, commit(signed(pgp + "\n")), commit(), pgp},
		{"a commit whose signature has a line end too many", gitobject.CommitType, gitobject.SHA1, commit(signed(pgp)), commit(), pgp + "\n"},
		{"a commit whose signature ends in many empty lines", gitobject.CommitType, gitobject.SHA1, commit(signed(pgp + "\n\n\n\n")), commit(), pgp + "\n\n\n\n"},
		{"a commit with lines of Windows", gitobject.CommitType, gitobject.SHA1, commit(signed(strings.ReplaceAll(x509, "\n", "\r\n"))), commit(), strings.ReplaceAll(x509, "\n", "\r\n")},
		{"a commit with a timestamp", gitobject.CommitType, gitobject.SHA1, commit(signed(pgp + stamp)), commit(), pgp + stamp},
		{"a commit without a message", gitobject.CommitType, gitobject.SHA1, tree + author + committer + signed(ssh), tree + author + committer, ssh},
		{"a commit that merges a tag", gitobject.CommitType, gitobject.SHA1, commit(header("mergetag", tag(pgp)), signed(ssh)), commit(header("mergetag", tag(pgp))), ssh},
		{"a commit of the other format", gitobject.CommitType, gitobject.SHA256, strings.Replace(long, text, header("gpgsig-sha256", ssh)+text, 1), long, ssh},
		{"a tag", gitobject.TagType, gitobject.SHA1, tag(pgp), tag(), pgp},
		{"a tag whose signature was trimmed", gitobject.TagType, gitobject.SHA1, tag(pgp), tag(), strings.TrimSpace(pgp)},
		{"a tag without a line end at the end", gitobject.TagType, gitobject.SHA1, tag(strings.TrimSpace(pgp)), tag(), pgp},
		{"a tag with two line ends at the end", gitobject.TagType, gitobject.SHA1, tag(pgp + "\n"), tag(), pgp},
		{"a tag of the other format", gitobject.TagType, gitobject.SHA256, tag(ssh), tag(), ssh},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := gitobject.Rebuild(row.kind, mustID(t, row.kind, row.format, row.body), row.payload, row.signature)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.body, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func mustID(t *testing.T, kind gitobject.Type, format gitobject.Format, body string) string {
	t.Helper()
	id, err := gitobject.ID(kind, format, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// withEncoding is a commit with an encoding, without a signature.
var withEncoding = strings.Replace(commit(), "\n\n", "\nencoding ISO-8859-1\n\n", 1)
