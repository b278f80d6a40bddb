package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// DeployedBefore holds when the commit was deployed to the stage before. It is
// what a rollback has to show.
var DeployedBefore = register(Spec[deployedBefore]{
	ID:    "deployed-before",
	Title: "The commit was deployed to this stage before",
	Since: "0.1.0",
	Lane:  verdict.Rollback,
	Fill: func(params deployedBefore, terms Terms) deployedBefore {
		params.DeployedBy = params.DeployedBy.or(terms.Stage.DeployedBy)
		return params
	},
	Defaults: deployedBefore{Record: recordOfEnvironment},
	Validate: func(params deployedBefore, terms Terms) error { return params.proof(terms).validate(terms) },
	Needs:    func(params deployedBefore, terms Terms) []fact.Need { return params.proof(terms).needs() },
	Notes:    func(params deployedBefore, terms Terms) []Note { return params.proof(terms).notes() },
	Suppose:  supposesPast,
	Check:    checkDeployedBefore,
})

type deployedBefore struct {
	DeployedBy deployedBy       `yaml:"deployed-by" doc:"The job that deploys to the stage; what the policy says of the stage where nothing is said."`
	Record     DeploymentRecord `yaml:"record" doc:"What has to stand beside the job: environment, the record that GitHub makes of a job with an environment; stageward, one by the action with command: record; or none."`
}

func (p deployedBefore) proof(terms Terms) deployed {
	return deployed{stage: terms.Stage, by: p.DeployedBy, record: p.Record}
}

// checkDeployedBefore looks for a deployment that succeeded. One that failed
// later does not undo it: it is often the first try of this rollback.
func checkDeployedBefore(params deployedBefore, in Input) verdict.Finding {
	past, lacking := params.proof(in.Terms).read(in)
	if lacking != nil {
		return *lacking
	}
	if len(past.tries) == 0 {
		return past.none()
	}
	var newest verdict.Finding
	for i, each := range past.tries {
		found := past.judge(each)
		if found.Outcome == verdict.Pass {
			found.Reason = fmt.Sprintf("commit %s was on %s before: %s", in.Facts.Subject.SHA.Short(), past.stage.Name, found.Reason)
			return found
		}
		if i == 0 {
			newest = found
		}
	}
	newest.Reason = fmt.Sprintf("no deployment of commit %s to %s counts; the newest: %s", in.Facts.Subject.SHA.Short(), past.stage.Name, newest.Reason)
	return newest
}
