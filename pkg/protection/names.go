package protection

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/refglob"
	"github.com/stageward/stageward/pkg/stage"
)

// names are branches or tags: those that a stage takes, or that an environment lets
// in. They are compared as full references.
type names struct {
	kind fact.RefKind
	// text is the pattern in GitHub's language.
	text    string
	pattern refglob.Pattern
	only    refglob.Versions
	// project is the project of the stage, or "": its versions stand behind its name.
	project string
	// fault says why it is not known which names they are, or is nil.
	fault error
}

// namespace is with what full references of a kind begin.
func namespace(kind fact.RefKind) string {
	if kind == fact.TagRef {
		return "refs/tags/"
	}
	return "refs/heads/"
}

var errNoDefault = errors.New("the name of the default branch is not known")

// taken returns what the stage and its lanes take.
func (w Wants) taken() []names {
	var all []names
	for _, rule := range w.Rules {
		for _, each := range rule.Branches {
			all = append(all, w.branches(each))
		}
		for _, each := range rule.Tags {
			tags := byStage(fact.TagRef, each.String())
			tags.only, tags.project = versions(rule.Versions), rule.Project
			all = append(all, tags)
		}
	}
	return all
}

func (w Wants) branches(pattern stage.Pattern) names {
	switch {
	case pattern.String() != stage.DefaultBranch:
		return byStage(fact.Branch, pattern.String())
	case w.DefaultBranch == "":
		return names{kind: fact.Branch, fault: errNoDefault}
	}
	return names{kind: fact.Branch, text: w.DefaultBranch, pattern: refglob.Literal(namespace(fact.Branch) + w.DefaultBranch)}
}

func byStage(kind fact.RefKind, text string) names {
	pattern, err := refglob.Stage(namespace(kind) + text)
	return names{kind: kind, text: refglob.Fnmatch(text), pattern: pattern, fault: err}
}

func versions(only stage.Versions) refglob.Versions {
	switch only {
	case stage.Releases:
		return refglob.Releases
	case stage.Prereleases:
		return refglob.Prereleases
	case stage.AnyTag:
	}
	return refglob.AnyName
}

// let returns what the environment lets in by its patterns, each once and in order.
func let(env fact.Environment) []names {
	var all []names
	for _, each := range env.Patterns {
		read := names{kind: each.Kind, text: each.Pattern}
		if each.Kind == fact.OtherRef {
			read.fault = errors.New("GitHub does not say whether it is for branches or for tags")
		} else {
			read.pattern, read.fault = refglob.GitHub(namespace(each.Kind) + each.Pattern)
		}
		all = append(all, read)
	}
	order.By(all, func(a, b names) int {
		return cmp.Or(strings.Compare(string(a.kind), string(b.kind)), strings.Compare(a.text, b.text))
	})
	return slices.CompactFunc(all, func(a, b names) bool { return a.kind == b.kind && a.text == b.text })
}

// every are all branches or all tags.
func every(kind fact.RefKind) names { return byStage(kind, "**") }

// in reports whether all of the names are among others; example is one that is not.
// Where others cannot be read, it may be among those.
func (n names) in(others []names) (example string, covered bool, err error) {
	if n.fault != nil {
		return "", false, n.fault
	}
	var patterns []refglob.Pattern
	var fault error
	for _, each := range others {
		switch {
		case each.fault != nil && (each.kind == n.kind || each.kind == fact.OtherRef):
			fault = each.fault
		case each.kind == n.kind:
			patterns = append(patterns, each.pattern)
		}
	}
	example, covered, err = refglob.CoversVersionsOf(n.project, refglob.Of(patterns...), n.pattern, n.only)
	if err == nil && !covered {
		err = fault
	}
	return strings.TrimPrefix(example, namespace(n.kind)), covered, err
}

// other is a pattern with a name that it has and should not have, or the reverse.
type other struct {
	names
	example string
}

func (o other) String() string { return fmt.Sprintf("the %s %s", o.kind, quote(o.example)) }

// notIn returns those of which not all names are among others, and why it is not
// known of some.
func notIn(all, others []names) (found []other, faults []error) {
	for _, each := range all {
		example, covered, err := each.in(others)
		switch {
		case err != nil:
			faults = append(faults, err)
		case !covered:
			found = append(found, other{each, example})
		}
	}
	return found, faults
}
