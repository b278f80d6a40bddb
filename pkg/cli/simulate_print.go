package cli

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/verdict"
)

// showSimulations prints what would change.
func (a *app) showSimulations(all []simulation, format string) error {
	if format == "json" {
		data, err := report.Indented(all)
		if err == nil {
			_, err = fmt.Fprintf(a.system.Stdout, "%s", data)
		}
		return err
	}
	changed := 0
	for _, each := range all {
		if each.Before.Decision != each.After.Decision {
			changed++
		}
		a.showSimulation(each)
	}
	if len(all) > 1 {
		a.line("%d of %d decisions would change.", changed, len(all))
	}
	a.line("Nothing was decided: this is what would be.")
	return nil
}

func (a *app) showSimulation(s simulation) {
	a.line("%s: %s at %s", s.From, s.Before.Subject.Ref, s.Before.Subject.SHA.Short())
	a.line("  is:       %s", standOf(s.Before))
	a.line("  would be: %s", standOf(s.After))
	for _, each := range changes(s.Before, s.After) {
		a.line("  %s", each)
	}
	a.line("")
}

// standOf says what is decided, for which stage, and what is in the way.
func standOf(v verdict.Verdict) string {
	text := v.Decision.String()
	if stage := scenario.StageOf(v); stage != "" {
		text += " for " + stage
	}
	if !v.At.IsZero() {
		text += v.At.UTC().Format(", at 2006-01-02 15:04 UTC")
	}
	for i, each := range scenario.Reasons(v) {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		text += separator + each.Code
	}
	return text
}

// changes says gate by gate what would be different, and why. What stays is left out.
func changes(before, after verdict.Verdict) []string {
	var lines []string
	for _, each := range after.Findings {
		was := findingOf(before, each.Gate)
		switch {
		case was == nil && each.Outcome == verdict.Skip:
		case was == nil:
			lines = append(lines, fmt.Sprintf("+ %s would be asked, and is %s", each.Gate, state(each)))
		case was.Outcome != each.Outcome || was.Code != each.Code || was.Mode != each.Mode:
			lines = append(lines, fmt.Sprintf("~ %s: %s -> %s", each.Gate, outcome(*was), state(each)))
		}
	}
	for _, each := range before.Findings {
		if findingOf(after, each.Gate) == nil {
			lines = append(lines, fmt.Sprintf("- %s would not be asked", each.Gate))
		}
	}
	if len(lines) == 0 && before.Code != after.Code {
		lines = append(lines, "~ "+after.Reason)
	}
	if len(lines) == 0 {
		lines = append(lines, "No gate would answer otherwise.")
	}
	return lines
}

func findingOf(v verdict.Verdict, gate string) *verdict.Finding {
	at := slices.IndexFunc(v.Findings, func(each verdict.Finding) bool { return each.Gate == gate })
	if at < 0 {
		return nil
	}
	return &v.Findings[at]
}

func outcome(finding verdict.Finding) string {
	text := finding.Outcome.String()
	if finding.Mode != verdict.Enforce {
		text += " (" + finding.Mode.String() + ")"
	}
	return text
}

func state(finding verdict.Finding) string {
	text := outcome(finding) + ": " + finding.Reason
	if finding.Code == string(fact.NotAsked) {
		text += ". The facts do not hold it: save them in a run that is asked for it, or ask GitHub"
	}
	return text
}
