package githubtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

// keyWorld has a person for everything that can become of a key.
const keyWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  none: {}
  stranger: {key: unregistered}
  late: {key: unregistered, keys: ssh}
  removed: {key: ssh, keys: none}
  ssh: {key: ssh}
  pgp: {key: openpgp}
  both: {keys: [ssh, openpgp]}
  swapped: {key: ssh, keys: openpgp}
  expired: {key: openpgp-expired}
  revoked: {key: openpgp, keys: openpgp-revoked}
commits:
  - {name: stranger, by: stranger, signed: stranger}
  - {name: late, by: late, signed: late}
  - {name: unknown-pgp, by: ssh, signed: ssh, signed-with: openpgp}
  - {name: other-address, by: ssh, committer: ssh, signed: pgp}
  - {name: after-expiry, by: expired, signed: expired, minutes-ago: 10}
  - {name: before-expiry, by: expired, signed: expired, minutes-ago: 60}
  - {name: removed, by: removed, signed: removed}
  - {name: swapped, by: swapped, signed: swapped}
  - {name: revoked, by: revoked, signed: revoked}
  - {name: pgp, by: pgp, signed: pgp}
  - {name: both-ssh, by: both, signed: both}
  - {name: both-pgp, by: both, signed: both, signed-with: openpgp}
  - {name: tampered, by: pgp, signed: pgp, payload: tampered}
  - {name: hidden, by: pgp, signed: pgp, extra-header: gpgsigevil x}
  - {name: seen, by: pgp, signed: pgp, extra-header: extra x}
  - name: files
    by: pgp
    files:
      signers: "ssh@example.com <ssh-key of ssh>\n"
      keys.asc: "<openpgp-key of pgp>"
      old/expired.asc: "<openpgp-expired-key of expired>"
      workflow.yml: "run: echo ${{ github.ref }} <ssh-key>\n"
tags:
  - {name: v1, commit: pgp, annotated: true, signed: pgp}
  - {name: v2, commit: pgp, annotated: true, signed: pgp, payload: tampered}
  - {name: v3, commit: pgp, annotated: true, signed: pgp, extra-header: gpgsig x}
