package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/verdict"
)

// questions are those of a design review, in the order in which they are
// answered. Ids are stable.
var questions = []struct {
	id, question string
	ask          func(review) verdict.Answer
}{
	{"local-setup", "Can a developer set the environment up locally in under 30 minutes?", review.localSetup},
	{"fast-feedback", "Is feedback from tests there in under 10 minutes?", review.fastFeedback},
	{"stages-alike", "Are the stages alike: the same configuration keys, of the same types?", review.stagesAlike},
	{"data-before-production", "Is the data of every stage before the last one synthetic or anonymised?", review.dataBefore},
	{"secrets-per-stage", "Are secrets kept per stage?", review.secretsPerStage},
	{"tests-before-promotion", "Do all tests run before a commit goes on?", review.testsBefore},
	{"reproducible-before-production", "Can what is on the last stage be reproduced on the stage before?", review.reproducible},
	{"definition-of-ready", "Is it written down what has to be ready before a deployment?", review.ready},
	{"data-refreshed", "Is the stage before the last one refreshed regularly?", review.refreshed},
	{"way-back", "Is there a way back, and was it exercised?", review.wayBack},
	{"person-asked", "Is a person asked before every deployment to the last stage?", review.personAsked},
	{"hotfix-not-bypassing", "Are hotfixes kept from bypassing the stage before the last one?", review.hotfixThrough},
	{"nobody-alone", "Does nobody deploy to the last stage alone?", review.nobodyAlone},
	{"policy-protected", "Is the policy itself protected?", review.policyProtected},
}

// reviewNeeds returns the facts that the questions of a review read beside those
// of the checks: environments and secrets of the stages that ask for something,
// which jobs deploy, and what shows that something was done.
func reviewNeeds(rules policy.Policy) []fact.Need {
	needs := []fact.Need{{Kind: fact.NeedSecrets}, {Kind: fact.NeedWorkflows}}
	for _, s := range rules.Stages {
		if s.Unrestricted || s.HotfixFor != "" {
			continue
		}
		needs = append(needs, fact.Need{Kind: fact.NeedSecrets, Key: s.Environment}, fact.Need{Kind: fact.NeedEnvironment, Key: s.Environment})
		for _, each := range s.Gates {
			if each.Mode != verdict.Off && (each.Check.ID == gate.Fresh.ID || each.Check.ID == gate.SetupComplete.ID) {
				needs = append(needs, each.Check.Needs...)
			}
		}
	}
	return needs
}

// Review answers the questions of a design review from what an audit found, from
// the policy, and from the facts that Needs names. It answers yes only where they
// prove it.
func Review(rules policy.Policy, facts fact.Set, found verdict.Audit) []verdict.Answer {
	r := review{rules: rules, facts: facts, found: found}
	for _, s := range rules.Stages {
		if s.HotfixFor == "" {
			r.stages = append(r.stages, s)
		}
	}
	answers := make([]verdict.Answer, 0, len(questions))
	for _, each := range questions {
		answer := each.ask(r)
		answer.ID, answer.Question = each.id, each.question
		answers = append(answers, answer)
	}
	return answers
}

// review is what the questions are answered from.
type review struct {
	rules policy.Policy
	facts fact.Set
	found verdict.Audit
	// stages are the stages in their order, without the hotfix lanes.
	stages []policy.Stage
}

func yes(reason string) verdict.Answer {
	return verdict.Answer{Outcome: verdict.Pass, Reason: reason}
}

func no(reason, fix string) verdict.Answer {
	return verdict.Answer{Outcome: verdict.Fail, Reason: reason, Fix: fix}
}

func cannotKnow(reason, fix string) verdict.Answer {
	return verdict.Answer{Outcome: verdict.Unknown, Reason: reason, Fix: fix}
}

