package report_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
)

// ourColours are all control sequences that coloured text may hold.
var ourColours = regexp.MustCompile(`\x1b\[(0|1|31|32|33|1;3[123])m`)

func TestTextIsInertOnATerminalAndInALog(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := foreign().Draw(t, "text")
		style := report.Style{Width: rapid.SampledFrom([]int{0, 40, 60, 100}).Draw(t, "width")}
		for _, v := range rapid.SliceOfN(rapid.SampledFrom(taintedAll(text)), 2, 2).Draw(t, "kinds") {
			plain := report.Text(v, style)
			checkLines(t, plain)
			coloured := style
			coloured.Colour = true
			if got := ourColours.ReplaceAllString(report.Text(v, coloured), ""); got != plain {
				t.Fatalf("colour changes more than colour:\n%q\n%q", got, plain)
			}
		}
	})
}

// checkLines fails when a line is a workflow command, by the rules of the
// runner's parser, or holds a character that cannot be seen.
func checkLines(t *rapid.T, text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Fatalf("the runner would obey %q", line)
		}
		if at := strings.IndexFunc(line, func(char rune) bool { return !unicode.IsPrint(char) }); at >= 0 || !utf8.ValidString(line) {
			t.Fatalf("a character of %q cannot be seen", line)
		}
	}
}

func TestTextBreaksLinesAtTheWidth(t *testing.T) {
	t.Parallel()
	v := stored(t, "denied-prod")
	for line := range strings.Lines(report.Text(v, report.Style{Width: 70})) {
		words := strings.Fields(line)
		if length := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); length > 70 && len(words) > 1 && len(words[len(words)-1]) < 40 {
			t.Errorf("a line has %d characters: %q", length, line)
		}
	}
	if whole := report.Text(v, report.Style{}); !strings.Contains(whole, "has no signature; expected one by a person in the role maintainers\n") {
		t.Error("without a width, a line was broken")
	}
}

func TestTextColours(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"denied-prod": "\x1b[1;31mDENIED:\x1b[0m ", "allowed-prod": "\x1b[1;32mALLOWED:\x1b[0m ",
		"waiting-staging": "\x1b[1;33mWAITING:\x1b[0m ", "replayed-prod": "\x1b[1;33mREPLAY, OPENS NOTHING:\x1b[0m ",
		"rollback-allowed": "\x1b[1;32mROLLBACK, ALLOWED:\x1b[0m ", "hotfix-allowed": "\x1b[1;32mHOTFIX, ALLOWED:\x1b[0m ",
		"break-glass-allowed": "\x1b[1;33mBREAK-GLASS, ALLOWED:\x1b[0m ", "break-glass-denied": "\x1b[1;31mBREAK-GLASS, DENIED:\x1b[0m ",
	} {
		if got := report.Text(stored(t, name), report.Style{Colour: true}); !strings.HasPrefix(got, want) {
			t.Errorf("%s begins with %.40q, want %q", name, got, want)
		}
	}
}

func TestTextSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	v := crowded(300, "n")
	v.Stage = nil
	text := report.Text(v, report.Style{})
	// Problems, patterns, and findings of either kind; then evidence, and warnings.
	for want, times := range map[string]int{"\n  and 100 more\n": 4, " and 3 more\n": 10, " and 2 more\n": 10} {
		if got := strings.Count(text, want); got != times {
			t.Errorf("%q is said %d times, want %d", want, got, times)
		}
	}
}
