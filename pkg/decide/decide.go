package decide

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// Plan is what a policy asks about one subject. It is made after the first
// wave of facts, says what the second wave has to bring, and decides.
type Plan struct {
	policy policy.Policy
	ref    fact.RefKind
	match  stage.Match
	stage  *policy.Stage
	checks []asked
	// way is set where the run does not go the ordinary way; refusal says why it
	// cannot go there.
	way     *verdict.Way
	refusal *refusal
}

// asked is a gate as this run asks it.
type asked struct {
	policy.Gate
	// lapsed is true where the way that the run goes does not ask the gate,
	// breakable where a broken glass gets past it.
	lapsed, breakable bool
}

// NewPlan finds the subject's stage and its gates. Of a policy with projects it is
// about the one that the run names; a run that names none, or one that there is not,
// gets an error for an answer. NewSeveral is about all of them.
func NewPlan(rules policy.Policy, facts fact.Set) Plan {
	one, err := rules.Of(facts.Trigger.Project)
	if err != nil {
		return Plan{policy: policy.Policy{Preset: rules.Preset}, match: stage.Match{Problem: UnknownProject, Reason: err.Error()}}
	}
	return newPlan(one, facts)
}

func newPlan(rules policy.Policy, facts fact.Set) Plan {
	// An unknown default branch is "", which matches nothing.
	branch := facts.Repository.OrZero().DefaultBranch
	plan := Plan{policy: rules, ref: facts.Subject.Ref.Kind()}
	plan.match = stage.Resolve(rules.Rules(), stage.Query{
		Ref: facts.Subject.Ref, DefaultBranch: branch, Event: facts.Trigger.Event, Pick: facts.Trigger.Stage,
	})
	if found, ok := rules.Stage(plan.match.Stage); ok {
		plan.stage = &found
		for _, each := range withAlways(found, facts.Subject, rules.TermsOf(found)) {
			plan.checks = append(plan.checks, asked{Gate: each})
		}
		plan.enter(facts.Trigger)
	}
	return plan
}

// withAlways returns the stage's gates after those that hold on every
// restricted stage. They hold on an unrestricted one too when the caller chose
// the subject: then no event has shown that the ref and the commit exist and
// belong together.
func withAlways(found policy.Stage, subject fact.Subject, terms gate.Terms) []policy.Gate {
	if found.Unrestricted && !subject.Chosen {
		return nil
	}
	var checks []policy.Gate
	for _, each := range gate.All() {
		if !each.Always {
			continue
		}
		check, err := each.Bind(nil, terms)
		if err != nil {
			panic(fmt.Sprintf("gate %s cannot be bound without parameters: %v", each.ID, err)) //nolint:forbidigo // TestEveryGate binds every gate's defaults
		}
		checks = append(checks, policy.Gate{Check: check, Origin: "always on"})
	}
	return append(checks, found.Gates...)
}

// Needs returns the facts that the stage's gates read and that the report shows,
// each once. It is empty when there is no stage or nothing to ask.
func (p Plan) Needs() []fact.Need {
	if p.refusal != nil {
		return nil
	}
	var needs []fact.Need
	for _, each := range p.checks {
		if each.Mode == verdict.Off || each.lapsed {
			continue
		}
		needs = append(needs, each.Check.Needs...)
	}
	needs = append(needs, p.shows()...)
	var once []fact.Need
	for _, need := range needs {
		if !slices.Contains(once, need) {
			once = append(once, need)
		}
	}
	return once
}

// Asks returns the gates that the run is asked, in order, with their parameters:
// those that hold everywhere and those of the way that it goes among them. Terms are
// what the policy says beside them.
func (p Plan) Asks() (checks []gate.Check, terms gate.Terms) {
	if p.stage == nil || p.refusal != nil {
		return nil, gate.Terms{}
	}
	for _, each := range p.checks {
		if each.Mode != verdict.Off && !each.lapsed {
			checks = append(checks, each.Check)
		}
	}
	return checks, p.policy.TermsOf(*p.stage)
}

// slips are the problems that somebody has to mend in the policy or the workflow.
var slips = []stage.Problem{stage.NoSuchStage, stage.Ambiguous, UnknownProject}

// Match returns how the stage was found.
func (p Plan) Match() stage.Match { return p.match }

