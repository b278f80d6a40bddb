package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// Labels that say how their text is shown: text shows a commit in full, and
// the summary keeps the code spans of what to do.
const (
	commitLabel   = "Commit"
	adviceLabel   = "What to do"
	evidenceLabel = "See"
)

// detail is one fact about the run as it is shown: foreign text under a label
// of ours, with the page that shows the same.
// The note is more foreign text, right after the link: it begins with a
// punctuation mark.
type detail struct{ label, text, url, note string }

// details returns what identifies the run, in the order in which a reader
// asks for it. What is not known is left out, but never stage, commit and
// time.
func details(v verdict.Verdict) []detail {
	all := []detail{
		{label: "Stage", text: stageAndEnvironment(v), url: environmentURL(v)},
		{label: commitLabel, text: shortCommit(v), url: commitURL(v, v.Subject.SHA)},
		{label: "Reference", text: reference(v)},
		{label: "Version", text: version(v)},
		{label: "Started by", text: people(v)},
		{label: "Event", text: run(v), url: v.Trigger.RunURL},
		{label: "Time", text: moment(v.At)},
	}
	kept := all[:0]
	for _, each := range all {
		if each.text != "" {
			kept = append(kept, each)
		}
	}
	return kept
}

// chosenText is the warning of a verdict on another subject than the run's:
// whoever approves the job on the strength of the headline approves a run of
// something else. It is "" otherwise.
func chosenText(v verdict.Verdict) string {
	if !v.Subject.Chosen || v.Trigger.Event == "cli" {
		return ""
	}
	said := "The ref or the commit is not what this run runs on: an input of the step, or the event, named another."
	if v.Trigger.WorkflowRef != "" {
		said += " The workflow that runs, and whatever it deploys, is " + v.Trigger.WorkflowRef + "."
	}
	return said
}

func stageAndEnvironment(v verdict.Verdict) string {
	switch {
	case v.Stage == nil:
		return "none"
	case v.Stage.Environment == "" || v.Stage.Environment == v.Stage.Name:
		return v.Stage.Name
	}
	return v.Stage.Name + " → " + v.Stage.Environment
}

func environmentURL(v verdict.Verdict) string {
	if v.Stage == nil {
		return ""
	}
	return v.Stage.EnvironmentURL
}

func shortCommit(v verdict.Verdict) string {
	if v.Subject.SHA == "" {
		return "not known"
	}
	return v.Subject.SHA.Short()
}

func version(v verdict.Verdict) string {
	if v.Version != "" && v.Prerelease {
		return v.Version + " (pre-release)"
	}
	return v.Version
}

// people names who started the run, and who started this attempt if that was
// somebody else.
func people(v verdict.Verdict) string {
	actor, again := v.Trigger.Actor, v.Trigger.TriggeringActor
	switch {
	case actor == "" && again == "":
		return ""
	case actor == "":
		return "@" + again
	case again == "" || again == actor:
		return "@" + actor
	}
	return fmt.Sprintf("@%s, this attempt by @%s", actor, again)
}

func run(v verdict.Verdict) string {
	text := v.Trigger.Event
	if v.Trigger.RunID == 0 {
		return text
	}
	text += fmt.Sprintf(", run %d", v.Trigger.RunID)
	if v.Trigger.RunAttempt > 0 {
		text += fmt.Sprintf(", attempt %d", v.Trigger.RunAttempt)
	}
	return text
}

// rules says which rules decided: the preset, the file, both, or neither.
func rules(v verdict.Verdict) detail {
	const label = "Policy"
	source, preset := v.Policy, v.Policy.Preset
	where := source.Path
	if source.Commit != "" {
		where += "@" + source.Commit.Short()
	}
	switch {
	case source.Blob != "":
		return detail{label: label, text: where, url: fileURL(v, source.Commit, source.Path), note: refines(preset)}
	case preset != "" && source.Path != "":
		return detail{label: label, text: "preset " + preset, note: ", alone: there is no file " + where + branchOf(source)}
	case preset != "":
		return detail{label: label, text: "preset " + preset}
	case source.Path != "":
		return detail{label: label, text: "none", note: ": there is no file " + where + branchOf(source)}
	}
	return detail{label: label, text: "none was read"}
}

func refines(preset string) string {
	if preset == "" {
		return ""
	}
	return ", which refines the preset " + preset
}

func branchOf(source verdict.Policy) string {
	if source.Branch == "" {
		return ""
	}
	return " on the branch " + source.Branch
}

