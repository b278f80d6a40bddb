package cli_test

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/githubtest"
)

func approvalLosses() []loss {
	approved := func(each githubtest.RunReview) bool { return each.State == "" || each.State == "approved" }
	run := func(name string, change func(*githubtest.WorkflowRun) bool) loss {
		return loss{name, func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.WorkflowRuns, approves, change)
		}}
	}
	return []loss{
		run("an approval by hand is gone", drop),
		run("an approval by hand says nothing", func(each *githubtest.WorkflowRun) bool { each.Title = "hello"; return true }),
		run("an approval by hand was a push", func(each *githubtest.WorkflowRun) bool { each.Event = "push"; return true }),
		run("an approval by hand comes from a fork", func(each *githubtest.WorkflowRun) bool { each.HeadRepository = "eve/shop"; return true }),
		run("an approval by hand was started again by somebody else", func(each *githubtest.WorkflowRun) bool {
			each.TriggeringActor, each.Attempt = "github-actions[bot]", 2
			return true
		}),
		{"a review of the environment is gone", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.RunReviews, approved, drop)
		}},
		{"a review of the environment says no", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.RunReviews, approved, func(each *githubtest.RunReview) bool { each.State = "rejected"; return true })
		}},
		{"nobody is in a team", func(t *rapid.T, world *githubtest.World, _ string) bool {
			names := slices.Sorted(maps.Keys(world.Teams))
			if len(names) == 0 {
				return false
			}
			name := rapid.SampledFrom(names).Draw(t, "team")
			world.Teams = maps.Clone(world.Teams)
			world.Teams[name] = githubtest.Team{Parent: world.Teams[name].Parent}
			return true
		}},
	}
}

func paperLosses() []loss {
	release := func(name string, change func(*githubtest.Release) bool) loss {
		return loss{name, func(t *rapid.T, world *githubtest.World, _ string) bool { return one(t, &world.Releases, any1, change) }}
	}
	return []loss{
		release("a release is gone", drop),
		release("a release says nothing", func(each *githubtest.Release) bool { each.Body = ""; return true }),
		release("a release is a draft", func(each *githubtest.Release) bool { each.Draft = true; return true }),
		{"a pull request closes nothing", func(t *rapid.T, world *githubtest.World, _ string) bool {
			return one(t, &world.Pulls, func(each githubtest.Pull) bool { return len(each.Closes) > 0 }, func(each *githubtest.Pull) bool { each.Closes = nil; return true })
		}},
		{"a scan never ran", func(t *rapid.T, world *githubtest.World, commit string) bool {
			return one(t, &world.CodeScanning.Analyses, func(each githubtest.Analysis) bool { return each.Commit == commit }, drop)
		}},
		{"a record of a deployment is gone", func(t *rapid.T, world *githubtest.World, commit string) bool {
			return one(t, &world.Deployments, func(each githubtest.Deployment) bool {
				return each.Commit == commit && len(each.Statuses) > 0 && each.Statuses[len(each.Statuses)-1].State == "success"
			}, func(each *githubtest.Deployment) bool { each.Statuses = nil; return true })
		}},
		{"an environment takes everything", func(t *rapid.T, world *githubtest.World, _ string) bool {
			names := slices.Sorted(maps.Keys(world.Environments))
			if len(names) == 0 {
				return false
			}
			world.Environments = maps.Clone(world.Environments)
			world.Environments[rapid.SampledFrom(names).Draw(t, "environment")] = githubtest.Environment{}
			return true
		}},
		{"the token may not read something", func(t *rapid.T, world *githubtest.World, _ string) bool {
			if world.Token.Admin || world.Token.Permissions != nil {
				return false
			}
			all := []string{"actions", "checks", "contents", "deployments", "issues", "pull-requests", "security-events", "statuses", "vulnerability-alerts"}
			hidden := rapid.SampledFrom(all).Draw(t, "permission")
			world.Token.Permissions = map[string]string{}
			for _, each := range all {
				world.Token.Permissions[each] = "read"
			}
			world.Token.Permissions[hidden] = "none"
			return true
		}},
	}
}

