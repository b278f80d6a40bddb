package githubtest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// comparison is what lies between two commits.
type comparison struct {
	base, head, mergeBase *commit
	status                string // ahead, behind, identical or diverged
	ahead, behind         []*commit
}

// compare returns nil when the two have no common ancestor.
func (r *repository) compare(base, head *commit) *comparison {
	ofBase, ofHead := r.ancestors(base), r.ancestors(head)
	c := &comparison{base: base, head: head, ahead: without(ofHead, ofBase), behind: without(ofBase, ofHead)}
	for _, shared := range without(ofBase, c.behindSet()) {
		if c.mergeBase == nil || shared.generated > c.mergeBase.generated {
			c.mergeBase = shared
		}
	}
	if c.mergeBase == nil {
		return nil
	}
	switch {
	case len(c.ahead) == 0 && len(c.behind) == 0:
		c.status = "identical"
	case len(c.behind) == 0:
		c.status = "ahead"
	case len(c.ahead) == 0:
		c.status = "behind"
	default:
		c.status = "diverged"
	}
	return c
}

func (c *comparison) behindSet() map[string]*commit {
	set := map[string]*commit{}
	for _, one := range c.behind {
		set[one.id] = one
	}
	return set
}

// ancestors returns a commit and everything it descends from.
func (r *repository) ancestors(c *commit) map[string]*commit {
	seen := map[string]*commit{}
	for queue := []*commit{c}; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0].id] != nil {
			continue
		}
		seen[queue[0].id] = queue[0]
		for _, parent := range queue[0].parents {
			queue = append(queue, r.commits[parent])
		}
	}
	return seen
}

// without returns the commits of a that are not in b, oldest first.
func without(a, b map[string]*commit) []*commit {
	var rest []*commit
	for id, c := range a {
		if b[id] == nil {
			rest = append(rest, c)
		}
	}
	slices.SortFunc(rest, func(x, y *commit) int { return x.generated - y.generated })
	return rest
}

// badRefName is what git refuses in the name of a reference,
// https://git-scm.com/docs/git-check-ref-format. The names become paths when
// the repository is written out.
var badRefName = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(/|$)`)

func (r *repository) checkRefs() error {
	names := slices.Sorted(maps.Keys(r.refs))
	for _, fault := range r.world.Faults {
		if fault.MoveRef != nil {
			names = append(names, fault.MoveRef.Ref)
		}
	}
	for _, name := range names {
		if badRefName.MatchString(name) {
			return fmt.Errorf("reference %q: git does not take such a name", name)
		}
	}
	return nil
}

// peel follows tags to what they name in the end.
func (r *repository) peel(id string) string {
	for r.tags[id] != nil {
		id = r.tags[id].target
	}
	return id
}

// revision resolves a full id, a branch, a tag or a full reference name to a
// commit, in git's order.
func (r *repository) revision(text string) *commit {
	if c := r.commits[r.peel(text)]; c != nil {
		return c
	}
	if text == "HEAD" {
		text = "refs/heads/" + r.world.DefaultBranch // a tag of the same name is none of it
	}
	for _, prefix := range []string{"", "refs/", "refs/tags/", "refs/heads/"} {
		if id, ok := r.refs[prefix+text]; ok && strings.HasPrefix(prefix+text, "refs/") {
			return r.commits[r.peel(id)]
		}
	}
	return nil
}

// expression resolves what GraphQL's object(expression:) takes: a revision, or
// "revision:path". A revision can end in ^1, which is the first parent. It
// returns the id of an object, or "".
func (r *repository) expression(text string) string {
	revision, path, hasPath := strings.Cut(text, ":")
	if child, ok := strings.CutSuffix(revision, "^1"); ok {
		c := r.revision(child)
		if c == nil || len(c.parents) == 0 {
			return ""
		}
		revision = c.parents[0]
	}
	if _, stored := r.objects[revision]; stored && !hasPath {
		return revision
	}
	c := r.revision(revision)
	switch {
	case c == nil:
		return ""
	case !hasPath:
		return c.id
	}
	id, _ := r.objects.find(c.tree, strings.TrimSuffix(path, "/"))
	return id
}
