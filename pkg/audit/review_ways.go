package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// reproducible holds where the last stage takes only what was on the stage before,
// and that commit can be deployed there again when the stage has moved on.
func (r review) reproducible() verdict.Answer {
	before, last, ok := r.lastTwo()
	if !ok {
		return oneStage()
	}
	held := r.through(last, before)
	if held.Outcome == verdict.Pass {
		held.Reason = fmt.Sprintf("%s takes only a commit that succeeded on %s", last.Name, before.Name)
	}
	return allOf(held, wayBackTo(before), r.inPlace(last))
}

// through answers whether a stage, or a lane to it, takes only what was on the stage
// before: promoted can name an earlier one, and then that one is passed by.
func (r review) through(s, before policy.Stage) verdict.Answer {
	check, held := r.enforced(s, gate.Promoted.ID)
	if from := check.PromotedFrom(); held.Outcome == verdict.Pass && from != before.Name {
		return no(fmt.Sprintf("%s asks for a deployment to %s, not to %s", s.Name, from, before.Name), fmt.Sprintf("Set from of promoted on %s to %s.", s.Name, before.Name))
	}
	return held
}

// inPlace answers whether the jobs that deploy to a stage ask the gate, as the audit
// found: what the policy says is worth nothing where nobody asks.
func (r review) inPlace(s policy.Stage) verdict.Answer {
	parts := r.heard(GateInPlace.ID, s.Name)
	if len(parts) == 0 {
		return cannotKnow(fmt.Sprintf("the audit does not say whether the jobs that deploy to %s ask the gate", s.Name), wholeAudit)
	}
	return allOf(append(parts, r.heard(GateInPlace.ID, "")...)...)
}

const wholeAudit = "Run `stageward audit` as a whole."

// heard returns what a check of the audit found about a stage, or with "" about
// the whole repository.
func (r review) heard(check, stage string) []verdict.Answer {
	var parts []verdict.Answer
	for _, point := range r.found.Points {
		if point.Check == check && point.Stage == stage {
			parts = append(parts, ofPoint(point)...)
		}
	}
	return parts
}

// wayBackTo answers whether an earlier commit can be deployed to a stage again.
func wayBackTo(s policy.Stage) verdict.Answer {
	if s.Unrestricted {
		return yes("any commit can be deployed to " + s.Name)
	}
	if _, open := s.Lanes[verdict.Rollback]; open {
		return yes("a commit that was on " + s.Name + " can be deployed there again (rollback)")
	}
	why := s.Shut[verdict.Rollback]
	if why == "" {
		why = "the policy opens none"
	}
	return no(fmt.Sprintf("there is no rollback to %s: %s", s.Name, why), fmt.Sprintf("Open the rollback of %s in the policy, with deployed-by.", s.Name))
}

// wayBack asks the checklist of the last stage whether a rollback was exercised.
func (r review) wayBack() verdict.Answer {
	last, ok := r.last()
	if !ok {
		return noLast()
	}
	exercised := cannotKnow("nothing shows that a rollback was exercised",
		fmt.Sprintf("Add the gate %s with the item %s to %s, attested or checked.", gate.SetupComplete.ID, gate.RollbackExercised, last.Name))
	if check, found := asked(last, gate.SetupComplete.ID); found {
		if finding, asks := check.AskItem(gate.RollbackExercised, r.facts, r.rules.TermsOf(last)); asks {
			exercised = told(finding)
		}
	}
	return allOf(wayBackTo(last), exercised)
}

// personAsked holds where every way to the last stage takes a person's word: by the
// gate approved, or by the reviewers of the environment, which are asked whatever
// way a run goes.
func (r review) personAsked() verdict.Answer {
	last, ok := r.last()
	if !ok {
		return noLast()
	}
	return allOf(r.byPeople(last, gate.Check.AsksPeople, r.environmentAsks(last, false)), r.inPlace(last))
}

// nobodyAlone holds where every way takes two people.
func (r review) nobodyAlone() verdict.Answer {
	last, ok := r.last()
	if !ok {
		return noLast()
	}
	return allOf(r.byPeople(last, gate.Check.TakesTwo, r.environmentAsks(last, true)), r.inPlace(last))
}

// byPeople is yes where the gates of all ways to a stage do, or its environment.
func (r review) byPeople(s policy.Stage, enough func(gate.Check) bool, guarded verdict.Answer) verdict.Answer {
	gates := r.everyWay(s, enough)
	switch {
	case gates.Outcome == verdict.Pass:
		return gates
	case guarded.Outcome == verdict.Pass:
		return guarded
	case gates.Outcome == verdict.Fail && guarded.Outcome == verdict.Fail:
		return allOf(gates, guarded)
	}
	return cannotKnow(gates.Reason+"; "+guarded.Reason, strings.Join(add(add(nil, gates.Fix), guarded.Fix), " "))
}

// everyWay answers whether the gates ask people, whichever way a run goes.
func (r review) everyWay(s policy.Stage, enough func(gate.Check) bool) verdict.Answer {
	parts := []verdict.Answer{r.approvedBy(s, enough)}
	for _, lane := range r.rules.Stages {
		if lane.HotfixFor == s.Name {
			parts = append(parts, r.approvedBy(lane, enough))
		}
	}
	for _, lane := range s.OpenLanes() {
		switch {
		case enough(lane.Check):
			parts = append(parts, yes(fmt.Sprintf("%s to %s asks for it as well", lane.Name, s.Name)))
		case !slices.Contains(lane.Keeps, gate.Approved.ID):
			parts = append(parts, no(fmt.Sprintf("%s to %s does not keep %s", lane.Name, s.Name, gate.Approved.ID), fmt.Sprintf("Add keeps: [%s] to %s of %s, or close it.", gate.Approved.ID, lane.Name, s.Name)))
		}
	}
	return allOf(parts...)
}

