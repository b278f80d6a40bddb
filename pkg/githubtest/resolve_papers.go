package githubtest

import (
	"fmt"
	"slices"
	"strings"
)

func (l *labeled) graphqlType() string {
	if l.off {
		return "UnlabeledEvent"
	}
	return "LabeledEvent"
}

func paperResolvers() resolvers {
	return resolvers{
		"Issue":          issueFields(),
		"Release":        releaseFields(),
		"LabeledEvent":   labeledFields(),
		"UnlabeledEvent": labeledFields(),
	}
}

func labeledFields() map[string]resolver {
	return map[string]resolver{
		"id":        get(func(l *labeled) any { return nodeID(l.graphqlType(), l.id) }),
		"createdAt": get(func(l *labeled) any { return instant(l.at) }),
		"actor":     get(func(l *labeled) any { return accountOf(l.by) }),
		"label":     get(func(l *labeled) any { return l.label }),
	}
}

func issueFields() map[string]resolver {
	return map[string]resolver{
		"id":     get(func(i *issue) any { return nodeID("Issue", i.number) }),
		"number": get(func(i *issue) any { return i.number }),
		"title":  get(func(i *issue) any { return i.title }),
		"url": on(func(q *query, i *issue, _ arguments) (any, error) {
			return i.repository.html(q.site, "/issues/%d", i.number), nil
		}),
		"closed":      get(func(i *issue) any { return i.closed != "" }),
		"createdAt":   get(func(i *issue) any { return instant(i.created) }),
		"repository":  get(func(i *issue) any { return i.repository }),
		"state":       get(func(i *issue) any { return i.state() }),
		"stateReason": on(resolveStateReason),
		"labels": on(func(q *query, i *issue, args arguments) (any, error) {
			return paginate(q, i.labels, len(i.labels), args)
		}),
		"timelineItems": on(resolveIssueTimeline),
	}
}

// resolveStateReason calls a duplicate "not planned" unless it is asked to tell
// the two apart.
func resolveStateReason(_ *query, i *issue, args arguments) (any, error) {
	duplicates := as[bool](args.value("enableDuplicate"))
	if i.closed == "duplicate" && !duplicates {
		return "NOT_PLANNED", nil
	}
	return optional(strings.ToUpper(i.closed)), nil
}

// resolveIssueTimeline has only the events of labels. totalCount counts others
// too, which nobody can ask for here: it is one more than filteredCount.
func resolveIssueTimeline(q *query, i *issue, args arguments) (any, error) {
	kinds, given := args.texts("itemTypes")
	has := map[bool]bool{}
	for _, kind := range kinds {
		if kind != "LABELED_EVENT" && kind != "UNLABELED_EVENT" {
			given = false
		}
		has[kind == "UNLABELED_EVENT"] = true
	}
	if !given {
		return nil, fmt.Errorf("the double has only the events LABELED_EVENT and UNLABELED_EVENT of an issue, not %v", kinds)
	}
	events := slices.DeleteFunc(slices.Clone(i.timeline), func(event *labeled) bool { return !has[event.off] })
	return paginate(q, events, len(events)+1, args)
}

// resolveIssue answers null with an error where there is no issue of the number.
func resolveIssue(_ *query, r *repository, args arguments) (any, error) {
	asked, _ := args.number("number")
	if found := r.issue(asked); found != nil {
		return found, nil
	}
	return nil, &fieldError{"NOT_FOUND", fmt.Sprintf("Could not resolve to an Issue with the number of %d.", asked)}
}
