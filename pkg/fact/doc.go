// Package fact holds what is known about one run of Stageward: the subject
// that would be deployed, the trigger, and the evidence about both.
//
// A fact is either known, with the place it came from, or missing, with the
// reason why. There is nothing in between: half a list is a missing list.
//
// The package consists of values only. It must not know how a fact is found
// out, what it is good for, what GitHub's client libraries call it, or what
// time it is; it imports nothing but the standard library and none of os, net
// and io/fs.
package fact
