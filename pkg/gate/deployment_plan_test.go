package gate_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/verdict"
)

const (
	wholePlan = "## Rollout\n10 % of the shops, then all\n\n## Verification\nThe dashboard stays green\n\n## Rollback\n```\nmake back\n```\n\n## Owner\n@alice\n"
	planFile  = "in: file\nfile: docs/plans/{version}.md"
	planPull  = "in: pull-request"
)

// withPlanFile is about a commit with a file where the policy of planFile looks.
func withPlanFile(text string, changes ...func(*fact.SourceFile)) fact.Set {
	return onTag(func(facts *fact.Set) {
		file := fact.SourceFile{Path: "docs/plans/1.2.0.md", Commit: headSHA, Exists: true, Blob: otherSHA, Text: text, URL: "https://github.com/acme/shop/blob/x"}
		for _, change := range changes {
			change(&file)
		}
		facts.Sources = map[string]fact.Known[fact.SourceFile]{"docs/plans/{version}.md": fact.Of(file, fact.Source{})}
	})
}

// withDescription is about the merge of a pull request with a description.
func withDescription(body string, changes ...func(*fact.Set)) fact.Set {
	return onMain(append([]func(*fact.Set){pulls(merged()), func(facts *fact.Set) {
		facts.PullPapers = map[string]fact.Known[fact.PullPapers]{"7": fact.Of(fact.PullPapers{Number: 7, Body: body}, fact.Source{})}
	}}, changes...)...)
}

func planFails(name, params, code string, facts fact.Set, says ...string) row {
	return row{name: name, params: params, facts: facts, want: verdict.Fail, code: code, says: says}
}

func planUnknown(name, params string, reason fact.Reason, facts fact.Set) row {
	return row{name: name, params: params, facts: facts, want: verdict.Unknown, code: string(reason)}
}

// less is the plan with other text below "Rollback".
func less(rollback string) string {
	return strings.Replace(wholePlan, "```\nmake back\n```", rollback, 1)
}

