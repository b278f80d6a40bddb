package gate

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesOther lets another run be deploying to the environment, which began before
// this one; or none.
var supposesOther = Supposing[noOtherDeployment]{
	Noun: "other-deployment", Against: true,
	With: func(_ noOtherDeployment, in Supposed, _ string) error {
		began := in.Written()
		by, run := in.Person(suppose.Author), suppose.Number("another run that deploys")
		url := fmt.Sprintf("https://github.com/%s/actions/runs/%d", in.Facts.Subject.Repository, run)
		other := fact.OpenDeployment{
			ID: suppose.Number("another deployment"), Environment: in.Terms.Stage.Environment, SHA: in.Commit("that another run deploys"),
			Creator: &by, CreatedAt: began, State: "in_progress", Since: began, Began: began, URL: url, RunID: run,
			Run: fact.Of(fact.RunState{ID: run, Status: "in_progress", UpdatedAt: began, StartedAt: began, URL: url}, suppose.Source()),
		}
		in.deploying(func(own []fact.OpenDeployment) []fact.OpenDeployment {
			for _, each := range own {
				other.ID = min(other.ID, max(each.ID-1, 1))
			}
			return append(own, other)
		})
		return nil
	},
	Without: func(_ noOtherDeployment, in Supposed, _ string) error {
		in.deploying(func(own []fact.OpenDeployment) []fact.OpenDeployment { return own })
		return nil
	},
}

// deploying changes what is being deployed, given what this run is deploying.
func (in Supposed) deploying(change func(own []fact.OpenDeployment) []fact.OpenDeployment) {
	environment := in.Terms.Stage.Environment
	known := in.Facts.OpenDeployments[environment]
	suppose.Change(&known, func(all *[]fact.OpenDeployment) {
		own := []fact.OpenDeployment{}
		for _, each := range *all {
			if each.RunID != 0 && each.RunID == in.Facts.Trigger.RunID {
				own = append(own, each)
			}
		}
		*all = change(own)
	})
	in.Facts.OpenDeployments[environment] = known
}
