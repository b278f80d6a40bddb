package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// NoOpenAlerts holds when code scanning analysed this very commit and found
// nothing grave in it that is still there, or when the dependencies have no such
// alert. That a scan is turned off, may not be read, has not seen the commit, and
// found nothing are four answers, of which only the last is a yes.
var NoOpenAlerts = register(Spec[noOpenAlerts]{
	ID:        "no-open-alerts",
	Title:     "No grave alert is open",
	Since:     "0.1.0",
	Configure: "no-open-alerts:\n  code-scanning: { severity: high, tools: [CodeQL] }\n  dependencies: { severity: high }",
	Validate:  func(params noOpenAlerts, _ Terms) error { return params.validate() },
	Needs:     func(params noOpenAlerts, _ Terms) []fact.Need { return params.needs() },
	Notes:     func(params noOpenAlerts, _ Terms) []Note { return params.notes() },
	Suppose:   supposesAlerts,
	Check:     checkNoOpenAlerts,
})

type noOpenAlerts struct {
	CodeScanning scanParams `yaml:"code-scanning" doc:"What code scanning may not have found in the commit; without it, code scanning is not asked for."`
	Dependencies advisories `yaml:"dependencies" doc:"What Dependabot may not have found in the dependencies of the default branch; without it, they are not asked for."`
}

type scanParams struct {
	Severity Severity `yaml:"severity" doc:"The least severity that blocks: critical, high, medium or low; of rules that are not about security, an error counts as high, a warning as medium, a note as low."`
	Tools    []string `yaml:"tools" doc:"The scanners that each have to have analysed the commit, as GitHub names them; only their alerts count. Without it, one analysis is enough, and the alerts of all count."`
}

type advisories struct {
	Severity Severity `yaml:"severity" doc:"The least severity that blocks: critical, high, medium or low."`
}

// Severity is how grave an alert is.
type Severity string

// The severities, gravest first.
const (
	critical Severity = "critical"
	high     Severity = "high"
	medium   Severity = "medium"
	low      Severity = "low"
)

// Values returns the words a policy may use.
func (Severity) Values() []string {
	return []string{string(critical), string(high), string(medium), string(low)}
}

func (s Severity) validate(parameter string) error {
	if !slices.Contains(s.Values(), string(s)) {
		return fmt.Errorf("%s: severity %q: expected one of %q", parameter, string(s), s.Values())
	}
	return nil
}

// weights tell how grave each of GitHub's words is.
var weights = map[string]int{
	"critical": 4, "high": 3, "medium": 2, "low": 1,
	"error": 3, "warning": 2, "note": 1,
}

// blocks reports whether an alert is as grave as that, or graver. One without a
// severity, or with one that nobody knows, is as grave as can be.
func (s Severity) blocks(alert fact.Alert) bool {
	weight, known := weights[alert.Severity]
	return !known || weight >= weights[string(s)]
}

func (s scanParams) given() bool { return s.Severity != "" || len(s.Tools) > 0 }

func (p noOpenAlerts) validate() error {
	if !p.CodeScanning.given() && p.Dependencies.Severity == "" {
		return fmt.Errorf("code-scanning: give it or dependencies a severity, such as code-scanning: { severity: high }; with neither, nothing would be asked for")
	}
	if p.CodeScanning.given() {
		if err := p.CodeScanning.Severity.validate("code-scanning"); err != nil {
			return err
		}
	}
	if p.Dependencies.Severity != "" {
		if err := p.Dependencies.Severity.validate("dependencies"); err != nil {
			return err
		}
	}
	tools := map[string]bool{}
	for _, tool := range p.CodeScanning.Tools {
		if strings.TrimSpace(tool) == "" || tools[tool] {
			return fmt.Errorf("code-scanning: tools %q: expected names, each once", p.CodeScanning.Tools)
		}
		tools[tool] = true
	}
	return nil
}

func (p noOpenAlerts) needs() []fact.Need {
	var needs []fact.Need
	if p.CodeScanning.given() {
		needs = append(needs, fact.Need{Kind: fact.NeedCodeAlerts})
	}
	if p.Dependencies.Severity != "" {
		needs = append(needs, fact.Need{Kind: fact.NeedDependencyAlerts})
	}
	return needs
}

// What is not asked for.
var (
	codeAlertsNotAsked       = newNote("code-alerts-not-asked")
	dependencyAlertsNotAsked = newNote("dependency-alerts-not-asked")
)

func (p noOpenAlerts) notes() []Note {
	switch {
	case !p.CodeScanning.given():
		return []Note{codeAlertsNotAsked.of("Alerts of code scanning are not asked for, since code-scanning has no severity.").mend("Add code-scanning: { severity: high, tools: [CodeQL] }, or accept the warning.")}
	case p.Dependencies.Severity == "":
		return []Note{dependencyAlertsNotAsked.of("Alerts about dependencies are not asked for, since dependencies has no severity.").mend("Add dependencies: { severity: high }, or accept the warning.")}
	}
	return nil
}

func checkNoOpenAlerts(params noOpenAlerts, in Input) verdict.Finding {
	var parts []verdict.Finding
	if params.CodeScanning.given() {
		parts = append(parts, params.CodeScanning.judge(in))
	}
	if params.Dependencies.Severity != "" {
		parts = append(parts, params.Dependencies.judge(in))
	}
	return together(parts)
}

const administrator = "an administrator of the repository"