// Decide asks every gate of the stage and combines what they say.
func (p Plan) Decide(facts fact.Set) verdict.Verdict {
	result := about(facts)
	result.Project, result.Progression = p.policy.Project, p.policy.Names()
	if ref := facts.Subject.Ref; ref.Kind() == fact.TagRef {
		result.Version, result.Prerelease, _ = stage.VersionIn(p.policy.Project, ref.Name())
	}
	result.Policy.Preset = p.policy.Preset
	result.Mapping = p.match.Tries
	if p.stage == nil {
		result.Decision, result.Code, result.Reason = verdict.Denied, string(p.match.Problem), p.match.Reason
		if slices.Contains(slips, p.match.Problem) {
			result.Decision = verdict.Errored
		}
		return result
	}
	result.Stage = describe(*p.stage)
	result.Way = p.wayOf(facts)
	if p.refusal != nil {
		result.Decision, result.Code, result.Reason, result.Fix = verdict.Denied, p.refusal.code, p.refusal.reason, p.refusal.fix
		return result
	}
	result.Changes = p.changes(facts)
	result.Findings = p.ask(facts)
	result.Decision, result.Code = verdict.Combine(p.weighed(result.Findings))
	if p.stage.Unrestricted && (len(result.Findings) == 0 || result.Decision == verdict.Allowed) {
		result.Decision, result.Code = verdict.Allowed, "unrestricted"
		result.Reason = "the policy says that this stage asks for nothing (unrestricted: true)"
	}
	if result.Decision == verdict.Allowed && result.Way != nil {
		result.Code = string(result.Way.Lane)
	}
	return result
}

// Undecidable returns the verdict of a run that cannot be decided, for the
// reason given. problems are the located errors of a policy, if that is why.
func Undecidable(facts fact.Set, code, reason, fix string, problems ...string) verdict.Verdict {
	result := about(facts)
	result.Decision, result.Code, result.Reason, result.Fix, result.Problems = verdict.Errored, code, reason, fix, problems
	return result
}

// Refused returns the verdict of a run that was understood and that no stage
// can take: the answer is no, and nothing is unknown. A run of which anything
// could not be read, or did not agree, is Undecidable.
func Refused(facts fact.Set, code, reason, fix string) verdict.Verdict {
	result := about(facts)
	result.Decision, result.Code, result.Reason, result.Fix = verdict.Denied, code, reason, fix
	return result
}

// about fills in what is known of the run whatever is decided.
func about(facts fact.Set) verdict.Verdict {
	file := facts.Policy.OrZero()
	result := verdict.Verdict{
		Schema:        verdict.SchemaVersion,
		Subject:       facts.Subject,
		Trigger:       facts.Trigger,
		RepositoryURL: facts.Repository.OrZero().URL,
		At:            facts.At.OrZero(),
		Policy:        verdict.Policy{Path: file.Path, Branch: file.Branch, Commit: file.Commit, Blob: file.Blob},
	}
	if facts.Subject.Ref.Kind() == fact.TagRef {
		result.Version, result.Prerelease, _ = stage.Version(facts.Subject.Ref.Name())
	}
	return result
}

func describe(s policy.Stage) *verdict.Stage {
	described := &verdict.Stage{
		Name: cmp.Or(s.HotfixFor, s.Name), Environment: s.Environment, EnvironmentURL: s.URL,
		Data: s.Data, Config: s.Config, Unrestricted: s.Unrestricted,
	}
	for _, each := range s.Advised {
		described.NotConfigured = append(described.NotConfigured, verdict.Advice{Gate: each.ID, Title: each.Title, Configure: each.Configure})
	}
	return described
}

// ask asks every gate. The gate of the lane comes first among those of the
// stage: whether the glass was broken says how the others read.
func (p Plan) ask(facts fact.Set) []verdict.Finding {
	terms := p.policy.TermsOf(*p.stage)
	findings := make([]verdict.Finding, len(p.checks))
	for i, each := range p.checks {
		findings[i] = each.ask(facts, terms)
	}
	if p.way == nil || p.way.Lane != verdict.BreakGlass || !p.broken(findings) {
		return findings
	}
	for i, each := range p.checks {
		if each.breakable && findings[i].Blocks() {
			findings[i] = behindGlass(findings[i])
		}
	}
	return findings
}

func (a asked) ask(facts fact.Set, terms gate.Terms) verdict.Finding {
	var finding verdict.Finding
	switch {
	case a.Mode == verdict.Off:
		finding = verdict.Skipped("off", fmt.Sprintf("the policy turns this gate off (%s)", a.Origin))
	case a.lapsed:
		finding = verdict.Skipped("rollback", "a rollback does not ask this: the commit was let through before")
	default:
		finding = waived(a.Check.Ask(facts, terms), a.Waiver, facts.At)
	}
	finding.Gate, finding.Title, finding.Mode = a.Check.ID, a.Check.Title, a.Mode
	return finding
}
