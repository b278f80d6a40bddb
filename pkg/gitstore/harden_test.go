package gitstore_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/gitstore"
)

// askAll asks every kind of question.
func askAll(t *testing.T, made repository, tip string) {
	t.Helper()
	store := made.open(t)
	if _, err := store.Object(t.Context(), tip); err != nil {
		t.Error(err)
	}
	for _, revision := range []string{"main", "HEAD~1", "v1^{commit}", tip[:12]} {
		if _, err := store.Resolve(t.Context(), revision); err != nil {
			t.Error(err)
		}
	}
	if ids, err := walked(t, store, []string{tip}, nil); err != nil || len(ids) != 2 {
		t.Errorf("walk = %v, %v", ids, err)
	}
}

func TestHardenP13RunsNothingThatTheRepositoryNames(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	tip := made.commit(t, "tip", made.commit(t, "root"))
	made.point(t, "refs/heads/main", tip)
	made.point(t, "refs/tags/v1", made.tag(t, "commit", tip))
	trap := newTrap(t)
	for _, setting := range []string{
		"gpg.program", "gpg.ssh.program", "gpg.x509.program", "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass",
		"core.gitProxy", "core.alternateRefsCommand", "credential.helper", "pager.cat-file", "pager.for-each-ref", "pager.rev-parse",
		"diff.external", "diff.x.textconv", "filter.x.smudge", "filter.x.clean", "filter.x.process", "uploadpack.packObjectsHook", "interactive.diffFilter",
	} {
		made.git(t, "", "config", setting, trap.program)
	}
	for _, command := range []string{"cat-file", "for-each-ref", "rev-parse", "version", "trapped"} {
		made.git(t, "", "config", "alias."+command, "!"+trap.program)
	}
	made.git(t, "", "config", "log.showSignature", "true")
	// Settings with a home that is not there make git end, if it has none at all.
	made.git(t, "", "config", "core.hooksPath", "~/hooks")
	made.git(t, "", "config", "core.attributesFile", "~/attributes")
	made.write(t, "info/attributes", "* filter=x diff=x\n")
	for _, hook := range []string{"post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman", "pre-auto-gc"} {
		made.write(t, "hooks/"+hook, "#!/bin/sh\nexec "+trap.program+"\n")
	}
	askAll(t, made, tip)
	if ran := trap.sprung(t); ran != "" {
		t.Fatalf("a program of the repository ran: %s", ran)
	}
	if _, err := made.try(t, "", "trapped"); err == nil || trap.sprung(t) == "" {
		t.Errorf("the trap does not spring for git either (%v): this test shows nothing", err)
	}
}

func TestHardenP13FetchesNothingInAPartialClone(t *testing.T) {
	t.Parallel()
	absent := strings.Repeat("12", 20)
	for name, url := range map[string]string{"over ssh": "ssh://example.invalid/shop", "by a helper": "ext::TRAP x", "by its own program": "file:///nowhere"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap := newTrap(t)
			made := newRepository(t)
			tip := made.commit(t, "tip", absent)
			made.write(t, "objects/pack/pack-"+absent+".promisor", "")
			for setting, value := range map[string]string{
				"core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true",
				"remote.origin.url": strings.ReplaceAll(url, "TRAP", trap.program), "remote.origin.uploadpack": trap.program,
				"core.sshCommand": trap.program, "protocol.allow": "always", "protocol.ext.allow": "always",
			} {
				made.git(t, "", "config", setting, value)
			}
			_, err := made.open(t).Object(t.Context(), absent)
			wantProblem(t, err, gitstore.PartialClone, "--filter")
			_, err = walked(t, made.open(t), []string{tip}, nil)
			wantProblem(t, err, gitstore.PartialClone, "--filter")
			if ran := trap.sprung(t); ran != "" {
				t.Fatalf("git fetched: %s", ran)
			}
			made.try(t, absent+"\n", "cat-file", "--batch")
			if trap.sprung(t) == "" {
				t.Error("git alone does not fetch either: this test shows nothing")
			}
		})
	}
}

// Either of the two is enough; this shows that the first one is.
func TestHardenP13GitFindsNoProgram(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	environment := slices.DeleteFunc(slices.Clone(gitstore.Environment), func(each string) bool {
		return strings.HasPrefix(each, "GIT_ALLOW_PROTOCOL=")
	})
	for _, url := range []string{"https://example.invalid/", "any::x"} {
		command := exec.CommandContext(t.Context(), "git", "ls-remote", url)
		command.Dir, command.Env = made.folder, environment
		output, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(output), "helper") {
			t.Errorf("git ls-remote %s: %v: %s; want that it finds no helper", url, err, output)
		}
	}
}

