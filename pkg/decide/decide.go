package decide

import (
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
	match  stage.Match
	stage  *policy.Stage
	checks []policy.Gate
}

// NewPlan finds the subject's stage and its gates.
func NewPlan(rules policy.Policy, facts fact.Set) Plan {
	// An unknown default branch is "", which matches nothing.
	branch := facts.Repository.OrZero().DefaultBranch
	plan := Plan{policy: rules}
	plan.match = stage.Resolve(rules.Rules(), stage.Query{
		Ref: facts.Subject.Ref, DefaultBranch: branch, Event: facts.Trigger.Event, Pick: facts.Trigger.Stage,
	})
	if found, ok := rules.Stage(plan.match.Stage); ok {
		plan.stage = &found
		plan.checks = withAlways(found, facts.Subject, rules.TermsOf(found))
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

// Needs returns the facts that the stage's gates read, each once. It is empty
// when there is no stage or nothing to ask.
func (p Plan) Needs() []fact.Need {
	var needs []fact.Need
	for _, each := range p.checks {
		if each.Mode == verdict.Off {
			continue
		}
		for _, need := range each.Check.Needs {
			if !slices.Contains(needs, need) {
				needs = append(needs, need)
			}
		}
	}
	return needs
}

// Match returns how the stage was found.
func (p Plan) Match() stage.Match { return p.match }

// Decide asks every gate of the stage and combines what they say.
func (p Plan) Decide(facts fact.Set) verdict.Verdict {
	result := about(facts)
	result.Progression = p.policy.Names()
	result.Policy.Preset = p.policy.Preset
	result.Mapping = p.match.Tries
	if p.stage == nil {
		result.Decision, result.Code, result.Reason = verdict.Denied, string(p.match.Problem), p.match.Reason
		if p.match.Problem == stage.NoSuchStage || p.match.Problem == stage.Ambiguous {
			result.Decision = verdict.Errored
		}
		return result
	}
	result.Stage = describe(*p.stage)
	for _, each := range p.checks {
		result.Findings = append(result.Findings, ask(each, facts, p.policy.TermsOf(*p.stage)))
	}
	result.Decision, result.Code = verdict.Combine(result.Findings)
	if p.stage.Unrestricted && (len(result.Findings) == 0 || result.Decision == verdict.Allowed) {
		result.Decision, result.Code = verdict.Allowed, "unrestricted"
		result.Reason = "the policy says that this stage asks for nothing (unrestricted: true)"
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
		Name: s.Name, Environment: s.Environment, EnvironmentURL: s.URL,
		Data: s.Data, Config: s.Config, Unrestricted: s.Unrestricted,
	}
	for _, each := range s.Advised {
		described.NotConfigured = append(described.NotConfigured, verdict.Advice{Gate: each.ID, Title: each.Title, Configure: each.Configure})
	}
	return described
}

func ask(each policy.Gate, facts fact.Set, terms gate.Terms) verdict.Finding {
	var finding verdict.Finding
	if each.Mode == verdict.Off {
		finding = verdict.Skipped("off", fmt.Sprintf("the policy turns this gate off (%s)", each.Origin))
		finding.Gate, finding.Title = each.Check.ID, each.Check.Title
	} else {
		finding = each.Check.Ask(facts, terms)
	}
	finding.Mode = each.Mode
	return finding
}
