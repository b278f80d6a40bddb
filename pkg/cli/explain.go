package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// explainFlags are the flags of "stageward explain".
type explainFlags struct{ file, preset, defaultBranch, event, pick, project, facts string }

func (a *app) explainCommand() *cobra.Command {
	var flags explainFlags
	command := &cobra.Command{
		Use:   "explain [REF]",
		Short: "Show which stage a branch or tag maps to, what is asked of it, and why",
		Long: `Show which stages and patterns are tried for a branch or tag, why each does or
does not match, and which gates the stage asks, with each of their parameters and
where it was said: in a preset, in a line of the file, or nowhere (default). Nothing is
asked of GitHub: the policy is a local file, or a preset. A person may ask about every
stage; with --event it is shown whether a run that this event starts may go there.

With --facts it explains a run that has saved its facts: what each gate said, on
what evidence, and the shortest way for the run to be allowed.`,
		Example: "  stageward explain refs/heads/main\n  stageward explain refs/heads/main --event schedule\n  stageward explain refs/tags/v1.2.3 --preset four-stage\n  stageward explain --facts facts.json",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case flags.facts == "" && len(args) != 1:
				return errors.New("say which branch or tag: stageward explain refs/heads/main; or explain a run: stageward explain --facts FILE")
			case flags.facts != "" && len(args) > 0:
				return errors.New("--facts says which branch or tag it is; leave out " + args[0])
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			if flags.facts == "" {
				return a.explain(args[0], flags)
			}
			for _, name := range []string{"file", "preset", "default-branch", "event", "project", "stage"} {
				if command.Flags().Changed(name) {
					return fmt.Errorf("--facts says what was known, and by which policy; leave out --%s. `stageward simulate` tries another one", name)
				}
			}
			return a.explainRun(flags.facts)
		},
	}
	set := command.Flags()
	set.StringVar(&flags.file, "file", actions.DefaultPolicy, "policy file; the preset three-stage when there is none at the default path")
	set.StringVar(&flags.preset, "preset", "", "explain this preset instead of a file")
	set.StringVar(&flags.defaultBranch, "default-branch", "main", "name of the repository's default branch")
	set.StringVar(&flags.event, "event", stage.CommandLine, "event that starts the run, such as push; of a pull request or a run that ended, REF is the branch that it is about")
	projectFlag(command, &flags.project, " (needed then)")
	set.StringVar(&flags.pick, "stage", "", "stage, where the reference matches more than one")
	set.StringVar(&flags.facts, "facts", "", "explain the run that saved these facts")
	return command
}

func (a *app) explain(text string, flags explainFlags) error {
	ref, err := fact.ParseRef(text)
	if err != nil {
		return err
	}
	rules, origin, err := localPolicy(flags.file, flags.preset)
	if err != nil {
		return a.showProblems(err)
	}
	if rules, err = ofProject(rules, flags.project); err != nil {
		return err
	}
	if rules.Project != "" {
		origin += fmt.Sprintf(" for the project %s", rules.Project)
	}
	match := stage.Resolve(rules.Rules(), stage.Query{Ref: ref, DefaultBranch: flags.defaultBranch, Event: flags.event, Pick: flags.pick})
	asked := ref.Name()
	if flags.event != stage.CommandLine {
		asked += fmt.Sprintf(" (event %s)", flags.event)
	}
	a.line("%s %s, by %s", ref.Kind(), asked, origin)
	found, err := a.explainMatch(rules, match)
	if err == nil && found != nil {
		a.explainStage(*found)
	}
	return err
}

// explainMatch shows how the stage was found, or that there is none.
func (a *app) explainMatch(rules policy.Policy, match stage.Match) (*policy.Stage, error) {
	out := a.system.Stdout
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, try := range match.Tries {
		mark := "-"
		if try.Matched {
			mark = "match"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", mark, try.Stage, actions.Inert(try.Pattern), actions.Inert(try.Why))
	}
	if err := table.Flush(); err != nil {
		return nil, fmt.Errorf("print the trace: %w", err)
	}
	found, ok := rules.Stage(match.Stage)
	if ok {
		return &found, nil
	}
	fmt.Fprintf(out, "\nNo stage (%s): %s.\n", match.Problem, actions.Inert(match.Reason))
	a.code = exitRefused
	if slices.Contains(badInput, string(match.Problem)) {
		a.code = exitBadInput
	}
	return nil, nil
}

func (a *app) explainStage(found policy.Stage) {
	a.describe(found)
	if found.Unrestricted {
		return
	}
	rows := asksOf(found)
	for i, line := range aligned(rows) {
		a.line("  %s", line)
		for _, each := range rows[i].params {
			a.line("      %s: %s (%s)", each.Name, each.Value, each.Origin)
		}
	}
}

// describe says what the stage is.
func (a *app) describe(found policy.Stage) {
	text := fmt.Sprintf("Stage %s, environment %s", found.Name, found.Environment)
	if found.HotfixFor != "" {
		text += ", a hotfix lane for " + found.HotfixFor
	}
	if found.Data != "" {
		text += ", " + found.Data + " data"
	}
	if found.Unrestricted {
		text += ". It asks for nothing (unrestricted: true)."
	} else {
		text += ". Its gates:"
	}
	a.line("")
	a.line("%s", text)
}

// row is one gate as a stage asks it.
type row struct {
	id, mode, title, origin string
	params                  []policy.Param
}

// asksOf returns the gates of a stage: those that are always on, its own, and those of
// the other ways to it.
func asksOf(found policy.Stage) []row {
	var rows []row
	for _, each := range gate.All() {
		if each.Always {
			rows = append(rows, row{each.ID, verdict.Enforce.String(), each.Title, "always on", nil})
		}
	}
	for _, each := range found.Gates {
		asked := row{each.Check.ID, each.Mode.String(), each.Check.Title, each.Origin, each.Params}
		if each.Mode == verdict.Off {
			asked.params = nil // what is not asked is not asked with anything
		}
		rows = append(rows, asked)
	}
	for _, lane := range found.OpenLanes() {
		rows = append(rows, row{lane.Check.ID, "for " + string(lane.Name), lane.Check.Title, lane.Origin, nil})
	}
	return rows
}

// aligned returns a line for each row.
func aligned(rows []row) []string {
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	for _, each := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t(%s)\n", each.id, each.mode, each.title, actions.Inert(each.origin))
	}
	if err := table.Flush(); err != nil {
		return nil // a buffer takes everything
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}
