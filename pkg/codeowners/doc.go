// Package codeowners reads a CODEOWNERS file and tells who owns a path by it.
// It is pure: it must not know where the file comes from, which commit it is
// of, what an owner may do, or what an approval is.
//
// The rules are those that GitHub documents. Where GitHub skips a line that it
// cannot read, this package refuses the whole file: a line that is skipped
// takes owners away, and nobody is told.
//
// Source: GitHub's documentation, "About code owners", and the messages of
// "List CODEOWNERS errors" in its REST interface. The matching itself is that
// of github.com/bmatcuk/doublestar. Why no library that is made for the format
// is used, docs/adr/0014 says.
package codeowners
