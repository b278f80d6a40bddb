package github

import (
	"context"
	_ "embed" // the query
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/stageward/stageward/pkg/fact"
)

//go:embed locks.graphql
var locksQuery string

// A lock is a branch of a certain name with a file that says more.
// Source: github/branch-deploy, docs/locks.md and src/functions/lock.js.
const (
	// GlobalLockBranch is the lock of all environments.
	GlobalLockBranch = "global-branch-deploy-lock"

	lockSuffix = "-branch-deploy-lock"
	lockName   = "lock.json"
	// maxLock is the largest file of a lock that is read, in bytes.
	maxLock = 64 << 10
)

// LockBranch returns the name of the branch that locks an environment: as
// branch-deploy does, each white space becomes a "-". It is an error where git
// would not have the name.
func LockBranch(environment string) (string, error) {
	if environment == "" {
		return "", errors.New("name the branch of a lock: the environment is empty")
	}
	branch := strings.Map(func(char rune) rune {
		if unicode.IsSpace(char) {
			return '-'
		}
		return char
	}, environment) + lockSuffix
	if _, err := fact.ParseRef(string(fact.BranchRef(branch))); err != nil {
		return "", fmt.Errorf("name the branch of a lock: %w", err)
	}
	return branch, nil
}

// lockFileText is what the file of a lock says; lockFile in lock_write.go is what
// we write. Whatever else is in it is not read.
type lockFileText struct {
	Reason    *string `json:"reason"`
	CreatedBy *string `json:"created_by"`
	CreatedAt *string `json:"created_at"`
	// ExpiresAt is ours: branch-deploy's locks do not end.
	ExpiresAt *string `json:"expires_at"`
}

// Locks reads the locks that hold for an environment: its own first, then that of
// all environments. None is an answer. A branch that says nothing, or nothing
// that can be read, is a lock all the same, and Unreadable says why; an end that
// cannot be read is no end. Requests: one, with GraphQL.
func (r *Reader) Locks(ctx context.Context, environment string) fact.Known[[]fact.Lock] {
	branch, err := LockBranch(environment)
	if err != nil {
		return fact.Lost[[]fact.Lock](fact.Missing{
			Reason: fact.NotFound, Detail: fmt.Sprintf("the environment %q cannot have a lock: %v", environment, err),
			Fix: "Give the environment a name that can be part of a branch's name.",
		})
	}
	return r.locksAt(ctx, branch)
}

// locksAt reads a branch that can be a lock, and the lock of all environments.
func (r *Reader) locksAt(ctx context.Context, branch string) fact.Known[[]fact.Lock] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[[]fact.Lock](*missing)
	}
	variables := map[string]string{"owner": r.owner, "name": r.name}
	for alias, name := range map[string]string{"own": branch, "global": GlobalLockBranch} {
		variables[alias] = string(fact.BranchRef(name))
		variables[alias+"File"] = string(fact.BranchRef(name)) + ":" + lockName
	}
	answer, missing := ask[aliasAnswer](ctx, r, locksQuery, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedLocks.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameAliases(answer.Data.Repository)
	}
	if missing != nil {
		return fact.Lost[[]fact.Lock](*missing)
	}
	locks, missing := r.locksOf(answer.Data.Repository, branch)
	return knownIf(locks, fact.Source{From: graphSource, URL: r.session().set.Repository.OrZero().URL + "/branches"}, missing)
}

// locksOf reads an answer. An environment that is called "global" has the lock of
// all environments as its own.
func (r *Reader) locksOf(data map[string]json.RawMessage, branch string) ([]fact.Lock, *fact.Missing) {
	var trunk *refNode
	if err := json.Unmarshal(data["defaultBranchRef"], &trunk); err != nil || trunk == nil || trunk.Name == "" {
		return nil, incomplete("POST graphql: the answer has no default branch, so it does not show that another branch is not there")
	}
	locks := []fact.Lock{}
	for _, each := range []struct{ alias, branch string }{{"own", branch}, {"global", GlobalLockBranch}} {
		if each.alias == "own" && branch == GlobalLockBranch {
			continue
		}
		seen, missing := lockBranchOf(data, each.alias, each.branch)
		if missing != nil {
			return nil, missing
		}
		if seen != nil {
			seen.Global = each.branch == GlobalLockBranch
			seen.URL = r.session().set.Repository.OrZero().URL + "/tree/" + (&url.URL{Path: each.branch}).EscapedPath()
			locks = append(locks, *seen)
		}
	}
	return locks, nil
}

