package report

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// throughGlass is the code of a finding that only a broken glass gets past.
const throughGlass = "break-glass"

// lapsedByRollback is the code of a finding that a rollback does not ask for.
const lapsedByRollback = "rollback"

// laneMark is how a way other than the ordinary one is named: a sign, and words
// for those who do not see it. A lane that this version does not know is one too.
func laneMark(lane verdict.Lane) mark {
	switch lane {
	case verdict.Rollback:
		return mark{"⏪", "Rollback"}
	case verdict.BreakGlass:
		return mark{"🚨", "Break-glass"}
	case verdict.Hotfix:
		return mark{"🚑", "Hotfix"}
	}
	return mark{"⚠️", "Unusual way"}
}

// outcomeWords is the decision in words, after the way if it is not the
// ordinary one.
func outcomeWords(v verdict.Verdict) string {
	word := decisionWord(v.Decision)
	if v.Way == nil {
		return word
	}
	return laneMark(v.Way.Lane).word + ", " + strings.ToLower(word)
}

// isLetThrough reports whether a gate is not met and does not block because
// somebody answers for it: by a waiver, or by breaking the glass.
func isLetThrough(finding verdict.Finding) bool { return finding.Outcome == verdict.Waived }

func isBroken(finding verdict.Finding) bool {
	return isLetThrough(finding) && finding.Code == throughGlass
}

// isGlassBroken reports whether any gate was got past by breaking the glass.
func isGlassBroken(v verdict.Verdict) bool { return len(gatesThat(v, isBroken)) > 0 }

// gatesThat returns the names of the gates whose findings are wanted, in order.
func gatesThat(v verdict.Verdict, wanted func(verdict.Finding) bool) []string {
	var names []string
	for _, finding := range v.Findings {
		if wanted(finding) {
			names = append(names, gateName(finding))
		}
	}
	return names
}

// waySentence says what is out of the ordinary.
func waySentence(v verdict.Verdict) string {
	stage := "the stage"
	if v.Stage != nil {
		stage = clip(plain(v.Stage.Name), maxHeadName)
	}
	goes, was := "the run asks to go", "is said to have been"
	if v.Allows() {
		goes, was = "the run goes", "was"
	}
	switch v.Way.Lane {
	case verdict.Rollback:
		return goes + " back to a commit that " + was + " on " + stage + " before."
	case verdict.BreakGlass:
		if count := len(gatesThat(v, isBroken)); count > 0 {
			return fmt.Sprintf("the glass is broken: %s not met and %s not block.", many(count, "gate is", "gates are"), doesDo(count))
		}
		return "the run asks to go to " + stage + " although gates are not met."
	case verdict.Hotfix:
		return goes + " to " + stage + " by a lane with gates of its own, and not the ordinary way."
	}
	return goes + " to " + stage + " another way than the ordinary one."
}

func doesDo(count int) string {
	if count == 1 {
		return "does"
	}
	return "do"
}

// wayDetails returns what a reader has to know of the way.
func wayDetails(v verdict.Verdict) []detail {
	asked := detail{label: "Asked for by", text: people(v)}
	var all []detail
	switch v.Way.Lane {
	case verdict.Rollback:
		all = append(from(v), asked, detail{label: "Not asked again", text: names(gatesThat(v, isLapsed))})
	case verdict.BreakGlass:
		all = []detail{{label: "Reason given", text: quoted(v.Way.Reason)}, asked, {label: "Got past", text: gotPast(v)}}
	case verdict.Hotfix:
		all = []detail{{label: "Section of the policy", text: v.Way.Section}, asked}
	}
	kept := all[:0]
	for _, each := range all {
		if each.text != "" {
			kept = append(kept, each)
		}
	}
	return kept
}

func isLapsed(finding verdict.Finding) bool {
	return finding.Outcome == verdict.Skip && finding.Code == lapsedByRollback
}

// from says what a rollback goes back from, and to. Where no gate was asked,
// nobody asked for that either, and that it is not known is no news.
func from(v verdict.Verdict) []detail {
	to := detail{label: "To", text: subject(v), url: commitURL(v, v.Subject.SHA)}
	last := v.Way.From
	switch {
	case last != nil:
		return []detail{
			{label: "From", text: deployed(*last), url: commitURL(v, last.Head)},
			{label: "Deployed there by", text: runName(*last), url: last.URL, note: started(*last)},
			to,
		}
	case len(v.Findings) == 0:
		return []detail{to}
	case v.Way.Unknown != "":
		return []detail{{label: "From", text: "not known: " + v.Way.Unknown}, to}
	}
	return []detail{{label: "From", text: "not known"}, to}
}

// deployed names what a run deployed, by its branch or tag and commit.
func deployed(last fact.DeploymentRun) string {
	commit := last.Head.Short()
	if last.Branch == "" {
		return commit
	}
	return clip(plain(last.Branch), maxHeadName) + " (" + commit + ")"
}

func runName(last fact.DeploymentRun) string { return fmt.Sprintf("run %d", last.ID) }

// started begins with a comma, or is "" where the time is not known.
func started(last fact.DeploymentRun) string {
	if last.At.IsZero() {
		return ""
	}
	return ", started " + moment(last.At)
}

// inPlaceOf says in the headline what a rollback goes back from.
func inPlaceOf(v verdict.Verdict) string {
	if v.Way == nil || v.Way.From == nil {
		return ""
	}
	return ", in place of " + deployed(*v.Way.From)
}

// quoted marks where words of somebody else begin and end.
func quoted(text string) string {
	if plain(text) == "" {
		return "none"
	}
	return `"` + clip(plain(text), maxReason/2) + `"`
}

func gotPast(v verdict.Verdict) string {
	past := gatesThat(v, isBroken)
	if len(past) == 0 && len(v.Findings) > 0 {
		return "none"
	}
	return names(past)
}

func names(all []string) string {
	shown := all[:min(len(all), maxUnmet)]
	text := strings.Join(shown, ", ")
	if left := len(all) - len(shown); left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

// wayBanner stands right below the headline of a run that does not go the
// ordinary way. It is no quote: GitHub shows those in grey.
func wayBanner(v verdict.Verdict) string {
	if v.Way == nil {
		return ""
	}
	shown := laneMark(v.Way.Lane)
	text := shown.sign + " **" + strings.ToUpper(shown.word) + ":** " + inline(waySentence(v)) + "\n\n"
	for _, each := range wayDetails(v) {
		// A line each: words of somebody else must not read as the next label.
		text += "- " + factLine([]detail{each}, maxReason)
	}
	return text
}

// way is the same as wayBanner.
func (p *page) way(v verdict.Verdict) {
	if v.Way == nil {
		return
	}
	p.add(entry{mark: strings.ToUpper(laneMark(v.Way.Lane).word) + ":", colour: yellow, key: " ", text: waySentence(v)})
	for _, each := range wayDetails(v) {
		p.add(entry{indent: 2, mark: each.label + ":", key: " ", text: withURL(clip(each.text, maxReason), each.url) + clip(each.note, maxName)})
	}
}

// wayNote is the warning of a run that does not go the ordinary way.
func wayNote(v verdict.Verdict) []Annotation {
	if v.Way == nil {
		return nil
	}
	said := []string{waySentence(v)}
	for _, each := range wayDetails(v) {
		said = append(said, each.label+": "+each.text+each.note)
	}
	return []Annotation{note(LevelWarning, "Stageward: "+strings.ToLower(outcomeWords(v)), sentences(said...))}
}
