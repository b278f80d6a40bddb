package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// AuditSummary returns the audit as GitHub-flavoured Markdown for the job
// summary: what needs somebody with the commands that mend it, then what could
// not be checked, then the rest, folded. It is shorter than 1,000,000 bytes
// whatever the audit holds.
func AuditSummary(a verdict.Audit) string {
	wrong, unknown := byOutcome(a, verdict.Fail), byOutcome(a, verdict.Unknown)
	_, home := address(a.RepositoryURL)
	sign := "✅"
	switch {
	case len(wrong) > 0:
		sign = "⛔"
	case len(unknown) > 0, len(a.Points) == 0:
		sign = "❓"
	}
	return sections(
		"## "+sign+" Audit: "+inline(AuditHeadline(a))+"\n",
		shortTable(wrong),
		auditPoints("### "+mendTitle, home, wrong),
		auditPoints("### "+unsureTitle, home, unknown),
		reachTable(a.Reach),
		reviewTable(a.Review, home),
		foldedPoints(fineTitle, byOutcome(a, verdict.Pass)),
		foldedPoints(besideTitle, byOutcome(a, verdict.Skip)),
		auditFooter(a),
	)
}

// shortTable has one line a point, where there are too many for one screen.
func shortTable(points []verdict.Point) string {
	if len(points) < manyPoints {
		return ""
	}
	list, left := rows(points, maxUnmet, func(point verdict.Point) string {
		return fmt.Sprintf("| %s %s | %s | %s |\n", severitySign(point), point.Severity, code(pointTitle(point)), inline(clip(point.Reason, maxName)))
	})
	return "| " + shortTitle + " | Check | Found |\n| --- | --- | --- |\n" + list + afterTable(left)
}

// auditPoints has one block a point.
func auditPoints(heading, home string, points []verdict.Point) string {
	if len(points) == 0 {
		return ""
	}
	said := saidBefore{}
	list, left := rows(points, maxUnmet, func(point verdict.Point) string { return auditPoint(point, home, said) })
	return fmt.Sprintf("%s (%d)\n\n", heading, len(points)) + list + andMore(left, "- ")
}

func auditPoint(point verdict.Point, home string, said saidBefore) string {
	text := fmt.Sprintf("- %s **%s** %s: %s\n", severitySign(point), point.Severity, code(pointTitle(point)), inline(clip(point.Reason, maxReason)))
	for _, line := range said.labels(point) {
		show := inline
		if line.label == adviceLabel {
			show = instruction
		}
		text += "  - **" + line.label + ":** " + show(line.text) + "\n"
	}
	if seen := evidence(point.Evidence, home); seen != "" {
		text += "  - **" + evidenceLabel + ":** " + seen + "\n"
	}
	return text + auditCommands(said.commands(point))
}

func severitySign(point verdict.Point) string {
	switch {
	case point.Outcome != verdict.Fail:
		return "❓"
	case point.Severity <= verdict.High:
		return "⛔"
	}
	return "⚠️"
}

// fence is longer than any that a command is let to hold.
const fence = "~~~~~~~~"

// auditCommands has the commands in a block that can be copied, in the item of a
// list.
func auditCommands(commands []string) string {
	if len(commands) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString("\n    " + fence + "sh\n")
	for _, command := range commands {
		if strings.Contains(command, fence) {
			command = "# the command holds characters that cannot be shown here; see it with `stageward audit`"
		}
		for _, line := range verbatim(command) {
			out.WriteString("    " + line + "\n")
		}
	}
	return out.String() + "    " + fence + "\n\n"
}

// foldedPoints lists points that need nobody.
func foldedPoints(title string, points []verdict.Point) string {
	if len(points) == 0 {
		return ""
	}
	list, left := rows(points, maxRows, func(point verdict.Point) string {
		return "| " + code(point.Check) + " | " + inline(clip(point.Stage, maxName)) + " | " + inline(clip(point.Reason, maxReason)) + " |\n"
	})
	return fmt.Sprintf("<details>\n<summary>%s: %s</summary>\n\n| Check | Stage | Found |\n| --- | --- | --- |\n", title, many(len(points), "point", "points")) +
		list + afterTable(left) + "\n</details>\n"
}

func reachTable(all []verdict.Reach) string {
	if len(all) == 0 {
		return ""
	}
	notes := notesOf(all)
	list, left := rows(all, maxRows, func(each verdict.Reach) string {
		return "| " + inline(clip(each.Stage, maxName)) + " | " + inline(clip(each.Can, maxName)) + " | " + inline(who(each, notes)) + " |\n"
	})
	why, more := "", 0
	if len(notes) > 0 {
		why, more = rows(notes, maxRows, func(note string) string {
			return fmt.Sprintf("- (%d) ", 1+slices.Index(notes, note)) + inline(clip(note, maxReason)) + "\n"
		})
		why = "\n" + why + andMore(more, "- ")
	}
	return "<details>\n<summary>" + reachTitle + "</summary>\n\n| Stage | Can | Who |\n| --- | --- | --- |\n" + list + afterTable(left) + why + "\n</details>\n"
}

func reviewTable(answers []verdict.Answer, home string) string {
	if len(answers) == 0 {
		return ""
	}
	list, left := rows(answers, maxRows, func(each verdict.Answer) string {
		shown, said := answerMark(each), inline(clip(each.Reason, maxReason))
		if each.Fix != "" {
			said += "<br>**" + adviceLabel + ":** " + inline(clip(each.Fix, maxReason))
		}
		if seen := evidence(each.Evidence, home); seen != "" {
			said += "<br>" + evidenceLabel + ": " + seen
		}
		return "| " + inline(clip(each.Question, maxName)) + " | " + shown.sign + " " + shown.word + " | " + said + " |\n"
	})
	return "### " + reviewTitle + "\n\n| Question | Answer | Why |\n| --- | --- | --- |\n" + list + afterTable(left)
}

func auditFooter(a verdict.Audit) string {
	source := auditRules(a)
	return "**Repository:** " + link(clip(a.Repository, maxName), a.RepositoryURL) +
		" · **Policy:** " + link(clip(source.text, maxName), source.url) + inline(clip(source.note, maxName)) +
		" · **Time:** " + inline(moment(a.At)) + "\n"
}
