package githubtest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func ruleRoutes() []route {
	parents := []string{"includes_parents"}
	return []route{
		{pattern: "/rulesets", paged: true, parameters: append(parents, "targets"), answer: listRulesets},
		{pattern: "/rulesets/{ruleset_id}", parameters: parents, answer: getRuleset},
		{pattern: "/rules/branches/{branch}", paged: true, answer: listBranchRules},
		{pattern: "/branches/{branch}", permission: "contents", answer: getBranch},
		{pattern: "/branches/{branch}/protection", permission: asAdmin, answer: getProtection},
	}
}

// shows reports whether a request asks for a set.
func (r restRequest) shows(set *ruleset) bool {
	targets := r.query.Get("targets")
	return (!set.fromOrganization || r.query.Get("includes_parents") != "false") &&
		(targets == "" || slices.Contains(strings.Split(targets, ","), set.Target))
}

func listRulesets(r restRequest) answer {
	return paged(r, kept(r.repo.rulesets, r.shows), r.ruleset, bare)
}

func getRuleset(r restRequest) answer {
	for _, set := range r.repo.rulesets {
		if strconv.FormatInt(set.ID, 10) == r.value("ruleset_id") && r.shows(set) {
			return newAnswer(http.StatusOK, r.wholeRuleset(set))
		}
	}
	return notFound()
}

// source returns the kind and the name of what has the set.
func (r restRequest) source(set *ruleset) (kind, name string) {
	if set.fromOrganization {
		return "Organization", r.repo.owner
	}
	return "Repository", r.repo.world.Repository
}

// ruleset is a set as the list shows it: without what is in it.
func (r restRequest) ruleset(set *ruleset) doc {
	kind, source := r.source(set)
	page := r.repo.html(r.site, "/rules/%d", set.ID)
	if set.fromOrganization {
		page = r.site.html + "/organizations/" + source + "/settings/rules/" + strconv.FormatInt(set.ID, 10)
	}
	made := instant(r.repo.world.Time.AddDate(-1, 0, 0))
	return doc{
		"id": set.ID, "name": set.Name, "target": set.Target, "source_type": kind, "source": source, "enforcement": set.Enforcement,
		"node_id": nodeID("RepositoryRuleset", set.ID), "created_at": made, "updated_at": made,
		"_links": doc{"self": doc{"href": r.repo.apiURL(r.site, "/rulesets/%d", set.ID)}, "html": doc{"href": page}},
	}
}

// wholeRuleset is a set as its own address shows it. Who may bypass it is shown
// to those only who may change it.
func (r restRequest) wholeRuleset(set *ruleset) doc {
	shown := r.ruleset(set)
	shown["conditions"], shown["current_user_can_bypass"] = conditions(set), "never"
	rules := make([]doc, len(set.Rules))
	for i, rule := range set.Rules {
		rules[i] = r.rule(rule)
	}
	shown["rules"] = rules
	if r.repo.world.Token.Admin && !set.fromOrganization {
		bypass := make([]doc, len(set.Bypass))
		for i, each := range set.Bypass {
			bypass[i] = doc{"actor_id": actorID(each.ID), "actor_type": each.Kind, "bypass_mode": cmp.Or(each.Mode, "always")}
		}
		shown["bypass_actors"] = bypass
	}
	return shown
}

