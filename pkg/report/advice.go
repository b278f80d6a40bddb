package report

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/verdict"
)

const notConfiguredTitle = "Not configured yet"

// adviceOf returns what a stage could have beside its gates.
func adviceOf(v verdict.Verdict) []verdict.Advice {
	if v.Stage == nil {
		return nil
	}
	return v.Stage.NotConfigured
}

// notConfigured shows the gates that such a stage should have, as lines that
// can be copied into the policy. It is folded: it decided nothing.
func notConfigured(v verdict.Verdict) string {
	all := adviceOf(v)
	if len(all) == 0 {
		return ""
	}
	var names, lines strings.Builder
	for _, each := range all {
		names.WriteString("- " + gateLink(each.Gate) + " " + inline(each.Title) + "\n")
		lines.WriteString(indented(each.Configure))
	}
	return fmt.Sprintf("<details>\n<summary>%s: %s that a stage like %s should have</summary>\n\n", notConfiguredTitle, many(len(all), "gate", "gates"), inline(clip(v.Stage.Name, maxName))) +
		names.String() + "\nThey decide nothing until the policy asks for them; this is how, with names of your own:\n\n```yaml\ngates:\n" + lines.String() + "```\n\n</details>\n"
}

// indented moves lines of YAML below a key.
func indented(lines string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(lines, "\n") + "\n") {
		out.WriteString("  " + line)
	}
	return out.String()
}

// notConfigured names the gates; the summary has the lines.
func (p *page) notConfigured(v verdict.Verdict) {
	all := adviceOf(v)
	if len(all) == 0 {
		return
	}
	width := 0
	for _, each := range all {
		width = max(width, len(each.Gate))
	}
	p.title(fmt.Sprintf("%s (%d); stageward gates ID says how", notConfiguredTitle, len(all)))
	for _, each := range all {
		p.add(entry{indent: 2, mark: fmt.Sprintf("%-*s", width, each.Gate), key: "  ", text: each.Title})
	}
}
