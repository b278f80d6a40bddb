package githubtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// tool skips the test, saying so, when a program is not installed.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("NOT TESTED: %s is not installed", name)
	}
}

// git runs git in a bare repository, away from the configuration of the machine.
func git(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "HOME="+folder, "LC_ALL=C")
	output, err := command.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

func mustGit(t *testing.T, folder string, args ...string) string {
	t.Helper()
	output, err := git(t, folder, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return output
}

// onDisk writes the repository of a server out.
func onDisk(t *testing.T, server *githubtest.Server) string {
	t.Helper()
	tool(t, "git")
	folder := filepath.Join(t.TempDir(), "shop.git")
	if err := server.WriteRepository(folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestGitAgreesThatTheObjectsAreSound(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	folder := onDisk(t, server)
	for line := range strings.SplitSeq(mustGit(t, folder, "fsck", "--strict", "--no-progress"), "\n") {
		if !strings.HasPrefix(line, "dangling commit "+server.SHA("x1")) && !strings.HasPrefix(line, "notice:") && line != "" {
			// One tag is renamed on purpose; that is no fault of the object.
			t.Errorf("git fsck: %s", line)
		}
	}
	for revision, want := range map[string]string{
		"refs/heads/main": server.SHA("c4"), "refs/heads/dev": server.SHA("h2"), "refs/pull/7/head": server.SHA("h2"),
		"refs/tags/v1.2.3": server.SHA("tag:v1.2.3"), "refs/tags/nested^{commit}": server.SHA("c1"), "refs/tags/light": server.SHA("c1"),
	} {
		if got := mustGit(t, folder, "rev-parse", "--verify", revision); got != want {
			t.Errorf("git rev-parse %s = %s, want %s", revision, got, want)
		}
	}
	if got := mustGit(t, folder, "cat-file", "-p", server.SHA("c1")+":.github/stageward.yml"); got != "version: 1" {
		t.Errorf("policy file = %q", got)
	}
}

func TestGitAgreesOnComparisons(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	folder := onDisk(t, server)
	names := []string{"root", "h0", "h2", "c1", "c2", "x1"}
	for _, base := range names {
		for _, head := range names {
			var got struct {
				Status  string `json:"status"`
				Ahead   int    `json:"ahead_by"`
				Behind  int    `json:"behind_by"`
				Nearest struct {
					SHA string `json:"sha"`
				} `json:"merge_base_commit"`
			}
			decode(t, fetch(t, server, fmt.Sprintf("/repos/acme/shop/compare/%s...%s", server.SHA(base), server.SHA(head))), &got)
			counts := strings.Fields(mustGit(t, folder, "rev-list", "--left-right", "--count", server.SHA(base)+"..."+server.SHA(head)))
			nearest := mustGit(t, folder, "merge-base", server.SHA(base), server.SHA(head))
			if want := relation(got.Ahead, got.Behind); got.Status != want {
				t.Errorf("compare %s...%s: status %s, want %s", base, head, got.Status, want)
			}
			if fmt.Sprint(got.Behind, got.Ahead) != strings.Join(counts, " ") || got.Nearest.SHA != nearest {
				t.Errorf("compare %s...%s = %+v; git counts %v from %s", base, head, got, counts, nearest)
			}
		}
	}
}

// relation is GitHub's word for how far a head is from its base.
func relation(ahead, behind int) string {
	switch {
	case ahead > 0 && behind > 0:
		return "diverged"
	case ahead > 0:
		return "ahead"
	case behind > 0:
		return "behind"
	default:
		return "identical"
	}
}

func TestGitAgreesOnTheOrderOfATree(t *testing.T) {
	t.Parallel()
	world, err := githubtest.ParseWorld([]byte(`
repository: acme/shop
time: 2026-11-17T10:00:00Z
people: {alice: {}}
commits:
  - {name: c1, by: alice, files: {a/b: x, a.txt: x, a-b: x, run: {text: "#!/bin/sh\n", mode: "100755"}, link: {text: a.txt, mode: "120000"}, gone: x}}
  - {name: c2, by: alice, files: {gone: null}}
`))
	if err != nil {
		t.Fatal(err)
	}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	folder := onDisk(t, server)
	if output := mustGit(t, folder, "fsck", "--strict", "--no-progress"); output != "" {
		t.Errorf("git fsck: %s", output)
	}
	want := "100644 a-b\n100644 a.txt\n100644 a/b\n120000 link\n100755 run"
	if got := mustGit(t, folder, "ls-tree", "-r", "--format=%(objectmode) %(path)", "main"); got != want {
		t.Errorf("tree = %s, want %s", got, want)
	}
}

func TestGitAcceptsTheSignatures(t *testing.T) {
	t.Parallel()
	tool(t, "ssh-keygen")
	server := serve(t, "")
	folder := onDisk(t, server)
	key, err := server.SigningKey("octocat")
	if err != nil {
		t.Fatal(err)
	}
	signers := filepath.Join(folder, "signers")
	if err := os.WriteFile(signers, []byte("octocat@example.com "+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	setting := "gpg.ssh.allowedSignersFile=" + signers
	rows := []struct {
		name, verb, id string
		good           bool
	}{
		{"a commit that somebody else signed", "verify-commit", server.SHA("h1"), false},
		{"an unsigned commit", "verify-commit", server.SHA("h0"), false},
		{"a commit that octocat signed", "verify-commit", server.SHA("root"), true},
		{"a tag that octocat signed", "verify-tag", server.SHA("tag:v1.2.3"), true},
	}
	for _, row := range rows {
		if output, err := git(t, folder, "-c", setting, row.verb, row.id); (err == nil) != row.good {
			t.Errorf("%s: %v\n%s", row.name, err, output)
		}
	}
}

func TestGPGAcceptsGitHubsSignature(t *testing.T) {
	t.Parallel()
	tool(t, "gpg")
	server := serve(t, "")
	folder := onDisk(t, server)
	key, err := server.GitHubKey()
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(folder, "web-flow.asc")
	if err := os.WriteFile(keyFile, key, 0o600); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "gpg", "--homedir", home, "--batch", "--import", keyFile)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("gpg --import: %v\n%s", err, output)
	}
	wrapper := filepath.Join(home, "gpg.sh")
	if err := os.WriteFile(wrapper, []byte("#!/bin/sh\nexec gpg --homedir '"+home+"' \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if output, err := git(t, folder, "-c", "gpg.program="+wrapper, "verify-commit", server.SHA("c1")); err != nil {
		t.Errorf("git verify-commit: %v\n%s", err, output)
	}
}

func TestPayloadAndSignatureRebuildTheObject(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	folder := onDisk(t, server)
	var commit struct {
		Verification struct{ Payload, Signature string } `json:"verification"`
	}
	decode(t, fetch(t, server, "/repos/acme/shop/git/commits/"+server.SHA("c1")), &commit)
	header, message, _ := strings.Cut(commit.Verification.Payload, "\n\n")
	folded := strings.ReplaceAll(strings.TrimSuffix(commit.Verification.Signature, "\n"), "\n", "\n ")
	rebuilt := header + "\ngpgsig " + folded + "\n\n" + message
	if got := hashed(t, folder, "commit", rebuilt); got != server.SHA("c1") {
		t.Errorf("commit rebuilds to %s, want %s", got, server.SHA("c1"))
	}
	var tag struct {
		Verification struct{ Payload, Signature string } `json:"verification"`
	}
	decode(t, fetch(t, server, "/repos/acme/shop/git/tags/"+server.SHA("tag:v1.2.3")), &tag)
	if got := hashed(t, folder, "tag", tag.Verification.Payload+tag.Verification.Signature); got != server.SHA("tag:v1.2.3") {
		t.Errorf("tag rebuilds to %s, want %s", got, server.SHA("tag:v1.2.3"))
	}
}

// hashed lets git compute the id of an object.
func hashed(t *testing.T, folder, kind, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return mustGit(t, folder, "hash-object", "--literally", "-t", kind, file)
}

func TestGitHubsVerdicts(t *testing.T) {
	t.Parallel()
	type verdict struct {
		Verified bool
		Reason   string
	}
	rows := []struct {
		name, commit string
		want         verdict
	}{
		{"an unsigned commit", "h0", verdict{false, "unsigned"}},
		{"a key that GitHub does not know", "c3", verdict{false, "unknown_key"}},
		{"a known key under somebody else's address", "c2", verdict{false, "bad_email"}},
		{"a verdict that the world overrides", "c4", verdict{false, "expired_key"}},
		{"an address of nobody", "nobody", verdict{false, "no_user"}},
		{"an address that the signer never confirmed", "unconfirmed", verdict{false, "unverified_email"}},
		{"a person's own key and address", "h1", verdict{true, "valid"}},
		{"GitHub's merge", "c1", verdict{true, "valid"}},
	}
	world, err := githubtest.ParseWorld([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	alice := world.People["alice"]
	alice.Unverified = []string{"alice@work.example"}
	world.People["alice"] = alice
	world.Commits = append(world.Commits,
		githubtest.Commit{Name: "nobody", By: "alice", Committer: "A <a@nowhere.example>", Signed: "alice"},
		githubtest.Commit{Name: "unconfirmed", By: "alice", Committer: "A <alice@work.example>", Signed: "alice"})
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got struct{ Verification verdict }
			decode(t, fetch(t, server, "/repos/acme/shop/git/commits/"+server.SHA(row.commit)), &got)
			if diff := cmp.Diff(row.want, got.Verification); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func decode(t *testing.T, body []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}
