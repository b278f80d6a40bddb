package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// How much of one foreign text is shown.
const (
	maxHeadName = 80
	maxName     = 200
	maxReason   = 1200
)

// Headline returns the verdict as one sentence without Markdown, such as
// "Denied: v1.4.0 (abc1234) may not go to prod: 2 of 5 gates are not met".
// Foreign text in it is plain; a channel with an active syntax still has to
// escape it.
func Headline(v verdict.Verdict) string {
	sentence := outcomeWords(v) + ": " + claim(v)
	if v.Replayed {
		return "Replay, opens nothing: " + sentence
	}
	return sentence
}

// claim is the headline without the decision. Without a stage the reason is
// the whole story.
func claim(v verdict.Verdict) string {
	switch {
	case v.Stage == nil && v.Reason != "":
		return clip(plain(v.Reason), maxName)
	case v.Stage == nil:
		return subject(v) + " goes nowhere, and no reason was given"
	}
	stage := clip(plain(called(v)), maxHeadName)
	to := "to"
	if v.Way != nil && v.Way.Lane == verdict.Rollback {
		to = "back to"
	}
	return fmt.Sprintf("%s %s %s %s%s", subject(v), verb(v.Decision), to, stage, because(v))
}

func verb(decision verdict.Decision) string {
	switch decision {
	case verdict.Allowed:
		return "may go"
	case verdict.Waiting:
		return "may not yet go"
	case verdict.Denied:
		return "may not go"
	case verdict.Errored:
	}
	return "does not go"
}

// because says in numbers what the decision rests on.
func because(v verdict.Verdict) string {
	count := tallyOf(v)
	switch {
	case v.Decision == verdict.Allowed && v.Stage.Unrestricted:
		return ", which asks for nothing"
	case v.Decision == verdict.Allowed:
		return inPlaceOf(v) + although(count) + with(count)
	case v.Decision == verdict.Errored && count.unknown > 0:
		return fmt.Sprintf(": %d of %s could not be checked%s%s", count.unknown, many(count.asked, "gate", "gates"), besides(count), more(count))
	case count.blocking > 0:
		return fmt.Sprintf(": %d of %s %s not met%s%s", count.blocking, many(count.asked, "gate", "gates"), isAre(count.blocking), yet(v.Decision), more(count))
	case v.Reason != "":
		return ": " + clip(plain(v.Reason), maxName)
	}
	return ": no enforced gate passed"
}

// tally counts findings by what they do to the decision. Those that could not
// be checked are part of those that block (unknown) or warn (unchecked). Those
// that are not met and let through are waived, or got past by breaking the glass.
type tally struct{ asked, blocking, unknown, warning, unchecked, waived, broken int }

func tallyOf(v verdict.Verdict) tally {
	var count tally
	for _, finding := range v.Findings {
		switch {
		case isLetThrough(finding):
			count.letThrough(finding)
		case finding.Blocks():
			count.asked++
			count.blocking++
			if finding.Outcome == verdict.Unknown {
				count.unknown++
			}
		case finding.Mode == verdict.Enforce:
			count.asked++
			if len(finding.Warnings) > 0 {
				count.warning++
			}
		case finding.Unmet():
			count.warning++
			if finding.Outcome == verdict.Unknown {
				count.unchecked++
			}
		case len(finding.Warnings) > 0:
			count.warning++
		}
	}
	return count
}

func (t *tally) letThrough(finding verdict.Finding) {
	if finding.Mode == verdict.Enforce {
		t.asked++
	}
	if isBroken(finding) {
		t.broken++
	} else {
		t.waived++
	}
}

func many(count int, one, more string) string {
	if count == 1 {
		return "1 " + one
	}
	return strconv.Itoa(count) + " " + more
}

// besides tells of the gates that were checked and are not met either: they
// remain when the others can be checked.
func besides(count tally) string {
	if failed := count.blocking - count.unknown; failed > 0 {
		return fmt.Sprintf(", %d %s not met", failed, isAre(failed))
	}
	return ""
}

// although tells of the gates that only the broken glass gets past.
func although(count tally) string {
	if count.broken == 0 {
		return ""
	}
	return " although " + many(count.broken, "gate is", "gates are") + " not met"
}

// with tells of what else a reader of an allow has to know.
func with(count tally) string {
	var parts []string
	if count.waived > 0 {
		parts = append(parts, many(count.waived, "waiver", "waivers"))
	}
	if count.warning > 0 {
		parts = append(parts, many(count.warning, "warning", "warnings")+unchecked(count))
	}
	if len(parts) == 0 {
		return ""
	}
	return ", with " + strings.Join(parts, " and ")
}

// more tells of the gates that are not met either, and are let through.
func more(count tally) string {
	text := ""
	if count.waived > 0 {
		text += fmt.Sprintf(", %d more %s waived", count.waived, isAre(count.waived))
	}
	if count.broken > 0 {
		text += fmt.Sprintf(", the glass is broken for %d more", count.broken)
	}
	return text
}

