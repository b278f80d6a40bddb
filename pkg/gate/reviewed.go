package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Reviewed holds when the commit came onto its branch through one merged pull
// request that enough people approved, in the state in which it was merged.
var Reviewed = register(Spec[reviewed]{
	ID:       "reviewed",
	Title:    "The change was reviewed",
	Since:    "0.1.0",
	Defaults: reviewed{Approvals: 1, By: "write"},
	Validate: func(params reviewed, roles Roles) error { return params.validate(roles) },
	Needs: func(params reviewed, roles Roles) []fact.Need {
		return append([]fact.Need{{Kind: fact.NeedPulls}}, roles.Needs(params.By, fact.Reviewers)...)
	},
	Check: checkReviewed,
})

type reviewed struct {
	Approvals int      `yaml:"approvals" doc:"How many different people have to approve; at least 1."`
	By        RoleName `yaml:"by" doc:"The role that an approving person has to hold."`
}

func (p reviewed) validate(roles Roles) error {
	if p.Approvals < 1 {
		return fmt.Errorf("approvals %d: expected 1 or more; leave the gate out where no review is wanted", p.Approvals)
	}
	return needsRole(p.By, roles)
}

func checkReviewed(params reviewed, in Input) verdict.Finding {
	sha := in.Facts.Subject.SHA
	landed, unknown := in.findLanding()
	switch {
	case unknown != nil:
		return *unknown
	case len(landed.pulls) == 0:
		return verdict.Failed("no-pull-request", fmt.Sprintf("no pull request was merged into %q as commit %s: it was pushed directly%s", landed.branch, sha.Short(), landed.explainOthers())).
			Because("Bring the change in through a pull request, and have it approved before the merge.", "whoever wrote the change")
	case len(landed.pulls) > 1:
		return verdict.Failed("ambiguous", fmt.Sprintf("commit %s is the merge commit of more than one pull request (%s), so it is not clear which review is its own", sha.Short(), landed.numbers())).
			Because("Bring the change in through one new pull request.", "whoever wrote the change")
	}
	pull := landed.pulls[0]
	story, unknown := readStory(pull)
	if unknown == nil {
		unknown = story.unattributed()
	}
	if unknown != nil {
		return seePull(*unknown, pull)
	}
	return seePull(params.judge(in, story), pull)
}

// judge counts the approvals. No number of them outweighs a request for
// changes.
func (p reviewed) judge(in Input, s story) verdict.Finding {
	var count tally
	for _, review := range s.opinions {
		standing := in.Standing(p.By, review.Author)
		if review.State == fact.ChangesRequested {
			count.object(review, standing)
		} else {
			count.weigh(review, s.whyNot(review), standing)
		}
	}
	switch {
	case len(count.objections) > 0:
		return verdict.Failed("changes-requested", fmt.Sprintf("changes to #%d are requested and not resolved: %s", s.pull.Number, listed(count.objections, ", ", 10))).
			Because("Resolve the request: its author approves, or a maintainer dismisses the review with a reason. Then run again.", "the reviewer who requested changes")
	case len(count.approvals)+count.undecided < p.Approvals:
		return p.tooFew(s, count)
	case count.objectionUnknown != nil:
		return verdict.Lacking("whether a request for changes comes from somebody who holds role "+string(p.By), count.objectionUnknown)
	case len(count.approvals) < p.Approvals:
		return verdict.Lacking("whether enough of those who approved hold role "+string(p.By), count.approvalUnknown)
	}
	return verdict.Passed(fmt.Sprintf("#%d was approved by %s (%d of %d)", s.pull.Number, listed(count.approvals, ", ", 10), len(count.approvals), p.Approvals))
}

// tooFew is a fail and not a wait: the pull request is merged, so it is in
// nobody's queue, and GitHub's website takes no more reviews of it.
func (p reviewed) tooFew(s story, t tally) verdict.Finding {
	reason := fmt.Sprintf("#%d has %d of %d approvals that count", s.pull.Number, len(t.approvals), p.Approvals)
	if len(t.approvals) > 0 {
		reason += " (" + listed(t.approvals, ", ", 10) + ")"
	}
	if s.ghosts {
		t.rejected = append(t.rejected, "an account that is gone")
	}
	if len(t.rejected) > 0 {
		reason += "; these do not count: " + listed(t.rejected, ", ", 10)
	}
	return verdict.Failed("approvals", reason).Because(
		fmt.Sprintf("Bring in a new commit through a pull request that is approved before the merge. Or have a person who did not work on it look at #%d now and approve it with `gh pr review %d --approve` (the website takes no reviews after a merge), then run again.", s.pull.Number, s.pull.Number),
		whoHolds(p.By))
}

// tally is the count of opinions.
type tally struct {
	approvals, rejected, objections []string
	// undecided counts approvals of people of whom it is not known whether
	// they hold the role.
	undecided                         int
	approvalUnknown, objectionUnknown *fact.Missing
}

// object records a request for changes; it weighs only if its author holds
// the role.
func (t *tally) object(review fact.Review, standing Standing) {
	switch {
	case standing.Holds():
		t.objections = append(t.objections, "@"+review.Author.Login)
	case standing.Outcome == verdict.Unknown:
		t.objectionUnknown = standing.Missing
	}
}

// weigh records an approval, or why it does not count.
func (t *tally) weigh(review fact.Review, whyNot string, standing Standing) {
	who := "@" + review.Author.Login
	switch {
	case whyNot != "":
		t.rejected = append(t.rejected, who+" "+whyNot)
	case standing.Holds():
		t.approvals = append(t.approvals, who)
	case standing.Outcome == verdict.Unknown:
		t.undecided++
		t.approvalUnknown = standing.Missing
	default:
		t.rejected = append(t.rejected, who+": "+standing.Reason)
	}
}
