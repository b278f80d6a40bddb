package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// ofLast makes a check of the last stage. It is not asked where that asks nothing of
// the commit, of which bare-last-stage tells once.
func ofLast(check func(in subject, last policy.Stage) []Warning) func(subject) []Warning {
	return func(in subject) []Warning {
		last, ok := in.last()
		if !ok || !judgesCommit(last) {
			return nil
		}
		return check(in, last)
	}
}

// What only warns or is off asks for nothing, and some gates are about the moment and
// not about the commit.
var _ = register("bare-last-stage", func(in subject) []Warning {
	last, ok := in.last()
	if !ok || judgesCommit(last) {
		return nil
	}
	var idle []string
	for _, each := range last.Gates {
		if each.Mode != verdict.Enforce {
			idle = append(idle, each.Check.ID)
		}
	}
	text := "nothing that is enforced asks whether anybody signed, reviewed, approved or tried the commit"
	if len(idle) > 0 {
		text += fmt.Sprintf("; %s only warn or are off", strings.Join(idle, ", "))
	}
	return []Warning{{Stage: last.Name, Where: last.Origin, Text: text, Fix: "Enforce at least one of signed-tag, reviewed, approved, checks-passed and promoted."}}
})

// A pull request and the merge queue are about commits that nobody has merged.
var _ = register("unmerged-to-last-stage", func(in subject) []Warning {
	last, ok := in.last()
	if !ok {
		return nil
	}
	var found []Warning
	for _, s := range in.ordinary(last) {
		early := slices.DeleteFunc(slices.Clone(s.Rule.Events), func(event string) bool {
			return event != "pull_request" && event != "merge_group"
		})
		if len(early) > 0 {
			found = append(found, Warning{
				Stage: s.Name, Where: s.FromOrigin,
				Text: fmt.Sprintf("the last stage accepts runs of %s, which are about commits that nobody has merged", strings.Join(early, " and ")),
				Fix:  "Leave them out of events; deploy previews to a stage of their own.",
			})
		}
	}
	return found
})

// A branch moves; a version does not.
var _ = register("branch-to-last-stage", ofLast(func(_ subject, last policy.Stage) []Warning {
	asked := slices.ContainsFunc(last.Enforced(), func(each gate.Check) bool {
		return each.Asks().Reviews > 0 || each.AsksPeople() || each.PromotedFrom() != ""
	})
	var found []Warning
	for _, pattern := range last.Rule.Branches {
		text := ""
		switch isWide := !pattern.Literal(); {
		case isWide && !enforces(last, gate.OnBranch.ID):
			text = fmt.Sprintf("whoever may push can make a branch that fits %s, and nothing asks for a commit that the default branch has", pattern)
		case !isWide && !asked && slices.Contains(last.Rule.Events, "push"):
			text = fmt.Sprintf("each push to %s goes to the last stage, and nobody has reviewed or approved it, nor was it on a stage before", shown(pattern))
		default:
			continue
		}
		found = append(found, Warning{Stage: last.Name, Where: last.FromOrigin, Text: text, Fix: "Take tags that are versions, such as from: { tags: [\"v*\"], versions: release }, or enforce on-branch, reviewed or promoted."})
	}
	return found
}))

func shown(pattern stage.Pattern) string {
	if pattern.String() == stage.DefaultBranch {
		return "the default branch"
	}
	return pattern.String()
}

// What was never on the stage before was tried by nobody.
var _ = register("not-promoted", ofLast(func(in subject, last policy.Stage) []Warning {
	var before []string
	for _, each := range in.rules.Progression() {
		if each.Name != last.Name && !each.Unrestricted {
			before = append(before, each.Name)
		}
	}
	promoted := slices.ContainsFunc(last.Enforced(), func(each gate.Check) bool { return each.PromotedFrom() != "" })
	if len(before) == 0 || promoted {
		return nil
	}
	from := before[len(before)-1]
	return []Warning{{
		Stage: last.Name, Where: last.Origin,
		Text: fmt.Sprintf("a commit may go to it that was never on %s: the gate promoted is not enforced", from),
		Fix:  fmt.Sprintf("Add promoted: { from: %s } to its gates.", from),
	}}
}))

// Zero checks are not all checks.
var _ = register("no-checks", ofLast(func(in subject, last policy.Stage) []Warning {
	var found []Warning
	for _, s := range in.ordinary(last) {
		if in.onPath(s, asksChecks) {
			continue
		}
		found = append(found, Warning{
			Stage: s.Name, Where: s.Origin,
			Text: "no check is asked for, neither here nor on a stage where a commit has to have been before: it may be deployed with tests that failed, or never ran",
			Fix:  "Add checks-passed with the names of the checks.",
		})
	}
	return found
}))

// asksChecks reports whether a stage enforces that something passed: checks, or the
// jobs that verify what was promoted.
func asksChecks(s policy.Stage) bool {
	return enforces(s, gate.ChecksPassed.ID) || slices.ContainsFunc(s.Enforced(), isVerified)
}

// isVerified reports whether a check asks for a promotion that named jobs verified.
func isVerified(check gate.Check) bool {
	return check.PromotedFrom() != "" && slices.ContainsFunc(check.Asks().Jobs, func(each gate.AskedJob) bool { return !each.Deploys })
}

// A workflow that is deleted is not missed where no check is named.
var _ = register("checks-not-named", ofLast(func(in subject, last policy.Stage) []Warning {
	named := func(s policy.Stage) bool {
		return slices.ContainsFunc(s.Enforced(), func(each gate.Check) bool {
			asked, _ := each.Feedback()
			return len(asked.Checks) > 0 || isVerified(each)
		})
	}
	if !in.onPath(last, asksChecks) || in.onPath(last, named) {
		return nil
	}
	return []Warning{{
		Stage: last.Name, Where: last.Origin,
		Text: "no check is named: with all: true any one check is enough, so the tests can be taken out of the workflows and nobody misses them",
		Fix:  "Name those that have to be there, such as checks-passed: { all: true, checks: [{ name: tests, workflow: .github/workflows/ci.yml }] }.",
	}}
}))

// Which data is where is not guessed.
var _ = register("data-not-said", func(in subject) []Warning {
	var found []Warning
	for _, s := range in.rules.Progression() {
		if s.Data == "" {
			found = append(found, Warning{Stage: s.Name, Where: s.Origin, Text: "data is not said; write which class of data is there: " + strings.Join(policy.DataClasses(), ", ")})
		}
	}
	return found
})
