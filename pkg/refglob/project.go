package refglob

import "strings"

// own is how much of the name of a project has been read, one more than that; notOwn
// where the name is of no project.
type own uint16

const notOwn own = 0

// separators stand between the name of a project and its version, as pkg/stage has
// them.
const separators = "/@-"

// own is what has been read of a project where a name stands at a spot.
func (s spot) own() own {
	if s == atStart {
		return 1
	}
	return notOwn
}

// after returns where one more character leads; at is where it leads as a version
// without a project. Behind the name of the project the version begins anew. What was
// read then is the beginning of no other version: those have a dot before the first
// such sign, and names of projects have none.
func (o own) after(char rune, project string, at spot) (spot, own) {
	switch read := int(o) - 1; {
	case project == "" || o == notOwn:
		return at, at.own()
	case read < len(project) && rune(project[read]) == char:
		return at, o + 1
	case read == len(project) && strings.ContainsRune(separators, char):
		return atStart, notOwn
	}
	return at, notOwn
}
