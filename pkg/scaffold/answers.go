package scaffold

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/lazy"
)

// Answers are what the files depend on.
type Answers struct {
	// Preset is three-stage or four-stage.
	Preset string
	// Solo is true where one person alone looks after the repository: nothing is
	// asked that takes a second one.
	Solo bool
	// Repository is owner/name, DefaultBranch the name of a branch.
	Repository, DefaultBranch string
	// Uses is the action with a full commit id, or "" where none is known yet.
	Uses string
	// Leads, QA and Owners are logins, or teams as organisation/team; none stands for
	// whoever may maintain the repository.
	Leads, QA, Owners []string
	// Checks have to be among those of a commit.
	Checks []Check
	// OwnChecks is true where the repository has no checks: they get a workflow, which
	// the one that deploys calls. TestCommand is what its job runs, or "".
	OwnChecks   bool
	TestCommand string
	// Environments are the GitHub environments of stages, where they are not the
	// preset's.
	Environments map[string]string
}

// Check is a job of a workflow that shows that a commit is fine.
type Check struct {
	// Name is the job's name as GitHub shows it, Workflow the path of its file.
	Name, Workflow string
}

// Presets returns the names of the presets, the one with fewest stages first.
func Presets() []string { return []string{"three-stage", "four-stage"} }

// unset is what a workflow uses until somebody puts a commit id into it. GitHub
// finds no such commit, so nothing runs by accident.
const unset = "stageward/stageward@0000000000000000000000000000000000000000 # <full commit id>"

var (
	repositoryForm  = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}$`)
	branchForm      = lazy.New(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$`)
	usesForm        = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}(/[A-Za-z0-9._-]+)*@[0-9a-f]{40}$`)
	loginForm       = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	teamForm        = lazy.New(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	checkForm       = lazy.New(`^[A-Za-z0-9_]([A-Za-z0-9_ ./()&+,:-]{0,98}[A-Za-z0-9_)])?$`)
	workflowForm    = lazy.New(`^\.github/workflows/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.ya?ml$`)
	environmentForm = lazy.New(`^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,98}[A-Za-z0-9_])?$`)
)

// IsRepository reports whether text is owner/name as GitHub lets people choose it.
func IsRepository(text string) bool {
	return repositoryForm.MatchString(text) && !slices.Contains([]string{".", ".."}, path.Base(text))
}

// IsBranch reports whether text is the name of a branch that can stand in a
// workflow as it is: git allows signs there that mean something to GitHub.
func IsBranch(text string) bool {
	return len(text) <= 200 && branchForm.MatchString(text) && !strings.Contains(text, "..") && !strings.HasSuffix(text, ".") &&
		!slices.ContainsFunc(strings.Split(text, "/"), func(part string) bool { return strings.HasSuffix(part, ".lock") })
}

// IsCheck reports whether a check can be named in a policy as it is.
func IsCheck(each Check) bool {
	return checkForm.MatchString(each.Name) && workflowForm.MatchString(each.Workflow)
}

// Check returns an error for answers of which no files can be made, with what to
// give instead.
func (a Answers) Check() error {
	switch {
	case !slices.Contains(Presets(), a.Preset):
		return fmt.Errorf("--preset %q: expected one of %s", a.Preset, strings.Join(Presets(), ", "))
	case !IsRepository(a.Repository):
		return fmt.Errorf("--repo %q: expected owner/name", a.Repository)
	case !IsBranch(a.DefaultBranch):
		return fmt.Errorf("--default-branch %q: expected the name of a branch, of letters, digits and . _ - /; for another write the files by hand, from https://github.com/stageward/stageward/tree/main/examples", a.DefaultBranch)
	case a.Uses != "" && !usesForm.MatchString(a.Uses):
		return fmt.Errorf("--uses %q: expected owner/name@ and a full commit id, 40 hexadecimal digits: a tag or a branch can be moved", a.Uses)
	case a.Solo && len(a.Leads)+len(a.QA)+len(a.Owners) > 0:
		return errors.New("--solo: one person has no --lead, --qa or --owner; leave --solo out, or them")
	}
	for _, each := range a.Checks {
		if !IsCheck(each) {
			return fmt.Errorf("--check %q: expected NAME=FILE, such as tests=ci.yml: a job's name as GitHub shows it, of ASCII letters, digits and common signs, and a file of .github/workflows", each.Name+"="+each.Workflow)
		}
	}
	for _, name := range a.Environments {
		if !environmentForm.MatchString(name) {
			return fmt.Errorf("environment %q: expected letters, digits, spaces and . _ -", name)
		}
	}
	return a.checkPeople()
}

func (a Answers) checkPeople() error {
	owner, _, _ := strings.Cut(a.Repository, "/")
	for flag, people := range map[string][]string{"--lead": a.Leads, "--qa": a.QA, "--owner": a.Owners} {
		for _, each := range people {
			organisation, _, isTeam := strings.Cut(each, "/")
			switch {
			case isTeam && !teamForm.MatchString(each), !isTeam && !loginForm.MatchString(each):
				return fmt.Errorf("%s %q: expected a login, or a team as organisation/team", flag, each)
			case isTeam && !strings.EqualFold(organisation, owner):
				return fmt.Errorf("%s %q: a team has to be of the organisation that owns the repository, %s", flag, each, owner)
			}
		}
	}
	return nil
}

// Teams reports whether a role is held by a team. The token of a workflow cannot
// read who is in one.
func (a Answers) Teams() bool {
	return slices.ContainsFunc(slices.Concat(a.Leads, a.QA, a.Owners), func(each string) bool { return strings.Contains(each, "/") })
}
