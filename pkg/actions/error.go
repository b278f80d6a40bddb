package actions

import "fmt"

// Code is a stable reason code: a word for machines, shown beside the reason.
type Code string

// The codes of this package.
const (
	RunnerInvalid    Code = "runner.invalid"        // a variable of the runner is missing or malformed
	EventUnsupported Code = "ref.event-not-allowed" // the event is not one of a commit to deploy
	Fork             Code = "ref.fork"              // the commit is in another repository
	RefInvalid       Code = "ref.invalid"           // reference, commit and event file do not agree on one commit
	InputInvalid     Code = "input.invalid"         // an input has a value that is not allowed
	Unauthorized     Code = "api.unauthorized"      // there is no usable token
	OutputFailed     Code = "io.output"             // the outputs did not reach the runner
)

// Error says why a run cannot be read or answered. Its text may hold names
// chosen by a stranger, quoted; it never holds a secret.
type Error struct {
	Code Code
	// Reason says what is wrong and why that matters, Fix what to do about it.
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

// Understood reports whether everything was read and agreed with itself, and
// the answer is no: the event, or where its commit is, is nothing that may be
// deployed. Of every other error something is not known.
func (e *Error) Understood() bool { return e.Code == EventUnsupported || e.Code == Fork }

// Unwrap returns the error underneath, or nil.
func (e *Error) Unwrap() error { return e.cause }

func refuse(code Code, fix, format string, args ...any) *Error {
	return &Error{Code: code, Reason: fmt.Sprintf(format, args...), Fix: fix}
}

// because is refuse for an error that has one underneath.
func because(cause error, code Code, fix, doing string) *Error {
	return &Error{Code: code, Reason: fmt.Sprintf("%s: %v", doing, cause), Fix: fix, cause: cause}
}
