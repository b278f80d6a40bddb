package gate

import (
	"fmt"
	"slices"
)

// Note is what a writer of a gate's parameters should know although they are right.
type Note struct {
	// ID names the kind of the note in kebab-case, such as signers-not-looked-at. It
	// is stable: policies accept a note by it, and docs/lint.md has a section for it.
	ID string
	// Text is one sentence. Fix says what to do, or is "" where Text says it.
	Text, Fix string
}

// noteKind is the id of a note.
type noteKind string

// noteKinds is filled by the gates' own files while the package is initialised and
// never changes afterwards.
var noteKinds = map[noteKind]bool{}

// newNote makes a kind of note known. It panics when two notes claim one id, which
// any test run shows.
func newNote(id noteKind) noteKind {
	if noteKinds[id] {
		panic(fmt.Sprintf("two notes are called %q", id)) //nolint:forbidigo // stops the program when it starts, before any decision
	}
	noteKinds[id] = true
	return id
}

// of returns a note of the kind.
func (k noteKind) of(format string, rest ...any) Note {
	return Note{ID: string(k), Text: fmt.Sprintf(format, rest...)}
}

// mend returns the note with what to do.
func (n Note) mend(fix string) Note {
	n.Fix = fix
	return n
}

// NoteIDs returns the ids of all notes that gates can have, in order.
func NoteIDs() []string {
	ids := make([]string, 0, len(noteKinds))
	for kind := range noteKinds {
		ids = append(ids, string(kind))
	}
	slices.Sort(ids)
	return ids
}
