// Command sabotage breaks the program on purpose, to see whether the tests
// notice. Each file of testdata/sabotage is one slip or one attack as a patch,
// with the tests that have to catch it. The command applies one after the other
// to copies, so that the tree itself never changes, and says which survived.
//
// With -mutants it judges what gremlins left alive: each mutant has to be killed
// by a test, or be listed with the reason why it changes nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// errFound says that the command did what it was asked for, and that the answer
// is not good. What was found has been printed.
var errFound = errors.New("the tests let something through")

func main() {
	// Whoever interrupts it leaves nothing behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sabotage:", err)
		os.Exit(1) //nolint:forbidigo // a command of its own
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sabotage", flag.ContinueOnError)
	only := flags.String("only", "", "pattern of the names to run, such as \"signed-*\"; all where it is empty")
	mutants := flags.Bool("mutants", false, "judge reports of gremlins instead: PACKAGE=REPORT.json …")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	if *mutants {
		return judgeMutants(root, flags.Args(), out)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; want [-only NAME]", flags.Arg(0))
	}
	patches, err := readPatches(filepath.Join(root, "testdata", "sabotage"), *only)
	if err != nil {
		return err
	}
	return sabotage(ctx, tree{root: root}, patches, out)
}

// moduleRoot is the nearest folder, from here upwards, with a go.mod.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", errors.New("find the module: no go.mod here or above")
		}
		folder = above
	}
}

// atOnce is how many patches are tried side by side: each compiles for itself.
func atOnce() int { return min(2, runtime.NumCPU()) }
