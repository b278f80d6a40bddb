package github

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// The events of labels.
const (
	labeledEvent   = "LabeledEvent"
	unlabeledEvent = "UnlabeledEvent"
)

const (
	maxClosedIssues = 1000
	maxLabels       = 100 // GitHub allows no more on an issue
	maxLabelings    = 5000
)

// papersQuestion asks for a pull request with a page of the issues that it
// closes. One answer holds everything of nearly every pull request.
const papersQuestion = `query StagewardPullPapers($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    pullRequest(number: %d) {
      number
      body
      closingIssuesReferences(first: 50, after: $after) {
        totalCount ` + pageOfList + `
        nodes {
          number
          title
          url
          closed
          stateReason(enableDuplicate: true)
          repository { databaseId }
          labels(first: 100) { ...labels }
          timelineItems(first: 100, itemTypes: [LABELED_EVENT, UNLABELED_EVENT]) { ...labelings }
        }
      }
    }
  }
}
` + labelsFragment + labelingsFragment

const (
	labelsFragment = `fragment labels on LabelConnection {
  totalCount ` + pageOfList + `
  nodes { name }
}
`
	labelingsFragment = `fragment labelings on IssueTimelineItemsConnection {
  totalCount: filteredCount ` + pageOfList + `
  nodes {
    __typename
    ... on LabeledEvent { id createdAt label { name } actor { ...account } }
    ... on UnlabeledEvent { id createdAt label { name } actor { ...account } }
  }
}
`
	// The rest of a list that did not fit.
	labelsQuestion = `query StagewardLabels($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    issue(number: %d) { labels(first: 100, after: $after) { ...labels } }
  }
}
` + labelsFragment
	labelingsQuestion = `query StagewardLabelings($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    issue(number: %d) { timelineItems(first: 100, after: $after, itemTypes: [LABELED_EVENT, UNLABELED_EVENT]) { ...labelings } }
  }
}
` + labelingsFragment
)

// papersNode is the data of all three questions.
type papersNode struct {
	Repository struct {
		DatabaseID int64            `json:"databaseId"`
		Pull       *paperPull       `json:"pullRequest"`
		Issue      *closedIssueNode `json:"issue"`
	} `json:"repository"`
}

type paperPull struct {
	Number int                         `json:"number"`
	Body   *string                     `json:"body"`
	Issues *graphPage[closedIssueNode] `json:"closingIssuesReferences"`
}

type closedIssueNode struct {
	Number     int                         `json:"number"`
	Title      *string                     `json:"title"`
	URL        string                      `json:"url"`
	Closed     *bool                       `json:"closed"`
	Why        answered[string]            `json:"stateReason"`
	Repository *repositoryNode             `json:"repository"`
	Labels     *graphPage[closedLabelNode] `json:"labels"`
	Labelings  *graphPage[labelingNode]    `json:"timelineItems"`
}

type closedLabelNode struct {
	Name string `json:"name"`
}

// labelingNode is the event of a label that was put on an issue, or taken off.
type labelingNode struct {
	Typename  string              `json:"__typename"`
	ID        string              `json:"id"`
	CreatedAt time.Time           `json:"createdAt"`
	Label     *closedLabelNode    `json:"label"`
	Actor     answered[actorNode] `json:"actor"` // null when the account is gone
}

// PullPapers reads the description of a pull request and the issues that it
// closes as GitHub links them, each with its labels and who put them there.
// Those of other repositories are counted and left out: others decide there who
// may label. Everything is read to its end, or nothing is known.
//
// Requests: one, and one more for each page of a list that does not fit: 50
// issues, 100 labels of an issue, 100 events of one.
func (r *Reader) PullPapers(ctx context.Context, pull fact.Pull) fact.Known[fact.PullPapers] {
	var papers fact.PullPapers
	err := twice(func(int) (err error) {
		papers, err = r.pullPapers(ctx, pull.Number)
		return err
	})
	if err != nil {
		return fact.Lost[fact.PullPapers](*r.missing("POST graphql", err, fact.NeedPullPapers.TokenPermission()))
	}
	return fact.Of(papers, fact.Source{From: graphSource, URL: pull.URL})
}

func (r *Reader) pullPapers(ctx context.Context, number int) (fact.PullPapers, error) {
	papers := fact.PullPapers{Number: number, Issues: []fact.Issue{}}
	closed := graphList[closedIssueNode]{
		name: fmt.Sprintf("POST graphql: the issues that pull request %d closes", number), most: maxClosedIssues,
		key: func(node *closedIssueNode) string { return node.URL },
		fetch: func(after string) (*graphPage[closedIssueNode], error) {
			data, err := r.askPapers(ctx, papersQuestion, number, after)
			if err != nil {
				return nil, err
			}
			node := data.Repository.Pull
			if node == nil || node.Body == nil || node.Number != number {
				return nil, incomplete(fmt.Sprintf("POST graphql: the answer does not hold pull request %d", number))
			}
			papers.Body = *node.Body
			return node.Issues, nil
		},
	}
	listed, err := closed.read()
	if err != nil {
		return papers, err
	}
	for _, node := range listed {
		if missing := node.check(); missing != nil {
			return papers, missing
		}
		if node.Repository.DatabaseID != r.session().repository {
			papers.Elsewhere++
			continue
		}
		issue, err := r.issue(ctx, node)
		if err != nil {
			return papers, err
		}
		papers.Issues = append(papers.Issues, issue)
	}
	return papers, nil
}

