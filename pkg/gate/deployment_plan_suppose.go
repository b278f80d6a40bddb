package gate

import (
	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesPlan lets the plan have its sections, or not. Its parts are the sections.
var supposesPlan = Supposing[deploymentPlan]{
	Noun:  "plan",
	Parts: func(params deploymentPlan, _ Terms) []string { return params.Sections },
	With: func(params deploymentPlan, in Supposed, part string) error {
		complete := func(text string) string {
			for _, title := range params.sections(part) {
				if lack(markdown.Parse(text).Sections(), title, params.Sections) != "" {
					text = headed(title, supposedPlan) + text
				}
			}
			return text
		}
		switch params.In {
		case planInRelease:
			return in.publish(func(release *fact.Release) { release.Body = complete(release.Body) })
		case planInPull:
			in.MergedPull(func(*fact.Pull) {})
		case planInFile:
		}
		return params.rewrite(in, complete)
	},
	Without: func(params deploymentPlan, in Supposed, part string) error {
		return params.rewrite(in, func(text string) string { return withoutSections(text, params.sections(part), supposedPlan) })
	},
}

// supposedPlan is what stands below each heading. It reads as a line that GitHub
// generates, so that a plan in the release does not pass for notes on what changes.
const supposedPlan = "As described by @" + suppose.Author + " in #1"

// sections are those of a part: one, or all.
func (p deploymentPlan) sections(part string) []string {
	if part == "" {
		return p.Sections
	}
	return []string{part}
}

// rewrite changes the text in which the plan has to be, if there is one.
func (p deploymentPlan) rewrite(in Supposed, change func(string) string) error {
	switch p.In {
	case planInFile:
		return p.rewriteFile(in, change)
	case planInPull:
		in.LandedPulls(func(pull *fact.Pull) {
			key := fact.PullKey(pull.Number)
			papers := in.Facts.PullPapers[key]
			suppose.Change(&papers, func(papers *fact.PullPapers) {
				papers.Number, papers.Body, papers.Issues = pull.Number, change(papers.Body), append([]fact.Issue{}, papers.Issues...)
			})
			in.Facts.PullPapers[key] = papers
		})
	case planInRelease:
		in.changeRelease(func(release *fact.Release) { release.Body = change(release.Body) })
	}
	return nil
}

func (p deploymentPlan) rewriteFile(in Supposed, change func(string) string) error {
	subject := in.Facts.Subject
	name, err := subject.Fill(p.File)
	if err != nil {
		return err
	}
	file := in.Facts.Sources[p.File]
	suppose.Change(&file, func(file *fact.SourceFile) {
		*file = fact.SourceFile{Path: name, Commit: subject.SHA, Blob: in.Commit(name), Text: change(file.Text)}
		file.Exists = file.Text != ""
	})
	in.Facts.Sources[p.File] = file
	return nil
}
