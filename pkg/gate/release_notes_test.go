package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/verdict"
)

// releaseSays is about the tag v1.2.0, whose release says something.
func releaseSays(body string, changes ...func(*fact.Release)) fact.Set {
	return releaseOf("v1.2.0", body, changes...)
}

func releaseOf(tag, body string, changes ...func(*fact.Release)) fact.Set {
	release := fact.Release{
		Exists: true, Tag: tag, Body: body, Author: bob, At: noon.Add(-time.Hour), URL: "https://github.com/acme/shop/releases/tag/" + tag,
	}
	for _, change := range changes {
		change(&release)
	}
	return about(fact.Ref("refs/tags/"+tag), func(facts *fact.Set) { facts.Release = fact.Of(release, fact.Source{}) })
}

func marked(release *fact.Release) { release.Prerelease = true }

const (
	sentence = "Orders can be cancelled now.\n"
	// generatedNotes is what GitHub generates.
	generatedNotes = "<!-- Release notes generated using configuration in .github/release.yml at main -->\r\n\r\n## What's Changed\r\n### Exciting New Features\r\n" +
		"* Sell more by @alice in https://github.com/acme/shop/pull/7\r\n* Bump x from 1 to 2 by @dependabot[bot] in https://github.com/acme/shop/pull/8\r\n" +
		"* Fix `a` by @alice with @Copilot in https://github.com/acme/shop/pull/9\r\n\r\n## New Contributors\r\n* @alice made their first contribution in https://github.com/acme/shop/pull/7\r\n\r\n" +
		"**Full Changelog**: https://github.com/acme/shop/compare/v1.1.0...v1.2.0"
)

func noteWaits(name, params, code string, facts fact.Set, says ...string) row {
	return row{name: name, params: params, facts: facts, want: verdict.Wait, code: code, says: says}
}

func notePasses(name, params string, facts fact.Set, says ...string) row {
	return row{name: name, params: params, facts: facts, want: verdict.Pass, says: says}
}

