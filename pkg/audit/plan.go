package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// PlanAllows holds where GitHub's plan does not stand in the way of what guards
// stages. Which plan it is GitHub does not show to a token of the repository, so
// only what is in force proves anything.
//
// Source: docs.github.com, "Available rules for rulesets" and "Deployments and
// environments", each under "Who can use this feature".
var PlanAllows = register(Check{
	ID:       "plan-allows",
	Title:    "GitHub's plan has what guards the stages",
	Why:      "In a repository that is not public, GitHub ignores guards that are not of its plan, even where they were set up before.",
	Severity: verdict.Low,
	Needs: func(rules policy.Policy) []fact.Need {
		needs := []fact.Need{{Kind: fact.NeedSettings}, {Kind: fact.NeedBranch, Key: stage.DefaultBranch}}
		for _, each := range restricted(rules) {
			needs = append(needs, fact.Need{Kind: fact.NeedEnvironment, Key: each.Environment})
		}
		return needs
	},
	Ask: func(in Input) []verdict.Point { return []verdict.Point{in.askPlan()} },
})

func (in Input) askPlan() verdict.Point {
	at := about{"", verdict.Low}
	settings, missing := in.Facts.Settings.Get()
	switch {
	case missing != nil:
		return at.unknown("whether the repository is public", missing, adminToken)
	case settings.Visibility == "":
		return at.unknown("whether the repository is public", &fact.Missing{Reason: fact.Incomplete, Detail: "GitHub did not say"}, adminToken)
	case settings.Visibility == "public":
		return at.fine("the repository is public, where every plan has rulesets, and environments with reviewers")
	}
	var open []string
	if len(in.Facts.Branches[stage.DefaultBranch].OrZero().Rules) == 0 {
		open = append(open, "rulesets, branch protection, and branches and tags of environments need GitHub Pro, Team or Enterprise")
	}
	if !in.environmentsWait() {
		open = append(open, "reviewers and wait timers of environments need GitHub Enterprise")
	}
	if len(open) == 0 {
		return at.fine(fmt.Sprintf("the repository is %s; rules of rulesets are in force, and an environment has reviewers or a wait timer", settings.Visibility))
	}
	owner, _, _ := strings.Cut(in.repository(), "/")
	ask := "gh api " + shell("orgs/"+segment(owner)) + " --jq .plan.name"
	if settings.OwnerKind == fact.User {
		ask = "gh api user --jq .plan.name"
	}
	point := at.unknown("which plan holds for this repository", &fact.Missing{
		Reason: fact.Forbidden, Detail: fmt.Sprintf("it is %s, and GitHub shows the plan only to the owner; %s", settings.Visibility, strings.Join(open, "; ")),
		Fix: "Let an owner look. Where the plan has too little, the gates of Stageward still hold; what is missing is what keeps somebody from leaving them out.",
	}, "")
	point.Commands, point.Limit = []string{ask}, strings.Join(open, "; ")
	return point
}

// environmentsWait reports whether an environment of a restricted stage has rules
// that only some plans have.
func (in Input) environmentsWait() bool {
	return slices.ContainsFunc(restricted(in.Rules), func(s policy.Stage) bool {
		each := in.Facts.Environments[s.Environment].OrZero()
		return len(each.Reviewers) > 0 || each.WaitMinutes > 0
	})
}