// judge answers about code scanning.
func (s scanParams) judge(in Input) verdict.Finding {
	alerts, missing := in.Facts.CodeAlerts.Get()
	switch {
	case missing != nil:
		return verdict.Lacking("what code scanning found", missing)
	case !alerts.Enabled:
		return verdict.Failed("not-enabled", fmt.Sprintf("code scanning is not enabled, so nothing looks for faults; GitHub says: %s", shown(alerts.Off))).
			Because("Enable code scanning in the repository's settings, below \"Advanced Security\", or with a workflow that uploads results; a private repository needs GitHub Code Security. Or take code-scanning out of the policy.", administrator)
	}
	if finding := s.judgeAnalyses(in, alerts); finding != nil {
		return *finding
	}
	return s.judgeAlerts(in, alerts)
}

// judgeAnalyses returns the finding about scanners that did not analyse the
// commit; nil when all did that have to. Alerts that are open say nothing
// before: what is not analysed yet may have fixed them, or may have more.
func (s scanParams) judgeAnalyses(in Input, alerts fact.Alerts) *verdict.Finding {
	sha := in.Facts.Subject.SHA
	done := map[string]bool{}
	var problems []string
	for _, each := range alerts.Analyses {
		switch {
		case each.Commit != sha:
		case each.Problem != "":
			problems = append(problems, fmt.Sprintf("%s could not be used: %s", shown(each.Tool), shown(each.Problem)))
		default:
			done[each.Tool] = true
		}
	}
	lacking := slices.DeleteFunc(slices.Clone(s.Tools), func(tool string) bool { return done[tool] })
	if len(lacking) == 0 && len(done) > 0 {
		return nil
	}
	by := "any scanner"
	if len(lacking) > 0 {
		by = listed(lacking, ", ", 10)
	}
	reason := fmt.Sprintf("commit %s was not analysed by %s on %s; what is not analysed is not known to be free of alerts", sha.Short(), by, alerts.Ref)
	fix := fmt.Sprintf("Wait until the scan of this commit has ended, then run the gate again. If none is running, start the workflow that scans, on %s at this commit; let it run for every push there.", alerts.Ref)
	if alike := writtenOtherwise(lacking, done); alike != "" {
		reason += "; " + alike
		fix = "Write the tools in the policy as GitHub names them. " + fix
	}
	slices.Sort(problems)
	if problems = slices.Compact(problems); len(problems) > 0 {
		reason += "; an analysis by " + listed(problems, ", by ", 5)
	}
	finding := verdict.Waits("not-analysed", reason).Because(fix, "whoever maintains the workflow that scans")
	return &finding
}

// writtenOtherwise says which scanner did analyse the commit under a name that
// differs from a lacking one in nothing but case, or "".
func writtenOtherwise(lacking []string, done map[string]bool) string {
	for _, tool := range slices.Sorted(maps.Keys(done)) {
		for _, wanted := range lacking {
			if strings.EqualFold(tool, wanted) {
				return fmt.Sprintf("it was analysed by %s, which the policy writes %s", shown(tool), shown(wanted))
			}
		}
	}
	return ""
}

func (s scanParams) judgeAlerts(in Input, alerts fact.Alerts) verdict.Finding {
	ours := func(alert fact.Alert) bool { return len(s.Tools) == 0 || slices.Contains(s.Tools, alert.Tool) }
	count := countAlerts(alerts, s.Severity, ours)
	where := fmt.Sprintf("in commit %s, by %s", in.Facts.Subject.SHA.Short(), alerts.Ref)
	if len(count.blocking) == 0 {
		return count.show(verdict.Passed(fmt.Sprintf("code scanning found no %s alert %s", s.Severity.words(), where) + count.others()))
	}
	finding := verdict.Failed("code-scanning", fmt.Sprintf("%s %s: %s", plural(len(count.blocking), "alert of code scanning is open", "alerts of code scanning are open"), where, count.list())+count.others()).
		Because("Fix what they show and deploy the new commit: an alert that is fixed on the branch later is still in this one. One that is wrong can be dismissed on its page, with a reason.", "whoever wrote the change, or whoever may dismiss alerts")
	return count.show(finding)
}

// judge answers about dependencies.
func (a advisories) judge(in Input) verdict.Finding {
	alerts, missing := in.Facts.DependencyAlerts.Get()
	switch {
	case missing != nil:
		return verdict.Lacking("what Dependabot found", missing)
	case !alerts.Enabled:
		return verdict.Failed("not-enabled", fmt.Sprintf("alerts about dependencies are not enabled, so nothing looks for them; GitHub says: %s", shown(alerts.Off))).
			Because("Enable Dependabot alerts in the repository's settings, below \"Advanced Security\". Or take dependencies out of the policy.", administrator)
	}
	count := countAlerts(alerts, a.Severity, func(fact.Alert) bool { return true })
	about := "the default branch"
	repository, missing := in.Facts.Repository.Get()
	if missing != nil {
		return verdict.Lacking("which commit Dependabot looked at", missing)
	}
	if repository.DefaultCommit != "" && repository.DefaultCommit != in.Facts.Subject.SHA {
		about = fmt.Sprintf("the default branch, which is at %s now; what %s depends on can differ", repository.DefaultCommit.Short(), in.Facts.Subject.SHA.Short())
	}
	if len(count.blocking) == 0 {
		return count.show(verdict.Passed(fmt.Sprintf("Dependabot has no %s alert that is open (about %s)", a.Severity.words(), about) + count.others()))
	}
	finding := verdict.Failed("dependencies", fmt.Sprintf("%s (about %s): %s", plural(len(count.blocking), "alert of Dependabot is open", "alerts of Dependabot are open"), about, count.list())+count.others()).
		Because("Update the dependencies and deploy the new commit. An alert that does not concern you can be dismissed on its page, with a reason.", "whoever maintains the dependencies, or whoever may dismiss alerts")
	return count.show(finding)
}