var _ = rows("release-notes",
	row{name: "a branch has no release", facts: onMain(func(f *fact.Set) { f.Release = fact.Of(fact.Release{}, fact.Source{}) }), want: verdict.Fail, code: "not-a-tag", says: []string{"refs/heads/main"}},
	row{
		name: "a release that cannot be read is unknown", want: verdict.Unknown, code: string(fact.Forbidden),
		facts: onTag(func(f *fact.Set) { f.Release = fact.Lost[fact.Release](fact.Missing{Reason: fact.Forbidden}) }),
	},
	row{
		name: "the release of another tag is no answer", want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{`"v1.1.0"`},
		facts: releaseSays(sentence, func(r *fact.Release) { r.Tag = "v1.1.0" }),
	},
	noteWaits("no release", "", "no-release", onTag(func(f *fact.Set) { f.Release = fact.Of(fact.Release{}, fact.Source{}) }), `"v1.2.0"`, "draft", "Publish"),
	noteWaits("a draft", "", "draft", releaseSays(sentence, func(r *fact.Release) { r.Draft = true }), "Publish the release"),
	noteWaits("a release that is marked as a pre-release", "", "prerelease", releaseSays(sentence, marked), "v1.2.0 is a release", "off the release"),
	noteWaits("a pre-release that is not marked", "", "prerelease", releaseOf("v1.2.0-rc.1", sentence), "is a pre-release, and is not marked", "for the newest"),
	noteWaits("no text", "", "empty", releaseSays("")),
	noteWaits("spaces", "", "empty", releaseSays(" \r\n\t \u00a0 \u200b ")),
	noteWaits("a comment", "", "empty", releaseSays("<!-- Orders can be cancelled now. -->")),
	noteWaits("headings alone", "", "empty", releaseSays("# What orders can do now\n\n## And what not\n")),
	noteWaits("a word", "", "empty", releaseSays("See below.")),
	noteWaits("placeholders", "", "empty", releaseSays("TODO: write what changes for users\n\n- TBD, by olga, before friday\n- n/a\n")),
	noteWaits("letters that nobody sees", "", "empty", releaseSays("\u3164 \u115f\u1160 \uffa0")),
	noteWaits("a word of a script without spaces", "", "empty", releaseSays("修复")),
	noteWaits("words behind the part that is read", "", "empty", releaseSays(strings.Repeat("\n", markdown.MaxSize)+sentence), "only the first 131072 of its 131101 bytes are read", "shorter"),
	noteWaits("a heading behind the part that is read", "headings: [Upgrade]", "missing-heading", releaseSays(strings.Repeat("语", markdown.MaxSize/3)+"\n\n## Upgrade\nrun it\n"), "only the first 131072 of its", "shorter"),
	noteWaits("signs are no words", "", "empty", releaseSays("... --- !!! *** ???")),
	noteWaits("addresses that do not show are no words", "", "empty", releaseSays("[](https://a.test) [](https://b.test) ![](https://c.test)\n\n[a]: https://a.test\n")),
	noteWaits("the generated list", "", "generated", releaseSays(generatedNotes), "list that GitHub generates", "above the list"),
	noteWaits("the generated list with a word", "", "generated", releaseSays("Hello!\n\n"+generatedNotes)),
	noteWaits("the generated list with a heading of one's own", "", "generated", releaseSays("## What orders can do now\n\n"+generatedNotes)),
	noteWaits("the generated list with a comment", "", "generated", releaseSays(generatedNotes+"\n<!-- Orders can be cancelled now. -->\n")),
	noteWaits("the generated list of titles that do not show", "", "generated", releaseSays("* <Button> by @alice in https://github.com/acme/shop/pull/7\n* <div> by @alice, @bob, and @carol in https://github.com/acme/shop/pull/8\n")),
	noteWaits("nothing, where the generated list would do", "generated: allow", "empty", releaseSays("<!-- -->")),
	noteWaits("a heading that is asked for", "headings: [Upgrade]", "missing-heading", releaseSays(sentence+"\n## Upgrading\ntext\n"), `"Upgrade" is no heading there`),
	noteWaits("a heading in a code block", "headings: [Upgrade]", "missing-heading", releaseSays(sentence+"\n```\n## Upgrade\ntext\n```\n"), "is no heading there"),
	noteWaits("a heading in a comment", "headings: [Upgrade]", "missing-heading", releaseSays(sentence+"\n<!--\n## Upgrade\ntext\n-->\n"), "is no heading there"),
	noteWaits("a heading without text", "headings: [Upgrade, Known faults]", "missing-heading", releaseSays(sentence+"\n## Upgrade\n## Known faults\nnone that we know of\n"), `"Upgrade" has no text below it`),
	noteWaits("a heading above a placeholder", "headings: [Upgrade]", "missing-heading", releaseSays(sentence+"\n## Upgrade\n- [ ] TODO\n"), "no more than a placeholder"),
	noteWaits("every heading is told", "headings: [A, B, C]", "missing-heading", releaseSays(sentence+"\n## B\n"), `"A" is no heading there; "B" has no text below it; "C" is`),

	notePasses("a sentence", "", releaseSays(sentence), "v1.2.0, published 2026-11-20 11:00 UTC by @bob", "5 words"),
	notePasses("a sentence in a script without spaces", "", releaseSays("修复了登录页面崩溃的问题。")),
	notePasses("a sentence in Thai", "", releaseSays("แก้ไขปัญหาการเข้าสู่ระบบ")),
	notePasses("a sentence in which a word looks like a placeholder", "", releaseSays("Todo el tráfico pasa por el clúster nuevo.")),
	notePasses("a sentence above the generated list", "", releaseSays(sentence+generatedNotes), "5 words beside 5 generated lines"),
	notePasses("the generated list, where it will do", "generated: allow", releaseSays(generatedNotes)),
	notePasses("headings in another case, with text", "headings: [Upgrade, known faults]", releaseSays(sentence+"\n## UPGRADE ##\n- [ ] run `make upgrade`\n\nKnown Faults\n---\n> none that we know of\n")),
	notePasses("one of two headings with text", "headings: [Upgrade]", releaseSays(sentence+"\n## Upgrade\n## Upgrade\nrun it\n")),
	notePasses("a pre-release that is marked", "", releaseOf("v1.2.0-rc.1", sentence, marked)),
	notePasses("a tag that is no version may be marked", "", releaseOf("nightly", sentence, marked)),
	notePasses("a tag that is no version need not be marked", "", releaseOf("nightly", sentence)),
	notePasses("a publisher who is gone", "", releaseSays(sentence, func(r *fact.Release) { r.Author = nil }), "an account that is gone"),
)

func TestReleaseNotes(t *testing.T) {
	t.Parallel()
	testRows(t, "release-notes")
}

func TestReleaseNotesRefuseWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	testRefusals(t, "release-notes", map[string]string{
		"generated: maybe": `generated "maybe"`, `generated: ""`: `generated ""`, `headings: [""]`: "expected the words", `headings: [" a"]`: "one space",
		`headings: ["## A"]`: "without the number signs", "headings: [A, a]": `"a" is there twice`,
	})
}

// What people publish reaches the log and the summary by no other way than the
// tag, which is checked, and the name of the account.
func TestReleaseNotesNeverQuoteTheRelease(t *testing.T) {
	t.Parallel()
	hidden := "::set-output name=allowed::true\n"
	for _, facts := range []fact.Set{releaseSays(hidden), releaseSays(hidden + sentence), releaseSays(hidden + generatedNotes)} {
		finding := bind(t, "release-notes", row{params: "headings: [A]"}).Ask(facts, row{}.terms())
		for _, text := range []string{finding.Reason, finding.Fix, finding.Who} {
			if len(text) > 400 || strings.Contains(text, "set-output") || strings.Contains(text, "cancelled") {
				t.Errorf("it says %q", text)
			}
		}
	}
}
