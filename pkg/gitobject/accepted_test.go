package gitobject_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitobject"
)

// parts are what a reader takes from an object, as text.
type parts struct {
	Message, Signature, Payload, Timestamp string
}

func partsOf(message []byte, signed gitobject.Signed) parts {
	return parts{string(message), string(signed.Signature), string(signed.Payload), string(signed.Timestamp)}
}

// fitRow is an object that is accepted, and what has to be read from it.
type fitRow struct {
	name string
	body string
	want parts
}

func fitCommits() []fitRow {
	plain := commit()
	return []fitRow{
		{"unsigned, the payload is everything", plain, parts{Message: text[1:], Payload: plain}},
		{"C0 OpenPGP", commit(signed(pgp)), parts{text[1:], pgp, plain, ""}},
		{"C0s SSH", commit(signed(ssh)), parts{text[1:], ssh, plain, ""}},
		{"S/MIME, for others to judge", commit(signed(x509)), parts{text[1:], x509, plain, ""}},
		{"C8 an opaque message, for others to judge", commit(signed(strings.ReplaceAll(pgp, "SIGNATURE", "MESSAGE"))), parts{text[1:], strings.ReplaceAll(pgp, "SIGNATURE", "MESSAGE"), plain, ""}},
		{"something that is no armor, for others to judge", commit("gpgsig what\n"), parts{text[1:], "what\n", plain, ""}},
		{"an empty signature is not none", commit("gpgsig \n"), parts{text[1:], "\n", plain, ""}},
		{"an empty line behind the signature, as GitHub writes it", commit(signed(pgp + "\n")), parts{text[1:], pgp + "\n", plain, ""}},
		{"a signature with lines of Windows", commit(signed(strings.ReplaceAll(x509, "\n", "\r\n"))), parts{text[1:], strings.ReplaceAll(x509, "\n", "\r\n"), plain, ""}},
		{"C5 a comment in the signature", commit(signed(strings.Replace(pgp, "\n", "\nComment: -----END\n", 1))), parts{text[1:], strings.Replace(pgp, "\n", "\nComment: -----END\n", 1), plain, ""}},
		{"C5b one exact timestamp", commit(signed(pgp + stamp)), parts{text[1:], pgp, plain, stamp}},
		{"C5b a timestamp between empty lines", commit(signed(pgp + "\n" + stamp + "\n")), parts{text[1:], pgp + "\n", plain, stamp + "\n"}},
		{"C11 neither an empty line nor a message", tree + author + committer, parts{"", "", tree + author + committer, ""}},
		{"C11 signed, without an empty line", tree + author + committer + signed(pgp), parts{"", pgp, tree + author + committer, ""}},
		{"C12 headers in the message", commit() + signed(pgp) + tree, parts{text[1:] + signed(pgp) + tree, "", commit() + signed(pgp) + tree, ""}},
		{"C13 UTF-8 said", commit("encoding UTF-8\n", signed(pgp)), parts{text[1:], pgp, commit("encoding UTF-8\n"), ""}},
		{"C13 Latin 1", commit("encoding ISO-8859-1\n") + "\xe4\n", parts{text[1:] + "\xe4\n", "", commit("encoding ISO-8859-1\n") + "\xe4\n", ""}},
		{"C21 lines of Windows and no line end", plain + "one\r\ntwo", parts{text[1:] + "one\r\ntwo", "", plain + "one\r\ntwo", ""}},
		{"C22 a merged tag and its signature are payload", commit(header("mergetag", tag(pgp)), header("mergetag", tag(ssh)), signed(other)), parts{text[1:], other, commit(header("mergetag", tag(pgp)), header("mergetag", tag(ssh))), ""}},
		{"headers of other programs, also behind the signature", commit("HG:extra a\n", "HG:extra b\n", signed(ssh), "change-id x\n y\n", "empty\n"), parts{text[1:], ssh, commit("HG:extra a\n", "HG:extra b\n", "change-id x\n y\n", "empty\n"), ""}},
	}
}

