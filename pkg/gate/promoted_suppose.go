package gate

import (
	"slices"
	"time"

	"github.com/stageward/stageward/pkg/suppose"
)

// supposesPromotion lets the commit have succeeded on the stage before, long enough
// ago, and the jobs have verified it there. Its parts are those jobs.
var supposesPromotion = Supposing[promoted]{
	Noun: "promotion",
	Parts: func(params promoted, _ Terms) []string {
		var jobs []string
		for _, each := range params.VerifiedBy {
			jobs = append(jobs, each.Job)
		}
		slices.Sort(jobs)
		return slices.Compact(jobs)
	},
	With: promoted.suppose,
	Without: func(params promoted, in Supposed, part string) error {
		if part == "" {
			params.proof(in.Terms).undeploy(in)
		}
		for _, each := range params.VerifiedBy {
			if part == "" || part == each.Job {
				in.dropJobs(each.Workflow, each.Job)
			}
		}
		return nil
	},
}

func (p promoted) suppose(in Supposed, part string) error {
	proof := p.proof(in.Terms)
	branch, err := proof.place(in)
	if err != nil {
		return err
	}
	if err := in.timed(); err != nil {
		return err
	}
	ended := in.Written().Add(supposedDeployAfter + supposedDeployTook)
	if part == "" {
		if ended, err = proof.deploy(in); err != nil {
			return err
		}
		in.WaitUntil(ended.Add(p.Soak.Length()))
	} else if past, lacking := proof.read(in.input()); lacking == nil && len(past.tries) > 0 {
		ended = past.tries[0].ended()
	}
	for _, each := range p.VerifiedBy {
		if part == "" || part == each.Job {
			in.dropJobs(each.Workflow, each.Job)
			in.AddJob(suppose.Job{Workflow: each.Workflow, Name: each.Job, Branch: branch, Started: ended.Add(time.Minute), Took: time.Minute})
		}
	}
	return nil
}
