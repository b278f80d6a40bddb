package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// manyGates is how many gates that nobody has to look at are named in a line, and
// told below a fold: fewer can be seen at once.
const manyGates = 8

// gateTable has every gate that is not told above. What a reader has to know is in
// the open.
func gateTable(v verdict.Verdict, above told) string {
	others := untold(v.Findings, &above)
	if len(others) == 0 {
		return ""
	}
	_, home := address(v.RepositoryURL)
	title := "### " + gatesTitle(len(others), v.Findings) + "\n"
	var open, quiet []verdict.Finding
	for _, finding := range others {
		if isQuiet(finding) {
			quiet = append(quiet, finding)
		} else {
			open = append(open, finding)
		}
	}
	if len(quiet) < manyGates {
		return sections(title, gateRows(others, home))
	}
	return sections(title, gateRows(open, home), byOutcomeLine(quiet), folded("What each of the "+many(len(quiet), "gate", "gates")+" found", gateRows(quiet, home)))
}

// isQuiet reports whether nobody has to look at a gate: it is met or was not asked,
// and warns of nothing.
func isQuiet(finding verdict.Finding) bool {
	return !finding.Unmet() && !isLetThrough(finding) && len(finding.Warnings) == 0
}

func gateRows(findings []verdict.Finding, home string) string {
	if len(findings) == 0 {
		return ""
	}
	list, left := rows(findings, maxRows, func(finding verdict.Finding) string { return gateRow(finding, home) })
	return "| Outcome | Gate | Reason |\n| --- | --- | --- |\n" + list + afterTable(left)
}

func gateRow(finding verdict.Finding, home string) string {
	shown := markOf(finding)
	outcome := shown.sign + " " + shown.word
	if said := effect(finding); said != "" {
		outcome += " (" + said + ")"
	}
	reason := inline(clip(finding.Reason, maxReason))
	for _, warning := range warnings(finding) {
		reason += "<br>⚠️ " + inline(warning)
	}
	if seen := evidence(worthSeeing(finding), home); seen != "" {
		reason += "<br>" + evidenceLabel + ": " + seen
	}
	return "| " + outcome + " | " + gateLink(clip(finding.Gate, 40)) + " | " + reason + " |\n"
}

// byOutcomeLine names gates in one line, by what is said of them, in the order in
// which that is said first.
func byOutcomeLine(findings []verdict.Finding) string {
	shown := findings[:min(len(findings), maxUnmet)]
	var groups, said []string
	for _, finding := range shown {
		word := markOf(finding)
		if slices.Contains(said, word.sign+word.word) {
			continue
		}
		said = append(said, word.sign+word.word)
		var names []string
		for _, other := range shown {
			if markOf(other) == word {
				names = append(names, gateLink(clip(other.Gate, 40)))
			}
		}
		groups = append(groups, word.sign+" **"+word.word+":** "+strings.Join(names, ", "))
	}
	line := strings.Join(groups, " · ")
	if left := len(findings) - len(shown); left > 0 {
		line += fmt.Sprintf(" and %d more", left)
	}
	return line + "\n"
}
