package gitobject_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitobject"
)

// The ids in the names of the rows are those of the attack table in the
// documentation: C for commits, T for tags.

const (
	person    = "A U Thor <author@example.com> 1700000000 +0100"
	author    = "author " + person + "\n"
	committer = "committer " + person + "\n"
	tagger    = "tagger " + person + "\n"
	name      = "tag v1.0.0\n"
	text      = "\nSay what is new\n"

	pgp   = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n"
	other = "-----BEGIN PGP SIGNATURE-----\n\nBBBB\n=BBBB\n-----END PGP SIGNATURE-----\n"
	ssh   = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"
	x509  = "-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n"
	stamp = "-----BEGIN OPENTIMESTAMPS GIT TIMESTAMP-----\n\nAQEAAAAA\nAAAA=\n-----END OPENTIMESTAMPS GIT TIMESTAMP-----\n"
)

var (
	one    = strings.Repeat("1", 40)
	two    = strings.Repeat("2", 40)
	tree   = "tree " + one + "\n"
	parent = "parent " + two + "\n"
	target = "object " + one + "\ntype commit\n"
	writer = gitobject.Person{Name: "A U Thor", Email: "author@example.com", Seconds: 1_700_000_000}
)

// header is a header of a commit that holds several lines.
func header(name, value string) string {
	return name + " " + strings.ReplaceAll(strings.TrimSuffix(value, "\n"), "\n", "\n ") + "\n"
}

func signed(armored string) string { return header("gpgsig", armored) }

// commit is a commit with further headers.
func commit(further ...string) string {
	return tree + parent + author + committer + strings.Join(further, "") + text
}

// tag is a tag with something behind its message.
func tag(further ...string) string {
	return target + name + tagger + text + strings.Join(further, "")
}

type unfitRow struct {
	name string
	body string
	want gitobject.Reason
}

