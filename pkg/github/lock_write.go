package github

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
)

// contentsWrite is the permission below which branches are made and deleted.
const contentsWrite = "contents: write"

// Locker sets and releases locks in the repository of a Reader, under the same
// rules for the token. What it writes can only be a branch that is a lock.
type Locker struct{ reader *Reader }

// NewLocker returns a Locker that has sent nothing yet. The reader's Overview has
// to have been read: it says which repository it is.
func NewLocker(reader *Reader) *Locker { return &Locker{reader: reader} }

// NewLock is a lock that is to be set.
type NewLock struct {
	// Environment is what to lock; "" is all environments.
	Environment string
	Reason      string
	// By is the login of whoever sets it; "" where nobody knows.
	By string
	// At is when, by the server's clock; Until when it ends, zero for never.
	At, Until time.Time
	// Unlock is the command that releases it, Link a page that says more.
	Unlock, Link string
}

// branch returns the name of the branch that is the lock.
func (n NewLock) branch() (string, error) {
	if n.Environment == "" {
		return GlobalLockBranch, nil
	}
	return LockBranch(n.Environment)
}

// lockFile is lock.json as branch-deploy has it, and when the lock ends.
type lockFile struct {
	Reason      string  `json:"reason"`
	Branch      string  `json:"branch"`
	CreatedAt   string  `json:"created_at"`
	CreatedBy   string  `json:"created_by"`
	Sticky      bool    `json:"sticky"` // or branch-deploy releases it after a deployment
	Environment *string `json:"environment"`
	Global      bool    `json:"global"`
	Unlock      string  `json:"unlock_command"`
	Link        string  `json:"link"`
	ExpiresAt   string  `json:"expires_at,omitempty"`
}

// text returns the content of the file.
func (n NewLock) text(trunk string) (string, error) {
	file := lockFile{
		Reason: n.Reason, Branch: trunk, CreatedAt: n.At.UTC().Format(time.RFC3339), CreatedBy: n.By, Sticky: true,
		Global: n.Environment == "", Unlock: n.Unlock, Link: n.Link,
	}
	if n.Environment != "" {
		file.Environment = &n.Environment
	}
	if !n.Until.IsZero() {
		file.ExpiresAt = n.Until.UTC().Format(time.RFC3339)
	}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", lockName, err)
	}
	if len(data) >= maxLock {
		return "", fmt.Errorf("write %s: it has %d bytes; no more than %d are read. Give a shorter reason", lockName, len(data), maxLock)
	}
	return string(data) + "\n", nil
}

// Look reads the lock that is a branch; nil is that there is none. The error is a
// *fact.Missing.
func (l *Locker) Look(ctx context.Context, branch string) (*fact.Lock, error) {
	locks, missing := l.reader.locksAt(ctx, branch).Get()
	if missing != nil {
		return nil, missing
	}
	for _, lock := range locks {
		if lock.Branch == branch {
			return &lock, nil
		}
	}
	return nil, nil
}

// Set sets a lock, and returns the lock that holds now. ours is false where
// somebody else had set one: then nothing was changed. After an error, which may
// be a *fact.Missing, there is no lock of ours unless it says that nobody knows.
//
// The commit of the branch has no parents and no file but the lock's, so that a
// push of it starts no workflow. Making the branch is one step: of two who do it
// at once one is refused.
func (l *Locker) Set(ctx context.Context, wanted NewLock) (lock *fact.Lock, ours bool, err error) {
	branch, err := wanted.branch()
	if err != nil {
		return nil, false, err
	}
	text, err := wanted.text(l.reader.session().set.Repository.OrZero().DefaultBranch)
	if err != nil {
		return nil, false, err
	}
	commit, err := l.commit(ctx, wanted, text)
	if err != nil {
		return nil, false, err
	}
	failed := l.point(ctx, branch, commit)
	// The answer may have been lost, or be about a branch that the first of two
	// requests made: what is there now says more.
	lock, err = l.Look(ctx, branch)
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("set the lock: it is not known whether it is set; look with `stageward lock` again: %w", errors.Join(failed, err))
	case lock != nil:
		return lock, lock.Commit == commit, nil
	case failed != nil:
		return nil, false, failed
	}
	return nil, false, inconsistent(fmt.Sprintf("POST git/refs: the branch %s was made, and it is not there; somebody may have released the lock", branch))
}

