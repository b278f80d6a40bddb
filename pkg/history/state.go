package history

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/signature"
)

// State is what a check of an object came to: a signature.State, or one of
// those below. Only Good counts.
type State string

// The states besides those of a signature.
const (
	// Good is signature.Good.
	Good = State(signature.Good)
	// Undetermined is a check that did not come to an end.
	Undetermined State = "undetermined"
	// Unfit is an object that cannot be evidence, whoever signed it.
	Unfit State = "unfit"
	// Lightweight is a tag that is no object, so that nobody can sign it.
	Lightweight State = "lightweight"
)

// states are all of them, in the order of a summary.
var states = []State{
	Good, Lightweight, State(signature.Unsigned), State(signature.UnknownKey), State(signature.Bad), Unfit,
	State(signature.Malformed), State(signature.Unsupported), State(signature.Weak), State(signature.Revoked),
	State(signature.KeyExpired), State(signature.SignatureExpired), State(signature.TooEarly), State(signature.FromFuture),
	State(signature.NotForSigning), State(signature.Untouched), Undetermined,
}

// Reason says in which way an object is unfit: a gitobject.Reason, or one of
// those below.
type Reason string

// The reasons besides those of an object alone.
const (
	OtherName  Reason = "other-name"   // the tag was made under another name
	Nested     Reason = "nested"       // the tag names another tag
	NotACommit Reason = "not-a-commit" // the tag names a tree or a blob
	OtherType  Reason = "other-type"   // what the tag names is not what it says
)

// Object is a commit or a tag, and the id that its bytes were hashed to.
type Object struct {
	ID   string
	Type gitobject.Type
	Body []byte
}

// Verdict is what is known of one object. It holds no part of the object's
// bytes.
type Verdict struct {
	ID    string
	Type  gitobject.Type
	State State
	// Reason is set when the state is Unfit.
	Reason Reason
	// Detail says what was found in one clause, for people. Text from outside
	// is quoted and escaped in it.
	Detail string
	// Signature is the check of the signature; its zero value when there was
	// none.
	Signature signature.Result
	// Subject is the first line of the message, as stored and at most 200
	// bytes: hostile text. It is empty when the object is unfit.
	Subject string
	// Name is what a tag is called by its reference, and Target the id that it
	// points at. Both are empty for a commit.
	Name, Target string
}

// Tally counts verdicts. Its zero value has counted none.
type Tally struct {
	total  int
	counts map[State]int
}

// Add counts a verdict.
func (t *Tally) Add(verdict Verdict) {
	if t.counts == nil {
		t.counts = make(map[State]int)
	}
	t.total++
	t.counts[verdict.State]++
}

// Total is how many verdicts there were.
func (t *Tally) Total() int { return t.total }

// AllGood tells whether there was at least one, and all of them were Good:
// none at all prove nothing.
func (t *Tally) AllGood() bool { return t.total > 0 && t.counts[Good] == t.total }

// Count is how many objects had a state.
type Count struct {
	State State
	Count int
}

// Counts returns the states that occurred, Good first, always in the same order.
func (t *Tally) Counts() []Count {
	var found []Count
	for _, each := range states {
		if count := t.counts[each]; count > 0 {
			found = append(found, Count{State: each, Count: count})
		}
	}
	return found
}

// String returns the counts in words: "10 good, 1 unsigned".
func (t *Tally) String() string {
	words := []string{}
	for _, each := range t.Counts() {
		words = append(words, fmt.Sprintf("%d %s", each.Count, each.State))
	}
	return strings.Join(words, ", ")
}
