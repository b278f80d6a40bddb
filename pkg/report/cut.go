package report

import (
	"slices"

	"github.com/stageward/stageward/pkg/verdict"
)

// cut says how much is left of a verdict that is too large: entries a list,
// and characters a text.
type cut struct{ entries, text int }

// onlyChanges returns a verdict of which nothing but the list of changes is
// smaller; the one it is given stays as it is.
func (c cut) onlyChanges(v verdict.Verdict) verdict.Verdict {
	v = public(v)
	if v.Changes != nil {
		changes := c.changes(*v.Changes)
		v.Changes = &changes
	}
	return v
}

// verdict returns a smaller verdict, with hardly any changes; the one it is given
// stays as it is.
func (c cut) verdict(v verdict.Verdict) verdict.Verdict {
	v = cut{5, 60}.onlyChanges(v)
	c.texts(&v.Reason, &v.Fix, &v.Trigger.BreakGlass)
	if v.Way != nil {
		way := *v.Way
		c.texts(&way.Reason, &way.Section, &way.Unknown)
		v.Way = &way
	}
	v.Progression = head(c, v.Progression)
	for i := range v.Progression {
		c.texts(&v.Progression[i])
	}
	v.Mapping = head(c, v.Mapping)
	for i := range v.Mapping {
		c.texts(&v.Mapping[i].Stage, &v.Mapping[i].Pattern, &v.Mapping[i].Why)
	}
	v.Problems = head(c, v.Problems)
	for i := range v.Problems {
		c.texts(&v.Problems[i])
	}
	v.Findings = c.findings(v)
	if v.Stage != nil {
		stage := *v.Stage
		stage.Config = nil // it has an output of its own
		v.Stage = &stage
	}
	return v
}

// findings returns the unmet findings, then the others, without evidence.
func (c cut) findings(v verdict.Verdict) []verdict.Finding {
	all := v.Unmet()
	for _, finding := range v.Findings {
		if !finding.Unmet() {
			all = append(all, finding)
		}
	}
	all = head(c, all)
	for i := range all {
		each := &all[i]
		c.texts(&each.Gate, &each.Title, &each.Code, &each.Reason, &each.Fix, &each.Who)
		each.Evidence = []verdict.Evidence{}
		each.Warnings = head(c, each.Warnings)
		for j := range each.Warnings {
			c.texts(&each.Warnings[j])
		}
	}
	return all
}

// changes returns the newest commits and the first pull requests.
func (c cut) changes(all verdict.Changes) verdict.Changes {
	c.texts(&all.Unknown)
	all.Commits, all.Pulls = head(c, all.Commits), head(c, all.Pulls)
	for i := range all.Commits {
		each := &all.Commits[i]
		c.texts(&each.Headline, &each.Author, &each.Signer)
		c.addresses(&each.URL)
	}
	for i := range all.Pulls {
		each := &all.Pulls[i]
		c.texts(&each.Title, &each.Author, &each.MergedBy)
		c.addresses(&each.URL)
	}
	return all
}

// addresses leaves out what is too long: half of an address leads elsewhere.
func (c cut) addresses(addresses ...*string) {
	for _, each := range addresses {
		if len(*each) > c.text {
			*each = ""
		}
	}
}

func (c cut) texts(texts ...*string) {
	for _, text := range texts {
		*text = clip(*text, c.text)
	}
}

// head returns a copy of the first entries.
func head[T any](c cut, items []T) []T {
	return slices.Clone(items[:min(len(items), c.entries)])
}
