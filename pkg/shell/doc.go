// Package shell writes texts into commands that people paste into a shell. Names of
// branches and environments are chosen by others: whatever they hold, they stay one
// word.
//
// The package is pure. It must not know what the commands do.
package shell
