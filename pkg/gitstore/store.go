package gitstore

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/stageward/stageward/pkg/gitobject"
)

// Object is an object as git stores it.
type Object struct {
	// ID is the id that was asked for, in hexadecimal: 40 digits, or 64 in a
	// repository with SHA-256. The body has been hashed and has this id.
	ID string
	// Type is "commit" or "tag": what the bytes were hashed as.
	Type string
	// Body is everything after the header "type size\0".
	Body []byte
}

// Store reads one repository. It answers one question at a time: a question
// that comes while another is open is refused with Busy. When git ends, by
// itself or because a context did, all later questions get that error.
type Store struct {
	git     program
	batch   *batch
	busy    atomic.Bool
	closed  atomic.Bool
	common  string // the folder that has objects, shallow and info
	window  int
	notices []string
}

// Open starts git on the repository that the folder is in: a clone, one of its
// worktrees, or a bare repository. git is the name or the path of the program.
// The context ends the Store as a whole. Close must be called.
//
// It fails with *Error: NoGit, OldGit, NoRepository, OtherOwner or Broken.
func Open(ctx context.Context, folder, git string) (*Store, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, refuse(NoRepository, "", "find the folder %s: %v", quoted(folder), err)
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, refuse(NoRepository, "name a clone", "open the folder %s: there is no such folder", quoted(folder))
	}
	tool, err := newProgram(folder, git)
	if err != nil {
		return nil, err
	}
	if err := tool.atLeast225(ctx); err != nil {
		return nil, err
	}
	common, err := tool.output(ctx, "rev-parse", "--git-common-dir")
	if err != nil {
		return nil, err
	}
	common = strings.TrimSuffix(strings.TrimSuffix(common, "\n"), "\r")
	if !filepath.IsAbs(common) {
		common = filepath.Join(folder, common)
	}
	store := &Store{git: tool, common: common, window: window}
	if store.batch, err = newBatch(ctx, tool); err != nil {
		return nil, err
	}
	store.notice()
	return store, nil
}

// notice collects what is unusual in the repository.
func (s *Store) notice() {
	if filled(filepath.Join(s.common, "info", "grafts")) {
		s.notices = append(s.notices, "the repository has grafts (info/grafts): they are ignored, history is read as it was committed")
	}
	if s.shallow() {
		s.notices = append(s.notices, "the repository is a shallow clone: what needs the history that is not here will fail")
	}
}

// Notices says what a reader should know about the repository although it
// changes no answer, in sentences, in a fixed order.
func (s *Store) Notices() []string { return append([]string(nil), s.notices...) }

// Close ends git and waits for it. It may be called more than once.
func (s *Store) Close() error {
	s.batch.end()
	s.closed.Store(true)
	return nil
}

// Object returns one commit or tag by its full id. Its bytes are checked
// against the id; nobody has looked at what they say.
//
// It fails with *Error: BadRevision when the id is none, Missing, ShallowClone
// or PartialClone when it is not here, WrongType for a tree or blob, TooLarge
// above gitobject.MaxSize, OtherObject when git answers with another object or
// other bytes, and Busy or Broken.
func (s *Store) Object(ctx context.Context, id string) (Object, error) {
	if !isID(id) {
		return Object{}, refuse(BadRevision, "write the whole id, 40 or 64 hexadecimal digits", "read object %s: not an id", quoted(id))
	}
	release, err := s.occupy(ctx)
	if err != nil {
		return Object{}, err
	}
	defer release()
	s.batch.ask(id)
	return s.receive(ctx, id)
}

// occupy makes the Store answer one question, until release is called. The end
// of the context ends git: that alone interrupts reading from it.
func (s *Store) occupy(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, broken(ctx, "ask git", err, "")
	}
	if s.closed.Load() {
		return nil, refuse(Broken, "", "ask git: the store is closed")
	}
	if !s.busy.CompareAndSwap(false, true) {
		return nil, refuse(Busy, "ask after it has answered", "ask git: another question is open")
	}
	stop := context.AfterFunc(ctx, s.batch.kill)
	return func() {
		stop()
		s.busy.Store(false)
	}, nil
}

// receive reads the answer to the oldest question, which was for this id.
func (s *Store) receive(ctx context.Context, id string) (Object, error) {
	head, err := s.batch.head(ctx)
	if err != nil {
		return Object{}, err
	}
	if head.status != found {
		return Object{}, s.absent(id)
	}
	if failed := unfit(id, head); failed != nil {
		// When git ends over it, the object is still the reason.
		s.batch.discard(ctx, head) //nolint:errcheck // the next question says so
		return Object{}, failed
	}
	body, err := s.batch.body(ctx, head)
	if err != nil {
		return Object{}, err
	}
	object := Object{ID: id, Type: head.kind, Body: body}
	return object, checkBytes(object)
}

// unfit says why an answer is not read, or nil.
func unfit(id string, head header) *Error {
	switch {
	case head.id != id:
		return refuse(OtherObject, missingFix, "read object %s: git answered with object %s", id, head.id)
	case head.kind != string(gitobject.CommitType) && head.kind != string(gitobject.TagType):
		return refuse(WrongType, "name a commit or a tag", "read object %s: it is a %s", id, head.kind)
	case head.size > gitobject.MaxSize:
		return refuse(TooLarge, "", "read object %s: it has %d bytes, more than the %d that are read", id, head.size, gitobject.MaxSize)
	}
	return nil
}

// checkBytes hashes an object. Git does not when it reads one from a pack.
func checkBytes(object Object) error {
	format, err := gitobject.FormatOf(object.ID)
	if err != nil {
		return err
	}
	id, err := gitobject.ID(gitobject.Type(object.Type), format, object.Body)
	if err == nil && id == object.ID {
		return nil
	}
	failed := refuse(OtherObject, missingFix, "read object %s: the bytes that git answered with are those of %s", object.ID, id)
	if err != nil {
		failed.Reason, failed.cause = "read object "+object.ID+": "+err.Error(), err
	}
	return failed
}

// absent says why an object is not here.
func (s *Store) absent(id string) *Error {
	switch {
	case s.shallow():
		return refuse(ShallowClone, shallowFix, "read object %s: it is not here", id)
	case s.partial():
		return refuse(PartialClone, partialFix, "read object %s: it is not here", id)
	default:
		return refuse(Missing, missingFix, "read object %s: it is not here, or cannot be read", id)
	}
}

// shallow tells whether history was cut off in the clone.
func (s *Store) shallow() bool { return filled(filepath.Join(s.common, "shallow")) }

// partial tells whether objects were filtered out of the clone: git marks the
// packs of a remote that promised to send the rest.
func (s *Store) partial() bool {
	entries, err := os.ReadDir(filepath.Join(s.common, "objects", "pack"))
	if err != nil {
		return false
	}
	for _, each := range entries {
		if strings.HasSuffix(each.Name(), ".promisor") {
			return true
		}
	}
	return false
}

func filled(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// isID tells whether the text is a full id as git writes it.
func isID(text string) bool {
	_, err := gitobject.FormatOf(text)
	return err == nil
}
