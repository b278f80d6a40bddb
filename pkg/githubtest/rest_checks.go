package githubtest

import (
	"net/http"
	"slices"
	"strconv"
)

func checkRoutes() []route {
	return []route{
		{pattern: "/commits/{ref}/check-runs", permission: "checks", paged: true, parameters: []string{"check_name", "status", "filter", "app_id"}, answer: onCommit(listCheckRuns)},
		{pattern: "/commits/{ref}/check-suites", permission: "checks", paged: true, parameters: []string{"check_name", "app_id"}, answer: onCommit(listCheckSuites)},
		{pattern: "/commits/{ref}/status", permission: "statuses", paged: true, answer: onCommit(getCombinedStatus)},
		{pattern: "/commits/{ref}/statuses", permission: "statuses", paged: true, answer: onCommit(listStatuses)},
	}
}

// onCommit finds the commit of a route.
func onCommit(show func(restRequest, *commit) answer) func(restRequest) answer {
	return func(r restRequest) answer {
		c := r.repo.revision(r.value("ref"))
		if c == nil {
			return noCommit(r.value("ref"))
		}
		return show(r, c)
	}
}

// wants reports whether a value passes a filter of the query that may be left out.
func (r restRequest) wants(parameter, value string) bool {
	filter := r.query.Get(parameter)
	return filter == "" || filter == value
}

func listCheckRuns(r restRequest, c *commit) answer {
	if filter := r.query.Get("filter"); !slices.Contains([]string{"", "latest", "all"}, filter) {
		return failure(http.StatusUnprocessableEntity, "filter must be latest or all")
	}
	var runs []*checkRun
	for _, s := range r.repo.suitesOf(c) {
		if !r.wants("app_id", strconv.FormatInt(s.app.id, 10)) {
			continue
		}
		attempts := s.latest()
		if r.query.Get("filter") == "all" {
			attempts = s.runs
		}
		runs = append(runs, attempts...)
	}
	runs = kept(runs, func(run *checkRun) bool { return r.wants("check_name", run.name) && r.wants("status", run.status) })
	return paged(r, runs, r.checkRun, func(items []doc) any {
		return doc{"total_count": len(runs), "check_runs": items}
	})
}

func (r restRequest) checkRun(c *checkRun) doc {
	api := r.repo.apiURL(r.site, "/check-runs/%d", c.id)
	return doc{
		"id": c.id, "head_sha": c.suite.commit.id, "node_id": nodeID("CheckRun", c.id), "external_id": "", "url": api,
		"html_url": c.page(r.repo, r.site), "details_url": c.page(r.repo, r.site), "status": c.status, "conclusion": optional(c.conclusion),
		"started_at": instant(c.started), "completed_at": instant(c.completed), "name": c.name,
		"output":      doc{"title": nil, "summary": nil, "text": nil, "annotations_count": 0, "annotations_url": api + "/annotations"},
		"check_suite": doc{"id": c.suite.id}, "app": r.repo.integration(r.site, c.suite.app), "pull_requests": []doc{},
	}
}

func listCheckSuites(r restRequest, c *commit) answer {
	suites := kept(r.repo.suitesOf(c), func(s *suite) bool {
		named := func(run *checkRun) bool { return r.wants("check_name", run.name) }
		return r.wants("app_id", strconv.FormatInt(s.app.id, 10)) && (!r.query.Has("check_name") || slices.ContainsFunc(s.runs, named))
	})
	return paged(r, suites, r.checkSuite, func(items []doc) any {
		return doc{"total_count": len(suites), "check_suites": items}
	})
}

func (r restRequest) checkSuite(s *suite) doc {
	state, conclusion := s.verdict()
	api := r.repo.apiURL(r.site, "/check-suites/%d", s.id)
	return doc{
		"id": s.id, "node_id": nodeID("CheckSuite", s.id), "head_branch": r.repo.world.DefaultBranch, "head_sha": s.commit.id,
		"status": state, "conclusion": optional(conclusion), "url": api, "before": nil, "after": s.commit.id, "pull_requests": []doc{},
		"app": r.repo.integration(r.site, s.app), "repository": r.repo.minimal(r.site), "created_at": instant(r.repo.world.Time),
		"updated_at": instant(r.repo.world.Time), "head_commit": simpleCommit(s.commit), "latest_check_runs_count": len(s.latest()),
		"check_runs_url": api + "/check-runs",
	}
}

func getCombinedStatus(r restRequest, c *commit) answer {
	contexts := r.repo.contextsOf(c)
	return paged(r, contexts, r.simpleStatus, func(items []doc) any {
		return doc{
			"state": combinedState(contexts), "statuses": items, "sha": c.id, "total_count": len(contexts),
			"repository": r.repo.minimal(r.site), "commit_url": r.repo.apiURL(r.site, "/commits/%s", c.id),
			"url": r.repo.apiURL(r.site, "/commits/%s/status", c.id),
		}
	})
}

// simpleStatus is a status without its creator.
func (r restRequest) simpleStatus(s *status) doc {
	return doc{
		"description": nil, "id": s.id, "node_id": nodeID("StatusContext", s.id), "state": s.state, "context": s.context,
		"target_url": optional(s.url), "avatar_url": nil, "url": r.repo.apiURL(r.site, "/statuses/%s", s.commit.id),
		"created_at": instant(s.created), "updated_at": instant(s.created),
	}
}

func listStatuses(r restRequest, c *commit) answer {
	return paged(r, r.repo.statusesOf(c), func(s *status) doc {
		shown := r.simpleStatus(s)
		shown["creator"] = simpleUser(r.site, s.creator)
		return shown
	}, bare)
}
