package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// The limits of a summary. GitHub drops one of more than 1 MiB altogether, so
// lists are cut, each at a number of rows and at a size; the sizes add up to
// less than maxSummary. The verdict and the facts are never cut.
// Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
const (
	maxSummary  = 1_000_000
	maxUnmet    = 50
	maxRows     = 200
	maxEvidence = 5
	maxSection  = maxSummary / 9
)

// Summary returns the verdict as GitHub-flavoured Markdown for the job
// summary: the verdict and what identifies the run, what is next when it
// allows, everything that is unmet with who can solve it and what to do, then
// the other gates. Each finding is told once, with its evidence. It is shorter
// than 1,000,000 bytes whatever the verdict holds.
func Summary(v verdict.Verdict) string {
	missing, above := unmet(v)
	return sections(
		"## "+signs(v)+" "+inline(Headline(v))+"\n",
		wayBanner(v),
		factLine(details(v), maxName),
		glance(v),
		nextLine(v),
		banners(v),
		explanation(v),
		problems(v.Problems),
		missing,
		gateTable(v, above),
		changesSection(v),
		picture(v),
		notConfigured(v),
		mapping(v),
		footer(v),
	)
}

func nextLine(v verdict.Verdict) string {
	said := next(v, code)
	if said == "" {
		return ""
	}
	return "**Next:** " + said + "\n"
}

// banners says in bold letters what a reader must not miss.
func banners(v verdict.Verdict) string {
	var out strings.Builder
	if v.Replayed {
		out.WriteString("**Replayed from a file, not asked of GitHub: this opens nothing.**\n")
	}
	if said := chosenText(v); said != "" {
		out.WriteString("> ⚠️ **CHOSEN:** " + inline(clip(said, maxReason)) + "\n\n")
	}
	if v.Stage != nil && v.Stage.Unrestricted {
		out.WriteString("> ⚠️ **UNRESTRICTED: the policy asks for nothing on this stage.** Whoever can push a matching branch or tag can deploy to it.\n")
	}
	return out.String()
}

// explanation says why and what to do where no finding says it.
func explanation(v verdict.Verdict) string {
	var why, what string
	if reason := leftToSay(v); reason != "" {
		why = "**Why:** " + inline(clip(reason, maxReason)) + "\n"
	}
	if advised := advice(v); advised != "" {
		what = "**" + adviceLabel + ":** " + instruction(clip(advised, maxReason)) + "\n"
	}
	return sections(why, what)
}

// leftToSay returns the reason of the verdict unless the headline or a banner
// has said it.
func leftToSay(v verdict.Verdict) string {
	reason := plain(v.Reason)
	if v.Stage != nil && v.Stage.Unrestricted || strings.Contains(Headline(v), reason) {
		return ""
	}
	return reason
}

func problems(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	// The "- " keeps a line from being the end of the fence.
	list, left := rows(lines, maxRows, func(line string) string { return "- " + clip(plain(line), maxReason) + "\n" })
	if left > 0 {
		list += fmt.Sprintf("- and %d more\n", left)
	}
	return "```text\n" + list + "```\n"
}

// factLine says in one line what the verdict is about.
func factLine(facts []detail, limit int) string {
	said := make([]string, len(facts))
	for i, fact := range facts {
		said[i] = "**" + fact.label + ":** " + link(clip(fact.text, limit), fact.url) + inline(clip(fact.note, maxName))
	}
	return strings.Join(said, " · ") + "\n"
}

// manyUnmet is how many findings have to block before they are named in a line
// of their own: fewer can be seen at once.
const manyUnmet = 4

// glance names what blocks, by outcome, where it is too much to be seen at once.
func glance(v verdict.Verdict) string {
	blocking, _ := unmetOf(v)
	if len(blocking) < manyUnmet {
		return ""
	}
	var groups []verdict.Finding
	for _, outcome := range []verdict.Outcome{verdict.Unknown, verdict.Fail, verdict.Wait} {
		groups = append(groups, slices.DeleteFunc(slices.Clone(blocking[:min(len(blocking), maxUnmet)]), func(f verdict.Finding) bool { return f.Outcome != outcome })...)
	}
	return byOutcomeLine(groups)
}

// unmet has one block a finding that is not met: what, why, who, what to do.
// Those that block come first and are kept apart from those that do not, and
// from those that somebody answers for. It also returns how many of each it
// shows.
func unmet(v verdict.Verdict) (string, told) {
	blocking, warning := unmetOf(v)
	_, home := address(v.RepositoryURL)
	missing, shown := blocks("### "+missingTitle+"\n\n", home, blocking)
	through, shownThrough := blocks("### 🟡 "+throughTitle+"\n\n", home, letThrough(v))
	warned, shownWarned := blocks("### ⚠️ "+warningTitle+"\n\n", home, warning)
	return sections(missing, through, warned), told{blocking: shown, warning: shownWarned, through: shownThrough}
}

