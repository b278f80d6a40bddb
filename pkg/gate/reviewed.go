package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Reviewed holds when the commit came onto its branch through one merged pull
// request that enough people approved, in the state in which it was merged.
var Reviewed = register(Spec[reviewed]{
	ID:       "reviewed",
	Title:    "The change was reviewed",
	Since:    "0.1.0",
	Defaults: reviewed{Approvals: 1, By: "write", Merge: mergedByGitHub, Commits: headOnly},
	Validate: func(params reviewed, terms Terms) error { return params.validate(terms) },
	Fill: func(params reviewed, terms Terms) reviewed {
		if params.Commits == sinceDeployment {
			params.DeployedBy = params.DeployedBy.or(terms.Stage.DeployedBy)
		}
		return params
	},
	Needs:   reviewed.needs,
	Notes:   func(params reviewed, _ Terms) []Note { return params.since().notes() },
	Suppose: supposesReview,
	Check:   checkReviewed,
})

type reviewed struct {
	Approvals int      `yaml:"approvals" doc:"How many different people have to approve; at least 1."`
	By        RoleName `yaml:"by" doc:"The role that an approving person has to hold."`
	Merge     Merge    `yaml:"merge" doc:"Which merges count: github (GitHub made and signed the commit) or any (also one that somebody made and pushed, whose own content nobody reviewed)."`

	CodeOwners bool `yaml:"code-owners" doc:"Whether each changed file that has owners, by the CODEOWNERS file before the merge, needs the approval of one of them."`

	Commits    Commits    `yaml:"commits" doc:"Which commits have to be reviewed so: head, or since-deployment (each one since the last deployment to the stage)."`
	DeployedBy deployedBy `yaml:"deployed-by" doc:"With since-deployment, the job that deploys to the stage."`
	Baseline   string     `yaml:"baseline" doc:"With since-deployment, the full id of the commit up to which everything was checked by hand."`
}

func (p reviewed) since() since {
	return since{commits: p.Commits, by: p.DeployedBy, baseline: p.Baseline}
}

// Merge says whose merges count.
type Merge string

// Whose merges count.
const (
	mergedByGitHub Merge = "github"
	mergedByAnyone Merge = "any"
)

// Values returns the words a policy may use.
func (Merge) Values() []string { return []string{string(mergedByGitHub), string(mergedByAnyone)} }

func (p reviewed) validate(terms Terms) error {
	if p.Approvals < 1 {
		return fmt.Errorf("approvals %d: expected 1 or more; leave the gate out where no review is wanted", p.Approvals)
	}
	if p.Merge != mergedByGitHub && p.Merge != mergedByAnyone {
		return fmt.Errorf("merge %q: expected one of %q", p.Merge, p.Merge.Values())
	}
	if err := p.since().validate(); err != nil {
		return err
	}
	if err := needsRole(p.By, terms); err != nil {
		return err
	}
	if err := terms.Roles.CanFill(p.By, p.Approvals); err != nil {
		return fmt.Errorf("approvals %d: %w", p.Approvals, err)
	}
	return nil
}

func (p reviewed) needs(terms Terms) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedPulls}}
	positions := []fact.Position{fact.Reviewers}
	if p.Merge == mergedByGitHub {
		needs = append(needs, fact.Need{Kind: fact.NeedCommit})
	}
	if from, ranged := p.since().from(); ranged {
		needs = append(needs, from.Need(), fact.Need{Kind: fact.NeedRangeReviews, Key: from.Need().Key})
		positions = append(positions, fact.RangeReviewers)
	}
	needs = append(needs, terms.Roles.Needs(p.By, positions...)...)
	return append(needs, p.ownerNeeds(positions...)...)
}

func checkReviewed(params reviewed, in Input) verdict.Finding {
	_, finding := params.judgeLanding(in)
	if _, ranged := params.since().from(); ranged && finding.Outcome == verdict.Pass {
		return checkReviewedRange(params, in, finding)
	}
	return finding
}

// judgeLanding asks how the subject's commit came onto its branch, and whether
// what brought it was reviewed.
func (p reviewed) judgeLanding(in Input) (landing, verdict.Finding) {
	sha := in.Facts.Subject.SHA
	landed, unknown := in.findLanding()
	switch {
	case unknown != nil:
		return landed, *unknown
	case len(landed.pulls) == 0:
		return landed, verdict.Failed("no-pull-request", fmt.Sprintf("no pull request was merged into %q as commit %s: it was pushed directly%s", landed.branch, sha.Short(), landed.explainOthers())).
			Because("Bring the change in through a pull request, and have it approved before the merge.", "whoever wrote the change")
	case len(landed.pulls) > 1:
		return landed, verdict.Failed("ambiguous", fmt.Sprintf("commit %s is the merge commit of more than one pull request (%s), so it is not clear which review is its own", sha.Short(), landed.numbers())).
			Because("Bring the change in through one new pull request.", "whoever wrote the change")
	}
	return landed, p.judgePull(in, landed.pulls[0])
}