// explained says about a finding that is not met why, who and what to do; what
// is not said is left out.
func explained(finding verdict.Finding) []detail {
	var lines []detail
	for _, line := range []detail{
		{label: "Why", text: finding.Reason},
		{label: whoLabel(finding), text: finding.Who},
		{label: adviceLabel, text: finding.Fix},
	} {
		if line.text != "" {
			line.text = clip(line.text, maxReason)
			lines = append(lines, line)
		}
	}
	for _, warning := range warnings(finding) {
		lines = append(lines, detail{label: "Warning", text: warning})
	}
	return lines
}

func whoLabel(finding verdict.Finding) string {
	if isLetThrough(finding) {
		return "Who can mend it" // it blocks nothing
	}
	return "Who can unblock it"
}

// warnings returns what a reader has to know although it does not change the
// outcome, and how much more there is.
func warnings(finding verdict.Finding) []string {
	var shown []string
	for i, warning := range finding.Warnings {
		if i == maxEvidence {
			return append(shown, fmt.Sprintf("and %d more", len(finding.Warnings)-i))
		}
		shown = append(shown, clip(warning, maxReason))
	}
	return shown
}

// Titles that the channels share.
const (
	missingTitle   = "What is missing"
	warningTitle   = "Warnings: these do not block"
	throughTitle   = "Not met, and let through"
	lookedForTitle = "How the stage was looked for"
)

// unmetOf returns what is not met: what blocks, and what only warns.
func unmetOf(v verdict.Verdict) (blocking, warning []verdict.Finding) {
	unmet := v.Unmet()
	first := slices.IndexFunc(unmet, func(finding verdict.Finding) bool { return !finding.Blocks() })
	if first < 0 {
		return unmet, nil
	}
	return unmet[:first], unmet[first:]
}

// letThrough returns what is not met and does not block because somebody answers
// for it.
func letThrough(v verdict.Verdict) []verdict.Finding {
	return slices.DeleteFunc(slices.Clone(v.Findings), func(finding verdict.Finding) bool { return !isLetThrough(finding) })
}

// told is how many findings that are not met a list of them shows, of each kind.
// The table of gates that comes after it does not repeat those.
type told struct{ blocking, warning, through int }

// takes reports whether the list shows the finding. It has to be asked about
// all findings in their order, each once.
func (t *told) takes(finding verdict.Finding) bool {
	left := &t.warning
	switch {
	case finding.Blocks():
		left = &t.blocking
	case isLetThrough(finding):
		left = &t.through
	case !finding.Unmet():
		return false
	}
	if *left == 0 {
		return false
	}
	*left--
	return true
}

// untold returns the findings that the list above them does not show. What a
// rollback does not ask for is told in its banner, all in one line.
func untold(findings []verdict.Finding, above *told) []verdict.Finding {
	var others []verdict.Finding
	for _, finding := range findings {
		if !above.takes(finding) && !isLapsed(finding) {
			others = append(others, finding)
		}
	}
	return others
}

// gatesTitle is the title over the gates that are not told above.
func gatesTitle(others int, findings []verdict.Finding) string {
	all := len(findings)
	switch {
	case others == all:
		return fmt.Sprintf("All gates (%d)", all)
	case others == len(slices.DeleteFunc(slices.Clone(findings), isLapsed)):
		return fmt.Sprintf("The gates that were asked (%d of %d)", others, all)
	}
	return fmt.Sprintf("The other gates (%d of %d)", others, all)
}

// worthSeeing returns the evidence of a finding, without what only repeats
// words of the reason and leads nowhere.
func worthSeeing(finding verdict.Finding) []verdict.Evidence {
	reason := spoken(clip(finding.Reason, maxReason))
	return slices.DeleteFunc(slices.Clone(finding.Evidence), func(one verdict.Evidence) bool {
		if !strings.Contains(reason, spoken(clip(one.Text, maxName))) {
			return false
		}
		target, _ := address(one.URL)
		return target == ""
	})
}

// spoken returns the words of a text, without the punctuation after them and
// each between spaces, so that only whole words are found in it.
func spoken(text string) string {
	var out strings.Builder
	out.WriteByte(' ')
	for word := range strings.FieldsSeq(plain(text)) {
		if word = strings.TrimRight(word, ",.;:!?"); word != "" {
			out.WriteString(word + " ")
		}
	}
	return out.String()
}

// unmetWord is the outcome of a finding that is not met; that it does not block
// is said with every single one that has no word for it.
func unmetWord(finding verdict.Finding) string {
	if finding.Blocks() || isLetThrough(finding) {
		return markOf(finding).word
	}
	return markOf(finding).word + ", does not block"
}
