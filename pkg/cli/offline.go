package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// maxPolicy is the largest policy file that is read, in bytes; the policy
// package has a stricter limit of its own and says so.
const maxPolicy = 1 << 20

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
