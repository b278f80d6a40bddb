package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// Promoted holds when the newest deployment of the commit to an earlier stage
// succeeded.
var Promoted = register(Spec[promoted]{
	ID:        "promoted",
	Title:     "The commit succeeded on the stage before",
	Since:     "0.1.0",
	Configure: "promoted: { from: staging }",
	Fill:      func(params promoted, terms Terms) promoted { return params.fill(terms) },
	Defaults:  promoted{Record: recordOfEnvironment},
	Validate:  func(params promoted, terms Terms) error { return params.validate(terms) },
	Needs:     func(params promoted, terms Terms) []fact.Need { return params.proof(terms).needs() },
	Notes:     func(params promoted, terms Terms) []Note { return params.proof(terms).notes() },
	Suppose:   supposesPromotion,
	Check:     checkPromoted,
})

type promoted struct {
	From       string           `yaml:"from" doc:"The name of an earlier stage; the stage before this one where nothing is said."`
	DeployedBy deployedBy       `yaml:"deployed-by" doc:"The job that deploys to that stage; what the policy says there where nothing is said."`
	Record     DeploymentRecord `yaml:"record" doc:"What has to stand beside the job: environment, the record that GitHub makes of a job with an environment; stageward, one by the action with command: record; or none."`
	Soak       Duration         `yaml:"soak" doc:"How long ago the deployment has to have succeeded, such as 30m or 24h."`
	VerifiedBy []verifiedBy     `yaml:"verified-by" doc:"Jobs that have to have succeeded on the commit after it was deployed, such as a smoke test."`
}

type verifiedBy struct {
	Workflow string `yaml:"workflow" doc:"The path of the workflow file, such as .github/workflows/deploy.yml."`
	Job      string `yaml:"job" doc:"The name of the job in it, as GitHub shows it, such as smoke-test."`
}

// fill puts in the stage before and the job that deploys to it.
func (p promoted) fill(terms Terms) promoted {
	own := slices.IndexFunc(terms.Stages, func(each Stage) bool { return each.Name == terms.Stage.Name })
	if p.From == "" && own > 0 {
		p.From = terms.Stages[own-1].Name
	}
	if from, ok := terms.stage(p.From); ok {
		p.DeployedBy = p.DeployedBy.or(from.DeployedBy)
	}
	return p
}

func (p promoted) validate(terms Terms) error {
	at := func(name string) int {
		return slices.IndexFunc(terms.Stages, func(each Stage) bool { return each.Name == name })
	}
	own, from := at(terms.Stage.Name), at(p.From)
	switch {
	case p.From == "":
		return errors.New("from: there is no stage before this one; name an earlier stage, or remove the gate")
	case from < 0:
		return fmt.Errorf("from: there is no stage %q; name an earlier stage", p.From)
	case from == own:
		return fmt.Errorf("from: %q is this stage; name an earlier one", p.From)
	case from > own:
		return fmt.Errorf("from: the stage %q comes later; name an earlier one", p.From)
	}
	if err := p.proof(terms).validate(terms); err != nil {
		return err
	}
	if err := p.Soak.validate(); err != nil {
		return fmt.Errorf("soak: %w", err)
	}
	for i, each := range p.VerifiedBy {
		switch {
		case !workflowPath.MatchString(each.Workflow):
			return fmt.Errorf("verified-by: workflow %q: expected a path such as .github/workflows/deploy.yml", each.Workflow)
		case strings.TrimSpace(each.Job) == "":
			return errors.New("verified-by: job: name the job")
		case slices.Contains(p.VerifiedBy[:i], each):
			return fmt.Errorf("verified-by: the job %q of %s is there twice", each.Job, each.Workflow)
		}
	}
	return nil
}

func (p promoted) proof(terms Terms) deployed {
	from, _ := terms.stage(p.From)
	return deployed{stage: from, by: p.DeployedBy, record: p.Record}
}

// checkPromoted judges the newest deployment of the commit. That an older one
// succeeded does not help: what is there now is what the newest left.
func checkPromoted(params promoted, in Input) verdict.Finding {
	past, lacking := params.proof(in.Terms).read(in)
	if lacking != nil {
		return *lacking
	}
	if len(past.tries) == 0 {
		return past.none()
	}
	newest := past.tries[0]
	found := past.judge(newest)
	if found.Outcome != verdict.Pass {
		found.Reason = fmt.Sprintf("the newest deployment of commit %s to %s does not count: %s", in.Facts.Subject.SHA.Short(), past.stage.Name, found.Reason)
		return found
	}
	parts := []verdict.Finding{found}
	if params.Soak != "" {
		parts = append(parts, params.soaked(in, past.stage.Name, newest.ended()))
	}
	for _, each := range params.VerifiedBy {
		parts = append(parts, past.verified(each, newest.ended()))
	}
	whole := together(parts)
	whole.Warnings = found.Warnings
	if whole.Outcome == verdict.Pass {
		whole.Reason = fmt.Sprintf("commit %s succeeded on %s: %s", in.Facts.Subject.SHA.Short(), past.stage.Name, whole.Reason)
	}
	return whole
}

// soaked holds when the deployment succeeded long enough ago, by the server's
// clock.
func (p promoted) soaked(in Input, stage string, ended time.Time) verdict.Finding {
	now, missing := in.Facts.At.Get()
	age := now.Sub(ended)
	if missing == nil && age < -clockSlack {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("the deployment ended at %s, and it is %s", stamp(ended), stamp(now))}
	}
	if missing != nil {
		return verdict.Lacking("how long the commit has been on "+stage, missing)
	}
	if left := p.Soak.Length() - age; left > 0 {
		return verdict.Waits("soaking", fmt.Sprintf("it has been on %s for %s; %s are asked for, %s left", stage, formatLength(max(age, 0)), p.Soak, formatLength(left))).
			Because(fmt.Sprintf("Run the gate again after %s.", stamp(ended.Add(p.Soak.Length()))), "nobody: time solves it")
	}
	return verdict.Passed(fmt.Sprintf("it has soaked for %s (at least %s)", formatLength(age), p.Soak))
}