// sections joins those that say something, with an empty line between them.
func sections(all ...string) string {
	kept := slices.DeleteFunc(all, func(section string) bool { return section == "" })
	return strings.Join(kept, "\n")
}

func blocks(heading, home string, findings []verdict.Finding) (text string, shown int) {
	if len(findings) == 0 {
		return "", 0
	}
	list, left := rows(findings, maxUnmet, func(finding verdict.Finding) string { return block(finding, home) })
	return heading + list + andMore(left, "- "), len(findings) - left
}

func block(finding verdict.Finding, home string) string {
	shown := markOf(finding)
	text := fmt.Sprintf("- %s %s **%s:** %s\n", shown.sign, gateLink(clip(finding.Gate, 40)), unmetWord(finding), inline(clip(finding.Title, maxName)))
	for _, line := range explained(finding) {
		show := inline
		if line.label == adviceLabel {
			show = instruction
		}
		text += "  - **" + line.label + ":** " + show(line.text) + "\n"
	}
	if seen := evidence(worthSeeing(finding), home); seen != "" {
		text += "  - **" + evidenceLabel + ":** " + seen + "\n"
	}
	return text
}

// evidence links to what the outcome rests on. A host that is not home, the
// repository's own, is named: the address behind a link cannot be seen.
func evidence(all []verdict.Evidence, home string) string {
	list, left := rows(all, maxEvidence, func(one verdict.Evidence) string {
		text := clip(one.Text, maxName)
		if strings.TrimSpace(text) == "" {
			text = "link"
		}
		_, host := address(one.URL)
		shown := link(text, one.URL)
		if host != "" && host != home {
			shown += " (" + code(host) + ")"
		}
		return shown + ", "
	})
	list = strings.TrimSuffix(list, ", ")
	if left > 0 {
		list += fmt.Sprintf(" and %d more", left)
	}
	return list
}

// mapping shows how the stage was found; open when none was, since then it is
// what the reader came for.
func mapping(v verdict.Verdict) string {
	if len(v.Mapping) == 0 {
		return ""
	}
	tag, title := "<details>", "How the stage was found"
	if v.Stage == nil {
		tag, title = "<details open>", lookedForTitle
	}
	list, left := rows(v.Mapping, maxRows, func(try verdict.Try) string {
		answer := "no"
		if try.Matched {
			answer = "**yes**"
		}
		return "| " + inline(clip(try.Stage, maxName)) + " | " + code(clip(try.Pattern, maxName)) + " | " + answer + " | " + inline(clip(try.Why, maxReason)) + " |\n"
	})
	return fmt.Sprintf("%s\n<summary>%s: %s</summary>\n\n", tag, title, many(len(v.Mapping), "pattern", "patterns")) +
		"| Stage | Pattern | Matches | Why |\n| --- | --- | --- | --- |\n" + list + afterTable(left) + "\n</details>\n"
}

func footer(v verdict.Verdict) string {
	source := rules(v)
	parts := []string{"**" + source.label + ":** " + link(clip(source.text, maxName), source.url) + inline(clip(source.note, maxName))}
	if v.Stage != nil && v.Stage.Data != "" {
		parts = append(parts, "**Data:** "+inline(clip(v.Stage.Data, maxName)))
	}
	if v.Trigger.WorkflowRef != "" {
		parts = append(parts, "**Workflow:** "+inline(clip(v.Trigger.WorkflowRef, maxName)))
	}
	if v.Code != "" {
		parts = append(parts, "**Reason code:** "+code(clip(v.Code, maxName)))
	}
	return strings.Join(parts, " · ") + "\n"
}

// rows renders items until there are limit of them or the section is full,
// and returns how many it left out.
func rows[T any](items []T, limit int, render func(T) string) (text string, left int) {
	var out strings.Builder
	for i, item := range items {
		row := render(item)
		if i == limit || out.Len()+len(row) > maxSection {
			return out.String(), len(items) - i
		}
		out.WriteString(row)
	}
	return out.String(), 0
}

func andMore(left int, prefix string) string {
	if left == 0 {
		return ""
	}
	return fmt.Sprintf("%sand %d more\n", prefix, left)
}

// afterTable is andMore as a paragraph: a line next to a table becomes a row.
func afterTable(left int) string { return andMore(left, "\n") }
