package githubtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

func scanRoutes() []route {
	return []route{
		{pattern: "/code-scanning/analyses", permission: "security-events", paged: true, parameters: []string{"ref", "tool_name", "sort", "direction"}, answer: listAnalyses},
		{pattern: "/code-scanning/alerts", permission: "security-events", paged: true, parameters: []string{"ref", "state", "tool_name", "sort", "direction"}, answer: listCodeAlerts},
		{pattern: "/dependabot/alerts", permission: "vulnerability-alerts", parameters: []string{"state", "severity", "per_page", "after", "before"}, answer: listDependencyAlerts},
	}
}

// refOf returns the reference that a request about code scanning names: the
// default branch, unless the query says another.
func (r restRequest) refOf() string {
	ref := cmp.Or(r.query.Get("ref"), r.repo.world.DefaultBranch)
	if !strings.HasPrefix(ref, "refs/") {
		return "refs/heads/" + ref
	}
	return ref
}

// unscanned answers where code scanning is off, or never analysed anything.
func (r restRequest) unscanned() (answer, bool) {
	switch {
	case r.repo.world.CodeScanning.Off != "":
		return failure(http.StatusForbidden, r.repo.world.CodeScanning.Off), true
	case len(r.repo.analyses) == 0:
		return failure(http.StatusNotFound, "no analysis found"), true
	}
	return answer{}, false
}

func listAnalyses(r restRequest) answer {
	if refused, ok := r.unscanned(); ok {
		return refused
	}
	found := kept(r.repo.analyses, func(each *analysis) bool {
		return (r.query.Get("ref") == "" || each.ref == r.refOf()) && r.wants("tool_name", each.tool)
	})
	slices.SortStableFunc(found, func(a, b *analysis) int { return cmp.Or(b.createdAt.Compare(a.createdAt), cmp.Compare(b.id, a.id)) })
	return paged(r, found, func(each *analysis) doc {
		return doc{
			"ref": each.ref, "commit_sha": each.commit.id, "analysis_key": ".github/workflows/codeql.yml:analyze", "environment": "{}",
			"category": each.category, "error": each.said.Error, "warning": each.said.Warning, "created_at": instant(each.createdAt),
			"results_count": 1, "rules_count": 100, "id": each.id, "url": r.repo.apiURL(r.site, "/code-scanning/analyses/%d", each.id),
			"sarif_id": fmt.Sprintf("sarif-%d", each.id), "tool": doc{"name": each.tool, "guid": nil, "version": "2.24.0"}, "deletable": false,
		}
	}, bare)
}

func listCodeAlerts(r restRequest) answer {
	if refused, ok := r.unscanned(); ok {
		return refused
	}
	found := kept(r.repo.codeAlerts, func(each *codeAlert) bool {
		return each.ref == r.refOf() && r.wants("state", each.state) && r.wants("tool_name", each.Tool)
	})
	if r.query.Get("sort") == "updated" {
		slices.SortStableFunc(found, func(a, b *codeAlert) int { return b.updated().Compare(a.updated()) })
	}
	return paged(r, found, r.codeAlert, bare)
}

func (a *codeAlert) updated() time.Time {
	if a.at.IsZero() {
		return a.created
	}
	return a.at
}

func (r restRequest) codeAlert(a *codeAlert) doc {
	api := r.repo.apiURL(r.site, "/code-scanning/alerts/%d", a.Number)
	rule := doc{"id": a.Rule, "name": a.Rule, "severity": nil, "security_severity_level": nil, "description": a.Rule, "tags": []string{}}
	switch a.Severity {
	case "critical", "high", "medium", "low":
		rule["severity"], rule["security_severity_level"] = "note", a.Severity
	case "":
	default:
		rule["severity"] = a.Severity
	}
	shown := doc{
		"number": a.Number, "created_at": instant(a.created), "updated_at": instant(a.updated()), "url": api, "instances_url": api + "/instances",
		"html_url": r.repo.html(r.site, "/security/code-scanning/%d", a.Number), "state": a.state, "rule": rule,
		"tool":     doc{"name": a.Tool, "guid": nil, "version": "2.24.0"},
		"fixed_at": nil, "dismissed_by": nil, "dismissed_at": nil, "dismissed_reason": nil, "dismissed_comment": nil,
		"most_recent_instance": doc{
			"ref": a.ref, "category": a.Category, "state": a.state, "analysis_key": ".github/workflows/codeql.yml:analyze", "environment": "{}",
			"location": doc{"path": a.Path, "start_line": 1, "end_line": 1, "start_column": 1, "end_column": 2},
		},
	}
	switch a.state {
	case "fixed":
		shown["fixed_at"] = instant(a.at)
	case "dismissed":
		shown["dismissed_by"], shown["dismissed_at"] = simpleUser(r.site, a.dismisser), instant(a.at)
		shown["dismissed_reason"], shown["dismissed_comment"] = cmp.Or(a.Reason, "false positive"), optional(a.Comment)
	}
	return shown
}

// listDependencyAlerts has pages with cursors and without numbers.
func listDependencyAlerts(r restRequest) answer {
	if off := r.repo.world.DependencyAlerts.Off; off != "" {
		return failure(http.StatusForbidden, off)
	}
	states := strings.Split(r.query.Get("state"), ",")
	found := kept(r.repo.dependencyAlerts, func(each *dependencyAlert) bool {
		return (!r.query.Has("state") || slices.Contains(states, each.state)) && r.wants("severity", each.Severity)
	})
	return byCursor(r, found, http.StatusBadRequest, r.dependencyAlert)
}

func (r restRequest) dependencyAlert(a *dependencyAlert) doc {
	product := doc{"ecosystem": a.Ecosystem, "name": a.Package}
	vulnerability := doc{"package": product, "severity": a.Severity, "vulnerable_version_range": "< 2.0.0", "first_patched_version": doc{"identifier": "2.0.0"}}
	made := instant(a.created)
	shown := doc{
		"number": a.Number, "state": a.state, "url": r.repo.apiURL(r.site, "/dependabot/alerts/%d", a.Number),
		"html_url":   r.repo.html(r.site, "/security/dependabot/%d", a.Number),
		"dependency": doc{"package": product, "manifest_path": "package.json", "scope": "runtime", "relationship": "direct"},
		"security_advisory": doc{
			"ghsa_id": a.Advisory, "cve_id": nil, "summary": "A fault", "description": "A fault", "severity": a.Severity, "vulnerabilities": []doc{vulnerability},
			"cvss": doc{"score": 7.5, "vector_string": nil}, "cwes": []doc{}, "identifiers": []doc{}, "references": []doc{},
			"published_at": made, "updated_at": made, "withdrawn_at": nil,
		},
		"security_vulnerability": vulnerability, "created_at": made, "updated_at": made,
		"fixed_at": nil, "dismissed_at": nil, "dismissed_by": nil, "dismissed_reason": nil, "dismissed_comment": nil, "auto_dismissed_at": nil,
	}
	switch a.state {
	case "fixed":
		shown["fixed_at"] = made
	case "auto_dismissed":
		shown["auto_dismissed_at"] = made
	case "dismissed":
		shown["dismissed_at"], shown["dismissed_by"] = made, simpleUser(r.site, a.dismisser)
		shown["dismissed_reason"], shown["dismissed_comment"] = cmp.Or(a.Reason, "tolerable_risk"), optional(a.Comment)
	}
	return shown
}
