package report

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// Level is how an annotation is shown.
type Level string

// The levels GitHub knows.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelNotice  Level = "notice"
)

// Annotation is a note on the page of the run. Title and Message are one line
// of plain text each; whoever writes them to the log must still encode them as
// a workflow command asks for.
type Annotation struct {
	Level          Level
	Title, Message string
}

// GitHub shows ten annotations of a level a step, and cuts a message after
// 4,096 characters. Half of that leaves room for characters that count twice
// in UTF-16.
const (
	maxAnnotations = 10
	maxMessage     = 2000
)

// Annotations returns an error for each finding that blocks, or one for the
// verdict when no finding does; a warning for a run that does not go the ordinary
// way, for each finding that is let through, for each that is unmet and does not
// block, or is met and warns of something; and a notice for a verdict that
// allows. No level has more than ten.
func Annotations(v verdict.Verdict) []Annotation {
	notes := capped(blockers(v))
	warned := wayNote(v)
	for _, finding := range letThrough(v) {
		warned = append(warned, noteOf(LevelWarning, "", finding))
	}
	for _, finding := range v.Unmet() {
		if !finding.Blocks() {
			warned = append(warned, noteOf(LevelWarning, "warning, does not block: ", finding))
		}
	}
	for _, finding := range v.Findings {
		if !finding.Unmet() && !isLetThrough(finding) && len(finding.Warnings) > 0 {
			warned = append(warned, note(LevelWarning, "Stageward: warning: "+finding.Gate, sentences(warnings(finding)...)))
		}
	}
	notes = append(notes, capped(warned)...)
	if v.Allows() {
		notes = append(notes, note(LevelNotice, "Stageward", Headline(v)))
	}
	return notes
}

// blockers returns an error for everything that keeps the run from being
// allowed; never nothing unless the run is allowed.
func blockers(v verdict.Verdict) []Annotation {
	if v.Allows() {
		return nil
	}
	var notes []Annotation
	for _, finding := range v.Findings {
		if finding.Blocks() {
			notes = append(notes, noteOf(LevelError, "", finding))
		}
	}
	for _, problem := range v.Problems {
		notes = append(notes, note(LevelError, "Stageward: policy", problem))
	}
	if len(notes) == 0 {
		notes = append(notes, note(LevelError, "Stageward", sentences(Headline(v), leftToSay(v), labelled(adviceLabel, advice(v)))))
	}
	return notes
}

// capped keeps the first nine notes of one level and makes the tenth say how
// many there are more.
func capped(notes []Annotation) []Annotation {
	if len(notes) <= maxAnnotations {
		return notes
	}
	kept := notes[: maxAnnotations-1 : maxAnnotations-1]
	left := len(notes) - len(kept)
	return append(kept, note(notes[0].Level, "Stageward", fmt.Sprintf("and %d more; the job summary has them", left)))
}

func noteOf(level Level, prefix string, finding verdict.Finding) Annotation {
	message := sentences(
		labelled(markOf(finding).word, finding.Title), finding.Reason,
		labelled(whoLabel(finding), finding.Who), labelled(adviceLabel, finding.Fix), sentences(warnings(finding)...),
	)
	return note(level, "Stageward: "+prefix+finding.Gate, message)
}

// labelled returns text after its label, or nothing when there is no text.
func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + ": " + text
}

func note(level Level, title, message string) Annotation {
	return Annotation{Level: level, Title: clip(plain(title), maxName), Message: clip(plain(message), maxMessage)}
}

// sentences joins texts, each ended by a full stop.
func sentences(texts ...string) string {
	var ended []string
	for _, text := range texts {
		text = plain(text)
		if text == "" {
			continue
		}
		if !strings.HasSuffix(text, ".") {
			text += "."
		}
		ended = append(ended, text)
	}
	return strings.Join(ended, " ")
}