func unfitCommits() []unfitRow {
	return []unfitRow{
		{"C1 the same signature twice", commit(signed(pgp), signed(pgp)), gitobject.ManySignatures},
		{"C1b a good signature, then garbage", commit(signed(pgp), "gpgsig garbage\n"), gitobject.ManySignatures},
		{"C1c an SSH signature, then an OpenPGP one", commit(signed(ssh), signed(pgp)), gitobject.ManySignatures},
		{"C1d an OpenPGP signature, then an SSH one", commit(signed(pgp), signed(ssh)), gitobject.ManySignatures},
		{"C1 two blocks in one header", commit(signed(pgp + ssh)), gitobject.ManySignatures},
		{"C1 a block inside a block", commit(signed(strings.Replace(pgp, "AAAA\n", ssh, 1))), gitobject.ManySignatures},
		{"C1 a block indented behind another", commit(signed(pgp + "  " + ssh)), gitobject.ManySignatures},
		{"C2 junk in the header of the other format", commit(signed(pgp), "gpgsig-sha256 evil\n"), gitobject.UnsignedHeader},
		{"C2 only the header of the other format", commit(header("gpgsig-sha256", pgp)), gitobject.UnsignedHeader},
		{"C2b junk in a header that only begins like a signature", commit(signed(pgp), "gpgsigevil yes\n more\n"), gitobject.UnsignedHeader},
		{"C2b a signature header without a space", commit("gpgsig\n", signed(pgp)), gitobject.UnsignedHeader},
		{"C2c the signature before the tree", signed(pgp) + commit(), gitobject.BadHeader},
		{"C2c the signature between author and committer", tree + author + signed(pgp) + committer + text, gitobject.BadHeader},
		{"C3 two trees", tree + tree + parent + author + committer + text, gitobject.DuplicateHeader},
		{"C3 a tree behind the committer", commit(tree), gitobject.DuplicateHeader},
		{"C3 a tree behind the parents", tree + parent + tree + author + committer + text, gitobject.DuplicateHeader},
		{"C3 a parent behind the author", tree + author + parent + committer + text, gitobject.BadHeader},
		{"C3 a parent behind the committer", commit(parent), gitobject.BadHeader},
		{"C4 two authors", tree + parent + author + author + committer + text, gitobject.DuplicateHeader},
		{"C4 an author behind the committer", commit(author), gitobject.DuplicateHeader},
		{"C4b two committers", commit(committer), gitobject.DuplicateHeader},
		{"C5b text behind the end of the signature", commit(signed(pgp + "evil\n")), gitobject.TextAfter},
		{"C5b text behind blank lines", commit(signed(pgp + "\n\n\nevil\n")), gitobject.TextAfter},
		{"C5b text in the line of the end", commit(signed(strings.TrimSuffix(pgp, "\n") + " evil\n")), gitobject.TextAfter},
		{"C5b a form feed behind the end", commit(signed(pgp + "\f\n")), gitobject.TextAfter},
		{"C5b text behind the end of another kind", commit(signed(strings.Replace(pgp, "END PGP SIGNATURE", "END OTHER", 1) + "evil\n")), gitobject.TextAfter},
		{"C5b text behind a timestamp", commit(signed(pgp + stamp + "evil\n")), gitobject.TextAfter},
		{"C5b words in a timestamp", commit(signed(pgp + strings.Replace(stamp, "AQEA", "this is", 1))), gitobject.ManySignatures},
		{"C5b a timestamp without an end", commit(signed(pgp + stamp[:60])), gitobject.ManySignatures},
		{"C5b two timestamps", commit(signed(pgp + stamp + stamp)), gitobject.TextAfter},
		{"C5b a signature behind a timestamp", commit(signed(pgp + stamp + pgp)), gitobject.TextAfter},
		{"C5b a timestamp before the signature", commit(signed(stamp + pgp)), gitobject.ManySignatures},
		{"C8b a signed text with its own text", commit(signed("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nevil\n" + pgp)), gitobject.ManySignatures},
		{"C10 a NUL in the message", commit() + "\x00hidden\n", gitobject.NullByte},
		{"C10 a NUL in the header", strings.Replace(commit(), "Thor", "Th\x00r", 1), gitobject.NullByte},
		{"C13 the encoding UTF-7", commit("encoding UTF-7\n"), gitobject.BadEncoding},
		{"C13 the encoding UTF-16", commit("encoding UTF-16LE\n"), gitobject.BadEncoding},
		{"C13 an encoding that switches by escapes", commit("encoding ISO-2022-JP\n"), gitobject.BadEncoding},
		{"C13 EBCDIC", commit("encoding cp037\n"), gitobject.BadEncoding},
		{"C13 an encoding that nobody knows", commit("encoding x-utf-8\n"), gitobject.BadEncoding},
		{"C13 an encoding without a name", commit("encoding \n"), gitobject.BadEncoding},
		{"C13 an encoding in two lines", commit("encoding UTF-8\n UTF-7\n"), gitobject.BadEncoding},
		{"C13 two encodings", commit("encoding UTF-8\n", "encoding ISO-8859-1\n"), gitobject.DuplicateHeader},
		{"C19 more than a MiB", commit() + strings.Repeat("x", gitobject.MaxSize), gitobject.TooLarge},
		{"nothing", "", gitobject.Truncated},
		{"only an empty line", "\n", gitobject.Truncated},
		{"no tree", parent + author + committer + text, gitobject.BadHeader},
		{"no author", tree + parent + committer + text, gitobject.BadHeader},
		{"no committer", tree + parent + author + text, gitobject.Truncated},
		{"a header that breaks off in a line", strings.TrimSuffix(tree+author+committer, "\n"), gitobject.Truncated},
		{"a signature that breaks off in a line", tree + author + committer + "gpgsig -----BEGIN\n AAAA", gitobject.Truncated},
		{"a continuation before any header", " x\n" + commit(), gitobject.BadHeader},
		{"a tree in two lines", "tree " + one + "\n x\n" + author + committer + text, gitobject.BadHeader},
		{"a parent in two lines", tree + parent + " x\n" + author + committer + text, gitobject.BadHeader},
		{"a committer in two lines", commit(" gpgsig x\n"), gitobject.BadHeader},
		{"a header that begins with a tab", commit("\tx y\n"), gitobject.BadHeader},
		{"an empty line of Windows", commit("\r\n"), gitobject.BadHeader},
		{"a tree in upper case", strings.Replace(commit(), "tree 1", "tree A", 1), gitobject.BadID},
		{"a tree that is too short", strings.Replace(commit(), "tree 1", "tree ", 1), gitobject.BadID},
		{"a tree of the other format", strings.Replace(commit(), one, strings.Repeat("1", 64), 1), gitobject.BadID},
		{"a parent that is no id", strings.Replace(commit(), two, "refs/heads/main", 1), gitobject.BadID},
		{"a parent with a blank behind it", strings.Replace(commit(), two, two+" ", 1), gitobject.BadID},
		{"an author without e-mail", strings.Replace(commit(), "<author@example.com>", "", 1), gitobject.BadPerson},
		{"an author with two e-mails", strings.Replace(commit(), "Thor", "<x@example.com>", 1), gitobject.BadPerson},
		{"an e-mail that is open", strings.Replace(commit(), ".com>", ".com", 1), gitobject.BadPerson},
		{"an angle bracket in the name", strings.Replace(commit(), "Thor", "> Thor", 1), gitobject.BadPerson},
		{"an e-mail in an e-mail", strings.Replace(commit(), "<author", "<<author", 1), gitobject.BadPerson},
		{"no space before the e-mail", strings.Replace(commit(), " <", "<", 1), gitobject.BadPerson},
		{"no time", strings.Replace(commit(), " 1700000000 +0100", "", 1), gitobject.BadPerson},
		{"a time with a zero before it", strings.Replace(commit(), " 17", " 017", 1), gitobject.BadPerson},
		{"a time that no clock shows", strings.Replace(commit(), " 17", " 1717171717171717", 1), gitobject.BadPerson},
		{"no time zone", strings.Replace(commit(), " +0100", "", 1), gitobject.BadPerson},
		{"a time zone of three digits", strings.Replace(commit(), "+0100", "+100", 1), gitobject.BadPerson},
		{"text behind the time zone", strings.Replace(commit(), "+0100", "+0100 <x@example.com>", 1), gitobject.BadPerson},
	}
}

