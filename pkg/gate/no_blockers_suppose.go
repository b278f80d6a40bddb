package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// milestonePart is the part of what is open in the milestone; the others are labels.
const milestonePart = "milestone"

// supposesBlockers lets something be open with each label, and in the milestone; or
// nothing, in a repository that has the labels and in a milestone with something in it.
var supposesBlockers = Supposing[noBlockers]{
	Noun: "blocker", Against: true,
	Parts: func(params noBlockers, _ Terms) []string {
		parts := slices.Clone(params.Labels)
		if params.Milestone != "" && !slices.Contains(parts, milestonePart) {
			parts = append(parts, milestonePart)
		}
		return parts
	},
	With:    func(params noBlockers, in Supposed, part string) error { return params.open(in, part, 1) },
	Without: func(params noBlockers, in Supposed, part string) error { return params.open(in, part, 0) },
}

// open lets so much be open that a part is about: 0, or 1 where it was less.
func (p noBlockers) open(in Supposed, part string, least int) error {
	for _, label := range p.Labels {
		if part != "" && part != label {
			continue
		}
		known := in.Facts.OpenIssues[label]
		suppose.Change(&known, func(open *fact.OpenIssues) {
			open.Label, open.LabelExists = label, true
			open.Total, open.Newest = in.blockers(open.Total, open.Newest, least, label)
		})
		in.Facts.OpenIssues[label] = known
	}
	if p.Milestone == "" || part != "" && part != milestonePart {
		return nil
	}
	title, err := in.Facts.Subject.Fill(p.Milestone)
	if err != nil {
		return err
	}
	known := in.Facts.Milestones[p.Milestone]
	suppose.Change(&known, func(milestone *fact.Milestone) {
		milestone.Title, milestone.Exists = title, true
		milestone.ClosedIssues = max(milestone.ClosedIssues, 1)
		milestone.OpenIssues, milestone.Newest = in.blockers(milestone.OpenIssues, milestone.Newest, least)
	})
	in.Facts.Milestones[p.Milestone] = known
	return nil
}

// blockers returns how much is open and what: nothing, or what was open before and, if
// that is nothing, an issue with these labels.
func (in Supposed) blockers(total int, newest []fact.Issue, least int, labels ...string) (int, []fact.Issue) {
	const number = 1001 // after the pull request that is made up
	switch {
	case least == 0:
		return 0, []fact.Issue{}
	case total > 0 && total >= len(newest):
		return total, newest
	}
	by := in.Person(suppose.Author)
	issue := fact.Issue{
		Number: number, Title: "Something is not done", URL: fmt.Sprintf("https://github.com/%s/issues/%d", in.Facts.Subject.Repository, number), Open: true, Labels: []fact.IssueLabel{},
	}
	for _, label := range labels {
		issue.Labels = append(issue.Labels, fact.IssueLabel{Name: label, By: &by, At: in.Written()})
	}
	return 1, []fact.Issue{issue}
}
