package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/protection"
	"github.com/stageward/stageward/pkg/scaffold"
	"github.com/stageward/stageward/pkg/stage"
)

// initFlags are the flags of "stageward init".
type initFlags struct {
	preset, folder, repository, branch, uses string
	solo, dry                                bool
	checks, leads, qa, owners                []string
}

func (a *app) initCommand() *cobra.Command {
	var flags initFlags
	command := &cobra.Command{
		Use:   "init",
		Short: "Write the first policy and workflows of a repository",
		Long: `Write a policy, the workflow that deploys with a gate as the first step of its job,
and the workflow by which people approve; then say what to do next, with the commands.

What can be found in the repository is not asked: its name and default branch from
.git, its checks and environments from .github/workflows. What was taken is printed,
with the flag that changes it. Only files are read: no git, no program, no network.

Nothing is overwritten. Where one of the files exists, none is written.

Exit codes: 0 written or printed, 2 bad input, or a file exists, 3 it could not be done.`,
		Example: `  stageward init --dry-run
  stageward init --lead olga --qa quinn --owner acme/owners
  stageward init --preset four-stage --check tests=ci.yml
  stageward init --solo`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.begin(flags) },
	}
	set := command.Flags()
	set.StringVar(&flags.preset, "preset", policy.DefaultPreset, "three-stage or four-stage")
	set.BoolVar(&flags.solo, "solo", false, "one person alone: ask for nothing that takes a second one")
	set.StringVar(&flags.folder, "dir", ".", "root of the repository")
	set.StringVar(&flags.repository, "repo", "", "repository, as owner/name (default: the remote origin)")
	set.StringVar(&flags.branch, "default-branch", "", "default branch (default: what .git says)")
	set.StringArrayVar(&flags.checks, "check", nil, "NAME=FILE: a job that has to pass, and its workflow, such as tests=ci.yml; again for more (default: the jobs that each push runs)")
	set.StringArrayVar(&flags.leads, "lead", nil, "login, or organisation/team, of a lead: approves for staging; again for more")
	set.StringArrayVar(&flags.qa, "qa", nil, "the same of a tester: approves for prod")
	set.StringArrayVar(&flags.owners, "owner", nil, "the same of an owner: approves for prod")
	set.StringVar(&flags.uses, "uses", "", "the action with a full commit id, such as stageward/stageward@<40 digits>")
	set.BoolVar(&flags.dry, "dry-run", false, "print the files, and write nothing")
	return command
}

func (a *app) begin(flags initFlags) error {
	root, err := os.OpenRoot(flags.folder)
	if err != nil {
		return fmt.Errorf("open the repository: %w", err)
	}
	defer root.Close() //nolint:errcheck // what was written is closed by itself
	plan, err := flags.plan(root)
	if err != nil {
		return err
	}
	files := scaffold.Files(plan.Answers)
	if plan.Places, err = placesOf(files[0], plan.Repository, plan.DefaultBranch); err != nil {
		return err
	}
	if !flags.dry {
		taken, err := existing(root, files)
		if err != nil {
			return a.fail(err)
		}
		if len(taken) > 0 {
			return errors.New("nothing was written, because there is already " + strings.Join(taken, ", ") +
				": move it away, or take what you need of what --dry-run prints")
		}
		if err := writeAll(root, files); err != nil {
			return a.fail(err)
		}
	}
	a.printPlan(plan, files, flags.dry)
	return nil
}

// fail says that something could not be done.
func (a *app) fail(err error) error {
	a.complain("stageward init", err.Error())
	a.code = exitUndecided
	return nil
}