func TestUnfitCommits(t *testing.T) {
	t.Parallel()
	for _, row := range unfitCommits() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := gitobject.ParseCommit([]byte(row.body), gitobject.SHA1)
			wantUnfit(t, err, row.want)
			if diff := cmp.Diff(gitobject.Commit{}, got); diff != "" {
				t.Errorf("something was returned beside the error:\n%s", diff)
			}
		})
	}
}

func unfitTags() []unfitRow {
	return []unfitRow{
		{"T2 text behind the end of the signature", tag(pgp, "evil\n"), gitobject.TextAfter},
		{"T2 one byte behind the end of the signature", tag(pgp, "x"), gitobject.TextAfter},
		{"T2 text in the line of the end", tag(strings.TrimSuffix(ssh, "\n"), " evil"), gitobject.TextAfter},
		{"T2 text behind a timestamp", tag(pgp, stamp, "evil"), gitobject.TextAfter},
		{"T8 an OpenPGP signature, then an SSH one", tag(pgp, ssh), gitobject.ManySignatures},
		{"T8b an SSH signature over an OpenPGP one, and blanks between", tag(pgp, " \t\r\n\n", ssh), gitobject.ManySignatures},
		{"T8 two OpenPGP signatures", tag(pgp, other), gitobject.ManySignatures},
		{"T8 a signature behind a timestamp", tag(pgp, stamp, ssh), gitobject.ManySignatures},
		{"T8 a signature inside another", tag(strings.Replace(ssh, "SIGNATURE-----\n", "SIGNATURE-----\n -----BEGIN X-----\n", 1)), gitobject.ManySignatures},
		{"T8 a block of an unknown kind behind the signature", tag(pgp, "-----BEGIN EVIL-----\n-----END EVIL-----\n"), gitobject.ManySignatures},
		{"T9 two names", target + name + name + tagger + text, gitobject.DuplicateHeader},
		{"T9 a name behind the tagger", target + name + tagger + name + text, gitobject.DuplicateHeader},
		{"T9 two objects", "object " + two + "\n" + tag(), gitobject.DuplicateHeader},
		{"T9 two types", target + "type tree\n" + name + tagger + text, gitobject.DuplicateHeader},
		{"T9 two taggers", target + name + tagger + tagger + text, gitobject.DuplicateHeader},
		{"T10 a signature header", target + name + tagger + signed(pgp) + text + pgp, gitobject.UnsignedHeader},
		{"T10 a signature header before the name", target + "gpgsig x\n" + name + tagger + text + pgp, gitobject.UnsignedHeader},
		{"T10 a header that begins like a signature", target + name + tagger + "gpgsig-sha256 x\n" + text, gitobject.UnsignedHeader},
		{"T11 no tagger", target + name + text + pgp, gitobject.NoTagger},
		{"T11 no tagger and no message", target + name, gitobject.NoTagger},
		{"T17 a name that is empty", target + "tag \n" + tagger + text, gitobject.BadName},
		{"T17 a name with an escape sequence", target + "tag v1\x1b[2K\n" + tagger + text, gitobject.BadName},
		{"T17 a name that ends like lines of Windows", target + "tag v1\r\n" + tagger + text, gitobject.BadName},
		{"T17 a name with a control character of Unicode", target + "tag v1\u0085\n" + tagger + text, gitobject.BadName},
		{"T17 a name in two lines", target + name + " -evil\n" + tagger + text, gitobject.BadHeader},
		{"an encoding", target + name + tagger + "encoding UTF-7\n" + text, gitobject.BadHeader},
		{"the signature in place of the message", target + name + tagger + pgp, gitobject.BadHeader},
		{"a type that git does not have", strings.Replace(tag(), "type commit", "type release", 1), gitobject.BadType},
		{"a type with a blank behind it", strings.Replace(tag(), "type commit", "type commit ", 1), gitobject.BadType},
		{"no object", strings.TrimPrefix(tag(), "object "+one+"\n"), gitobject.BadHeader},
		{"an object that is no id", strings.Replace(tag(), one, "HEAD", 1), gitobject.BadID},
		{"a tagger without e-mail", strings.Replace(tag(), "<author@example.com>", "", 1), gitobject.BadPerson},
		{"a NUL in the message", tag("\x00", pgp), gitobject.NullByte},
		{"more than a MiB", tag(strings.Repeat("x", gitobject.MaxSize)), gitobject.TooLarge},
		{"nothing", "", gitobject.Truncated},
		{"a header that breaks off in a line", target + "tag v1", gitobject.Truncated},
		{"a commit", commit(), gitobject.BadHeader},
	}
}

