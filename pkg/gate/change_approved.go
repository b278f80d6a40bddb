package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// ChangeApproved holds when the record of the change is approved: an issue that
// the merged pull request closes has a label which somebody in a role put there,
// or a ticket of another system is named. What is configured has to hold, all of
// it.
var ChangeApproved = register(Spec[changeApproved]{
	ID:        "change-approved",
	Title:     "The record of the change is approved",
	Since:     "0.1.0",
	Configure: "change-approved:\n  issue: { label: change-approved, by: maintain }",
	Validate:  func(params changeApproved, terms Terms) error { return params.validate(terms) },
	Needs:     changeApproved.needs,
	Suppose:   supposesChange,
	Check:     checkChangeApproved,
})

type changeApproved struct {
	Issue  changeIssue  `yaml:"issue" doc:"The issue that is the record of the change, linked to the pull request."`
	Ticket changeTicket `yaml:"ticket" doc:"The ticket of another system that is the record of the change."`
}

type changeIssue struct {
	Label string     `yaml:"label" doc:"The label that says the change is approved, as the repository writes it."`
	State IssueState `yaml:"state" doc:"Whether the issue has to be open or closed, or any of the two; any where nothing is said. One that was closed as anything but completed never counts."`
	By    RoleName   `yaml:"by" doc:"The role that whoever put the label there has to hold; maintain where nothing is said."`
}

func (c changeIssue) given() bool { return c != changeIssue{} }

func (c changeIssue) by() RoleName {
	if c.By == "" {
		return "maintain"
	}
	return c.By
}

// IssueState is whether an issue is open.
type IssueState string

// The states; the empty one stands for any.
const (
	anyIssue    IssueState = "any"
	openIssue   IssueState = "open"
	closedIssue IssueState = "closed"
)

// Values returns the words a policy may use.
func (IssueState) Values() []string {
	return []string{string(anyIssue), string(openIssue), string(closedIssue)}
}

func (p changeApproved) validate(terms Terms) error {
	if !p.Issue.given() && !p.Ticket.given() {
		return errors.New("issue: give { label: change-approved, by: maintain }, or a ticket; with neither, nothing would be asked for")
	}
	if p.Issue.given() {
		if err := p.Issue.validate(terms); err != nil {
			return fmt.Errorf("issue: %w", err)
		}
	}
	if p.Ticket.given() {
		if err := p.Ticket.validate(); err != nil {
			return fmt.Errorf("ticket: %w", err)
		}
	}
	return nil
}

func (c changeIssue) validate(terms Terms) error {
	switch {
	case c.Label == "" || strings.TrimSpace(c.Label) != c.Label:
		return fmt.Errorf("label %q: expected a name without space around it", c.Label)
	case c.State != "" && !slices.Contains(c.State.Values(), string(c.State)):
		return fmt.Errorf("state %q: expected one of %q", c.State, c.State.Values())
	}
	return needsRole(c.by(), terms)
}

