package cli_test

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/githubtest"
)

// loss makes a world worse for a commit: it takes away what speaks for it, or adds
// what speaks against it. It reports whether there was something to change, and
// changes nothing that it shares with other worlds.
type loss struct {
	name  string
	apply func(t *rapid.T, world *githubtest.World, commit string) bool
}

// losses are the ways in which a world gets worse. What is of other commits stays
// as it is: an older deployment that is gone can make another one the last.
func losses() []loss {
	return slices.Concat(reviewLosses(), checkLosses(), signatureLosses(), approvalLosses(), paperLosses(), addedTroubles())
}

// one draws an entry of a list that a loss can be about and puts a changed copy in
// its place; a change that returns false takes the entry out.
func one[T any](t *rapid.T, list *[]T, fits func(T) bool, change func(*T) bool) bool {
	var at []int
	for i, each := range *list {
		if fits(each) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return false
	}
	i := rapid.SampledFrom(at).Draw(t, "which")
	*list = slices.Clone(*list)
	if !change(&(*list)[i]) {
		*list = slices.Delete(*list, i, i+1)
	}
	return true
}

func drop[T any](*T) bool { return false }

func any1[T any](T) bool { return true }

// ofReviews changes a review that approves.
func ofReviews(name string, change func(*githubtest.Review) bool) loss {
	return loss{name, func(t *rapid.T, world *githubtest.World, _ string) bool {
		approves := func(each githubtest.Review) bool { return each.State == "APPROVED" }
		return one(t, &world.Pulls, func(each githubtest.Pull) bool { return slices.ContainsFunc(each.Reviews, approves) }, func(pull *githubtest.Pull) bool {
			return one(t, &pull.Reviews, approves, change)
		})
	}}
}

func reviewLosses() []loss {
	soon := 1
	state := func(state string) loss {
		return ofReviews("an approval becomes "+state, func(review *githubtest.Review) bool { review.State = state; return true })
	}
	merged := func(each githubtest.Pull) bool { return each.MergeCommit != "" }
	return []loss{
		ofReviews("an approval is gone", drop), state("COMMENTED"), state("DISMISSED"), state("CHANGES_REQUESTED"),
		ofReviews("an approval is by an account that is gone", func(review *githubtest.Review) bool { review.By = ""; return true }),
		{"a push after the approvals", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Pulls, merged, func(pull *githubtest.Pull) bool { pull.HeadForced = &soon; return true })
		}},
		{"an approval before the push", func(t *rapid.T, world *githubtest.World, _ string) bool {
			early, later := 120, 110
			return one(t, &world.Pulls, func(each githubtest.Pull) bool { return merged(each) && len(each.Reviews) > 0 }, func(pull *githubtest.Pull) bool {
				pull.HeadForced, pull.Reviews = &later, slices.Clone(pull.Reviews)
				for i := range pull.Reviews {
					pull.Reviews[i].MinutesAgo = &early
				}
				return true
			})
		}},
		{"the author approved it alone", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Pulls, func(each githubtest.Pull) bool { return len(each.Reviews) > 0 }, func(pull *githubtest.Pull) bool {
				pull.Reviews = []githubtest.Review{{By: pull.Author, State: "APPROVED"}}
				return true
			})
		}},
		{"somebody asks for changes", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Pulls, any1, func(pull *githubtest.Pull) bool {
				pull.Reviews = append(slices.Clone(pull.Reviews), githubtest.Review{By: rapid.SampledFrom(logins(world)).Draw(t, "who"), State: "CHANGES_REQUESTED", MinutesAgo: &soon})
				return true
			})
		}},
		{"a pull request is gone", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Pulls, func(each githubtest.Pull) bool { return merged(each) && len(each.Closes) == 0 }, drop)
		}},
	}
}

func logins(world *githubtest.World) []string {
	var all []string
	for login := range world.People {
		all = append(all, login)
	}
	slices.Sort(all)
	return append(all, "github-actions[bot]")
}

// ofChecks changes a check of the commit that succeeded.
func ofChecks(name string, change func(*githubtest.Check) bool) loss {
	return loss{name, func(t *rapid.T, world *githubtest.World, commit string) bool {
		good := func(each githubtest.Check) bool {
			return each.Commit == commit && each.Status == "" && (each.Conclusion == "" || each.Conclusion == "success")
		}
		return one(t, &world.Checks, good, change)
	}}
}

