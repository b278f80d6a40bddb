// Command bench measures what the program costs and holds it against the budgets
// of the project. It prints one table, and ends with exit code 1 when a budget is
// exceeded. It is a tool of the project's own: run it in the project's folder,
// with "make bench".
//
// What can be counted is counted by tests of pkg/cli; this command runs them and
// reads what they say. It measures itself only what belongs to a whole process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// errOver is the error for a budget that is exceeded.
var errOver = errors.New("a budget is exceeded")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // a command of its own
	}
}

// run measures everything and prints the table. With -serve it is the GitHub
// that is measured against; see serve.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(out)
	var site stall
	serving := flags.Bool("serve", false, "be the GitHub, for a bench that is measuring")
	flags.IntVar(&site.checks, "checks", 1, "with -serve, how many checks the release has")
	flags.DurationVar(&site.latency, "latency", 0, "with -serve, how long each answer takes")
	flags.StringVar(&site.folder, "folder", "", "with -serve, where the files of the run go")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case *serving:
		return site.serve(ctx, out)
	}
	folder, err := os.MkdirTemp("", "stageward-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system clears its temporary files anyway
	found, err := measureAll(ctx, folder)
	if err != nil {
		return err
	}
	over, err := found.write(out)
	if over {
		err = errors.Join(err, errOver)
	}
	return err
}

// measureAll measures one thing after the other: two at once would measure each other.
func measureAll(ctx context.Context, folder string) (measured, error) {
	found := measured{}
	for _, each := range []struct {
		what string
		do   func(context.Context, string, measured) error
	}{
		{"build the binary", buildBinary},
		{"measure processes", measureProcesses},
		{"count", countRuns},
		{"time runs", timeRuns},
	} {
		fmt.Fprintf(os.Stderr, "bench: %s\n", each.what)
		if err := each.do(ctx, folder, found); err != nil {
			return nil, fmt.Errorf("%s: %w", each.what, err)
		}
	}
	return found, nil
}
