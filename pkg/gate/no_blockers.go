package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// NoBlockers holds when nothing that is open has one of the labels that keep a
// release back, and the milestone of the release is complete. Open pull requests
// count as issues do: a fix that is not merged fixes nothing.
var NoBlockers = register(Spec[noBlockers]{
	ID:        "no-blockers",
	Title:     "Nothing that is open blocks the release",
	Since:     "0.1.0",
	Configure: "no-blockers:\n  labels: [release-blocker]\n  milestone: \"{version}\"",
	Validate:  func(params noBlockers, _ Terms) error { return params.validate() },
	Needs:     func(params noBlockers, _ Terms) []fact.Need { return params.needs() },
	Suppose:   supposesBlockers,
	Check:     checkNoBlockers,
})

type noBlockers struct {
	Labels    []string `yaml:"labels" doc:"Labels that nothing open may have, as the repository writes them; each has to exist."`
	Milestone string   `yaml:"milestone" doc:"The title of the milestone that has to be complete; {version} and {tag} stand for those of the tag."`
}

// mostLabels bounds the questions to GitHub: each label is one.
const mostLabels = 20

func (p noBlockers) validate() error {
	switch {
	case len(p.Labels) == 0 && p.Milestone == "":
		return fmt.Errorf("labels: name at least one label such as release-blocker, or give a milestone; with neither, nothing would be asked for")
	case len(p.Labels) > mostLabels:
		return fmt.Errorf("labels: there are %d; expected %d at most", len(p.Labels), mostLabels)
	case strings.TrimSpace(p.Milestone) != p.Milestone:
		return fmt.Errorf("milestone %q: there is space around it", p.Milestone)
	}
	for i, label := range p.Labels {
		if label == "" || strings.TrimSpace(label) != label {
			return fmt.Errorf("labels: %q: expected a name without space around it", label)
		}
		if slices.ContainsFunc(p.Labels[:i], func(other string) bool { return strings.EqualFold(other, label) }) {
			return fmt.Errorf("labels: %q is there twice", label)
		}
	}
	if strings.ContainsAny(strings.NewReplacer("{tag}", "", "{version}", "", "{sha}", "").Replace(p.Milestone), "{}") {
		return fmt.Errorf("milestone %q: only {version}, {tag} and {sha} can stand in braces", p.Milestone)
	}
	return nil
}

func (p noBlockers) needs() []fact.Need {
	var needs []fact.Need
	for _, label := range p.Labels {
		needs = append(needs, fact.Need{Kind: fact.NeedOpenIssues, Key: label})
	}
	if p.Milestone != "" {
		needs = append(needs, fact.Need{Kind: fact.NeedMilestone, Key: p.Milestone})
	}
	return needs
}

func checkNoBlockers(params noBlockers, in Input) verdict.Finding {
	var parts []verdict.Finding
	for _, label := range params.Labels {
		parts = append(parts, judgeLabel(in.Facts.OpenIssuesOf(label), label))
	}
	if params.Milestone != "" {
		parts = append(parts, judgeMilestone(in.Facts.MilestoneAt(params.Milestone), params.Milestone))
	}
	return together(parts)
}

// judgeLabel asks for what is open with a label.
func judgeLabel(known fact.Known[fact.OpenIssues], label string) verdict.Finding {
	open, missing := known.Get()
	if missing == nil {
		missing = contradicts(open.Total, open.Newest)
	}
	page := known.Source().URL
	name := "the label " + shown(label)
	switch {
	case missing != nil:
		return verdict.Lacking("what is open with "+name, missing)
	case !open.LabelExists:
		return verdict.Failed("no-label", fmt.Sprintf("the repository has no label %s, so nothing can have it, whatever is open", shown(label))).
			Because(fmt.Sprintf("Write the label in the policy as the repository has it, or create the label %s.", shown(label)), "whoever maintains the policy")
	case open.Total != 0:
		return seeOpen(verdict.Waits("open", fmt.Sprintf("%s with %s: %s", stillOpen(open.Total), name, named(open.Newest, open.Total))).
			Because("Solve and close what is open, or take the label off what turned out not to block. Then run again.", "whoever works on it").
			See(name, page), open.Newest)
	}
	return verdict.Passed("nothing is open with "+name).See(name, page)
}

// judgeMilestone asks whether everything in a milestone is done, and whether
// anything is in it.
func judgeMilestone(known fact.Known[fact.Milestone], template string) verdict.Finding {
	milestone, missing := known.Get()
	if missing == nil {
		missing = contradicts(milestone.OpenIssues, milestone.Newest)
	}
	if missing != nil {
		return verdict.Lacking("whether the milestone "+shown(template)+" is complete", missing)
	}
	name := "the milestone " + shown(milestone.Title)
	var finding verdict.Finding
	switch {
	case !milestone.Exists:
		return verdict.Failed("no-milestone", fmt.Sprintf("the repository has no milestone %s", shown(milestone.Title))).
			Because("Create the milestone of the release and put into it what belongs to the release, or correct the title in the policy. The two have to be the same to the letter.", "whoever plans the release")
	case milestone.OpenIssues != 0:
		finding = verdict.Waits("milestone-open", fmt.Sprintf("%s in %s: %s", stillOpen(milestone.OpenIssues), name, named(milestone.Newest, milestone.OpenIssues))).
			Because("Finish and close what is open in the milestone, or move it to a later one. Then run again.", "whoever works on it, or whoever plans the release")
	case milestone.ClosedIssues <= 0:
		finding = verdict.Failed("empty", name+" holds nothing, neither open nor closed; that nothing is open in it says nothing about the release").
			Because("Put the issues and pull requests of the release into the milestone.", "whoever plans the release")
	default:
		finding = verdict.Passed(fmt.Sprintf("%s is complete: %d closed, none open", name, milestone.ClosedIssues))
	}
	return seeOpen(finding.See(name, milestone.URL), milestone.Newest)
}

// contradicts tells of a number that is none, or is less than what is listed.
func contradicts(total int, newest []fact.Issue) *fact.Missing {
	listed := len(byNumber(newest))
	if total >= listed {
		return nil
	}
	return &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("%d are said to be open, and %d are listed", total, listed)}
}

func stillOpen(total int) string {
	if total == 1 {
		return "1 is still open"
	}
	return fmt.Sprintf("%d are still open", total)
}

// mostShown is how many of what is open is named.
const mostShown = 10

// byNumber returns issues newest first, each once.
func byNumber(issues []fact.Issue) []fact.Issue {
	sorted := slices.Clone(issues)
	order.By(sorted, func(a, b fact.Issue) int { return b.Number - a.Number })
	return order.Once(sorted, func(a, b fact.Issue) bool { return a.Number == b.Number })
}

// named names the newest of what is open.
func named(newest []fact.Issue, total int) string {
	newest = byNumber(newest)
	var names []string
	for _, issue := range newest[:min(len(newest), mostShown)] {
		names = append(names, titled(issue))
	}
	if more := total - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// titled is an issue with its title, for people.
func titled(issue fact.Issue) string {
	if issue.Pull {
		return fmt.Sprintf("pull request #%d %s", issue.Number, shown(issue.Title))
	}
	return fmt.Sprintf("#%d %s", issue.Number, shown(issue.Title))
}

// seeOpen links the newest of what is open.
func seeOpen(finding verdict.Finding, newest []fact.Issue) verdict.Finding {
	newest = byNumber(newest)
	for _, issue := range newest[:min(len(newest), mostShown)] {
		finding = finding.See(titled(issue), issue.URL)
	}
	return finding
}
