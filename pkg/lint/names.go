package lint

import (
	"slices"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/policy"
	"github.com/stageward/stageward/pkg/refglob"
	"github.com/stageward/stageward/pkg/stage"
)

// names are those that one pattern of a stage takes.
type names struct {
	kind    fact.RefKind
	pattern stage.Pattern
	only    refglob.Versions
	project string
	// set are the full references; open is true where they are the default branch and
	// nobody says what it is called.
	set  refglob.Pattern
	open bool
}

// namespace is what the full references of a kind begin with.
func namespace(kind fact.RefKind) string {
	if kind == fact.TagRef {
		return "refs/tags/"
	}
	return "refs/heads/"
}

// namesOf returns what a stage takes. A pattern that cannot be compared, because it is
// too long, is left out.
func (in subject) namesOf(rule stage.Rule) []names {
	var all []names
	add := func(kind fact.RefKind, pattern stage.Pattern, only refglob.Versions) {
		each := names{kind: kind, pattern: pattern, only: only, project: rule.Project}
		var err error
		switch isDefault := kind == fact.Branch && pattern.String() == stage.DefaultBranch; {
		case isDefault && in.beside.DefaultBranch == "":
			each.open = true
		case isDefault:
			each.set = refglob.Literal(namespace(kind) + in.beside.DefaultBranch)
		default:
			each.set, err = refglob.Stage(namespace(kind) + pattern.String())
		}
		if err == nil {
			all = append(all, each)
		}
	}
	for _, pattern := range rule.Branches {
		add(fact.Branch, pattern, refglob.AnyName)
	}
	for _, pattern := range rule.Tags {
		add(fact.TagRef, pattern, versions(rule.Versions))
	}
	return all
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

// String is the pattern with its kind, such as "tag v*".
func (n names) String() string { return string(n.kind) + " " + n.pattern.String() }

// usual are names that default branches have. What takes all of them takes the
// default branch, whatever it is called.
var usual = []string{"main", "master", "trunk", "develop"}

// takesDefault reports whether names have the default branch, although nobody says
// what it is called.
func (n names) takesDefault() bool {
	return n.open || n.kind == fact.Branch && !slices.ContainsFunc(usual, func(name string) bool { return !n.pattern.Match(name, "") })
}

// empty reports whether there are none.
func (n names) empty() bool {
	if n.open {
		return false
	}
	_, empty, err := refglob.CoversVersionsOf(n.project, nil, n.set, n.only)
	return err == nil && empty
}

// both returns a name that is in both, as "tag v1.0.0"; found is false where there is
// none, or where that is not known.
func both(a, b names) (example string, found bool) {
	only := max(a.only, b.only)
	switch {
	case a.only != refglob.AnyName && b.only != refglob.AnyName && a.only != b.only:
		return "", false
	case a.open || b.open:
		return "the default branch", a.takesDefault() && b.takesDefault()
	}
	// What a has and everything without b has not, b has as well.
	outside := []refglob.Set{{Include: []refglob.Pattern{refglob.All()}, Exclude: []refglob.Pattern{b.set}}}
	example, covered, err := refglob.CoversVersionsOf(a.project, outside, a.set, only)
	if err != nil || covered {
		return "", false
	}
	return string(a.kind) + " " + fact.Ref(example).Name(), true
}

// shared returns a name that both stages take for runs of the same event.
func (in subject) shared(a, b policy.Stage) (example string, found bool) {
	if !slices.ContainsFunc(a.Rule.Events, func(event string) bool { return slices.Contains(b.Rule.Events, event) }) {
		return "", false
	}
	for _, one := range in.namesOf(a.Rule) {
		for _, other := range in.namesOf(b.Rule) {
			if example, found = both(one, other); found {
				return example, true
			}
		}
	}
	return "", false
}

// within reports whether another stage takes everything that a stage takes, for all
// its events.
func (in subject) within(s, other policy.Stage) bool {
	if slices.ContainsFunc(s.Rule.Events, func(event string) bool { return !slices.Contains(other.Rule.Events, event) }) {
		return false
	}
	wide, own := in.namesOf(other.Rule), in.namesOf(s.Rule)
	if len(own) < len(s.Rule.Branches)+len(s.Rule.Tags) {
		return false // one could not be compared
	}
	own = slices.DeleteFunc(own, names.empty)
	return len(own) > 0 && !slices.ContainsFunc(own, func(each names) bool { return !each.covered(wide) })
}

// covered reports whether others have every one of the names.
func (n names) covered(by []names) bool {
	var cover []refglob.Pattern
	for _, each := range by {
		switch {
		case each.kind != n.kind || each.only != refglob.AnyName && each.only != n.only:
		case n.open && each.takesDefault():
			return true
		case !each.open:
			cover = append(cover, each.set)
		}
	}
	if n.open || len(cover) == 0 {
		return false
	}
	_, covered, err := refglob.CoversVersionsOf(n.project, refglob.Of(cover...), n.set, n.only)
	return err == nil && covered
}
