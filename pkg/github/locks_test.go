package github_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

const (
	lockSHA  = "10c10c10c10c10c10c10c10c10c10c10c10c10c1"
	lockTree = "3333333333333333333333333333333333333333"
	lockJSON = `{"reason":"payments fail","branch":"fix","created_at":"2026-11-17T09:00:00.000Z","created_by":"olga","sticky":true,"environment":"production","global":false,"unlock_command":".unlock production","link":"x"}`
)

// lockRef is a branch with lock.json.
func lockRef(branch, text string) object {
	return object{"name": branch, "target": object{"__typename": "Commit", "oid": lockSHA, "tree": object{
		"oid": lockTree, "entries": array{object{"name": "lock.json", "type": "blob", "mode": 0o100644, "oid": blobID(text)}},
	}}}
}

func lockBlob(text string) object {
	return object{"__typename": "Blob", "oid": blobID(text), "byteSize": len(text), "isTruncated": false, "isBinary": false, "text": text}
}

// lockData says that production is locked, and nothing else.
func lockData(text string) object {
	return object{
		"databaseId": 1001, "defaultBranchRef": object{"name": "main"},
		"own": lockRef("production-branch-deploy-lock", text), "ownFile": lockBlob(text), "global": nil, "globalFile": nil,
	}
}

// locksOf reads the locks of an environment out of an answer.
func locksOf(t *testing.T, environment string, answer any) (*fake, fact.Known[[]fact.Lock]) {
	t.Helper()
	f := newFake(t)
	f.onQuery("StagewardLocks", func(variables map[string]string) any {
		branch := "refs/heads/" + strings.ReplaceAll(environment, " ", "-") + "-branch-deploy-lock"
		same(t, "variables", variables, map[string]string{
			"owner": "acme", "name": "shop", "own": branch, "ownFile": branch + ":lock.json",
			"global": "refs/heads/global-branch-deploy-lock", "globalFile": "refs/heads/global-branch-deploy-lock:lock.json",
		})
		return answer
	})
	reader := f.reader(t)
	reader.Overview(t.Context())
	return f, reader.Locks(t.Context(), environment)
}

func TestLocksThatAreNotKnown(t *testing.T) {
	t.Parallel()
	data := func(path string, value any) any {
		return object{"data": object{"repository": put(lockData(lockJSON), path, value)}}
	}
	rows := []struct {
		name   string
		answer any
		reason fact.Reason
		detail string
	}{
		{
			"the token may not read",
			object{"data": object{"repository": put(lockData(lockJSON), "own", nil)}, "errors": array{object{"type": "FORBIDDEN", "path": array{"repository", "own"}, "message": "Resource not accessible by integration"}}},
			fact.Forbidden, "",
		},
		{"no repository", object{"data": object{"repository": nil}}, fact.Incomplete, "does not identify"},
		{"another repository", data("databaseId", 7), fact.Inconsistent, "repository 7 answers"},
		{"no default branch, so nothing is shown to be missing", data("defaultBranchRef", nil), fact.Incomplete, "no default branch"},
		{"the default branch is left out", data("defaultBranchRef", absent), fact.Incomplete, "no default branch"},
		{"the default branch has no name", data("defaultBranchRef.name", ""), fact.Incomplete, "no default branch"},
		{"its own branch is left out", data("own", absent), fact.Incomplete, "leaves out the branch production"},
		{"its file is left out", data("ownFile", absent), fact.Incomplete, "leaves out the branch production"},
		{"the branch of all is left out", data("global", absent), fact.Incomplete, "leaves out the branch global"},
		{"the file of all is left out", data("globalFile", absent), fact.Incomplete, "leaves out the branch global"},
		{"the branch is a text", data("own", "x"), fact.Incomplete, "leaves out"},
		{"no branch, but a file on it", data("own", nil), fact.Inconsistent, "but a file on it"},
		{"another branch", data("own.name", "main"), fact.Inconsistent, `about "main"`},
		{"it points nowhere", data("own.target", nil), fact.Incomplete, "where the branch"},
		{"it points at a tag", data("own.target.__typename", "Tag"), fact.Incomplete, "where the branch"},
		{"it points at no id", data("own.target.oid", "x"), fact.Incomplete, "where the branch"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := locksOf(t, "production", row.answer)
			wantLost(t, known, row.reason, row.detail)
			if row.reason == fact.Forbidden && !strings.Contains(lost(t, known).Fix, "contents: read") {
				t.Errorf("fix %q", lost(t, known).Fix)
			}
		})
	}
}

