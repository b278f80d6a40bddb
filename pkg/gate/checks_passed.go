package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// ChecksPassed holds when the named checks, or all checks there are, ended
// well on the commit. A check is identified by who reported it, never by its
// name alone: anybody who can push can report a check of any name.
var ChecksPassed = register(Spec[checksPassed]{
	ID:        "checks-passed",
	Title:     "The checks passed",
	Since:     "0.1.0",
	Configure: "checks-passed:\n  checks:\n    - { name: tests, class: tests, workflow: .github/workflows/ci.yml, within: 10m }\n",
	Defaults:  checksPassed{Accept: []Conclusion{success}},
	Validate:  func(params checksPassed, _ Terms) error { return params.validate() },
	Needs:     func(checksPassed, Terms) []fact.Need { return []fact.Need{{Kind: fact.NeedChecks}} },
	Notes:     checksPassed.notes,
	Suppose:   supposesChecks,
	Check:     checkChecksPassed,
})

type checksPassed struct {
	All    bool         `yaml:"all" doc:"Every check and commit status of the commit counts, except the jobs of this run and skipped jobs of its workflow; there has to be at least one check."`
	Checks []namedCheck `yaml:"checks" doc:"Checks that have to be there and to pass."`
	Accept []Conclusion `yaml:"accept" doc:"The conclusions that count as passed: success, neutral, skipped."`
	Within Duration     `yaml:"within" doc:"How long each check may take that counts and does not say so itself, such as 10m."`
	Slow   Slow         `yaml:"slow" doc:"What a check does that took longer than that: fail, or warn. Without it, fail."`
}

type namedCheck struct {
	Name     string `yaml:"name" doc:"The check's name as GitHub shows it; for a job, the job's name."`
	App      string `yaml:"app" doc:"The slug of the app that reports the check; github-actions where nothing is said."`
	Workflow string `yaml:"workflow" doc:"The path of the workflow file behind the check, such as .github/workflows/ci.yml; where nothing is said, the check has to pass in every workflow that has it."`
	// Class decides nothing: it tells a reader what is proven, or missing.
	Class  CheckClass `yaml:"class" doc:"What the check is for, which is shown beside its name: tests, lint, integration, performance, security, smoke or acceptance."`
	Within Duration   `yaml:"within" doc:"How long it may take from the moment when its workflow run was created until it ended, such as 10m."`
	Slow   Slow       `yaml:"slow" doc:"What a check that took longer does: fail, or warn. Without it, fail."`
}

// CheckClass is what a check is for.
type CheckClass string

// Values returns the classes, in the order in which a commit usually meets them.
func (CheckClass) Values() []string {
	return []string{"tests", "lint", "integration", "performance", "security", "smoke", "acceptance"}
}

// Slow is what a check does that took longer than it may.
type Slow string

const (
	slowFails Slow = "fail"
	slowWarns Slow = "warn"
)

// Values returns what a slow check can do.
func (Slow) Values() []string { return []string{string(slowFails), string(slowWarns)} }

// Conclusion is how a completed check ended, as far as a policy may accept it.
type Conclusion string

// The conclusions that a policy may accept.
const (
	success Conclusion = "success"
	neutral Conclusion = "neutral"
	skipped Conclusion = "skipped"
)

// Values returns the words a policy may use.
func (Conclusion) Values() []string {
	return []string{string(success), string(neutral), string(skipped)}
}

const githubActions = "github-actions"

func (c namedCheck) app() string {
	if c.App == "" {
		return githubActions
	}
	return c.App
}

func (p checksPassed) validate() error {
	if !p.All && len(p.Checks) == 0 {
		return fmt.Errorf("give all: true, or checks: with at least one check; with neither, no check would be asked for")
	}
	if len(p.Accept) == 0 {
		return fmt.Errorf("accept: the list is empty; name at least one of %q", success.Values())
	}
	for _, conclusion := range p.Accept {
		if !slices.Contains(success.Values(), string(conclusion)) {
			return fmt.Errorf("accept: %q: expected one of %q", conclusion, success.Values())
		}
	}
	if err := validateBudget(p.Within, p.Slow); err != nil {
		return err
	}
	for i, check := range p.Checks {
		if err := check.validate(); err != nil {
			return fmt.Errorf("checks: %w", err)
		}
		if slices.ContainsFunc(p.Checks[:i], check.overlaps) {
			return fmt.Errorf("checks: %q is there twice; entries of one name have to differ in app or workflow", check.Name)
		}
	}
	return nil
}

