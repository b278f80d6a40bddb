package gate

import (
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// EnvironmentProtected holds while the GitHub environment of the stage exists, lets
// in nothing that the stage does not take and all that it takes, and asks for what
// the parameters say. GitHub keeps to that for every workflow, also for one that has
// no gate.
//
// It is not firm: what it finds was so before the run, and whoever can deploy past
// the gates because of it needs no broken glass.
var EnvironmentProtected = register(Spec[environmentProtected]{
	ID:        "environment-protected",
	Title:     "The GitHub environment is protected as the policy wants it",
	Since:     "0.1.0",
	Configure: "environment-protected: { reviewers: 1 }",
	Defaults:  environmentProtected{PreventSelfReview: true},
	Validate:  func(params environmentProtected, _ Terms) error { return params.validate() },
	Needs: func(_ environmentProtected, terms Terms) []fact.Need {
		return []fact.Need{{Kind: fact.NeedEnvironment, Key: terms.Stage.Environment}}
	},
	Suppose: supposesProtection,
	Check:   checkEnvironmentProtected,
})

type environmentProtected struct {
	Reviewers         int      `yaml:"reviewers" doc:"How many people and teams the environment lists at least, of whom one has to approve each job; 0 asks for none, 6 is the most that GitHub takes."`
	PreventSelfReview bool     `yaml:"prevent-self-review" doc:"With reviewers, whoever started the run cannot be the one who approves it."`
	Wait              Duration `yaml:"wait" doc:"How long the environment lets each job wait at least, such as 10m; GitHub takes 30d at most."`
	AdminsBypass      bool     `yaml:"admins-bypass" doc:"Administrators may let a job through although the rules of the environment are not met, as GitHub has it by default."`
}

func (p environmentProtected) validate() error {
	if p.Reviewers < 0 || p.Reviewers > protection.MostReviewers {
		return fmt.Errorf("reviewers: %d: expected 0 to %d, which is the most that GitHub takes", p.Reviewers, protection.MostReviewers)
	}
	if err := p.Wait.validate(); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	if p.Wait.Length() > protection.MostWaitMinutes*time.Minute {
		return fmt.Errorf("wait: %s: expected 30d at most, which is the most that GitHub takes", string(p.Wait))
	}
	return nil
}

// wants returns what the gate asks of the environment of a stage. A hotfix lane
// shares it with its stage and the other lanes, so all of them say what it lets in.
func (p environmentProtected) wants(terms Terms, defaultBranch string) protection.Wants {
	whole := terms.Stage
	if found, ok := terms.stage(terms.Stage.Name); ok {
		whole = found
	}
	return protection.Wants{
		Environment: terms.Stage.Environment, Rules: append([]stage.Rule{whole.Rule}, whole.Lanes...), DefaultBranch: defaultBranch,
		Reviewers: p.Reviewers, PreventSelfReview: p.PreventSelfReview, WaitMinutes: int(p.Wait.Length() / time.Minute), AdminsBypass: p.AdminsBypass,
	}
}

// EnvironmentWants returns what a check of this gate asks of the environment of a
// stage, without the default branch; ok is false where it is a check of another gate.
func EnvironmentWants(check Check, terms Terms) (wants protection.Wants, ok bool) {
	params, ok := check.Params.(environmentProtected)
	if !ok {
		return protection.Wants{}, false
	}
	return params.wants(terms, ""), true
}

func checkEnvironmentProtected(params environmentProtected, in Input) verdict.Finding {
	name := in.Terms.Stage.Environment
	known := in.Facts.Environments[name]
	env, missing := known.Get()
	if missing != nil {
		return verdict.Lacking("how the environment "+shown(name)+" is protected", missing)
	}
	// Where it is not known what the default branch is called, that is said only where
	// a pattern needs it.
	defaultBranch := ""
	if repository, missing := in.Facts.Repository.Get(); missing == nil {
		defaultBranch = repository.DefaultBranch
	}
	var parts []verdict.Finding
	for _, point := range protection.Compare(env, params.wants(in.Terms, defaultBranch)) {
		parts = append(parts, ofPoint(point))
	}
	finding := together(parts)
	if env.URL != "" {
		finding = finding.See("the environment "+shown(name), env.URL)
	}
	return finding
}

// ofPoint is a finding that says what a point says. Settings can be changed without
// another commit, so whatever is wrong with them lets the run wait.
func ofPoint(point protection.Point) verdict.Finding {
	const mend = " `stageward audit` prints the commands, and tells more about the repository."
	const who = "whoever administers the repository"
	fix := point.Fix + mend
	if point.Limit != "" {
		fix += " " + point.Limit
	}
	switch point.Outcome {
	case verdict.Pass:
		return verdict.Passed(point.Reason)
	case verdict.Fail:
		return verdict.Waits(point.Code, point.Reason).Because(fix, who)
	case verdict.Unknown, verdict.Wait, verdict.Skip, verdict.Waived:
	}
	return verdict.Finding{Outcome: verdict.Unknown, Code: point.Code, Reason: point.Reason}.Because(fix, who)
}
