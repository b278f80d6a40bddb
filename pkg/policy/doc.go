// Package policy reads the policy file: which stages there are, which branches
// and tags each accepts, which gates hold there, and who counts.
//
// Reading is strict. What is not understood is an error with file, line and
// column, what is allowed there, and the nearest word that is; nothing is
// guessed, defaulted in silence, or converted.
//
// The package is pure over bytes. It must not read a file, know GitHub, or
// know what any gate means: a gate's parameters are whatever the gate says.
package policy

//go:generate go test -run ^TestTheWrittenSchemaIsUpToDate$ -update .