func (r review) approvedBy(s policy.Stage, enough func(gate.Check) bool) verdict.Answer {
	check, held := r.enforced(s, gate.Approved.ID)
	if held.Outcome == verdict.Pass && !enough(check) {
		return no(fmt.Sprintf("whoever wrote a change can approve and deploy it to %s alone", s.Name), fmt.Sprintf("Let an approval of %s be by somebody else: leave out not, or ask for a second one.", s.Name))
	}
	return held
}

// environmentAsks answers whether GitHub asks the reviewers of the environment; with
// others, whether they are others than whoever started the run.
func (r review) environmentAsks(s policy.Stage, others bool) verdict.Answer {
	fix := fmt.Sprintf("Add required reviewers to the environment %s", s.Environment)
	known, missing := r.facts.Environments[s.Environment].Get()
	switch {
	case missing != nil:
		return unseen(fmt.Sprintf("whom the environment %q asks", s.Environment), missing)
	case !known.Exists || len(known.Reviewers) == 0:
		return no(fmt.Sprintf("the environment %q has no required reviewers", s.Environment), fix+".")
	case others && !known.PreventSelfReview:
		return no(fmt.Sprintf("whoever starts a run can review it for the environment %q", s.Environment), fix+", with self-review prevented.")
	case others && (known.AdminsBypass == nil || *known.AdminsBypass):
		return no(fmt.Sprintf("an administrator may get past the reviewers of the environment %q alone", s.Environment), fix+", and take the bypass from administrators.")
	}
	if without := r.withoutEnvironment(s); without != "" {
		return cannotKnow("nothing shows that all that deploys to "+s.Name+" waits for the reviewers of its environment: "+without, fmt.Sprintf("Give every job that deploys to %s environment: %s.", s.Name, s.Environment))
	}
	answer := yes(fmt.Sprintf("GitHub asks a reviewer of the environment %q before each job that has it", s.Environment))
	if known.URL != "" {
		answer.Evidence = []verdict.Evidence{{Text: "environment " + s.Environment, URL: known.URL}}
	}
	return answer
}

// withoutEnvironment names a job that deploys to a stage and has no environment, or
// says why that is not known; "" where all have one. That it is the one of the stage
// the gate sees to.
func (r review) withoutEnvironment(s policy.Stage) string {
	in := Input{Facts: r.facts, Rules: r.rules, Repository: r.facts.Repository.OrZero()}
	files, missing := in.workflows()
	if missing != nil {
		return missing.Error()
	}
	jobs := in.deploying(s, files)
	if len(jobs) == 0 {
		return "no job of the default branch does"
	}
	for _, each := range jobs {
		if each.job.Environment.Name == "" {
			return each.String() + " has no environment"
		}
	}
	return ""
}

// hotfixThrough holds where no way to the last stage but a rollback is open to a
// commit that was not on the one before.
func (r review) hotfixThrough() verdict.Answer {
	before, last, ok := r.lastTwo()
	if !ok {
		return oneStage()
	}
	parts := []verdict.Answer{r.through(last, before), r.inPlace(last)}
	for _, lane := range r.rules.Stages {
		if lane.HotfixFor == last.Name {
			parts = append(parts, r.through(lane, before))
		}
	}
	if lane, open := last.Lanes[verdict.BreakGlass]; open && !slices.Contains(lane.Keeps, gate.Promoted.ID) {
		parts = append(parts, no(fmt.Sprintf("%s to %s does not keep %s", verdict.BreakGlass, last.Name, gate.Promoted.ID), fmt.Sprintf("Add keeps: [%s] to %s of %s, or close it.", gate.Promoted.ID, verdict.BreakGlass, last.Name)))
	}
	return allOf(parts...)
}

// policyProtected goes by what the audit found about the default branch, from which
// the policy is read, and about who owns the policy.
func (r review) policyProtected() verdict.Answer {
	var parts []verdict.Answer
	for _, check := range []string{PolicyOwned.ID, BranchesGuarded.ID, GuardsBind.ID} {
		found := r.heard(check, "")
		if len(found) == 0 {
			found = []verdict.Answer{cannotKnow(fmt.Sprintf("the audit says nothing about %s for the default branch", check), wholeAudit)}
		}
		parts = append(parts, found...)
	}
	return allOf(parts...)
}

// ofPoint turns a point of the audit into an answer; none where it does not apply.
// What mends it stands at the point, with the commands.
func ofPoint(point verdict.Point) []verdict.Answer {
	part := verdict.Answer{Outcome: verdict.Unknown, Reason: point.Reason, Fix: "Do what the audit says of " + point.Check + ".", Evidence: point.Evidence}
	switch point.Outcome {
	case verdict.Pass:
		part.Outcome, part.Fix = verdict.Pass, ""
	case verdict.Fail, verdict.Wait:
		part.Outcome = verdict.Fail
	case verdict.Skip:
		return nil
	case verdict.Unknown, verdict.Waived:
	}
	return []verdict.Answer{part}
}
