package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// whole is what several projects have in common, as a verdict about none of them.
func whole(s verdict.Several) verdict.Verdict {
	return verdict.Verdict{
		Schema: s.Schema, Decision: s.Decision, Code: s.Code, Reason: s.Reason, Fix: s.Fix,
		Subject: s.Subject, Trigger: s.Trigger, RepositoryURL: s.RepositoryURL, At: s.At, Policy: s.Policy, Replayed: s.Replayed,
	}
}

// SeveralHeadline is Headline for a run about the projects of a repository.
func SeveralHeadline(s verdict.Several) string {
	sentence := decisionWord(s.Decision) + ": " + severalClaim(s)
	if s.Replayed {
		return "Replay, opens nothing: " + sentence
	}
	return sentence
}

func severalClaim(s verdict.Several) string {
	if len(s.Projects) == 0 {
		return clip(plain(s.Reason), maxName)
	}
	allowed := 0
	for _, each := range s.Projects {
		if each.Decision == verdict.Allowed {
			allowed++
		}
	}
	return fmt.Sprintf("%s may go ahead with %d of %s", subject(whole(s)), allowed, many(len(s.Projects), "project", "projects"))
}

// called is the stage with the project that it is of.
func called(v verdict.Verdict) string {
	if v.Stage == nil {
		return v.Project
	}
	if v.Project == "" {
		return v.Stage.Name
	}
	return v.Project + "/" + v.Stage.Name
}

// briefly says why, in a line: the first thing that blocks and what to do about it,
// or what else explains the verdict.
func briefly(v verdict.Verdict) string {
	if blocking, _ := unmetOf(v); len(blocking) > 0 {
		first := blocking[0]
		said := first.Gate + ": " + first.Reason
		if more := len(blocking) - 1; more > 0 {
			said += fmt.Sprintf(" (and %s more)", many(more, "gate", "gates"))
		}
		return said
	}
	switch count := tallyOf(v); {
	case v.Decision != verdict.Allowed || v.Stage == nil:
		return v.Reason
	case v.Stage.Unrestricted:
		return "the stage asks for nothing"
	default:
		return many(count.asked, "gate", "gates") + inPlaceOf(v) + although(count) + with(count)
	}
}

// asideWords is how a project is shown about which nothing was decided.
func asideWords(left verdict.Aside) mark {
	if left.Code == verdict.Unchanged {
		return mark{"➖", "Unchanged"}
	}
	return mark{"➖", "Not concerned"}
}

// SeveralText is Text for a run about the projects of a repository: a line for each,
// then what there is to say of those that are not allowed, then of the others.
func SeveralText(s verdict.Several, style Style) string {
	p := &page{style: style}
	head, sentence, _ := strings.Cut(SeveralHeadline(s), ": ")
	all := whole(s)
	p.add(entry{mark: strings.ToUpper(head) + ":", colour: bold + ";" + decisionColour(all), key: " ", text: sentence})
	if len(s.Projects) == 0 {
		p.explanation(all)
	}
	p.title("Projects")
	for _, each := range s.Projects {
		p.add(entry{indent: 2, mark: clip(plain(outcomeWords(each)), maxName), colour: decisionColour(each), key: "  ", text: clip(called(each), maxHeadName) + placed(each) + ": " + clip(briefly(each), maxReason)})
	}
	for _, left := range s.Aside {
		p.add(entry{indent: 2, mark: asideWords(left).word, key: "  ", text: clip(left.Project, maxHeadName) + ": " + clip(left.Reason, maxReason)})
	}
	refused, allowed := apart(s)
	for _, each := range slices.Concat(refused, allowed) {
		p.out.WriteString("\n" + Text(each, style))
	}
	if len(s.Projects) == 0 {
		p.details(all)
	}
	return p.out.String()
}

// placed is the environment of a verdict behind an arrow, or "".
func placed(v verdict.Verdict) string {
	if v.Stage == nil || v.Stage.Environment == "" {
		return ""
	}
	return " → " + clip(v.Stage.Environment, maxHeadName)
}

// apart tells the verdicts that are not allowed from those that are.
func apart(s verdict.Several) (refused, allowed []verdict.Verdict) {
	for _, each := range s.Projects {
		if each.Allows() && !s.Replayed {
			allowed = append(allowed, each)
		} else {
			refused = append(refused, each)
		}
	}
	return refused, allowed
}