func fitTags() []fitRow {
	fake := tag(other, "That was an example\n")
	return []fitRow{
		{"unsigned, the payload is everything", tag(), parts{Message: text[1:], Payload: tag()}},
		{"OpenPGP", tag(pgp), parts{text[1:], pgp, tag(), ""}},
		{"SSH", tag(ssh), parts{text[1:], ssh, tag(), ""}},
		{"a signature without a line end", tag(ssh[:len(ssh)-1]), parts{text[1:], ssh[:len(ssh)-1], tag(), ""}},
		{"a signature without an end, for others to judge", tag(pgp[:40]), parts{text[1:], pgp[:40], tag(), ""}},
		{"no message", target + name + tagger + "\n" + pgp, parts{"", pgp, target + name + tagger + "\n", ""}},
		{"neither an empty line nor a message", target + name + tagger, parts{"", "", target + name + tagger, ""}},
		{"T2 one exact timestamp", tag(pgp, stamp), parts{text[1:], pgp, tag(), stamp}},
		{"T7 a signature in the text that is signed", fake + pgp, parts{fake[len(fake)-len(text)-len(other)-len("That was an example\n")+1:], pgp, fake, ""}},
		{"T7 an indented signature is text", tag("  " + pgp), parts{text[1:] + "  " + pgp, "", tag("  " + pgp), ""}},
		{"a block of an unknown kind is text", tag("-----BEGIN EVIL-----\n"), parts{text[1:] + "-----BEGIN EVIL-----\n", "", tag("-----BEGIN EVIL-----\n"), ""}},
		{"a public key in the message", tag("-----END PGP PUBLIC KEY BLOCK-----\n", pgp), parts{text[1:] + "-----END PGP PUBLIC KEY BLOCK-----\n", pgp, tag("-----END PGP PUBLIC KEY BLOCK-----\n"), ""}},
	}
}

func TestFitCommits(t *testing.T) {
	t.Parallel()
	for _, row := range fitCommits() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := gitobject.ParseCommit([]byte(row.body), gitobject.SHA1)
			row.check(t, got.Message, got.Signed, err)
		})
	}
}

func TestFitTags(t *testing.T) {
	t.Parallel()
	for _, row := range fitTags() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := gitobject.ParseTag([]byte(row.body), gitobject.SHA1)
			row.check(t, got.Message, got.Signed, err)
		})
	}
}

func (r fitRow) check(t *testing.T, message []byte, signed gitobject.Signed, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.want, partsOf(message, signed)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if (signed.Signature == nil) != (r.want.Signature == "") {
		t.Errorf("got signature %q", signed.Signature)
	}
	if (signed.Timestamp == nil) != (r.want.Timestamp == "") {
		t.Errorf("got timestamp %q", signed.Timestamp)
	}
}

func TestFieldsOfACommit(t *testing.T) {
	t.Parallel()
	got, err := gitobject.ParseCommit([]byte(tree+parent+"parent "+one+"\nauthor <> 0 -0000\n"+committer), gitobject.SHA1)
	if err != nil {
		t.Fatal(err)
	}
	want := gitobject.Commit{Tree: one, Parents: []string{two, one}, Committer: writer}
	got.Signed = gitobject.Signed{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFieldsOfATag(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"commit", "tree", "blob", "tag"} {
		got, err := gitobject.ParseTag([]byte(strings.Replace(tag(), "type commit", "type "+kind, 1)), gitobject.SHA1)
		if err != nil {
			t.Fatal(err)
		}
		want := gitobject.Tag{Target: one, TargetType: kind, Name: "v1.0.0", Tagger: writer, Message: []byte(text[1:])}
		got.Signed = gitobject.Signed{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// In a repository of the other format, the two signature headers change places.
func TestTheFormatDecidesWhichHeaderSigns(t *testing.T) {
	t.Parallel()
	long := "tree " + strings.Repeat("1", 64) + "\n" + author + committer
	got, err := gitobject.ParseCommit([]byte(long+header("gpgsig-sha256", ssh)+text), gitobject.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parts{text[1:], ssh, long + text, ""}, partsOf(got.Message, got.Signed)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, err = gitobject.ParseCommit([]byte(long+signed(ssh)+text), gitobject.SHA256)
	wantUnfit(t, err, gitobject.UnsignedHeader)
	_, err = gitobject.ParseCommit([]byte(commit()), gitobject.SHA256)
	wantUnfit(t, err, gitobject.BadID)
	_, err = gitobject.ParseCommit([]byte(commit()), "")
	wantUnfit(t, err, gitobject.BadID)
	_, err = gitobject.ParseTag([]byte(tag()), gitobject.SHA256)
	wantUnfit(t, err, gitobject.BadID)
}

func TestEncodingsThatKeepASCII(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{
		"utf-8", "UTF8", "US-ASCII", "ANSI_X3.4-1968", "ISO-8859-1", "iso8859-15", "ISO_8859-2", "latin1", "Latin-9",
		"windows-1252", "CP1251", "cp866", "CP932", "EUC-JP", "eucKR", "Shift_JIS", "SJIS", "GBK", "gb18030", "Big5", "KOI8-R", "koi8-u",
	} {
		if _, err := gitobject.ParseCommit([]byte(commit("encoding "+encoding+"\n")), gitobject.SHA1); err != nil {
			t.Errorf("%s: %v", encoding, err)
		}
	}
	for _, encoding := range []string{"ISO-8859-12", "ISO-8859-17", "windows-1259", "utf-32", "cp1200", "cp65000", "latin11", "hz", "UTF-8\r", "UTF-8 UTF-7"} {
		_, err := gitobject.ParseCommit([]byte(commit("encoding "+encoding+"\n")), gitobject.SHA1)
		wantUnfit(t, err, gitobject.BadEncoding)
	}
}
