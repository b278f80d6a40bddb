package gitstore

import (
	"context"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
)

// Revision is what a name stands for.
type Revision struct {
	// ID and Type are those of the object, as in Object.
	ID, Type string
	// Ref is the full name of the reference that was named, such as
	// "refs/tags/v1.2.0". It is "" when an id, HEAD or its like, or something
	// reached from a reference ("v1.2.0^{commit}") was named.
	Ref string
}

// longest is the longest name that is looked at, in bytes. Git cannot store a
// reference that is much longer.
const longest = 1000

var (
	// forbidden is what git-check-ref-format(1) forbids in names and what
	// would be a pattern, an option, a range, or a second line.
	forbidden = lazy.New(`^-|^/|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|/$|^$`)
	// steps lead from an object to another: to a parent, or to what a tag
	// points at. Searches, dates and paths (":/text", "@{1}", "x:y") do not.
	steps   = lazy.New(`^(?:~[0-9]{0,9}|\^[0-9]{0,9}|\^\{(?:commit|tag|tree|blob|object)?\})*$`)
	shortID = lazy.New(`^[0-9A-Fa-f]{4,64}$`)
)

// pseudo are the names that are no references, and no ids.
var pseudo = []string{"HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD"}

// Resolve finds the object that a person named: an id (whole or short), a
// reference (in full, or as git(1) lets one write it), HEAD and its like, each
// with steps behind it (~2, ^1, ^{commit}). A name that begins with "refs/" is
// a full name and nothing else.
//
// It is stricter than gitrevisions(7): where git picks the first of several
// readings, which lets who may push a tag choose what a branch name means, it
// fails. Steps are taken by git itself, from objects that are not hashed.
//
// It fails with *Error: BadRevision for what is no such name, Ambiguous,
// NotFound, and like Object.
func (s *Store) Resolve(ctx context.Context, revision string) (Revision, error) {
	name, step := cutSteps(revision)
	if len(revision) > longest || forbidden.MatchString(name) || !steps.MatchString(step) {
		return Revision{}, refuse(BadRevision, "name one branch, tag or commit, such as main, v1.2.0 or refs/tags/v1.2.0",
			"find %s: not the name of one object", quoted(revision))
	}
	release, err := s.occupy(ctx)
	if err != nil {
		return Revision{}, err
	}
	defer release()
	if name == "@" {
		name = "HEAD"
	}
	at, err := s.resolve(ctx, name)
	if err != nil || step == "" {
		return at, err
	}
	// From an id on, git has nothing left to choose.
	return s.lookUp(ctx, at.ID+step, revision)
}

// cutSteps cuts a revision into a name and the steps from there.
func cutSteps(revision string) (name, step string) {
	if i := strings.IndexAny(revision, "~^"); i >= 0 {
		return revision[:i], revision[i:]
	}
	return revision, ""
}

// resolve finds what a name without steps stands for.
func (s *Store) resolve(ctx context.Context, name string) (Revision, error) {
	references, err := s.references(ctx, name)
	if err != nil {
		return Revision{}, err
	}
	other, err := s.otherReading(ctx, name, len(references) > 0)
	if err != nil {
		return Revision{}, err
	}
	switch {
	case len(references) == 0 && other:
		return s.lookUpID(ctx, name)
	case len(references) == 0:
		return Revision{}, refuse(NotFound, "look for it with `git for-each-ref`, or fetch it", "find %s: there is no such branch, tag or commit", quoted(name))
	case len(references) == 1 && !other:
		at, err := s.lookUp(ctx, references[0].id, name)
		at.Ref = references[0].name
		return at, err
	default:
		return Revision{}, severalReadings(name, references, other)
	}
}

func severalReadings(name string, references []reference, other bool) *Error {
	var all []string
	for _, each := range references {
		all = append(all, quoted(each.name))
	}
	if other {
		all = append(all, "a commit of that id or HEAD")
	}
	return refuse(Ambiguous, "write the full name of the one that is meant, beginning with refs/, or its whole id",
		"find %s: it can be %s", quoted(name), strings.Join(all, " or "))
}

// reference is one of the repository.
type reference struct{ id, name string }

// references returns those that the name can mean, sorted as git ranks them.
// Source: gitrevisions(7), <refname>.
func (s *Store) references(ctx context.Context, name string) ([]reference, error) {
	candidates := []string{"refs/" + name, "refs/tags/" + name, "refs/heads/" + name, "refs/remotes/" + name, "refs/remotes/" + name + "/HEAD"}
	if strings.HasPrefix(name, "refs/") {
		candidates = []string{name}
	}
	listed, err := s.git.output(ctx, append([]string{"for-each-ref", "--format=%(objectname) %(refname)"}, candidates...)...)
	if err != nil {
		return nil, err
	}
	var references []reference
	for line := range strings.Lines(listed) {
		id, full, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		// A candidate is a pattern, too: it lists what is below it.
		if isID(id) && slices.Contains(candidates, full) {
			references = append(references, reference{id: id, name: full})
		}
	}
	order.By(references, func(a, b reference) int {
		return slices.Index(candidates, a.name) - slices.Index(candidates, b.name)
	})
	return references, nil
}

// otherReading tells whether a name can mean something that is no reference.
// An id of which there is none is an other reading only when there is no
// reference: a tag may be called 20240131.
func (s *Store) otherReading(ctx context.Context, name string, isReference bool) (bool, error) {
	if slices.Contains(pseudo, name) {
		return true, nil
	}
	if !shortID.MatchString(name) || !isReference {
		return shortID.MatchString(name), nil
	}
	listed, err := s.git.output(ctx, "rev-parse", "--disambiguate="+strings.ToLower(name))
	return listed != "", err
}

// lookUpID asks for a name that is no reference. A file of that name beside
// HEAD would be one for git: the answer has to begin with the id.
func (s *Store) lookUpID(ctx context.Context, name string) (Revision, error) {
	at, err := s.lookUp(ctx, name, name)
	if err == nil && !slices.Contains(pseudo, name) && !strings.HasPrefix(at.ID, strings.ToLower(name)) {
		return Revision{}, refuse(OtherObject, "write the whole id", "find %s: git answered with object %s", quoted(name), at.ID)
	}
	return at, err
}

// lookUp asks git for an object without keeping its bytes.
func (s *Store) lookUp(ctx context.Context, question, revision string) (Revision, error) {
	s.batch.ask(question)
	head, err := s.batch.head(ctx)
	if err != nil {
		return Revision{}, err
	}
	switch head.status {
	case found:
		return Revision{ID: head.id, Type: head.kind}, s.batch.discard(ctx, head)
	case ambiguous:
		return Revision{}, refuse(Ambiguous, "write more digits of the id", "find %s: several objects begin with it", quoted(revision))
	case missing:
	}
	if isID(question) {
		return Revision{}, s.absent(question)
	}
	if s.shallow() {
		return Revision{}, refuse(ShallowClone, shallowFix, "find %s: it is not here", quoted(revision))
	}
	return Revision{}, refuse(NotFound, "look for it with `git log`, or fetch it", "find %s: there is no such object", quoted(revision))
}
