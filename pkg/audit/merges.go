package audit

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// MergesSigned holds where GitHub signs what it merges into a branch whose commits
// have to be signed.
var MergesSigned = register(Check{
	ID:       "merges-signed",
	Title:    "Merges on GitHub are signed where a stage asks for it",
	Why:      "GitHub signs merge commits and squashes, but not the commits of a rebase: after one, the stage says no on the day of the release.",
	Severity: verdict.Medium,
	Needs:    guardNeeds,
	Ask: func(in Input) []verdict.Point {
		var points []verdict.Point
		for _, each := range branchTargets(in.Rules, in.Repository.DefaultBranch) {
			if each.signed {
				points = append(points, in.askMerges(each))
			}
		}
		if len(points) == 0 {
			return []verdict.Point{about{"", verdict.Low}.beside("no stage of the policy enforces signed-commit")}
		}
		return points
	},
})

// noRebase is met where no rebase on GitHub can come onto a branch: because it is
// none of the ways to merge, or because its commits would be refused.
func noRebase() demand {
	return demand{
		rule: func(rule fact.Rule) bool {
			return rule.Type == "required_signatures" ||
				rule.Type == pullRequest && len(rule.MergeMethods) > 0 && !slices.Contains(rule.MergeMethods, "rebase")
		},
		classic: func(p fact.Protection) bool { return p.Signatures },
	}
}

func (in Input) askMerges(t target) verdict.Point {
	at := about{t.stage, verdict.Medium}
	settings, unread := in.Facts.Settings.Get()
	if unread == nil && settings.RebaseMerge != nil && !*settings.RebaseMerge {
		return at.fine(t.String() + ": the repository has no rebase merges")
	}
	ruled := in.met(t, noRebase())
	switch {
	case ruled.yes():
		return at.fine(t.String() + ": a rule keeps rebase merges out")
	case unread != nil:
		return at.unknown("how pull requests can be merged", unread, adminToken)
	case settings.RebaseMerge == nil:
		return at.unknown("how pull requests can be merged", &fact.Missing{Reason: fact.Forbidden, Detail: "GitHub shows it only to who can push"}, adminToken)
	case !ruled.no():
		return at.unknown("what guards "+t.String(), ruled.missing, adminToken)
	}
	patch := "gh api --method PATCH " + shell("repos/"+in.repository()) + " -F allow_rebase_merge=false"
	if !isTrue(settings.SquashMerge) && !isTrue(settings.MergeCommit) {
		patch += " -F allow_merge_commit=true" // one way has to be left
	}
	return at.wrong("rebase-merges", fmt.Sprintf("%s: pull requests can be merged by a rebase, whose commits GitHub does not sign; expected merge commits or squashes alone", t),
		"Turn rebase merges off.", patch)
}

func isTrue(flag *bool) bool { return flag != nil && *flag }
