package scale

import (
	"fmt"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/githubtest"
)

// The references of every world here. Candidate is there with four stages only.
const (
	Dev       = "refs/heads/dev"
	Main      = "refs/heads/main"
	Tag       = "refs/tags/v1.4.0"
	Candidate = "refs/tags/v1.4.0-rc.1"
)

// Size says how much there is in a world beside what makes it pass. Zero is
// none of it.
type Size struct {
	Checks int // check runs of the released commit, jobs of one workflow run
	// Failing says that all of Checks failed.
	Failing bool
	Reviews int // approvals of the pull request, beside the first
	Patches int // commits of the pull request, beside the last
	// Commits are those since the last deployment to staging, each without a pull
	// request. With them the policy asks for all their signatures.
	Commits int
	// Unsigned says that nobody signed Commits, but for the last.
	Unsigned bool
	Tags     int // older releases
	// Long makes names as long as GitHub takes them.
	Long bool
	// FourStages says that the policy is the preset of four stages.
	FourStages bool
}

// since is the policy of a world with Commits, four that of one with four stages.
const (
	since = `version: 1
preset: three-stage
stages:
  - name: staging
    gates:
      signed-commit:
        by: maintainers
        commits: since-deployment
        deployed-by: { workflow: .github/workflows/deploy.yml, job: deploy-staging }
      reviewed: { mode: off }
`
	four = "version: 1\npreset: four-stage\n"
)

const (
	continuous = ".github/workflows/ci.yml"
	deploying  = ".github/workflows/deploy.yml"
)

// World returns a repository whose tag v1.4.0 may go to production and whose
// default branch may go to staging, or to test where there are four stages. Its
// pages are as long as GitHub's.
func World(size Size) githubtest.World {
	made := githubtest.World{
		Repository: "acme/shop", PageSize: 100, Time: time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC),
		People: map[string]githubtest.Person{
			"olga": {Permission: "maintain", Key: "ssh"}, "ben": {Permission: "write"}, "cleo": {Permission: "write"},
		},
		Commits: []githubtest.Commit{{Name: "start", By: "olga", Signed: "olga"}},
		Tags:    []githubtest.Tag{{Name: "v1.4.0", Commit: "merge", Annotated: true, Signed: "olga"}},
	}
	if size.Commits > 0 {
		size.addCommits(&made)
	} else {
		size.addPull(&made)
	}
	size.addChecks(&made)
	if size.FourStages {
		made.Commits[0].Files = policy(four)
		made.Tags = append(made.Tags, githubtest.Tag{Name: "v1.4.0-rc.1", Commit: "merge", Annotated: true, Signed: "olga"})
		made.Checks = append(made.Checks, githubtest.Check{Commit: "merge", Name: "deploy-test", Workflow: deploying, RunID: 79, Environment: "test"})
		made.WorkflowRuns = append(made.WorkflowRuns, githubtest.WorkflowRun{Commit: "merge", Workflow: deploying, RunID: 80, Branch: "v1.4.0-rc.1"})
	}
	for i := range size.Tags {
		made.Tags = append(made.Tags, githubtest.Tag{Name: fmt.Sprintf("v1.3.%d", i), Commit: "start"})
	}
	return made
}

func policy(text string) map[string]*githubtest.File {
	return map[string]*githubtest.File{".github/stageward.yml": {Text: text}}
}

// addCommits puts all commits on one line, behind one that was deployed.
func (s Size) addCommits(made *githubtest.World) {
	made.Commits[0].Files = policy(since)
	made.Checks = append(made.Checks, githubtest.Check{Commit: "start", Name: "deploy-staging", Workflow: deploying, RunID: 60, Environment: "staging"})
	for i := range s.Commits - 1 {
		step := githubtest.Commit{Name: s.long(fmt.Sprintf("step %d", i)), By: "olga", Signed: "olga"}
		if s.Unsigned {
			step.Signed = ""
		}
		made.Commits = append(made.Commits, step)
	}
	made.Commits = append(made.Commits, githubtest.Commit{Name: "merge", By: "olga", Signed: "olga"})
}

// addPull adds a change that was reviewed and merged.
func (s Size) addPull(made *githubtest.World) {
	pull := githubtest.Pull{Number: 7, Author: "ben", MergedBy: "olga", MergeCommit: "merge"}
	for i := range s.Patches + 1 {
		name := fmt.Sprintf("patch%d", i)
		if i == s.Patches {
			name = "change"
		}
		made.Commits = append(made.Commits, githubtest.Commit{Name: name, Branch: "dev", By: "ben"})
		pull.Commits = append(pull.Commits, name)
	}
	made.Commits = append(made.Commits, githubtest.Commit{Name: "merge", By: "olga", Signed: "github", Parents: []string{"start", "change"}})
	for range s.Reviews + 1 {
		pull.Reviews = append(pull.Reviews, githubtest.Review{By: "cleo", State: "APPROVED"})
	}
	made.Pulls = append(made.Pulls, pull)
}

// addChecks adds the tests, and the job that deployed to staging, unless there
// are Commits: to a commit that was deployed nothing is new.
func (s Size) addChecks(made *githubtest.World) {
	if s.Commits == 0 {
		made.Checks = append(made.Checks, githubtest.Check{Commit: "merge", Name: "deploy-staging", Workflow: deploying, RunID: 80, Environment: "staging"})
	}
	for i := range s.Checks {
		check := githubtest.Check{Commit: "merge", Name: s.long(fmt.Sprintf("tests %d", i)), Workflow: continuous, RunID: 70}
		if s.Failing {
			check.Conclusion = "failure"
		}
		made.Checks = append(made.Checks, check)
	}
}

// long fills a name up to 200 characters where it is to be long.
func (s Size) long(name string) string {
	const longest = 200
	if !s.Long {
		return name
	}
	return name + " " + strings.Repeat("é", longest-1-len(name))
}
