package githubtest

import (
	"net/http"
	"slices"
	"strconv"
)

func deploymentRoutes() []route {
	return []route{
		{pattern: "/deployments", permission: "deployments", paged: true, parameters: []string{"sha", "ref", "task", "environment"}, answer: listDeployments},
		{pattern: "/deployments/{deployment_id}", permission: "deployments", answer: onDeployment(func(r restRequest, d *deployment) answer {
			return newAnswer(http.StatusOK, r.deployment(d))
		})},
		{pattern: "/deployments/{deployment_id}/statuses", permission: "deployments", paged: true, answer: onDeployment(listDeploymentStatuses)},
	}
}

// onDeployment finds the deployment of a route.
func onDeployment(show func(restRequest, *deployment) answer) func(restRequest) answer {
	return func(r restRequest) answer {
		id, err := strconv.ParseInt(r.value("deployment_id"), 10, 64)
		at := slices.IndexFunc(r.repo.deployments, func(d *deployment) bool { return d.id == id })
		if err != nil || at < 0 {
			return notFound()
		}
		return show(r, r.repo.deployments[at])
	}
}

// listDeployments lists deployments, newest first.
func listDeployments(r restRequest) answer {
	found := kept(r.repo.deployments, func(d *deployment) bool {
		return r.wants("sha", d.commit.id) && r.wants("ref", d.ref) && r.wants("task", d.task) && r.wants("environment", d.environment)
	})
	slices.Reverse(found)
	return paged(r, found, r.deployment, bare)
}

func listDeploymentStatuses(r restRequest, d *deployment) answer {
	return paged(r, d.newestFirst(), r.deploymentStatus, bare)
}

func (r restRequest) deployment(d *deployment) doc {
	api := r.repo.apiURL(r.site, "/deployments/%d", d.id)
	return doc{
		"url": api, "id": d.id, "node_id": nodeID("Deployment", d.id), "sha": d.commit.id, "ref": d.ref, "task": d.task, "payload": d.payload,
		"original_environment": d.original, "environment": d.environment, "description": optional(d.description),
		"creator": simpleUser(r.site, d.creator), "created_at": instant(d.created), "updated_at": instant(d.updated()),
		"statuses_url": api + "/statuses", "repository_url": r.repo.apiURL(r.site, ""), "transient_environment": d.transient,
		"production_environment": d.production, "performed_via_github_app": r.via(d.byApp),
	}
}

// deploymentStatus shows "waiting", too, which GitHub sends against its own
// description.
func (r restRequest) deploymentStatus(s *deploymentStatus) doc {
	of := r.repo.apiURL(r.site, "/deployments/%d", s.deployment.id)
	log := s.log(r.repo, r.site)
	return doc{
		"url": r.repo.apiURL(r.site, "/deployments/%d/statuses/%d", s.deployment.id, s.id), "id": s.id,
		"node_id": nodeID("DeploymentStatus", s.id), "state": s.state, "creator": simpleUser(r.site, s.creator),
		"description": s.description, "environment": s.environment, "target_url": log, "log_url": log, "environment_url": s.environmentLink,
		"created_at": instant(s.created), "updated_at": instant(s.created), "deployment_url": of,
		"repository_url": r.repo.apiURL(r.site, ""), "performed_via_github_app": r.via(s.creator != nil && s.creator.login == actionsBot),
	}
}

// via is GitHub Actions for what was done in its name, else null.
func (r restRequest) via(byApp bool) any {
	if !byApp {
		return nil
	}
	return r.repo.integration(r.site, r.repo.app(actionsApp))
}
