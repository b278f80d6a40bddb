package actions_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stageward/stageward/pkg/actions"
)

func TestInert(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"a command", "::set-output name=allowed::true", `\u{3a}:set-output name=allowed::true`},
		{"a command after spaces", "  ::error::x", `  \u{3a}:error::x`},
		{"a command after a space that is not ASCII", "\u2003::error::x", `\u{2003}::error::x`},
		{"a command with a mark without width", "::\u0301error::x", "\\u{3a}:\u0301error::x"},
		{"a command after a mark without width", "\u0301::error::x", "\u0301\\u{3a}:error::x"},
		{"a legacy command", "x ##[set-output name=allowed]true", `x ##\u{5b}set-output name=allowed]true`},
		{"two legacy commands", "##[a]##[b]", `##\u{5b}a]##\u{5b}b]`},
		{"a legacy command with a mark without width", "#\u0301#[a]", "#\u0301#\\u{5b}a]"},
		{"a legacy command with an invisible character", "#\u200d#[a]", `#\u{200d}#[a]`},
		{"line breaks", "a\r\nb\nc\rd", `a\u{d}\u{a}b\u{a}c\u{d}d`},
		{"line breaks that are not ASCII", "a\u0085b\u2028c\u2029d", `a\u{85}b\u{2028}c\u{2029}d`},
		{"a terminal sequence", "\x1b[31mred\x07\x7f\u009b2J", `\u{1b}[31mred\u{7}\u{7f}\u{9b}2J`},
		{"a tab and a NUL", "a\tb\x00c", `a\u{9}b\u{0}c`},
		{"text turned around", "a\u202eb\u2066c", `a\u{202e}b\u{2066}c`},
		{"characters that cannot be seen", "a\u00adb\u200bc\ufeffd\u2060e\U000e0041f", `a\u{ad}b\u{200b}c\u{feff}d\u{2060}e\u{e0041}f`},
		{"fillers that count as letters", "a\u3164b\u115fc\uffa0d", `a\u{3164}b\u{115f}c\u{ffa0}d`},
		{"blanks that count as symbols", "a\u2800b\U0001d159c", `a\u{2800}b\u{1d159}c`},
		{"variation selectors", "a\ufe0fb\U000e0100c", `a\u{fe0f}b\u{e0100}c`},
		{"bytes that are not UTF-8", "a\xffb\xc0\xaf", `a\x{ff}b\x{c0}\x{af}`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
		{"colons within a line", "gate: a::b ::error::", "gate: a::b ::error::"},
		{"one colon and one hash", ":x #[y] # #[z]", ":x #[y] # #[z]"},
		{"letters of other scripts", "Grüße, 東京 é ✓", "Grüße, 東京 é ✓"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := actions.Inert(test.text); got != test.want {
				t.Errorf("Inert(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func FuzzInert(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := actions.Inert(text)
		if found := runnerCommands(got); found != nil {
			t.Errorf("Inert(%q) = %q, which the runner takes for %q", text, got, found)
		}
		if strings.ContainsFunc(got, func(char rune) bool { return !unicode.IsPrint(char) }) {
			t.Errorf("Inert(%q) = %q, which is not printable", text, got)
		}
		if again := actions.Inert(got); again != got {
			t.Errorf("Inert(%q) = %q, not itself", got, again)
		}
	})
}

// hostile is text that strangers might choose.
var hostile = []string{
	"::set-output name=decision::allow",
	"\t ::add-mask::e",
	"x ##[set-output name=decision;]allow",
	"a\n::stop-commands::x\r::error::fake",
	"%0A::error::fake%0D##[error]fake",
	"title=a,b:c::d",
	"\x1b]0;title\x07\u202e\u2028::warning::x",
	"a<<EOF\nallowed=true\nEOF",
	"\xff\xfe::\x00debug::x",
	strings.Repeat("\U0001f600", 2100),
}
