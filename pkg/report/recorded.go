package report

import (
	"fmt"
	"strconv"

	"github.com/stageward/stageward/pkg/fact"
)

// Recorded is what came of recording a deployment.
type Recorded struct {
	// Code is "recorded", or why nothing was.
	Code string
	// Reason and Fix are as in a verdict; "" when it was recorded.
	Reason, Fix string
	// Deployment is GitHub's number of the record, 0 where there is none.
	Deployment int64
	// State is what was said of it, in GitHub's words.
	State string
	// Added is false when the record said so before.
	Added bool

	Stage, Environment string
	SHA                fact.SHA
}

// RecordedCode is the code of a deployment that was recorded.
const RecordedCode = "recorded"

// Done reports whether the record is as it was asked for.
func (r Recorded) Done() bool { return r.Code == RecordedCode }

// Text returns what came of it as one line of plain text, for a log that keeps
// foreign text from being obeyed.
func (r Recorded) Text() string { return r.line(plain) }

// Summary returns the same as one paragraph of Markdown in which no foreign text
// does anything.
func (r Recorded) Summary() string {
	mark := "⛔"
	if r.Done() {
		mark = "📌"
	}
	return mark + " " + r.line(inline) + "\n"
}

func (r Recorded) line(set func(string) string) string {
	if !r.Done() {
		said := "No deployment was recorded: " + set(clip(r.Reason, maxReason))
		if r.Deployment != 0 {
			said = fmt.Sprintf("Deployment record %d is not as it was asked for: %s", r.Deployment, set(clip(r.Reason, maxReason)))
		}
		if r.Fix != "" {
			said += ". " + set(clip(r.Fix, maxReason))
		}
		return said
	}
	before := ""
	if !r.Added {
		before = ", which it said before"
	}
	return fmt.Sprintf("Deployment record %d of %s to %s (%s): %s%s",
		r.Deployment, r.SHA.Short(), set(clip(r.Stage, maxName)), set(clip(r.Environment, maxName)), r.State, before)
}

// Outputs returns the outputs of the step. None of those is among them that a
// workflow could take for consent: they stay empty.
func (r Recorded) Outputs() []Output {
	number := ""
	if r.Deployment != 0 {
		number = strconv.FormatInt(r.Deployment, 10)
	}
	return []Output{{Name: "deployment-id", Value: number}, {Name: "reason-code", Value: r.Code}}
}
