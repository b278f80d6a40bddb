package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/configfile"
)

// configFlags are the flags of "stageward config".
type configFlags struct{ file, preset, project, stage, format string }

func (a *app) configCommand() *cobra.Command {
	var flags configFlags
	command := &cobra.Command{
		Use:   "config",
		Short: "Print the configuration of a stage",
		Long: `Print the configuration of a stage as the action writes it with the input
config-file, byte for byte: dotenv, json or yaml. Nothing is asked of GitHub, and
nothing is decided.`,
		Example: "  stageward config --stage prod\n  stageward config --stage prod --format dotenv",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.config(flags) },
	}
	set := command.Flags()
	set.StringVar(&flags.file, "file", actions.DefaultPolicy, "policy file; the preset three-stage when there is none at the default path")
	set.StringVar(&flags.preset, "preset", "", "take this preset instead of a file")
	projectFlag(command, &flags.project, " (needed then)")
	set.StringVar(&flags.stage, "stage", "", "the stage, or a hotfix lane (needed)")
	set.StringVar(&flags.format, "format", string(configfile.JSON), strings.Join(configfile.Formats(), ", "))
	return command
}

func (a *app) config(flags configFlags) error {
	if !slices.Contains(configfile.Formats(), flags.format) {
		return fmt.Errorf("--format %q: expected one of %s", flags.format, strings.Join(configfile.Formats(), ", "))
	}
	rules, _, err := localPolicy(flags.file, flags.preset)
	if err != nil {
		return a.showProblems(err)
	}
	if rules, err = ofProject(rules, flags.project); err != nil {
		return err
	}
	found, ok := rules.Stage(flags.stage)
	if !ok {
		return fmt.Errorf("--stage %q: expected one of %s", flags.stage, strings.Join(rules.Names(), ", "))
	}
	data, err := configfile.Write(found.Config, configfile.Format(flags.format))
	if err != nil {
		return err
	}
	_, err = a.system.Stdout.Write(data)
	return err
}
