// Package gate holds the gates. A gate is one statement about a commit that
// can be true, such as "the tag is signed by a maintainer", and a pure
// function that says whether it is: of the policy's parameters and the facts.
//
// Each gate is one file with its page (.md), its test, and its story
// (testdata/script/gate-*.txtar). It registers itself, so that adding one
// edits no other file; CONTRIBUTING.md has the steps.
//
// The package must not know where facts come from, how a finding is shown, how
// the policy file is written, what time it is, or that GitHub exists beyond
// the words in the facts.
package gate
