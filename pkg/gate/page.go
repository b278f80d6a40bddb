package gate

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"strings"
)

// pages are the Markdown files of this folder in an archive, a third of their size
// (docs/adr/0018).
//
//go:generate go test -run ^TestThePagesArePacked$ -update .
//go:embed pages.zip
var pages []byte

// Page returns the gate's page: Markdown, for users.
func (g Gate) Page() string {
	archive, err := zip.NewReader(bytes.NewReader(pages), int64(len(pages)))
	if err != nil {
		return "" // TestEveryGate fails on a gate without a page
	}
	for _, file := range archive.File {
		if file.Name == strings.ReplaceAll(g.ID, "-", "_")+".md" {
			return unpacked(file)
		}
	}
	return ""
}

func unpacked(file *zip.File) string {
	content, err := file.Open()
	if err != nil {
		return ""
	}
	page, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return string(page)
}