`

type shownKey struct {
	ID        int64  `json:"id"`
	Key       string `json:"key"`
	RawKey    string `json:"raw_key"`
	PublicKey string `json:"public_key"`
	ExpiresAt string `json:"expires_at"`
	Revoked   bool   `json:"revoked"`
	Emails    []struct{ Email string }
	Subkeys   []struct {
		CanSign bool `json:"can_sign"`
	}
}

func keysOf(t *testing.T, server *githubtest.Server, path string) []shownKey {
	t.Helper()
	body := fetch(t, server, path)
	if err := describe(t.Context(), path, http.StatusOK, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body); err != nil {
		t.Errorf("GET %s: %v", path, err)
	}
	var keys []shownKey
	decode(t, body, &keys)
	return keys
}

func TestTheKeysOfAnAccount(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, keyWorld)
	rows := []struct {
		login    string
		ssh, pgp int
	}{
		{"none", 0, 0},
		{"stranger", 0, 0},
		{"removed", 0, 0},
		{"late", 1, 0},
		{"ssh", 1, 0},
		{"pgp", 0, 1},
		{"both", 1, 1},
		{"swapped", 0, 1},
		{"expired", 0, 1},
		{"revoked", 0, 1},
		{"web-flow", 0, 1},
	}
	for _, row := range rows {
		ssh, pgp := keysOf(t, server, "/users/"+row.login+"/ssh_signing_keys"), keysOf(t, server, "/users/"+row.login+"/gpg_keys")
		if len(ssh) != row.ssh || len(pgp) != row.pgp {
			t.Errorf("%s lists %d SSH keys and %d OpenPGP keys, want %d and %d", row.login, len(ssh), len(pgp), row.ssh, row.pgp)
		}
		for _, key := range ssh {
			if want, err := server.SigningKey(row.login); err != nil || key.Key != want || key.ID == 0 {
				t.Errorf("%s: %+v, want %q (%v)", row.login, key, want, err)
			}
		}
		for _, key := range pgp {
			if key.Revoked != (row.login == "revoked") || (key.ExpiresAt == "2026-11-17T09:30:00Z") != (row.login == "expired") {
				t.Errorf("%s: revoked %v, expires %q", row.login, key.Revoked, key.ExpiresAt)
			}
			if !strings.HasPrefix(key.RawKey, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n") || !strings.HasPrefix(key.PublicKey, "xjM") || len(key.Subkeys) != 1 || key.Subkeys[0].CanSign {
				t.Errorf("%s: %+v", row.login, key)
			}
		}
	}
	gitHub, err := server.GitHubKey()
	if err != nil || keysOf(t, server, "/users/web-flow/gpg_keys")[0].RawKey != string(gitHub) {
		t.Errorf("web-flow lists another key than GitHub's: %v", err)
	}
	noViolations(t, server)
}

func TestTheKeysOfAnAccountArePublic(t *testing.T) {
	t.Parallel()
	server := serve(t, "token: {permissions: {}}\n")
	if keys := keysOf(t, server, "/users/octocat/ssh_signing_keys"); len(keys) != 1 {
		t.Errorf("a token without permissions sees %d keys", len(keys))
	}
}

func TestAFaultSpoilsTheKeysOfAnAccount(t *testing.T) {
	t.Parallel()
	server := serve(t, `faults: [{match: "GET /users/octocat/gpg_keys", status: 502}]`)
	if code := call(t, server, "/users/octocat/gpg_keys").Code; code != http.StatusBadGateway {
		t.Errorf("status %d", code)
	}
	if unused := server.UnusedFaults(); len(unused) > 0 {
		t.Errorf("unused: %v", unused)
	}
}

// A verdict is of the moment of the push: what became of the key since then
// does not change it.
func TestAVerdictPersists(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, keyWorld)
	for name, want := range map[string]string{
		"stranger": "unknown_key", "late": "unknown_key", "unknown-pgp": "unknown_key",
		"other-address": "bad_email", "after-expiry": "expired_key",
		"before-expiry": "valid", "removed": "valid", "swapped": "valid", "revoked": "valid",
		"pgp": "valid", "both-ssh": "valid", "both-pgp": "valid", "hidden": "valid", "seen": "valid", "tampered": "valid",
	} {
		var got struct {
			Verification struct {
				Verified   bool
				Reason     string
				VerifiedAt *string `json:"verified_at"`
			}
		}
		decode(t, fetch(t, server, "/repos/acme/shop/git/commits/"+server.SHA(name)), &got)
		if got.Verification.Reason != want || got.Verification.Verified != (want == "valid") || (got.Verification.VerifiedAt != nil) != (want == "valid") {
			t.Errorf("%s: %+v, want %s", name, got.Verification, want)
		}
	}
	var answer struct {
		Data struct {
			Repository struct {
				Object struct{ Signature map[string]any }
			}
		}
	}
	query := inShop(fmt.Sprintf(`object(oid: %q) { ... on Commit { signature { __typename state verifiedAt signer { login } } } }`, server.SHA("removed")))
	decode(t, post(t, server, query, nil).Body.Bytes(), &answer)
	want := map[string]any{"__typename": "SshSignature", "state": "VALID", "verifiedAt": "2026-11-16T10:06:00Z", "signer": map[string]any{"login": "removed"}}
	if diff := cmp.Diff(want, answer.Data.Repository.Object.Signature); diff != "" {
		t.Errorf("signature (-want +got):\n%s", diff)
	}
}

// rebuilt is an object put together from what both interfaces show of it.
func rebuilt(t *testing.T, server *githubtest.Server, folder, kind, id string) string {
	t.Helper()
	var shown struct {
		Verification struct{ Payload, Signature string } `json:"verification"`
	}
	decode(t, fetch(t, server, fmt.Sprintf("/repos/acme/shop/git/%ss/%s", kind, id)), &shown)
	if kind == "tag" {
		return hashed(t, folder, kind, shown.Verification.Payload+shown.Verification.Signature)
	}
	header, message, _ := strings.Cut(shown.Verification.Payload, "\n\n")
	folded := strings.ReplaceAll(strings.TrimSuffix(shown.Verification.Signature, "\n"), "\n", "\n ")
	return hashed(t, folder, kind, header+"\ngpgsig "+folded+"\n\n"+message)
}

func TestWhatDoesNotRebuildToItsID(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, keyWorld)
	folder := onDisk(t, server)
	for _, row := range []struct {
		kind, name string
		same       bool
	}{
		{"commit", "tampered", false},
		{"commit", "hidden", false},
		{"tag", "tag:v2", false},
		{"tag", "tag:v3", false},
		{"commit", "seen", true},
		{"commit", "pgp", true},
		{"tag", "tag:v1", true},
	} {
		if got := rebuilt(t, server, folder, row.kind, server.SHA(row.name)) == server.SHA(row.name); got != row.same {
			t.Errorf("%s rebuilds to its id: %v", row.name, got)
		}
	}
}

func TestKeysInFiles(t *testing.T) {
	t.Parallel()
	server := serveOnly(t, keyWorld)
	query := inShop(fmt.Sprintf(`a: object(expression: "%[1]s:signers") { ... on Blob { text } } b: object(expression: "%[1]s:keys.asc") { ... on Blob { text } }
		c: object(expression: "%[1]s:workflow.yml") { ... on Blob { text } } d: object(expression: "%[1]s:none") { __typename }
		e: object(expression: "%[1]s:old") { ... on Tree { entries { name mode } } }`, server.SHA("files")))
	var answer struct {
		Data struct{ Repository json.RawMessage }
	}
	decode(t, post(t, server, query, nil).Body.Bytes(), &answer)
	var got map[string]map[string]any
	decode(t, answer.Data.Repository, &got)
	key, err := server.SigningKey("ssh")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]any{
		"a": {"text": "ssh@example.com " + key + "\n"},
		"b": {"text": keysOf(t, server, "/users/pgp/gpg_keys")[0].RawKey},
		"c": {"text": "run: echo ${{ github.ref }} <ssh-key>\n"},
		"d": nil,
		"e": {"entries": []any{map[string]any{"name": "expired.asc", "mode": float64(0o100644)}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	noViolations(t, server)
}

// gpg and git judge by the key as it is now.
func TestGPGAgreesOnTheKeys(t *testing.T) {
	t.Parallel()
	tool(t, "gpg")
	server := serveOnly(t, keyWorld)
	folder := onDisk(t, server)
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	wrapper := filepath.Join(home, "gpg.sh")
	script := "#!/bin/sh\nexec gpg --homedir '" + home + "' --faked-system-time 20261117T100000 \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"pgp", "expired", "revoked"} {
		file := filepath.Join(home, login+".asc")
		if err := os.WriteFile(file, []byte(keysOf(t, server, "/users/"+login+"/gpg_keys")[0].RawKey), 0o600); err != nil {
			t.Fatal(err)
		}
		if output, err := exec.CommandContext(t.Context(), wrapper, "--batch", "--import", file).CombinedOutput(); err != nil {
			t.Fatalf("gpg --import: %v\n%s", err, output)
		}
	}
	for _, row := range []struct{ verb, name, want string }{
		{"verify-commit", "both-pgp", "NO_PUBKEY"},
		{"verify-commit", "revoked", "REVKEYSIG"},
		{"verify-commit", "before-expiry", "EXPKEYSIG"},
		{"verify-commit", "pgp", "GOODSIG"},
		{"verify-commit", "seen", "GOODSIG"},
		{"verify-commit", "hidden", "GOODSIG"}, // git does not see the header
		{"verify-commit", "tampered", "GOODSIG"},
		{"verify-tag", "tag:v1", "GOODSIG"},
	} {
		output, _ := git(t, folder, "-c", "gpg.program="+wrapper, row.verb, "--raw", server.SHA(row.name))
		if !strings.Contains(output, "[GNUPG:] "+row.want+" ") {
			t.Errorf("git %s %s: want %s\n%s", row.verb, row.name, row.want, output)
		}
	}
}
