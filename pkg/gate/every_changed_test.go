package gate_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
)

// worse loses some of the facts, each for itself.
func worse(t *rapid.T, facts fact.Set) fact.Set {
	lost := fact.Missing{Reason: fact.Unavailable, Detail: "HTTP 502"}
	loses := func(what string) bool { return rapid.Bool().Draw(t, "lose "+what) }
	if loses("commit") {
		facts.Commit = fact.Lost[fact.Commit](lost)
	}
	if loses("tag") {
		facts.Tag = fact.Lost[fact.Tag](lost)
	}
	if loses("checks") {
		facts.Checks = fact.Lost[fact.Checks](lost)
	}
	if loses("repository") {
		facts.Repository = fact.Lost[fact.Repository](lost)
	}
	if loses("ref target") {
		facts.RefTarget = fact.Lost[fact.RefTarget](lost)
	}
	if checks, missing := facts.Checks.Get(); missing == nil {
		checks.Workflows = slices.Clone(checks.Workflows)
		for i := range checks.Workflows {
			if loses("jobs") {
				checks.Workflows[i].Jobs = fact.Lost[[]fact.Job](lost)
			}
			if loses("the file of a workflow run") {
				checks.Workflows[i].Workflow = ""
			}
			if loses("when a workflow run was created") {
				checks.Workflows[i].CreatedAt = time.Time{}
			}
		}
		facts.Checks = fact.Of(checks, facts.Checks.Source())
	}
	facts.Containment = worseMap(facts.Containment, loses)
	facts.Access = worseMap(facts.Access, loses)
	facts.Keys = worseMap(facts.Keys, loses)
	facts.Files = worseMap(facts.Files, loses)
	facts.Ranges = worseMap(facts.Ranges, loses)
	facts.ApprovalRuns = worseMap(facts.ApprovalRuns, loses)
	facts.Teams = worseMap(facts.Teams, loses)
	facts.OpenIssues = worseMap(facts.OpenIssues, loses)
	facts.Milestones = worseMap(facts.Milestones, loses)
	facts.PullPapers = worseMap(facts.PullPapers, loses)
	facts.Ownership = worseMap(facts.Ownership, loses)
	facts = worseScans(facts, lost, loses)
	if loses("reviews of the run") {
		facts.RunReviews = fact.Lost[[]fact.RunReview](lost)
	}
	facts.Sources = worseMap(facts.Sources, loses)
	if loses("versions") {
		facts.Versions = fact.Lost[[]fact.VersionTag](lost)
	}
	if loses("release") {
		facts.Release = fact.Lost[fact.Release](lost)
	}
	if loses("time") {
		facts.At = fact.Lost[time.Time](lost)
	}
	if loses("pulls") {
		facts.Pulls = fact.Lost[[]fact.Pull](lost)
	}
	facts.Pulls = over(facts.Pulls, func(pulls []fact.Pull) []fact.Pull { return worsePulls(pulls, lost, loses) })
	facts = worseDeployments(facts, lost, loses)
	facts.RangeReviews = worseMap(facts.RangeReviews, loses)
	for _, key := range slices.Sorted(maps.Keys(facts.RangeReviews)) {
		if reviews, missing := facts.RangeReviews[key].Get(); missing == nil {
			reviews.Pulls = worsePulls(reviews.Pulls, lost, loses)
			if loses("rewrites") {
				reviews.Rewrites = fact.Lost[[]fact.Rewrite](lost)
			}
			facts.RangeReviews[key] = fact.Of(reviews, facts.RangeReviews[key].Source())
		}
	}
	return facts
}

// worseDeployments loses what is known of deployments.
func worseDeployments(facts fact.Set, lost fact.Missing, loses func(what string) bool) fact.Set {
	if loses("deployments") {
		facts.Deployments = fact.Lost[[]fact.Deployment](lost)
	}
	facts.Tips = worseMap(facts.Tips, loses)
	facts.Locks = worseMap(facts.Locks, loses)
	facts.OpenDeployments = worseMap(facts.OpenDeployments, loses)
	for _, environment := range slices.Sorted(maps.Keys(facts.OpenDeployments)) {
		facts.OpenDeployments[environment] = over(facts.OpenDeployments[environment], func(list []fact.OpenDeployment) []fact.OpenDeployment {
			list = slices.Clone(list)
			for i := range list {
				if loses("the run of a deployment") {
					list[i].Run = fact.Lost[fact.RunState](lost)
				}
			}
			return list
		})
	}
	facts.LastDeployments = worseMap(facts.LastDeployments, loses)
	facts.Environments = worseMap(facts.Environments, loses)
	for _, name := range slices.Sorted(maps.Keys(facts.Environments)) {
		if environment, missing := facts.Environments[name].Get(); missing == nil && loses("whether administrators get past") {
			environment.AdminsBypass = nil
			facts.Environments[name] = fact.Of(environment, facts.Environments[name].Source())
		}
	}
	return facts
}

