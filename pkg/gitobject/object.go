package gitobject

import (
	"bytes"
	"fmt"
	"strconv"
)

// Type is the type of a git object that can be signed.
type Type string

// The types.
const (
	CommitType Type = "commit"
	TagType    Type = "tag"
)

// MaxSize is the largest object that is read, in bytes. The largest of 26,227
// signed objects of nine public projects has 132 KB.
const MaxSize = 1 << 20

// Commit is a commit object, taken apart. Its slices share memory with the
// object that was parsed.
type Commit struct {
	Tree    string
	Parents []string
	// Author and Committer are what the writer typed; they prove nothing.
	Author, Committer Person
	// Message is everything after the header, as stored; nil when not even the
	// empty line is there.
	Message []byte
	Signed
}

// Tag is an annotated tag object, taken apart. Its slices share memory with the
// object that was parsed.
type Tag struct {
	// Target is the id of what the tag points at, TargetType what the tag says
	// that it is; only the object itself can prove it.
	Target, TargetType string
	// Name is the name inside the object. Nothing in git compares it with the
	// reference.
	Name   string
	Tagger Person
	// Message is what stands between header and signature, as stored.
	Message []byte
	Signed
}

// Signed is the signature of an object and the bytes that it signs.
type Signed struct {
	// Signature is armored text, or nil when the object is not signed.
	Signature []byte
	// Payload is what a signature over the object signs, byte for byte: the
	// whole object when it is not signed.
	Payload []byte
	// Timestamp is an OpenTimestamps block behind the signature, or nil. No
	// signature covers it, so it is evidence of nothing here; it is told apart
	// because it is real: 479 of 26,227 signed objects have one.
	Timestamp []byte
}

// Person is an author, committer or tagger line.
type Person struct {
	Name, Email string
	// Seconds are those since 1970 UTC that the writer's clock showed.
	Seconds int64
}

// Reason names one way in which an object can be unfit, in kebab-case.
type Reason string

// The reasons.
const (
	TooLarge        Reason = "too-large"
	Truncated       Reason = "truncated"        // the header ends early
	BadHeader       Reason = "bad-header"       // a line that is no header, or out of order
	DuplicateHeader Reason = "duplicate-header" // two readers would take different ones
	UnsignedHeader  Reason = "unsigned-header"  // a gpgsig… header that no signature covers
	ManySignatures  Reason = "many-signatures"
	TextAfter       Reason = "text-after-signature"
	NullByte        Reason = "null-byte" // what comes after it is hidden from readers
	BadEncoding     Reason = "bad-encoding"
	BadID           Reason = "bad-id"
	BadPerson       Reason = "bad-person"
	BadName         Reason = "bad-name"
	BadType         Reason = "bad-type"
	NoTagger        Reason = "no-tagger"
	OtherID         Reason = "other-id"  // the bytes are not those of the id that was asked for
	Collision       Reason = "collision" // the bytes were made to collide in SHA-1
)

// Unfit is the error of an object that cannot be taken as evidence. It is the
// only kind of error that this package returns.
type Unfit struct {
	Reason Reason
	// Detail says what was found, in one clause for people; text from the
	// object is quoted and escaped in it.
	Detail string
}

// Error returns reason and detail.
func (u *Unfit) Error() string { return fmt.Sprintf("%s: %s", u.Reason, u.Detail) }

// shown is how much of an object a detail quotes, in bytes.
const shown = 60

func unfit(reason Reason, format string, arguments ...any) error {
	return &Unfit{Reason: reason, Detail: fmt.Sprintf(format, arguments...)}
}

// quoted makes text from an object fit for people: one line of ASCII, short.
func quoted[Text string | []byte](text Text) string {
	if len(text) > shown {
		return strconv.QuoteToASCII(string(text[:shown])) + "..."
	}
	return strconv.QuoteToASCII(string(text))
}

// checkBody refuses what no reader should start on.
func checkBody(body []byte) error {
	if len(body) > MaxSize {
		return tooLarge(len(body))
	}
	if at := bytes.IndexByte(body, 0); at >= 0 {
		return unfit(NullByte, "byte %d is zero, and readers do not show what follows it", at)
	}
	return nil
}

func tooLarge(size int) error {
	return unfit(TooLarge, "%d bytes; at most %d are read", size, MaxSize)
}
