package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/verdict"
)

// together is the finding about several statements of which all have to hold,
// at least one. The worst of them decides, the first where several are as bad.
// The others that are not met are told as well, so that nobody mends one thing
// only to hear of the next.
func together(parts []verdict.Finding) verdict.Finding {
	sorted := slices.Clone(parts)
	order.By(sorted, func(a, b verdict.Finding) int { return gravityOf(b.Outcome) - gravityOf(a.Outcome) })
	whole := sorted[0]
	var reasons, fixes, people []string
	for _, part := range sorted {
		if whole.Outcome != verdict.Pass && part.Outcome == verdict.Pass {
			continue
		}
		reasons, fixes, people = append(reasons, part.Reason), append(fixes, part.Fix), append(people, part.Who)
	}
	whole.Reason = strings.Join(distinct(reasons), "; ")
	whole.Fix, whole.Who = strings.Join(distinct(fixes), " "), strings.Join(distinct(people), "; ")
	whole.Evidence = nil
	for _, part := range sorted {
		whole.Evidence = append(whole.Evidence, part.Evidence...)
	}
	return whole
}

// gravityOf orders outcomes as decisions are ordered: error, deny, wait, allow.
// What no gate returns counts as the worst.
func gravityOf(outcome verdict.Outcome) int {
	switch outcome {
	case verdict.Pass:
		return 0
	case verdict.Wait:
		return 1
	case verdict.Fail:
		return 2
	case verdict.Unknown, verdict.Skip, verdict.Waived:
	}
	return 3
}

// distinct keeps the first of each text.
func distinct(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if text != "" && !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept
}

// How much of a text from outside is shown, in characters: most of it, and the
// title of a run, in which the id of a commit has to be whole.
const (
	mostQuoted   = 80
	longestTitle = 120
)

// shown quotes the beginning of a text from outside.
func shown(text string) string { return fmt.Sprintf("%q", clipped(text, mostQuoted)) }

// cut is the beginning of a title.
func cut(text string) string { return clipped(text, longestTitle) }

func clipped(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
