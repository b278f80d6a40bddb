package report

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// Style says how text is set.
type Style struct {
	// Colour adds ANSI colours to words of our own; never to foreign text.
	Colour bool
	// Width is where lines are broken, in columns of a terminal, of which some
	// characters take two; less than 40 breaks none. A word that is longer stays
	// whole, so that it can be copied.
	Width int
}

// Text returns the verdict as plain text for a terminal or a log, the verdict
// first. No line of it is a workflow command, whatever the verdict holds, and
// no foreign text reaches the terminal as a control sequence.
func Text(v verdict.Verdict, style Style) string {
	p := &page{style: style}
	head, sentence, _ := strings.Cut(Headline(v), ": ")
	p.add(entry{mark: strings.ToUpper(head) + ":", colour: bold + ";" + decisionColour(v), key: " ", text: sentence})
	p.way(v)
	if said := next(v, plain); said != "" {
		p.add(entry{mark: "Next:", key: " ", text: said})
	}
	p.explanation(v)
	blocking, warning := unmetOf(v)
	p.unmet(missingTitle, blocking)
	through := letThrough(v)
	p.unmet(strings.ToUpper(throughTitle), through)
	p.unmet(strings.ToUpper(warningTitle), warning)
	p.gates(v.Findings, &told{blocking: min(len(blocking), maxUnmet), warning: min(len(warning), maxUnmet), through: min(len(through), maxUnmet)})
	p.changes(v)
	p.notConfigured(v)
	p.mapping(v)
	p.details(v)
	return p.out.String()
}

func (p *page) explanation(v verdict.Verdict) {
	if said := chosenText(v); said != "" {
		p.add(entry{mark: "CHOSEN:", colour: yellow, key: " ", text: clip(said, maxReason)})
	}
	if v.Stage != nil && v.Stage.Unrestricted {
		p.add(entry{mark: "UNRESTRICTED:", colour: yellow, key: " ", text: "the policy asks for nothing on this stage. Whoever can push a matching branch or tag can deploy to it."})
	}
	if reason := leftToSay(v); reason != "" {
		p.add(entry{mark: "Why:", key: " ", text: clip(reason, maxReason)})
	}
	if advised := advice(v); advised != "" {
		p.add(entry{mark: adviceLabel + ":", key: " ", text: clip(advised, maxReason)})
	}
	for i, problem := range v.Problems {
		if i == maxRows {
			p.more(2, len(v.Problems)-i)
			break
		}
		p.add(entry{indent: 2, mark: "- ", text: clip(problem, maxReason)})
	}
}

func (p *page) details(v verdict.Verdict) {
	p.title("Run")
	all := append(details(v), rules(v))
	if v.Trigger.WorkflowRef != "" {
		all = append(all, detail{label: "Workflow", text: v.Trigger.WorkflowRef})
	}
	if v.Code != "" {
		all = append(all, detail{label: "Reason code", text: v.Code})
	}
	for _, each := range all {
		text := withURL(clip(each.text, maxName)+clip(each.note, maxName), each.url)
		if each.label == commitLabel && v.Subject.SHA != "" {
			text = clip(string(v.Subject.SHA), maxName) // all of it: this is where people copy it from
		}
		p.add(entry{indent: 2, mark: fmt.Sprintf("%-13s", strings.ToLower(each.label)), text: text})
	}
}

func (p *page) unmet(title string, findings []verdict.Finding) {
	if len(findings) == 0 {
		return
	}
	p.title(title)
	for i, finding := range findings {
		if i == maxUnmet {
			p.more(2, len(findings)-i)
			return
		}
		p.finding(finding)
	}
}

func (p *page) finding(finding verdict.Finding) {
	p.add(entry{
		indent: 2, mark: unmetWord(finding) + ":", colour: findingColour(finding),
		key: " " + gateName(finding) + ": ", text: clip(finding.Title, maxName),
	})
	for _, line := range explained(finding) {
		p.add(entry{indent: 4, mark: fmt.Sprintf("%-20s", line.label+":"), text: line.text})
	}
	p.evidence(4, worthSeeing(finding))
}

func (p *page) gates(findings []verdict.Finding, above *told) {
	others := untold(findings, above)
	if len(others) == 0 {
		return
	}
	p.title(gatesTitle(len(others), findings))
	shown := others[:min(len(others), maxRows)]
	words, names := 0, 0
	for _, finding := range shown {
		words = max(words, cells(gateWord(finding)))
		names = max(names, cells(gateName(finding)))
	}
	below := words + names + 6
	if p.isNarrow(below) {
		below = 6
	}
	for _, finding := range shown {
		p.add(entry{
			indent: 2, mark: pad(gateWord(finding), words), colour: findingColour(finding),
			key:  "  " + pad(gateName(finding), names) + "  ",
			text: clip(finding.Reason, maxReason),
		})
		for _, warning := range warnings(finding) {
			p.add(entry{indent: below, mark: "warning:", colour: yellow, key: " ", text: warning})
		}
		p.evidence(below, worthSeeing(finding))
	}
	p.more(2, len(others)-len(shown))
}

func gateName(finding verdict.Finding) string { return clip(plain(finding.Gate), 40) }

// gateWord is the outcome with the mode, where that is not the usual one.
func gateWord(finding verdict.Finding) string {
	if effect(finding) == "" {
		return markOf(finding).word
	}
	return markOf(finding).word + " (" + finding.Mode.String() + ")"
}

func (p *page) evidence(indent int, all []verdict.Evidence) {
	for i, one := range all {
		if i == maxEvidence {
			p.more(indent, len(all)-i)
			return
		}
		p.add(entry{indent: indent, mark: "see ", text: withURL(clip(one.Text, maxName), one.URL)})
	}
}

// mapping is shown only where it is the answer; the summary has it always.
func (p *page) mapping(v verdict.Verdict) {
	if v.Stage != nil || len(v.Mapping) == 0 {
		return
	}
	p.title(lookedForTitle)
	for i, try := range v.Mapping {
		if i == maxRows {
			p.more(2, len(v.Mapping)-i)
			return
		}
		answer := "no   "
		if try.Matched {
			answer = "yes  "
		}
		text := clip(try.Stage, maxName) + ", " + clip(try.Pattern, maxName) + ": " + clip(try.Why, maxReason)
		p.add(entry{indent: 2, mark: answer, text: text})
	}
}

func withURL(text, foreign string) string {
	if target, _ := address(foreign); target != "" {
		return text + " <" + target + ">"
	}
	return text
}
