package gitstore

import (
	"context"
	"fmt"
	"strings"
)

// Problem names one way in which a repository can fail to answer, in
// kebab-case.
type Problem string

// The problems.
const (
	NoGit        Problem = "no-git"        // the program is not there, or does not start
	OldGit       Problem = "old-git"       // it is older than 2.25
	NoRepository Problem = "no-repository" // the folder is in none
	OtherOwner   Problem = "other-owner"   // git does not read repositories of other users
	BadRevision  Problem = "bad-revision"  // not a name of one object
	Ambiguous    Problem = "ambiguous"     // a name of two
	NotFound     Problem = "not-found"     // a name of none
	Missing      Problem = "missing"       // the object is not here, or cannot be read
	ShallowClone Problem = "shallow-clone" // the object is not here, because history was cut off
	PartialClone Problem = "partial-clone" // the object is not here, because it was filtered out
	WrongType    Problem = "wrong-type"    // a commit was expected
	Malformed    Problem = "malformed"     // a commit whose parents cannot be told
	TooLarge     Problem = "too-large"     // larger than gitobject.MaxSize
	OtherObject  Problem = "other-object"  // the answer is not the object that was asked for
	Busy         Problem = "busy"          // a Store answers one question at a time
	Broken       Problem = "broken"        // git ended, or what it said was not understood
)

// Error says why there is no answer. Text from the repository and from git is
// quoted and escaped in it.
type Error struct {
	Problem Problem
	// Reason says what could not be done and why, Fix what to do about it.
	Reason string
	Fix    string

	cause error
}

// Error returns reason and fix in one line.
func (e *Error) Error() string {
	if e.Fix == "" {
		return e.Reason
	}
	return e.Reason + "; " + e.Fix
}

// Unwrap returns the error underneath, or nil.
func (e *Error) Unwrap() error { return e.cause }

func refuse(problem Problem, fix, format string, args ...any) *Error {
	return &Error{Problem: problem, Reason: fmt.Sprintf(format, args...), Fix: fix}
}

// broken is the error of a conversation with git that cannot go on. said is
// what git wrote for people.
func broken(ctx context.Context, doing string, cause error, said string) *Error {
	failed := &Error{Problem: Broken, Reason: fmt.Sprintf("%s: %v", doing, cause), cause: cause}
	if stopped := ctx.Err(); stopped != nil {
		failed.Reason, failed.cause = fmt.Sprintf("%s: %v", doing, stopped), stopped
		return failed
	}
	if said != "" {
		failed.Reason += ", git said " + quoted(said)
	}
	for _, each := range causes {
		if strings.Contains(said, each.words) {
			failed.Problem, failed.Fix = each.problem, each.fix
			break
		}
	}
	return failed
}

// causes are the failures of git that have a name here. The words are those
// of LC_ALL=C.
var causes = []struct {
	words   string
	problem Problem
	fix     string
}{
	{"dubious ownership", OtherOwner, otherOwnerFix},
	{"unsafe repository", OtherOwner, otherOwnerFix}, // git 2.35.2
	{"not a git repository", NoRepository, "run it in a clone, or name one"},
	{"must be run in a work tree", NoRepository, "run it in a clone, or name one"},
	{"from promisor remote", PartialClone, partialFix},
	{"promisor remote name", PartialClone, partialFix},
	{"attempting to allocate", TooLarge, ""},
	{"", Broken, "run `git fsck --full` in the repository to see whether it is damaged"},
}

const (
	// The setting safe.directory of the user is not an answer: no file of
	// settings outside the repository is read.
	otherOwnerFix = "the repository belongs to another user, and settings such as safe.directory are not read here: " +
		"run it as the owner, or on a clone of your own"
	shallowFix = "this is a shallow clone: fetch the whole history with `git fetch --unshallow`"
	partialFix = "this is a partial clone, and nothing is fetched here: clone again without --filter"
	missingFix = "run `git fsck --full` in the repository, and fetch or clone again"
)

// quoted makes text from outside safe to show: one line, escaped, in quotes,
// and short.
func quoted(text string) string {
	const most = 300
	text = strings.TrimSpace(text)
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%+q", text)
}