func (c namedCheck) validate() error {
	switch {
	case strings.TrimSpace(c.Name) == "":
		return fmt.Errorf("a check has no name")
	case c.Workflow != "" && c.app() != githubActions:
		return fmt.Errorf("%q: only checks of the app %s have a workflow, not those of %q", c.Name, githubActions, c.App)
	case c.Class != "" && !slices.Contains(c.Class.Values(), string(c.Class)):
		return fmt.Errorf("%q: class %q: expected one of %q", c.Name, c.Class, c.Class.Values())
	}
	if err := validateBudget(c.Within, c.Slow); err != nil {
		return fmt.Errorf("%q: %w", c.Name, err)
	}
	return nil
}

// overlaps reports whether a check could be meant by both.
func (c namedCheck) overlaps(other namedCheck) bool {
	return c.Name == other.Name && c.app() == other.app() &&
		(c.Workflow == other.Workflow || c.Workflow == "" || other.Workflow == "")
}

func checkChecksPassed(params checksPassed, in Input) verdict.Finding {
	checks, missing := in.Facts.Checks.Get()
	if missing != nil {
		return verdict.Lacking("which checks the commit has", missing)
	}
	board := newBoard(params.Accept, checks, askerOf(in.Facts))
	var counted []result
	if params.All {
		counted = slices.DeleteFunc(board.all(params.budget()), in.Terms.isDeployment)
	}
	for _, named := range params.Checks {
		counted = append(counted, board.named(named.orWithin(params.budget()))...)
	}
	results := worstFirst(counted)
	if len(results) == 0 || results[0].outcome == verdict.Pass && !slices.ContainsFunc(results, proves) {
		return verdict.Failed("none", "no check counts for this commit; that there are none does not mean that all are fine. The jobs of this run itself never count with all: true, and commit statuses, posted checks and checks of pull requests alone prove nothing: whoever may push can bring them about").
			Because("Start the run when the commit's checks have been reported. To count jobs of the same workflow, name them under checks: and let the job of the gate need them.", "whoever maintains the workflow")
	}
	return report(results)
}

// proves reports whether a check can meet the gate. What whoever may push can
// write, or choose the workflow file for, can only keep it from being met.
func proves(each result) bool {
	return !each.id.status && !each.id.posted && !each.id.foreign() && each.id.name != ""
}

// report turns the results, worst first, into the finding of the worst.
func report(results []result) verdict.Finding {
	worst := results[0]
	var finding verdict.Finding
	switch worst.outcome {
	case verdict.Pass:
		finding = verdict.Passed(countPassed(results))
	case verdict.Wait:
		finding = verdict.Waits(worst.code, explain(results)).Because(remedies(results), worst.who())
	case verdict.Fail:
		finding = verdict.Failed(worst.code, explain(results)).Because(remedies(results), worst.who())
	case verdict.Unknown, verdict.Skip, verdict.Waived:
		missing := cmp.Or(worst.missing, &fact.Missing{Reason: fact.Inconsistent, Detail: "it " + worst.says})
		finding = verdict.Lacking("how "+worst.name()+" ended", missing)
	}
	for _, each := range results {
		if each.warning != "" {
			finding = finding.Warn(each.warning)
		}
	}
	const most = 10
	for _, each := range results[:min(most, len(results))] {
		finding = finding.See(each.String(), each.url)
	}
	return finding
}

func countPassed(results []result) string {
	statuses := 0
	for _, each := range results {
		if each.id.status {
			statuses++
		}
	}
	passed := plural(len(results)-statuses, "check", "checks")
	if statuses > 0 {
		passed += " and " + plural(statuses, "commit status", "commit statuses")
	}
	passed += " passed"
	if classes := classesOf(results); len(classes) > 0 {
		passed += " (" + strings.Join(classes, ", ") + ")"
	}
	return passed
}

// classesOf returns the classes of the results, each once.
func classesOf(results []result) []string {
	return slices.DeleteFunc(CheckClass("").Values(), func(class string) bool {
		return !slices.ContainsFunc(results, func(each result) bool { return string(each.class) == class })
	})
}

// explain says which checks keep the gate from being met. Those that are no
// worse than pending are left out while others failed.
func explain(results []result) string {
	var bad []string
	for _, each := range results {
		if each.outcome == results[0].outcome {
			bad = append(bad, each.String())
		}
	}
	return fmt.Sprintf("%d of %s did not pass: %s", len(bad), plural(len(results), "check", "checks"), listed(bad, "; ", 10))
}

// remedies says what to do, once for each kind of fault among the worst.
func remedies(results []result) string {
	var fixes []string
	for _, each := range results {
		if fix := each.fix(); each.outcome == results[0].outcome && !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
	}
	return strings.Join(fixes, " ")
}

func plural(count int, one, many string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, many)
}
