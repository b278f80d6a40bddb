package cli

import (
	"slices"

	"github.com/stageward/stageward/pkg/verdict"
)

// The exit codes. There are no others.
const (
	exitAllow     = 0 // allow, or what fail-on lets pass
	exitRefused   = 1 // deny or wait
	exitBadInput  = 2 // the input, the command line or the policy is wrong
	exitUndecided = 3 // it could not be decided
)

// badInput are the reason codes of errors that a person mends in the policy,
// the workflow or the command line. Every other error is exitUndecided.
var badInput = []string{
	"policy.invalid", "input.invalid", "event.unsupported", "ref.ambiguous", "stage.unknown",
}

// failOn says which decisions fail the step.
type failOn string

// The values of the fail-on input. An error always fails.
const (
	failOnWait  failOn = "wait"  // deny and wait fail
	failOnDeny  failOn = "deny"  // deny fails, wait does not
	failOnNever failOn = "never" // neither fails: report only
)

// exitCode returns the exit code of a verdict.
func exitCode(result verdict.Verdict, fail failOn) int {
	switch result.Decision {
	case verdict.Allowed:
		return exitAllow
	case verdict.Waiting:
		if fail == failOnDeny || fail == failOnNever {
			return exitAllow
		}
		return exitRefused
	case verdict.Denied:
		if fail == failOnNever {
			return exitAllow
		}
		return exitRefused
	case verdict.Errored:
	}
	if slices.Contains(badInput, result.Code) {
		return exitBadInput
	}
	return exitUndecided
}
