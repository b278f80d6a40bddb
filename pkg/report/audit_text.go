package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// Titles of an audit that the channels share.
const (
	mendTitle    = "To mend"
	unsureTitle  = "Could not be checked"
	shortTitle   = "In short, worst first"
	fineTitle    = "As it should be"
	besideTitle  = "Does not apply"
	reachTitle   = "Who can reach which stage"
	reviewTitle  = "Questions of a design review"
	noneCan      = "nobody"
	maxReachable = 40 // people in one cell
	manyPoints   = 4  // so many do not fit on a screen, and get a list of one line each
)

// AuditText returns the audit as plain text, what needs somebody first. As in
// Text, no line is a workflow command and no foreign text a control sequence.
func AuditText(a verdict.Audit, style Style) string {
	p := &page{style: style}
	colour := green
	if len(byOutcome(a, verdict.Fail)) > 0 {
		colour = red
	} else if len(byOutcome(a, verdict.Unknown)) > 0 || len(a.Points) == 0 {
		colour = yellow
	}
	p.add(entry{mark: "AUDIT:", colour: bold + ";" + colour, key: " ", text: AuditHeadline(a)})
	p.open(mendTitle, byOutcome(a, verdict.Fail))
	p.open(unsureTitle, byOutcome(a, verdict.Unknown))
	p.closed(fineTitle, "ok", byOutcome(a, verdict.Pass))
	p.closed(besideTitle, "-", byOutcome(a, verdict.Skip))
	p.reach(a.Reach)
	p.review(a.Review)
	p.title("Audit")
	source := auditRules(a)
	p.add(entry{indent: 2, mark: fmt.Sprintf("%-13s", "policy"), text: withURL(clip(source.text, maxName)+clip(source.note, maxName), source.url)})
	p.add(entry{indent: 2, mark: fmt.Sprintf("%-13s", "time"), text: moment(a.At)})
	p.short(byOutcome(a, verdict.Fail))
	return p.out.String()
}

// auditRules says which rules the repository was held against.
func auditRules(a verdict.Audit) detail {
	return rules(verdict.Verdict{Policy: a.Policy, RepositoryURL: a.RepositoryURL})
}

// open lists points that need somebody.
func (p *page) open(title string, points []verdict.Point) {
	if len(points) == 0 {
		return
	}
	p.title(fmt.Sprintf("%s (%d)", title, len(points)))
	said := saidBefore{}
	for i, point := range points {
		if i == maxUnmet {
			p.more(2, len(points)-i)
			return
		}
		p.add(entry{indent: 2, mark: strings.ToUpper(point.Severity.String()) + ":", colour: severityColour(point), key: " ", text: pointTitle(point) + ": " + clip(point.Reason, maxReason)})
		for _, line := range said.labels(point) {
			p.add(entry{indent: 4, mark: fmt.Sprintf("%-16s", line.label+":"), text: line.text})
		}
		p.commands(said.commands(point))
		p.evidence(4, point.Evidence)
	}
}

// short lists points that need somebody once more, one line each. It is the end
// of the text: what a terminal shows when all the rest has gone by.
func (p *page) short(points []verdict.Point) {
	if len(points) < manyPoints {
		return
	}
	p.title(shortTitle)
	for i, point := range points {
		if i == maxUnmet {
			p.more(2, len(points)-i)
			return
		}
		p.add(entry{indent: 2, mark: fmt.Sprintf("%-9s", strings.ToUpper(point.Severity.String())), colour: severityColour(point), text: pointTitle(point) + ": " + clip(point.Reason, maxName)})
	}
}

// commands are written as they have to be typed, never broken.
func (p *page) commands(commands []string) {
	if len(commands) == 0 {
		return
	}
	p.add(entry{indent: 4, mark: "Run:"})
	for _, command := range commands {
		for _, line := range verbatim(command) {
			p.out.WriteString(inertLine(line) + "\n")
		}
	}
}

func severityColour(point verdict.Point) string {
	switch {
	case point.Outcome != verdict.Fail:
		return yellow
	case point.Severity <= verdict.High:
		return red
	}
	return yellow
}

// closed lists points that need nobody, one line each.
func (p *page) closed(title, word string, points []verdict.Point) {
	if len(points) == 0 {
		return
	}
	p.title(fmt.Sprintf("%s (%d)", title, len(points)))
	width := 0
	for _, point := range points[:min(len(points), maxRows)] {
		width = max(width, cells(plain(pointTitle(point))))
	}
	for i, point := range points {
		if i == maxRows {
			p.more(2, len(points)-i)
			return
		}
		p.add(entry{indent: 2, mark: word, colour: green, key: "  " + pad(plain(pointTitle(point)), width) + "  ", text: clip(point.Reason, maxReason)})
	}
}

func (p *page) reach(all []verdict.Reach) {
	if len(all) == 0 {
		return
	}
	p.title(reachTitle)
	notes := notesOf(all)
	stage := ""
	for i, each := range all {
		if i == maxRows {
			p.more(2, len(all)-i)
			break
		}
		if each.Stage != stage || i == 0 {
			stage = each.Stage
			p.add(entry{indent: 2, mark: "", text: clip(stage, maxName)})
		}
		p.add(entry{indent: 4, text: clip(each.Can, maxName) + ": " + who(each, notes)})
	}
	for i, note := range notes {
		p.add(entry{indent: 2, mark: fmt.Sprintf("(%d)", i+1), key: " ", text: clip(note, maxReason)})
	}
}

// notesOf returns why it is not known who can, each reason once: it is mostly the
// same, and long.
func notesOf(all []verdict.Reach) []string {
	var notes []string
	for _, each := range all[:min(len(all), maxRows)] {
		if each.Unknown != "" && !slices.Contains(notes, each.Unknown) {
			notes = append(notes, each.Unknown)
		}
	}
	return notes
}

// who lists those who can, and names the note that says what of that is not known.
func who(each verdict.Reach, notes []string) string {
	shown := each.Who[:min(len(each.Who), maxReachable)]
	said := strings.Join(shown, ", ")
	if left := len(each.Who) - len(shown); left > 0 {
		said += fmt.Sprintf(" and %d more", left)
	}
	note := fmt.Sprintf("(%d)", 1+slices.Index(notes, each.Unknown))
	switch {
	case each.Unknown != "" && said != "":
		return clip(said, maxReason) + ", and maybe others " + note
	case each.Unknown != "":
		return "not known " + note
	case said == "":
		return noneCan
	}
	return clip(said, maxReason)
}

func (p *page) review(answers []verdict.Answer) {
	if len(answers) == 0 {
		return
	}
	p.title(reviewTitle)
	for _, each := range answers {
		p.add(entry{indent: 2, mark: fmt.Sprintf("%-11s", answerMark(each).word), colour: answerColour(each), text: clip(each.Question, maxName)})
		p.add(entry{indent: 13, text: clip(each.Reason, maxReason)})
		if each.Fix != "" {
			p.add(entry{indent: 13, mark: adviceLabel + ":", key: " ", text: clip(each.Fix, maxReason)})
		}
		p.evidence(13, each.Evidence)
	}
}

func answerMark(each verdict.Answer) mark {
	switch each.Outcome { //nolint:exhaustive // whatever is neither is not known
	case verdict.Pass:
		return mark{"✅", "yes"}
	case verdict.Fail:
		return mark{"⛔", "no"}
	}
	return mark{"❓", "not known"}
}

func answerColour(each verdict.Answer) string {
	switch each.Outcome { //nolint:exhaustive // whatever is neither is not known
	case verdict.Pass:
		return green
	case verdict.Fail:
		return red
	}
	return yellow
}
