package gate

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesChange lets the pull request close an issue that somebody in the role labelled,
// and lets the first of the places that the policy takes name a ticket. Without it no
// issue has the label, and no place names one.
var supposesChange = Supposing[changeApproved]{
	Noun: "change",
	With: func(params changeApproved, in Supposed, _ string) error {
		if params.Issue.given() {
			if err := params.Issue.record(in); err != nil {
				return err
			}
		}
		if params.Ticket.given() {
			return params.Ticket.name(in)
		}
		return nil
	},
	Without: func(params changeApproved, in Supposed, _ string) error {
		if params.Issue.given() {
			in.Attribute()
			in.papers(func(papers *fact.PullPapers) {
				for i := range papers.Issues {
					papers.Issues[i].Labels = slices.DeleteFunc(slices.Clone(papers.Issues[i].Labels), func(each fact.IssueLabel) bool { return each.Name == params.Issue.Label })
				}
			})
		}
		if params.Ticket.given() {
			params.Ticket.unname(in)
		}
		return nil
	},
}

// papers changes what the pull request says that was merged as the commit.
func (in Supposed) papers(change func(*fact.PullPapers)) {
	landed, unknown := in.input().findLanding()
	if unknown != nil {
		return
	}
	for _, pull := range landed.pulls {
		key := fact.PullKey(pull.Number)
		known := in.Facts.PullPapers[key]
		suppose.Change(&known, func(papers *fact.PullPapers) {
			papers.Number, papers.Issues = pull.Number, append([]fact.Issue{}, papers.Issues...)
			change(papers)
		})
		in.Facts.PullPapers[key] = known
	}
}

// record lets an approved record be there.
func (c changeIssue) record(in Supposed) error {
	in.MergedPull(func(*fact.Pull) {})
	in.Attribute()
	_, workers, err := in.landed()
	if err != nil {
		return err
	}
	by, err := in.holder(c.by(), workers...)
	if err != nil {
		return err
	}
	issue := in.issue("The record of the change", fact.IssueLabel{Name: c.Label, By: &by, At: in.After()})
	if c.State != openIssue {
		issue.Open, issue.Why = false, "completed" // as the merge leaves it
	}
	in.papers(func(papers *fact.PullPapers) {
		papers.Issues = slices.DeleteFunc(papers.Issues, func(each fact.Issue) bool { return each.Number == issue.Number })
		papers.Issues = append(papers.Issues, issue)
	})
	return nil
}

// name writes a ticket into the first place that the run has.
func (c changeTicket) name(in Supposed) error {
	ticket, err := c.example()
	if err != nil {
		return err
	}
	c.unfold(in)
	isTag := in.Facts.Subject.Ref.Kind() == fact.TagRef
	for _, place := range c.In {
		switch {
		case place == inPull:
			in.MergedPull(func(pull *fact.Pull) { pull.Title = ticket + " " + pull.Title })
			in.papers(func(*fact.PullPapers) {})
			return nil
		case place == inRelease && isTag:
			return in.publish(func(release *fact.Release) { release.Name = ticket + " " + release.Name })
		case place == inTag && isTag:
			in.write(func() { in.SayInTag(ticket + " " + in.TagMessage()) })
			return nil
		}
	}
	return fmt.Errorf("%s is no tag, so neither a tag nor its release can name a ticket", in.Facts.Subject.Ref)
}

// unfold lets it be known what stands in the places: nothing, where it is not.
func (c changeTicket) unfold(in Supposed) {
	in.LandedPulls(func(*fact.Pull) {})
	in.papers(func(*fact.PullPapers) {})
	if in.Facts.Subject.Ref.Kind() == fact.TagRef {
		suppose.Change(&in.Facts.Release, func(release *fact.Release) {
			if release.Tag != in.Facts.Subject.Ref.Name() {
				*release = fact.Release{}
			}
		})
		suppose.Change(&in.Facts.Tag, func(*fact.Tag) {})
		if _, unknown := in.input().tagMessage(); unknown != nil {
			in.write(func() { in.SayInTag(in.TagMessage()) })
		}
	}
}

// example returns a ticket.
func (c changeTicket) example() (string, error) {
	parsed, err := syntax.Parse(c.Pattern, syntax.Perl)
	if err != nil {
		return "", err
	}
	word, err := c.word()
	if err != nil {
		return "", err
	}
	text := exampleOf(parsed.Simplify())
	if found := word.FindStringSubmatch(text + " Change"); found == nil || found[1] != text {
		return "", fmt.Errorf("no ticket could be made up that matches %s", shown(c.Pattern))
	}
	return text, nil
}

// exampleOf returns a text that an expression matches, of most expressions.
func exampleOf(re *syntax.Regexp) string {
	var text strings.Builder
	switch re.Op { //nolint:exhaustive // the others match nothing, or need not
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(re.Rune[:1])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return exampleOf(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			text.WriteString(exampleOf(sub))
		}
	}
	return text.String()
}

// unname takes every ticket out of the places.
func (c changeTicket) unname(in Supposed) {
	word, err := c.word()
	if err != nil {
		return // then no text names one
	}
	c.unfold(in)
	in.LandedPulls(func(pull *fact.Pull) { pull.Title = without(word, pull.Title) })
	in.papers(func(papers *fact.PullPapers) { papers.Body = without(word, withoutComments(papers.Body)) })
	if in.Facts.Subject.Ref.Kind() != fact.TagRef {
		return
	}
	suppose.Change(&in.Facts.Release, func(release *fact.Release) {
		release.Name, release.Body = without(word, release.Name), without(word, withoutComments(release.Body))
	})
	if said := in.TagMessage(); word.MatchString(said) && slices.Contains(c.In, inTag) {
		in.write(func() { in.SayInTag(without(word, said)) })
	}
}

// without returns a text in which no ticket is left.
func without(word *regexp.Regexp, text string) string {
	for found := word.FindStringSubmatchIndex(text); found != nil; found = word.FindStringSubmatchIndex(text) {
		text = text[:found[2]] + text[found[3]:]
	}
	return text
}
