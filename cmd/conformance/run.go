package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/stageward/stageward/pkg/conformance"
)

// options are the flags.
type options struct {
	pack, command, image, mode, only string
	list, json                       bool
	parallel                         int
}

// run does what the arguments say, and reports whether a case failed.
func run(ctx context.Context, arguments []string, search string, out io.Writer) (failed bool, err error) {
	var o options
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.StringVar(&o.pack, "pack", "testdata/conformance", "folder of the pack")
	flags.StringVar(&o.command, "command", "", "judge this program; what follows its path are arguments of its own")
	flags.StringVar(&o.image, "image", "", "judge this image, with docker")
	flags.StringVar(&o.mode, "mode", "action", "action: as a step of a job; gate: as \"stageward gate\"; both")
	flags.StringVar(&o.only, "only", "", "play the cases of which the name or an id matches this pattern, such as chk/* or CHK-04")
	flags.BoolVar(&o.list, "list", false, "say what the cases are about, and play none")
	flags.BoolVar(&o.json, "json", false, "print the results for programs")
	flags.IntVar(&o.parallel, "parallel", 2*runtime.NumCPU(), "how many cases are played at a time")
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return false, nil
	case err != nil:
		return false, err
	case flags.NArg() > 0:
		return false, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	cases, err := chosen(o)
	if err != nil {
		return false, err
	}
	if o.list {
		return false, list(out, cases)
	}
	subject, modes, err := judged(o, search)
	if err != nil {
		return false, err
	}
	var results []conformance.Result
	for _, mode := range modes {
		results = append(results, conformance.Run(ctx, cases, mode, subject, o.parallel, "")...)
	}
	for _, count := range conformance.Counts(results) {
		failed = failed || count.Failed > 0
	}
	return failed, show(out, o.json, results)
}

// chosen returns the cases of the pack that are asked for.
func chosen(o options) ([]conformance.Case, error) {
	all, err := conformance.Load(os.DirFS(o.pack))
	if err != nil || o.only == "" {
		return all, err
	}
	var cases []conformance.Case
	for _, each := range all {
		for _, name := range append([]string{each.Name}, each.IDs...) {
			matched, err := path.Match(strings.ToLower(o.only), strings.ToLower(name))
			if err != nil {
				return nil, fmt.Errorf("--only %q: %w", o.only, err)
			}
			if matched {
				cases = append(cases, each)
				break
			}
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("--only %q matches no case; --list has them all", o.only)
	}
	return cases, nil
}

// judged returns what is judged, and in which ways.
func judged(o options, search string) (conformance.Subject, []conformance.Mode, error) {
	modes := map[string][]conformance.Mode{
		"action": {conformance.ModeAction}, "gate": {conformance.ModeGate}, "both": {conformance.ModeAction, conformance.ModeGate},
	}[o.mode]
	words := strings.Fields(o.command)
	switch {
	case modes == nil:
		return nil, nil, fmt.Errorf("--mode %q: expected one of action, gate, both", o.mode)
	case (len(words) == 0) == (o.image == ""):
		return nil, nil, errors.New("say what to judge: --command PATH or --image NAME")
	case o.image != "":
		return conformance.Image(o.image), modes, nil
	}
	if strings.Contains(words[0], "/") {
		full, err := filepath.Abs(words[0]) // it runs in a folder of its own
		if err != nil {
			return nil, nil, err
		}
		words[0] = full
	}
	return conformance.Command(words, search), modes, nil
}

func list(out io.Writer, cases []conformance.Case) error {
	for _, each := range cases {
		if _, err := fmt.Fprintf(out, "%-36s %-5s  %s\n", each.Name, each.Expect.Decision, strings.ReplaceAll(each.About, "\n", " ")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%d cases\n", len(cases))
	return err
}

// show prints the results.
func show(out io.Writer, machines bool, results []conformance.Result) error {
	if !machines {
		_, err := io.WriteString(out, conformance.Text(results))
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Groups  []conformance.Count  `json:"groups"`
		Results []conformance.Result `json:"results"`
	}{conformance.Counts(results), results})
}
