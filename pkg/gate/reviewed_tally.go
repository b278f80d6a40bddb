package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// tally is the count of opinions.
type tally struct {
	approvals, rejected, objections opinions
	// undecided are approvals, and maybeObjections requests for changes, of
	// people of whom it is not known whether they hold the role.
	undecided, maybeObjections        opinions
	approvalUnknown, objectionUnknown *fact.Missing
}

// opinion is one review and what it amounts to.
type opinion struct {
	review fact.Review
	// kind is what the evidence calls the review.
	kind string
	// says is what a reason says about it, beginning with its author.
	says string
}

// opinions are in the order of the story, which is that of accounts.
type opinions []opinion

// object records a request for changes; it weighs only if its author holds
// the role.
func (t *tally) object(review fact.Review, standing Standing) {
	who := "@" + review.Author.Login
	switch {
	case standing.Holds():
		t.objections = append(t.objections, opinion{review, "request for changes", who})
	case standing.Outcome == verdict.Unknown:
		t.maybeObjections = append(t.maybeObjections, opinion{review, "request for changes that may count", who})
		t.objectionUnknown = standing.Missing
	}
}

// weigh records an approval, or why it does not count.
func (t *tally) weigh(review fact.Review, whyNot string, standing Standing) {
	const not = "review that does not count"
	who := "@" + review.Author.Login
	switch {
	case whyNot != "":
		t.rejected = append(t.rejected, opinion{review, not, who + " " + whyNot})
	case standing.Holds():
		t.approvals = append(t.approvals, opinion{review, "approval that counts", who})
	case standing.Outcome == verdict.Unknown:
		t.undecided = append(t.undecided, opinion{review, "approval that may count", who})
		t.approvalUnknown = standing.Missing
	default:
		t.rejected = append(t.rejected, opinion{review, not, who + ": " + standing.Reason})
	}
}

func (o opinions) says() []string {
	texts := make([]string, len(o))
	for i, each := range o {
		texts[i] = each.says
	}
	return texts
}

// show adds what a finding rests on as evidence: the pull request, then reviews,
// as many as somebody would open.
func (s story) show(restsOn opinions, finding verdict.Finding) verdict.Finding {
	const most = 10
	finding = seePull(finding, s.pull)
	for _, each := range restsOn[:min(most, len(restsOn))] {
		finding = finding.See(fmt.Sprintf("%s by @%s (review %d)", each.kind, each.review.Author.Login, each.review.ID), each.review.URL)
	}
	return finding
}
