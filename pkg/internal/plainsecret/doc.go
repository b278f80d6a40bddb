// Package plainsecret tells a secret that somebody wrote down in plain text, by
// the name that it has and by its shape.
//
// Both lists are short and exact. A policy that is refused stops every
// deployment, so a look-alike (a commit id, a digest, a UUID, an ordinary
// address) must pass; and what no list can know is not guessed.
//
// The package must not know policies, nor where names and values come from. It
// never returns a value, or a part of one.
package plainsecret
