package gitobject_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/gitobject"
)

// These tests compare with the git of this machine: what it hashes, what it
// hands to gpg and ssh-keygen, and what it writes itself.

// stash keeps what git hands over: for gpg the payload on the standard input
// and the signature in a file, for ssh-keygen the payload alone.
const stash = `#!/bin/sh
case "$*" in
*--verify*)
	for each; do case "$each" in */*) cp "$each" "$STASH.signature";; esac; done
	cat >"$STASH.payload"; exit 1;;
*find-principals*) exit 1;;
*check-novalidate*)
	while [ "$1" != -s ]; do shift; done
	cp "$2" "$STASH.signature"; cat >"$STASH.payload"; exit 1;;
*"-Y sign"*)
	for last; do :; done
	cp "$last" "$STASH.payload"; exec ssh-keygen "$@";;
esac
exit 1
`

// repository is a repository with git's own configuration and nothing else.
type repository struct {
	folder string
	format gitobject.Format
}

func newRepository(t *testing.T, format gitobject.Format) repository {
	t.Helper()
	for _, tool := range []string{"git", "ssh-keygen", "sh"} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: %v", tool, err)
		} else if err != nil {
			t.Skipf("NOT COMPARED WITH GIT: %s is missing: %v", tool, err)
		}
	}
	r := repository{folder: t.TempDir(), format: format}
	program := r.path("stash")
	if err := os.WriteFile(program, []byte(stash), 0o700); err != nil {
		t.Fatal(err)
	}
	r.git(t, "", "init", "--quiet", "--object-format="+string(format))
	for key, value := range map[string]string{
		"gpg.program": program, "gpg.ssh.program": program, "gpg.ssh.allowedSignersFile": program,
		"user.name": "A U Thor", "user.email": "author@example.com", "user.signingKey": r.path("key"),
	} {
		r.git(t, "", "config", key, value)
	}
	return r
}

func (r repository) path(name string) string { return filepath.Join(r.folder, name) }

// try runs git with the input.
func (r repository) try(t *testing.T, input string, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", arguments...)
	command.Dir = r.folder
	command.Stdin = strings.NewReader(input)
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.folder, "STASH=" + r.path("stashed"), "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
	}
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		err = errors.Join(err, errors.New(problems.String()))
	}
	return string(output), err
}

func (r repository) git(t *testing.T, input string, arguments ...string) string {
	t.Helper()
	output, err := r.try(t, input, arguments...)
	if err != nil {
		t.Fatalf("git %q: %v", arguments, err)
	}
	return strings.TrimSuffix(output, "\n")
}

// stashed returns what was handed over, and removes it. It is "" when nothing
// was.
func (r repository) stashed(t *testing.T, what string) string {
	t.Helper()
	path := r.path("stashed." + what)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestGitHashesTheSame(t *testing.T) {
	t.Parallel()
	bodies := map[gitobject.Type][]string{}
	for _, row := range slices.Concat(fitCommits(), fitTags()) {
		bodies[gitobject.CommitType] = append(bodies[gitobject.CommitType], row.body)
		bodies[gitobject.TagType] = append(bodies[gitobject.TagType], row.body+"\xff\r\n\n")
	}
	for _, format := range []gitobject.Format{gitobject.SHA1, gitobject.SHA256} {
		r := newRepository(t, format)
		for kind, all := range bodies {
			arguments := []string{"hash-object", "--literally", "-t", string(kind)}
			want := make([]string, len(all))
			for i, body := range all {
				path := r.path("object-" + string(kind) + "-" + string(rune('a'+i)))
				if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
					t.Fatal(err)
				}
				arguments = append(arguments, path)
				want[i] = mustID(t, kind, format, body)
			}
			if diff := cmp.Diff(want, strings.Split(r.git(t, "", arguments...), "\n")); diff != "" {
				t.Errorf("%s %s: -ours +git's:\n%s", format, kind, diff)
			}
		}
	}
}

// For every accepted object, what git has checked is what we take for payload
// and signature. git stops before that for a kind of signature it does not know.
func TestGitChecksTheSameBytes(t *testing.T) {
	t.Parallel()
	r := newRepository(t, gitobject.SHA1)
	for kind, rows := range map[gitobject.Type][]fitRow{gitobject.CommitType: fitCommits(), gitobject.TagType: fitTags()} {
		checked := 0
		for _, row := range rows {
			id := r.git(t, row.body, "hash-object", "--literally", "-w", "--stdin", "-t", string(kind))
			// It always fails: the program says no.
			if _, err := r.try(t, "", "verify-"+string(kind), id); err == nil {
				t.Errorf("%s: git took %s for good", row.name, id)
			}
			payload, signature := r.stashed(t, "payload"), r.stashed(t, "signature")
			if payload == "" {
				if strings.HasPrefix(row.want.Signature, "-----BEGIN PGP") || strings.HasPrefix(row.want.Signature, "-----BEGIN SSH") {
					t.Errorf("%s: git checked nothing", row.name)
				}
				continue
			}
			checked++
			if diff := cmp.Diff([]string{row.want.Payload, row.want.Signature + row.want.Timestamp}, []string{payload, signature}); diff != "" {
				t.Errorf("%s: -ours +git's:\n%s", row.name, diff)
			}
		}
		if checked < 8 {
			t.Errorf("git checked only %d objects of type %s", checked, kind)
		}
	}
}

