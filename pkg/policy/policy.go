package policy

import (
	"encoding/json"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// Policy is a policy that was read and checked.
//
// One with Projects has no Stages: it says nothing about a branch or tag but
// through its projects. Of and All lead to what decides.
type Policy struct {
	// Project is the name of the project that it is of, or "".
	Project string
	// Paths are the files that the project is made of; none means every file.
	Paths []stage.Pattern
	// Projects are the projects of the repository in the order of the file, each
	// a policy of its own; none where the policy is about the whole repository.
	Projects []Policy
	// Others are the stages of the other projects to which a job deploys.
	Others []gate.Stage
	// Preset is the preset it refines, or "".
	Preset string
	// Terms are what it says for all gates: who counts, and by which keys.
	Terms gate.Terms
	// Stages are in the order of progression, first stage first. Hotfix lanes are
	// among them, where the file has them.
	Stages []Stage
	// Accepts are the warnings that somebody accepts, in the order of the file. They
	// decide nothing.
	Accepts []Acceptance
}

// Stage is one stage of a policy.
type Stage struct {
	Name string
	// Origin says where the policy last speaks of the stage, and FromOrigin where it
	// says what the stage accepts, as in Gate.
	Origin, FromOrigin string
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
	// Params are what it is asked with, for readers.
	Params []Param
}

// TermsOf returns what the policy says for the gates of a stage.
func (p Policy) TermsOf(s Stage) gate.Terms {
	terms := p.Terms
	terms.Stage = p.seen(s)
	if s.HotfixFor != "" {
		terms.Stage.Name = s.HotfixFor
	}
	terms.Stages, terms.Others = nil, p.Others
	for _, each := range p.Stages {
		if each.HotfixFor == "" {
			terms.Stages = append(terms.Stages, p.seen(each))
		}
	}
	return terms
}

// seen is a stage as gates see it.
func (p Policy) seen(s Stage) gate.Stage {
	seen := gate.Stage{Project: p.Project, Name: s.Name, Environment: s.Environment, Rule: s.Rule, DeployedBy: s.DeployedBy}
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
