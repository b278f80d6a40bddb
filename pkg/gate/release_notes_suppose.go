package gate

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/suppose"
	"github.com/stageward/stageward/pkg/verdict"
)

// supposesNotes lets the release say what changes, or nothing. The headings stay, and
// lines such as GitHub generates: the plan of the deployment can be among them.
var supposesNotes = Supposing[releaseNotes]{
	Noun: "notes",
	With: func(params releaseNotes, in Supposed, _ string) error {
		return in.publish(func(release *fact.Release) {
			if version, ok := in.Terms.Stage.versionOf(release.Tag); ok {
				release.Prerelease = version.Prerelease() != ""
			}
			if params.judge(*release).Outcome == verdict.Pass {
				return
			}
			text := "This is supposed to say what changes.\n\n"
			for _, title := range params.Headings {
				if lack(markdown.Parse(release.Body).Sections(), title, params.Headings) != "" {
					text += headed(title, "This changes.")
				}
			}
			release.Body = text + release.Body
		})
	},
	Without: func(params releaseNotes, in Supposed, _ string) error {
		in.changeRelease(func(release *fact.Release) {
			var kept []string
			for line := range strings.Lines(release.Body) {
				if text := strings.TrimSpace(line); text == "" || strings.HasPrefix(text, "#") || isGenerated(text) {
					kept = append(kept, line)
				}
			}
			release.Body = strings.Join(kept, "")
			if params.judge(*release).Outcome == verdict.Pass {
				release.Body = "" // generated lines are enough
			}
		})
		return nil
	},
}

// publish changes the release of the tag, and makes one where there is none.
func (in Supposed) publish(change func(*fact.Release)) error {
	ref := in.Facts.Subject.Ref
	if ref.Kind() != fact.TagRef {
		return fmt.Errorf("%s is no tag, so it has no release", ref)
	}
	suppose.Change(&in.Facts.Release, func(release *fact.Release) {
		if !release.Exists {
			author := in.Person(suppose.Author)
			*release = fact.Release{Exists: true, Author: &author}
		}
		release.Tag, release.Draft = ref.Name(), false
		release.Name = cmp.Or(release.Name, release.Tag)
		if release.At.IsZero() {
			release.At = in.Written().Add(time.Minute)
		}
		change(release)
	})
	return nil
}

// changeRelease changes the release of the tag, if there is one.
func (in Supposed) changeRelease(change func(*fact.Release)) {
	suppose.Change(&in.Facts.Release, func(release *fact.Release) {
		if release.Tag != in.Facts.Subject.Ref.Name() {
			*release = fact.Release{}
		}
		change(release)
	})
}

// headed is a section of Markdown. Every sign in its title is written as a number, so
// that none of them is markup.
func headed(title, text string) string {
	signs := lazy.New(`[!-/:-@\[-` + "`" + `{-~]`)
	return "## " + signs.ReplaceAllStringFunc(title, func(sign string) string { return fmt.Sprintf("&#%d;", sign[0]) }) + "\n\n" + text + "\n\n"
}

// withoutSections returns a text without the headings of these titles, and without
// what was made up below them; nothing where one of them is left all the same.
func withoutSections(text string, titles []string, madeUp string) string {
	var kept strings.Builder
	for _, title := range titles {
		text = strings.ReplaceAll(text, headed(title, madeUp), "")
	}
	for line := range strings.Lines(text) {
		title := strings.Trim(html.UnescapeString(line), "# \t\r\n")
		if !strings.HasPrefix(line, "#") || !slices.ContainsFunc(titles, func(each string) bool { return strings.EqualFold(each, title) }) {
			kept.WriteString(line)
		}
	}
	if len(lacks(markdown.Parse(kept.String()), titles)) < len(titles) {
		return ""
	}
	return kept.String()
}