// askPapers asks one of the questions about one pull request or issue.
func (r *Reader) askPapers(ctx context.Context, question string, number int, after string) (*papersNode, error) {
	query := fmt.Sprintf(question, number)
	if strings.Contains(question, "...account") {
		query += accountFragment
	}
	variables := map[string]string{"owner": r.owner, "name": r.name}
	if after != "" {
		variables["after"] = after
	}
	answer, missing := ask[papersNode](ctx, r, query, variables)
	if missing == nil {
		missing = answer.Errors.at(fact.NeedPullPapers.TokenPermission(), allAreas()...)
	}
	if missing == nil {
		missing = r.sameNumber(answer.Data.Repository.DatabaseID)
	}
	if missing != nil {
		return nil, missing
	}
	return answer.Data, nil
}

// check refuses an issue of which the answer leaves something out.
func (n *closedIssueNode) check() *fact.Missing {
	if n.Number <= 0 || n.Title == nil || n.Closed == nil || !n.Why.here || n.Repository == nil || n.Repository.DatabaseID == 0 {
		return incomplete("POST graphql: the answer does not hold all of the issue " + strconv.Quote(n.URL))
	}
	return nil
}

// issue completes the lists of an issue of this repository.
func (r *Reader) issue(ctx context.Context, node *closedIssueNode) (fact.Issue, error) {
	issue := fact.Issue{Number: node.Number, Title: *node.Title, URL: node.URL, Open: !*node.Closed, Labels: []fact.IssueLabel{}}
	if !issue.Open && node.Why.value != nil {
		issue.Why = strings.ToLower(*node.Why.value)
	}
	labels, err := graphList[closedLabelNode]{
		name: fmt.Sprintf("POST graphql: the labels of issue %d", node.Number), most: maxLabels,
		key: func(label *closedLabelNode) string { return label.Name },
		fetch: func(after string) (*graphPage[closedLabelNode], error) {
			rest, err := r.restOfIssue(ctx, node, labelsQuestion, after)
			return rest.Labels, err
		},
	}.read()
	if err != nil {
		return issue, err
	}
	labelings, err := r.labelings(ctx, node)
	if err != nil {
		return issue, err
	}
	for _, label := range labels {
		issue.Labels = append(issue.Labels, labelOf(label.Name, labelings))
	}
	return issue, nil
}

// labelings reads who put which label on an issue and took which one off.
func (r *Reader) labelings(ctx context.Context, node *closedIssueNode) ([]*labelingNode, error) {
	return graphList[labelingNode]{
		name: fmt.Sprintf("POST graphql: who labelled issue %d", node.Number), most: maxLabelings,
		key: func(event *labelingNode) string {
			if event.Typename != labeledEvent && event.Typename != unlabeledEvent || event.Label == nil || event.Label.Name == "" || event.CreatedAt.IsZero() || !event.Actor.here {
				return ""
			}
			return event.ID
		},
		fetch: func(after string) (*graphPage[labelingNode], error) {
			rest, err := r.restOfIssue(ctx, node, labelingsQuestion, after)
			return rest.Labelings, err
		},
	}.read()
}

// restOfIssue returns the issue itself for the first page of its lists, and asks
// for the others.
func (r *Reader) restOfIssue(ctx context.Context, node *closedIssueNode, question, after string) (*closedIssueNode, error) {
	if after == "" {
		return node, nil
	}
	data, err := r.askPapers(ctx, question, node.Number, after)
	if err != nil {
		return &closedIssueNode{}, err
	}
	if data.Repository.Issue == nil {
		return &closedIssueNode{}, incomplete(fmt.Sprintf("POST graphql: the answer does not hold issue %d", node.Number))
	}
	return data.Repository.Issue, nil
}

// labelOf returns a label with who put it there last. GitHub lists the events in
// the order in which they happened, each with the name that its label had then.
// So where the last event of the name took it off, the label that is there has
// the name from another one, and nobody is known to have put it there.
func labelOf(name string, labelings []*labelingNode) fact.IssueLabel {
	label := fact.IssueLabel{Name: name}
	for _, event := range labelings {
		if event.Label.Name != name || event.CreatedAt.Before(label.At) {
			continue
		}
		label.At, label.By = event.CreatedAt.UTC(), nil
		if event.Typename == labeledEvent {
			label.By = event.Actor.value.person()
		}
	}
	return label
}
