// Package markdown reads Markdown as its readers see it: which lines are
// headings, and which text stands below them. What does not show is not there:
// comments, markup, addresses of links. A heading in a code block is code.
//
// It knows nothing of gates, facts or GitHub, reads no files, and takes any text
// from anybody: there is no text that it refuses. Its rules are those of
// https://spec.commonmark.org/, without GitHub's additions, which change neither
// headings nor what is text.
package markdown
