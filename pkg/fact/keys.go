package fact

import (
	"fmt"
	"time"
)

// AccountKeys are the keys that an account has for its signatures now. One
// that it had once and took away is not among them.
type AccountKeys struct {
	Login string      `json:"login"`
	Keys  []PublicKey `json:"keys"`
}

// PublicKey is one key of an account, as GitHub lists it.
type PublicKey struct {
	ID int64 `json:"id"`
	// Text is an armored OpenPGP key, or a public SSH key in one line; "" for an
	// OpenPGP key of which GitHub keeps only the bare packet, without expiry and
	// revocation. Uploading the key again gives it a text.
	Text    string    `json:"text"`
	AddedAt time.Time `json:"added_at,omitzero"`
	// URL is the page or address that lists it, or "".
	URL string `json:"url,omitempty"`
}

// File is a file of the repository, as it is in the commit of the policy.
type File struct {
	Path   string `json:"path"`
	Commit SHA    `json:"commit"`
	Blob   SHA    `json:"blob"`
	Text   string `json:"text"`
	URL    string `json:"url,omitempty"`
}

// KeysOf returns the keys of a person's account.
func (s Set) KeysOf(person Person) Known[AccountKeys] {
	known := s.Keys[LoginKey(person.Login)]
	keys, missing := known.Get()
	if missing == nil && LoginKey(keys.Login) != LoginKey(person.Login) {
		return Lost[AccountKeys](Missing{
			Reason: Inconsistent, Detail: fmt.Sprintf("asked for the keys of %q, the answer is about %q", person.Login, keys.Login),
		})
	}
	return known
}

// FileAt returns the file of a path. A file of another path or of another
// commit than the policy's is Inconsistent: keys count because of where they
// are written.
func (s Set) FileAt(path string) Known[File] {
	known := s.Files[path]
	file, missing := known.Get()
	if missing != nil {
		return known
	}
	policy, missing := s.Policy.Get()
	switch {
	case missing != nil:
		return Lost[File](*missing)
	case file.Path != path || file.Commit != policy.Commit:
		return Lost[File](Missing{
			Reason: Inconsistent, Detail: fmt.Sprintf("asked for %q at %s, the answer is %q at %s", path, policy.Commit, file.Path, file.Commit),
		})
	}
	return known
}
