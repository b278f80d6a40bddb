// Package refglob decides whether every name that one pattern matches is matched
// by others, and gives the shortest name that is not.
//
// Patterns are regular languages, so this can be known exactly, without trying
// names: all patterns are walked together, letter by letter, and the first name
// that only the one matches is the answer. Only names that git allows count.
//
// The package is pure and stands alone. It must not know stages, environments or
// rulesets, only their languages of patterns.
package refglob
