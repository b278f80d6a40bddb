package githubtest

import (
	"net/http"
	"strings"
)

func gitRoutes() []route {
	return []route{
		{pattern: "", answer: func(r restRequest) answer { return newAnswer(http.StatusOK, r.repo.full(r.site)) }},
		{pattern: "/git/ref/{ref...}", permission: "contents", answer: getRef},
		{pattern: "/git/tags/{sha}", permission: "contents", answer: getTag},
		{pattern: "/git/commits/{sha}", permission: "contents", answer: getGitCommit},
		{pattern: "/commits/{ref}", permission: "contents", paged: true, answer: getCommit},
		{pattern: "/compare/{basehead}", permission: "contents", paged: true, answer: getComparison},
		{pattern: "/collaborators/{username}/permission", answer: getPermission},
	}
}

func notFound() answer { return failure(http.StatusNotFound, "Not Found") }

// noCommit is what GitHub says where a revision must name a commit.
func noCommit(text string) answer {
	return failure(http.StatusUnprocessableEntity, "No commit found for SHA: "+text)
}

func getRef(r restRequest) answer {
	name := "refs/" + r.value("ref")
	if r.repo.refs[name] == "" {
		return notFound()
	}
	return newAnswer(http.StatusOK, r.ref(name))
}

func (r restRequest) ref(name string) doc {
	return doc{
		"ref": name, "node_id": nodeID("Ref", name), "url": r.repo.apiURL(r.site, "/git/%s", name),
		"object": r.repo.pointer(r.site, r.repo.refs[name]),
	}
}

// pointer is what a reference or tag points at.
func (r *repository) pointer(s site, id string) doc {
	kind := r.objects[id].kind
	return doc{"type": kind, "sha": id, "url": r.apiURL(s, "/git/%ss/%s", kind, id)}
}

func getTag(r restRequest) answer {
	t := r.repo.tags[r.value("sha")]
	if t == nil {
		return notFound()
	}
	return newAnswer(http.StatusOK, doc{
		"node_id": nodeID("Tag", t.id), "tag": t.name, "sha": t.id, "url": r.repo.apiURL(r.site, "/git/tags/%s", t.id),
		"message": t.message, "tagger": gitIdentity(t.tagger), "object": r.repo.pointer(r.site, t.target),
		"verification": verification(t.signature),
	})
}

func getGitCommit(r restRequest) answer {
	c := r.repo.commits[r.value("sha")]
	if c == nil {
		return notFound()
	}
	return newAnswer(http.StatusOK, r.gitCommit(c))
}

func (r restRequest) gitCommit(c *commit) doc {
	return doc{
		"sha": c.id, "node_id": nodeID("Commit", c.id), "url": r.repo.apiURL(r.site, "/git/commits/%s", c.id),
		"html_url": r.repo.html(r.site, "/commit/%s", c.id), "author": gitIdentity(c.author), "committer": gitIdentity(c.committer),
		"message": strings.TrimSuffix(c.message, "\n"), "tree": doc{"sha": c.tree, "url": r.repo.apiURL(r.site, "/git/trees/%s", c.tree)},
		"parents": r.repo.parents(r.site, c), "verification": verification(c.signature),
	}
}

func getCommit(r restRequest) answer {
	c := r.repo.revision(r.value("ref"))
	if c == nil {
		return noCommit(r.value("ref"))
	}
	return newAnswer(http.StatusOK, r.repo.fullCommit(r.site, c))
}

func getComparison(r restRequest) answer {
	baseText, headText, ok := strings.Cut(r.value("basehead"), "...")
	base, head := r.repo.revision(baseText), r.repo.revision(headText)
	if !ok || base == nil || head == nil {
		return notFound()
	}
	found := r.repo.compare(base, head)
	if found == nil {
		return failure(http.StatusNotFound, "No common ancestor between "+baseText+" and "+headText+".")
	}
	page := "/compare/" + r.value("basehead")
	return paged(r, found.ahead, func(c *commit) doc { return r.repo.fullCommit(r.site, c) }, func(items []doc) any {
		return doc{
			"url": r.repo.apiURL(r.site, "%s", page), "html_url": r.repo.html(r.site, "%s", page),
			"permalink_url": r.repo.html(r.site, "/compare/%s...%s", base.id, head.id),
			"diff_url":      r.repo.html(r.site, "%s.diff", page), "patch_url": r.repo.html(r.site, "%s.patch", page),
			"base_commit": r.repo.fullCommit(r.site, base), "merge_base_commit": r.repo.fullCommit(r.site, found.mergeBase),
			"status": found.status, "ahead_by": len(found.ahead), "behind_by": len(found.behind),
			"total_commits": len(found.ahead), "commits": items, "files": r.comparedFiles(found),
		}
	})
}

// getPermission shows the permission in the old four words and the role beside
// it: maintain reads as write, triage as read.
func getPermission(r restRequest) answer {
	p := r.repo.people[strings.ToLower(r.value("username"))]
	if p == nil || p.gone || p.kind == "organization" {
		return failure(http.StatusNotFound, r.value("username")+" is not a user")
	}
	have := p.permission
	if have == "none" && !r.repo.world.Private {
		have = "read" // anybody may read a public repository
	}
	old, isNew := map[string]string{"maintain": "write", "triage": "read"}[have]
	if !isNew {
		old = have
	}
	role := have
	if p.role != "" {
		role = p.role
	}
	user := userDoc(r.site, p)
	user["role_name"] = role
	user["permissions"] = grants(have)
	return newAnswer(http.StatusOK, doc{"permission": old, "role_name": role, "user": user})
}

// grants lists which permissions a permission includes.
func grants(have string) doc {
	granted := doc{}
	held := have != "none"
	for _, name := range []string{"pull", "triage", "push", "maintain", "admin"} {
		granted[name] = held
		if name == map[string]string{"read": "pull", "write": "push"}[have] || name == have {
			held = false
		}
	}
	return granted
}
