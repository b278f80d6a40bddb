package lint

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"strings"
)

// page is docs/lint.md in an archive, a third of its size (docs/adr/0018).
//
//go:embed page.zip
var page []byte

// addresses makes links whole: who has only the program has no folder that they lead
// from.
var addresses = strings.NewReplacer("](http", "](http", "](../", "]("+home, "](", "]("+home+"docs/")

// home is where the files of the project are.
const home = "https://github.com/stageward/stageward/blob/main/"

// Page returns the section of docs/lint.md about a warning, with links that are whole:
// Markdown, for users; "" where there is none.
func Page(id string) string {
	var section strings.Builder
	inside := false
	for line := range strings.Lines(whole()) {
		if strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### ") {
			inside = strings.TrimSpace(line) == "### "+id
		}
		if inside {
			section.WriteString(line)
		}
	}
	return addresses.Replace(section.String())
}

// whole returns the page; "" where the archive cannot be read, on which
// TestThePageIsPacked fails.
func whole() string {
	archive, err := zip.NewReader(bytes.NewReader(page), int64(len(page)))
	if err != nil || len(archive.File) != 1 {
		return ""
	}
	content, err := archive.File[0].Open()
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return string(text)
}
