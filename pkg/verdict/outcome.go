package verdict

import (
	"fmt"
	"slices"
)

// Outcome is the answer of one gate. The zero value blocks.
type Outcome uint8

// The outcomes.
const (
	Unknown Outcome = iota // could not find out
	Pass                   // the statement is true
	Fail                   // the statement is false; this commit needs a change, or a person must act anew
	Wait                   // not true yet; time or a person will make it true for this same commit
	Skip                   // was not asked, with a reason
	Waived                 // would block, but the policy says who accepted that, why, and until when
)

var outcomeNames = []string{"unknown", "pass", "fail", "wait", "skip", "waived"}

// String returns the outcome's name.
func (o Outcome) String() string { return name(outcomeNames, int(o)) }

// MarshalText writes the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the outcome's name.
func (o *Outcome) UnmarshalText(text []byte) error {
	return parse(o, outcomeNames, string(text), "outcome")
}

// Mode says what a gate's outcome does to the decision. The zero value is the
// strict one.
type Mode uint8

// The modes.
const (
	Enforce Mode = iota // an unmet gate blocks
	Warn                // an unmet gate is shown, loudly, and does not block
	Off                 // the gate is not asked
)

var modeNames = []string{"enforce", "warn", "off"}

// ModeNames returns the names a policy may use.
func ModeNames() []string { return slices.Clone(modeNames) }

// String returns the mode's name.
func (m Mode) String() string { return name(modeNames, int(m)) }

// MarshalText writes the mode's name.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the mode's name.
func (m *Mode) UnmarshalText(text []byte) error { return parse(m, modeNames, string(text), "mode") }

// Decision is the answer of a run. The zero value is Error, and only Allow
// deploys.
type Decision uint8

// The decisions.
const (
	Errored Decision = iota // could not decide
	Allowed                 // every enforced gate passes
	Waiting                 // every unmet gate can still pass for this same commit
	Denied                  // some gate says no
)

var decisionNames = []string{"error", "allow", "wait", "deny"}

// String returns the decision's name.
func (d Decision) String() string { return name(decisionNames, int(d)) }

// MarshalText writes the decision's name.
func (d Decision) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the decision's name.
func (d *Decision) UnmarshalText(text []byte) error {
	return parse(d, decisionNames, string(text), "decision")
}

func name(names []string, index int) string {
	if index < len(names) {
		return names[index]
	}
	return names[0] // an impossible value reads as the blocking one
}

func parse[T ~uint8](into *T, names []string, text, what string) error {
	index := slices.Index(names, text)
	if index < 0 {
		return fmt.Errorf("%s %q: expected one of %q", what, text, names)
	}
	*into = T(index)
	return nil
}
