package githubtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// pullCommit is a commit as part of a pull request.
type pullCommit struct {
	pull   *pull
	commit *commit
}

func (*review) graphqlType() string         { return "PullRequestReview" }
func (pullCommit) graphqlType() string      { return "PullRequestCommit" }
func (t *timelineItem) graphqlType() string { return t.kind }

func pullResolvers() resolvers {
	event := map[string]resolver{
		"createdAt": get(func(t *timelineItem) any { return instant(t.at) }),
	}
	return resolvers{
		"PullRequest":       pullFields(),
		"PullRequestReview": reviewFields(),
		"PullRequestCommit": {
			"commit":      get(func(p pullCommit) any { return p.commit }),
			"pullRequest": get(func(p pullCommit) any { return p.pull }),
		},
		"HeadRefForcePushedEvent":           event,
		"BaseRefChangedEvent":               event,
		"BaseRefForcePushedEvent":           event,
		"AutomaticBaseChangeSucceededEvent": event,
	}
}

func pullFields() map[string]resolver {
	return map[string]resolver{
		"id":             get(func(p *pull) any { return nodeID("PullRequest", p.id) }),
		"databaseId":     get(func(p *pull) any { return p.id }),
		"fullDatabaseId": get(func(p *pull) any { return fmt.Sprint(p.id) }), // BigInt is a string
		"number":         get(func(p *pull) any { return p.number }),
		"title":          get(func(p *pull) any { return p.title }),
		"body":           get(func(p *pull) any { return p.body }),
		"url": on(func(q *query, p *pull, _ arguments) (any, error) {
			return p.baseRepository.html(q.site, "/pull/%d", p.number), nil
		}),
		"baseRepository": get(func(p *pull) any { return p.baseRepository }),
		"baseRefName":    get(func(p *pull) any { return p.base }),
		"headRefName":    get(func(p *pull) any { return p.head }),
		"changedFiles":   on(resolveChangedFiles),
		"headRefOid":     get(func(p *pull) any { return p.headCommit().id }),
		"isDraft":        get(func(*pull) any { return false }),
		"merged":         get(func(p *pull) any { return p.merged }),
		"mergedAt":       get(func(p *pull) any { return instant(p.mergeTime()) }),
		"closed":         get(func(p *pull) any { return p.merged || p.closed }),
		"createdAt":      get(func(p *pull) any { return instant(p.createdAt) }),
		"state":          get(func(p *pull) any { return p.state() }),
		"mergeCommit":    get(func(p *pull) any { return p.mergeCommit }),
		"author":         get(func(p *pull) any { return accountOf(p.author) }),
		"mergedBy":       get(func(p *pull) any { return accountOf(p.mergedBy) }),
		"authorAssociation": on(func(q *query, p *pull, _ arguments) (any, error) {
			return q.repo.association(p.author), nil
		}),
		"commits": on(func(q *query, p *pull, args arguments) (any, error) {
			commits := make([]pullCommit, len(p.commits))
			for i, c := range p.commits {
				commits[i] = pullCommit{p, c}
			}
			return paginate(q, commits, len(commits), args)
		}),
		"closingIssuesReferences": needs("issues", on(func(q *query, p *pull, args arguments) (any, error) {
			return paginate(q, p.closes, len(p.closes), args)
		})),
		"reviews":       on(resolveReviews),
		"timelineItems": on(resolveTimeline),
	}
}

func (p *pull) mergeTime() time.Time {
	if !p.merged {
		return time.Time{}
	}
	return p.mergedAt
}

func (p *pull) state() string {
	switch {
	case p.merged:
		return "MERGED"
	case p.closed:
		return "CLOSED"
	default:
		return "OPEN"
	}
}

func reviewFields() map[string]resolver {
	return map[string]resolver{
		"id":             get(func(r *review) any { return nodeID("PullRequestReview", r.id) }),
		"databaseId":     get(func(r *review) any { return r.id }),
		"fullDatabaseId": get(func(r *review) any { return fmt.Sprint(r.id) }), // BigInt is a string
		"url": on(func(q *query, r *review, _ arguments) (any, error) {
			return r.pull.baseRepository.html(q.site, "/pull/%d#pullrequestreview-%d", r.pull.number, r.id), nil
		}),
		"state":       get(func(r *review) any { return r.state }),
		"body":        get(func(r *review) any { return r.body }),
		"submittedAt": get(func(r *review) any { return instant(r.submitted) }),
		"createdAt":   get(func(r *review) any { return instant(r.submitted) }),
		"commit":      get(func(r *review) any { return r.commit }),
		"author":      get(func(r *review) any { return accountOf(r.author) }),
		"pullRequest": get(func(r *review) any { return r.pull }),
		"authorAssociation": on(func(q *query, r *review, _ arguments) (any, error) {
			return q.repo.association(r.author), nil
		}),
	}
}

func resolveReviews(q *query, p *pull, args arguments) (any, error) {
	reviews := p.reviews
	if states, given := args.texts("states"); given {
		reviews = kept(reviews, func(r *review) bool { return slices.Contains(states, r.state) })
	}
	if author := args.text("author"); author != "" {
		reviews = kept(reviews, func(r *review) bool { return r.author != nil && strings.EqualFold(r.author.login, author) })
	}
	return paginate(q, reviews, len(reviews), args)
}

// resolveTimeline counts all events in totalCount and those of the asked kinds
// in filteredCount.
func resolveTimeline(q *query, p *pull, args arguments) (any, error) {
	items := p.timeline
	if kinds, given := args.texts("itemTypes"); given {
		items = kept(items, func(t *timelineItem) bool { return slices.Contains(kinds, enumName(t.kind)) })
	}
	nodes := make([]any, len(items))
	for i, item := range items {
		nodes[i] = item
		if item.subject != nil {
			nodes[i] = item.subject
		}
	}
	return paginate(q, nodes, len(p.timeline), args)
}

// enumName turns a type such as HeadRefForcePushedEvent into its enum value,
// HEAD_REF_FORCE_PUSHED_EVENT.
func enumName(kind string) string {
	var b strings.Builder
	for i, char := range kind {
		if i > 0 && unicode.IsUpper(char) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(char))
	}
	return b.String()
}

// kept returns the items that a condition keeps.
func kept[T any](items []T, keep func(T) bool) []T {
	var rest []T
	for _, item := range items {
		if keep(item) {
			rest = append(rest, item)
		}
	}
	return rest
}

// association is what an account is to the repository.
func (r *repository) association(p *person) string {
	switch {
	case p == nil:
		return "NONE"
	case strings.EqualFold(p.login, r.owner):
		return "OWNER"
	case slices.Contains([]string{"triage", "write", "maintain", "admin"}, p.permission):
		return "COLLABORATOR"
	default:
		return "CONTRIBUTOR"
	}
}
