package protection

import (
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

// comparePeople says who looks first, and who can get past that.
func comparePeople(env fact.Environment, wants Wants) []Point {
	var points []Point
	if wants.Reviewers > 0 {
		points = append(points, wants.reviewers(env))
	}
	if wants.Reviewers > 0 && wants.PreventSelfReview {
		points = append(points, wants.selfReview(env))
	}
	if wants.WaitMinutes > 0 {
		points = append(points, wants.wait(env))
	}
	if !wants.AdminsBypass {
		points = append(points, wants.admins(env))
	}
	return points
}

func (w Wants) reviewers(env fact.Environment) Point {
	const toName = "Add reviewers to the environment: people or teams that can read the repository, six at most."
	found, name := countReviewers(env), quote(w.Environment)
	switch {
	case found == 0:
		return fail(Reviewers, NoReviewers, fmt.Sprintf("the environment %s lists no reviewers, so GitHub lets each job in without asking anybody; expected at least %d", name, w.Reviewers),
			toName, w.limit(needsEnterprise))
	case found < w.Reviewers:
		return fail(Reviewers, FewReviewers, fmt.Sprintf("the environment %s lists %s; expected at least %d people or teams", name, listed(found), w.Reviewers),
			toName, w.limit(needsEnterprise))
	}
	return pass(Reviewers, fmt.Sprintf("the environment %s lists %s, of whom one has to approve each job", name, listed(found)))
}

func listed(reviewers int) string {
	if reviewers == 1 {
		return "1 reviewer"
	}
	return fmt.Sprintf("%d reviewers", reviewers)
}

// countReviewers counts those that are listed, each once.
func countReviewers(env fact.Environment) int {
	distinct := map[fact.EnvironmentReviewer]bool{}
	for _, each := range env.Reviewers {
		distinct[fact.EnvironmentReviewer{Kind: each.Kind, ID: each.ID}] = true
	}
	return len(distinct)
}

func (w Wants) selfReview(env fact.Environment) Point {
	name := quote(w.Environment)
	if !env.PreventSelfReview {
		return fail(SelfReview, SelfReviewAllowed, fmt.Sprintf("whoever starts a deployment to the environment %s can approve it; expected that somebody else has to", name),
			"Prevent self-review in the environment.", w.limit(needsEnterprise))
	}
	return pass(SelfReview, fmt.Sprintf("whoever starts a deployment to the environment %s cannot approve it", name))
}

func (w Wants) wait(env fact.Environment) Point {
	name := quote(w.Environment)
	if env.WaitMinutes < w.WaitMinutes {
		return fail(Wait, ShortWait, fmt.Sprintf("the environment %s lets each job wait %d minutes; expected at least %d", name, env.WaitMinutes, w.WaitMinutes),
			"Set the wait timer of the environment.", w.limit(needsEnterprise))
	}
	return pass(Wait, fmt.Sprintf("the environment %s lets each job wait %d minutes", name, env.WaitMinutes))
}

func (w Wants) admins(env fact.Environment) Point {
	name := quote(w.Environment)
	switch {
	case env.AdminsBypass == nil:
		point := unknown(Admins, fact.Incomplete, fmt.Sprintf("GitHub does not say whether administrators can get past the rules of the environment %s", name))
		point.Limit = w.limit(needsEnterprise)
		return point
	case *env.AdminsBypass:
		return fail(Admins, AdminsCanBypass, fmt.Sprintf("administrators can let a job into the environment %s although its rules are not met, as GitHub has it by default; expected that nobody can", name),
			`Take the tick away at "Allow administrators to bypass configured protection rules" in the settings of the environment.`, w.limit(needsEnterprise))
	}
	return pass(Admins, fmt.Sprintf("administrators cannot get past the rules of the environment %s", name))
}
