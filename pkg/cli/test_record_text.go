package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/scenario"
	"github.com/stageward/stageward/pkg/verdict"
)

// notTexts are words that YAML, or a version of it, does not read as texts.
var notTexts = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}

// slug is a name as one of a run: small letters, digits and hyphens, which YAML reads as
// a text.
func slug(name string) string {
	const most = 50
	var out strings.Builder
	for _, char := range strings.ToLower(name) {
		switch {
		case char >= 'a' && char <= 'z' || char >= '0' && char <= '9':
			out.WriteRune(char)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
		if out.Len() >= most {
			break
		}
	}
	made := strings.Trim(out.String(), "-")
	if made == "" || made[0] < 'a' || slices.Contains(notTexts, made) {
		made = strings.Trim("run-"+made, "-")
	}
	return made
}

// addTo returns a file of scenarios with the recording at its end. Everything that is
// there stays as it is, to the byte.
func (r recording) addTo(before []byte, path, base, relative string, flags testFlags) ([]byte, error) {
	if before == nil {
		return r.begin(path, base, relative, flags), nil
	}
	end := "\n"
	if bytes.Contains(before, []byte("\r\n")) {
		end = "\r\n"
	}
	lines := strings.SplitAfter(string(before), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += end
	}
	scenarios, err := blockOf(lines, "scenarios")
	if err != nil {
		return nil, fmt.Errorf("nothing is written: %s: %w", path, err)
	}
	bases, err := blockOf(lines, "bases")
	if err != nil {
		return nil, fmt.Errorf("nothing is written: %s: %w", path, err)
	}
	inserted := map[int]string{
		bases.end:     strings.ReplaceAll(r.base(bases.indent, base, relative), "\n", end),
		scenarios.end: strings.ReplaceAll(r.scenario(scenarios.indent, base), "\n", end),
	}
	var out bytes.Buffer
	for i, line := range lines {
		out.WriteString(line)
		out.WriteString(inserted[i+1])
	}
	return out.Bytes(), nil
}

// begin returns a new file.
func (r recording) begin(path, base, relative string, flags testFlags) []byte {
	var out bytes.Buffer
	out.WriteString("# What this policy has to decide. `stageward test` plays it, without GitHub.\nversion: 1\n")
	if flags.policy != "" {
		named, err := filepath.Rel(filepath.Dir(path), flags.policy)
		if err != nil {
			named = flags.policy
		}
		fmt.Fprintf(&out, "policy: %q\n", filepath.ToSlash(named))
	}
	fmt.Fprintf(&out, "\nbases:\n%s\nscenarios:%s", r.base("  ", base, relative), r.scenario("  ", base))
	return out.Bytes()
}

func (r recording) base(indent, base, relative string) string {
	return fmt.Sprintf("%s# A real run, without its people: %s\n%s%s: { facts: %s }\n", indent, r.subject(), indent, base, relative)
}

// subject is what the run was about, as it is in the redacted facts.
func (r recording) subject() string {
	return fmt.Sprintf("%q at %s", r.facts.Subject.Ref, r.facts.At.OrZero().UTC().Format("2006-01-02 15:04 UTC"))
}

func (r recording) scenario(indent, base string) string {
	expected := fmt.Sprintf("decision: %s", r.verdict.Decision)
	if stage := scenario.StageOf(r.verdict); stage != "" {
		expected += fmt.Sprintf(", stage: %q", stage)
	}
	if r.verdict.Decision != verdict.Allowed {
		var codes []string
		for _, each := range scenario.Reasons(r.verdict) {
			codes = append(codes, fmt.Sprintf("%q", each.Code))
		}
		expected += fmt.Sprintf(", reasons: [%s]", strings.Join(codes, ", "))
	}
	return fmt.Sprintf("\n%s- name: %q\n%s  base: %s\n%s  expect: { %s }\n", indent, r.name, indent, base, indent, expected)
}

// block is where the entries under a key end, as the number of lines before that, and
// what stands before each.
type block struct {
	end    int
	indent string
}

// blockOf finds the entries under a key of the outermost map.
func blockOf(lines []string, key string) (block, error) {
	var found block
	inside := false
	for i, line := range lines {
		text := strings.TrimRight(line, " \t\r\n")
		comment := strings.HasPrefix(strings.TrimSpace(text), "#")
		outer := text != "" && !comment && text[0] != ' ' && text[0] != '\t' && (text[0] != '-' || text == "---")
		switch {
		case outer && inside:
			return found, found.check(key)
		case outer:
			name, rest, _ := strings.Cut(text, ":")
			rest, _, _ = strings.Cut(rest, " #")
			inside = strings.Trim(name, `"'`) == key && strings.TrimSpace(rest) == ""
		case inside && text != "" && !comment:
			if found.end == 0 {
				found.indent = text[:len(text)-len(strings.TrimLeft(text, " "))]
			}
			found.end = i + 1
		}
	}
	return found, found.check(key)
}

func (b block) check(key string) error {
	if b.end == 0 {
		return fmt.Errorf("it has no entries below %q, each beginning on a line of its own; write it in block style", key+":")
	}
	return nil
}