// worsePulls loses parts of pull requests.
func worsePulls(pulls []fact.Pull, lost fact.Missing, loses func(what string) bool) []fact.Pull {
	pulls = slices.Clone(pulls)
	for i := range pulls {
		if loses("reviews") {
			pulls[i].Reviews = fact.Lost[[]fact.Review](lost)
		}
		if loses("commits of a pull") {
			pulls[i].Commits = fact.Lost[[]fact.PullCommit](lost)
		}
		if loses("head moved") {
			pulls[i].HeadMovedAt = fact.Lost[time.Time](lost)
		}
	}
	return pulls
}

func worseMap[T any](facts map[string]fact.Known[T], loses func(what string) bool) map[string]fact.Known[T] {
	kept := maps.Clone(facts)
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		if loses(key) {
			delete(kept, key)
		}
	}
	return kept
}

// ignoresOrder shuffles every list and repeats its entries: nothing of the
// finding may change.
func ignoresOrder(t *testing.T, each gate.Gate) {
	for _, row := range table[each.ID] {
		check := bind(t, each.ID, row)
		want := check.Ask(row.facts, row.terms())
		if diff := cmp.Diff(want, check.Ask(row.facts, row.terms())); diff != "" {
			t.Fatalf("%s: asked twice it says two things:\n%s", row.name, diff)
		}
		rapid.Check(t, func(t *rapid.T) {
			facts := rearranged(row.facts, func(length int) []int {
				order := make([]int, 0, 2*length)
				for i := range 2 * length {
					order = append(order, i%length)
				}
				return rapid.Permutation(order).Draw(t, "order")
			})
			if diff := cmp.Diff(want, check.Ask(facts, row.terms())); diff != "" {
				t.Fatalf("%s: order or repetition changed the finding:\n%s", row.name, diff)
			}
		})
	}
}

// rearranged rebuilds every list of the facts from the entries that order
// names, given the length of the list.
func rearranged(facts fact.Set, order func(length int) []int) fact.Set {
	if checks, missing := facts.Checks.Get(); missing == nil {
		checks.Workflows = slices.Clone(checks.Workflows)
		for i := range checks.Workflows {
			checks.Workflows[i].Jobs = over(checks.Workflows[i].Jobs, func(list []fact.Job) []fact.Job { return pick(list, order) })
		}
		checks.Runs, checks.Statuses, checks.Workflows = pick(checks.Runs, order), pick(checks.Statuses, order), pick(checks.Workflows, order)
		facts.Checks = fact.Of(checks, facts.Checks.Source())
	}
	for _, key := range slices.Sorted(maps.Keys(facts.Ranges)) {
		if span, missing := facts.Ranges[key].Get(); missing == nil {
			facts.Ranges = maps.Clone(facts.Ranges)
			span.Commits = pick(span.Commits, order)
			facts.Ranges[key] = fact.Of(span, facts.Ranges[key].Source())
		}
	}
	facts.Versions = over(facts.Versions, func(list []fact.VersionTag) []fact.VersionTag { return pick(list, order) })
	facts = rearrangedScans(facts, order)
	facts.RunReviews = over(facts.RunReviews, func(list []fact.RunReview) []fact.RunReview { return pick(list, order) })
	for _, path := range slices.Sorted(maps.Keys(facts.ApprovalRuns)) {
		facts.ApprovalRuns = maps.Clone(facts.ApprovalRuns)
		facts.ApprovalRuns[path] = over(facts.ApprovalRuns[path], func(list []fact.ApprovalRun) []fact.ApprovalRun { return pick(list, order) })
	}
	for _, login := range slices.Sorted(maps.Keys(facts.Keys)) {
		if listed, missing := facts.Keys[login].Get(); missing == nil {
			facts.Keys = maps.Clone(facts.Keys)
			listed.Keys = pick(listed.Keys, order)
			facts.Keys[login] = fact.Of(listed, facts.Keys[login].Source())
		}
	}
	facts = rearrangedIssues(facts, order)
	facts = rearrangedDeployments(facts, order)
	facts.Ownership = maps.Clone(facts.Ownership)
	for _, key := range slices.Sorted(maps.Keys(facts.Ownership)) {
		if owned, missing := facts.Ownership[key].Get(); missing == nil {
			owned.Files = pick(owned.Files, order)
			facts.Ownership[key] = fact.Of(owned, facts.Ownership[key].Source())
		}
	}
	facts.Pulls = over(facts.Pulls, func(pulls []fact.Pull) []fact.Pull { return rearrangedPulls(pulls, order) })
	for _, key := range slices.Sorted(maps.Keys(facts.RangeReviews)) {
		if reviews, missing := facts.RangeReviews[key].Get(); missing == nil {
			facts.RangeReviews = maps.Clone(facts.RangeReviews)
			reviews.Pulls = rearrangedPulls(reviews.Pulls, order)
			reviews.Rewrites = over(reviews.Rewrites, func(list []fact.Rewrite) []fact.Rewrite { return pick(list, order) })
			facts.RangeReviews[key] = fact.Of(reviews, facts.RangeReviews[key].Source())
		}
	}
	return facts
}

