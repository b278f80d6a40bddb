package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

func (p reviewed) badBase(span fact.Range, base verdict.Finding) verdict.Finding {
	what := fmt.Sprintf("the commit of the last deployment, %s (run %d)", span.Base.Commit.SHA.Short(), span.Run.ID)
	if base.Outcome != verdict.Fail {
		base.Reason = fmt.Sprintf("whether the range can begin at %s is not known: %s", what, base.Reason)
		return base
	}
	return verdict.Failed("base", fmt.Sprintf("the range cannot begin at %s: %s", what, base.Reason)).
		Because(fmt.Sprintf("If everything up to it was checked by hand, write %s down as baseline. Name in deployed-by a job that only succeeds after this gate.", span.Base.Commit.SHA), "whoever maintains the policy").
		See("the last deployment", span.Run.URL)
}

// uncovered is the finding about the commits that no reviewed pull request
// brought: each as what it is, those of one pull request together.
func (i inspection) uncovered(count int, rest []arrival) verdict.Finding {
	brought, alone := i.group(rest)
	var texts []string
	rebased := false
	for _, each := range slices.Concat(brought, alone) {
		texts = append(texts, i.tell(each, rest))
		rebased = rebased || i.isBesideMerge(each)
	}
	fix := "Somebody who did not work on a merged pull request can still approve it with `gh pr review <number> --approve`. For all else: revert it and bring it in anew through a reviewed pull request, or have it checked by hand and move baseline past it. Then run again."
	if rebased {
		fix = "A rebase merge makes new commits, and only the last of them can be told to be the pull request's: merge with a merge commit or a squash. " + fix
	}
	finding := verdict.Failed("range", fmt.Sprintf("of %d commits since %s, %d did not come in by a reviewed pull request: %s", count, beginning(i.span), len(rest), listed(texts, "; ", 5))).
		Because(fix, whoHolds(i.params.By))
	return seeArrivals(finding, slices.Concat(brought, alone))
}

// group parts the merges of pull requests from the commits that came in alone.
// What is only in the list of such a pull request is told with it.
func (i inspection) group(rest []arrival) (brought, alone []arrival) {
	told := map[fact.SHA]bool{}
	for _, each := range rest {
		if len(each.landed.pulls) == 0 {
			continue
		}
		brought = append(brought, each)
		for _, pull := range each.landed.pulls {
			for _, commit := range commitsOf(pull) {
				told[commit.SHA] = true
			}
		}
	}
	for _, each := range rest {
		if len(each.landed.pulls) == 0 && (i.line[each.commit.SHA] || !told[each.commit.SHA]) {
			alone = append(alone, each)
		}
	}
	return brought, alone
}

// tell says what a commit is that is not covered.
func (i inspection) tell(each arrival, rest []arrival) string {
	sha := each.commit.SHA
	switch {
	case len(each.landed.pulls) == 0 && i.line[sha]:
		return each.finding.Reason
	case len(each.landed.pulls) == 0:
		return fmt.Sprintf("commit %s came in behind a merge, and no reviewed pull request lists it%s", sha.Short(), each.landed.explainOthers())
	}
	text := fmt.Sprintf("commit %s, the merge of %s: %s", sha.Short(), each.landed.numbers(), each.finding.Reason)
	if more := i.carried(each, rest); more > 0 {
		text += fmt.Sprintf(" (it brought %s more)", plural(more, "commit", "commits"))
	}
	return text
}

// carried counts the other commits of the rest that a merge brought.
func (i inspection) carried(merge arrival, rest []arrival) int {
	count := 0
	for _, each := range rest {
		isListed := slices.ContainsFunc(merge.landed.pulls, func(pull fact.Pull) bool {
			return slices.ContainsFunc(commitsOf(pull), func(commit fact.PullCommit) bool { return commit.SHA == each.commit.SHA })
		})
		if isListed && len(each.landed.pulls) == 0 && !i.line[each.commit.SHA] {
			count++
		}
	}
	return count
}

// isBesideMerge reports whether a commit that nothing was merged as goes with a
// pull request that was merged as another: so does what a rebase makes.
func (i inspection) isBesideMerge(each arrival) bool {
	return len(each.landed.pulls) == 0 && slices.ContainsFunc(each.landed.others, func(pull fact.Pull) bool { return pull.Merged && pull.Base == i.branch })
}

func says(arrivals []arrival) []string {
	texts := make([]string, len(arrivals))
	for at, each := range arrivals {
		texts[at] = each.finding.Reason
	}
	return texts
}

// seeArrivals shows commits and what they were merged by, as many as somebody
// would open.
func seeArrivals(finding verdict.Finding, arrivals []arrival) verdict.Finding {
	finding.Evidence = nil
	for _, each := range arrivals[:min(len(arrivals), 5)] {
		finding = finding.See("commit "+each.commit.SHA.Short(), each.commit.URL)
		for _, pull := range each.landed.pulls {
			finding = seePull(finding, pull)
		}
	}
	return finding
}
