package cli

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/scenario"
)

// showSuite prints what came of a file of scenarios, and sets the exit code.
func (a *app) showSuite(s suite, flags testFlags) {
	for _, each := range s.results {
		a.showResult(s.file.Name, each, flags)
	}
	if len(s.results) == 0 {
		a.line("no name of a scenario matches --run %s; -v without it shows all", flags.run)
	}
	a.line("%s: %d of %d scenarios hold", s.file.Name, len(s.results)-s.failed(), len(s.results))
	if s.whole {
		a.showCoverage(s.coverage, flags)
	}
	if !s.holds(flags) {
		a.code = exitRefused
	}
}

func (a *app) showResult(file string, each scenario.Result, flags testFlags) {
	switch {
	case !each.Holds():
		a.line("FAIL  %s:%d: %s", file, each.Line, each.Name)
	case flags.verbose || flags.show:
		a.line("ok    %s", each.Name)
	}
	if each.Problem != "" {
		a.line("  could not be played: %s", each.Problem)
	}
	for _, difference := range each.Differences {
		a.line("  %-9s %s", difference.What, differs(difference))
	}
	if flags.show && each.Problem == "" {
		fmt.Fprint(a.system.Stdout, indented(verdictText(each)))
	}
}

func (a *app) line(format string, parts ...any) {
	fmt.Fprintln(a.system.Stdout, actions.Inert(fmt.Sprintf(format, parts...)))
}

func (a *app) showCoverage(c scenario.Coverage, flags testFlags) {
	below := ""
	if c.Percent() < flags.minCoverage {
		below = fmt.Sprintf("; %d%% are asked for", flags.minCoverage)
	}
	a.line("coverage: %d of %d outcomes (%d%%)%s", c.Shown, c.Total, c.Percent(), below)
	const most = 10
	for i, each := range c.Missing {
		if i == most && !flags.verbose {
			a.line("  and %d more; -v shows all", len(c.Missing)-most)
			break
		}
		a.line("  %s", each)
	}
}

func differs(d scenario.Difference) string {
	var text string
	switch {
	case d.Want == "":
		text = "not expected: " + d.Got
	case d.Got == "":
		text = "want " + d.Want + ", which is not there"
	default:
		text = "want " + d.Want + ", got " + d.Got
	}
	if d.Why != "" {
		text += " (" + d.Why + ")"
	}
	return text
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n\n"
}

// suiteJSON is the public form of what came of a file of scenarios.
type suiteJSON struct {
	File      string       `json:"file"`
	Holds     bool         `json:"holds"`
	Scenarios []resultJSON `json:"scenarios"`
	Coverage  coverageJSON `json:"coverage"`
}

type resultJSON struct {
	Name        string                `json:"name"`
	Line        int                   `json:"line"`
	Holds       bool                  `json:"holds"`
	Decision    string                `json:"decision"`
	Reasons     []string              `json:"reasons"`
	Problem     string                `json:"problem,omitempty"`
	Differences []scenario.Difference `json:"differences,omitempty"`
}

type coverageJSON struct {
	Shown   int      `json:"shown"`
	Total   int      `json:"total"`
	Missing []string `json:"missing"`
}

// printSuites prints the same as JSON.
func (a *app) printSuites(suites []suite, flags testFlags) error {
	all := []suiteJSON{}
	for _, each := range suites {
		holds := each.holds(flags)
		if !holds {
			a.code = exitRefused
		}
		read := suiteJSON{File: each.file.Name, Holds: holds, Scenarios: []resultJSON{}, Coverage: coverageJSON{each.coverage.Shown, each.coverage.Total, append([]string{}, each.coverage.Missing...)}}
		for _, result := range each.results {
			read.Scenarios = append(read.Scenarios, resultOf(result))
		}
		all = append(all, read)
	}
	data, err := report.Indented(all)
	if err == nil {
		_, err = fmt.Fprintf(a.system.Stdout, "%s", data)
	}
	return err
}

func resultOf(each scenario.Result) resultJSON {
	read := resultJSON{Name: each.Name, Line: each.Line, Holds: each.Holds(), Reasons: []string{}, Problem: each.Problem, Differences: each.Differences}
	if each.Problem == "" {
		read.Decision = each.Verdict.Decision.String()
		for _, reason := range scenario.Reasons(each.Verdict) {
			read.Reasons = append(read.Reasons, reason.Code)
		}
	}
	return read
}
