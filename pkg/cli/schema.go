package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/schema"
)

// policySchema is the schema that is printed when none is named.
const policySchema = "policy"

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [policy|scenarios|verdict|verdicts|audit|facts]",
		Short: "Print the JSON Schema of the policy file, or of another one",
		Long: `Print a JSON Schema (draft 2020-12): of the policy file, or of the scenarios that test
it, for editors that complete and check YAML; or of what this version writes as JSON,
for programs that read it: a verdict, those of several projects, an audit, or the facts
of a decision. docs/results.md says what these promise.`,
		Example:   "  stageward schema\n  stageward schema verdict",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: schema.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := schemaOf(strings.Join(args, ""))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.system.Stdout, "%s", text)
			return err
		},
	}
}

func schemaOf(name string) ([]byte, error) {
	return schema.Of(cmp.Or(name, policySchema))
}
