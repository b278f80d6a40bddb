package main

import (
	"os"

	"golang.org/x/term"
)

// terminal returns how many columns the terminal has that standard output goes to, 0
// where it does not say, and whether it goes to one that understands colours.
func terminal() (columns int, ok bool) {
	descriptor := int(os.Stdout.Fd())
	if !term.IsTerminal(descriptor) || !understandsColours(os.Stdout.Fd()) {
		return 0, false
	}
	columns, _, err := term.GetSize(descriptor)
	if err != nil {
		return 0, true
	}
	return columns, true
}
