package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
)

const (
	openPGPKeysSource = "GET /users/{username}/gpg_keys"
	keysSource        = openPGPKeysSource + " and GET /users/{username}/ssh_signing_keys"
)

// openPGPKeyNode is an OpenPGP key of an account. The client library has no
// "revoked".
type openPGPKeyNode struct {
	ID        int64     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Revoked   *bool     `json:"revoked"`
	// RawKey is the key as its owner uploaded it; null for keys of the time
	// before GitHub kept that. The field public_key cannot stand in for it: it
	// is the bare packet, without what says until when the key is valid, what it
	// may be used for and whether it was revoked.
	RawKey string `json:"raw_key"`
}

// sshKeyNode is an SSH signing key of an account.
type sshKeyNode struct {
	ID        int64     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Key       string    `json:"key"`
}

// Keys reads the keys that a person's account has for signatures now: its
// OpenPGP keys, then its SSH signing keys, each in the order of their numbers.
// Both lists have to arrive whole. A key that GitHub calls revoked is left out;
// one of which GitHub has no text to check with is there without text. Programs
// have no keys, so nothing is asked about them.
//
// The answers do not name the account. They are tied to the login by their
// address alone, and an answer that came by a redirect is refused.
func (r *Reader) Keys(ctx context.Context, login string) fact.Known[fact.AccountKeys] {
	switch {
	case !loginPattern.MatchString(login):
		return fact.Lost[fact.AccountKeys](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not the name of an account", login)})
	case strings.HasSuffix(login, botSuffix):
		return fact.Lost[fact.AccountKeys](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%q is a program, which has no keys of its own", login)})
	}
	var openPGP, ssh []fact.PublicKey
	var openPGPErr, sshErr error
	together([]func(){
		func() { openPGP, openPGPErr = allKeys(ctx, r, login, "gpg_keys", openPGPKey) },
		func() { ssh, sshErr = allKeys(ctx, r, login, "ssh_signing_keys", sshKey) },
	})
	for _, err := range []error{openPGPErr, sshErr} {
		if err != nil {
			return fact.Lost[fact.AccountKeys](*r.keysMissing(login, err))
		}
	}
	return fact.Of(fact.AccountKeys{Login: login, Keys: slices.Concat(openPGP, ssh)}, fact.Source{From: keysSource})
}

// keysMissing says why the keys are not known. Anybody may read them, so no
// permission would help.
func (r *Reader) keysMissing(login string, err error) *fact.Missing {
	lost := r.missing("GET /users/"+login, err, "")
	switch lost.Reason {
	case fact.NotFound:
		lost.Fix = fmt.Sprintf("Was the account %q renamed or deleted?", login)
	case fact.Forbidden:
		lost.Fix = "The keys of an account are public; check that the token is valid."
	case fact.NotAsked, fact.Incomplete, fact.Inconsistent, fact.Unavailable:
	}
	return lost
}

// listedKey is a key on its way through the pages; kept is false for one that
// must not vouch.
type listedKey struct {
	key  fact.PublicKey
	kept bool
}

// allKeys reads one list of keys of an account.
func allKeys[T any](ctx context.Context, r *Reader, login, which string, read func(T) (listedKey, *fact.Missing)) ([]fact.PublicKey, error) {
	asked := fmt.Sprintf("users/%s/%s", url.PathEscape(login), which)
	keys := list[listedKey]{
		name: "GET /" + asked,
		key:  func(each listedKey) string { return strconv.FormatInt(each.key.ID, 10) },
		fetch: func(ctx context.Context, number int) (page[listedKey], error) {
			var answer []*T
			resp, err := r.get(ctx, fmt.Sprintf("%s?per_page=%d&page=%d", asked, perPage, number), &answer)
			if err != nil {
				return page[listedKey]{}, err
			}
			return r.keyPage(asked, number, resp, func() ([]listedKey, *fact.Missing) { return readAll(answer, read) })
		},
	}
	var found []listedKey
	err := twice(func(int) (err error) {
		found, err = keys.read(ctx, uncounted)
		return err
	})
	if err != nil {
		return nil, err
	}
	var kept []fact.PublicKey
	for _, each := range found {
		if each.kept {
			each.key.URL = r.client.BaseURL.String() + asked
			kept = append(kept, each.key)
		}
	}
	order.By(kept, func(a, b fact.PublicKey) int { return cmp.Compare(a.ID, b.ID) })
	return kept, nil
}

// keyPage checks where a page of keys came from before it is read.
func (r *Reader) keyPage(asked string, number int, resp *gh.Response, read func() ([]listedKey, *fact.Missing)) (page[listedKey], error) {
	got, want := resp.Request.URL.Path, path.Join(r.client.BaseURL.Path, asked)
	if got != want || resp.Request.URL.Host != r.host {
		return page[listedKey]{}, inconsistent(fmt.Sprintf("GET /%s: was answered by %s, which may be another account", asked, got))
	}
	items, missing := read()
	if missing != nil {
		missing.Detail = "GET /" + asked + ": " + missing.Detail
		return page[listedKey]{}, missing
	}
	next, err := r.nextPage(resp.Response, number)
	return page[listedKey]{items: items, total: uncounted, next: next}, err
}

func readAll[T any](answer []*T, read func(T) (listedKey, *fact.Missing)) ([]listedKey, *fact.Missing) {
	if answer == nil {
		return nil, incomplete("the answer has no list")
	}
	var all []listedKey
	for _, each := range answer {
		if each == nil {
			return nil, incomplete("the answer does not hold all of a key")
		}
		key, missing := read(*each)
		if missing == nil && (key.key.ID <= 0 || key.key.AddedAt.IsZero()) {
			missing = incomplete("the answer does not hold all of a key")
		}
		if missing != nil {
			return nil, missing
		}
		all = append(all, key)
	}
	return all, nil
}

const armorBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

func openPGPKey(node openPGPKeyNode) (listedKey, *fact.Missing) {
	if node.Revoked == nil {
		return listedKey{}, incomplete("the answer does not say whether a key is revoked")
	}
	if !strings.Contains(node.RawKey, armorBegin) {
		node.RawKey = "" // not a key in the form that can be checked
	}
	return listedKey{key: fact.PublicKey{ID: node.ID, Text: node.RawKey, AddedAt: node.CreatedAt.UTC()}, kept: !*node.Revoked}, nil
}

// sshKey takes one line only: a second one would be a key that GitHub did not
// count.
func sshKey(node sshKeyNode) (listedKey, *fact.Missing) {
	if node.Key == "" || strings.ContainsAny(node.Key, "\r\n") {
		return listedKey{}, incomplete("an SSH key is not one line of text")
	}
	return listedKey{key: fact.PublicKey{ID: node.ID, Text: node.Key, AddedAt: node.CreatedAt.UTC()}, kept: true}, nil
}
