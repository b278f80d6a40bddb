package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/github"
)

// System is what the program may touch of the world outside, besides files.
type System struct {
	Getenv         func(name string) string
	Stdout, Stderr io.Writer
	// Terminal returns how many columns the terminal has that Stdout goes to, 0 where
	// it does not say, and whether it goes to one. Nil is: to none.
	Terminal func() (columns int, ok bool)
	// Now is used for waiting between requests, by "stageward verify" as the moment
	// at which keys are judged, and by "stageward windows" as today. What is decided about a deployment never
	// depends on it: there GitHub says what time it is.
	Now func() time.Time
	// Random feeds the delimiters of the output file.
	Random io.Reader
	// Transport carries the requests; nil is the default one.
	Transport http.RoundTripper
}

// Main runs the program with the arguments behind its name and returns the
// exit code: 0 allow, 1 wait or deny, 2 bad input or policy, 3 could not
// decide. A panic is the last of these, never an allow.
func Main(ctx context.Context, args []string, system System) (code int) {
	printed := &printed{out: system.Stdout}
	system.Stdout = printed
	app := &app{system: system, printed: printed}
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(system.Stderr, "stageward: internal error: %s\nThis is a fault of Stageward. Nothing was allowed.\n", actions.Inert(app.fault(cause)))
			code = exitUndecided
		}
	}()
	app.secrets = secretsOf(system.Getenv)
	root := app.root()
	root.SetArgs(args)
	root.SetOut(system.Stdout)
	root.SetErr(system.Stderr)
	if command, err := root.ExecuteContextC(ctx); err != nil {
		app.complain(command.CommandPath(), err.Error())
		var missing *fact.Missing
		if printed.err != nil || errors.As(err, &missing) {
			return exitUndecided
		}
		return exitBadInput
	}
	return app.told(app.code)
}

// complain shows an error of the command line. The library puts its guesses for
// an unknown command into lines of their own.
func (a *app) complain(command, text string) {
	isUnknown := strings.HasPrefix(text, "unknown ")
	if isUnknown {
		text = strings.Join(strings.Fields(strings.Replace(text, "\n\nDid you mean this?", "; did you mean", 1)), " ")
	}
	fmt.Fprintf(a.system.Stderr, "stageward: %s\n", actions.Inert(text))
	if isUnknown {
		fmt.Fprintf(a.system.Stderr, "See %s --help.\n", command)
	}
}

// app carries the exit code of the command that ran, and what it asked twice.
type app struct {
	system  System
	printed *printed
	secrets []actions.Secret // only to keep them out of what a fault says
	code    int
	retries github.Retries
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "stageward",
		Short: "May this commit go to this stage, now?",
		Long: `Stageward answers one question and proves the answer: may this commit go to
this deployment stage, now?

It maps a branch or tag to a stage, gathers the facts from GitHub, and checks
them against the gates that the policy on the default branch sets for the stage.

Exit codes: 0 allow, 1 wait or deny, 2 bad input or policy, 3 could not decide.`,
		Example: `  stageward gate --repo acme/shop --ref refs/tags/v1.2.3
  stageward explain refs/heads/main
  stageward lint .github/stageward.yml`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(a.initCommand(), a.gateCommand(), a.verifyCommand(), a.explainCommand(), a.lintCommand(), a.testCommand(), a.simulateCommand(), a.gatesCommand(), a.permissionsCommand(), a.windowsCommand(), a.configCommand(), a.auditCommand(), a.lockCommand(), a.unlockCommand(), a.schemaCommand(), a.versionCommand(), a.actionCommand())
	return root
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.system.Stdout, "stageward", version)
			return err
		},
	}
}