// rearrangedDeployments rebuilds the lists of deployments, of their statuses, and
// of jobs.
func rearrangedDeployments(facts fact.Set, order func(length int) []int) fact.Set {
	facts.Deployments = over(facts.Deployments, func(list []fact.Deployment) []fact.Deployment {
		list = slices.Clone(list)
		for i := range list {
			list[i].Statuses = pick(list[i].Statuses, order)
		}
		return pick(list, order)
	})
	facts.Locks, facts.OpenDeployments = maps.Clone(facts.Locks), maps.Clone(facts.OpenDeployments)
	for _, environment := range slices.Sorted(maps.Keys(facts.Locks)) {
		facts.Locks[environment] = over(facts.Locks[environment], func(list []fact.Lock) []fact.Lock { return pick(list, order) })
	}
	for _, environment := range slices.Sorted(maps.Keys(facts.OpenDeployments)) {
		facts.OpenDeployments[environment] = over(facts.OpenDeployments[environment], func(list []fact.OpenDeployment) []fact.OpenDeployment { return pick(list, order) })
	}
	facts.Environments = maps.Clone(facts.Environments)
	for _, name := range slices.Sorted(maps.Keys(facts.Environments)) {
		if environment, missing := facts.Environments[name].Get(); missing == nil {
			environment.Reviewers, environment.Patterns = pick(environment.Reviewers, order), pick(environment.Patterns, order)
			facts.Environments[name] = fact.Of(environment, facts.Environments[name].Source())
		}
	}
	return facts
}

func rearrangedPulls(pulls []fact.Pull, order func(length int) []int) []fact.Pull {
	pulls = slices.Clone(pulls)
	for i := range pulls {
		pulls[i].Commits = over(pulls[i].Commits, func(list []fact.PullCommit) []fact.PullCommit { return pick(list, order) })
		pulls[i].Reviews = over(pulls[i].Reviews, func(list []fact.Review) []fact.Review { return pick(list, order) })
	}
	return pick(pulls, order)
}

// rearrangedIssues rebuilds the lists of issues, and of their labels.
func rearrangedIssues(facts fact.Set, order func(length int) []int) fact.Set {
	facts.PullPapers, facts.OpenIssues, facts.Milestones = maps.Clone(facts.PullPapers), maps.Clone(facts.OpenIssues), maps.Clone(facts.Milestones)
	for _, key := range slices.Sorted(maps.Keys(facts.PullPapers)) {
		if papers, missing := facts.PullPapers[key].Get(); missing == nil {
			papers.Issues = slices.Clone(papers.Issues)
			for i := range papers.Issues {
				papers.Issues[i].Labels = pick(papers.Issues[i].Labels, order)
			}
			papers.Issues = pick(papers.Issues, order)
			facts.PullPapers[key] = fact.Of(papers, facts.PullPapers[key].Source())
		}
	}
	for _, label := range slices.Sorted(maps.Keys(facts.OpenIssues)) {
		if open, missing := facts.OpenIssues[label].Get(); missing == nil {
			open.Newest = pick(open.Newest, order)
			facts.OpenIssues[label] = fact.Of(open, facts.OpenIssues[label].Source())
		}
	}
	for _, title := range slices.Sorted(maps.Keys(facts.Milestones)) {
		if milestone, missing := facts.Milestones[title].Get(); missing == nil {
			milestone.Newest = pick(milestone.Newest, order)
			facts.Milestones[title] = fact.Of(milestone, facts.Milestones[title].Source())
		}
	}
	return facts
}

// over changes a list that is known.
func over[T any](known fact.Known[[]T], change func([]T) []T) fact.Known[[]T] {
	list, missing := known.Get()
	if missing != nil {
		return known
	}
	return fact.Of(change(list), known.Source())
}

func pick[T any](list []T, order func(length int) []int) []T {
	var picked []T
	if len(list) > 0 {
		for _, index := range order(len(list)) {
			picked = append(picked, list[index])
		}
	}
	return picked
}
