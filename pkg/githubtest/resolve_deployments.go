package githubtest

import (
	"slices"
	"strings"
)

func deploymentResolvers() resolvers {
	return resolvers{
		"Deployment":       deploymentFields(),
		"DeploymentStatus": deploymentStatusFields(),
	}
}

func deploymentFields() map[string]resolver {
	return map[string]resolver{
		"id":                  get(func(d *deployment) any { return nodeID("Deployment", d.id) }),
		"databaseId":          get(func(d *deployment) any { return d.id }),
		"commit":              get(func(d *deployment) any { return d.commit }),
		"commitOid":           get(func(d *deployment) any { return d.commit.id }),
		"createdAt":           get(func(d *deployment) any { return instant(d.created) }),
		"updatedAt":           get(func(d *deployment) any { return instant(d.updated()) }),
		"creator":             get(func(d *deployment) any { return accountOrGhost(d.creator) }),
		"description":         get(func(d *deployment) any { return optional(d.description) }),
		"environment":         get(func(d *deployment) any { return d.environment }),
		"latestEnvironment":   get(func(d *deployment) any { return d.environment }),
		"originalEnvironment": get(func(d *deployment) any { return d.original }),
		"latestStatus":        get(func(d *deployment) any { return d.newest() }),
		// GitHub documents a String. Here it is the payload as JSON, so that a
		// payload that is a text comes in quotation marks.
		"payload":    get(func(d *deployment) any { return string(d.payload) }),
		"repository": on(func(q *query, _ *deployment, _ arguments) (any, error) { return q.repo, nil }),
		"ref":        on(resolveDeploymentRef),
		"state":      on(func(q *query, d *deployment, _ arguments) (any, error) { return q.repo.deploymentState(d), nil }),
		"task":       get(func(d *deployment) any { return d.task }),
		"statuses": on(func(q *query, d *deployment, args arguments) (any, error) {
			return paginate(q, d.newestFirst(), len(d.statuses), args)
		}),
	}
}

// newestFirst is the order in which REST has statuses; GitHub does not say in
// which GraphQL has them.
func (d *deployment) newestFirst() []*deploymentStatus {
	statuses := slices.Clone(d.statuses)
	slices.Reverse(statuses)
	return statuses
}

func deploymentStatusFields() map[string]resolver {
	return map[string]resolver{
		"id":             get(func(s *deploymentStatus) any { return nodeID("DeploymentStatus", s.id) }),
		"deployment":     get(func(s *deploymentStatus) any { return s.deployment }),
		"createdAt":      get(func(s *deploymentStatus) any { return instant(s.created) }),
		"updatedAt":      get(func(s *deploymentStatus) any { return instant(s.created) }),
		"creator":        get(func(s *deploymentStatus) any { return accountOrGhost(s.creator) }),
		"description":    get(func(s *deploymentStatus) any { return s.description }),
		"environment":    get(func(s *deploymentStatus) any { return s.environment }),
		"environmentUrl": get(func(s *deploymentStatus) any { return optional(s.environmentLink) }),
		"logUrl": on(func(q *query, s *deploymentStatus, _ arguments) (any, error) {
			return optional(s.log(q.repo, q.site)), nil
		}),
		"state": get(func(s *deploymentStatus) any { return strings.ToUpper(s.state) }),
	}
}

// resolveDeploymentRef is null where the reference is gone, and for a commit
// that was deployed by its id.
func resolveDeploymentRef(q *query, d *deployment, _ arguments) (any, error) {
	return q.repo.named(d.ref), nil
}

// deploymentsOf is a page of deployments; names of environments are compared
// byte for byte.
func deploymentsOf(q *query, list []*deployment, args arguments) (any, error) {
	environments, filtered := args.texts("environments")
	found := kept(list, func(d *deployment) bool { return !filtered || slices.Contains(environments, d.environment) })
	if args.input("orderBy")["direction"] == "DESC" {
		slices.Reverse(found)
	}
	return paginate(q, found, len(found), args)
}

func resolveDeploymentsOfCommit(q *query, c *commit, args arguments) (any, error) {
	return deploymentsOf(q, kept(q.repo.deployments, func(d *deployment) bool { return d.commit == c }), args)
}

func resolveDeployments(q *query, r *repository, args arguments) (any, error) {
	return deploymentsOf(q, r.deployments, args)
}

func resolveDeploymentOfJob(q *query, c *checkRun, _ arguments) (any, error) {
	return q.repo.deploymentOf(c), nil
}
