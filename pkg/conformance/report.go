package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Count is how many cases of a group passed, failed and were not played.
type Count struct {
	Group   string `json:"group"`
	Passed  int    `json:"passed"`
	Failed  int    `json:"failed"`
	Skipped int    `json:"skipped"`
}

// Counts returns the counts of all groups, in the order of their names.
func Counts(results []Result) []Count {
	var counts []Count
	for _, each := range results {
		at, there := slices.BinarySearchFunc(counts, each.Group, func(c Count, group string) int { return cmp.Compare(c.Group, group) })
		if !there {
			counts = slices.Insert(counts, at, Count{Group: each.Group})
		}
		switch {
		case each.Skipped != "":
			counts[at].Skipped++
		case each.Passed():
			counts[at].Passed++
		default:
			counts[at].Failed++
		}
	}
	return counts
}

// Text shows results to people: each failed case with what differs, then a line
// of counts for each group. It ends with a newline. Characters that a terminal
// would obey are escaped.
func Text(results []Result) string {
	var text strings.Builder
	for _, each := range results {
		if len(each.Differences) == 0 {
			continue
		}
		fmt.Fprintf(&text, "FAIL %s (%s)\n", each.Case, each.Mode)
		for _, difference := range each.Differences {
			fmt.Fprintf(&text, "     %s\n", inert(difference))
		}
	}
	var sum Count
	for _, each := range Counts(results) {
		fmt.Fprintf(&text, "%-5s %3d passed  %3d failed", each.Group, each.Passed, each.Failed)
		if each.Skipped > 0 {
			fmt.Fprintf(&text, "  %3d for the action only", each.Skipped)
		}
		text.WriteString("\n")
		sum.Passed, sum.Failed, sum.Skipped = sum.Passed+each.Passed, sum.Failed+each.Failed, sum.Skipped+each.Skipped
	}
	fmt.Fprintf(&text, "all   %3d passed  %3d failed\n", sum.Passed, sum.Failed)
	return text.String()
}

func inert(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
