package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/lint"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/workflow"
)

// lintFlags are the flags of "stageward lint".
type lintFlags struct {
	workflows, defaultBranch, format, explain string
	strict                                    bool
}

func (a *app) lintCommand() *cobra.Command {
	var flags lintFlags
	command := &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Check a policy file, and say what in it is unwise",
		Long: `Check a policy file the way the action will read it. Every problem is shown
with its line, what is allowed there, and what to write instead.

A policy that is right can still not mean what its writer means. Each warning says
so in a sentence with an id in brackets; --explain ID shows what it means, and how
the policy can accept it on purpose. The workflows beside the policy are looked at
as well. Nothing is asked of GitHub.

Exit codes: 0 the policy is right, 1 with --strict there is a warning that the
policy does not accept, 2 the policy is wrong.`,
		Example: "  stageward lint\n  stageward lint my-policy.yml --strict\n  stageward lint --explain one-person-alone",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if command.Flags().Changed("explain") {
				return a.explainWarning(flags.explain)
			}
			path := actions.DefaultPolicy
			if len(args) == 1 {
				path = args[0]
			}
			return a.lint(path, flags)
		},
	}
	set := command.Flags()
	set.BoolVar(&flags.strict, "strict", false, "exit with 1 where there is a warning that the policy does not accept")
	set.StringVar(&flags.format, "format", "text", "text or json")
	set.StringVar(&flags.workflows, "workflows", "", "folder of the workflows (default: .github/workflows beside the policy, where there is one)")
	set.StringVar(&flags.defaultBranch, "default-branch", "", "name of the repository's default branch, to compare patterns with it")
	set.StringVar(&flags.explain, "explain", "", "show what the warning of this id means, and nothing else")
	return command
}

// linted is what lint found.
type linted struct {
	path string
	// projects are the projects of the policy, stages the stages of all of them.
	projects []string
	stages   []string
	problems policy.Problems
	// notes are what a reader may like to know and need not think about.
	notes    []string
	warnings []lint.Warning
}

// open returns how many warnings nobody accepted.
func (l linted) open() int {
	count := 0
	for _, each := range l.warnings {
		if each.Accepted == nil {
			count++
		}
	}
	return count
}

func (a *app) lint(path string, flags lintFlags) error {
	show, ok := map[string]func(*app, linted, bool) error{"text": (*app).printLinted, "json": (*app).encodeLinted}[flags.format]
	if !ok {
		return fmt.Errorf("--format %q: expected one of text, json", flags.format)
	}
	source, err := readPolicy(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; name another file: stageward lint FILE. A repository without a policy has the preset %s", err, policy.DefaultPreset)
	}
	if err != nil {
		return err
	}
	found := linted{path: path}
	rules, err := policy.Parse(path, source, gate.All())
	switch {
	case errors.As(err, &found.problems):
		a.code = exitBadInput
		return show(a, found, flags.strict)
	case err != nil:
		return err
	}
	beside := lint.Beside{Now: a.system.Now(), DefaultBranch: flags.defaultBranch}
	if beside.Workflows, err = workflowsBeside(path, flags.workflows); err != nil {
		return err
	}
	found.projects, found.stages = rules.ProjectNames(), stageNames(rules)
	found.notes, found.warnings = notesAbout(rules), lint.Look(rules, beside)
	if flags.strict && found.open() > 0 {
		a.code = exitRefused
	}
	return show(a, found, flags.strict)
}

// workflowsBeside returns the texts of the workflows by the paths that GitHub knows
// them by. Without a folder it is the one beside the policy, which need not be there.
func workflowsBeside(policyPath, folder string) (map[string]string, error) {
	const github, home = ".github", ".github/workflows"
	isGiven := folder != ""
	if beside := filepath.Dir(policyPath); !isGiven && filepath.Base(beside) == github {
		folder = filepath.Join(beside, "workflows")
	} else if !isGiven {
		folder = filepath.Join(beside, github, "workflows")
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) && !isGiven {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the workflows: %w", err)
	}
	texts := map[string]string{}
	for _, each := range entries {
		name := each.Name()
		if suffix := filepath.Ext(name); each.IsDir() || suffix != ".yml" && suffix != ".yaml" {
			continue
		}
		text, err := readLimited(filepath.Join(folder, name), workflow.MaxBytes)
		if err != nil {
			return nil, fmt.Errorf("read the workflows: %w", err)
		}
		texts[home+"/"+name] = string(text)
	}
	return texts, nil
}

// explainWarning shows the section of docs/lint.md about a warning.
func (a *app) explainWarning(id string) error {
	if section := lint.Page(id); section != "" {
		_, err := fmt.Fprint(a.system.Stdout, section)
		return err
	}
	return fmt.Errorf("there is no warning %q; expected one of %s", id, strings.Join(lint.IDs(), ", "))
}