// judgePull asks about the pull request that was merged as the subject's commit.
func (p reviewed) judgePull(in Input, pull fact.Pull) verdict.Finding {
	if finding := p.judgeMerge(in, pull); finding != nil {
		return seePull(*finding, pull)
	}
	story, unknown := readStory(pull)
	if unknown == nil {
		unknown = story.unattributed()
	}
	if unknown != nil {
		return seePull(*unknown, pull)
	}
	return p.judge(in, story)
}

// judgeMerge returns the finding about a commit that GitHub did not make. Who
// merges on a machine of their own and pushes can put anything into the merge;
// GitHub marks the pull request as merged all the same. It is nil when the
// commit is what GitHub made of the pull request.
func (p reviewed) judgeMerge(in Input, pull fact.Pull) *verdict.Finding {
	if p.Merge == mergedByAnyone {
		return nil
	}
	sha := in.Facts.Subject.SHA
	commit, missing := in.commit()
	var why string
	if missing == nil {
		why, missing = notMade(commit, pull)
	}
	var finding verdict.Finding
	switch {
	case missing != nil:
		finding = verdict.Lacking("who made commit "+sha.Short(), missing)
	case why == "":
		return nil
	default:
		finding = verdict.Failed("local-merge", why+". What it holds beyond the reviewed commits nobody reviewed").
			Because("Merge on GitHub, with a merge commit or a squash. Where people merge on their own machines and answer for it, the policy can say merge: any.", "whoever merges, or whoever maintains the policy")
	}
	return &finding
}

// needed returns how many approvals the pull request takes. A program that
// opened it did so for somebody, who may be the one who approves.
func (p reviewed) needed(s story) int {
	if s.pull.Author != nil && s.pull.Author.Kind != fact.User {
		return p.Approvals + 1
	}
	return p.Approvals
}

// judgeApprovals counts the approvals. No number of them outweighs a request for
// changes.
func (p reviewed) judgeApprovals(in Input, s story) verdict.Finding {
	var count tally
	needed := p.needed(s)
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
		return s.show(count.objections, verdict.Failed("changes-requested", fmt.Sprintf("changes to #%d are requested and not resolved: %s", s.pull.Number, listed(count.objections.says(), ", ", 10))).
			Because("Resolve the request: its author approves, or a maintainer dismisses the review with a reason. Then run again.", "the reviewer who requested changes"))
	case len(count.approvals)+len(count.undecided) < needed:
		return p.tooFew(s, count)
	case len(count.maybeObjections) > 0:
		return s.show(count.maybeObjections, verdict.Lacking("whether a request for changes comes from somebody who holds role "+string(p.By), count.objectionUnknown))
	case len(count.approvals) < needed:
		return s.show(slices.Concat(count.approvals, count.undecided), verdict.Lacking("whether enough of those who approved hold role "+string(p.By), count.approvalUnknown))
	}
	return s.show(count.approvals, verdict.Passed(fmt.Sprintf("#%d was approved by %s (%d of %d)", s.pull.Number, listed(count.approvals.says(), ", ", 10), len(count.approvals), needed)))
}

// tooFew is a fail and not a wait: the pull request is merged, so it is in
// nobody's queue, and GitHub's website takes no more reviews of it.
func (p reviewed) tooFew(s story, t tally) verdict.Finding {
	needed := p.needed(s)
	reason := fmt.Sprintf("#%d has %d of %d approvals that count", s.pull.Number, len(t.approvals), needed)
	if needed > p.Approvals {
		reason += fmt.Sprintf(" (one more than the policy asks for, since @%s, which opened it, is not a person)", s.pull.Author.Login)
	}
	if len(t.approvals) > 0 {
		reason += " (" + listed(t.approvals.says(), ", ", 10) + ")"
	}
	rejected := t.rejected.says()
	if s.ghosts {
		rejected = append(rejected, "an account that is gone")
	}
	if len(rejected) > 0 {
		reason += "; these do not count: " + listed(rejected, ", ", 10)
	}
	finding := verdict.Failed("approvals", reason).Because(
		fmt.Sprintf("Bring in a new commit through a pull request that is approved before the merge. Or have a person who did not work on it look at #%d now and approve it with `gh pr review %d --approve` (the website takes no reviews after a merge), then run again.", s.pull.Number, s.pull.Number),
		whoHolds(p.By))
	return s.show(slices.Concat(t.approvals, t.undecided, t.rejected), finding)
}
