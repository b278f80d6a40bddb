package report_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/report"
)

// nasty holds what has a meaning in Markdown, HTML, GitHub's text filters, a
// terminal, the runner's log, or a mistake that was made once.
var nasty = []string{
	"</details>", "<details>", "<img src=x onerror=1>", "<!--", "-->", "<script>", "<https://evil.tld>", "&lt;", "&#64;", "&", "<",
	"|", `\|`, `\`, "`", "``", "```", "~~~", "~~", "*", "**", "_", "__", "[", "]", "(", ")", "[x](javascript:1)", "![i](https://evil.tld)",
	"[x]: https://evil.tld", "[^1]", "[ ]", "> ", "# ", "## Allowed", "===", "---", "- ", "+ ", "1. ", "    ", "\n", "\r\n", "\t", "\n\n",
	"@acme/all", "bob@evil.tld", "@", "#12", "acme/shop#1", "GH-1", "https://evil.tld", "http://", "www.evil.tld", "ftp://x.y", "mailto:a@b.c",
	"$x$", "$`x`$", "$$", ":tada:", ":+1:", "deadbeef", "abc1234def5678900987654321fedcba01234567",
	"::error::fake", "::set-output name=decision::allow", "##[set-output name=decision;]allow", "##", "[", "%0A::",
	"\x1b[31m", "\x1b]8;;https://evil.tld\x07", "\x9b", "\u009b", "\u202e", "\u2066", "\u200b", "\u2028", "\u0085", "\u00ad", "\u115f", "\u3164",
	"\ufeff", "\ufe0f", "\U000e0041", "\xff", "\xc3\x28", "\x00", "\x7f", "e\u0301\u0301\u0301\u0301\u0301\u0301", "✅ Allowed", "x", " ", "\"", "'",
	"`git tag -s`", " `gh pr review 7 --approve`, ", " `", "` ", "```mermaid", "\"]", "end", "click n1 \"javascript:1\"", strings.Repeat("`", 90),
}

// foreign draws text that is never empty and rarely harmless.
func foreign() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.SampledFrom(nasty), rapid.SampledFrom(nasty), rapid.StringN(1, 4, -1))
	return rapid.Map(rapid.SliceOfN(piece, 1, 8), func(pieces []string) string { return strings.Join(pieces, "") })
}

// reacting is what GitHub turns into something else wherever it stands in
// text, once character references and backslashes are gone.
var reacting = regexp.MustCompile(`@[\w-]|[\w.+-]@|://|(?i:www\.)|#\d|(?i:\bgh-)\d|\$|:[a-z+][\w+-]*:`)

var (
	codeElement = regexp.MustCompile(`(?s)<code.*?</code>`)
	anyTag      = regexp.MustCompile(`(?s)<[^>]*>`)
)

// outsideCode returns the text of a page as a reader sees it, without code.
func outsideCode(page string) string {
	return html.UnescapeString(anyTag.ReplaceAllString(codeElement.ReplaceAllString(page, " "), ""))
}

func squeezed(text string) string { return strings.ReplaceAll(text, " ", "") }

func TestInlineShowsExactlyTheTextAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := foreign().Draw(t, "text")
		for name, escape := range map[string]func(string) string{"inline": report.Inline, "code": report.Code} {
			for place, page := range map[string]string{
				"paragraph": "begin " + escape(text) + " end\n",
				"list":      "- begin " + escape(text) + " end\n",
				"table":     "| h |\n| --- |\n| begin " + escape(text) + " end |\n",
				"link":      "begin [" + escape(text) + "](https://example.com) end\n",
			} {
				shown := strings.TrimSpace(html.UnescapeString(anyTag.ReplaceAllString(toHTML(t, page), "")))
				shown = strings.TrimSpace(strings.TrimPrefix(shown, "h\n"))
				shown = regexp.MustCompile(`\s+`).ReplaceAllString(shown, " ")
				if want := "begin" + squeezed(report.Plain(text)) + "end"; !strings.HasSuffix(squeezed(shown), want) {
					t.Fatalf("%s in a %s shows\n%q, want\n%q\nMarkdown: %q", name, place, squeezed(shown), want, page)
				}
				if hit := reacting.FindString(outsideCode(toHTML(t, page))); hit != "" {
					t.Fatalf("%s in a %s lets %q act: %q", name, place, hit, page)
				}
			}
		}
	})
}

