package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/internal/gittest"
)

// people are those who sign here, and what git and Stageward know of them.
type people struct {
	ssh, strange, expired, removed                  gittest.Signer // SSH
	pgp, unknown, pgpExpired, pgpRevoked, sha, text gittest.Signer // OpenPGP
}

func newPeople(t *testing.T) people {
	t.Helper()
	return people{
		ssh: gittest.SSH(t, "olga@acme.example"), strange: gittest.SSH(t, "eve@example.org"),
		expired: gittest.SSH(t, "erik@acme.example"), removed: gittest.SSH(t, "rosa@acme.example"),
		pgp: gittest.OpenPGP(t, "paul", gittest.Key{}), unknown: gittest.OpenPGP(t, "ulla", gittest.Key{}),
		pgpExpired: gittest.OpenPGP(t, "xenia", gittest.Key{Lifetime: 160 * 24 * time.Hour}),
		pgpRevoked: gittest.OpenPGP(t, "rene", gittest.Key{Revoked: true}),
		sha:        gittest.OpenPGP(t, "sven", gittest.Key{SHA1: true}), text: gittest.OpenPGP(t, "tina", gittest.Key{Text: true}),
	}
}

// clone makes a clone in which git knows who may sign, and returns the flags
// that tell Stageward the same.
func (p people) clone(t *testing.T) (gittest.Clone, []string) {
	t.Helper()
	gittest.Need(t, "gpg", "ssh-keygen")
	// The socket of gpg's agent has to have a short name.
	home, err := os.MkdirTemp("", "g") //nolint:usetesting // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	keys := p.pgp.Public + p.pgpExpired.Public + p.pgpRevoked.Public + p.sha.Public + p.text.Public
	command := exec.CommandContext(t.Context(), "gpg", "--homedir", home, "--batch", "--quiet", "--import")
	command.Stdin = strings.NewReader(keys)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("gpg: %v: %s", err, output)
	}
	lines := p.ssh.Public + p.removed.Public + strings.Replace(p.expired.Public, " ", ` valid-before="20250610Z" `, 1)
	_, removed, _ := strings.Cut(p.removed.Public, " ")
	allowed, revoked := signersFile(t, lines), signersFile(t, removed)
	clone := gittest.New(t, "GNUPGHOME="+home, "TZ=UTC")
	clone.Git(t, "config", "gpg.ssh.allowedSignersFile", allowed)
	clone.Git(t, "config", "gpg.ssh.revocationFile", revoked)
	return clone, []string{"--signers", allowed, "--signers", signersFile(t, keys), "--revoked", revoked}
}

// letters are the verdicts of git: the letter of %G? for each commit.
func letters(t *testing.T, clone gittest.Clone, tip string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(clone.Git(t, "log", "--format=%H %G?", tip)) {
		id, letter, _ := strings.Cut(strings.TrimSpace(line), " ")
		found[id] = letter
	}
	return found
}

type stateAndScheme struct{ State, Scheme, ID, Detail string }

// ours are the verdicts of Stageward.
func ours(t *testing.T, clone gittest.Clone, flags []string, args ...string) map[string]stateAndScheme {
	t.Helper()
	got := verify(t.Context(), clone, append(append([]string{"--json"}, args...), flags...)...)
	if got.code > 1 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	found := map[string]stateAndScheme{}
	for line := range strings.Lines(got.stdout) {
		var each stateAndScheme
		if err := json.Unmarshal([]byte(line), &each); err != nil {
			t.Fatal(err)
		}
		found[each.ID] = each
	}
	return found
}

// meaning is the state that a letter of git stands for, where the two mean the
// same. git-log(1), %G?.
func meaning(letter, scheme string) string {
	return map[string]string{
		"G": "good", "B": "bad", "N": "unsigned", "Y": "key-expired", "X": "signature-expired", "R": "revoked", "E": "unknown-key",
		"Uopenpgp": "good",        // the key is there; git says nothing of whether it may sign
		"Ussh":     "unknown-key", // the signature fits a key that is not there
	}[strings.Replace(letter, "U", "U"+scheme, 1)]
}

