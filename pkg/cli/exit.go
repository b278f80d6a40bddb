package cli

import (
	"slices"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/stage"
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
	"policy.invalid", string(stage.Ambiguous), string(stage.NoSuchStage), string(decide.UnknownProject),
	string(actions.RunnerInvalid), string(actions.RefInvalid), string(actions.InputInvalid), string(actions.Unauthorized),
}

// exitCode returns the exit code of a verdict.
func exitCode(result verdict.Verdict, fail actions.FailOn) int {
	switch result.Decision {
	case verdict.Allowed:
		return exitAllow
	case verdict.Waiting:
		if fail == actions.FailOnDeny || fail == actions.FailOnNever {
			return exitAllow
		}
		return exitRefused
	case verdict.Denied:
		if fail == actions.FailOnNever {
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
