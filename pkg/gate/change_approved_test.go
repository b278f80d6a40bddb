package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	recorded   = "issue: { label: change-approved, by: maintain }"
	pullTicket = "ticket: { pattern: 'CHG-[0-9]+', in: [pull-request] }"
	tagTicket  = "ticket: { pattern: 'CHG-[0-9]+', in: [tag] }"
	anyTicket  = "ticket: { pattern: 'CHG-[0-9]+', in: [tag, release, pull-request] }"
)

// changeRecord is the issue in which the change is written down, with its label from bob.
func changeRecord(changes ...func(*fact.Issue)) fact.Issue {
	made := issue(30, "Change the login")
	made.Labels = []fact.IssueLabel{{Name: "docs", By: mallory, At: noon}, {Name: "change-approved", By: bob, At: noon}}
	for _, change := range changes {
		change(&made)
	}
	return made
}

// labelledBy makes somebody the one who put the label on the record.
func labelledBy(who *fact.Person) func(*fact.Issue) {
	return func(issue *fact.Issue) { issue.Labels[1].By = who }
}

func closedAs(why string) func(*fact.Issue) {
	return func(issue *fact.Issue) { issue.Open, issue.Why = false, why }
}

// recordNumber gives a record another number.
func recordNumber(number int) func(*fact.Issue) {
	return func(issue *fact.Issue) { issue.Number = number }
}

// changePapers answers what pull request 7 says and closes.
func changePapers(body string, issues ...fact.Issue) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.PullPapers = map[string]fact.Known[fact.PullPapers]{
			fact.PullKey(7): fact.Of(fact.PullPapers{Number: 7, Body: body, Issues: issues}, fact.Source{}),
		}
	}
}

// changeClosing is the merged pull request that closes issues.
func changeClosing(issues ...fact.Issue) fact.Set {
	return onMain(pulls(merged()), changePapers("", issues...))
}

// changeSaying is the merged pull request with a description.
func changeSaying(body string) fact.Set { return onMain(pulls(merged()), changePapers(body)) }

// taggedWith is a signed tag with a message.
func taggedWith(text string, changes ...func(*fact.Tag)) func(*fact.Set) {
	return func(facts *fact.Set) {
		tag := fact.Tag{
			Annotated: true, Object: tagObject, Name: "v1.2.0", Target: headSHA, TargetType: "commit", URL: "https://github.com/acme/shop/releases/tag/v1.2.0",
			Signature: fact.Signature{
				Class: fact.PersonSignature, Verified: true, State: fact.SignatureValid, Signer: bob,
				Payload: fmt.Sprintf("object %s\ntype commit\ntag v1.2.0\ntagger Bob <bob@acme.test> 1700000000 +0000\n\n%s\n", headSHA, text),
			},
		}
		for _, change := range changes {
			change(&tag)
		}
		facts.Tag = fact.Of(tag, fact.Source{})
	}
}

// releasedWith is the release of the tag.
func releasedWith(body string, changes ...func(*fact.Release)) func(*fact.Set) {
	return func(facts *fact.Set) {
		release := fact.Release{Exists: true, Tag: "v1.2.0", Name: "1.2.0", Body: body, At: noon, URL: "https://github.com/acme/shop/releases/tag/v1.2.0"}
		for _, change := range changes {
			change(&release)
		}
		facts.Release = fact.Of(release, fact.Source{})
	}
}

