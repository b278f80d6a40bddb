// Package conformance judges a build of Stageward by a pack of cases that are
// data: a repository, an event, a policy, and what has to come of it. Each case
// is played against a GitHub of its own (pkg/githubtest) by a [Subject], which
// is a binary, an image, or a function of a test.
//
// docs/conformance.md describes the format of the pack for those who write
// another implementation.
//
// The package must not know how a decision is made: it sees arguments, environment
// variables, files, an exit code and what was asked of GitHub. It imports no
// package of the program.
package conformance
