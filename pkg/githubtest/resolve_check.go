package githubtest

import (
	"slices"
	"strings"
)

func (*checkRun) graphqlType() string { return "CheckRun" }
func (*status) graphqlType() string   { return "StatusContext" }

// rollup is the checks and statuses of a commit together.
type rollup struct{ commit *commit }

// statusOf is the statuses of a commit together.
type statusOf struct {
	commit   *commit
	contexts []*status
}

func checkResolvers() resolvers {
	return resolvers{
		"CheckSuite":  suiteFields(),
		"CheckRun":    checkRunFields(),
		"WorkflowRun": workflowRunFields(),
		"WorkflowRunFile": {
			"path": get(func(w *workflowRun) any { return w.path }),
		},
		"App": {
			"id":         get(func(a *app) any { return nodeID("App", a.id) }),
			"databaseId": get(func(a *app) any { return a.id }),
			"slug":       get(func(a *app) any { return a.slug }),
			"name":       get(func(a *app) any { return a.name }),
		},
		"Status": {
			"state":    get(func(s statusOf) any { return strings.ToUpper(combinedState(s.contexts)) }),
			"contexts": get(func(s statusOf) any { return s.contexts }),
			"commit":   get(func(s statusOf) any { return s.commit }),
		},
		"StatusContext": {
			"id":          get(func(s *status) any { return nodeID("StatusContext", s.id) }),
			"context":     get(func(s *status) any { return s.context }),
			"state":       get(func(s *status) any { return strings.ToUpper(s.state) }),
			"description": get(func(*status) any { return nil }),
			"createdAt":   get(func(s *status) any { return instant(s.created) }),
			"targetUrl":   get(func(s *status) any { return optional(s.url) }),
			"creator":     get(func(s *status) any { return accountOf(s.creator) }),
		},
		"StatusCheckRollup": {
			"state":    on(resolveRollupState),
			"contexts": on(resolveRollupContexts),
		},
	}
}

func suiteFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(s *suite) any { return nodeID("CheckSuite", s.id) }),
		"databaseId": get(func(s *suite) any { return s.id }),
		"app":        get(func(s *suite) any { return s.app }),
		"commit":     get(func(s *suite) any { return s.commit }),
		"status":     get(func(s *suite) any { state, _ := s.verdict(); return strings.ToUpper(state) }),
		"conclusion": get(func(s *suite) any { _, conclusion := s.verdict(); return optional(strings.ToUpper(conclusion)) }),
		// A token that may read checks, but not actions, sees the suite without
		// the run.
		"workflowRun": needs("actions", get(func(s *suite) any { return s.run })),
		"checkRuns":   on(resolveCheckRuns),
	}
}

func checkRunFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(c *checkRun) any { return nodeID("CheckRun", c.id) }),
		"databaseId":  get(func(c *checkRun) any { return c.id }),
		"name":        get(func(c *checkRun) any { return c.name }),
		"status":      get(func(c *checkRun) any { return strings.ToUpper(c.status) }),
		"conclusion":  get(func(c *checkRun) any { return optional(strings.ToUpper(c.conclusion)) }),
		"startedAt":   get(func(c *checkRun) any { return instant(c.started) }),
		"completedAt": get(func(c *checkRun) any { return instant(c.completed) }),
		"checkSuite":  get(func(c *checkRun) any { return c.suite }),
		"deployment":  needs("deployments", on(resolveDeploymentOfJob)),
		"url":         on(func(q *query, c *checkRun, _ arguments) (any, error) { return c.page(q.repo, q.site), nil }),
		"detailsUrl":  on(func(q *query, c *checkRun, _ arguments) (any, error) { return c.page(q.repo, q.site), nil }),
	}
}

// page is the address of a check run for people.
func (c *checkRun) page(r *repository, s site) string {
	if c.suite.run != nil && !c.posted {
		return r.html(s, "/actions/runs/%d/job/%d", c.suite.run.id, c.id)
	}
	return r.html(s, "/runs/%d", c.id)
}

func workflowRunFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(w *workflowRun) any { return nodeID("WorkflowRun", w.id) }),
		"databaseId": get(func(w *workflowRun) any { return w.id }),
		"event":      get(func(w *workflowRun) any { return w.event }),
		"runNumber":  get(func(w *workflowRun) any { return w.number }),
		"createdAt":  get(func(w *workflowRun) any { return instant(w.created) }),
		"file":       get(func(w *workflowRun) any { return w }),
		"checkSuite": get(func(w *workflowRun) any { return w.suite }),
		"url": on(func(q *query, w *workflowRun, _ arguments) (any, error) {
			return q.repo.html(q.site, "/actions/runs/%d", w.id), nil
		}),
	}
}

// resolveSuites implements CheckSuiteFilter.
func resolveSuites(q *query, c *commit, args arguments) (any, error) {
	filter := args.input("filterBy")
	suites := kept(q.repo.suitesOf(c), func(s *suite) bool {
		id, byApp := number(filter["appId"])
		name, byName := filter["checkName"].(string)
		named := func(run *checkRun) bool { return run.name == name }
		return (!byApp || s.app.id == int64(id)) && (!byName || slices.ContainsFunc(s.runs, named))
	})
	return paginate(q, suites, len(suites), args)
}

// resolveCheckRuns implements CheckRunFilter. Without a checkType GitHub shows
// the latest attempt of each name only.
func resolveCheckRuns(q *query, s *suite, args arguments) (any, error) {
	filter := args.input("filterBy")
	runs := s.latest()
	if filter["checkType"] == "ALL" {
		runs = s.runs
	}
	statuses, byStatuses := texts(filter["statuses"])
	if one, given := filter["status"].(string); given {
		statuses, byStatuses = append(statuses, one), true
	}
	conclusions, byConclusions := texts(filter["conclusions"])
	name, byName := filter["checkName"].(string)
	id, byApp := number(filter["appId"])
	runs = kept(runs, func(c *checkRun) bool {
		return (!byStatuses || slices.Contains(statuses, strings.ToUpper(c.status))) &&
			(!byConclusions || slices.Contains(conclusions, strings.ToUpper(c.conclusion))) &&
			(!byName || c.name == name) && (!byApp || c.suite.app.id == int64(id))
	})
	return paginate(q, runs, len(runs), args)
}

func resolveStatus(q *query, c *commit, _ arguments) (any, error) {
	contexts := q.repo.contextsOf(c)
	if len(contexts) == 0 {
		return nil, nil
	}
	return statusOf{c, contexts}, nil
}

func resolveRollup(q *query, c *commit, _ arguments) (any, error) {
	if len(q.repo.suitesOf(c)) == 0 && len(q.repo.contextsOf(c)) == 0 {
		return nil, nil
	}
	return rollup{c}, nil
}

func resolveRollupState(q *query, r rollup, _ arguments) (any, error) {
	contexts := q.repo.contextsOf(r.commit)
	states := []string{}
	if len(contexts) > 0 {
		states = append(states, combinedState(contexts))
	}
	for _, s := range q.repo.suitesOf(r.commit) {
		switch state, conclusion := s.verdict(); {
		case state != "completed":
			states = append(states, "pending")
		case conclusion != "success":
			states = append(states, "failure")
		}
	}
	for _, worst := range []string{"failure", "pending"} {
		if slices.Contains(states, worst) {
			return strings.ToUpper(worst), nil
		}
	}
	return "SUCCESS", nil
}

func resolveRollupContexts(q *query, r rollup, args arguments) (any, error) {
	var all []any
	for _, s := range q.repo.suitesOf(r.commit) {
		for _, run := range s.latest() {
			all = append(all, run)
		}
	}
	for _, s := range q.repo.contextsOf(r.commit) {
		all = append(all, s)
	}
	return paginate(q, all, len(all), args)
}
