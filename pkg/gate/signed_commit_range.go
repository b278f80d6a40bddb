package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// checkSignedRange asks the same of every commit since the last deployment as
// of the head, and of the commit where they begin: a workflow that somebody
// changed on a branch of his own can succeed with anything, but not on a
// commit that a person in the role signed.
func checkSignedRange(params signedCommit, in Input, head verdict.Finding) verdict.Finding {
	span, missing := params.since().span(in)
	if missing != nil {
		return verdict.Lacking("which commits are new since the last deployment", missing)
	}
	in.rings = map[string]ringOf{}
	if params.since().distrusts(span) {
		base := judgeMember(params, in, span.Base)
		if base.Outcome != verdict.Pass {
			return badBase(params, span, base)
		}
	}
	members, unknown := distinctCommits(span)
	if unknown != nil {
		return *unknown
	}
	var lacking, failed []member
	for _, each := range members {
		finding := judgeMember(params, in, each)
		switch finding.Outcome {
		case verdict.Pass:
		case verdict.Fail:
			failed = append(failed, member{each.Commit, finding})
		case verdict.Unknown, verdict.Wait, verdict.Skip, verdict.Waived:
			lacking = append(lacking, member{each.Commit, finding})
		}
	}
	return summed(params, span, head, len(members), lacking, failed)
}

// member is a commit of the range that does not pass.
type member struct {
	commit  fact.Commit
	finding verdict.Finding
}

// judgeMember asks the gate's question of one commit of the range.
func judgeMember(params signedCommit, in Input, each fact.RangeCommit) verdict.Finding {
	in.Facts.Subject.SHA = each.Commit.SHA
	in.Facts.Commit = fact.Of(each.Commit, fact.Source{})
	in.Facts.Pulls = fact.Of(each.Pulls, fact.Source{})
	return judgeCommit(params, in, commitWords(params, each.Commit), each.Commit)
}

func badBase(params signedCommit, span fact.Range, base verdict.Finding) verdict.Finding {
	what := fmt.Sprintf("the commit of the last deployment, %s (run %d)", span.Base.Commit.SHA.Short(), span.Run.ID)
	if base.Outcome != verdict.Fail {
		base.Reason = fmt.Sprintf("whether the range can begin at %s is not known: %s", what, base.Reason)
		return base
	}
	return verdict.Failed("base", fmt.Sprintf("the range cannot begin at %s: %s", what, base.Reason)).
		Because("If all commits up to some commit were checked by hand, write that commit down as baseline, and name in deployed-by a job that only succeeds after this gate.", whoHolds(params.By)).
		See("the last deployment", span.Run.URL)
}

// summed is the finding about all commits of the range.
func summed(params signedCommit, span fact.Range, head verdict.Finding, count int, lacking, failed []member) verdict.Finding {
	begins := beginning(span)
	var finding verdict.Finding
	switch {
	case len(lacking) > 0:
		finding = lacking[0].finding
		finding.Reason = fmt.Sprintf("of %d commits since %s, %d could not be judged: %s", count, begins, len(lacking), told(lacking))
		return show(finding, lacking)
	case len(failed) > 0:
		finding = verdict.Failed("range", fmt.Sprintf("of %d commits since %s, %d do not count: %s", count, begins, len(failed), told(failed))).
			Because("A commit that was merged cannot be signed afterwards. Revert what these commits brought and bring it in again with commits that count, or have it checked by hand and move baseline past it.", whoHolds(params.By))
		return show(finding, failed)
	case count == 0:
		head.Reason += "; it is what was deployed last, so there are no new commits"
		return head
	}
	head.Reason += fmt.Sprintf("; so is every one of the %d commits since %s", count, begins)
	if span.Run != nil {
		head = head.See("the last deployment", span.Run.URL)
	}
	return head
}

func told(members []member) string {
	texts := make([]string, len(members))
	for i, each := range members {
		texts[i] = each.finding.Reason
	}
	return listed(texts, "; ", 5)
}

func show(finding verdict.Finding, members []member) verdict.Finding {
	finding.Evidence = nil
	for _, each := range members[:min(len(members), 5)] {
		finding = finding.See("commit "+each.commit.SHA.Short(), each.commit.URL)
	}
	return finding
}
