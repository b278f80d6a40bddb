package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesEmergency lets somebody in the role break the glass and say why, lets an open
// issue declare it, and lets people approve it since. Its parts are the approvals.
// Without it, there is neither issue nor approval.
var supposesEmergency = Supposing[emergencyDeclared]{
	Noun:  "emergency",
	Parts: func(params emergencyDeclared, _ Terms) []string { return params.asApproved().names() },
	With: func(params emergencyDeclared, in Supposed, part string) error {
		if part == "" {
			if err := params.declare(in); err != nil {
				return err
			}
		}
		since, found := params.declared(in.input())
		if found.Outcome != verdict.Pass {
			since = in.After() // when it would be declared
		}
		return params.asApproved().give(in, part, since)
	},
	Without: func(params emergencyDeclared, in Supposed, part string) error {
		params.asApproved().silence(in, part)
		params.changeIssues(in, func(issues []fact.Issue) []fact.Issue {
			return slices.DeleteFunc(issues, func(each fact.Issue) bool { return part == "" && each.Names(in.Facts.Subject.SHA) })
		})
		return nil
	},
}

// declare lets the run be started by somebody who may, with a reason, and an issue
// declare the emergency.
func (p emergencyDeclared) declare(in Supposed) error {
	if reasoned(in.Facts.Trigger.BreakGlass).Outcome != verdict.Pass {
		in.Facts.Trigger.BreakGlass = "supposed: it is on fire"
	}
	if checkDeployerAllowed(deployerAllowed{By: p.By}, in.input()).Outcome != verdict.Pass {
		holder, err := in.somebody(p.By)
		if err != nil {
			return err
		}
		in.Facts.Trigger.Actor, in.Facts.Trigger.TriggeringActor = holder.Login, holder.Login
	}
	if _, found := p.declared(in.input()); found.Outcome == verdict.Pass {
		return nil
	}
	by, err := in.holder(p.By)
	if err != nil {
		return err
	}
	p.changeIssues(in, func(issues []fact.Issue) []fact.Issue {
		title := fmt.Sprintf("Break glass: %s to %s: it is on fire", in.Facts.Subject.SHA, in.Terms.Stage.Called())
		return append(issues, in.issue(title, fact.IssueLabel{Name: p.Label, By: &by, At: in.After()}))
	})
	return nil
}

// changeIssues changes the open issues with the label.
func (p emergencyDeclared) changeIssues(in Supposed, change func([]fact.Issue) []fact.Issue) {
	known := in.Facts.OpenIssues[p.Label]
	suppose.Change(&known, func(open *fact.OpenIssues) {
		before := max(open.Total, len(open.Newest)) - len(open.Newest)
		open.Label, open.LabelExists, open.Newest = p.Label, true, change(slices.Clone(open.Newest))
		open.Total = before + len(open.Newest)
	})
	in.Facts.OpenIssues[p.Label] = known
}

// issue returns an open issue with a number that no other has.
func (in Supposed) issue(title string, label fact.IssueLabel) fact.Issue {
	number := int(suppose.Number(title+label.Name) % 1_000_000_000)
	return fact.Issue{
		Number: number, Title: title, URL: fmt.Sprintf("https://github.com/%s/issues/%d", in.Facts.Subject.Repository, number),
		Open: true, Labels: []fact.IssueLabel{label},
	}
}
