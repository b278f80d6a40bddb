// Package gitobject takes git's commit and tag objects apart, byte by byte,
// and puts them together again from the parts that GitHub's API returns.
//
// It is stricter than git. What git reads in two ways, or skips although a
// signature does not cover it, is refused with a reason of its own: a gate
// must see what the signer saw. Everything works on bytes as they are stored;
// no line ending, encoding or trailing newline is ever repaired.
//
// The package must not know whose signature it found or whether it is good,
// where the bytes come from, or what time it is. Sources: gitformat-signature(5),
// git's commit.c and tag.c, and the object formats that fsck checks.
package gitobject
