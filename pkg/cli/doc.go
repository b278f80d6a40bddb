// Package cli wires everything: it reads flags and environment, asks for the
// facts, has them decided, shows the verdict, and chooses the exit code.
//
// The command line and the action take the same path from the facts to the
// verdict; they differ in where the subject comes from and in how the verdict
// is shown. The package decides nothing itself.
package cli