// Over a history with merges and all kinds of signers, git and Stageward say
// the same of every commit.
func TestVerifyAgreesWithGit(t *testing.T) {
	t.Parallel()
	who := newPeople(t)
	clone, flags := who.clone(t)
	signers := []*gittest.Signer{nil, &who.ssh, &who.ssh, &who.strange, &who.pgp, &who.pgp, &who.unknown, &who.pgpExpired, &who.pgpRevoked}
	random := rand.New(rand.NewPCG(4, 7)) //nolint:gosec // the same history every time
	var objects []gittest.Object
	var ids []string
	for i := range 120 {
		commit := gittest.Commit{Subject: fmt.Sprint("change ", i), Signer: signers[random.IntN(len(signers))]}
		if i > 0 { // the last one always, so that nothing is out of reach
			commit.Parents = []string{ids[i-1]}
		}
		for range random.IntN(3) {
			if i > 1 {
				commit.Parents = append(commit.Parents, ids[random.IntN(i-1)])
			}
		}
		stored := commit.Object(t)
		if commit.Signer != nil && random.IntN(6) == 0 {
			stored.Body = strings.Replace(stored.Body, "\nchange", "\nevil change", 1)
		}
		objects = append(objects, stored)
		ids = append(ids, stored.ID(t))
	}
	tip := clone.Store(t, objects...)
	theirs, own := letters(t, clone, tip), ours(t, clone, flags, tip, "--ancestors")
	seen := map[string]int{}
	for _, id := range ids {
		if want := meaning(theirs[id], own[id].Scheme); own[id].State != want || want == "" {
			t.Errorf("commit %s: we say %+v, git says %s", id, own[id], theirs[id])
		}
		seen[own[id].State]++
	}
	for _, state := range []string{"good", "unsigned", "bad", "unknown-key", "key-expired", "revoked"} {
		if seen[state] < 2 {
			t.Errorf("only %d commits are %s; that compares nothing", seen[state], state)
		}
	}
	if theirRange := letters(t, clone, ids[60]+".."+tip); len(theirRange) != len(ours(t, clone, flags, ids[60]+".."+tip))-1 {
		t.Errorf("git has %d commits in the range", len(theirRange)) // the summary has no id, and counts as one
	}
}

// Where git and Stageward do not say the same, it is meant, and docs/verify.md
// says why in the row of this name.
func TestVerifyDiffersFromGitOnPurpose(t *testing.T) {
	t.Parallel()
	who := newPeople(t)
	clone, flags := who.clone(t)
	signed := func(signer gittest.Signer, header string) gittest.Object {
		return gittest.Commit{Subject: "change", Signer: &signer, Header: header}.Object(t)
	}
	insert := func(before, text string) gittest.Object {
		stored := signed(who.ssh, "")
		stored.Body = strings.Replace(stored.Body, before, text+before, 1)
		return stored
	}
	tree := "tree " + gittest.EmptyTree + "\n"
	second := gittest.SignatureHeader("gpgsig", "-----BEGIN PGP SIGNATURE-----\n\njunk\n-----END PGP SIGNATURE-----\n")
	var page string
	if data, err := os.ReadFile(filepath.Join("..", "..", "docs", "verify.md")); err == nil {
		page = string(data)
	}
	for _, row := range []struct {
		name, git, ours string
		stored          gittest.Object
	}{
		{"a second, unsigned signature header", "G", "unfit", insert("gpgsig ", "gpgsigevil junk\n")},
		{"two signatures", "G", "unfit", insert("\n\nchange", "\n"+strings.TrimSuffix(second, "\n"))},
		{"text after the signature", "G", "unfit", insert("\n\nchange", "\n read me")},
		{"a header twice", "G", "unfit", signed(who.ssh, tree)},
		{"a zero byte in the message", "G", "unfit", gittest.Commit{Subject: "change\x00hidden", Signer: &who.ssh}.Object(t)},
		{"an encoding that hides text", "G", "unfit", signed(who.ssh, "encoding UTF-7\n")},
		{"an SSH key that expired", "G", "key-expired", signed(who.expired, "")},
		{"an SSH key that was revoked", "B", "revoked", signed(who.removed, "")},
		{"a SHA-1 hash", "U", "weak", signed(who.sha, "")},
		{"a signature in text mode", "U", "unsupported", signed(who.text, "")},
	} {
		t.Run(row.name, func(t *testing.T) {
			id := clone.Store(t, row.stored)
			if got := letters(t, clone, id)[id]; got != row.git {
				t.Errorf("git says %s, want %s", got, row.git)
			}
			if got := ours(t, clone, flags, id)[id]; got.State != row.ours {
				t.Errorf("we say %+v, want %s", got, row.ours)
			}
			if !strings.Contains(page, "| "+row.name+" | `"+row.git+"` | `"+row.ours+"` |") {
				t.Errorf("docs/verify.md has no row | %s | `%s` | `%s` |", row.name, row.git, row.ours)
			}
		})
	}
}
