package refglob

import (
	"errors"
	"slices"
)

// ErrTooLarge says that patterns are too many or too involved to be compared.
var ErrTooLarge = errors.New("the patterns are too many or too long to be compared")

// mostNodes is after how many steps of the walk it is given up.
const mostNodes = 20_000

// mostWork is how many positions of patterns are looked at in all: many long patterns
// make each step of the walk long. It is some hundred times what real ones take, and
// well below a second.
const mostWork = 50_000_000

// Set is a set of names: those that a pattern matches, without those that one of
// Exclude does. The zero Set is empty.
type Set struct{ Include, Exclude []Pattern }

// Of returns the set of what the patterns match.
func Of(include ...Pattern) []Set { return []Set{{Include: include}} }

// Covers reports whether each name that a pattern matches is in one of the sets.
// Where some are not, example is one: a likely name, or else the first of the
// shortest. A pattern that matches no name is covered.
//
// The error is ErrTooLarge; then nothing is known.
func Covers(cover []Set, name Pattern) (example string, covered bool, err error) {
	return CoversVersions(cover, name, AnyName)
}

// CoversVersions is Covers for those names of the pattern that are such versions.
func CoversVersions(cover []Set, name Pattern, only Versions) (example string, covered bool, err error) {
	return CoversVersionsOf("", cover, name, only)
}

// CoversVersionsOf is CoversVersions for a project, or none: its versions stand alone,
// or behind its name and one of the signs / @ and -, as stage.VersionIn reads them.
func CoversVersionsOf(project string, cover []Set, name Pattern, only Versions) (example string, covered bool, err error) {
	space := name.namespace()
	asked := walker{question: lay(name, cover, project), only: only, project: project, namespace: space}
	for _, each := range likely(space) {
		if asked.finds(space + each) {
			return space + each, false, nil
		}
	}
	example, found, err := asked.walk()
	return example, err == nil && !found, err
}

// tags is what all full references of tags begin with.
const tags = "refs/tags/"

// likely are names that people give to branches, or to tags. Where one of them will
// do, it is the example, because it reads better than the shortest.
func likely(namespace string) []string {
	if namespace == tags {
		return []string{"v0", "v1.0.0", "latest"}
	}
	return []string{"feature", "feature/a", "v0", "v1.0.0"}
}

// namespace returns with what all names of a pattern begin where it is one of full
// references, or "".
func (p Pattern) namespace() string {
	for _, each := range []string{"refs/heads/", tags} {
		begins := Literal(each).steps
		if len(p.steps) > len(begins) && slices.EqualFunc(p.steps[:len(begins)], begins, step.same) {
			return each
		}
	}
	return ""
}

// same reports whether two steps are written alike.
func (s step) same(other step) bool {
	return s.kind == other.kind && s.class.not == other.class.not && slices.Equal(s.class.spans, other.class.spans)
}

// question are all patterns side by side: each has a position before each of its
// steps and one at its end.
type question struct {
	// steps has a step for each position; nil at the end of a pattern.
	steps []*step
	// first is where each pattern begins.
	first []int
	// name is the position at which a name is matched; all positions up to there are
	// of the one pattern. cover are the ends of the patterns of each set.
	name  int
	cover []ends
	// alphabet has a character for each set of characters that no pattern tells
	// apart, in the order in which they are tried.
	alphabet []rune
}

// ends are the positions at which a name is matched by the patterns of a set.
type ends struct{ include, exclude []int }

func lay(name Pattern, cover []Set, project string) question {
	var laid question
	laid.name = laid.add(name)
	for _, each := range cover {
		laid.cover = append(laid.cover, ends{include: laid.addAll(each.Include), exclude: laid.addAll(each.Exclude)})
	}
	laid.alphabet = alphabet(laid.steps, project)
	return laid
}

func (q *question) addAll(patterns []Pattern) []int {
	var ends []int
	for _, each := range patterns {
		ends = append(ends, q.add(each))
	}
	return ends
}

// add puts a pattern beside the others and returns its end.
func (q *question) add(pattern Pattern) int {
	q.first = append(q.first, len(q.steps))
	for i := range pattern.steps {
		q.steps = append(q.steps, &pattern.steps[i])
	}
	q.steps = append(q.steps, nil)
	return len(q.steps) - 1
}

// set is a set of positions, a bit each.
type set []byte

func (s set) has(position int) bool { return s[position/8]&(1<<(position%8)) != 0 }

// add puts a position in, and those that are reached from it without a character.
func (q *question) addTo(s set, position int) {
	s[position/8] |= 1 << (position % 8)
	switch at := q.steps[position]; {
	case at == nil:
	case at.kind == run:
		q.addTo(s, position+1)
	case at.kind == folder:
		q.addTo(s, position+2)
	}
}

func (q *question) begin() set {
	first := make(set, len(q.steps)/8+1)
	for _, position := range q.first {
		q.addTo(first, position)
	}
	return first
}

// after returns the positions that are reached by a character.
func (q *question) after(from set, char rune) set {
	next := make(set, len(from))
	for position := 0; position < len(q.steps); position++ {
		if from[position/8] == 0 {
			position |= 7 // the next eight
			continue
		}
		at := q.steps[position]
		if at == nil || !from.has(position) {
			continue
		}
		if to, ok := at.by(position, char); ok {
			q.addTo(next, to)
		}
	}
	return next
}

// by returns the position to which a character leads from before a step.
func (s step) by(position int, char rune) (to int, ok bool) {
	switch isSlash := char == '/'; s.kind {
	case one:
		return position + 1, !isSlash && s.class.has(char)
	case slash:
		return position + 1, isSlash
	case run:
		return position, !isSlash
	case folder:
		return position + 1, !isSlash
	case inside:
		if isSlash {
			return position - 1, true
		}
		return position, true
	}
	return 0, false
}

// alive reports whether the one pattern can still match.
func (q *question) alive(s set) bool {
	for position := 0; position <= q.name; position++ {
		if s.has(position) {
			return true
		}
	}
	return false
}

// open reports whether a name that ends here is matched and not covered.
func (q *question) open(s set) bool {
	return s.has(q.name) && !slices.ContainsFunc(q.cover, func(set ends) bool {
		return slices.ContainsFunc(set.include, s.has) && !slices.ContainsFunc(set.exclude, s.has)
	})
}