// unchecked tells of the gates that only warn and of which nobody knows
// whether they are met.
func unchecked(count tally) string {
	if count.unchecked == 0 {
		return ""
	}
	return " (" + many(count.unchecked, "gate", "gates") + " could not be checked)"
}

func isAre(count int) string {
	if count == 1 {
		return "is"
	}
	return "are"
}

func yet(decision verdict.Decision) string {
	if decision == verdict.Waiting {
		return " yet"
	}
	return ""
}

// subject names what would be deployed, for people.
func subject(v verdict.Verdict) string {
	name := reference(v)
	if v.Version != "" && v.Subject.Ref.Kind() == fact.TagRef {
		name = v.Subject.Ref.Name() // a version needs no "tag" before it
	}
	name = clip(plain(name), maxHeadName)
	if v.Subject.SHA == "" {
		return name
	}
	return name + " (" + plain(v.Subject.SHA.Short()) + ")"
}

// reference names the branch or tag together with which of the two it is.
func reference(v verdict.Verdict) string {
	kind, name := v.Subject.Ref.Kind(), v.Subject.Ref.Name()
	switch {
	case name == "":
		return "an unknown reference"
	case kind == fact.OtherRef:
		return name
	}
	return string(kind) + " " + name
}

func decisionWord(decision verdict.Decision) string {
	switch decision {
	case verdict.Allowed:
		return "Allowed"
	case verdict.Waiting:
		return "Waiting"
	case verdict.Denied:
		return "Denied"
	case verdict.Errored:
	}
	return "Could not decide"
}

// icon returns the sign of a verdict. A replayed one never shows the sign for
// "allowed".
func icon(v verdict.Verdict) string {
	switch {
	case v.Replayed:
		return "🔁"
	case v.Decision == verdict.Allowed:
		return "✅"
	case v.Decision == verdict.Waiting:
		return "⏳"
	case v.Decision == verdict.Denied:
		return "⛔"
	}
	return "⚠️"
}

// signs are those of the verdict and of its way. An allow that needs a broken
// glass does not show the sign for "allowed".
func signs(v verdict.Verdict) string {
	switch {
	case v.Way == nil:
		return icon(v)
	case v.Allows() && isGlassBroken(v):
		return laneMark(v.Way.Lane).sign
	}
	return icon(v) + " " + laneMark(v.Way.Lane).sign
}

// mark is how one finding is shown: a sign, and a word for those who do not
// see the sign.
type mark struct{ sign, word string }

func markOf(finding verdict.Finding) mark {
	shown := outcomeMark(finding.Outcome)
	switch {
	case isBroken(finding):
		return mark{"🚨", "glass broken"}
	case isLetThrough(finding):
		return shown // whatever it warns of
	case finding.Unmet() && finding.Mode == verdict.Warn, !finding.Unmet() && len(finding.Warnings) > 0:
		return mark{"⚠️", shown.word}
	case finding.Outcome == verdict.Skip && finding.Mode == verdict.Off:
		return mark{shown.sign, "off"}
	}
	return shown
}

func outcomeMark(outcome verdict.Outcome) mark {
	switch outcome {
	case verdict.Pass:
		return mark{"✅", "met"}
	case verdict.Fail:
		return mark{"⛔", "not met"}
	case verdict.Wait:
		return mark{"⏳", "not met yet"}
	case verdict.Skip:
		return mark{"➖", "not asked"}
	case verdict.Waived:
		return mark{"🟡", "waived"}
	case verdict.Unknown:
	}
	return mark{"❓", "could not check"}
}

// effect names a mode that is not the usual one, and what it does.
func effect(finding verdict.Finding) string {
	switch {
	case finding.Mode == verdict.Enforce, finding.Outcome == verdict.Skip && finding.Mode == verdict.Off:
		return "" // the word says it
	case finding.Mode == verdict.Warn && finding.Unmet():
		return "warn: does not block"
	}
	return finding.Mode.String()
}

// advice says what to do about a verdict that no finding explains.
func advice(v verdict.Verdict) string {
	switch {
	case v.Fix != "":
		return v.Fix
	case v.Decision == verdict.Allowed || len(v.Problems) > 0 || tallyOf(v).blocking > 0:
		return ""
	case v.Stage == nil && len(v.Mapping) > 0:
		return "Compare the reference with the patterns of the stages. Start the run from a branch or tag that exactly one stage accepts, " +
			"or have the policy changed by whoever maintains it."
	case v.Stage != nil && v.Reason == "":
		return "Have the policy enforce at least one gate that applies to this stage, or say that the stage is unrestricted."
	}
	return ""
}

// next says what an allow is good for, or "" when nothing is allowed; show
// makes the commit inert.
func next(v verdict.Verdict, show func(string) string) string {
	if !v.Allows() || v.Subject.SHA == "" {
		return ""
	}
	return "check out " + show(clip(string(v.Subject.SHA), maxName)) + "; this holds for this run and attempt only."
}

// moment returns a time in UTC, or that it is not known.
func moment(at time.Time) string {
	if at.IsZero() {
		return "not known"
	}
	return at.UTC().Format("2006-01-02 15:04:05 UTC")
}
