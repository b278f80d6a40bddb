package audit

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// about begins the points of one stage; "" stands for the whole repository.
type about struct {
	stage    string
	severity verdict.Severity
}

// fine is a point that the statement is true.
func (a about) fine(reason string) verdict.Point {
	return verdict.Point{Stage: a.stage, Severity: a.severity, Outcome: verdict.Pass, Reason: reason}
}

// wrong is a point that the statement is false, with what to do about it.
func (a about) wrong(code, reason, fix string, commands ...string) verdict.Point {
	return verdict.Point{Stage: a.stage, Severity: a.severity, Outcome: verdict.Fail, Code: code, Reason: reason, Fix: fix, Commands: commands}
}

// unknown is a point about which a fact is missing. with names a token that could
// read it where the missing fact does not say.
func (a about) unknown(what string, missing *fact.Missing, with string) verdict.Point {
	lacking := verdict.Lacking(what, missing)
	fix := missing.Fix
	if fix == "" {
		fix = with
	}
	return verdict.Point{Stage: a.stage, Severity: a.severity, Outcome: verdict.Unknown, Code: lacking.Code, Reason: lacking.Reason, Fix: fix}
}

// beside is a point that the statement is not about this stage.
func (a about) beside(reason string) verdict.Point {
	return verdict.Point{Stage: a.stage, Severity: a.severity, Outcome: verdict.Skip, Code: "not-applicable", Reason: reason}
}

// adminToken is who could read what the token of a workflow never can.
const adminToken = "Run the audit with a token of somebody who administers the repository, such as `gh auth token` prints for them. The token of a workflow can never read this." //nolint:gosec // says which token, and is none
