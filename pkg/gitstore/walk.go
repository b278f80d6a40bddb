package gitstore

import (
	"bytes"
	"context"
	"encoding/hex"
)

// window is how many questions may be open at a time. Git answers while the
// next ones are on their way. All of them together, 65 bytes each, fit into the
// smallest pipe there is (4 KiB), so that writing them never waits for git,
// which may be waiting for us.
const window = 60

// key is an id in half the space; one of SHA-1 is filled up with zeros.
type key [32]byte

// Walk visits every commit that can be reached from include and not from
// exclude, through all parents, each once. Both are full ids of commits. The
// order is that of the graph, breadth first: include as given, then their
// parents as the commits list them, and so on. It depends on nothing but the
// commits; a commit can come after one of its ancestors.
//
// What exclude reaches is read first and to the end, because dates say nothing
// about order. A Store holds the ids of all commits it met in a walk, 32 bytes
// each, and at most one body besides those that visit keeps.
//
// It fails like Object, and with WrongType when something is no commit (peel
// tags first), Malformed when the parents of a commit cannot be told, or what
// visit returns. A commit that is not here is an error even when it is one of
// exclude's: a range that cannot be known whole is not walked in part. visit
// may not ask the Store.
func (s *Store) Walk(ctx context.Context, include, exclude []string, visit func(Object) error) error {
	for _, each := range append(append([]string{}, include...), exclude...) {
		if !isID(each) {
			return refuse(BadRevision, "resolve it first", "walk from %s: not an id", quoted(each))
		}
	}
	release, err := s.occupy(ctx)
	if err != nil {
		return err
	}
	defer release()
	met := make(map[key]struct{})
	nothing := func(Object) error { return nil }
	if err := s.walk(ctx, met, exclude, nothing); err != nil {
		return err
	}
	return s.walk(ctx, met, include, visit)
}

// walk visits what can be reached from the ids and was not met before.
func (s *Store) walk(ctx context.Context, met map[key]struct{}, ids []string, visit func(Object) error) error {
	var line queue
	for _, each := range ids {
		line.add(met, each)
	}
	digits := 0
	if len(ids) > 0 {
		digits = len(ids[0])
	}
	for line.waiting() > 0 {
		for line.asked < s.window && line.asked < line.waiting() {
			s.batch.ask(line.next(digits))
		}
		object, err := s.receive(ctx, line.take(digits))
		if err == nil {
			err = follow(object, func(parent string) { line.add(met, parent) })
		}
		if err == nil {
			err = visit(object)
		}
		if err != nil {
			s.drain(ctx, line.asked)
			return err
		}
	}
	return nil
}

// drain passes over the answers to questions that nobody has any more.
func (s *Store) drain(ctx context.Context, answers int) {
	for range answers {
		head, err := s.batch.head(ctx)
		if err == nil && head.status == found {
			err = s.batch.discard(ctx, head)
		}
		if err != nil {
			return // the next question gets the error
		}
	}
}

// follow calls add with each parent of a commit, in order.
//
// Git takes the `parent` lines after `tree`, and no others. A line of that name
// further down is an error here: a reader that took it for a parent would walk
// another history.
func follow(commit Object, add func(parent string)) error {
	if commit.Type != "commit" {
		return refuse(WrongType, "name a commit, for a tag the one it points at", "read commit %s: it is a %s", commit.ID, commit.Type)
	}
	head, _, _ := bytes.Cut(commit.Body, []byte("\n\n"))
	first, rest, _ := bytes.Cut(head, []byte("\n"))
	if tree, ok := bytes.CutPrefix(first, []byte("tree ")); !ok || !sameKind(tree, commit.ID) {
		return refuse(Malformed, "", "read commit %s: it does not begin with its tree", commit.ID)
	}
	atTop := true
	for line := range bytes.Lines(rest) {
		parent, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte("parent "))
		if !ok {
			atTop = false
			continue
		}
		if !atTop || !sameKind(parent, commit.ID) {
			return refuse(Malformed, "", "read commit %s: the line %s is no parent", commit.ID, quoted(string(line)))
		}
		add(string(parent))
	}
	return nil
}

// sameKind tells whether the text is a full id of the same length as the other.
func sameKind(text []byte, id string) bool {
	return len(text) == len(id) && isID(string(text))
}

// queue holds the commits that are still to be read. The first ones have been
// asked for already.
type queue struct {
	keys  []key
	first int // where the oldest is
	asked int // how many from there on have been asked for
}

func (q *queue) waiting() int { return len(q.keys) - q.first }

// add puts an id at the end, unless it was met before.
func (q *queue) add(met map[key]struct{}, id string) {
	var k key
	hex.Decode(k[:], []byte(id)) //nolint:errcheck // it has been checked
	if _, ok := met[k]; ok {
		return
	}
	met[k] = struct{}{}
	q.keys = append(q.keys, k)
}

// next returns the first id that has not been asked for, and counts it as such.
func (q *queue) next(digits int) string {
	q.asked++
	return q.keys[q.first+q.asked-1].text(digits)
}

// take removes the oldest id. What is behind is given back now and then.
func (q *queue) take(digits int) string {
	id := q.keys[q.first].text(digits)
	q.first++
	q.asked--
	if q.first == len(q.keys) || q.first > 1<<12 && q.first > len(q.keys)/2 {
		q.keys = q.keys[:copy(q.keys, q.keys[q.first:])]
		q.first = 0
	}
	return id
}

func (k key) text(digits int) string { return hex.EncodeToString(k[:digits/2]) }
