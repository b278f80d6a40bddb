package github

import (
	"context"
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

// Tip reads whether the subject's commit is, or once was, the tip of a branch: it
// is on the line of first parents that ends at the tip. A commit that came into
// the branch by a merge was never its tip.
//
// Requests: none where the commit is the tip of the default branch; one for the
// tip of another branch, and one to three for a commit that is not the tip.
func (r *Reader) Tip(ctx context.Context, branch string) fact.Known[fact.Tip] {
	if _, err := fact.ParseRef(string(fact.BranchRef(branch))); err != nil {
		return fact.Lost[fact.Tip](fact.Missing{Reason: fact.NotFound, Detail: fmt.Sprintf("%q is not a branch: %v", branch, err)})
	}
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.Tip](*missing)
	}
	line, err := r.atTip(ctx, branch)
	was := err == nil && line.subject.SHA == r.subject.SHA
	if err == nil && !was {
		was, err = line.wasTip(ctx, r.subject.SHA, "Deploy a newer commit of the branch.")
	}
	if err != nil {
		return fact.Lost[fact.Tip](*r.missing("the line of the branch "+branch, err, fact.NeedTip.TokenPermission()))
	}
	return fact.Of(fact.Tip{Branch: branch, Was: was}, fact.Source{From: compareSource, URL: r.session().set.Repository.OrZero().URL})
}
