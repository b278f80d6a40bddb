// Package decide applies a policy to the facts: which stage, which gates, and
// what their outcomes amount to.
//
// It is pure: the same policy and the same facts give the same verdict. It
// must not know where either came from, who will read the verdict, or what any
// gate means.
package decide
