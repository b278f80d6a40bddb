package gather

import (
	"context"

	"github.com/stageward/stageward/pkg/fact"
)

// Deploying answers what was deployed, what is being deployed, and what keeps
// anything from being deployed.
type Deploying interface {
	// Deployments returns every record of a deployment of the subject's commit.
	Deployments(ctx context.Context) fact.Known[[]fact.Deployment]
	// Tip returns whether the subject's commit was the tip of a branch.
	Tip(ctx context.Context, branch string) fact.Known[fact.Tip]
	// Locks returns the locks that hold for an environment.
	Locks(ctx context.Context, environment string) fact.Known[[]fact.Lock]
	// OpenDeployments returns the deployments to an environment that have not ended.
	OpenDeployments(ctx context.Context, environment string) fact.Known[[]fact.OpenDeployment]
	// LastDeployment returns the newest deployment by a job, of whatever commit.
	LastDeployment(ctx context.Context, by fact.JobOf) fact.Known[fact.LastDeployment]
}

// aboutDeploying returns the questions about deployments.
func (w *wave) aboutDeploying(need fact.Need) []question {
	source := w.source
	switch need.Kind { //nolint:exhaustive // the others are asked elsewhere; TestEveryKindIsAskedFor sees to it
	case fact.NeedDeployments:
		return single(w, need.Kind, func(facts *fact.Set) *fact.Known[[]fact.Deployment] { return &facts.Deployments }, source.Deployments)
	case fact.NeedTip:
		return w.aboutTip(need.Key)
	case fact.NeedLocks:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[[]fact.Lock] { return facts.Locks },
			func(ctx context.Context) fact.Known[[]fact.Lock] { return source.Locks(ctx, need.Key) })
	case fact.NeedOpenDeployments:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[[]fact.OpenDeployment] { return facts.OpenDeployments },
			func(ctx context.Context) fact.Known[[]fact.OpenDeployment] {
				return source.OpenDeployments(ctx, need.Key)
			})
	case fact.NeedLastDeployment:
		return keyed(w, need.Kind, need.Key, func(facts *fact.Set) map[string]fact.Known[fact.LastDeployment] { return facts.LastDeployments },
			func(ctx context.Context) fact.Known[fact.LastDeployment] {
				by, err := fact.ParseJobOf(need.Key)
				if err != nil {
					return fact.Lost[fact.LastDeployment](fact.Missing{Reason: fact.Inconsistent, Detail: err.Error()})
				}
				return source.LastDeployment(ctx, by)
			})
	}
	return nil
}

// aboutTip asks about a branch by the name that the need has for it.
func (w *wave) aboutTip(key string) []question {
	branch := key
	if key == DefaultBranch {
		branch = w.facts.Repository.OrZero().DefaultBranch
	}
	if branch == "" {
		return nil
	}
	return keyed(w, fact.NeedTip, key, func(facts *fact.Set) map[string]fact.Known[fact.Tip] { return facts.Tips },
		func(ctx context.Context) fact.Known[fact.Tip] { return w.source.Tip(ctx, branch) })
}
