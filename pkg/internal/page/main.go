// Command page turns job summaries into pages that look as GitHub shows them,
// for a person to look at. It is a tool of the project's own: no part of the
// action uses it, and nothing depends on what it makes.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// frame is the page around a summary. GitHub's own stylesheet for Markdown has
// one file for each theme; Mermaid draws the pictures in the browser, as it does
// on GitHub.
var frame = template.Must(template.New("frame").Parse(`<!doctype html>
<meta charset="utf-8">
<title>{{.Title}}</title>
<link rel="stylesheet" href="{{.Assets}}/github-markdown-{{.Theme}}.css">
<style>
  body { margin: 0; padding: 24px; background: {{if eq .Theme "dark"}}#0d1117{{else}}#ffffff{{end}}; }
  article { max-width: 980px; margin: 0 auto; }
</style>
<article class="markdown-body">{{.Body}}</article>
<script src="{{.Assets}}/mermaid.min.js"></script>
<script>
  for (const block of document.querySelectorAll("code.language-mermaid")) {
    const picture = document.createElement("div");
    picture.className = "mermaid";
    picture.textContent = block.textContent;
    block.parentElement.replaceWith(picture);
  }
  {{if .Open}}for (const folded of document.querySelectorAll("details")) { folded.open = true; }{{end}}
  // How tall a picture of it has to be, once everything is drawn; .ci/page reads it.
  const measure = () => {
    document.documentElement.dataset.height = Math.ceil(document.querySelector("article").getBoundingClientRect().bottom + 24);
  };
  mermaid.initialize({ startOnLoad: false, theme: "{{if eq .Theme "dark"}}dark{{else}}default{{end}}" });
  mermaid.run().then(measure, measure);
</script>
`))

// shown is what the frame is filled with.
type shown struct {
	Title, Theme string
	Assets       template.URL
	Body         template.HTML
	Open         bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1) //nolint:forbidigo // a command of its own
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("page", flag.ContinueOnError)
	assets := flags.String("assets", "", "folder with the stylesheets and mermaid.min.js")
	into := flags.String("into", "", "folder for the pages")
	open := flags.Bool("open", false, "unfold what is folded")
	small := flags.Bool("shrink", false, "write the pictures that are named into the folder, with fewer colours")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *small && *into != "" {
		return shrink(*into, flags.Args())
	}
	if *assets == "" || *into == "" || flags.NArg() == 0 {
		return errors.New("want -assets FOLDER -into FOLDER SUMMARY.md …, or -shrink -into FOLDER PICTURE.png …")
	}
	base, err := filepath.Abs(*assets)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*into, 0o750); err != nil {
		return err
	}
	for _, path := range flags.Args() {
		for _, theme := range []string{"light", "dark"} {
			if err := write(path, *into, shown{Theme: theme, Assets: template.URL("file://" + base), Open: *open}); err != nil { //nolint:gosec // a folder that the caller names
				return fmt.Errorf("show %s: %w", path, err)
			}
		}
	}
	return nil
}

func write(path, into string, page shown) error {
	source, err := os.ReadFile(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return err
	}
	// GitHub lets the few tags through that a summary uses.
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	var body, out bytes.Buffer
	if err := markdown.Convert(source, &body); err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".md")
	page.Title, page.Body = name, template.HTML(body.String()) //nolint:gosec // a page for our own eyes
	if err := frame.Execute(&out, page); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(into, name+"."+page.Theme+".html"), out.Bytes(), 0o600)
}
