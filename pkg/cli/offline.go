package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/stage"
	"github.com/stageward/stageward/pkg/verdict"
)

// maxPolicy is the largest policy file that is read, in bytes; the policy
// package has a stricter limit of its own and says so.
const maxPolicy = 1 << 20

func (a *app) lintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Check a policy file",
		Long: `Check a policy file the way the action will read it. Every problem is shown
with its line, what is allowed there, and what to write instead.`,
		Example: "  stageward lint\n  stageward lint my-policy.yml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path := actions.DefaultPolicy
			if len(args) == 1 {
				path = args[0]
			}
			return a.lint(path)
		},
	}
}

func (a *app) lint(path string) error {
	source, err := readPolicy(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; name another file: stageward lint FILE. A repository without a policy has the preset %s", err, policy.DefaultPreset)
	}
	if err != nil {
		return err
	}
	rules, err := policy.Parse(path, source, gate.All())
	if err != nil {
		return a.showProblems(err)
	}
	fmt.Fprintf(a.system.Stdout, "%s: ok, %d stages: %s\n", actions.Inert(path), len(rules.Names()), strings.Join(rules.Names(), ", "))
	if signers := rules.Terms.Signers; len(signers.People)+len(signers.Revoked) > 0 {
		fmt.Fprintln(a.system.Stdout, "note: the files of signers and revoked-keys were not read; `stageward verify --signers FILE` reads one")
	}
	for _, each := range rules.Stages {
		a.showLane(each, rules)
		a.showPlace(each)
		for _, asked := range each.Gates {
			a.showNotes(each, asked.Check)
			a.showWaiver(each, asked)
		}
		for _, lane := range each.OpenLanes() {
			if lane.Opened {
				a.showNotes(each, lane.Check)
			}
		}
	}
	return nil
}

func (a *app) showNotes(of policy.Stage, check gate.Check) {
	for _, note := range check.Notes {
		fmt.Fprintf(a.system.Stdout, "note: stage %s, %s: %s\n", of.Name, check.ID, actions.Inert(note))
	}
}

// longWaiver is how far ahead a waiver may end before it looks as if nobody meant
// it to.
const longWaiver = 366 * 24 * time.Hour

// showWaiver says where the end of a waiver has passed, or is none worth the name.
func (a *app) showWaiver(of policy.Stage, asked policy.Gate) {
	if asked.Waiver == nil {
		return
	}
	until, what := asked.Waiver.Until, ""
	switch now := a.system.Now(); {
	case !now.Before(until):
		what = "has ended and does not count any more; remove it"
	case until.Sub(now) > longWaiver:
		what = "ends more than a year from now; to do without the gate, take it out"
	default:
		return
	}
	fmt.Fprintf(a.system.Stdout, "note: stage %s, %s: the waiver by @%s (until %s) %s\n", of.Name, asked.Check.ID, asked.Waiver.By, until.Format(time.DateOnly), what)
}

// showProblems prints the problems of a policy and sets the exit code; any
// other error is returned.
func (a *app) showProblems(err error) error {
	var problems policy.Problems
	if !errors.As(err, &problems) {
		return err
	}
	for _, problem := range problems {
		fmt.Fprintln(a.system.Stdout, problem)
	}
	fmt.Fprintf(a.system.Stdout, "%d problem(s)\n", len(problems))
	a.code = exitBadInput
	return nil
}

func readPolicy(path string) ([]byte, error) {
	source, err := readLimited(path, maxPolicy)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return source, nil
}

// explainFlags are the flags of "stageward explain".
type explainFlags struct{ file, preset, defaultBranch, event, pick string }

