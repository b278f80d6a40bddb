package githubtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// filter reports whether something is in a list.
type filter[T any] func(T) bool

func milestoneFields() map[string]resolver {
	return map[string]resolver{
		"id":     get(func(m *milestone) any { return nodeID("Milestone", m.number) }),
		"number": get(func(m *milestone) any { return m.number }),
		"title":  get(func(m *milestone) any { return m.title }),
		"closed": get(func(m *milestone) any { return m.closed }),
		"url": on(func(q *query, m *milestone, _ arguments) (any, error) {
			return q.repo.html(q.site, "/milestone/%d", m.number), nil
		}),
		"issues": issueList(func(m *milestone) filter[*issue] {
			return func(i *issue) bool { return i.milestone == m }
		}),
		"pullRequests": pullList(func(m *milestone) filter[*pull] {
			return func(p *pull) bool { return p.milestone == m }
		}),
	}
}

func labelFields() map[string]resolver {
	return map[string]resolver{
		"id":   get(func(l *label) any { return nodeID("Label", l.name) }),
		"name": get(func(l *label) any { return l.name }),
		"issues": issueList(func(l *label) filter[*issue] {
			return func(i *issue) bool { return slices.Contains(i.labels, l) }
		}),
		"pullRequests": pullList(func(l *label) filter[*pull] {
			return func(p *pull) bool { return slices.Contains(p.labels, l) }
		}),
	}
}

// trackerFields are the fields of Repository that lead to lists of issues.
func trackerFields() map[string]resolver {
	return map[string]resolver{
		"hasIssuesEnabled": get(func(r *repository) any { return !r.world.IssuesOff }),
		"issues":           issueList(func(*repository) filter[*issue] { return func(*issue) bool { return true } }),
		"pullRequests":     pullList(func(*repository) filter[*pull] { return func(*pull) bool { return true } }),
		"label":            on(resolveLabel),
		"milestone":        on(resolveMilestone),
		"milestones":       on(resolveMilestones),
	}
}

// sees reports whether the token may read issues or pull requests. GitHub does
// not say what becomes of labels and milestones without that; here they are not
// there, with no error, which is what a client can mistake most easily.
func (r *repository) sees() bool { return r.allows("issues") || r.allows("pull-requests") }

// resolveLabel does not tell case apart, as GitHub does not.
func resolveLabel(_ *query, r *repository, args arguments) (any, error) {
	name := args.text("name")
	if found, ok := r.labels[strings.ToLower(name)]; ok && r.sees() {
		return found, nil
	}
	return nil, nil
}

func resolveMilestone(_ *query, r *repository, args arguments) (any, error) {
	number, _ := args.number("number")
	if number < 1 || number > len(r.milestones) || !r.sees() {
		return nil, nil
	}
	return r.milestones[number-1], nil
}

func resolveMilestones(q *query, r *repository, args arguments) (any, error) {
	var all []*milestone
	if r.sees() {
		all = slices.Clone(r.milestones)
	}
	if err := arrange(all, args, func(m *milestone) int { return m.number }, "NUMBER"); err != nil {
		return nil, err
	}
	return paginate(q, all, len(all), args)
}

// issueList lists the issues that belong to a parent. Where issues are turned
// off there are none.
func issueList[T any](of func(T) filter[*issue]) resolver {
	return needs("issues", on(func(q *query, parent T, args arguments) (any, error) {
		var all []*issue
		if !q.repo.world.IssuesOff {
			all = kept(q.repo.issues, of(parent))
		}
		states, given := args.texts("states")
		if single := args.text("states"); single != "" {
			states, given = []string{single}, true
		}
		all = kept(all, func(i *issue) bool { return !given || slices.Contains(states, i.state()) })
		if err := arrange(all, args, func(i *issue) int { return i.number }, "CREATED_AT"); err != nil {
			return nil, err
		}
		return paginate(q, all, len(all), args)
	}))
}

// pullList lists the pull requests of this repository that belong to a parent.
func pullList[T any](of func(T) filter[*pull]) resolver {
	return needs("pull-requests", on(func(q *query, parent T, args arguments) (any, error) {
		all := kept(q.repo.pulls, func(p *pull) bool { return p.baseRepository == q.repo && of(parent)(p) })
		states, given := args.texts("states")
		if single := args.text("states"); single != "" {
			states, given = []string{single}, true
		}
		all = kept(all, func(p *pull) bool { return !given || slices.Contains(states, p.state()) })
		if err := arrange(all, args, func(p *pull) int { return p.number }, "CREATED_AT"); err != nil {
			return nil, err
		}
		return paginate(q, all, len(all), args)
	}))
}

// arrange sorts by number, in which order everything was made.
func arrange[T any](items []T, args arguments, number func(T) int, field string) error {
	order := args.input("orderBy")
	if len(order) == 0 {
		return nil
	}
	if order["field"] != field {
		return fmt.Errorf("the double orders by %s, not by %v", field, order["field"])
	}
	slices.SortStableFunc(items, func(a, b T) int {
		if order["direction"] == "DESC" {
			a, b = b, a
		}
		return cmp.Compare(number(a), number(b))
	})
	return nil
}