// What git's own strict reader of tags accepts is what we accept, except that
// ours refuses more.
func TestGitAcceptsTheTagsThatWeAccept(t *testing.T) {
	t.Parallel()
	r := newRepository(t, gitobject.SHA1)
	head := r.commit(t)
	for _, row := range fitTags() {
		if _, err := r.try(t, strings.Replace(row.body, one, head, 1), "mktag"); err != nil {
			t.Errorf("%s: git refuses it: %v", row.name, err)
		}
	}
}

// commit makes an unsigned commit and returns its id.
func (r repository) commit(t *testing.T) string {
	t.Helper()
	r.git(t, "", "commit", "--quiet", "--allow-empty", "--message", "Begin")
	return r.git(t, "", "rev-parse", "HEAD")
}

// What git hands to ssh-keygen for signing is what we take for the payload of
// the object it then writes; and from the two parts we get the object again.
func TestGitSignsWhatWeTakeForPayload(t *testing.T) {
	t.Parallel()
	for _, format := range []gitobject.Format{gitobject.SHA1, gitobject.SHA256} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			r := newRepository(t, format)
			keygen := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", r.path("key"))
			if output, err := keygen.CombinedOutput(); err != nil {
				t.Fatalf("make a key: %v: %s", err, output)
			}
			r.git(t, "", "config", "gpg.format", "ssh")
			r.commit(t)
			for _, how := range [][]string{
				{"commit", "-S", "--allow-empty", "--message", "One line"},
				{"commit", "-S", "--allow-empty", "--allow-empty-message", "--message", ""},
				{"-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-S", "--allow-empty", "--message", "Gr\xfc\xdfe"},
				{"commit", "-S", "--allow-empty", "--cleanup=verbatim", "--message", "No\r\nline end"},
				{"commit", "-S", "--allow-empty", "--message", "gpgsig " + pgp + "\n" + signed(pgp)},
			} {
				r.git(t, "", how...)
				r.compare(t, gitobject.CommitType, "HEAD", r.stashed(t, "payload"))
			}
			for i, how := range [][]string{
				{"--message", "One line"},
				{"--message", ""},
				{"--cleanup=verbatim", "--message", "No\r\nline end\n"},
				{"--message", "Look:\n" + pgp + "\nand more"},
			} {
				ref := "v1.0." + string(rune('0'+i))
				r.git(t, "", append([]string{"tag", "-s", ref}, how...)...)
				r.compare(t, gitobject.TagType, ref, r.stashed(t, "payload"))
			}
			r.mergeTag(t)
		})
	}
}

// mergeTag merges a signed tag, which leaves it in the commit as a header.
func (r repository) mergeTag(t *testing.T) {
	t.Helper()
	r.git(t, "", "checkout", "--quiet", "-b", "side", "HEAD~1")
	r.commit(t)
	r.git(t, "", "tag", "-s", "side-1", "--message", "Side")
	r.git(t, "", "checkout", "--quiet", "-")
	r.git(t, "", "merge", "-S", "--quiet", "--no-ff", "--no-edit", "side-1")
	payload := r.stashed(t, "payload")
	if !strings.Contains(payload, "\nmergetag object ") {
		t.Errorf("git wrote no header mergetag:\n%s", payload)
	}
	r.compare(t, gitobject.CommitType, "HEAD", payload)
}

func (r repository) compare(t *testing.T, kind gitobject.Type, ref, payload string) {
	t.Helper()
	id := r.git(t, "", "rev-parse", ref)
	body, err := r.try(t, "", "cat-file", string(kind), id)
	if err != nil {
		t.Fatal(err)
	}
	if got := mustID(t, kind, r.format, body); got != id {
		t.Errorf("%s: got id %s, want %s", ref, got, id)
	}
	var signed gitobject.Signed
	if kind == gitobject.CommitType {
		commit, failed := gitobject.ParseCommit([]byte(body), r.format)
		signed, err = commit.Signed, failed
	} else {
		tag, failed := gitobject.ParseTag([]byte(body), r.format)
		signed, err = tag.Signed, failed
	}
	if err != nil {
		t.Fatalf("%s: %v", ref, err)
	}
	if diff := cmp.Diff(payload, string(signed.Payload)); payload == "" || diff != "" {
		t.Errorf("%s: -git's +ours:\n%s", ref, diff)
	}
	if !bytes.HasPrefix(signed.Signature, []byte("-----BEGIN SSH SIGNATURE-----\n")) {
		t.Errorf("%s: got signature %q", ref, signed.Signature)
	}
	rebuilt, err := gitobject.Rebuild(kind, id, payload, strings.TrimSpace(string(signed.Signature)))
	if err != nil || string(rebuilt) != body {
		t.Errorf("%s: rebuild: %v, %q", ref, err, rebuilt)
	}
}
