package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// checkReviewedRange asks of every commit since the last deployment which
// reviewed pull request brought it, and whether the branch only moved forward
// since. head is what was found about the commit that would be deployed.
func checkReviewedRange(params reviewed, in Input, head verdict.Finding) verdict.Finding {
	span, missing := params.since().span(in)
	if missing != nil {
		return verdict.Lacking("which commits are new since the last deployment", missing)
	}
	if len(span.Commits) == 0 {
		head.Reason += "; the range begins at it, so there are no new commits"
		return head
	}
	commits, unknown := distinctCommits(span)
	if unknown != nil {
		return *unknown
	}
	found, unknown := params.inspect(in, span)
	if unknown != nil {
		return *unknown
	}
	if params.since().distrusts(span) {
		if base := found.judge(span.Base); base.finding.Outcome != verdict.Pass {
			return params.badBase(span, base.finding)
		}
	}
	moved, unknown := found.moved()
	if unknown != nil {
		return *unknown
	}
	return moved.add(found.sum(head, commits), found)
}

// inspection is a range with what is known of its reviews.
type inspection struct {
	params reviewed
	in     Input
	span   fact.Range
	branch string
	// pulls has all that is known of the pull requests that were merged, by number.
	pulls    map[int]fact.Pull
	rewrites []fact.Rewrite
	// line has the commits that were the branch's tip, by the line of first
	// parents.
	line map[fact.SHA]bool
}

// inspect puts together what is known about a range, or says what is not.
func (p reviewed) inspect(in Input, span fact.Range) (inspection, *verdict.Finding) {
	lost := func(what string, missing *fact.Missing) (inspection, *verdict.Finding) {
		finding := verdict.Lacking(what, missing)
		return inspection{}, &finding
	}
	branch, missing := in.landingBranch()
	if missing != nil {
		return lost("which branch the commits have to be merged into", missing)
	}
	from, _ := p.since().from()
	reviews, missing := in.Facts.RangeReviewsSince(from).Get()
	if missing == nil && reviews.Branch != branch {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked about %q, the answer is about %q", branch, reviews.Branch)}
	}
	var pulls []fact.Pull
	if missing == nil {
		pulls, missing = distinctPulls(reviews.Pulls)
	}
	if missing != nil {
		return lost("how the commits since the last deployment were reviewed", missing)
	}
	rewrites, missing := reviews.Rewrites.Get()
	if missing != nil {
		return lost(fmt.Sprintf("whether somebody moved %q by force", branch), missing)
	}
	line, missing := firstParents(span, in.Facts.Subject.SHA)
	if missing != nil {
		return lost("which of the commits were pushed to the branch", missing)
	}
	found := inspection{params: p, in: in, span: span, branch: branch, pulls: map[int]fact.Pull{}, rewrites: rewrites, line: line}
	for _, pull := range pulls {
		found.pulls[pull.Number] = pull
	}
	return found, nil
}

// firstParents follows the first parents from the head through the range. A
// deployment is at the end of that line, or something is left out.
func firstParents(span fact.Range, head fact.SHA) (map[fact.SHA]bool, *fact.Missing) {
	parents := map[fact.SHA][]fact.SHA{}
	for _, each := range span.Commits {
		parents[each.Commit.SHA] = each.Commit.Parents
	}
	line, at := map[fact.SHA]bool{}, head
	for {
		before, within := parents[at]
		if !within || line[at] {
			break
		}
		line[at] = true
		if len(before) == 0 {
			at = ""
			break
		}
		at = before[0]
	}
	if base := span.Base.Commit.SHA; span.Run != nil && at != base {
		return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("the first parents of %s do not lead to %s, where the range begins", head.Short(), base.Short())}
	}
	return line, nil
}

// arrival is how a commit of the range came in.
type arrival struct {
	commit  fact.Commit
	landed  landing
	finding verdict.Finding
}

