package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/decide"
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
	"github.com/stageward/stageward/pkg/whatif"
)

// explainRun explains a run that has saved its facts.
func (a *app) explainRun(path string) error {
	facts, err := loadFacts(path)
	if err != nil {
		return err
	}
	rules, err := policy.Load(facts.Policy, gate.All())
	if err != nil {
		return a.showProblems(fmt.Errorf("%s: the policy in the facts: %w", path, err))
	}
	if project := facts.Trigger.Project; project == "" && len(rules.Projects) > 0 {
		for _, each := range rules.ProjectNames() {
			facts.Trigger.Project = each
			a.line("# project %s", each)
			if err := a.explainDecision(rules, facts); err != nil {
				return err
			}
			a.line("")
		}
		return nil
	}
	return a.explainDecision(rules, facts)
}

// explainDecision explains what was decided about one project, or about a repository
// without any.
func (a *app) explainDecision(rules policy.Policy, facts fact.Set) error {
	rules, err := ofProject(rules, facts.Trigger.Project)
	if err != nil {
		return err
	}
	v := whatif.Decide(rules, facts)
	a.line("%s %s at %s, by %s", facts.Subject.Ref.Kind(), facts.Subject.Ref.Name(), facts.Subject.SHA.Short(), policyOf(facts, rules))
	a.line("%s", report.Headline(v))
	found, err := a.explainMatch(rules, decide.NewPlan(rules, facts).Match())
	if err != nil || found == nil {
		return err
	}
	a.describe(*found)
	a.explainFindings(*found, v, readBy(rules, facts))
	a.explainWay(rules, facts, v)
	return nil
}

func policyOf(facts fact.Set, rules policy.Policy) string {
	file := facts.Policy.OrZero()
	if !file.Exists {
		return "the preset " + rules.Preset
	}
	return fmt.Sprintf("%s of %s at %s", file.Path, file.Branch, file.Commit.Short())
}

// explainFindings says of each gate what it was asked with, what it said, and what a
// reader can look at.
func (a *app) explainFindings(found policy.Stage, v verdict.Verdict, read map[string][]string) {
	rows := asksOf(found)
	for _, finding := range v.Findings {
		asked := row{id: finding.Gate, mode: finding.Mode.String(), title: finding.Title}
		if at := slices.IndexFunc(rows, func(each row) bool { return each.id == finding.Gate }); at >= 0 {
			asked = rows[at]
		}
		a.line("")
		a.line("  %s: %s (%s, %s)", asked.id, asked.title, finding.Mode, asked.origin)
		for _, each := range asked.params {
			a.line("      %s: %s (%s)", each.Name, each.Value, each.Origin)
		}
		a.line("    %s: %s", strings.TrimSpace(finding.Outcome.String()+" "+finding.Code), finding.Reason)
		for _, each := range finding.Evidence {
			a.line("      see %s", withAddress(each))
		}
		if facts := read[finding.Gate]; len(facts) > 0 {
			a.line("      facts: %s", strings.Join(facts, "; "))
		}
	}
}

// readBy returns for each gate the facts that it may look at, with where they were
// read.
func readBy(rules policy.Policy, facts fact.Set) map[string][]string {
	read := map[string][]string{}
	checks, _ := decide.NewPlan(rules, facts).Asks()
	for _, check := range checks {
		for _, need := range check.Needs {
			text := need.String()
			for i, source := range facts.ReadFrom(need) {
				separator := ", "
				if i == 0 {
					separator = " by "
				}
				text += separator + withAddress(verdict.Evidence{Text: source.From, URL: source.URL})
			}
			read[check.ID] = append(read[check.ID], text)
		}
	}
	return read
}

func withAddress(each verdict.Evidence) string {
	if each.URL == "" {
		return each.Text
	}
	return each.Text + " <" + each.URL + ">"
}

// explainWay says what would have to happen for the run to be allowed.
func (a *app) explainWay(rules policy.Policy, facts fact.Set, v verdict.Verdict) {
	if v.Decision == verdict.Allowed {
		return
	}
	way := whatif.WayToAllow(rules, facts)
	if len(way.Steps) == 0 {
		a.line("%s", v.Fix)
		return
	}
	a.line("")
	a.line("The shortest way to allow:")
	for i, step := range way.Steps {
		a.line("  %d. %s: %s", i+1, step.Gate, step.Fix)
		if step.Who != "" {
			a.line("     who: %s", step.Who)
		}
	}
	switch {
	case way.Unclear != "":
		a.line("Whether that is enough is not known: %s.", way.Unclear)
	case way.After.Decision == verdict.Allowed:
		a.line("Supposing that, the run is allowed: it was decided again, step by step.")
	default:
		a.line("Supposing that, the run is still not allowed (%s): %s", way.After.Code, standOf(way.After))
	}
}
