package scaffold

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/order"
)

// Plan is what was found in a repository and what is written into it.
type Plan struct {
	Answers
	// Host is the server that the repository is on, in small letters; "" is github.com.
	Host string
	// RepositoryFrom and BranchFrom say where repository and branch are from;
	// BranchSure is false where the branch is a guess. ChecksGiven is true where a
	// person named the checks.
	RepositoryFrom, BranchFrom string
	BranchSure, ChecksGiven    bool
	Survey                     Survey
	// CodeOwners is the path of the file of code owners, or "". DeployScript is true
	// where there is something to deploy with.
	CodeOwners   string
	DeployScript bool
	// Places are the stages of the policy that is written, in their order.
	Places []Place
}

// Place is a stage with its environment, and the commands that make it.
type Place struct {
	Stage, Environment string
	Commands           []string
}

// Taken says what the files rest on, a line each, with the flag that changes it.
// Lines hold names from the repository and are not inert.
func (p Plan) Taken() []string {
	var stages []string
	for _, each := range p.Places {
		stages = append(stages, each.Stage+" ("+each.Environment+")")
	}
	branch := p.DefaultBranch + ", " + p.BranchFrom
	if !p.BranchSure {
		branch += "; THIS IS A GUESS"
	}
	lines := []string{
		entry("repository", p.Repository+", "+p.RepositoryFrom, "--repo"),
		entry("default branch", branch, "--default-branch"),
		entry("stages", p.Preset+": "+strings.Join(stages, ", "), "--preset"),
	}
	if p.onServer() {
		lines = append(lines, entry("server", p.Host+", taken for a GitHub server that knows the action", ""))
	}
	lines = append(lines, p.checksTaken()...)
	lines = append(lines, p.peopleTaken()...)
	if p.Uses == "" {
		return append(lines, entry("action", "no commit id was given: the workflows have zeros in its place and cannot run yet", "--uses"))
	}
	return append(lines, entry("action", p.Uses, "--uses"))
}

// entry is one line: what it is about, what was taken, and the flag.
func entry(what, taken, flag string) string {
	line := fmt.Sprintf("%-14s  %s", what, taken)
	if flag != "" {
		line += "  [" + flag + "]"
	}
	return line
}

func (p Plan) onServer() bool { return p.Host != "" && p.Host != "github.com" }

func (p Plan) checksTaken() []string {
	var lines []string
	for _, each := range p.Checks {
		lines = append(lines, entry("check", fmt.Sprintf("%s of %s has to pass", each.Name, each.Workflow), "--check"))
	}
	switch {
	case p.OwnChecks && p.TestCommand != "":
		lines = append(lines, entry("check", "no job runs at each push yet: checks.yml gets one that runs `"+p.TestCommand+"`", "--check"))
	case p.OwnChecks:
		lines = append(lines, entry("check", "no job runs at each push yet: checks.yml gets one that FAILS until you put your tests in", "--check"))
	case len(p.Checks) == 0:
		lines = append(lines, entry("check", "all that a commit has, and at least one: no job can be named", "--check"))
	}
	if p.ChecksGiven {
		return lines
	}
	for _, why := range p.Survey.Unnamed {
		lines = append(lines, entry("not named", why, ""))
	}
	return lines
}

func (p Plan) peopleTaken() []string {
	if p.Solo {
		return []string{
			entry("solo", "reviewed is off: nobody reviews their own change", "--solo"),
			entry("solo", "approved is off, and there is no approve.yml: nobody approves their own change", "--solo"),
			entry("solo", "change-approved is off: nobody approves the record of their own change", "--solo"),
		}
	}
	var lines []string
	for _, each := range []struct {
		flag, says string
		people     []string
	}{{"--lead", "before staging, a lead", p.Leads}, {"--qa", "before prod, a tester", p.QA}, {"--owner", "before prod, an owner who did not sign the tag", p.Owners}} {
		who := "whoever may maintain the repository"
		if len(each.people) > 0 {
			who = strings.Join(each.people, ", ")
		}
		lines = append(lines, entry("approval", each.says+": "+who, each.flag))
	}
	lines = append(lines, entry("people", "it takes three: one who writes, and two who approve it for prod", "--solo"))
	if len(p.Leads) == 0 || len(p.QA) == 0 || len(p.Owners) == 0 {
		lines = append(lines, entry("people", "in a repository that a person owns, that person alone may maintain it: then name those who approve", ""))
	}
	return lines
}

// inOrder returns the deploying jobs by file, then by name.
func inOrder(deploys []Deploy) []Deploy {
	sorted := append([]Deploy(nil), deploys...)
	order.By(sorted, func(a, b Deploy) int {
		return strings.Compare(a.Workflow+"\n"+a.Job, b.Workflow+"\n"+b.Job)
	})
	return sorted
}
