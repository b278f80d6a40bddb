package githubtest

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// newResolvers puts the tables of all types together.
func newResolvers() resolvers {
	table := resolvers{}
	for _, part := range []resolvers{rootResolvers(), gitResolvers(), accountResolvers(), pullResolvers(), checkResolvers(), paperResolvers(), deploymentResolvers()} {
		maps.Copy(table, part)
	}
	table["Label"], table["Milestone"] = labelFields(), milestoneFields()
	maps.Copy(table["Repository"], trackerFields())
	return table
}

// needs refuses a field to a token without a permission.
func needs(permission string, resolve resolver) resolver {
	return func(q *query, parent any, args arguments) (any, error) {
		if !q.repo.allows(permission) {
			return nil, &fieldError{"FORBIDDEN", forbidden}
		}
		return resolve(q, parent, args)
	}
}

// instant is a DateTime, or nil for the zero time.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// optional is a text, or nil for the empty one.
func optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// root is the parent of the fields of Query.
type root struct{}

func rootResolvers() resolvers {
	return resolvers{
		"Query": {
			"repository": on(func(q *query, _ root, args arguments) (any, error) {
				asked := args.text("owner") + "/" + args.text("name")
				if !strings.EqualFold(asked, q.repo.world.Repository) {
					return nil, &fieldError{"NOT_FOUND", fmt.Sprintf("Could not resolve to a Repository with the name '%s'.", asked)}
				}
				return q.repo, nil
			}),
			"viewer": on(func(q *query, _ root, _ arguments) (any, error) {
				return &account{q.repo.people[actionsBot], actionsBot}, nil
			}),
			"rateLimit": on(func(q *query, _ root, _ arguments) (any, error) {
				return rateLimit{q.repo.world.Time.Add(time.Hour)}, nil
			}),
		},
		"RateLimit": {
			"cost":      get(func(rateLimit) any { return 1 }),
			"limit":     get(func(rateLimit) any { return rateLimitPerHour }),
			"remaining": get(func(rateLimit) any { return rateLimitPerHour - 1 }),
			"used":      get(func(rateLimit) any { return 1 }),
			"nodeCount": get(func(rateLimit) any { return 0 }),
			"resetAt":   get(func(r rateLimit) any { return instant(r.reset) }),
		},
		"Repository": repositoryResolvers(),
	}
}

func repositoryResolvers() map[string]resolver {
	return map[string]resolver{
		"id":               get(func(r *repository) any { return nodeID("Repository", r.world.RepositoryID) }),
		"databaseId":       get(func(r *repository) any { return r.world.RepositoryID }),
		"name":             get(func(r *repository) any { return r.name }),
		"nameWithOwner":    get(func(r *repository) any { return r.world.Repository }),
		"isPrivate":        get(func(r *repository) any { return r.world.Private }),
		"isFork":           get(func(*repository) any { return false }),
		"isArchived":       get(func(r *repository) any { return r.world.Archived }),
		"owner":            get(func(r *repository) any { return accountOf(r.people[strings.ToLower(r.owner)]) }),
		"visibility":       get(func(r *repository) any { return strings.ToUpper(r.visibility()) }),
		"url":              on(func(q *query, r *repository, _ arguments) (any, error) { return r.html(q.site, ""), nil }),
		"defaultBranchRef": needs("contents", get(func(r *repository) any { return r.ref("refs/heads/" + r.world.DefaultBranch) })),
		"ref":              needs("contents", on(resolveRef)),
		"object":           needs("contents", on(resolveObject)),
		"refs":             needs("contents", on(resolveRefs)),
		"release":          needs("contents", on(resolveRelease)),
		"pullRequest":      needs("pull-requests", on(resolvePull)),
		"issue":            needs("issues", on(resolveIssue)),
		"deployments":      needs("deployments", on(resolveDeployments)),
	}
}

// rateLimitPerHour is what GITHUB_TOKEN has for each repository.
const rateLimitPerHour = 1000

type rateLimit struct{ reset time.Time }

// ref returns a reference by its full name, or nil.
func (r *repository) ref(full string) *ref {
	id, ok := r.refs[full]
	if !ok {
		return nil
	}
	return &ref{name: full, target: id}
}

// resolveRef tries the full name first and short names after it, as GitHub does.
func resolveRef(_ *query, r *repository, args arguments) (any, error) {
	return r.named(args.text("qualifiedName")), nil
}

// named returns the reference of a full or a short name, or nil.
func (r *repository) named(name string) *ref {
	for _, prefix := range []string{"", "refs/", "refs/heads/", "refs/tags/"} {
		if found := r.ref(prefix + name); found != nil {
			return found
		}
	}
	return nil
}

func resolveObject(_ *query, r *repository, args arguments) (any, error) {
	id, expression := args.text("oid"), args.text("expression")
	if expression != "" {
		id = r.expression(expression)
	}
	return r.gitObject(id), nil
}

func resolvePull(_ *query, r *repository, args arguments) (any, error) {
	asked, _ := args.number("number")
	for _, p := range r.pulls {
		if p.is(asked, r.world.Repository) {
			return p, nil
		}
	}
	return nil, &fieldError{"NOT_FOUND", fmt.Sprintf("Could not resolve to a PullRequest with the number of %d.", asked)}
}
