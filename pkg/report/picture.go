package report

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/stageward/stageward/pkg/verdict"
)

// maxPictured is how many stages the picture shows.
const maxPictured = 20

// picture returns the progression as a Mermaid flowchart in a fence, with the
// stage of the verdict marked, or "" when there is no such stage to mark.
// Source: https://mermaid.js.org/syntax/flowchart.html
func picture(v verdict.Verdict) string {
	if v.Stage == nil || len(v.Progression) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString("```mermaid\nflowchart LR\n")
	shown := v.Progression[:min(len(v.Progression), maxPictured)]
	for i, name := range shown {
		text, class := label(name), ""
		if name == v.Stage.Name {
			text, class = text+": "+targetWord(v), ":::target"
		}
		fmt.Fprintf(&out, "  n%d[\"%s\"]%s\n", i+1, text, class)
	}
	nodes := len(shown)
	if more := len(v.Progression) - nodes; more > 0 {
		nodes++
		fmt.Fprintf(&out, "  n%d[\"and %d more\"]\n", nodes, more)
	}
	for i := 1; i < nodes; i++ {
		fmt.Fprintf(&out, "  n%d --> n%d\n", i, i+1)
	}
	fmt.Fprintf(&out, "  classDef target %s,stroke-width:3px\n```\n", targetStyle(v))
	return out.String()
}

// label keeps letters, digits and a little punctuation: Mermaid reads
// Markdown, HTML and references even within quotes.
func label(name string) string {
	text := strings.Map(func(char rune) rune {
		if unicode.IsLetter(char) || unicode.IsDigit(char) || strings.ContainsRune(" -_.", char) {
			return char
		}
		return '?'
	}, clip(plain(name), 40))
	if text == "" {
		return "?"
	}
	return text
}

func targetWord(v verdict.Verdict) string {
	if v.Replayed {
		return "replayed"
	}
	return strings.ToLower(strings.ReplaceAll(outcomeWords(v), ",", ""))
}

// targetStyle names all colours itself, so that the words can be read on a
// dark page too.
func targetStyle(v verdict.Verdict) string {
	const ink = ",color:#1f2328"
	switch {
	case v.Replayed:
		return "fill:#eaeef2,stroke:#57606a" + ink
	case v.Decision == verdict.Allowed && !isGlassBroken(v):
		return "fill:#dafbe1,stroke:#1a7f37" + ink
	case v.Decision == verdict.Waiting, v.Decision == verdict.Allowed:
		return "fill:#fff8c5,stroke:#9a6700" + ink
	case v.Decision == verdict.Denied:
		return "fill:#ffebe9,stroke:#cf222e" + ink
	}
	return "fill:#fff1e5,stroke:#bc4c00" + ink
}