// SeveralSummary is Summary for a run about the projects of a repository: a row for
// each, then the summary of each. Those that are refused are open, those that are
// allowed folded. It is shorter than 1,000,000 bytes: from the first that does not fit
// on, and the allowed are the last, only the row is left of a project.
func SeveralSummary(s verdict.Several) string {
	all := whole(s)
	text := sections(
		"## "+icon(all)+" "+inline(SeveralHeadline(s))+"\n",
		overview(s),
		factLine(details(all)[1:], maxName),
		banners(all),
		severalReason(s),
	)
	refused, allowed := apart(s)
	shown := slices.Concat(refused, allowed)
	left := len(shown)
	for _, each := range shown {
		part := "\n" + projectPart(each, !each.Allows() || s.Replayed)
		if len(text)+len(part) > maxSummary-roomForEnd {
			break
		}
		text += part
		left--
	}
	if left > 0 {
		text += fmt.Sprintf("\nThere is no room for the details of %s; the output `result` has them, and so has a run with the input `project`.\n", many(left, "project", "projects"))
	}
	return text
}

// roomForEnd is what the last line of a summary takes.
const roomForEnd = 500

func severalReason(s verdict.Several) string {
	if len(s.Projects) > 0 {
		return ""
	}
	return explanation(whole(s))
}

// projectPart is the summary of one project, behind its name.
func projectPart(v verdict.Verdict, open bool) string {
	tag := "<details>"
	if open {
		tag = "<details open>"
	}
	return fmt.Sprintf("%s\n<summary>%s <b>%s</b>: %s</summary>\n\n%s\n</details>\n", tag, signs(v), nameInHTML(v.Project), decisionWord(v.Decision), Summary(v))
}

// nameInHTML is the name of a project where Markdown has no escapes. Policies have no
// names with other characters than these.
func nameInHTML(name string) string {
	return strings.Map(func(char rune) rune {
		if char == '-' || char >= '0' && char <= '9' || char >= 'a' && char <= 'z' {
			return char
		}
		return '_'
	}, clip(name, maxHeadName))
}

// overview has a row a project.
func overview(s verdict.Several) string {
	type row struct{ project, verdict, place, why string } // the verdict is in words of our own
	var listed []row
	for _, each := range s.Projects {
		listed = append(listed, row{each.Project, signs(each) + " " + outcomeWords(each), stageAndEnvironment(each), briefly(each)})
	}
	for _, left := range s.Aside {
		shown := asideWords(left)
		place := left.Stage
		if left.Environment != "" && left.Environment != left.Stage {
			place += " → " + left.Environment
		}
		listed = append(listed, row{left.Project, shown.sign + " " + shown.word, place, left.Reason})
	}
	list, left := rows(listed, maxRows, func(each row) string {
		return "| " + inline(clip(each.project, maxHeadName)) + " | " + each.verdict + " | " + inline(clip(each.place, maxName)) + " | " + inline(clip(each.why, maxReason)) + " |\n"
	})
	return "| Project | Verdict | Stage | Why |\n| --- | --- | --- | --- |\n" + list + afterTable(left)
}

// SeveralAnnotations is Annotations for a run about the projects of a repository:
// those of each project under its name. No level has more than ten.
func SeveralAnnotations(s verdict.Several) []Annotation {
	var all []Annotation
	for _, each := range s.Projects {
		for _, said := range Annotations(each) {
			said.Title = clip(plain(each.Project), maxHeadName) + ": " + said.Title
			all = append(all, said)
		}
	}
	if len(s.Projects) == 0 {
		level := LevelError
		if s.Code == verdict.Unchanged {
			level = LevelNotice
		}
		all = append(all, note(level, "Stageward", sentences(SeveralHeadline(s), labelled(adviceLabel, s.Fix))))
	}
	var notes []Annotation
	for _, level := range []Level{LevelError, LevelWarning, LevelNotice} {
		notes = append(notes, capped(slices.DeleteFunc(slices.Clone(all), func(each Annotation) bool { return each.Level != level }))...)
	}
	return notes
}
