// Package strict reads a small, unambiguous part of YAML into Go structs.
//
// YAML has many ways to say one thing, and libraries forgive a good deal: a
// key without a value becomes zero, 010 becomes eight, and a character that no
// editor shows as a line break ends a comment. Here the text is checked first,
// then the tree of nodes, and only then are structs filled; what could be read
// in two ways is an issue with its place, and all issues are found in one run.
//
// The same struct tags give the JSON Schema: `yaml:"key"` or
// `yaml:"key,required"`, and `doc:"one sentence"`.
//
// The package must not know policies, gates or stages, nor where the text came
// from.
package strict
