package github

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

func (r *Reader) Deployments(context.Context) fact.Known[[]fact.Deployment] {
	return fact.Known[[]fact.Deployment]{}
}

func (r *Reader) Tip(context.Context, string) fact.Known[fact.Tip] { return fact.Known[fact.Tip]{} }

func (r *Reader) Locks(context.Context, string) fact.Known[[]fact.Lock] {
	return fact.Known[[]fact.Lock]{}
}

func (r *Reader) OpenDeployments(context.Context, string) fact.Known[[]fact.OpenDeployment] {
	return fact.Known[[]fact.OpenDeployment]{}
}

func (r *Reader) LastDeployment(context.Context, fact.JobOf) fact.Known[fact.LastDeployment] {
	return fact.Known[fact.LastDeployment]{}
}