func (a *app) explainCommand() *cobra.Command {
	var flags explainFlags
	command := &cobra.Command{
		Use:   "explain REF",
		Short: "Show which stage a branch or tag maps to, and why",
		Long: `Show which stages and patterns are tried for a branch or tag, why each does or
does not match, and which gates the stage asks. Nothing is asked of GitHub: the
policy is a local file, or a preset. A person may ask about every stage; with
--event it is shown whether a run that this event starts may go there.`,
		Example: "  stageward explain refs/heads/main\n  stageward explain refs/heads/main --event schedule\n  stageward explain refs/tags/v1.2.3 --preset four-stage",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("say which branch or tag: stageward explain refs/heads/main")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return a.explain(args[0], flags)
		},
	}
	set := command.Flags()
	set.StringVar(&flags.file, "file", actions.DefaultPolicy, "policy file; the preset three-stage when there is none at the default path")
	set.StringVar(&flags.preset, "preset", "", "explain this preset instead of a file")
	set.StringVar(&flags.defaultBranch, "default-branch", "main", "name of the repository's default branch")
	set.StringVar(&flags.event, "event", stage.CommandLine, "event that starts the run, such as push; of a pull request or a run that ended, REF is the branch that it is about")
	set.StringVar(&flags.pick, "stage", "", "stage, where the reference matches more than one")
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
	match := stage.Resolve(rules.Rules(), stage.Query{Ref: ref, DefaultBranch: flags.defaultBranch, Event: flags.event, Pick: flags.pick})
	out := a.system.Stdout
	asked := actions.Inert(ref.Name())
	if flags.event != stage.CommandLine {
		asked += fmt.Sprintf(" (event %s)", actions.Inert(flags.event))
	}
	fmt.Fprintf(out, "%s %s, by %s\n\n", ref.Kind(), asked, actions.Inert(origin))
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, try := range match.Tries {
		mark := "-"
		if try.Matched {
			mark = "match"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", mark, try.Stage, actions.Inert(try.Pattern), actions.Inert(try.Why))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the trace: %w", err)
	}
	found, ok := rules.Stage(match.Stage)
	if !ok {
		fmt.Fprintf(out, "\nNo stage (%s): %s.\n", match.Problem, actions.Inert(match.Reason))
		a.code = exitRefused
		if slices.Contains(badInput, string(match.Problem)) {
			a.code = exitBadInput
		}
		return nil
	}
	return a.explainStage(found)
}

func (a *app) explainStage(found policy.Stage) error {
	out := a.system.Stdout
	fmt.Fprintf(out, "\nStage %s, environment %s", found.Name, actions.Inert(found.Environment))
	if found.HotfixFor != "" {
		fmt.Fprintf(out, ", a hotfix lane for %s", found.HotfixFor)
	}
	if found.Data != "" {
		fmt.Fprintf(out, ", %s data", found.Data)
	}
	if found.Unrestricted {
		fmt.Fprintln(out, ". It asks for nothing (unrestricted: true).")
		return nil
	}
	fmt.Fprintln(out, ". Its gates:")
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, each := range gate.All() {
		if each.Always {
			fmt.Fprintf(table, "  %s\t%s\t%s\t(always on)\n", each.ID, verdict.Enforce, each.Title)
		}
	}
	for _, each := range found.Gates {
		fmt.Fprintf(table, "  %s\t%s\t%s\t(%s)\n", each.Check.ID, each.Mode, each.Check.Title, actions.Inert(each.Origin))
	}
	for _, lane := range found.OpenLanes() {
		fmt.Fprintf(table, "  %s\t%s\t%s\t(%s)\n", lane.Check.ID, "for "+string(lane.Name), lane.Check.Title, actions.Inert(lane.Origin))
	}
	return table.Flush()
}

// localPolicy reads a preset or a file. Only the default path may be absent.
func localPolicy(file, preset string) (rules policy.Policy, origin string, err error) {
	if preset != "" {
		rules, err = policy.Preset(preset, gate.All())
		return rules, "the preset " + preset, err
	}
	source, err := readPolicy(file)
	if errors.Is(err, fs.ErrNotExist) && file == actions.DefaultPolicy {
		rules, err = policy.Preset(policy.DefaultPreset, gate.All())
		return rules, "the preset three-stage (there is no " + actions.DefaultPolicy + " here)", err
	}
	if err != nil {
		return policy.Policy{}, "", err
	}
	rules, err = policy.Parse(file, source, gate.All())
	return rules, file, err
}

func (a *app) gatesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "gates [ID or reason code]",
		Short: "List the gates, or show the page of one",
		Long: `List the gates, or show the page of one: what it asks, its parameters, an
example, and what each of its reason codes means. A reason code, such as
fresh.stale, shows the page of its gate.`,
		Example: "  stageward gates\n  stageward gates signed-tag\n  stageward gates fresh.stale",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.gatePage(args[0])
			}
			table := tabwriter.NewWriter(a.system.Stdout, 0, 4, 2, ' ', 0)
			for _, each := range gate.All() {
				fmt.Fprintf(table, "%s\t%s\n", each.ID, each.Title)
			}
			return table.Flush()
		},
	}
}

// gatePage prints the page of a gate, which a reason code names as well.
func (a *app) gatePage(asked string) error {
	id, _, _ := strings.Cut(asked, ".")
	var ids []string
	for _, each := range gate.All() {
		if each.ID == id {
			_, err := fmt.Fprint(a.system.Stdout, each.Page())
			return err
		}
		ids = append(ids, each.ID)
	}
	return fmt.Errorf("there is no gate %q; expected one of %s, or a code of one; codes without a gate are in docs/reasons.md", asked, strings.Join(ids, ", "))
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the policy file",
		Long:  "Print the JSON Schema of the policy file, for editors that complete and check YAML.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			schema, err := policy.Schema(gate.All())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.system.Stdout, "%s", schema)
			return err
		},
	}
}
