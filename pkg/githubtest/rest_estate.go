package githubtest

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func estateRoutes() []route {
	const one = "/environments/{environment_name}"
	return []route{
		{pattern: "/environments", permission: "actions", paged: true, answer: listEnvironments},
		{pattern: one, permission: "actions", answer: onEnvironment(func(r restRequest, e *environment) answer {
			return newAnswer(http.StatusOK, r.environment(e))
		})},
		{pattern: one + "/deployment-branch-policies", permission: "actions", paged: true, answer: onEnvironment(listRefPatterns)},
		{pattern: one + "/deployment_protection_rules", permission: "actions", answer: onEnvironment(listProtectionApps)},
		{pattern: one + "/secrets", permission: asAdmin, paged: true, answer: onEnvironment(func(r restRequest, e *environment) answer {
			return r.secrets(e.Secrets)
		})},
		{pattern: "/actions/secrets", permission: asAdmin, paged: true, answer: func(r restRequest) answer { return r.secrets(r.repo.world.Secrets) }},
		{pattern: "/collaborators", paged: true, parameters: []string{"affiliation", "permission"}, answer: listCollaborators},
	}
}

// onEnvironment finds the environment of a route. GitHub does not tell case apart
// in names.
func onEnvironment(show func(restRequest, *environment) answer) func(restRequest) answer {
	return func(r restRequest) answer {
		all := r.repo.allEnvironments()
		at := slices.IndexFunc(all, func(e *environment) bool { return strings.EqualFold(e.name, r.value("environment_name")) })
		if at < 0 {
			return notFound()
		}
		return show(r, all[at])
	}
}

func listEnvironments(r restRequest) answer {
	all := r.repo.allEnvironments()
	return paged(r, all, r.environment, func(items []doc) any {
		return doc{"total_count": len(all), "environments": items}
	})
}

// environment shows can_admins_bypass, too, which GitHub sends beside its own
// description.
func (r restRequest) environment(e *environment) doc {
	made := instant(r.repo.world.Time.AddDate(-1, 0, 0))
	shown := doc{
		"id": e.id, "node_id": nodeID("Environment", e.id), "name": e.name, "url": r.repo.apiURL(r.site, "/environments/%s", url.PathEscape(e.name)),
		"html_url":   r.repo.html(r.site, "/deployments/activity_log?environments_filter=%s", url.QueryEscape(e.name)),
		"created_at": made, "updated_at": made, "can_admins_bypass": e.AdminsBypass == nil || *e.AdminsBypass,
		"deployment_branch_policy": nil,
	}
	if restricted := e.Refs; restricted == "protected" || restricted == "selected" {
		shown["deployment_branch_policy"] = doc{"protected_branches": restricted == "protected", "custom_branch_policies": restricted == "selected"}
	}
	if !e.Unruled {
		shown["protection_rules"] = r.protectionRules(e)
	}
	return shown
}

// protectionRules are the rules that GitHub itself enforces.
func (r restRequest) protectionRules(e *environment) []doc {
	rules := []doc{}
	add := func(kind string, more doc) {
		id := e.id*10 + int64(len(rules))
		rule := doc{"id": id, "node_id": nodeID("Gate", id), "type": kind}
		maps.Copy(rule, more)
		rules = append(rules, rule)
	}
	if e.WaitMinutes > 0 {
		add("wait_timer", doc{"wait_timer": e.WaitMinutes})
	}
	if len(e.reviewers) > 0 {
		var reviewers []doc
		for _, each := range e.reviewers {
			switch reviewer := each.(type) {
			case *person:
				if !reviewer.gone {
					reviewers = append(reviewers, doc{"type": "User", "reviewer": userDoc(r.site, reviewer)})
				}
			case *team:
				reviewers = append(reviewers, doc{"type": "Team", "reviewer": r.teamDoc(reviewer)})
			}
		}
		add("required_reviewers", doc{"prevent_self_review": e.PreventSelfReview, "reviewers": append([]doc{}, reviewers...)})
	}
	if e.Refs == "protected" || e.Refs == "selected" {
		add("branch_policy", nil)
	}
	return rules
}

