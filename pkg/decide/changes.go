package decide

import (
	"cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// changes says what would be deployed, for readers. It decides nothing.
func (p Plan) changes(facts fact.Set) *verdict.Changes {
	if len(p.shows()) == 0 || p.way != nil && p.way.Lane == verdict.Rollback {
		return nil
	}
	span, missing := facts.RangeSince(p.span()).Get()
	if missing != nil {
		return &verdict.Changes{Unknown: missing.Error(), Commits: []verdict.Change{}, Pulls: []verdict.ChangePull{}}
	}
	changes := verdict.Changes{Since: span.Base.Commit.SHA, Run: span.Run, Commits: []verdict.Change{}, Pulls: []verdict.ChangePull{}}
	for _, each := range span.Commits {
		changes.Commits = append(changes.Commits, changeOf(each))
		for _, pull := range each.Pulls {
			if pull.Merged && pull.MergeCommit == each.Commit.SHA {
				changes.Pulls = append(changes.Pulls, pullOf(pull))
			}
		}
	}
	order.By(changes.Commits, func(a, b verdict.Change) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.SHA, b.SHA)) })
	order.By(changes.Pulls, func(a, b verdict.ChangePull) int { return cmp.Compare(a.Number, b.Number) })
	changes.Pulls = order.Once(changes.Pulls, func(a, b verdict.ChangePull) bool { return a.Number == b.Number })
	return &changes
}

func changeOf(each fact.RangeCommit) verdict.Change {
	commit := each.Commit
	change := verdict.Change{SHA: commit.SHA, Headline: commit.Headline, URL: commit.URL, At: commit.CommittedAt}
	if commit.Author.Account != nil {
		change.Author = commit.Author.Account.Login
	}
	if commit.Signature.Good() {
		change.Signed = commit.Signature.Class
		if commit.Signature.Signer != nil {
			change.Signer = commit.Signature.Signer.Login
		}
	}
	for _, pull := range each.Pulls {
		if pull.Merged && (change.Pull == 0 || pull.MergeCommit == commit.SHA) {
			change.Pull = pull.Number
		}
	}
	return change
}

func pullOf(pull fact.Pull) verdict.ChangePull {
	shown := verdict.ChangePull{Number: pull.Number, Title: pull.Title, URL: pull.URL}
	if pull.Author != nil {
		shown.Author = pull.Author.Login
	}
	if pull.MergedBy != nil {
		shown.MergedBy = pull.MergedBy.Login
	}
	return shown
}