func (p changeApproved) needs(terms Terms) []fact.Need {
	var needs []fact.Need
	if p.Issue.given() {
		needs = append(needs, fact.Need{Kind: fact.NeedPulls}, fact.Need{Kind: fact.NeedPullPapers})
		needs = append(needs, terms.Roles.Needs(p.Issue.by(), fact.Labelers)...)
	}
	for _, need := range p.Ticket.needs() {
		if !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	return needs
}

func checkChangeApproved(params changeApproved, in Input) verdict.Finding {
	var parts []verdict.Finding
	if params.Issue.given() {
		parts = append(parts, params.Issue.judge(in))
	}
	if params.Ticket.given() {
		parts = append(parts, params.Ticket.judge(in))
	}
	return together(parts)
}

// judge looks for the record among the issues that the pull request closes.
func (c changeIssue) judge(in Input) verdict.Finding {
	landed, unknown := in.findLanding()
	switch {
	case unknown != nil:
		return *unknown
	case len(landed.pulls) == 0:
		return verdict.Failed("no-pull-request", fmt.Sprintf("no pull request was merged into %q as commit %s, so no issue is linked to it%s", landed.branch, in.Facts.Subject.SHA.Short(), landed.explainOthers())).
			Because("Bring the change in through a pull request that is linked to its record.", "whoever wrote the change")
	case len(landed.pulls) > 1:
		return verdict.Failed("ambiguous", fmt.Sprintf("commit %s is the merge commit of more than one pull request (%s), so it is not clear whose record counts", in.Facts.Subject.SHA.Short(), landed.numbers())).
			Because("Bring the change in through one new pull request.", "whoever wrote the change")
	}
	pull := landed.pulls[0]
	papers, missing := in.Facts.PapersOf(pull.Number).Get()
	if missing != nil {
		return seePull(verdict.Lacking(fmt.Sprintf("which issues #%d closes", pull.Number), missing), pull)
	}
	if len(papers.Issues) == 0 {
		return seePull(c.unlinked(papers), pull)
	}
	commits, missing := wholeCommits(pull)
	if missing != nil {
		return seePull(verdict.Lacking(fmt.Sprintf("the commits of #%d", pull.Number), missing), pull)
	}
	work := story{pull: pull, commits: commits}
	if unknown := work.unattributed(); unknown != nil {
		return seePull(*unknown, pull)
	}
	return seePull(c.among(in, work, papers.Issues), pull)
}

// unlinked is a wait: an issue can be linked after the merge.
func (c changeIssue) unlinked(papers fact.PullPapers) verdict.Finding {
	reason := fmt.Sprintf("#%d closes no issue of this repository, so there is no record of the change", papers.Number)
	if papers.Elsewhere > 0 {
		reason += fmt.Sprintf(" (it closes %d of other repositories, which do not count: others decide there who may label)", papers.Elsewhere)
	}
	return verdict.Waits("no-issue", reason).
		Because(fmt.Sprintf("Link the record of the change to #%d: \"Development\" in its sidebar, or \"Closes #…\" in its description. Then run again.", papers.Number), "whoever wrote the change")
}

// among asks each issue. One that is approved is enough.
func (c changeIssue) among(in Input, work story, issues []fact.Issue) verdict.Finding {
	var why []string
	var undecided *fact.Missing
	issues = byNumber(issues)
	slices.Reverse(issues)
	for _, issue := range issues {
		label, refusal := c.look(issue)
		if refusal == "" {
			refusal = whyNotBy(work, label.By)
		}
		var standing Standing
		if refusal == "" {
			standing = in.Standing(c.by(), label.By)
			refusal = fmt.Sprintf("has the label %s from somebody who does not count: %s", shown(c.Label), standing.Reason)
		}
		if standing.Holds() {
			return verdict.Passed(fmt.Sprintf("%s has the label %s, put there by @%s (%s)", titled(issue), shown(c.Label), label.By.Login, standing.Reason)).
				See(titled(issue), issue.URL)
		}
		if undecided == nil {
			undecided = standing.Missing
		}
		why = append(why, titled(issue)+" "+refusal)
	}
	var finding verdict.Finding
	if undecided != nil {
		finding = verdict.Lacking(fmt.Sprintf("whether somebody who holds role %s approved the change", c.by()), undecided)
	} else {
		finding = verdict.Waits("not-approved", fmt.Sprintf("no issue that #%d closes is an approved record of the change: %s", work.pull.Number, listed(why, ", ", mostShown))).
			Because(c.remedy(), whoHolds(c.by()))
	}
	return seeOpen(finding, issues)
}

func (c changeIssue) remedy() string {
	state := "open, or closed as completed"
	switch c.State {
	case openIssue:
		state = "open"
	case closedIssue:
		state = "closed as completed"
	case anyIssue:
	}
	return fmt.Sprintf("Have a person who holds role %s and did not work on the change put the label %s on the record, which has to be %s; if the label is there already, take it off and put it on anew. Then run again.", c.by(), shown(c.Label), state)
}

// look returns the label of an issue that says it is approved, or why it is no
// approved record whoever put the label there.
func (c changeIssue) look(issue fact.Issue) (fact.IssueLabel, string) {
	switch {
	case !issue.Open && issue.Why != "completed":
		return fact.IssueLabel{}, fmt.Sprintf("was closed as %s", shown(orNothing(issue.Why)))
	case c.State == openIssue && !issue.Open:
		return fact.IssueLabel{}, "is closed"
	case c.State == closedIssue && issue.Open:
		return fact.IssueLabel{}, "is open"
	}
	var found []fact.IssueLabel
	lacking := fmt.Sprintf("does not have the label %s", shown(c.Label))
	for _, label := range issue.Labels {
		switch {
		case label.Name == c.Label:
			found = append(found, label)
		case strings.EqualFold(label.Name, c.Label):
			lacking = fmt.Sprintf("has the label %s, which the policy writes %s", shown(label.Name), shown(c.Label))
		}
	}
	if len(found) == 0 {
		return fact.IssueLabel{}, lacking
	}
	for _, other := range found[1:] {
		if !sameOrNobody(other.By, found[0].By) {
			return fact.IssueLabel{}, fmt.Sprintf("is said to have the label %s from more than one account", shown(c.Label))
		}
	}
	return found[0], ""
}

// sameOrNobody reports whether two labels come from one account, or both from
// none.
func sameOrNobody(a, b *fact.Person) bool {
	if a == nil || b == nil {
		return a == b
	}
	return accountOf(*a) == accountOf(*b)
}

// whyNotBy says why a label does not count because of who put it there, whatever
// role they hold; "" when it does.
func whyNotBy(work story, by *fact.Person) string {
	switch {
	case by == nil:
		return "has the label from an account that is gone, or that GitHub does not name (as where another label was given this name since)"
	case samePerson(by, work.pull.Author):
		return fmt.Sprintf("has the label from @%s, who opened the pull request", by.Login)
	case work.workedOn(by):
		return fmt.Sprintf("has the label from @%s, who wrote or committed part of the change", by.Login)
	}
	return ""
}