func TestInline(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"a table cell cannot be ended", `a|b\|c`, "a&#124;b&#92;&#124;c"},
		{"markup is text", "**b** _i_ ~~s~~ [x](y) `c`", `\*\*b\*\* \_i\_ \~\~s\~\~ \[x\](y) &#96;c&#96;`},
		{"a tag is text", "</details><b>&amp;", "&lt;/details&gt;&lt;b&gt;&amp;amp;"},
		{"nobody is mentioned", "ask @acme/all, please", "ask `@acme/all`, please"},
		{"an address is not a link", "(see https://evil.tld/x?y)", "(see `https://evil.tld/x?y`)"},
		{"a reference is not a link", "fixes #12 and acme/shop#3.", "fixes `#12` and `acme/shop#3`."},
		{"a commit is code, the number of a run is not", "abc1234 in run 9876543210", "`abc1234` in run 9876543210"},
		{"lines become one", "a\r\n\tb\n\nc", "a b c"},
		{"the direction of writing stays", "a\u202eb", "a&#92;u{202e}b"},
		{"a terminal sequence is spelled out", "\x1b[31m", `&#92;u{1b}\[31m`},
		{"a byte that is not UTF-8 is spelled out", "a\xffb", "a&#92;x{ff}b"},
		{"a replacement character is a character", "a\uFFFDb", "a\uFFFDb"},
		{"marks do not pile up", "e\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301&#92;u{301}"},
		{"letters of any script stay", "héllo 日本 שלום", "héllo 日本 שלום"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Inline(row.text); got != row.want {
				t.Errorf("inline(%q) = %q, want %q", row.text, got, row.want)
			}
		})
	}
}

func TestInstruction(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"a backtick without its pair makes all of them characters", "tag a`b: run `git tag -s` now", "tag a&#96;b: run &#96;git tag -s&#96; now"},
		{"a mention is no command", "ask `@acme/all now`", "ask &#96;`@acme/all` now&#96;"},
		{"markup is no command", "see `[x](y)` and `<b>`", `see &#96;\[x\](y)&#96; and &#96;&lt;b&gt;&#96;`},
		{"a fence is no span", "a ```git tag``` b", "a &#96;&#96;&#96;git tag&#96;&#96;&#96; b"},
		{"two spans without a space are none", "`git``tag`", "&#96;git&#96;&#96;tag&#96;"},
		{"a span within a word is none", "a`git`b", "a&#96;git&#96;b"},
		{"a span right after a word is none", "ask @x`git` now", "ask `@x`&#96;`git`&#96; now"},
		{"a novel is no command", "run `" + strings.Repeat("z", 303) + "`", "run &#96;" + strings.Repeat("z", 303) + "&#96;"},
		{
			"a command with a whole id stays", "Approve: `gh workflow run approve.yml --repo acme/shop -f sha=0123456789012345678901234567890123456789 -f stage=prod` (or on the website).",
			"Approve: `gh workflow run approve.yml --repo acme/shop -f sha=0123456789012345678901234567890123456789 -f stage=prod` (or on the website).",
		},
		{"a command in capitals is none", "`ALLOWED`", "&#96;ALLOWED&#96;"},
		{"what was cut is no span", "run `git tag … (9 more characters)", "run &#96;git tag … (9 more characters)"},
		{"our commands stay", "Sign with `git commit -S`, or run `gh pr review 7 --approve` for #7.", "Sign with `git commit -S`, or run `gh pr review 7 --approve` for `#7`."},
		{"spans next to each other", "`git` `tag`.", "`git` `tag`."},
		{"text without a span is as ever", "ask @acme/all|*now*", "ask `@acme/all`&#124;`*now*`"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Instruction(row.text); got != row.want {
				t.Errorf("instruction(%q) = %q, want %q", row.text, got, row.want)
			}
		})
	}
}