// conditions are null for pushes, which have no name, unless a set says for
// which repositories it is.
func conditions(set *ruleset) any {
	found := doc{}
	if set.Target != "push" {
		found["ref_name"] = doc{"include": listed(set.Include), "exclude": listed(set.Exclude)}
	}
	if set.fromOrganization {
		found["repository_name"] = doc{"include": []string{"~ALL"}, "exclude": []string{}, "protected": false}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// actorID is null for the kinds of which there is one.
func actorID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// listed is a list, none of which is not null.
func listed(names []string) []string { return append([]string{}, names...) }

func (r restRequest) rule(rule RulesetRule) doc {
	shown := doc{"type": rule.Type}
	switch rule.Type {
	case rulePullRequest:
		asked := rule.PullRequest
		methods := asked.MergeMethods
		if methods == nil {
			methods = []string{"merge", "squash", "rebase"}
		}
		shown["parameters"] = doc{
			"required_approving_review_count": asked.Approvals, "require_code_owner_review": asked.CodeOwners,
			"require_last_push_approval": asked.LastPush, "dismiss_stale_reviews_on_push": asked.DismissStale,
			"required_review_thread_resolution": false, "allowed_merge_methods": methods,
		}
	case ruleChecks:
		checks := make([]doc, len(rule.Checks))
		for i, name := range rule.Checks {
			checks[i] = doc{"context": name}
		}
		shown["parameters"] = doc{"required_status_checks": checks, "strict_required_status_checks_policy": false, "do_not_enforce_on_create": false}
	case ruleWorkflows:
		workflows := make([]doc, len(rule.Workflows))
		for i, name := range rule.Workflows {
			workflows[i] = r.requiredWorkflow(name)
		}
		shown["parameters"] = doc{"workflows": workflows, "do_not_enforce_on_create": false}
	default:
		if rule.Parameters != nil {
			shown["parameters"] = rule.Parameters
		}
	}
	return shown
}

func (r restRequest) requiredWorkflow(name string) doc {
	id := r.repo.world.RepositoryID
	if text, path, foreign := strings.Cut(name, ":"); foreign {
		id, _ = strconv.ParseInt(text, 10, 64) //nolint:errcheck // checked when the World was built
		name = path
	}
	return doc{"path": name, "repository_id": id, "ref": "refs/heads/" + r.repo.world.DefaultBranch}
}

func listBranchRules(r restRequest) answer {
	return paged(r, r.repo.rulesFor(r.value("branch")), func(each activeRule) doc {
		shown := r.rule(each.rule)
		shown["ruleset_source_type"], shown["ruleset_source"] = r.source(each.set)
		shown["ruleset_id"] = each.set.ID
		return shown
	}, bare)
}

func branchNotFound() answer { return failure(http.StatusNotFound, "Branch not found") }

// getBranch says "protected" of a branch that rulesets are for, too. GitHub's
// documents do not say so; it does it (github.com/hub4j/github-api/issues/2062),
// and says "enabled" below "protection" where there is a classic rule.
func getBranch(r restRequest) answer {
	branch := r.value("branch")
	tip := r.repo.commits[r.repo.refs["refs/heads/"+branch]]
	if tip == nil {
		return branchNotFound()
	}
	rule := r.repo.protection[branch]
	var checks []string
	level := "off"
	if rule != nil && len(rule.Checks) > 0 {
		checks, level = rule.Checks, "non_admins"
	}
	required := requiredChecks(checks)
	required["enforcement_level"] = level
	api := r.repo.apiURL(r.site, "/branches/%s", url.PathEscape(branch))
	return newAnswer(http.StatusOK, doc{
		"name": branch, "commit": r.repo.fullCommit(r.site, tip),
		"_links":         doc{"self": api, "html": r.repo.html(r.site, "/tree/%s", (&url.URL{Path: branch}).EscapedPath())},
		"protected":      rule != nil || len(r.repo.rulesFor(branch)) > 0,
		"protection":     doc{"enabled": rule != nil, "required_status_checks": required},
		"protection_url": api + "/protection",
	})
}

func requiredChecks(names []string) doc {
	checks := make([]doc, len(names))
	for i, name := range names {
		checks[i] = doc{"context": name, "app_id": nil}
	}
	return doc{"contexts": listed(names), "checks": checks}
}

func getProtection(r restRequest) answer {
	branch := r.value("branch")
	rule := r.repo.protection[branch]
	switch {
	case r.repo.refs["refs/heads/"+branch] == "":
		return branchNotFound()
	case rule == nil:
		return failure(http.StatusNotFound, "Branch not protected")
	}
	api := r.repo.apiURL(r.site, "/branches/%s/protection", url.PathEscape(branch))
	is := func(on bool) doc { return doc{"enabled": on} }
	at := func(name string, on bool) doc { return doc{"url": api + "/" + name, "enabled": on} }
	shown := doc{
		"url": api, "enforce_admins": at("enforce_admins", rule.ForAdmins), "required_signatures": at("required_signatures", rule.Signatures),
		"allow_force_pushes": is(rule.ForcePush), "allow_deletions": is(rule.Deletion), "lock_branch": is(rule.Locked),
		"required_linear_history": is(false), "block_creations": is(false), "required_conversation_resolution": is(false), "allow_fork_syncing": is(false),
	}
	if len(rule.Checks) > 0 {
		required := requiredChecks(rule.Checks)
		required["url"], required["contexts_url"], required["strict"] = api+"/required_status_checks", api+"/required_status_checks/contexts", false
		shown["required_status_checks"] = required
	}
	if reviews := r.requiredReviews(rule, api); reviews != nil {
		shown["required_pull_request_reviews"] = reviews
	}
	return newAnswer(http.StatusOK, shown)
}

// requiredReviews is nil where a classic rule asks for no review.
func (r restRequest) requiredReviews(rule *protection, api string) doc {
	if rule.Approvals == nil && !rule.CodeOwners && !rule.LastPush && !rule.DismissStale && len(rule.bypass) == 0 {
		return nil
	}
	approvals := 0
	if rule.Approvals != nil {
		approvals = *rule.Approvals
	}
	shown := doc{
		"url": api + "/required_pull_request_reviews", "required_approving_review_count": approvals, "require_code_owner_reviews": rule.CodeOwners,
		"require_last_push_approval": rule.LastPush, "dismiss_stale_reviews": rule.DismissStale,
	}
	if len(rule.bypass) > 0 {
		users := make([]doc, len(rule.bypass))
		for i, p := range rule.bypass {
			users[i] = userDoc(r.site, p)
		}
		shown["bypass_pull_request_allowances"] = doc{"users": users, "teams": []doc{}, "apps": []doc{}}
	}
	return shown
}
