package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// The budgets that the questions name, and the check that proves the first.
const (
	setUpWithin    = 30 * time.Minute
	feedbackWithin = 10 * time.Minute
	localSetup     = "local-setup"
)

// localSetup looks for a check of the name local-setup. What a developer does on a
// machine of their own nobody records; a job that does it from nothing can.
func (r review) localSetup() verdict.Answer {
	const fix = "Let a job called local-setup set the environment up from nothing on a fresh runner as the documentation says, and name it in checks-passed: { name: local-setup, within: 30m }."
	answer := cannotKnow("nobody records how long it takes on a developer's machine, and no stage asks for a check called "+localSetup, fix)
	for _, s := range r.asking() {
		check, held := r.enforced(s, gate.ChecksPassed.ID)
		feedback, _ := check.Feedback()
		for _, each := range feedback.Checks {
			switch {
			case each.Name != localSetup:
			case held.Outcome != verdict.Pass:
				answer = cannotKnow(held.Reason, held.Fix)
			case each.Within == 0:
				answer = cannotKnow(fmt.Sprintf("nothing holds the check %s of %s to a time", localSetup, s.Name), fix)
			case each.Within > setUpWithin:
				return no(fmt.Sprintf("the check %s of %s may take %s", localSetup, s.Name, minutes(each.Within)), "Make it faster, and set its within to 30m.")
			default:
				return allOf(yes(fmt.Sprintf("no commit goes to %s unless the check %s has passed within %s", s.Name, localSetup, minutes(each.Within))), r.inPlace(s))
			}
		}
	}
	return answer
}

func minutes(length time.Duration) string { return fmt.Sprintf("%dm", int(length.Minutes())) }

// fastFeedback looks at the budgets of the checks of the first stage that asks for
// something.
func (r review) fastFeedback() verdict.Answer {
	asking := r.asking()
	if len(asking) == 0 {
		return cannotKnow("no stage asks for anything, so no check has a time to keep", "Let a stage ask for checks-passed, with within: 10m at each check.")
	}
	first := asking[0]
	fix := fmt.Sprintf("Name the checks of %s in checks-passed, each with within: 10m and without slow: warn.", first.Name)
	check, held := r.enforced(first, gate.ChecksPassed.ID)
	if held.Outcome != verdict.Pass {
		return cannotKnow("no check has a time to keep: "+held.Reason, fix)
	}
	feedback, _ := check.Feedback()
	var slow, free []string
	for _, each := range feedback.Checks {
		switch {
		case each.Within == 0:
			free = append(free, fmt.Sprintf("%q", each.Name))
		case each.Within > feedbackWithin:
			slow = append(slow, fmt.Sprintf("%q may take %s", each.Name, minutes(each.Within)))
		}
	}
	if feedback.All {
		free = append(free, "every check that is not named")
	}
	switch {
	case len(slow) > 0:
		return no(fmt.Sprintf("on %s %s", first.Name, strings.Join(slow, ", ")), "Make them faster, or let them run after the first stage, and set their within to 10m.")
	case len(free) > 0 || len(feedback.Checks) == 0:
		return cannotKnow(fmt.Sprintf("nothing holds %s of %s to a time", strings.Join(free, ", "), first.Name), fix)
	}
	return allOf(yes(fmt.Sprintf("no commit goes to %s unless each of its checks has passed within %s", first.Name, minutes(feedbackWithin))), r.inPlace(first))
}

// testsBefore holds where no stage takes a commit whose tests have not passed, and
// none but the first a commit that was not on an earlier one. A stage that asks for
// nothing may only be before all that do.
func (r review) testsBefore() verdict.Answer {
	first := slices.IndexFunc(r.stages, func(s policy.Stage) bool { return !s.Unrestricted })
	if first < 0 {
		return no("no stage asks for anything", "Let the stages ask for checks-passed, and the later ones for promoted.")
	}
	var parts []verdict.Answer
	for i, s := range r.stages[first:] {
		parts = append(parts, r.tested(s), r.inPlace(s))
		if i > 0 {
			_, held := r.enforced(s, gate.Promoted.ID)
			parts = append(parts, held)
		}
		parts = append(parts, r.otherWaysTested(s)...)
	}
	return allOf(parts...)
}

// tested answers whether a stage, or a lane to it, asks for the tests.
func (r review) tested(s policy.Stage) verdict.Answer {
	check, held := r.enforced(s, gate.ChecksPassed.ID)
	if feedback, _ := check.Feedback(); held.Outcome == verdict.Pass && !namesTests(feedback) {
		return cannotKnow(fmt.Sprintf("%s asks for some checks, and of none the policy says that it is the tests", s.Name), fmt.Sprintf("Give the checks of %s that are tests class: tests, or set all: true.", s.Name))
	}
	return held
}

// otherWaysTested answers about the hotfix lanes and the emergency way to a stage: each
// asks for the tests, or for a deployment to an earlier stage, which asked for them. A
// rollback takes only what was there.
func (r review) otherWaysTested(s policy.Stage) []verdict.Answer {
	var parts []verdict.Answer
	for _, lane := range r.rules.Stages {
		if lane.HotfixFor != s.Name {
			continue
		}
		tests := r.tested(lane)
		if check, held := r.enforced(lane, gate.Promoted.ID); held.Outcome == verdict.Pass {
			if from, ok := r.rules.Stage(check.PromotedFrom()); ok && !from.Unrestricted {
				tests = held
			}
		}
		parts = append(parts, tests)
	}
	lane, open := s.Lanes[verdict.BreakGlass]
	if open && !slices.Contains(lane.Keeps, gate.ChecksPassed.ID) && !slices.Contains(lane.Keeps, gate.Promoted.ID) {
		parts = append(parts, no(fmt.Sprintf("%s to %s keeps neither %s nor %s", verdict.BreakGlass, s.Name, gate.ChecksPassed.ID, gate.Promoted.ID),
			fmt.Sprintf("Add keeps: [%s] to %s of %s, or close it.", gate.ChecksPassed.ID, verdict.BreakGlass, s.Name)))
	}
	return parts
}

// namesTests reports whether the tests are among the checks.
func namesTests(feedback gate.Feedback) bool {
	return feedback.All || slices.ContainsFunc(feedback.Checks, func(each gate.TimedCheck) bool { return each.Class == "tests" })
}

// ready looks for a gate that says what has to be there before the last stage, in
// the policy or in the repository.
func (r review) ready() verdict.Answer {
	last, ok := r.last()
	if !ok {
		return noLast()
	}
	var found, unclear []verdict.Answer
	for _, id := range []string{gate.SetupComplete.ID, gate.DeploymentPlan.ID, gate.ChangeApproved.ID, gate.ReleaseNotes.ID} {
		switch _, held := r.enforced(last, id); held.Outcome {
		case verdict.Pass:
			found = append(found, held)
		case verdict.Unknown:
			unclear = append(unclear, held)
		case verdict.Fail, verdict.Wait, verdict.Skip, verdict.Waived:
		}
	}
	switch {
	case len(found) > 0:
		return allOf(found...)
	case len(unclear) > 0:
		return allOf(unclear...)
	}
	return no(fmt.Sprintf("%s asks for none of %s, deployment-plan, change-approved and release-notes", last.Name, gate.SetupComplete.ID),
		fmt.Sprintf("Add %s to %s for what has to be there around it, or deployment-plan or change-approved for what has to be there for each change.", gate.SetupComplete.ID, last.Name))
}