// commit makes the commit of a lock, which no branch has yet.
func (l *Locker) commit(ctx context.Context, wanted NewLock, text string) (fact.SHA, error) {
	type made struct {
		SHA string `json:"sha"`
	}
	var tree made
	var commit struct {
		made
		Tree made `json:"tree"`
	}
	entry := map[string]string{"path": lockName, "mode": "100644", "type": typeBlob, "content": text}
	if err := l.post(ctx, "trees", map[string]any{"tree": []any{entry}}, &tree); err != nil {
		return "", err
	}
	if shaOf(tree.SHA) == "" || tree.SHA != lockTreeID(text, len(tree.SHA)) {
		return "", inconsistent(fmt.Sprintf("POST git/trees: %q is not the id of a tree with just this lock", tree.SHA))
	}
	message := "Lock " + wanted.Environment
	if wanted.Environment == "" {
		message = "Lock all environments"
	}
	body := map[string]any{"message": message + "\n\n" + wanted.Reason + "\n", "tree": tree.SHA, "parents": []string{}}
	if err := l.post(ctx, "commits", body, &commit); err != nil {
		return "", err
	}
	if shaOf(commit.SHA) == "" || commit.Tree.SHA != tree.SHA {
		return "", inconsistent(fmt.Sprintf("POST git/commits: %q of tree %q was made, asked was for tree %s", commit.SHA, commit.Tree.SHA, tree.SHA))
	}
	return fact.SHA(commit.SHA), nil
}

// lockTreeID is the id of a tree with nothing but a lock's file.
func lockTreeID(text string, digits int) string {
	raw, err := hex.DecodeString(blobID(text, digits))
	if err != nil {
		return "" // not of a digest
	}
	return objectID(typeTree, fmt.Sprintf("100644 %s\x00%s", lockName, raw), digits)
}

// point makes the branch.
func (l *Locker) point(ctx context.Context, branch string, commit fact.SHA) error {
	var made struct {
		Ref string `json:"ref"`
	}
	return l.post(ctx, "refs", map[string]any{"ref": string(fact.BranchRef(branch)), "sha": commit}, &made)
}

// post sends one of our three writes. All may be sent twice: objects that no
// branch has are nothing, and a branch is made once.
func (l *Locker) post(ctx context.Context, what string, body, into any) error {
	_, err := l.send(repeatable(ctx), http.MethodPost, "git/"+what, body, into)
	return err
}

// reply is how a write that failed was answered: by a status, or by nothing that
// tells whether it was done.
type reply struct {
	status int
	lost   bool
}

// send sends a write. The error is a *fact.Missing.
func (l *Locker) send(ctx context.Context, method, path string, body, into any) (reply, error) {
	r := l.reader
	if missing := r.unread(); missing != nil {
		return reply{}, missing
	}
	name := method + " " + path
	address := (&url.URL{Path: fmt.Sprintf("repos/%s/%s/%s", r.owner, r.name, path)}).EscapedPath()
	var err error
	var req *http.Request
	if req, err = r.client.NewRequest(method, address, body); err == nil {
		_, err = r.client.Do(ctx, req, into)
	}
	if err == nil {
		return reply{}, nil
	}
	var got reply
	var failed *fault
	if errors.As(err, &failed) {
		got = reply{failed.status, failed.retry && failed.wait == 0} // a limit is an answer
	}
	missing := r.missing(name, err, contentsWrite)
	if got.status == http.StatusUnprocessableEntity {
		missing.Fix = "Is there a rule for branches of this name that keeps the token from it? Ask whoever maintains the rules of the repository."
	}
	return got, missing
}

// Release deletes the branch of a lock, if it is still the lock that was shown.
// That somebody else released it meanwhile is no error. Another lock that took its
// place stays, and is an error.
//
// GitHub cannot delete a branch on the condition that it is where it was. So it is
// read right before each attempt, and an attempt whose answer is lost is not
// repeated without that: it might delete the lock that somebody has set since.
func (l *Locker) Release(ctx context.Context, shown fact.Lock) error {
	var last error
	for range maxRetries {
		now, err := l.Look(ctx, shown.Branch)
		switch {
		case err != nil:
			return errors.Join(last, err)
		case now == nil:
			return nil
		case now.Commit != shown.Commit:
			return inconsistent(fmt.Sprintf("the branch %s was at %s and is at %s now: somebody has set another lock, which stays", shown.Branch, shown.Commit, now.Commit))
		}
		got, err := l.send(ctx, http.MethodDelete, "git/refs/heads/"+shown.Branch, nil, nil)
		if err == nil {
			return nil
		}
		last = err
		if !got.lost && got.status != http.StatusUnprocessableEntity {
			return err
		}
	}
	return last
}

// Account returns the login of the token's account, or "" where it has none to
// show, as the token of an app.
func (l *Locker) Account(ctx context.Context) string {
	var user gh.User
	if _, err := l.reader.get(ctx, "user", &user); err != nil || !loginPattern.MatchString(user.GetLogin()) {
		return ""
	}
	return user.GetLogin()
}