func checkLosses() []loss {
	all := []loss{
		ofChecks("a check is gone", drop),
		ofChecks("a check is another app's", func(check *githubtest.Check) bool {
			check.App, check.Workflow, check.RunID, check.Environment = "other", "", 0, ""
			return true
		}),
		ofChecks("a check is posted by a token", func(check *githubtest.Check) bool { check.Posted = true; return true }),
		{"a check is of a workflow that a pull request brought", func(t *rapid.T, world *githubtest.World, commit string) bool {
			return ofChecks("", func(check *githubtest.Check) bool { check.Event = "pull_request"; return true }).apply(t, world, commit)
		}},
		{"a check runs", func(t *rapid.T, world *githubtest.World, commit string) bool {
			return ofChecks("", func(check *githubtest.Check) bool { check.Status, check.Conclusion = "in_progress", ""; return true }).apply(t, world, commit)
		}},
	}
	for _, conclusion := range []string{"failure", "cancelled", "timed_out", "action_required", "neutral", "skipped"} {
		all = append(all, ofChecks("a check ends with "+conclusion, func(check *githubtest.Check) bool { check.Conclusion = conclusion; return true }))
	}
	return append(all, loss{"a status fails", func(t *rapid.T, world *githubtest.World, commit string) bool {
		return one(t, &world.Statuses, func(each githubtest.Status) bool { return each.Commit == commit }, func(status *githubtest.Status) bool {
			status.State = rapid.SampledFrom([]string{"failure", "error", "pending"}).Draw(t, "state")
			return true
		})
	}})
}

func signatureLosses() []loss {
	signed := func(each githubtest.Commit) bool { return each.Signed != "" }
	tagged := func(each githubtest.Tag) bool { return each.Signed != "" }
	return []loss{
		{"a commit is not signed", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Commits, signed, func(each *githubtest.Commit) bool { each.Signed, each.Verification = "", nil; return true })
		}},
		{"a commit is not what was signed", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Commits, signed, func(each *githubtest.Commit) bool { each.Payload = "tampered"; return true })
		}},
		{"a tag is not signed", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Tags, tagged, func(each *githubtest.Tag) bool {
				each.By, each.Signed, each.Verification = each.Signed, "", nil
				return true
			})
		}},
		{"a tag is not what was signed", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Tags, tagged, func(each *githubtest.Tag) bool { each.Payload = "tampered"; return true })
		}},
		ofPerson("a key is gone from an account", func(each *githubtest.Person) { each.Key = "unregistered" }, func(each githubtest.Person) bool { return each.Key != "" && len(each.Keys) == 0 }),
		ofPerson("somebody is nobody any more", func(each *githubtest.Person) { each.Permission, each.Role = "none", "" }, any1),
		ofPerson("somebody may only read", func(each *githubtest.Person) { each.Permission, each.Role = "read", "" }, func(each githubtest.Person) bool { return each.Permission != "" && each.Permission != "none" }),
	}
}

// ofPerson changes an account of somebody who never said no: that it counts less
// then is no loss.
func ofPerson(name string, change func(*githubtest.Person), fits func(githubtest.Person) bool) loss {
	return loss{name, func(t *rapid.T, world *githubtest.World, _ string) bool {
		var who []string
		for _, login := range logins(world) {
			if each, ok := world.People[login]; ok && fits(each) && !saidNo(world, login) {
				who = append(who, login)
			}
		}
		if len(who) == 0 {
			return false
		}
		login := rapid.SampledFrom(who).Draw(t, "who")
		people := map[string]githubtest.Person{}
		for each, person := range world.People {
			if each == login {
				change(&person)
			}
			people[each] = person
		}
		world.People = people
		return true
	}}
}

func saidNo(world *githubtest.World, login string) bool {
	no := false
	for _, pull := range world.Pulls {
		for _, review := range pull.Reviews {
			no = no || review.By == login && review.State != "APPROVED"
		}
	}
	for _, run := range world.WorkflowRuns {
		no = no || (run.Actor == login || run.TriggeringActor == login) && !approves(run)
	}
	for _, review := range world.RunReviews {
		no = no || review.User == login && review.State != "" && review.State != "approved"
	}
	for _, issue := range world.Issues {
		for _, label := range issue.Labels {
			no = no || label.By == login
		}
	}
	return no
}

func approves(run githubtest.WorkflowRun) bool {
	return strings.HasPrefix(strings.ToLower(run.Title), "approve")
}
