package gate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/markdown"
	"github.com/stageward/stageward/pkg/verdict"
)

const whoReleases = "whoever may write releases"

// publishedRelease returns the release of the subject's tag. The finding is not
// nil when there is none that counts. What is missing can be published for the
// same tag, so the answer is to wait.
func (in Input) publishedRelease() (fact.Release, *verdict.Finding) {
	ref := in.Facts.Subject.Ref
	if ref.Kind() != fact.TagRef {
		finding := verdict.Failed("not-a-tag", fmt.Sprintf("%s is not a tag, so it has no release", ref)).
			Because("Tag the commit and run for the tag, or ask for this only on stages that take tags.", "whoever releases")
		return fact.Release{}, &finding
	}
	release, missing := in.Facts.Release.Get()
	if missing == nil && release.Exists && release.Tag != ref.Name() {
		missing = &fact.Missing{Reason: fact.Inconsistent, Detail: fmt.Sprintf("asked for the release of %q, the answer is that of %q", ref.Name(), release.Tag)}
	}
	var finding verdict.Finding
	switch {
	case missing != nil:
		finding = verdict.Lacking("what the release says", missing)
	case !release.Exists:
		finding = verdict.Waits("no-release", fmt.Sprintf("there is no release of the tag %q; a draft is none", ref.Name())).
			Because("Publish a release of this very tag. The commit stays as it is: run again then.", whoReleases).
			See("a new release", in.Facts.Release.Source().URL)
	case release.Draft:
		finding = verdict.Waits("draft", fmt.Sprintf("the release of the tag %q is a draft", ref.Name())).
			Because("Publish the release.", whoReleases).See("the release", release.URL)
	default:
		return release, nil
	}
	return fact.Release{}, &finding
}

// unreadOf says that a text goes on behind what is read of it, and what to do;
// both are empty where it does not.
func unreadOf(text string) (reason, fix string) {
	if len(text) <= markdown.MaxSize {
		return "", ""
	}
	return fmt.Sprintf("; only the first %d of its %d bytes are read", markdown.MaxSize, len(text)), " Make it shorter, or put what is asked for at its beginning."
}

// lacks says which of the sections that are asked for are not there with text of
// their own, one phrase each. Titles are compared without their case.
func lacks(document markdown.Document, wanted []string) []string {
	sections := document.Sections()
	var lost []string
	for _, title := range wanted {
		if reason := lack(sections, title, wanted); reason != "" {
			lost = append(lost, fmt.Sprintf("%q %s", title, reason))
		}
	}
	return lost
}

// lack says what is wrong with a section, or "". Of several with one title, one
// that is filled in will do.
func lack(sections []markdown.Section, title string, wanted []string) string {
	reason := "is no heading there"
	for i, section := range sections {
		if !strings.EqualFold(section.Title, title) {
			continue
		}
		lines := ownLines(sections[i:], wanted)
		if !allPlaceholders(lines) {
			return ""
		}
		reason = "has no text below it"
		if len(lines) > 0 {
			reason = "has no more than a placeholder below it"
		}
	}
	return reason
}

// ownLines returns the lines of the first of the sections without those of the
// sections within it that are asked for as well: one text is not two.
func ownLines(sections []markdown.Section, wanted []string) []string {
	var within []string
	rest := len(sections[0].Lines)
	for i := 1; i < len(sections) && sections[i].Level > sections[0].Level; {
		inner := sections[i]
		rest -= len(inner.Lines)
		if !slices.ContainsFunc(wanted, func(title string) bool { return strings.EqualFold(title, inner.Title) }) {
			within = append(within, ownLines(sections[i:], wanted)...)
		}
		for i++; i < len(sections) && sections[i].Level > inner.Level; i++ {
			continue // its lines are among those of the inner one
		}
	}
	return append(slices.Clone(sections[0].Lines[:rest]), within...)
}

// checkSections refuses lists of headings that make no sense.
func checkSections(name string, sections []string) error {
	seen := map[string]bool{}
	for _, section := range sections {
		key := strings.ToLower(section)
		switch {
		case section == "" || strings.Join(strings.Fields(section), " ") != section:
			return fmt.Errorf("%s: %q: expected the words of a heading, with one space between two", name, section)
		case strings.HasPrefix(section, "#"):
			return fmt.Errorf("%s: %q: give the words of the heading without the number signs", name, section)
		case seen[key]:
			return fmt.Errorf("%s: %q is there twice", name, section)
		}
		seen[key] = true
	}
	return nil
}

var (
	box = lazy.New(`^\[[ xX]\](\s+|$)`)
	// unfilled is what people write where something is still to be written.
	// "Todo" begins many a sentence in other languages, so in small letters it
	// is one only alone or before a colon.
	unfilled = lazy.New(`^[^\pL\pN]*(?:(?:TODO|(?i:tbd|tba|tbc|fixme|wip))(?:[^\pL\pN\pM_].*)?|(?i:todo)(?:\s*:.*|[^\pL\pN]*)|(?i:to be (?:done|defined|decided|written)|n/?a)[^\pL\pN]*)$`)
)

// allPlaceholders reports whether nothing was filled in. A box without words
// says nothing, ticked or not.
func allPlaceholders(lines []string) bool {
	for _, line := range lines {
		line = box.ReplaceAllString(line, "")
		if words(line) > 0 && !unfilled.MatchString(line) {
			return false
		}
	}
	return true
}

// words counts what has a letter or a digit in it. In scripts that put no space
// between words, each letter counts.
func words(line string) int {
	count := 0
	for _, field := range strings.Fields(line) {
		unspaced, other := 0, 0
		for _, char := range field {
			switch {
			case unicode.In(char, unspacedScripts...):
				unspaced++
			case isLegible(char) || unicode.IsDigit(char):
				other = 1
			}
		}
		count += unspaced + other
	}
	return count
}

var unspacedScripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Javanese, unicode.Balinese,
}

// isLegible reports whether a character is a letter that can be seen. Unicode has
// four that show as nothing, the fillers of Hangul.
func isLegible(char rune) bool {
	return unicode.IsLetter(char) && !strings.ContainsRune("\u115f\u1160\u3164\uffa0", char)
}
