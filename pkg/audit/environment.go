package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/verdict"
)

// The environments of GitHub are what keeps a workflow out that asks no gate. Each
// check is about the environments of stages; hotfix lanes share that of theirs.
var (
	_ = register(environmentCheck{
		id: "environment-exists", title: "Each stage has its GitHub environment", severity: verdict.Critical,
		why:     "The first job that names an environment which is not there makes one without any rule, and nobody is told.",
		aspects: []protection.Aspect{protection.Existence},
		about:   func(protection.Wants) bool { return true },
		beside:  "the policy has no stages",
	}.check())
	_ = register(environmentCheck{
		id: "environment-refs", title: "Each environment lets in what its stage takes, and nothing else", severity: verdict.Critical,
		why:     "Whoever can push a branch that is let in can deploy it by a workflow that asks no gate. What is taken and not let in is stopped on the day of the release.",
		aspects: []protection.Aspect{protection.Refs},
		about:   func(w protection.Wants) bool { return !w.ExistenceOnly },
		beside:  "no stage is restricted",
	}.check())
	_ = register(environmentCheck{
		id: "environment-reviewed", title: "GitHub asks somebody else before it deploys to the last stage", severity: verdict.High,
		why:     "Where nobody has to approve, one person alone can deploy: who can move a tag or push to a branch that is let in.",
		aspects: []protection.Aspect{protection.Reviewers, protection.SelfReview},
		about:   func(w protection.Wants) bool { return w.Reviewers > 0 },
		beside:  "no stage asks its environment for reviewers",
	}.check())
	_ = register(environmentCheck{
		id: "environment-waits", title: "Environments let jobs wait as long as the policy says", severity: verdict.Medium,
		why:     "What shall be seen and stopped in that time is over before anybody looks.",
		aspects: []protection.Aspect{protection.Wait},
		about:   func(w protection.Wants) bool { return w.WaitMinutes > 0 },
		beside:  "no stage asks its environment to wait",
	}.check())
	_ = register(environmentCheck{
		id: "environment-admins", title: "Administrators cannot get past the rules of the last environment", severity: verdict.High,
		why:     "An administrator, or whoever has the account of one, lets a job through by one click, without a reviewer and before the time is over.",
		aspects: []protection.Aspect{protection.Admins},
		about:   func(w protection.Wants) bool { return !w.ExistenceOnly && !w.AdminsBypass },
		beside:  "the policy lets administrators get past the rules of every environment",
	}.check())
)

// environmentCheck is a check of one or more aspects of environments.
type environmentCheck struct {
	id, title, why string
	severity       verdict.Severity
	aspects        []protection.Aspect
	// about reports whether a stage wants anything of these aspects; beside says what
	// holds where none does.
	about  func(protection.Wants) bool
	beside string
}

func (c environmentCheck) check() Check {
	return Check{
		ID: c.id, Title: c.title, Why: c.why, Severity: c.severity,
		Needs: func(rules policy.Policy) []fact.Need {
			needs := []fact.Need{{Kind: fact.NeedSettings}}
			for _, each := range stagesOf(rules) {
				if c.about(wantsOf(rules, each)) {
					needs = append(needs, fact.Need{Kind: fact.NeedEnvironment, Key: each.Environment})
				}
			}
			return needs
		},
		Ask: c.ask,
	}
}

func (c environmentCheck) ask(in Input) []verdict.Point {
	var points []verdict.Point
	for _, each := range stagesOf(in.Rules) {
		if wants := in.environmentWants(each); c.about(wants) {
			points = append(points, c.askStage(in, each.Name, wants)...)
		}
	}
	if len(points) == 0 {
		points = append(points, about{severity: c.severity}.beside(c.beside))
	}
	return points
}

// askStage answers about one stage: what is wrong or not known, or else that all is
// well, once.
func (c environmentCheck) askStage(in Input, name string, wants protection.Wants) []verdict.Point {
	at := about{stage: name, severity: c.severityOf(wants, "")}
	env, missing := in.Facts.Environments[wants.Environment].Get()
	if missing != nil {
		return []verdict.Point{at.unknown(fmt.Sprintf("how the environment %+q is set up", wants.Environment), missing,
			"Run the audit with a token that may read Actions: in a workflow with `actions: read`.")}
	}
	var open []verdict.Point
	var fine []string
	for _, each := range protection.Compare(env, wants) {
		switch {
		case each.Code == protection.Missing && c.aspects[0] != protection.Existence:
			return []verdict.Point{at.beside("there is no such environment; environment-exists says so")}
		case each.Aspect == protection.Existence && each.Outcome == verdict.Unknown:
			open = append(open, c.point(in, name, env, wants, each))
		case !c.covers(each):
		case each.Outcome == verdict.Pass:
			fine = append(fine, each.Reason)
		default:
			open = append(open, seen(env, c.point(in, name, env, wants, each)))
		}
	}
	if len(open) == 0 {
		return []verdict.Point{seen(env, at.fine(strings.Join(fine, "; ")))}
	}
	return open
}

func (c environmentCheck) covers(point protection.Point) bool {
	return slices.Contains(c.aspects, point.Aspect)
}

// severityOf is how grave it is when a stage lacks something.
func (c environmentCheck) severityOf(wants protection.Wants, code string) verdict.Severity {
	switch {
	case wants.ExistenceOnly:
		return verdict.Low
	case code == protection.ShutsOut || code == protection.SelfReviewAllowed:
		return verdict.Medium
	case code == protection.ProtectedBranches:
		return verdict.High
	}
	return c.severity
}

// point is what was found, with the commands that mend it.
func (c environmentCheck) point(in Input, name string, env fact.Environment, wants protection.Wants, found protection.Point) verdict.Point {
	point := verdict.Point{
		Stage: name, Severity: c.severityOf(wants, found.Code), Outcome: found.Outcome, Code: found.Code, Reason: found.Reason, Fix: found.Fix, Limit: found.Limit,
	}
	if found.Outcome != verdict.Fail {
		return point
	}
	if found.Aspect == protection.Existence || found.Aspect == protection.Refs {
		point.Commands = protection.RefsCommands(in.repository(), env, wants)
	} else {
		point.Commands = protection.Commands(in.repository(), env, wants)
	}
	if len(point.Commands) > 0 && strings.Contains(point.Commands[0], " PUT ") {
		point.Fix += " GitHub replaces all settings of an environment at once, so the command repeats those that the audit read: after it, run the audit again before the next command for this environment."
	}
	if len(point.Commands) > 0 && strings.Contains(point.Commands[0], `"id": 0`) {
		point.Fix += ` Put who may approve in the place of each 0: ` + "`gh api users/LOGIN --jq .id`, or `gh api orgs/ORG/teams/TEAM --jq .id`" + ` with "Team" for "User". GitHub refuses 0. Whoever works alone could not deploy any more: then do not run it, and accept the risk.`
	}
	return point
}

// seen adds where the environment can be looked at.
func seen(env fact.Environment, point verdict.Point) verdict.Point {
	if env.URL != "" {
		point.Evidence = append(point.Evidence, verdict.Evidence{Text: fmt.Sprintf("the environment %+q", env.Name), URL: env.URL})
	}
	return point
}
