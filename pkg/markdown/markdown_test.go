package markdown_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stageward/stageward/pkg/markdown"
)

// shown is a document in one text: "2 Title: line | line".
func shown(document markdown.Document) string {
	var b strings.Builder
	for _, section := range document.Sections() {
		fmt.Fprintf(&b, "%d %s: %s\n", section.Level, section.Title, strings.Join(section.Lines, " | "))
	}
	return b.String()
}

func TestSections(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"text alone", "hello", ""},
		{"a heading in a fence is code", "```\n# A\n```\n", ""},
		{"a heading in a fence of tildes is code", "~~~md\n# A\n~~~\n", ""},
		{"a heading in a fence without an end is code", "```\n# A\ntext\n", ""},
		{"a heading that is indented is code", "    # A\n", ""},
		{"a heading in a comment is not there", "<!--\n# A\ntext\n-->\n", ""},
		{"a heading behind a comment without an end is not there", "<!--\n\n# A\n\ntext\n", ""},
		{"a heading in a quotation begins no section", "> # A\n> text\n", ""},
		{"a heading in a list begins no section", "- # A\n  text\n", ""},
		{"a heading in a quotation is no text", "# A\n> # B\n", "1 A: \n"},
		{"seven number signs are text", "####### A\n", ""},
		{"a number sign without a space is text", "#A\n", ""},
		{"a number sign that is escaped is text", "\\# A\n", ""},
		{"a heading without text", "# A\n", "1 A: \n"},
		{"a heading above another", "# A\n# B\ntext\n", "1 A: \n1 B: text\n"},
		{"a comment is no text", "# A\n<!-- text -->\n", "1 A: \n"},
		{"a comment over lines is no text", "# A\n\n<!-- text\n\ntext\n-->\n", "1 A: \n"},
		{"a comment in a line is no text", "# A\nx <!-- text --> y\n", "1 A: x  y\n"},
		{"text behind a comment is text", "# A\n<!-- a --> text\n", "1 A: text\n"},
		{"tags are no text", "# A\n<br/>\n\n<div>\n<!-- c -->\n</div>\n", "1 A: \n"},
		{"text between tags is text", "# A\n<details><summary>More</summary>\ntext\n</details>\n", "1 A: More | text\n"},
		{"an address is no text, its name is", "# A\n[x](https://a.test) ![y](z.png) <https://b.test>\n", "1 A: x y https://b.test\n"},
		{"the definition of a link is no text", "# A\n[x]: https://a.test\n", "1 A: \n"},
		{"spaces in other words are no text", "# A\n&nbsp;&#8203;\n", "1 A: \u200b\n"},
		{"a line across is no text", "# A\n\n---\n\n***\n", "1 A: \n"},
		{"code is text", "# A\n```sh\nmake # B\n```\n", "1 A: make # B\n"},
		{"lists and quotations are text", "# A\n1. one\n   - two\n\n     three\n> four\n", "1 A: one | two | three | four\n"},
		{"a box is text", "# A\n- [ ] one\n- [x]\n", "1 A: [ ] one | [x]\n"},
		{"the text of the sections below belongs to it, their titles do not", "# A\n## B\none\n### C\ntwo\n## D\n# E\n", "1 A: one | two\n2 B: one | two\n3 C: two\n2 D: \n1 E: \n"},
		{"titles without markup", "## **Roll** `back` [now](x) ##\ntext\n", "2 Roll back now: text\n"},
		{"spaces of other kinds, and signs that nobody sees, in titles", "## Roll\u00a0back\u200b \u00ad&nbsp;\ufeffnow\ntext\n", "2 Roll back now: text\n"},
		{"signs that are written out in titles", "# Q&amp;A &#49;\ntext\n", "1 Q&A 1: text\n"},
		{"a byte order mark at the beginning", "\ufeff# A\ntext\n", "1 A: text\n"},
		{"underlined titles", "A\n===\none\n\nB\n---\ntwo\n", "1 A: one | two\n2 B: two\n"},
		{"line ends of another system", "# A\r\none\r\n\r\n<!-- c -->\r\n## B\r\ntwo\r\n", "1 A: one | two\n2 B: two\n"},
		{"what a browser takes for a comment is no text", "# A\n<? one ?>\n\n<!X two>\n\n<![CDATA[ three ]]>\n\n<div></ four></div>\n", "1 A: \n"},
		{"an attribute is no text", "# A\n<div title=\"> one\" id='> two'>\n\n<div title=\"> three\n", "1 A: \n"},
		{"a comment that begins in a tag's block goes on behind it", "# A\n<div><!--\n\none\n\n# B\ntwo\n\n- three\n\n-->\n", "1 A: \n"},
		{"a comment that ends in a tag has not ended", "# A\n<div><!-- <b>\n\none\n", "1 A: \n"},
		{"a comment of two signs has ended", "# A\n<div><!--></div>\n\none\n", "1 A: one\n"},
		{"a comment that began in a tag's block ends in another one", "# A\n<div><!--\n\n# B\none\n\n<p> --></p> two <!-- -->\n# C\nthree\n", "1 A: two | # C | three\n"},
		{"letters that are none", "# A\xff\n\x00text\n", "1 A\xff: \x00text\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, shown(markdown.Parse(row.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLinesAreWithoutHeadings(t *testing.T) {
	t.Parallel()
	got := markdown.Parse("one\ntwo\n# A\n<!-- c -->\n* three\n\n**four**: five\n").Lines()
	if diff := cmp.Diff([]string{"one", "two", "three", "four: five"}, got); diff != "" {
		t.Error(diff)
	}
}

// Whoever writes a text must not stop the program or keep it busy.
func TestNoTextIsTooMuch(t *testing.T) {
	t.Parallel()
	const size = 10_000 // the time grows with its square
	deep := map[string]string{
		"quotations": strings.Repeat(">", size), "lists": strings.Repeat("- ", size/2), "brackets": strings.Repeat("[", size),
		"stars": strings.Repeat("*a ", size/3), "comments": strings.Repeat("<!--", size/4), "ticks": strings.Repeat("`a", size/2),
		"links": strings.Repeat("[a](", size/4), "entities": strings.Repeat("&", size), "underscores": strings.Repeat("_a__", size/4),
	}
	for name, text := range deep {
		done := make(chan struct{})
		go func() {
			defer close(done)
			markdown.Parse(text).Sections()
		}()
		timer := time.NewTimer(20 * time.Second)
		select {
		case <-done:
			timer.Stop()
		case <-timer.C:
			t.Errorf("%s: not done after 20 seconds", name)
		}
	}
}

func TestWhatIsBehindTheLimitIsNotThere(t *testing.T) {
	t.Parallel()
	text := "# A\n" + strings.Repeat("word ", markdown.MaxSize/5) + "\n# B\n"
	if got := markdown.Parse(text).Sections(); len(got) != 1 || got[0].Title != "A" || len(got[0].Lines) != 1 {
		t.Errorf("%d sections", len(got))
	}
}

func TestAnyTextIsRead(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom([]string{"# ", "## ", "a", "\n", "\n\n", "```", "<!--", "-->", "> ", "- ", "    ", "[", "](", ")", "<b>", "</b>", "`", "&nbsp;", "\r\n", "---\n", "*", "\x00", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(words, 0, 40).Draw(t, "words"), "")
		document := markdown.Parse(text)
		if shown(document) != shown(markdown.Parse(text)) {
			t.Fatal("read twice, it says two things")
		}
		for _, line := range document.Lines() {
			if strings.TrimSpace(line) != line || line == "" {
				t.Fatalf("line %q", line)
			}
		}
	})
}