// plainWords is all that a span of more than one word may hold: what inline
// sets as code is one word.
var plainWords = regexp.MustCompile(`^[a-z][A-Za-z0-9 .:_/=-]*$`)

func TestInstructionGivesForeignTextNothingButPlainWordsAsCode(t *testing.T) {
	t.Parallel()
	span := rapid.SampledFrom([]string{" `git tag -s` ", " `a`, ", "`a`", " `", "` ", "`", " ", " `a b", "c` ", "@x", "@x`a` ", " `@x` ", " `# y` "})
	piece := rapid.OneOf(span, span, rapid.SampledFrom(nasty))
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 1, 8).Draw(t, "text"), "")
		for place, page := range map[string]string{
			"paragraph": "**begin:** " + report.Instruction(text) + " end\n",
			"list":      "- begin: " + report.Instruction(text) + " end\n",
		} {
			harmless := "**begin:** x end\n"
			if place == "list" {
				harmless = "- begin: x end\n"
			}
			structure, made := read(t, page)
			if structure != shape(harmless) {
				t.Fatalf("the structure changed in a %s: %q", place, page)
			}
			shown := strings.Join(strings.Fields(html.UnescapeString(anyTag.ReplaceAllString(made, ""))), "")
			if want := "begin:" + squeezed(report.Plain(text)) + "end"; strings.ReplaceAll(shown, "`", "") != strings.ReplaceAll(want, "`", "") {
				t.Fatalf("a %s shows\n%q, want but for backticks\n%q\nMarkdown: %q", place, shown, want, page)
			}
			if hit := reacting.FindString(outsideCode(made)); hit != "" {
				t.Fatalf("a %s lets %q act: %q", place, hit, page)
			}
			for _, span := range codeElement.FindAllString(made, -1) {
				words := html.UnescapeString(anyTag.ReplaceAllString(span, ""))
				if strings.Contains(words, " ") && !plainWords.MatchString(words) {
					t.Fatalf("a %s sets %q as code: %q", place, words, page)
				}
			}
		}
	})
}

func TestCode(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"plain text is one span", "v1.*", "`v1.*`"},
		{"a backtick leaves the span", "a`b", "`a`&#96;`b`"},
		{"a pipe leaves the span", "a|b", "`a`&#124;`b`"},
		{"only backticks are no span", "``", "&#96;&#96;"},
		{"nothing is nothing", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Code(row.text); got != row.want {
				t.Errorf("code(%q) = %q, want %q", row.text, got, row.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, url, want string }{
		{"no scheme but https", "http://github.com/x", ""},
		{"no script", "javascript:alert(1)", ""},
		{"no data", "data:text/html,x", ""},
		{"no scheme at all", "//github.com/x", ""},
		{"no user name", "https://github.com@evil.tld/", ""},
		{"no password", "https://a:b@github.com/", ""},
		{"no letters that look alike", "https://gіthub.com/", ""},
		{"no control character", "https://github.com/\n", ""},
		{"no host of a query", "https:?github.com", ""},
		{"not a novel", "https://github.com/" + strings.Repeat("a", 2000), ""},
		{"not an empty host", "https:///x", ""},
		{"not a host with a bracket", "https://[::1]/", ""},
		{"a page", "https://github.com/a/b/pull/7#r-1", "https://github.com/a/b/pull/7#r-1"},
		{"a port and a query", "https://ci.example.com:8443/x?a=1&b=2", "https://ci.example.com:8443/x?a=1&b=2"},
		{"what ends a link is encoded", "https://e.tld/a)b(c|d`e<f>g\"h'i[j]k*l\\m n", "https://e.tld/a%29b%28c%7Cd%60e%3Cf%3Eg%22h%27i%5Bj%5Dk%2Al%5Cm%20n"},
		{"letters of any script are encoded", "https://e.tld/ä?ö\u202e", "https://e.tld/%C3%A4?%C3%B6%E2%80%AE"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := report.Address(row.url); got != row.want {
				t.Errorf("address(%q) = %q, want %q", row.url, got, row.want)
			}
		})
	}
}
