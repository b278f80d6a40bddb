package github_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

const (
	openPGPPath = "/v3/users/dave/gpg_keys"
	sshPath     = "/v3/users/dave/ssh_signing_keys"
	rawKey      = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjME\n-----END PGP PUBLIC KEY BLOCK-----\n"
	sshLine     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"
)

var addedAt = time.Date(2025, 11, 17, 10, 0, 0, 0, time.UTC)

func openPGPData(id int) object {
	return object{"id": id, "key_id": "3262EFF25BA0D270", "public_key": "xjME", "raw_key": rawKey, "created_at": "2025-11-17T10:00:00Z", "revoked": false, "expires_at": nil}
}

func sshData(id int) object {
	return object{"id": id, "key": sshLine, "title": "laptop", "created_at": "2025-11-17T10:00:00Z"}
}

// listing answers the two lists of keys of dave.
func listing(openPGP, ssh any) func(http.ResponseWriter, *http.Request) bool {
	answer := func(list any) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			show(w, http.StatusOK, list)
			return true
		}
	}
	return by(map[string]func(http.ResponseWriter, *http.Request) bool{openPGPPath: answer(openPGP), sshPath: answer(ssh)})
}

func TestKeysThatAreNotKnown(t *testing.T) {
	t.Parallel()
	none := array{}
	rows := []struct {
		name         string
		openPGP, ssh any
		reason       fact.Reason
		detail       string
	}{
		{"a list that is an object", object{"message": "moved"}, none, fact.Incomplete, "shape"},
		{"a null key", array{nil}, none, fact.Incomplete, "all of a key"},
		{"a key without a number", array{put(openPGPData(1), "id", absent)}, none, fact.Incomplete, "all of a key"},
		{"a key without a date", none, array{put(sshData(1), "created_at", absent)}, fact.Incomplete, "all of a key"},
		{"a key that may be revoked", array{put(openPGPData(1), "revoked", nil)}, none, fact.Incomplete, "revoked"},
		{"a key twice", array{openPGPData(1), openPGPData(1)}, none, fact.Incomplete, "listed twice"},
		{"an SSH key without text", none, array{put(sshData(1), "key", "")}, fact.Incomplete, "one line"},
		{"an SSH key of two lines", none, array{put(sshData(1), "key", sshLine+"\n"+sshLine)}, fact.Incomplete, "one line"},
		{"a number that is text", none, array{put(sshData(1), "id", "1")}, fact.Incomplete, "shape"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = listing(row.openPGP, row.ssh)
			wantLost(t, f.reader(t).Keys(t.Context(), "dave"), row.reason, row.detail)
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	key := func(id int64, text, url string) fact.PublicKey {
		return fact.PublicKey{ID: id, Text: text, AddedAt: addedAt, URL: url}
	}
	rows := []struct {
		name         string
		openPGP, ssh array
		want         func(base string) []fact.PublicKey
	}{
		{"no key is an answer", array{}, array{}, func(string) []fact.PublicKey { return nil }},
		{"a revoked key is left out", array{put(openPGPData(1), "revoked", true)}, array{}, func(string) []fact.PublicKey { return nil }},
		{"a key of which GitHub has only the packet", array{put(openPGPData(1), "raw_key", nil)}, array{}, func(base string) []fact.PublicKey {
			return []fact.PublicKey{key(1, "", base+"gpg_keys")}
		}},
		{"a key that is not armored", array{put(openPGPData(1), "raw_key", "xjME")}, array{}, func(base string) []fact.PublicKey {
			return []fact.PublicKey{key(1, "", base+"gpg_keys")}
		}},
		{"OpenPGP keys before SSH keys, each by number", array{openPGPData(9), openPGPData(2)}, array{sshData(9), sshData(3)}, func(base string) []fact.PublicKey {
			return []fact.PublicKey{
				key(2, rawKey, base+"gpg_keys"), key(9, rawKey, base+"gpg_keys"),
				key(3, sshLine, base+"ssh_signing_keys"), key(9, sshLine, base+"ssh_signing_keys"),
			}
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.handle = listing(row.openPGP, row.ssh)
			got := have(t, f.reader(t).Keys(t.Context(), "dave"))
			same(t, "keys", got, fact.AccountKeys{Login: "dave", Keys: row.want(f.URL + "/api/v3/users/dave/")})
			if len(f.asked()) != 2 {
				t.Errorf("asked %q", f.asked())
			}
		})
	}
}

func TestEitherListOfKeysMayFail(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, path string
		answer     func(http.ResponseWriter, *http.Request) bool
		reason     fact.Reason
		detail     string
	}{
		{"no such account", openPGPPath, raw(404, "application/json", `{"message":"Not Found"}`), fact.NotFound, "not found"},
		{"a refusal", sshPath, raw(403, "application/json", `{"message":"no"}`), fact.Forbidden, "refused"},
		{"a server that fails", sshPath, raw(502, "text/html", "<html>"), fact.Unavailable, "failed"},
		{"null", openPGPPath, raw(200, "application/json", "null"), fact.Incomplete, "says nothing"},
		{"a redirect to the keys of another account", openPGPPath, raw(301, "application/json", "{}", "Location", "/api/v3/users/eve/gpg_keys"), fact.Inconsistent, "another account"},
		{"a redirect to an address by number", sshPath, raw(301, "application/json", "{}", "Location", "/api/v3/user/14/ssh_signing_keys"), fact.Inconsistent, "another account"},
		{"a list that does not advance", openPGPPath, raw(200, "application/json", "[]", "Link", `<https://HOST/api/v3/x?page=1>; rel="next"`), fact.Inconsistent, "next page"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			others := listing(array{openPGPData(1)}, array{sshData(1)})
			f.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, row.path) {
					return row.answer(w, r)
				}
				if strings.Contains(r.URL.Path, "eve") || strings.Contains(r.URL.Path, "/user/14") {
					show(w, http.StatusOK, array{})
					return true
				}
				return others(w, r)
			}
			known := f.reader(t).Keys(t.Context(), "dave")
			wantLost(t, known, row.reason, row.detail)
			fix := lost(t, known).Fix
			if row.reason == fact.NotFound && !strings.Contains(fix, "renamed or deleted") || strings.Contains(fix, "permissions:") {
				t.Errorf("fix %q", fix)
			}
		})
	}
}

func TestKeysAreReadToTheLastPage(t *testing.T) {
	t.Parallel()
	var many array
	for i := range 250 {
		many = append(many, sshData(i+1))
	}
	f := newFake(t)
	f.handle = by(map[string]func(http.ResponseWriter, *http.Request) bool{openPGPPath: paged(array{}, 100, ""), sshPath: paged(many, 100, "")})
	if got := have(t, f.reader(t).Keys(t.Context(), "dave")); len(got.Keys) != 250 {
		t.Errorf("%d keys", len(got.Keys))
	}
}

func TestKeysOfWhomNothingIsAsked(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, login := range []string{"", "../dave", "dave/..", "dave?x", "dependabot[bot]"} {
		if missing := lost(t, f.reader(t).Keys(t.Context(), login)); missing.Reason != fact.NotFound {
			t.Errorf("%q: %v", login, missing)
		}
	}
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
}
