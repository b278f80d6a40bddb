package githubtest

import (
	"net/http"
	"strconv"
	"strings"
)

func pullRoutes() []route {
	return []route{
		{pattern: "/commits/{sha}/pulls", permission: "pull-requests", paged: true, answer: listPullsOfCommit},
		{pattern: "/pulls/{number}", permission: "pull-requests", answer: onPull(getPull)},
		{pattern: "/pulls/{number}/reviews", permission: "pull-requests", paged: true, answer: onPull(listReviews)},
		{pattern: "/pulls/{number}/commits", permission: "pull-requests", paged: true, answer: onPull(listPullCommits)},
		{pattern: "/pulls/{number}/files", permission: "pull-requests", paged: true, answer: onPull(listPullFiles)},
	}
}

// onPull finds the pull request of a route.
func onPull(show func(restRequest, *pull) answer) func(restRequest) answer {
	return func(r restRequest) answer {
		for _, p := range r.repo.pulls {
			if strconv.Itoa(p.number) == r.value("number") && p.baseRepository == r.repo {
				return show(r, p)
			}
		}
		return notFound()
	}
}

func listPullsOfCommit(r restRequest) answer {
	c := r.repo.revision(r.value("sha"))
	if c == nil {
		return noCommit(r.value("sha"))
	}
	return paged(r, r.repo.pullsOf(c), func(p *pull) doc { return r.simplePull(p) }, bare)
}

// simplePull is a pull request in a list.
func (r restRequest) simplePull(p *pull) doc {
	api := p.baseRepository.apiURL(r.site, "/pulls/%d", p.number)
	issue := p.baseRepository.apiURL(r.site, "/issues/%d", p.number)
	page := p.baseRepository.html(r.site, "/pull/%d", p.number)
	statuses := r.repo.apiURL(r.site, "/statuses/%s", p.headCommit().id)
	state := "open"
	if p.merged || p.closed {
		state = "closed"
	}
	shown := doc{
		"url": api, "id": p.id, "node_id": nodeID("PullRequest", p.id), "html_url": page, "diff_url": page + ".diff",
		"patch_url": page + ".patch", "issue_url": issue, "commits_url": api + "/commits", "review_comments_url": api + "/comments",
		"review_comment_url": r.repo.apiURL(r.site, "/pulls/comments{/number}"), "comments_url": issue + "/comments", "statuses_url": statuses,
		"number": p.number, "state": state, "locked": false, "title": p.title, "user": simpleUser(r.site, p.author), "body": p.body,
		"labels": []doc{}, "milestone": nil, "created_at": instant(p.createdAt), "updated_at": instant(r.repo.world.Time),
		"closed_at": instant(p.mergeTime()), "merged_at": instant(p.mergeTime()), "merge_commit_sha": nil, "assignee": nil,
		"head": r.end(r.repo, p.head, p.headCommit().id), "base": r.end(p.baseRepository, p.base, r.repo.refs["refs/heads/"+p.base]),
		"_links":             r.pullLinks(api, issue, page, statuses),
		"author_association": r.repo.association(p.author), "auto_merge": nil, "draft": false,
	}
	if p.mergeCommit != nil {
		shown["merge_commit_sha"] = p.mergeCommit.id
	}
	return shown
}

// end is the base or head of a pull request.
func (r restRequest) end(of *repository, branch, id string) doc {
	return doc{
		"label": of.owner + ":" + branch, "ref": branch, "sha": id, "repo": of.full(r.site),
		"user": userDoc(r.site, of.people[strings.ToLower(of.owner)]),
	}
}

func (r restRequest) pullLinks(api, issue, page, statuses string) doc {
	link := func(to string) doc { return doc{"href": to} }
	return doc{
		"self": link(api), "html": link(page), "issue": link(issue), "comments": link(issue + "/comments"),
		"review_comments": link(api + "/comments"), "review_comment": link(r.repo.apiURL(r.site, "/pulls/comments{/number}")),
		"commits": link(api + "/commits"), "statuses": link(statuses),
	}
}

func getPull(r restRequest, p *pull) answer {
	shown := r.simplePull(p)
	for field, value := range (doc{
		"merged": p.merged, "mergeable": nil, "mergeable_state": "unknown", "merged_by": simpleUser(r.site, p.mergedBy), "comments": 0,
		"review_comments": 0, "maintainer_can_modify": false, "commits": len(p.commits), "additions": 1, "deletions": 0, "changed_files": len(r.repo.changesOf(p)),
	}) {
		shown[field] = value
	}
	return newAnswer(http.StatusOK, shown)
}

func listReviews(r restRequest, p *pull) answer {
	return paged(r, p.reviews, func(v *review) doc {
		page := r.repo.html(r.site, "/pull/%d#pullrequestreview-%d", p.number, v.id)
		pull := r.repo.apiURL(r.site, "/pulls/%d", p.number)
		return doc{
			"id": v.id, "node_id": nodeID("PullRequestReview", v.id), "user": simpleUser(r.site, v.author), "body": v.body, "state": v.state,
			"html_url": page, "pull_request_url": pull, "_links": doc{"html": doc{"href": page}, "pull_request": doc{"href": pull}},
			"submitted_at": instant(v.submitted), "commit_id": v.commit.id, "author_association": r.repo.association(v.author),
		}
	}, bare)
}

func listPullCommits(r restRequest, p *pull) answer {
	return paged(r, p.commits, func(c *commit) doc { return r.repo.fullCommit(r.site, c) }, bare)
}
