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
	"github.com/stageward/stageward/pkg/verdict"
)

func (a *app) permissionsCommand() *cobra.Command {
	var file, preset, pick string
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
			return a.permissions(file, preset, pick)
		},
	}
	set := command.Flags()
	set.StringVar(&file, "file", actions.DefaultPolicy, "policy file; the preset three-stage when there is none at the default path")
	set.StringVar(&preset, "preset", "", "take this preset instead of a file")
	set.StringVar(&pick, "stage", "", "only what this stage needs")
	return command
}

func (a *app) permissions(file, preset, pick string) error {
	rules, origin, err := localPolicy(file, preset)
	if err != nil {
		return a.showProblems(err)
	}
	stages := rules.Stages
	if pick != "" {
		found, ok := rules.Stage(pick)
		if !ok {
			return fmt.Errorf("--stage %q: expected one of %s", pick, strings.Join(rules.Names(), ", "))
		}
		stages = []policy.Stage{found}
	}
	out := a.system.Stdout
	fmt.Fprintf(out, "# for %s\n# a job with this block has these permissions and no others: add what its other steps need\npermissions:\n", actions.Inert(origin))
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	uses := permissionUses(stages)
	for _, permission := range slices.Sorted(maps.Keys(uses)) {
		fmt.Fprintf(table, "  %s\t# %s\n", permission, strings.Join(uses[permission], ", "))
	}
	return table.Flush()
}

// permissionUses returns what each permission is for: gates by id, each once
// and in order, and the policy itself.
func permissionUses(stages []policy.Stage) map[string][]string {
	uses := map[string][]string{}
	for _, stage := range stages {
		asked := stage.Gates
		for _, lane := range stage.OpenLanes() {
			asked = append(asked[:len(asked):len(asked)], policy.Gate{Check: lane.Check})
		}
		for _, each := range asked {
			for _, permission := range permissionsOf(each) {
				uses[permission] = append(uses[permission], each.Check.ID)
			}
		}
	}
	for _, permission := range reportPermissions(stages) {
		uses[permission] = append(uses[permission], "what changes")
	}
	for permission, ids := range uses {
		slices.Sort(ids)
		uses[permission] = slices.Compact(ids)
	}
	uses[policyPermission] = slices.Insert(uses[policyPermission], 0, "the policy")
	return uses
}

// reportPermissions returns what the report takes that decides nothing: what
// would be deployed, where the policy says which job deploys.
func reportPermissions(stages []policy.Stage) []string {
	for _, stage := range stages {
		if stage.DeployedBy != (fact.JobOf{}) && !stage.Unrestricted {
			return strings.Split(fact.NeedRange.TokenPermission(), ", ")
		}
	}
	return nil
}

// policyPermission is what reading the policy takes.
const policyPermission = "contents: read"

// permissionsOf returns the permissions that the facts of a gate take.
func permissionsOf(asked policy.Gate) []string {
	if asked.Mode == verdict.Off {
		return nil
	}
	var all []string
	for _, need := range asked.Check.Needs {
		if permissions := need.Kind.TokenPermission(); permissions != "" {
			all = append(all, strings.Split(permissions, ", ")...)
		}
	}
	return all
}