// plan joins what the flags say with what the repository shows.
func (f initFlags) plan(root *os.Root) (scaffold.Plan, error) {
	found := lookAtGit(f.folder)
	plan := scaffold.Plan{Host: found.remote.Host, DeployScript: isFile(root, "deploy.sh"), CodeOwners: codeOwnersOf(root)}
	plan.Preset, plan.Solo, plan.Uses = f.preset, f.solo, f.uses
	plan.Leads, plan.QA, plan.Owners = people(f.leads), people(f.qa), people(f.owners)
	plan.Repository, plan.RepositoryFrom = f.repository, "as you say"
	if f.repository == "" {
		plan.Repository, plan.RepositoryFrom = found.remote.Repository, fmt.Sprintf("where the remote %q of .git/config is", found.remote.Name)
	}
	if plan.Repository == "" {
		return plan, fmt.Errorf("which repository on GitHub is it? .git/config of %s has no remote origin, nor a single other one, at an address of GitHub; say --repo owner/name", filepath.Clean(f.folder))
	}
	plan.DefaultBranch, plan.BranchFrom, plan.BranchSure = f.branch, "as you say", true
	if f.branch == "" {
		plan.DefaultBranch, plan.BranchFrom, plan.BranchSure = found.branch, found.branchFrom, found.branchSure
	}
	if err := plan.Check(); err != nil { // before the branch is looked for in workflows
		return plan, err
	}
	sources, err := workflowsOf(root)
	if err != nil {
		return plan, err
	}
	plan.Survey = scaffold.LookAt(sources, plan.DefaultBranch)
	plan.Checks, plan.Environments = plan.Survey.Checks, plan.Survey.EnvironmentsOf(plan.Preset)
	plan.OwnChecks = !plan.Survey.Reports && len(f.checks) == 0
	if len(f.checks) > 0 {
		plan.Checks, plan.ChecksGiven = checksGiven(f.checks), true
	}
	if plan.OwnChecks {
		plan.TestCommand = testCommand(root)
	}
	return plan, plan.Check()
}

// people takes the @ off that people write before a login.
func people(given []string) []string {
	var names []string
	for _, each := range given {
		names = append(names, strings.TrimPrefix(each, "@"))
	}
	return names
}

// checksGiven reads NAME=FILE. What is wrong with one says Answers.Check.
func checksGiven(given []string) []scaffold.Check {
	var checks []scaffold.Check
	for _, each := range given {
		at := strings.LastIndex(each, "=")
		if at < 0 {
			checks = append(checks, scaffold.Check{Name: each})
			continue
		}
		file := strings.TrimPrefix(each[at+1:], ".github/workflows/")
		checks = append(checks, scaffold.Check{Name: each[:at], Workflow: ".github/workflows/" + file})
	}
	return checks
}

// placesOf reads the policy that is about to be written, as the action will. One
// that it would refuse is not written.
func placesOf(file scaffold.File, repository, defaultBranch string) ([]scaffold.Place, error) {
	rules, err := policy.Parse(file.Path, []byte(file.Content), gate.All())
	if err != nil {
		return nil, fmt.Errorf("the policy that would be written is not right, which is a fault of Stageward or an unusual name: %w", err)
	}
	var places []scaffold.Place
	for _, each := range rules.Stages {
		wants := protection.Wants{Environment: each.Environment, Rules: []stage.Rule{each.Rule}, DefaultBranch: defaultBranch}
		commands := protection.RefsCommands(repository, fact.Environment{Name: each.Environment}, wants)
		places = append(places, scaffold.Place{Stage: each.Name, Environment: each.Environment, Commands: commands})
	}
	return places, nil
}

func (a *app) printPlan(plan scaffold.Plan, files []scaffold.File, dry bool) {
	out := a.system.Stdout
	fmt.Fprintln(out, "What the files rest on, and the flag that changes it:")
	for _, each := range plan.Taken() {
		fmt.Fprintln(out, "  "+actions.Inert(each))
	}
	if dry {
		fmt.Fprintln(out, "\nNothing was written. These would be:")
		for _, each := range files {
			fmt.Fprintf(out, "\n--- %s\n%s", each.Path, each.Content)
		}
	} else {
		fmt.Fprintln(out, "\nWritten:")
		for _, each := range files {
			fmt.Fprintln(out, "  "+each.Path)
		}
	}
	fmt.Fprintln(out, "\nWhat is left to do:")
	for _, each := range plan.Steps() {
		fmt.Fprintln(out, actions.Inert(each))
	}
}