func TestLocksThatCannotBeReadAreLocks(t *testing.T) {
	t.Parallel()
	text := func(text string) any { return object{"data": object{"repository": lockData(text)}} }
	data := func(changes ...any) any {
		found := lockData(lockJSON)
		for i := 0; i < len(changes); i += 2 {
			put(found, changes[i].(string), changes[i+1])
		}
		return object{"data": object{"repository": found}}
	}
	entry := func(name, kind string, mode int) array {
		return array{object{"name": name, "type": kind, "mode": mode, "oid": blobID(lockJSON)}}
	}
	rows := []struct {
		name   string
		answer any
		why    string
	}{
		{"the branch was made and the file was not yet", data("own.target.tree.entries", entry("README.md", "blob", 0o100644), "ownFile", nil), "no file lock.json"},
		{"the root is not listed", data("own.target.tree", nil), "is not listed"},
		{"a directory", data("own.target.tree.entries", entry("lock.json", "tree", 0o40000)), "not a regular file"},
		{"a directory with the mode of a file", data("own.target.tree.entries", entry("lock.json", "tree", 0o100644)), "not a regular file"},
		{"a symbolic link", data("own.target.tree.entries", entry("lock.json", "blob", 0o120000)), "not a regular file"},
		{"it was not returned", data("ownFile", nil), "was not returned"},
		{"another file was returned", data("ownFile.oid", blobID("x")), "was not returned"},
		{"its size is left out", data("ownFile.byteSize", absent), "was not returned"},
		{"too big", data("ownFile.byteSize", 65537), "65537 bytes"},
		{"cut off", data("ownFile.isTruncated", true), "no more than"},
		{"binary", data("ownFile.isBinary", true), "not text"},
		{"no text", data("ownFile.text", nil), "not text"},
		{"the text of another object", data("ownFile.text", "{}"), "not text"},
		{"not JSON", text("{"), "not what a lock says"},
		{"no object", text("null"), "not what a lock says"},
		{"a list", text("[]"), "not what a lock says"},
		{"a reason of another type", text(`{"reason":3}`), "not what a lock says"},
		{"an owner of another type", text(`{"created_by":["olga"]}`), "not what a lock says"},
		{"an end that is a number", text(`{"expires_at":1}`), "not what a lock says"},
		{"an end that is no time", text(`{"expires_at":"yesterday"}`), "expires_at of lock.json is not a time"},
		{"an empty end", text(`{"expires_at":""}`), "expires_at"},
		{"an end before all time", text(`{"expires_at":"0001-01-01T00:00:00Z"}`), "expires_at"},
		{"an end without a zone", text(`{"expires_at":"2026-11-17T09:00:00"}`), "expires_at"},
		{"a beginning that is no time", text(`{"created_at":"x","expires_at":"2026-11-17T09:00:00Z"}`), "created_at of lock.json is not a time"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, known := locksOf(t, "production", row.answer)
			locks := have(t, known)
			if len(locks) != 1 || !strings.Contains(locks[0].Unreadable, row.why) || !locks[0].Until.IsZero() || locks[0].Commit != lockSHA {
				t.Errorf("got %+v, want one that says %q", locks, row.why)
			}
		})
	}
}

