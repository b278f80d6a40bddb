package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
)

// projectFlag declares the flag of commands that are about one project, or all.
func projectFlag(command *cobra.Command, into *string, without string) {
	command.Flags().StringVar(into, "project", "", "project, where the policy has several"+without)
}

var errProject = errors.New("--project")

// ofProject returns the policy of a project, or that of a repository without any.
func ofProject(rules policy.Policy, project string) (policy.Policy, error) {
	one, err := rules.Of(project)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("%w: %w", errProject, err)
	}
	return one, nil
}

// ofProjects is ofProject for commands that are about all of them where none is
// named.
func ofProjects(rules policy.Policy, project string) ([]policy.Policy, error) {
	if project == "" {
		return rules.All(), nil
	}
	one, err := ofProject(rules, project)
	return []policy.Policy{one}, err
}

// stagesOf returns all stages of some projects, or those of a name.
func stagesOf(all []policy.Policy, pick string) ([]policy.Stage, error) {
	var stages []policy.Stage
	var names []string
	for _, rules := range all {
		for _, name := range rules.Names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if found, ok := rules.Stage(pick); ok {
			stages = append(stages, found)
		} else if pick == "" {
			stages = append(stages, rules.Stages...)
		}
	}
	if len(stages) == 0 {
		return nil, fmt.Errorf("--stage %q: expected one of %s", pick, strings.Join(names, ", "))
	}
	return stages, nil
}

// isFiltered reports whether a run may look at what changed since a deployment only
// to leave a project out.
func isFiltered(all []policy.Policy) bool {
	return slices.ContainsFunc(all, func(rules policy.Policy) bool {
		return len(rules.Paths) > 0 && slices.ContainsFunc(rules.Stages, func(s policy.Stage) bool { return s.DeployedBy != (fact.JobOf{}) })
	})
}