var _ = rows("change-approved",
	row{
		name: "pushed directly", params: recorded, facts: onMain(pulls(), changePapers("", changeRecord())),
		want: verdict.Fail, code: "no-pull-request",
	},
	row{
		name: "the merge commit of two pull requests", params: recorded, facts: onMain(pulls(merged(), merged(func(p *fact.Pull) { p.Number = 8 })), changePapers("", changeRecord())),
		want: verdict.Fail, code: "ambiguous", says: []string{"#7, #8"},
	},
	row{name: "no issue is linked", params: recorded, facts: changeClosing(), want: verdict.Wait, code: "no-issue", says: []string{"closes no issue", "Closes #"}},
	row{
		name: "an issue of another repository is linked", params: recorded, want: verdict.Wait, code: "no-issue", says: []string{"closes 1 of other repositories"},
		facts: onMain(pulls(merged()), func(facts *fact.Set) {
			facts.PullPapers = map[string]fact.Known[fact.PullPapers]{"7": fact.Of(fact.PullPapers{Number: 7, Elsewhere: 1}, fact.Source{})}
		}),
	},
	row{
		name: "the label is not there", params: recorded, facts: changeClosing(changeRecord(func(i *fact.Issue) { i.Labels = i.Labels[:1] })),
		want: verdict.Wait, code: "not-approved", says: []string{`#30 "Change the login" does not have the label "change-approved"`},
	},
	row{
		name: "a label in another case", params: recorded, facts: changeClosing(changeRecord(func(i *fact.Issue) { i.Labels[1].Name = "Change-Approved" })),
		want: verdict.Wait, code: "not-approved", says: []string{`has the label "Change-Approved", which the policy writes "change-approved"`},
	},
	row{
		name: "a label that looks like it", params: recorded, facts: changeClosing(changeRecord(func(i *fact.Issue) { i.Labels[1].Name = "change-approved " })),
		want: verdict.Wait, code: "not-approved",
	},
	row{
		name: "the author of the change put the label there", params: "issue: { label: change-approved, by: write }", facts: changeClosing(changeRecord(labelledBy(alice))),
		want: verdict.Wait, code: "not-approved", says: []string{"@alice, who opened the pull request"},
	},
	row{
		name: "somebody who wrote part of it put the label there", params: "issue: { label: change-approved, by: write }",
		facts: onMain(changePapers("", changeRecord(labelledBy(carol))), pulls(merged(func(p *fact.Pull) {
			p.Commits = fact.Of([]fact.PullCommit{{SHA: otherSHA, Author: carol, Committer: carol}, {SHA: pullHead, Author: alice, Committer: alice}}, fact.Source{})
		}))),
		want: verdict.Wait, code: "not-approved", says: []string{"@carol, who wrote or committed part"},
	},
	row{
		name: "somebody without the role put the label there", params: recorded, facts: changeClosing(changeRecord(labelledBy(mallory))),
		want: verdict.Wait, code: "not-approved", says: []string{"@mallory has write, needs maintain", "a person who holds role maintain"},
	},
	row{
		name: "without a role, maintain is asked for", params: "issue: { label: change-approved }", facts: changeClosing(changeRecord(labelledBy(carol))),
		want: verdict.Wait, code: "not-approved", says: []string{"@carol has write, needs maintain"},
	},
	row{name: "a program put the label there", params: recorded, facts: changeClosing(changeRecord(labelledBy(hubot))), want: verdict.Wait, code: "not-approved", says: []string{"not a person's account"}},
	row{
		name: "GitHub does not say who put the label there", params: recorded, facts: changeClosing(changeRecord(labelledBy(nil))),
		want: verdict.Wait, code: "not-approved", says: []string{"gone, or that GitHub does not name"},
	},
	row{
		name: "the label is there twice, from two people", params: recorded, want: verdict.Wait, code: "not-approved", says: []string{"more than one account"},
		facts: changeClosing(changeRecord(func(i *fact.Issue) { i.Labels[0] = fact.IssueLabel{Name: "change-approved", By: mallory} })),
	},
	row{
		name: "the record was closed as not planned", params: recorded, facts: changeClosing(changeRecord(closedAs("not_planned"))),
		want: verdict.Wait, code: "not-approved", says: []string{`was closed as "not_planned"`},
	},
	row{name: "the record was closed as a duplicate", params: recorded, facts: changeClosing(changeRecord(closedAs("duplicate"))), want: verdict.Wait, code: "not-approved"},
	row{name: "the record was closed without a reason", params: recorded, facts: changeClosing(changeRecord(closedAs(""))), want: verdict.Wait, code: "not-approved"},
	row{
		name: "a record that has to be open is closed", params: "issue: { label: change-approved, state: open, by: maintain }", facts: changeClosing(changeRecord(closedAs("completed"))),
		want: verdict.Wait, code: "not-approved", says: []string{"is closed", "has to be open"},
	},
	row{
		name: "a record that has to be closed is open", params: "issue: { label: change-approved, state: closed, by: maintain }", facts: changeClosing(changeRecord()),
		want: verdict.Wait, code: "not-approved", says: []string{"is open", "has to be closed as completed"},
	},
	row{
		name: "two records and neither is approved", params: recorded, facts: changeClosing(changeRecord(labelledBy(mallory)), changeRecord(recordNumber(31), closedAs("not_planned"))),
		want: verdict.Wait, code: "not-approved", says: []string{"#30", "@mallory", "#31", "not_planned"},
	},
	row{
		name: "what the labeler may do cannot be read", params: recorded, facts: onMain(pulls(merged()), changePapers("", changeRecord()), lose(bob)),
		want: verdict.Unknown, code: string(fact.Forbidden),
	},
	row{
		name: "work that GitHub links to nobody", params: recorded, want: verdict.Fail, code: "unattributed",
		facts: onMain(changePapers("", changeRecord()), pulls(merged(func(p *fact.Pull) { p.Commits = fact.Of([]fact.PullCommit{{SHA: pullHead}}, fact.Source{}) }))),
	},
	row{
		name: "the author of the pull request is gone", params: recorded, want: verdict.Fail, code: "unattributed",
		facts: onMain(changePapers("", changeRecord()), pulls(merged(func(p *fact.Pull) { p.Author = nil }))),
	},
	row{
		name: "the commits of the pull request cannot be read", params: recorded, want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(changePapers("", changeRecord()), pulls(merged(func(p *fact.Pull) {
			p.Commits = fact.Lost[[]fact.PullCommit](fact.Missing{Reason: fact.Incomplete})
		}))),
	},
	row{
		name: "the commits of the pull request do not hold its head", params: recorded, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(changePapers("", changeRecord()), pulls(merged(func(p *fact.Pull) {
			p.Commits = fact.Of([]fact.PullCommit{{SHA: otherSHA, Author: alice, Committer: alice}}, fact.Source{})
		}))),
	},
	row{name: "what the pull request closes was not asked", params: recorded, facts: onMain(pulls(merged())), want: verdict.Unknown, code: string(fact.NotAsked)},
	row{
		name: "an answer about another pull request", params: recorded, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(pulls(merged()), func(facts *fact.Set) {
			facts.PullPapers = map[string]fact.Known[fact.PullPapers]{"7": fact.Of(fact.PullPapers{Number: 8, Issues: []fact.Issue{changeRecord()}}, fact.Source{})}
		}),
	},
	row{
		name: "a title that is hostile is quoted", params: recorded, facts: changeClosing(changeRecord(labelledBy(nil), func(i *fact.Issue) { i.Title = "\x1b[1m\n::error::x" })),
		want: verdict.Wait, code: "not-approved", says: []string{`"\x1b[1m\n::error::x"`}, hides: []string{"\x1b", "\n::"},
	},

	row{name: "no ticket in the pull request", params: pullTicket, facts: changeSaying("Mend the login"), want: verdict.Wait, code: "no-ticket", says: []string{`"CHG-[0-9]+"`, "description of #7"}},
	row{name: "a longer word to the left", params: pullTicket, facts: changeSaying("XCHG-12"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a letter to the right", params: pullTicket, facts: changeSaying("CHG-12a"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a letter outside of ASCII to the left", params: pullTicket, facts: changeSaying("éCHG-12"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a mark to the right", params: pullTicket, facts: changeSaying("CHG-12\u0301"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a hyphen to the right", params: pullTicket, facts: changeSaying("CHG-12-draft"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a hyphen to the left", params: pullTicket, facts: changeSaying("NO-CHG-12"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a digit outside of ASCII to the right", params: pullTicket, facts: changeSaying("CHG-12٣"), want: verdict.Wait, code: "no-ticket"},
	row{name: "one of two alternatives inside a longer word", params: "ticket: { pattern: 'CHG-[0-9]+|INC[0-9]+', in: [pull-request] }", facts: changeSaying("XCHG-1 INC2b"), want: verdict.Wait, code: "no-ticket"},
	row{name: "the example in the comment of a template", params: pullTicket, facts: changeSaying("<!-- such as CHG-12 -->\nTicket:"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a comment that does not end", params: pullTicket, facts: changeSaying("Ticket: <!-- CHG-12"), want: verdict.Wait, code: "no-ticket"},
	row{name: "a ticket around a comment", params: pullTicket, facts: changeSaying("CHG-<!-- -->12"), want: verdict.Wait, code: "no-ticket"},
	row{
		name: "no pull request was merged", params: pullTicket, facts: onMain(pulls(), changePapers("CHG-12")),
		want: verdict.Fail, code: "no-ticket", says: []string{"none was merged as the commit", "one pull request"},
	},
	row{
		name: "the ticket is in a pull request beside the commit that was not merged", params: pullTicket, want: verdict.Fail, code: "no-ticket", says: []string{"#7 is not merged"},
		facts: onMain(changePapers("CHG-12"), pulls(merged(func(p *fact.Pull) { p.Merged, p.Title = false, "CHG-12" }))),
	},
	row{
		name: "two pull requests were merged", params: pullTicket, want: verdict.Fail, code: "no-ticket", says: []string{"more than one was merged"},
		facts: onMain(changePapers("CHG-12"), pulls(merged(), merged(func(p *fact.Pull) { p.Number = 8 }))),
	},
	row{name: "no ticket in the tag", params: tagTicket, facts: onTag(taggedWith("Release 1.2.0")), want: verdict.Fail, code: "no-ticket", says: []string{`message of the tag "v1.2.0"`, "new signed tag"}},
	row{
		name: "the ticket is in the message of a tag that nobody signed", params: tagTicket, want: verdict.Fail, code: "no-ticket", says: []string{"not signed"},
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) { tag.Signature.Class = fact.Unsigned })),
	},
	row{
		name: "the ticket is in the message of a tag of which nobody knows whether it is signed", params: tagTicket, want: verdict.Fail, code: "no-ticket", says: []string{"not signed"},
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) { tag.Signature.Class = fact.UnknownSignature })),
	},
	row{
		name: "the ticket is in a tag of another name", params: tagTicket, want: verdict.Fail, code: "no-ticket", says: []string{"another name or commit"},
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) { tag.Name = "v1.1.0" })),
	},
	row{
		name: "the ticket is in a tag of another commit", params: tagTicket, want: verdict.Fail, code: "no-ticket", says: []string{"another name or commit"},
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) { tag.Target = otherSHA })),
	},
	row{
		name: "a lightweight tag", params: tagTicket, want: verdict.Fail, code: "no-ticket", says: []string{"lightweight"},
		facts: onTag(func(facts *fact.Set) { facts.Tag = fact.Of(fact.Tag{}, fact.Source{}) }),
	},
	row{name: "a branch has no tag", params: tagTicket, facts: onMain(taggedWith("CHG-12")), want: verdict.Fail, code: "no-ticket", says: []string{"refs/heads/main is no tag"}},
	row{
		name: "what was signed has another name than GitHub gives the tag", params: tagTicket, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) {
			tag.Signature.Payload = strings.Replace(tag.Signature.Payload, "tag v1.2.0", "tag v1.1.0", 1)
		})),
	},
	row{
		name: "what was signed is for another commit than GitHub says", params: tagTicket, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) {
			tag.Signature.Payload = strings.Replace(tag.Signature.Payload, string(headSHA), string(otherSHA), 1)
		})),
	},
	row{
		name: "GitHub does not show what was signed", params: tagTicket, want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onTag(taggedWith("CHG-12", func(tag *fact.Tag) { tag.Signature.Payload = "" })),
	},
	row{
		name: "the ticket stands where only the header of the tag is", params: tagTicket, want: verdict.Fail, code: "no-ticket",
		facts: onTag(taggedWith("Release", func(tag *fact.Tag) {
			tag.Signature.Payload = strings.Replace(tag.Signature.Payload, "Bob <", "CHG-12 <", 1)
		})),
	},
	row{
		name: "no release is published", params: "ticket: { pattern: 'CHG-[0-9]+', in: [release] }", facts: onTag(func(facts *fact.Set) { facts.Release = fact.Of(fact.Release{}, fact.Source{}) }),
		want: verdict.Wait, code: "no-ticket", says: []string{"none is published"},
	},
	row{
		name: "the ticket is in a draft", params: "ticket: { pattern: 'CHG-[0-9]+', in: [release] }", facts: onTag(releasedWith("CHG-12", func(r *fact.Release) { r.Draft = true })),
		want: verdict.Wait, code: "no-ticket", says: []string{"none is published"},
	},
	row{
		name: "the release of another tag", params: "ticket: { pattern: 'CHG-[0-9]+', in: [release] }", facts: onTag(releasedWith("CHG-12", func(r *fact.Release) { r.Tag = "v1.1.0" })),
		want: verdict.Unknown, code: string(fact.Inconsistent),
	},
	row{
		name: "a branch has no release", params: "ticket: { pattern: 'CHG-[0-9]+', in: [release] }", facts: onMain(releasedWith("CHG-12")),
		want: verdict.Fail, code: "no-ticket", says: []string{"refs/heads/main is no tag"},
	},
	row{
		name: "all places were looked at, and all are told", params: anyTicket, facts: onTag(taggedWith("Release"), releasedWith("Better"), pulls(merged()), changePapers("More")),
		want: verdict.Wait, code: "no-ticket", says: []string{"message of the tag", "release of the tag", "description of #7"},
	},
	row{
		name: "a place that cannot be read could have anything", params: anyTicket, facts: onTag(taggedWith("CHG-12"), pulls(merged()), changePapers("CHG-12")),
		want: verdict.Unknown, code: string(fact.NotAsked),
	},
	row{
		name: "a ticket does not make up for the label", params: recorded + "\n" + pullTicket, facts: onMain(pulls(merged()), changePapers("CHG-12", changeRecord(labelledBy(mallory)))),
		want: verdict.Wait, code: "not-approved", hides: []string{"CHG-12"},
	},
	row{
		name: "the label does not make up for a ticket", params: recorded + "\n" + pullTicket, facts: onMain(pulls(merged()), changePapers("none", changeRecord())),
		want: verdict.Wait, code: "no-ticket",
	},

	row{
		name: "a maintainer approved the record", params: recorded, facts: changeClosing(changeRecord()), want: verdict.Pass,
		says: []string{`#30 "Change the login" has the label "change-approved", put there by @bob (@bob has maintain)`},
	},
	row{name: "a record that was closed by the merge", params: recorded, facts: changeClosing(changeRecord(closedAs("completed"))), want: verdict.Pass},
	row{name: "a record that has to be open", params: "issue: { label: change-approved, state: open, by: maintain }", facts: changeClosing(changeRecord()), want: verdict.Pass},
	row{name: "a record that has to be closed", params: "issue: { label: change-approved, state: closed }", facts: changeClosing(changeRecord(closedAs("completed"))), want: verdict.Pass},
	row{name: "one of two records is approved", params: recorded, facts: changeClosing(changeRecord(labelledBy(mallory)), changeRecord(recordNumber(31))), want: verdict.Pass, says: []string{"#31"}},
	row{name: "a role of users", params: "issue: { label: change-approved, by: leads }", roles: leads, facts: changeClosing(changeRecord()), want: verdict.Pass},
	row{name: "a record for a tag", params: recorded, facts: onTag(pulls(merged()), changePapers("", changeRecord())), want: verdict.Pass},
	row{name: "a ticket in the description", params: pullTicket, facts: changeSaying("See (CHG-12)."), want: verdict.Pass, says: []string{`"CHG-12"`, "description of #7", "whoever wrote it there says"}},
	row{name: "a ticket in the title", params: pullTicket, facts: onMain(changePapers(""), pulls(merged(func(p *fact.Pull) { p.Title = "CHG-12: sell more" }))), want: verdict.Pass},
	row{name: "a ticket after a word that is almost one", params: pullTicket, facts: changeSaying("XCHG-1 CHG-2"), want: verdict.Pass, says: []string{`"CHG-2"`}},
	row{name: "a ticket after a comment", params: pullTicket, facts: changeSaying("<!-- CHG-1 -->CHG-2"), want: verdict.Pass, says: []string{`"CHG-2"`}},
	row{name: "a ticket in the signed message", params: tagTicket, facts: onTag(taggedWith("Release 1.2.0\n\nCHG-12")), want: verdict.Pass, says: []string{`message of the tag "v1.2.0"`}},
	row{name: "a ticket in the release", params: "ticket: { pattern: 'CHG-[0-9]+', in: [release] }", facts: onTag(releasedWith("Change CHG-12")), want: verdict.Pass, says: []string{"release of the tag"}},
	row{name: "a ticket in one of three places", params: anyTicket, facts: onTag(taggedWith("Release"), releasedWith("Better"), pulls(merged()), changePapers("CHG-12")), want: verdict.Pass},
	row{name: "the label and a ticket", params: recorded + "\n" + pullTicket, facts: onMain(pulls(merged()), changePapers("CHG-12", changeRecord())), want: verdict.Pass, says: []string{"@bob", "CHG-12"}},
)