func TestLocksAreRead(t *testing.T) {
	t.Parallel()
	own := fact.Lock{
		Branch: "production-branch-deploy-lock", Commit: lockSHA, URL: "https://github.com/acme/shop/tree/production-branch-deploy-lock",
		Reason: "payments fail", By: "olga", At: time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC),
	}
	ending := own
	ending.Until = time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC)
	global := fact.Lock{
		Branch: "global-branch-deploy-lock", Global: true, Commit: lockSHA, URL: "https://github.com/acme/shop/tree/global-branch-deploy-lock",
	}
	withGlobal := put(put(lockData(lockJSON), "global", lockRef("global-branch-deploy-lock", `{"reason":null}`)), "globalFile", lockBlob(`{"reason":null}`))
	onlyGlobal := put(put(withGlobalOf(lockData(lockJSON)), "own", nil), "ownFile", nil)
	rows := []struct {
		name        string
		environment string
		data        object
		want        []fact.Lock
	}{
		{"none", "production", put(put(lockData(lockJSON), "own", nil), "ownFile", nil), []fact.Lock{}},
		{"as branch-deploy writes them", "production", lockData(lockJSON), []fact.Lock{own}},
		{"with an end in another zone", "production", lockData(strings.Replace(lockJSON, "{", `{"expires_at":"2026-11-17T13:00:00+01:00",`, 1)), []fact.Lock{ending}},
		{"an end that is null", "production", lockData(strings.Replace(lockJSON, "{", `{"expires_at":null,`, 1)), []fact.Lock{own}},
		{"its own and that of all", "production", withGlobal, []fact.Lock{own, global}},
		{"that of all", "production", onlyGlobal, []fact.Lock{global}},
		{"an environment that is called global has one lock, that of all", "global", withGlobalOf(lockData(lockJSON)), []fact.Lock{global}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f, known := locksOf(t, row.environment, object{"data": object{"repository": row.data}})
			same(t, "locks", have(t, known), row.want)
			if len(f.asked()) != 2 {
				t.Errorf("asked %q", f.asked())
			}
		})
	}
}

func withGlobalOf(data object) object {
	return put(put(data, "global", lockRef("global-branch-deploy-lock", "{}")), "globalFile", lockBlob("{}"))
}

func TestLocksOfNamesThatNoBranchHas(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"", "prod:eu", "a..b", "prod~1", "-\x00", ".prod", strings.Repeat("x", 2000), "prod[eu"} {
		f := newFake(t)
		reader := f.reader(t)
		reader.Overview(t.Context())
		wantLost(t, reader.Locks(t.Context(), environment), fact.NotFound, "cannot have a lock")
		if len(f.asked()) != 1 {
			t.Errorf("asked %q", f.asked())
		}
	}
}

func TestLockBranchesAreNamedAsBranchDeployDoes(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string]string{
		"production": "production-branch-deploy-lock", "prod  eu\tx": "prod--eu-x-branch-deploy-lock",
		"aws/prod": "aws/prod-branch-deploy-lock", "Zürich": "Zürich-branch-deploy-lock",
	} {
		if got, err := github.LockBranch(environment); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", environment, got, err, want)
		}
	}
}

const lockWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  olga: {permission: maintain}
commits:
  - {name: c1, by: olga, files: {README.md: "hello\n"}}
  - {name: l1, branch: prod-eu-branch-deploy-lock, by: olga, files: {lock.json: '{"reason":"payments fail","created_by":"olga"}'}}
  - {name: l2, branch: global-branch-deploy-lock, parents: [c1], by: olga}
`

func TestLocksOnTheDouble(t *testing.T) {
	t.Parallel()
	server, reader := readerOnDouble(t, lockWorld, "c1", "refs/heads/main")
	locks := have(t, reader.Locks(t.Context(), "prod eu"))
	if len(locks) != 2 || locks[0].Reason != "payments fail" || locks[0].Unreadable != "" || locks[0].Global || string(locks[0].Commit) != server.SHA("l1") {
		t.Fatalf("got %+v", locks)
	}
	if !locks[1].Global || locks[1].Unreadable != "the branch has no file lock.json" {
		t.Errorf("got %+v", locks[1])
	}
	if locks := have(t, reader.Locks(t.Context(), "staging")); len(locks) != 1 || !locks[0].Global {
		t.Errorf("got %+v", locks)
	}
	for _, violation := range server.Violations() {
		t.Error(violation)
	}
}

func TestLocksAreNotAskedForBeforeTheRepositoryIsKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	wantLost(t, f.reader(t).Locks(t.Context(), "production"), fact.NotAsked, "")
	if len(f.asked()) > 0 {
		t.Errorf("asked %q", f.asked())
	}
}