// addedTroubles add what speaks against the commit.
func addedTroubles() []loss {
	soon := 1
	return []loss{
		{"another check fails", func(t *rapid.T, world *githubtest.World, commit string) bool {
			world.Checks = append(slices.Clone(world.Checks), githubtest.Check{
				Commit: commit, Name: rapid.SampledFrom([]string{"new", "tests"}).Draw(t, "name"), App: "another", MinutesAgo: &soon,
				Conclusion: rapid.SampledFrom([]string{"failure", "cancelled", "timed_out", "action_required"}).Draw(t, "conclusion"),
			})
			return true
		}},
		{"a check fails at last", func(t *rapid.T, world *githubtest.World, commit string) bool {
			var again githubtest.Check
			found := one(t, &world.Checks, func(each githubtest.Check) bool {
				return each.Commit == commit && each.RunID != 0 && each.Attempt == 0 && each.Environment == ""
			}, func(each *githubtest.Check) bool { again = *each; return true })
			again.Conclusion, again.Status, again.MinutesAgo = "failure", "", &soon
			if found {
				world.Checks = append(slices.Clone(world.Checks), again)
			}
			return found
		}},
		{"an open blocker", func(t *rapid.T, world *githubtest.World, _ string) bool {
			labels := slices.Clone(world.Labels)
			for _, issue := range world.Issues {
				for _, label := range issue.Labels {
					labels = append(labels, label.Name)
				}
			}
			if len(labels) == 0 {
				return false
			}
			slices.Sort(labels)
			world.Issues = append(slices.Clone(world.Issues), githubtest.Issue{
				Number: 9000 + len(world.Issues), Title: "It burns", Labels: []githubtest.IssueLabel{{Name: rapid.SampledFrom(labels).Draw(t, "label"), By: rapid.SampledFrom(logins(world)).Draw(t, "by")}},
			})
			return true
		}},
		{"an open alert of the scan", func(_ *rapid.T, world *githubtest.World, _ string) bool {
			if len(world.CodeScanning.Analyses) == 0 {
				return false
			}
			world.CodeScanning.Alerts = append(slices.Clone(world.CodeScanning.Alerts), githubtest.CodeAlert{Number: 900 + len(world.CodeScanning.Alerts), Severity: "critical"})
			return true
		}},
		{"an open alert of a dependency", func(_ *rapid.T, world *githubtest.World, _ string) bool {
			world.DependencyAlerts.Alerts = append(slices.Clone(world.DependencyAlerts.Alerts), githubtest.DependencyAlert{Number: 900 + len(world.DependencyAlerts.Alerts), Severity: "critical"})
			return true
		}},
		{"a deployment is on its way", func(t *rapid.T, world *githubtest.World, commit string) bool {
			places := append(slices.Sorted(maps.Keys(world.Environments)), "prod", "production", "staging")
			world.Deployments = append(slices.Clone(world.Deployments), githubtest.Deployment{
				Commit: commit, Environment: rapid.SampledFrom(places).Draw(t, "environment"), MinutesAgo: &soon,
				Statuses: []githubtest.DeploymentStatus{{State: rapid.SampledFrom([]string{"in_progress", "queued", "failure", "inactive", "error"}).Draw(t, "state"), MinutesAgo: &soon}},
			})
			return true
		}},
		{"the branch or tag moves", func(t *rapid.T, world *githubtest.World, commit string) bool {
			var others []string
			for _, each := range world.Commits {
				if each.Name != commit {
					others = append(others, each.Name)
				}
			}
			world.Faults = append(slices.Clone(world.Faults), githubtest.Fault{
				AfterRequest: "POST /graphql", MoveRef: &githubtest.MoveRef{Ref: subjectRef, Commit: rapid.SampledFrom(append(others, "")).Draw(t, "to")},
			})
			return true
		}},
	}
}

// subjectRef stands for the branch or tag that a run is about.
const subjectRef = "refs/the-subject"
