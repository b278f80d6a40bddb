package markdown

import (
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Document is a text as its readers see it.
type Document struct{ blocks []block }

// block is a heading or a piece of text.
type block struct {
	level int // of a heading; 0 for text
	lines []string
}

// Section is a heading with what stands below it.
type Section struct {
	Title string
	Level int // 1 to 6
	// Lines are the lines of text up to the next heading of the same level or a
	// higher one. Those of sections within the section are among them, their
	// titles are not.
	Lines []string
}

// MaxSize is how much of a text is read, in bytes. It is about what GitHub takes
// for a release. The time that a text can be made to take grows with the square
// of its size: seconds here.
const MaxSize = 128 << 10

// Parse reads a text, of a longer one the first MaxSize bytes.
func Parse(source string) Document {
	raw := []byte(strings.TrimPrefix(source[:min(len(source), MaxSize)], "\ufeff"))
	root := goldmark.DefaultParser().Parse(text.NewReader(raw))
	reader := reader{source: raw}
	for node := root.FirstChild(); node != nil; node = node.NextSibling() {
		heading, ok := node.(*ast.Heading)
		if !ok {
			reader.blocksIn(node)
			continue
		}
		if reader.commented {
			continue
		}
		title := strings.Join(strings.Fields(unseen.Replace(html.UnescapeString(reader.inline(heading)))), " ")
		reader.document.blocks = append(reader.document.blocks, block{level: heading.Level, lines: []string{title}})
	}
	return reader.document
}

// unseen takes out signs that show as nothing, and that editors leave behind: the
// space of no width, the soft hyphen, the joiner of words, the byte order mark.
var unseen = strings.NewReplacer("\u200b", "", "\u00ad", "", "\u2060", "", "\ufeff", "")

// Lines returns the lines of text without the headings, in order.
func (d Document) Lines() []string {
	var lines []string
	for _, each := range d.blocks {
		if each.level == 0 {
			lines = append(lines, each.lines...)
		}
	}
	return lines
}

// Sections returns the sections in the order of their headings. A heading in a
// list or a quotation begins none.
func (d Document) Sections() []Section {
	var sections []Section
	for i, each := range d.blocks {
		if each.level > 0 {
			sections = append(sections, Section{Title: each.lines[0], Level: each.level, Lines: below(d.blocks[i+1:], each.level)})
		}
	}
	return sections
}

// below returns the lines of text before the next heading of a level or a higher
// one.
func below(blocks []block, level int) []string {
	var lines []string
	for _, each := range blocks {
		switch {
		case each.level == 0:
			lines = append(lines, each.lines...)
		case each.level <= level:
			return lines
		}
	}
	return lines
}

// reader collects the blocks of a document.
type reader struct {
	source   []byte
	document Document
	// commented is true behind a comment that began in a block of HTML and did
	// not end in it: a browser shows nothing until it ends.
	commented bool
}

// blocksIn takes the text of a block and of all blocks in it.
func (r *reader) blocksIn(node ast.Node) {
	shown := ""
	switch node := node.(type) {
	case *ast.Heading: // in a list or a quotation
		return
	case *ast.Paragraph, *ast.TextBlock:
		if !r.commented {
			shown = html.UnescapeString(r.inline(node))
		}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		if !r.commented {
			shown = string(node.Lines().Value(r.source))
		}
	case *ast.HTMLBlock:
		shown = r.visible(node)
	default:
		for child := node.FirstChild(); child != nil; child = child.NextSibling() {
			r.blocksIn(child)
		}
		return
	}
	if lines := r.lines(shown); len(lines) > 0 {
		r.document.blocks = append(r.document.blocks, block{lines: lines})
	}
}

// inline returns the text of a paragraph or a heading without its markup.
func (r *reader) inline(parent ast.Node) string {
	var b strings.Builder
	for node := parent.FirstChild(); node != nil; node = node.NextSibling() {
		switch node := node.(type) {
		case *ast.Text:
			b.Write(node.Value(r.source))
			if node.SoftLineBreak() || node.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(node.Value)
		case *ast.AutoLink:
			b.Write(node.Label(r.source))
		case *ast.RawHTML: // a tag or a comment
		default:
			b.WriteString(r.inline(node))
		}
	}
	return b.String()
}

// What a browser takes for a comment, and for a tag. Both can go on to the end.
// Source: https://html.spec.whatwg.org/multipage/parsing.html#tokenization
var (
	comment = regexp.MustCompile(`(?s)<!--(?:-?>|.*?(?:-->|$))|<(?:[?!]|/[^A-Za-z>])[^>]*(?:>|$)`)
	tag     = regexp.MustCompile(`(?s)</?[A-Za-z](?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^>"'])*(?:>|$)`)
)

// visible returns the text of a block of HTML.
func (r *reader) visible(node *ast.HTMLBlock) string {
	raw := string(node.Lines().Value(r.source))
	if node.HasClosure() {
		raw += string(node.ClosureLine.Value(r.source))
	}
	if r.commented {
		_, rest, ended := strings.Cut(raw, "-->")
		raw, r.commented = rest, !ended
	}
	raw = comment.ReplaceAllStringFunc(raw, func(found string) string {
		r.commented = r.commented || strings.HasPrefix(found, "<!--") && !strings.HasSuffix(found, "-->")
		return ""
	})
	return html.UnescapeString(tag.ReplaceAllString(raw, ""))
}

// lines cuts a text into its lines, without those that are empty.
func (r *reader) lines(shown string) []string {
	var lines []string
	for line := range strings.Lines(shown) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
