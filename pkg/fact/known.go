package fact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Known is one fact: a value with its source, or the reason why the value is
// missing. The zero Known is missing because nobody asked for it.
type Known[T any] struct {
	value T
	about
}

// about is what a Known is without its value. What is written about that is compiled
// once, and not for every type of fact (docs/adr/0018).
type about struct {
	source  Source
	missing *Missing
	known   bool
}

// Source says where a fact was read, so that a reader can check it.
type Source struct {
	// From names the interface that was read, for example "graphql" or
	// "GET /repos/{owner}/{repo}/git/tags/{tag_sha}".
	From string `json:"from"`
	// URL is a page for people that shows the same thing, or "".
	URL string `json:"url,omitempty"`
}

// Of returns a known fact.
func Of[T any](value T, source Source) Known[T] {
	return Known[T]{value: value, about: about{source: source, known: true}}
}

// Lost returns a missing fact. A missing fact without a reason becomes
// NotAsked.
func Lost[T any](missing Missing) Known[T] {
	return Known[T]{about: lost(missing)}
}

func lost(missing Missing) about { return about{missing: &missing} }

// From turns the result of a call into a fact. An error that is not a Missing
// becomes one with the reason Unavailable.
func From[T any](value T, source Source, err error) Known[T] {
	if err == nil {
		return Of(value, source)
	}
	var missing *Missing
	if errors.As(err, &missing) {
		return Lost[T](*missing)
	}
	return Lost[T](Missing{Reason: Unavailable, Detail: err.Error()})
}

// Get returns the value, or the reason why there is none. Exactly one of the
// two is meaningful: the value is the zero value whenever missing is not nil.
func (k Known[T]) Get() (value T, missing *Missing) {
	if missing = k.lacks(); missing == nil {
		value = k.value
	}
	return value, missing
}

// lacks returns a copy of the reason why there is no value, or nil.
func (a about) lacks() *Missing {
	switch {
	case a.known:
		return nil
	case a.missing != nil:
		reason := *a.missing
		return &reason
	}
	return &Missing{Reason: NotAsked}
}

// OrZero returns the value, or the zero value of a missing fact. It is for
// showing what is known and for asking further. A gate must not use it: there,
// not knowing has to be told apart, and a test sees to that.
func (k Known[T]) OrZero() (value T) {
	if k.known {
		value = k.value
	}
	return value
}

// Source returns where the fact was read; the zero Source for a missing fact.
func (k Known[T]) Source() Source { return k.source }

// Reason says why a fact is missing.
type Reason string

// The reasons. Null and forbidden are kept apart on purpose: the first is an
// answer, the second is a refusal to answer.
const (
	NotAsked     Reason = "not-asked"    // nobody needed it
	Forbidden    Reason = "forbidden"    // the token may not read it
	NotFound     Reason = "not-found"    // the address answered "no such thing"; may hide Forbidden
	Incomplete   Reason = "incomplete"   // not all of it arrived
	Inconsistent Reason = "inconsistent" // two answers contradict each other
	Unavailable  Reason = "unavailable"  // the server or the network failed
)

// Missing is the reason why a fact is not known. It is an error, so that an
// edge package can return it from a call without importing anything else.
type Missing struct {
	Reason Reason `json:"reason"`
	// Detail says what happened, in words for a reader; never a secret.
	Detail string `json:"detail,omitempty"`
	// Fix says what a person can do about it, for example which permission
	// the workflow has to grant.
	Fix string `json:"fix,omitempty"`
}

// Error returns reason and detail in one line.
func (m *Missing) Error() string {
	if m.Detail == "" {
		return string(m.Reason)
	}
	return fmt.Sprintf("%s: %s", m.Reason, m.Detail)
}

// knownJSON is the stored form of a Known.
type knownJSON struct {
	Value   json.RawMessage `json:"value,omitempty"`
	Source  *Source         `json:"source,omitempty"`
	Missing *Missing        `json:"missing,omitempty"`
}

// MarshalJSON writes {"value":…,"source":…} or {"missing":…}.
func (k Known[T]) MarshalJSON() ([]byte, error) { return k.marshal(&k.value) }

// UnmarshalJSON reads what MarshalJSON writes. A value beside a missing
// reason, neither of the two, and a null value are errors: a stored fact is
// one or the other.
func (k *Known[T]) UnmarshalJSON(data []byte) error {
	var read Known[T]
	err := read.unmarshal(data, &read.value)
	if err == nil {
		*k = read
	}
	return err
}

// marshal writes a value, given by a pointer to it.
func (a about) marshal(value any) ([]byte, error) {
	if missing := a.lacks(); missing != nil {
		return json.Marshal(knownJSON{Missing: missing})
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(raw, []byte("null")) {
		raw = []byte("[]") // an empty list is an answer; null is not
	}
	return json.Marshal(knownJSON{Value: raw, Source: &a.source})
}

// unmarshal reads a value through a pointer to it.
func (a *about) unmarshal(data []byte, value any) error {
	var stored knownJSON
	if err := decodeStrict(data, &stored); err != nil {
		return fmt.Errorf("read stored fact: %w", err)
	}
	hasValue := len(stored.Value) > 0 && !bytes.Equal(stored.Value, []byte("null"))
	switch {
	case hasValue && stored.Missing == nil:
		if err := decodeStrict(stored.Value, value); err != nil {
			return fmt.Errorf("read stored fact: %w", err)
		}
		a.known = true
		if stored.Source != nil {
			a.source = *stored.Source
		}
	case !hasValue && stored.Missing != nil:
		a.missing = stored.Missing
	default:
		return errors.New(`read stored fact: want exactly one of "value" and "missing"`)
	}
	return nil
}

// decodeStrict decodes exactly one JSON document and refuses unknown fields,
// so that a misspelt fact is an error and not a silent absence.
func decodeStrict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end of the document")
	}
	return nil
}