var _ = rows("deployment-plan",
	planFails("a branch has no release", "", "not-a-tag", onMain(func(f *fact.Set) { f.Release = fact.Of(fact.Release{}, fact.Source{}) }), "refs/heads/main"),
	noteWaits("no release", "", "no-release", onTag(func(f *fact.Set) { f.Release = fact.Of(fact.Release{}, fact.Source{}) })),
	noteWaits("a draft", "", "draft", releaseSays(wholePlan, func(r *fact.Release) { r.Draft = true })),
	noteWaits("a release without a plan", "", "missing-section", releaseSays(sentence), `the release of "v1.2.0"`, `"rollout" is no heading there; "verification" is`),
	noteWaits("a plan without a way back", "", "missing-section", releaseSays(strings.Replace(wholePlan, "## Rollback", "## Way back", 1)), `: "rollback" is no heading there`),
	noteWaits("a way back without text", "", "missing-section", releaseSays(less("")), `: "rollback" has no text below it`),
	noteWaits("a way back in a comment", "", "missing-section", releaseSays(less("<!-- make back -->")), `"rollback" has no text`),
	noteWaits("a way back that is to be done", "", "missing-section", releaseSays(less("TODO")), `"rollback" has no more than a placeholder`),
	noteWaits("a way back that somebody has to write", "", "missing-section", releaseSays(less("* **TBD** (ask @bob)")), "placeholder"),
	noteWaits("a way back that does not apply", "", "missing-section", releaseSays(less("N/A.")), "placeholder"),
	noteWaits("a way back that is a dash", "", "missing-section", releaseSays(less("–")), "placeholder"),
	noteWaits("a way back that is a box", "", "missing-section", releaseSays(less("- [ ]")), "placeholder"),
	noteWaits("a way back that is a ticked box", "", "missing-section", releaseSays(less("- [x] ")), "placeholder"),
	noteWaits("a box with a placeholder", "", "missing-section", releaseSays(less("- [ ] to be written")), "placeholder"),
	noteWaits("a way back that is a heading", "", "missing-section", releaseSays(less("### make back")), `"rollback" has no text`),
	noteWaits("a way back in letters that nobody sees", "", "missing-section", releaseSays(less("\u3164")), "placeholder"),
	noteWaits("a way back that is to be done, in small letters", "", "missing-section", releaseSays(less("_todo: ask bob_")), "placeholder"),
	noteWaits("a way back that is another section", "", "missing-section", releaseSays("# Rollout\n## Verification\n### Rollback\n#### Owner\n@alice\n"),
		`"rollout" has no text below it; "verification" has no text below it; "rollback" has no text below it`),
	noteWaits("a section that the policy adds", "sections: [rollback, Data]", "missing-section", releaseSays(wholePlan), `: "Data" is no heading there`),
	planUnknown("a release that cannot be read", "", fact.Unavailable, onTag(func(f *fact.Set) { f.Release = fact.Lost[fact.Release](fact.Missing{Reason: fact.Unavailable}) })),

	planFails("no pull request", planPull, "no-pull-request", onMain(pulls()), "no pull request was merged"),
	planFails("a pull request that is not merged", planPull, "no-pull-request", withDescription(wholePlan, pulls(merged(func(p *fact.Pull) { p.Merged = false }))), "#7 is not merged"),
	planFails("two pull requests", planPull, "ambiguous", withDescription(wholePlan, pulls(merged(), merged(func(p *fact.Pull) { p.Number = 8 }))), "#7, #8"),
	noteWaits("a pull request without a plan", planPull, "missing-section", withDescription("Closes #3"), "the description of pull request #7"),
	planUnknown("pull requests that cannot be read", planPull, fact.NotAsked, onMain()),
	planUnknown("a description that cannot be read", planPull, fact.NotAsked, onMain(pulls(merged()))),
	planUnknown("the description of another", planPull, fact.Inconsistent, withDescription("", func(f *fact.Set) {
		f.PullPapers = map[string]fact.Known[fact.PullPapers]{"7": fact.Of(fact.PullPapers{Number: 8, Body: wholePlan}, fact.Source{})}
	})),

	planFails("no file", planFile, "no-file", withPlanFile("", func(f *fact.SourceFile) { f.Exists = false }), `no file "docs/plans/1.2.0.md" in commit aaaaaaa`, "Add the plan as docs/plans/1.2.0.md"),
	planFails("a file without a way back", planFile, "missing-section", withPlanFile(less("TBD")), `"rollback" has no more`, "release the commit"),
	planFails("a file that is too long to be read to its end", planFile, "missing-section", withPlanFile(strings.Repeat("\n", markdown.MaxSize)+wholePlan), "only the first 131072 of its", "shorter"),
	planUnknown("a file that cannot be read", planFile, fact.NotAsked, onTag()),
	planUnknown("the file of another version", planFile, fact.Inconsistent, withPlanFile(wholePlan, func(f *fact.SourceFile) { f.Path = "docs/plans/1.1.0.md" })),
	planUnknown("the file of another commit", planFile, fact.Inconsistent, withPlanFile(wholePlan, func(f *fact.SourceFile) { f.Commit = otherSHA })),

	notePasses("a release with a plan", "", releaseSays("# Release\n"+wholePlan), `the release of "v1.2.0" has a plan with rollout, verification, rollback, owner`),
	notePasses("a box with words", "", releaseSays(less("- [ ] run `make back`"))),
	notePasses("a plan below a heading of its own, in another case", "sections: [ROLLBACK]", releaseSays("# Plan\n## rollback\n### Steps\n1. make back\n")),
	notePasses("sections in sections, each with text of its own", "", releaseSays("# Plan\n## Rollout\nall at once\n### Owner\n@alice\n### Steps\n## Rollback\n### Steps\n1. make back\n### Verification\nlook\n")),
	notePasses("a way back in Spanish", "", releaseSays(less("Todo se revierte con helm"))),
	notePasses("a way back in Japanese, with a placeholder's name in it", "", releaseSays(less("バナー TODO を消す"))),
	notePasses("a way back by a variable", "", releaseSays(less("`WIP_LIMIT=0 make back`"))),
	notePasses("a pull request with a plan", planPull, withDescription(wholePlan)),
	notePasses("a file with a plan", planFile, withPlanFile(wholePlan), `the file "docs/plans/1.2.0.md" in commit aaaaaaa`),
)

func TestDeploymentPlan(t *testing.T) {
	t.Parallel()
	testRows(t, "deployment-plan")
}

func TestDeploymentPlanRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	testRefusals(t, "deployment-plan", map[string]string{
		"in: wiki": `in "wiki"`, "file: a.md": "only with in: file", "in: file": "needs the path", "sections: []": "the list is empty",
		"in: file\nfile: /a.md": "a path inside", "in: file\nfile: ../a.md": "a path inside", "in: file\nfile: a/../../b.md": "a path inside",
		"in: file\nfile: 'a/{branch}.md'": "a path inside", "in: file\nfile: a b.md": "a path inside", "in: file\nfile: 'a:b'": "a path inside",
		"in: file\nfile: ..": "a path inside", "in: file\nfile: a//b": "a path inside", `sections: ["# A"]`: "without the number signs", "sections: [A, a]": "twice",
	})
}