func TestUnfitTags(t *testing.T) {
	t.Parallel()
	for _, row := range unfitTags() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := gitobject.ParseTag([]byte(row.body), gitobject.SHA1)
			wantUnfit(t, err, row.want)
			if diff := cmp.Diff(gitobject.Tag{}, got); diff != "" {
				t.Errorf("something was returned beside the error:\n%s", diff)
			}
		})
	}
}

// wantUnfit fails unless the error has the reason, and a detail that a terminal
// can show.
func wantUnfit(t *testing.T, err error, want gitobject.Reason) {
	t.Helper()
	var unfit *gitobject.Unfit
	if !errors.As(err, &unfit) {
		t.Fatalf("got error %v, want %s", err, want)
	}
	if unfit.Reason != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(unfit.Detail) < 10 || len(unfit.Detail) > 500 {
		t.Errorf("the detail has %d bytes: %s", len(unfit.Detail), unfit.Detail)
	}
	if diff := cmp.Diff(fmt.Sprintf("%s: %s", unfit.Reason, unfit.Detail), unfit.Error()); diff != "" {
		t.Error(diff)
	}
	for _, char := range unfit.Error() {
		if char < ' ' || char > '~' {
			t.Errorf("%q is not fit for a terminal", unfit.Error())
		}
	}
}
