package protection

import (
	"fmt"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/refglob"
)

// compareRefs says what the environment lets in that the stage does not take, and
// what the stage takes that the environment does not let in. A stage that takes only
// versions is not held to that: no pattern of GitHub's can say it.
func compareRefs(env fact.Environment, wants Wants) []Point {
	var points []Point
	switch env.Refs {
	case fact.AllRefs:
		points = wants.openToAll()
	case fact.ProtectedRefs:
		points = wants.onlyProtected()
	case fact.SelectedRefs:
		points = wants.selected(env)
	default:
		return []Point{unknown(Refs, fact.Incomplete, fmt.Sprintf("which branches and tags the environment %s lets in is not known", quote(wants.Environment)))}
	}
	if len(points) == 0 {
		points = append(points, pass(Refs, fmt.Sprintf("the environment %s lets in exactly what the policy takes for it, as far as patterns can say it", quote(wants.Environment))))
	}
	return points
}

// openToAll judges an environment that lets everything in.
func (w Wants) openToAll() []Point {
	found, faults := notIn([]names{every(fact.Branch), every(fact.TagRef)}, w.taken())
	if len(found) == 0 {
		return w.unknownRefs(faults)
	}
	return []Point{fail(Refs, OpenToAll,
		fmt.Sprintf("the environment %s lets in every branch and every tag, such as %s, which the policy does not take for it: a job in a workflow of such a branch passes no gate", quote(w.Environment), found[0]),
		"Select the branches and tags that may deploy.", w.limit(needsPaid))}
}

// onlyProtected judges an environment that lets in the branches that a classic rule
// protects, and where there is no such rule, all; but no tag.
func (w Wants) onlyProtected() []Point {
	var points []Point
	found, faults := notIn([]names{every(fact.Branch)}, w.taken())
	if len(found) > 0 {
		points = append(points, fail(Refs, ProtectedBranches,
			fmt.Sprintf("the environment %s lets in whichever branch has a classic rule of protection, and every branch where none has one; the policy says which branches it takes", quote(w.Environment)),
			"Select the branches and tags that may deploy.", w.limit(needsPaid)))
	}
	points = append(points, w.unknownRefs(faults)...)
	shut, faults := notIn(ofKind(w.taken(), fact.TagRef), nil)
	if len(shut) > 0 {
		points = append(points, w.shutsOut(shut, "it lets in branches only, and no tag"))
	}
	return append(points, w.unknownRefs(faults)...)
}

// selected judges an environment that lets in what a pattern names.
func (w Wants) selected(env fact.Environment) []Point {
	var points []Point
	admitted, faults := w.admitted(env)
	if len(admitted) > 0 {
		points = append(points, fail(Refs, AdmitsOther,
			fmt.Sprintf("the environment %s lets in %s, which the policy does not take for it", quote(w.Environment), list(admitted)),
			"Remove the patterns that let more in than the policy takes, and add those that are missing.", ""))
	}
	shut, more := notIn(w.taken(), let(env))
	if len(shut) > 0 {
		points = append(points, w.shutsOut(shut, "no pattern names it"))
	}
	return append(points, w.unknownRefs(append(faults, more...))...)
}

// admitted returns the patterns of the environment that let in what the stage does
// not take.
func (w Wants) admitted(env fact.Environment) (found []other, faults []error) {
	for _, each := range let(env) {
		taken := w.taken()
		if each.fault == nil && isNoBranch(each) {
			taken = nil
		}
		one, fault := notIn([]names{each}, taken)
		found, faults = append(found, one...), append(faults, fault...)
	}
	return found, faults
}

// isNoBranch reports whether a pattern is for the references of pull requests:
// GitHub compares with the full reference of a run where that is no branch, so that
// refs/pull/*/merge lets in what nobody has merged.
func isNoBranch(each names) bool {
	full, err := refglob.Stage(namespace(fact.Branch) + "refs/**")
	if err != nil {
		return true
	}
	_, covered, err := refglob.Covers(refglob.Of(full), each.pattern)
	return each.kind == fact.Branch && (covered || err != nil)
}

func (w Wants) shutsOut(shut []other, why string) Point {
	return fail(Refs, ShutsOut,
		fmt.Sprintf("the policy takes %s for the environment %s, and GitHub would stop the deployment there: %s", list(shut), quote(w.Environment), why),
		"Add the patterns of the policy to the environment.", "")
}

// unknownRefs is at most one point about what could not be compared.
func (w Wants) unknownRefs(faults []error) []Point {
	if len(faults) == 0 {
		return nil
	}
	return []Point{unknown(Refs, fact.Incomplete, fmt.Sprintf("whether the environment %s lets in what the policy takes is not known: %s", quote(w.Environment), faults[0]))}
}

func ofKind(all []names, kind fact.RefKind) []names {
	var kept []names
	for _, each := range all {
		if each.kind == kind {
			kept = append(kept, each)
		}
	}
	return kept
}

// list names the first examples, each with the pattern that it is of.
func list(found []other) string {
	const most = 3
	var parts []string
	for _, each := range found[:min(most, len(found))] {
		part := each.String()
		if each.example != each.text {
			part += fmt.Sprintf(" (by %s)", quote(each.text))
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, ", ")
	if more := len(found) - most; more > 0 {
		text += fmt.Sprintf(" and more by %d other patterns", more)
	}
	return text
}
