package gate

import (
	"fmt"
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/verdict"
)

// ReleaseNotes holds when a published release of the tag tells its users what
// changed.
var ReleaseNotes = register(Spec[releaseNotes]{
	ID:        "release-notes",
	Title:     "The release notes are published",
	Since:     "0.1.0",
	Configure: "release-notes: {}",
	Defaults:  releaseNotes{Generated: refuseGenerated},
	Validate:  func(params releaseNotes, _ Terms) error { return params.validate() },
	Needs:     func(releaseNotes, Terms) []fact.Need { return []fact.Need{{Kind: fact.NeedRelease}} },
	Suppose:   supposesNotes,
	Check:     checkReleaseNotes,
})

type releaseNotes struct {
	Generated Generated `yaml:"generated" doc:"Whether the list of pull requests that GitHub generates is enough: refuse, or allow."`
	Headings  []string  `yaml:"headings" doc:"Headings that have to be there with text below them; upper and lower case are the same."`
}

// Generated says what the list that GitHub generates counts for.
type Generated string

// The choices.
const (
	refuseGenerated Generated = "refuse"
	allowGenerated  Generated = "allow"
)

// Values returns the words a policy may use.
func (Generated) Values() []string { return []string{string(refuseGenerated), string(allowGenerated)} }

func (p releaseNotes) validate() error {
	if !slices.Contains(p.Generated.Values(), string(p.Generated)) {
		return fmt.Errorf("generated %q: expected one of %q", p.Generated, p.Generated.Values())
	}
	return checkSections("headings", p.Headings)
}

func checkReleaseNotes(params releaseNotes, in Input) verdict.Finding {
	release, finding := in.publishedRelease()
	if finding != nil {
		return *finding
	}
	if finding := agrees(in.Terms.Stage, release); finding != nil {
		return finding.See("the release", release.URL)
	}
	return params.judge(release).See("the release", release.URL)
}

// agrees compares the release's mark with the version of its tag. A tag that is
// no version says nothing about it.
func agrees(of Stage, release fact.Release) *verdict.Finding {
	version, ok := of.versionOf(release.Tag)
	if !ok || (version.Prerelease() != "") == release.Prerelease {
		return nil
	}
	finding := verdict.Waits("prerelease", fmt.Sprintf("%s is a release, and is marked as a pre-release on GitHub", release.Tag)).
		Because("Take the mark \"pre-release\" off the release.", whoReleases)
	if !release.Prerelease {
		finding = verdict.Waits("prerelease", fmt.Sprintf("%s is a pre-release, and is not marked as one on GitHub", release.Tag)).
			Because("Mark the release as a pre-release, so that nobody takes it for the newest.", whoReleases)
	}
	return &finding
}

// fewWords is how many words are no sentence.
const fewWords = 3

// judge reads what the release says.
func (p releaseNotes) judge(release fact.Release) verdict.Finding {
	document := markdown.Parse(release.Body)
	own, generated := 0, 0
	for _, line := range document.Lines() {
		switch {
		case isGenerated(line):
			generated++
		case !allPlaceholders([]string{line}):
			own += words(line)
		}
	}
	unread, shorten := unreadOf(release.Body)
	counts := own >= fewWords || generated > 0 && p.Generated == allowGenerated
	switch {
	case !counts && generated > 0:
		return verdict.Waits("generated", fmt.Sprintf("the release of %s holds the list that GitHub generates, and not a sentence beside it", release.Tag)+unread).
			Because("Write in the release what changes for its users, above the list."+shorten, whoReleases)
	case !counts:
		return verdict.Waits("empty", fmt.Sprintf("the release of %s says nothing: fewer than %d words that are neither heading, comment nor placeholder", release.Tag, fewWords)+unread).
			Because("Write in the release what changes for its users."+shorten, whoReleases)
	}
	if lost := lacks(document, p.Headings); len(lost) > 0 {
		return verdict.Waits("missing-heading", fmt.Sprintf("the release of %s leaves out what the policy asks for: %s", release.Tag, listed(lost, "; ", 10))+unread).
			Because("Add the headings to the release, with text below each of them."+shorten, whoReleases)
	}
	return verdict.Passed(fmt.Sprintf("the release of %s, published %s, says what changes (%d words%s)", release.Tag, publishedBy(release), own, besideGenerated(generated)))
}

// publishedBy names who published the release, and when.
func publishedBy(release fact.Release) string {
	at := release.At.UTC().Format("2006-01-02 15:04 UTC")
	if release.Author == nil {
		return at + " by an account that is gone"
	}
	return fmt.Sprintf("%s by @%s", at, release.Author.Login)
}

func besideGenerated(generated int) string {
	if generated == 0 {
		return ""
	}
	return fmt.Sprintf(" beside %d generated lines", generated)
}

// generatedLines are the lines that GitHub generates below its headings. The title
// of a pull request may be one that does not show, such as "<Button>". Source:
// https://docs.github.com/repositories/releasing-projects-on-github/automatically-generated-release-notes
var generatedLines = []*lazy.Regexp{
	lazy.New(`^(?:.+ )?by @\S+(?:(?:,|,? and| with) @\S+)* in (?:https://\S+/pull/\d+|#\d+)$`),
	lazy.New(`^@\S+ made their first contribution in (?:https://\S+/pull/\d+|#\d+)$`),
	lazy.New(`^Full Changelog: \S+$`),
}

func isGenerated(line string) bool {
	return slices.ContainsFunc(generatedLines, func(form *lazy.Regexp) bool { return form.MatchString(line) })
}
