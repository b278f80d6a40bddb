package report_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
	"github.com/stageward/stageward/pkg/verdict"
)

func TestCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "abc": 3, "→…é": 3, "e\u0301": 1, "e\u0301\u0302\u0303": 1, "日本語": 6, "ﾊﾝｶｸ": 4, "全角！": 6, "한국": 4, "\u1112\u1161\u11ab": 2,
		"🎉": 2, "👩": 2, "✅⛔⏳": 6, "⚠": 1, "☃": 1, "が": 2, "か\u3099": 2, "𠀀": 2, "\u2329": 2, "\uffff": 1, "ไทย": 3,
	} {
		if got := report.Cells(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"nothing has no piece":                                {"", nil},
		"words are pieces":                                    {"a bc", []string{" a", " bc"}},
		"a command is one piece":                              {"with `git tag -s`, now", []string{" with", " `git tag -s`,", " now"}},
		"a long command is broken":                            {"`git tag -s a-very-long-name-of-a-tag`", []string{" `git", " tag", " -s", " a-very-long-name-of-a-tag`"}},
		"a backtick that none follows is a character":         {"a ` b", []string{" a", " `", " b"}},
		"an address is one piece":                             {"see <https://e.tld/a(b)?c=d,e>", []string{" see", " <https://e.tld/a(b)?c=d,e>"}},
		"wide characters can be broken apart":                 {"日本 a語b", []string{" 日", "本", " a", "語", "b"}},
		"no line begins with what ends a sentence":            {"日本。(本)。", []string{" 日", "本。", "(本)。"}},
		"what combines stays with what it is about":           {"か\u3099か\u3099e\u0301", []string{" か\u3099", "か\u3099", "e\u0301"}},
		"what combines and has nothing to combine with stays": {"\u0301a", []string{" \u0301a"}},
	} {
		if diff := cmp.Diff(row.want, report.Pieces(row.text, 30)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := report.Plain(foreign().Draw(t, "text"))
		if got := strings.TrimPrefix(strings.Join(report.Pieces(text, 20), ""), " "); got != text {
			t.Fatalf("%q is broken into %q", text, got)
		}
	})
}

// atMost fails when a line is wider than the style says, unless it ends with a word
// that fits into none.
func atMost(t rapid.TB, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if report.Cells(line) <= width {
			continue
		}
		all := report.Pieces(line, 0)
		if last := report.Cells(all[len(all)-1]); last <= 26 || report.Cells(line)-last > width {
			t.Fatalf("a line takes %d columns of %d: %q", report.Cells(line), width, line)
		}
	}
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 60, 80, 120, 200} {
		for _, name := range storedNames(t) {
			atMost(t, report.Text(stored(t, name), report.Style{Width: width}), width)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := foreign().Draw(t, "text")
		width := rapid.IntRange(40, 150).Draw(t, "width")
		v := rapid.SampledFrom(taintedAll(text)).Draw(t, "kind")
		atMost(t, report.Text(v, report.Style{Width: width}), width)
	})
}

// Without colour there is no control sequence at all, and with it none that a name
// or a title brought along.
func TestNothingFromOutsideColoursOrMovesTheCursor(t *testing.T) {
	t.Parallel()
	hostile := "\x1b[2J\x1b[31mred\x1b[0m\x9b32m\r\x08\x1b]8;;https://evil.tld\x07link\x1b]8;;\x07\u009b1A\x7f"
	for _, v := range append(taintedAll(hostile), verdict.Verdict{}) {
		if text := report.Text(v, report.Style{Width: 80}); strings.ContainsAny(text, "\x1b\x07\x08\r\x7f\u009b") {
			t.Errorf("without colour there is a control character in %q", text)
		}
		coloured := ourColours.ReplaceAllString(report.Text(v, report.Style{Width: 80, Colour: true}), "")
		if strings.ContainsAny(coloured, "\x1b\x07\x08\r\x7f\u009b") {
			t.Errorf("with colour there is a control character that is not ours in %q", coloured)
		}
	}
	audit := anAudit()
	audit.Repository, audit.Points[0].Reason, audit.Points[0].Commands[0], audit.Reach[0].Who[0] = hostile, hostile, hostile, hostile
	if text := report.AuditText(audit, report.Style{Width: 80}); strings.ContainsAny(text, "\x1b\x07\x08\r\x7f\u009b") {
		t.Errorf("an audit without colour has a control character in %q", text)
	}
}

// Whatever a name is, a text stays in its columns, and without colour it has no
// control character.
func FuzzTextStaysInItsColumns(f *testing.F) {
	for i, text := range nasty {
		f.Add(text, 40+i)
	}
	for _, text := range dresses {
		f.Add(text, 80)
	}
	f.Add("日本語の長いタイトルです。"+strings.Repeat("漢字", 90), 60)
	f.Add("🎉🎉 👩\u200d🚀 🇩🇪 e\u0301 `git tag", 40)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 40 || width > 400 {
			return
		}
		for _, v := range taintedAll(text) {
			shown := report.Text(v, report.Style{Width: width})
			atMost(t, shown, width)
			if at := strings.IndexFunc(shown, func(char rune) bool { return char != '\n' && !unicode.IsPrint(char) }); at >= 0 {
				t.Fatalf("a character of %.40q cannot be seen", shown[at:])
			}
		}
	})
}
