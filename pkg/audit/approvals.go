package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/workflow"
)

// ApprovalWorkflow holds where people can give the approvals that the policy asks
// for, and where a run of the workflow says what they said.
var ApprovalWorkflow = register(Check{
	ID:       "approval-workflow",
	Title:    "The workflows by which people approve are there and say what was approved",
	Why:      "An approval is the title of a run that somebody started by hand. Where the workflow is missing, or gives its runs other titles, nobody can approve, and that shows on the day of the release.",
	Severity: verdict.High,
	Needs: func(rules policy.Policy) []fact.Need {
		if len(votesOf(rules)) == 0 {
			return nil
		}
		return needsWorkflows(rules)
	},
	Ask: func(in Input) []verdict.Point {
		about := about{severity: verdict.Medium}
		votes := votesOf(in.Rules)
		if len(votes) == 0 {
			return []verdict.Point{about.beside("the policy asks for no approval that is given by a workflow")}
		}
		files, missing := in.workflows()
		var points []verdict.Point
		for _, each := range votes {
			if missing != nil {
				points = append(points, about.unknown(fmt.Sprintf("whether %s is there", each.path), missing, workflowsToken))
				continue
			}
			points = append(points, each.judge(about, files)...)
		}
		return points
	},
})

// ballot is a workflow with the approvals that are given by it.
type ballot struct {
	path  string
	votes []vote
}

// vote is one approval for one stage.
type vote struct {
	stage string
	asked gate.AskedApproval
}

// titled reports whether a run-name can come to the title of a run that gives it. A
// title that names no approval is one of all of them, but an exception has a reason.
func (v vote) titled(runName string) bool {
	text := "Approve " + strings.Repeat("0123456789", 4) + " for " + v.stage
	if v.asked.Reason {
		return workflow.MayBe(runName, text+" as "+v.asked.Name+": because")
	}
	return workflow.MayBe(runName, text+" as "+v.asked.Name) || workflow.MayBe(runName, text)
}

func (v vote) String() string { return fmt.Sprintf("%s for %s", v.asked.Name, v.stage) }

// votesOf returns the workflows by which people approve, in the order of their
// paths.
func votesOf(rules policy.Policy) []ballot {
	var ballots []ballot
	for _, s := range rules.Stages {
		for _, check := range checksOf(s) {
			for _, asked := range check.Asks().Approvals {
				if asked.Workflow != "" {
					place := s
					place.Name = placeOf(s)
					ballots = given(ballots, vote{rules.Called(place), asked})
				}
			}
		}
	}
	order.By(ballots, func(a, b ballot) int { return strings.Compare(a.path, b.path) })
	return ballots
}

// given adds an approval to the workflow by which it is given.
func given(ballots []ballot, v vote) []ballot {
	at := slices.IndexFunc(ballots, func(each ballot) bool { return each.path == v.asked.Workflow })
	if at < 0 {
		ballots, at = append(ballots, ballot{path: v.asked.Workflow}), len(ballots)
	}
	ballots[at].votes = append(ballots[at].votes, v)
	return ballots
}

// judge answers for one workflow.
func (b ballot) judge(about about, files []workflowFile) []verdict.Point {
	file, ok := fileOf(files, b.path)
	switch {
	case !ok:
		return []verdict.Point{about.wrong("missing", fmt.Sprintf("the default branch has no %s, so nobody can give %s", b.path, b.names()),
			"Copy examples/"+b.example()+" of Stageward there, and edit its lists of stages and approvals.")}
	case file.unread != nil:
		return []verdict.Point{file.see(about.unknown("what "+b.path+" says", file.unread, "Correct the file: see workflows-read."), 0)}
	}
	points := b.started(about, file.read)
	points = append(points, b.called(about, file.read)...)
	if len(points) == 0 {
		points = append(points, about.fine(fmt.Sprintf("%s gives %s", b.path, b.names())))
	}
	for i := range points {
		points[i] = file.see(points[i], 0)
	}
	return points
}