// allOf is yes where every part is, at least one. One no is enough for a no,
// whatever is not known about the others.
func allOf(parts ...verdict.Answer) verdict.Answer {
	whole := cannotKnow("there is nothing to ask about", "Name the stages in the policy.")
	for _, outcome := range []verdict.Outcome{verdict.Fail, verdict.Unknown, verdict.Pass} {
		those := slices.DeleteFunc(slices.Clone(parts), func(part verdict.Answer) bool { return part.Outcome != outcome })
		if len(those) == 0 {
			continue
		}
		whole = verdict.Answer{Outcome: outcome}
		var reasons, fixes []string
		for _, part := range those {
			reasons, fixes = add(reasons, part.Reason), add(fixes, part.Fix)
			whole.Evidence = append(whole.Evidence, part.Evidence...)
		}
		whole.Reason, whole.Fix = strings.Join(reasons, "; "), strings.Join(fixes, " ")
		break
	}
	return whole
}

func add(texts []string, text string) []string {
	if text == "" || slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
}

// lastTwo returns the last stage and the one before; ok is false where there are
// not two.
func (r review) lastTwo() (before, last policy.Stage, ok bool) {
	if len(r.stages) < 2 {
		return policy.Stage{}, policy.Stage{}, false
	}
	return r.stages[len(r.stages)-2], r.stages[len(r.stages)-1], true
}

// last returns the last stage.
func (r review) last() (last policy.Stage, ok bool) {
	if len(r.stages) == 0 {
		return policy.Stage{}, false
	}
	return r.stages[len(r.stages)-1], true
}

// asking returns the stages that ask for something.
func (r review) asking() []policy.Stage {
	return slices.DeleteFunc(slices.Clone(r.stages), func(s policy.Stage) bool { return s.Unrestricted })
}

// oneStage answers a question about two stages where there are not two.
func oneStage() verdict.Answer {
	return cannotKnow("the policy has fewer than two stages", "Add a stage before the last one to the policy.")
}

// noLast answers a question about the last stage where there is none.
func noLast() verdict.Answer {
	return cannotKnow("the policy has no stages", "Name the stages in the policy.")
}

// enforced answers whether a stage asks for a gate, so that nothing goes there
// without it. A waiver takes it away for its time.
func (r review) enforced(s policy.Stage, id string) (gate.Check, verdict.Answer) {
	fix := fmt.Sprintf("Add the gate %s to the stage %s (`stageward gates %s`).", id, s.Name, id)
	at := slices.IndexFunc(s.Gates, func(each policy.Gate) bool { return each.Check.ID == id })
	if at < 0 {
		return gate.Check{}, no(s.Name+" does not ask for "+id, fix)
	}
	asked := s.Gates[at]
	if asked.Mode != verdict.Enforce {
		return asked.Check, no(fmt.Sprintf("the mode of %s on %s is %s", id, s.Name, asked.Mode), fmt.Sprintf("Set the mode of %s on %s to enforce.", id, s.Name))
	}
	if asked.Waiver != nil {
		now, missing := r.facts.At.Get()
		until := asked.Waiver.Until.UTC().Format(time.RFC3339)
		switch {
		case missing != nil || now.IsZero():
			return asked.Check, cannotKnow(fmt.Sprintf("%s on %s is waived until %s, and it is not known what time it is", id, s.Name, until), "Run the audit again.")
		case now.Before(asked.Waiver.Until):
			return asked.Check, no(fmt.Sprintf("%s on %s is waived until %s by @%s", id, s.Name, until, asked.Waiver.By), "Remove the waiver when the gate can be met.")
		}
	}
	return asked.Check, yes(s.Name + " asks for " + id)
}

// asked finds a gate that a stage asks for in any mode but off.
func asked(s policy.Stage, id string) (check gate.Check, ok bool) {
	for _, each := range s.Gates {
		if each.Check.ID == id && each.Mode != verdict.Off {
			return each.Check, true
		}
	}
	return gate.Check{}, false
}

// told turns what a gate says into an answer.
func told(found verdict.Finding) verdict.Answer {
	answer := verdict.Answer{Reason: found.Reason, Fix: found.Fix, Evidence: found.Evidence}
	switch found.Outcome {
	case verdict.Pass:
		answer.Outcome, answer.Fix = verdict.Pass, ""
	case verdict.Fail, verdict.Wait:
		answer.Outcome = verdict.Fail
	case verdict.Unknown, verdict.Skip, verdict.Waived:
		answer.Outcome = verdict.Unknown
	}
	return answer
}
