// Package gittest makes signed commits and tags, and clones that hold them, for
// tests and benchmarks: fast, because it signs and packs in its own process,
// and so that real git, gpg and ssh-keygen read what it made. The objects are
// the same in every run, except for OpenPGP keys, which are new ones.
//
// The package must not be in the program: its keys protect nothing.
package gittest