// judge asks of a commit what is asked of the head.
func (i inspection) judge(each fact.RangeCommit) arrival {
	sha := each.Commit.SHA
	pulls, missing := i.complete(each)
	if missing != nil {
		return arrival{commit: each.Commit, finding: verdict.Lacking("which pull request brought commit "+sha.Short(), missing)}
	}
	in := i.in
	in.Facts.Subject.SHA = sha
	in.Facts.Commit = fact.Of(each.Commit, fact.Source{})
	in.Facts.Pulls = fact.Of(pulls, fact.Source{})
	landed, finding := i.params.judgeLanding(in)
	return arrival{each.Commit, landed, finding}
}

// complete returns the pull requests of a commit, those that were merged as it
// with everything that is known of them. The two answers about one have to agree.
func (i inspection) complete(each fact.RangeCommit) ([]fact.Pull, *fact.Missing) {
	pulls := slices.Clone(each.Pulls)
	for at, brief := range pulls {
		if !brief.Merged || brief.MergeCommit != each.Commit.SHA || brief.Base != i.branch {
			continue
		}
		full, known := i.pulls[brief.Number]
		switch {
		case !known:
			return nil, &fact.Missing{Reason: fact.Incomplete, Detail: fmt.Sprintf("the reviews of #%d are not there", brief.Number)}
		case full.Base != brief.Base || full.Head != brief.Head || full.Merged != brief.Merged || full.MergeCommit != brief.MergeCommit:
			return nil, &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("GitHub gave two different answers about #%d", brief.Number)}
		}
		pulls[at] = full
	}
	return pulls, nil
}

// covered returns the commits that a reviewed pull request brought: the one that
// it was merged as, and those in its list. A commit that was the branch's tip is
// covered by its own merge alone: a pull request goes on listing what somebody
// pushed past it meanwhile, and shows no reviewer what is in it any more. Where
// any merge counts, the list may have been pushed as it is, up to the head.
func (i inspection) covered(arrivals []arrival) map[fact.SHA]bool {
	covered := map[fact.SHA]bool{}
	for _, each := range arrivals {
		if each.finding.Outcome != verdict.Pass {
			continue
		}
		covered[each.commit.SHA] = true
		for _, pull := range each.landed.pulls {
			pushed := i.params.Merge == mergedByAnyone && pull.Head == pull.MergeCommit
			for _, commit := range commitsOf(pull) {
				if !i.line[commit.SHA] || pushed {
					covered[commit.SHA] = true
				}
			}
		}
	}
	return covered
}

// commitsOf returns the commits that a pull request lists. A list that is not
// known covers nothing; of a pull request that was found reviewed it is known.
func commitsOf(pull fact.Pull) []fact.PullCommit {
	commits, missing := pull.Commits.Get()
	if missing != nil {
		return nil
	}
	return commits
}

// sum is the finding about all commits of the range.
func (i inspection) sum(head verdict.Finding, commits []fact.RangeCommit) verdict.Finding {
	arrivals := make([]arrival, len(commits))
	for at, each := range commits {
		arrivals[at] = i.judge(each)
	}
	covered := i.covered(arrivals)
	var unknown, rest []arrival
	for _, each := range arrivals {
		if outcome := each.finding.Outcome; outcome != verdict.Pass && outcome != verdict.Fail {
			unknown = append(unknown, each)
		}
		if !covered[each.commit.SHA] {
			rest = append(rest, each)
		}
	}
	switch {
	case len(rest) == 0:
		head.Reason += fmt.Sprintf("; %s since %s, came in by pull requests that were reviewed like this", plural(len(commits), "commit", "commits"), beginning(i.span))
		if i.span.Run != nil {
			head = head.See("the last deployment", i.span.Run.URL)
		}
		return head
	case len(unknown) > 0:
		// What they would cover is not known either.
		finding := unknown[0].finding
		finding.Reason = fmt.Sprintf("of %d commits since %s, %d could not be judged: %s", len(commits), beginning(i.span), len(unknown), listed(says(unknown), "; ", 5))
		return seeArrivals(finding, unknown)
	}
	return i.uncovered(len(commits), rest)
}