func TestHardenP11ReadsTheObjectAndNotItsReplacement(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	unsigned, signed := made.commit(t, "unsigned"), made.commit(t, "signed")
	made.git(t, "", "replace", unsigned, signed)
	if told := made.git(t, unsigned+"\n", "cat-file", "--batch"); !strings.Contains(told, "\nsigned") {
		t.Fatalf("git follows replacements no more (%s): this test shows nothing", told)
	}
	store := made.open(t)
	if got, err := store.Object(t.Context(), unsigned); err != nil || !strings.HasSuffix(string(got.Body), "\n\nunsigned\n") {
		t.Errorf("object = %q, %v; want the one that was asked for", got.Body, err)
	}
}

// The bytes of another object under the name of a loose one, as P11 by hand.
func TestHardenP11RefusesBytesOfAnotherObject(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	root := made.commit(t, "root")
	unsigned, signed := made.commit(t, "unsigned", root), made.commit(t, "signed", root)
	loose := func(id string) string { return "objects/" + id[:2] + "/" + id[2:] }
	content, err := os.ReadFile(filepath.Join(made.folder, loose(signed)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(made.folder, loose(unsigned))); err != nil {
		t.Fatal(err)
	}
	made.write(t, loose(unsigned), string(content))
	store := made.open(t)
	_, err = store.Object(t.Context(), unsigned)
	wantProblem(t, err, gitstore.OtherObject, unsigned, signed, "git fsck")
	_, err = walked(t, store, []string{root}, []string{unsigned})
	wantProblem(t, err, gitstore.OtherObject)
}

func TestHardenReadsNoRepositoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: only root can give a repository to another user")
	}
	made := newRepository(t)
	if err := os.Chown(made.folder, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, err := made.try(t, "", "rev-parse", "HEAD"); err == nil || !strings.Contains(err.Error(), "dubious ownership") {
		t.Skipf("NOT TESTED: this git reads it all the same: %v", err)
	}
	_, err := gitstore.Open(t.Context(), made.folder, "git")
	wantProblem(t, err, gitstore.OtherOwner, "safe.directory", "a clone of your own")
}

func TestHardenPassesNothingOn(t *testing.T) {
	made := newRepository(t)
	tip := made.commit(t, "tip", made.commit(t, "root"))
	made.point(t, "refs/heads/main", tip)
	made.point(t, "refs/tags/v1", tip)
	other := newRepository(t)
	trace := filepath.Join(t.TempDir(), "trace")
	for name, value := range map[string]string{
		"GIT_DIR": other.folder, "GIT_OBJECT_DIRECTORY": filepath.Join(other.folder, "objects"), "GIT_COMMON_DIR": other.folder,
		"GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nonexistent", "GIT_NAMESPACE": "x", "GIT_TRACE": trace, "GIT_TRACE2_EVENT": trace,
		"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.repositoryFormatVersion", "GIT_CONFIG_VALUE_0": "99", "GIT_CONFIG_PARAMETERS": "'a.b=c",
	} {
		t.Setenv(name, value)
	}
	askAll(t, made, tip)
	if _, err := os.Stat(trace); err == nil {
		t.Error("git wrote a trace")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: the programs are shell scripts")
	}
	made := newRepository(t)
	made.write(t, "bin/git", "#!/bin/sh\necho git version 9.9.9\n")
	rows := []struct {
		name, folder, git string
		problem           gitstore.Problem
		words             []string
	}{
		{"a git that is not installed", made.folder, "no-such-git", gitstore.NoGit, []string{"no-such-git", "install git 2.25"}},
		{"a git that is a path of the repository", made.folder, "bin/git", gitstore.NoGit, nil},
		{"a git that is no program", made.folder, testdata(t, "git-empty"), gitstore.NoGit, nil},
		{"a git that fails", made.folder, testdata(t, "git-fails"), gitstore.NoGit, []string{"exit status 3"}},
		{"a git that is too old", made.folder, testdata(t, "git-2.24"), gitstore.OldGit, []string{"2.24", "install git 2.25"}},
		{"a git that is far too old", made.folder, testdata(t, "git-1.99"), gitstore.OldGit, nil},
		{"a git that is something else", made.folder, testdata(t, "git-other"), gitstore.OldGit, []string{`"hg \x1b[2J"`}},
		{"a folder that is not there", filepath.Join(made.folder, "none"), "git", gitstore.NoRepository, nil},
		{"a folder that is a file", filepath.Join(made.folder, "HEAD"), "git", gitstore.NoRepository, nil},
		{"a folder in no repository", t.TempDir(), "git", gitstore.NoRepository, []string{"run it in a clone"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := gitstore.Open(t.Context(), row.folder, row.git)
			wantProblem(t, err, row.problem, row.words...)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gitstore.Open(ctx, made.folder, "git"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: %v", err)
	}
}
