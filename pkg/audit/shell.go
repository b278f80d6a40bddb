package audit

import quote "github.com/stageward/stageward/pkg/shell"

// shell returns text as one word of a shell. Names of branches and environments are
// chosen by others, and commands are there to be pasted.
func shell(text string) string { return quote.Word(text) }

// segment returns text as one part of the path of an address.
func segment(text string) string { return quote.Segment(text) }
