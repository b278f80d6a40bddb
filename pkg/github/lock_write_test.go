package github_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
	"github.com/stageward/stageward/pkg/githubtest"
)

const writableWorld = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
token: {permissions: {contents: write}}
people:
  olga: {permission: maintain}
commits:
  - {name: c1, by: olga, files: {README.md: "hello\n"}}
  - {name: l1, branch: elsewhere, by: olga, files: {lock.json: '{"reason":"mine","created_by":"olga"}'}}
`

// newLock is a lock of production.
func newLock(reason string) github.NewLock {
	return github.NewLock{
		Environment: "production", Reason: reason, By: "ben", At: time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC),
		Until: time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC), Unlock: "stageward unlock", Link: "https://github.com/acme/shop",
	}
}

const (
	ownLock  = "production-branch-deploy-lock"
	ownRef   = "refs/heads/" + ownLock
	makeRef  = "POST /repos/acme/shop/git/refs"
	dropRef  = "DELETE /repos/acme/shop/git/refs/heads/" + ownLock
	makeTree = "POST /repos/acme/shop/git/trees"
)

// locker returns a Locker of the double of a World.
func locker(t *testing.T, world string, faults ...githubtest.Fault) (*githubtest.Server, *github.Reader, *github.Locker) {
	t.Helper()
	server, reader := readerOnDouble(t, world, "c1", "refs/heads/main", faults...)
	t.Cleanup(func() {
		withoutViolations(t, server)
		if unused := server.UnusedFaults(); len(unused) > 0 {
			t.Errorf("faults that never happened: %q", unused)
		}
	})
	return server, reader, github.NewLocker(reader)
}

func TestALockIsSetSeenAndReleased(t *testing.T) {
	t.Parallel()
	_, reader, locks := locker(t, writableWorld)
	set, ours, err := locks.Set(t.Context(), newLock("payments fail"))
	if err != nil || !ours {
		t.Fatalf("set: %+v, %t, %v", set, ours, err)
	}
	want := fact.Lock{
		Branch: ownLock, Commit: set.Commit, URL: set.URL, Reason: "payments fail", By: "ben",
		At: time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC),
	}
	same(t, "locks", have(t, reader.Locks(t.Context(), "production")), []fact.Lock{want})
	same(t, "locks of another", have(t, reader.Locks(t.Context(), "staging")), []fact.Lock{})

	held, ours, err := locks.Set(t.Context(), newLock("mine"))
	if err != nil || ours {
		t.Fatalf("a second lock: %+v, %t, %v", held, ours, err)
	}
	same(t, "the one that holds", *held, want)

	if err := locks.Release(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	same(t, "released", have(t, reader.Locks(t.Context(), "production")), []fact.Lock{})
	if err := locks.Release(t.Context(), want); err != nil {
		t.Errorf("released twice: %v", err)
	}
}

func TestTheLockOfAllEnvironments(t *testing.T) {
	t.Parallel()
	_, reader, locks := locker(t, writableWorld)
	wanted := newLock("payments fail")
	wanted.Environment, wanted.Until = "", time.Time{}
	set, ours, err := locks.Set(t.Context(), wanted)
	if err != nil || !ours || !set.Global || set.Branch != github.GlobalLockBranch || !set.Until.IsZero() {
		t.Fatalf("set: %+v, %t, %v", set, ours, err)
	}
	if held := have(t, reader.Locks(t.Context(), "production")); len(held) != 1 || held[0] != *set {
		t.Errorf("got %+v", held)
	}
}

func TestALockWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	rows := map[string]githubtest.Fault{
		"the branch was made, no answer":          {Match: makeRef, Times: 1, Drop: true, After: true},
		"the branch was made, an error":           {Match: makeRef, Times: 1, Status: 502, After: true},
		"it was made, and no answer ever came":    {Match: makeRef, Drop: true, After: true},
		"the branch was made, a spoiled answer":   {Match: makeRef, Times: 1, Body: "html"},
		"nothing was made at first":               {Match: makeRef, Times: 2, Status: 502},
		"the tree was made, no answer":            {Match: makeTree, Times: 1, Drop: true, After: true},
		"the commit was made, no answer":          {Match: "POST /repos/acme/shop/git/commits", Times: 1, Drop: true, After: true},
		"GitHub asks for a pause":                 {Match: makeRef, Times: 1, Status: 429},
		"it answers with what is no JSON as well": {Match: makeRef, Times: 1, Body: "truncated"},
	}
	for name, fault := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, locks := locker(t, writableWorld, fault)
			set, ours, err := locks.Set(t.Context(), newLock("payments fail"))
			if err != nil || !ours || set.Reason != "payments fail" {
				t.Errorf("set: %+v, %t, %v", set, ours, err)
			}
		})
	}
}

func TestALockThatCannotBeSet(t *testing.T) {
	t.Parallel()
	readOnly := strings.Replace(writableWorld, "contents: write", "contents: read", 1)
	rows := []struct {
		name, world string
		faults      []githubtest.Fault
		says        []string
	}{
		{"the token may not write", readOnly, nil, []string{"forbidden", "contents: write"}},
		{"the tree fails for good", writableWorld, []githubtest.Fault{{Match: makeTree, Status: 502}}, []string{"git/trees", "502"}},
		{"the branch cannot be made", writableWorld, []githubtest.Fault{{Match: makeRef, Status: 502}}, []string{"git/refs", "502"}},
		{"a rule forbids the branch", writableWorld, []githubtest.Fault{{Match: makeRef, Status: 422}}, []string{"422", "rule for branches"}},
		{"a redirect", writableWorld, []githubtest.Fault{{Match: makeTree, Redirect: "/elsewhere"}}, []string{"refused a redirect"}},
		{"nobody knows", writableWorld, []githubtest.Fault{{Match: makeRef, Drop: true}, {Match: "POST /graphql StagewardLocks", Status: 502}}, []string{"it is not known whether it is set"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server, _, locks := locker(t, row.world, row.faults...)
			set, ours, err := locks.Set(t.Context(), newLock("payments fail"))
			if err == nil || ours || set != nil {
				t.Fatalf("set: %+v, %t", set, ours)
			}
			text := err.Error()
			var missing *fact.Missing
			if errors.As(err, &missing) {
				text += string(missing.Reason) + missing.Fix
			}
			for _, part := range row.says {
				if !strings.Contains(text, part) {
					t.Errorf("it does not say %q: %s", part, text)
				}
			}
			if strings.Contains(text, server.Token()) {
				t.Error("the token is in the error")
			}
		})
	}
}

func TestALockIsReleasedOnlyWhileItIsTheOneThatWasShown(t *testing.T) {
	t.Parallel()
	other := &githubtest.MoveRef{Ref: ownRef, Commit: "l1"}
	gone := &githubtest.MoveRef{Ref: ownRef}
	rows := []struct {
		name   string
		faults []githubtest.Fault
		says   string // "" for success
		left   bool
	}{
		{"somebody set another meanwhile", []githubtest.Fault{{Match: "POST /graphql StagewardLocks", Nth: 2, Times: 1, MoveRef: other}}, "somebody has set another lock", true},
		{"somebody released it meanwhile", []githubtest.Fault{{Match: "POST /graphql StagewardLocks", Nth: 2, Times: 1, MoveRef: gone}}, "", false},
		{"somebody released it right before", []githubtest.Fault{{Match: dropRef, Times: 1, MoveRef: gone}}, "", false},
		{"the answer was lost", []githubtest.Fault{{Match: dropRef, Times: 1, Drop: true, After: true}}, "", false},
		{"the server failed once", []githubtest.Fault{{Match: dropRef, Times: 1, Status: 502}}, "", false},
		{
			"the answer was lost, and somebody set another", []githubtest.Fault{
				{Match: dropRef, Times: 1, Drop: true, After: true}, {Match: "POST /graphql StagewardLocks", Nth: 3, Times: 1, MoveRef: other},
			}, "somebody has set another lock", true,
		},
		{"a rule keeps it", []githubtest.Fault{{Match: dropRef, Status: 422}}, "422", true},
		{"the token may not", []githubtest.Fault{{Match: dropRef, Status: 403}}, "403", true},
		{"it cannot be read again", []githubtest.Fault{{Match: "POST /graphql StagewardLocks", Nth: 2, Times: 4, Status: 502}}, "502", true},
		{"the server fails for good", []githubtest.Fault{{Match: dropRef, Status: 502}}, "502", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, reader, locks := locker(t, writableWorld, row.faults...)
			set, ours, err := locks.Set(t.Context(), newLock("payments fail")) // looks once
			if err != nil || !ours {
				t.Fatal(err)
			}
			err = locks.Release(t.Context(), *set)
			if row.says == "" && err != nil || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
				t.Errorf("got %v, want %q", err, row.says)
			}
			if left := len(have(t, reader.Locks(t.Context(), "production"))) != 0; left != row.left {
				t.Errorf("left: %t, want %t", left, row.left)
			}
		})
	}
}

// What is sent has to be just the lock: a commit without parents and one file.
func TestALockIsACommitOfNothingButItself(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var tree struct {
		Base string `json:"base_tree"`
		Tree []map[string]string
	}
	f.onQuery("StagewardLocks", func(map[string]string) any { return object{"data": object{"repository": lockData(lockJSON)}} })
	before := f.handle
	f.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if before(w, r) {
			return true
		}
		if strings.HasSuffix(r.URL.Path, "/git/trees") {
			body, _ := io.ReadAll(r.Body)
			_ = json.Unmarshal(body, &tree)
			show(w, http.StatusCreated, object{"sha": rootTree})
			return true
		}
		return false
	}
	reader := f.reader(t)
	reader.Overview(t.Context())
	wanted := newLock("payments fail")
	_, _, err := github.NewLocker(reader).Set(t.Context(), wanted)
	if err == nil || !strings.Contains(err.Error(), "not the id of a tree with just this lock") {
		t.Fatalf("another tree: %v", err)
	}
	if tree.Base != "" || len(tree.Tree) != 1 || tree.Tree[0]["path"] != "lock.json" || tree.Tree[0]["mode"] != "100644" {
		t.Fatalf("sent %+v", tree)
	}
	var file object
	if err := json.Unmarshal([]byte(tree.Tree[0]["content"]), &file); err != nil {
		t.Fatal(err)
	}
	same(t, "lock.json", file, object{
		"reason": "payments fail", "branch": "main", "created_at": "2026-11-17T10:00:00Z", "created_by": "ben", "sticky": true,
		"environment": "production", "global": false, "unlock_command": "stageward unlock", "link": "https://github.com/acme/shop",
		"expires_at": "2026-11-17T12:00:00Z",
	})
	if asked := f.asked(); len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
}

func TestALockThatMakesNoSense(t *testing.T) {
	t.Parallel()
	_, _, locks := locker(t, writableWorld)
	long := newLock(strings.Repeat("x", 70_000))
	if _, _, err := locks.Set(t.Context(), long); err == nil || !strings.Contains(err.Error(), "shorter reason") {
		t.Errorf("a long reason: %v", err)
	}
	odd := newLock("x")
	odd.Environment = "a..b"
	if _, _, err := locks.Set(t.Context(), odd); err == nil || !strings.Contains(err.Error(), "name the branch") {
		t.Errorf("an odd name: %v", err)
	}
	f := newFake(t)
	unread := github.NewLocker(f.reader(t))
	if _, _, err := unread.Set(t.Context(), newLock("x")); err == nil || len(f.asked()) != 0 {
		t.Errorf("before the overview: %v, asked %q", err, f.asked())
	}
}

func TestTheAccountOfTheToken(t *testing.T) {
	t.Parallel()
	rows := map[string]any{"olga": object{"login": "olga", "id": 1}, "": object{"login": "::error::", "id": 1}}
	for want, answer := range rows {
		f := newFake(t)
		f.routes["/user"] = func(*http.Request) any { return answer }
		if got := github.NewLocker(f.reader(t)).Account(t.Context()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	_, _, locks := locker(t, writableWorld)
	if got := locks.Account(t.Context()); got != "" {
		t.Errorf("an app's token is of %q", got)
	}
}

func TestTheDefaultBranchOfARepository(t *testing.T) {
	t.Parallel()
	server := started(t, writableWorld, nil)
	config := reaching(t, server)
	found, err := github.DefaultBranch(t.Context(), config, "acme/shop")
	if err != nil {
		t.Fatal(err)
	}
	if got := have(t, found); got.DefaultBranch != "main" || string(got.DefaultCommit) != server.SHA("c1") {
		t.Errorf("got %+v", got)
	}
	withoutViolations(t, server)
	if other, err := github.DefaultBranch(t.Context(), config, "acme/other"); err != nil || other.OrZero().ID != 0 {
		t.Errorf("another repository: %+v, %v", other, err)
	}
	if _, err := github.DefaultBranch(t.Context(), config, "acme"); err == nil {
		t.Error("a name that is none is taken")
	}
}