func (b ballot) example() string {
	if b.votes[0].asked.Reason {
		return "exception.yml"
	}
	return "approve.yml"
}

func (b ballot) names() string {
	var names []string
	for _, each := range b.votes {
		if name := each.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// started holds what starts the workflow: a run counts that a person started by
// hand.
func (b ballot) started(about about, read workflow.Workflow) []verdict.Point {
	var others []string
	for _, each := range read.Events {
		if each.Name != byHand {
			others = append(others, cited(each.Name))
		}
	}
	_, ok := read.On(byHand)
	switch {
	case !ok:
		return []verdict.Point{about.wrong("not-by-hand", fmt.Sprintf("%s is not started by %s, so nobody can start it by hand", b.path, byHand), "Write on: "+byHand+", with the inputs of examples/"+b.example()+".")}
	case len(others) > 0:
		about.severity = verdict.Low
		return []verdict.Point{about.wrong("other-events", fmt.Sprintf("%s is started by %s, too; such runs never count, and hide those that do", b.path, strings.Join(others, ", ")), "Leave only "+byHand+" below on.")}
	}
	return nil
}

const byHand = "workflow_dispatch"

// called holds the titles of its runs.
func (b ballot) called(about about, read workflow.Workflow) []verdict.Point {
	fix := "Keep run-name as it is in examples/" + b.example() + "."
	if odd := notTyped(read.RunName); odd != "" {
		about.severity = verdict.High
		return []verdict.Point{about.wrong("not-typed", fmt.Sprintf("the run-name of %s holds %s, which is not what the person says who starts it", b.path, cited(odd)), fix)}
	}
	var points []verdict.Point
	event, _ := read.On(byHand)
	for _, each := range b.votes {
		switch {
		case !each.titled(read.RunName):
			return []verdict.Point{about.wrong("run-name", fmt.Sprintf("the run-name of %s is %s, which can never be %q", b.path, cited(read.RunName), "Approve <commit id> for "+each.stage+" as "+each.asked.Name), fix)}
		case !offers(event, read.RunName, " for ", each.stage):
			points = append(points, about.wrong("no-choice", fmt.Sprintf("%s does not offer the stage %q, so nobody can give %s", b.path, each.stage, each), "Add it to the options of the input."))
		case !offers(event, read.RunName, " as ", each.asked.Name):
			points = append(points, about.wrong("no-choice", fmt.Sprintf("%s does not offer the approval %q, so nobody can give %s", b.path, each.asked.Name, each), "Add it to the options of the input."))
		}
	}
	return distinct(points)
}

// notTyped returns the first thing in a run-name that is not an input, or "". A
// text that stands for an input that is left empty is not chosen either, but its
// author wrote it for this.
func notTyped(runName string) string {
	for _, expression := range workflow.Expressions(runName) {
		for _, each := range workflow.Results(expression) {
			if inputOf(each) == "" && !strings.HasPrefix(each, "'") {
				return expression
			}
		}
	}
	return ""
}

// inputOf returns the name of the input that an operand is, in lower case, or "".
func inputOf(operand string) string {
	for _, prefix := range []string{"github.event.inputs.", "inputs."} {
		if name, ok := strings.CutPrefix(operand, prefix); ok && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == "" {
			return name
		}
	}
	return ""
}

// offers reports whether the input that stands behind a word of the run-name can
// be a text: it has no list of options, or one that has the text.
func offers(event workflow.Event, runName, after, text string) bool {
	_, rest, found := strings.Cut(runName, after)
	expressions := workflow.Expressions(rest)
	if !found || len(expressions) == 0 || !strings.HasPrefix(rest, "${{") {
		return true
	}
	name := inputOf(workflow.Results(expressions[0])[0])
	for _, each := range event.Inputs {
		if strings.EqualFold(each.Name, name) && len(each.Options) > 0 {
			return slices.Contains(each.Options, text)
		}
	}
	return true
}
