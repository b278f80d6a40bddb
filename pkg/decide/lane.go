package decide

import (
	"fmt"
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// refusal is why a run cannot go the way that it asks for.
type refusal struct{ code, reason, fix string }

// enter finds the way that the run asks for and changes what is asked of it.
func (p *Plan) enter(trigger fact.Trigger) {
	if p.stage.HotfixFor != "" {
		p.way = &verdict.Way{Lane: verdict.Hotfix, Section: p.stage.Name}
	}
	switch own := p.stage.Environment; {
	case trigger.Environment != "" && fact.LoginKey(trigger.Environment) != fact.LoginKey(own):
		p.refusal = &refusal{
			"environment.other", fmt.Sprintf("the job has the environment %q, and the stage %q has %q: the answer about this stage would open the secrets of another", trigger.Environment, p.stage.Name, own),
			"Give the job the environment that the gate before it names (output environment), or correct the policy.",
		}
	case trigger.Rollback && trigger.BreakGlass != "":
		p.refusal = &refusal{"lane.ambiguous", "the run asks for a rollback and to break the glass; it can go one way only", "Leave one of the two inputs out."}
	case trigger.Rollback:
		p.way = &verdict.Way{Lane: verdict.Rollback}
		p.take(verdict.Rollback, func(each *asked, kept bool) { each.lapsed = !kept })
	case trigger.BreakGlass != "":
		p.way = &verdict.Way{Lane: verdict.BreakGlass, Reason: trigger.BreakGlass}
		p.take(verdict.BreakGlass, func(each *asked, kept bool) { each.breakable = !kept })
	}
}

// take puts the gate of a lane in front of the stage's gates, and tells each of
// those whether it is kept on the way.
func (p *Plan) take(name verdict.Lane, mark func(each *asked, kept bool)) {
	lane, open := p.stage.Lanes[name]
	if !open {
		p.refusal = &refusal{"lane.closed", p.closed(name), fmt.Sprintf("Start the run without it. Or let the policy open the way: it stands below the stage's key %q.", name)}
		return
	}
	for i := range p.checks {
		each := &p.checks[i]
		mark(each, each.Check.Firm || slices.Contains(lane.Keeps, each.Check.ID))
	}
	p.checks = append([]asked{{Gate: policy.Gate{Check: lane.Check, Origin: lane.Origin}}}, p.checks...)
}

// closed says why a way to the stage is not open.
func (p *Plan) closed(name verdict.Lane) string {
	reason := fmt.Sprintf("the run asks for %s, and the policy opens no such way to the stage %q", words(name), p.stage.Name)
	switch why := p.stage.Shut[name]; {
	case why != "":
		reason += ": " + why
	case p.stage.HotfixFor != "":
		reason += ", which is a way of its own for hotfixes"
	case p.stage.Unrestricted:
		reason += ", which asks for nothing"
	}
	return reason
}

func words(name verdict.Lane) string {
	switch name {
	case verdict.Rollback:
		return "a rollback"
	case verdict.BreakGlass:
		return "breaking the glass"
	case verdict.Hotfix:
	}
	return string(name)
}

// broken reports whether the gate that guards the glass is met.
func (p Plan) broken(findings []verdict.Finding) bool {
	guard := p.stage.Lanes[verdict.BreakGlass].Check.ID
	for i, each := range p.checks {
		if each.Check.ID == guard {
			return findings[i].Outcome == verdict.Pass
		}
	}
	return false
}

// weighed returns the findings that make the decision. While the glass is whole, what
// it would get past does not count beside its guard, which keeps the run from
// being allowed and says what is missing for that: with it, the rest would not
// be in the way.
func (p Plan) weighed(findings []verdict.Finding) []verdict.Finding {
	if p.way == nil || p.way.Lane != verdict.BreakGlass || p.broken(findings) {
		return findings
	}
	var weighed []verdict.Finding
	for i, each := range p.checks {
		if !each.breakable {
			weighed = append(weighed, findings[i])
		}
	}
	return weighed
}

// behindGlass is a finding that would block, and that an emergency gets past.
// What nobody could find out is got past as well: GitHub may be what is on fire.
func behindGlass(finding verdict.Finding) verdict.Finding {
	before := "not met"
	if finding.Outcome != verdict.Fail && finding.Outcome != verdict.Wait {
		before = "not known"
	}
	finding.Outcome, finding.Code = verdict.Waived, "break-glass"
	finding.Reason = before + ", and the glass was broken: " + finding.Reason
	return finding
}

// waived applies the waiver of a gate to what the gate says. What nobody could
// find out cannot be accepted either: the waiver knows of no such thing.
func waived(finding verdict.Finding, waiver *policy.Waiver, at fact.Known[time.Time]) verdict.Finding {
	if waiver == nil || !finding.Unmet() {
		return finding
	}
	until := waiver.Until.UTC().Format("2006-01-02 15:04 UTC")
	now, missing := at.Get()
	switch {
	case missing != nil || now.IsZero():
		return finding.Warn(fmt.Sprintf("The waiver by @%s until %s does not count: it is not known what time it is.", waiver.By, until))
	case !now.Before(waiver.Until):
		return finding.Warn(fmt.Sprintf("The waiver by @%s ended at %s and does not count any more.", waiver.By, until))
	case finding.Outcome != verdict.Fail && finding.Outcome != verdict.Wait:
		return finding.Warn(fmt.Sprintf("The waiver by @%s until %s does not cover what could not be found out.", waiver.By, until))
	}
	finding.Outcome, finding.Code = verdict.Waived, "waiver"
	finding.Reason = fmt.Sprintf("not met, and accepted by @%s until %s (%s): %s", waiver.By, until, waiver.Reason, finding.Reason)
	return finding
}

// shows returns the facts that only the report needs.
func (p Plan) shows() []fact.Need {
	switch {
	case p.stage == nil || p.stage.DeployedBy == (fact.JobOf{}) || p.stage.Unrestricted:
		return nil
	case p.way != nil && p.way.Lane == verdict.Rollback:
		return []fact.Need{p.stage.DeployedBy.Need()}
	}
	return []fact.Need{p.span().Need()}
}

// span is where what would be deployed begins: where a gate says, else where the
// stage says.
func (p Plan) span() fact.RangeFrom {
	for _, each := range p.checks {
		for _, need := range each.Check.Needs {
			if from, err := fact.ParseRangeFrom(need.Key); err == nil && need.Kind == fact.NeedRange && each.Mode != verdict.Off {
				return from
			}
		}
	}
	return fact.RangeFrom{Workflow: p.stage.DeployedBy.Workflow, Job: p.stage.DeployedBy.Job}
}

// wayOf is the way of the run with what a rollback goes back from.
func (p Plan) wayOf(facts fact.Set) *verdict.Way {
	if p.way == nil || p.way.Lane != verdict.Rollback || p.refusal != nil {
		return p.way
	}
	way := *p.way
	if p.stage.DeployedBy == (fact.JobOf{}) {
		way.Unknown = "the policy does not say which job deploys to the stage (deployed-by)"
		return &way
	}
	last, missing := facts.LastDeploymentBy(p.stage.DeployedBy).Get()
	switch {
	case missing != nil:
		way.Unknown = missing.Error()
	case last.Run == nil:
		way.Unknown = "nothing was deployed by that job before"
	default:
		way.From = last.Run
	}
	return &way
}
