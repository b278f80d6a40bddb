// Package arch holds the tests that keep the project in shape: which package
// may import which, what a deciding package may touch, and that every page is
// reachable. It has no code of its own.
package arch
