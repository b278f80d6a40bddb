package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf16"

	"github.com/stageward/stageward/pkg/verdict"
)

// maxResult is the size in bytes above which Result is cut. GitHub counts the
// outputs of a job in UTF-16 and refuses more than 1 MB of them; the other
// outputs need room too.
// Source: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions
const maxResult = 200_000

// JSON returns the public form of the verdict, complete: indented, with a
// newline at the end. It is valid UTF-8; bytes that are not become U+FFFD,
// and characters that cannot be seen are written as \u escapes. Lists are
// never null. The error is that of a Stage.Config that is not JSON or a time
// that JSON cannot hold.
func JSON(v verdict.Verdict) ([]byte, error) {
	data, err := Indented(public(v))
	if err != nil {
		return nil, fmt.Errorf("write verdict as JSON: %w", err)
	}
	return data, nil
}

// Indented returns any value as JSON in the same way: indented, with a newline at the
// end, and nothing in it that hides or that a runner would obey.
func Indented(value any) ([]byte, error) {
	compact, err := encode(value)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// Result returns the same as JSON on one line, without the newline. A verdict
// too large for a step's output loses most of the list of changes; then its
// configuration, evidence, the ends of long texts, and all but the first entries
// of long lists (findings: those that block first). It then has "truncated":
// true. Decision, reason code, subject and lane are never cut.
func Result(v verdict.Verdict) ([]byte, error) {
	whole, err := encode(public(v))
	for _, smaller := range []func(verdict.Verdict) verdict.Verdict{
		cut{100, 300}.onlyChanges, cut{20, 60}.onlyChanges,
		cut{100, 300}.verdict, cut{100, 60}.verdict, cut{20, 60}.verdict, cut{5, 40}.verdict,
	} {
		if err != nil || len(whole) <= maxResult {
			break
		}
		whole, err = encode(struct {
			verdict.Verdict
			Truncated bool `json:"truncated"`
		}{smaller(v), true})
	}
	if err != nil {
		return nil, fmt.Errorf("write result: %w", err)
	}
	return whole, nil
}

// public returns the verdict as readers of the JSON form expect it.
func public(v verdict.Verdict) verdict.Verdict {
	v.Schema = verdict.SchemaVersion
	v.At = v.At.UTC()
	v.Progression = list(v.Progression)
	v.Mapping = list(v.Mapping)
	v.Findings = list(slices.Clone(v.Findings))
	for i := range v.Findings {
		v.Findings[i].Evidence = list(v.Findings[i].Evidence)
	}
	if v.Changes != nil {
		changes := *v.Changes
		changes.Commits, changes.Pulls = list(changes.Commits), list(changes.Pulls)
		v.Changes = &changes
	}
	return v
}

// list makes a list that is missing an empty one: null would break a loop.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// encode returns compact JSON in which nothing can hide: characters that
// cannot be seen become escapes, and so does the "[" of "##[", which the
// runner would obey if the JSON were printed to a log. Both can occur only
// within strings. Ranging over a string turns bytes that are not UTF-8 into
// U+FFFD, also those of a json.RawMessage, which Marshal lets through.
func encode(value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, char := range string(data) {
		if invisible(char) {
			writeEscape(&out, char)
		} else {
			out.WriteRune(char)
		}
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("##["), []byte(`##\u005b`)), nil
}

// writeEscape writes a character as RFC 8259 section 7 has it.
func writeEscape(out *bytes.Buffer, char rune) {
	if utf16.RuneLen(char) == 1 {
		fmt.Fprintf(out, `\u%04x`, char)
		return
	}
	high, low := utf16.EncodeRune(char)
	fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
}
