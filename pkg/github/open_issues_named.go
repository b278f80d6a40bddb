package github

import (
	"context"
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

// issueQuestion asks for the labels of one issue and for who put them there.
const issueQuestion = `query StagewardIssue($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    issue(number: %d) {
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
` + labelsFragment + labelingsFragment

// labelNamed completes the open issues that name the subject's commit: somebody
// speaks of it there, and a gate may ask who. Usually there is none, and no
// request is sent.
func (r *Reader) labelNamed(ctx context.Context, open []fact.Issue) *fact.Missing {
	for i, issue := range open {
		if issue.Pull || !issue.Names(r.subject.SHA) {
			continue
		}
		var whole fact.Issue
		err := twice(func(int) (err error) {
			whole, err = r.wholeIssue(ctx, issue)
			return err
		})
		if err != nil {
			return r.missing("POST graphql", err, fact.NeedOpenIssues.TokenPermission())
		}
		open[i] = whole
	}
	return nil
}

// wholeIssue reads an issue once more, with its labels. One that is not what it
// was a moment ago is no answer.
func (r *Reader) wholeIssue(ctx context.Context, issue fact.Issue) (fact.Issue, error) {
	data, err := r.askPapers(ctx, issueQuestion, issue.Number, "")
	if err != nil {
		return issue, err
	}
	node := data.Repository.Issue
	if node == nil || node.Number != issue.Number {
		return issue, incomplete(fmt.Sprintf("POST graphql: the answer does not hold issue %d", issue.Number))
	}
	if missing := node.check(); missing != nil {
		return issue, missing
	}
	if missing := r.sameNumber(node.Repository.DatabaseID); missing != nil {
		return issue, missing
	}
	whole, err := r.issue(ctx, node)
	if err == nil && (whole.Title != issue.Title || whole.Open != issue.Open) {
		err = inconsistent(fmt.Sprintf("POST graphql: issue %d changed while it was read", issue.Number))
	}
	return whole, err
}
