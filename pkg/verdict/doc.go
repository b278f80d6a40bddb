// Package verdict holds what was decided and why: the outcome of each gate,
// the decision they combine to, and everything a reader needs to check it.
//
// There is one channel. "Could not find out" is an outcome like the others,
// it is the zero value, and it blocks; no error travels beside it.
//
// The package consists of values and the algebra that combines them. It must
// not know what any gate means, where facts come from, or how a verdict is
// shown; it imports fact and the standard library, none of os, net and io/fs.
package verdict
