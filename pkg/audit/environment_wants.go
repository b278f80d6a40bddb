package audit

import (
	"slices"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// stagesOf returns the stages without their hotfix lanes.
func stagesOf(rules policy.Policy) []policy.Stage {
	return slices.DeleteFunc(slices.Clone(rules.Stages), func(s policy.Stage) bool { return s.HotfixFor != "" })
}

// environmentWants returns what a stage asks of its environment.
func (in Input) environmentWants(s policy.Stage) protection.Wants {
	wants := wantsOf(in.Rules, s)
	wants.DefaultBranch = in.Repository.DefaultBranch
	if settings, missing := in.Facts.Settings.Get(); missing == nil {
		wants.Visibility = settings.Visibility
	}
	return wants
}

// wantsOf returns what a policy asks of the environment of a stage: what it asks the
// gate environment-protected for, on the stage and on a lane of it. Where it does not
// name the gate on the last stage, that has to be reviewed by somebody else, and
// nobody may get past that, whatever a lane of it asks for; that a stage asks for
// nothing holds for its environment, too.
func wantsOf(rules policy.Policy, s policy.Stage) protection.Wants {
	terms := rules.TermsOf(s)
	wants := protection.Wants{
		Environment: s.Environment, Rules: append([]stage.Rule{s.Rule}, terms.Stage.Lanes...),
		ExistenceOnly: s.Unrestricted, AdminsBypass: true,
	}
	if s.Unrestricted {
		return wants
	}
	asked, byStage := askedOf(rules, s)
	if !byStage && s.Name == lastRestricted(rules) {
		wants.Reviewers, wants.PreventSelfReview, wants.AdminsBypass = 1, true, false
	}
	for _, each := range asked {
		if each.Reviewers > 0 {
			wants.PreventSelfReview = wants.PreventSelfReview || each.PreventSelfReview
		}
		wants.Reviewers, wants.WaitMinutes = max(wants.Reviewers, each.Reviewers), max(wants.WaitMinutes, each.WaitMinutes)
		wants.AdminsBypass = wants.AdminsBypass && each.AdminsBypass
	}
	return wants
}

// askedOf returns what the gate is asked for on a stage and on its lanes; byStage is
// true where the stage itself asks. One that is off asks for nothing.
func askedOf(rules policy.Policy, s policy.Stage) (asked []protection.Wants, byStage bool) {
	for _, each := range rules.Stages {
		if each.Name != s.Name && each.HotfixFor != s.Name {
			continue
		}
		for _, used := range each.Gates {
			if wants, ok := gate.EnvironmentWants(used.Check, rules.TermsOf(each)); ok && used.Mode != verdict.Off {
				asked, byStage = append(asked, wants), byStage || each.Name == s.Name
			}
		}
	}
	return asked, byStage
}

// lastRestricted returns the name of the last stage that asks for something, or "".
func lastRestricted(rules policy.Policy) string {
	last := ""
	for _, each := range stagesOf(rules) {
		if !each.Unrestricted {
			last = each.Name
		}
	}
	return last
}