// lockBranchOf reads one of the two branches; nil is that there is none.
func lockBranchOf(data map[string]json.RawMessage, alias, branch string) (*fact.Lock, *fact.Missing) {
	var ref answered[refNode]
	var file answered[blobNode]
	for name, into := range map[string]json.Unmarshaler{alias: &ref, alias + "File": &file} {
		if raw, here := data[name]; !here || json.Unmarshal(raw, into) != nil {
			return nil, incomplete("POST graphql: the answer leaves out the branch " + branch)
		}
	}
	switch {
	case ref.value == nil && file.value != nil:
		return nil, inconsistent(fmt.Sprintf("POST graphql: there is no branch %s, but a file on it was returned", branch))
	case ref.value == nil:
		return nil, nil
	case ref.value.Name != branch:
		return nil, inconsistent(fmt.Sprintf("POST graphql: asked for the branch %q, the answer is about %q", branch, ref.value.Name))
	}
	target := ref.value.Target
	if target == nil || target.Typename != typeCommit || shaOf(target.OID) == "" {
		return nil, incomplete(fmt.Sprintf("POST graphql: the answer does not say where the branch %s points", branch))
	}
	lock := &fact.Lock{Branch: branch, Commit: fact.SHA(target.OID)}
	text, why := lockText(target.Tree, file.value)
	if why == "" {
		why = readLock(lock, text)
	}
	lock.Unreadable = why
	return lock, nil
}

// lockText returns the text of a lock's file, or why there is none that can be
// read: that keeps nobody from having locked.
func lockText(tree *treeNode, file *blobNode) (text, why string) {
	if missing := listed(tree, "the root of the branch"); missing != nil {
		return "", "what is on the branch is not listed"
	}
	entry := find(tree, lockName)
	switch {
	case entry == nil:
		return "", "the branch has no file " + lockName
	case entry.Type != typeBlob || entry.Mode != modeFile && entry.Mode != modeExecutable:
		return "", fmt.Sprintf("%s is a %s of mode %o, not a regular file", lockName, entry.Type, entry.Mode)
	case file == nil || file.OID != entry.OID || file.ByteSize == nil || file.IsTruncated == nil || file.IsBinary == nil:
		return "", lockName + " was not returned as it is listed; perhaps somebody changed it meanwhile"
	case *file.ByteSize > maxLock || *file.IsTruncated:
		return "", fmt.Sprintf("%s has %d bytes; no more than %d are read", lockName, *file.ByteSize, maxLock)
	case *file.IsBinary || file.Text == nil || blobID(*file.Text, len(file.OID)) != file.OID:
		return "", lockName + " is not text in UTF-8"
	}
	return *file.Text, ""
}

// readLock reads the text of a lock's file into the lock, and returns why it
// cannot be read.
func readLock(lock *fact.Lock, text string) string {
	var said *lockFileText
	if err := json.Unmarshal([]byte(text), &said); err != nil || said == nil {
		return lockName + " is not what a lock says, in JSON"
	}
	value := func(text *string) string {
		if text == nil {
			return ""
		}
		return *text
	}
	lock.Reason, lock.By = value(said.Reason), value(said.CreatedBy)
	for _, each := range []struct {
		name string
		text *string
		into *time.Time
	}{{"created_at", said.CreatedAt, &lock.At}, {"expires_at", said.ExpiresAt, &lock.Until}} {
		if each.text == nil {
			continue
		}
		at, err := time.Parse(time.RFC3339, *each.text)
		if err != nil || at.IsZero() {
			return fmt.Sprintf("%s of %s is not a time", each.name, lockName)
		}
		*each.into = at.UTC()
	}
	return ""
}
