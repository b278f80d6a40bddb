package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

// AuditHeadline returns the audit as one sentence without Markdown, such as "3
// points to mend in acme/shop (1 critical, 2 high); 2 could not be checked".
func AuditHeadline(a verdict.Audit) string {
	wrong, unknown := byOutcome(a, verdict.Fail), byOutcome(a, verdict.Unknown)
	name := cmp.Or(clip(plain(a.Repository), maxHeadName), "the repository")
	said := fmt.Sprintf("%s to mend in %s (%s)", many(len(wrong), "point", "points"), name, severities(wrong))
	switch {
	case len(a.Points) == 0:
		said = "nothing of " + name + " was looked at"
	case len(wrong) == 0:
		said = "nothing to mend was found in " + name
	}
	if len(unknown) > 0 {
		said += fmt.Sprintf("; %d could not be checked", len(unknown))
	}
	if a.Replayed {
		said += "; from a file, not asked of GitHub"
	}
	return said
}

// severities counts points by their severity, gravest first.
func severities(points []verdict.Point) string {
	var parts []string
	for _, name := range verdict.SeverityNames() {
		count := 0
		for _, point := range points {
			if point.Severity.String() == name {
				count++
			}
		}
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, name))
		}
	}
	return strings.Join(parts, ", ")
}

// byOutcome returns the points of an outcome. Whatever is none of those that an
// audit has is not known.
func byOutcome(a verdict.Audit, want verdict.Outcome) []verdict.Point {
	return slices.DeleteFunc(slices.Clone(a.Points), func(p verdict.Point) bool { return auditOutcome(p.Outcome) != want })
}

func auditOutcome(outcome verdict.Outcome) verdict.Outcome {
	switch outcome {
	case verdict.Pass, verdict.Fail, verdict.Skip:
		return outcome
	case verdict.Unknown, verdict.Wait, verdict.Waived:
	}
	return verdict.Unknown
}

// AuditJSON returns the public form of the audit as JSON does that of a verdict:
// indented, with a newline at the end. Lists are never null.
func AuditJSON(a verdict.Audit) ([]byte, error) {
	compact, err := encode(publicAudit(a))
	if err != nil {
		return nil, fmt.Errorf("write audit as JSON: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("write audit as JSON: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func publicAudit(a verdict.Audit) verdict.Audit {
	a.Schema = verdict.SchemaVersion
	a.At = a.At.UTC()
	a.Progression, a.Points, a.Reach = list(a.Progression), list(a.Points), list(slices.Clone(a.Reach))
	for i := range a.Reach {
		a.Reach[i].Who = list(a.Reach[i].Who)
	}
	return a
}

// AuditOutputs returns the outputs of a step that audits. None of those is among
// them that a workflow could take for consent: they stay empty. Where the JSON is
// too large for an output it has the points that need somebody, and no more; then
// their number alone.
func AuditOutputs(a verdict.Audit, code string) ([]Output, error) {
	a = publicAudit(a)
	short := a
	short.Points = slices.DeleteFunc(slices.Clone(a.Points), func(p verdict.Point) bool { return !p.Open() })
	short.Reach = []verdict.Reach{}
	data, err := encode(a)
	for _, smaller := range []any{
		struct {
			verdict.Audit
			Truncated bool `json:"truncated"`
		}{short, true},
		map[string]any{"schema_version": a.Schema, "truncated": true, "open": len(short.Points)},
	} {
		if err != nil || len(data) <= maxResult {
			break
		}
		data, err = encode(smaller)
	}
	if err != nil {
		return nil, fmt.Errorf("write audit as JSON: %w", err)
	}
	return []Output{{Name: "audit", Value: string(data)}, {Name: "reason-code", Value: code}}, nil
}

// saidBefore remembers at which point something was said, so that the next point
// of the same check is short, and nobody runs the same commands twice.
type saidBefore map[string]string

// once returns text, or "" where another point had it before.
func (s saidBefore) once(text string, p verdict.Point) string {
	if _, ok := s[text]; ok {
		return ""
	}
	s[text] = pointTitle(p)
	return text
}

// labels are what is said about a point below its first line, which says what was
// found.
func (s saidBefore) labels(p verdict.Point) []detail {
	var lines []detail
	for _, line := range []detail{
		{label: "Should be", text: s.once(p.Title, p)},
		{label: "Why it matters", text: s.once(p.Why, p)},
		{label: adviceLabel, text: p.Fix},
		{label: "Plan", text: s.once(p.Limit, p)},
	} {
		if line.text != "" {
			line.text = clip(line.text, maxReason)
			lines = append(lines, line)
		}
	}
	return lines
}

// commands are what to run for a point; where an earlier point has the very same,
// a comment that names it.
func (s saidBefore) commands(p verdict.Point) []string {
	all := strings.Join(p.Commands, "\n")
	if first, ok := s[all]; ok && all != "" {
		return []string{"# the same as above, for " + plain(first)}
	}
	s[all] = pointTitle(p)
	return p.Commands
}

// verbatim returns the lines of a command as they have to be typed. A character
// that cannot be seen is written as \u{…}: then the command does not do what it
// says, and nobody is misled about what it does.
func verbatim(command string) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(command, "\n"), "\n") {
		var words []string
		for word := range strings.SplitSeq(line, " ") {
			words = append(words, plain(word))
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// pointTitle names a point: its check, and the stage that it is about.
func pointTitle(p verdict.Point) string {
	if p.Stage == "" {
		return p.Check
	}
	return p.Check + ", " + clip(p.Stage, maxName)
}
