package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
)

func (a *app) permissionsCommand() *cobra.Command {
	var file, preset, pick, project string
	command := &cobra.Command{
		Use:   "permissions",
		Short: "Print the permissions that a policy needs in a workflow",
		Long: `Print the "permissions:" block for a job that runs the gate: what its GITHUB_TOKEN
has to be allowed so that every gate of the policy can read its facts, and no
more. Beside each line stands which gates it is for. Nothing is asked of GitHub.

A job with a "permissions:" block has what the block names and nothing else, so
add what its other steps need. A deploying job that runs the gate again needs
these lines as well.

Members of teams are not among what a "permissions:" block can allow: where roles or
code owners are teams, give the action the input people-token besides.`,
		Example: "  stageward permissions\n  stageward permissions --preset four-stage --stage prod",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.permissions(file, preset, project, pick)
		},
	}
	set := command.Flags()
	set.StringVar(&file, "file", actions.DefaultPolicy, "policy file; the preset three-stage when there is none at the default path")
	set.StringVar(&preset, "preset", "", "take this preset instead of a file")
	set.StringVar(&pick, "stage", "", "only what this stage needs")
	projectFlag(command, &project, " (default: what all of them need)")
	return command
}

func (a *app) permissions(file, preset, project, pick string) error {
	rules, origin, err := localPolicy(file, preset)
	if err != nil {
		return a.showProblems(err)
	}
	all, err := ofProjects(rules, project)
	if err != nil {
		return err
	}
	stages, err := stagesOf(all, pick)
	if err != nil {
		return err
	}
	out := a.system.Stdout
	fmt.Fprintf(out, "# for %s\n# a job with this block has these permissions and no others: add what its other steps need\npermissions:\n", actions.Inert(origin))
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	uses := policy.PermissionUses(stages)
	if isFiltered(all) {
		for permission := range strings.SplitSeq(fact.NeedRange.TokenPermission(), ", ") {
			uses[permission] = append(uses[permission], "which projects changed")
		}
	}
	for _, permission := range slices.Sorted(maps.Keys(uses)) {
		fmt.Fprintf(table, "  %s\t# %s\n", permission, strings.Join(uses[permission], ", "))
	}
	return table.Flush()
}