// teamDoc is a team as it is inside of other answers.
func (r restRequest) teamDoc(t *team) doc {
	id := hashOf("team " + t.slug)
	api := r.site.api + "/organizations/" + r.repo.owner + "/team/" + t.slug
	return doc{
		"id": id, "node_id": nodeID("Team", id), "name": t.slug, "slug": t.slug, "description": nil, "privacy": "closed", "permission": "push",
		"notification_setting": "notifications_enabled", "type": "organization", "parent": nil, "url": api,
		"html_url":    r.site.html + "/orgs/" + r.repo.owner + "/teams/" + t.slug,
		"members_url": api + "/members{/member}", "repositories_url": api + "/repos",
	}
}

func listRefPatterns(r restRequest, e *environment) answer {
	return paged(r, e.Patterns, func(pattern RefPattern) doc {
		kind := "branch"
		if pattern.Tag != "" {
			kind = "tag"
		}
		name := cmp.Or(pattern.Branch, pattern.Tag)
		id := hashOf(e.name + "\x00" + kind + "\x00" + name)
		return doc{"id": id, "node_id": nodeID("GateBranchPolicy", id), "name": name, "type": kind}
	}, func(items []doc) any {
		return doc{"total_count": len(e.Patterns), "branch_policies": items}
	})
}

func listProtectionApps(r restRequest, e *environment) answer {
	rules := []doc{}
	for i, slug := range e.Apps {
		app, id := r.repo.app(slug), e.id*10+5+int64(i)
		rules = append(rules, doc{
			"id": id, "node_id": nodeID("Gate", id), "enabled": true,
			"app": doc{"id": app.id, "node_id": nodeID("App", app.id), "slug": slug, "integration_url": r.site.api + "/apps/" + slug},
		})
	}
	return newAnswer(http.StatusOK, doc{"total_count": len(rules), "custom_deployment_protection_rules": rules})
}

// secrets lists names in order, in capitals as GitHub keeps them.
func (r restRequest) secrets(names []string) answer {
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = strings.ToUpper(name)
	}
	slices.Sort(names)
	made := instant(r.repo.world.Time.AddDate(-1, 0, 0))
	return paged(r, names, func(name string) doc {
		return doc{"name": name, "created_at": made, "updated_at": made}
	}, func(items []doc) any {
		return doc{"total_count": len(names), "secrets": items}
	})
}

// listCollaborators tells only those who may push who else may do what.
func listCollaborators(r restRequest) answer {
	if !r.repo.mayPush() {
		return failure(http.StatusForbidden, "Must have push access to view repository collaborators.")
	}
	if affiliation := r.query.Get("affiliation"); affiliation != "" && affiliation != "all" || r.query.Has("permission") {
		return failure(http.StatusNotImplemented, "githubtest: collaborators are listed all together only")
	}
	return paged(r, r.repo.collaborators(), func(p *person) doc {
		shown, have := userDoc(r.site, p), r.repo.holds(p)
		shown["role_name"], shown["permissions"] = cmp.Or(p.role, have), grants(have)
		return shown
	}, bare)
}

// mayPush reports whether the token may push. Some things are only then shown.
func (r *repository) mayPush() bool { return r.allowsWriting("contents") }

// collaborators are the people who hold a permission, by their ids. A person who
// owns the repository administers it.
func (r *repository) collaborators() []*person {
	var all []*person
	for _, p := range r.people {
		if p.kind == "user" && !p.gone && r.holds(p) != "none" {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *person) int { return cmp.Compare(a.id, b.id) })
	return all
}

// holds is the permission that a person was given.
func (r *repository) holds(p *person) string {
	if strings.EqualFold(p.login, r.owner) {
		return "admin"
	}
	return p.permission
}

// settings are what a repository says of itself to those who may push.
func (r *repository) settings() doc {
	if !r.mayPush() {
		return nil
	}
	may := func(way string) bool { return slices.Contains(r.world.Merge, way) }
	return doc{"allow_merge_commit": may("merge"), "allow_squash_merge": may("squash"), "allow_rebase_merge": may("rebase")}
}
