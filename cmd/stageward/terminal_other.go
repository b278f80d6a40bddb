//go:build !windows

package main

// understandsColours is true: what a terminal cannot do, TERM says.
func understandsColours(uintptr) bool { return true }
