// Package gitstore reads the raw objects of a repository on this machine, for
// the command line. It starts git, because git alone knows packs, alternates,
// worktrees, SHA-256 and reftable, and it believes git as little as it can.
//
// One `git cat-file --batch` brings every object. Two plumbing commands help
// it: `git for-each-ref` finds references by their full names, `git rev-parse`
// finds the repository and says whether a name could also be an id. Nothing
// else is run: `log`, `show`, `rev-list` and `verify-commit` follow grafts and
// run programs that the repository names. How git is kept from running
// anything is in harden.go.
//
// Which commits there are is read from the `parent` lines of the commits
// themselves. Replacement objects, grafts, the commit graph and the file
// `shallow` change nothing in the answer; where a commit is not here, the walk
// stops with an error and does not shrink.
//
// The package must not know what a signature, a person, a stage or a policy
// is, and it decides nothing. It writes nothing, reads no environment, and
// never fetches. Sources: git-cat-file(1), git(1) and gitrevisions(7).
package gitstore