func TestChangeApproved(t *testing.T) {
	t.Parallel()
	testRows(t, "change-approved")
}

func TestChangeApprovedRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	testRefusals(t, "change-approved", map[string]string{
		"":                                   "issue: give",
		"issue: {}":                          "nothing would be asked for",
		"issue: { state: open }":             `label ""`,
		"issue: { label: ' x' }":             "without space",
		"issue: { label: x, state: merged }": `state "merged"`,
		"issue: { label: x, by: bosses }":    `role "bosses" is not defined`,
		"ticket: { pattern: 'CHG-[0-9]+' }":  "in: the list is empty",
		"ticket: { in: [tag] }":              "pattern: expected",
		"ticket: { pattern: 'CHG-[0-9]+', in: [branch] }":                    `in: "branch"`,
		"ticket: { pattern: 'CHG-[0-9]+', in: [tag, tag] }":                  `"tag" is there twice`,
		"ticket: { pattern: '[', in: [tag] }":                                "missing closing ]",
		"ticket: { pattern: '[0-9]*', in: [tag] }":                           "matches the empty text",
		"ticket: { pattern: '(CHG-1)?|INC', in: [tag] }":                     "matches the empty text",
		"ticket: { pattern: '\\b', in: [tag] }":                              "matches the empty text",
		"ticket: { pattern: '(a|){3}', in: [tag] }":                          "matches the empty text",
		"ticket: { pattern: '(a*)+', in: [tag] }":                            "matches the empty text",
		"ticket: { pattern: '(?i)', in: [tag] }":                             "matches the empty text",
		"ticket: { pattern: '.+', in: [tag] }":                               "ordinary words",
		"ticket: { pattern: '[A-Za-z]+', in: [tag] }":                        "ordinary words",
		"ticket: { pattern: '[0-9]+', in: [tag] }":                           "ordinary words",
		"ticket: { pattern: 'CHG-1)|(', in: [tag] }":                         "unexpected )",
		`ticket: { pattern: '\QCHG-1', in: [tag] }`:                          "missing closing )",
		"ticket: { pattern: '" + strings.Repeat("C", 201) + "', in: [tag] }": "200 at most",
	})
}

// A pattern that brings its own groups and flags still is a word of its own.
func TestATicketOfAnyPatternIsAWord(t *testing.T) {
	t.Parallel()
	for pattern, texts := range map[string][2]string{
		"(?i)chg-([0-9]+)":      {"CHG-1", "xCHG-1"},
		"(CHG|INC)-[0-9]{3}":    {"INC-123", "INC-1234"},
		"CHG-[0-9]+|INC-[0-9]+": {"a INC-2 b", "a INC-2b CHG-1-"},
		"^CHG-[0-9]+$":          {"", "CHG-1"},
		"CHG [0-9]+":            {"CHG 12,", "CHG 12th"},
	} {
		params := fmt.Sprintf("ticket: { pattern: '%s', in: [pull-request] }", pattern)
		for i, want := range []verdict.Outcome{verdict.Pass, verdict.Wait} {
			if texts[i] == "" {
				continue
			}
			got := bind(t, "change-approved", row{params: params}).Ask(changeSaying(texts[i]), gate.Terms{})
			if got.Outcome != want {
				t.Errorf("%s: %q is %s, want %s: %s", pattern, texts[i], got.Outcome, want, got.Reason)
			}
		}
	}
}
