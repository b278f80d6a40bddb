package policy

import (
	"encoding/json"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// Policy is a policy that was read and checked.
type Policy struct {
	// Preset is the preset it refines, or "".
	Preset string
	// Terms are what it says for all gates: who counts, and by which keys.
	Terms gate.Terms
	// Stages are in the order of progression, first stage first. Hotfix lanes are
	// among them, where the file has them.
	Stages []Stage
}

// Stage is one stage of a policy.
type Stage struct {
	Name string
	// Environment is the name of the GitHub environment; never empty.
	Environment string
	// URL is the address of what runs there, or "".
	URL  string
	Rule stage.Rule
	// DeployedBy is the job that deploys to the stage; zero where the policy does
	// not say.
	DeployedBy fact.JobOf
	// HotfixFor is the stage that this is another way to, or "".
	HotfixFor string
	// Lanes are the other ways to the stage that the policy opens.
	Lanes map[verdict.Lane]Lane
	// Shut says why a way is not open that the policy mentions, or that would be
	// open by itself.
	Shut map[verdict.Lane]string
	// Unrestricted is true when the policy says that the stage asks for
	// nothing; Gates is then empty.
	Unrestricted bool
	// Data is the class of the data the stage holds: one of DataClasses, or "".
	Data string
	// Config is the stage's configuration as compact JSON with sorted keys, or
	// nil when the policy gives none.
	Config json.RawMessage
	// Gates are in the order in which they are shown.
	Gates []Gate
	// Advised are gates that such a stage should have and that the policy does
	// not mention for it, in the policy's order. They decide nothing.
	Advised []gate.Gate
}

// Gate is a gate as one stage uses it.
type Gate struct {
	Check gate.Check
	Mode  verdict.Mode
	// Waiver is nil where nobody waives the gate.
	Waiver *Waiver
	// Origin says where the policy asks for it, such as "preset three-stage"
	// or ".github/stageward.yml:31".
	Origin string
}

// TermsOf returns what the policy says for the gates of a stage.
func (p Policy) TermsOf(s Stage) gate.Terms {
	terms := p.Terms
	terms.Stage = p.seen(s)
	if s.HotfixFor != "" {
		terms.Stage.Name = s.HotfixFor
	}
	terms.Stages = nil
	for _, each := range p.Stages {
		if each.HotfixFor == "" {
			terms.Stages = append(terms.Stages, p.seen(each))
		}
	}
	return terms
}

// seen is a stage as gates see it.
func (p Policy) seen(s Stage) gate.Stage {
	seen := gate.Stage{Name: s.Name, Environment: s.Environment, Rule: s.Rule, DeployedBy: s.DeployedBy}
	for _, each := range p.Stages {
		if each.HotfixFor == s.Name {
			seen.Lanes = append(seen.Lanes, each.Rule)
		}
	}
	return seen
}

// DataClasses returns the classes of data a stage may hold, most harmless
// first.
func DataClasses() []string { return []string{"synthetic", "anonymized", "production"} }

// Rules returns what the stages accept, in order.
func (p Policy) Rules() []stage.Rule {
	rules := make([]stage.Rule, len(p.Stages))
	for i, s := range p.Stages {
		rules[i] = s.Rule
	}
	return rules
}

// Names returns the names of the stages, in order, without the hotfix lanes.
func (p Policy) Names() []string {
	var names []string
	for _, s := range p.Stages {
		if s.HotfixFor == "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// Stage returns the stage of a name; ok is false when there is none.
func (p Policy) Stage(name string) (found Stage, ok bool) {
	for _, s := range p.Stages {
		if s.Name == name {
			return s, true
		}
	}
	return Stage{}, false
}
