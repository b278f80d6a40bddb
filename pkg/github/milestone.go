package github

import (
	"context"
	_ "embed" // the query
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/stageward/stageward/pkg/fact"
)

//go:embed milestone.graphql
var milestonesQuery string

// milestoneQuery counts what one milestone holds. REST counts it, too, by numbers
// that GitHub stores beside the milestone; these are counted when they are asked
// for.
const milestoneQuery = `# What one milestone holds.
query StagewardMilestone($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    ...tracker
    milestone(number: %d) {
      number
      title
      closed
      url
      issues(states: OPEN, first: 20, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { number title url state } }
      pullRequests(states: OPEN, first: 20, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { number title url state } }
      closedIssues: issues(states: CLOSED, first: 1) { totalCount }
      closedPulls: pullRequests(states: [CLOSED, MERGED], first: 1) { totalCount }
    }
  }
}
`

type milestoneNode struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	Closed *bool  `json:"closed"`
	URL    string `json:"url"`
	openLists
	ClosedIssues *connection[openNode] `json:"closedIssues"`
	ClosedPulls  *connection[openNode] `json:"closedPulls"`
}

// maxMilestones is how many milestones are looked through.
const maxMilestones = 5000

// Milestone reads the milestone of a title: how many issues and pull requests of
// it are open and how many are not. The title has to be the same to the byte.
// That there is no such milestone is an answer.
//
// Requests: one for every 100 milestones of the repository, and one about the
// milestone itself where there is one, with GraphQL.
func (r *Reader) Milestone(ctx context.Context, title string) fact.Known[fact.Milestone] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.Milestone](*missing)
	}
	var number int
	err := twice(func(int) (err error) {
		number, err = r.milestoneNumber(ctx, title)
		return err
	})
	list := r.session().set.Repository.OrZero().URL + "/milestones"
	switch {
	case err != nil:
		return fact.Lost[fact.Milestone](*r.missing("POST graphql", err, fact.NeedMilestone.TokenPermission()))
	case number == 0:
		return fact.Of(fact.Milestone{Title: title}, fact.Source{From: graphSource, URL: list})
	}
	milestone, missing := r.milestoneAt(ctx, number, title)
	return knownIf(milestone, fact.Source{From: graphSource, URL: milestone.URL}, missing)
}

// milestoneNumber looks through all milestones for a title; 0 is that none has it.
func (r *Reader) milestoneNumber(ctx context.Context, title string) (int, error) {
	all := graphList[milestoneNode]{
		name: "POST graphql: the milestones", most: maxMilestones,
		key:   (*milestoneNode).key,
		fetch: func(after string) (*graphPage[milestoneNode], error) { return r.milestones(ctx, after) },
	}
	listed, err := all.read()
	if err != nil {
		return 0, err
	}
	found := 0
	for _, node := range listed {
		if node.Title == title && found != 0 {
			return 0, inconsistent(fmt.Sprintf("POST graphql: the milestones %d and %d have one title", found, node.Number))
		}
		if node.Title == title {
			found = node.Number
		}
	}
	return found, nil
}

// key tells milestones apart; "" for one of which something is left out.
func (n *milestoneNode) key() string {
	if n.Number <= 0 || n.Title == "" {
		return ""
	}
	return fmt.Sprintf("milestone %d", n.Number)
}

// milestones reads the page of the list that follows a cursor, "" for the first.
func (r *Reader) milestones(ctx context.Context, after string) (*graphPage[milestoneNode], error) {
	variables := map[string]string{}
	if after != "" {
		variables["after"] = after
	}
	data, _, missing := r.askTracker(ctx, milestonesQuery, variables, fact.NeedMilestone)
	if missing != nil {
		return nil, missing
	}
	var page *graphPage[milestoneNode]
	if err := json.Unmarshal(data["milestones"], &page); err != nil {
		return nil, incomplete("POST graphql: the answer does not hold the milestones in the shape GitHub documents")
	}
	return page, nil
}

// milestoneAt reads what a milestone holds.
func (r *Reader) milestoneAt(ctx context.Context, number int, title string) (fact.Milestone, *fact.Missing) {
	data, _, missing := r.askTracker(ctx, fmt.Sprintf(milestoneQuery, number), map[string]string{}, fact.NeedMilestone)
	if missing != nil {
		return fact.Milestone{}, missing
	}
	var node *milestoneNode
	if err := json.Unmarshal(data["milestone"], &node); err != nil || node == nil || node.Closed == nil || node.URL == "" {
		return fact.Milestone{}, incomplete(fmt.Sprintf("POST graphql: the answer does not hold all of milestone %d", number))
	}
	if node.Number != number || node.Title != title {
		return fact.Milestone{}, inconsistent(fmt.Sprintf("POST graphql: milestone %d was listed as %q, the answer is about milestone %d, %q", number, title, node.Number, node.Title))
	}
	newest, open, missing := node.open("milestone " + strconv.Itoa(number))
	if missing != nil {
		return fact.Milestone{}, missing
	}
	if node.ClosedIssues.total() < 0 || node.ClosedPulls.total() < 0 {
		return fact.Milestone{}, incomplete(fmt.Sprintf("POST graphql: the answer does not count what is closed of milestone %d", number))
	}
	return fact.Milestone{
		Title: title, Exists: true, Open: !*node.Closed, URL: node.URL,
		OpenIssues: open, ClosedIssues: node.ClosedIssues.total() + node.ClosedPulls.total(), Newest: newest,
	}, nil
}
